"""A show that is reloaded while it runs, its journal, and what is taken up of it: without sockets."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from showctl.engine.checkpoint import keep
from showctl.engine.events import Event, Go, Grab, Origin
from showctl.engine.reloading import Reloaded
from showctl.engine.state import State
from showctl.runtime.journal import MemoryJournal, Record
from showctl.runtime.playback import Playback
from showctl.runtime.recovery import caught_up, last_run, parks, replay
from showctl.runtime.reloader import Reloader
from showctl.runtime.revisions import LiveOptions, Prepared, Revisions, UnreadableShowError, folder_digest
from showctl.show.instants import SECOND
from showctl.show.patch import make_patch
from showctl.show.show import Show
from tests.cli.shows import SMALL
from tests.engine.booth import NUMBER, cue, end_after, play, show_of
from tests.engine.test_laws import SCRIPTS, shows
from tests.runtime.test_playback import Held
from tests.runtime.test_recovery import GO, write

ANCHOR = {"boot": "b", "monotonic": 5, "wall": 7, "show": 0, "show_digest": "d"}


def run_of(show: Show, script: list[tuple[int, Event]]) -> tuple[MemoryJournal, Playback, int]:
    """A run of ``script`` (milliseconds, event), woken where it asks to be."""
    journal = MemoryJournal()
    run = Playback(show, journal, Held(), lambda _: None, lambda _: None)
    now = 0
    for wait, event in script:
        now += wait * 10**6
        while (due := run.next_deadline()) is not None and due <= now:
            run.wake(due)
        run.handle(event, now)
    return journal, run, now


def goes_on(run: Playback, until: int) -> None:
    while (due := run.next_deadline()) is not None and due <= until:
        run.wake(due)
    run.wake(until)


@settings(max_examples=20, deadline=None)
@given(shows(), shows(), SCRIPTS, SCRIPTS)
def test_a_replay_across_a_reload_makes_every_dispatch_again(
    older: Show, newer: Show, before: list[tuple[int, Event]], after: list[tuple[int, Event]]
) -> None:
    journal, run, now = run_of(older, before)
    run.reload(newer, now + SECOND, "d", "e")
    for wait, event in after:
        now += wait * 10**6
        run.handle(event, max(now, run.state.now))
    goes_on(run, run.state.now + 20 * SECOND)

    result = replay(older, [Record(0, "anchor", ANCHOR), *journal.records, Record(10**13, "end", {})], {"e": newer}.__getitem__)

    assert result.differs is None or result.differs.written is None  # what came due after the journal's last record


def test_a_replay_with_another_revision_names_the_reload() -> None:
    older, newer = show_of(cue("1", {"a": 100}, 5), cue("2")), show_of(cue("2"))
    journal, run, _ = run_of(older, [(0, GO)])
    run.reload(newer, SECOND, "d", "e")
    other = replace(newer, patch=make_patch(newer.patch.universes, (), newer.patch.fixtures[:0]))

    result = replay(older, journal.records, {"e": other}.__getitem__)

    assert result.differs is not None
    assert "the reload of e" in result.differs.words()


@pytest.mark.parametrize("checkpoint", [False, True])
def test_a_run_killed_right_after_a_reload_is_taken_up_with_the_newer_show_and_finishes_what_began(
    tmp_path: Path, checkpoint: bool
) -> None:
    older = show_of(cue("1", {"a": 100}, 4, play("rumble", "bed", 3), next=end_after(1)), cue("2", {"b": 50}))
    newer = show_of(cue("1", {"a": 30}, 9), cue("2", {"b": 80}))
    journal, run, _ = run_of(older, [(0, GO)])
    run.reload(newer, 2 * SECOND, "d", "e")
    records = list(journal.records)
    if checkpoint:
        begun = {str(number): begun.revision for number, begun in run.show.begun.items()}
        records.append(Record(run.state.now, "checkpoint", keep(run.state) | {"revision": "e", "begun": begun}))
    write(tmp_path, records)

    taken = last_run(tmp_path, {"d": older, "e": newer}.__getitem__)

    assert taken is not None
    assert (taken.revision, taken.show.lists, taken.show.begun) == ("e", newer.lists, run.show.begun)
    back, _ = caught_up(taken.show, taken.state, 20 * SECOND)
    goes_on(run, 20 * SECOND)
    assert json.dumps(keep(back)) == json.dumps(keep(run.state))
    assert [run.cue.label for run in back.runs.values()] == []


def test_a_run_whose_show_nobody_kept_is_not_taken_up(tmp_path: Path) -> None:
    write(tmp_path, [])

    assert last_run(tmp_path, dict[str, Show]().__getitem__) is None


def test_parks_go_by_name_to_a_show_that_was_changed_overnight() -> None:
    show = show_of(cue("1"))
    _, run, _ = run_of(show, [(0, Grab((NUMBER["a"], NUMBER["b"]), (40000, 50000), True, "loose", Origin("console", "Li")))])
    kept = [f for f in show.patch.fixtures if f.name != "a"]
    moved = make_patch(show.patch.universes, (), tuple(replace(f, index=n) for n, f in enumerate(kept)))

    (again,) = parks(run.state, show, replace(show, patch=moved, zones=()))

    assert (again.parameters, again.levels) == ((0,), (50000,))


# --- The folder, and what is kept of it -------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    folder = tmp_path / "show"
    shutil.copytree(SMALL, folder)
    return folder


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    words = path.read_text(encoding="utf-8")
    assert old in words
    path.write_text(words.replace(old, new), encoding="utf-8")


def revisions(folder: Path, tmp_path: Path) -> Revisions:
    return Revisions(folder, tmp_path / "state", LiveOptions(tmp_path / "wire.sock"))


def test_a_revision_is_found_again_after_the_folder_was_saved_or_broken(saved: Path, tmp_path: Path) -> None:
    first = revisions(saved, tmp_path).latest()
    edit(saved, "show.yaml", "show: Small", "show: Other")
    second = revisions(saved, tmp_path).latest()
    (saved / "patch.yaml").write_text("types: [")

    later = revisions(saved, tmp_path)
    with pytest.raises(UnreadableShowError):
        later.latest()
    assert (later.show(first.digest).name, later.show(second.digest).name) == ("Small", "Other")
    assert sorted(path.name for path in (tmp_path / "state" / "shows").iterdir()) == sorted((first.digest, second.digest))
    assert folder_digest(tmp_path / "state" / "shows" / first.digest) == first.digest


def test_what_runs_is_what_the_next_to_start_reads(saved: Path, tmp_path: Path) -> None:
    first = revisions(saved, tmp_path)
    first.run(first.latest().digest)
    stamp = first.stamp()
    (saved / "patch.yaml").write_text("types: [")

    assert revisions(saved, tmp_path).running().show.name == "Small"
    first.run("f" * 64)
    assert first.stamp() != stamp
    with pytest.raises(UnreadableShowError):  # nobody knows what ran, and the folder has errors
        revisions(saved, tmp_path).running()


class Runs:
    """A show that runs, as far as its reloader cares."""

    def __init__(self, kept: Revisions) -> None:
        prepared = kept.latest()
        self.revisions, self.revision = kept, prepared.digest
        self.playback = Playback(prepared.show, MemoryJournal(), Held(), lambda _: None, lambda _: None)

    @property
    def show(self) -> Show:
        return self.playback.show

    @property
    def state(self) -> State:
        return self.playback.state

    def change(self, prepared: Prepared) -> Reloaded:
        older, self.revision = self.revision, prepared.digest
        return self.playback.reload(prepared.show, self.state.now, older, self.revision)


def test_the_difference_is_shown_first_and_exactly_that_is_loaded(saved: Path, tmp_path: Path) -> None:
    runs = Runs(revisions(saved, tmp_path))
    reloader = Reloader(runs)
    same = asyncio.run(reloader.ask())
    assert (same["same"], same["lines"], same["done"]) == (True, [], False)

    runs.playback.handle(Go(origin=Origin("script")), 0)
    edit(saved, "lists/main.yaml", "time: 2s", "time: 6s")
    seen = asyncio.run(Reloader(runs).ask())
    assert "    pars (intensity, color) time: 2 s -> 6 s" in seen["lines"]
    assert (seen["words"], seen["done"], runs.revision == seen["revision"]) == (["main/1 finishes as it began"], False, False)

    edit(saved, "lists/main.yaml", "time: 6s", "time: 8s")
    assert asyncio.run(Reloader(runs).ask(seen["revision"]))["refused"].startswith("the folder was saved again since")

    now = asyncio.run(Reloader(runs).ask())
    done = asyncio.run(Reloader(runs).ask(now["revision"]))
    assert (done["done"], runs.revision) == (True, now["revision"])
    assert runs.show.cue(runs.show.lists[0].cues[0].ref).light[0].up == 8 * SECOND


def test_a_broken_folder_is_refused_with_its_problems_and_nothing_changes(saved: Path, tmp_path: Path) -> None:
    runs = Runs(revisions(saved, tmp_path))
    before = runs.state
    edit(saved, "lists/main.yaml", "time: 2s", "time: soon")
    edit(saved, "groups.yaml", "par_1", "par_x")

    answer = asyncio.run(Reloader(runs).ask("now"))

    assert answer["refused"] == "the folder has errors; what runs goes on as it is"
    assert {problem["file"] for problem in answer["problems"]} >= {"lists/main.yaml", "groups.yaml"}
    assert (runs.state is before, answer["done"]) == (True, False)
