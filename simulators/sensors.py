"""The buttons, beams and counters that feed the show's inputs without being devices of it: people press them, scripts set them.

A sensor has the name of its input and speaks as docs/technicians/device-protocols.md says: on MQTT it publishes its value as
JSON on the input's topic (a counting one its growing count, never retained; others retained), over OSC it sends the input's
address with the value to the port where the show hears control. An input that goes stale is sent again three times as often
as that.

Script words: ``press`` (a count goes up; a truth is true for a moment), ``VALUE``, ``stuck`` and ``free``.
"""

# ruff: noqa: ARG002 - hooks take what the contract gives them

from __future__ import annotations

import json
import struct
from typing import Final

from showctl.show.cues import Value
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND, Instant
from showctl.show.show import Show
from showctl.show.triggers import Input, InputSource
from simulators.device import Address, Box, Endpoint

PRESS_TIME: Final = SECOND // 5
"""How long a finger stays on a button."""
_TRUE: Final = ("true", "yes", "on", "1", "clear", "open")
_FALSE: Final = ("false", "no", "off", "0", "blocked", "closed")


class Sensor(Box):
    """One input's far end."""

    boot_time = SECOND

    def __init__(self, item: Input, show: Show) -> None:
        self.input = item
        self._value: Value = item.initial
        self._stuck = False
        self._release_at: Instant | None = None
        self._again_at: Instant | None = None
        self._controller: Address = ("127.0.0.1", show.osc_port)
        if item.source is InputSource.MQTT:
            endpoint = Endpoint("mqtt", name=item.device)
        else:
            endpoint = Endpoint("udp", (f"127.0.4.{1 + item.index % 250}", 9000 + item.index), deaf=True)
        super().__init__(item.name, (endpoint,))

    def on_up(self, now: Instant) -> None:
        self._release_at = None
        if not self.input.counts:
            self._tell(now)

    def on_down(self, now: Instant) -> None:
        self._again_at = self._release_at = None

    def own_deadline(self) -> Instant | None:
        return min((at for at in (self._release_at, self._again_at) if at is not None), default=None)

    def on_wake(self, now: Instant) -> None:
        if now == self._release_at:
            self._release_at = None
            self._change(False, now)
        else:
            self._tell(now)

    def on_act(self, words: str, now: Instant) -> None:
        match words.strip():
            case "stuck":
                self._stuck = True
            case "free":
                self._stuck = False
            case "press" | "pressed":
                self._press(now)
            case text:
                self._change(_read(text, self.input), now)

    def truth(self, now: Instant) -> dict[str, Value]:
        return {"value": self._value}

    def _press(self, now: Instant) -> None:
        match self.input.type:
            case ValueType.NUMBER:
                assert isinstance(self._value, bool | int | float)
                self._change(float(self._value) + 1, now)
            case ValueType.TRUTH:
                self._change(True, now)
                self._release_at = now + PRESS_TIME
            case _:
                raise ValueError(f"{self.name} is no button: its value is a text")

    def _change(self, value: Value, now: Instant) -> None:
        if not self._stuck:
            self._value = value
            self._tell(now)

    def _tell(self, now: Instant) -> None:
        if self.input.source is InputSource.MQTT:
            value = self._value
            whole = int(value) if isinstance(value, float) and value.is_integer() else value
            self.publish(self.input.address, json.dumps(whole).encode(), retain=not self.input.counts)
        else:
            self.send(_osc(self.input.address, self._value), self._controller)
        if self.input.stale_after is not None:
            self._again_at = now + self.input.stale_after // 3


def _read(text: str, item: Input) -> Value:
    """What a script line says, as the input's type."""
    match item.type:
        case ValueType.NUMBER:
            return float(text)
        case ValueType.TRUTH if text in _TRUE or text in _FALSE:
            return text in _TRUE
        case ValueType.TRUTH:
            raise ValueError(f"{item.name} is {text!r}? It can be yes or no")
        case _:
            return text


def _osc(address: str, value: Value) -> bytes:
    """One OSC 1.0 message: everything in fours, big-endian."""
    match value:
        case bool():
            return _padded(address) + _padded(",i") + struct.pack(">i", value)
        case str():
            return _padded(address) + _padded(",s") + _padded(value)
        case _:
            return _padded(address) + _padded(",f") + struct.pack(">f", value)


def _padded(text: str) -> bytes:
    raw = text.encode()
    return raw + b"\0" * (4 - len(raw) % 4)
