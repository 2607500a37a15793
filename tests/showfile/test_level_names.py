"""Names of levels, and what a name brings along: ``gobo shake`` moves the channel on which it depends as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from showctl.show.levels import FULL
from showctl.showfile import load

PATCH = """\
types:
  spot:
    names: {{gobo: {names}}}
    modes:
      m: {{channels: [intensity, gobo, gobo_mode, control]}}
  bar:
    names: {{gobo: {{shake: 30 with gobo_mode 60}}}}
    modes:
      m: {{channels: [gobo_mode], cells: 2, cell: [gobo]}}
universes: {{sacn/1: {{}}}}
fixtures: {{spot_1: {{type: spot, address: sacn/1.1}}, bar_1: {{type: bar, address: sacn/1.11}}}}
"""
SHOW = """\
show: Names
patch: patch.yaml
groups: {pods: bar_1 cells}
palettes: {beam: {shaking: {gobo: shake}}}
lists: [main.yaml]
"""
NAMES = "{open: 0, shake: 30 with gobo_mode 60 with control 5}"


def levels(folder: Path, light: str, names: str = NAMES) -> dict[str, int]:
    """What a cue with ``light`` sets, in percent."""
    for name, words in {
        "show.yaml": SHOW,
        "patch.yaml": PATCH.format(names=names),
        "main.yaml": f"list: main\ncues:\n  - 1: Cue\n    light: {light}\n",
    }.items():
        (folder / name).write_text(words)
    loaded = load(folder)
    assert [str(problem) for problem in loaded.errors] == []
    assert loaded.show is not None
    patch = loaded.show.patch
    return {
        f"{patch.fixtures[patch.parameters[index].fixture].name}.{patch.parameters[index].name}": round(level * 100 / FULL)
        for move in loaded.show.lists[0].cues[0].light
        for index, level in zip(move.parameters, move.levels, strict=True)
    }


@pytest.mark.parametrize(
    ("light", "found"),
    [
        ("{spot_1: gobo open}", {"spot_1.gobo": 0}),
        ("{spot_1: full gobo shake}", {"spot_1.intensity": 100, "spot_1.gobo": 30, "spot_1.gobo_mode": 60, "spot_1.control": 5}),
        ("{spot_1.gobo: shake}", {"spot_1.gobo": 30, "spot_1.gobo_mode": 60, "spot_1.control": 5}),
        ("{spot_1: beam shaking}", {"spot_1.gobo": 30, "spot_1.gobo_mode": 60, "spot_1.control": 5}),
        ("{spot_1: gobo shake control 9}", {"spot_1.gobo": 30, "spot_1.gobo_mode": 60, "spot_1.control": 9}),
        ("{spot_1: control 9 gobo shake}", {"spot_1.gobo": 30, "spot_1.gobo_mode": 60, "spot_1.control": 9}),
        ("{pods: gobo shake}", {"bar_1.gobo": 30, "bar_1.gobo_mode": 60}),
    ],
)
def test_a_name_brings_along_what_it_depends_on_unless_the_cue_says_it(tmp_path: Path, light: str, found: dict[str, int]) -> None:
    assert levels(tmp_path, light) == found


def test_a_mode_without_that_channel_has_the_name_all_the_same(tmp_path: Path) -> None:
    assert levels(tmp_path, "{spot_1: gobo shake}", "{shake: 30 with iris 10}") == {"spot_1.gobo": 30}
