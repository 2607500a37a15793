"""``showctl hits``: out to Reaper and back moves nothing; a marker that was moved moves its row; sections are shifted."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def show(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "tests" / "showfile" / "base", tmp_path / "show"))


def said(*words: object) -> Result:
    return CliRunner().invoke(main, ["hits", *map(str, words)])


def table(show: Path) -> str:
    return next((show / "hits").glob("*.csv")).read_text(encoding="utf-8")


@pytest.fixture
def file(show: Path) -> str:
    """A table with names, a comment, and a time with many places."""
    path = next((show / "hits").glob("*.csv"))
    who = next(line.split(",")[2] for line in path.read_text().splitlines()[1:] if line.count(",") > 2)
    rows = [f"0.50,light,{who},70,0.1,,one", "# the break", f"1.25,light,{who},20,0.5,,two", f"2,light,{who},0,1,,three"]
    path.write_text("\n".join(["at,use,who,level,time,color,name", *rows, ""]))
    return f"hits/{path.name}"


@pytest.mark.parametrize("kind", ["reaper", "audacity"])
def test_out_and_back_changes_nothing(show: Path, file: str, tmp_path: Path, kind: str) -> None:
    out = said("export", file, "--as", kind, "--show", show)
    assert out.exit_code == 0, out.output
    (tmp_path / "markers.csv").write_text(out.output)
    before = table(show)
    back = said("import", file, tmp_path / "markers.csv", "--show", show, "--yes")
    assert (back.exit_code, table(show)) == (0, before), back.output
    assert "nothing to change" in back.output


def test_a_marker_that_was_moved_moves_its_row_and_the_comment_above_it(show: Path, file: str, tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("#,Name,Start,End,Length\nM1,two,0:03.5,,\nM2,four,0:09,,\n")
    done = said("import", file, tmp_path / "m.csv", "--show", show, "--yes")
    assert done.exit_code == 0, done.output
    assert "note: no row is called four: its marker moves nothing" in done.output
    assert [line.split(",")[0] for line in table(show).splitlines()] == ["at", "0.50", "2", "# the break", "3.50"]


def test_a_section_is_shifted_and_no_further_than_the_beginning(show: Path, file: str) -> None:
    assert said("shift", file, "0.25s", "--from", "1s", "--to", "2s", "--show", show, "--yes").exit_code == 0
    assert [line.split(",")[0] for line in table(show).splitlines()] == ["at", "0.50", "# the break", "1.50", "2"]
    refused = said("shift", file, "--show", show, "--yes", "--", "-1s")
    assert refused.exit_code == 1
    assert "one would come 0.5 s before the beginning" in refused.output


def test_what_is_not_there_or_no_time_is_said(show: Path, file: str) -> None:
    refused = said("shift", "hits/nope.csv", "1s", "--show", show, "--yes")
    assert (refused.exit_code, f"its tables: {file}" in refused.output) == (1, True), refused.output
    assert said("shift", file, "soon", "--show", show).exit_code == 2
    assert said("export", "hits/nope.csv", "--show", show).exit_code != 0
