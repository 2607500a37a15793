"""The XR engine and its headsets: scenes, a start at a moment, passthrough, pause. OSC over UDP, prefix ``/xr``.

Its bytes stand in docs/technicians/device-protocols.md. An engine that comes back is put into the scene where the show is by
then; a headset that joins late, or shows something else, is sought in (``headsets`` knows the fleet and what holds for each).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from showctl.devices.driver import Output
from showctl.devices.headsets import Headset, Headsets
from showctl.devices.osc_talker import OscTalker
from showctl.devices.words import finite, flag, number, text
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Duration, Instant, seconds, seconds_of

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
        self._fleet = Headsets(device)

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        match command.verb:
            case "scene":
                at = number(command, "at")
                self._scene, self._stopped = Scene(text(command, "scene"), seconds(at), now), False
                self._fleet.expect(now)
                return self.tell("scene", "sf", self._scene.name, at)
            case "start":
                at, after = number(command, "at"), max(number(command, "after"), 0.0)
                if self._scene is not None:
                    self._scene = Scene(self._scene.name, seconds(at), now + seconds(after), running=True)
                    self._fleet.expect(now)
                return self.tell("start", "ff", at, after) if after else self.tell("start", "f", at)
            case "wake":
                return self.tell("wake", "s", text(command, "headset"))
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
            case "/xr/headset", (str(name), str(state), int() | float() as battery, str(scene), *more) if finite(battery):
                tracking = more[0] if more and isinstance(more[0], str) else ""
                self._fleet.saw(Headset(name, state, battery, scene, tracking, now))
                return self._look(now)
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
        deadline = self._fleet.next_deadline()
        return self._look(now) if deadline is not None and now >= deadline else []

    def own_deadline(self) -> Instant | None:
        return self._fleet.next_deadline()

    def listens(self) -> bool:
        scene = self._scene
        return self._fleet.listens("" if scene is None else scene.name, scene is not None, scene is not None and scene.running)

    def moved_on(self, now: Instant) -> None:
        self._fleet.spoke(now)
        self.reports.again(now, "battery")

    def hears_evenly(self) -> bool:
        return True

    def told_deadline(self) -> Instant | None:
        return self._fleet.awaited()

    def shows(self, command: Tell) -> bool | None:
        state, wanted = self.reports.value("state"), self._scene
        match command.verb:
            case "scene":
                gone = wanted is None or wanted.name != command.argument("scene")
                return gone or (self.reports.value("scene") == wanted.name and state not in (None, "idle"))  # type: ignore[union-attr]
            case "start" if wanted is not None and wanted.running:
                return state in ("running", "paused") or (state == "prepared" and bool(command.argument("after")))
            case "stop" if self._stopped:
                return state == "idle"
            case "pause" if wanted is not None and wanted.running:
                return state == ("paused" if self._paused else "running")
            case "passthrough" if self._passthrough is not None:
                return self.reports.value("passthrough") == self._passthrough[0]
            case _:
                return None

    def desired(self) -> dict[str, Value]:
        wanted: dict[str, Value] = {}
        if self._scene is not None:
            state = "prepared" if not self._scene.running else "paused" if self._paused else "running"
            wanted = {"scene": self._scene.name, "state": state}
        elif self._stopped:
            wanted = {"state": "idle"}
        return wanted if self._passthrough is None else wanted | {"passthrough": self._passthrough[0]}

    def _position(self, scene: Scene, now: Instant) -> Duration:
        return scene.position + (max(now - scene.since, 0) if scene.running and not self._paused else 0)

    def _look(self, now: Instant) -> list[Output]:
        """What the fleet shows, what is wrong with it, and what the show's policy makes of that."""
        wanted = self._scene
        name = wanted.name if wanted is not None else ""
        found: list[Output] = [*self.reports.say_all(self._fleet.counted(name, now), now)]
        for headset in self._fleet.astray(name, now) if wanted is not None and wanted.running else ():
            found += self.tell("seek", "ssf", headset, name, seconds_of(self._position(wanted, now))) if wanted else []
        for headset in self._fleet.to_wake(now) if wanted is not None else ():
            found += self.tell("wake", "s", headset)
        for headset, on in self._fleet.see_through():
            found += self.tell("see_through", "si", headset, int(on))
        why = self._fleet.trouble(now) if wanted is not None else ""
        said = self.beat.trouble(why and f"has a fleet to look after: {why}", now) if self.beat.last is not None else []
        return [*found, *self.reports.say("trouble", why, now), *said]
