"""What happened, in words, as the journal has it: what came in, what was asked of devices, what followed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from showctl.runtime.journal import Record

QUIET: Final = ("DeviceReported", "DeviceHealth", "DeviceFailed", "ClockMoved", "InputChanged", "Appointed", "TrackMoved")
"""Told only where everything is. How a device is, and what the schedule starts, stands there as the note that follows."""


def told(record: Record, *, everything: bool = False) -> Iterator[dict[str, Any]]:
    """One record as a line (``instant`` in seconds, ``kind``, ``words``, and the ``record`` itself), or none."""
    words = _words(record, everything)
    if words:
        yield {"instant": record.instant / 1e9, "kind": record.kind, "words": words, "record": record.body}


def who_asked(record: Record) -> dict[str, str]:
    """``person``, ``surface`` and ``address`` of an input; "" where nobody stands behind it."""
    origin = record.body.get("origin") if record.kind == "input" else None
    return {word: str((origin or {}).get(word, "")) for word in ("person", "surface", "address")}


def _words(record: Record, everything: bool) -> str:
    """One record as a sentence; "" for what is left out."""
    body = record.body
    match record.kind:
        case "anchor":
            wall = datetime.fromtimestamp(body["wall"] / 1e9, UTC)
            return f"--- {body.get('show_name', 'the show')} begins, {wall:%Y-%m-%d %H:%M:%S} UTC ---"
        case "note" | "skew":
            return str(body["words"])
        case "dispatch":
            arguments = " ".join(f"{word}={value}" for word, value in body["arguments"].items())
            return f"  {body['device']}: {body['verb']} {arguments}".rstrip()
        case "gap":
            return f"--- {body.get('lost', 'some')} records could not be written here ---"
        case "shortened":
            return f"--- kept for long: {' and '.join(body['without'])} left this journal ---"
        case "reload":
            return f"--- the show was reloaded: revision {body['revision'][:12]} ---" if everything else ""
        case "input":
            return _input_words(body) if everything or body.get("event") not in QUIET else ""
        case _:
            return f"  {record.kind} {record.encoded()}" if everything else ""


def _input_words(body: dict[str, Any]) -> str:
    origin = body.get("origin")
    who = (
        ""
        if not origin
        else f"  ({', '.join(word for word in (origin['person'], origin['surface'], origin['address']) if word)})"
    )
    if body.get("event") == "TrackMoved":
        x, y, z = body["position"]
        return f"> {body['name']} is tracked at {x:.2f}, {y:.2f}, {z:.2f}, {math.hypot(*body['velocity']):.2f} m/s"
    said = [
        f"{name} {value}" for name, value in body.items() if name not in ("event", "origin", "token") and value not in ("", None)
    ]
    return f"> {body.get('event', '?')} {', '.join(said)}".rstrip() + who
