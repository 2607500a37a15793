"""--keep-looks: after a move or a deletion every cue leaves the lights where it left them before."""

from pathlib import Path

import pytest

from showctl.showfile import load
from showctl.showfile.book import Book
from showctl.showfile.cue_edits import delete, find_cue, move
from showctl.showfile.edits import CannotEdit
from showctl.showfile.looks import Look, tracked_looks
from showctl.showfile.writers import write
from tests.cli.shows import copy_of_small
from tests.showfile.editing import lines_changed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_of_small(tmp_path / "show")


def looks(folder: Path) -> dict[str, Look]:
    show = load(folder).show
    assert show is not None
    return {cue.label: dict(look) for cue, look in tracked_looks(show.lists[0])}


def test_a_deleted_cue_leaves_its_words_to_the_next(folder: Path) -> None:
    before = looks(folder)
    book = Book.open(folder)
    change = delete(book, find_cue(book, "1"), keep_looks=True)
    write(change)

    assert "+    light: {pars: 70 ember, heads: full red focus centre}" in lines_changed(change)
    assert change.summary == "main/1 is deleted; looks kept in 2"
    assert looks(folder) == {label: look for label, look in before.items() if label != "1"}


def test_without_it_the_levels_are_gone(folder: Path) -> None:
    before = looks(folder)
    write(delete(Book.open(folder), find_cue(Book.open(folder), "1")))

    assert looks(folder)["2"] != before["2"]


def test_a_moved_cue_keeps_its_look_and_the_others_theirs(folder: Path) -> None:
    before = looks(folder)
    book = Book.open(folder)
    change = move(book, find_cue(book, "4"), find_cue(book, "2"), after=False, keep_looks=True)
    write(change)

    assert "+    light: {pars: out, heads: out red, pars_odd: 3200K}" in lines_changed(change)
    assert looks(folder) == before


def test_what_is_held_too_early_is_given_back(tmp_path: Path) -> None:
    light = "    light:\n      pars: 20 ember  # low\n      heads: out focus centre"
    folder = copy_of_small(
        tmp_path / "show",
        ("lists/main.yaml", "    light: {pars: 20 ember, heads: out focus centre}", light),
        ("lists/main.yaml", "  - 1: Rest", "  - 0: Nothing\n  - 1: Rest"),
    )
    before = looks(folder)
    book = Book.open(folder)
    write(move(book, find_cue(book, "1"), find_cue(book, "0"), after=False, keep_looks=True))

    assert looks(folder) == before
    assert "  - 0: Nothing\n    light: {" in (folder / "lists/main.yaml").read_text()
    assert "release" in (folder / "lists/main.yaml").read_text()


def test_a_cue_with_light_from_a_template_is_refused(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show",
        ("show.yaml", "triggers: triggers.yaml", "triggers: triggers.yaml\ntemplates: {glow: {cue: {light: {pars_odd: 5}}}}"),
        ("lists/main.yaml", "  - 2: Rise\n", "  - 1.5: Glow\n    use: glow\n  - 2: Rise\n"),
    )
    book = Book.open(folder)

    with pytest.raises(CannotEdit, match=r"lists/main.yaml:10:5: the light of 1.5 comes from a template"):
        delete(book, find_cue(book, "1"), keep_looks=True)
    assert delete(book, find_cue(book, "1")).files


def test_every_deletion_and_move_keeps_all_looks(tmp_path: Path) -> None:
    for n, (label, anchor) in enumerate([("1", "4"), ("2", "1"), ("3", "1"), ("3", "4"), ("4", "1"), ("4", "3")]):
        folder = copy_of_small(tmp_path / f"show_{n}")
        before = looks(folder)
        book = Book.open(folder)
        write(move(book, find_cue(book, label), find_cue(book, anchor), after=n % 2 == 0, keep_looks=True))
        assert looks(folder) == before
