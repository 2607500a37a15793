"""The XR engine and its headsets: scenes, passthrough, pause. OSC over UDP, prefix ``/xr``.

Its bytes stand in docs/technicians/device-protocols.md. ``headsets`` counts those that spoke within 15 s, ``awake`` those of them
that are not asleep, ``battery`` (percent) is the emptiest. An engine that comes back is put into the scene where the show is
by then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from showctl.devices.driver import Output
from showctl.devices.heartbeat import earliest
from showctl.devices.osc_talker import OscTalker
from showctl.devices.words import finite, flag, number, text
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Duration, Instant, seconds, seconds_of

HEADSET_GONE_AFTER: Final = 15 * SECOND  # they speak every 5 s: three missed
MOST_HEADSETS: Final = 64
_STATES: Final = ("idle", "prepared", "running", "paused")


@dataclass(frozen=True, slots=True)
class Scene:
    """What should be shown: a scene at ``position`` at ``since``; ``running`` once its clock was started."""

    name: str
    position: Duration
    since: Instant
    running: bool = False


class XrEngine(OscTalker):
    """One XR engine."""

    def __init__(self, device: Device) -> None:
        super().__init__(device, "/xr")
        self._scene: Scene | None = None
        self._stopped = False
        self._passthrough: tuple[bool, str] | None = None
        self._paused = False
        self._headsets: dict[str, tuple[str, float, Instant]] = {}

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        match command.verb:
            case "scene":
                at = number(command, "at")
                self._scene, self._stopped = Scene(text(command, "scene"), seconds(at), now), False
                return self.tell("scene", "sf", self._scene.name, at)
            case "start":
                at = number(command, "at")
                if self._scene is not None:
                    self._scene = Scene(self._scene.name, seconds(at), now, running=True)
                return self.tell("start", "f", at)
            case "stop":
                self._scene, self._stopped = None, True
                return self.tell("stop", "")
            case "passthrough":
                self._passthrough = (flag(command, "on"), text(command, "message"))
                return self.tell("passthrough", "is", int(self._passthrough[0]), self._passthrough[1])
            case "pause":
                if self._scene is not None:
                    self._scene = replace(self._scene, position=self._position(self._scene, now), since=now)
                self._paused = flag(command, "on")
                return self.tell("pause", "i", int(self._paused))
            case _:
                raise KeyError(command.verb)

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        match message.address, message.arguments:
            case "/xr/engine", (str(scene), str(state), int(passthrough)) if state in _STATES:
                said = {"scene": scene, "state": state, "passthrough": passthrough != 0}
                return [*self.reports.say_all(said, now)]
            case "/xr/headset", (str(name), str(state), int() | float() as battery, str(), *_) if finite(battery):
                if name in self._headsets or len(self._headsets) < MOST_HEADSETS:
                    self._headsets[name] = (state, battery, now)
                return self._count(now)
            case _:
                return []

    def restore(self, now: Instant) -> list[Output]:
        found: list[Output] = []
        state, shown = self.reports.value("state"), self.reports.value("scene")
        if (wanted := self._scene) is not None:
            wrong = shown != wanted.name or state in (None, "idle")
            at = seconds_of(self._position(wanted, now))
            if wrong:
                found += self.tell("scene", "sf", wanted.name, at)
            if wanted.running and (wrong or state == "prepared"):
                found += self.tell("start", "f", at)
                found += self.tell("pause", "i", 1) if self._paused else []
        elif self._stopped and state in ("prepared", "running", "paused"):
            found += self.tell("stop", "")
        if self._passthrough is not None and self.reports.value("passthrough") != self._passthrough[0]:
            found += self.tell("passthrough", "is", int(self._passthrough[0]), self._passthrough[1])
        return found

    def later(self, now: Instant) -> list[Output]:
        gone = [name for name, (_, _, at) in self._headsets.items() if now >= at + HEADSET_GONE_AFTER]
        for name in gone:
            del self._headsets[name]
        return self._count(now) if gone else []

    def own_deadline(self) -> Instant | None:
        return earliest(*(at + HEADSET_GONE_AFTER for _, _, at in self._headsets.values()))

    def desired(self) -> dict[str, Value]:
        wanted: dict[str, Value] = {}
        if self._scene is not None:
            state = "prepared" if not self._scene.running else "paused" if self._paused else "running"
            wanted = {"scene": self._scene.name, "state": state}
        elif self._stopped:
            wanted = {"state": "idle"}
        return wanted if self._passthrough is None else wanted | {"passthrough": self._passthrough[0]}

    def _position(self, scene: Scene, now: Instant) -> Duration:
        return scene.position + (now - scene.since if scene.running and not self._paused else 0)

    def _count(self, now: Instant) -> list[Output]:
        states = [state for state, _, _ in self._headsets.values()]
        said: dict[str, object] = {"headsets": len(states), "awake": len(states) - states.count("asleep")}
        if states:
            said["battery"] = min(battery for _, battery, _ in self._headsets.values())
        return [*self.reports.say_all(said, now)]
