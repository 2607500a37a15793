"""A renderer that speaks ADM-OSC 1.0: OSC over UDP, port 4001, answers to port 4002.

One message carries a whole place (``xyz`` or ``aed``), so that no half of it is heard: x to the right, y to the front, z up, each
-1 to 1 at the renderer's ``reach``; azimuth in degrees, *to the left* of the front, elevation, and distance. The published quick
reference (section 8) writes the azimuth of x and y as atan2(x, y), which contradicts its own way back (x = -d sin a): what is
sent here is atan2(-x, y). What lies farther off than the reach is put at its edge, in its direction.
"""

from __future__ import annotations

import math
import re
from typing import Final

from showctl.devices.driver import Output
from showctl.devices.spatial import Answer, Spatial, clamped, gain
from showctl.protocols import osc
from showctl.show.space import SoundObject, Vector

_OBJECT: Final = re.compile(r"/adm/obj/([1-9][0-9]{0,4})/(xyz|aed)")


class AdmOsc(Spatial):
    """One renderer of kind ``adm_osc``."""

    def place_words(self, item: SoundObject, place: Vector) -> list[Output]:
        values = self._xyz(place) if self.space.form == "xyz" else self._aed(place)
        return self.say(f"/adm/obj/{item.number}/{self.space.form}", *values)

    def level_words(self, item: SoundObject, level: float) -> list[Output]:
        return self.say(f"/adm/obj/{item.number}/gain", gain(level))

    def spread_words(self, item: SoundObject, amount: float) -> list[Output]:
        return self.say(f"/adm/obj/{item.number}/w", clamped(amount / 100.0, 0.0, 1.0))

    def question(self, item: SoundObject) -> list[Output]:
        return self.say(f"/adm/obj/{item.number}/{self.space.form}")

    def answer(self, message: osc.Message) -> Answer | None:
        match = _OBJECT.fullmatch(message.address)
        numbers = [float(value) for value in message.arguments if isinstance(value, int | float) and math.isfinite(value)]
        if match is None or len(numbers) != 3:
            return None
        one, other, third = numbers
        if match[2] == "aed":
            azimuth, elevation = math.radians(one), math.radians(other)
            one = -third * math.cos(elevation) * math.sin(azimuth)
            other, third = third * math.cos(elevation) * math.cos(azimuth), third * math.sin(elevation)
        reach = self.space.reach
        return int(match[1]), self.in_the_venue(one * reach[0], other * reach[1], third * reach[2])

    def _xyz(self, place: Vector) -> Vector:
        x, y, z = (part / reach for part, reach in zip(self.seen_from_within(place), self.space.reach, strict=True))
        farthest = max(abs(x), abs(y), abs(z), 1.0)
        return x / farthest, y / farthest, z / farthest

    def _aed(self, place: Vector) -> Vector:
        x, y, z = (part / reach for part, reach in zip(self.seen_from_within(place), self.space.reach, strict=True))
        distance = math.hypot(x, y, z)
        if not distance:
            return 0.0, 0.0, 0.0
        elevation = math.degrees(math.asin(clamped(z / distance, -1.0, 1.0)))
        azimuth = math.degrees(math.atan2(-x, y)) if x or y else 0.0
        return azimuth, elevation, min(distance, 1.0)
