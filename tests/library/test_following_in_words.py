"""What is said of heads that follow somebody: in the sheet, in a difference, and when a cue is moved and looks are kept."""

from __future__ import annotations

import shutil
from pathlib import Path

from click.testing import CliRunner

from showctl.cli import main
from tests.cli.shows import copy_of_small

VENUE = "points: {altar: [0, 1, 5]}\ntracked:\n  dancer: {tracker: psn, name: dancer, rest: [0, 1, 5]}\n"
VENUE += "  singer: {tracker: psn, name: singer, rest: [0, 1, 5]}\n"
CUES = """
  - Follow: Follow
    aim: {head_1: dancer, head_2: altar}
  - Up: Up
    light: {head_1: full, head_2: full}
"""


def folder_of(target: Path) -> Path:
    folder = copy_of_small(
        target,
        ("devices.yaml", "sound:", "psn: {kind: tracker, host: 236.10.10.10}\nsound:"),
        ("venue.yaml", "speakers:\n", f"{VENUE}speakers:\n"),
    )
    path = folder / "lists" / "main.yaml"
    path.write_text(path.read_text().rstrip("\n") + CUES)
    return folder


def said(*words: object) -> str:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code in (0, 1), result.output
    return result.output


def test_the_sheet_says_whom_a_head_follows(tmp_path: Path) -> None:
    lines = said("sheet", folder_of(tmp_path / "show"), "--cue", "Follow")
    assert "follows dancer" in lines
    assert "pan 45 deg" in lines, "the other one keeps to a point"


def test_a_difference_says_whom_they_follow_instead_although_both_rest_at_one_place(tmp_path: Path) -> None:
    old, new = folder_of(tmp_path / "old"), tmp_path / "new"
    shutil.copytree(old, new)
    path = new / "lists" / "main.yaml"
    path.write_text(path.read_text().replace("head_1: dancer", "head_1: singer"))
    assert "head_1 pan: follows dancer -> follows singer" in said("diff", old, new)


def test_another_order_of_the_same_people_is_no_difference(tmp_path: Path) -> None:
    old, new = folder_of(tmp_path / "old"), tmp_path / "new"
    shutil.copytree(old, new)
    path = new / "venue.yaml"
    first, rest = path.read_text().split("  dancer: ", 1)
    line, rest = rest.split("\n", 1)
    singer, rest = rest.split("\n", 1)
    path.write_text(f"{first}{singer}\n  dancer: {line}\n{rest}")
    assert "follows" not in said("diff", old, new)


def test_a_cue_that_is_moved_keeps_whom_it_tracked(tmp_path: Path) -> None:
    """Up tracks the aims of Follow; moved before it, it says them itself, in the words of Follow."""
    folder = folder_of(tmp_path / "show")
    output = said("cue", "move", "main/Up", "--before", "Follow", "--keep-looks", "--yes", "--show", folder)
    words = (folder / "lists" / "main.yaml").read_text()
    assert words.index("Up: Up") < words.index("Follow: Follow"), output
    assert "aim dancer" in words[words.index("Up: Up") : words.index("Follow: Follow")], words
