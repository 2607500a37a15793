"""Hazards across processes: what the wire is handed, what a restart makes of them, what a replay says of both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from showctl.engine.commands import Tell
from showctl.engine.events import DeviceHealth, DeviceReported, Event, Go, Origin
from showctl.engine.harmless import restarted
from showctl.engine.state import HazardPhase, State
from showctl.light.plan import Plan, PlanChange, apply
from showctl.light.render import Rendering, levels, prepare
from showctl.runtime.journal import MemoryJournal, Record, SqliteJournal, read
from showctl.runtime.playback import Playback, dispatch_record
from showctl.runtime.recovery import caught_up, last_run, replay
from showctl.show.instants import SECOND, Instant, seconds
from showctl.show.show import Show
from tests.engine.booth import cue, move, show_of, start_after
from tests.engine.fog import FOG, fog, foggy, turn
from tests.runtime.test_recovery import journaled, write

GO = Go("main", origin=Origin("script"))
HERE: list[tuple[int, Event]] = [(0, DeviceHealth("box", "ok")), (0, DeviceReported("box", "granted", True))]


def show_with_fog() -> Show:
    """Cue 1 brings fog and, a second later, cue 2 brings more of it, light, and the winder."""
    first = replace(cue("1"), light=(fog(60),), next=start_after(1))
    second = replace(cue("2", None, 0, turn(3)), light=(fog(90), move({"b": 30})))
    return foggy(show_of(first, second))


class Wire:
    """Holds what it was handed, as the wire process does: a change of the future waits for its instant."""

    def __init__(self, show: Show) -> None:
        self.rendering = Rendering(show.patch)
        self.plan = Plan()
        self.held: dict[int, tuple[Instant, PlanChange]] = {}

    def load(self, plan: Plan, serial: int) -> None:
        self.plan, self.held = plan, {}

    def accept(self, serial: int, instant: Instant, change: PlanChange) -> None:
        self.cut(serial)
        self.held[serial] = (instant, change)

    def cut(self, serial: int) -> None:
        self.held = {number: kept for number, kept in self.held.items() if number < serial}

    def shows(self, when: float, parameter: int) -> int:
        plan, now = self.plan, seconds(when)
        for serial in sorted(self.held):
            instant, change = self.held[serial]
            if instant <= now:
                plan = apply(plan, change)
        return int(levels(prepare(self.rendering, plan), now)[parameter])


def test_an_engine_that_dies_leaves_its_light_to_the_wire_and_no_fog() -> None:
    show = show_with_fog()
    wire = Wire(show)
    run = Playback(show, MemoryJournal(), wire, lambda _: None, lambda _: None)
    for _, event in HERE:
        run.handle(event, 0)
    run.handle(GO, seconds(0.25))
    while (due := run.next_deadline()) is not None and due <= seconds(0.75):
        run.wake(due)
        while run.think():
            pass

    # The engine is never heard of again. Cue 2 was due at 1.25 s.
    assert [wire.shows(when, FOG) for when in (0.75, 1.2, 1.25)] == [39321, 39321, 39321]
    assert [wire.shows(when, FOG) for when in (1.2500001, 1.3, 1.9, 10)] == [0, 0, 0, 0]
    assert [wire.shows(when, 1) for when in (1.2, 1.3, 10)] == [0, 19660, 19660]


def test_an_engine_that_lives_renews_the_fog_and_goes_on_to_the_next() -> None:
    show = show_with_fog()
    wire = Wire(show)
    run = Playback(show, MemoryJournal(), wire, lambda _: None, lambda _: None)
    for _, event in HERE:
        run.handle(event, 0)
    run.handle(GO, seconds(0.25))
    while (due := run.next_deadline()) is not None and due <= 3 * SECOND:
        run.wake(due)

    assert wire.shows(3.0, FOG) == 58982
    assert wire.shows(3.0, 1) == 19660


def test_a_run_that_is_taken_up_is_safe_and_its_journal_replays(tmp_path: Path) -> None:
    show = show_with_fog()
    journal, run = journaled(show, [*HERE, (250, GO)], 3000)
    assert run.state.hazards[0].phase is HazardPhase.FIRE
    path = write(tmp_path, journal.records)
    taken = last_run(tmp_path, {"d": show}.__getitem__)
    assert taken is not None

    state, tells = restarted(show, taken.state)
    now = taken.state.now + 10 * SECOND
    state, commands = caught_up(show, state, now)
    assert [(tell.device, tell.argument("speed")) for tell in tells] == [("winder", 0.0)]
    assert not [c for c in commands if isinstance(c, Tell)]
    assert state.hazards[0].phase is HazardPhase.SAFE
    assert int(levels(prepare(Rendering(show.patch), state.plan), now)[FOG]) == 0

    # As the second process writes it: its anchor, what the first no longer wrote, what it sends, what it hears.
    made = [record for c in (*tells, *commands) if (record := dispatch_record(c)) is not None]
    second = MemoryJournal()
    again = Playback(show, second, Wire(show), lambda _: None, lambda _: None, state=state)
    again.handle(DeviceHealth("box", "ok"), now)
    again.handle(Go("main", "1", origin=Origin("script")), now + SECOND)
    assert again.state.hazards[0].phase is HazardPhase.FIRE
    anchor = next(record for record in read(path) if record.kind == "anchor")
    whole = [*read(path), anchor, *taken.unwritten, *made, *second.records]
    assert replay(show, whole).differs is None

    third = last_run_of(tmp_path / "second", whole, show)
    assert third.hazards == again.state.hazards


def last_run_of(folder: Path, records: list[Record], show: Show) -> State:
    """The state that a third process would take up from these records."""
    folder.mkdir()
    journal = SqliteJournal(folder / "journal-1.db")
    journal.write(records)
    journal.close()
    taken = last_run(folder, {"d": show}.__getitem__)
    assert taken is not None
    return taken.state
