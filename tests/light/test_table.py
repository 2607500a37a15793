"""A table of rows is what a plain list of rows would be, whatever came and went, and from whichever table it went on."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.light.plan import NO_IDS, NO_ROWS, ROW
from showctl.light.table import BESIDE, Rows, Table


def rows_of(ids: list[int], chance: random.Random) -> Rows:
    rows = np.zeros(len(ids), ROW)
    rows["id"] = ids
    for column, most in (("parameter", 50), ("list", 4), ("kind", 6), ("target", 65536)):
        rows[column] = [chance.randrange(most) for _ in ids]
    return rows


def plainly(rows: Rows, out: list[int], new: Rows) -> Rows:
    both = np.concatenate((rows[~np.isin(rows["id"], out)], new))
    return both[np.argsort(both["id"], kind="stable")]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1 << 32), st.integers(0, 400), st.integers(1, 40))
def test_what_came_and_went_leaves_what_a_plain_list_would_hold(seed: int, first: int, changes: int) -> None:
    chance = random.Random(seed)
    rows = rows_of(list(range(1, first + 1)), chance)
    known: list[tuple[Table, Rows, int]] = [(Table(rows), rows, first + 1)]
    for _ in range(changes):
        table, plain, fresh = known[chance.randrange(len(known)) if chance.random() < 0.2 else -1]
        ids = plain["id"].tolist()
        out = [*chance.sample(ids, min(len(ids), chance.choice((0, 1, 5, 200)))), 10**6]
        if chance.random() < 0.3:  # the same rows, otherwise: they come under their own ids
            new, count = sorted(out[:-1]), 0
        else:
            count = chance.choice((0, 1, 7, BESIDE, 3 * BESIDE))
            new = list(range(fresh, fresh + count))
        rows_in = rows_of(new, chance)
        table = table.changed(np.array(sorted(out), np.int64), rows_in)
        plain = plainly(plain, out, rows_in)
        known.append((table, plain, fresh + count))
        which = table.parameter < 25
        assert table.pick(which).tobytes() == plain[plain["parameter"] < 25].tobytes()
        for column in ("id", "parameter", "list", "kind"):
            assert getattr(table, column).tolist() == plain[column].tolist()
    for table, plain, _ in known:
        assert table.rows.tobytes() == plain.tobytes()
        assert len(table) == len(plain)


def test_a_change_leaves_the_table_that_it_was_made_from_as_it_was() -> None:
    rows = rows_of([1, 2, 3], random.Random(1))
    table = Table(rows)
    after = table.changed(np.array([2], np.int64), rows_of([4], random.Random(2)))
    assert table.rows.tobytes() == rows.tobytes()
    assert after.id.tolist() == [1, 3, 4]


def test_a_table_without_rows_takes_some_and_gives_them_back() -> None:
    table = Table(NO_ROWS).changed(NO_IDS, rows_of([7, 9], random.Random(3)))
    assert table.id.tolist() == [7, 9]
    assert len(table.changed(np.array([7, 9], np.int64), NO_ROWS)) == 0
