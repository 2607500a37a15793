"""A small change is drawn over the room that shows: neither the GO nor the frame that is due in a moment waits for all of it."""

import numpy as np
import pytest

from showctl.light.plan import Plan, PlanChange
from showctl.light.render import Prepared, Rendering
from showctl.light.stack import ALWAYS
from showctl.runtime.wire import drawn_whole
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.instants import Instant
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.stage import CID, MS, S, change, row, show

UNIVERSES = tuple(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1) for n in range(6))
FRAME = 25 * MS


def senders() -> tuple[FrameSender, FrameSender]:
    """One as it is live, and one that makes everything ready at once. All six universes fade, the last two have arrived."""
    stage = show(*UNIVERSES)
    both = FrameSender(stage, CID, "Stage", patient=True), FrameSender(stage, CID, "Stage")
    for one in both:
        rows = [row(n + 1, n, 65535, over=100 * S) for n in range(4)] + [row(5, 4, 0), row(6, 5, 0)]
        one.load(Plan(np.concatenate(rows)), 1, 0)
        one.frame(0)
        one.work(1 * MS)
    return both


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows there were whenever a whole room was made ready."""
    made: list[int] = []

    def prepare(rendering: Rendering, plan: Plan, since: Instant = ALWAYS) -> Prepared:
        prepared = Prepared(rendering, plan, since)
        made.append(len(prepared.plan.table))
        return prepared

    monkeypatch.setattr(drawn_whole, "prepare", prepare)
    return made


def test_a_go_just_before_a_frame_leaves_the_rest_of_the_room_until_that_was_sent(rooms: list[int]) -> None:
    live, plain = senders()
    go = change(24 * MS, row(7, 4, 65535, start=24 * MS, over=1 * S))
    for one in (live, plain):
        one.accept(2, 24 * MS, go)
        rooms.clear()
        one.extra(24 * MS)
        one.frame(FRAME)
        assert rooms == ([] if one is live else [7]), "whoever has no frame to miss makes all of it ready"
    assert live.slots.tobytes() == plain.slots.tobytes()
    assert live.applied == 2

    live.work(FRAME + 1 * MS)
    assert rooms == [7, 7]
    live.frame(2 * FRAME)
    plain.frame(2 * FRAME)
    assert live.slots.tobytes() == plain.slots.tobytes()
    assert live.slots[4, 0] > 0


def test_a_panic_leaves_from_what_the_go_before_it_has_shown() -> None:
    live, plain = senders()
    for one in (live, plain):
        one.accept(2, 24 * MS, change(24 * MS, row(7, 4, 65535)))
        one.extra(24 * MS)
        one.panic(24 * MS)
        one.frame(FRAME)
    assert live.slots.tobytes() == plain.slots.tobytes()
    assert live.slots[4, 0] > 200


@pytest.mark.parametrize("seed", range(40))
def test_whatever_comes_between_and_whenever_there_is_time_the_light_is_the_same(seed: int) -> None:
    random = np.random.default_rng(seed)
    live, plain = senders()
    serial, ids, now = 2, 7, 0
    for number in range(1, 40):
        at = number * FRAME
        for _ in range(random.integers(0, 3)):
            now = max(now, at - int(random.integers(1, 24)) * MS)
            rows = [
                row(ids, int(random.integers(6)), int(random.integers(65536)), start=now, over=int(random.integers(3)) * 40 * MS)
            ]
            out = np.array([ids - 1] if random.random() < 0.3 else [], np.int64)
            due = now + int(random.integers(0, 2)) * 30 * MS
            said = PlanChange(due, out, np.concatenate(rows))
            for one in (live, plain):
                one.announce(serial, due, said, now)
                if random.random() < 0.9:
                    one.accept(serial, due, said)
                    one.extra(now, small=bool(random.integers(2)))
                else:
                    one.cut(serial)
                    one.accept(serial, due, said)
            serial, ids = serial + 1, ids + 1
        if random.random() < 0.1:
            over = bool(random.integers(2))
            live.panic(now, over)
            plain.panic(now, over)
        live.frame(at)
        plain.frame(at)
        assert live.slots.tobytes() == plain.slots.tobytes(), number
        if random.random() < 0.6:
            live.work(at + 1 * MS)
        now = at
