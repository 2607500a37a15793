"""Writes showctl/light/curve_tables.py: every fade curve at 1,025 points, by decimal arithmetic, so that no machine's floats
have a say in what a fade looks like. Run it with no argument to write the file, with ``-`` to print it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, getcontext
from pathlib import Path

getcontext().prec = 50
TARGET = Path(__file__).parents[1] / "showctl" / "light" / "curve_tables.py"
POINTS = 1024
ONE = 32768
FLOOR_DB = Decimal(-60)
PI = Decimal("3.14159265358979323846264338327950288419716939937511")

HEADER = '''"""The fade curves at 1,025 points, 0..32768. Made by tools/make_curve_tables.py; change that, never this."""

from typing import Final

TABLES: Final[dict[str, str]] = {
'''


def sine(angle: Decimal) -> Decimal:
    """The sine of 0..pi/2 by its series."""
    term = total = angle
    n = 1
    while abs(term) > Decimal(10) ** -45:
        term *= -angle * angle / ((n + 1) * (n + 2))
        n += 2
        total += term
    return total


def from_db(db: Decimal) -> Decimal:
    return Decimal(10) ** (db / 20)


CURVES: dict[str, Callable[[Decimal], Decimal]] = {
    "linear": lambda t: t,
    "s": lambda t: t * t * (3 - 2 * t),
    "in": lambda t: t * t,
    "out": lambda t: t * (2 - t),
    "in-out": lambda t: 2 * t * t if 2 * t < 1 else 1 - 2 * (1 - t) * (1 - t),
    "equal-power": lambda t: sine(t * PI / 2),
    "equal-gain": lambda t: t,
    "db-linear": lambda t: (from_db(FLOOR_DB * (1 - t)) - from_db(FLOOR_DB)) / (1 - from_db(FLOOR_DB)),
}


def points(curve: Callable[[Decimal], Decimal]) -> list[int]:
    """The curve from 0 to 1, both ends included, in 32768ths."""
    return [int((curve(Decimal(n) / POINTS) * ONE).quantize(Decimal(1), ROUND_HALF_UP)) for n in range(POINTS + 1)]


def rows(numbers: list[int]) -> str:
    """Twenty to a line."""
    return "\n".join(" ".join(map(str, numbers[n : n + 20])) for n in range(0, len(numbers), 20))


def text() -> str:
    """The whole file."""
    body = "".join(f'    "{name}": """\n{rows(points(curve))}\n""",\n' for name, curve in CURVES.items())
    return HEADER + body + "}\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["-"]:
        sys.stdout.write(text())
    else:
        TARGET.write_text(text(), encoding="utf-8")
