"""The reload button: what was saved since is shown first, in either language, and then exactly that runs, beside what began."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from showctl.engine.events import Go, Standby
from showctl.engine.reloading import Reloaded
from showctl.engine.state import State
from showctl.runtime.reloader import Reloader
from showctl.runtime.revisions import LiveOptions, Prepared, Revisions
from showctl.show.show import Show
from tests.cli.shows import copy_of_small
from tests.console.stage import LittleStage, console_in_a_thread
from tests.console.test_page import browser, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]
pytestmark = [pytest.mark.serial, pytest.mark.referee("chromium")]
LOOK, NOW = "#reload header button", "#reload-now"


class Running:
    """The stage as a reloader sees a show that runs."""

    def __init__(self, stage: LittleStage, folder: Path, place: Path) -> None:
        self.stage = stage
        self.revisions = Revisions(folder, place / "state", LiveOptions(place / "wire.sock"))
        self.revision = self.revisions.latest().digest

    @property
    def show(self) -> Show:
        return self.stage.playback.show

    @property
    def state(self) -> State:
        return self.stage.playback.state

    def change(self, prepared: Prepared) -> Reloaded:
        older, self.revision = self.revision, prepared.digest
        return self.stage.playback.reload(prepared.show, self.stage.now(), older, self.revision)


class Evening:
    def __init__(self, page: "Page", stage: LittleStage, folder: Path) -> None:
        self.page, self.stage, self.folder = page, stage, folder

    def save(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        words = path.read_text(encoding="utf-8")
        assert old in words
        path.write_text(words.replace(old, new), encoding="utf-8")


@pytest.fixture(scope="module")
def evening(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    place = tmp_path_factory.mktemp("reload")
    folder = copy_of_small(place / "show")
    stage = LittleStage(folder)
    stage.desk.reloader = Reloader(Running(stage, folder, place))
    with console_in_a_thread(stage) as console:
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-GB", service_workers="block")
        page.set_default_timeout(10_000)
        page.goto(console.url)
        page.wait_for_selector("body:not(.lost) .cue.standby")
        page.click(".views [data-view=edit]")
        yield Evening(page, stage, folder)
        page.close()


def test_where_nothing_was_saved_there_is_nothing_to_run(evening: Evening) -> None:
    evening.page.click(LOOK)
    evening.page.wait_for_selector("#reload p:text-is('What runs is what is saved.')")
    assert evening.page.locator(NOW).count() == 0


def test_what_was_saved_is_shown_and_runs_when_a_hand_says_so_while_what_began_ends_as_it_began(evening: Evening) -> None:
    page, stage = evening.page, evening.stage
    stage.happen(Standby("main", "2"))
    stage.happen(Go("main"))
    until(lambda: stage.started() == ["2"])
    evening.save("lists/main.yaml", "pars: 70 ember", "pars: 50 ember")
    evening.save("lists/main.yaml", "4: Out", "4: Out at last")
    page.click(LOOK)
    page.wait_for_selector(NOW)
    seen = page.inner_text("#reload .seen").splitlines()
    assert seen[:3] == ["list main", "  2 Rise", "    pars: 70 % -> 50 % (through 3)"]
    assert "    renamed: Out -> Out at last" in seen
    assert seen[-1] == "main/2 finishes as it began"
    assert stage.playback.show.list_named["main"].named["4"].name == "Out", "shown, and not run yet"

    page.click(NOW)
    page.wait_for_selector("#reload [role=status]:has-text('This runs now.')")
    page.click(".views [data-view=show]")
    page.wait_for_selector(".cue[data-cue='4']:has-text('Out at last')")
    assert stage.started() == ["2"], "it goes on"
    page.click(".views [data-view=edit]")


def test_what_was_saved_again_after_a_look_is_not_run_unseen(evening: Evening) -> None:
    page = evening.page
    evening.save("lists/main.yaml", "Out at last", "Out")
    page.click("#language")
    page.click(LOOK)
    page.wait_for_selector("#reload .seen:has-text('改名：Out at last → Out')")
    evening.save("lists/main.yaml", "3: Bell", "3: Gong")
    page.click(NOW)
    page.wait_for_selector("#reload [role=alert]:has-text('看过之后又存过盘：请再看一次')")
    assert evening.stage.playback.show.list_named["main"].named["3"].name == "Bell"
    page.click("#language")


def test_a_folder_with_errors_changes_nothing_and_says_where_they_are(evening: Evening) -> None:
    page = evening.page
    evening.save("lists/main.yaml", "pars_odd: full", "pars_odd: very bright")
    page.click(LOOK)
    page.wait_for_selector("#reload [role=alert]:has-text('the folder has errors; what runs goes on as it is')")
    page.wait_for_selector("#reload .problems li:has-text('lists/main.yaml:')")
    page.click("#language")
    page.wait_for_selector("#reload .problems li:has-text('very 不是')")
    page.click("#language")
    assert page.locator(NOW).count() == 0
