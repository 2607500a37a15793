"""The show's timecode inputs: what each source says becomes readings, and readings one steady clock (``chase.py``). Sans-I/O.

A source is of one ``kind``. What it brings is told apart here and nowhere else: labels in force at an instant. Code at another
rate than the show declares, or that makes no sense, is counted under ``refused`` and moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from numpy.typing import ArrayLike

from showctl.devices.chase import Chase, ChaseRules
from showctl.devices.heartbeat import earliest
from showctl.engine.events import ClockMoved
from showctl.protocols import artnet, mtc
from showctl.protocols.errors import ProtocolError
from showctl.protocols.ltc_audio import Heard, Listener
from showctl.protocols.timecode import RATES, Rate, Timecode, frame_at, from_frames, parse, to_frames, to_nanoseconds
from showctl.show.instants import SECOND, Instant
from showctl.show.show import Show, TimecodeInput

LATEST: Final = SECOND
"""Sound that is later than this has had a gap."""
DRIFT: Final = 200_000
"""Nanoseconds a second by which a sound card's clock may be slow: 200 ppm."""
MOST_REASONS: Final = 16
REPORTS_EVERY: Final = SECOND
"""How often players tell their position."""
_ARTNET_RATES: Final = {
    artnet.TimeCodeType.FILM_24: 24,
    artnet.TimeCodeType.EBU_25: 25,
    artnet.TimeCodeType.DROP_29_97: 30,
    artnet.TimeCodeType.SMPTE_30: 30,
}


class Timecodes:
    """Every timecode input of a show, by name."""

    def __init__(self, show: Show) -> None:
        self.sources = {item.name: Source(item) for item in show.timecodes}

    def of_kind(self, kind: str) -> list[Source]:
        """The inputs that bring code this way."""
        return [source for source in self.sources.values() if source.input.kind == kind]

    def next_deadline(self) -> Instant | None:
        return earliest(*[source.chase.next_deadline() for source in self.sources.values()]) if self.sources else None

    def wake(self, now: Instant) -> list[ClockMoved]:
        return [move for source in self.sources.values() for move in source.chase.wake(now)]


class Source:
    """One input: it takes what its kind of source brings, and gives new lines of its clock."""

    def __init__(self, given: TimecodeInput) -> None:
        self.input = given
        self.rate = rate_of(given)
        every = REPORTS_EVERY if given.kind == "device" else 0
        self.chase = Chase(given.name, self.rate, ChaseRules(freewheel=given.freewheel, holds=given.holds, every=every))
        self._along = dict(given.along)
        self._clip = ""
        self.refused: dict[str, int] = {}
        """How often something was no code, by reason."""
        self._pieces = mtc.Assembler()
        self._midi = bytearray()
        self._listener: Listener | None = None
        self._sample_rate = 0
        self._began: Instant = 0
        """When the first sample was heard, as near as is known."""
        self._listened: Instant = 0

    # --- labels ------------------------------------------------------------------------------------------------------------

    def words(self, arguments: Sequence[object], now: Instant) -> list[ClockMoved]:
        """``hh:mm:ss:ff``, or seconds and their fraction: OSC, and whatever else speaks in words or numbers."""
        given = arguments[0] if arguments else None
        try:
            if isinstance(given, str):
                return self.chase.heard(parse(given, self.rate), now)
            if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given < 1e6:
                return self.position(given, now)
        except ProtocolError as problem:
            return self._refuse(problem.what)
        return self._refuse("no timecode: hh:mm:ss:ff or seconds are")

    def reported(self, field: str, value: object, now: Instant) -> list[ClockMoved]:
        """A player says what it plays, and where in it it is."""
        if field == "clip":
            self._clip = str(value)
        begins = self._along.get(self._clip)
        if field != "position" or begins is None or not isinstance(value, int | float):
            return []
        return self.position(value + begins / SECOND, now)

    def position(self, seconds: float, now: Instant) -> list[ClockMoved]:
        """A position in seconds."""
        return self.chase.heard(from_frames(frame_at(round(seconds * SECOND), self.rate), self.rate), now)

    def artnet(self, packet: artnet.TimeCode, now: Instant) -> list[ClockMoved]:
        """An ArtTimeCode. Its type counts as this input's rate does, or it is not ours."""
        drop = packet.type is artnet.TimeCodeType.DROP_29_97
        if _ARTNET_RATES[packet.type] != self.rate.nominal or drop != self.rate.drop:
            return self._refuse(f"code of type {packet.type.name.lower()}, and the show counts {self.rate.name}")
        return self._label(packet.hours, packet.minutes, packet.seconds, packet.frames, now)

    # --- MIDI ----------------------------------------------------------------------------------------------------------------

    def midi(self, data: bytes, now: Instant) -> list[ClockMoved]:
        """Bytes of a MIDI cable as they come, torn anywhere: quarter frames and full frames of MTC; the rest is passed over."""
        found: list[ClockMoved] = []
        for byte in data:
            if byte >= 0xF8:
                continue  # real time may stand between any two bytes
            if byte >= 0x80 and byte != 0xF7:
                self._midi.clear()
            self._midi.append(byte)
            first = self._midi[0]
            if first == mtc.QUARTER_FRAME and len(self._midi) == 2:
                found += self._quarter_frame(byte, now)
                self._midi.clear()
            elif first == 0xF0 and byte == 0xF7:
                found += self._full_frame(bytes(self._midi), now)
                self._midi.clear()
            elif first not in (0xF0, mtc.QUARTER_FRAME) or len(self._midi) > mtc.FULL_FRAME_SIZE:
                self._midi.clear()
        return found

    def _quarter_frame(self, piece: int, now: Instant) -> list[ClockMoved]:
        try:
            at = self._pieces.feed(piece)
        except ProtocolError as problem:
            return self._refuse(problem.what)
        if at is None or (label := self._as_ours(at.timecode)) is None:
            return []
        return self.chase.heard(label, now - at.quarters * to_nanoseconds(1, self.rate) // 4)

    def _full_frame(self, data: bytes, now: Instant) -> list[ClockMoved]:
        try:
            message = mtc.decode_full_frame(data)
        except ProtocolError as problem:
            return self._refuse(problem.what)
        if message is None:
            return []
        self._pieces.reset()
        label = self._as_ours(message.timecode)
        return [] if label is None else self.chase.told(label, now)

    def _as_ours(self, label: Timecode) -> Timecode | None:
        """MTC has four rates: 23.976 comes as 24, 29.97 without drop as 30."""
        if label.rate.nominal != self.rate.nominal or label.rate.drop != self.rate.drop:
            self._refuse(f"code at {label.rate.name} fps, and the show counts {self.rate.name}")
            return None
        return Timecode(label.hours, label.minutes, label.seconds, label.frames, self.rate)

    # --- sound -----------------------------------------------------------------------------------------------------------------

    def audio(self, samples: ArrayLike, sample_rate: int, now: Instant) -> list[ClockMoved]:
        """One channel's samples, the last of which was heard by ``now`` or just before: samples count time, arrivals do not."""
        if self._listener is None or sample_rate != self._sample_rate:
            self._listener, self._sample_rate, self._began = Listener(sample_rate), sample_rate, now
        words = self._listener.feed(samples)
        latest = now - self._listener.fed * SECOND // sample_rate
        late = latest - self._began
        if late < 0 or late > LATEST:
            self._began = latest  # sooner than thought; or sound was lost
        else:
            self._began += min(late, (now - self._listened) * DRIFT // SECOND)
        self._listened = now
        return [move for heard in words for move in self._heard(heard, self._began + round(heard.ends * SECOND / sample_rate))]

    def _heard(self, heard: Heard, ended: Instant) -> list[ClockMoved]:
        try:
            label = heard.word.label(self.rate)
        except ProtocolError as problem:
            return self._refuse(problem.what)
        if heard.forward:
            label = from_frames(to_frames(label) + 1, self.rate)  # as its last bit is heard, the next one is in force
        return self.chase.heard(label, ended)

    # --- inside --------------------------------------------------------------------------------------------------------------

    def _label(self, hours: int, minutes: int, seconds: int, frames: int, now: Instant) -> list[ClockMoved]:
        try:
            return self.chase.heard(Timecode(hours, minutes, seconds, frames, self.rate), now)
        except ProtocolError as problem:
            return self._refuse(problem.what)

    def _refuse(self, why: str) -> list[ClockMoved]:
        if why in self.refused or len(self.refused) < MOST_REASONS:
            self.refused[why] = self.refused.get(why, 0) + 1
        return []


def rate_of(given: TimecodeInput) -> Rate:
    """The rate that an input declares."""
    return next(rate for rate in RATES.values() if (rate.num, rate.den, rate.drop) == (given.num, given.den, given.drop))
