"""Timecode that a simulated player sends along with a clip, a label a frame, as sound desks and workstations do.

The show says which clips carry code (``timecodes: {desk: {along: {song: 01:00:00:00}}}``). Over OSC a label is
``/showctl/timecode/NAME hh:mm:ss:ff``, over Art-Net an ArtTimeCode. Written from SMPTE 12M and the Art-Net 4 page alone.
What breaks: code that is lost, jumps, repeats, or is torn at the turn of a second.
"""

from __future__ import annotations

import random
import re
import struct
from typing import Final

from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.show import TimecodeInput
from simulators.faults import read_duration
from simulators.osc_wire import write
from simulators.playing import ClipClock

KNOWN: Final = "code lost for TIME, code jumps TIME [for TIME], code torn for TIME, code repeats for TIME"
_WORDS: Final = re.compile(r"code (lost|torn|repeats|jumps)(?: (-?[^ ]+))?(?: ?for (.+))?")
_TYPES: Final = {(24, False): 0, (25, False): 1, (30, True): 2, (30, False): 3}


class CodeTrack:
    """The code of one timecode input, as one player sends it."""

    def __init__(self, given: TimecodeInput, seed: int) -> None:
        self.given = given
        self.clips = dict(given.along)
        self._nominal = -(-given.num // given.den)
        self._chance = random.Random(f"{seed}/code/{given.name}")
        self._fault, self._fault_until, self._jump = "", 0, 0
        self._last = ""
        self._clock: ClipClock | None = None
        self._count = 0
        """The frame of the clip that is to be said next."""

    def due(self, clock: ClipClock) -> Instant | None:
        """When the next label of a clip that runs by ``clock`` is to be said; None while it stands."""
        if clock != self._clock:
            self._clock, self._count = clock, -(-clock.position * self.given.num // (self.given.den * SECOND))
        if not clock.running or (clock.length is not None and self._at(self._count) >= clock.length):
            return None
        return clock.anchor + self._at(self._count) - clock.position

    def packet(self, clip: str, now: Instant) -> bytes | None:
        """The label that is due; None: nothing is heard, for the code is broken."""
        position = self._at(self._count)
        self._count += 1
        fault = self._fault if now < self._fault_until else ""
        if fault == "lost":
            return None
        elapsed = self.clips[clip] + position + (self._jump if fault == "jumps" else 0)
        label = self.label(elapsed * self.given.num // (self.given.den * SECOND))
        if fault == "repeats" and self._last:
            label = self._last
        elif fault == "torn" and self._chance.random() < 0.2:
            label = label[:6] + f"{self._chance.randrange(60):02}" + label[8:]
        self._last = label
        if self.given.kind == "artnet":
            hours, minutes, seconds, frames = (int(part) for part in re.split("[:;]", label))
            kind = _TYPES[self._nominal, self.given.drop]
            head = b"Art-Net\0" + struct.pack("<H", 0x9700) + struct.pack(">H", 14) + b"\0\0"
            return head + bytes((frames, seconds, minutes, hours, kind))
        return write(f"/showctl/timecode/{self.given.name}", label)

    def _at(self, count: int) -> Duration:
        """Where frame ``count`` of a clip begins."""
        return -(-count * self.given.den * SECOND // self.given.num)

    def label(self, count: int) -> str:
        """Frame ``count`` as it is written; with drop frame, labels ;00 and ;01 are left out of all minutes but every tenth."""
        if self.given.drop:
            tens, rest = divmod(count, 17_982)
            count += 18 * tens + (2 * ((rest - 2) // 1_798) if rest >= 2 else 0)
        frames, seconds = count % self._nominal, count // self._nominal % 86_400
        hours, minutes = seconds // 3600, seconds // 60 % 60
        return f"{hours:02}:{minutes:02}:{seconds % 60:02}{';' if self.given.drop else ':'}{frames:02}"

    def break_(self, words: str, now: Instant) -> bool:
        """``code lost for 2s``. False: these words are about something else."""
        match = _WORDS.fullmatch(words)
        if match is None:
            return False
        what, by, lasts = match.groups()
        if (what == "jumps") != (by is not None and by != "for") or (what != "jumps" and lasts is None):
            raise ValueError(f"{words!r} is not understood; code knows {KNOWN}")
        if what == "jumps":
            assert by is not None
            self._jump = -read_duration(by[1:]) if by.startswith("-") else read_duration(by)
        self._fault, self._fault_until = what, now + (read_duration(lasts) if lasts else 24 * 3600 * SECOND)
        return True
