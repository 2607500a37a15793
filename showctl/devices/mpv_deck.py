"""The one clip of an mpv: loaded paused, begun to the moment, kept in step with the show, brought back after a restart.

A deck says in words of mpv's what is to be done (``protocols/mpv``) and is told what mpv says of it; it knows no connection.
Where a clip should be now is the show's word (``playing.Playing``): from the second at which it was to begin, at the instant at
which that was asked. What mpv says is compared with it: a little apart is made up by running up to ``drift`` faster or slower
(2 %, an option of the device), more than ``jump`` (250 ms) by a seek. A clip that must be taken up in its middle is loaded a
moment ahead, paused there, and let go when the show comes by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from showctl.devices.driver import Started
from showctl.devices.playing import Playing, Wanted
from showctl.protocols.mpv import Scalar
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant, seconds, seconds_of
from showctl.show.triggers import Clip

IT: Final = "it"
LEAD: Final = 300 * MILLISECOND
"""How far ahead of itself a clip is loaded that is taken up in its middle; more where loading has taken longer."""
SETTLES: Final = 300 * MILLISECOND
SEEK_TAKES: Final = 60 * MILLISECOND
SEEK_WITHIN: Final = 2 * SECOND
MADE_UP_IN: Final = 3.0
"""Seconds in which what is apart would be made up, were there no limit."""
SAME_PLACE: Final = MILLISECOND
FINE: Final = 0.004
"""Seconds: closer is not corrected. Sound tells its place to a fraction of a millisecond, film to a frame."""
FRAME: Final = 0.042
"""Of a film whose rate nobody declared."""
LIMIT: Final = 2.0
JUMP: Final = 0.25

Words = list[tuple[Scalar, ...]]


class Deck:
    """What one mpv plays. Its methods return what to say to it, in order."""

    def __init__(self, device: Device, clips: Mapping[str, Clip]) -> None:
        self._latency = device.latency
        self._sound = device.kind.name == "mpv_sound"
        root = str(device.options.get("media", "")).rstrip("/")
        self._paths = {name: f"{root}/{clip.file}" if root else clip.file for name, clip in clips.items()}
        self._clip_at = {path: name for name, path in self._paths.items()}
        self._rates = {name: clip.fps for name, clip in clips.items()}
        self._limit = option(device, "drift", "%", LIMIT) / 100
        self._jump = option(device, "jump", "ms", JUMP * 1000) / 1000
        self.show: Playing[str] = Playing({name: clip.length for name, clip in clips.items()})
        self.standby: tuple[str, float] | None = None
        """What ``load`` asked for and nothing has played yet."""
        self.clip = ""
        """What mpv was told to load last, by its name in the show."""
        self.ready = self.running = False
        self.length: float | None = None
        """Of what is loaded, as mpv says, in seconds."""
        self.apart = 0.0
        """Seconds by which it is ahead (or, negative, behind), when it was looked at last."""
        self.started: Started | None = None
        self.watching = False
        """Whether its first movement is being waited for."""
        self._still: Scalar = None
        self._at: Duration = 0
        self._opening = False
        self._loaded_at: Instant = 0
        self._took: Duration = 0
        self._go_at: Instant | None = None
        self._ran_at: Instant = 0
        self._seeks_until: Instant = 0
        self.speed = 1.0

    # --- what is asked -----------------------------------------------------------------------------------------------

    def named(self, path: Scalar) -> str:
        """The clip of a path of mpv's; what is not ours is named by its path."""
        return self._clip_at.get(str(path), str(path)) if path else ""

    def play(self, clip: str, at: float, loop: bool, now: Instant) -> Words:
        """``clip`` plays from second ``at``: at once if it stands there ready, else as soon as it is."""
        self.show.play(IT, clip, at, loop, 0.0, 0.0, now + self._latency)
        self.standby = None
        looped: Words = [("set_property", "loop-file", "inf" if loop else "no")]
        if self.ready and not self.running and self.clip == clip and abs(self._at - seconds(at)) <= SAME_PLACE:
            return looped + self._go(now)
        return looped + self._load(clip, seconds(at), now)

    def prepare(self, clip: str, at: float, now: Instant) -> Words:
        """``clip`` is loaded and stands at ``at``; while something else plays, once that is over."""
        self.standby = (clip, at)
        return [] if self.wanted(now) is not None else self._stand_by(now)

    def pause(self, on: bool, now: Instant) -> Words:
        """Stands still, or goes on from where it stood."""
        self.show.pause(on, now)
        if self.wanted(now) is None or not self.ready:
            return []
        self.running = not on
        self._ran_at, self._go_at = now, None
        return [("set_property", "pause", on)]

    def seek(self, at: float, now: Instant) -> Words:
        """What plays goes on from second ``at``."""
        thing = self.wanted(now)
        if thing is None:
            return []
        self.show.move(IT, at, now)
        return self._seek(at, now) if self.ready else []

    def stop(self, now: Instant) -> Words:
        """Nothing plays; what stands by is loaded."""
        self.show.stop_all(now)
        self._forget()
        return [("stop",), *self._stand_by(now)]

    def wanted(self, now: Instant) -> Wanted | None:
        """What should play now."""
        lead = self.show.wanted_lead(now)
        return None if lead is None else lead[1]

    # --- what mpv says -----------------------------------------------------------------------------------------------

    def opens(self) -> None:
        """It has begun to open a file."""
        self._opening = True

    def restarted(self, now: Instant) -> Words:
        """The first frame after a load or a seek is there."""
        self._seeks_until = 0
        if self.ready or not self._opening or not self.clip:
            return []
        self.ready, self._still = True, None
        self._took = now - self._loaded_at
        thing = self.wanted(now)
        watch: Words = [("observe_property", 1, "time-pos")]
        self.watching = True
        if thing is None or thing.clip != self.clip or self.show.paused:
            return watch
        if self._go_at is not None and now < self._go_at:
            return watch
        return watch + self._go(now)

    def ended(self, reason: str, now: Instant) -> Words:
        """The file is over (``eof``), or could not be played (``error``)."""
        if (reason == "eof" and not self.ready) or reason not in ("eof", "error") or not self._opening:
            return []
        failed = reason == "error"
        self._forget()
        self.show.wanted.clear()
        if failed:
            self.standby = None  # asked again, it would fail again
        return self._stand_by(now)

    def moved(self, value: Scalar, now: Instant) -> Started | None:
        """Its place changed. The first change after it was let go is its start."""
        if not self.watching or value is None:
            return None
        if self._still is None or not self.running:
            self._still = value
            self._let_go_at(value, now)
            return None
        if value == self._still:
            return None
        self.watching = False
        ran = 0  # a film shows its next frame as it is let go; sound tells its place now and then
        if self._sound and isinstance(value, int | float) and isinstance(self._still, int | float):
            ran = min(max(seconds(float(value) - float(self._still)), 0), now - self._ran_at)
        self.started = Started(self.clip, self._ran_at, now - ran)
        return self.started

    def placed(self, position: float, now: Instant, *, fine: bool) -> Words:
        """It stood at ``position`` seconds at ``now``; ``fine``: to less than a frame. What brings it into step."""
        thing = self.wanted(now)
        if thing is None or not self._steady(thing, now):
            return []
        where = seconds_of(self.show.position(thing, now))
        frame = 1.0 / self._rates[self.clip] if self._rates.get(self.clip) else FRAME
        apart = position - where - (0.0 if fine else frame / 2)  # it names the frame that is shown next
        if thing.loop and self.length:
            apart = (apart + self.length / 2) % self.length - self.length / 2
        self.apart = apart
        near = FINE if fine else frame
        if abs(apart) > self._jump:
            ahead = where + seconds_of(SEEK_TAKES)
            return [*self._at_speed(1.0), *self._seek(ahead % self.length if thing.loop and self.length else ahead, now)]
        if abs(apart) <= (near / 2 if self.speed != 1.0 else near):
            return self._at_speed(1.0)
        return self._at_speed(1.0 - min(max(apart / MADE_UP_IN, -self._limit), self._limit))

    # --- after a return ----------------------------------------------------------------------------------------------

    def returned(self, path: Scalar, paused: Scalar, position: Scalar, now: Instant) -> Words:
        """mpv is there (again), with ``path`` loaded: what plays as it should plays on, everything else is set right."""
        thing = self.wanted(now)
        there = self.named(path)
        self._forget()
        if thing is None:
            return ([("stop",)] if there else []) + self._stand_by(now)
        where = self.show.position(thing, now)
        looped: Words = [("set_property", "loop-file", "inf" if thing.loop else "no")]
        if there == thing.clip and isinstance(position, int | float) and bool(paused) == self.show.paused:
            if abs(seconds(float(position)) - where) <= seconds(self._jump):
                self.clip, self.ready, self._opening, self.running = there, True, True, not self.show.paused
                self._ran_at = now
                return looped
        if self.show.paused:
            return looped + self._load(thing.clip, where, now)
        lead = max(LEAD, 3 * self._took)
        self._go_at = now + lead
        target = where + lead
        return looped + self._load(thing.clip, target % thing.length if thing.loop and thing.length else target, now)

    def away(self) -> None:
        """mpv is gone."""
        self._forget()

    def wake(self, now: Instant) -> Words:
        """The show has come to where the clip stands."""
        if self._go_at is None or now < self._go_at or not self.ready:
            return []
        return [] if self.show.paused else self._go(now)

    def next_deadline(self) -> Instant | None:
        """When a clip that stands ready in its middle is let go."""
        return self._go_at if self.ready and not self.show.paused else None

    # --- inside ------------------------------------------------------------------------------------------------------

    def _load(self, clip: str, at: Duration, now: Instant) -> Words:
        go_at = self._go_at
        self._forget()
        self.clip, self._at, self._loaded_at, self._go_at = clip, at, now, go_at
        return [
            ("set_property", "pause", True),
            ("set_property", "start", f"{seconds_of(at):.6f}"),
            *self._at_speed(1.0),
            ("loadfile", self._paths.get(clip, clip), "replace"),
        ]

    def _stand_by(self, now: Instant) -> Words:
        if self.standby is None or (self.clip == self.standby[0] and self._at == seconds(self.standby[1])):
            return []
        return self._load(self.standby[0], seconds(self.standby[1]), now)

    def _let_go_at(self, stands: Scalar, now: Instant) -> None:
        """It stands on a whole frame, a little after what was asked for: it is let go when the show comes by there."""
        thing = self.wanted(now)
        if self._go_at is not None and thing is not None and not thing.loop and isinstance(stands, int | float):
            ahead = seconds(float(stands)) - self.show.position(thing, now)
            self._go_at = now + min(max(ahead, 0), 2 * LEAD)

    def _go(self, now: Instant) -> Words:
        self._ran_at, self._go_at, self.running = now, None, True
        self.started = None
        return [("set_property", "pause", False)]

    def _seek(self, at: float, now: Instant) -> Words:
        self._seeks_until = now + SEEK_WITHIN
        return [("seek", max(at, 0.0), "absolute+exact")]

    def _at_speed(self, speed: float) -> Words:
        speed = round(speed, 4)
        if speed == self.speed:
            return []
        self.speed = speed
        return [("set_property", "speed", speed)]

    def _steady(self, thing: Wanted, now: Instant) -> bool:
        """Whether its place means anything just now."""
        whole = self.ready and self.running and not self.show.paused and thing.clip == self.clip
        return whole and now >= self._seeks_until and now - self._ran_at >= SETTLES

    def _forget(self) -> None:
        self.clip, self._at = "", 0
        self.ready = self.running = self._opening = self.watching = False
        self._go_at, self._still = None, None
        self.apart = 0.0


def option(device: Device, name: str, unit: str, otherwise: float) -> float:
    """A number among the device's options, with or without its unit; ``otherwise`` where there is none that makes sense."""
    try:
        return max(float(str(device.options[name]).removesuffix(unit)), 0.0)
    except (KeyError, ValueError):
        return otherwise
