"""The readable log of a rehearsal: who did what, what started, what devices were asked and what they said.

One line an entry, in order, with show time; the same for every run of the same script. It can be stored and compared.
"""

from __future__ import annotations

import math

from showctl.engine.commands import Note, Tell
from showctl.engine.events import DeviceHealth, DeviceReported, Event, InputChanged, TrackMoved
from showctl.show.instants import MILLISECOND, Instant

_QUIET_FIELDS = frozenset({"position", "age", "lamp_hours", "battery"})
"""Reported again and again while all is well; not worth a line each."""


class Transcript:
    """Lines, or (``keep`` False) nothing."""

    def __init__(self, keep: bool = True) -> None:
        self.keep = keep
        self.lines: list[str] = []

    def line(self, now: Instant, words: str) -> None:
        if self.keep:
            self.lines.append(f"{moment(now)}  {words}")

    def note(self, note: Note) -> None:
        self.line(note.instant, f"{note.words}")

    def told(self, now: Instant, command: Tell) -> None:
        arguments = " ".join(f"{word}={_short(value)}" for word, value in command.arguments)
        self.line(now, f"  {command.device}: {command.verb} {arguments}".rstrip())

    def fact(self, now: Instant, event: Event) -> None:
        match event:
            case DeviceReported(device=device, field=field, value=value) if field not in _QUIET_FIELDS:
                self.line(now, f"  {device}.{field} is {_short(value)}")
            case InputChanged(name=name, value=value):
                self.line(now, f"  {name} is {_short(value)}")
            case TrackMoved(name=name, position=(x, y, z), velocity=velocity):
                self.line(now, f"  {name} is tracked at {x:.2f}, {y:.2f}, {z:.2f}, {math.hypot(*velocity):.2f} m/s")
            case DeviceHealth():
                pass  # the engine notes it
            case _:
                pass

    def request(self, now: Instant, event: Event) -> None:
        origin = getattr(event, "origin", None)
        who = "" if origin is None else f" ({origin.person or origin.surface})"
        self.line(now, f"{type(event).__name__.lower()}{who}")

    def text(self) -> str:
        return "\n".join(self.lines) + ("\n" if self.lines else "")


def moment(now: Instant) -> str:
    """``m:ss.mmm``."""
    milliseconds = now // MILLISECOND
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes:3}:{rest // 1000:02}.{rest % 1000:03}"


def _short(value: bool | float | str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float | int) else value
