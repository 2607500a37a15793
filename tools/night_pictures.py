"""The pictures of docs/operators/night.md: ten tasks of an operator's night, done with hands on the page of the demo.

The same tasks are tests, on a smaller show: ``tests/console/test_page_night.py``.
"""

import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def night(page: "Page", tablet: "Callable[[], Page]", venue: str) -> Iterator[tuple[str, bytes]]:
    """Each task's number and its picture. ``venue``: where the simulated venue is told what breaks."""
    page.wait_for_timeout(4000)  # everything has answered
    page.click("#go")
    page.wait_for_timeout(2500)
    yield "01-start", page.screenshot()

    page.click("#pause")
    page.wait_for_selector("#running li.paused")
    page.wait_for_timeout(300)
    yield "02-hold", page.screenshot()
    page.click("#pause")

    page.keyboard.type("106")
    page.wait_for_timeout(200)
    yield "03-skip", page.screenshot()
    page.keyboard.press("Enter")
    page.keyboard.press("Space")

    act(venue, "projector_wall power lost for 60s")
    page.wait_for_selector("#troubles li", timeout=40_000)
    page.click("#troubles li button")
    page.wait_for_timeout(1500)
    yield "04-why-late", page.screenshot()
    open_(page, "show")

    page.hover("#evacuate")
    page.mouse.down()
    page.wait_for_selector("#latch-name")
    page.mouse.up()
    page.fill("#latch-name", "Mei")
    page.wait_for_timeout(300)
    yield "05-evacuate", page.screenshot()
    page.keyboard.press("Enter")
    page.wait_for_selector("#latch", state="detached")

    page.keyboard.type("304")
    page.keyboard.press("Enter")
    page.wait_for_selector(".cue.standby[data-cue='304']")
    page.wait_for_timeout(500)  # the list has come to rest
    page.click(".cue[data-cue='304'] .name")
    page.wait_for_timeout(500)
    yield "06-resume", page.screenshot()
    page.click("#picked .picked-head button")

    open_(page, "ladder")
    page.fill("#my-name", "Mei")
    open_(page, "room")
    page.click("[data-mute=mqtt]")
    page.fill("#outputs input[type=text]", "the projector smells")
    page.hover("[data-output=film]")
    page.mouse.down()
    page.wait_for_selector("[data-output=film][aria-pressed=true]")
    page.mouse.up()
    page.evaluate("document.querySelector('#outputs').scrollIntoView()")
    page.wait_for_timeout(800)
    yield "07-mute", page.screenshot()
    page.click("[data-output=film]")
    page.click("[data-mute=mqtt]")

    open_(page, "ladder")
    for field, value in (("light", "tuyere_3"), ("why", "lamp blown"), ("until (2026-12-24)", "2026-12-24")):
        page.fill(f"#outs input[aria-label='out of service: {field}']", value)
    page.click("#outs form button")
    page.wait_for_selector("#outs li")
    page.locator("#outs").scroll_into_view_if_needed()
    yield "08-fault", page.screenshot()

    open_(page, "desk")
    page.click("#people header button")
    other = tablet()
    other.click("#go")
    other.wait_for_timeout(400)
    yield "09-hand-over", other.screenshot()
    other.close()

    page.locator("#day").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    yield "10-close", page.screenshot()


def open_(page: "Page", view: str) -> None:
    page.click(f".views [data-view={view}]")
    page.wait_for_timeout(500)


def act(venue: str, words: str) -> None:
    """Something breaks in the venue."""
    body = json.dumps({"what": "fault", "words": words}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{venue}/act", body, {"Content-Type": "application/json"}), timeout=5).close()
