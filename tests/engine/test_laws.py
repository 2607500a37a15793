"""Laws of the engine, over random shows, scripts and instants. Hypothesis keeps the seeds of what once failed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.engine.commands import Answer, Command, Light
from showctl.engine.events import (
    Arm,
    Ask,
    Back,
    ClockMoved,
    DeviceHealth,
    DeviceReported,
    Evacuate,
    Event,
    Go,
    Grab,
    InputChanged,
    Load,
    Locate,
    Master,
    Mute,
    Origin,
    Panic,
    Pause,
    Preview,
    Rate,
    Rearm,
    Reset,
    Resume,
    Standby,
    StandbyMove,
    Start,
    Stop,
    Ungrab,
    from_record,
    to_record,
)
from showctl.engine.state import State
from showctl.engine.step import initial, next_deadline, step
from showctl.light.plan import Plan, apply
from showctl.show.cues import Action, DevampThing, GroupMode, Mark, SecondTrigger, StopOthers, StopThing
from showctl.show.instants import MILLISECOND, SECOND, seconds
from showctl.show.show import Show
from tests.engine.booth import (
    Booth,
    branch,
    cue,
    cue_list,
    end_after,
    group,
    loop,
    move,
    play,
    show_of,
    start_after,
    when,
)
from tests.engine.fog import fog, foggy, turn

LEVELS = st.dictionaries(
    st.sampled_from(["a", "b", "c", "head", "head.pan"]), st.sampled_from([0.0, 30.0, 70.0, 100.0]), max_size=3
)
TIMES = st.sampled_from([0, 0.5, 1, 2.5, 4])
NEXTS = st.sampled_from(
    [
        None,
        None,
        start_after(1),
        start_after(3.5),
        end_after(),
        end_after(-0.5),
        when("guests > 3", 4),
        branch(3, "1", ("guests > 5", "2")),
    ]
)
ORIGINS = st.sampled_from([Origin("console", "Li"), Origin("osc", address="127.0.0.1"), Origin("script")])
LISTS = st.sampled_from(["main", "house", "nowhere", ""])
LABELS = st.sampled_from(["1", "2", "3", "9", "77", "1/1", "2/2"])
AGAIN = st.sampled_from([*SecondTrigger, SecondTrigger.NOTHING, SecondTrigger.NOTHING])


@st.composite
def shows(draw: st.DrawFn) -> Show:
    """Two lists with what cues can do, one of each at least now and then."""
    cues: list[Any] = []
    for number in range(draw(st.integers(2, 5))):
        made = cue(
            str(number + 1),
            next=draw(NEXTS),
            wait=seconds(draw(st.sampled_from([0, 0, 1]))),
            second_trigger=draw(AGAIN),
            mark=draw(st.sampled_from([None, Mark()])),
            land_together=draw(st.sampled_from([False, False, True])),
        )
        lights: tuple[Any, ...] = (move(draw(LEVELS), draw(TIMES), draw(TIMES), draw(st.sampled_from([0, 0, 1]))),)
        only: tuple[Any, ...] = (move(draw(LEVELS)),) if draw(st.integers(0, 3)) == 0 else ()
        if draw(st.integers(0, 2)) == 0:
            lights += (fog(draw(st.sampled_from([0.0, 60.0])), draw(TIMES)),)
            only += (fog(40),) if draw(st.booleans()) else ()
        kind = draw(st.integers(0, 8))
        actions: tuple[Action, ...] = (play("rumble", "bed", draw(st.sampled_from([None, 3]))),) if kind == 1 else ()
        actions += (loop("rumble", "bed", 2, draw(st.sampled_from([None, 2]))),) if kind == 0 else ()
        actions += (StopThing("bed", SECOND),) if kind == 2 else ()
        actions += (DevampThing("bed"),) if kind == 8 and draw(st.booleans()) else ()
        actions += (StopOthers(draw(st.booleans()), SECOND),) if kind == 8 else ()
        actions += (turn(draw(st.sampled_from([0.0, 3.0]))),) if draw(st.integers(0, 5)) == 0 else ()
        made = replace(made, light=lights, this_cue_only=only, actions=actions)
        if kind in (3, 4, 6, 7):
            inner = [cue(f"{number + 1}/{n}", draw(LEVELS), draw(TIMES)) for n in (1, 2)]
            if kind == 7:
                inner.append(
                    group(f"{number + 1}/3", GroupMode.RANDOM, *(cue(f"{number + 1}/3/{n}", draw(LEVELS)) for n in (1, 2)))
                )
            mode = {3: GroupMode.ALL, 4: GroupMode.SEQUENCE, 6: GroupMode.RANDOM, 7: GroupMode.SEQUENCE}[kind]
            made = replace(group(str(number + 1), mode, *inner, next=made.next), light=lights)
        if kind == 5:
            moments = [(t, cue(f"{number + 1}/{n}", draw(LEVELS), 1)) for n, t in ((1, 0.5), (2, 2.0))]
            made = group(str(number + 1), GroupMode.TIMELINE, *moments, next=made.next)
        cues.append(made)
    house = cue_list(
        cue("9", {"a": 50, "d": 20}, 2, list="house"), name="house", index=1, priority=draw(st.sampled_from([50, 100, 150]))
    )
    show = foggy(show_of(*cues, lists=[house]), "guests > 3", longest=7 * SECOND)
    slow = draw(st.sampled_from([0, 0, 300 * MILLISECOND]))
    return replace(show, devices=tuple(replace(device, latency=slow) for device in show.devices))


MUTABLE = ("sound", "film", "fog", "motion", "x")
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(Go, LISTS, st.one_of(st.none(), LABELS), st.sampled_from(["", "t1"]), ORIGINS),
    st.builds(Go, st.just("main"), st.none(), st.just(""), st.just(Origin("script"))),
    st.builds(Go, st.just("main"), st.none(), st.just(""), st.just(Origin("script"))),
    st.builds(Standby, LISTS, st.one_of(st.none(), LABELS), ORIGINS),
    st.builds(StandbyMove, LISTS, st.integers(-3, 3), ORIGINS),
    st.builds(Start, LISTS, LABELS, ORIGINS),
    st.builds(Stop, LISTS, st.one_of(st.none(), LABELS), st.sampled_from([None, 0, SECOND]), ORIGINS),
    st.builds(Pause, LISTS, st.one_of(st.none(), LABELS), ORIGINS),
    st.builds(Resume, LISTS, st.one_of(st.none(), LABELS), ORIGINS),
    st.builds(
        Rate, LISTS, st.one_of(st.none(), LABELS), st.sampled_from([0, 50, 100, 300, 2001]), st.sampled_from([100, 0]), ORIGINS
    ),
    st.builds(Load, LISTS, LABELS, st.sampled_from([-SECOND, 0, SECOND, 5 * SECOND]), ORIGINS),
    st.builds(Preview, LISTS, LABELS, ORIGINS),
    st.builds(Back, LISTS, ORIGINS),
    st.builds(Locate, LISTS, LABELS, ORIGINS),
    st.builds(Panic, ORIGINS),
    st.builds(Evacuate, ORIGINS),
    st.builds(Rearm, ORIGINS),
    st.builds(Reset, ORIGINS),
    st.builds(Master, st.sampled_from(["grand", "blackout", "x"]), st.integers(-9, 70000), st.just(SECOND), ORIGINS),
    st.builds(Grab, st.just((0, 2)), st.just((100, 65535)), st.booleans(), st.just("why"), ORIGINS),
    st.builds(Ungrab, st.sampled_from([(), (0,)]), st.booleans(), ORIGINS),
    st.builds(Ask, st.sampled_from(["sound", "x"]), st.sampled_from(["mute", "y"]), st.just((("on", True),)), ORIGINS),
    st.builds(Ask, st.just("winder"), st.just("turn"), st.sampled_from([(("speed", 2.0),), (("speed", 0.0),)]), ORIGINS),
    st.builds(Arm, st.sampled_from(["1", "x", "smoke"]), st.booleans(), st.sampled_from(["", "main"]), ORIGINS),
    st.builds(Mute, st.sampled_from(MUTABLE), st.booleans(), st.just(""), st.just(0), ORIGINS),
    st.builds(InputChanged, st.sampled_from(["guests"]), st.sampled_from([0.0, 4.0, 9.0])),
    st.builds(InputChanged, st.just("nobody"), st.just(1.0)),
    st.builds(DeviceReported, st.just("sound"), st.just("state"), st.sampled_from(["playing", "stopped"])),
    st.builds(DeviceHealth, st.just("sound"), st.sampled_from(["ok", "lost"]), st.just("")),
    st.builds(ClockMoved, st.just("nobody"), st.just("locked"), st.just(0), st.just(0), st.just(1), st.just(1)),
)
SCRIPTS = st.lists(st.tuples(st.integers(0, 6000), EVENTS), min_size=1, max_size=14)


def run(show: Show, script: list[tuple[int, Event]], until: int = 30_000) -> tuple[State, list[Command]]:
    """``script`` of (milliseconds since the one before, event); then time passes until ``until`` after the last."""
    booth, now = Booth(show), 0
    for wait, event in script:
        now += wait
        booth.at(now / 1000, event)
    booth.at((now + until) / 1000)
    return booth.state, booth.commands


def prints(commands: list[Command]) -> list[str]:
    """Commands as text, rows of the plan byte for byte."""
    return [
        f"{c.instant} {c.serial} {c.change.rows_in.tobytes().hex()} {c.change.rows_out.tolist()} {c.change.clocks.tolist()}"
        if isinstance(c, Light)
        else repr(c)
        for c in commands
    ]


@settings(max_examples=120, deadline=None)
@given(shows(), SCRIPTS)
def test_whatever_happens_nothing_raises_and_the_plan_is_what_its_changes_say(
    show: Show, script: list[tuple[int, Event]]
) -> None:
    state, commands = run(show, script)
    plan: Plan = initial(show).plan
    serial = 0
    for command in commands:
        if isinstance(command, Light):
            serial += 1
            assert command.serial == serial
            plan = apply(plan, command.change)
    assert plan.same_as(state.plan)
    instants = [c.instant for c in commands]
    assert instants == sorted(instants)


@settings(max_examples=80, deadline=None)
@given(shows(), SCRIPTS)
def test_the_same_script_gives_the_same_commands(show: Show, script: list[tuple[int, Event]]) -> None:
    assert prints(run(show, script)[1]) == prints(run(show, script)[1])


@settings(max_examples=80, deadline=None)
@given(shows(), SCRIPTS)
def test_an_engine_woken_late_does_what_one_woken_in_time_did(show: Show, script: list[tuple[int, Event]]) -> None:
    _, in_time = run(show, script)
    state, now = initial(show), 0
    late: list[Command] = []
    for wait, event in script:
        now += wait
        state, commands = step(show, state, event, now * 10**6)
        late += commands
    state, commands = step(show, state, None, (now + 30_000) * 10**6)
    late += commands
    assert prints(late) == prints(in_time)


@settings(max_examples=80, deadline=None)
@given(shows(), SCRIPTS, st.integers(0, 20))
def test_a_wake_in_between_changes_nothing(show: Show, script: list[tuple[int, Event]], pieces: int) -> None:
    _, once = run(show, script)
    state, now = initial(show), 0
    often: list[Command] = []
    whole: list[tuple[int, Event | None]] = [*script, (30_000, None)]
    for wait, event in whole:
        for piece in range(pieces):
            state, commands = step(show, state, None, (now + wait * piece // (pieces + 1)) * 10**6)
            often += commands
        now += wait
        state, commands = step(show, state, event, now * 10**6)
        often += commands
    assert prints(often) == prints(once)


@settings(max_examples=80, deadline=None)
@given(shows(), SCRIPTS, EVENTS)
def test_a_refused_request_leaves_the_state_untouched(show: Show, script: list[tuple[int, Event]], last: Event) -> None:
    state, _ = run(show, script, until=0)
    after, commands = step(show, state, last, state.now)
    answer = next((c for c in commands if isinstance(c, Answer)), None)
    if answer is not None and answer.refused:
        assert after.plan.same_as(state.plan)
        assert (after.lists, after.runs, after.agenda) == (state.lists, state.runs, state.agenda)
        assert (after.values, after.latch, after.clocks) == (state.values, state.latch, state.clocks)
        assert after.hazards == state.hazards


@settings(max_examples=80, deadline=None)
@given(shows(), SCRIPTS)
def test_replaying_what_the_journal_holds_gives_the_same_commands(show: Show, script: list[tuple[int, Event]]) -> None:
    import json

    written = [(wait, json.loads(json.dumps(to_record(event)))) for wait, event in script]
    read = [(wait, from_record(record)) for wait, record in written]
    assert prints(run(show, read)[1]) == prints(run(show, script)[1])


PLAYING = st.lists(st.tuples(st.integers(1, 5000), st.just(Go("main", origin=Origin("script")))), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(shows(), PLAYING, st.integers(0, 4000), st.integers(1, 60_000), st.sampled_from([0, 0, 50, 200]))
def test_pause_then_resume_is_nothing_but_later(
    show: Show, script: list[tuple[int, Event]], moment: int, pause: int, rate: int
) -> None:
    straight, held, now = Booth(show), Booth(show), 0
    for booth in (straight, held) if rate else ():
        booth.at(0, Rate("", None, rate))
    for wait, event in script:
        now += wait
        straight.at(now / 1000, event)
        held.at(now / 1000, event)
    now += moment
    straight.at(now / 1000)
    held.at(now / 1000, Pause("", origin=Origin("script")))
    held.at((now + pause) / 1000, Resume("", origin=Origin("script")))
    for later in (0, 700, 2000, 9000):
        straight.at((now + later) / 1000)
        held.at((now + pause + later) / 1000)
        names = ("a", "b", "c", "d", "head", "head.pan")
        assert [held.level(n) for n in names] == [straight.level(n) for n in names]
        assert held.running() == straight.running()
        assert held.standby() == straight.standby()


@settings(max_examples=60, deadline=None)
@given(shows(), SCRIPTS, PLAYING)
def test_after_a_reset_the_same_inputs_are_the_same_show(
    show: Show, before: list[tuple[int, Event]], script: list[tuple[int, Event]]
) -> None:
    first, later = Booth(show), Booth(show)
    now = 0
    for wait, event in before:
        now += wait
        later.at(now / 1000, event)
    later.at((now + 1) / 1000, Rearm(Origin("console", "Li")))
    for what in MUTABLE:
        later.at((now + 1) / 1000, Mute(what, False))
    now += 6000  # heads that were held come back in five seconds
    later.at((now + 1) / 1000, Ungrab())
    later.at((now + 1) / 1000, Ungrab(park=True))
    later.at((now + 1) / 1000, InputChanged("guests", 0.0))
    later.at((now + 1) / 1000, Reset(Origin("script")))
    later.commands.clear()
    start = now + 1
    elapsed = 0
    whole: list[tuple[int, Event | None]] = [*script, (20_000, None)]
    for wait, happens in whole:
        elapsed += wait
        first.at(elapsed / 1000, happens)
        later.at((start + elapsed) / 1000, happens)
        names = ("a", "b", "c", "d", "head", "head.pan", "fog")
        assert [later.level(n) for n in names] == [first.level(n) for n in names]
    shifted = [(t.instant - start * 10**6, t.device, t.verb, t.arguments) for t in later.tells()]
    assert shifted == [(t.instant, t.device, t.verb, t.arguments) for t in first.tells()]


def test_work_for_a_go_does_not_grow_with_the_list() -> None:
    """Counted, not timed: the calls into Python functions that one GO makes, in lists of 10 and of 2,000 cues."""
    import sys

    def calls(size: int) -> int:
        booth = Booth(show_of(*(cue(str(n), {"a": n % 100}, 1) for n in range(size))))
        booth.go(0)
        booth.go(1)
        count = 0

        def counting(_frame: Any, event: str, _argument: Any) -> None:
            nonlocal count
            count += event == "call"

        state = booth.state
        sys.setprofile(counting)
        step(booth.show, state, Go("main", origin=Origin("script")), 2 * SECOND)
        sys.setprofile(None)
        return count

    small, large = calls(10), calls(2000)
    assert large <= small * 1.3


def test_nothing_is_due_when_nothing_runs() -> None:
    assert next_deadline(initial(show_of(cue("1")))) is None
