"""The loop that runs the core: journal first, and light handed over ahead of time."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.engine.checkpoint import keep
from showctl.engine.commands import Command, Note, Tell
from showctl.engine.events import Event, Go, InputChanged, Origin, from_record
from showctl.engine.state import State
from showctl.engine.step import initial, next_deadline, run_on, step
from showctl.light.plan import Plan, PlanChange, apply
from showctl.runtime.journal import MemoryJournal, NoJournal, Record
from showctl.runtime.playback import Playback, names_read
from showctl.show.instants import SECOND, Instant, seconds
from showctl.show.show import Show
from tests.engine.booth import Booth, bell, cue, play, show_of, start_after, when
from tests.engine.test_laws import SCRIPTS, shows

GO = Go("main", origin=Origin("script"))


class Held:
    """A light sink as the wire is one: holds what comes early, refuses gaps, and shows what is due."""

    def __init__(self) -> None:
        self.plan, self.serial = Plan(), 0
        self.held: dict[int, tuple[Instant, PlanChange]] = {}
        self.early: list[int] = []

    def load(self, plan: Plan, serial: int) -> None:
        self.plan, self.serial, self.held = plan, serial, {}

    def accept(self, serial: int, instant: Instant, change: PlanChange) -> None:
        self.cut(serial)
        assert serial == max(self.held, default=self.serial) + 1, "a gap"
        self.held[serial] = (instant, change)

    def cut(self, serial: int) -> None:
        assert serial > self.serial, "what is shown cannot be taken back"
        self.held = {number: kept for number, kept in self.held.items() if number < serial}

    def shown(self, now: Instant) -> Plan:
        """The plan as a frame at ``now`` renders it."""
        for number in sorted(self.held):
            if self.held[number][0] > now:
                break
            self.serial, self.plan = number, apply(self.plan, self.held.pop(number)[1])
        return self.plan


def playback(show: Show, sink: Held, said: list[str] | None = None) -> Playback:
    def tell(command: Tell) -> None:
        if said is not None:
            said.append(f"{command.device} {command.verb}")

    def note(_note: Note) -> None:
        return

    return Playback(show, NoJournal(), sink, tell, note)


def handled(run: Playback, event: Event, now: Instant) -> None:
    """``event``, and time to think of what is to come."""
    run.handle(event, now)
    while run.think():
        pass


def test_a_chained_fade_is_with_the_wire_two_seconds_before_it_starts() -> None:
    sink = Held()
    run = playback(show_of(cue("1", {"a": 100}, 1, next=start_after(1.5)), cue("2", {"b": 100}, 3)), sink)
    handled(run, GO, 0)
    assert [instant for instant, _ in sink.held.values()] == [0, seconds(1.5)]


def test_what_is_further_away_than_two_seconds_is_not_sent_yet() -> None:
    sink = Held()
    run = playback(show_of(cue("1", {"a": 100}, next=start_after(5)), cue("2", {"b": 100}, 3)), sink)
    handled(run, GO, 0)
    assert [instant for instant, _ in sink.held.values()] == [0]
    handled(run, InputChanged("guests", 1.0), seconds(3.5))
    assert [instant for instant, _ in sink.held.values()] == [0, seconds(5)]


def test_an_input_that_changes_the_future_replaces_what_was_sent() -> None:
    sink = Held()
    run = playback(show_of(cue("1", {"a": 100}, 1, next=start_after(1.5)), cue("2", {"b": 100}, 3), cue("3", {"c": 50})), sink)
    handled(run, GO, 0)
    sink.shown(0)
    handled(run, Go("main", "3", origin=Origin("script")), SECOND)
    assert [(serial, instant) for serial, (instant, _) in sink.held.items()] == [(2, SECOND), (3, seconds(1.5))]


def test_only_what_an_expression_reads_makes_the_future_be_thought_over() -> None:
    show = show_of(cue("1", {"a": 100}, 1, next=when("guests > 2", 1.5)), cue("2", {"b": 100}, 3))
    assert "guests" in names_read(show)
    assert "nobody" not in names_read(show)
    sink = Held()
    run = playback(show, sink)
    handled(run, GO, 0)
    assert run._forecast is not None
    copy = run._forecast._copy
    handled(run, InputChanged("nobody", 7.0), seconds(0.5))
    assert run._forecast._copy is copy
    handled(run, InputChanged("guests", 3.0), SECOND)
    assert run._forecast._copy is not copy
    assert [instant for instant, _ in sink.held.values()] == [0, SECOND]


def test_the_future_goes_on_by_itself_when_the_engine_is_dead() -> None:
    sink = Held()
    show = show_of(cue("1", {"a": 100}, 1, next=start_after(1.5)), cue("2", {"b": 100}, 0))
    handled(playback(show, sink), GO, 0)
    alive = Booth(show)
    alive.go(0)
    alive.at(10)
    assert sink.shown(seconds(10)).same_as(alive.state.plan)


@settings(max_examples=60, deadline=None)
@given(shows(), SCRIPTS)
def test_light_handed_over_ahead_shows_what_the_engine_meant_at_every_instant(
    show: Show, script: list[tuple[int, Event]]
) -> None:
    sink, booth = Held(), Booth(show)
    run, now = playback(show, sink), 0
    for wait, event in [*script, (5000, InputChanged("nobody", 1.0))]:
        then, now = now, now + wait * 10**6
        for piece in range(1, 4):
            instant = then + (now - then) * piece // 4
            while (due := run.next_deadline()) is not None and due <= instant:
                run.wake(due)
                while run.think():
                    pass
            booth.at(instant / 10**9)
            assert sink.shown(instant).same_as(booth.state.plan)
        handled(run, event, now)
        booth.at(now / 10**9, event)
        assert sink.shown(now).same_as(booth.state.plan)
        assert next_deadline(booth.state) == run.next_deadline()


@settings(max_examples=60, deadline=None)
@given(shows(), SCRIPTS, st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_thoughts_that_are_broken_off_by_what_comes_in_hand_over_nothing_else(
    show: Show, script: list[tuple[int, Event]], thoughts: list[int]
) -> None:
    sink, undisturbed = Held(), Held()
    run, other, now = playback(show, sink), playback(show, undisturbed), 0
    for number, (wait, event) in enumerate(script):
        now += wait * 10**6
        for one in (run, other):
            while (due := one.next_deadline()) is not None and due <= now:
                one.wake(due)
        run.handle(event, now)
        for _ in range(thoughts[number % len(thoughts)]):
            run.think()
        handled(other, event, now)
    handled(run, InputChanged("nobody", 1.0), now)
    handled(other, InputChanged("nobody", 1.0), now)
    for later in range(0, 3 * SECOND, SECOND // 8):
        assert sink.shown(now + later).same_as(undisturbed.shown(now + later))


@settings(max_examples=60, deadline=None)
@given(shows(), SCRIPTS)
def test_work_that_is_done_piece_by_piece_is_the_step_that_it_would_be(show: Show, script: list[tuple[int, Event]]) -> None:
    state, now = initial(show), 0
    for wait, event in script:
        state, _ = step(show, state, event, now)
        now += wait * 10**6
        after, commands = at_its_end(run_on(show, state, now))
        whole, said = step(show, state, None, now)
        assert (keep(after), repr(commands)) == (keep(whole), repr(said))


def at_its_end(pieces: Generator[None, None, tuple[State, tuple[Command, ...]]]) -> tuple[State, tuple[Command, ...]]:
    while True:
        try:
            next(pieces)
        except StopIteration as done:
            found: tuple[State, tuple[Command, ...]] = done.value
            return found


def test_only_a_fact_of_which_nothing_comes_is_not_waited_for() -> None:
    waited: list[str] = []

    class Journal(MemoryJournal):
        def write(self, records: Sequence[Record]) -> None:
            waited.append(" ".join(record.kind for record in records))

        def post(self, records: Sequence[Record]) -> None:
            waited.append(f"({' '.join(record.kind for record in records)})")

    show = show_of(cue("1", {"a": 100}, 1, next=when("guests > 2")), cue("2", {"b": 100}))
    run = Playback(show, Journal(), Held(), lambda _: None, lambda _: None)
    run.handle(GO, 0)
    run.handle(InputChanged("guests", 1.0), 1)
    run.handle(InputChanged("guests", 3.0), 2)
    run.handle(Go("nowhere", origin=Origin("script")), 3)

    assert waited == ["input note light", "(input)", "input note note light note", "input"], "an answer is something, too"


def test_time_alone_brings_the_next_thought() -> None:
    sink = Held()
    run = playback(show_of(cue("1", {"a": 100}, next=start_after(5)), cue("2", {"b": 100}, 3)), sink)
    handled(run, GO, 0)
    assert run.next_thought() == seconds(3)
    run.wake(seconds(3))
    while run.think():
        pass
    assert [instant for instant, _ in sink.held.values()] == [0, seconds(5)]


def test_the_input_stands_in_the_journal_before_anything_is_done_about_it() -> None:
    journal, order = MemoryJournal(), []

    def tell(command: Tell) -> None:
        order.append((command.verb, [record.kind for record in journal.records]))

    run = Playback(show_of(cue("1", None, 0, play("rumble", "bed"))), journal, Held(), tell, lambda _: None)
    run.handle(GO, 5)
    (verb, kinds) = order[0]
    assert (verb, kinds[0], "dispatch" in kinds) == ("play", "input", True)


def test_the_journals_inputs_make_the_same_run_again() -> None:
    show = show_of(cue("1", {"a": 100}, 2, play("rumble", "bed"), next=when("guests > 2", 9)), cue("2", {"b": 40}, 1))
    journal = MemoryJournal()
    run = Playback(show, journal, Held(), lambda _: None, lambda _: None)
    run.handle(GO, 0)
    run.handle(InputChanged("guests", 5.0), seconds(3.3))
    run.wake(seconds(20))
    again = MemoryJournal()
    second = Playback(show, again, Held(), lambda _: None, lambda _: None)
    for record in [r for r in journal.records if r.kind == "input"]:
        second.handle(from_record(record.body), record.instant)
    second.wake(seconds(20))
    assert again.records == journal.records


def test_a_device_that_reports_while_it_is_told_is_heard_in_turn() -> None:
    show = show_of(
        cue("1", {"a": 100}, 0, bell(), next=start_after(0)),
        cue("2", {"b": 100}, 0, bell(), next=when('gate == "closed"')),
        cue("3", {"c": 100}, 0, play("rumble", "voice", 4)),
    )
    sink, said = Held(), list[str]()

    def tell(command: Tell) -> None:
        said.append(f"{command.device} {command.verb}")
        live.handle(InputChanged("gate", "closed"), seconds(1))

    live = Playback(show, NoJournal(), sink, tell, lambda _: None)
    live.handle(GO, seconds(1))

    assert said == ["film fade", "film fade", "sound play"]
    assert sorted(sink.shown(seconds(1)).rows["parameter"]) == [0, 1, 2]


def test_what_is_heard_and_what_comes_of_it_are_written_at_once_and_before_anything_leaves() -> None:
    journal, sink = MemoryJournal(), Held()
    written: list[list[str]] = []

    def tell(_: Tell) -> None:
        written.append([record.kind for record in journal.records])

    live = Playback(show_of(cue("1", {"a": 100}, 0, bell())), journal, sink, tell, lambda _: None)
    live.handle(GO, seconds(1))

    assert [kinds[0] for kinds in written] == ["input"]
    assert {"dispatch", "light"} <= set(written[0])
