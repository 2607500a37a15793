"""Sound objects and timecode, once more: a journal of them replays to the same, and a show that loses their devices goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from showctl.engine.events import TrackMoved
from showctl.engine.reloading import reload
from showctl.runtime.journal import MemoryJournal
from showctl.runtime.recovery import replay, standing
from showctl.runtime.rehearsal import Stagehand, loaded, open_simulated_venue
from showctl.show.instants import seconds
from tests.engine.booth import Booth

SHOWS = Path(__file__).parents[1] / "shows"


@pytest.mark.parametrize(("show", "rehearsal"), [("codes", "all_clocks"), ("space", "dancer")])
def test_a_journal_replays_to_the_same(show: str, rehearsal: str) -> None:
    folder = SHOWS / show
    read = loaded(folder)
    assert read.show is not None
    one = next(item for item in read.rehearsals if item.stem == rehearsal)
    journal = MemoryJournal()
    assert Stagehand(read.show, one, open_simulated_venue(folder, one.seed, read.show), journal=journal).run().passed
    again = replay(read.show, journal.records)
    assert again.differs is None
    assert len(journal.records) > 20


def test_a_renderer_that_is_gone_after_a_reload_is_told_nothing() -> None:
    show = loaded(SHOWS / "space").show
    assert show is not None
    booth = Booth(show)
    booth.go(1, "4")
    without = replace(show, devices=tuple(device for device in show.devices if device.name != "matrix"))
    gone = replace(without, lists=(replace(show.lists[0], cues=(), named={}),))
    done = reload(show, gone, booth.state, seconds(2))
    after = Booth(done.show, done.state)
    after.at(3, TrackMoved("dancer", seconds(3), (1.0, 1.5, 6.0), (0.0, 0.0, 0.0)))
    assert "matrix" not in {tell.device for tell in after.tells()}
    assert "matrix" not in {tell.device for tell in standing(done.show, after.state)}


def test_an_output_of_code_that_is_gone_after_a_reload_is_told_nothing() -> None:
    show = loaded(SHOWS / "codes").show
    assert show is not None
    booth = Booth(show)
    booth.go(1, "2")
    fewer = replace(show, devices=tuple(device for device in show.devices if device.name != "desk"))
    done = reload(show, fewer, booth.state, seconds(2))
    after = Booth(done.show, done.state)
    after.at(20)
    assert {tell.device for tell in after.tells()} == {"tape", "drop"}
