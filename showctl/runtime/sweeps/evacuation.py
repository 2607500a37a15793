"""Evacuation from every state that a course comes by: at each cue, somebody evacuates a second after it has started.

Within ``SAFE_AFTER`` the venue itself must show what the zones' safe states say: lamps at their levels, sound muted, pictures
gone, headsets in passthrough, doors open or under way, nothing moving that can hurt. Every word of a safe state must have been
said. While the latch holds nothing starts, GO is refused; a named person re-arms, and the show can be taken up at the same cue.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from showctl.engine.commands import Tell
from showctl.runtime.sweeps.courses import Played
from showctl.runtime.sweeps.trials import Course, Trial, Watch
from showctl.show.cues import CueRef, LightMove, MoveKind, Perform
from showctl.show.fixtures import EMITTERS, Family
from showctl.show.instants import SECOND, Instant
from showctl.show.levels import FULL, percent_of
from showctl.show.show import Show

AFTER_START: Final = SECOND
SAFE_AFTER: Final = 2 * SECOND
DOORS_AFTER: Final = 7 * SECOND
REARM_AFTER: Final = 8 * SECOND
LENGTH: Final = 14 * SECOND
NEAR: Final = 1.5
"""Percent: what eight bits and a fade's last step may differ."""


class EvacuationWatch(Watch):
    """Looks at the room, presses GO against the latch, re-arms, and goes on."""

    def begin(self, run: Course, trial: Trial) -> None:
        self._asked: list[Tell] = []
        run.steps.clear()  # whoever had a script is on the way out
        run.waiting.clear()
        if refused := run.ask("evacuate", "now"):
            run.fail(f"an evacuation was refused: {refused}")
        for after, look in ((SAFE_AFTER, self._is_safe), (DOORS_AFTER, self._latched), (REARM_AFTER, self._goes_on)):
            run.play(trial.moment + after)
            run.now = trial.moment + after
            look(run, trial)

    def tell(self, run: Course, command: Tell) -> None:  # noqa: ARG002 - a hook
        self._asked.append(command)

    def _is_safe(self, run: Course, trial: Trial) -> None:  # noqa: ARG002 - as its neighbours
        run.fresh()
        for name, levels in safe_levels(run.show).items():
            seen = run.seen(name)
            if seen is not None and min(abs(float(seen) - level) for level in levels) > NEAR:
                run.fail(f"{name} is at {float(seen):.0f}, and its safe state is {' or '.join(f'{n:.0f}' for n in levels)}")
        said = {(item.device, item.verb, item.arguments) for item in self._asked}
        for zone in run.show.zones:
            for action in zone.safe.actions:
                if (action.device, action.verb, action.arguments) not in said:
                    run.fail(f"{action.device} was not asked to {action.verb}, which makes {zone.name} safe")
                self._is_done(run, action)

    def _is_done(self, run: Course, action: Perform) -> None:
        """What the audience sees and hears of it."""
        words = dict(action.arguments)
        if action.device in run.laws.faulty:
            return
        match action.verb:
            case "mute" if run.seen(f"{action.device}.muted") is False:
                run.fail(f"{action.device} is not muted")
            case "blank" if (surface := words.get("surface")) is not None:
                shown = run.seen(f"{action.device}.{surface}_opacity")
                if shown and run.seen(f"{action.device}.{surface}_state") == "playing":
                    run.fail(f"{surface} still shows {run.seen(f'{action.device}.{surface}_clip')}")
            case "passthrough" if run.seen(f"{action.device}.passthrough") is False:
                run.fail(f"{action.device} is not in passthrough")
            case _:
                pass

    def _latched(self, run: Course, trial: Trial) -> None:
        for zone in run.show.zones:
            for action in zone.safe.actions:
                state = run.seen(f"{action.device}.state")
                well = action.device not in run.laws.faulty
                if well and action.verb == "open" and state is not None and state != "open":
                    run.fail(f"{action.device} was asked to open, and is {state} seven seconds later")
        if not run.ask("go", str(trial.cues[0])):
            run.fail(f"GO on {trial.cues[0]} was not refused, and an evacuation is in force")

    def _goes_on(self, run: Course, trial: Trial) -> None:
        if run.ask("rearm", "") == "":
            run.fail("nobody in particular could re-arm after an evacuation")
        if refused := run.ask("rearm", "the sweep"):
            run.fail(f"a named person could not re-arm: {refused}")
        run.started.clear()
        if refused := run.ask("go", str(trial.cues[0])):
            run.fail(f"after the re-arming GO on {trial.cues[0]} is refused: {refused}")
        elif trial.cues[0] not in run.started:
            run.fail(f"after the re-arming GO on {trial.cues[0]} starts nothing")


def trials(show: Show, played: Played, cues: Collection[CueRef]) -> list[Trial]:
    """A second after each of ``cues``."""
    at: dict[Instant, CueRef] = {}
    for ref in sorted(cues, key=lambda ref: played.begins[ref]):
        at.setdefault(played.begins[ref] + AFTER_START, ref)
    return [
        Trial("evacuate", f"evacuate at {ref}", moment, LENGTH, cues=(ref,), place=show.cue(ref).place)
        for moment, ref in at.items()
        if moment < played.end
    ]


def safe_levels(show: Show) -> dict[str, set[float]]:
    """What the zones' safe states promise of each lamp's intensity (percent): several, where zones disagree.

    A light without a dimmer is as bright as its brightest emitter. Lights of cells are not asked cell by cell.
    """
    found: dict[str, set[float]] = {}
    for zone in show.zones:
        for name, level in _intensities(show, zone.safe.light):
            found.setdefault(name, set()).add(level)
    return found


def _intensities(show: Show, moves: tuple[LightMove, ...]) -> list[tuple[str, float]]:
    found: list[tuple[str, float]] = []
    told = {
        index: level
        for move in moves
        if move.kind is MoveKind.SET
        for index, level in zip(move.parameters, move.levels, strict=True)
    }
    for index, level in told.items():
        parameter = show.patch.parameters[index]
        if parameter.family is not Family.INTENSITY or parameter.cell >= 0:
            continue
        share = 1.0
        if not parameter.channel.slots:
            emitters = [told.get(p.index, 0) for p in show.patch.parameters_of[parameter.fixture] if p.name in EMITTERS]
            share = max(emitters, default=0) / FULL
        found.append((f"{show.patch.fixtures[parameter.fixture].name}.{parameter.name}", percent_of(level) * share))
    return found
