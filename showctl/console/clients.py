"""One page, as the audience sees it: what it was told, and what it has yet to hear."""

from __future__ import annotations

import asyncio
from typing import Final

from showctl.console.company import Page
from showctl.console.frames import Line, frame_of

MOST_ANSWERS: Final = 32
"""Answers that a page may leave lying."""


class Client:
    """A page and the way to it."""

    def __init__(self, page: Page, line: Line) -> None:
        self.page, self.line = page, line
        self.lights = False
        """It wants to hear of lights."""
        self.lit = False
        """It was told of every light, and of each change since."""
        self.seldom = False
        """Nobody looks at what it is told: once a second is enough."""
        self.greeted = False
        """It was told everything once."""
        self.round = -1
        """The round whose view it was told; -1: of none."""
        self.parts: dict[str, bytes] = {}
        """What it was told instead, part by part."""
        self.noted = 0
        """How many notes there had been when it was last told."""
        self.company: tuple[int, dict[str, bytes]] = (-1, {})
        """What it was last told of the others, and when that was made."""
        self.behind = False
        """It was left out of a round, as it had not taken what came before."""
        self.anew = False
        """It is to hear everything again: the show was reloaded."""
        self.out = False
        """It may not stay: the show is not there."""
        self.woken = asyncio.Event()
        """There is something for it that a round does not bring."""
        self._left = 0

    def answer(self, text: bytes) -> None:
        """Answers at once, whatever else it is to hear. BufferError where it has not taken the answers before."""
        self._left = self._left + 1 if self.line.busy else 0
        if self._left > MOST_ANSWERS:
            raise BufferError("it does not take its answers")
        self.line.write(frame_of(text))
