"""Folders to edit, and what is left of them: a small show in which everything refers to everything."""

from pathlib import Path

from showctl.showfile import load
from showctl.showfile.book import Book, Change
from showctl.showfile.cue_edits import find_cue
from tests.cli.shows import copy_of_small

ROOT = Path(__file__).parents[2]
DREAM = ROOT / "cues" / "dream_of_the_future"

REFERRED = (
    ("show.yaml", "lists: [lists/main.yaml]", "lists: [lists/main.yaml, lists/side.yaml]"),
    ("show.yaml", "triggers: triggers.yaml", "triggers: triggers.yaml\nschedule: schedule.yaml\ntemplates: templates.yaml"),
    ("show.yaml", "rehearsals: rehearsals/", "rehearsals: rehearsals/   # what must hold\n"),
)
SIDE = """\
# The side of the stage.
list: side
cues:
  # one that starts others
  - 1: Starts           # the label of this cue is a 1, too
    start: [main/2, "main/3"]
    stop: cue 2
    standby: main/3
    next: {within: 2s, when: [{if: main.cue == "3" and "2" != main.standby, go: 2}], else: main/1}
  - 2: Jumps
    use: hop
    with: {to: main/3, n: 3}
  - 3: When
    wait_for: >
      main.cue == "3"
      or main.standby == '4'
    next: when main.cue == '4' within 3s
  - 4: Plays
    timeline: hits.csv
"""
TRIGGERS = """\
variables:
  show.done: {type: truth, initial: no}
triggers:
  touched: {when: main.cue == "3", only_if: 'side.cue == "3"', do: [{start: 3}, {stop: cue side/3}]}   # 3 means main/3
"""
TEMPLATES = """\
hop: {takes: {to: cue, n: number}, cue: {jump: "{to}", wait: "{n}"}}
lit:
  takes: {who: group, level: text, time: time}
  cue: {light: {"{who}": 10}, start: "{level}", time: "{time}"}
"""
JUMPS = """\
rehearsal: Jumps
seed: 1
length: 9s
do:
  - {at: 1s, go: main/3}
  - {of: main/3, after: 1s, locate: main/2}
  - {at: 5s, standby: "3"}
expect:
  - {at: 2s, that: 'main.cue == "3" and par_3.intensity > 1'}
never:
  - side.cue == "3"
"""
REFERRING = {
    "lists/side.yaml": SIDE,
    "lists/hits.csv": "at,use,who,level,time,color,name\n0,lit,pars,3,1,,\n1,light,par_3,20,,,\"a, b\"\n",
    "triggers.yaml": TRIGGERS,
    "schedule.yaml": "doors: {at: 09:30, do: {go: main/3}}\n",
    "templates.yaml": TEMPLATES,
    "rehearsals/jumps.yaml": JUMPS,
}  # fmt: skip


def referring(target: Path) -> Path:
    """The small show with a list, triggers, a schedule, templates, a timeline and a rehearsal that name its cues."""
    folder = copy_of_small(target, *REFERRED)
    for name, words in REFERRING.items():
        (folder / name).write_text(words, encoding="utf-8")
    assert load(folder).errors == ()
    return folder


def lines_changed(change: Change) -> list[str]:
    """``-`` and ``+`` lines of the text difference, file by file."""
    return [line for line in change.text_diff().splitlines() if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")]


def comments(folder: Path) -> list[str]:
    """Every comment of every file, sorted."""
    found = [
        line[line.index("#") :]
        for path in folder.rglob("*.yaml")
        if ".showctl" not in path.parts
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.lstrip().startswith("#") or " # " in line
    ]
    return sorted(found)


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file of the show, as bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".showctl" not in path.relative_to(folder).parts
    }


__all__ = ["DREAM", "Book", "comments", "files_of", "find_cue", "lines_changed", "referring"]
