"""The XR engine and its headsets: one scene with a clock, and a fleet that wakes, shows it, sleeps, and runs down.

docs/technicians/device-protocols.md, "XR engine". There are ``headsets`` of them (option of the device; 6). A scene, a start or
a passthrough wakes those that lie in their dock, each after a moment of its own; after ``/xr/stop`` they go to sleep within a
minute. An awake headset runs down (empty after two to three hours), a sleeping one charges. A headset that comes late, or
comes back, shows the scene from where the engine's clock is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MINUTE, SECOND, Duration, Instant, seconds_of
from showctl.show.show import Show
from simulators.faults import read_duration
from simulators.osc_device import OscBox, seconds_in
from simulators.osc_wire import Message
from simulators.playing import ClipClock
from simulators.said_again import Retelling

HOUR: Final = 60 * MINUTE
REPORT_EVERY: Final = 5 * SECOND
SLEEPS_AFTER: Final = 60 * SECOND
CHARGE_RATE: Final = 50.0
"""Percent an hour in the dock."""


@dataclass(slots=True)
class Headset:
    """One headset. ``late`` is how long after a scene it wakes; ``kept`` is what a script said: it stays as it is."""

    name: str
    late: Duration
    drain: float
    """Percent an hour while awake."""
    battery: float
    since: Instant = 0
    awake: bool = False
    kept: bool = False
    tracked: bool = True
    through: bool = False
    """It alone shows the room."""
    scene: str | None = None
    """What it shows where that is not what the engine shows."""
    wakes_at: Instant | None = None

    def charge(self, now: Instant) -> float:
        rate = -self.drain if self.awake else CHARGE_RATE
        return min(max(self.battery + rate * (now - self.since) / HOUR, 0.0), 100.0)

    def set_awake(self, awake: bool, now: Instant) -> None:
        self.battery, self.since, self.wakes_at = self.charge(now), now, None
        self.awake = awake and self.battery > 0

    def empty_at(self) -> Instant | None:
        """When it has run down, rounded up to the next nanosecond."""
        return self.since + int(self.battery / self.drain * HOUR) + 1 if self.awake else None


class XrEngine(OscBox):
    """See the page."""

    prefix = "/xr"

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed)
        self.headsets = [
            Headset(
                f"headset {n}",
                self.chance.randrange(3 * SECOND // 10, 25 * SECOND // 10),
                self.chance.uniform(33.0, 50.0),
                self.chance.uniform(85.0, 100.0),
            )
            for n in range(1, 1 + int(float(device.options.get("headsets", 6.0))))
        ]
        self._idle()
        self.retelling: Retelling = Retelling(REPORT_EVERY)
        self._sleep_at: Instant | None = None

    def _idle(self) -> None:
        self.state, self.passthrough, self.notice = "idle", False, ""
        self._starts: tuple[Instant, Duration] | None = None
        self.clock = ClipClock("", None, False, 0, 0, running=False)

    # --- verbs ------------------------------------------------------------------------------------------------------

    def on_osc(self, verb: str, message: Message, now: Instant) -> bool:
        match verb:
            case "scene":
                self.state = "prepared"
                self.clock = ClipClock(message.text(0), None, False, seconds_in(message, 1), now, running=False)
                self._wake_fleet(now)
            case "start" if self.state != "idle" and seconds_in(message, 1):
                self._starts = (now + seconds_in(message, 1), seconds_in(message, 0))
            case "start" if self.state != "idle":
                self.state, self._starts = "running", None
                position = seconds_in(message, 0) if message.arguments else self.clock.at(now)
                self.clock = ClipClock(self.clock.clip, None, False, position, now)
                self._wake_fleet(now)
            case "stop":
                self._idle()
                self._sleep_at = now + SLEEPS_AFTER
            case "passthrough":
                self.passthrough, self.notice = message.truth(0), message.text(1)
                if self.passthrough:
                    self._wake_fleet(now)
            case "wake":
                for headset in self._named(message.text(0)):
                    if not headset.awake and not headset.kept:
                        headset.wakes_at = now + headset.late
            case "seek":
                for headset in self._named(message.text(0)):
                    headset.scene = None if message.text(1) == self.clock.clip else message.text(1)
            case "see_through":
                for headset in self._named(message.text(0)):
                    headset.through = message.truth(1)
            case "pause" if self.state in ("running", "paused"):
                self.state = "paused" if message.truth(0) else "running"
                self.clock = self.clock.stopped(now) if message.truth(0) else self.clock.resumed(now)
            case "start" | "pause":
                return True
            case _:
                return False
        self._tell_engine()
        self._tell_headsets(now)
        self._plan_reports(now)
        return True

    def _named(self, name: str) -> list[Headset]:
        return [headset for headset in self.headsets if name in ("", headset.name)]

    def _wake_fleet(self, now: Instant) -> None:
        self._sleep_at = None
        for headset in self.headsets:
            if not headset.awake and not headset.kept and headset.wakes_at is None:
                headset.wakes_at = now + headset.late

    # --- reports ------------------------------------------------------------------------------------------------------

    def tell_all(self, now: Instant) -> None:
        self._tell_engine()
        self._tell_headsets(now)
        self._plan_reports(now)

    def _plan_reports(self, now: Instant) -> None:
        if self.retelling.at is None:
            self.retelling.start(now + REPORT_EVERY)

    def _tell_engine(self) -> None:
        self.tell("engine", self.clock.clip, self.state, int(self.passthrough))

    def _tell_headsets(self, now: Instant) -> None:
        for headset in self.headsets:
            self._tell_headset(headset, now)

    def _tell_headset(self, headset: Headset, now: Instant) -> None:
        state = self._state_of(headset)
        scene = self._shown(headset) if state == "awake" else ""
        tracking = "ok" if headset.tracked else "lost"
        self.tell("headset", headset.name, state, round(headset.charge(now), 1), scene, tracking)

    def _shown(self, headset: Headset) -> str:
        return self.clock.clip if headset.scene is None else headset.scene

    def _state_of(self, headset: Headset) -> str:
        return "asleep" if not headset.awake else "passthrough" if self.passthrough or headset.through else "awake"

    # --- Box ----------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:
        self._idle()
        self.retelling.stop(now)
        self._sleep_at = None
        for headset in self.headsets:
            headset.set_awake(False, now)
            headset.scene, headset.through = None, False

    def on_down(self, now: Instant) -> None:
        super().on_down(now)
        self.on_up(now)

    def own_deadline(self) -> Instant | None:
        times = [self.retelling.at, self._sleep_at, self._starts[0] if self._starts else None]
        for headset in self.headsets:
            times += (headset.wakes_at, headset.empty_at())
        return min((time for time in times if time is not None), default=None)

    def on_wake(self, now: Instant) -> None:
        if self._sleep_at is not None and now >= self._sleep_at:
            self._sleep_at = None
            for headset in self.headsets:
                if not headset.kept:
                    self._set_awake(headset, False, now)
        if self._starts is not None and now >= self._starts[0]:
            self.state, self.clock = "running", ClipClock(self.clock.clip, None, False, self._starts[1], now)
            self._starts = None
            self.stirred(now)
            self._wake_fleet(now)
            self._tell_engine()
        for headset in self.headsets:
            if headset.wakes_at is not None and now >= headset.wakes_at:
                self._set_awake(headset, True, now)
            empty_at = headset.empty_at()
            if empty_at is not None and now >= empty_at:
                headset.battery, headset.since = 0.0, now
                self._set_awake(headset, False, now)
        if self.retelling.at is not None and now >= self.retelling.at:
            self._tell_headsets(now)
            self.retelling.told(now, self.is_heard)

    def _set_awake(self, headset: Headset, awake: bool, now: Instant) -> None:
        before = headset.awake
        self.stirred(now)
        headset.set_awake(awake, now)
        if headset.awake != before:
            self._tell_headset(headset, now)

    # --- what people do -------------------------------------------------------------------------------------------------

    def on_act(self, words: str, now: Instant) -> None:
        match = re.fullmatch(
            r"(headsets|headset (\d+)) (asleep|awake|free|astray|tracking (ok|lost)|late (.+)|battery ([\d.]+) ?%?)", words
        )
        chosen = self.headsets
        if match is not None and match[2]:
            chosen = [headset for n, headset in enumerate(self.headsets, 1) if n == int(match[2])]
        if match is None or not chosen:
            raise ValueError(
                f"{self.name} does not understand {words!r}; it knows headset N (of {len(self.headsets)}) or headsets with "
                "asleep, awake, free, astray, tracking lost, tracking ok, late TIME or battery PERCENT"
            )
        for headset in chosen:
            self._handle(headset, match, now)

    def _handle(self, headset: Headset, match: re.Match[str], now: Instant) -> None:
        match match[3].split()[0]:
            case "asleep" | "awake" as state:
                headset.kept = True
                self._set_awake(headset, state == "awake", now)
            case "free":
                headset.kept = False
            case "astray":
                headset.scene = ""
                self._tell_headset(headset, now)
            case "tracking":
                headset.tracked = match[4] == "ok"
                self._tell_headset(headset, now)
            case "late":
                headset.late = read_duration(match[5])
            case _:
                headset.battery, headset.since = min(float(match[6]), 100.0), now
                self._set_awake(headset, headset.awake, now)
                self._tell_headset(headset, now)

    # --- truth ----------------------------------------------------------------------------------------------------------

    def truth(self, now: Instant) -> dict[str, Value]:
        states = [self._state_of(headset) for headset in self.headsets]
        known: dict[str, Value] = {
            "scene": self.clock.clip,
            "state": self.state,
            "headsets": float(len(states)),
            "awake": float(sum(state != "asleep" for state in states)),
            "passthrough": self.passthrough,
            "battery": round(min((headset.charge(now) for headset in self.headsets), default=100.0), 1),
            "notice": self.notice,
            "tracked": float(sum(headset.awake and headset.tracked for headset in self.headsets)),
            "in_scene": float(
                sum(
                    bool(self.clock.clip) and headset.awake and self._shown(headset) == self.clock.clip
                    for headset in self.headsets
                    if self._state_of(headset) == "awake"
                )
            ),
            "position": round(seconds_of(self.clock.at(now)), 3),
        }
        return known | {f"headset_{n}": state for n, state in enumerate(states, 1)}
