"""Labels for lights: what one needs to read from the floor, on sheets of stickers or as a table for a label printer.

The number is the largest thing on it, for that is what is called down from the ladder; then the name, the address, the mode that
the lamp's menu must show, and where its cable ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from showctl.library import printed
from showctl.library.patch_list import Line
from showctl.show.show import Show

HEADS: Final = ("number", "light", "label", "type", "mode", "universe", "address", "node", "port", "zone")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of stickers on A4: how many across and down, millimetres of each, and of the sheet's margins."""

    across: int
    down: int
    width: float
    height: float
    left: float
    top: float


SHEETS: Final = {
    "70x37": Sheet(3, 8, 70, 37, 0, 0.5),
    "105x57": Sheet(2, 5, 105, 57, 0, 6),
    "48.5x25.4": Sheet(4, 10, 48.5, 25.4, 8, 21.5),
}
"""The common ones, by the size of a sticker in millimetres."""


def as_csv(lines: Sequence[Line]) -> str:
    """For a label printer's program."""
    rows = [
        (a.number, a.light, a.label, a.type, a.mode, a.universe, a.first, a.node, a.port, a.zone) for a in lines
    ]  # fmt: skip
    return printed.csv_table(HEADS, rows)


def as_html(show: Show, lines: Sequence[Line], size: str) -> str:
    """Sheets of stickers of ``size``, to be printed at 100 %."""
    sheet = SHEETS[size]
    big = sheet.height / 3.4
    style = f"""
@page {{ size: A4 portrait; margin: 0 }}
body {{ margin: 0; padding: 0 }}
.sheet {{ width: 210mm; height: 296mm; padding: {sheet.top}mm 0 0 {sheet.left}mm; box-sizing: border-box; break-after: page;
  display: grid; grid-template-columns: repeat({sheet.across}, {sheet.width}mm); grid-auto-rows: {sheet.height}mm }}
.label {{ padding: 2mm 3mm; box-sizing: border-box; overflow: hidden; display: grid; grid-template-columns: auto 1fr;
  column-gap: 3mm; align-content: center; line-height: 1.15 }}
.label b {{ font-size: {big:.1f}mm; grid-row: span 4; align-self: center; font-variant-numeric: tabular-nums }}
.label span {{ font-size: {sheet.height / 9:.1f}mm; white-space: nowrap; overflow: hidden }}
.label .name {{ font-weight: 700; font-size: {sheet.height / 7:.1f}mm }}
@media screen {{ .label {{ outline: 1px dotted #bbb }} }}
"""
    full = sheet.across * sheet.down
    sheets = [lines[n : n + full] for n in range(0, len(lines), full)]
    body = (f'<div class="sheet">{"".join(_label(line) for line in part)}</div>' for part in sheets)
    return printed.page(f"{show.name}: labels", *body, style=style)


def _label(line: Line) -> str:
    carried = f"{line.node} port {line.port}" if line.node else ""
    what = " · ".join(part for part in (f"{line.type} {line.mode}", line.zone) if part)
    return (
        f'<div class="label"><b>{line.number}</b><span class="name">{escape(line.light)}</span>'
        f"<span>{escape(line.universe)}.{line.first}</span><span>{escape(what)}</span>"
        f"<span>{escape(carried)}</span></div>"
    )
