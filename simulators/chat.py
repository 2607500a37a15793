"""A language model behind HTTP: it answers in the chat-completions form, streamed, in time, late, badly or never.

Written from the public API reference (chat completions with ``stream``, moderations, models) and RFC 9112, with patterns of its
own. Which of these it does is drawn from the seed, as with the performer: of a hundred questions 80 are answered in time, 8 late,
6 badly (broken JSON, half a stream, a refusal, 429, 500), 6 never. A script pins it. A stream comes word by word.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from typing import Any, Final

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant
from showctl.show.show import Show
from simulators.device import Box, Endpoint
from simulators.faults import read_duration
from simulators.performer import LINES, RAMBLE

LONGEST: Final = 1 << 18
FIRST_WORD: Final = 300 * MILLISECOND
"""From the question to the first word, where nothing is pinned."""
PATIENCE: Final = 2500 * MILLISECOND
"""What a question is taken to allow: HTTP does not say it."""
BAD: Final = ("broken", "half", "refused", "429", "500")
STATUS: Final = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests", 500: "Error"}
_HEAD: Final = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n((?:[^\r\n]+\r\n)*)\r\n")
_LENGTH: Final = re.compile(rb"(?im)^content-length:\s*(\d{1,7})\s*$")


@dataclass(frozen=True, slots=True)
class Pin:
    """What becomes of every question: ``how`` is well, never, or one of ``BAD``; the line begins after ``delay``."""

    how: str
    text: str = LINES[0]
    delay: Duration = FIRST_WORD


class ChatServer(Box):
    """See the page."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:  # noqa: ARG002 - as all devices are made
        super().__init__(device.name, (Endpoint("tcp", (device.host, device.port)),))
        self.chance = random.Random(f"{seed}/{device.name}")
        self.pin: Pin | None = None
        self._rest()

    def _rest(self) -> None:
        self.asked, self.line, self.locked, self.strict = 0, "", False, False
        self._bytes: dict[str, bytes] = {}
        self._due: list[tuple[Instant, int, str, bytes | None]] = []
        self._count = 0

    # --- Box --------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:  # noqa: ARG002
        self._rest()

    def on_down(self, now: Instant) -> None:  # noqa: ARG002
        self._rest()

    def on_connected(self, stream: str, now: Instant) -> bool:  # noqa: ARG002
        self._bytes[stream] = b""
        return True

    def on_closed(self, stream: str, now: Instant) -> None:  # noqa: ARG002
        self._bytes.pop(stream, None)
        self._due = [item for item in self._due if item[2] != stream]

    def on_stream(self, stream: str, data: bytes, now: Instant) -> None:
        self._bytes[stream] += data
        while (head := _HEAD.match(self._bytes[stream])) is not None:
            length = int(found[1]) if (found := _LENGTH.search(head[3])) else 0
            if len(self._bytes[stream]) < head.end() + length:
                break
            body = self._bytes[stream][head.end() : head.end() + length]
            self._bytes[stream] = self._bytes[stream][head.end() + length :]
            self._request(stream, head[1].decode(), head[2].decode("ascii", "replace"), body, now)
        if len(self._bytes.get(stream, b"")) > LONGEST or (b"\r\n\r\n" in self._bytes.get(stream, b"") and head is None):
            self._bytes.pop(stream, None)
            self.hang_up(stream)
        self.on_wake(now)

    def own_deadline(self) -> Instant | None:
        return self._due[0][0] if self._due else None

    def on_wake(self, now: Instant) -> None:
        while self._due and self._due[0][0] <= now:
            _, _, stream, data = self._due.pop(0)
            if stream not in self._bytes:
                continue
            if data is None:
                self.on_closed(stream, now)
                self.hang_up(stream)
            else:
                self.write(stream, data)

    # --- requests -----------------------------------------------------------------------------------------------------

    def _request(self, stream: str, method: str, target: str, body: bytes, now: Instant) -> None:
        what = target.partition("?")[0].rsplit("/", 1)[-1]
        if self.locked:
            return self._whole(stream, 401, {"error": {"code": "invalid_api_key", "message": "no such key"}}, now)
        match method, what:
            case "GET", "models":
                return self._whole(stream, 200, {"object": "list", "data": [{"id": "dreamer", "object": "model"}]}, now)
            case "POST", "moderations":
                return self._whole(stream, 200, {"id": "m", "results": [{"flagged": self.strict}]}, now)
            case "POST", "completions":
                return self._complete(stream, body, now)
            case _:
                return self._whole(stream, 404, {"error": {"code": "unknown_url"}}, now)

    def _complete(self, stream: str, body: bytes, now: Instant) -> None:
        try:
            asked = json.loads(body)
            question = asked["messages"][-1]["content"]
            streams = asked.get("stream") is True
        except (ValueError, KeyError, IndexError, TypeError):
            return self._whole(stream, 400, {"error": {"code": "bad_request"}}, now)
        if not isinstance(question, str) or not question:
            return self._whole(stream, 400, {"error": {"code": "bad_request"}}, now)
        self.asked += 1
        pin = self._choose()
        match pin.how:
            case "never":
                return None
            case "429" | "500":
                return self._whole(stream, int(pin.how), {"error": {"code": "rate_limited"}}, now)
            case _ if not streams:
                message = {"role": "assistant", "content": pin.text}
                self._whole(stream, 200, {"choices": [{"message": message, "finish_reason": "stop"}]}, now + pin.delay)
                self.line = pin.text
                return None
            case _:
                return self._stream(stream, pin, now)

    def _choose(self) -> Pin:
        """What becomes of this question; the same number of draws whatever is pinned, so that a pin moves nothing else."""
        draw, pace, line, bad = self.chance.random(), self.chance.random(), self.chance.choice(LINES), self.chance.choice(BAD)
        if self.pin is not None:
            return self.pin
        if draw < 0.80:
            return Pin("well", line, int(PATIENCE * (0.1 + 0.5 * pace)))
        if draw < 0.88:
            return Pin("well", line, PATIENCE + int((0.2 + 4 * pace) * SECOND))
        return Pin(bad) if draw < 0.94 else Pin("never")

    def _stream(self, stream: str, pin: Pin, now: Instant) -> None:
        """The words of the line, one event each, 20 ms apart; then its end, in one of several ways."""
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._later(now, stream, head.encode())
        words = re.findall(r"\S+\s*|\s+", pin.text) or [""]
        if pin.how in ("half", "broken", "refused"):
            words = words[: max(len(words) // 2, 1)]
        at = now + pin.delay
        for n, word in enumerate(words):
            delta: dict[str, Any] = {"content": word} if n else {"role": "assistant", "content": word}
            self._later(at, stream, _event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}))
            at += 20 * MILLISECOND
        match pin.how:
            case "half":
                self._later(at, stream, None)
                return
            case "broken":
                self._later(at, stream, _chunk(b'data: {"choices": [{"delta": {"content": \n\n'))
            case "refused":
                self._later(at, stream, _event({"choices": [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]}))
            case _:
                self._later(at, stream, _event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
                self.line = pin.text
        self._later(at, stream, _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")

    def _whole(self, stream: str, status: int, body: dict[str, Any], at: Instant) -> None:
        said = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} {STATUS[status]}\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\n"
        self._later(at, stream, head.encode() + b"\r\n" + said)

    def _later(self, at: Instant, stream: str, data: bytes | None) -> None:
        self._count += 1
        self._due.append((at, self._count, stream, data))
        self._due.sort(key=lambda item: item[:2])

    # --- what a script pins -------------------------------------------------------------------------------------------

    def on_act(self, words: str, now: Instant) -> None:  # noqa: ARG002
        if match := re.fullmatch(r"answers (?:\"(.*)\"|'(.*)'|(.*?))(?: after (\S+))?", words):
            text = next((group for group in match.groups()[:3] if group is not None), "")
            self.pin = Pin("well", text, read_duration(match[4]) if match[4] else FIRST_WORD)
        elif match := re.fullmatch(r"late (.+)", words):
            self.pin = Pin("well", LINES[0], PATIENCE + read_duration(match[1]))
        elif words == "never answers":
            self.pin = Pin("never")
        elif words in ("empty", "rambles"):
            self.pin = Pin("well", "" if words == "empty" else RAMBLE)
        elif words in BAD:
            self.pin = Pin(words)
        elif words in ("refuses the key", "takes the key"):
            self.locked = words == "refuses the key"
        elif words in ("flags", "passes"):
            self.strict = words == "flags"
        elif words == "free":
            self.pin, self.locked, self.strict = None, False, False
        else:
            raise ValueError(
                f'{self.name} does not understand {words!r}; it knows answers "TEXT" [after TIME], late TIME, never answers, '
                f"empty, rambles, {', '.join(BAD)}, flags, passes, refuses the key, takes the key, and free"
            )

    # --- truth --------------------------------------------------------------------------------------------------------

    def truth(self, now: Instant) -> dict[str, Value]:  # noqa: ARG002
        return {"line": self.line, "asked": float(self.asked), "thinking": bool(self._due)}


def _event(said: dict[str, Any]) -> bytes:
    return _chunk(b"data: " + json.dumps({"object": "chat.completion.chunk", **said}).encode() + b"\n\n")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
