"""Every cue jumped to: located to, then started by GO, from the room at rest and from the middle of another scene.

A locate makes the room as if played, so nothing that can hurt moves after it; a GO on the cue starts that cue and no other, and
what follows it follows in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from showctl.engine.state import HazardPhase
from showctl.runtime.sweeps.courses import Played, cues_of
from showctl.runtime.sweeps.trials import Course, Trial, Watch
from showctl.show.cues import CueRef
from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.latest import latest_next
from showctl.show.show import Show

AT_REST: Final[Instant] = SECOND // 2
LOOK: Final = 2 * SECOND
"""After the locate, before the GO."""
LONGEST: Final = 60 * SECOND
BEYOND: Final = 2 * SECOND


class JumpWatch(Watch):
    """Locates at once, presses GO after ``LOOK``."""

    def begin(self, run: Course, trial: Trial) -> None:
        ref = trial.cues[0]
        run.steps.clear()  # the script's own operator keeps his hands off
        run.waiting.clear()
        answer = run.ask("locate", str(ref))
        if answer:
            run.fail(f"locate {ref} was refused: {answer}")
        run.play(trial.moment + LOOK)
        run.now = trial.moment + LOOK
        self._nothing_moves(run, ref)
        already = any(item.cue == ref for item in run.playback.state.runs.values())
        run.started.clear()
        answer = run.ask("go", str(ref))
        if answer:
            run.fail(f"GO on {ref} was refused: {answer}")
        elif ref not in run.started and not already:
            run.fail(f"GO on {ref} started {', '.join(str(item) for item in run.started) or 'nothing'}")

    def _nothing_moves(self, run: Course, ref: CueRef) -> None:
        for interlock, state in zip(run.show.hazards, run.playback.state.hazards, strict=True):
            if state.phase is HazardPhase.FIRE:
                run.fail(f"{interlock.name} is on after locate {ref}, and nobody asked for it")


def trials(show: Show, played: Sequence[Played]) -> list[tuple[Played, list[Trial]]]:
    """From rest in the first course, and once more from the middle of the longest."""
    longest = max(played, key=lambda item: (item.end, item.rehearsal.stem))
    middle = longest.end * 2 // 5
    found: list[tuple[Played, list[Trial]]] = []
    for item, moment, words in ((played[0], AT_REST, "from rest"), (longest, middle, "from the middle of a scene")):
        found.append((item, [_trial(show, cue.ref, moment, words) for cue in cues_of(show)]))
    return found


def _trial(show: Show, ref: CueRef, moment: Instant, words: str) -> Trial:
    cue = show.cue(ref)
    length: Duration = LOOK + min((latest_next(show, cue) or SECOND) + BEYOND, LONGEST)
    return Trial("cues", f"jump to {ref} {words}", moment, length, cues=(ref,), place=cue.place)
