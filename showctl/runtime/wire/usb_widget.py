"""What we know of a USB Pro widget, and what we ask it. Sans-I/O. Standard: ENTTEC DMX USB Pro API 1.44.

A widget that has just been opened is asked for its serial number and its parameters. One that refreshes its cable more slowly
than we write is told to do it as often (``REFRESH``); its break and mark times stay as its owner set them. What it receives,
where it does, is kept as levels: whole packets (label 5) and changes (label 9). Noise on the line is passed over and counted.
"""

from __future__ import annotations

from typing import Final

from showctl.protocols import usbpro
from showctl.protocols.errors import ProtocolError

REFRESH: Final = 40  # API 1.44, label 4: DMX output rate 1..40 packets a second; 0 is as fast as possible
_NO_DMX: Final = b""


class Widget:
    """One widget, from ``opened`` until it is gone."""

    def __init__(self) -> None:
        self.serial = ""
        """As its label prints it; "" until it said so, or where it was never programmed."""
        self.firmware = 0
        """0x0144 is 1.44."""
        self.refresh: int | None = None
        """Packets a second that it puts on its cable, 0 for as fast as possible; None until it said so."""
        self.received: bytes | None = None
        """Levels that came in on its cable; None where none do."""
        self.refused = 0
        """Frames that its API does not allow."""
        self.packets = 0
        """Packets of levels, or changes of them, that came."""
        self._deframer = usbpro.Deframer()
        self._changed = bytearray(usbpro.MAX_SLOTS + 1)

    @property
    def noise(self) -> int:
        """Bytes that belonged to no frame."""
        return self._deframer.discarded

    def opened(self) -> bytes:
        """What is to be written first. Half a frame from before is forgotten."""
        self._deframer.reset()
        self.refresh = self.received = None
        return usbpro.encode(usbpro.GetSerial()) + usbpro.encode(usbpro.GetParameters())

    def heard(self, data: bytes) -> bytes:
        """Takes in what came; gives what is to be written now. Nothing raises."""
        answer = b""
        for frame in self._deframer.feed(data):
            try:
                answer += self._take(usbpro.decode_reply(frame))
            except ProtocolError:
                self.refused += 1
        return answer

    def _take(self, reply: usbpro.Reply) -> bytes:
        match reply:
            case usbpro.Serial(number=number):
                self.serial = number or ""
            case usbpro.Parameters():
                self.firmware, self.refresh = reply.firmware, reply.rate
                if 0 < reply.rate < REFRESH:
                    self.refresh = REFRESH
                    break_time, mab_time = max(reply.break_time, 9), max(reply.mab_time, 1)
                    return usbpro.encode(usbpro.SetParameters(min(break_time, 127), min(mab_time, 127), REFRESH))
            case usbpro.ReceivedDmx():
                # A packet that was cut or overrun, and one with another start code, is no packet of levels.
                good = reply.status == 0 and reply.start_code == 0
                self.received = reply.slots if good else self.received
                self.packets += good
                if good:
                    self._changed[1 : 1 + len(reply.slots)] = reply.slots
            case usbpro.ChangeOfState():
                for index, value in reply.changes:
                    self._changed[index] = value
                if self._changed[0] == 0:
                    self.received, self.packets = bytes(self._changed[1:]), self.packets + 1
            case usbpro.Unknown():
                pass
        return _NO_DMX


def listening(on_change: bool) -> bytes:
    """Turns a widget into an input: it reports every packet on its cable, or only what changes (label 8)."""
    return usbpro.encode(usbpro.ReceiveMode(on_change))
