"""How media servers with layers are spoken to, as lines: ``/composition/layers/{layer}/video/opacity f:{share}``.

A line is an address and its arguments, ``i:`` ``f:`` or ``s:`` before each; words in braces are filled in when it is said, and
are what is learned when it is heard: ``surface``, ``layer``, ``clip``, ``at`` (seconds), ``part`` (of the clip's length, 0 to 1),
``share`` (of full opacity, 0 to 1), ``percent``. The lines of Resolume and Millumin stand here; an option of the device of the
same name takes the place of a line, and a ``media_server`` brings all of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, TypeAlias

from showctl.protocols import osc
from showctl.show.cues import Value

Known: TypeAlias = dict[str, str | float]
HOLES: Final = ("surface", "layer", "clip", "at", "part", "share", "percent", "on")
_HOLE: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Lines:
    """What is said (each may be empty: there is no such thing), and what is heard. Several messages: ``;`` between them."""

    play: str = ""
    seek: str = ""
    stop: str = ""
    opacity: str = ""
    pause: str = ""
    resume: str = ""
    ask: str = ""
    """Said each second for everything that plays."""
    alive: str = ""
    """Said each second while nothing plays."""
    playing: str = ""
    """Heard of what plays: its place, its level."""
    paused: str = ""
    stopped: str = ""


_CLIP: Final = "/composition/layers/{layer}/clips/{clip}"
RESOLUME: Final = Lines(
    play=f"{_CLIP}/connect i:1",
    seek=f"{_CLIP}/transport/position f:{{part}}",
    stop="/composition/layers/{layer}/clear i:1",
    opacity="/composition/layers/{layer}/video/opacity f:{share}",
    pause=f"{_CLIP}/transport/position/behaviour/playdirection i:1",
    resume=f"{_CLIP}/transport/position/behaviour/playdirection i:2",
    ask=f"{_CLIP}/transport/position s:?; /composition/layers/{{layer}}/video/opacity s:?",
    alive="/composition/layers/1/video/opacity s:?",
    playing=f"{_CLIP}/transport/position f:{{part}}; /composition/layers/{{layer}}/video/opacity f:{{share}}",
)
_LAYER: Final = "/millumin/layer:{surface}"
MILLUMIN: Final = Lines(
    play=f"{_LAYER}/startMedia s:{{clip}}",
    seek=f"{_LAYER}/media/time f:{{at}}",
    stop=f"{_LAYER}/stopMedia",
    opacity=f"{_LAYER}/opacity f:{{share}}",
    pause=f"{_LAYER}/pauseMedia",
    resume=f"{_LAYER}/startMedia",
    alive="/millumin/ping",
    playing=f"{_LAYER}/mediaStarted i s:{{clip}} f; {_LAYER}/media/time f:{{at}} f; {_LAYER}/opacity f:{{share}}",
    paused=f"{_LAYER}/mediaPaused",
    stopped=f"{_LAYER}/mediaStopped",
)
DIALECTS: Final = {"resolume": RESOLUME, "millumin": MILLUMIN, "media_server": Lines()}
NAMES: Final = tuple(item.name for item in fields(Lines))


def lines_of(kind: str, options: Mapping[str, Value]) -> Lines:
    """The lines of that kind, with the device's own in their places."""
    given = {name: str(options[name]) for name in NAMES if name in options}
    return replace(DIALECTS[kind], **given)


def each(lines: str) -> list[str]:
    return [line.strip() for line in lines.split(";") if line.strip()]


def said(line: str, known: Mapping[str, str | float]) -> tuple[str, tuple[osc.Argument, ...]]:
    """A line with its holes filled. KeyError: nobody knows what belongs there.

    >>> said("/layer/{layer}/opacity f:{share}", {"layer": 2, "share": 0.5})
    ('/layer/2/opacity', (0.5,))
    """
    address, *words = line.split()
    arguments: list[osc.Argument] = []
    for word in words:
        kind, _, given = word.partition(":")
        hole = _HOLE.fullmatch(given)
        value: str | float = known[hole[1]] if hole else given
        arguments.append(str(value) if kind == "s" else round(float(value)) if kind == "i" else float(value))
    return _HOLE.sub(lambda found: in_line(known[found[1]]), address), tuple(arguments)


def in_line(value: str | float) -> str:
    """As it stands in an address: ``2.0`` is ``2``; what would change the address's shape is left out."""
    words = f"{value:g}" if isinstance(value, float | int) else value
    return "".join(letter for letter in words if letter.isprintable() and letter not in "/ #*,?[]{}")


class Ear:
    """Understands what a device says: the lines of one kind of news."""

    def __init__(self, lines: str) -> None:
        self._known: list[tuple[re.Pattern[str], list[str]]] = []
        for line in each(lines):
            address, *words = line.split()
            pattern = "".join(
                f"(?P<{part}>[^/]+)" if place % 2 else re.escape(part) for place, part in enumerate(_HOLE.split(address))
            )
            names = [match[1] if (match := _HOLE.search(word)) else "" for word in words]
            self._known.append((re.compile(pattern), names))

    def hear(self, address: str, arguments: Sequence[object]) -> Known | None:
        """What a message tells; None: it is none of these."""
        for pattern, names in self._known:
            match = pattern.fullmatch(address)
            if match is None:
                continue
            found: Known = dict(match.groupdict())
            for name, value in zip(names, arguments, strict=False):
                if name and isinstance(value, str | int | float) and not isinstance(value, bool):
                    found[name] = value
            return found
        return None


def number_in(known: Known, name: str) -> float | None:
    """A finite number among what was heard."""
    value = known.get(name)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if value is not None and abs(value) < 1e12 else None
