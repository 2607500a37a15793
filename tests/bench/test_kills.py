"""What the bench of kills makes of what it heard: every kind of fault is found, and nothing else is taken for one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bench.ear import between_clocks
from bench.kills.judge import Span, bells, frames

MS = 10**6
PERIOD = 25 * MS
GRID = [7 * MS + n * PERIOD for n in range(400)]
HARDLY = 60_000
"""Nanoseconds that a packet takes."""


def heard(*left_out: int, late: dict[int, int] | None = None) -> list[int]:
    """A frame at each instant of the grid but those ``left_out``; ``late`` ones so much after theirs."""
    return sorted(at + HARDLY + (late or {}).get(n, 0) for n, at in enumerate(GRID) if n not in left_out)


@pytest.mark.parametrize("left_out", [(), (17,), (3, 4, 5), (1, 398)])
def test_a_frame_that_never_came_is_missed(left_out: tuple[int, ...]) -> None:
    found = frames(heard(*left_out), PERIOD)
    assert found.missed == pytest.approx([GRID[n] + HARDLY for n in left_out])
    assert found.received == 400 - len(left_out)


@pytest.mark.parametrize(
    "late",
    [{50: 13 * MS}, {50: 20 * MS, 51: 1 * MS}, {50: 24 * MS}, {50: 24 * MS, 52: 24 * MS}, dict.fromkeys(range(20, 90), 9 * MS)],
)
def test_a_frame_that_came_late_is_late_and_none_is_missed(late: dict[int, int]) -> None:
    found = frames(heard(late=late), PERIOD)
    assert found.missed == []
    assert found.latest == max(late.values()), "after the grid, which is where most of them are early"
    assert found.off == sum(by > PERIOD // 2 for by in late.values())


def test_one_that_came_late_and_one_that_never_came_are_told_apart() -> None:
    found = frames(heard(60, late={59: 14 * MS, 61: 14 * MS}), PERIOD)
    assert ([round(at - GRID[60]) for at in found.missed], found.off) == ([HARDLY], 2)


def test_nothing_heard_is_nothing_judged() -> None:
    assert frames([], PERIOD).missed == []


LAP = 5000 * MS
DUE = [(n * LAP, 1) for n in range(4)] + [(n * LAP + 900 * MS, 2) for n in range(4)]


def ring(at: int, which: int, after: int = 300_000) -> tuple[int, int]:
    return at + after, which


RUNG = [ring(*one) for one in DUE]


def test_what_rang_in_its_time_is_well() -> None:
    found = bells(DUE, RUNG, [])
    assert (found.due, found.rung, found.silent) == (8, 8, 0)
    assert [found.doubled, found.late, found.tardy, found.strange, found.unsaid] == [[], [], [], [], []]


def test_a_ring_that_seems_to_come_a_hair_before_its_instant_is_not_the_lap_before_s() -> None:
    found = bells(DUE, [ring(at, which, -1 * MS) for at, which in DUE], [])
    assert [found.doubled, found.unsaid, found.strange] == [[], [], []]


def test_a_bell_that_rings_twice_is_doubled() -> None:
    assert bells(DUE, [*RUNG, ring(LAP, 1, 80 * MS)], []).doubled == [f"bell 1, due {LAP}, rung 0.3, 80.0 ms after it"]


def test_a_ring_that_nothing_asked_for_is_strange() -> None:
    assert len(bells(DUE, [*RUNG, (3 * MS, 9)], []).strange) == 1


def test_what_was_not_rung_is_unsaid_unless_nobody_was_there() -> None:
    rung = [one for one in RUNG if one != ring(LAP, 1)]
    assert bells(DUE, rung, []).unsaid == [f"bell 1, due {LAP}"]
    for since, until, silent in ((-300, 1, 1), (15, 90, 1), (-300, -1, 0), (25, 90, 0)):
        found = bells(DUE, rung, [Span(LAP + since * MS, LAP + until * MS)])
        assert (found.silent, len(found.unsaid)) == (silent, 1 - silent)


def test_what_rings_after_the_kill_that_it_was_due_before_is_late() -> None:
    rung = [one for one in RUNG if one != ring(LAP, 1)] + [ring(LAP, 1, 60 * MS)]
    killed = bells(DUE, rung, [Span(LAP + 5 * MS, LAP + 50 * MS)])
    assert (len(killed.late), len(killed.tardy)) == (1, 0)
    alone = bells(DUE, rung, [])
    assert (len(alone.late), len(alone.tardy)) == (0, 1)


def test_two_clocks_are_read_together() -> None:
    found = [between_clocks() for _ in range(200)]
    assert max(abs(b - a) for a, b in pairwise(found)) < 5 * MS
