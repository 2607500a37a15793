"""A simulated ENTTEC DMX USB Pro (API 1.44): a serial port on one side, one DMX output on the other.

Frames are 7E, label, length (LSB first), data, E7, without checksum or escapes: what does not end in E7 is searched for the
next 7E.
The widget repeats the last levels by itself, for ever: when its controller dies the lights stay as they were. It is powered by
its cable, so to unplug it is to switch it off: ``unplugged [for 5s]`` and ``plugged``.
"""

# ruff: noqa: ARG002 - hooks take what the contract gives them

from __future__ import annotations

import re
from typing import Final

import numpy as np

from showctl.show.cues import Value
from showctl.show.instants import MILLISECOND, SECOND, Instant
from showctl.show.patch import Universe
from simulators.device import Box, Endpoint
from simulators.dmx_port import Port, Table
from simulators.rdm_cable import Cable

START, END = 0x7E, 0xE7
MOST: Final = 600
PARAMETERS, SET_PARAMETERS, RECEIVED, SEND_DMX, SERIAL, NOTHING, MANUFACTURER, NAME = 3, 4, 5, 6, 10, 12, 77, 78
FIRMWARE: Final = 0x0144
"""Version 1.44: LSB 44, MSB 1 (DMX, no RDM)."""
_FOR_EVER: Final = 1 << 62


class UsbProWidget(Box):
    """One widget on one serial port."""

    boot_time = SECOND // 2

    def __init__(self, universe: Universe, name: str = "") -> None:
        self.universe = universe
        self.port = Port(universe.key, universe.number, Table(1, 1), _FOR_EVER)
        self.refused = 0
        self.cable: Cable | None = None
        """The fixtures on its cable, where they speak RDM (and its firmware does)."""
        self._buffer = bytearray()
        self._settings = [9, 1, 40]
        self._user = bytes(508)
        name = name or f"{universe.key.rpartition('/')[2]}_widget"
        super().__init__(name, (Endpoint("serial", name=universe.device or universe.key),))

    @property
    def serial_number(self) -> bytes:
        """BCD, least significant byte first; FF FF FF FF where none was ever programmed."""
        digits = re.sub(r"\D", "", self.universe.device) if not re.search(r"[/:]", self.universe.device) else ""
        return bytes.fromhex(digits[-8:].rjust(8, "0"))[::-1] if digits else b"\xff\xff\xff\xff"

    def on_connected(self, stream: str, now: Instant) -> bool:
        self._buffer.clear()
        return True

    def on_stream(self, stream: str, data: bytes, now: Instant) -> None:
        self._buffer += data
        while (frame := self._next_frame()) is not None:
            self._obey(frame[0], frame[1], stream, now)

    def on_down(self, now: Instant) -> None:
        for stream in self.streams:
            self.hang_up(stream)
        self._buffer.clear()
        self.port.power_lost(now)

    def act(self, words: str, now: Instant) -> None:
        text = " ".join(words.split())
        if match := re.fullmatch(r"unplugged( for .+)?", text):
            text = f"power lost{match[1] or ''}"
        super().act("back" if text == "plugged" else text, now)

    def truth(self, now: Instant) -> dict[str, Value]:
        return {"open": bool(self.streams), "lit": bool(self.port.slots(now).any()), "refused": float(self.refused)}

    def _next_frame(self) -> tuple[int, bytes] | None:
        """The next whole frame in the buffer; what cannot begin one is dropped."""
        while True:
            start = self._buffer.find(START)
            if start < 0:
                self._buffer.clear()
                return None
            del self._buffer[:start]
            if len(self._buffer) < 4:
                return None
            length = self._buffer[2] | self._buffer[3] << 8
            if length <= MOST:
                if len(self._buffer) < length + 5:
                    return None
                if self._buffer[length + 4] == END:
                    frame = self._buffer[1], bytes(self._buffer[4 : length + 4])
                    del self._buffer[: length + 5]
                    return frame
            self.refused += 1
            del self._buffer[:1]

    def _obey(self, label: int, data: bytes, stream: str, now: Instant) -> None:
        match label:
            case 6:
                self._output(data, now)
            case 3 if len(data) >= 2:
                size = min(int.from_bytes(data[:2], "little"), len(self._user))
                self._answer(stream, PARAMETERS, FIRMWARE.to_bytes(2, "little") + bytes(self._settings) + self._user[:size])
            case 4 if len(data) >= 5:
                self._settings = list(data[2:5])
                self._user = (data[5:] + self._user[len(data) - 5 :])[:508]
            case 10:
                self._answer(stream, SERIAL, self.serial_number)
            case 7 | 11 if self.cable is not None:
                # RDM, or a search: what comes back on the cable within its time, behind a status of 0; else label 12.
                said = self.cable.carries(data)
                self._answer(stream, RECEIVED, b"\x00" + said) if said is not None else self._answer(stream, NOTHING, b"")
            case 77:
                self._answer(stream, MANUFACTURER, (0x454E).to_bytes(2, "little") + b"ENTTEC")
            case 78:
                self._answer(stream, NAME, (1).to_bytes(2, "little") + b"DMX USB PRO")
            case _:
                self.refused += 1

    def _output(self, data: bytes, now: Instant) -> None:
        # Start code, then 24..512 levels. Text and the like (another start code) is no level for anybody.
        if not 25 <= len(data) <= 513:
            self.refused += 1
            return
        if data[0] != 0:
            return
        source = self.port.source("serial", "serial", 100, now)
        levels = source.slots
        levels[: len(data) - 1] = np.frombuffer(data, np.uint8, offset=1)
        levels[len(data) - 1 :] = 0
        if self.port.on_output is not None:
            self.port.on_output(levels, now)

    def _answer(self, stream: str, label: int, data: bytes) -> None:
        self.write(stream, bytes([START, label]) + len(data).to_bytes(2, "little") + data + bytes([END]))


OUTPUT_TIME: Final = 23 * MILLISECOND
"""A full frame on the DMX side: 513 slots of 44 us after break and mark."""
