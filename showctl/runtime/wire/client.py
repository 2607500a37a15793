"""The engine's end of the wire: a light sink that never blocks, never raises for the other side, and comes back by itself.

It keeps the plan as the wire should have it. When the wire was away (or we were), they compare: the same journal, the same
show, and the missing changes still at hand: those are sent, with their original instants. Anything else, and after a
refusal: the whole plan. Instants are show time here and CLOCK_MONOTONIC on the socket; ``anchor`` is what lies between.

Call ``service`` whenever ``fileno`` is ready, and at ``next_try``. For a word to the wire from anywhere else: ``say``, ``ask``.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from showctl.light.plan import Plan, PlanChange
from showctl.runtime.wire.errors import BadMessageError
from showctl.runtime.wire.held_plan import HeldPlan
from showctl.runtime.wire.messages import (
    NO_EPOCH,
    Hello,
    Kind,
    Message,
    Reader,
    decode_hello,
    decode_refusal,
    encode_change,
    encode_plan,
    encode_stand_ins,
)
from showctl.runtime.wire.stats import Stats, decode_stats
from showctl.runtime.wire.tap import Tapped, decode_tap
from showctl.show.instants import MILLISECOND, SECOND, Instant

log = logging.getLogger(__name__)

REMEMBERED: Final = 1024
LARGEST_ANNOUNCED: Final = 1024
"""Rows: a larger change touches most of the room, and is worked out with the next frame anyway."""
LONGEST_QUEUE: Final = 64 << 20
FIRST_WAIT: Final = 50 * MILLISECOND
LONGEST_WAIT: Final = SECOND


class WireClient:
    """``epoch`` names our journal (16 bytes); ``anchor`` is CLOCK_MONOTONIC at show time 0."""

    def __init__(
        self, path: Path, epoch: bytes, fingerprint: bytes, anchor: Instant, facts: Callable[[], bytes] | None = None
    ) -> None:
        """``facts`` says our show, for a wire that runs another patch (``facts.py``)."""
        self.connected = False
        """The wire has answered our hello and shows our light."""
        self.stats: Stats | None = None
        self.why = "not connected yet"
        """Why the wire does not take our light, in words; empty when it does."""
        self.whole_plans = 0
        """How often the whole plan had to be sent."""
        self.next_try: Instant | None = 0
        """CLOCK_MONOTONIC at which ``service`` wants to connect again; None while there is a connection."""
        self._path, self._epoch, self._fingerprint, self._anchor = path, epoch, fingerprint, anchor
        self._facts = facts
        self._told: bytes | None = None
        """The fingerprint of the show that we told this wire, and it has not taken on yet."""
        self._held = HeldPlan()
        self._recent: deque[tuple[int, bytes]] = deque(maxlen=REMEMBERED)
        self._announced: tuple[PlanChange, bytes] | None = None
        self._whole = True
        """The wire has never had the plan that we were given."""
        self._rewritten: int | None = None
        """From which serial on the wire may hold a future that is not ours."""
        self._socket: socket.socket | None = None
        self._reader = Reader()
        self._out = bytearray()
        self._wait = FIRST_WAIT
        self._now: Instant = 0

    # --- The light sink -----------------------------------------------------------------------------------------------

    def load(self, plan: Plan, serial: int) -> None:
        """The whole plan after change ``serial``."""
        self._held.load(plan, serial)
        self._recent.clear()
        self._whole = True
        if self.connected:
            self._send_plan()

    def accept(self, serial: int, instant: Instant, change: PlanChange) -> None:
        """The plan changes at show instant ``instant``; what was handed over from ``serial`` on is replaced."""
        self._forget(serial)
        self._held.accept(serial, instant, change)
        known = self._announced
        body = known[1] if known is not None and known[0] is change else encode_change(instant + self._anchor, change)
        self._announced = None
        self._recent.append((serial, body))
        if self.connected:
            self._send(Kind.CHANGE, serial, body)

    def announce(self, serial: int, instant: Instant, change: PlanChange) -> None:
        """``change`` may be said in a moment, as it is: the wire may do its work, and shows nothing of it."""
        if self.connected and not self._out and len(change.rows_in) <= LARGEST_ANNOUNCED:
            self._announced = (change, encode_change(instant + self._anchor, change))
            self._send(Kind.COMING, serial, self._announced[1])

    def cut(self, serial: int) -> None:
        """Nothing that was handed over from ``serial`` on will happen."""
        self._forget(serial)
        self._held.cut(serial)
        if self.connected:
            self._send(Kind.CUT, serial)

    def repatch(self, fingerprint: bytes) -> None:
        """Our show has another fingerprint from now on. A wire that runs another patch is told ours; give the plan then."""
        if fingerprint != self._fingerprint:
            self._fingerprint = fingerprint
            if self.connected:
                self._tell_show()

    # --- Other words --------------------------------------------------------------------------------------------------

    def panic(self, on: bool = True) -> None:
        """The wire fades to the safe look by itself, or gives our light back."""
        self._send(Kind.PANIC, 0, bytes((on,)))

    def stand_ins(self, safe: Plan, leaving: Plan) -> None:
        """Other looks than the show's own for panic and exit, until the wire ends."""
        self._send(Kind.STAND_INS, 0, encode_stand_ins(safe, leaving))

    def request_stats(self) -> None:
        """Asks for stats now; they come each second anyway."""
        self._send(Kind.STATS_REQUEST, 0)

    # --- The connection -----------------------------------------------------------------------------------------------

    def fileno(self) -> int | None:
        """What to watch for reading, if anything."""
        return None if self._socket is None else self._socket.fileno()

    @property
    def wants_write(self) -> bool:
        """Whether to watch for writing, too."""
        return bool(self._out)

    def service(self, now: Instant) -> None:
        """Connects when it is time, reads what came, writes what waits. ``now`` is CLOCK_MONOTONIC."""
        self._now = now
        self._held.advance(now - self._anchor)
        if self._socket is None and self.next_try is not None and now >= self.next_try:
            self._connect()
        if self._socket is not None:
            self._read()
            self._flush()

    def close(self) -> None:
        """Leaves; the light goes on."""
        self._lose("closed")
        self.next_try = None

    def _connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect(str(self._path))
        except OSError as problem:
            connection.close()
            self.why = f"the wire process does not answer ({problem.strerror})"
            self._later()
            return
        self._socket, self.next_try = connection, None
        self._reader, self._out, self._told = Reader(), bytearray(), None
        self._send(Kind.HELLO, self._held.applied, Hello(self._fingerprint, self._anchor).encode())

    def _read(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError as problem:
                self._lose(problem.strerror or "broken")
                return
            if not data:
                self._lose("the wire process is gone")
                return
            try:
                for message in self._reader.feed(data):
                    self._heard(message)
            except BadMessageError as problem:
                self._lose(f"the wire process said something that is not in the contract: {problem}")

    def _heard(self, message: Message) -> None:
        if message.kind is Kind.HELLO:
            self._met(decode_hello(message), message.epoch)
        elif message.kind is Kind.STATS:
            self.stats = decode_stats(message)
        elif message.kind is Kind.REFUSED:
            self._refused(*decode_refusal(message))
        else:
            raise BadMessageError(f"a {message.kind.name.lower()} is for the engine to say", message.at)

    def _refused(self, kind: Kind, why: str) -> None:
        if kind in (Kind.CHANGE, Kind.CUT) and self.connected:
            log.warning("The wire refused a change (%s); it gets the whole plan.", why)
            self._send_plan()
        elif kind is Kind.SHOW:
            log.error("The wire does not take on our patch: %s.", why)
            self.why = f"the wire process does not take on the patch: {why}"
        elif self.connected:  # once more of the same would be refused again
            log.error("The wire does not take our light: %s.", why)
            self.connected, self.why = False, why

    def _met(self, wire: Hello, epoch: bytes) -> None:
        if wire.fingerprint != self._fingerprint:
            self._tell_show()
            return
        self.connected, self.why, self._wait = True, "", FIRST_WAIT
        self.request_stats()  # a desk that has just come up need not wait for the next second's
        same = wire.loaded and epoch == self._epoch and wire.anchor == self._anchor and not self._whole
        first = self._first_missing(wire) if same else None
        if first is None:
            self._send_plan()
            if wire.standing_in:  # somebody pressed panic while no engine answered: a plan is no reason to forget it
                self.panic()
            return
        if first <= wire.accepted:
            self._send(Kind.CUT, first)
        for serial, body in self._recent:
            if serial >= first:
                self._send(Kind.CHANGE, serial, body)
        self._rewritten = None

    def _tell_show(self) -> None:
        """The wire runs another patch: it is told ours, and answers with another hello once it has taken it on."""
        self.connected, self.why = False, "the wire process runs another patch: start the show anew"
        if self._facts is not None and self._told != self._fingerprint:
            self._told, self.why = self._fingerprint, "the wire process takes on the patch"
            self._send(Kind.SHOW, 0, self._facts())

    def _first_missing(self, wire: Hello) -> int | None:
        """The first serial that the wire lacks or has in another version; None when not all from there on are at hand."""
        first = wire.accepted + 1
        if self._rewritten is not None:
            first = min(first, self._rewritten)
        at_hand = {serial for serial, _ in self._recent}
        complete = all(serial in at_hand for serial in range(first, self._held.accepted + 1))
        return first if complete and first <= self._held.accepted + 1 else None

    def _send_plan(self) -> None:
        self.whole_plans += 1
        self._held.advance(self._now - self._anchor)
        self._send(Kind.PLAN, self._held.applied, encode_plan(self._held.plan, self._anchor))
        for serial, body in self._recent:
            if serial > self._held.applied:
                self._send(Kind.CHANGE, serial, body)
        self._rewritten, self._whole = None, False

    def _forget(self, serial: int) -> None:
        """What was handed over from ``serial`` on is void."""
        while self._recent and self._recent[-1][0] >= serial:
            self._recent.pop()
        if not self.connected and serial <= self._held.accepted:
            self._rewritten = serial if self._rewritten is None else min(serial, self._rewritten)

    def _send(self, kind: Kind, serial: int, body: bytes = b"") -> None:
        if self._socket is None:
            return
        self._out += Message(kind, self._epoch, serial, body).encode()
        if len(self._out) > LONGEST_QUEUE:
            self._lose("the wire process does not read")
            return
        self._flush()

    def _flush(self) -> None:
        try:
            while self._out and self._socket is not None:
                with memoryview(self._out) as waiting:
                    sent = self._socket.send(waiting[: 1 << 18])
                del self._out[:sent]
        except BlockingIOError:
            return
        except OSError as problem:
            self._lose(problem.strerror or errno.errorcode.get(problem.errno or 0, "broken"))

    def _lose(self, why: str) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self.connected, self.why, self.stats = None, False, why, None
        self._out.clear()
        self._later()

    def _later(self) -> None:
        self.next_try = self._now + self._wait
        self._wait = min(self._wait * 2, LONGEST_WAIT)


def say(path: Path, kind: Kind, body: bytes = b"", timeout: float = 1.0) -> None:
    """One word to the wire process from anywhere: panic when the engine hangs, the end. OSError where it is not there."""
    with contextlib.closing(_open(path, timeout)) as connection:
        connection.sendall(Message(kind, NO_EPOCH, 0, body).encode())


def ask(path: Path, timeout: float = 1.0) -> Stats:
    """The wire's stats, for whoever wants to know and is not its engine. OSError where it is not there."""
    return decode_stats(_answer(path, Kind.STATS_REQUEST, Kind.STATS, timeout))


def tap(path: Path, timeout: float = 1.0) -> list[Tapped]:
    """What every universe carries now. OSError where the wire is not there."""
    return decode_tap(_answer(path, Kind.TAP_REQUEST, Kind.TAP, timeout))


def _answer(path: Path, question: Kind, wanted: Kind, timeout: float) -> Message:
    with contextlib.closing(_open(path, timeout)) as connection:
        connection.sendall(Message(question).encode())
        reader = Reader()
        while data := connection.recv(1 << 16):
            for message in reader.feed(data):
                if message.kind is wanted:
                    return message
    raise ConnectionError("the wire process closed the connection")


def _open(path: Path, timeout: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection
