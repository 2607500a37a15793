"""Names as the loader meets them: which words of which scalar were read as a cue, a selection, an expression.

Whoever rewrites names (``references``) hands one of these to ``load_trees``. Because the loader itself takes the notes, there is
no second opinion about what a reference is: what was resolved is noted, through templates, timelines and includes, and nothing
else is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from showctl.show.cues import CueRef
from showctl.showfile.reader import Text


@dataclass(frozen=True, slots=True)
class CueNote:
    """``words``, from ``offset`` on in ``text``, were read as ``ref``."""

    text: Text
    offset: int
    words: str
    ref: CueRef


@dataclass(frozen=True, slots=True)
class ExpressionNote:
    """``words``, from ``offset`` on in ``text``, were read as an expression."""

    text: Text
    offset: int
    words: str


@dataclass
class Noted:
    """Everything noted, in the order of reading; the same scalar may come more than once."""

    cues: list[CueNote] = field(default_factory=list)
    selections: list[Text] = field(default_factory=list)
    expressions: list[ExpressionNote] = field(default_factory=list)
    steps: list[Text] = field(default_factory=list)
    """Words of a rehearsal's line that name no cue or list: what is set, pressed or broken."""

    def cue(self, text: Text, offset: int, words: str, ref: CueRef) -> None:
        self.cues.append(CueNote(text, offset, words, ref))

    def selection(self, text: Text) -> None:
        self.selections.append(text)

    def expression(self, text: Text, offset: int, words: str) -> None:
        self.expressions.append(ExpressionNote(text, offset, words))

    def step(self, text: Text) -> None:
        self.steps.append(text)
