"""One line of a rehearsal on trial: from when until when it is looked at, how near it came, and what is said of it in the end.

Definition (``show.rehearsals``) and trial are two things: a ``Line`` is resolved once, a ``Trial`` is one performance of it,
of which there are several where a cue starts more than once or shows are repeated. What came of all trials of a line is one
``LineVerdict``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from showctl.show.closeness import FAR, Gap
from showctl.show.expressions import Expression, Lookup, Scalar
from showctl.show.instants import Instant, seconds_of, words_for
from showctl.show.places import Place
from showctl.show.rehearsals import Expectation

FOR_EVER: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """What came of one line, over all shows of the rehearsal. ``moment`` and ``nearest_at`` are seconds of show time."""

    file: str
    line: int
    said: str
    held: bool
    moment: float | None
    """When that was clear: of the first show in which it failed, or else of the last in which it held."""
    nearest: str
    """What was seen when it came nearest to being true, or to no longer being so; "" where it has no number in it."""
    nearest_at: float | None
    judged: int
    """In how many trials."""
    failed: int

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Record:
    """What is remembered of a line for its verdict."""

    place: Place
    said: str
    judged: int = 0
    failed: int = 0
    moment: Instant | None = None
    gap: float = FAR
    """The nearest miss of those that failed; where none did, the tightest moment."""
    seen: str = ""
    seen_at: Instant | None = None

    def settle(self, now: Instant, held: bool, near: Nearest) -> None:
        """One trial is over."""
        self.judged += 1
        first = not held and not self.failed
        self.failed += not held
        if first or (held and not self.failed):
            self.moment = now
        if near.seen and (first or (held == (not self.failed) and (self.seen_at is None or self._tighter(near, held)))):
            self.gap, self.seen, self.seen_at = near.gap, near.seen, near.at

    def _tighter(self, near: Nearest, held: bool) -> bool:
        return near.gap > self.gap if held else near.gap < self.gap

    def verdict(self) -> LineVerdict:
        return LineVerdict(
            self.place.file, self.place.line, self.said, not self.failed and self.judged > 0,
            None if self.moment is None else seconds_of(self.moment), self.seen,
            None if self.seen_at is None else seconds_of(self.seen_at), self.judged, self.failed,
        )  # fmt: skip


@dataclass(slots=True)
class Nearest:
    """How near a trial has come: the moment of the smallest gap while it waits to be true, of the largest while it is."""

    waiting: bool
    gap: float = 0.0
    at: Instant = 0
    seen: str = ""

    def note(self, gap: float, now: Instant, seen: str) -> None:
        nearer = gap < self.gap if self.waiting else gap > self.gap
        if abs(gap) < FAR and (not self.seen or nearer):
            self.gap, self.at, self.seen = gap, now, seen


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of ``expect``, resolved. Compared by identity."""

    line: Expectation
    expression: Expression | None
    """None: it is about an order."""
    gap: Gap | None
    meanwhile: Expression | None
    order: tuple[Expression, ...]
    of_light: bool
    record: Record

    def holds(self, look: Lookup) -> bool:
        """Whether it is true now, within its tolerance."""
        assert self.expression is not None, "an order is not true at an instant"
        if self.line.tolerance and self.gap is not None:
            return self.gap(look) <= 0.0
        return self.expression.holds(look)

    @property
    def names(self) -> tuple[str, ...]:
        every = (self.expression, self.meanwhile, *self.order)
        return tuple(dict.fromkeys(name for item in every if item is not None for name in item.names))


@dataclass(slots=True, eq=False)
class Trial:
    """A line whose time has begun, or is known: from ``start`` until ``until``."""

    of: Line
    start: Instant
    until: Instant
    near: Nearest
    held: bool = False
    """Whether it was true when it was looked at last."""
    read: dict[str, Scalar] = field(default_factory=dict)
    """What it was judged by then."""
    since: Instant | None = None
    """WHILE: from when on its condition has been true."""
    ever: bool = False
    """WHILE: it was once."""
    was: bool = False
    count: int = 0
    """TIMES: how often it came true."""
    met: list[Instant | None] = field(default_factory=list)
    """ORDER: when each came true first."""


def words_of(value: Scalar) -> str:
    """A value as a failure says it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else f"{value:.1f}".rstrip("0").rstrip(".")


def seen_in(names: tuple[str, ...], look: Lookup) -> str:
    """What each of ``names`` is worth now, in words."""
    return ", ".join(f"{name} was {words_of(look(name))}" for name in names)


def times_words(times: tuple[int, int | None]) -> str:
    """``3 times``, ``at least once``, ``2 to 4 times``."""
    low, high = times
    often = {1: "once", 2: "twice"}
    if high is None:
        return f"at least {often.get(low, f'{low} times')}"
    if low == high:
        return "never" if low == 0 else often.get(low, f"{low} times")
    return f"at most {often.get(high, f'{high} times')}" if low == 0 else f"{low} to {high} times"


def span_words(trial: Trial) -> str:
    """`` within 2 s``, or nothing where it goes to the end."""
    return "" if trial.until >= FOR_EVER else f" within {words_for(trial.until - trial.start)} s"
