"""What all devices that speak OSC have in common: the transport, the ping, the return after a silence.

A driver for one kind derives from ``OscTalker`` and says three things: what a verb becomes (``perform``), what a message
means (``understand``), and what must be said again to a device that has come back (``restore``). Over UDP one datagram is
one packet; over TCP the stream is cut by a size (``tcp``) or by SLIP (``slip``), and the connection is ours to reopen, after
1, 2, 4 ... 30 s. A device that comes back is asked for its state first, and a quarter of a second later it is told only
what its answer did not show: a player that merely lost its cable plays on without a glitch.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from showctl.devices.driver import Close, Connect, Output, Outputs, Phase, Send
from showctl.devices.heartbeat import LOST_AFTER, PING_EVERY, Backoff, Heartbeat, earliest
from showctl.devices.orders import Orders
from showctl.devices.reports import Reports
from showctl.devices.words import completed
from showctl.engine.commands import Tell
from showctl.protocols import osc
from showctl.protocols.errors import ProtocolError
from showctl.protocols.osc_stream import Framing, Splitter, frame
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, Duration, Instant

RESTORE_AFTER: Final = 250 * MILLISECOND  # how long a returned device may take to answer /state
RAW_VERBS: Final = frozenset({"osc", "raw", "send"})
_FRAMINGS: Final = {"tcp": Framing.LENGTH_PREFIX, "slip": Framing.SLIP}


class OscTalker:
    """One device that speaks OSC. ``prefix`` is the first part of all its addresses; ``answers`` to pings, or need not."""

    def __init__(self, device: Device, prefix: str, *, answers: bool = True) -> None:
        self.device, self.prefix = device, prefix
        self.beat = Heartbeat(device, patient=not answers)
        self._answers = answers
        self.reports = Reports(device)
        self.orders = Orders(device, self.shows)
        self._framing = _FRAMINGS.get(device.transport)
        self._splitter = Splitter(self._framing) if self._framing else None
        self._open = self._framing is None
        self._opened_at: Instant = 0
        self._backoff = Backoff()
        self._connect_at: Instant | None = None
        self._ping_at: Instant | None = None
        self._restore_at: Instant | None = None
        self._pings = 0
        self._fresh = False  # connected, and not a word yet
        self.returned: Instant = 0

    # --- what a kind says ----------------------------------------------------------------------------------------------

    def perform(self, command: Tell, now: Instant) -> list[Output]:
        """What a verb becomes. KeyError: there is no such verb."""
        raise NotImplementedError

    def understand(self, message: osc.Message, now: Instant) -> list[Output]:
        """What a message of the device means."""
        raise NotImplementedError

    def restore(self, now: Instant) -> list[Output]:  # noqa: ARG002
        """What a device that has come back must be told again. Never anything momentary."""
        return []

    def shows(self, command: Tell) -> bool | None:  # noqa: ARG002
        """Whether the device shows what ``command`` asked for (or nobody wants it any more); None: nothing of it can be seen."""
        return None

    def away(self) -> None:
        """The device was away: what it said before counts no longer."""

    def later(self, now: Instant) -> list[Output]:  # noqa: ARG002
        """What is due of the kind's own waits."""
        return []

    def own_deadline(self) -> Instant | None:
        """The kind's own next wait."""
        return None

    def listens(self) -> bool:
        """Whether what the device says of itself again and again may matter now, though only what moves by itself is new."""
        return True

    def moved_on(self, now: Instant) -> None:
        """The device said at ``now`` what it had said before, but for what moves by itself."""

    def told_deadline(self) -> Instant | None:
        """The kind's own next wait while the device goes on to say that."""
        return self.own_deadline()

    def desired(self) -> dict[str, Value]:
        return {}

    # --- the contract --------------------------------------------------------------------------------------------------

    def start(self, now: Instant) -> Outputs:
        self.beat.start(now)
        self.orders.taken_up()
        if not self._open:
            return [Connect()]
        return self._greet(now) if self._answers else []

    def command(self, command: Tell, now: Instant) -> Outputs:
        if command.verb in RAW_VERBS and command.verb not in self.device.kind.verbs:
            return self._raw(command)
        try:
            whole = completed(command, self.device)
            found: list[Output] = [*self.perform(whole, now)]
        except (KeyError, ValueError, TypeError):  # a verb or argument that this kind does not have; the checker said so
            return []
        found += self.orders.asked(whole, now, sent=self._open and self.beat.state != "lost")
        return found + self._instead(now)

    def received(self, data: bytes, now: Instant) -> Outputs:
        if self._splitter is None:
            return self._packet(data, now)
        if not self._open:
            return []
        found: list[Output] = []
        try:
            for packet in self._splitter.feed(data):
                found += self._packet(packet, now)
        except ProtocolError:
            pass  # the splitter keeps it as its fault
        if self._splitter.fault is not None:
            found += [Close(), *self._broken(f"sent what is not OSC: {self._splitter.fault.what}", now)]
        return found

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def connected(self, now: Instant) -> Outputs:
        if self._framing is None:
            return []
        self._open, self._opened_at, self._connect_at, self._fresh = True, now, None, True
        self._splitter = Splitter(self._framing)
        if self._answers:
            return self._greet(now)
        self.beat.forgive()
        self._backoff.worked()
        return [*self.beat.heard(now), *self.compare(now)]

    def lost(self, why: str, now: Instant) -> Outputs:
        return self._broken(why, now) if self._framing else []

    def wake(self, now: Instant) -> Outputs:
        found: list[Output] = [*self.beat.wake(now)]
        if self._watched and now >= self._silent_until():
            found += [Close(), *self._broken("accepts the connection and says nothing", now)]
        if self._connect_at is not None and now >= self._connect_at:
            self._connect_at = None
            found.append(Connect())
        if self._open and self._restore_at is not None and now >= self._restore_at:
            self._restore_at = None
            found += self.restore(now)
        if self._open and self._ping_at is not None and now >= self._ping_at:
            found += self._ping(now)
        found += self.later(now)
        again, failed = self.orders.wake(now)
        found += self.compare(now) if again and self._open else []
        return [*found, *failed, *self._instead(now), *self.reports.wake(now)]

    def next_deadline(self) -> Instant | None:
        return earliest(
            self.beat.next_deadline(),
            self._connect_at,
            self._silent_until() if self._watched else None,
            self._restore_at if self._open else None,
            self._ping_at if self._open else None,
            self.other_deadline(),
        )

    def pings_at(self) -> Instant | None:
        """When it next asks whether the device is there; None also while anything else is open between the two."""
        waits = self._fresh or self._restore_at is not None or self._connect_at is not None or self.holds_back()
        return self._ping_at if self._open and not waits and self.beat.state == "ok" else None

    def asks_anew_at(self) -> Instant | None:
        return None

    def holds_back(self) -> bool:
        """Whether a value waits that would be passed on as it pings."""
        return self.reports.holds

    def was_answered(self, now: Instant) -> Instant | None:
        """Every ping that was due by ``now`` was sent, and answered at once as before (rehearsal leaves such talk out)."""
        if self._ping_at is None or self._ping_at > now:
            return None
        more = (now - self._ping_at) // PING_EVERY
        first, last = self._ping_at, self._ping_at + more * PING_EVERY
        self._ping_at = last + PING_EVERY
        self.beat.kept_talking(first, last)
        self.pinged(1 + more, last)
        return last

    def pinged(self, times: int, last: Instant) -> None:  # noqa: ARG002
        """So many pings were sent and answered as before, the last of them at ``last``."""
        self._pings = (self._pings + times) & 0x7FFFFFFF

    def other_deadline(self) -> Instant | None:
        """When it wants waking for anything but its pings and their answers."""
        return earliest(self.own_deadline(), self.orders.next_deadline(), self.reports.next_deadline())

    def heeds(self) -> bool:
        waits = self._fresh or self._restore_at is not None or self._connect_at is not None or self.orders.open
        return waits or not self._open or self.beat.state != "ok" or self.listens()

    def hears_again(self, now: Instant) -> None:
        self.passed_on(now)
        self.beat.heard(now)
        if self._ping_at is not None:
            self._ping_at = now + PING_EVERY
        self.moved_on(now)

    def hears_evenly(self) -> bool:
        return False

    def passed_on(self, now: Instant) -> None:
        while (due := self.reports.next_deadline()) is not None and due <= now:
            self.reports.wake(due)

    def deadline_while_told(self) -> Instant | None:
        return earliest(self.told_deadline(), self.orders.next_deadline(), self.reports.next_deadline())

    def reported(self) -> dict[str, Value]:
        return self.reports.values()

    def heard(self) -> Instant | None:
        return self.beat.last

    def round_trip(self) -> Duration | None:
        return self.beat.round_trip

    def phase(self) -> Phase:
        return self.orders.phase()

    # --- for the kinds -------------------------------------------------------------------------------------------------

    def say(self, address: str, *arguments: osc.Argument, tags: str | None = None) -> list[Output]:
        """The message as it goes out; nothing while there is no connection (``restore`` says it later)."""
        if not self._open:
            return []
        message = osc.message(address, *arguments) if tags is None else osc.Message(address, arguments, tags)
        try:
            packet = osc.encode(message)
        except ValueError:  # a number or text that OSC cannot carry
            return []
        return [Send(frame(packet, self._framing) if self._framing else packet)]

    def tell(self, word: str, tags: str, *arguments: osc.Argument) -> list[Output]:
        """``say`` under the device's prefix, with these type tags."""
        return self.say(f"{self.prefix}/{word}", *arguments, tags=tags)

    def ping_message(self) -> list[Output]:
        self._pings = (self._pings + 1) & 0x7FFFFFFF
        return self.tell("ping", "i", self._pings)

    @property
    def settled(self) -> bool:
        """Whether what the device says now is news, and not its answer after a return."""
        return self._restore_at is None

    def compare(self, now: Instant, *, ask: bool = True) -> list[Output]:
        """Asks for the device's state, and lets ``restore`` judge the answer in a moment."""
        self.returned, self._restore_at = now, now + RESTORE_AFTER
        return self.ask_state() if ask else []

    def ask_state(self) -> list[Output]:
        return self.tell("state", "")

    # --- inside --------------------------------------------------------------------------------------------------------

    def _greet(self, now: Instant) -> list[Output]:
        return [*self.ask_state(), *self._ping(now)]

    def _ping(self, now: Instant) -> list[Output]:
        self._ping_at = now + PING_EVERY
        self.beat.asked(now)
        return self.ping_message()

    def _packet(self, data: bytes, now: Instant) -> list[Output]:
        try:
            messages = list(_messages(osc.decode(data)))
        except ProtocolError:
            return []  # one bad packet says nothing about the next
        return [output for message in messages for output in self._heard(message, now)]

    def _heard(self, message: osc.Message, now: Instant) -> list[Output]:
        found: list[Output] = []
        if message.address.endswith("/pong"):
            self.beat.answered(now)
        if self._ping_at is not None:
            self._ping_at = now + PING_EVERY  # who talks need not be asked whether he is there
        returns = self.beat.was_away(now)
        if self._fresh or returns:
            self._backoff.worked()
            self.beat.forgive()
            self.away()
            found += self.compare(now, ask=not self._fresh)
            self._fresh = False
        found = [*self.beat.heard(now), *found, *self.understand(message, now)]
        self.orders.look()
        return found

    @property
    def _watched(self) -> bool:
        return self._open and self._framing is not None and self._answers

    def _silent_until(self) -> Instant:
        return max(self.beat.last or 0, self._opened_at) + LOST_AFTER

    def _broken(self, why: str, now: Instant) -> list[Output]:
        self._open = False
        self._restore_at = None
        self._connect_at = now + self._backoff.next()
        return [*self.beat.trouble(why, now)] if self._answers else [*self.beat.broken(why, now)]

    def _instead(self, now: Instant) -> list[Output]:
        return [output for command in self.orders.stand_ins() for output in self.command(command, now)]

    def _raw(self, command: Tell) -> list[Output]:
        """A message that the author wrote out: its address, and the arguments in order."""
        values = [value for _, value in command.arguments]
        if not values or not isinstance(values[0], str) or not values[0].startswith("/"):
            return []
        return self.say(values[0], *values[1:])


def _messages(packet: osc.Packet) -> Iterator[osc.Message]:
    """The messages of a packet that we can read, in order."""
    match packet:
        case osc.Message():
            yield packet
        case osc.Bundle():
            for element in packet.elements:
                yield from _messages(element)
        case osc.UnknownMessage():
            return
