"""A projector: lamp, shutter, inputs and troubles behind PJLink class 1 and 2.

Written from "PJLink Specifications" class 1 v1.04 and class 2 v2.10 (JBMIA). The lamp takes ``warm_up`` and ``cool_down`` seconds
(options of the device; 20 and 10), it wears (``burning.py``), and what cannot be done now answers ERR3. A connection is
closed 30 s after its last reply. ``class: 1`` makes an old projector that knows no SHA-256. With the option ``notify`` (an
address) a class 2 projector says there by UDP that it is on the network (LKUP) and what changed (ERST, POWR, INPT; class 2, 3.3).
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass
from typing import Final

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Instant, seconds
from showctl.show.show import Show
from simulators.burning import HOUR, LIFE, BurningLamp
from simulators.device import LATER, Address, Box, Endpoint

IDLE: Final = 30 * SECOND  # class 1, 3.1: closed 30 s after the last reply
LONGEST_LINE: Final = 1024
CLOSED_BY: Final = ("warming", "cooling")
POWER_DIGIT: Final = {"off": "0", "on": "1", "cooling": "2", "warming": "3"}  # class 1, 4.2
PARTS: Final = ("fan", "lamp", "temperature", "cover", "filter", "other")  # class 1, 4.10: the order of ERST's digits
TROUBLES: Final = ("ok", "warning", "error")
INPUTS: Final = ("11", "12", "21", "31", "32", "51")
AGE: Final = re.compile(r"(\d{1,6})h")
LINE: Final = re.compile(r"(?P<digest>[0-9a-fA-F]{32}(?:[0-9a-fA-F]{64})?)?%(?P<level>[12])(?P<name>[A-Za-z0-9]{4}) (?P<what>.*)")


@dataclass(slots=True)
class _Session:
    """One connection: what it was asked for, and whether it has answered."""

    md5_random: str
    sha_random: str
    admitted: bool
    last_reply: Instant
    buffer: bytes = b""
    sha: bool = False


class Projector(Box):
    """See the page. ``quiet changes`` makes it deaf while it warms and cools, as some are."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        address = (device.host, device.port or device.kind.port)
        super().__init__(device.name, (Endpoint("tcp", address), Endpoint("udp", address)))
        self.device, self.show = device, show
        self.chance = random.Random(f"{seed}/{device.name}")
        self.level = int(float(device.options.get("class", 2.0)))
        self.warm_up = seconds(float(device.options.get("warm_up", 20.0))) if not device.warm_up else device.warm_up
        self.cool_down = seconds(float(device.options.get("cool_down", 10.0)))
        self.notify = _address(str(device.options.get("notify", ""))) if self.level == 2 else None
        self.mac = ":".join(f"{self.chance.randrange(256):02x}" for _ in range(6))
        self.power = "off"
        self.shut = self.deaf_audio = self.still = self.quiet_changes = False
        self.input = "31"
        self.troubles = dict.fromkeys(PARTS, "ok")
        self.lamp = BurningLamp(self.chance.randrange(200, 1500) * HOUR, float(device.options.get("lamp_life", LIFE)))
        self._changes_at: Instant | None = None
        self._sessions: dict[str, _Session] = {}
        self._told: dict[tuple[int, str], str] = {}
        """What it answered last to each question."""

    # --- the lamp ---------------------------------------------------------------------------------------------------

    def _turn(self, power: str, now: Instant) -> None:
        self.lamp.light(power in ("warming", "on"), now)
        if power != self.power:
            self.power = power
            self._notify("POWR", POWER_DIGIT[power])
        self._changes_at = {"warming": now + self.warm_up, "cooling": now + self.cool_down}.get(power)
        if power == "off":
            self.shut = self.deaf_audio = self.still = False

    def _notify(self, name: str, what: str) -> None:
        if self.notify is not None:
            self.send(f"%2{name}={what}\r".encode(), self.notify, self.endpoints[1].address)

    def _switch(self, on: bool, now: Instant) -> str:
        """POWR 1 and POWR 0; saying it again changes nothing."""
        if self.power in CLOSED_BY:
            return "ERR3"
        if on and self.troubles["lamp"] == "error":
            return "ERR4"
        if on and self.power == "off":
            self._turn("warming", now)
        elif not on and self.power == "on":
            self._turn("cooling", now)
        return "OK"

    # --- Box --------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:
        self._turn("on" if self.device.options.get("power") == "on" else "off", now)
        self._notify("LKUP", self.mac)

    def on_down(self, now: Instant) -> None:
        self._turn("off", now)
        self._sessions.clear()

    def own_deadline(self) -> Instant | None:
        times = [at for at in (self.gives_up_at(), self._changes()) if at is not None]
        return min(times, default=None)

    def gives_up_at(self) -> Instant | None:
        return min([session.last_reply + IDLE for session in self._sessions.values()], default=None)

    def _changes(self) -> Instant | None:
        """When it next changes by itself."""
        worn = self.lamp.worn_at() if self.troubles["lamp"] == "ok" else None
        return min([at for at in (self._changes_at, worn) if at is not None], default=None)

    def on_wake(self, now: Instant) -> None:
        if self._changes_at is not None and now >= self._changes_at:
            self._turn("on" if self.power == "warming" else "off", now)
        self._look_at_the_lamp(now)
        for stream in [stream for stream, session in self._sessions.items() if now >= session.last_reply + IDLE]:
            self._end(stream)

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:  # noqa: ARG002
        if data == b"%2SRCH\r" and self.level == 2:  # class 2, 3.2
            self.send(f"%2ACKN={self.mac}\r".encode(), source, self.endpoints[1].address)

    def on_connected(self, stream: str, now: Instant) -> bool:
        first, second = f"{self.chance.getrandbits(32):08x}", f"{self.chance.getrandbits(128):032x}"
        self._sessions[stream] = _Session(first, second, not self.device.password, now)
        self.write(stream, f"PJLINK 1 {first}\r".encode() if self.device.password else b"PJLINK 0\r")
        return True

    def on_closed(self, stream: str, now: Instant) -> None:  # noqa: ARG002
        self._sessions.pop(stream, None)

    def on_stream(self, stream: str, data: bytes, now: Instant) -> None:
        session = self._sessions[stream]
        *lines, session.buffer = (session.buffer + data).split(b"\r")
        for line in lines:
            if stream in self._sessions:
                self._line(stream, session, line.strip(b"\n").decode("ascii", "replace"), now)
        if len(session.buffer) > LONGEST_LINE:
            self._end(stream)

    def _end(self, stream: str) -> None:
        if self._sessions.pop(stream, None) is not None:
            self.hang_up(stream)

    # --- lines ------------------------------------------------------------------------------------------------------

    def _line(self, stream: str, session: _Session, line: str, now: Instant) -> None:
        if self.quiet_changes and self.power in CLOSED_BY:
            return
        if line == "PJLINK 2" and not session.admitted and self.level == 2:
            session.sha = True
            self.write(stream, f"PJLINK 2 {session.sha_random}\r".encode())
            session.last_reply = now
            return
        match = LINE.fullmatch(line)
        if not session.admitted:
            if match is None or not self._password_right(session, (match["digest"] or "").lower()):
                self.write(stream, b"PJLINK ERRA\r")
                self._end(stream)
                return
            session.admitted = True
        if match is not None:
            level, name = int(match["level"]), match["name"].upper()
            answer = self._answer(level, name, match["what"], now)
            if match["what"] == "?":
                self._told[level, name] = answer if self.answers_well else ""
            self.write(stream, f"%{level}{name}={answer}\r".encode())
            session.last_reply = now

    # --- talk that says nothing new ---------------------------------------------------------------------------------

    def told_all(self) -> bool:
        told = all(self._answer(level, name, "?", self._now) == said for (level, name), said in self._told.items())
        return told and any(session.admitted for session in self._sessions.values()) and not self.quiet_changes

    def told_nothing(self) -> None:
        self._told = dict.fromkeys(self._told, "")

    def answers_until(self) -> Instant | None:
        if super().answers_until() is None:
            return None
        return min([at for at in (self._changes(), self.lamp.next_hour(self._now)) if at is not None], default=LATER)

    def was_asked(self, last: Instant) -> None:
        self._now = last
        for session in self._sessions.values():
            session.last_reply = max(session.last_reply, last)

    def _password_right(self, session: _Session, digest: str) -> bool:
        password = self.device.password
        if not session.sha:  # class 1, 5.1
            return digest == hashlib.md5((session.md5_random + password).encode(), usedforsecurity=False).hexdigest()
        if len(digest) != 96:  # class 2, 5.1: the client's random, then the digest
            return False
        mixed = int(session.sha_random, 16) ^ int(digest[:32], 16)
        return digest[32:] == hashlib.sha256(f"{mixed:032x}{password}".encode()).hexdigest()

    def _answer(self, level: int, name: str, what: str, now: Instant) -> str:
        if level > self.level:
            return "ERR1"
        if len(what) > 128:
            return "ERR2"
        answer = self._class_1(name, what, now) if level == 1 else self._class_2(name, what)
        return answer if answer is not None else "ERR1"

    def _class_1(self, name: str, what: str, now: Instant) -> str | None:
        match name, what:
            case "POWR", "?":
                return POWER_DIGIT[self.power]
            case "POWR", "0" | "1":
                return self._switch(what == "1", now)
            case "INPT" | "AVMT", _ if self.power != "on":
                return "ERR3"
            case "INPT", _:
                return self._inpt(what)
            case "AVMT", "?":
                return {(True, True): "31", (True, False): "11", (False, True): "21"}.get((self.shut, self.deaf_audio), "30")
            case "AVMT", "10" | "11" | "20" | "21" | "30" | "31":
                self.shut = what[1] == "1" if what[0] in "13" else self.shut
                self.deaf_audio = what[1] == "1" if what[0] in "23" else self.deaf_audio
                return "OK"
            case "ERST", "?":
                return self._erst()
            case "LAMP", "?":
                return f"{self.lamp.burned(now) // HOUR} {int(self.lamp.lit)}"
            case (("POWR" | "AVMT" | "ERST" | "LAMP"), _):
                return "ERR2"
            case _:
                return self._facts(name, what)

    def _erst(self) -> str:
        return "".join(str(TROUBLES.index(self.troubles[part])) for part in PARTS)

    def _facts(self, name: str, what: str) -> str | None:
        facts = {
            "INST": " ".join(INPUTS),
            "NAME": self.device.label or self.name,
            "INF1": "showctl",
            "INF2": "simulated projector",
            "INFO": "no light was harmed",
            "CLSS": str(self.level),
        }
        return None if name not in facts else facts[name] if what == "?" else "ERR2"

    def _class_2(self, name: str, what: str) -> str | None:
        match name, what:
            case "INPT", _:
                return self._inpt(what) if self.power == "on" else "ERR3"
            case "INST", "?":
                return " ".join(INPUTS)
            case "INNM", _:
                return f"Input {what[1:]}" if what[:1] == "?" and what[1:] in INPUTS else "ERR2"
            case "FREZ", "?" | "0" | "1" if self.power != "on":
                return "ERR3"
            case "FREZ", "?":
                return str(int(self.still))
            case "FREZ", "0" | "1":
                self.still = what == "1"
                return "OK"
            case "SVOL" | "MVOL", "0" | "1":
                return "OK" if self.power == "on" else "ERR3"
            case (("FREZ" | "SVOL" | "MVOL"), _):
                return "ERR2"
            case _:
                return self._more_facts(name, what)

    def _more_facts(self, name: str, what: str) -> str | None:
        facts = {
            "SNUM": self.mac.replace(":", ""),
            "SVER": "1.0",
            "IRES": "1920x1080" if self.power == "on" else "-",
            "RRES": "1920x1200",
            "FILT": str(self.lamp.before // HOUR),
            "RLMP": "LMP-1",
            "RFIL": "FIL-1",
        }
        return None if name not in facts else facts[name] if what == "?" else "ERR2"

    def _inpt(self, what: str) -> str:
        if what == "?":
            return self.input
        if what not in INPUTS:
            return "ERR2"
        if what != self.input:
            self.input = what
            self._notify("INPT", what)
        return "OK"

    # --- what people do and what breaks ---------------------------------------------------------------------------------

    def on_act(self, words: str, now: Instant) -> None:
        match words.split():
            case ["on" | "off" as power] | ["power", "on" | "off" as power]:
                self._turn(
                    {"on": "warming", "off": "cooling"}[power] if (self.power == "on") != (power == "on") else self.power, now
                )
            case ["shutter", "open" | "closed" as where]:
                self.shut = where == "closed"
            case ["lamp", "failed"]:
                self._trouble("lamp", "error", now)
            case ["lamp", "replaced"]:
                self.troubles["lamp"] = "ok"
                self.lamp.aged(0, now)
            case ["lamp", "at", hours] if match := AGE.fullmatch(hours):
                self.lamp.aged(int(match[1]) * HOUR, now)
                self._look_at_the_lamp(now)
            case [part, trouble] if part in PARTS and trouble in TROUBLES:
                self._trouble(part, trouble, now)
            case ["quiet", "changes"]:
                self.quiet_changes = True
            case ["answers", "always"]:
                self.quiet_changes = False
            case _:
                raise ValueError(
                    f"{self.name} does not understand {words!r}; it knows on, off, shutter open, shutter closed, "
                    f"lamp failed, lamp replaced, lamp at 2900h, quiet changes, answers always, and {', '.join(PARTS)} with ok, "
                    "warning or error"
                )

    def _look_at_the_lamp(self, now: Instant) -> None:
        """One that is worn warns."""
        if self.troubles["lamp"] == "ok" and self.lamp.worn(now):
            self._trouble("lamp", "warning", now)

    def _trouble(self, part: str, trouble: str, now: Instant) -> None:
        """A lamp that failed, or heat, ends the picture."""
        if self.troubles[part] != trouble:
            self.troubles[part] = trouble
            self._notify("ERST", self._erst())
        if trouble == "error" and part in ("lamp", "temperature") and self.power in ("on", "warming"):
            self._turn("cooling", now)

    # --- truth --------------------------------------------------------------------------------------------------------

    def truth(self, now: Instant) -> dict[str, Value]:
        return {
            "power": self.power,
            "shutter": "closed" if self.shut else "open",
            "input": self.input,
            "lamp_hours": self.lamp.burned(now) / HOUR,
            "light": round(100 * self.lamp.gives(now), 1) if self.power == "on" and not self.shut else 0.0,
            "error": ", ".join(f"{part} {trouble}" for part, trouble in self.troubles.items() if trouble != "ok"),
            "picture": self.power == "on" and not self.shut,
            "ready": self.power == "on" and "error" not in self.troubles.values(),
            "signal": "1920x1080" if self.power == "on" else "unknown",
            "frozen": self.still,
            "filter_hours": float(self.lamp.before // HOUR),
        }


def _address(words: str) -> Address | None:
    """``10.0.0.5`` or ``10.0.0.5:4352``."""
    host, _, port = words.partition(":")
    return (host, int(port or 4352)) if host else None
