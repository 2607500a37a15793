"""A show's golden prints: what the audience sees change, cue by cue in resolved time, as text that is stored beside the show.

``changes_of`` is the change list of one list: when each cue begins, where it takes which lights in what time, what it asks of
devices, how it goes on. It is what ``showctl diff`` would say of a list that came out of nothing, so a review sees in a stored
print what a change of the show, or of the program, does to the room. Digests of rehearsals stand beside it (``rehearsals.txt``).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from showctl.library.cue_words import next_words, ready_words, time_words, when_words
from showctl.library.light_diff import LightDiff
from showctl.library.list_diff import ListDiff, Seen
from showctl.library.relabel import Relabelling
from showctl.library.resolved_times import begins
from showctl.show.cues import Cue, CueList
from showctl.show.show import Show

FOLDER: Final = "prints"
DIGESTS: Final = "rehearsals.txt"
_HEAD: Final = (
    "# Stored by `showctl rehearse SHOW --rewrite`, and compared on every run. Read it in reviews; never edit it by hand."
)


@dataclass(frozen=True)
class Changed:
    """A print that is not as it is stored. ``file`` within the show folder, ``diff`` as people read it."""

    file: str
    line: int
    diff: tuple[str, ...]


def changes_of(show: Show, cue_list: CueList) -> str:
    """The change list of ``cue_list``."""
    nothing = replace(cue_list, cues=(), named={})
    light = LightDiff(show, show)
    seen: dict[str, list[Seen]] = {}
    for item in ListDiff((show, nothing), (show, cue_list), light, Relabelling({}, show.list_named)).seen():
        if item.what != "added":
            seen.setdefault(item.cue, []).append(item)
    lines = [_HEAD, f"list {cue_list.name}, priority {cue_list.priority}{', HTP' if cue_list.htp else ''}"]
    when = begins(cue_list)
    for cue in cue_list.cues:
        begin = when[cue.label]
        after = f"   {time_words(begin.offset)} after {begin.anchor}" if begin.offset else ""
        lines.append(f"{cue.label} {cue.name}".rstrip() + after)
        lines += (f"  {line}" for line in (*_manners(cue), *map(_said, seen.get(cue.label, ()))))
        for member in cue.group.members if cue.group else ():
            found = seen.get(member.cue.label, ())
            lines += (f"  at {time_words(member.at)}: {_said(item)}" for item in found)
        if cue.next is not None:
            lines.append(f"  next: {next_words(cue.next)}")
    return "\n".join(lines) + "\n"


def _said(item: Seen) -> str:
    return f"{item.subject} {item.what}: {item.new}".strip() if item.subject else f"{item.what}: {item.new}"


def _manners(cue: Cue) -> list[str]:
    """What of a cue is no change by itself: how long its light takes, what it waits for."""
    times = dict.fromkeys((move.up, move.down, move.delay, move.curve) for move in (*cue.light, *cue.this_cue_only))
    said = []
    for up, down, delay, curve in times:
        words = f"light in {time_words(up)} / {time_words(down)}" + (f" after {time_words(delay)}" if delay else "")
        said.append(words + (f", {curve}" if curve != "linear" else ""))
    if cue.wait:
        said.append(f"waits {time_words(cue.wait)} first")
    if cue.ready is not None:
        said.append(f"is ready {ready_words(cue.ready)}")
    if cue.wait_for is not None:
        said.append(f"ends {when_words(cue.wait_for)}")
    if cue.land_together:
        said.append("lands together")
    return said


# --- stored beside the show -------------------------------------------------------------------------------------------------


def prints_of(show: Show, digests: Mapping[str, str]) -> dict[str, str]:
    """Every print by its file name: a list each, and the rehearsals' digests."""
    made = {f"{cue_list.name}.txt": changes_of(show, cue_list) for cue_list in show.lists}
    made[DIGESTS] = _HEAD + "\n" + "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return made


def stored(folder: Path) -> bool:
    """Whether the show in ``folder`` has prints."""
    return (folder / FOLDER).is_dir()


def store(folder: Path, prints: Mapping[str, str], *, whole: bool) -> None:
    """Writes ``prints``; with ``whole`` those of lists that are gone are gone, too, else other rehearsals keep their digests."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    for name, text in prints.items():
        if name == DIGESTS and not whole:
            text = _merged(_read(place / name), text)
        new = place / f"{name}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(place / name)
    for path in place.glob("*.txt") if whole else ():
        if path.name not in prints:
            path.unlink()


def compared(folder: Path, prints: Mapping[str, str], *, whole: bool) -> list[Changed]:
    """Where ``prints`` are not as they are stored; with ``whole`` what is stored and no longer there counts, too."""
    place = folder / FOLDER
    found: list[Changed] = []
    for name, now in prints.items():
        before = _read(place / name)
        if name == DIGESTS and not whole:
            now = _merged(before, now)
        if before != now:
            found.append(_changed(f"{FOLDER}/{name}", before, now))
    gone = [path for path in sorted(place.glob("*.txt")) if whole and path.name not in prints]
    return found + [_changed(f"{FOLDER}/{path.name}", _read(path), "") for path in gone]


def _merged(before: str, now: str) -> str:
    rows = {
        line.split("  ", 1)[1]: line for text in (before, now) for line in text.splitlines() if "  " in line and line[0] != "#"
    }
    return _HEAD + "\n" + "".join(f"{rows[name]}\n" for name in sorted(rows))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _changed(file: str, before: str, now: str) -> Changed:
    old, new = before.splitlines(), now.splitlines()
    line = next((n for n, (a, b) in enumerate(zip(old, new, strict=False), 1) if a != b), min(len(old), len(new)) + 1)
    return Changed(file, line, tuple(difflib.unified_diff(old, new, "stored", "now", n=1, lineterm=""))[2:])
