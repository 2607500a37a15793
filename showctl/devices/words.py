"""The arguments of a command by name and type, and the numbers of a message. TypeError and KeyError stay inside the driver."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from showctl.engine.commands import Tell
from showctl.show.devices import Device

LARGEST: Final = 1e12


def completed(command: Tell, device: Device) -> Tell:
    """The command with the defaults of its verb where it leaves an argument out. KeyError: no such verb, or nothing to put."""
    given = dict(command.arguments)
    arguments = []
    for wanted in device.kind.verbs[command.verb].arguments:
        value = given.get(wanted.name, wanted.default)
        if value is None:
            raise KeyError(wanted.name)
        arguments.append((wanted.name, value))
    return replace(command, arguments=tuple(arguments))


def finite(*values: float) -> bool:
    """Whether all of these are numbers that make sense."""
    return all(abs(value) < LARGEST for value in values)


def text(command: Tell, name: str) -> str:
    """The text argument ``name``. KeyError: not given; TypeError: something else."""
    value = command.argument(name)
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def number(command: Tell, name: str) -> float:
    """The number argument ``name``."""
    value = command.argument(name)
    if isinstance(value, str) or not finite(value):
        raise TypeError(name)
    return float(value)


def flag(command: Tell, name: str) -> bool:
    """The truth argument ``name``."""
    value = command.argument(name)
    if not isinstance(value, bool):
        raise TypeError(name)
    return value
