"""The wire's door: the Unix socket at which engines (and whoever may ask for stats, panic or the end) come in.

One engine at a time has a say about light: the one that said hello last with this show's fingerprint. When it is gone
the light goes on, and the next one is told how far the wire has come. A peer that breaks the contract is told nothing,
named in the log and closed; one that does not read is closed. Work between two frames is bounded: what is large is brought in
by short steps (``work``), and what its peer says next waits for that.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, assert_never

from showctl.light.plan import Plan
from showctl.light.shards import Steps
from showctl.runtime.wire.carried import LISTENING, Carried, decode_carried
from showctl.runtime.wire.check_rows import check_plan
from showctl.runtime.wire.errors import BadChangeError, BadMessageError, GapError, NotYoursError, WireError
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.messages import (
    NO_EPOCH,
    Hello,
    Kind,
    Message,
    Reader,
    decode_change,
    decode_hello,
    decode_panic,
    decode_plan,
    decode_routes,
    decode_stand_ins,
    refusal,
)
from showctl.runtime.wire.next_patch import NextPatch
from showctl.runtime.wire.stand_ins import EXIT, SAFE
from showctl.runtime.wire.stats import Stats
from showctl.runtime.wire.tap import encode_tap
from showctl.show.instants import MILLISECOND, Instant
from showctl.show.show import Show

P = ParamSpec("P")
log = logging.getLogger(__name__)

MAX_PEERS: Final = 16
PIECE: Final = 256 << 10
SOON: Final = 2 * MILLISECOND
"""So soon after it was announced a change is said, as a rule: by then the journal has it."""
MORE: Final = 16 << 10
"""So much is read where nothing large has begun: room for it is had sooner."""
BYTES_A_FRAME: Final = 4 << 20
LONGEST_QUEUE: Final = 1 << 20
_LARGE: Final = (Kind.PLAN, Kind.CHANGE)
"""What may be brought in by steps."""
_QUICK: Final = (Kind.CHANGE, Kind.COMING, Kind.CUT)
_FEW: Final = 2 << 10
"""Bytes of a change that is worked out in no time, and need not wait for a frame."""
_SMALL: Final = 16 << 10
"""Bytes of a body that is acted on while a frame is made."""


class Peer:
    """One connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.reader = Reader()
        self.out = bytearray()
        self.waiting: deque[Message] = deque()
        """What it said, and was not acted on yet."""
        self.greeted = False
        self.listens_until: Instant = 0
        """Until when it is told what comes back of what it had carried."""

    def send(self, message: Message) -> None:
        """Queues ``message``. OSError where too much is unread already."""
        if len(self.out) > LONGEST_QUEUE:
            raise OSError("does not read what it is sent")
        self.out += message.encode()
        self.flush()

    def flush(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self.out:
                del self.out[: self.connection.send(memoryview(self.out)[:PIECE].tobytes())]


class Door:
    """Takes messages and does what they say to ``sender``."""

    def __init__(
        self,
        path: Path,
        sender: FrameSender,
        fingerprint: bytes,
        stats: Callable[[], Stats],
        build: Callable[[Show], FrameSender] | None = None,
        change: Callable[[FrameSender, Plan, int, Instant], None] | None = None,
    ) -> None:
        """``build`` makes the frame sender of another patch, ``change`` puts it in its place with the first plan for it."""
        self.ended = False
        """Somebody asked for the end."""
        self.refused = 0
        self.busy_from: Instant = 0
        """From then on a frame is waited for: what is only announced is left alone, unless it is small."""
        self.epoch = NO_EPOCH
        self._path, self._sender, self._fingerprint, self._stats = path, sender, fingerprint, stats
        self._peers: dict[int, Peer] = {}
        self._engine: Peer | None = None
        self._build, self._change = build, change
        self._next: tuple[Peer, NextPatch] | None = None
        """Another patch that an engine has told us of, and whom."""
        self._next_said = False
        """It is built, and that engine knows."""
        self.carry: Callable[[Carried, Instant], None] = lambda *_: None
        """Who takes out what somebody wants carried."""
        self.said_as_announced: Callable[[], None] = lambda: None
        """Who is told at once that what was announced is said, word by word; it is acted on afterwards."""
        self._announced: tuple[int, bytes] | None = None
        """The serial and the body of the change that was announced with the last word that was said."""
        self.expects_until: Instant = 0
        """Until then it may come any moment: nothing is begun that takes long."""
        self._allowance = BYTES_A_FRAME
        self._work: tuple[Peer, Kind, Steps[None]] | None = None
        """Something large that is being brought in."""
        self._listener = listen(path)

    # --- What select asks ---------------------------------------------------------------------------------------------

    def readers(self) -> Iterator[int]:
        """The descriptors that may be read now."""
        yield self._listener.fileno()
        if self._allowance > 0:
            yield from (number for number, peer in self._peers.items() if not peer.waiting and not self._works_for(peer))

    def writers(self) -> Iterator[int]:
        """The descriptors that something waits for."""
        return (number for number, peer in self._peers.items() if peer.out)

    @property
    def builds(self) -> bool:
        """Another patch is being built."""
        return self._next is not None and not self._next[1].done

    def new_frame(self) -> None:
        """A frame was sent: as much may be read again before the next."""
        self._allowance = BYTES_A_FRAME
        if self._next is not None and not self._next_said and self._next[1].done:
            self._guarded(self._next[0], self._say_next)

    def serve(self, readable: list[int], writable: list[int], now: Instant) -> None:
        """Reads and writes what is ready."""
        for number in writable:
            if number in self._peers:
                self._guarded(self._peers[number], Peer.flush)
        for number in readable:
            if number in self._peers:
                self._guarded(self._peers[number], self._read, now)
                if self.expects_until and number in self._peers:  # what was announced may have been said meanwhile
                    self._guarded(self._peers[number], self._read, now)
        if self._listener.fileno() in readable:
            self._admit()

    def glance(self, now: Instant) -> bool:
        """Whether the engine has just said something small; it is acted on. What else it said waits until there is time."""
        peer = self._engine
        if peer is None or peer.waiting or self._allowance <= 0 or self._works_for(peer):
            return False
        before = self._allowance
        self._guarded(peer, self._read, now, quickly=True)
        return self._allowance < before

    def work(self, now: Instant) -> bool:
        """Does a step of what is being brought in, or acts on what waits; whether there was anything."""
        if self._work is not None:
            peer, kind, steps = self._work
            self._guarded(peer, self._answered, kind, self._step, peer, kind, steps)
            return True
        waiting = [peer for peer in self._peers.values() if peer.waiting]
        for peer in waiting:
            self._guarded(peer, self._go_on, now)
        return bool(waiting)

    def tell(self, stats: Stats) -> None:
        """Sends ``stats`` to every peer that said hello."""
        message = Message(Kind.STATS, self.epoch, self._sender.applied, stats.encode())
        for peer in [peer for peer in self._peers.values() if peer.greeted]:
            self._guarded(peer, Peer.send, message)

    def bring(self, items: list[Carried], now: Instant) -> None:
        """Passes on what came back to whoever listens for it."""
        for item in items:
            message = Message(Kind.BROUGHT, self.epoch, 0, item.encode())
            for peer in [peer for peer in self._peers.values() if now < peer.listens_until]:
                self._guarded(peer, Peer.send, message)

    def close(self) -> None:
        """Closes every connection and removes the socket."""
        for peer in list(self._peers.values()):
            self._drop(peer)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    # --- Inside -------------------------------------------------------------------------------------------------------

    def _admit(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            if len(self._peers) >= MAX_PEERS:
                connection.close()
                return
            self._peers[connection.fileno()] = Peer(connection)

    def _guarded(self, peer: Peer, act: Callable[Concatenate[Peer, P], None], *arguments: P.args, **named: P.kwargs) -> None:
        try:
            act(peer, *arguments, **named)
        except BadMessageError as problem:
            log.warning("A program at the wire's socket broke the contract and was shown out: %s.", problem)
            self._drop(peer)
        except OSError:
            self._drop(peer)

    def _drop(self, peer: Peer) -> None:
        self._peers.pop(peer.connection.fileno(), None)
        peer.connection.close()
        if self._next is not None and self._next[0] is peer:
            self._next = None
        if self._works_for(peer):
            self._work = None
        if peer is self._engine:
            self._engine = None
            if not self.ended:
                log.info("The engine is gone; the light goes on.")

    def _read(self, peer: Peer, now: Instant, *, quickly: bool = False) -> None:
        try:
            data = peer.connection.recv(min(MORE if peer.reader.between else PIECE, max(self._allowance, 1)))
        except BlockingIOError:
            return
        if not data:
            raise ConnectionResetError
        self._allowance -= len(data)
        if self._work is None and not peer.waiting and (message := peer.reader.alone(data)) is not None:
            if not quickly or (message.kind in _QUICK and len(data) <= _SMALL):
                self._answered(peer, message.kind, self._act, peer, message, now)
            else:
                peer.waiting.append(message)
            return
        for message in peer.reader.feed(data):
            peer.waiting.append(message)
            self._go_on(peer, now, quickly=quickly)

    def _go_on(self, peer: Peer, now: Instant, *, quickly: bool = False) -> None:
        """Acts on what ``peer`` said, in order, until something large of it is being brought in."""
        while peer.waiting and not self._works_for(peer):
            if self._work is not None and peer.waiting[0].kind in _LARGE:
                return  # one at a time
            if quickly and not (peer.waiting[0].kind in _QUICK and len(peer.waiting[0].body) <= _SMALL):
                return
            message = peer.waiting.popleft()
            self._answered(peer, message.kind, self._act, peer, message, now)

    def _answered(self, peer: Peer, kind: Kind, act: Callable[P, None], *arguments: P.args, **named: P.kwargs) -> None:
        try:
            act(*arguments, **named)
        except BadMessageError:
            raise
        except NotYoursError as problem:
            self._refuse(peer, Kind.HELLO, str(problem))
        except WireError as problem:
            self._refuse(peer, kind, str(problem))

    def _works_for(self, peer: Peer) -> bool:
        return self._work is not None and self._work[0] is peer

    def _step(self, peer: Peer, kind: Kind, steps: Steps[None]) -> None:
        """One step; what is small ends with its first."""
        self._work = None
        with contextlib.suppress(StopIteration):
            next(steps)
            self._work = peer, kind, steps

    def _refuse(self, peer: Peer, kind: Kind, why: str) -> None:
        self.refused += 1
        peer.send(refusal(self.epoch, self._sender.accepted + 1, kind, why))

    def _act(self, peer: Peer, message: Message, now: Instant) -> None:
        sender = self._sender
        announced, self._announced, self.expects_until = self._announced, None, 0
        match message.kind:
            case Kind.HELLO:
                self._greet(peer, decode_hello(message))
            case Kind.PLAN:
                self._load(peer, message)
            case Kind.SHOW:
                self._take_on(peer, message)
            case Kind.CHANGE:
                self._from_engine(peer, message)
                if announced == (message.serial, message.body):
                    self.said_as_announced()
                instant, change = decode_change(message, sender.anchor)
                self._step(peer, message.kind, sender.accepting(message.serial, instant, change))
            case Kind.COMING:
                waits = now >= self.busy_from and len(message.body) > _FEW
                if peer is self._engine and message.epoch == self.epoch and not waits:
                    instant, change = decode_change(message, sender.anchor)
                    sender.announce(message.serial, instant, change, now)
                    self._announced, self.expects_until = (message.serial, message.body), now + SOON
            case Kind.CUT:
                self._from_engine(peer, message)
                sender.cut(message.serial)
            case Kind.STAND_INS:
                self._from_engine(peer)
                safe, leaving = decode_stand_ins(message)
                check_plan(safe, sender.show)
                check_plan(leaving, sender.show)
                sender.stand_ins = {SAFE: safe, EXIT: leaving}
            case Kind.ROUTES:
                self._from_engine(peer)
                self._reroute(message)
            case Kind.PANIC:
                sender.panic(now, decode_panic(message))
            case Kind.END:
                self.ended = True
            case Kind.STATS_REQUEST:
                peer.send(Message(Kind.STATS, self.epoch, sender.applied, self._stats().encode()))
            case Kind.TAP_REQUEST:
                peer.send(Message(Kind.TAP, self.epoch, sender.applied, encode_tap(sender.tapped(now))))
            case Kind.CARRY:
                peer.listens_until = now + LISTENING
                self.carry(decode_carried(message), now)
            case Kind.STATS | Kind.REFUSED | Kind.TAP | Kind.BROUGHT:
                raise BadMessageError(f"a {message.kind.name.lower()} is for the wire to say", message.at)
            case _:
                assert_never(message.kind)

    def _load(self, peer: Peer, message: Message) -> None:
        """The whole plan; the first for another patch puts that in the place of ours."""
        plan, anchor = decode_plan(message)
        if self._next is not None and self._next[0] is peer and self._next_said:
            coming = self._next[1].sender
            assert coming is not None, "what was said to be built is built"
            assert self._change is not None, "whoever builds puts in place"
            self._change(coming, plan, message.serial, anchor)
            self._sender, self._fingerprint, self._engine = coming, self._next[1].fingerprint, peer
            self._next = None
        else:
            self._from_engine(peer)
            self._step(peer, message.kind, self._loading(plan, message, anchor))
            return
        self.epoch = message.epoch

    def _loading(self, plan: Plan, message: Message, anchor: Instant) -> Steps[None]:
        yield from self._sender.loading(plan, message.serial, anchor)
        self.epoch = message.epoch

    def _take_on(self, peer: Peer, message: Message) -> None:
        """An engine runs another patch than we do: it is built beside the frames."""
        if self._build is None or not peer.greeted:
            raise BadChangeError("this wire takes on no other patch")
        self._next, self._next_said = (peer, NextPatch(message.body, self._build)), False

    def _say_next(self, peer: Peer) -> None:
        """The patch is built: the engine may send its plan. Or it cannot be."""
        assert self._next is not None
        built = self._next[1]
        if built.why:
            self._next = None
            self._refuse(peer, Kind.SHOW, built.why)
        else:
            self._next_said = True
            peer.send(Message(Kind.HELLO, self.epoch, self._sender.applied, self._hello(built.fingerprint).encode()))

    def _greet(self, peer: Peer, hello: Hello) -> None:
        peer.greeted = True
        if hello.fingerprint == self._fingerprint:
            self._engine = peer
        peer.send(Message(Kind.HELLO, self.epoch, self._sender.applied, self._hello(self._fingerprint).encode()))

    def _hello(self, fingerprint: bytes) -> Hello:
        sender = self._sender
        return Hello(
            fingerprint,
            sender.anchor,
            sender.epoch,
            sender.applied,
            sender.accepted,
            sender.rate,
            sender.loaded,
            sender.standing_in,
        )

    def _from_engine(self, peer: Peer, message: Message | None = None) -> None:
        if peer is not self._engine:
            raise NotYoursError("another engine has the say about light")
        if message is not None and message.epoch != self.epoch:
            raise GapError(message.serial, 0)

    def _reroute(self, message: Message) -> None:
        universes = self._sender.show.patch.universes
        routes = decode_routes(message)
        if not all(0 <= index < len(universes) for index in routes):
            raise BadChangeError("a route for a universe that is not here")
        for index, (priority, hosts) in routes.items():
            self._sender.route(universes[index], priority, hosts)


def listen(path: Path) -> socket.socket:
    """The listening socket at ``path``, for this user only. A dead one in its place is removed, a live one is not."""
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        probe.connect(str(path))
    except OSError:
        path.unlink(missing_ok=True)
    else:
        raise FileExistsError(f"another wire process listens at {path}")
    finally:
        probe.close()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    listener.listen(MAX_PEERS)
    listener.setblocking(False)
    return listener
