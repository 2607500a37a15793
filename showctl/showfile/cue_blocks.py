"""Cues as blocks of lines: what goes along when a cue is moved, copied or deleted, byte for byte.

A cue's block is its own lines and the comment that stands directly above it. Blank lines between blocks, and headings (comments
that begin with ``# ---`` or ``# ===``, and whatever stands above them), are gaps: a heading stays where it is, and a moved cue
takes one blank gap along, so that moving it there and back gives the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from showctl.show.places import Place
from showctl.showfile.edits import BOM, CannotEdit, Item, Source

_DASH: Final = re.compile(r"(\ufeff?\s*)-(\s+)")
_RULE: Final = re.compile(r"#+\s*(-{3,}|={3,})")
_KEY: Final = re.compile(r"(\ufeff?[\"']?cues[\"']?\s*:)[^\n]*")


@dataclass
class Block:
    """The lines of one cue, and the gap that follows it."""

    label: str
    text: str
    gap: str
    dash: int
    """The column of its dash, from 0."""


@dataclass
class Blocks:
    """The cues of one file, with everything around them."""

    file: str
    head: str
    blocks: list[Block]
    ended: bool
    """Whether the file ends with a line break."""
    newline: str

    def text(self) -> str:
        """The whole file."""
        whole = self.head + "".join(block.text + block.gap for block in self.blocks)
        return whole if self.ended else whole.removesuffix(self.newline)

    def index(self, label: str) -> int:
        return next(n for n, block in enumerate(self.blocks) if block.label == label)

    def take(self, label: str) -> Block:
        """The block of ``label``, taken out with one of the gaps around it."""
        n = self.index(label)
        last = n == len(self.blocks) - 1
        found = self.blocks.pop(n)
        before = self.blocks[n - 1] if n else None
        if _blank(found.gap) and not last:
            return found
        rest = found.gap
        if before is not None and _blank(before.gap):
            found.gap, before.gap = before.gap, rest
        else:
            found.gap = self._usual()
            if before is not None:
                before.gap += rest
            else:
                self.head += rest
        if not self.blocks:
            self._emptied()
        return found

    def put(self, block: Block, anchor: str, after: bool) -> None:
        """``block`` stands before or after the cue ``anchor``; its gap separates it from what follows."""
        n = self.index(anchor)
        block.text = _shifted(block.text, self.blocks[n].dash - block.dash)
        block.dash = self.blocks[n].dash
        if after:
            here = self.blocks[n]
            if n == len(self.blocks) - 1 or not _blank(here.gap):
                here.gap, block.gap = block.gap, here.gap
            n += 1
        self.blocks.insert(n, block)

    def usual_gap(self, label: str) -> str:
        """The blank lines that separate a copy of ``label`` from what follows."""
        n = self.index(label)
        gap = self.blocks[n].gap
        return gap if _blank(gap) and n < len(self.blocks) - 1 else self._usual()

    def _usual(self) -> str:
        gaps = [block.gap for block in self.blocks[:-1] if _blank(block.gap)]
        return max(gaps, key=gaps.count) if gaps else ""

    def _emptied(self) -> None:
        """A list without cues says so."""
        lines = self.head.splitlines(keepends=True)
        for n in range(len(lines) - 1, -1, -1):
            if match := _KEY.match(lines[n]):
                lines[n] = f"{match[1]} []" + lines[n][match.end(1) :]
                self.head = "".join(lines)
                return


def blocks_of(source: Source, cues: list[tuple[str, Place]]) -> Blocks:
    """The blocks of ``cues`` (label, and where each begins) of one file, which are all the items of its ``cues:``."""
    newline = "\r\n" if "\r\n" in source.text else "\n"
    text = source.text
    if re.search("[\x85\u2028\u2029]|\r(?!\n)", text):
        raise CannotEdit(f"{source.file} has line breaks that editors disagree on", None, "save it with plain line breaks")
    ended = text.endswith("\n") or not text
    lines = (text if ended else text + newline).splitlines(keepends=True) if text else []
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line))
    made: list[Block] = []
    head, free = "", 0
    for label, place in cues:
        first, last, dash = _extent(source, lines, begins, place, free)
        gap = "".join(lines[free:first])
        if made:
            made[-1].gap = gap
        else:
            head = gap
        made.append(Block(label, "".join(lines[first : last + 1]), "", dash))
        free = last + 1
    if made:
        made[-1].gap = "".join(lines[free:])
    return Blocks(source.file, head, made, ended, newline)


def _extent(source: Source, lines: list[str], begins: list[int], place: Place, free: int) -> tuple[int, int, int]:
    """First line (with its comment), last line, and the dash's column of the cue at ``place``."""
    item = source.items.get((place.line, place.column))
    if item is None:
        raise CannotEdit(
            "this cue does not stand on lines of its own", place, "write each cue as - 12: Bellows, on its own lines"
        )
    own = place.line - 1
    match = _DASH.match(lines[own])
    if match is None or match.end() != item.start - begins[own]:
        raise CannotEdit("this cue's label does not stand behind its dash", place, "write the cue as - 12: Bellows")
    dash = len(match[1].removeprefix(BOM))
    return _lead(lines, own, free), _end(lines, begins, item, dash), dash


def _end(lines: list[str], begins: list[int], item: Item, dash: int) -> int:
    last = next(n for n in range(len(lines)) if begins[n] < item.end <= begins[n + 1])
    while last + 1 < len(lines):  # comments that are set in as far as the cue's keys are its own
        following = lines[last + 1]
        words = following.lstrip(" ")
        if not words.startswith("#") or len(following) - len(words) <= dash:
            break
        last += 1
    return last


def _lead(lines: list[str], own: int, free: int) -> int:
    first = own
    while first > free and lines[first - 1].lstrip(" ").startswith("#") and not _RULE.match(lines[first - 1].lstrip(" ")):
        first -= 1
    return first


def _blank(gap: str) -> bool:
    return not gap.strip()


def _shifted(text: str, by: int) -> str:
    """``text`` set in by ``by`` columns more (or fewer)."""
    if by == 0:
        return text
    made = []
    for line in text.splitlines(keepends=True):
        if not line.strip():
            made.append(line)
        elif by > 0:
            made.append(" " * by + line)
        else:
            made.append(line[min(-by, len(line) - len(line.lstrip(" "))) :])
    return "".join(made)
