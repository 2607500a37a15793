"""Phrases: words in a row with their offsets, so that a complaint can point at the one that is not right.

``tokens`` keeps quoted text together. ``Phrase`` is walked by those who know what the words mean: light values, sound
and film cues, a device's verbs. Commas between words are air.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from showctl.showfile.problems import Wrong

T = TypeVar("T")

_TOKEN: Final = re.compile(r"""\s*(?:,\s*)*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))""")


@dataclass(frozen=True, slots=True)
class Word:
    """One word; ``quoted`` text is never a keyword."""

    text: str
    offset: int
    quoted: bool = False


def tokens(text: str, offset: int = 0) -> tuple[Word, ...]:
    """The words of ``text``.

    >>> [word.text for word in tokens("rumble at -6dB, loop")]
    ['rumble', 'at', '-6dB', 'loop']
    """
    found: list[Word] = []
    position = 0
    while match := _TOKEN.match(text, position):
        if match[1] is not None:
            found.append(Word(match[1].replace('\\"', '"'), offset + match.start(1) - 1, True))
        else:
            found.append(Word(match[2], offset + match.start(2)))
        position = match.end()
    if text[position:].strip(" \t\n,"):
        raise Wrong("BAD_WORD", "a quote is still open", offset + position, 'text goes in "quotes"')
    return tuple(found)


class Phrase:
    """Words with a cursor."""

    def __init__(self, text: str, offset: int = 0) -> None:
        self.words = tokens(text, offset)
        self.position = 0
        self.end = offset + len(text)

    def __bool__(self) -> bool:
        return self.position < len(self.words)

    def peek(self) -> Word | None:
        """The next word, left where it is."""
        return self.words[self.position] if self else None

    def next(self, what: str) -> Word:
        """The next word. ``Wrong`` where there is none: ``what`` was expected."""
        if not self:
            raise Wrong("BAD_WORD", f"{what} is missing at the end", max(self.end - 1, 0), f"write {what} there")
        word = self.words[self.position]
        self.position += 1
        return word

    def take(self, keyword: str) -> bool:
        """Whether the next word is ``keyword``; if so it is consumed."""
        word = self.peek()
        if word is None or word.quoted or word.text != keyword:
            return False
        self.position += 1
        return True

    def rest(self) -> str:
        """The remaining words as one text."""
        words = [word.text for word in self.words[self.position :]]
        self.position = len(self.words)
        return " ".join(words)


def read_at(reader: Callable[[str], T], word: Word) -> T:
    """``reader(word.text)``, with ``Wrong`` pointing at the word."""
    try:
        return reader(word.text)
    except Wrong as wrong:
        raise wrong.moved(word.offset + word.quoted) from None
