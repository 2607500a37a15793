"""What a device was asked for and has not shown yet: *acting*, then *done* or *failed*, by a deadline and with a policy.

The half of the contract that every kind shares (``kind: text`` has its own, ``described.py``). A driver hands each command in
(``asked``), says what its device shows of it (``shows``: yes, no, or None where nothing of it can be seen), and looks again
whenever something was heard. What is not shown in time is asked for again, if asking twice does no harm: state and resume
verbs do none, momentary ones are never said twice or late. By the deadline it has failed: that is an event, with the policy that
devices.yaml declares for the verb (``orders: {power: {within: 90s, otherwise: hold}}``): skip, wait (look on, and ask on), hold,
or another verb. Should the device show it after all, it is done: only its answer was late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from showctl.devices.driver import Failed, Phase
from showctl.devices.heartbeat import earliest
from showctl.engine.commands import Tell
from showctl.show.cues import ActionClass
from showctl.show.devices import Device, Policy
from showctl.show.instants import SECOND, Duration, Instant, seconds_of

WITHIN: Final = 5 * SECOND
TRIES: Final = 3
NEVER: Final = 3600 * SECOND
"""For what has a deadline of its own."""
MOST_ORDERS: Final = 64
NEVER_LATE: Final = "it cannot be reached, and this is never said late"
Key = tuple[object, ...]


@dataclass(slots=True)
class Order:
    """A command under way: it has ``within``, up to ``by``; the device is asked again at ``again``, ``left`` times more."""

    command: Tell
    policy: Policy
    within: Duration
    by: Instant
    again: Instant
    left: int


class Orders:
    """The orders of one device. ``within`` are the driver's own deadlines, ``tries`` how often it says a verb, by verb."""

    def __init__(
        self,
        device: Device,
        shows: Callable[[Tell], bool | None],
        within: Mapping[str, Duration] | None = None,
        tries: Mapping[str, int] | None = None,
    ) -> None:
        self._device, self._shows, self._within, self._tries = device, shows, within or {}, tries or {}
        self._open: dict[Key, Order] = {}
        self._failed: tuple[Tell, str] | None = None
        self._ever = False
        self._instead: list[Tell] = []

    def taken_up(self) -> None:
        """The show begins, or is taken up: what was asked before is compared with what the device shows, and is not under way."""
        self._open.clear()
        self._failed = None
        self._instead.clear()

    def phase(self) -> Phase:
        """Where it is now."""
        if self._failed is not None:
            return Phase("failed", self._failed[1])
        return Phase("acting" if self._open else "done" if self._ever else "idle")

    @property
    def open(self) -> bool:
        """Whether anything is under way."""
        return bool(self._open)

    def asked(self, command: Tell, now: Instant, *, sent: bool = True) -> list[Failed]:
        """A command went out, or (``sent`` False) could not: then it fails at once where it may not be said late."""
        verb = self._device.kind.verbs[command.verb]
        policy = self._device.policies.get(command.verb) or Policy(tries=self._tries.get(command.verb, TRIES))
        self._ever, self._failed = True, None
        given = dict(command.arguments)
        momentary = verb.kind is ActionClass.MOMENTARY
        key: Key = (command.instant, command.order) if momentary else tuple(given.get(name, name) for name in verb.key)
        if "*" in verb.key:
            self._open.clear()  # it is about everything that runs
        self._open.pop(key, None)
        if momentary and not sent:
            return [self._fail(command, policy, NEVER_LATE)]
        if sent and self._shows(command) is None:
            return []
        within = policy.within or self._within.get(command.verb, WITHIN)
        left = 0 if momentary else policy.tries - 1
        self._open[key] = Order(command, policy, within, now + within, now + within // (left + 1), left)
        if len(self._open) <= MOST_ORDERS:
            return []
        first = self._open.pop(next(iter(self._open)))
        return [self._fail(first.command, first.policy, f"{MOST_ORDERS} other orders came after it")]

    def refused(self, verb: str, why: str, instead: str = "") -> list[Failed]:
        """The device refused the newest order of ``verb`` for good. ``instead`` is what the driver itself does then."""
        key = next((key for key in reversed(self._open) if self._open[key].command.verb == verb), None)
        if key is None:
            return []
        order = self._open.pop(key)
        return [self._fail(order.command, replace(order.policy, otherwise=instead or order.policy.otherwise), why)]

    def look(self, *, reachable: bool = True) -> None:
        """Something was heard of the device: what does it show now? What cannot be seen is done once it was reached."""
        for key in [key for key, order in self._open.items() if self._is_done(order.command, reachable)]:
            del self._open[key]
        if self._failed is not None and self._shows(self._failed[0]):
            self._failed = None

    def wake(self, now: Instant) -> tuple[bool, list[Failed]]:
        """Whether the device is to be asked again, and what has failed by now."""
        again, failed = False, []
        for key, order in list(self._open.items()):
            if now >= order.by:
                del self._open[key]
                failed.append(self._fail(order.command, order.policy, f"it was not done within {seconds_of(order.within):g} s"))
                if order.policy.otherwise == "wait":
                    order.by, order.again, order.left = now + order.within, now + order.within, 1
                    self._open[key] = order
                    again = self._device.kind.verbs[order.command.verb].kind is not ActionClass.MOMENTARY
            elif now >= order.again and order.left:
                order.left -= 1
                order.again = now + (order.by - now) // (order.left + 1)
                again = True
        return again, failed

    def stand_ins(self) -> list[Tell]:
        """The verbs that are asked for instead of what has failed; each is told once."""
        made, self._instead = self._instead, []
        return made

    def next_deadline(self) -> Instant | None:
        """When an order is looked at again, or fails."""
        return earliest(*(min(order.by, order.again) if order.left else order.by for order in self._open.values()))

    def _is_done(self, command: Tell, reachable: bool) -> bool:
        shown = self._shows(command)
        return reachable if shown is None else shown

    def _fail(self, command: Tell, policy: Policy, why: str) -> Failed:
        self._failed = (command, f"{command.verb}: {why}")
        verbs = self._device.kind.verbs
        if policy.otherwise in verbs and command.verb != policy.otherwise:
            self._instead.append(replace(command, verb=policy.otherwise, arguments=(), kind=verbs[policy.otherwise].kind))
        return Failed(command.verb, why, policy.otherwise, "" if command.cue is None else command.cue.list)
