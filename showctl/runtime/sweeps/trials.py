"""A rehearsal that can be branched off: played as its script says, with trials at instants of their own.

A trial is a few acts at one instant (before anything else happens there) and a while to see what comes of them. The lines of
the script go on in it; those that a broken machine can no longer follow are void. What is judged in a trial are the laws, the
house rules, and ``watch``, which the sweep brings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from showctl.engine.commands import Answer, Note, Tell
from showctl.engine.events import Event
from showctl.runtime.coverage import Reached
from showctl.runtime.house_watch import HouseWatch
from showctl.runtime.ports import Venue
from showctl.runtime.rehearsal import Stagehand, request_for
from showctl.runtime.sweeps.forks import Doing
from showctl.show.cues import CueRef
from showctl.show.house import HouseRules
from showctl.show.instants import MILLISECOND, Duration, Instant, seconds_of
from showctl.show.places import NOWHERE, Place
from showctl.show.rehearsals import Rehearsal, Step
from showctl.show.show import Show

Act: TypeAlias = tuple[str, str]
"""What a line of a script says: the verb, and to what."""


@dataclass(frozen=True)
class Trial:
    """Something that is tried at ``moment``. ``kind`` says which watch judges it, ``words`` what it is, for people."""

    kind: str
    words: str
    moment: Instant
    length: Duration
    acts: tuple[Act, ...] = ()
    cues: tuple[CueRef, ...] = ()
    """The cues at whose start it is tried."""
    data: tuple[object, ...] = ()
    """Whatever its watch needs to know."""
    place: Place = NOWHERE


@dataclass(frozen=True)
class Tried:
    """What came of a trial."""

    kind: str
    words: str
    rehearsal: str
    moment: float
    """Seconds of the rehearsal's show time."""
    failures: tuple[tuple[float, str], ...]
    kept: Rehearsal | None = field(repr=False, default=None)
    """The same as a rehearsal, where it failed: its script up to there, and the trial."""
    reached: Reached = field(repr=False, default_factory=Reached)
    place: Place = NOWHERE

    @property
    def passed(self) -> bool:
        return not self.failures


class Watch:
    """What a sweep looks for in its trials. The trial's acts have been done when ``begin`` is called."""

    def begin(self, run: Course, trial: Trial) -> None:
        """The trial begins."""

    def note(self, run: Course, note: Note) -> None:
        """The engine noted something."""

    def tell(self, run: Course, command: Tell) -> None:
        """A device was asked for something."""

    def passes(self, run: Course, event: Event) -> bool:  # noqa: ARG002 - a hook
        """Whether ``event`` may come in."""
        return True

    def settled(self, run: Course, trial: Trial) -> Instant | None:  # noqa: ARG002 - a hook
        """Until when to look on, where that is clear before the trial's time is over."""
        return None

    def end(self, run: Course, trial: Trial) -> None:
        """The trial ends."""


class Course(Stagehand):
    """One rehearsal, branched off at the instants of its trials (``run_with``)."""

    def __init__(self, show: Show, rehearsal: Rehearsal, venue: Venue, watches: Mapping[str, Watch], forks: Doing | None) -> None:
        super().__init__(show, replace(rehearsal, expectations=(), nevers=()), venue, keep_transcript=False)
        # What the house allows is for whole rehearsals; a trial need not be looked at frame by frame.
        self.house = HouseWatch(replace(show, hazards=()), HouseRules(), venue, self.light, self.judge.fail)
        self.script = rehearsal
        self.begins: dict[CueRef, Instant] = {}
        """When each cue began first."""
        self.done: list[tuple[Instant, str, str]] = []
        """The lines of the script that have been done."""
        self.failures: list[tuple[Instant, str]] = []
        """What the watch of the running trial found."""
        self._watches, self._forks = watches, forks
        self._trials: dict[Instant, list[Trial]] = {}
        self._watch: Watch | None = None
        self._lenient = False
        self.trial: Trial | None = None
        self.started: list[CueRef] = []
        """What has started since the trial began."""

    # --- the course -----------------------------------------------------------------------------------------------------

    def run_with(self, trials: Iterable[Trial]) -> None:
        """Plays the rehearsal, and forks for each of ``trials`` at its moment."""
        planned: dict[Instant, list[Trial]] = defaultdict(list)
        for trial in trials:
            planned[trial.moment].append(trial)
        self._trials = dict(planned)
        self.run()

    def _next_instant(self, end: Instant) -> Instant | None:
        if self._forks is not None and not self._trials and self.trial is None:
            return None  # the last trial has been branched off
        found = super()._next_instant(end)
        mine = min((moment for moment in self._trials if self.now <= moment < end), default=None)
        return found if mine is None or (found is not None and found <= mine) else mine

    def _instant(self, *, last: bool = False) -> None:
        for trial in self._trials.pop(self.now, ()):
            assert self._forks is not None, "trials need forks"
            self._forks.do(lambda trial=trial: self.tried(trial))  # type: ignore[misc]
        super()._instant(last=last)

    # --- a trial ----------------------------------------------------------------------------------------------------------

    def tried(self, trial: Trial) -> Tried:
        """Does ``trial`` from here on, and says what came of it. In a child: nothing after it is as it was."""
        self._trials.clear()
        self.trial = trial
        self._watch = self._watches.get(trial.kind)
        self.laws.broken.clear()
        before = self.judge.failures[:]
        self.coverage.reached = Reached()
        for what, words in trial.acts:
            self.do(what, words)
        self._lenient = True
        if self._watch is not None:
            self._watch.begin(self, trial)
        self._play_until_settled(trial)
        if self._watch is not None:
            self._watch.end(self, trial)
        found = [*self.failures, *self.laws.broken]
        found += ((item.moment, item.message) for item in self.judge.failures if item not in before)
        failures = tuple((seconds_of(moment), message) for moment, message in sorted(found))
        kept = self.as_rehearsal(trial) if failures else None
        return Tried(
            trial.kind,
            trial.words,
            self.rehearsal.stem,
            seconds_of(trial.moment),
            failures,
            kept,
            self.coverage.reached,
            trial.place,
        )

    def _play_until_settled(self, trial: Trial) -> None:
        end, settled = trial.moment + trial.length, False
        while (now := self._next_instant(end)) is not None:
            self.now = now
            self._instant()
            if not settled and self._watch is not None and (until := self._watch.settled(self, trial)) is not None:
                end, settled = min(end, until), True

    def fail(self, message: str) -> None:
        """The watch has found something."""
        if all(message != said for _, said in self.failures):
            self.failures.append((self.now, message))

    def as_rehearsal(self, trial: Trial) -> Rehearsal:
        """The script as it was done, and the trial: a rehearsal that finds the same."""
        steps = [Step(moment, what, words) for moment, what, words in self.done]
        return replace(
            self.script,
            name=trial.words,
            steps=tuple(steps),
            expectations=(),
            nevers=(),
            length=min(trial.moment + trial.length, self.now + MILLISECOND),
            repeat=1,
            same_digest=False,
        )

    def do(self, what: str, words: str) -> None:
        """A line of a script, now."""
        self._do(Step(self.now, what, words))

    def ask(self, what: str, words: str) -> str:
        """An operator asks for something, now. What it was refused with; "" where it was not."""
        self.done.append((self.now, what, words))
        request = request_for(what, words)
        assert request is not None, f"{what} is nothing that an operator asks"
        answer = self._handle(request)
        return "" if answer is None else answer.refused

    def fresh(self) -> None:
        """What the lamps show is of this instant."""
        self._fresh_frame()

    def seen(self, name: str) -> bool | float | str | None:
        """The truth about ``name`` (``Venue.look``); None where the venue has no such name."""
        return self.venue.look(name, self.now) if name in self.venue.names() else None

    def take(self, event: Event) -> None:
        """``event`` comes in, now."""
        self._handle(event)

    def _do(self, step: Step) -> None:
        self.done.append((self.now, step.what, step.words))
        super()._do(step)

    def _act(self, what: str, words: str) -> None:
        try:
            super()._act(what, words)
        except ValueError:
            if not self._lenient:
                raise  # in a trial a line of the script may speak to a machine that has lost its power

    def _handle(self, event: Event) -> Answer | None:
        if self._watch is not None and not self._watch.passes(self, event):
            return None
        return super()._handle(event)

    def _note(self, note: Note) -> None:
        super()._note(note)
        if note.what == "cue.started" and note.cue is not None:
            self.begins.setdefault(note.cue, self.now)
            if self.trial is not None:
                self.started.append(note.cue)
        if self._watch is not None:
            self._watch.note(self, note)

    def _tell(self, command: Tell) -> None:
        super()._tell(command)
        if self._watch is not None:
            self._watch.tell(self, command)
