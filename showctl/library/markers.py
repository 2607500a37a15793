"""Markers of sound workstations, as they write and read them, and the moments of a timeline: at which instant, by which name.

Reaper's region and marker list (CSV: ``#,Name,Start,End,Length``) and Audacity's labels (start, end and label between tabs).
Other programs read one or the other. Times are seconds, ``m:s`` or ``h:m:s`` with a fraction; bars and beats are not times.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from showctl.show.instants import SECOND, Duration

MOST: Final = 20_000
_TIME: Final = re.compile(r"(?:(?:(\d+):)?(\d{1,3}):)?(\d+(?:[.,]\d+)?)")
_BARS: Final = re.compile(r"\d+\.\d+\.\d+")


class NoMarkers(ValueError):  # noqa: N818 - what is read: raise NoMarkers("line 3: ...")
    """The file holds no markers; the message says where, and the way out."""


@dataclass(frozen=True, slots=True, order=True)
class Marker:
    """A moment, counted from the beginning of the file."""

    at: Duration
    name: str = ""


def read_markers(text: str) -> list[Marker]:
    """The markers of a Reaper list or of Audacity labels, in the order of their times. ``NoMarkers`` for anything else."""
    lines = text.removeprefix("\ufeff").splitlines()
    first = next((line for line in lines if line.strip()), "")
    if not first:
        raise NoMarkers("the file is empty")
    if "\t" in first:
        found = [_label(line, number) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("\\")]
    else:
        found = _reaper(lines)
    if len(found) > MOST:
        raise NoMarkers(f"more than {MOST} markers")
    return sorted(found)


def _label(line: str, number: int) -> Marker:
    cells = line.split("\t")
    if len(cells) < 2:
        raise NoMarkers(f"line {number}: a label of Audacity is start, end and name between tabs")
    return Marker(time_in(cells[0], number), cells[2].strip() if len(cells) > 2 else "")


def _reaper(lines: list[str]) -> list[Marker]:
    rows = csv.reader(lines)
    header = [cell.strip().lower() for cell in next(rows, [])]
    if "name" not in header or "start" not in header:
        raise NoMarkers(
            "line 1: neither Reaper's list (#,Name,Start,End,Length) nor Audacity's labels (start, end, name by tabs)"
        )
    name, start = header.index("name"), header.index("start")
    found = []
    for row in rows:
        if any(cell.strip() for cell in row):
            if len(row) <= max(name, start):
                raise NoMarkers(f"line {rows.line_num}: {len(row)} cells under {len(header)} columns")
            found.append(Marker(time_in(row[start], rows.line_num), row[name].strip()))
    return found


def time_in(text: str, line: int) -> Duration:
    """``75.5``, ``1:15.5`` or ``0:01:15.500``. ``NoMarkers`` otherwise.

    >>> time_in("1:15.5", 1)
    75500000000
    """
    text = text.strip()
    if _BARS.fullmatch(text):
        hint = "in Reaper: View > Time unit for ruler > Minutes:Seconds, then export again"
        raise NoMarkers(f"line {line}: {text} is bars and beats, not a time ({hint})")
    match = _TIME.fullmatch(text)
    if match is None:
        raise NoMarkers(f"line {line}: {text or 'nothing'} is no time; write 75.5, 1:15.5 or 0:01:15.5")
    hours, minutes, seconds = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 * SECOND
    return whole + round(float(seconds.replace(",", ".")) * SECOND)


def write_reaper(markers: Iterable[Marker]) -> str:
    """A list that Reaper imports. Markers have no end, and are numbered from 1."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("#", "Name", "Start", "End", "Length"))
    for number, marker in enumerate(sorted(markers), 1):
        minutes, rest = divmod(marker.at, 60 * SECOND)
        rows.writerow((f"M{number}", marker.name, f"{minutes}:{rest / SECOND:09.6f}", "", ""))
    return out.getvalue()


def write_audacity(markers: Iterable[Marker]) -> str:
    """Labels that Audacity imports; each begins and ends at its moment."""
    return "".join(f"{m.at / SECOND:.6f}\t{m.at / SECOND:.6f}\t{m.name.replace(chr(9), ' ')}\n" for m in sorted(markers))
