"""The judges of a rehearsal: what must be seen (at, within, during, whenever, so many times, in order) and what must never be.

Expressions are resolved once against the names of the show and of the venue: lights, zones and devices as they truly are,
cues, inputs and variables as the show sees them, the journal, and what the console says. A line that fails is said once,
however many shows it fails in, with the moment, what was seen instead, and when it came nearest. ``judged_lines.py`` keeps
what is known of a line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from showctl.runtime.judged_lines import (
    FOR_EVER,
    Line,
    LineVerdict,
    Nearest,
    Record,
    Trial,
    span_words,
    times_words,
)
from showctl.runtime.judged_names import Asked, Names
from showctl.runtime.playback import Playback
from showctl.runtime.ports import Venue
from showctl.show.closeness import FAR, Gap, gap_of
from showctl.show.cues import CueRef
from showctl.show.expressions import Expression, ExpressionError, Lookup, Scalar, ValueType, parse
from showctl.show.instants import MILLISECOND, Instant
from showctl.show.places import Place
from showctl.show.rehearsals import Expectation, Never, Rehearsal, When
from showctl.show.show import Show


@dataclass(frozen=True, slots=True)
class Failed:
    """A line that did not hold, and when that was clear first."""

    file: str
    line: int
    moment: Instant
    message: str


@dataclass(slots=True)
class _Said:
    """A failure, and in how many shows it came up."""

    first: Failed
    shows: set[int]


@dataclass(slots=True, eq=False)
class _Never:
    """A line of ``never``, resolved."""

    line: Never
    expression: Expression
    near: Nearest
    gap: Gap | None
    record: Record
    broken: bool = False
    read: dict[str, Scalar] = field(default_factory=dict)
    """What it was judged by last."""

    def holds(self, look: Lookup) -> bool:
        if self.line.tolerance and self.gap is not None:
            return self.gap(look) <= 0.0
        return self.expression.holds(look)


class Judge:
    """Looks at every instant that matters."""

    def __init__(
        self,
        rehearsal: Rehearsal,
        show: Show,
        venue: Venue,
        playback: Playback,
        fresh: Callable[[], None],
        *others: Asked,
    ) -> None:
        self.rehearsal, self.playback, self._fresh = rehearsal, playback, fresh
        self.checked = 0
        self.shows = 0
        """Begun."""
        self.reads: set[str] = set()
        """Every name in its lines."""
        self._said: dict[tuple[Place, str], _Said] = {}
        self._now: Instant = 0
        self._names = Names(show, venue, playback, *others)
        self._lines = [found for line in rehearsal.expectations if (found := self._line(line)) is not None]
        self._never = [never for line in rehearsal.nevers if (never := self._never_line(line)) is not None]
        of_light = any(self._names.of_light(item.expression.names) for item in self._never)
        self._always = of_light or any(self._names.of_motion(item.names) for item in self._lines)
        self._trials: list[Trial] = []

    # --- the shows --------------------------------------------------------------------------------------------------------

    def begin(self, now: Instant) -> None:
        """A show of the rehearsal begins: lines count from here."""
        self.shows += 1
        self._trials = [self._trial(line, now) for line in self._lines if line.line.of is None and line.line.kind is not When.END]
        for item in self._never:
            item.broken, item.near, item.read = False, Nearest(waiting=True), {}

    def started(self, cue: CueRef, now: Instant) -> None:
        """A cue has started: lines about it count from now."""
        self._trials += (self._trial(line, now) for line in self._lines if line.line.of == cue)

    @property
    def sees_light(self) -> bool:
        """Somebody watches lamps over a time now, so that every change of light has to be seen, and how it goes on.

        What turns takes its time from the instant at which it is told to: lines about that watch throughout.
        """
        return self._always or any(trial.of.of_light and self._looks(trial) for trial in self._trials)

    def _looks(self, trial: Trial) -> bool:
        """Whether a trial watches just now."""
        return trial.start <= self._now and (trial.of.line.kind is not When.WHILE or trial.since is not None)

    def next_deadline(self) -> Instant | None:
        """The next instant at which somebody must look."""
        wanted = [t.start if t.start > self._now else t.until for t in self._trials]
        wanted += [
            t.since + t.of.line.start for t in self._trials if t.since is not None and t.since + t.of.line.start > self._now
        ]
        found = min(wanted, default=FOR_EVER)
        return None if found >= FOR_EVER else found

    @property
    def latest(self) -> Instant:
        """The last instant, as far as it is known, at which a line is settled."""
        return max((trial.until for trial in self._trials if trial.until < FOR_EVER), default=0)

    def look(self, now: Instant, *, last: bool = False) -> None:
        """Judges what can be judged at this instant."""
        self._now = now
        self._names.at(now)
        due = [trial for trial in self._trials if trial.start <= now]
        turned = [self._turned(trial, now) for trial in due]
        if last or any(turned) or any(trial.start == now or trial.until <= now for trial in due):
            self._fresh()
            self._names.at(now)
            for trial in due:
                self._turned(trial, now)
        for trial in due:
            if self._judged(trial, now):
                self._trials.remove(trial)
        for item in self._never:
            if not item.broken:
                self._judge_never(item, now)
        if last:
            self._last(now)

    # --- failures ---------------------------------------------------------------------------------------------------------

    def fail(self, place: Place, now: Instant, message: str, about: str = "") -> None:
        """Says that the line at ``place`` does not hold; once for all shows of the rehearsal."""
        said = self._said.setdefault((place, about or message), _Said(Failed(place.file, place.line, now, message), set()))
        said.shows.add(self.shows)

    @property
    def failures(self) -> list[Failed]:
        """What did not hold, in the order in which that came up."""
        found = []
        for said in self._said.values():
            first, often = said.first, ""
            if self.rehearsal.repeat > 1 and said.shows - {0}:
                every = len(said.shows) == self.shows
                where = f"all {self.shows} shows" if every else f"{len(said.shows)} of {self.shows} shows"
                often = f"; in {where}" + ("" if every else f", first in show {min(said.shows)}")
            found.append(Failed(first.file, first.line, first.moment, first.message + often))
        return found

    def verdicts(self) -> tuple[LineVerdict, ...]:
        """What came of each line, in the order of the file."""
        records = [line.record for line in self._lines] + [item.record for item in self._never]
        return tuple(record.verdict() for record in records)

    # --- one line ---------------------------------------------------------------------------------------------------------

    def _trial(self, line: Line, now: Instant) -> Trial:
        of = line.line
        until = FOR_EVER if of.endless else now + max(of.until, of.start)
        start = now if of.kind is When.WHILE else now + of.start
        return Trial(line, start, until, Nearest(of.kind in (When.WITHIN, When.AT)), met=[None] * len(line.order))

    def _turned(self, trial: Trial, now: Instant) -> bool:
        """Whether the condition of a line has come true or false now; then the light must be of now."""
        meanwhile = trial.of.meanwhile
        if meanwhile is None:
            return False
        holds, before = meanwhile.holds(self._names.look_up), trial.since is not None
        trial.since = (trial.since if before else now) if holds else None
        trial.ever |= holds
        return (holds != before or trial.since == now - trial.of.line.start) and trial.of.of_light

    def _judged(self, trial: Trial, now: Instant) -> bool:
        """Whether the line is settled now."""
        line = trial.of
        match line.line.kind:
            case When.AT:
                self._settle(trial, now, self._holds(trial, now), "")
                return True
            case When.WITHIN:
                holds = self._holds(trial, now)
                if holds or now >= trial.until:
                    self._settle(trial, now, holds, span_words(trial))
                    return True
                return False
            case When.DURING:
                holds = self._holds(trial, now)
                if not holds or now >= trial.until:
                    self._settle(trial, now, holds, " all the while")
                    return True
                return False
            case When.WHILE:
                if trial.since is None or now < trial.since + line.line.start or self._holds(trial, now):
                    return False
                self._settle(trial, now, False, f" while {line.line.meanwhile}")
                return True
            case When.TIMES:
                holds = self._holds(trial, now)
                trial.count += holds and not trial.was
                trial.was = holds
                most = line.line.times[1]
                if now < trial.until and (most is None or trial.count <= most):
                    return False
                self._settle_times(trial, now)
                return True
            case When.ORDER:
                return self._order_judged(trial, now)
            case When.END:
                return False
            case _:
                assert_never(line.line.kind)

    def _holds(self, trial: Trial, now: Instant) -> bool:
        """Whether its expression is true now. It is not worked out again while all that it looked at is the same."""
        if trial.read and self._names.same(trial.read):
            return trial.held
        self._names.read = trial.read = {}
        trial.held = self._worked_out(trial, now)
        self._names.read = {}
        return trial.held

    def _worked_out(self, trial: Trial, now: Instant) -> bool:
        line = trial.of
        if line.gap is not None:
            gap = line.gap(self._names.look_up)
            if abs(gap) < FAR and (not trial.near.seen or (gap < trial.near.gap) == trial.near.waiting):
                trial.near.note(gap, now, self._names.seen(line.names))
            if line.line.tolerance:
                return gap <= 0.0
        assert line.expression is not None
        return line.expression.holds(self._names.look_up)

    def _settle(self, trial: Trial, now: Instant, holds: bool, how: str) -> None:
        self.checked += 1
        line = trial.of
        line.record.settle(now, holds, trial.near)
        if not holds:
            assert line.expression is not None
            of = f" of {line.line.of}" if line.line.of else ""
            grace = f" (give or take {line.line.tolerance:g})" if line.line.tolerance else ""
            message = (
                f"{line.expression.text} was expected{grace}{how}{of}; {self._names.seen(line.expression.names) or 'it never is'}"
            )
            near = trial.near
            if line.line.kind is When.WITHIN and near.seen and near.at < now and near.seen not in message:
                message += f"; nearest at {clock(near.at)}: {near.seen}"
            self.fail(line.line.place, now, message, line.expression.text + how)

    def _settle_times(self, trial: Trial, now: Instant) -> None:
        low, high = trial.of.line.times
        holds = low <= trial.count and (high is None or trial.count <= high)
        self.checked += 1
        trial.of.record.settle(now, holds, trial.near)
        if not holds:
            of = f" of {trial.of.line.of}" if trial.of.line.of else ""
            assert trial.of.expression is not None
            came = {0: "it never came true", 1: "it came true once", 2: "it came true twice"}
            message = f"{trial.of.expression.text} was expected {times_words(trial.of.line.times)}{span_words(trial)}{of}; "
            self.fail(trial.of.line.place, now, message + came.get(trial.count, f"it came true {trial.count} times"), "times")

    def _order_judged(self, trial: Trial, now: Instant) -> bool:
        order = trial.of.order
        for n, item in enumerate(order):
            if trial.met[n] is None and item.holds(self._names.look_up):
                trial.met[n] = now
        first_missing = next((n for n, met in enumerate(trial.met) if met is None), len(order))
        early = next((n for n, met in enumerate(trial.met) if n > first_missing and met is not None), None)
        if early is None and first_missing < len(order) and now < trial.until:
            return False
        self.checked += 1
        held = first_missing == len(order)
        trial.of.record.settle(now, held, trial.near)
        if not held:
            missing = order[first_missing].text
            why = (
                f"{missing} did not come true{span_words(trial)}"
                if early is None
                else f"{order[early].text} came before {missing}"
            )
            of = f" of {trial.of.line.of}" if trial.of.line.of else ""
            self.fail(trial.of.line.place, now, f"this order was expected{of}, and {why}{self._met(trial)}", "order")
        return True

    def _met(self, trial: Trial) -> str:
        met = [f"{item.text} at {clock(at)}" for item, at in zip(trial.of.order, trial.met, strict=True) if at is not None]
        return f"; {', '.join(met)}" if met else ""

    def _judge_never(self, item: _Never, now: Instant) -> None:
        if item.read and self._names.same(item.read):
            return
        self._names.read = item.read = {}
        if item.gap is not None:
            gap = item.gap(self._names.look_up)
            if abs(gap) < FAR and (not item.near.seen or gap < item.near.gap):
                item.near.note(gap, now, self._names.seen(item.expression.names))
        if item.holds(self._names.look_up):
            item.broken = True
            item.record.settle(now, False, item.near)
            seen = self._names.seen(item.expression.names)
            self.fail(item.line.place, now, f"never: {item.expression.text} came true" + (f"; {seen}" if seen else ""), "never")
        self._names.read = {}

    def _last(self, now: Instant) -> None:
        for line in self._lines:
            of = line.line
            if of.kind is When.END:
                self._settle(self._trial(line, now), now, line.holds(self._names.look_up), " at the end")
            elif of.of is not None and not self._has_started(of.of):
                line.record.settle(now, False, Nearest(waiting=True))
                self.fail(of.place, now, f"{of.of} never started, and {line.record.said} was expected of it", "of")
        for trial in self._trials:
            self._end(trial, now)
        self._trials.clear()
        for item in self._never:
            if not item.broken:
                item.record.settle(now, True, item.near)
        self.checked += len(self._never)

    def _end(self, trial: Trial, now: Instant) -> None:
        """The rehearsal ends while a line is on trial."""
        line = trial.of
        match line.line.kind:
            case When.DURING:
                self.checked += 1
                line.record.settle(now, True, trial.near)
            case When.WHILE:
                self.checked += 1
                line.record.settle(now, trial.ever, trial.near)
                if not trial.ever:
                    message = f"{line.line.meanwhile} never came true, so that {line.record.said} was not judged"
                    self.fail(line.line.place, now, message, "while")
            case When.TIMES if line.line.endless:
                self._settle_times(trial, now)
            case When.ORDER if line.line.endless:
                trial.until = now
                self._order_judged(trial, now)
            case _:
                line.record.settle(now, False, trial.near)
                self.fail(line.line.place, now, f"{line.record.said} was expected, and the rehearsal ended first", "end")

    def _has_started(self, cue: CueRef) -> bool:
        return cue in self.playback.state.owners.values()

    # --- names ------------------------------------------------------------------------------------------------------------

    def _line(self, line: Expectation) -> Line | None:
        expression = meanwhile = gap = None
        if line.that:
            expression = self._resolve(line.that, line.place)
            if expression is None:
                return None
            gap = gap_of(line.that, self._names.types, line.tolerance)
        if line.meanwhile and (meanwhile := self._resolve(line.meanwhile, line.place)) is None:
            return None
        order = tuple(found for text in line.order if (found := self._resolve(text, line.place)) is not None)
        if len(order) < len(line.order):
            return None
        said = line.that or " then ".join(line.order)
        made = Line(line, expression, gap, meanwhile, order, False, Record(line.place, said))
        return Line(line, expression, gap, meanwhile, order, self._names.of_light(made.names), made.record)

    def _never_line(self, line: Never) -> _Never | None:
        expression = self._resolve(line.that, line.place)
        if expression is None:
            return None
        gap = gap_of(line.that, self._names.types, -line.tolerance)
        return _Never(line, expression, Nearest(waiting=True), gap, Record(line.place, f"never {line.that}"))

    def _resolve(self, text: str, place: Place) -> Expression | None:
        try:
            found = parse(text, self._names.types, ValueType.TRUTH)
        except ExpressionError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self.fail(place, 0, f"{text}: {error.message}{hint}")
            return None
        self.reads.update(found.names)
        return found


def clock(now: Instant) -> str:
    """``3:12.4``."""
    minutes, rest = divmod(now // MILLISECOND, 60_000)
    return f"{minutes}:{rest // 1000:02d}.{rest % 1000 // 100}"


__all__ = ["Failed", "Judge", "LineVerdict", "clock"]
