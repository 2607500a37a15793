"""Each machine dead at each cue: it loses its power at the instant at which the cue starts, and stays dead.

Machines are the show's devices, the nodes and widgets that light goes through, and the sensors that no device feeds. Each is
tried once more from the very start of the longest course to its end. The laws judge: no cue is blocked, and nothing that can
hurt moves when its permissive has fallen silent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from showctl.runtime.sweeps.courses import Played
from showctl.runtime.sweeps.trials import Trial, Watch
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
        length = min(max(_length(show, ref) for ref in refs), max(played.end - moment, SHORTEST))
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
                place=place,
            )
            for name in dead
            if name not in broken
        )
    return found


def _length(show: Show, ref: CueRef) -> Duration:
    cue = show.cue(ref)
    return min(max((latest_next(show, cue) or 0) + BEYOND, SHORTEST), LONGEST)


def _broken_by(rehearsal: Rehearsal) -> set[str]:
    """What the script breaks itself, and may give back."""
    return {step.words.partition(" ")[0] for step in rehearsal.steps if step.what == "fault"}


WATCH: Final = Watch()
