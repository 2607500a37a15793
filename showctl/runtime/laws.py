"""What must hold in every rehearsal, whoever comes and whatever breaks, without a line of script that says so.

* **No cue is blocked**: one that says how it goes on is followed by its latest moment (``show/latest.py``).
* **Nothing that can hurt moves without its permit**: half a second after the permit has fallen, or a box that it hears of has
  fallen silent, every lamp of that interlock is at rest, as the venue tells, and so does the engine say.
* **A latch is a latch**: between panic or evacuation and the re-arming no cue starts and no interlock is on.

A rehearsal is judged by them like by its own lines (a failure stands at the rehearsal's first line), so a sweep or a storm
that finds something can keep it as a rehearsal that fails. Lamps whose own node is broken by the script are not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from showctl.engine.commands import Note
from showctl.engine.state import CueRun, HazardPhase, Phase, What
from showctl.runtime.playback import Playback
from showctl.runtime.ports import Venue
from showctl.show.cues import AfterEnd, CueRef
from showctl.show.hazards import Interlock
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant, words_for
from showctl.show.latest import latest_next, latest_wait
from showctl.show.lengths import whole_length
from showctl.show.show import Show

SLACK: Final = SECOND
"""What a cue may be late before it is called blocked: latencies of devices count, chases of timecode within a locked line."""
SAFE_BY: Final = 600 * MILLISECOND
"""A row on a hazard stands for half a second (``engine/hazards.py``); the next frame after that shows it gone."""
AT_REST: Final = 0.5
"""Percent."""
RUNS_EVERY: Final = SECOND // 2
"""How often runs are looked at while nothing is noted: their clocks may have changed their pace."""


class Laws:
    """Looks at every instant of one rehearsal. ``broken`` are the failures: (moment, message), each said once."""

    def __init__(self, show: Show, venue: Venue, playback: Playback, fresh: Callable[[], None]) -> None:
        self.show, self.venue, self.playback, self._fresh = show, venue, playback, fresh
        self.broken: list[tuple[Instant, str]] = []
        self._latest: dict[CueRef, tuple[Duration | None, Duration | None]] = {}
        self._late: set[int] = set()
        """Runs that have been told of."""
        self._runs_again: Instant = 0
        """When runs are to be looked at next, unless something is noted before."""
        self._behind_at: Instant | None = None
        """When the next of them will be behind, as all their clocks go now."""
        self._moved: set[int] = set()
        """Lists whose time an operator has handled: locates, backs, rates."""
        permits = [name for interlock in show.hazards for name in interlock.permit.names]
        healths = [f"{name.partition('.')[0]}.health" for name in permits if name.partition(".")[0] in show.device_named]
        self._permit_names = tuple(dict.fromkeys((*permits, *healths)))
        self._heard: tuple[object, ...] = ()
        """The latch, and what permits hang on, as of when ``_permits`` were worked out."""
        self._permits: list[bool] = []
        self._unpermitted: dict[int, Instant] = {}
        """Interlock -> since when its permit does not hold."""
        self._looked: set[int] = set()
        """Those of them whose lamps have been looked at since."""
        names = frozenset(venue.names()) if show.hazards else frozenset[str]()
        self._lamps = [_lamps(show, interlock, names) for interlock in show.hazards]
        self._latch = ""
        self.faulty: set[str] = set()
        """What the script has broken or handled."""

    # --- what happens ---------------------------------------------------------------------------------------------------

    def note(self, note: Note) -> None:
        """Something was noted by the engine."""
        self._runs_again = 0
        match note.what:
            case "panic" | "evacuate" | "rearmed":
                self._latch = "" if note.what == "rearmed" else note.what
            case "cue.started" if self._latch and note.cue is not None:
                self._break(note.instant, f"{note.cue} started, and {self._latch} is in force")
            case "list.located" | "list.back" | "list.rate" | "reset":
                self._moved.update(self.playback.state.runs)
            case "cue.rate" | "cue.loaded" | "timecode.elsewhere":
                self._moved.add(note.run)
            case _:
                pass

    def acted(self, words: str) -> None:
        """A script broke or handled something: of a lamp's own node, nothing is asked any more."""
        first, _, rest = words.strip().partition(" ")
        self.faulty.add(rest.strip().partition(" ")[0] if first == "link" else first)

    def next_deadline(self) -> Instant | None:
        """When lamps are to be looked at, or a run that goes on as it goes now will be behind."""
        due = [since + SAFE_BY for index, since in self._unpermitted.items() if index not in self._looked]
        return min(due, default=None) if self._behind_at is None else min((self._behind_at, *due))

    def look(self, now: Instant) -> None:
        """Judges this instant."""
        if now >= self._runs_again:
            self._look_at_runs(now)
        state = self.playback.state
        heard = (state.latch, *[state.values[name] for name in self._permit_names])
        if heard != self._heard:
            self._heard, self._permits = heard, [self._permitted(interlock) for interlock in self.show.hazards]
        if self._unpermitted or not all(self._permits):
            for index, interlock in enumerate(self.show.hazards):
                self._look_at(index, interlock, now)

    # --- no cue is blocked ----------------------------------------------------------------------------------------------

    def _look_at_runs(self, now: Instant) -> None:
        self._runs_again, self._behind_at = now + RUNS_EVERY, None
        for run in self.playback.state.runs.values():
            if run.number in self._late or run.number in self._moved:
                continue
            if words := self._behind(run, now):
                self._late.add(run.number)
                self._break(now, words)
            elif (late := self._late_from(run)) is not None:
                late = max(late, now + 1)
                self._runs_again = min(self._runs_again, late)
                self._behind_at = late if self._behind_at is None else min(self._behind_at, late)

    def _late_from(self, run: CueRun) -> Instant | None:
        """From when on ``run`` may be behind, as its clock goes now."""
        if self._is_held(run):
            return None
        (follows, waits), clock = self._latest[run.cue], self.playback.state.clocks[run.clock]
        begins = [(follows, run.began_local), (waits, run.acted if run.waits else None)]
        due = [clock.due(began + limit + SLACK + 1) for limit, began in begins if limit is not None and began is not None]
        return min((instant for instant in due if instant is not None), default=None)

    def _behind(self, run: CueRun, now: Instant) -> str:
        """What is late about ``run``, in words; "" while all is well."""
        state = self.playback.state
        if self._is_held(run):
            return ""
        known = self._latest.get(run.cue)
        if known is None:
            cue = self.show.cue(run.cue)
            known = self._latest[run.cue] = (latest_next(self.show, cue), latest_wait(cue))
        follows, waits = known
        passed = state.clocks[run.clock].local(now) - run.began_local - SLACK
        if follows is not None and passed > follows:
            if self._has_not_chained(run):
                return f"{run.cue} was to be followed within {words_for(follows)} s, and is not"
            self._moved.add(run.number)  # followed it is, and goes on for as long as it likes
        if waits and run.waits and run.acted is not None and state.clocks[run.clock].local(now) - run.acted - SLACK > waits:
            return f"{run.cue} was to wait {words_for(waits)} s at the most, and waits on"
        return ""

    def goes_on(self, run: CueRun) -> bool:
        """Whether something is still to come of ``run``: it waits, or has not gone on to the next cue."""
        if run.parent or not run.chains:
            return False
        after_end = isinstance(self.show.cue(run.cue).next, AfterEnd) and run.phase is Phase.RUNNING
        return run.waits or after_end or self._has_not_chained(run)

    def _is_held(self, run: CueRun) -> bool:
        """Whether ``run`` is held, or part of another one that leads it."""
        return bool(run.paused or run.parent or not run.chains or self.playback.state.lists[run.list].paused)

    def _has_not_chained(self, run: CueRun) -> bool:
        if run.phase is Phase.WAITING or run.next_pending:
            return True
        if any(due.run == run.number and due.what is What.CHAIN for due in self.playback.state.agenda):
            return True
        cue = self.show.cue(run.cue)
        return isinstance(cue.next, AfterEnd) and whole_length(cue) is None and run.phase is Phase.RUNNING

    # --- hazards --------------------------------------------------------------------------------------------------------

    def _look_at(self, index: int, interlock: Interlock, now: Instant) -> None:
        state = self.playback.state
        if self._permits[index]:
            self._unpermitted.pop(index, None)
            self._looked.discard(index)
            return
        since = self._unpermitted.setdefault(index, now)
        if now - since < SAFE_BY:
            return
        if state.hazards[index].phase is HazardPhase.FIRE:
            self._break(now, f"{interlock.name} is on, and {self._missing(interlock)}")
        if index in self._looked:
            return
        self._looked.add(index)
        self._fresh()
        for name, carrier in self._lamps[index]:
            if carrier not in self.faulty and abs(float(self.venue.look(name, now))) > AT_REST:
                self._break(now, f"{name} is at {float(self.venue.look(name, now)):.0f}, and {self._missing(interlock)}")

    def _permitted(self, interlock: Interlock) -> bool:
        state = self.playback.state
        if state.latch:
            return False
        return interlock.permit.holds(self._value) and all(self._well(name) for name in interlock.permit.names)

    def _value(self, name: str) -> bool | float | str:
        return self.playback.state.values[name]

    def _well(self, name: str) -> bool:
        device = name.partition(".")[0]
        return device not in self.show.device_named or self._value(f"{device}.health") == "ok"

    def _missing(self, interlock: Interlock) -> str:
        latch = self.playback.state.latch
        return f"{latch} is in force" if latch else f"its permit does not hold: {interlock.permit.text}"

    def _break(self, now: Instant, message: str) -> None:
        if all(message != said for _, said in self.broken):
            self.broken.append((now, message))


def _lamps(show: Show, interlock: Interlock, names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The names under which the venue tells of what an interlock guards, each with the box that its cable comes from."""
    carriers = _carriers(show)
    found: list[tuple[str, str]] = []
    for index in interlock.parameters:
        parameter = show.patch.parameters[index]
        fixture = show.patch.fixtures[parameter.fixture]
        name = f"{fixture.name}.{parameter.name}"
        if name in names and parameter.channel.default == 0:
            found.append((name, carriers.get(fixture.universe, fixture.universe)))
    return tuple(dict.fromkeys(found))


def _carriers(show: Show) -> dict[str, str]:
    """Universe -> the node or widget that turns it into DMX, as scripts call it."""
    found = {universe.key: f"{universe.key.rpartition('/')[2]}_widget" for universe in show.patch.universes}
    return found | {key: node.name for node in show.patch.nodes for key in node.universes}
