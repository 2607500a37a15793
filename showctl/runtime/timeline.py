"""What a rehearsal looked and sounded like over its time: for a page that people scrub through.

Nothing is drawn for it and nothing is asked that would not have been: zones are looked at when a frame has been drawn anyway, at
most once in a few hundredths of the whole, so a rehearsal with a timeline is the same to the byte as one without.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from showctl.engine.commands import Answer, Note
from showctl.engine.events import DeviceHealth, Event
from showctl.runtime.rehearsal import Stagehand, Verdict
from showctl.show.instants import SECOND, Instant, seconds_of
from showctl.show.rehearsals import Step

MOST_SAMPLES: Final = 400
SOONEST: Final = SECOND // 2
OF_PEOPLE: Final = ("guests", "press")
"""Lines of a script about people, of which a storm has hundreds: they are counted among what was done, not among faults."""


class RecordedStagehand(Stagehand):
    """A rehearsal whose verdict has a ``timeline``."""

    _cues: list[list[Any]]
    _runs: dict[int, int]
    _health: dict[str, list[list[Any]]]
    _acts: list[list[Any]]
    _zones: dict[str, dict[str, list[Any]]]
    _playing: dict[str, list[list[Any]]]
    _sampled: Instant
    _every: Instant

    def run(self) -> Verdict:
        self._cues, self._runs, self._health, self._acts, self._playing = [], {}, {}, [], {}
        self._sampled, self._every = -1, SOONEST
        names = self.venue.names()
        self._zones = {
            zone.name: {"t": [], "light": [], "color": [], "sound": [], "guests": []}
            for zone in self.show.zones
            if f"{zone.name}.light" in names
        }
        outputs = [(item.player, item.name) for item in self.show.speakers]
        outputs += ((item.player, item.name) for item in self.show.surfaces)
        self._players = [(f"{player}.{name}", name) for player, name in outputs if f"{player}.{name}_clip" in names]
        verdict = super().run()
        return replace(verdict, timeline=self._made())

    def _one_show(self) -> None:
        whole = (self._end_of_all() - self.now) if self.now == 0 else self._every * MOST_SAMPLES
        self._every = max(SOONEST, whole // MOST_SAMPLES)
        super()._one_show()

    def _end_of_all(self) -> Instant:
        length = self.rehearsal.length
        return (length if length is not None else 5 * 60 * SECOND) * self.rehearsal.repeat

    def _instant(self, *, last: bool = False) -> None:
        super()._instant(last=last)
        if last or self._sampled < 0 or self.now - self._sampled >= self._every:
            self._sampled = self.now
            self._sample()

    def _sample(self) -> None:
        now = self.now
        for name, rows in self._zones.items():
            red, green, blue = (float(self.venue.look(f"{name}.light_{word}", now)) for word in ("red", "green", "blue"))
            rows["t"].append(_moment(now))
            rows["light"].append(round(float(self.venue.look(f"{name}.light", now)), 1))
            rows["color"].append(_color(red, green, blue))
            rows["sound"].append(round(float(self.venue.look(f"{name}.sound", now)), 1))
            rows["guests"].append(round(float(self.venue.look(f"{name}.guests", now))))
        for prefix, name in self._players:
            plays = self.venue.look(f"{prefix}_state", now) == "playing"
            clip = str(self.venue.look(f"{prefix}_clip", now)) if plays else ""
            told = self._playing.setdefault(name, [])
            if (told[-1][1] if told else "") != clip:
                told.append([_moment(now), clip])

    def _note(self, note: Note) -> None:
        super()._note(note)
        match note.what:
            case "cue.started" if note.cue is not None and ":" not in note.cue.label:
                cue = self.show.cue(note.cue)
                self._runs[note.run] = len(self._cues)
                self._cues.append([note.cue.list, note.cue.label, cue.name, _moment(note.instant), None])
            case "cue.done" | "cue.stopped" if note.run in self._runs:
                self._cues[self._runs.pop(note.run)][4] = _moment(note.instant)
            case _:
                pass

    def _handle(self, event: Event) -> Answer | None:
        if isinstance(event, DeviceHealth):
            told = self._health.setdefault(event.device, [])
            told.append([_moment(self.now), event.health, event.why])
        return super()._handle(event)

    def _do(self, step: Step) -> None:
        self._acts.append([_moment(self.now), step.what, step.words])
        super()._do(step)

    def _made(self) -> dict[str, Any]:
        return {
            "length": _moment(self.now),
            "cues": self._cues,
            "zones": self._zones,
            "playing": {name: told for name, told in self._playing.items() if told},
            "devices": {name: self._health[name] for name in self.rig.drivers if name in self._health},
            "acts": self._acts,
        }


def _moment(now: Instant) -> float:
    return round(seconds_of(now), 3)


def _color(red: float, green: float, blue: float) -> str:
    """The colour of the light, as bright as a screen can show it."""
    most = max(red, green, blue)
    if most <= 0:
        return "#000000"
    return "#" + "".join(f"{round(255 * (part / most) ** (1 / 2.2)):02x}" for part in (red, green, blue))
