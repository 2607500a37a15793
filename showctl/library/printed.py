"""Pages to be printed and hung up: black on white, nothing from elsewhere, wide tables that break between rows."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from io import StringIO

_STYLE = """
@page { size: A4 landscape; margin: 12mm }
body { font: 10.5pt/1.35 system-ui, "Noto Sans CJK SC", sans-serif; color: #111; background: #fff; margin: 1.5em }
h1 { font-size: 17pt; margin: 0 } h2 { font-size: 13pt; margin: 1.2em 0 .3em } p { margin: .3em 0 }
table { border-collapse: collapse; width: 100% } thead { display: table-header-group } tr { break-inside: avoid }
th, td { text-align: left; vertical-align: top; padding: .15em .6em; border-bottom: 1px solid #bbb }
th { border-bottom: 2px solid #111 } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
tr.note td { color: #a00; font-weight: 600 } .quiet { color: #555 }
"""


_POSITION = re.compile(r"^[-\d. ]+$")


def _joined(numbers: re.Match[str]) -> str:
    return numbers[0].replace(" ", "\N{NO-BREAK SPACE}")


def page(title: str, *parts: str, style: str = "") -> str:
    """A whole page; ``parts`` are HTML."""
    head = f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    return "\n".join((f"{head}<style>{_STYLE}{style}</style>", *parts, "</html>")) + "\n"


def heading(words: str, below: str = "") -> str:
    """The page's name, and a quiet line below it."""
    return f"<h1>{escape(words)}</h1>" + (f'<p class="quiet">{escape(below)}</p>' if below else "")


def section(words: str) -> str:
    """The name of a part of a page."""
    return f"<h2>{escape(words)}</h2>"


def paragraphs(lines: Iterable[str]) -> str:
    """Sentences, one below the other."""
    return "\n".join(f"<p>{escape(line)}</p>" for line in lines)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], noted: frozenset[int] = frozenset()) -> str:
    """A table; rows whose number is in ``noted`` stand out. Columns of numbers keep to the right, a position to one line.

    A column in which nothing stands is left out.
    """
    rows = list(rows)
    full = [n for n in range(len(heads)) if not rows or any(row[n] not in (None, "") for row in rows)]
    heads, rows = [heads[n] for n in full], [[row[n] for n in full] for row in rows]
    lines = [[_cell(value) for value in row] for row in rows]
    numbers = {n for n in range(len(heads)) if lines and all(isinstance(value, int | float) for value in _column(rows, n))}
    side = ['class="n"' if n in numbers else "" for n in range(len(heads))]
    top = "".join(f"<th {side[n]}>{escape(word)}</th>" for n, word in enumerate(heads))
    body = "\n".join(
        f"<tr{' class=note' if number in noted else ''}>"
        + "".join(f"<td {side[n]}>{_POSITION.sub(_joined, escape(word))}</td>" for n, word in enumerate(line))
        + "</tr>"
        for number, line in enumerate(lines)
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>\n{body}\n</tbody></table>"


def text_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """The same for a terminal: columns as wide as they need, the last one free."""
    lines = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(columns, column)) for column in zip(heads, *lines, strict=True)] if lines else [len(word) for word in heads]
    return ["  ".join(map(_filled, line, widths)).rstrip() for line in (heads, *lines)]


def columns(text: str) -> int:
    """How many columns of a terminal ``text`` takes: a Chinese character two, an accent of its own none.

    >>> columns("熔炉 1"), columns("e\u0301")
    (6, 1)
    """
    return sum(
        2 if unicodedata.east_asian_width(character) in "WF" else 0 if unicodedata.combining(character) else 1
        for character in text
    )


def _filled(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def csv_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The same for a spreadsheet. What a spreadsheet would take for a formula gets a quotation mark before it."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([f"'{word}" if word[:1] in ("=", "@", "+") else word for word in map(_cell, row)])
    return out.getvalue()


def _column(rows: Iterable[Sequence[object]], number: int) -> list[object]:
    return [row[number] for row in rows]


def _cell(value: object) -> str:
    return "" if value is None else str(value)
