"""How a described device's bytes are cut: from the show folder's words about them, and from nothing of the controller's."""

from __future__ import annotations

import re
from typing import Final

from showctl.show.speech import Frame

LONGEST: Final = 65536
_LENGTH: Final = re.compile(rb"content-length:\s*(\d{1,7})", re.IGNORECASE)


class Cutter:
    """One connection: bytes in, messages out, as the device's own firmware would."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.closes = False
        """The stream is beyond repair."""
        self._held = b""

    def feed(self, data: bytes) -> list[str]:
        """The messages that are complete with ``data``."""
        self._held += data
        found = []
        while (message := self._one()) is not None:
            found.append(message.decode("utf-8", "surrogateescape"))
        self.closes = len(self._held) > LONGEST
        return found

    def wrap(self, said: str) -> bytes:
        """A message as it goes out."""
        data, frame = said.encode("utf-8", "surrogateescape"), self.frame
        match frame.kind:
            case "datagram":
                return data
            case "http":
                status, _, body = data.partition(b" ")
                return b"HTTP/1.1 %s Said\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)
            case "size":
                return len(data).to_bytes(frame.size, "little" if frame.little else "big") + data
            case _:
                if frame.escape:
                    marks = re.escape(frame.ends) + b"|" + re.escape(frame.escape)
                    marks += b"|" + re.escape(frame.starts) if frame.starts else b""
                    data = re.sub(marks, lambda mark: frame.escape + mark[0], data)
                return frame.starts + data + frame.ends

    def _one(self) -> bytes | None:
        frame = self.frame
        match frame.kind:
            case "datagram":
                data, self._held = self._held, b""
                return data or None
            case "http":
                return self._request()
            case "size":
                length = int.from_bytes(self._held[: frame.size], "little" if frame.little else "big") + frame.size
                if len(self._held) < max(length, frame.size):
                    return None
                data, self._held = self._held[frame.size : length], self._held[length:]
                return data
            case _:
                return self._marked()

    def _marked(self) -> bytes | None:
        frame, inside = self.frame, re.escape(self.frame.starts)
        if frame.escape:
            escape, end = re.escape(frame.escape), re.escape(frame.ends)
            found = re.match(b"(?s)(?:.*?" + inside + b")?((?:[^" + escape + end + b"]|" + escape + b".)*)" + end, self._held)
            if found is None:
                return None
            self._held = self._held[found.end() :]
            return re.sub(b"(?s)" + escape + b"(.)", rb"\1", found[1])
        data, mark, rest = self._held.partition(frame.ends)
        if not mark:
            return None
        self._held = rest
        return data.rpartition(frame.starts)[2] if frame.starts else data

    def _request(self) -> bytes | None:
        head, mark, rest = self._held.partition(b"\r\n\r\n")
        if not mark:
            return None
        length = int(found[1]) if (found := _LENGTH.search(head)) else 0
        if len(rest) < length:
            return None
        self._held = rest[length:]
        method, _, more = head.partition(b" ")
        target = more.partition(b" ")[0]
        return b" ".join(word for word in (method, target, rest[:length]) if word)
