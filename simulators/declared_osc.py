"""Any device whose verbs the show itself declares over OSC: a desk, a media box, a smoke curtain.

What such a thing does nobody knows here. It takes its declared verbs, and an argument that bears the name of a field becomes that
field, which it reports at the field's address, as a real one would. ``set NAME FIELD VALUE`` moves a field as a person at
the device would. Asked at the address of the option ``ping`` it tells its fields (it says the address back where it has
none). Messages that no verb declares are kept as ``heard`` all the same: it is often what a test asks.
"""

# ruff: noqa: ARG002 - hooks take what the contract gives them

from __future__ import annotations

from showctl.show.cues import Value
from showctl.show.devices import Device, Field
from showctl.show.expressions import ValueType
from showctl.show.instants import Instant
from showctl.show.show import Show
from simulators.device import Address, Endpoint
from simulators.osc_server import FRAMINGS
from simulators.osc_streams import OscStreams
from simulators.osc_wire import Message, write


class DeclaredOsc(OscStreams):
    """One device of kind ``osc``."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        self.framing = FRAMINGS.get(device.transport)
        self.device = device
        self._ping = str(device.options.get("ping", ""))
        address = (device.host, device.port or device.kind.port)
        super().__init__(device.name, (Endpoint("tcp" if self.framing else "udp", address),))
        self._fields: dict[str, Value] = {}
        self._heard = ""
        self._told: dict[str, Value] | None = None
        """What it said of all its fields last."""
        self._peer: Address | str | None = None

    def on_up(self, now: Instant) -> None:
        self._fields = {name: item.initial for name, item in self.device.kind.fields.items()}
        self._heard = ""

    def on_down(self, now: Instant) -> None:
        self._peer = None
        self._framings.clear()

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        self._hear(source, data, now)

    def on_closed(self, stream: str, now: Instant) -> None:
        self._framings.pop(stream, None)
        if self._peer == stream:
            self._peer = None

    def on_act(self, words: str, now: Instant) -> None:
        name, _, text = words.strip().partition(" ")
        if name not in self.device.kind.fields or not text:
            raise ValueError(f"{self.name} has no {name!r}; it has {', '.join(self.device.kind.fields) or 'no fields'}")
        self._become(self.device.kind.fields[name], text)

    def truth(self, now: Instant) -> dict[str, Value]:
        return {"heard": self._heard} | {
            name: self._fields.get(name, item.initial) for name, item in self.device.kind.fields.items()
        }

    def on_messages(self, messages: list[Message], peer: Address | str, now: Instant) -> None:
        self._peer = peer
        for message in messages:
            if message.address == self._ping:
                self._tell_all()
                continue
            self._heard = " ".join(
                [
                    message.address,
                    *(f"{argument:g}" if isinstance(argument, float) else str(argument) for argument in message.arguments),
                ]
            )
            self._follow(message)

    def _follow(self, message: Message) -> None:
        for verb in self.device.kind.verbs.values():
            if verb.address == message.address:
                for argument, value in zip(verb.arguments, message.arguments, strict=False):
                    if argument.name in self.device.kind.fields:
                        self._become(self.device.kind.fields[argument.name], str(value))

    def _become(self, item: Field, text: str) -> None:
        match item.type:
            case ValueType.NUMBER:
                self._fields[item.name] = float(text)
            case ValueType.TRUTH:
                self._fields[item.name] = text.lower() in ("true", "yes", "on", "1", "1.0")
            case _:
                self._fields[item.name] = text
        if item.source:
            self._tell(item)

    def told_all(self) -> bool:
        return self._peer is not None and bool(self._ping) and self._told == self._fields

    def told_nothing(self) -> None:
        self._told = None

    def _tell_all(self) -> None:
        self._told = dict(self._fields) if self.answers_well else None
        told = [item for item in self.device.kind.fields.values() if item.source]
        for item in told:
            self._tell(item)
        if not told:
            self._reply(write(self._ping))

    def _tell(self, item: Field) -> None:
        value = self._fields[item.name]
        self._reply(write(item.source, int(value) if isinstance(value, bool) else value))

    def _reply(self, packet: bytes) -> None:
        if isinstance(self._peer, str):
            self.write(self._peer, self._framings[self._peer].frame(packet))
        elif self._peer is not None:
            self.send(packet, self._peer)
