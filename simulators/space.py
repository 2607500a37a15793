"""Renderers of sound objects: ADM-OSC, a d&b DS100, an L-ISA Controller. Each knows where its objects are, in the venue's metres.

Written from docs/technicians/device-protocols.md and the makers' pages, with geometry of their own: complex numbers for what lies
on the floor, so that a sign that the controller got wrong shows. They read how they lie in the venue. A renderer
clamps what is out of range and never complains; with the option ``answers`` it tells where an object is when it is asked, to the
port that its protocol fixes. Truth: ``NAME_x``, ``NAME_y``, ``NAME_z``, ``NAME_level`` (dB), ``NAME_spread`` (percent), ``words``
(messages that it understood).
"""

from __future__ import annotations

import cmath
import math
import random
from typing import Final

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Instant
from showctl.show.show import Show
from showctl.show.space import Space
from simulators.device import Address, Box, Endpoint
from simulators.osc_wire import Message, OscError, read, write

SILENT: Final = -120.0


class Heard:
    """What a renderer knows of one object: its own coordinates, level and spread."""

    def __init__(self, *coordinates: float) -> None:
        self.coordinates = list(coordinates)
        self.told: list[float] = []
        """Where it was when somebody was told of it last."""
        self.level, self.spread = 0.0, 0.0


class Renderer(Box):
    """A device with numbered objects, over UDP."""

    rest: tuple[float, ...] = (0.0, 0.0, 0.0)
    """Where every object is in its own coordinates after a cold start."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:  # noqa: ARG002 - as every device
        self.space = device.space or Space()
        self.chance = random.Random(f"{seed}/{device.name}")
        super().__init__(device.name, (Endpoint("udp", (device.host, device.port or device.kind.port)),))
        self.names = {item.number: item.name for item in self.space.objects}
        self.objects: dict[int, Heard] = {}
        self.words = self.dropped = 0

    # --- what a dialect knows ---------------------------------------------------------------------------------------

    def hear(self, parts: list[str], message: Message) -> bool:
        """A message by the parts of its address. False: nothing that it knows."""
        raise NotImplementedError

    def in_the_room(self, heard: Heard) -> tuple[float, float, float]:
        """Where an object is, in the venue's metres."""
        raise NotImplementedError

    # --- for dialects -----------------------------------------------------------------------------------------------

    def of(self, number: str) -> list[Heard]:
        """The objects that a part of an address means: a number, or ``*`` for all."""
        if number == "*":
            return list(self.objects.values())
        return [self.objects[int(number)]] if number.isdigit() and int(number) in self.objects else []

    def laid_out(self, floor: complex, up: float) -> tuple[float, float, float]:
        """``floor`` is to the right and (imaginary) to the front of the middle, in metres."""
        turned = floor * cmath.rect(1.0, -math.radians(self.space.facing))
        x, y, z = self.space.origin
        return x + turned.real, y + up, z + turned.imag

    def tell(self, peer: Address, address: str, *values: float) -> None:
        """Answers, if it is one that answers."""
        if self.space.returns:
            self.send(write(address, *map(float, values)), (peer[0], self.space.returns))

    # --- Box --------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:  # noqa: ARG002
        self.objects = {number: Heard(*self.rest) for number in self.names}

    def on_down(self, now: Instant) -> None:  # noqa: ARG002
        self.objects = {}

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:  # noqa: ARG002
        try:
            messages = read(data)
        except OscError:
            self.dropped += 1
            return
        for message in messages:
            parts = message.address.strip("/").split("/")
            if not message.arguments and self.asked(parts, message.address, source):
                continue
            if self.hear(parts, message):
                self.words += 1
            else:
                self.dropped += 1

    def told_all(self) -> bool:
        return self.space.returns > 0 and all(heard.told == heard.coordinates for heard in self.objects.values())

    def told_nothing(self) -> None:
        for heard in self.objects.values():
            heard.told = []

    def asked(self, parts: list[str], address: str, peer: Address) -> bool:  # noqa: ARG002 - a hook
        """A message without arguments: a question. False: none that it knows."""
        return False

    def truth(self, now: Instant) -> dict[str, Value]:  # noqa: ARG002
        found: dict[str, Value] = {"words": float(self.words), "dropped": float(self.dropped)}
        for number, name in self.names.items():
            heard = self.objects.get(number) or Heard(*self.rest)
            place = (round(part, 3) + 0.0 for part in self.in_the_room(heard))
            found |= {f"{name}_{axis}": part for axis, part in zip("xyz", place, strict=True)}
            found |= {f"{name}_level": round(heard.level, 2), f"{name}_spread": round(heard.spread, 2)}
        return found


class AdmRenderer(Renderer):
    """ADM-OSC 1.0; coordinates are kept as x, y, z of the unit cube."""

    def hear(self, parts: list[str], message: Message) -> bool:
        if len(parts) != 4 or parts[:2] != ["adm", "obj"]:
            return False
        for heard in self.of(parts[2]):
            match parts[3]:
                case "xyz":
                    heard.coordinates = [_within(message.number(n), -1, 1) for n in range(3)]
                case "aed":
                    away = _within(message.number(2), 0, 1)
                    over = math.radians(_within(message.number(1), -90, 90))
                    level = cmath.rect(away * math.cos(over), math.radians(90 + _within(message.number(0), -180, 180)))
                    heard.coordinates = [level.real, level.imag, away * math.sin(over)]
                case "gain":
                    heard.level = _decibel(message.number(0, 1.0))
                case "w":
                    heard.spread = 100 * _within(message.number(0), 0, 1)
                case _:
                    return False
        return True

    def asked(self, parts: list[str], address: str, peer: Address) -> bool:
        if len(parts) != 4 or parts[:2] != ["adm", "obj"] or parts[3] not in ("xyz", "aed"):
            return False
        for heard in self.of(parts[2]):
            heard.told = list(heard.coordinates) if self.answers_well else []
            x, y, z = heard.coordinates
            if parts[3] == "xyz":
                self.tell(peer, address, x, y, z)
            else:
                away = math.sqrt(x * x + y * y + z * z)
                turn = math.degrees(cmath.phase(complex(y, -x)))
                self.tell(peer, address, turn, math.degrees(math.asin(z / away)) if away else 0.0, away)
        return True

    def in_the_room(self, heard: Heard) -> tuple[float, float, float]:
        x, y, z = heard.coordinates
        right, front, up = self.space.reach
        return self.laid_out(complex(x * right, y * front), z * up)


class Ds100Box(Renderer):
    """A DS100, in its one mapping area that the show uses; it answers every message about a place with the place."""

    rest = (0.0, 0.0)

    def hear(self, parts: list[str], message: Message) -> bool:
        match parts:
            case ["dbaudio1", "coordinatemapping", "source_position_xy", mapping, number] if mapping == str(self.space.mapping):
                for heard in self.of(number):
                    heard.coordinates = [_within(message.number(n), 0, 1) for n in range(2)]
            case ["dbaudio1", "matrixinput", "gain", number]:
                for heard in self.of(number):
                    heard.level = _within(message.number(0), -120, 24)
            case ["dbaudio1", "positioning", "source_spread", number]:
                for heard in self.of(number):
                    heard.spread = 100 * _within(message.number(0), 0, 1)
            case _:
                return False
        return True

    def asked(self, parts: list[str], address: str, peer: Address) -> bool:
        if len(parts) != 5 or parts[1:3] != ["coordinatemapping", "source_position_xy"]:
            return False
        for heard in self.of(parts[4]):
            heard.told = list(heard.coordinates) if self.answers_well else []
            self.tell(peer, address, *heard.coordinates)
        return True

    def in_the_room(self, heard: Heard) -> tuple[float, float, float]:
        x, y = heard.coordinates
        left, near, right, far = self.space.area
        return left * (1 - x) + right * x, 0.0, near * (1 - y) + far * y


class LIsaController(Renderer):
    """An L-ISA Controller: pan, distance and elevation, 0 to 1 each; it answers nothing."""

    rest = (0.5, 0.0, 0.0)

    def hear(self, parts: list[str], message: Message) -> bool:
        if len(parts) != 4 or parts[:2] != ["ext", "src"] or parts[3] not in ("p", "d", "e", "w"):
            return False
        for heard in self.of(parts[2]):
            value = _within(message.number(0), 0, 1)
            if parts[3] == "w":
                heard.spread = 100 * value
            else:
                heard.coordinates["pde".index(parts[3])] = value
        return True

    def in_the_room(self, heard: Heard) -> tuple[float, float, float]:
        pan, distance, elevation = heard.coordinates
        over = elevation * math.pi / 2
        floor = cmath.rect(distance * math.cos(over), math.pi / 2 - math.radians((pan - 0.5) * self.space.span))
        right, front, up = self.space.reach
        return self.laid_out(complex(floor.real * right, floor.imag * front), distance * math.sin(over) * up)


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _decibel(gain: float) -> float:
    return SILENT if gain <= 1e-6 else 20 * math.log10(gain)
