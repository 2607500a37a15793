"""What sound, film and gauze players share: named parts (voices, layers) that play clips, fade, pause and end.

Positions advance with time by themselves; the player wakes when a clip ends, a fade arrives, or (while something plays)
once a second for reports. A part that has faded out or played to its end is *stopped*: reported once and freed. A pause
holds the parts that there are; one started during the pause plays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Duration, Instant, seconds_of
from showctl.show.show import Show
from simulators.code_track import KNOWN, CodeTrack
from simulators.device import Address
from simulators.faults import read_duration
from simulators.loading import KNOWN as KNOWN_LOADING
from simulators.loading import Loading
from simulators.osc_device import OscBox
from simulators.osc_wire import Message
from simulators.playing import ClipClock, Ramp
from simulators.said_again import Retelling

CONTROLLER: Final = "127.0.0.1"
ARTNET_PORT: Final = 6454
ASKED: Final = ("ping", "state")
"""What is answered while a clip is loaded."""
MOST_PARTS: Final = 256
"""Voices or layers at once."""

Key: TypeAlias = tuple[str, int]
"""(voice, 0) or (surface, layer)."""


@dataclass(frozen=True, slots=True)
class Part:
    """One voice or layer. ``order`` counts starts; ``place`` is the output it goes to (the surface, for a layer)."""

    key: Key
    place: str
    order: int
    clock: ClipClock
    level: Ramp
    paused: bool = False
    stopping: bool = False

    @property
    def state(self) -> str:
        return "paused" if self.paused else "playing"


class MediaPlayer(OscBox):
    """A player of clips. Subclasses read their messages and say how a part is reported."""

    nothing: float
    """The level at which a part cannot be heard or seen."""
    report_every: Duration = SECOND

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed)
        self.parts: dict[Key, Part] = {}
        self._clips = {clip.name: clip.length for clip in show.clips if not clip.players or device.name in clip.players}
        self._missing: set[str] = set()
        self._started = 0
        self.retelling: Retelling = Retelling(self.report_every)
        self._busy_until: Instant = 0
        self._frozen = False
        self._frozen_until: Instant | None = None
        self._loading = Loading(device)
        self._codes = [CodeTrack(item, seed) for item in show.timecodes if item.source == device.name and item.along]

    # --- hooks ------------------------------------------------------------------------------------------------------

    def tell_part(self, part: Part, state: str, now: Instant) -> None:
        """Reports one part."""
        raise NotImplementedError

    def tell_missing(self, text: str) -> None:
        """Reports something asked for that is not there."""
        self.tell("error", text)

    def on_messages(self, messages: list[Message], peer: Address | str, now: Instant) -> None:
        for message in messages:
            if message.address.rpartition("/")[2] in ASKED or not self._loading.drops(now):
                super().on_messages([message], peer, now)

    # --- verbs ------------------------------------------------------------------------------------------------------

    def play(self, key: Key, place: str, clip: str, at: Duration, loop: bool, level: Ramp, now: Instant) -> None:
        """``clip`` plays as ``key`` from ``at``, replacing what was there; what is not there is an error, and changes nothing."""
        if now < self._busy_until:
            return
        if clip not in self._clips or clip in self._missing:
            self.tell_missing(f"no clip {clip}")
            return
        before = self.parts.get(key)
        if before is None and len(self.parts) >= MOST_PARTS:
            self.tell_missing(f"no more than {MOST_PARTS} at once")
            return
        self._started += 1
        loads = self._loading.begins(now) if before is None or before.clock.clip != clip else 0
        clock = ClipClock(clip, self._clips[clip], loop, at, now + self.device.latency + loads, not self._frozen)
        order = before.order if before is not None and before.clock.clip == clip else self._started
        part = Part(key, place, order, clock, level)
        end = clock.end()
        if end is not None and end <= now + self.device.latency:  # asked to start at or past its end
            self.parts.pop(key, None)
            self.tell_part(part, "stopped", now)
            return
        self.parts[key] = part
        self.parts = dict(sorted(self.parts.items(), key=lambda item: item[1].order))
        self.tell_part(part, part.state, now)
        self._plan_reports(now)

    def fade(
        self, key: Key, target: float, over: Duration, now: Instant, blend: Callable[[float, float, float], float] | None
    ) -> None:
        """Takes a part to ``target``; where there is no such part nothing happens."""
        if (part := self.parts.get(key)) is not None:
            part = replace(part, level=Ramp(part.level.at(now), target, now, over, blend), stopping=False)
            self.parts[key] = part
            self.tell_part(part, part.state, now)

    def stop(self, key: Key, over: Duration, now: Instant, blend: Callable[[float, float, float], float] | None) -> None:
        """Fades a part out and frees it."""
        if (part := self.parts.get(key)) is None:
            return
        if over == 0:
            self._free(part, now)
        else:
            self.parts[key] = replace(part, level=Ramp(part.level.at(now), self.nothing, now, over, blend), stopping=True)

    def stop_all(self, over: Duration, now: Instant, blend: Callable[[float, float, float], float] | None) -> None:
        for key in list(self.parts):
            self.stop(key, over, now, blend)

    def pause(self, on: bool, now: Instant) -> None:
        """Every part stands still, or goes on."""
        for part in list(self.parts.values()):
            if part.paused != on:
                clock = part.clock.stopped(now) if on or self._frozen else part.clock.resumed(now)
                self.parts[part.key] = held = replace(part, paused=on, clock=clock)
                self.tell_part(held, held.state, now)
        self._plan_reports(now)

    def _free(self, part: Part, now: Instant) -> None:
        del self.parts[part.key]
        self.tell_part(part, "stopped", now)
        self._plan_reports(now)

    def _plan_reports(self, now: Instant) -> None:
        if all(part.paused for part in self.parts.values()):
            self.retelling.stop(now)
        elif self.retelling.at is None:
            self.retelling.start(now + self.report_every)
        else:
            self.stirred(now)

    # --- Box --------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:
        self.parts.clear()
        self.retelling.stop(now)
        self._frozen_until = None
        self._busy_until, self._frozen = 0, False
        self._loading.ends()

    def on_down(self, now: Instant) -> None:
        super().on_down(now)
        self.on_up(now)

    def own_deadline(self) -> Instant | None:
        times: list[Instant | None] = [self._frozen_until, self.retelling.at]
        for part in self.parts.values():
            times.append(part.clock.end())
            if part.level.duration:
                times.append(part.level.end())
        times += [track.due(playing.clock) for track in self._codes if (playing := self._with_code(track)) is not None]
        return min((time for time in times if time is not None), default=None)

    def on_wake(self, now: Instant) -> None:
        if self._frozen_until is not None and now >= self._frozen_until:
            self._freeze(False, now)
        for track in self._codes:
            self._send_code(track, now)
        for part in list(self.parts.values()):
            end = part.clock.end()
            if end is not None and now >= end:
                self._free(part, now)
            elif part.level.duration and now >= part.level.end():
                if part.stopping:
                    self._free(part, now)
                else:
                    self.stirred(now)
                    self.parts[part.key] = arrived = replace(part, level=Ramp(part.level.target, part.level.target))
                    self.tell_part(arrived, arrived.state, now)
        if self.retelling.at is not None and now >= self.retelling.at:
            for part in self.parts.values():
                if not part.paused:
                    self.tell_part(part, part.state, now)
            self.retelling.told(now, self.is_heard and all(_goes_on(part) for part in self.parts.values()))

    def _with_code(self, track: CodeTrack) -> Part | None:
        """What plays and carries this code."""
        return next((part for part in reversed(self.parts.values()) if part.clock.clip in track.clips), None)

    def _send_code(self, track: CodeTrack, now: Instant) -> None:
        playing = self._with_code(track)
        if playing is None or (due := track.due(playing.clock)) is None or due > now:
            return
        packet = track.packet(playing.clock.clip, now)
        if packet is not None:
            self.send(packet, (CONTROLLER, ARTNET_PORT if track.given.kind == "artnet" else self.show.osc_port))

    def tell_all(self, now: Instant) -> None:
        for part in self.parts.values():
            self.tell_part(part, part.state, now)

    # --- what breaks ------------------------------------------------------------------------------------------------

    def on_act(self, words: str, now: Instant) -> None:
        if match := re.fullmatch(r"busy for (.+)", words):
            self._busy_until = now + read_duration(match[1])
        elif match := re.fullmatch(r"frozen(?: for (.+))?", words):
            self._freeze(True, now)
            self._frozen_until = now + read_duration(match[1]) if match[1] else None
        elif words == "unfrozen":
            self._freeze(False, now)
        elif self._loading.act(words) or sum(track.break_(words, now) for track in self._codes):
            pass
        elif (match := re.fullmatch(r"clip (\S+) (missing|found)", words)) and match[1] in self._clips:
            (self._missing.add if match[2] == "missing" else self._missing.discard)(match[1])
        else:
            raise ValueError(
                f"{self.name} does not understand {words!r}; it knows busy for TIME, frozen [for TIME], unfrozen, "
                f"{KNOWN_LOADING}, clip NAME missing, clip NAME found{', ' + KNOWN if self._codes else ''}"
            )

    def _freeze(self, on: bool, now: Instant) -> None:
        """The picture (or sound) hangs, while the player believes that it plays."""
        self.stirred(now)
        self._frozen, self._frozen_until = on, None
        for part in list(self.parts.values()):
            if not part.paused:
                clock = part.clock.stopped(now) if on else part.clock.resumed(now)
                self.parts[part.key] = replace(part, clock=clock)

    # --- truth ------------------------------------------------------------------------------------------------------

    def latest(self) -> Part | None:
        """The lead: of the parts that there are, the one that began last (one that plays the same clip anew keeps its place)."""
        return max(self.parts.values(), key=lambda part: part.order, default=None)

    def about(self, part: Part | None, now: Instant, level: str) -> dict[str, Value]:
        """What is true of one part, or of silence and darkness; ``level`` names its level."""
        if part is None:
            return {"state": "stopped", "clip": "", "position": 0.0, level: 0.0}
        return {
            "state": part.state,
            "clip": part.clock.clip,
            "position": round(seconds_of(part.clock.at(now)), 3),
            level: round(part.level.at(now), 2),
        }


def _goes_on(part: Part) -> bool:
    """Whether all that changes about it is how far it has come."""
    return not part.level.duration and (part.paused or part.clock.running)
