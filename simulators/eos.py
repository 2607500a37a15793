"""A lighting desk of the Eos family, as an OSC client sees it: cues are fired, and it says which one is active.

Written from what such desks were heard to say and need (``/eos/...`` in, ``/eos/out/...`` out). It has whatever cues it is
asked for, unless ``options: {cues: 1 2 2.5}`` names them; a fade takes ``options: {fade: 3s}``. Active cues are told once a
second while they fade. ``fire 1/5`` is a hand at the desk; ``refuse`` has it take no cue from outside until ``mended``.
"""

from __future__ import annotations

import re

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Instant
from showctl.show.show import Show
from simulators.faults import read_duration
from simulators.osc_server import Caller, OscServer
from simulators.osc_wire import Message

CUE = re.compile(r"/eos/cue/(\d+)/([\d.]+)/fire")
SUB = re.compile(r"/eos/sub/(\d+)")


class Eos(OscServer):
    """One desk. Its truth: ``active`` (1/2.5), ``progress`` percent, what it heard last, submasters moved last."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed)
        self._known = str(device.options.get("cues", "")).split()
        self._fade = read_duration(str(device.options.get("fade", "3s")))
        self.active, self._since = "", 0
        self._told_at: Instant | None = None
        self._refuses = False
        self.subs: dict[str, float] = {}
        self.heard = ""
        self.user = 0

    @property
    def at_rest(self) -> bool:
        return True

    def on_up(self, now: Instant) -> None:  # noqa: ARG002
        self.active, self._told_at, self._refuses = "", None, False
        self.subs.clear()
        self.heard = ""

    def on_osc(self, message: Message, caller: Caller, now: Instant) -> None:
        address = message.address
        self.heard = " ".join([address, *(f"{item:g}" if isinstance(item, float) else str(item) for item in message.arguments)])
        if address == "/eos/ping":
            self.tell(caller, "/eos/out/ping", *(item for item in message.arguments if isinstance(item, int | float | str)))
        elif address in ("/eos/reset", "/eos/subscribe"):
            self._tell_state(caller, now)
        elif address == "/eos/get/version":
            self.tell(caller, "/eos/out/get/version", "3.2.2 (simulated)")
        elif address == "/eos/user":
            self.user = int(message.number(0))
        elif match := CUE.fullmatch(address):
            self._fire(match[1], match[2], now)
        elif address == "/eos/key/go_0" and message.number(0, 1.0) > 0:
            self._go(now)
        elif match := SUB.fullmatch(address):
            self.subs[match[1]] = round(min(max(message.number(0), 0.0), 1.0) * 100, 3)

    def own_deadline(self) -> Instant | None:
        return self._told_at

    def on_wake(self, now: Instant) -> None:
        done = self._progress(now) >= 1.0
        self._told_at = None if done else now + SECOND
        self._tell_active(now)

    def on_act(self, words: str, now: Instant) -> None:
        if match := re.fullmatch(r"fire (\d+)/([\d.]+)", words):
            self._fire(match[1], match[2], now, by_hand=True)
        elif words in ("refuse", "mended"):
            self._refuses = words == "refuse"
        else:
            raise ValueError(f"{self.name} does not understand {words!r}; it knows fire LIST/CUE, refuse, mended")

    def truth(self, now: Instant) -> dict[str, Value]:
        sub = next(reversed(self.subs.items()), ("", 0.0))
        return {
            "active": self.active, "progress": round(self._progress(now) * 100, 1), "heard": self.heard,
            "sub": sub[0], "sub_level": sub[1],
        }  # fmt: skip

    def _go(self, now: Instant) -> None:
        name, _, cue = self.active.partition("/")
        at = self._known.index(cue) + 1 if cue in self._known else 0
        if at < len(self._known):
            self._fire(name or "1", self._known[at], now)

    def _fire(self, name: str, cue: str, now: Instant, *, by_hand: bool = False) -> None:
        if (self._refuses and not by_hand) or (self._known and cue not in self._known):
            return  # such a desk says nothing to a caller about what it does not do
        self.active, self._since, self._told_at = f"{name}/{cue}", now, now + SECOND
        self.tell_all_callers(f"/eos/out/event/cue/{name}/{cue}/fire")
        self._tell_active(now)

    def _tell_state(self, caller: Caller, now: Instant) -> None:
        self.tell(caller, "/eos/out/show/name", self.show.name)
        if self.active:
            self.tell(caller, f"/eos/out/active/cue/{self.active}", self._progress(now))
            self.tell(caller, "/eos/out/active/cue/text", self._text(now))

    def _tell_active(self, now: Instant) -> None:
        self.tell_all_callers(f"/eos/out/active/cue/{self.active}", self._progress(now))
        self.tell_all_callers("/eos/out/active/cue", self._progress(now))
        self.tell_all_callers("/eos/out/active/cue/text", self._text(now))

    def _text(self, now: Instant) -> str:
        return f"{self.active} Look {self.active} {self._fade / SECOND:.1f} {self._progress(now) * 100:.0f}%"

    def _progress(self, now: Instant) -> float:
        if not self.active:
            return 0.0
        return min((now - self._since) / self._fade, 1.0) if self._fade else 1.0
