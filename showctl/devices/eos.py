"""A lighting desk of the Eos family (ETC): its cues are fired, its active cue is read back and compared. OSC over TCP.

Port 3032 with sizes (``tcp``), 3037 in SLIP. A cue that was fired must become the active one of its list by the deadline; a desk
that stands elsewhere later, because somebody there went on, is *degraded* with a sentence that names both, until they agree
again: the room is not what the show thinks. Submasters are faded from here, 25 values a second at most, the last one exact.
"""

from __future__ import annotations

import re
from typing import Final

from showctl.devices.driver import Output
from showctl.devices.heartbeat import earliest
from showctl.devices.osc_device import in_address
from showctl.devices.osc_talker import OscTalker
from showctl.devices.ramp import Steps
from showctl.devices.words import finite, number, text
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.protocols.errors import printable
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Instant, seconds

ACTIVE: Final = re.compile(r"/eos/out/active/cue/([\d.]+)/([\d.]+)")
TEXT: Final = re.compile(r"([\d.]+/[\d.]+)\s*(.*?)\s*(?:[\d.]+)?\s*(?:(\d+)%)?")
"""``1/2.3 House to half 3.0 100%``: cue, label, time, progress."""
MOST_SUBS: Final = 64


class Eos(OscTalker):
    """One desk, as its client."""

    def __init__(self, device: Device) -> None:
        super().__init__(device, "/eos")
        self._fired: dict[str, str] = {}
        """The cue that was fired last, by list."""
        self._newest = ""
        self._active: dict[str, str] = {}
        self._subs: dict[int, Steps] = {}
        self._presets: str = ""
        self._apart = ""

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        match command.verb:
            case "fire":
                name, cue = in_address(number(command, "list")), in_address(text(command, "cue"))
                self._fired[name], self._newest = cue, name
                return self._fire(name)
            case "go":
                return [*self.say("/eos/key/go_0", 1.0), *self.say("/eos/key/go_0", 0.0)]
            case "halt":
                return [*self.say("/eos/key/stop", 1.0), *self.say("/eos/key/stop", 0.0)]
            case "macro":
                return self.say("/eos/macro/fire", round(number(command, "number")))
            case "preset":
                return self.say(f"/eos/preset/{in_address(number(command, 'number'))}/fire")
            case "sub":
                which = round(number(command, "number"))
                if which in self._subs or len(self._subs) < MOST_SUBS:
                    level = min(max(number(command, "level"), 0.0), 100.0)
                    self._subs.setdefault(which, Steps(0.0)).go(level, seconds(number(command, "over")), now)
                return self.later(now)
            case _:
                raise KeyError(command.verb)

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        address = message.address
        if address == "/eos/out/ping":
            self.beat.answered(now)
            return self._compare(now)
        if (match := ACTIVE.fullmatch(address)) is not None:
            self._active[match[1]] = match[2]
            done = message.arguments[0] if message.arguments else None
            said: dict[str, object] = {"active": f"{match[1]}/{match[2]}"}
            if isinstance(done, int | float) and finite(done):
                said["progress"] = round(done * 100, 1)
            return [*self.reports.say_all(said, now), *self._compare(now)]
        match address, message.arguments:
            case "/eos/out/active/cue/text", (str(words), *_) if (found := TEXT.fullmatch(words.strip())) is not None:
                return [*self.reports.say("label", printable(found[2]), now)]
            case "/eos/out/pending/cue/text", (str(words), *_):
                found = TEXT.fullmatch(words.strip())
                return [*self.reports.say("pending", found[1] if found is not None else "", now)]
            case "/eos/out/get/version", (str(version), *_):
                return [*self.reports.say("version", printable(version), now)]
            case _:
                return []

    def shows(self, command: Tell) -> bool | None:
        if command.verb != "fire":
            return None
        name, cue = in_address(number(command, "list")), in_address(text(command, "cue"))
        return self._fired.get(name) != cue or self._active.get(name) == cue

    def restore(self, now: Instant) -> list[Output]:
        found = [output for name, cue in self._fired.items() if self._active.get(name) != cue for output in self._fire(name)]
        for fader in self._subs.values():
            fader.again(now)
        return found + self.later(now)

    def away(self) -> None:
        self._active.clear()

    def ask_state(self) -> list[Output]:
        user = self.device.options.get("user")
        chosen = self.say("/eos/user", int(str(user))) if user is not None and str(user).isdigit() else []
        return [*chosen, *self.say("/eos/subscribe", 1), *self.say("/eos/reset"), *self.say("/eos/get/version")]

    def later(self, now: Instant) -> list[Output]:
        found: list[Output] = []
        for which, fader in self._subs.items():
            if (level := fader.due(now)) is not None:
                found += self.say(f"/eos/sub/{which}", round(level / 100, 5))
        return found

    def own_deadline(self) -> Instant | None:
        return earliest(*(fader.next_deadline() for fader in self._subs.values()))

    def desired(self) -> dict[str, Value]:
        return {"active": f"{self._newest}/{self._fired[self._newest]}"} if self._newest else {}

    def _fire(self, name: str) -> list[Output]:
        return self.say(f"/eos/cue/{name}/{self._fired[name]}/fire")

    def _compare(self, now: Instant) -> list[Output]:
        """Does the desk stand where the show put it? While an order is under way it may not, yet."""
        apart = [
            f"stands in cue {name}/{self._active[name]}, and the show asked for {name}/{cue}"
            for name, cue in self._fired.items()
            if name in self._active and self._active[name] != cue
        ]
        said = apart[0] if apart and not self.orders.open else ""
        if said == self._apart:
            return []
        self._apart = said
        return [*self.beat.trouble(said, now)]
