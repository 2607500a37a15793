"""A line of a language model over HTTP, in the common chat-completions form, streamed as server-sent events.

Answers for bodies and for events: what is asked (``request``), how a stream is cut into events (``EventSplitter``: WHATWG HTML,
9.2.6 "Interpreting an event stream"), and what the events add up to (``Line``). Written from the public API reference (chat
completions, streaming; moderations), which many servers speak. HTTP itself is h11's business, in ``devices/ai_chat``.

A line counts only when its end was said: a stream that breaks off, one that was cut at its longest, or one that the
server's own filter ended, is no line.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from showctl.protocols.errors import ProtocolError

PORT: Final = 443
LONGEST_EVENT: Final = 65536
LONGEST_LINE: Final = 4000
"""Characters of an answer; ours. What is longer is no line for a voice."""
DONE: Final = "[DONE]"


class RefusedLine(Exception):  # noqa: N818 - an answer, not an error of ours
    """The server would not, or could not, say a line; the text goes after "the model"."""


def request(model: str, system: str, prompt: str, *, longest: int, temperature: float | None = None) -> bytes:
    """The body of POST chat/completions. ``longest`` is the bound on its tokens.

    >>> request("m", "", "Who woke me?", longest=60)
    b'{"model":"m","messages":[{"role":"user","content":"Who woke me?"}],"max_tokens":60,"stream":true}'
    """
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": prompt})
    body: dict[str, Any] = {"model": model, "messages": messages, "max_tokens": longest, "stream": True}
    if temperature is not None:
        body["temperature"] = temperature
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class EventSplitter:
    """Cuts a stream of server-sent events, whatever pieces it arrives in; hands out the data of each."""

    def __init__(self, limit: int = LONGEST_EVENT) -> None:
        self._limit = limit
        self._held = b""
        self._data: list[str] = []
        self._begun = False

    def feed(self, data: bytes) -> list[str]:
        """The data of the events that are complete now. ProtocolError past the limit, or for what is not UTF-8."""
        self._held += data
        if not self._begun and self._held:
            if b"\xef\xbb\xbf".startswith(self._held[:3]) and len(self._held) < 3:
                return []
            self._held, self._begun = self._held.removeprefix(b"\xef\xbb\xbf"), True
        found: list[str] = []
        while (line := self._line()) is not None:
            if not line:
                if self._data:
                    found.append("\n".join(self._data))
                self._data = []
                continue
            field, _, value = line.partition(b":")
            if field == b"data":
                try:
                    self._data.append(value.removeprefix(b" ").decode("utf-8"))
                except UnicodeDecodeError as problem:
                    raise ProtocolError("event is not UTF-8", problem.start) from None
            if sum(map(len, self._data)) > self._limit:
                raise ProtocolError("event is over the limit", self._limit)
        if len(self._held) > self._limit:
            raise ProtocolError("line of an event is over the limit", self._limit)
        return found

    def _line(self) -> bytes | None:
        """The next whole line: it ends with CR LF, LF or CR. A CR at the very end may have its LF still to come."""
        ends = [at for at in (self._held.find(b"\r"), self._held.find(b"\n")) if at >= 0]
        if not ends:
            return None
        end = min(ends)
        if self._held[end : end + 1] == b"\r":
            if end + 1 == len(self._held):
                return None
            after = end + 2 if self._held[end + 1 : end + 2] == b"\n" else end + 1
        else:
            after = end + 1
        line, self._held = self._held[:end], self._held[after:]
        return line


class Line:
    """What the events of one answer add up to. RefusedLine as soon as it can be no line any more."""

    def __init__(self) -> None:
        self._text = ""
        self._finish = ""
        self.over = False
        """Its end was said: ``text`` is the line."""

    @property
    def text(self) -> str:
        """What has come so far."""
        return self._text

    def take(self, data: str) -> None:
        """One event."""
        if self.over:
            return None
        if data.strip() == DONE:
            return self.end()
        choice = _choice(_parsed(data))
        if choice is not None:
            self._part(choice, choice.get("delta"))
        return None

    def end(self) -> None:
        """The stream is over."""
        if self._finish != "stop":
            raise RefusedLine("broke off before the end of its line")
        self.over = True

    def whole(self, body: bytes) -> None:
        """An answer that was not streamed after all."""
        choice = _choice(_parsed(body.decode("utf-8", "replace")))
        if choice is None:
            raise RefusedLine("answered without a line")
        self._part(choice, choice.get("message"))
        self.end()

    def _part(self, choice: dict[str, Any], part: object) -> None:
        said = part if isinstance(part, dict) else {}
        if said.get("refusal"):
            raise RefusedLine("would not answer")
        content = said.get("content")
        if isinstance(content, str):
            self._text += content
        if len(self._text) > LONGEST_LINE:
            raise RefusedLine("would not stop")
        match choice.get("finish_reason"):
            case None:
                pass
            case "stop":
                self._finish = "stop"
            case "length":
                raise RefusedLine("was cut off at its longest")
            case "content_filter":
                raise RefusedLine("was stopped by its own filter")
            case other:
                raise RefusedLine(f"ended with {str(other)[:40]!r}")


def moderation(line: str, model: str = "") -> bytes:
    """The body of POST moderations: is this fit for guests?"""
    body = {"input": line} | ({"model": model} if model else {})
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def is_flagged(body: bytes) -> bool:
    """Whether a filter's answer says that the line is not fit. RefusedLine where it says neither.

    >>> is_flagged(b'{"results": [{"flagged": false}]}')
    False
    """
    read = _parsed(body.decode("utf-8", "replace"))
    results = read.get("results")
    flags = [item.get("flagged") if isinstance(item, dict) else None for item in results] if isinstance(results, list) else []
    if not flags or not all(isinstance(flag, bool) for flag in flags):
        raise RefusedLine("was not judged by the filter")
    return any(flags)


def _parsed(data: str) -> dict[str, Any]:
    try:
        read = json.loads(data)
    except (ValueError, RecursionError):
        raise RefusedLine("sent what is no JSON") from None
    if not isinstance(read, dict):
        raise RefusedLine("sent what is no answer")
    if read.get("error"):
        # Its words are not repeated: servers have been seen to quote the key that they refuse.
        code = read["error"].get("code") if isinstance(read["error"], dict) else None
        words = f": {code}" if isinstance(code, str) and re.fullmatch("[a-z_]{1,40}", code) else ""
        raise RefusedLine(f"reports an error{words}")
    return read


def _choice(read: dict[str, Any]) -> dict[str, Any] | None:
    """The first choice; None in an event without any (some servers send their counts so)."""
    choices = read.get("choices")
    if not isinstance(choices, list) or not choices:
        return None
    if not isinstance(choices[0], dict):
        raise RefusedLine("sent what is no answer")
    return choices[0]
