"""The judges of a rehearsal: what must be seen, at or within or during, and what must never be.

Expressions are resolved once against the names of the show and of the venue: lights and devices as they truly are, cues,
inputs and variables as the show sees them. Each failed line is said once, with the moment and what was seen instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, assert_never

from showctl.runtime.playback import Playback
from showctl.runtime.ports import Venue
from showctl.runtime.rehearsed_journal import NAMES, RehearsedJournal
from showctl.show.cues import CueRef
from showctl.show.expressions import Expression, ExpressionError, Scalar, ValueType, parse
from showctl.show.instants import Instant, words_for
from showctl.show.places import Place
from showctl.show.rehearsals import Expectation, Rehearsal, When
from showctl.show.show import Show

MOVING: Final = (".pan", ".tilt")


@dataclass(frozen=True, slots=True)
class Failed:
    """A line that did not hold, and when that was clear."""

    file: str
    line: int
    moment: Instant
    message: str


@dataclass(slots=True)
class _Watch:
    """An expectation whose time has begun, or is known: from ``start`` until ``until``."""

    line: Expectation
    expression: Expression
    start: Instant
    until: Instant
    of_light: bool


class Judge:
    """Looks at every instant that matters."""

    def __init__(self, rehearsal: Rehearsal, show: Show, venue: Venue, playback: Playback, fresh: Callable[[], None]) -> None:
        self.rehearsal, self.venue, self.playback, self._fresh = rehearsal, venue, playback, fresh
        self.failures: list[Failed] = []
        self.checked = 0
        self._now: Instant = 0
        truth = {name: ValueType(kind) for name, kind in venue.names().items()}
        self._true = frozenset(truth)
        types = {name: kind for name, kind in show.types().items() if name not in truth} | truth
        self._journal = playback.journal if isinstance(playback.journal, RehearsedJournal) else None
        if self._journal is not None:
            types |= {name: ValueType(kind) for name, kind in NAMES.items()}
        self._expected = [
            (line, found) for line in rehearsal.expectations if (found := self._resolve(line.that, types, line.place))
        ]
        self._never = [(line, found) for line in rehearsal.nevers if (found := self._resolve(line.that, types, line.place))]
        devices = {device.name for device in show.devices}
        self._lamps = frozenset(name for name in truth if name.rpartition(".")[0] not in devices)
        """What hangs on the universes: lights, groups of them, nodes."""
        moving = {name for name in self._lamps if name.endswith(MOVING)}
        self._always = any(self._is_of_light(e) for _, e in self._never) or any(
            moving.intersection(e.names) for _, e in self._expected
        )
        self._watching: list[_Watch] = []
        self._broken: set[int] = set()

    def begin(self, now: Instant) -> None:
        """A show of the rehearsal begins: lines count from here."""
        self._watching = [
            self._watch(line, expression, now)
            for line, expression in self._expected
            if line.of is None and line.kind is not When.END
        ]

    def started(self, cue: CueRef, now: Instant) -> None:
        """A cue has started: lines about it count from now."""
        for line, expression in self._expected:
            if line.of == cue and line.kind is not When.END:
                self._watching.append(self._watch(line, expression, now))

    @property
    def sees_light(self) -> bool:
        """Somebody watches lamps over a time now, so that every change of light has to be seen, and how it goes on.

        What turns takes its time from the instant at which it is told to: lines about that watch throughout.
        """
        return self._always or any(watch.of_light and watch.start <= self._now for watch in self._watching)

    def _watch(self, line: Expectation, expression: Expression, now: Instant) -> _Watch:
        return _Watch(line, expression, now + line.start, now + max(line.until, line.start), self._is_of_light(expression))

    def _is_of_light(self, expression: Expression) -> bool:
        return not self._lamps.isdisjoint(expression.names)

    def next_deadline(self) -> Instant | None:
        """The next instant at which somebody must look."""
        wanted = [w.start if w.start > self._now else w.until for w in self._watching]
        return min(wanted, default=None)

    def look(self, now: Instant, *, last: bool = False) -> None:
        """Judges what can be judged at this instant."""
        self._now = now
        due = [w for w in self._watching if w.start <= now]
        if any(w.start == now or w.until <= now for w in due) or last:
            self._fresh()
        for watch in due:
            if self._judged(watch, now):
                self._watching.remove(watch)
        for n, (line, expression) in enumerate(self._never):
            if n not in self._broken and expression.holds(self._look_up):
                self._broken.add(n)
                self.fail(line.place, now, f"never: {expression.text} came true{self._seen(expression)}")
        if last:
            self._last(now)

    def fail(self, place: Place, now: Instant, message: str) -> None:
        self.failures.append(Failed(place.file, place.line, now, message))

    # --- one line ----------------------------------------------------------------------------------------------------

    def _judged(self, watch: _Watch, now: Instant) -> bool:
        """Whether the line is settled now."""
        holds = watch.expression.holds(self._look_up)
        match watch.line.kind:
            case When.AT:
                self._settle(watch, now, holds, "")
                return True
            case When.WITHIN:
                if holds or now >= watch.until:
                    self._settle(watch, now, holds, f" within {words_for(watch.until - watch.start)} s")
                    return True
                return False
            case When.DURING:
                if not holds or now >= watch.until:
                    self._settle(watch, now, holds, " all the while")
                    return True
                return False
            case When.END:
                return False
            case _:
                assert_never(watch.line.kind)

    def _settle(self, watch: _Watch, now: Instant, holds: bool, how: str) -> None:
        self.checked += 1
        if not holds:
            of = f" of {watch.line.of}" if watch.line.of else ""
            message = f"{watch.expression.text} was expected{how}{of}{self._seen(watch.expression)}"
            self.fail(watch.line.place, now, message)

    def _last(self, now: Instant) -> None:
        for line, expression in self._expected:
            if line.kind is When.END:
                self.checked += 1
                if not expression.holds(self._look_up):
                    self.fail(line.place, now, f"{expression.text} was expected at the end{self._seen(expression)}")
            elif line.of is not None and not self._has_started(line.of):
                self.fail(line.place, now, f"{line.of} never started, and {expression.text} was expected of it")
        for watch in self._watching:
            if watch.line.kind is When.DURING:
                self.checked += 1
            else:
                self.fail(watch.line.place, now, f"{watch.expression.text} was expected, and the rehearsal ended first")
        self._watching.clear()
        self.checked += len(self._never)

    def _has_started(self, cue: CueRef) -> bool:
        return cue in self.playback.state.owners.values()

    # --- names -------------------------------------------------------------------------------------------------------

    def _resolve(self, text: str, types: dict[str, ValueType], place: Place) -> Expression | None:
        try:
            return parse(text, types, ValueType.TRUTH)
        except ExpressionError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self.fail(place, 0, f"{text}: {error.message}{hint}")
            return None

    def _look_up(self, name: str) -> Scalar:
        if name in self._true:
            return self.venue.look(name, self._now)
        if self._journal is not None and name in NAMES:
            return self._journal.look(name, self._now)
        return self.playback.state.values[name]

    def _seen(self, expression: Expression) -> str:
        if not expression.names:
            return ""
        seen = ", ".join(f"{name} was {_words(self._look_up(name))}" for name in expression.names)
        return f"; {seen}"


def _words(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else f"{value:.1f}".rstrip("0").rstrip(".")
