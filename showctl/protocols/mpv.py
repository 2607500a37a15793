"""mpv's JSON IPC (mpv manual, "JSON IPC"): one JSON object a line each way, over a unix socket.

We say ``{"command": [...], "request_id": n}``; mpv answers ``{"error": "success", "data": ..., "request_id": n}``, and says by
itself ``{"event": ...}``. Answers come in the order of the commands, events between them. Only what every mpv since 0.33 has in
common is used: ``loadfile`` without per-file options, whose place among the arguments changed with 0.38.

mpv's volume is cubic (``gain = (volume / 100) ** 3``), its ``contrast`` a gain of the picture over black from -100 to 100, in
whole numbers (mpv's ``video/csputils.c``): what a level in dB and an opacity become stands here too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from showctl.protocols.errors import ProtocolError

LONGEST: Final = 64 * 1024
"""Bytes of a line; an answer of mpv's to what we ask has some hundred."""
Scalar: TypeAlias = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of command ``id``: ``error`` is "success" or says why not. ``data`` None: nothing, or nothing plain."""

    id: int
    error: str
    data: Scalar = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened: ``file-loaded``, ``playback-restart``, ``end-file`` with its ``reason``, ..."""

    name: str
    reason: str = ""
    error: str = ""
    entry: int = 0
    """Number of the file (``playlist_entry_id``), where the event is about one."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A property that is observed has this value now."""

    name: str
    value: Scalar = None


Said: TypeAlias = Answer | Event | Changed


def command(number: int, *words: Scalar) -> bytes:
    """The line of a command. ValueError: what JSON cannot carry."""
    return json.dumps({"command": words, "request_id": number}, allow_nan=False, ensure_ascii=False).encode() + b"\n"


def decode(line: bytes) -> Said:
    """What a line of mpv's says. ProtocolError where it says nothing that we know the shape of."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as wrong:
        raise ProtocolError("a line that is not JSON") from wrong
    if not isinstance(said, dict):
        raise ProtocolError("a line that is no object")
    match said.get("event"), said.get("request_id"), said.get("error"):
        case "property-change", _, _:
            return Changed(_word(said.get("name")), _plain(said.get("data")))
        case str(name), _, _:
            entry = said.get("playlist_entry_id")
            number = entry if isinstance(entry, int) else 0
            return Event(name[:100], _word(said.get("reason")), _word(said.get("file_error")), number)
        case None, int(number), str(error):
            data = said.get("data")
            if isinstance(data, dict):  # loadfile says which file that is
                data = data.get("playlist_entry_id")
            return Answer(number, error[:200], _plain(data))
        case _:
            raise ProtocolError("neither an answer nor an event")


class Lines:
    """Cuts the stream into lines, whatever pieces it comes in."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The lines that are whole with ``data``. ProtocolError where one does not end."""
        self._held += data
        while (end := self._held.find(b"\n")) >= 0:
            line = bytes(self._held[:end])
            del self._held[: end + 1]
            if line.strip():
                yield line
        if len(self._held) > LONGEST:
            self._held.clear()
            raise ProtocolError(f"{LONGEST // 1024} KiB without the end of a line")


def volume_of(gain: float) -> float:
    """mpv's volume for a gain.

    >>> volume_of(1.0), volume_of(0.0), round(volume_of(0.5), 2)
    (100.0, 0.0, 79.37)
    """
    return 100.0 * float(max(gain, 0.0) ** (1 / 3))


def gain_of(volume: float) -> float:
    """The gain of mpv's volume.

    >>> gain_of(100.0), gain_of(50.0)
    (1.0, 0.125)
    """
    return float((max(volume, 0.0) / 100.0) ** 3)


def contrast_of(opacity: float) -> int:
    """mpv's contrast for percent of opacity: it multiplies the picture, over black.

    >>> contrast_of(100.0), contrast_of(0.0), contrast_of(49.6)
    (0, -100, -50)
    """
    return round(min(max(opacity, 0.0), 100.0)) - 100


def opacity_of(contrast: float) -> float:
    """Percent of opacity for mpv's contrast."""
    return min(max(contrast + 100.0, 0.0), 100.0)


def _plain(value: object) -> Scalar:
    return value if isinstance(value, str | float | int | bool) else None


def _word(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""
