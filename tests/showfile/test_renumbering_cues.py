"""Cues renumbered: whatever means one follows, byte for byte, and what cannot follow is refused or pointed at."""

import shutil
from pathlib import Path

import pytest

from showctl.showfile import load
from showctl.showfile.cue_edits import new_numbers, renumber
from showctl.showfile.edits import CannotEdit
from showctl.showfile.writers import write
from tests.cli.shows import copy_of_small
from tests.showfile.editing import DREAM, Book, comments, files_of, lines_changed, referring

TOUCHED = """{when: main.cue == "3", only_if: 'side.cue == "3"', do: [{start: 3}, {stop: cue side/3}]}   # 3 means main/3"""
OTHER = ('main.cue == "3"', 'main.cue == "30"')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return referring(tmp_path / "show")


def test_a_renumbered_cue_is_followed_everywhere(folder: Path) -> None:
    change = renumber(Book.open(folder), "main", {"3": "30"})

    assert lines_changed(change) == [
        "-  - 3: Bell",
        "+  - 30: Bell",
        '-    start: [main/2, "main/3"]',
        '+    start: [main/2, "main/30"]',
        "-    standby: main/3",
        '-    next: {within: 2s, when: [{if: main.cue == "3" and "2" != main.standby, go: 2}], else: main/1}',
        "+    standby: main/30",
        '+    next: {within: 2s, when: [{if: main.cue == "30" and "2" != main.standby, go: 2}], else: main/1}',
        "-    with: {to: main/3, n: 3}",
        "+    with: {to: main/30, n: 3}",
        '-      main.cue == "3"',
        '+      main.cue == "30"',
        "-  - {of: main/3, after: 4s, go: main}",
        "+  - {of: main/30, after: 4s, go: main}",
        '-  - {of: main/3, within: 2s, that: sound.clip == "bell"}',
        '+  - {of: main/30, within: 2s, that: sound.clip == "bell"}',
        "-  - {at: 1s, go: main/3}",
        "-  - {of: main/3, after: 1s, locate: main/2}",
        '-  - {at: 5s, standby: "3"}',
        "+  - {at: 1s, go: main/30}",
        "+  - {of: main/30, after: 1s, locate: main/2}",
        '+  - {at: 5s, standby: "30"}',
        "-  - {at: 2s, that: 'main.cue == \"3\" and par_3.intensity > 1'}",
        "+  - {at: 2s, that: 'main.cue == \"30\" and par_3.intensity > 1'}",
        "-doors: {at: 09:30, do: {go: main/3}}",
        "+doors: {at: 09:30, do: {go: main/30}}",
        f"-  touched: {TOUCHED}",
        f"+  touched: {TOUCHED.replace(*OTHER).replace('start: 3', 'start: 30')}",
    ]
    assert change.notes == ("lists/main.yaml:21:5: warning DESCENDING_LABEL 4 stands after 30",)


def test_a_label_in_a_cell_of_a_timeline_is_followed(folder: Path) -> None:
    change = renumber(Book.open(folder), "side", {"3": "33"})

    assert "-0,lit,pars,3,1,," in lines_changed(change)
    assert "+0,lit,pars,33,1,," in lines_changed(change)
    assert '+  touched: {when: main.cue == "3", only_if: \'side.cue == "33"\'' in change.text_diff()


def test_two_cues_can_change_labels(folder: Path) -> None:
    before = load(folder)
    write(renumber(Book.open(folder), "main", {"2": "3", "3": "2"}))

    now = Book.open(folder)
    assert [(cue.label, cue.name) for cue in now.show.lists[0].cues] == [
        ("1", "Rest"),
        ("3", "Rise"),
        ("2", "Bell"),
        ("4", "Out"),
    ]
    write(renumber(now, "main", {"2": "3", "3": "2"}))
    assert load(folder) == before


def test_there_and_back_is_the_same_bytes(folder: Path) -> None:
    before = files_of(folder)
    for list_ in ("main", "side"):
        book = Book.open(folder)
        there = new_numbers(book, list_, "100", "2.5")
        write(renumber(book, list_, there))
        write(renumber(Book.open(folder), list_, {new: old for old, new in there.items()}))

    assert files_of(folder) == before


def test_numbers_are_counted_as_they_are_written(folder: Path) -> None:
    book = Book.open(folder)

    assert new_numbers(book, "main", "10", "0.5") == {"1": "10", "2": "10.5", "3": "11.0", "4": "11.5"}
    assert new_numbers(book, "main", "1.50", "1") == {"1": "1.50", "2": "2.50", "3": "3.50", "4": "4.50"}
    for start, step in (("x", "1"), ("1", "0"), ("-1", "1"), ("NaN", "1")):
        with pytest.raises(CannotEdit):
            new_numbers(book, "main", start, step)


def test_cues_called_by_a_word_keep_it(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show", ("lists/main.yaml", "- 1: Rest", "- walk_in: Rest"))

    assert new_numbers(Book.open(folder), "main", "10", "10") == {"2": "10", "3": "20", "4": "30"}


def test_members_of_a_group_follow_their_cue(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show",
        ("lists/main.yaml", "    set: {show.done: yes}\n", "    set: {show.done: yes}\n"
         "  - 5: Group\n    all: [{light: {pars: 1}}, {light: {heads: 1}}]\n  - 6: Stop\n    stop: cue 5:2\n"),
    )  # fmt: skip

    assert "+    stop: cue 50:2" in lines_changed(renumber(Book.open(folder), "main", {"5": "50"}))


def test_a_template_that_means_two_cues_is_refused_with_its_place(folder: Path) -> None:
    path = folder / "templates.yaml"
    path.write_text(path.read_text() + "again: {cue: {start: 3}}\n")
    for name in ("main", "side"):
        path = folder / f"lists/{name}.yaml"
        path.write_text(path.read_text() + "  - 9: Again\n    use: again\n")

    with pytest.raises(CannotEdit, match=r"^templates.yaml:5:22: 3 means main/3 and side/3 here, and only one of them changes$"):
        renumber(Book.open(folder), "main", {"3": "30"})


def test_an_argument_that_is_more_than_a_label_is_refused(folder: Path) -> None:
    path = folder / "templates.yaml"
    path.write_text(
        path.read_text().replace('{jump: "{to}", wait: "{n}"}', '{jump: "main/{n}", wait: "{n}"}').replace("to: cue, ", "")
    )
    path = folder / "lists/side.yaml"
    path.write_text(path.read_text().replace("{to: main/3, n: 3}", "{n: 3}"))

    with pytest.raises(CannotEdit, match=r"^renumbering would change more than labels: cue side/2$"):
        renumber(Book.open(folder), "main", {"3": "30"})


def test_what_an_alias_repeats_is_refused_with_the_way_out(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show",
        ("triggers.yaml", "  show.done: {type: truth, initial: no}",
         "  show.done: {type: truth, initial: no}\ntriggers:\n"
         "  one: {when: show.done, do: &act {start: 3}}\n  two: {when: not show.done, do: *act}"),
    )  # fmt: skip

    with pytest.raises(CannotEdit, match=r"^triggers.yaml:4:43: this stands for every \*act as well$") as refused:
        renumber(Book.open(folder), "main", {"3": "30"})
    assert refused.value.hint == "write it out at the alias"


def test_what_cannot_be_followed_is_pointed_at(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show",
        ("triggers.yaml", "  show.done: {type: truth, initial: no}",
         '  show.done: {type: truth, initial: no}\n  show.last: {type: text, initial: ""}\ntriggers:\n'
         "  keep: {when: main.cue != show.last, do: {set: {show.last: main.cue}}}"),
    )  # fmt: skip
    change = renumber(Book.open(folder), "main", {"4": "40"})

    assert [note.partition(": ")[0] for note in change.notes] == ["triggers.yaml:5:16", "triggers.yaml:5:61"]


@pytest.mark.parametrize("label", ["3", "a/b", "", " 5", 'say "x"', "x" * 41])
def test_labels_that_are_taken_or_wrong_are_refused(folder: Path, label: str) -> None:
    with pytest.raises(CannotEdit):
        renumber(Book.open(folder), "main", {"2": label})


def test_a_label_that_reads_as_the_same_number_is_refused_by_the_loader(folder: Path) -> None:
    with pytest.raises(CannotEdit, match="TWIN_LABEL"):
        renumber(Book.open(folder), "main", {"2": "3.0"})


@pytest.mark.slow
def test_the_dream_renumbered_passes_its_check(tmp_path: Path) -> None:
    folder = tmp_path / "dream"
    shutil.copytree(DREAM, folder)
    before, said = files_of(folder), comments(folder)
    back = {}
    for list_ in ("main", "answers"):
        book = Book.open(folder)
        there = new_numbers(book, list_, "2000", "10")
        back[list_] = {new: old for old, new in there.items()}
        write(renumber(book, list_, there))
    after = load(folder)

    assert (after.problems, len(after.rehearsals), comments(folder)) == ((), len(load(DREAM).rehearsals), said)
    changed = {name for name, words in files_of(folder).items() if words != before[name]}
    assert {"triggers.yaml", "rehearsals/they_go_on.yaml", "lists/main/07_the_choice.yaml", "lists/answers.yaml"} <= changed
    for list_, labels in back.items():
        write(renumber(Book.open(folder), list_, labels))
    assert files_of(folder) == before
