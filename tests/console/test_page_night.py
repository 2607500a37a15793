"""Ten tasks of an operator's night (docs/operators/night.md), each done with hands on the page of one running show."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showctl.engine.events import DeviceHealth, Evacuate, Event, Go, Locate, Reset
from tests.cli.shows import copy_of_small
from tests.console.stage import LittleStage, console_in_a_thread
from tests.console.test_page import browser, until
from tests.console.web import press, until_true

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]
pytestmark = [pytest.mark.serial, pytest.mark.referee("chromium")]
BUTTON = """
inputs:
  pressed: {osc: /house/button, type: number, initial: 0}
triggers:
  visitor_button: {when: pressed > 0, do: [{go: main}]}
"""


class Night:
    """One night: the operator's page, the show behind it, and a way to further pages."""

    def __init__(self, page: "Page", stage: LittleStage, url: str, browser: "Browser") -> None:
        self.page, self.stage, self.url, self.browser = page, stage, url, browser

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.stage.asked)

    def stands_by(self, label: str) -> None:
        self.page.wait_for_selector(f".cue.standby[data-cue='{label}']")

    def window_is_over(self) -> None:
        """The GO before was long enough ago: on a quick machine the next would come within its window, and be refused."""
        until_true(self.page, "!(parseFloat(document.querySelector('#go').style.getPropertyValue('--window')) > 0)")

    def open(self, view: str) -> "Page":
        self.page.click(f".views [data-view={view}]")
        return self.page


@pytest.fixture(scope="module")
def night(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder: Path = copy_of_small(tmp_path_factory.mktemp("night") / "show")
    with (folder / "triggers.yaml").open("a") as file:
        file.write(BUTTON)
    stage = LittleStage(folder)
    with console_in_a_thread(stage) as console:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB", service_workers="block")
        page.set_default_timeout(10_000)
        page.goto(console.url)
        page.wait_for_selector("body:not(.lost) .cue.standby")
        yield Night(page, stage, console.url, browser)
        page.close()


def test_1_start_the_show(night: Night) -> None:
    night.stands_by("1")
    night.page.click("#go")
    night.page.wait_for_selector("#go-said:text-is('started 1')")
    night.stands_by("2")


def test_2_hold_before_launch(night: Night) -> None:
    press(night.page, "[")
    night.page.wait_for_selector("#pause[aria-pressed=true]")
    night.page.wait_for_selector("#running li.paused")
    press(night.page, "]")
    night.page.wait_for_selector("#pause[aria-pressed=false]")


def test_3_skip_a_cue(night: Night) -> None:
    press(night.page, "ArrowDown")
    night.stands_by("3")
    night.window_is_over()
    press(night.page, "Space")
    night.stands_by("4")
    night.page.wait_for_selector("#running li:has-text('Bell')")
    assert "2" not in night.stage.started()


def test_4_see_why_a_device_is_late(night: Night) -> None:
    night.stage.happen(DeviceHealth("sound", "degraded", "Sound player warms up: 40 s."))
    night.page.wait_for_selector("#health.late:text-is('! 1 trouble')")
    night.page.click("#troubles li button")
    night.page.wait_for_selector("[data-device=sound].sought .degraded")
    assert "Sound player warms up: 40 s." in night.page.inner_text("[data-device=sound]")
    night.stage.happen(DeviceHealth("sound", "ok", "Sound player answers."))
    night.page.wait_for_selector("#health:text-is('● all well')")
    night.open("show")


def test_5_evacuate(night: Night) -> None:
    night.page.hover("#evacuate")
    night.page.mouse.down()
    until(lambda: night.count(Evacuate) == 1)
    night.page.mouse.up()
    night.page.wait_for_selector("#latch-words:text-matches('Evacuated')")
    goes = night.count(Go)
    press(night.page, "Space")
    night.page.wait_for_selector("#go.said-no")
    assert night.count(Go) == goes + 1
    assert night.stage.playback.state.runs == {}, "it was refused"
    night.page.fill("#latch-name", "Mei")
    press(night.page, "Enter")
    night.page.wait_for_selector("#latch", state="detached")


def test_6_resume_at_a_cue(night: Night) -> None:
    night.page.click(".cue[data-cue='1']")
    night.page.click("#picked button:text-is('hold: locate')", delay=1000)
    until(lambda: night.count(Locate) == 1)
    night.stands_by("2")
    night.page.click("#picked .picked-head button")


def test_7_mute_the_visitors_buttons(night: Night) -> None:
    page = night.open("room")
    page.click("[data-mute=osc]")
    page.wait_for_selector("[data-trigger=visitor_button].off")
    assert [kept.armed for kept in night.stage.playback.state.triggers] == [False]
    page.click("#triggers button:text-is('arm all')")
    page.wait_for_selector("[data-trigger=visitor_button]:not(.off)")


def test_8_note_a_fault(night: Night) -> None:
    page = night.open("ladder")
    page.fill("#my-name", "Mei")
    page.fill("#outs input[aria-label='out of service: light']", "par_2")
    page.fill("#outs input[aria-label='out of service: why']", "lamp blown")
    page.click("#outs form button")
    page.wait_for_selector("#tags li:has-text('par_2 is out of service (Mei: lamp blown)')")
    page.click("#outs li button")
    page.wait_for_selector("#tags li", state="detached")


def test_9_hand_over_to_a_colleagues_tablet(night: Night) -> None:
    page = night.open("desk")
    page.click("#people button:text-is('GO is mine alone')")
    tablet = night.browser.new_page(
        viewport={"width": 1024, "height": 768}, locale="zh-CN", service_workers="block", has_touch=True
    )
    tablet.goto(night.url)
    tablet.wait_for_selector("body:not(.lost) .cue.standby")
    tablet.wait_for_selector("body:not(.lost)")
    tablet.tap("#go")
    tablet.wait_for_selector("#go-said:text-matches('掌管')")
    page.click("#people button:text-is('share GO')")
    page.wait_for_selector("#people button:text-is('GO is mine alone')")
    tablet.wait_for_selector("body:not(.lost)")
    tablet.tap("#go")
    tablet.wait_for_selector("#go-said:text-is('已执行 2')")
    night.open("show")
    night.stands_by("4")
    tablet.close()


def test_10_close(night: Night) -> None:
    night.page.click("#stop", delay=700)
    night.page.wait_for_selector("#running .none")
    page = night.open("desk")
    page.click("#day button", delay=1500)
    until(lambda: night.count(Reset) == 1)
    night.open("show")
    night.stands_by("1")
