"""A cue's own words changed: exactly the lines that are meant, in the style in which they were written."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.show.cues import CueRef
from showctl.showfile.book import Book
from showctl.showfile.edits import CannotEdit
from showctl.showfile.field_edits import fields_of, insert, set_field, text_of
from tests.showfile.editing import DREAM, lines_changed

LIST = """\
list: main
cues:
  # the first of all
  - 1: Warm up   # slowly
    notes: "Say: go"
    light: {pars: 50 red, par_1: 20}
    time: 3s
  - 2: Cold
    light:
      pars: 10 blue     # not less
      par_2: out
  - {3: Braces, light: {pars: out}, time: 1s}
  - 4: Alone
"""


@pytest.fixture
def book(tmp_path: Path) -> Book:
    from tests.cli.shows import copy_of_small

    folder = copy_of_small(tmp_path / "show")
    (folder / "lists" / "main.yaml").write_text(LIST)
    for file in ("triggers.yaml", "rehearsals"):
        path = folder / file
        for part in path.glob("*.yaml") if path.is_dir() else ():
            part.unlink()
    return Book.open(folder)


def cue(label: str) -> CueRef:
    return CueRef("main", label)


def test_fields_are_told_as_they_are_written(book: Book) -> None:
    told = fields_of(book, cue("1"))
    assert {key: value for key, value in told.items() if value} == {
        "name": "Warm up", "notes": "Say: go", "light": "pars: 50 red\npar_1: 20", "time": "3s",
    }  # fmt: skip
    assert fields_of(book, cue("2"))["light"] == "pars: 10 blue\npar_2: out"
    assert text_of(book, cue("1")).startswith("  # the first of all\n  - 1: Warm up   # slowly\n")


@pytest.mark.parametrize(
    ("label", "key", "words", "lines"),
    [
        ("1", "name", "Warmer", ["-  - 1: Warm up   # slowly", "+  - 1: Warmer   # slowly"]),
        ("1", "notes", "Say: gone", ['-    notes: "Say: go"', '+    notes: "Say: gone"']),
        ("1", "time", "4s / 8s", ["-    time: 3s", "+    time: 4s / 8s"]),
        ("1", "notes", "", ['-    notes: "Say: go"']),
        ("1", "wait", "2s", ["+    wait: 2s"]),
        ("1", "light", "pars: 60 red", ["-    light: {pars: 50 red, par_1: 20}", "+    light: {pars: 60 red}"]),
        ("4", "notes", "never: mind", ['+    notes: "never: mind"']),
        ("4", "light", "pars: 1\npar_1: 2", ["+    light:", "+      pars: 1", "+      par_1: 2"]),
        ("4", "light", "pars: 1", ["+    light: {pars: 1}"]),
        (
            "3", "time", "2s",
            ["-  - {3: Braces, light: {pars: out}, time: 1s}",
             "+  - {3: Braces, light: {pars: out}, time: 2s}"],
        ),
        (
            "3", "time", "",
            ["-  - {3: Braces, light: {pars: out}, time: 1s}", "+  - {3: Braces, light: {pars: out}}"],
        ),
        (
            "3", "light", "",
            ["-  - {3: Braces, light: {pars: out}, time: 1s}", "+  - {3: Braces, time: 1s}"],
        ),
        (
            "3", "notes", "a, b",
            ["-  - {3: Braces, light: {pars: out}, time: 1s}",
             '+  - {3: Braces, light: {pars: out}, time: 1s, notes: "a, b"}'],
        ),
    ],
)  # fmt: skip
def test_a_field_is_changed_in_its_place_and_nothing_else(book: Book, label: str, key: str, words: str, lines: list[str]) -> None:
    assert lines_changed(set_field(book, cue(label), key, words)) == lines


@pytest.mark.parametrize(
    ("label", "key", "words", "why"),
    [
        ("1", "time", "soon", "the show would not load any more"),
        ("1", "notes", "two\nlines", "notes is a line of text"),
        ("1", "light", "pars 50", "line 1 of light is no level: pars 50"),
        ("1", "light", "pars: 50, par_1: 20", "line 1 of light is no level"),
        ("1", "light", "nobody: 50", "the show would not load any more"),
        ("2", "light", "pars: 1", "there are comments between these levels"),
        ("1", "label", "7", "label is not edited here"),
    ],
)
def test_what_would_lose_something_or_not_load_is_refused(book: Book, label: str, key: str, words: str, why: str) -> None:
    with pytest.raises(CannotEdit, match=why):
        set_field(book, cue(label), key, words)


def test_a_cue_is_put_between_two_others(book: Book) -> None:
    assert lines_changed(insert(book, cue("1"), "1.5", "Between")) == ["+  - 1.5: Between"]
    assert lines_changed(insert(book, cue("1"), "0.5", "", after=False)) == ["+  - 0.5:"]
    with pytest.raises(CannotEdit, match="main has a cue 2 already"):
        insert(book, cue("1"), "2", "Twice")


@pytest.fixture(scope="module")
def dream() -> Book:
    return Book.open(DREAM)


@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_in_the_whole_bundled_show_a_note_changes_nothing_but_its_line(dream: Book, data: st.DataObject) -> None:
    trees = list(dream.trees["main"].cues)
    label = str(data.draw(st.sampled_from(trees))["label"])  # type: ignore[index]
    words = data.draw(st.text("abc :#'\"{}[],&*-客人", min_size=1, max_size=30).map(str.strip).filter(bool))
    before = fields_of(dream, CueRef("main", label))
    try:
        change = set_field(dream, CueRef("main", label), "notes", words)
    except CannotEdit as why:
        refused = str(why)
        changed = []
    else:
        refused, changed = "", lines_changed(change)
    assert not refused or "more than a line" in refused or "template" in refused
    assert len([line for line in changed if line.startswith("-")]) <= max(1, before["notes"].count(" "))
    assert all("notes" in line for line in changed if line.startswith("+"))
