"""One cable, asked over RDM: requests one after the other, with patience, through a node (Art-Net) or a widget (USB Pro).

Sans-I/O. Jobs queue (so many, then ``BufferError``); what is to be sent comes out of ``take_sends``, what came of jobs out of
``take_done``. A device that needs time says so (ACK_TIMER) and is asked for what it has queued; an answer in several parts is put
together; silence is asked again twice. Whether one may ask at all is not decided here: never during a show (``engine``).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

from showctl.devices.rdm_search import AskBranch, Mute, Search, UnMuteAll
from showctl.protocols import artnet_rdm, rdm, usbpro
from showctl.protocols.errors import ProtocolError
from showctl.protocols.rdm import Command, Packet, Pid, Response
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant

OUR_UID: Final = 0x7FF0_5C1C0001
"""ESTA's range for prototypes (E1.20 5.1): a controller's UID is never searched for."""
TRIES: Final = 3
MOST_JOBS: Final = 1024
MOST_PARTS: Final = 64
"""Of an answer that overflows."""
LONGEST_WAIT: Final = 30 * SECOND
"""A device that asks for more time than this is not waited for."""
SEND_RDM: Final = 7  # ENTTEC API 1.44: Send RDM Packet Request
SEND_DISCOVERY: Final = 11  # ENTTEC API 1.44: Send RDM Discovery Request
NOTHING_CAME: Final = 12  # the RDM firmware's answer where nothing came back
_STATUS_ERROR: Final = b"\x04"  # E1.20 Table A-4: what is queued, and nothing less urgent than errors


@dataclass(frozen=True, slots=True)
class Done:
    """What came of job ``number``: ``data``, or ``why`` not. A search gives ``found``."""

    number: int
    data: bytes = b""
    found: tuple[int, ...] | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Job:
    number: int
    packet: Packet | None
    """None: a search."""
    tries: int = 0
    parts: tuple[bytes, ...] = ()
    queued: bool = False
    """It is asked for what it has queued."""


class RdmLine:
    """What both ways have in common: the queue, tries and time-outs."""

    patience: Duration = SECOND

    def __init__(self) -> None:
        self._jobs: deque[_Job] = deque()
        self._job: _Job | None = None
        self._sends: list[bytes] = []
        self._done: list[Done] = []
        self._deadline: Instant | None = None
        self._waits = False
        """The deadline is a device's wish for time, not the end of our patience."""
        self._number = 0
        self._transaction = 0

    # --- what is asked -----------------------------------------------------------------------------------------------

    def ask(self, uid: int, command: Command, pid: int, data: bytes, now: Instant) -> int:
        """Queues a request; the number under which its ``Done`` will come. BufferError where too many wait."""
        return self._queue(Packet(uid, OUR_UID, 0, command, pid, data), now)

    def search(self, now: Instant) -> int:
        """Queues a search for everybody on the cable."""
        return self._queue(None, now)

    def take_sends(self) -> list[bytes]:
        """What is to go out, in order."""
        sends, self._sends = self._sends, []
        return sends

    def take_done(self) -> list[Done]:
        """What has come of jobs."""
        done, self._done = self._done, []
        return done

    def next_deadline(self) -> Instant | None:
        return self._deadline

    def wake(self, now: Instant) -> None:
        """Patience is over, or a device has had the time that it asked for."""
        if self._deadline is None or now < self._deadline or self._job is None:
            return
        self._deadline = None
        if self._job.packet is None:
            self._search_waited(now)
        elif self._waits:
            self._waits = False
            self._send(self._job, now)
        else:
            self._nothing_came(now)

    def abandon(self, why: str) -> None:
        """Nothing more is asked: what is under way, and what waits, comes to nothing because of ``why``."""
        jobs = [*([self._job] if self._job is not None else []), *self._jobs]
        self._jobs.clear()
        self._sends.clear()
        self._job, self._deadline = None, None
        self._done += (Done(job.number, why=why) for job in jobs)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _queue(self, packet: Packet | None, now: Instant) -> int:
        if len(self._jobs) >= MOST_JOBS:
            raise BufferError("too many RDM requests wait for this cable")
        self._number += 1
        self._jobs.append(_Job(self._number, packet))
        self._start(now)
        return self._number

    def _start(self, now: Instant) -> None:
        while self._job is None and self._jobs:
            self._job = self._jobs.popleft()
            if self._job.packet is None:
                self._begin_search(now)
            else:
                self._send(self._job, now)

    def _send(self, job: _Job, now: Instant) -> None:
        assert job.packet is not None
        self._transaction = (self._transaction + 1) % 256
        packet = replace(job.packet, transaction=self._transaction)
        if job.queued:
            packet = replace(packet, command=Command.GET, pid=Pid.QUEUED_MESSAGE, data=_STATUS_ERROR)
        self._job = replace(job, tries=job.tries + 1)
        self._deadline, self._waits = now + self.patience, False
        self._sends.append(self.carried(packet))

    def _nothing_came(self, now: Instant) -> None:
        job = self._job
        assert job is not None
        assert job.packet is not None
        if job.packet.destination == rdm.ALL_DEVICES:
            self._finish(Done(job.number), now)
        elif job.tries < TRIES:
            self._send(job, now)
        else:
            self._finish(Done(job.number, why=f"{rdm.uid_words(job.packet.destination)} does not answer"), now)

    def _answer(self, packet: Packet, now: Instant) -> None:
        """An answer; what nobody asked for is passed over."""
        job = self._job
        if job is None or job.packet is None or packet.source != job.packet.destination:
            return
        asked = job.packet
        if packet.pid == Pid.STATUS_MESSAGES and job.queued and asked.pid != Pid.STATUS_MESSAGES:
            self._job = replace(job, queued=False)  # nothing is queued after all: the question is put again
            self._send(self._job, now)
            return
        if packet.pid != asked.pid or packet.command != asked.command + 1:
            return
        name = rdm.uid_words(packet.source)
        match packet.port:
            case Response.ACK:
                self._finish(Done(job.number, b"".join((*job.parts, packet.data))), now)
            case Response.ACK_OVERFLOW if len(job.parts) < MOST_PARTS:
                self._job = replace(job, parts=(*job.parts, packet.data), tries=0)
                self._send(self._job, now)
            case Response.ACK_TIMER if len(packet.data) >= 2:
                wait = int.from_bytes(packet.data[:2], "big") * 100 * MILLISECOND  # E1.20 Table 6-3
                if wait > LONGEST_WAIT:
                    self._finish(Done(job.number, why=f"{name} asks for {wait // SECOND} s"), now)
                else:
                    self._job = replace(job, queued=True, tries=0)
                    self._deadline, self._waits = now + max(wait, 100 * MILLISECOND), True
            case Response.NACK_REASON:
                reason = int.from_bytes(packet.data[:2], "big")
                self._finish(Done(job.number, why=f"{name} {rdm.NACK_REASONS.get(reason, f'says no ({reason})')}"), now)
            case _:
                self._finish(Done(job.number, why=f"{name} answers what RDM does not know"), now)

    def _finish(self, done: Done, now: Instant) -> None:
        self._done.append(done)
        self._job, self._deadline = None, None
        self._start(now)

    # --- what a way knows --------------------------------------------------------------------------------------------

    def carried(self, packet: Packet) -> bytes:
        """``packet`` as this way carries it."""
        raise NotImplementedError

    def received(self, data: bytes, now: Instant) -> None:
        """Bytes from the far end. Nothing raises."""
        raise NotImplementedError

    def _begin_search(self, now: Instant) -> None:
        raise NotImplementedError

    def _search_waited(self, now: Instant) -> None:
        raise NotImplementedError


class ArtnetLine(RdmLine):
    """The cable of one Port-Address: its node searches by itself, and passes packets on."""

    TOD_PATIENCE: Final = 20 * SECOND
    """A full cable of 512 devices takes a node so long; the table is asked for again meanwhile."""
    ASK_AGAIN: Final = 3 * SECOND

    def __init__(self, address: int) -> None:
        super().__init__()
        self.address = address
        self.refused = 0
        self._blocks: dict[int, tuple[int, ...]] = {}
        self._until: Instant = 0

    def carried(self, packet: Packet) -> bytes:
        return artnet_rdm.encode(artnet_rdm.Rdm(self.address, packet))

    def received(self, data: bytes, now: Instant) -> None:
        try:
            message = artnet_rdm.decode(data)
        except ProtocolError:
            self.refused += 1
            return
        match message:
            case artnet_rdm.Rdm(address=self.address, packet=packet):
                self._answer(packet, now)
            case artnet_rdm.TodData(address=self.address) if self._job is not None and self._job.packet is None:
                self._told(message, self._job.number, now)
            case _:
                pass

    def _begin_search(self, now: Instant) -> None:
        self._blocks.clear()
        self._until = now + self.TOD_PATIENCE
        self._deadline = now + self.ASK_AGAIN
        self._sends.append(artnet_rdm.encode(artnet_rdm.TodControl(self.address)))

    def _told(self, part: artnet_rdm.TodData, number: int, now: Instant) -> None:
        if not part.known:
            return  # it is still searching
        self._blocks[part.block] = part.uids
        found = tuple(dict.fromkeys(uid for block in sorted(self._blocks) for uid in self._blocks[block]))
        if len(found) >= part.total:
            self._finish(Done(number, found=found), now)

    def _search_waited(self, now: Instant) -> None:
        assert self._job is not None
        if now >= self._until:
            why = f"the node of Art-Net {self.address} tells of no devices: it has no RDM, or is not there"
            self._finish(Done(self._job.number, why=why), now)
            return
        self._deadline = min(now + self.ASK_AGAIN, self._until)
        self._sends.append(artnet_rdm.encode(artnet_rdm.TodRequest((self.address,))))


class UsbLine(RdmLine):
    """The cable of a USB Pro with RDM firmware: the search is ours."""

    patience = 2 * SECOND
    """A widget says within milliseconds that nothing came (label 12). Patience is for one that says nothing at all."""

    def __init__(self) -> None:
        super().__init__()
        self._frames = usbpro.Deframer()
        self._search: Search | None = None
        self._tries = 0
        """How often the step of the search was asked in vain."""
        self._spoke = False
        """The widget has said something of RDM since the search began."""

    def carried(self, packet: Packet) -> bytes:
        return usbpro.frame(SEND_RDM, rdm.encode(packet))

    def abandon(self, why: str) -> None:
        super().abandon(why)
        self._search = None

    def received(self, data: bytes, now: Instant) -> None:
        for frame in self._frames.feed(data):
            self._spoke = self._spoke or frame.label in (NOTHING_CAME, usbpro.LABEL_RECEIVED_DMX)
            if frame.label == NOTHING_CAME:
                self._silence(now)
            elif frame.label == usbpro.LABEL_RECEIVED_DMX and frame.data:
                self._heard(frame.data[0], frame.data[1:], now)

    def _heard(self, status: int, slots: bytes, now: Instant) -> None:
        search = self._search
        if search is not None and isinstance(search.step, AskBranch):
            self._tries = 0
            search.answered(slots)  # garbled or not: somebody is there
            self._next_step(now)
            return
        try:
            packet = rdm.decode(slots)
        except ProtocolError:
            return  # our patience will end
        if status:
            return
        if search is not None and isinstance(search.step, Mute):
            if packet.source == search.step.uid and packet.pid == Pid.DISC_MUTE:
                self._tries = 0
                search.muted(True)
                self._next_step(now)
            return
        self._answer(packet, now)

    def _silence(self, now: Instant) -> None:
        if self._job is None:
            return
        if self._job.packet is not None:
            if not self._waits:
                self._nothing_came(now)
        elif self._search is not None:
            self._tries = TRIES  # said, not merely thought
            self._search_waited(now)

    def _begin_search(self, now: Instant) -> None:
        self._search, self._spoke = Search(), False
        self._next_step(now)

    def _next_step(self, now: Instant) -> None:
        search, job = self._search, self._job
        assert search is not None
        assert job is not None
        self._transaction = (self._transaction + 1) % 256
        match search.step:
            case None:
                self._search = None
                why = "the search was cut short: this cable answers without end" if search.cut_short else ""
                why = why if self._spoke else "the widget says nothing to RDM: its firmware may have none"
                self._finish(Done(job.number, found=tuple(search.found), why=why), now)
            case UnMuteAll():
                # A widget says that nothing came of a broadcast, too: that must not be taken for silence on a branch.
                self._deadline = now + self.patience
                self._say(SEND_RDM, rdm.ALL_DEVICES, Pid.DISC_UN_MUTE)
            case AskBranch(low=low, high=high):
                self._deadline = now + self.patience
                self._say(SEND_DISCOVERY, rdm.ALL_DEVICES, Pid.DISC_UNIQUE_BRANCH, rdm.unique_branch(low, high))
            case Mute(uid=uid):
                self._deadline = now + self.patience
                self._say(SEND_RDM, uid, Pid.DISC_MUTE)

    def _say(self, label: int, destination: int, pid: Pid, data: bytes = b"") -> None:
        packet = Packet(destination, OUR_UID, self._transaction, Command.DISCOVERY, pid, data)
        self._sends.append(usbpro.frame(label, rdm.encode(packet)))

    def _search_waited(self, now: Instant) -> None:
        search = self._search
        assert search is not None
        self._tries += 1
        if self._tries < TRIES and not isinstance(search.step, UnMuteAll):
            self._next_step(now)
            return
        self._tries = 0
        match search.step:
            case UnMuteAll():
                search.unmuted()
            case AskBranch():
                search.answered(None)
            case Mute():
                search.muted(False)
            case None:
                pass
        self._next_step(now)
