"""A reader of timecode: a clock on the wall that shows what it hears, as sound, as MIDI, or as Art-Net.

Written from SMPTE 12M, the table of MIDI Time Code and the Art-Net page, by other means than the controller's: sound is read by
the distances of its edges, MIDI by its pieces. Truth: ``code`` (the label that it shows), ``frames`` (labels heard), ``jumps``
(labels that did not follow the one before, though nothing announced it), ``broken`` (what made no sense), ``state`` (``running``,
``standing`` or ``silent``).
"""

# ruff: noqa: ARG002 - hooks take what the contract gives them

from __future__ import annotations

from typing import Final

import numpy as np

from showctl.show.codes import CodeOut
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, Instant
from showctl.show.show import Show
from simulators.device import Address, Box, Endpoint

SAMPLES: Final = 48_000
SILENT_AFTER: Final = 400 * MILLISECOND
SYNC: Final = (0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1)
"""Bits 64 to 79 of a word."""
DIGITS: Final = ((0, 4), (8, 2), (16, 4), (24, 3), (32, 4), (40, 3), (48, 4), (56, 2))

Label = tuple[int, int, int, int]
"""Hours, minutes, seconds, frames."""


class CodeReader(Box):
    """Shows labels; a subclass reads them."""

    def __init__(self, device: Device, show: Show, seed: int, endpoint: Endpoint) -> None:
        super().__init__(device.name, (endpoint,))
        self.code = device.code or CodeOut()
        self.nominal = -(-self.code.num // self.code.den)
        self.on_up(0)

    def on_up(self, now: Instant) -> None:
        self.label: Label = (0, 0, 0, 0)
        self.frames = self.jumps = self.broken = 0
        self.begins = True
        """The next label may be any."""
        self.heard_at: Instant | None = None
        self.moved_at: Instant | None = None

    def shows(self, label: Label, now: Instant, follows: int | None = 1) -> None:
        """A label was heard; the one before it was ``follows`` frames earlier, were all well. None: it may be any."""
        hours, minutes, seconds, frames = label
        if hours > 23 or minutes > 59 or seconds > 59 or frames >= self.nominal:
            self.broken += 1
            return
        apart = (self.count(label) - self.count(self.label)) % (24 * 3600 * self.nominal)
        if self.frames and not self.begins and follows is not None and apart not in (0, follows):
            self.jumps += 1
        self.begins = follows is None
        if label != self.label or not self.frames:
            self.moved_at = now
        self.label, self.heard_at = label, now
        self.frames += 1

    def count(self, label: Label) -> int:
        """The frame of the day, as it is written: with drop frame two labels a minute are left out."""
        hours, minutes, seconds, frames = label
        passed = hours * 60 + minutes
        dropped = 2 * (passed - passed // 10) if self.code.drop else 0
        return (passed * 60 + seconds) * self.nominal + frames - dropped

    def truth(self, now: Instant) -> dict[str, Value]:
        silent = self.heard_at is None or now - self.heard_at > SILENT_AFTER
        stands = self.moved_at is None or now - self.moved_at > SILENT_AFTER
        mark = ";" if self.code.drop else ":"
        return {
            "code": "{:02}:{:02}:{:02}".format(*self.label[:3]) + f"{mark}{self.label[3]:02}",
            "state": "silent" if silent else "standing" if stands else "running",
            "frames": float(self.frames),
            "jumps": float(self.jumps),
            "broken": float(self.broken),
        }


class LtcReader(CodeReader):
    """Hears 16-bit samples of one channel at 48 kHz."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed, Endpoint("serial", name=device.host))

    def on_up(self, now: Instant) -> None:
        super().on_up(now)
        self._odd = b""
        self._level = 0
        self._since = 0
        self._half = False
        self._bits: list[int] = []

    def on_stream(self, stream: str, data: bytes, now: Instant) -> None:
        data = self._odd + data  # a pipe may be cut in the middle of a sample
        whole = len(data) // 2 * 2
        self._odd = data[whole:]
        sound = np.frombuffer(data[:whole], "<i2")
        if not len(sound):
            return
        high = np.sign(sound.astype(np.int32))
        if not high.any():
            self._level, self._since, self._bits, self.begins = 0, 0, [], True
            return
        edges = np.flatnonzero(np.diff(high, prepend=self._level))
        widths = np.diff(edges, prepend=-self._since)
        self._level, self._since = int(high[-1]), len(high) - int(edges[-1]) if len(edges) else self._since + len(high)
        a_bit = SAMPLES * self.code.den / (80 * self.code.num)
        for width in widths.tolist():
            self._width(width / a_bit, now)

    def _width(self, of_a_bit: float, now: Instant) -> None:
        """From edge to edge: a whole bit is a zero, two halves are a one; a tape may run at half and at double speed."""
        if of_a_bit > 0.75:
            self._half = False
            self._bit(0, now)
        elif self._half:
            self._half = False
            self._bit(1, now)
        else:
            self._half = True

    def _bit(self, bit: int, now: Instant) -> None:
        self._bits = [*self._bits[-79:], bit]
        if len(self._bits) < 80 or tuple(self._bits[64:]) != SYNC:
            return
        values = [sum(bit << n for n, bit in enumerate(self._bits[place : place + width])) for place, width in DIGITS]
        frames, seconds, minutes, hours = (low + 10 * high for low, high in zip(values[::2], values[1::2], strict=True))
        if bool(self._bits[10]) != self.code.drop or sum(self._bits) % 2:
            self.broken += 1
        self.shows((hours, minutes, seconds, frames), now)
        self._bits = []


class MtcReader(CodeReader):
    """Hears MIDI bytes."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed, Endpoint("serial", name=device.host))

    def on_up(self, now: Instant) -> None:
        super().on_up(now)
        self._message: list[int] = []
        self._pieces: list[int] = []

    def on_stream(self, stream: str, data: bytes, now: Instant) -> None:
        for byte in data:
            if byte >= 0x80 and byte != 0xF7:
                self._message = []
            self._message.append(byte)
            if self._message[0] == 0xF1 and len(self._message) == 2:
                self._piece(byte >> 4, byte & 15, now)
            elif self._message[0] == 0xF0 and byte == 0xF7:
                self._full(self._message, now)

    def _piece(self, number: int, value: int, now: Instant) -> None:
        if number != len(self._pieces):
            self.broken += bool(self._pieces)
            self._pieces = []
            if number:
                return
        self._pieces.append(value)
        if len(self._pieces) == 8:
            frames, seconds, minutes, hours = (
                low + 16 * high for low, high in zip(self._pieces[::2], self._pieces[1::2], strict=True)
            )
            self._pieces = []
            kind = {(24, False): 0, (25, False): 1, (30, True): 2, (30, False): 3}[self.nominal, self.code.drop]
            self.broken += hours >> 5 != kind
            self.shows((hours & 31, minutes, seconds, frames), now, 2)

    def _full(self, message: list[int], now: Instant) -> None:
        if len(message) != 10 or message[1:5] != [0x7F, 0x7F, 1, 1]:
            self.broken += 1
            return
        self._pieces = []
        self.shows((message[5] & 31, message[6], message[7], message[8]), now, None)


class ArtnetReader(CodeReader):
    """Hears ArtTimeCode."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        address = (device.host, device.port or device.kind.port)
        super().__init__(device, show, seed, Endpoint("udp", address, broadcast=device.host.endswith(".255")))

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: Instant) -> None:
        if data[:10] != b"Art-Net\0\0\x97":
            return
        if len(data) < 19 or data[10:12] != b"\0\x0e":
            self.broken += 1
            return
        frames, seconds, minutes, hours, kind = data[14:19]
        self.broken += kind != {(24, False): 0, (25, False): 1, (30, True): 2, (30, False): 3}[self.nominal, self.code.drop]
        self.shows((hours, minutes, seconds, frames), now)
