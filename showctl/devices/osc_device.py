"""A device that speaks OSC and whose verbs and fields the show folder declares: a desk, a matrix, a lift.

A verb is its address with its arguments after it: numbers as ``f``, text as ``s``, truth as ``i`` 0 or 1. An argument that
the address holds in braces (``/eos/cue/{cue}/fire``) is put there and not said again. A field is the first argument of
its type in the messages on its address. An argument of a state or resume verb that bears the name of a field is what that
field is to be: once the device has told that field, the order is done when it tells this value. Such a device need not answer
pings: the option ``ping`` names an address to which it does. Without one it is ok once it has said anything (over TCP: while it
is connected), and silence means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from showctl.devices.driver import Output
from showctl.devices.osc_talker import OscTalker
from showctl.devices.reports import typed
from showctl.devices.wishes import Wishes
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.show.cues import ActionClass, Value
from showctl.show.devices import Device, Field
from showctl.show.instants import Instant


class OscDevice(OscTalker):
    """One device of kind ``osc``."""

    def __init__(self, device: Device) -> None:
        self._ping_address = str(device.options.get("ping", ""))
        super().__init__(device, "", answers=self._ping_address.startswith("/"))
        self._wishes = Wishes(device)
        self._fields: dict[str, list[Field]] = {}
        for field in device.kind.fields.values():
            self._fields.setdefault(field.source, []).append(field)

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        self._wishes.remember(command, now)
        return self._say_verb(command)

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        found: list[Output] = []
        for field in self._fields.get(message.address, ()):
            values = (value for value in message.arguments if typed(value, field.type) is not None)
            found += self.reports.say(field.name, next(values, None), now)
        return found

    def restore(self, now: Instant) -> list[Output]:
        return [output for command in self._wishes.again(now) for output in self._say_verb(command)]

    def desired(self) -> dict[str, Value]:
        return {name: value for command in self._wishes.all() for name, value in self._wanted(command)}

    def shows(self, command: Tell) -> bool | None:
        said = self.reports.values()
        seen = [alike(said[name], value) for name, value in self._wanted(command) if name in said]
        return all(seen) if seen and command.kind is not ActionClass.MOMENTARY else None

    def _wanted(self, command: Tell) -> Iterator[tuple[str, Value]]:
        return ((name, value) for name, value in command.arguments if name in self.device.kind.fields)

    def ping_message(self) -> list[Output]:
        return self.say(self._ping_address)

    def pinged(self, times: int, last: Instant) -> None:
        super().pinged(times, last)
        self.reports.again(last)

    def ask_state(self) -> list[Output]:
        return []

    def _say_verb(self, command: Tell) -> list[Output]:
        address = self.device.kind.verbs[command.verb].address
        said: list[osc.Argument] = []
        for name, value in command.arguments:
            if "{" + name + "}" in address:
                address = address.replace("{" + name + "}", in_address(value))
            else:
                said.append(int(value) if isinstance(value, bool) else value)
        return self.say(address, *said)


def alike(said: Value, wanted: Value) -> bool:
    """Whether a device says what was wanted: its numbers have seven digits.

    >>> alike(0.30000001192092896, 0.3), alike(0.31, 0.3), alike("up", "up")
    (True, False, True)
    """
    if isinstance(said, float) and isinstance(wanted, float):
        return math.isclose(said, wanted, rel_tol=1e-6, abs_tol=1e-6)
    return said == wanted


def in_address(value: Value) -> str:
    """A value as a part of an address: 1.0 is ``1``; what would change the address's shape is left out.

    >>> in_address(12.0), in_address(1.5), in_address("a/b c")
    ('12', '1.5', 'abc')
    """
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.12g}"
    return "".join(letter for letter in value if letter.isprintable() and letter not in "/ #*,?[]{}")
