"""Laws of order and of time: what is simultaneous, jumped into, or taken up from checkpoints, changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.engine.checkpoint import keep, restore
from showctl.engine.events import Back, Event, Go, Load, Locate, Origin, Pause, Rate, Resume, Standby, Start, Stop
from showctl.engine.settling import at_position
from showctl.show.cues import Cue, Effect, GroupMode, Mark, Wave
from showctl.show.instants import MILLISECOND, SECOND
from showctl.show.show import Show
from tests.engine.booth import (
    NUMBER,
    Booth,
    bell,
    cue,
    cue_list,
    end_after,
    group,
    loop,
    play,
    show_of,
    start_after,
)
from tests.engine.test_laws import SCRIPTS, TIMES, prints, run, shows

SCRIPT = Origin("script")
NAMES = ("a", "b", "c", "d", "head", "head.pan")


# --- law 6: what happens on two lists in one instant has no order --------------------------------------------------------------


@st.composite
def two_lists(draw: st.DrawFn) -> Show:
    """Two lists that share neither lights nor players."""

    def cues(name: str, lights: tuple[str, ...], sounds: bool) -> list[Cue]:
        made = []
        for number in range(1, draw(st.integers(2, 4)) + 1):
            levels = draw(st.dictionaries(st.sampled_from(lights), st.sampled_from([0.0, 40.0, 100.0]), max_size=2))
            action = (draw(st.sampled_from([play("rumble", "bed"), play("rumble", "bed", 3), loop("rumble", "bed", 2, 2)])),)
            item = cue(
                f"{number}", levels, draw(TIMES), *(action if sounds and draw(st.booleans()) else ()),
                next=draw(st.sampled_from([None, start_after(1), end_after()])) if number < 4 else None, list=name,
                wait=draw(st.sampled_from([0, SECOND])), mark=draw(st.sampled_from([None, Mark()])),
                land_together=draw(st.booleans()),
            )  # fmt: skip
            made.append(item)
        made[-1] = replace(made[-1], next=None)
        return made

    house = cue_list(*cues("house", ("c", "d"), False), name="house", index=1)
    show = show_of(*cues("main", ("a", "b", "head", "head.pan"), True), lists=[house])
    slow = draw(st.sampled_from([0, 300 * MILLISECOND]))
    return replace(show, devices=tuple(replace(device, latency=slow) for device in show.devices))


def of_list(name: str) -> st.SearchStrategy[Event]:
    """What can happen to one list."""
    label = st.sampled_from(["1", "2"])
    return st.one_of(
        st.just(Go(name, origin=SCRIPT)),
        st.just(Go(name, origin=SCRIPT)),
        st.builds(Standby, st.just(name), label, st.just(SCRIPT)),
        st.builds(Start, st.just(name), label, st.just(SCRIPT)),
        st.builds(Stop, st.just(name), st.one_of(st.none(), label), st.sampled_from([0, SECOND]), st.just(SCRIPT)),
        st.builds(Pause, st.just(name), st.none(), st.just(SCRIPT)),
        st.builds(Resume, st.just(name), st.none(), st.just(SCRIPT)),
        st.builds(Rate, st.just(name), st.none(), st.sampled_from([50, 200]), st.just(100), st.just(SCRIPT)),
        st.builds(Locate, st.just(name), label, st.just(SCRIPT)),
        st.builds(Back, st.just(name), st.just(SCRIPT)),
    )


MEETINGS = st.lists(st.tuples(st.sampled_from([0, 400, 1000, 2500]), of_list("main"), of_list("house")), min_size=1, max_size=8)


@settings(max_examples=80, deadline=None)
@given(two_lists(), MEETINGS)
def test_law_6_simultaneous_events_of_different_lists_have_no_order(show: Show, meetings: list[tuple[int, Event, Event]]) -> None:
    booths = Booth(show), Booth(show)
    now = 0
    for wait, one, other in [*meetings, *((700, None, None) for _ in range(12))]:
        now += wait
        for booth, events in zip(booths, ((one, other), (other, one)), strict=True):
            for event in events:
                booth.at(now / 1000, event)
        first, second = booths
        assert [first.level(name) for name in NAMES] == [second.level(name) for name in NAMES]
        assert sorted(first.running()) == sorted(second.running())
        assert [first.standby(n) for n in (0, 1)] == [second.standby(n) for n in (0, 1)]
        assert {name: kept.key for name, kept in first.state.things.items()} == {
            name: kept.key for name, kept in second.state.things.items()
        }
    tells = [sorted((t.instant, t.device, t.verb, t.arguments) for t in booth.tells()) for booth in booths]
    assert tells[0] == tells[1]


# --- law 1: to jump into a timeline is to have played to there ------------------------------------------------------------------


@st.composite
def timelines(draw: st.DrawFn) -> Cue:
    """A timeline of fades, effects, clips and bells."""
    members: list[tuple[float, Cue]] = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        light = draw(st.dictionaries(st.sampled_from(["a", "b", "d"]), st.sampled_from([0.0, 30.0, 100.0]), max_size=2))
        made = cue(f"1/{number}", light, draw(TIMES), wait=draw(st.sampled_from([0, 0, SECOND // 2, 2 * SECOND])))
        voice = f"v{number}"
        actions = {
            1: (play("rumble", voice, draw(st.sampled_from([None, 2, 6]))),),
            2: (bell(),),
            3: (loop("rumble", voice, 2, draw(st.sampled_from([None, 2]))),),
        }.get(draw(st.integers(0, 5)), ())
        wave = draw(st.sampled_from([None, None, Wave.SINE, Wave.RAMP]))
        effects = () if wave is None else (Effect(f"e{number}", (NUMBER["d"],), (0,), wave, 3 * SECOND, True, size=9000),)
        members.append((draw(st.sampled_from([0, 0.5, 1.5, 3, 4.25])), replace(made, actions=actions, effects=effects)))
    return group("1", GroupMode.TIMELINE, *sorted(members, key=lambda member: member[0]))


def sounding(booth: Booth) -> dict[str, Any]:
    """What plays, and where it is."""
    found: dict[str, Any] = {}
    for kept in booth.state.performed.values():
        if kept.verb == "play" and (kept.length is None or booth.state.now < kept.instant + kept.length):
            arguments = dict(at_position(booth.show, kept, booth.state.now - kept.instant))
            found[kept.key] = (arguments["clip"], round(float(arguments["at"]) % (kept.lap / 1e9 or 1e9), 6))
    return found


@settings(max_examples=80, deadline=None)
@given(timelines(), st.integers(1, 7000), st.sampled_from([0, 300 * MILLISECOND]))
def test_law_1_a_timeline_jumped_into_is_one_played_to_there(timeline: Cue, moment: int, slow: int) -> None:
    show = show_of(timeline)
    show = replace(show, devices=tuple(replace(device, latency=slow) for device in show.devices))
    played, jumped = Booth(show), Booth(show)
    played.go(0)
    played.at(moment / 1000)
    answer = jumped.at(0, Load("main", "1", moment * MILLISECOND, SCRIPT))
    assert answer is not None
    if answer.refused:
        return  # it is over by then
    jumped.go(0)
    for later in (0, 200, 1000, 3100, 9000):
        played.at((moment + later) / 1000)
        jumped.at(later / 1000)
        assert [jumped.level(name) for name in NAMES] == [played.level(name) for name in NAMES]
        assert sorted(jumped.running()) == sorted(played.running())
        if not slow:  # what a slow player should have been told just before the jump, it is told at its instant
            assert sounding(jumped) == sounding(played)


# --- law 3: whatever the interval of checkpoints, and however this process orders its sets -----------------------------------


@settings(max_examples=60, deadline=None)
@given(shows(), SCRIPTS, st.integers(1, 5))
def test_law_3_a_run_taken_up_from_a_checkpoint_every_so_many_events_is_the_run(
    show: Show, script: list[tuple[int, Event]], interval: int
) -> None:
    _, straight = run(show, script)
    booth, now = Booth(show), 0
    for number, (wait, event) in enumerate(script):
        now += wait
        booth.at(now / 1000, event)
        if number % interval == 0:
            booth.state = restore(json.loads(json.dumps(keep(booth.state))))
    booth.at((now + 30_000) / 1000)
    assert prints(booth.commands) == prints(straight)


def digest_of_many_runs() -> str:
    """One digest over the commands of runs that are the same wherever this is called."""
    digest = hashlib.sha256()

    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(shows(), SCRIPTS)
    def each(show: Show, script: list[tuple[int, Event]]) -> None:
        for line in prints(run(show, script)[1]):
            digest.update(line.encode())

    each()
    return digest.hexdigest()


def test_law_3_a_run_is_the_same_under_every_hash_seed() -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", "from tests.engine.test_laws_of_time import digest_of_many_runs as d; print(d())"],
            env=os.environ | {"PYTHONHASHSEED": number},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in ("0", "4242")
    ]
    said = [child.communicate(timeout=120)[0].strip() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert len(said[0]) == 64
    assert said[0] == said[1]
