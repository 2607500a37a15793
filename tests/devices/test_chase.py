"""The chase (R13): one steady clock from any code. It locks, freewheels, holds, shuttles and is lost; torn code moves nothing."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.devices.chase import QUIET_FRAMES, Chase, ChaseRules
from showctl.engine.events import ClockMoved
from showctl.light.clocks import Clock
from showctl.protocols.timecode import (
    FPS_24,
    FPS_25,
    FPS_29_97_DF,
    FPS_30,
    RATES,
    Rate,
    from_frames,
    parse,
    to_frames,
    to_nanoseconds,
)
from showctl.show.instants import SECOND, Instant
from tests.devices.tapes import FAULTS, Tape

FRAME = SECOND // 25
HOUR = 90_000
MS = 1_000_000


def played(chase: Chase, frames: range, since: Instant = 0, speed: float = 1) -> list[ClockMoved]:
    """The frames arrive one after the other, the first at ``since``."""
    said = []
    for n, count in enumerate(frames):
        said += chase.heard(from_frames(count, chase.rate), since + round(n * FRAME / speed))
    return said


def log(moves: list[ClockMoved]) -> list[str]:
    """``2.00 s locked, jump to 01:00:02:00``."""
    found = []
    for move in moves:
        label = from_frames(move.position * 25 // SECOND, FPS_25)
        rate = "" if move.num == move.den else " standing" if move.num == 0 else f" at {move.num / move.den:.2f}"
        found.append(f"{move.anchor / SECOND:.2f} s {move.state}{' jump' if move.jump else ''}{rate} {label}")
    return found


def test_three_frames_that_follow_on_lock() -> None:
    chase = Chase("desk", FPS_25)
    assert log(played(chase, range(HOUR, HOUR + 50))) == [
        "0.00 s acquiring standing 00:00:00:00",
        "0.08 s locked jump 01:00:00:02",
    ]
    assert chase.position(50 * FRAME) == (HOUR + 50) * FRAME


def test_a_code_that_fails_is_run_through_for_two_seconds_and_then_it_is_lost_and_runs_on() -> None:
    chase = Chase("desk", FPS_25)
    played(chase, range(HOUR, HOUR + 25))
    said = chase.wake(10 * SECOND)
    assert log(said) == ["0.08 s freewheel 01:00:00:02", "0.08 s lost 01:00:00:02"]
    assert chase.next_deadline() is None
    back = played(chase, range(HOUR + 250, HOUR + 275), 10 * SECOND)
    assert log(back) == ["0.08 s locked 01:00:00:02"]  # it is where it would be: no jump, no new line


def test_a_show_that_asks_for_it_stands_still_without_code() -> None:
    chase = Chase("desk", FPS_25, ChaseRules(holds=True, freewheel=SECOND))
    played(chase, range(HOUR, HOUR + 25))
    assert log(chase.wake(5 * SECOND))[-1] == "1.96 s lost standing 01:00:01:24"


def test_repeated_labels_are_a_hold_and_going_on_is_no_jump() -> None:
    chase = Chase("desk", FPS_25)
    played(chase, range(HOUR, HOUR + 25))
    held = [move for n in range(25) for move in chase.heard(from_frames(HOUR + 24, FPS_25), SECOND + n * FRAME)]
    assert [move.state for move in held] == ["hold"]
    assert (held[0].num, held[0].position, held[0].jump) == (0, (HOUR + 24) * FRAME, False)
    on = played(chase, range(HOUR + 25, HOUR + 50), 2 * SECOND)
    assert [(move.state, move.jump) for move in on] == [("locked", False)]
    assert chase.position(3 * SECOND) == (HOUR + 50) * FRAME


def test_a_packet_that_came_twice_is_no_hold() -> None:
    chase = Chase("desk", FPS_25)
    said = []
    for n in range(50):
        label = from_frames(HOUR + n, FPS_25)
        said += chase.heard(label, n * FRAME) + chase.heard(label, n * FRAME + 10 * MS)
    assert [move.state for move in said] == ["acquiring", "locked"]


def test_a_jump_is_believed_when_three_frames_say_it() -> None:
    chase = Chase("desk", FPS_25)
    played(chase, range(HOUR, HOUR + 25))
    assert played(chase, range(2 * HOUR, 2 * HOUR + 2), SECOND) == []
    assert played(chase, range(HOUR + 27, HOUR + 50), SECOND + 2 * FRAME) == []  # it was nothing
    said = played(chase, range(2 * HOUR, 2 * HOUR + 25), 2 * SECOND)
    assert [(move.state, move.jump) for move in said] == [("locked", True)]
    assert chase.position(3 * SECOND) == (2 * HOUR + 25) * FRAME


def test_a_jump_back_is_followed() -> None:
    chase = Chase("desk", FPS_25)
    played(chase, range(HOUR, HOUR + 250))
    said = played(chase, range(HOUR, HOUR + 25), 10 * SECOND)
    assert [(move.state, move.jump) for move in said] == [("locked", True)]
    assert chase.position(11 * SECOND) == (HOUR + 25) * FRAME


def test_a_tape_that_turns_round_moves_the_room_four_times_a_second_and_fires_nothing() -> None:
    chase = Chase("desk", FPS_25)
    played(chase, range(HOUR, HOUR + 100))
    said = played(chase, range(HOUR + 99, HOUR, -1), 4 * SECOND)
    assert [move.state for move in said[:2]] == ["freewheel", "shuttle"]
    assert all(move.num == 0 and move.jump and move.state == "shuttle" for move in said[1:])
    assert 13 <= len(said) <= 17
    on = played(chase, range(HOUR, HOUR + 25), 4 * SECOND + 99 * FRAME)
    assert [(move.state, move.jump) for move in on][-1] == ("locked", True)


def test_code_of_a_slow_crystal_is_met_by_one_percent_and_never_by_a_step() -> None:
    chase = Chase("desk", FPS_25)
    said = []
    for n in range(25 * 60):
        said += chase.heard(from_frames(HOUR + n, FPS_25), n * FRAME + n * FRAME // 1000)  # a per mille slow
    lines = [Clock(0, move.anchor, move.position, move.num, move.den) for move in said[1:]]
    assert {round(line.num / line.den, 2) for line in lines} == {1.0, 0.99}
    for before, after in pairwise(lines):
        assert abs(before.local(after.anchor) - after.position) <= 1
    end = 25 * 60 * FRAME + 25 * 60 * FRAME // 1000
    assert abs((chase.position(end) or 0) - (HOUR + 25 * 60) * FRAME) < FRAME


def test_midnight_is_no_jump() -> None:
    chase = Chase("desk", FPS_29_97_DF)
    day = FPS_29_97_DF.frames_per_day
    frame = to_nanoseconds(1, FPS_29_97_DF)
    said = []
    for n in range(60):
        said += chase.heard(from_frames(day - 30 + n, FPS_29_97_DF), n * frame)
    assert [(move.state, move.jump) for move in said] == [("acquiring", False), ("locked", True)]
    assert abs((chase.position(60 * frame) or 0) - to_nanoseconds(day + 30, FPS_29_97_DF)) < frame


def test_a_full_frame_locates_and_stands() -> None:
    chase = Chase("desk", FPS_25)
    played(chase, range(HOUR, HOUR + 25))
    said = chase.told(parse("02:00:00:00", FPS_25), SECOND)
    assert [(move.state, move.jump, move.num, move.position) for move in said] == [("hold", True, 0, 2 * HOUR * FRAME)]
    on = played(chase, range(2 * HOUR, 2 * HOUR + 10), 2 * SECOND)
    assert [(move.state, move.jump) for move in on] == [("locked", False)]


def test_code_at_thirty_where_twenty_five_was_promised_is_known_for_what_it_is_within_a_second() -> None:
    chase = Chase("desk", FPS_25)
    said = []
    for n in range(300):
        label = from_frames(to_frames(parse("01:00:00:00", FPS_30)) + n, FPS_30)
        if label.frames < 25:  # the others are refused before they come here
            said += chase.heard(parse(str(label), FPS_25), n * SECOND // 30)
    later = [move for move in said if move.anchor > SECOND]
    assert {move.state for move in later} == {"shuttle", "hold"}
    assert all(move.num == 0 for move in later)


def test_code_at_twenty_four_where_twenty_five_was_promised_is_never_a_frame_off() -> None:
    chase = Chase("desk", FPS_25)
    for n in range(24 * 20):
        label = from_frames(n, FPS_24)
        chase.heard(parse(str(label), FPS_25), n * SECOND // 24)
        if n > 10:
            assert abs((chase.position(n * SECOND // 24) or 0) - n * SECOND // 24) <= FRAME


# --- torn code -----------------------------------------------------------------------------------------------------------


def fired(tape: Tape, chase: Chase, every: int) -> list[tuple[Instant, int]]:
    """The cues of a list with one at each ``every`` frames, as the lines cross them: (instant, frame)."""
    step = every * tape.frame
    line: Clock | None = None
    found: list[tuple[Instant, int]] = []
    next_cue: int | None = None

    def run_to(now: Instant) -> None:
        nonlocal next_cue
        while line is not None and next_cue is not None and (due := line.due(next_cue * step)) is not None and due <= now:
            found.append((max(due, line.anchor), next_cue * every))
            next_cue += 1

    def obey(moves: list[ClockMoved], now: Instant) -> None:
        nonlocal line, next_cue
        for move in moves:
            run_to(now)
            line = Clock(0, move.anchor, move.position, move.num, move.den)
            if move.jump:
                next_cue = -(-line.local(now) // step)

    for at, label in tape.readings():
        while (due := chase.next_deadline()) is not None and due <= at:
            obey(chase.wake(due), due)
        run_to(at)
        obey(chase.heard(label, at), at)
    run_to(tape.length)
    return found


def judge(fault: str, rate: Rate, seed: int, every: int = 5) -> str:
    """What went wrong with a tape, or ""."""
    tape = Tape(rate, seed, fault)
    chase = Chase("desk", rate)
    cues = fired(tape, chase, every)
    day = rate.frames_per_day
    for at, count in cues:
        off = (count - tape.true_count(at) + day / 2) % day - day / 2
        just_before = (count - tape.true_count(max(at - (QUIET_FRAMES + 9) * tape.frame, 0)) + day / 2) % day - day / 2
        if abs(off) > 3 and not -1 <= just_before <= QUIET_FRAMES + 10:
            return f"{fault} seed {seed}: cue {count % day} fired {off:.1f} frames off at {at / tape.frame:.1f}"
    jumped_back = len(tape.stretches) > 1 and tape.stretches[1].speed and tape.stretches[1].count < tape.stretches[0].count + 60
    counts = [count for _, count in cues]
    if len(set(counts)) != len(counts) and not jumped_back:
        return f"{fault} seed {seed}: fired twice: {counts}"
    return ""


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_code_fires_no_wrong_cue_and_none_twice(fault: str) -> None:
    rates = list(RATES.values())
    wrong = [said for seed in range(150) if (said := judge(fault, rates[seed % len(rates)], seed))]
    assert wrong == []


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in ("spliced", "all at once")])
def test_bad_code_still_fires_every_cue(fault: str) -> None:
    for seed in range(60):
        tape = Tape(FPS_25, seed, fault)
        counts = [count for _, count in fired(tape, Chase("desk", FPS_25), 5)]
        first = tape.stretches[0].count
        passed = [n for n in range(first // 5 * 5, round(tape.true_count(tape.length)) - 8, 5) if n >= first + 15]
        assert set(passed) <= set(counts), f"{fault} {seed}"


@pytest.mark.parametrize(
    ("rate", "seed"),
    [
        (FPS_29_97_DF, 1_077_069),  # a tape that stands on a second's turn, and is torn there
        (FPS_25, 1_019_079),  # nonsense between the repeats hid that the tape stood
        (FPS_25, 1_080_339),  # a stop that nobody noticed was taken for a jump back
        (FPS_25, 1_094_709),  # most of the last labels were the same nonsense
        (FPS_25, 1_088_499),  # code that went on from a hold, with gaps, was taken for a jump
    ],
)
def test_what_a_hundred_thousand_tapes_have_found(rate: Rate, seed: int) -> None:
    for each in (rate, *RATES.values()):
        assert judge("all at once", each, seed) == ""


@given(st.integers(0, 2**32), st.sampled_from(FAULTS))
@settings(max_examples=150, deadline=None)
def test_the_clock_never_steps_but_where_it_says_so(seed: int, fault: str) -> None:
    tape, chase = Tape(FPS_25, seed, fault), Chase("desk", FPS_25)
    line: Clock | None = None
    for at, label in tape.readings():
        for move in chase.heard(label, at):
            now = Clock(0, move.anchor, move.position, move.num, move.den)
            if line is not None and not move.jump and move.state not in ("hold", "lost"):
                there = line.local(max(move.anchor, line.anchor))
                assert abs(there - now.local(max(move.anchor, line.anchor))) <= (QUIET_FRAMES + 3) * tape.frame
            line = now
