"""The house rules, measured in the simulated room by every rehearsal: flashes, loudness, darkness and fog.

What is measured is what guests have in each zone, lamps, pixels and film together (``simulators.surroundings``), so that a
rule holds for what comes of all cues together and not for each alone. A zone's flashes are counted by ``show.flashes``: light
is looked at where it arrives, if it was sent there in less than a second or goes out, and frame by frame for a second in every
five while an effect or a film flashes faster than that. For the rest the sample of frames that every rehearsal shows is
enough; in the dark, and in fog, it is looked at each second. Each rule that is broken is said once, at its place in
house_rules.yaml.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from showctl.runtime.ports import Venue
from showctl.runtime.rehearsed_light import RehearsedLight
from showctl.show.flashes import Flashes
from showctl.show.hazards import Interlock
from showctl.show.house import HouseRules
from showctl.show.instants import SECOND, Duration, Instant, seconds_of
from showctl.show.places import Place
from showctl.show.show import Show

LEAST_FLASH: Final = 5.0
"""Lux by which a zone's light must change to flash."""
EVERY: Final = 5 * SECOND
"""How often a second of what flashes on and on is looked at frame by frame."""
LEAST_PASSED_OVER: Final = 2
"""Fewer flashes a second than this are found wherever light comes and goes: all of it is looked at."""

Fail = Callable[[Place, Instant, str, str], None]


class HouseWatch:
    """Watches one rehearsal.

    Unless ``thorough``, quick light that stays is not looked at where it arrives, only counted: most of it comes too seldom to
    flash. Where so much came within a second that it may have flashed too often, the rehearsal is ``doubtful``, and has to be
    played again, thoroughly.
    """

    def __init__(
        self, show: Show, rules: HouseRules, venue: Venue, light: RehearsedLight, fail: Fail, *, thorough: bool = True
    ) -> None:
        self._rules, self._venue, self._light, self._fail = rules, venue, light, fail
        known = venue.names()
        zones = [zone.name for zone in show.zones if f"{zone.name}.light" in known]
        longest = [(zone, rules.longest_dark_in(zone)) for zone in zones]
        self._lit = zones if rules.flashes is not None else [zone for zone, most in longest if most is not None]
        self._meter = venue.meters(self._lit) if self._lit else None
        self._fears = [(self._lit.index(zone), zone, most) for zone, most in longest if most is not None]
        """Where it must not be dark for long: the zone's place in ``_lit``, its name, and how long."""
        self._heard = [(name, most) for name in zones if (most := rules.loudest_in(name)) is not None]
        self._counts_guests = any(device.kind.name == "tracker" for device in show.devices)
        self._flashes = [Flashes(LEAST_FLASH) for _ in zones] if rules.flashes is not None else []
        self._light_was = [-1.0] * len(self._lit)
        self._flashing = {clip.name for clip in show.clips if clip.flashes} if rules.flashes is not None else set[str]()
        self._surfaces = [surface.name for surface in show.surfaces if f"{surface.name}.picture" in known]
        self._film_flashes = False
        self._dark_since: dict[str, Instant] = {}
        self._was_lit: set[str] = set()
        """Zones in which it has been light in this show: before, nobody has begun."""
        self._fog = [_Fog(item, show) for item in show.hazards if item.budget is not None]
        self._looked: Instant = -1
        self._begun: Instant = 0
        self.doubtful = False
        self._frames: deque[tuple[Instant, bool]] = deque()
        """Of the last second: those looked at, and those passed over (True)."""
        light.looks_at_arrivals = bool(self._lit)
        light.passes_over = not thorough and (rules.flashes is None or rules.flashes >= LEAST_PASSED_OVER)

    @property
    def sees_light(self) -> bool:
        """Every change of light has to be looked at, and how it goes on each second: it is dark somewhere, or there is fog."""
        return bool(self._dark_since) or any(fog.on for fog in self._fog)

    @property
    def sees_closely(self) -> bool:
        """Every frame has to be looked at now."""
        if not self._flashes or (self._looked - self._begun) % EVERY >= SECOND:
            return False
        return self._film_flashes or self._light.flickers

    def begin(self, now: Instant) -> None:
        """A show begins."""
        self._begun = now
        self._dark_since.clear()
        self._was_lit.clear()
        for fog in self._fog:
            fog.begin()

    def look(self, now: Instant) -> None:
        """A frame of ``now`` has been shown. One that was shown for somebody else's sake, while nothing arrives, says no more."""
        if now == self._looked:
            return
        since = now - self._looked
        if since < EVERY and (now - self._begun) % EVERY and not (self._light.arrived or self.sees_light or self.sees_closely):
            return
        if self._meter is not None:
            light = self._meter(now)
            if self._flashes:
                self._judge_flashes(light, now)
            for place, zone, longest in self._fears:
                self._judge_dark(zone, longest, light[place], now)
        if now // SECOND != self._looked // SECOND:
            for name, most in self._heard:
                loud = float(self._venue.look(f"{name}.sound", now))
                if loud > most + 0.05:
                    self._break(f"it is {loud:.1f} dB(A) in {name}, and {most:g} are allowed", f"loud {name}", now)
        for fog in self._fog:
            over = fog.look(self._venue, now)
            if over is not None:
                self._break(over, f"fog {fog.name}", now)
        if self._flashing:
            self._film_flashes = any(self._venue.look(f"{name}.picture", now) in self._flashing for name in self._surfaces)
        self._looked = now

    # --- one rule -----------------------------------------------------------------------------------------------------

    def _judge_flashes(self, light: Sequence[float], now: Instant) -> None:
        most = self._rules.flashes
        assert most is not None, "there is a rule"
        was, self._light_was = self._light_was, list(light)
        for n, lux in enumerate(light):
            if lux == was[n]:
                continue  # it flashes no more often by that
            often = self._flashes[n].note(lux, now)
            if often > most:
                allowed = f"{most:g} are allowed" if most else "none are allowed"
                self._break(
                    f"{self._lit[n]} flashed {often} times within a second, and {allowed}", f"flashes {self._lit[n]}", now
                )
        if self._light.passes_over:
            self._doubt(2 * (int(most) + 1), now)

    def _doubt(self, changes: int, now: Instant) -> None:
        """It takes so many changes of light within a second to break the rule, and each of them shows in a frame of its own."""
        for frame, passed in (*((at, True) for at in self._light.passed_over), (now, False)):
            self._frames.append((frame, passed))
            while self._frames[0][0] <= frame - SECOND:
                self._frames.popleft()
            if len(self._frames) >= changes and any(unseen for _, unseen in self._frames):
                self.doubtful = True
        self._light.passed_over.clear()

    def _judge_dark(self, zone: str, longest: Duration, light: float, now: Instant) -> None:
        if light >= self._rules.dark:
            self._was_lit.add(zone)
        if (
            zone not in self._was_lit
            or light >= self._rules.dark
            or (self._counts_guests and not self._venue.look(f"{zone}.guests", now))
        ):
            self._dark_since.pop(zone, None)
            return
        since = self._dark_since.setdefault(zone, now)
        if now - since > longest:
            guests = f" with {self._venue.look(f'{zone}.guests', now):g} guests in it" if self._counts_guests else ""
            words = (
                f"{zone} has been dark for {seconds_of(now - since):.1f} s{guests}, and {seconds_of(longest):g} s are the most"
            )
            self._break(words, f"dark {zone}", now)

    def _break(self, words: str, about: str, now: Instant) -> None:
        self._fail(self._rules.place, now, f"house rule: {words}", about)


class _Fog:
    """How long the machines of one interlock have been on, measured at their fixtures."""

    def __init__(self, item: Interlock, show: Show) -> None:
        assert item.budget is not None, "there is one to keep"
        self.name, self.on = item.name, False
        self._longest, self._window = item.budget.time, item.budget.window
        self._looks = [
            f"{show.patch.fixtures[parameter.fixture].name}.{parameter.name}"
            for parameter in (show.patch.parameters[index] for index in item.parameters)
            if parameter.name == "fog"
        ]
        self._last: Instant | None = None
        self._uses: list[tuple[Instant, Instant]] = []

    def begin(self) -> None:
        if self._window is None:
            self._uses.clear()

    def look(self, venue: Venue, now: Instant) -> str | None:
        """What is to be said where it has been on for too long."""
        if self.on and self._last is not None:
            self._uses.append((self._last, now))
        self._last = now
        self.on = any(float(venue.look(name, now)) > 0 for name in self._looks)
        since = -1 if self._window is None else now - self._window
        self._uses = [(max(start, since), end) for start, end in self._uses if end > since]
        used: Duration = sum(end - start for start, end in self._uses)
        if used <= self._longest + SECOND:  # a second for the way: what is measured ends with the frame after
            return None
        span = "in this show" if self._window is None else "within an hour"
        return f"{self.name} has been on for {seconds_of(used):.1f} s {span}, and {seconds_of(self._longest):g} s are the most"
