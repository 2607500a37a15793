"""QLab 5, as its client: cues are started, loaded, stopped, levelled; what runs there is read back. OSC over TCP in SLIP, 53000.

First the workspace (option ``workspace``; left out: the one that is open) is connected to with the passcode, then replies to
actions (``/alwaysReply``) and updates are asked for. Each second, and after each update, it is asked for its active cues: one
reply comes for each, and then that of a ``/thump``, which says that these were all. A reply is JSON in the one argument of
``/reply/...``; what is refused there (no such cue, no right to do that) is an order that failed, or a trouble with a sentence.
Levels are faded from here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from showctl.devices.driver import Output, Started
from showctl.devices.heartbeat import earliest
from showctl.devices.osc_device import in_address
from showctl.devices.osc_talker import OscTalker
from showctl.devices.ramp import SILENT, Steps
from showctl.devices.words import finite, flag, number, text
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.protocols.errors import printable
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, Duration, Instant, seconds, seconds_of

KEYS: Final = '["number","uniqueID","isRunning","isPaused","isLoaded","actionElapsed"]'
UPDATES_GATHERED: Final = 30 * MILLISECOND
"""QLab sends several updates for one start: they are answered by one question."""
MOST_CUES: Final = 256
NEAR: Final = 500 * MILLISECOND


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cue that should run: it stood at ``at`` at ``since``."""

    at: Duration
    since: Instant


@dataclass(frozen=True, slots=True)
class Active:
    """A cue as QLab speaks of it."""

    number: str
    state: str
    elapsed: float
    heard: Instant


class QLab(OscTalker):
    """One workspace."""

    def __init__(self, device: Device) -> None:
        super().__init__(device, "")
        name = in_address(str(device.options.get("workspace", "")))
        self._workspace = f"/workspace/{name}" if name else ""
        self._in = False
        """We are let in."""
        self._wanted: dict[str, Wanted] = {}
        self._stopped: dict[str, Instant] = {}
        self._loads: dict[str, float] = {}
        self._faders: dict[tuple[str, int, int], Steps] = {}
        self._paused, self._paused_at = False, 0
        self._active: dict[str, Active] = {}
        self._telling: dict[str, Active] = {}
        self._ask_at: Instant | None = None
        self._begun: Started | None = None
        self._measured = ""
        self._ever: set[str] = set()
        """Cues of ours that were seen to run."""

    # --- verbs -------------------------------------------------------------------------------------------------------

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        match command.verb:
            case "start":
                cue, at = _cue(command), number(command, "at")
                self._wanted.pop(cue, None)
                self._wanted[cue] = Wanted(seconds(at), now)
                self._stopped.pop(cue, None)
                self._loads.pop(cue, None)
                self._measured = cue
                _bound(self._wanted)
                return self._start(cue, at)
            case "load":
                cue, at = _cue(command), number(command, "at")
                self._loads[cue] = at
                _bound(self._loads)
                return self._to(cue, "loadAt", at) if at else self._to(cue, "load")
            case "stop":
                cue = _cue(command)
                self._wanted.pop(cue, None)
                self._stopped[cue] = now
                _bound(self._stopped)
                return self._to(cue, "stop")
            case "level":
                key = (_cue(command), round(number(command, "row")), round(number(command, "column")))
                over, level = seconds(number(command, "over")), max(number(command, "level"), SILENT)
                self._faders.setdefault(key, Steps(0.0)).go(level, over, now, text(command, "curve"))
                _bound(self._faders)
                return self.later(now)
            case "go":
                cue = in_address(text(command, "cue"))
                return self._say(f"/go/{cue}") if cue else self._say("/go")
            case "pause":
                self._pause(flag(command, "on"), now)
                return self._say("/pause" if self._paused else "/resume")
            case "silence":
                self._wanted.clear()
                fade = number(command, "fade")
                return self._say("/panicInTime", fade) if fade > 0 else self._say("/hardStop")
            case _:
                raise KeyError(command.verb)

    def _pause(self, on: bool, now: Instant) -> None:
        if on and not self._paused:
            self._paused_at = now
        elif self._paused and not on:
            stood = now - self._paused_at
            self._wanted = {cue: Wanted(thing.at, thing.since + stood) for cue, thing in self._wanted.items()}
        self._paused = on

    def shows(self, command: Tell) -> bool | None:
        match command.verb:
            case "start":
                cue = _cue(command)
                return cue not in self._wanted or self._wanted[cue].since > command.instant + NEAR or cue in self._active
            case "stop":
                cue = _cue(command)
                return cue in self._wanted or cue not in self._active
            case _:
                return None

    # --- what it says ------------------------------------------------------------------------------------------------

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        if message.address.startswith("/update/"):
            if message.address.endswith("/disconnect"):
                return [*self.beat.trouble("has closed its workspace", now), *self._shut_out(now)]
            self._ask_at = self._ask_at or now + UPDATES_GATHERED
            match message.address.rpartition("/")[2], message.arguments:
                case "playbackPosition", ():
                    return [*self.reports.say("standby", "", now)]
                case "playbackPosition", (str(cue), *_):
                    return [*self.reports.say("standby", printable(cue), now)]
                case _:
                    return []
        if not message.address.startswith("/reply/") or not message.arguments or not isinstance(message.arguments[0], str):
            return []
        try:
            reply = json.loads(message.arguments[0])
            assert isinstance(reply, dict)
        except (ValueError, AssertionError, RecursionError):
            return []
        return self._replied(message.address.removeprefix("/reply"), str(reply.get("status", "")), reply.get("data"), now)

    def _replied(self, address: str, status: str, data: Any, now: Instant) -> list[Output]:
        word = address.rpartition("/")[2]
        if address.endswith("/connect"):
            return self._connected(str(data), status, now)
        if status == "denied":
            refused = [*self.orders.refused(_verb_of(word), f"QLab does not let us: {printable(word)}")]
            return [*refused, *self.beat.trouble(f"denies {printable(word)}: the passcode gives no right to it", now)]
        if word == "thump":
            self.beat.answered(now)
            return self._all_told(now)
        if word == "valuesForKeys":
            if status == "ok" and isinstance(data, dict):
                self._hear_of(data, now)
            return []
        if status == "error" and (verb := _verb_of(word)):
            cue = printable(address.removesuffix(f"/{word}").rpartition("/")[2])
            self._wanted.pop(cue, None)
            trouble = f"has no cue {cue}, or cannot {word} it"
            return [*self.orders.refused(verb, trouble), *self.beat.trouble(trouble, now)]
        return []

    def _connected(self, data: str, status: str, now: Instant) -> list[Output]:
        if status != "ok" or not data.startswith("ok"):
            why = "does not take the passcode" if data == "badpass" else "has no such workspace open"
            return [*self.beat.trouble(why, now), *self._shut_out(now)]
        rights = data.partition(":")[2] or "view|edit|control"
        self._in = True
        found: list[Output] = [*self.beat.trouble("", now), *self.reports.say("rights", rights, now)]
        if "control" not in rights:
            found += self.beat.trouble("lets us look, and not control", now)
        for address in ("/alwaysReply", "/updates"):
            found += self._say(address, 1)
        return [*found, *self.compare(now)]

    def _shut_out(self, now: Instant) -> list[Output]:
        self._in = False
        return [*self.reports.say("rights", "", now)]

    def _hear_of(self, data: dict[str, Any], now: Instant) -> None:
        cue, elapsed = data.get("number"), data.get("actionElapsed")
        if not isinstance(cue, str) or not cue or not isinstance(elapsed, int | float) or not finite(elapsed):
            return
        state = "paused" if data.get("isPaused") else "playing" if data.get("isRunning") else "loaded"
        if len(self._telling) < MOST_CUES:
            self._telling[printable(cue)] = Active(printable(cue), state, float(elapsed), now)

    def _all_told(self, now: Instant) -> list[Output]:
        """That were all its active cues."""
        self._active = {cue: item for cue, item in self._telling.items() if item.state != "loaded"}
        loaded = [cue for cue, item in self._telling.items() if item.state == "loaded"]
        self._telling = {}
        for cue, thing in list(self._wanted.items()):
            seen = self._active.get(cue)
            if seen is not None and cue == self._measured and seen.state == "playing" and seen.elapsed > seconds_of(thing.at):
                self._measured = ""
                self._begun = Started(cue, thing.since, seen.heard - seconds(seen.elapsed) + thing.at)
        lead = next((self._active[cue] for cue in reversed(self._wanted) if cue in self._active), None)
        lead = lead or next(iter(self._active.values()), None)
        said: dict[str, object] = {
            "state": lead.state if lead else "stopped", "cue": lead.number if lead else "", "running": " ".join(self._active),
            "loaded": " ".join(loaded), "position": round(lead.elapsed, 3) if lead else 0.0,
        }  # fmt: skip
        if self.settled:
            for cue in [cue for cue in self._wanted if cue not in self._active and self._wanted[cue].since < now - 2 * NEAR]:
                if cue in self._ever:
                    del self._wanted[cue]  # it ran, and is over
        self._ever = set(self._active) | {cue for cue in self._wanted if cue in self._ever}
        return [*self.reports.say_all(said, now)]

    # --- manners -----------------------------------------------------------------------------------------------------

    def ping_message(self) -> list[Output]:
        if not self._in:
            return self._greeting()
        self._telling = {}
        return [*self._say("/cue/active/valuesForKeys", KEYS), *self.say("/thump")]

    def pings_at(self) -> Instant | None:
        """See ``OscTalker``; None also while something runs, or should: then the answer is news."""
        return super().pings_at() if self._in and not (self._wanted or self._active) else None

    def holds_back(self) -> bool:
        return self.reports.next_deadline() is not None  # what it said twice at once waits always, and is no news

    def pinged(self, times: int, last: Instant) -> None:  # noqa: ARG002
        self.reports.again(last)

    def ask_state(self) -> list[Output]:
        return [] if self._in else self._greeting()

    def restore(self, now: Instant) -> list[Output]:
        if not self._in:
            return []
        found: list[Output] = []
        for cue, thing in self._wanted.items():
            if cue not in self._active:
                found += self._start(cue, seconds_of(thing.at + max((self._paused_at if self._paused else now) - thing.since, 0)))
        for cue in self._stopped:
            if cue in self._active and cue not in self._wanted:
                found += self._to(cue, "stop")
        for cue, at in self._loads.items():
            found += self._to(cue, "loadAt", at) if at else self._to(cue, "load")
        for fader in self._faders.values():
            fader.again(now)
        return [*found, *self.later(now)]

    def away(self) -> None:
        self._in = False
        self._active.clear()
        self._telling = {}

    def lost(self, why: str, now: Instant) -> list[Output]:
        self.away()
        return [*super().lost(why, now)]

    def later(self, now: Instant) -> list[Output]:
        found: list[Output] = []
        for (cue, row, column), fader in self._faders.items():
            if (level := fader.due(now)) is not None:
                found += self._to(cue, f"level/{row}/{column}/live", round(level, 2))
        if self._ask_at is not None and now >= self._ask_at:
            self._ask_at = None
            found += self.ping_message()
        return found

    def own_deadline(self) -> Instant | None:
        return earliest(self._ask_at, *(fader.next_deadline() for fader in self._faders.values()))

    def desired(self) -> dict[str, Value]:
        lead = next(reversed(self._wanted), None)
        return {"state": "stopped"} if lead is None else {"state": "paused" if self._paused else "playing", "cue": lead}

    def last_start(self) -> Started | None:
        return self._begun

    # --- inside ------------------------------------------------------------------------------------------------------

    def _greeting(self) -> list[Output]:
        password = self.device.password
        return [*self.say(f"{self._workspace}/connect", *([password] if password else [])), *self.say("/thump")]

    def _say(self, address: str, *arguments: osc.Argument) -> list[Output]:
        return self.say(f"{self._workspace}{address}", *arguments) if self._in else []

    def _to(self, cue: str, word: str, *arguments: osc.Argument) -> list[Output]:
        return self._say(f"/cue/{cue}/{word}", *arguments)

    def _start(self, cue: str, at: float) -> list[Output]:
        return [*(self._to(cue, "loadAt", at) if at > 0 else []), *self._to(cue, "start")]


def _cue(command: Tell) -> str:
    return in_address(text(command, "cue"))


def _verb_of(word: str) -> str:
    """The verb of ours that an address of QLab's ends with."""
    return {"start": "start", "load": "load", "loadAt": "load", "stop": "stop", "live": "level"}.get(word, "")


def _bound(kept: dict[Any, Any]) -> None:
    if len(kept) > MOST_CUES:
        kept.pop(next(iter(kept)))
