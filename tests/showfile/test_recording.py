"""What is seen is kept: the cue leaves the lights so, in words of the show, and other entries stay as they were written."""

from pathlib import Path

import pytest

from showctl.show.cues import CueRef
from showctl.show.levels import from_percent
from showctl.showfile.book import Book
from showctl.showfile.edits import CannotEdit
from showctl.showfile.recording import Seen, record_cue, record_look
from tests.showfile.editing import lines_changed
from tests.showfile.test_editing_fields import book, cue

__all__ = ["book"]


def seen(**levels: float) -> Seen:
    """``par_1__red=50``: half."""
    return {
        (name.partition("__")[0], -1, name.partition("__")[2]): from_percent(level) for name, level in levels.items()
    }  # fmt: skip


def test_a_level_that_was_changed_by_hand_is_recorded_into_the_cue_behind_what_it_says(book: Book) -> None:
    change = record_cue(book, cue("1"), seen(par_1__intensity=35))
    assert lines_changed(change) == [
        "-    light: {pars: 50 red, par_1: 20}",
        "+    light: {pars: 50 red, par_1.intensity: 35}",
    ]
    assert change.summary == "main/1 leaves par_1 as seen"


def test_what_tracks_in_unchanged_is_not_written_again(book: Book) -> None:
    change = record_cue(book, cue("4"), seen(par_1__intensity=80, par_2__intensity=0))
    assert [line for line in lines_changed(change) if line.startswith("+")] == ["+    light: {par_1.intensity: 80}"]


def test_what_is_so_already_changes_nothing(book: Book) -> None:
    assert record_cue(book, cue("1"), seen(par_1__intensity=20)).files == {}


def test_a_look_is_made_and_made_anew(book: Book) -> None:
    levels = seen(par_1__intensity=35, par_2__intensity=35)
    change = record_look(book, "dusk", levels)
    assert lines_changed(change) == ["+  dusk: {par_1.intensity: 35, par_2.intensity: 35}"]
    change = record_look(book, "rest", levels)
    assert lines_changed(change)[1] == "+  rest: {par_1.intensity: 35, par_2.intensity: 35}"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda book: record_look(book, "two words", seen(par_1__intensity=1)), "cannot be the name of a look"),
        (lambda book: record_look(book, "dusk", seen(nobody__intensity=1)), "the folder has no nobody.intensity"),
        (lambda book: record_look(book, "dusk", {}), "no light is chosen"),
        (lambda book: record_cue(book, cue("2"), seen(pars__intensity=1)), "the folder has no pars"),
        (lambda book: record_cue(book, CueRef("main", "2"), seen(par_3__red=1)), "there are comments between these levels"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_the_way_out(book: Book, make: object, why: str) -> None:
    with pytest.raises(CannotEdit, match=why):
        make(book)  # type: ignore[operator]


def test_the_files_are_not_touched_by_any_of_this(book: Book, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    record_cue(book, cue("1"), seen(par_1__intensity=35))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
