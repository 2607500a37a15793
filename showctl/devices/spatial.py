"""What all renderers of sound objects have in common: where each object is, and how often that is said.

The show speaks of objects in metres of the venue; a dialect (``adm_osc``, ``ds100``, ``l_isa``) derives from ``Spatial`` and
says what that is on its wire. While an object moves, its place is said at most once in the ``gap``, the newest only; its last
place exactly, and once more a moment later, for UDP loses words. A renderer that answers is asked about one object a second, and
what it says is what is *reported*; one that does not is told everything again every ``REFRESH``. A list that is paused holds
its objects where they are.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

from showctl.devices.driver import Output, Outputs
from showctl.devices.heartbeat import earliest
from showctl.devices.motion import Beside, Motion, Rest, put_off, travel
from showctl.devices.osc_talker import OscTalker
from showctl.devices.words import flag, number, text
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant
from showctl.show.space import SoundObject, Space, Vector

AGAIN: Final[Duration] = 250 * MILLISECOND
"""After the last word about an object it is said once more."""
REFRESH: Final[Duration] = 5 * SECOND
SILENT: Final = -120.0
Answer: TypeAlias = tuple[int, tuple[float | None, float | None, float | None]]
"""Which object, and where in the venue, as far as that is said."""
PLACE, LEVEL, SPREAD = "place", "level", "spread"


class Spatial(OscTalker):
    """One renderer. A dialect says what its objects' places, levels and spreads are on the wire."""

    def __init__(self, device: Device) -> None:
        self.space = device.space or Space()
        super().__init__(device, "", answers=self.space.returns > 0)
        self._objects = {item.name: item for item in self.space.objects}
        self._motions: dict[str, Motion] = {item.name: Rest(item.home) for item in self.space.objects if item.home is not None}
        self._amounts: dict[tuple[str, str], float] = {}
        """Levels (dB) and spreads (percent) by what and object."""
        self._said: dict[tuple[str, str], list[Output]] = {}
        """What was said last of each object's place, level and spread."""
        self._spoke: Instant = -SECOND
        self._again: dict[tuple[str, str], Instant] = {}
        self._pending = False
        self._paused_at: Instant | None = None
        self._asked = 0
        self._refresh_at: Instant | None = None

    # --- what a dialect says -------------------------------------------------------------------------------------------

    def place_words(self, item: SoundObject, place: Vector) -> list[Output]:
        """The messages that put ``item`` at ``place`` (the venue's metres)."""
        raise NotImplementedError

    def level_words(self, item: SoundObject, level: float) -> list[Output]:
        """The messages that take ``item`` to ``level`` dB."""
        raise NotImplementedError

    def spread_words(self, item: SoundObject, amount: float) -> list[Output]:
        """The messages that make ``item`` as wide as ``amount`` percent of all."""
        raise NotImplementedError

    def question(self, item: SoundObject) -> list[Output]:  # noqa: ARG002
        """Asks where ``item`` is."""
        return []

    def answer(self, message: osc.Message) -> Answer | None:  # noqa: ARG002
        """What a message says; None where it is about something else."""
        return None

    # --- for dialects --------------------------------------------------------------------------------------------------

    def seen_from_within(self, place: Vector) -> Vector:
        """How far to the right, to the front and up of the renderer's middle ``place`` is, in metres."""
        dx, dy, dz = (part - middle for part, middle in zip(place, self.space.origin, strict=True))
        sine, cosine = math.sin(math.radians(self.space.facing)), math.cos(math.radians(self.space.facing))
        return dx * cosine - dz * sine, dx * sine + dz * cosine, dy

    def in_the_venue(self, right: float, front: float, up: float) -> Vector:
        """Where that is in the venue."""
        sine, cosine = math.sin(math.radians(self.space.facing)), math.cos(math.radians(self.space.facing))
        x, y, z = self.space.origin
        return x + right * cosine + front * sine, y + up, z - right * sine + front * cosine

    # --- the contract --------------------------------------------------------------------------------------------------

    def start(self, now: Instant) -> Outputs:
        self._said.clear()  # whatever was asked before there was a link has not been said
        if not self.space.returns:
            self._refresh_at = now + REFRESH
        return [*super().start(now), *self._say(now)]

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        match command.verb:
            case "move":
                self._move(command, now)
            case "follow":
                self._follow(command, now)
            case "track":
                self._track(command, now)
            case "stop":
                self._stay(self._named(command), now)
            case "level":
                self._amounts[LEVEL, self._named(command)] = number(command, "level")
            case "spread":
                self._amounts[SPREAD, self._named(command)] = number(command, "amount")
            case "pause":
                self._pause(flag(command, "on"), now)
            case "freeze":
                self._freeze(flag(command, "home"), now)
            case _:
                raise KeyError(command.verb)
        self._pending = True
        return self._say(now) if self._spoke + self.space.gap <= now else []

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        self.beat.answered(now)
        heard = self.answer(message)
        item = None if heard is None else next((item for item in self.space.objects if item.number == heard[0]), None)
        if heard is None or item is None:
            return []
        said = {f"{item.name}_{axis}": round(part, 3) for axis, part in zip("xyz", heard[1], strict=True) if part is not None}
        return [*self.reports.say_all(said, now)]

    def restore(self, now: Instant) -> list[Output]:
        self._said.clear()
        return self._say(now)

    def ask_state(self) -> list[Output]:
        return []

    def ping_message(self) -> list[Output]:
        if not self.space.objects:
            return []
        self._asked = (self._asked + 1) % len(self.space.objects)
        return self.question(self.space.objects[self._asked])

    def pinged(self, times: int, last: Instant) -> None:  # noqa: ARG002
        self._asked = (self._asked + times) % max(len(self.space.objects), 1)

    def later(self, now: Instant) -> list[Output]:
        if self._refresh_at is not None and now >= self._refresh_at:
            self._refresh_at = now + REFRESH
            self._said.clear()
            self._pending = True
        due = now >= self._spoke + self.space.gap and (self._pending or self._moves())
        found = self._say(now) if due else []
        for key in [key for key, at in self._again.items() if now >= at]:
            del self._again[key]
            found += self._said.get(key, [])
            if key[0] == PLACE and self.space.returns:
                found += self.question(self._objects[key[1]])
        return found

    def own_deadline(self) -> Instant | None:
        next_word = self._spoke + self.space.gap if self._pending or self._moves() else None
        return earliest(next_word, min(self._again.values(), default=None), self._refresh_at)

    def desired(self) -> dict[str, Value]:
        """Of what rests; where something on its way should be has changed by the time that anybody reads it."""
        found: dict[str, Value] = {}
        for name, motion in self._motions.items():
            over = motion.over_at()
            still = self._paused_at is not None or (over is not None and over <= self._spoke)
            place = self._place(name, self._clock(self._spoke))
            if still and place is not None:
                found |= {f"{name}_{axis}": round(part, 3) for axis, part in zip("xyz", place, strict=True)}
        return found

    # --- motions -------------------------------------------------------------------------------------------------------

    def _named(self, command: Tell) -> str:
        return self._objects[text(command, "object")].name

    def _clock(self, now: Instant) -> Instant:
        return now if self._paused_at is None else self._paused_at

    def _place(self, name: str, now: Instant) -> Vector | None:
        motion = self._motions.get(name)
        return None if motion is None else motion.at(now)

    def _move(self, command: Tell, now: Instant) -> None:
        name, here = self._named(command), self._place(text(command, "object"), self._clock(now))
        over, at = number(command, "over"), number(command, "at")
        ease, loop = text(command, "ease"), text(command, "loop")
        self._motions[name] = travel(text(command, "way"), over, ease, loop, at, self._clock(now), here)

    def _follow(self, command: Tell, now: Instant) -> None:
        """It waits where it is until they are seen."""
        name, who = self._named(command), text(command, "who")
        apart = (number(command, "x"), number(command, "y"), number(command, "z"))
        self._motions[name] = Beside(who, apart, self._place(name, self._clock(now)))

    def _track(self, command: Tell, now: Instant) -> None:
        name = self._named(command)
        motion = self._motions.get(name)
        if not isinstance(motion, Beside):
            return
        place = (number(command, "x"), number(command, "y"), number(command, "z"))
        velocity = (number(command, "vx"), number(command, "vy"), number(command, "vz"))
        self._motions[name] = motion.seen(place, velocity, self._clock(now))

    def _stay(self, name: str, now: Instant) -> None:
        place = self._place(name, self._clock(now))
        if place is None:
            self._motions.pop(name, None)
        else:
            self._motions[name] = Rest(place)

    def _pause(self, on: bool, now: Instant) -> None:
        if on and self._paused_at is None:
            self._paused_at = now
        elif not on and self._paused_at is not None:
            stood = now - self._paused_at
            self._motions = {name: put_off(motion, stood) for name, motion in self._motions.items()}
            self._paused_at = None

    def _freeze(self, home: bool, now: Instant) -> None:
        for name in list(self._motions):
            self._stay(name, now)
        self._paused_at = None
        if home:
            self._motions |= {item.name: Rest(item.home) for item in self.space.objects if item.home is not None}
            self._amounts = dict.fromkeys(self._amounts, 0.0)

    def _moves(self) -> bool:
        """Whether any object will be elsewhere than was said."""
        if self._paused_at is not None:
            return False
        ends = [motion.over_at() for motion in self._motions.values()]
        return any(end is None or end > self._spoke for end in ends)

    # --- words ---------------------------------------------------------------------------------------------------------

    def _say(self, now: Instant) -> list[Output]:
        """What is not as it was said last."""
        wanted: dict[tuple[str, str], list[Output]] = {}
        for name, item in self._objects.items():
            place = self._place(name, self._clock(now))
            if place is not None and all(map(math.isfinite, place)):
                wanted[PLACE, name] = self.place_words(item, place)
        for (what, name), amount in self._amounts.items():
            words = self.level_words if what == LEVEL else self.spread_words
            wanted[what, name] = words(self._objects[name], amount)
        self._pending, self._spoke = False, now
        found: list[Output] = []
        for key, messages in wanted.items():
            if messages and messages != self._said.get(key):
                self._said[key] = messages
                self._again[key] = now + AGAIN
                found += messages
        return found


def gain(level: float) -> float:
    """Linear, of dB; -120 dB is nothing.

    >>> gain(0.0), round(gain(-6.0), 4), gain(-120.0)
    (1.0, 0.5012, 0.0)
    """
    return 0.0 if level <= SILENT else 10.0 ** (level / 20.0)


def clamped(value: float, low: float, high: float) -> float:
    """``value``, or the nearer bound."""
    return min(max(value, low), high)
