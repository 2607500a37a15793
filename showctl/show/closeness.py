"""How near an expression is to being true: for the nearest miss of a line, and the tightest moment of one that held.

A *gap* is how far a number is on the wrong side of what it is compared with, as a share of that (of 1, where that is smaller);
below 0 it is on the right side, by so much. ``and`` has the gap of its worst part, ``or`` of its best. What compares text, or is
plainly true or false, is as far away as can be. With a ``tolerance`` numbers may miss by so much.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from showctl.show.expressions import ExpressionError, Lookup, Scalar, ValueType, parse

Gap: TypeAlias = Callable[[Lookup], float]
FAR: Final = 1e6
"""The gap of what has no number in it."""
_FLIPPED: Final[Mapping[type[ast.cmpop], int]] = {ast.Lt: 1, ast.LtE: 1, ast.Gt: -1, ast.GtE: -1}


def gap_of(text: str, types: Mapping[str, ValueType], tolerance: float = 0.0) -> Gap | None:
    """The gap of ``text``, which must be an expression here; None where it compares no numbers.

    >>> gap = gap_of("light >= 20 and cue == 'a'", {"light": ValueType.NUMBER, "cue": ValueType.TEXT})
    >>> [round(gap({"light": lux, "cue": "a"}.__getitem__), 2) for lux in (15.0, 19.0, 30.0)]
    [0.25, 0.05, -0.5]
    """
    found = _gap(ast.parse(text.strip(), mode="eval").body, types, tolerance)
    return found[0] if found[1] else None


def _gap(node: ast.expr, types: Mapping[str, ValueType], tolerance: float) -> tuple[Gap, bool]:
    """The gap, and whether a number has any part in it."""
    match node:
        case ast.BoolOp(op=op, values=values):
            parts = [_gap(value, types, tolerance) for value in values]
            # What has no number in it is looked at first: where it decides, nobody has to look at the others.
            gaps = [gap for gap, counts in parts if not counts] + [gap for gap, counts in parts if counts]
            return _of_all(gaps, isinstance(op, ast.And)), any(counts for _, counts in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner, counts = _gap(operand, types, tolerance)
            return (lambda look: -inner(look)), counts
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            sides = [left, *comparators]
            if all(_is_number(side, types) for side in sides):
                gaps = [_between(op, *pair, types, tolerance) for op, pair in zip(ops, pairwise(sides), strict=True)]
                return (lambda look: max(gap(look) for gap in gaps)), True
        case _:
            pass
    whole = parse(ast.unparse(node), types, ValueType.TRUTH)
    return (lambda look: -FAR if whole.holds(look) else FAR), False


def _of_all(gaps: Sequence[Gap], worst: bool) -> Gap:
    """The gap of the worst of them, or of the best."""
    choose, decides = (max, FAR) if worst else (min, -FAR)

    def gap(look: Lookup) -> float:
        found = []
        for one in gaps:
            found.append(one(look))
            if found[-1] == decides:
                break
        return choose(found)

    return gap


def _is_number(node: ast.expr, types: Mapping[str, ValueType]) -> bool:
    try:
        return parse(ast.unparse(node), types).type is ValueType.NUMBER
    except ExpressionError:
        return False


def _between(op: ast.cmpop, left: ast.expr, right: ast.expr, types: Mapping[str, ValueType], tolerance: float) -> Gap:
    one, other = (parse(ast.unparse(side), types, ValueType.NUMBER) for side in (left, right))

    def gap(look: Lookup) -> float:
        a, b = _number(one.value(look)), _number(other.value(look))
        scale = max(abs(b), 1.0)
        if type(op) in _FLIPPED:
            return ((a - b) * _FLIPPED[type(op)] - tolerance) / scale
        apart = (abs(a - b) - tolerance) / scale
        return apart if isinstance(op, ast.Eq) else -apart

    return gap


def _number(value: Scalar) -> float:
    return float(value)
