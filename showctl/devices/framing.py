"""Where one message of a described device ends and the next begins, whatever pieces the stream brings.

Four ways (``show.speech.Frame``): bytes that end a frame (and perhaps start it, with an escape before every byte that would mean
something else), a length before it, one datagram, one HTTP exchange. A frame is text: UTF-8, and what is not UTF-8 is kept
byte for byte. What is longer than 64 KiB, or is not what was declared, is a ``FrameError``: the connection has lost its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

import h11

from showctl.show.speech import Frame

LONGEST: Final = 65536


class FrameError(Exception):
    """The stream is not cut as declared; the text goes after "sent"."""


class Framing(Protocol):
    """One connection's frames. A new connection has a new one."""

    def put(self, said: str) -> bytes:
        """The bytes of a frame."""

    def feed(self, data: bytes) -> Iterator[str]:
        """The frames that are whole with ``data``. FrameError where there is none any more."""


def framing_of(frame: Frame, host: str = "") -> Framing:
    """Frames of that kind."""
    match frame.kind:
        case "size":
            return Sized(frame)
        case "http":
            return Http(host)
        case "datagram":
            return Datagram()
        case _:
            return Escaped(frame) if frame.escape else Ended(frame)


def as_bytes(said: str) -> bytes:
    return said.encode("utf-8", "surrogateescape")


def as_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


class Datagram:
    """One packet, one frame; line ends at its end are not part of it."""

    def put(self, said: str) -> bytes:
        return as_bytes(said)

    def feed(self, data: bytes) -> Iterator[str]:
        yield as_text(data.rstrip(b"\r\n"))


class Ended:
    """Frames that end with something. ``\\r\\n`` is also taken without its ``\\r``: half the world leaves it out."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._line = frame.ends == b"\r\n" and not frame.starts
        self._ends = b"\n" if self._line else frame.ends
        self._held = bytearray()

    def put(self, said: str) -> bytes:
        return self._frame.starts + as_bytes(said) + self._frame.ends

    def feed(self, data: bytes) -> Iterator[str]:
        self._held += data
        while (end := self._held.find(self._ends)) >= 0:
            found = bytes(self._held[:end])
            del self._held[: end + len(self._ends)]
            if self._line:
                found = found.removesuffix(b"\r")
            if self._frame.starts:
                _, begun, found = found.rpartition(self._frame.starts)  # what stands before a start is noise
                if not begun:
                    continue
            yield as_text(found)
        if len(self._held) > LONGEST:
            raise FrameError(f"{LONGEST // 1024} KiB without an end")


class Escaped:
    """Frames between marks of one byte, each of which is escaped where it stands inside."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._special = frame.ends + frame.starts + frame.escape
        self._found = bytearray()
        self._inside = not frame.starts
        self._escaped = False

    def put(self, said: str) -> bytes:
        frame = self._frame
        stuffed = (frame.escape + bytes([byte]) if byte in self._special else bytes([byte]) for byte in as_bytes(said))
        return frame.starts + b"".join(stuffed) + frame.ends

    def feed(self, data: bytes) -> Iterator[str]:
        frame = self._frame
        for number in data:
            byte = bytes([number])
            if self._escaped:
                self._escaped = False
                self._found += byte
            elif byte == frame.escape:
                self._escaped = True
            elif byte == frame.starts:  # also in the middle of a frame whose end got lost
                self._inside = True
                self._found.clear()
            elif byte == frame.ends:
                if self._inside:
                    yield as_text(bytes(self._found))
                self._inside = not frame.starts
                self._found.clear()
            elif self._inside:
                self._found += byte
            if len(self._found) > LONGEST:
                raise FrameError(f"{LONGEST // 1024} KiB without an end")


class Sized:
    """A length, then so many bytes."""

    def __init__(self, frame: Frame) -> None:
        self._size = frame.size
        self._little = frame.little
        self._held = bytearray()

    def put(self, said: str) -> bytes:
        data = as_bytes(said)[: 256**self._size - 1]
        return len(data).to_bytes(self._size, "little" if self._little else "big") + data

    def feed(self, data: bytes) -> Iterator[str]:
        self._held += data
        while len(self._held) >= self._size:
            length = int.from_bytes(self._held[: self._size], "little" if self._little else "big")
            if length > LONGEST:
                raise FrameError(f"a length of {length} bytes")
            end = self._size + length
            if len(self._held) < end:
                return
            found = bytes(self._held[self._size : end])
            del self._held[:end]
            yield as_text(found)


class Http:
    """One request at a time, one answer each: ``POST /fan {"speed": 40}`` is said, ``200 {"ok": true}`` is heard (RFC 9112)."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._line = h11.Connection(h11.CLIENT, max_incomplete_event_size=LONGEST)
        self._status, self._body = 0, bytearray()

    def put(self, said: str) -> bytes:
        method, _, rest = said.partition(" ")
        target, _, body = rest.partition(" ")
        data = as_bytes(body)
        headers = [("Host", self._host), ("Content-Length", str(len(data)))]
        if data:
            headers.append(("Content-Type", "application/json" if data[:1] in b"{[" else "text/plain; charset=utf-8"))
        try:
            if self._line.our_state is h11.DONE and self._line.their_state is h11.DONE:
                self._line.start_next_cycle()
            if self._line.our_state is not h11.IDLE or self._line.their_state is not h11.IDLE:
                raise FrameError(f"no request can be made of {said[:60]!r} (the answer before it never ended)")
            request = h11.Request(method=method.upper(), target=as_bytes(target or "/"), headers=headers)
            sent = self._line.send(request) or b""
            return sent + (self._line.send(h11.Data(data=data)) or b"") + (self._line.send(h11.EndOfMessage()) or b"")
        except h11.ProtocolError as error:
            raise FrameError(f"no request can be made of {said[:60]!r} ({error})") from error

    def feed(self, data: bytes) -> Iterator[str]:
        try:
            if data:
                self._line.receive_data(data)
            while True:
                event = self._line.next_event()
                if isinstance(event, h11.Response):
                    self._status, self._body = event.status_code, bytearray()
                elif isinstance(event, h11.Data):
                    self._body += event.data
                    if len(self._body) > LONGEST:
                        raise FrameError(f"an answer of more than {LONGEST // 1024} KiB")
                elif isinstance(event, h11.EndOfMessage):
                    yield f"{self._status} {as_text(bytes(self._body)).strip()}".rstrip()
                elif not isinstance(event, h11.InformationalResponse):  # it wants more, or it is over
                    return
        except h11.ProtocolError as error:
            raise FrameError(f"what is not HTTP ({error})") from error

    @property
    def spent(self) -> bool:
        """Whether the far end will take nothing more on this connection."""
        return self._line.their_state in (h11.MUST_CLOSE, h11.CLOSED, h11.ERROR) or self._line.our_state is h11.MUST_CLOSE
