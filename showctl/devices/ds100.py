"""A d&b DS100: OSC over UDP, port 50010, answers to port 50011 (d&b "DS100 OSC protocol" 1.3).

Places are in one of its coordinate mapping areas, 0 to 1 both ways; ``area`` in the show folder says which corners of the venue's
floor these are. It knows no height there, so none is said, and none is reported. What lies outside is put on the edge.
"""

from __future__ import annotations

import math
import re
from typing import Final

from showctl.devices.driver import Output
from showctl.devices.spatial import Answer, Spatial, clamped
from showctl.protocols import osc
from showctl.show.space import SoundObject, Vector

_PLACE: Final = "/dbaudio1/coordinatemapping/source_position_xy"
_OBJECT: Final = re.compile(_PLACE + r"/([1-4])/([1-9][0-9]{0,2})")
LOWEST, HIGHEST = -120.0, 24.0
"""dB that its inputs go to."""


class Ds100(Spatial):
    """One DS100."""

    def place_words(self, item: SoundObject, place: Vector) -> list[Output]:
        left, near, right, far = self.space.area
        x, y = (place[0] - left) / (right - left), (place[2] - near) / (far - near)
        return self.say(f"{_PLACE}/{self.space.mapping}/{item.number}", clamped(x, 0.0, 1.0), clamped(y, 0.0, 1.0))

    def level_words(self, item: SoundObject, level: float) -> list[Output]:
        return self.say(f"/dbaudio1/matrixinput/gain/{item.number}", clamped(level, LOWEST, HIGHEST))

    def spread_words(self, item: SoundObject, amount: float) -> list[Output]:
        return self.say(f"/dbaudio1/positioning/source_spread/{item.number}", clamped(amount / 100.0, 0.0, 1.0))

    def question(self, item: SoundObject) -> list[Output]:
        return self.say(f"{_PLACE}/{self.space.mapping}/{item.number}")

    def answer(self, message: osc.Message) -> Answer | None:
        match = _OBJECT.fullmatch(message.address)
        numbers = [float(value) for value in message.arguments if isinstance(value, int | float) and math.isfinite(value)]
        if match is None or len(numbers) != 2 or int(match[1]) != self.space.mapping:
            return None
        left, near, right, far = self.space.area
        return int(match[2]), (left + numbers[0] * (right - left), None, near + numbers[1] * (far - near))
