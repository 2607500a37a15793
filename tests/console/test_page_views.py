"""The page's other views in a real browser, on one small show with one console: what hands do, and what the files say then."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showctl.engine.events import Arm, Event, Go, Grab, InputChanged, Maintain, Mute, Start, Ungrab
from tests.cli.shows import copy_of_small
from tests.console.stage import LittleStage, console_in_a_thread
from tests.console.test_page import browser, until
from tests.console.web import packages, press

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]
pytestmark = [pytest.mark.serial, pytest.mark.referee("chromium")]
VIEWS = ("show", "room", "light", "ladder", "log", "edit", "rehearse", "desk")


class Desk:
    """A page that is open, the show behind it, and its folder."""

    def __init__(self, page: "Page", stage: LittleStage, folder: Path, url: str) -> None:
        self.page, self.stage, self.folder, self.url = page, stage, folder, url

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.stage.asked if isinstance(event, kind)]

    def open(self, view: str) -> "Page":
        self.page.click(f".views [data-view={view}]")
        return self.page


@pytest.fixture(scope="module")
def desk(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = tmp_path_factory.mktemp("views")
    machine = "smoke_1: {type: smoke_machine, mode: 1ch, address: sacn/1.200, zone: room}"
    folder = copy_of_small(
        place / "show",
        ("patch.yaml", "types:\n", "types:\n  smoke_machine: {hazard: attended, modes: {1ch: {channels: [smoke]}}}\n"),
        ("patch.yaml", "fixtures:\n", f"fixtures:\n  {machine}\n"),
        ("venue.yaml", "fog: none", "fog: off"),
        ("show.yaml", "triggers: ", "hazards: hazards.yaml\ntriggers: "),
    )
    (folder / "hazards.yaml").write_text("smoke: {fixtures: smoke_1, permit: key_turned, longest: 5s}\n")
    with (folder / "triggers.yaml").open("a") as file:
        file.write("inputs:\n  key_turned: {osc: /house/key, type: truth, initial: no, stale: 0.5s}\n")
        file.write("triggers:\n  it_is_done: {when: show.done, do: [{go: main}]}\n")
    stage = LittleStage(folder)
    with console_in_a_thread(stage, place=(folder, place)) as console:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB", service_workers="block")
        complaints: list[str] = []
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(console.url)
        page.wait_for_selector("body:not(.lost) .cue.standby")
        yield Desk(page, stage, folder, console.url)
        page.close()
        assert complaints == []


# --- Hands ----------------------------------------------------------------------------------------------------------------


def test_digits_and_enter_put_a_cue_in_standby_and_start_nothing(desk: Desk) -> None:
    page = desk.open("show")
    page.keyboard.type("3")
    assert page.inner_text(".typed") == "stand by 3 · Enter"
    press(page, "Enter")
    page.wait_for_selector(".cue.standby[data-cue='3']")
    page.keyboard.type("77")
    press(page, "Enter")
    page.wait_for_selector("#go-said:text-is('there is no cue 77 in this list')")
    page.keyboard.type("1")
    press(page, "Enter")
    page.wait_for_selector(".cue.standby[data-cue='1']")

    assert desk.of(Go) == []


def test_go_can_be_put_on_another_key_and_panic_stays_on_escape(desk: Desk) -> None:
    page = desk.open("desk")
    page.click("[data-action=go]")
    press(page, "F9")
    press(page, "Space")  # is nobody's key any more
    press(page, "F9")
    until(lambda: len(desk.of(Go)) == 1)
    page.click("[data-action=go]")
    press(page, "g")
    page.click("#keys header button")  # keys as they were
    page.wait_for_selector("#keys kbd:text-is('Space')")

    assert len(desk.of(Go)) == 1


def test_the_keys_are_shown_at_a_question_mark_and_put_away_with_another(desk: Desk) -> None:
    page = desk.open("light")
    press(page, "?")
    page.wait_for_selector("#keys kbd:text-is('Space')")
    press(page, "?")
    page.wait_for_selector(".view.light")


def test_the_list_is_worked_by_keys_alone(desk: Desk) -> None:
    page = desk.open("show")
    page.focus("#cues")
    press(page, "Enter")
    page.wait_for_selector("#picked")
    page.click("#picked .picked-head button")
    page.wait_for_selector("#picked", state="detached")


def test_a_hot_cue_is_one_press_away_and_leaves_the_standby_where_it_is(desk: Desk) -> None:
    page = desk.open("show")
    page.click(".cue[data-cue='3']")
    page.click("#picked button:text-is('hot cue')")
    stood = page.get_attribute(".cue.standby", "data-cue")
    page.click(".hot button")
    until(lambda: desk.of(Start))
    page.wait_for_selector("#running li:has-text('Bell')")

    assert page.get_attribute(".cue.standby", "data-cue") == stood
    page.click("#picked button:text-is('why not yet?')")
    page.wait_for_selector(".picked-why:has-text('main/3 Bell')")
    page.click("#picked button:text-is('no hot cue')")
    page.click("#picked .picked-head button")
    page.wait_for_selector(".hot", state="detached")


# --- Room, light, ladder ----------------------------------------------------------------------------------------------------


def test_a_trigger_is_disarmed_and_armed_from_the_room(desk: Desk) -> None:
    page = desk.open("room")
    page.wait_for_selector("#plan polygon")
    page.click("[data-trigger=it_is_done] button")
    page.wait_for_selector("[data-trigger=it_is_done].off")
    page.click("[data-trigger=it_is_done] button")
    page.wait_for_selector("[data-trigger=it_is_done]:not(.off)")

    assert [event.armed for event in desk.of(Arm) if isinstance(event, Arm) and event.name == "it_is_done"] == [False, True]


def test_an_output_is_muted_by_a_held_press_and_everybody_sees_it_until_it_is_back(desk: Desk) -> None:
    page = desk.open("ladder")
    page.fill("#my-name", "Mei")
    page = desk.open("room")
    page.fill("#outputs input[type=text]", "the fire officer is here")
    page.click("[data-output=sound]", delay=150)
    assert desk.of(Mute) == [], "a touch is not enough"
    page.click("[data-output=sound]", delay=800)
    page.wait_for_selector("#tags li:has-text('Muted: sound (Mei: the fire officer is here)')")
    page.click("[data-output=sound]")
    page.wait_for_selector("#tags li", state="detached")

    assert [event.on for event in desk.of(Mute) if isinstance(event, Mute)] == [True, False]


def test_a_hazards_machine_is_seen_and_armed_by_name(desk: Desk) -> None:
    page = desk.open("ladder")
    page.fill("#my-name", "Mei")
    page = desk.open("room")
    machine = "[data-hazard=smoke]"
    page.wait_for_selector(f"{machine}.safe:has-text('not now: its permit does not hold: key_turned (key_turned is false)')")
    desk.stage.happen(InputChanged("key_turned", True))
    page.wait_for_selector(f"{machine}.enabled")
    page.click(f"{machine} button:text-is('hold: arm')", delay=1000)
    page.wait_for_selector(f"{machine}.armed:has-text('armed at console at 127.0.0.1')")
    page.click(f"{machine} button:text-is('disarm')")
    page.wait_for_selector(f"{machine}.enabled")
    desk.stage.happen(InputChanged("key_turned", False))
    page.wait_for_selector(f"{machine}.safe")

    assert [event.armed for event in desk.of(Arm) if isinstance(event, Arm) and event.name == "smoke"] == [True, False]


def test_lights_are_taken_over_by_name_and_given_back(desk: Desk) -> None:
    page = desk.open("ladder")
    page.fill("#my-name", "Mei")
    page = desk.open("light")
    page.click(".strip button:text-is('pars')")
    page.click("#grip button:text-is('50')")
    page.wait_for_selector("[data-fixture=par_1].person .level:text-is('50')")
    assert page.inner_text("[data-fixture=par_1] .owner") == "Mei"
    page.click("#grip button:text-is('give back')")
    page.wait_for_selector("[data-fixture=par_1]:not(.person)")

    (grab,) = desk.of(Grab)
    assert isinstance(grab, Grab)
    assert grab.origin.person == "Mei"
    assert len(desk.of(Ungrab)) == 1


def test_a_maintenance_lock_bears_a_name_and_stands_on_every_page(desk: Desk) -> None:
    page = desk.open("ladder")
    page.fill("#my-name", "Mei")
    page.click("#lock-button")
    page = desk.open("show")
    page.wait_for_selector("#tags li:has-text('Maintenance: Mei')")
    page = desk.open("ladder")
    page.click("#lock-button:text-is('take my lock off')")
    page.wait_for_selector("#tags li", state="detached")

    assert [event.on for event in desk.of(Maintain) if isinstance(event, Maintain)] == [True, False]


# --- Edit, rehearse, log ----------------------------------------------------------------------------------------------------


def test_an_edited_note_changes_the_file_by_that_line_and_can_be_taken_back(desk: Desk) -> None:
    file = desk.folder / "lists" / "main.yaml"
    before = file.read_text()
    page = desk.open("edit")
    page.wait_for_selector("text=Show mode: nothing can be edited.")
    page.click("button:text-is('hold: edit mode')", delay=1000)
    page.select_option("#edit-cue", "2")
    page.fill("[data-field=notes]", "Wait for the bell.")
    page.wait_for_selector("#edit-shown .diff .more:has-text('Wait for the bell.')")
    assert file.read_text() == before, "shown, and not written yet"
    assert page.input_value("[data-field=notes]") == "Wait for the bell."
    page.click("#edit-write")
    page.wait_for_selector("#edit-written")
    changed = [line for line in difflib.ndiff(before.splitlines(), file.read_text().splitlines()) if line[0] in "+-"]
    assert changed == ["-     notes: The furnace wakes.", "+     notes: Wait for the bell."]

    page.fill("[data-field=time]", "soon")
    page.wait_for_selector("#edit-refused")
    assert page.locator("#edit-write").count() == 0, "what the checker refuses cannot be written"
    assert "soon is not a time" in page.inner_text("#edit-refused")
    page.click("#language")
    page.wait_for_selector("#edit-refused:has-text('soon 不是时间')")
    refused = page.inner_text("#edit-refused").split("\n")
    assert [line for line in refused if line] == [
        "! 演出将无法载入：",
        "lists/main.yaml:13:11: 错误 BAD_TIME soon 不是时间",
        "时间写作 4, 4s, 0.5s, 250ms, 1:30, 2min, 3m12s",
    ]
    page.click("#language")
    page.click("button:text-is('take the last edit back')")
    until(lambda: file.read_text() == before)
    page.click("button:text-is('lock: show mode')")
    page.wait_for_selector("text=Show mode: nothing can be edited.")


def test_a_rehearsal_runs_beside_the_show_and_gives_its_verdict(desk: Desk) -> None:
    page = desk.open("rehearse")
    page.click("button[aria-label='run An evening']")
    page.wait_for_selector(".verdicts li.passed:has-text('An evening')", timeout=60_000)
    with page.context.expect_page() as opened:
        page.click("#report")
    report = opened.value
    report.wait_for_selector("#list button:has-text('An evening')")
    assert report.evaluate("self.origin") == "null", "it carries its own script, so it is a stranger here"
    report.close()


def test_the_cue_sheet_is_black_on_white_and_the_desk_is_not(desk: Desk) -> None:
    page = desk.open("edit")
    page.evaluate("window.print = () => { window.printed = true; }")
    page.click("button:text-is('print cue sheet')")
    assert page.evaluate("window.printed")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")  # as the browser says it, also for its own command
    assert not page.is_visible("#sheet")
    page.emulate_media(media="print")
    assert page.locator("#sheet tbody tr").count() == 4
    assert page.inner_text("#sheet tbody tr:first-child .s-mark") == "▶", "what a person presses stands out"
    assert page.is_visible("#sheet")
    assert not page.is_visible("#go")
    page.emulate_media(media="screen")


def test_two_pages_see_each_other_and_the_same_standby(desk: Desk, browser: "Browser") -> None:
    other = browser.new_page(locale="zh-CN", service_workers="block")
    other.goto(desk.url)
    other.wait_for_selector("body:not(.lost) .cue.standby")
    page = desk.open("desk")
    page.wait_for_selector("#people li:nth-child(2)")
    other.wait_for_selector("body:not(.lost)")
    other.dblclick(".cue[data-cue='4'] .name")
    page = desk.open("show")
    page.wait_for_selector(".cue.standby[data-cue='4']")
    other.close()
    page = desk.open("desk")
    page.wait_for_selector("#people li:nth-child(2)", state="detached")


# --- Everybody can read it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing_in_any_view(desk: Desk, language: str) -> None:
    page = desk.page
    if page.evaluate("document.documentElement.lang") != {"en": "en", "zh": "zh-Hans"}[language]:
        page.click("#language")
    # The policy lets no foreign script in, and a test's neither: it is run, not added.
    page.evaluate((packages() / "axe-core" / "axe.min.js").read_text())
    found: dict[str, list[str]] = {}
    for view in VIEWS if language == "en" else ("show", "room", "desk"):
        desk.open(view)
        if view == "show":
            page.click(".cue[data-cue='2']")  # and what can be done with it
        if view == "edit":
            page.wait_for_selector("#cue-edit .field")
        if language == "en" and view == "edit":
            page.click("button:text-is('hold: edit mode')", delay=1000)
            page.wait_for_selector("#cue-edit .grip")
        page.wait_for_timeout(150)
        told = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
        found[view] = [f"{item['id']}: {item['nodes'][0]['html'][:120]} ({len(item['nodes'])})" for item in told["violations"]]
    if language == "zh":
        assert re.search("演出", page.inner_text(".views"))
        page.click("#language")

    assert {view: wrong for view, wrong in found.items() if wrong} == {}


def test_a_finger_finds_every_button_in_every_view(desk: Desk, browser: "Browser") -> None:
    small = """() => [...document.querySelectorAll("button, a.button, select, input, summary")].filter((one) => one.offsetParent)
        .map((one) => [one.id || one.className || one.textContent, one.getBoundingClientRect()])
        .filter(([, box]) => box.width < 44 || box.height < 44).map(([name, box]) => `${name} ${box.width} x ${box.height}`)"""
    page = browser.new_page(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="zh-CN", service_workers="block"
    )
    page.goto(desk.url)
    page.wait_for_selector("body:not(.lost) .cue.standby")
    page.tap(".cue[data-cue='2']")
    found = {"picked": page.evaluate(small)}
    for view in VIEWS:
        page.tap(f".views [data-view={view}]")
        page.wait_for_selector(f"main[data-view={view}]")
        page.wait_for_load_state("networkidle")
        found[view] = page.evaluate(small)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, view
    page.close()
    assert {view: wrong for view, wrong in found.items() if wrong} == {}
