"""The page when the show's machine is away, when it comes back, when nobody has logged in, and with thousands of cues."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showctl.console.access import Access
from showctl.engine.events import Event, Go, Panic
from showctl.runtime.people import People
from tests.cli.shows import copy_of_small
from tests.console.stage import LittleStage, console_in_a_thread
from tests.console.test_page import browser, until
from tests.console.web import press, until_true

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]
pytestmark = [pytest.mark.serial, pytest.mark.referee("chromium")]
CUES = 5000


def opened(browser: "Browser", url: str, service_workers: str = "block") -> "Page":
    page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB", service_workers=service_workers)  # type: ignore[arg-type]
    page.set_default_timeout(15_000)
    page.goto(url)
    page.wait_for_selector("body:not(.lost) .cue.standby")
    return page


def of(stage: LittleStage, kind: type[Event]) -> list[Event]:
    return [event for event in stage.asked if isinstance(event, kind)]


def test_a_go_that_was_pressed_while_the_show_was_away_never_comes(browser: "Browser") -> None:
    with console_in_a_thread(LittleStage()) as console:
        page = opened(browser, console.url)
        port = int(console.url.rpartition(":")[2])
    page.wait_for_selector("body.lost")
    page.wait_for_selector("#lost-words:text-matches('Not connected, last seen .* s ago')")
    for _ in range(3):
        page.keyboard.press("Space")
    page.click("#go", force=True)
    again = LittleStage()
    with console_in_a_thread(again, port=port):
        page.wait_for_selector("body:not(.lost) .cue.standby")
        assert of(again, Go) == []
        page.keyboard.press("Space")
        until(lambda: again.started() == ["1"])
        page.close()


def test_the_page_opens_without_the_show_and_says_so(browser: "Browser") -> None:
    with console_in_a_thread(LittleStage()) as console:
        page = opened(browser, console.url, "allow")
        until_true(page, "() => Boolean(navigator.serviceWorker.controller)")
        kept = "caches.open('showctl-1').then((kept) => kept.keys()).then((all) => all.map((one) => new URL(one.url).pathname))"
        parts = ["console.js", "findings.js", "icon.svg", "manifest.webmanifest", "style.css"]
        expected = ["/", *(f"/static/{name}" for name in parts)]
        assert sorted(page.evaluate(kept)) == expected, "nothing that the show says is kept"
    page.reload()
    page.wait_for_selector("#lost-words:text-is('Not connected yet')")
    assert page.is_disabled("#go")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    page.close()


def test_a_view_that_fails_takes_no_hand_with_it(browser: "Browser") -> None:
    stage = LittleStage()
    with console_in_a_thread(stage) as console:
        page = opened(browser, console.url)
        page.route("**/api/rehearsals", lambda route: route.fulfill(json={"another": "server"}))
        page.click(".views [data-view=rehearse]")
        page.wait_for_selector("[role=alert]:has-text('This part of the page has failed: Rehearse. The rest goes on.')")
        press(page, "Space")
        until(lambda: stage.started() == ["1"])
        page.click(".views [data-view=show]")
        page.wait_for_selector(".cue.standby[data-cue='2']")
        page.close()


def test_who_has_no_pin_looks_on_and_has_panic_and_who_has_one_has_go(browser: "Browser", tmp_path: Path) -> None:
    People(tmp_path).add("Mei", "operator", "4-7-1-1")
    stage = LittleStage()
    with console_in_a_thread(stage, access=Access(tmp_path)) as console:
        page = opened(browser, console.url)
        assert page.is_disabled("#go")
        press(page, "Space")
        press(page, "Escape")
        until(lambda: of(stage, Panic))
        assert of(stage, Go) == []
        page.click(".views [data-view=desk]")
        page.fill("#login input[type=password]", "4-7-1-0")
        page.click("#login button[type=submit]")
        page.wait_for_selector("#login [role=alert]")
        page.fill("#login input[type=password]", "4-7-1-1")
        page.click("#login button[type=submit]")
        page.wait_for_selector("#login p:text-matches('Mei, operator')")
        page.click("#rearm")
        page.wait_for_selector("#latch", state="detached")
        page.click("#go")
        until(lambda: stage.started() == ["1"])

        (go,) = of(stage, Go)
        assert isinstance(go, Go)
        assert go.origin.person == "Mei"
        page.close()


def test_of_five_thousand_cues_only_those_in_sight_are_drawn(browser: "Browser", tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show")
    with (folder / "lists" / "main.yaml").open("a") as file:
        file.writelines(f"  - {number}: Cue {number}\n" for number in range(5, CUES + 1))
    stage = LittleStage(folder)
    with console_in_a_thread(stage) as console:
        page = opened(browser, console.url)
        assert page.locator("#cues .cue").count() < 60
        page.keyboard.type(f"{CUES}")
        press(page, "Enter")
        page.wait_for_selector(f".cue.standby[data-cue='{CUES}']")
        seen = """() => {
            const [row, list] = [".cue.standby", "#cues"].map((name) => document.querySelector(name)?.getBoundingClientRect());
            return Boolean(row) && row.top >= list.top && row.bottom <= list.bottom + 1;
        }"""
        until_true(page, seen)
        assert page.locator("#cues .cue").count() < 60

        # From end to end in two hundred steps, each drawn before the next: no step takes the time of more than a few frames.
        worst = page.evaluate("""async () => {
            const box = document.getElementById("cues"), took = [];
            const frame = () => new Promise(requestAnimationFrame);
            for (let step = 0; step <= 200; step++) {
                const began = performance.now();
                box.scrollTop = (box.scrollHeight - box.clientHeight) * step / 200;
                box.dispatchEvent(new Event("scroll"));
                took.push(performance.now() - began);
                await frame();
            }
            return took.sort((a, b) => a - b)[150];
        }""")
        assert worst < 16, "three steps in four are worked out within a frame"
        page.close()
