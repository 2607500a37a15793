"""Each machine dead at each cue: it loses its power at the instant at which the cue starts, and stays dead.

Machines are the show's devices, the nodes and widgets that light goes through, and the sensors that no device feeds. Each is
tried once more from the very start of the longest course to its end. The laws judge: no cue is blocked, and nothing that can
hurt moves when its permissive has fallen silent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from showctl.runtime.sweeps.courses import Played
from showctl.runtime.sweeps.trials import Course, Trial, Watch
from showctl.show.cues import CueRef
from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.latest import latest_next
from showctl.show.rehearsals import Rehearsal
from showctl.show.show import Show

SHORTEST: Final = 6 * SECOND
"""Long enough for every driver to notice, and for a permit to fall."""
LONGEST: Final = 75 * SECOND
BEYOND: Final = 3 * SECOND
"""The next cue is seen, too, for so long."""
FIRST: Final[Instant] = SECOND // 2


def machines(state: Mapping[str, Any]) -> tuple[str, ...]:
    """Everything in the venue (``Venue.state``) that can lose its power."""
    return tuple(state["devices"])


def trials(show: Show, played: Played, cues: Collection[CueRef], dead: tuple[str, ...], whole: bool) -> list[Trial]:
    """Each of ``dead`` at each of ``cues``; with ``whole`` also from the first instant to the last."""
    found: list[Trial] = []
    if whole:
        found += (
            Trial("devices", f"{name} dead throughout", FIRST, played.end - FIRST, (("fault", f"{name} power lost"),))
            for name in dead
        )
    at: dict[Instant, list[CueRef]] = {}
    for ref in sorted(cues, key=lambda ref: played.begins[ref]):
        at.setdefault(played.begins[ref], []).append(ref)
    for moment, refs in at.items():
        length = min(max(_length(show, played, ref) for ref in refs), max(played.end - moment, SHORTEST))
        follows = _follows(show, played, refs)
        words = ", ".join(str(ref) for ref in refs)
        place = show.cue(refs[0]).place
        broken = _broken_by(played.rehearsal)
        found += (
            Trial(
                "devices",
                f"{name} dead at {words}",
                moment,
                length,
                (("fault", f"{name} power lost"),),
                tuple(refs),
                (follows,),
                place=place,
            )
            for name in dead
            if name not in broken
        )
    return found


def _length(show: Show, played: Played, ref: CueRef) -> Duration:
    known = latest_next(show, show.cue(ref))
    if known is None:
        follows = _follows(show, played, [ref])
        known = 0 if follows is None else played.begins[follows] - played.begins[ref]
    return min(max(known + BEYOND, SHORTEST), LONGEST)


def _broken_by(rehearsal: Rehearsal) -> set[str]:
    """What the script breaks itself, and may give back."""
    return {step.words.partition(" ")[0] for step in rehearsal.steps if step.what == "fault"}


def _follows(show: Show, played: Played, refs: list[CueRef]) -> CueRef | None:
    """The cue that began next in the course, where nothing but a machine's word says when, and no deadline."""
    for ref in refs:
        cue = show.cue(ref)
        if cue.next is None or latest_next(show, cue) is not None:
            continue
        later = [
            (moment, item) for item, moment in played.begins.items() if item.list == ref.list and moment > played.begins[ref]
        ]
        moment, item = min(later, default=(0, None))
        if item is not None and moment - played.begins[ref] < LONGEST:
            return item
    return None


class DeviceWatch(Watch):
    """A cue that waits without a deadline is blocked if the one that followed it in the course does not come.

    What the trial is about is settled once its cues have gone on to the next, or will not: that one is seen, too, and no more.
    """

    def settled(self, run: Course, trial: Trial) -> Instant | None:
        follows = trial.data[0] if trial.data else None
        if not trial.cues or (follows is not None and follows not in run.started) or not set(trial.cues).issubset(run.started):
            return None
        if any(item.cue in trial.cues and run.laws.goes_on(item) for item in run.playback.state.runs.values()):
            return None
        return max(run.now + BEYOND, trial.moment + SHORTEST)

    def end(self, run: Course, trial: Trial) -> None:
        follows = trial.data[0] if trial.data else None
        if follows is not None and follows not in run.started:
            run.fail(f"{follows} does not come: {trial.cues[0]} waits for it without a deadline")
