"""Pages break things in the venue that a show runs on, where that is a simulated one: in the words of a script."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from showctl.cli.demo import own_copy
from showctl.cli.house import free_port
from showctl.console.access import Access
from showctl.console.app import make_app
from showctl.console.audience import Audience
from showctl.console.company import Company
from showctl.console.work import Work
from tests.console.stage import SMALL, LittleStage, console_in_a_thread
from tests.console.test_page import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]
pytestmark = pytest.mark.serial
DEAD = {"what": "fault", "words": "sound power lost"}


def page(venue: str) -> TestClient:
    stage = LittleStage()
    audience = Audience(stage.desk, Company(lambda: "main"))
    app = make_app(audience, Access(None), Work(audience, None), venue=venue)
    return TestClient(app, base_url="http://localhost:8080", client=("127.0.0.1", 50_000))


@contextmanager
def venue_of(folder: Path) -> Iterator[str]:
    """A simulated venue in a process of its own, and where it answers."""
    argv = [sys.executable, "-m", "simulators", str(own_copy(SMALL, folder)), "--http-port", "0", "--sacn-port", str(free_port())]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = re.match(r"ready (http://\S+)/", process.stdout.readline())
            assert ready is not None
            yield ready[1]
        finally:
            process.terminate()


def test_a_line_happens_in_the_venue_and_one_that_it_does_not_know_is_refused_with_those_it_does(tmp_path: Path) -> None:
    with venue_of(tmp_path / "small") as url:
        there = page(url)
        assert there.get("/api/venue").json() == {"there": True}
        assert there.post("/api/venue", json=DEAD).json() == {"done": True}
        with urllib.request.urlopen(f"{url}/state", timeout=5) as answer:
            assert json.load(answer)["devices"]["sound"]["powered"] is False

        again = there.post("/api/venue", json=DEAD | {"words": "sund power lost"})
        assert (again.status_code, again.json()["error"]) == (400, "there is no device 'sund'; there are sound, rack_node")
        assert there.post("/api/venue", json=DEAD | {"what": "go"}).status_code == 400
        assert there.post("/api/venue", json=DEAD | {"words": "x" * 2000}).status_code == 400
    gone = there.post("/api/venue", json=DEAD)
    assert (gone.status_code, gone.json()["error"]) == (503, "the simulated venue does not answer")


@pytest.mark.referee("chromium")
def test_a_page_breaks_something_and_says_what_the_venue_said(tmp_path: Path, browser: "Browser") -> None:
    stage = LittleStage()
    with venue_of(tmp_path / "small") as url, console_in_a_thread(stage, venue=url) as console:
        tab = browser.new_page(locale="en-GB", service_workers="block")
        tab.set_default_timeout(15_000)
        tab.goto(console.url)
        tab.click(".views [data-view=room]")
        tab.fill("#venue input", "sund power lost")
        tab.click("#venue button")
        tab.wait_for_selector("#venue [role=status]:text('there is no device')")
        tab.select_option("#venue select >> nth=1", "sound")
        tab.click("#venue button")
        tab.wait_for_selector("#venue [role=status]:text('Happened: fault sound power lost for 20s')")
        with urllib.request.urlopen(f"{url}/state", timeout=5) as answer:
            assert json.load(answer)["devices"]["sound"]["powered"] is False
        tab.close()


def test_on_the_real_rig_there_is_nothing_to_break() -> None:
    real = page("")
    assert real.get("/api/venue").json() == {"there": False}
    refused = real.post("/api/venue", json=DEAD)
    assert (refused.status_code, refused.json()["error"][:36]) == (404, "this show runs on its real rig: ther")
