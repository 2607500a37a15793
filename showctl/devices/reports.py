"""What a device has said of itself: typed, bounded, and passed on only when it changed.

The first word on a field is always passed on, because the engine may remember another value from before. Fields that
move all the time (a position, a level while it fades) are passed on about once a second, the last value always.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from showctl.devices.driver import Report
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.expressions import ValueType
from showctl.show.instants import MILLISECOND, Duration, Instant

SLOW_EVERY: Final[Duration] = 900 * MILLISECOND  # devices report "each second": a little less, so that none is held back
SLOW_FIELDS: Final = frozenset({"position", "level", "opacity", "age", "battery", "drift"})
LONGEST_TEXT: Final = 512
LARGEST_NUMBER: Final = 1e12


class Reports:
    """The reported half of a device."""

    def __init__(self, device: Device) -> None:
        self._types = {field.name: field.type for field in device.kind.fields.values()}
        self._said: dict[str, Value] = {}
        self._said_at: dict[str, Instant] = {}
        self._held: dict[str, Value] = {}

    def say(self, field: str, given: object, now: Instant) -> list[Report]:
        """The device says that ``field`` is ``given``; what is not of the field's type is passed over."""
        if field not in SLOW_FIELDS and field in self._said and self._said[field] == given:
            return []  # most of what devices say
        kind = self._types.get(field)
        value = typed(given, kind) if kind is not None else None
        if value is None:
            return []
        if field in SLOW_FIELDS and field in self._said_at and now < self._said_at[field] + SLOW_EVERY:
            self._held[field] = value
            return []
        return self._pass_on(field, value, now)

    def say_all(self, said: Mapping[str, object], now: Instant) -> list[Report]:
        """Several fields at once: where one that does not move all the time changed, the others are news too."""
        turn = [report for field, given in said.items() if field not in SLOW_FIELDS for report in self.say(field, given, now)]
        if turn:
            for field in SLOW_FIELDS & said.keys():
                self._said_at.pop(field, None)
                self._held.pop(field, None)
        return turn + [report for field, given in said.items() if field in SLOW_FIELDS for report in self.say(field, given, now)]

    def again(self, now: Instant, *fields: str) -> None:
        """At ``now`` the device said of ``fields`` (none: of all that it has spoken of) what it had said before."""
        for field in fields or SLOW_FIELDS:
            if field in self._said_at:
                self._said_at[field] = now

    def wake(self, now: Instant) -> list[Report]:
        """What was held back and is due."""
        due = [field for field in self._held if now >= self._said_at[field] + SLOW_EVERY]
        return [report for field in due for report in self._pass_on(field, self._held[field], now)]

    def next_deadline(self) -> Instant | None:
        """When a held value is due."""
        return min((self._said_at[f] + SLOW_EVERY for f, value in self._held.items() if value != self._said[f]), default=None)

    @property
    def holds(self) -> bool:
        """Whether a value is held back."""
        return bool(self._held)

    def values(self) -> dict[str, Value]:
        """Every field that the device has spoken of, with its newest value."""
        return self._said | self._held

    def value(self, field: str) -> Value | None:
        """The newest value of ``field``; None while the device has not spoken of it."""
        return self._held.get(field, self._said.get(field))

    def _pass_on(self, field: str, value: Value, now: Instant) -> list[Report]:
        self._held.pop(field, None)
        self._said_at[field] = now
        if self._said.get(field) == value:
            return []
        self._said[field] = value
        return [Report(field, value)]


def typed(given: object, kind: ValueType) -> Value | None:
    """``given`` as a value of that type, or None where it is none.

    >>> typed(3, ValueType.NUMBER), typed(1, ValueType.TRUTH), typed("x", ValueType.NUMBER)
    (3.0, True, None)
    """
    match kind, given:
        case ValueType.TRUTH, bool():
            return given
        case ValueType.TRUTH, int() | float() if given in (0, 1):
            return bool(given)
        case ValueType.NUMBER, bool():
            return float(given)
        case ValueType.NUMBER, int() | float() if abs(given) <= LARGEST_NUMBER:  # also refuses what is no number or endless
            return float(given)
        case ValueType.TEXT, str() if len(given) <= LONGEST_TEXT:
            return given
    return None
