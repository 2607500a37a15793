"""A change of a few rows is worked out row by row, and shows what the whole room would show; or it is left to the long way."""

import numpy as np
import pytest
from numpy.typing import NDArray

from showctl.light.clocks import Clock, table
from showctl.light.masters import master_row
from showctl.light.plan import MasterKind, Plan, PlanChange, RowKind, Rows, apply
from showctl.light.shards import finished
from showctl.runtime.wire.check_rows import FEW
from showctl.runtime.wire.drawing import Drawing
from showctl.runtime.wire.drawn_blocks import DrawnBlocks
from showctl.runtime.wire.drawn_whole import DrawnWhole
from showctl.runtime.wire.touched import Touched
from tests.light.plans import GREEN, INTENSITY, PATCH, RED, RENDERING, any_rows, plan, row
from tests.runtime.wire.test_drawn_blocks import BLOCKS, ready, whole

FULL = 65535
MOSTLY_PLAIN = (RowKind.SET,) * 12 + (RowKind.PARK, RowKind.EFFECT, RowKind.RELEASE)
CLOCKS = (Clock(1, 3, 0, 1, 2), Clock(2, 0, 7, 0, 1), Clock(3, 0, 0, 1, 1))
LATER = 200
"""By then every fade has arrived."""


def plain_rows(seed: int) -> Rows:
    rows = any_rows(seed, MOSTLY_PLAIN)
    random = np.random.default_rng(seed)
    rows["list"], rows["until"] = random.integers(0, 2, len(rows)), 0
    rows["priority"], rows["htp"] = 100, 0
    return rows


def whole_room(of: Plan) -> DrawnWhole:
    drawn = DrawnWhole(RENDERING, patient=True)
    drawn.show(of, 0)
    return drawn


def in_blocks(of: Plan) -> DrawnBlocks:
    drawn = DrawnBlocks(BLOCKS, patient=True)
    drawn.show(of, 0)
    ready(drawn, 0)
    return drawn


def shown(drawn: Drawing, now: int = LATER) -> NDArray[np.uint8]:
    slots = np.zeros((len(PATCH.universes), 512), np.uint8)
    drawn.render(slots, now - 1)
    drawn.render(slots, now)
    return slots


def worked_out(drawn: DrawnBlocks | DrawnWhole, before: Plan, made: PlanChange) -> Touched | None:
    if isinstance(drawn, DrawnBlocks):
        return drawn._few(before, made, LATER)
    assert drawn._prepared is not None
    return drawn._few(drawn._prepared, before, made, LATER)


@pytest.mark.parametrize("blocks", [False, True])
def test_whatever_few_rows_do_it_is_what_the_whole_room_would_show(blocks: bool) -> None:
    quickly = 0
    for seed in range(150):
        random = np.random.default_rng(seed)
        masters = master_row(0, MasterKind.GRAND, 40000, 40000, 0, 0, 0) if seed % 3 == 0 else plan().masters
        before = Plan(plain_rows(seed), table(CLOCKS), masters)
        if blocks:
            before = finished(BLOCKS.sharded(before))
        drawn: DrawnBlocks | DrawnWhole = in_blocks(before) if blocks else whole_room(before)
        slots = shown(drawn)
        coming = plain_rows(seed + 5000)[: random.integers(1, 5)]
        coming["id"] += 20
        coming["start"] += random.integers(0, LATER)  # some are on their way, some have not begun
        gone = random.choice(before.rows["id"], min(len(before.rows), int(random.integers(0, 4))), replace=False)
        made = PlanChange(0, np.sort(gone), coming)

        found = worked_out(drawn, before, made)
        if found is None:
            continue
        quickly += 1
        which = found.write(slots)
        after = apply(before, made)
        assert slots.tobytes() == whole(after, LATER).tobytes(), seed
        changed = (whole(after, LATER) != whole(before, LATER)).any(axis=1)
        assert not (changed & ~which).any()
        later = np.zeros_like(slots)
        drawn.over(found, slots)
        for piece in found.pieces:
            block = BLOCKS.all[piece.block] if blocks else None
            piece.part.write(LATER + 7, later[block.first : block.behind] if block is not None else later)
        assert later[which].tobytes() == whole(after, LATER + 7)[which].tobytes()
    assert quickly > 30


def settled(*rows: Rows, **more: object) -> DrawnWhole:
    drawn = whole_room(plan(*rows, **more))  # type: ignore[arg-type]
    shown(drawn)
    return drawn


def quickly(drawn: DrawnWhole, *rows: Rows, out: tuple[int, ...] = (), **more: object) -> bool:
    made = PlanChange(0, np.array(out, np.int64), np.concatenate(rows), **more)  # type: ignore[arg-type]
    return worked_out(drawn, drawn._plan, made) is not None


def test_what_is_not_plain_is_left_to_the_long_way() -> None:
    up = row(id=9, parameter=RED, target=FULL, source=FULL)
    at_rest = settled(row(id=1, parameter=RED, target=FULL, source=FULL))
    assert quickly(at_rest, up)
    assert quickly(at_rest, up, out=(1,))
    assert not quickly(at_rest, up, clocks=table((Clock(1, 0, 0, 1, 1),)))
    assert not quickly(at_rest, row(id=9, parameter=RED, kind=RowKind.EFFECT))
    assert not quickly(at_rest, *(row(id=9 + n, parameter=RED) for n in range(FEW + 1)))
    parked = settled(row(id=1, parameter=GREEN, kind=RowKind.PARK, target=FULL))
    assert quickly(parked, up)
    assert not quickly(parked, up, out=(1,))
    swaying = settled(row(id=1, parameter=GREEN, kind=RowKind.EFFECT, size=9000, period=1000))
    assert not quickly(swaying, up)
    higher = settled(row(id=1, parameter=RED, list=2, priority=120, target=FULL))
    assert not quickly(higher, up)


def test_a_room_whose_plan_is_not_ready_yet_is_left_to_the_long_way() -> None:
    drawn = settled(row(id=1, parameter=RED, target=FULL, source=FULL))
    other = plan(row(id=1, parameter=INTENSITY))
    assert worked_out(drawn, other, PlanChange(0, rows_in=row(id=9, parameter=RED))) is None
