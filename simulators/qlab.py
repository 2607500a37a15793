"""A QLab 5 workspace, as an OSC client sees it: a passcode, cues that run, replies in JSON, pushes to who asked for updates.

Written from what other clients of QLab need and send. Its cues are named in ``options: {cues: 1=6s 2=120s}`` (number and length;
no length: endless); ``password`` is its passcode. ``cue 2 missing`` and ``cue 2 found`` take one away and bring it back; ``view
only`` and ``control`` are the rights of the passcode; ``start 2`` and ``stop 2`` are hands at that machine; ``close`` and
``open`` its workspace; ``restart`` is the whole program.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Duration, Instant, seconds_of
from showctl.show.show import Show
from simulators.faults import read_duration
from simulators.osc_device import seconds_in
from simulators.osc_server import Caller, OscServer
from simulators.osc_wire import Message
from simulators.playing import ClipClock

WORKSPACE = "4F2B9C1A-5D5E-4E0A-9B1C-2A77C0FFEE01"


@dataclass
class Cue:
    """One cue of the workspace."""

    number: str
    length: Duration | None
    clock: ClipClock | None = None
    """While it runs or is paused."""
    loaded_at: Duration | None = None
    level: float = 0.0

    @property
    def id(self) -> str:
        return f"cue-{self.number}"


@dataclass
class Client:
    """Somebody who has connected."""

    rights: str = ""
    updates: bool = False
    always: bool = False
    said: list[str] = field(default_factory=list)


class QLab(OscServer):
    """See above. Its truth: ``cue`` and ``state`` of the cue that began last, ``running``, ``level`` of the one levelled last."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed)
        self._names = [name for name in str(device.options.get("cues", "1 2 3")).split() if name]
        self.cues: dict[str, Cue] = {}
        self._missing: set[str] = set()
        self._clients: dict[Caller, Client] = {}
        self._order: list[str] = []
        self._rights, self._closed = "view|edit|control", False
        self._leveled = ""
        self._told: list[dict[str, object]] | None = None
        """What it said last of its active cues."""

    # --- Box ---------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:  # noqa: ARG002
        self.cues = {}
        for name in self._names:
            number, _, length = name.partition("=")
            self.cues[number] = Cue(number, read_duration(length) if length else None)
        self._order, self._closed, self._told = [], False, None
        self._clients.clear()

    def on_gone(self, caller: Caller) -> None:
        self._clients.pop(caller, None)

    def on_down(self, now: Instant) -> None:
        super().on_down(now)
        self.on_up(now)

    @property
    def at_rest(self) -> bool:
        running = any(cue.clock is not None and cue.clock.running for cue in self.cues.values())
        return not running and not self._closed and self._told == [self._known(cue, 0) for cue in self._active()]

    def told_nothing(self) -> None:
        self._told = None

    def own_deadline(self) -> Instant | None:
        ends = [cue.clock.end() for cue in self.cues.values() if cue.clock is not None]
        return min((end for end in ends if end is not None), default=None)

    def on_wake(self, now: Instant) -> None:
        for cue in self.cues.values():
            if cue.clock is not None and (end := cue.clock.end()) is not None and now >= end:
                self._stop(cue)

    def on_act(self, words: str, now: Instant) -> None:
        if (match := re.fullmatch(r"cue (\S+) (missing|found)", words)) and match[1] in self.cues:
            (self._missing.add if match[2] == "missing" else self._missing.discard)(match[1])
        elif (match := re.fullmatch(r"(start|stop) (\S+)", words)) and match[2] in self.cues:
            cue = self.cues[match[2]]
            self._start(cue, now) if match[1] == "start" else self._stop(cue)
        elif words in ("view only", "control"):
            self._rights = "view" if words == "view only" else "view|edit|control"
            for client in self._clients.values():
                client.rights = self._rights
        elif words in ("close", "open"):
            self._closed = words == "close"
            if self._closed:
                self._push("/disconnect")
        elif words == "restart":
            for stream in list(self._framings):
                self.hang_up(stream)
            self.on_down(now)
        else:
            raise ValueError(
                f"{self.name} does not understand {words!r}; it knows cue N missing, cue N found, start N, stop N, "
                "view only, control, close, open, restart"
            )

    def truth(self, now: Instant) -> dict[str, Value]:
        lead = self.cues[self._order[-1]] if self._order else None
        clock = lead.clock if lead else None
        return {
            "cue": lead.number if lead else "", "running": " ".join(self._order),
            "state": "stopped" if clock is None else "playing" if clock.running else "paused",
            "position": round(seconds_of(clock.at(now)), 3) if clock else 0.0,
            "loaded": " ".join(cue.number for cue in self.cues.values() if cue.loaded_at is not None and cue.clock is None),
            "level": self.cues[self._leveled].level if self._leveled in self.cues else 0.0,
        }  # fmt: skip

    # --- OSC ---------------------------------------------------------------------------------------------------------

    def on_osc(self, message: Message, caller: Caller, now: Instant) -> None:
        client = self._clients.setdefault(caller, Client())
        address = re.sub(r"^/workspace/[^/]+", "", message.address) or "/"
        if address == "/thump":
            self._reply(caller, message.address, "thump")
        elif address == "/connect":
            self._connect(client, caller, message)
        elif address == "/version":
            self._reply(caller, message.address, "5.4.8")
        elif self._closed:
            self._reply(caller, message.address, None, "error")
        elif not client.rights:
            self._reply(caller, message.address, None, "denied")
        elif address in ("/updates", "/alwaysReply"):
            on = message.truth(0)
            client.updates, client.always = (on, client.always) if address == "/updates" else (client.updates, on)
            self._reply(caller, message.address, on)
        elif address == "/cue/active/valuesForKeys":
            self._tell_active(caller, message, now)
        elif "control" not in client.rights:
            self._reply(caller, message.address, None, "denied")
        else:
            done = self._act_on(address, message, now)
            if client.always or not done:
                self._reply(caller, message.address, None, "ok" if done else "error")

    def _connect(self, client: Client, caller: Caller, message: Message) -> None:
        if self._closed:
            self._reply(caller, message.address, "error")
            return
        if self.device.password and message.text(0) != self.device.password:
            self._reply(caller, message.address, "badpass")
            return
        client.rights = self._rights
        self._reply(caller, message.address, f"ok:{self._rights}")

    def _act_on(self, address: str, message: Message, now: Instant) -> bool:
        if match := re.fullmatch(r"/cue/([^/]+)/(start|stop|load|loadAt|level/\d+/\d+/live)", address):
            cue = self.cues.get(match[1])
            if cue is None or match[1] in self._missing:
                return False
            self._on_cue(cue, match[2], message, now)
            return True
        match address:
            case "/pause" | "/resume":
                for cue in self.cues.values():
                    if cue.clock is not None:
                        cue.clock = cue.clock.stopped(now) if address == "/pause" else cue.clock.resumed(now)
                self._push("")
            case "/hardStop" | "/panicInTime" | "/panic" | "/stop":
                for cue in self.cues.values():
                    self._stop(cue)
            case "/go":
                standing = next((cue for cue in self.cues.values() if cue.clock is None), None)
                if standing is not None:
                    self._start(standing, now)
            case _ if address.startswith("/go/") and address[4:] in self.cues:
                self._start(self.cues[address[4:]], now)
            case _:
                return False
        return True

    def _on_cue(self, cue: Cue, word: str, message: Message, now: Instant) -> None:
        match word:
            case "start":
                self._start(cue, now)
            case "stop":
                self._stop(cue)
            case "load":
                cue.loaded_at = 0
                self._push(f"/cue_id/{cue.id}")
            case "loadAt":
                cue.loaded_at = seconds_in(message, 0)
                self._push(f"/cue_id/{cue.id}")
            case _:
                cue.level, self._leveled = min(max(round(message.number(0), 2), -120.0), 12.0), cue.number

    def _start(self, cue: Cue, now: Instant) -> None:
        cue.clock = ClipClock(cue.number, cue.length, False, cue.loaded_at or 0, now + self.device.latency)
        cue.loaded_at = None
        self._order = [other for other in self._order if other != cue.number] + [cue.number]
        self._push(f"/cue_id/{cue.id}")

    def _stop(self, cue: Cue) -> None:
        if cue.clock is not None:
            cue.clock = None
            self._order.remove(cue.number)
            self._push(f"/cue_id/{cue.id}")

    def _tell_active(self, caller: Caller, message: Message, now: Instant) -> None:
        try:
            keys = [str(key) for key in json.loads(message.text(0, "[]"))]
        except (ValueError, TypeError):
            keys = []
        told = [self._known(cue, now) for cue in self._active()]
        self._told = told if self.answers_well else None
        if not told:
            self._reply(caller, message.address, None, "error")
        for known in told:
            self._reply(caller, f"/cue_id/{known['uniqueID']}/valuesForKeys", {key: known[key] for key in keys if key in known})

    def _active(self) -> list[Cue]:
        return [cue for cue in self.cues.values() if cue.clock is not None or cue.loaded_at is not None]

    def _known(self, cue: Cue, now: Instant) -> dict[str, object]:
        clock = cue.clock
        return {
            "number": cue.number, "uniqueID": cue.id, "isRunning": clock is not None and clock.running,
            "isPaused": clock is not None and not clock.running, "isLoaded": True, "type": "Audio",
            "actionElapsed": 0.0 if clock is None else seconds_of(clock.at(now)), "duration": seconds_of(cue.length or 0),
        }  # fmt: skip

    def _reply(self, caller: Caller, address: str, data: object, status: str = "ok") -> None:
        reply = {"workspace_id": WORKSPACE, "address": address, "status": status} | ({} if data is None else {"data": data})
        self.tell(caller, f"/reply{address}", json.dumps(reply))

    def _push(self, what: str) -> None:
        for caller, client in self._clients.items():
            if client.updates:
                self.tell(caller, f"/update/workspace/{WORKSPACE}{what}")
