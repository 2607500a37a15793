"""What the views of ``showctl monitor`` have in common: what the loop asks of them, and how slots are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from showctl.library.printed import columns
from showctl.protocols.errors import printable
from showctl.runtime.ports import Address
from showctl.runtime.wire.client import tap
from showctl.runtime.wire.errors import WireError
from showctl.runtime.wire.tap import Tapped
from showctl.show.instants import SECOND, Instant

ACROSS: Final = 16
DENSE: Final = 32
GROUP: Final = 4


class Shown(Protocol):
    """What the monitor's loop needs."""

    def received(self, data: bytes, source: Address, now: Instant, to: str = "") -> None:
        """A datagram came; ``to``: where it was sent, if that is known."""

    def wake(self, now: Instant) -> Iterable[tuple[bytes, Address]]:
        """What is to be sent by now."""

    def wants_more(self, peek: bool = False) -> bool:
        """Whether more universes are to be listened to than when that was asked last."""

    def seen(self, now: Instant) -> dict[str, Any]:
        """Everything, for ``--json``."""

    def lines(self, now: Instant, dense: bool = False) -> list[str]:
        """Everything, for a person; ``dense``: for a small window."""


def grid(slots: list[int], dense: bool = False) -> list[str]:
    """All slots, sixteen to a line, each line with the number of its first; dark lines that follow one another are one.

    ``dense``: 32 to a line and in percent, so that a universe is seen whole in 80 columns and 24 lines.

    >>> grid([255, 0] + [0] * 510)
    ['   1  255   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .', '  17  to 512 dark']
    """
    shown: list[str] = []
    dark = 0
    across = DENSE if dense else ACROSS
    for first in range(0, len(slots), across):
        some = slots[first : first + across]
        if any(some):
            dark = 0
            shown.append(f"{first + 1:4}  " + (_percents(some) if dense else " ".join(f"{n:3}" if n else "  ." for n in some)))
            continue
        if dark:
            shown.pop()
        dark = dark or first + 1
        shown.append(f"{dark:4}  to {first + len(some)} dark")
    return shown


def whole(slots: list[int], dense: bool) -> list[str]:
    """The grid of a universe that is shown alone, and what its numbers are where that is not DMX."""
    return ["      in percent" if dense else "", *grid(slots, dense)]


def _percents(slots: list[int]) -> str:
    """``FL`` is full, ``.`` dark; what glows at all is not.

    >>> _percents([255, 128, 1, 0, 254])
    'FL50 1 . 99'
    """
    words = ["FL" if level == 255 else f"{max(level * 100 // 255, 1):2}" if level else " ." for level in slots]
    return " ".join("".join(words[n : n + GROUP]) for n in range(0, len(words), GROUP))


def padded(text: str, width: int) -> str:
    """``text`` cut or filled to ``width`` columns of a terminal: a Chinese character takes two."""
    shown, used = _within(text, width)
    return shown + " " * (width - used)


def cut(text: str, width: int) -> str:
    """``text``, in ``width`` columns of a terminal at most; where it is cut stands an ellipsis.

    >>> cut("Dream of the Future", 9), cut("熔炉", 4), cut("熔炉", 3)
    ('Dream of…', '熔炉', '熔…')
    """
    shown, _ = _within(text, width)
    return shown if len(shown) == len(text) else _within(text, width - 1)[0] + "…"


def _within(text: str, width: int) -> tuple[str, int]:
    """As much of ``text`` as ``width`` columns hold, and how many it takes."""
    shown, used = "", 0
    for character in text:
        takes = columns(character)
        if used + takes > width:
            break
        shown, used = shown + printable(character), used + takes
    return shown, used


def compact(slots: list[int], most: int = 12) -> str:
    """The slots that are not dark, in a line: ``1:255 2:128``."""
    bright = [(n + 1, level) for n, level in enumerate(slots) if level]
    shown = " ".join(f"{slot}:{level}" for slot, level in bright[:most])
    return (shown + (f" and {len(bright) - most} more" if len(bright) > most else "")) or "dark"


def tapped(wire: Path | None) -> list[Tapped]:
    if wire is None:
        return []
    try:
        return tap(wire)
    except (OSError, WireError):
        return []


def wanted(key: str, chosen: tuple[int, ...]) -> bool:
    return not chosen or key.partition("/")[2] in {str(number) for number in chosen}


def sent(tapped: Iterable[Tapped], prefix: str, chosen: tuple[int, ...]) -> Mapping[str, Any]:
    found = [one for one in tapped if one.key.startswith(prefix) and wanted(one.key, chosen)]
    return {one.key: {"priority": one.priority, "slots": list(one.slots)} for one in found}


def sent_lines(sent: Iterable[Tapped], chosen: tuple[int, ...], dense: bool) -> list[str]:
    """What the running show sends, if it sends any of it."""
    shown = []
    for one in sent:
        if wanted(one.key, chosen):
            shown.append(f"  {one.key:10}  {compact(list(one.slots))}")
            if len(chosen) == 1:
                shown += grid(list(one.slots), dense)
    return ["", "The show on this machine sends:", *shown] if shown else []


def age(then: Instant, now: Instant) -> float:
    return round(max(now - then, 0) / SECOND, 3)
