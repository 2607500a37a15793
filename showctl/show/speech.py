"""How a device that the show folder describes speaks: what is said, what its answers mean, and what a frame is.

A *phrase* is text with holes: ``UP {speed}`` is said with the argument in its place, ``S {state} {fan}`` is heard and says two
fields; ``{*}`` is heard and means nothing. Phrases are matched from left to right without ever going back, so no answer,
however odd, can make a show wait. A verb's ``Order`` says what it makes of the device (``makes``): that is what is desired, and
the order is *done* when the device reports it. The bytes are ``devices/framing.py``'s business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from showctl.show.cues import Value
from showctl.show.expressions import Expression
from showctl.show.instants import SECOND, Duration

ANYTHING: Final = "*"
WHY: Final = "why"
"""The hole that holds a device's own words for a refusal."""
IDLE, ACTING, DONE, FAILED = "idle", "acting", "done", "failed"
HOLE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*|\*)\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Text before each hole, and the hole's name; the last text may have none (``""``).

    >>> phrase = phrase_of("S {state} {fan}")
    >>> phrase.heard("S up 40"), phrase.heard("S up"), phrase.filled({"state": "up", "fan": "40"})
    ({'state': 'up', 'fan': '40'}, None, 'S up 40')
    """

    parts: tuple[tuple[str, str], ...]

    @property
    def holes(self) -> tuple[str, ...]:
        return tuple(hole for _, hole in self.parts if hole)

    def filled(self, words: Mapping[str, str]) -> str:
        """The phrase as it is said. KeyError: nothing to put into a hole."""
        return "".join(text + (words[hole] if hole else "") for text, hole in self.parts)

    def heard(self, said: str) -> dict[str, str] | None:
        """What stands in the holes of ``said``; None where it is another phrase. A hole ends where the text after it begins."""
        found: dict[str, str] = {}
        at = 0
        for number, (text, hole) in enumerate(self.parts):
            if not said.startswith(text, at):
                return None
            at += len(text)
            if not hole:
                break
            after, another = self.parts[number + 1] if number + 1 < len(self.parts) else ("", "")
            end = len(said) if not after else said.find(after, at) if another else len(said) - len(after)
            if end < at or (end == at and hole != ANYTHING):
                return None
            found[hole] = said[at:end]
            at = end
        found.pop(ANYTHING, None)
        return found if at == len(said) else None


def phrase_of(text: str) -> Phrase:
    """The phrase that ``text`` writes."""
    parts: list[tuple[str, str]] = []
    at = 0
    for hole in HOLE.finditer(text):
        parts.append((text[at : hole.start()], hole[1]))
        at = hole.end()
    if at < len(text) or not parts:
        parts.append((text[at:], ""))
    return Phrase(tuple(parts))


@dataclass(frozen=True, slots=True)
class Frame:
    """How the stream is cut. ``kind``: ends (bytes that end a frame, perhaps others that start it), size, datagram or http.

    ``escape`` stands before every byte of a frame that would mean something else. ``size`` bytes tell the length of what follows.
    """

    kind: str
    ends: bytes = b"\r\n"
    starts: bytes = b""
    escape: bytes = b""
    size: int = 0
    little: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What a verb is in the device's own words.

    ``within``: it must have been done by then. ``tries``: how often it is said where no answer comes, if it may be said
    ``again``: what would happen twice is said once. ``otherwise``: wait, skip, hold, or another verb, when it fails.
    """

    say: Phrase
    reply: Phrase | None = None
    makes: tuple[tuple[str, Phrase], ...] = ()
    meanwhile: tuple[tuple[str, Phrase], ...] = ()
    takes: Duration = 0
    within: Duration = 5 * SECOND
    tries: int = 3
    again: bool = True
    otherwise: str = "skip"


@dataclass(frozen=True, slots=True)
class Poll:
    """A question that is put every so often, and its answer."""

    say: Phrase
    reply: Phrase
    every: Duration = SECOND


@dataclass(frozen=True)
class Speech:
    """How one device speaks. ``words`` are the fields' values as the device writes them."""

    frame: Frame
    polls: tuple[Poll, ...] = ()
    hears: tuple[Phrase, ...] = ()
    refuses: Phrase | None = None
    words: dict[str, dict[str, Value]] = field(default_factory=dict)
    reply_within: Duration = SECOND
    tries: int = 3
    steady: Duration = 2 * SECOND
    ready: Expression | None = None
    fault: Expression | None = None

    def heard(self, said: str) -> dict[str, str] | None:
        """What ``said`` says of fields, as the answer to a poll or by itself."""
        for phrase in (*(poll.reply for poll in self.polls), *self.hears):
            if (found := phrase.heard(said)) is not None:
                return found
        return None


def as_said(value: Value) -> str:
    """A value in a phrase: 1.0 is ``1``, truth is 1 or 0, a text loses what could end the frame.

    >>> as_said(40.0), as_said(True), as_said("a\\r\\nb")
    ('40', '1', 'ab')
    """
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.12g}"
    return "".join(letter for letter in value if letter.isprintable())
