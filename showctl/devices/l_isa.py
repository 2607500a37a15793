"""An L-ISA Controller by its own words: OSC over UDP, port 8880, which nobody answers.

A source has pan, distance and elevation, 0 to 1 each, in messages of their own: pan 0.5 is the front and grows to the right, the
whole of it is ``span`` degrees wide; distance is 1 at the ``reach``; elevation 1 is straight up. Public programs disagree on the
span of pan, and nothing here has met a real controller: where it can be, let it listen to ADM-OSC (kind ``adm_osc``) instead.
"""

from __future__ import annotations

import math

from showctl.devices.driver import Output
from showctl.devices.spatial import Spatial, clamped
from showctl.show.space import SoundObject, Vector


class LIsa(Spatial):
    """One L-ISA Controller."""

    def place_words(self, item: SoundObject, place: Vector) -> list[Output]:
        right, front, up = self.seen_from_within(place)
        up = max(up, 0.0)  # it knows nothing below its listeners
        level = math.hypot(right, front)
        azimuth = math.degrees(math.atan2(right, front)) if level else 0.0
        pan = clamped(0.5 + azimuth / self.space.span, 0.0, 1.0)
        distance = clamped(
            math.hypot(*(part / reach for part, reach in zip((right, front, up), self.space.reach, strict=True))), 0, 1
        )
        elevation = clamped(math.degrees(math.atan2(up, level)) / 90.0, 0.0, 1.0) if up else 0.0
        source = f"/ext/src/{item.number}"
        return [*self.say(f"{source}/p", pan), *self.say(f"{source}/d", float(distance)), *self.say(f"{source}/e", elevation)]

    def spread_words(self, item: SoundObject, amount: float) -> list[Output]:
        return self.say(f"/ext/src/{item.number}/w", clamped(amount / 100.0, 0.0, 1.0))
