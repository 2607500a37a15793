"""The one expression language: ``when``, branches, ``expect`` and ``never`` all read it (design: one language everywhere).

Python's ``ast`` is the parser, and that is all of Python there is: and/or/not, comparison, arithmetic, names, numbers, text
(``"word" in text``), true and false. No calls, no loops, no attributes but dotted names, no powers. Names and types are
resolved at load, so an expression that loaded can neither fail nor stall: division by zero is 0, and size and depth are
capped.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

Scalar: TypeAlias = bool | float | str
Lookup: TypeAlias = Callable[[str], Scalar]
_Closure: TypeAlias = Callable[[Lookup], Scalar]

MAX_LENGTH: Final = 500
MAX_DEPTH: Final = 32


class ValueType(Enum):
    """Types of expressions, arguments, inputs, reported fields and variables."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"


class ExpressionError(Exception):
    """The text does not mean anything here. ``column`` counts from 0 inside the text; ``hint`` says the way out."""

    def __init__(self, message: str, column: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.column, self.hint = message, column, hint


@dataclass(frozen=True)
class Expression:
    """A resolved expression. Equal when the text is."""

    text: str
    type: ValueType
    names: tuple[str, ...]
    run: _Closure = field(compare=False, repr=False)

    def value(self, lookup: Lookup) -> Scalar:
        """What it is worth now; ``lookup`` answers for every name in ``names``."""
        return self.run(lookup)

    def holds(self, lookup: Lookup) -> bool:
        """Whether it is true now."""
        return bool(self.run(lookup))


_NUMBER, _TEXT, _TRUTH = ValueType.NUMBER, ValueType.TEXT, ValueType.TRUTH
_WORDS: Final = {"true": True, "false": False, "True": True, "False": False}


def parse(text: str, types: Mapping[str, ValueType], expected: ValueType | None = None) -> Expression:
    """Resolves ``text`` against the names in ``types``.

    >>> parse('gate.state == "closed" and guests > 3', {"gate.state": _TEXT, "guests": _NUMBER}).names
    ('gate.state', 'guests')
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression has at most {MAX_LENGTH} characters, this one {len(text)}")
    source = text.strip()
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"this is not an expression: {error.msg}", max((error.offset or 1) - 1, 0)) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("this is not an expression") from None
    names: dict[str, None] = {}
    kind, run = _compile(tree, types, names, 0)
    if expected is not None and kind is not expected:
        raise ExpressionError(f"a {expected.value} is needed here, and this is a {kind.value}")
    return Expression(source, kind, tuple(names), run)


def _compile(node: ast.expr, types: Mapping[str, ValueType], names: dict[str, None], depth: int) -> tuple[ValueType, _Closure]:
    if depth > MAX_DEPTH:
        raise ExpressionError("this expression is nested too deeply", node.col_offset)
    match node:
        case ast.Constant(value=bool() as word):
            return _TRUTH, lambda _: word
        case ast.Constant(value=int() | float() as number):
            if not abs(number) < 1e15:
                raise ExpressionError("this number is too large", node.col_offset)
            worth = float(number)
            return _NUMBER, lambda _: worth
        case ast.Constant(value=str() as string):
            return _TEXT, lambda _: string
        case ast.Name() | ast.Attribute():
            return _name(node, types, names)
        case ast.BoolOp(op=op, values=values):
            parts = [_expect(value, _TRUTH, types, names, depth) for value in values]
            if isinstance(op, ast.And):
                return _TRUTH, lambda look: all(part(look) for part in parts)
            return _TRUTH, lambda look: any(part(look) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _expect(operand, _TRUTH, types, names, depth)
            return _TRUTH, lambda look: not inner(look)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            number_of = _expect(operand, _NUMBER, types, names, depth)
            return _NUMBER, lambda look: -float(number_of(look))
        case ast.BinOp(left=left, op=operator, right=right):
            return _arithmetic(node, left, operator, right, types, names, depth)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            return _TRUTH, _comparison(left, ops, comparators, types, names, depth)
        case _:
            raise ExpressionError(
                "expressions have and, or, not, comparisons, + - * / %, names, numbers and text, and nothing else",
                node.col_offset,
            )


def _expect(node: ast.expr, wanted: ValueType, types: Mapping[str, ValueType], names: dict[str, None], depth: int) -> _Closure:
    kind, run = _compile(node, types, names, depth + 1)
    if kind is not wanted:
        raise ExpressionError(f"a {wanted.value} is needed here, and this is a {kind.value}", node.col_offset)
    return run


def dotted(node: ast.expr) -> str | None:
    """``a.b.c`` as written, or None if ``node`` is no dotted name."""
    match node:
        case ast.Name(id=word):
            return word
        case ast.Attribute(value=value, attr=word):
            head = dotted(value)
            return None if head is None else f"{head}.{word}"
        case _:
            return None


def _name(node: ast.expr, types: Mapping[str, ValueType], names: dict[str, None]) -> tuple[ValueType, _Closure]:
    name = dotted(node)
    if name in _WORDS:
        word = _WORDS[name]
        return _TRUTH, lambda _: word
    if name is None or name not in types:
        from difflib import get_close_matches

        near = get_close_matches(name or "", list(types), n=1)
        hint = f"did you mean {near[0]}?" if near else 'text goes in quotes: "closed"'
        raise ExpressionError(f"nothing here is called {name or 'that'}", node.col_offset, hint)
    names[name] = None
    found = name
    return types[name], lambda look: look(found)


def _arithmetic(
    node: ast.BinOp,
    left: ast.expr,
    operator: ast.operator,
    right: ast.expr,
    types: Mapping[str, ValueType],
    names: dict[str, None],
    depth: int,
) -> tuple[ValueType, _Closure]:
    a, b = (_expect(side, _NUMBER, types, names, depth) for side in (left, right))
    match operator:
        case ast.Add():
            return _NUMBER, lambda look: _bounded(float(a(look)) + float(b(look)))
        case ast.Sub():
            return _NUMBER, lambda look: _bounded(float(a(look)) - float(b(look)))
        case ast.Mult():
            return _NUMBER, lambda look: _bounded(float(a(look)) * float(b(look)))
        case ast.Div():
            return _NUMBER, lambda look: _quotient(float(a(look)), float(b(look)))
        case ast.Mod():
            return _NUMBER, lambda look: _remainder(float(a(look)), float(b(look)))
        case _:
            raise ExpressionError("arithmetic here is + - * / and %", node.col_offset)


def _bounded(value: float) -> float:
    return value if abs(value) < 1e300 else 0.0


def _quotient(a: float, b: float) -> float:
    return _bounded(a / b) if b else 0.0


def _remainder(a: float, b: float) -> float:
    return a % b if b else 0.0


def _comparison(
    left: ast.expr,
    ops: list[ast.cmpop],
    comparators: list[ast.expr],
    types: Mapping[str, ValueType],
    names: dict[str, None],
    depth: int,
) -> _Closure:
    tests: list[Callable[[Lookup], bool]] = []
    kind, before = _compile(left, types, names, depth + 1)
    for op, comparator in zip(ops, comparators, strict=True):
        other, after = _compile(comparator, types, names, depth + 1)
        if other is not kind:
            raise ExpressionError(f"a {kind.value} is compared with a {other.value}", comparator.col_offset)
        tests.append(_test(op, kind, before, after, comparator))
        before = after
    return lambda look: all(test(look) for test in tests)


def _test(op: ast.cmpop, kind: ValueType, a: _Closure, b: _Closure, at: ast.expr) -> Callable[[Lookup], bool]:
    match op:
        case ast.Eq():
            return lambda look: a(look) == b(look)
        case ast.NotEq():
            return lambda look: a(look) != b(look)
        case ast.In() if kind is _TEXT:
            return lambda look: str(a(look)) in str(b(look))
        case ast.NotIn() if kind is _TEXT:
            return lambda look: str(a(look)) not in str(b(look))
        case ast.In() | ast.NotIn():
            raise ExpressionError(f"only text can be in text, and this is a {kind.value}", at.col_offset)
        case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() if kind is not _NUMBER:
            raise ExpressionError(f"only numbers have an order, and this is a {kind.value}", at.col_offset)
        case ast.Lt():
            return lambda look: float(a(look)) < float(b(look))
        case ast.LtE():
            return lambda look: float(a(look)) <= float(b(look))
        case ast.Gt():
            return lambda look: float(a(look)) > float(b(look))
        case ast.GtE():
            return lambda look: float(a(look)) >= float(b(look))
        case _:
            raise ExpressionError("comparisons here are == != < <= > >= and, for text, in", at.col_offset)
