"""A room in blocks shows what a whole one shows: at once where nobody has patience, and else as soon as it is made ready."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from showctl.light.blocks import Blocks
from showctl.light.clocks import Clock, table
from showctl.light.masters import master_row
from showctl.light.plan import MasterKind, Plan, PlanChange, RowKind, apply
from showctl.light.render import levels, output, prepare
from showctl.light.shards import PIECE, Shards, finished
from showctl.runtime.wire.drawn_blocks import DrawnBlocks
from showctl.runtime.wire.drawn_room import DrawnRoom
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.patch import Protocol, Universe
from tests.light.plans import (
    INTENSITY,
    PATCH,
    RENDERING,
    SUBMASTERS,
    any_clocks,
    any_masters,
    any_plan,
    any_rows,
    plan,
    row,
    steady,
)
from tests.runtime.wire.stage import CID, MS, S, change, show
from tests.runtime.wire.stage import row as dimmer

FULL = 65535
PLAIN = tuple(kind for kind in RowKind if kind is not RowKind.FOLLOW)
BLOCKS = Blocks(RENDERING, most=1)


def whole(of: Plan, now: int) -> NDArray[np.uint8]:
    out = np.zeros((len(PATCH.universes), 512), np.uint8)
    output(prepare(RENDERING, Plan(of.rows, of.clocks, of.masters)), now, out)
    return out


def drawn(patient: bool, of: Plan) -> DrawnBlocks:
    blocks = DrawnBlocks(BLOCKS, patient=patient)
    blocks.show(finished(blocks.take(of)), 0)
    return blocks


def ready(blocks: DrawnBlocks, now: int) -> None:
    while blocks.work(now):
        pass


@st.composite
def any_change(draw: st.DrawFn) -> tuple[PlanChange, int]:
    rows = any_rows(draw(st.integers(0, 2**32 - 1)), PLAIN)
    rows["id"] += draw(st.integers(0, 30))
    out = np.array(sorted(draw(st.sets(st.integers(1, 40), max_size=8))), np.int64)
    rows = rows[~np.isin(rows["id"], out)]
    gone = np.concatenate((out, rows["id"]))
    clocks, masters = table(()), plan().masters
    if draw(st.booleans()):
        clocks = table(draw(any_clocks()))
    if draw(st.booleans()):
        masters = draw(any_masters())
    return PlanChange(0, np.sort(gone), rows, clocks, (), masters), draw(st.integers(0, 12))


@steady
@given(any_plan(PLAIN), st.lists(any_change(), max_size=4), st.lists(st.integers(0, 90), min_size=1, max_size=5))
def test_whatever_changes_it_ends_as_a_whole_room_would(
    first: Plan, changes: list[tuple[PlanChange, int]], at: list[int]
) -> None:
    at_once, patient = drawn(False, first), drawn(True, first)
    slots = np.zeros((2, len(PATCH.universes), 512), np.uint8)
    now, known = 0, finished(patient.take(first))
    ready(patient, now)
    for (made, pieces), later in zip([*changes, (None, 0)], [*at, *at, *at, *at, *at], strict=False):
        for blocks, out in ((at_once, slots[0]), (patient, slots[1])):
            blocks.render(out, now)
        assert slots[0].tobytes() == whole(known, now).tobytes()
        assert (
            at_once.levels(now).tolist()
            == levels(prepare(RENDERING, Plan(known.rows, known.clocks, known.masters)), now).tolist()
        )
        if made is None:
            break
        now += later
        small = patient.touched(known, (made,), now)
        shows = None if small is None else patient.over(small, slots[1])
        known = apply(known, made)
        for blocks in (at_once, patient):
            blocks.show(known, 0)
        if shows is not None:
            assert slots[1][shows].tobytes() == whole(known, now)[shows].tobytes()
        for _ in range(pieces):
            patient.work(now)
    ready(patient, now)
    patient.render(slots[1], now)
    assert slots[1].tobytes() == whole(known, now).tobytes()
    assert patient.levels(now).tolist() == at_once.levels(now).tolist()


def test_all_that_a_change_concerns_show_it_in_one_frame() -> None:
    blocks = drawn(True, plan(row(id=1, parameter=INTENSITY, target=FULL), row(id=2, parameter=8, target=FULL)))
    ready(blocks, 0)
    after = np.zeros((2, 512), np.uint8)
    blocks.render(after, 0)
    before = after.copy()
    dark = apply(blocks._plan, PlanChange(0, np.array([1, 2]), np.concatenate((row(id=3), row(id=4, parameter=8)))))
    blocks.show(dark, 0)
    seen = [before.tobytes()]
    while blocks.work(1):
        blocks.render(after, 1)
        seen.append(after.tobytes())
    blocks.render(after, 1)
    assert set(seen) <= {whole(blocks._plan, 1).tobytes(), before.tobytes()}
    assert after.tobytes() == whole(dark, 1).tobytes()


def test_a_master_needs_no_block_made_ready() -> None:
    blocks = drawn(True, plan(row(parameter=4, source=FULL, target=FULL)))
    ready(blocks, 0)
    slots = np.zeros((2, 512), np.uint8)
    half = apply(blocks._plan, PlanChange(0, masters=master_row(0, MasterKind.GRAND, 0, 0, 0, 0, 0)))
    blocks.show(half, 0)
    blocks.render(slots, 1)
    assert slots.tobytes() == whole(half, 1).tobytes()


def test_a_clock_that_stops_concerns_only_the_blocks_that_count_on_it() -> None:
    fading = plan(
        row(id=1, parameter=INTENSITY, target=FULL, duration=100, clock=1), row(id=2, parameter=9), clocks=(Clock(1, 0, 0, 1, 1),)
    )
    blocks = drawn(True, fading)
    ready(blocks, 0)
    kept = blocks._drawn[1]
    stopped = apply(blocks._plan, PlanChange(50, clocks=table((Clock(1, 50, 50, 0, 1),))))
    blocks.show(stopped, 0)
    ready(blocks, 50)
    slots = np.zeros((2, 512), np.uint8)
    blocks.render(slots, 90)
    assert slots.tobytes() == whole(stopped, 90).tobytes()
    assert blocks._drawn[1] is kept


def test_the_next_break_is_worked_out_before_it_comes() -> None:
    blocks = drawn(True, plan(row(parameter=INTENSITY, target=FULL, duration=10 * MS)))
    ready(blocks, 0)
    prepared = blocks._drawn[0]
    assert prepared is not None
    coming = prepared._coming[0]
    assert coming is not None
    assert coming.since == 10 * MS
    assert prepared.segment(10 * MS) is coming


def test_a_spare_makes_a_room_whole_again() -> None:
    shards = finished(BLOCKS.sharded(plan(row(id=1, parameter=4, target=FULL))))
    follow = row(id=2, parameter=INTENSITY, kind=RowKind.FOLLOW, target=4)
    after = apply(shards, PlanChange(0, rows_in=follow))
    assert isinstance(shards.table, Shards)
    assert not isinstance(after.table, Shards)
    assert after.rows.tobytes() == np.concatenate((shards.rows, follow)).tobytes()


def test_a_large_room_draws_whole_while_spares_are_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showctl.runtime.wire.drawing.LARGE", 1)
    room = DrawnRoom(PATCH, SUBMASTERS, patient=True)
    slots = np.zeros((2, 512), np.uint8)
    first = finished(room.take(plan(row(id=1, parameter=8, source=FULL, target=FULL))))
    room.show(first, 0)
    while room.work(0):
        pass
    follow = apply(first, PlanChange(0, rows_in=row(id=2, parameter=4, kind=RowKind.FOLLOW, target=8)))
    room.show(follow, 0)
    room.render(slots, 1)
    room.render(slots, 1)
    assert slots.tobytes() == whole(follow, 1).tobytes()
    room.show(first, 0)
    while room.work(2):
        pass
    room.render(slots, 2)
    room.render(slots, 2)
    assert slots.tobytes() == whole(first, 2).tobytes()


def test_rows_by_the_thousand_come_in_by_short_steps() -> None:
    count = 5 * PIECE
    many = np.zeros(count, plan().rows.dtype)
    many["id"], many["priority"] = np.arange(count) + 1, 100
    many["parameter"] = np.arange(count) % len(PATCH.parameters)
    shards = finished(BLOCKS.sharded(Plan(many)))
    assert shards.rows.tobytes() == many.tobytes()
    assert isinstance(shards.table, Shards)
    steps = shards.table.changing(many["id"][::2].copy(), many[:0])
    assert sum(1 for _ in steps) == len(BLOCKS.all)
    after = shards.table.changed(many["id"][::2].copy(), many[:0])
    assert after.rows.tobytes() == many[1::2].tobytes()


def test_a_sender_in_blocks_says_what_one_without_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showctl.runtime.wire.drawing.LARGE", 1)
    monkeypatch.setattr("showctl.light.blocks.PARAMETERS", 2)
    stage = show(*(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1) for n in range(6)))
    pair = FrameSender(stage, CID, "Stage", waiting=True, patient=True), FrameSender(stage, CID, "Stage", waiting=True)
    for light in pair:
        light.load(Plan(np.concatenate([dimmer(n + 1, n, 65535, over=10 * S) for n in range(6)])), 1, 0)
        while light.work(0):
            pass
    for frame in range(200):
        at = frame * 25 * MS
        said = []
        for light in pair:
            if frame == 20:
                light.accept(2, at, change(at, dimmer(7, 3, 0, at, over=S, source=65535)))
            if frame == 60:
                light.panic(at)
            if frame == 120:
                light.panic(at, on=False)
            while light.work(at):
                pass
            said.append(light.frame(at).datagrams())
        assert said[0] == said[1], frame
    ends = [[frame.datagrams() for frame in light.end(200 * 25 * MS)] for light in pair]
    assert ends[0] == ends[1]


def test_a_go_while_a_frame_is_made_goes_out_at_once_and_the_frame_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showctl.runtime.wire.drawing.LARGE", 1)
    monkeypatch.setattr("showctl.light.blocks.PARAMETERS", 1)
    stage = show(*(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1) for n in range(6)))
    light, other = (FrameSender(stage, CID, "Stage", waiting=True, patient=True) for _ in range(2))
    for one in (light, other):
        one.load(Plan(np.concatenate([dimmer(n + 1, n, 65535, over=10 * S) for n in range(5)])), 1, 0)
        for at in range(0, S, 25 * MS):
            ready_for(one, at)
            one.frame(at)
    go, sent = change(S - 5 * MS, dimmer(9, 5, 65535, S - 5 * MS)), []

    def between() -> None:
        if light.accepted == 1:
            light.accept(2, S - 5 * MS, go)
            extra = light.extra(S - 4 * MS, small=True)
            assert extra is not None
            sent.extend(extra.datagrams())

    frame = light.frame(S, between).datagrams()
    other.accept(2, S - 5 * MS, go)
    other.extra(S - 4 * MS)

    assert [(to, data[126]) for to, data in sent] == [(("239.255.0.6", 5568), 255)]
    assert frame == other.frame(S).datagrams()
    assert light.slots.tobytes() == other.slots.tobytes()


def ready_for(light: FrameSender, now: int) -> None:
    while light.work(now):
        pass
