"""The operator's page in a real browser: what hands do to it, and what it shows."""

import re
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from showctl.engine.events import DeviceHealth, Evacuate, Event, Go, Master, Panic, Rearm, Stop
from tests.console.stage import LittleStage, console_in_a_thread
from tests.console.web import until_true
from tests.programs import program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.serial, pytest.mark.referee("chromium")]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Script = Callable[["Page", LittleStage], None]


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One browser for all of these."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        found: Browser = driver.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        yield found
        found.close()


def play(browser: "Browser", script: Script, width: int = 1440, height: int = 900, locale: str = "en-GB") -> None:
    """Opens the page over a fresh stage and plays ``script``. Whatever the page complains of fails the test."""
    stage = LittleStage()
    complaints: list[str] = []
    with console_in_a_thread(stage) as console:
        page = browser.new_page(viewport={"width": width, "height": height}, locale=locale, service_workers="block")
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/panic", lambda route: route.fulfill(status=200, body=""))  # the supervisor's door: nobody else is here
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(console.url)
        page.wait_for_selector("body:not(.lost) .cue.standby")
        script(page, stage)
        page.close()
    assert complaints == []


def of(stage: LittleStage, kind: type[Event]) -> list[Event]:
    return [event for event in stage.asked if isinstance(event, kind)]


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end, "it has not come true within 5 s"
        time.sleep(0.01)


# --- GO -----------------------------------------------------------------------------------------------------------------


def test_space_is_go_wherever_the_focus_is(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        for count, focus in enumerate(("#cues", "#go", "#panic", "#brightness"), 1):
            page.focus(focus)
            page.keyboard.press("Space")
            until(lambda: len(of(stage, Go)) == count)  # noqa: B023 - asked at once
            page.wait_for_timeout(350)  # the GO window

        assert stage.started() == ["1", "2", "4"], "the fourth found the list at its end"
        assert of(stage, Panic) == []

    play(browser, script)


def test_a_held_space_bar_is_one_go(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        for _ in range(5):
            page.keyboard.down("Space")  # from the second on, the browser says that it repeats
        page.keyboard.up("Space")
        until(lambda: stage.started() == ["1"])
        page.keyboard.press("Escape")
        until(lambda: of(stage, Panic))  # all that was asked before has come by then

        assert len(of(stage, Go)) == 1

    play(browser, script)


def test_a_click_is_one_go_and_the_page_says_what_started(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.click("#go")
        page.wait_for_selector("#go-said:text-is('started 1')")
        page.wait_for_selector(".cue.standby[data-cue='2']")
        page.wait_for_selector("#running li:not(.none)")

        assert len(of(stage, Go)) == 1
        assert "The furnace wakes." in page.inner_text("#next-notes")

    play(browser, script)


def test_go_looks_pressed_only_where_its_answer_takes_long(browser: "Browser") -> None:
    """A page that changed at once would hear of nothing before its next picture (Chromium)."""

    def script(page: "Page", stage: LittleStage) -> None:
        page.evaluate("""() => {
            window.looks = [];
            addEventListener("keydown", (key) => (window.pressedAt = key.timeStamp), true);
            const look = () => window.looks.push([performance.now() - window.pressedAt, document.querySelector("#go").className]);
            new MutationObserver(look).observe(document.querySelector("#go"), {attributes: true, attributeFilter: ["class"]});
        }""")
        stage.hang(0.3)
        page.keyboard.press("Space")
        until_true(page, "() => window.looks.some(([, look]) => look.includes('taken'))")  # shown for 0.4 s, and perhaps over

        after, look = page.evaluate("window.looks[0]")
        assert "pressed" in look
        assert after >= 30
        assert stage.started() == ["1"]

    play(browser, script)


def test_go_pressed_twice_is_refused_on_the_button_with_the_reason(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.keyboard.press("Space")
        page.keyboard.press("Space")
        page.wait_for_selector("#go.said-no")

        assert "too soon after the last GO" in page.inner_text("#go-said")
        assert stage.started() == ["1"]

    play(browser, script)


def test_enter_on_the_focused_button_is_one_go_however_long_it_is_held(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.focus("#go")
        for _ in range(4):
            page.keyboard.down("Enter")
        page.keyboard.up("Enter")
        until(lambda: stage.started() == ["1"])
        page.keyboard.press("Escape")
        until(lambda: of(stage, Panic))  # all that was asked before has come by then

        assert len(of(stage, Go)) == 1

    play(browser, script)


# --- The stops ----------------------------------------------------------------------------------------------------------


def test_escape_is_panic_and_go_is_refused_until_somebody_re_arms(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.keyboard.press("Escape")
        page.wait_for_selector("#latch:not([hidden])")
        page.keyboard.press("Space")
        page.wait_for_selector("#go.said-no")
        assert "panic is in force" in page.inner_text("#go-said")
        page.click("#rearm")
        page.wait_for_selector("#latch", state="hidden")
        page.keyboard.press("Space")
        until(lambda: stage.started() == ["1"])

        assert len(of(stage, Panic)) == 1

    play(browser, script)


def test_what_stands_by_stays_in_view_when_the_list_must_make_room(browser: "Browser") -> None:
    seen = """() => {
        const [row, list] = [".cue.standby", "#cues"].map((name) => document.querySelector(name)?.getBoundingClientRect());
        return Boolean(row) && row.top >= list.top && row.bottom <= list.bottom + 1;
    }"""

    def script(page: "Page", stage: LittleStage) -> None:
        for count in (1, 2):
            page.keyboard.press("Space")
            until(lambda: len(of(stage, Go)) == count)  # noqa: B023 - asked at once
            page.wait_for_timeout(350)  # the GO window
        assert page.evaluate(seen)
        page.keyboard.press("Escape")
        page.wait_for_selector("#rearm", state="visible")
        page.set_viewport_size({"width": 390, "height": 720})
        until_true(page, seen)

    play(browser, script, width=390, height=844)


def test_what_stands_by_is_read_whole_under_a_trouble_and_a_panic_on_a_small_tablet(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.keyboard.press("Space")
        stage.happen(DeviceHealth("sound", "lost", "Sound player has not answered for 4 s; cues that need it will wait."))
        page.keyboard.press("Escape")
        page.wait_for_selector("#rearm", state="visible")
        page.wait_for_selector("#troubles li")
        bottom = "document.querySelector('{}').getBoundingClientRect().bottom"
        how = f"() => {bottom.format('#next-how')} <= {bottom.format('.next')}"
        until_true(page, how)

    play(browser, script, width=1024, height=768)


def test_escape_twice_is_panic_twice(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        until(lambda: len(of(stage, Panic)) == 2)

    play(browser, script)


def test_evacuate_wants_to_be_held_and_a_name_ends_it(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.hover("#evacuate")
        page.mouse.down()
        time.sleep(0.4)
        page.mouse.up()
        time.sleep(1.0)
        assert of(stage, Evacuate) == []
        page.mouse.down()
        until(lambda: len(of(stage, Evacuate)) == 1)
        page.mouse.up()
        page.fill("#latch-name", "Mei  ")
        page.keyboard.press("Enter")
        page.wait_for_selector("#latch", state="hidden")

        (rearm,) = of(stage, Rearm)
        assert isinstance(rearm, Rearm)
        assert rearm.origin.person == "Mei"
        assert of(stage, Go) == [], "a space in a name is no GO"

    play(browser, script)


def test_stop_wants_to_be_held_and_pause_becomes_resume(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.keyboard.press("Space")
        page.click("#pause")
        page.wait_for_selector("#pause[aria-pressed=true]")
        page.wait_for_selector("#running li.paused")
        page.click("#pause")
        page.wait_for_selector("#pause[aria-pressed=false]")
        page.click("#stop")
        assert of(stage, Stop) == []
        page.click("#stop", delay=700)
        until(lambda: of(stage, Stop))

    play(browser, script)


# --- What it shows --------------------------------------------------------------------------------------------------------


def test_a_silent_desk_is_grey_within_half_a_second_and_go_is_off(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.evaluate(
            "new MutationObserver(() => { window.lostAt ??= performance.now(); }).observe(document.body, {attributes: true})"
        )
        began = page.evaluate("performance.now()")
        stage.hang(2.0)
        page.wait_for_selector("body.lost")
        assert page.evaluate("window.lostAt") - began < 700, "0.45 s after the last word, and we looked before we hung it"
        assert page.is_disabled("#go")
        assert re.match(r"Not connected, last seen \d\.\d s ago", page.inner_text("#lost-words"))
        page.keyboard.press("Space")
        page.click("#go", force=True)
        page.wait_for_selector("body:not(.lost)")
        page.wait_for_timeout(200)

        assert of(stage, Go) == [], "a GO is never kept for later"

    play(browser, script)


def test_panic_goes_straight_to_the_wire_when_the_show_hangs(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        stage.hang(3.0)
        page.wait_for_selector("body.lost")
        page.keyboard.press("Escape")
        until_true(page, "() => document.body.innerText.includes('goes to the safe look by itself')")
        until(lambda: of(stage, Panic))  # and the show hears of it as soon as it hears anything

    play(browser, script)


def test_a_lost_device_is_told_as_a_sentence(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        stage.happen(DeviceHealth("sound", "lost", "Sound player has not answered for 5 s."))
        page.wait_for_selector("#health.bad")
        assert "Sound player has not answered for 5 s." in page.inner_text("#troubles")
        page.click("#health")
        page.wait_for_selector("#device-list .lost")

    play(browser, script)


def test_it_speaks_chinese_and_dims(browser: "Browser") -> None:
    def script(page: "Page", _stage: LittleStage) -> None:
        assert page.inner_text("#next-word") == "下一个"
        assert "紧急淡出" in page.inner_text("#panic")
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        page.click("#language")
        assert page.inner_text("#next-word") == "NEXT"
        bright = page.evaluate("getComputedStyle(document.body).color")
        page.fill("#brightness", "10")
        assert page.evaluate("getComputedStyle(document.body).color") != bright

    play(browser, script, locale="zh-CN")


def test_nothing_is_called_well_while_the_show_is_held_from_its_audience(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        well = "#health:text-is('● all well')"
        page.wait_for_selector(well)
        page.keyboard.press("[")
        page.wait_for_selector("#health.late:text-is('‖ all paused')")
        assert page.inner_text("#go-said") == "paused: what GO starts stands still until resume"
        page.keyboard.press("]")
        page.wait_for_selector(well)
        stage.happen(Master("blackout", 65535))
        page.wait_for_selector("#health.late:text-is('■ blackout')")
        stage.happen(Master("blackout", 0))
        page.wait_for_selector(well)
        page.keyboard.press("Escape")
        page.wait_for_selector("#health.bad:text-is('! PANIC')")

    play(browser, script)


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1024, 768), (768, 1024), (390, 844), (844, 390)])
def test_nothing_lies_on_go_or_panic_and_nothing_is_cut_off(browser: "Browser", width: int, height: int) -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.keyboard.press("Space")
        page.keyboard.press("Escape")
        page.wait_for_selector("#latch:not([hidden])")
        for name in ("go", "panic", "evacuate", "stop", "back", "pause"):
            box = page.locator(f"#{name}").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
            assert box["y"] + box["height"] <= height
            assert box["height"] >= 44
            x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
            assert page.evaluate(f"document.elementFromPoint({x}, {y}).closest('button').id") == name
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    play(browser, script, width, height)


def test_a_double_click_moves_the_standby_and_starts_nothing(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        page.dblclick(".cue[data-cue='3'] .name")
        page.wait_for_selector(".cue.standby[data-cue='3']")
        page.keyboard.press("ArrowUp")
        page.wait_for_selector(".cue.standby[data-cue='2']")

        assert stage.started() == []

    play(browser, script)
