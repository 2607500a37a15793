"""A rehearsal that is written down reads back as the same, whatever its lines say."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from showctl.show.places import NOWHERE
from showctl.show.rehearsals import Rehearsal
from showctl.showfile import load
from showctl.showfile.rehearsal_text import rehearsal_text

SMALL = Path(__file__).parents[1] / "shows" / "small"
EVERY = """\
rehearsal: Every way
do: [{at: 0s, go: main}, {at: 3s, pause: all}, {at: 4s, resume: all}, {at: 5s, stop: main/2}, {at: 6s, panic: now}]
expect:
  - {at: 4s, that: par_1.intensity == 19, tolerance: 1.5}
  - {of: main/2, that: show.done}
  - {of: main/2, after: 2s, within: 3s, that: show.done}
  - {at: 1s, within: 3s, that: show.done}
  - {of: main/2, from: 1s, to: 3s, that: show.done}
  - {while: 'main.cue == "2"', after: 1s, that: show.done}
  - {of: main/2, within: 4s, times: 2 to 4, that: show.done}
  - {times: at least 1, that: show.done}
  - {at: 2s, order: ['main.cue == "2"', show.done]}
  - {within: 9s, at: 2s, order: [show.done]}
  - {at: 2s, zone: room, light: 2 to 4 lx}
  - {end: yes, that: show.done}
never:
  - show.done
  - {that: par_1.intensity > 75, tolerance: 2}
"""


def read(folder: Path, text: str) -> Rehearsal:
    (folder / "rehearsals" / "r.yaml").write_text(text, encoding="utf-8")
    loaded = load(folder)
    assert [str(problem) for problem in loaded.problems] == []
    [found] = [item for item in loaded.rehearsals if item.stem == "r"]
    return replace(
        found,
        place=NOWHERE,
        steps=tuple(replace(step, place=NOWHERE) for step in found.steps),
        expectations=tuple(replace(line, place=NOWHERE) for line in found.expectations),
        nevers=tuple(replace(line, place=NOWHERE) for line in found.nevers),
    )


def test_every_way_to_say_when_is_written_as_it_is_read(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "show")
    first = read(tmp_path / "show", EVERY)
    again = read(tmp_path / "show", rehearsal_text(first))

    assert again.expectations == first.expectations
    assert again == first
