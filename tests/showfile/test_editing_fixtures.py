"""Fixtures renamed and replaced: groups and their runs, palettes, light, timelines and rehearsals follow."""

from pathlib import Path

import pytest

from showctl.showfile import load
from showctl.showfile.book import Book
from showctl.showfile.edits import CannotEdit
from showctl.showfile.fixture_edits import rename_fixture, replace_fixture
from showctl.showfile.writers import write
from tests.cli.shows import copy_of_small
from tests.showfile.editing import lines_changed, referring


def test_a_renamed_fixture_is_followed_and_split_out_of_its_runs(tmp_path: Path) -> None:
    folder = referring(tmp_path / "show")
    before = load(folder).show
    change = rename_fixture(Book.open(folder), "par_3", "spare")
    write(change)
    after = load(folder).show

    assert lines_changed(change) == [
        "-pars: par_1 thru 4",
        "+pars: par_1 thru 2, spare, par_4",
        '-1,light,par_3,20,,,"a, b"',
        '+1,light,spare,20,,,"a, b"',
        "-  par_1 thru 4: {type: par_rgbw, mode: 8bit, address: sacn/1.1, zone: room}",
        "+  par_1 thru 2: {type: par_rgbw, mode: 8bit, address: sacn/1.1, zone: room}",
        "+  spare: {type: par_rgbw, mode: 8bit, address: sacn/1.9, zone: room}",
        "+  par_4: {type: par_rgbw, mode: 8bit, address: sacn/1.13, zone: room}",
        "-  - {at: 2s, that: 'main.cue == \"3\" and par_3.intensity > 1'}",
        "+  - {at: 2s, that: 'main.cue == \"3\" and spare.intensity > 1'}",
    ]
    assert change.notes == ()
    assert before is not None
    assert after is not None
    assert after.groups == before.groups
    assert [item.address for item in after.patch.fixtures] == [item.address for item in before.patch.fixtures]


def test_palettes_and_lists_follow_and_quotes_come_where_commas_need_them(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show",
        ("groups.yaml", "heads: [head_1, head_2]", "heads: [head_1, head_2]\nsome: [par_1 thru 3]"),
        ("lists/main.yaml", "light: {pars: out, heads: out}", "light: {pars: out, par_2.red: 5, par_1 thru 3.blue: 4}"),
    )  # fmt: skip
    change = rename_fixture(Book.open(folder), "head_2", "spot")
    assert "+  centre: {head_1: 30deg / 45deg, spot: -30deg / 45deg}" in lines_changed(change)
    assert "+heads: [head_1, spot]" in lines_changed(change)

    change = rename_fixture(Book.open(folder), "par_2", "middle")
    assert '+some: ["par_1, middle, par_3"]' in lines_changed(change)
    assert '+    light: {pars: out, middle.red: 5, "par_1, middle, par_3.blue": 4}' in lines_changed(change)


def test_one_that_hangs_in_a_row_keeps_its_place(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show",
        ("patch.yaml", "address: sacn/1.1, zone: room}", "address: sacn/1.1, at: [0, 4, 0], step: [0.5, 0, 0]}  # row"),
    )  # fmt: skip
    change = rename_fixture(Book.open(folder), "par_1", "first")

    assert [line for line in lines_changed(change) if "type:" in line][1:] == [
        "+  first: {type: par_rgbw, mode: 8bit, address: sacn/1.1, at: [0, 4, 0], step: [0.5, 0, 0]}",
        "+  par_2 thru 4: {type: par_rgbw, mode: 8bit, address: sacn/1.5, at: [0.5, 4, 0], step: [0.5, 0, 0]}  # row",
    ]


def test_a_run_with_words_behind_it_is_refused_with_its_place(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show", ("groups.yaml", "pars_odd: pars odd", "pars_odd: par_1 thru 4 odd"))

    with pytest.raises(CannotEdit, match=r"^groups.yaml:2:11: par_3 stands in a run that other words follow \(odd\)$"):
        rename_fixture(Book.open(folder), "par_3", "spare")


def test_names_that_are_taken_or_missing_are_refused(tmp_path: Path) -> None:
    book = Book.open(copy_of_small(tmp_path / "show"))
    with pytest.raises(CannotEdit, match="heads is the name of a group already"):
        rename_fixture(book, "par_1", "heads")
    with pytest.raises(CannotEdit, match="there is no fixture par_9"):
        rename_fixture(book, "par_9", "x")
    with pytest.raises(CannotEdit, match="BAD_NAME"):
        rename_fixture(book, "head_1", "the head")
    with pytest.raises(CannotEdit, match="there is no fixture spot") as refused:
        replace_fixture(book, "par_1", "spot")
    assert refused.value.hint == "hang it in patch.yaml first; to call par_1 spot: showctl fixture rename par_1 spot"


def test_a_spare_is_found_by_its_new_name(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show", ("patch.yaml", "at: [-2, 4, 3]", "spare: head_2, at: [-2, 4, 3]"))
    write(rename_fixture(Book.open(folder), "head_2", "head_right"))

    loaded = load(folder)
    assert loaded.show is not None
    assert loaded.show.patch.fixture_named["head_1"].spare == "head_right"


def test_a_replaced_fixture_stays_patched_and_does_nothing(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show",
        ("patch.yaml", "  head_1:", "  spare: {type: par_rgbw, mode: 8bit, address: sacn/1.201}   # in the store\n  head_1:"),
    )
    change = replace_fixture(Book.open(folder), "par_1", "spare")
    write(change)

    assert lines_changed(change)[:2] == ["-pars: par_1 thru 4", "+pars: spare, par_2 thru 4"]
    assert {line for line in lines_changed(change) if "never" not in line} >= {"+  - spare.intensity > 75"}
    assert "patch.yaml" not in change.files
    assert change.notes == ("patch.yaml:14:3: par_1 is still patched: take it out when it is down",)
    assert load(folder).errors == ()
