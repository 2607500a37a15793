"""Whether rows, clocks and masters mean something in this show: asked before they can reach the renderer.

The engine and the wire are two processes that may be of two versions after an update. A row that the patch does not know
would otherwise be found in the middle of a frame.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.curves import CURVES
from showctl.light.plan import NO_ROWS, ROW, MasterKind, Plan, PlanChange, RowKind
from showctl.light.shards import PIECE, Steps, finished
from showctl.runtime.wire.errors import BadChangeError
from showctl.show.show import Show


def check_plan(plan: Plan, show: Show) -> None:
    """Refuses a plan that this show cannot mean."""
    checked(checking_plan(plan, show))


def checking_plan(plan: Plan, show: Show) -> Steps[None]:
    """The same in short steps."""
    yield from _checking(plan.rows, plan.clocks, plan.masters, show)


def checking_change(change: PlanChange, show: Show) -> Steps[None]:
    """Refuses a change that this show cannot mean, in short steps."""
    if len(change.rows_in) <= min(FEW, PIECE):  # of a GO's few rows Python looks at each sooner than numpy begins
        check_few(change, show)
        yield from _checking(NO_ROWS, change.clocks, change.masters, show)
    else:
        yield from _checking(change.rows_in, change.clocks, change.masters, show)


checked = finished
FEW: Final = 16
"""Rows in, and rows out, of a change that is small."""


def _checking(rows: NDArray[np.void], clocks: NDArray[np.void], masters: NDArray[np.void], show: Show) -> Steps[None]:
    last = -1
    for first in range(0, len(rows), PIECE):
        piece = rows[first : first + PIECE]
        _within("parameter", piece["parameter"], len(show.patch.parameters))
        _within("kind of row", piece["kind"], len(RowKind))
        _within("parameter to follow", piece["target"][piece["kind"] == RowKind.FOLLOW], len(show.patch.parameters))
        _within("curve", piece["curve"], len(CURVES))
        _ascending("row", piece["id"])
        if first and piece["id"][0] <= last:
            raise BadChangeError("rows are not in the order of their ids")
        last = int(piece["id"][-1])
        if len(rows) > PIECE:
            yield
    if len(clocks):
        _ascending("clock", clocks["id"])
        if (clocks["den"] <= 0).any() or (clocks["num"] < 0).any():
            raise BadChangeError("a clock runs backwards, or by no rate at all")
    if len(masters):
        _ascending("master", masters["id"])
        _within("kind of master", masters["kind"], len(MasterKind))
        _within("master", masters["id"], len(show.submasters) + 2)


_FOLLOW = int(RowKind.FOLLOW)
assert max(RowKind) == _FOLLOW, "the only kind whose target is a parameter comes last"
_PARAMETER, _KIND, _TARGET, _CURVE = ((ROW.names or ()).index(name) for name in ("parameter", "kind", "target", "curve"))


def is_few(change: PlanChange) -> bool:
    """Whether ``change`` is a few rows, and nothing else."""
    rows = len(change.rows_in) <= FEW and len(change.rows_out) <= FEW
    return rows and not (len(change.clocks) or change.clocks_out or len(change.masters))


def check_few(change: PlanChange, show: Show) -> None:
    """Refuses rows that this show cannot mean, one by one."""
    last, parameters = -(1 << 63), len(show.patch.parameters)
    for row in change.listed:
        if not (0 <= row[_PARAMETER] < parameters and row[_KIND] < _FOLLOW and row[_CURVE] < len(CURVES)):
            _is_one("parameter", row[_PARAMETER], parameters)
            _is_one("kind of row", row[_KIND], len(RowKind))
            _is_one("curve", row[_CURVE], len(CURVES))
            _is_one("parameter to follow", row[_TARGET], parameters)
        if row[0] <= last:
            raise BadChangeError("rows are not in the order of their ids")
        last = row[0]


def _is_one(what: str, value: int, count: int) -> None:
    if not 0 <= value < count:
        raise BadChangeError(f"{what} {value} is not one of the {count} here")


def _within(what: str, values: NDArray[np.integer], count: int) -> None:
    if len(values) and (values.min() < 0 or values.max() >= count):
        _is_one(what, int(values[(values < 0) | (values >= count)][0]), count)


def _ascending(what: str, ids: NDArray[np.integer]) -> None:
    if (np.diff(ids) <= 0).any():
        raise BadChangeError(f"{what}s are not in the order of their ids")
