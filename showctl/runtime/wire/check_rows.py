"""Whether rows, clocks and masters mean something in this show: asked before they can reach the renderer.

The engine and the wire are two processes that may be of two versions after an update. A row that the patch does not know
would otherwise be found in the middle of a frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from showctl.light.curves import CURVES
from showctl.light.plan import MasterKind, Plan, PlanChange, RowKind
from showctl.runtime.wire.errors import BadChangeError
from showctl.show.show import Show


def check_plan(plan: Plan, show: Show) -> None:
    """Refuses a plan that this show cannot mean."""
    _check(plan.rows, plan.clocks, plan.masters, show)


def check_change(change: PlanChange, show: Show) -> None:
    """Refuses a change that this show cannot mean."""
    _check(change.rows_in, change.clocks, change.masters, show)


def _check(rows: NDArray[np.void], clocks: NDArray[np.void], masters: NDArray[np.void], show: Show) -> None:
    if len(rows):
        _within("parameter", rows["parameter"], len(show.patch.parameters))
        _within("kind of row", rows["kind"], len(RowKind))
        _within("parameter to follow", rows["target"][rows["kind"] == RowKind.FOLLOW], len(show.patch.parameters))
        _within("curve", rows["curve"], len(CURVES))
        _ascending("row", rows["id"])
    if len(clocks):
        _ascending("clock", clocks["id"])
        if (clocks["den"] <= 0).any() or (clocks["num"] < 0).any():
            raise BadChangeError("a clock runs backwards, or by no rate at all")
    if len(masters):
        _ascending("master", masters["id"])
        _within("kind of master", masters["kind"], len(MasterKind))
        _within("master", masters["id"], len(show.submasters) + 2)


def _within(what: str, values: NDArray[np.integer], count: int) -> None:
    wrong = values[(values < 0) | (values >= count)]
    if len(wrong):
        raise BadChangeError(f"{what} {wrong[0]} is not one of the {count} here")


def _ascending(what: str, ids: NDArray[np.integer]) -> None:
    if (np.diff(ids) <= 0).any():
        raise BadChangeError(f"{what}s are not in the order of their ids")
