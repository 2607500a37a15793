"""A bench for one simulated device: a small show by hand, and a hand on the clock."""

from __future__ import annotations

import struct
from typing import Any

from showctl.show.cues import Value
from showctl.show.devices import KINDS, Device, Kind
from showctl.show.instants import seconds
from showctl.show.patch import make_patch
from showctl.show.show import Show
from showctl.show.triggers import Clip, Input, SafeState, Speaker, Surface, Zone
from simulators.device import Outgoing, SimulatedDevice
from simulators.osc_wire import LengthFraming, Message, SlipFraming, read

DESK = ("127.0.0.1", 50000)
NAVE = ((-6.0, 0.0), (6.0, 0.0), (6.0, 14.0), (-6.0, 14.0))
GOLD = ((-5.0, 5.0), (-1.0, 5.0), (-1.0, 10.0), (-5.0, 10.0))
BLUE = ((1.0, 5.0), (5.0, 5.0), (5.0, 10.0), (1.0, 10.0))


def make_device(name: str, kind: str | Kind, **more: Any) -> Device:
    chosen = KINDS[kind] if isinstance(kind, str) else kind
    return Device(0, name, chosen, more.pop("transport", "udp"), more.pop("host", "127.0.3.1"), **more)


def make_show(*devices: Device, inputs: tuple[Input, ...] = ()) -> Show:
    nothing = SafeState((), ())
    return Show(
        "bench",
        make_patch((), (), ()),
        (),
        devices=devices,
        clips=(
            Clip("rumble", "media/rumble.wav", seconds(40), ("sound",)),
            Clip("bell", "media/bell.wav", seconds(3), ("sound",)),
            Clip("launch", "media/launch.mov", seconds(70), ("film", "gauze")),
            Clip("stars", "media/stars.mov", None, ("film", "gauze")),
        ),
        speakers=(Speaker("main_pa", "sound"), Speaker("floor", "sound")),
        surfaces=(Surface("furnace_wall", "film"), Surface("dome", "film"), Surface("veil", "gauze")),
        zones=tuple(
            Zone(n, name, name, corners, nothing)
            for n, (name, corners) in enumerate((("nave", NAVE), ("gold", GOLD), ("blue", BLUE)))
        ),
        inputs=inputs,
    )


class Bench:
    """Runs one device; times are seconds. ``heard`` collects what it sent as (seconds, Outgoing)."""

    def __init__(self, device: SimulatedDevice) -> None:
        self.device = device
        self.heard: list[tuple[float, Outgoing]] = []
        self.now = 0
        device.start(0)
        self._collect()

    def to(self, moment: float) -> None:
        """Time goes on to ``moment``, stopping wherever the device wants waking."""
        until = seconds(moment)
        while (due := self.device.next_deadline()) is not None and due <= until:
            assert due >= self.now, "a deadline in the past"
            self.now = due
            self.device.wake(due)
            self._collect()
        self.now = until

    def act(self, words: str) -> None:
        self.device.act(words, self.now)
        self._collect()

    def send(self, packet: bytes) -> None:
        self.device.datagram(DESK, self.device.endpoints[0].address, packet, self.now)
        self._collect()

    def stream(self, data: bytes, name: str = "s") -> None:
        self.device.stream(name, data, self.now)
        self._collect()

    def truth(self, *names: str) -> list[Value]:
        known = self.device.truth(self.now)
        return [known[name] for name in names]

    def take(self) -> list[tuple[float, Outgoing]]:
        heard, self.heard = self.heard, []
        return heard

    def osc(self) -> list[tuple[float, str, tuple[Any, ...]]]:
        """What it has said in OSC since the last call: (seconds, address, arguments)."""
        said: list[tuple[float, Message]] = []
        framing = LengthFraming() if self.device.name == "gauze" else SlipFraming()
        for moment, outgoing in self.take():
            packets = [outgoing.data] if outgoing.kind == "udp" else framing.feed(outgoing.data)
            said += ((moment, message) for packet in packets for message in read(packet))
        return [(moment, message.address, tuple(_short(value) for value in message.arguments)) for moment, message in said]

    def _collect(self) -> None:
        self.heard += ((self.now / 1e9, outgoing) for outgoing in self.device.take())


def _short(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


def osc(address: str, tags: str = "", *values: int | float | str) -> bytes:
    """An OSC message by hand: not by the encoder under test."""

    def padded(text: str) -> bytes:
        data = text.encode() + b"\0"
        return data + bytes(-len(data) % 4)

    body = b"".join(padded(v) if isinstance(v, str) else struct.pack(">" + t, v) for t, v in zip(tags, values, strict=True))
    return padded(address) + padded("," + tags) + body
