"""Plans too large for a frame are made ready beside the frames; what is drawn is what a sender without a thread draws."""

import threading
from collections.abc import Callable

import numpy as np
import pytest

from showctl.light.masters import master_row
from showctl.light.plan import NO_ROWS, MasterKind, Plan, PlanChange
from showctl.runtime.wire.drawn_whole import DrawnWhole
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.stage import CID, MS, S, change, row, show

UNIVERSES = tuple(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1) for n in range(6))


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> tuple[FrameSender, FrameSender]:
    """One that makes every plan ready beside its frames, and one that has no thread."""
    monkeypatch.setattr("showctl.runtime.wire.beside.LARGE", 1)
    stage = show(*UNIVERSES)
    return FrameSender(stage, CID, "Stage", waiting=True, patient=True), FrameSender(stage, CID, "Stage", waiting=True)


def whole_of(sender: FrameSender) -> DrawnWhole:
    drawn = sender._drawn._now
    assert isinstance(drawn, DrawnWhole)
    return drawn


def whole() -> Plan:
    return Plan(np.concatenate([row(n + 1, n, 65535, over=10 * S) for n in range(6)]))


def ready(sender: FrameSender, now: int) -> None:
    """Draws the frame of ``now`` once what was begun is ready."""
    for _ in range(3):  # what came meanwhile is begun when the first is taken
        sender.settle()
        whole_of(sender)._beside.wait()
        sender.frame(now)


def test_until_the_first_plan_is_ready_nothing_is_said(pair: tuple[FrameSender, FrameSender]) -> None:
    beside, _ = pair
    beside.load(whole(), 1, 0)

    release = hold(beside)
    assert not beside.frame(1 * S).datagrams()
    release()
    ready(beside, 1 * S + 25 * MS)

    assert beside.loaded
    assert beside.slots[:, 0].tolist() == [26] * 6


def test_while_a_large_change_is_made_ready_the_fades_go_on(pair: tuple[FrameSender, FrameSender]) -> None:
    beside, _ = pair
    beside.load(whole(), 1, 0)
    beside.frame(0)
    ready(beside, 0)
    beside.accept(2, 2 * S, change(2 * S, *(row(n + 7, n, 0, 2 * S) for n in range(4))))

    release = hold(beside)
    beside.frame(3 * S)
    assert beside.slots[:, 0].tolist() == [76] * 6, "the fades of before"
    release()
    ready(beside, 3 * S + 25 * MS)

    assert beside.slots[:, 0].tolist() == [0, 0, 0, 0, 77, 77]


def test_a_small_change_shows_at_once_over_a_plan_that_is_made_ready(pair: tuple[FrameSender, FrameSender]) -> None:
    beside, alone = pair
    for sender in pair:
        sender.load(whole(), 1, 0)
        sender.frame(0)
    ready(beside, 0)
    release = hold(beside)
    for number, parameter in enumerate((5, 3, 5), 2):
        at = (number * 100 + 10) * MS
        for sender in pair:
            sender.accept(number, at, change(at, row(number + 6, parameter, 65535, at, over=S, source=10000 * number)))
            assert sender.extra(at) is not None
        assert beside.slots[parameter].tobytes() == alone.slots[parameter].tobytes(), number
        for sender in pair:
            sender.frame(at + 15 * MS)
        assert beside.slots.tobytes() == alone.slots.tobytes(), number

    for at in (500 * MS, 525 * MS, 900 * MS):
        for sender in pair:
            sender.frame(at)
        assert beside.slots.tobytes() == alone.slots.tobytes(), at
    release()
    ready(beside, 925 * MS)
    alone.frame(925 * MS)
    assert beside.slots.tobytes() == alone.slots.tobytes()
    assert not whole_of(beside)._over


def test_a_plan_that_is_not_wanted_any_more_never_shows(pair: tuple[FrameSender, FrameSender]) -> None:
    beside, _ = pair
    beside.load(whole(), 1, 0)
    beside.frame(0)
    beside.load(Plan(NO_ROWS), 2, 0)  # small: it is drawn at once
    beside.frame(1 * S)
    ready(beside, 1 * S + 25 * MS)

    assert beside.slots[:, 0].tolist() == [0] * 6


def test_a_master_over_a_large_plan_moves_in_the_next_frame(pair: tuple[FrameSender, FrameSender]) -> None:
    beside, _ = pair
    beside.load(whole(), 1, 0)
    beside.frame(0)
    ready(beside, 0)
    half = master_row(0, MasterKind.GRAND, 65535, 0, 0, 1 * S, 0)
    beside.accept(2, 1 * S, PlanChange(1 * S, masters=half))
    beside.frame(1 * S)

    assert beside.slots[:, 0].tolist() == [0] * 6
    assert not whole_of(beside)._beside.busy


def test_the_exit_look_waits_for_nothing(pair: tuple[FrameSender, FrameSender]) -> None:
    beside, _ = pair
    beside.load(whole(), 1, 0)
    beside.frame(0)
    ready(beside, 5 * S)
    frames = list(beside.end(5 * S))

    assert beside.slots[:, 0].tolist() == [0] * 6
    assert len(frames) > 40


def hold(sender: FrameSender) -> Callable[[], None]:
    """Nothing is made ready until what this gives is called."""
    gate = threading.Event()
    run = whole_of(sender)._beside._run

    def waits(plan: Plan, anchor: int, overs: int, now: int) -> None:
        assert gate.wait(10)
        run(plan, anchor, overs, now)

    whole_of(sender)._beside._run = waits  # type: ignore[method-assign]

    def release() -> None:
        gate.set()
        whole_of(sender)._beside._run = run  # type: ignore[method-assign]

    return release
