"""Cues moved, copied, deleted, renamed: exact differences, byte for byte, and nothing said that is not kept."""

import copy as copying
import random
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.show.cues import CueRef
from showctl.show.places import Place
from showctl.showfile import load
from showctl.showfile.cue_blocks import Blocks, blocks_of
from showctl.showfile.cue_edits import copy, delete, move, new_numbers, rename, renumber
from showctl.showfile.cue_places import blocks_of_list
from showctl.showfile.edits import CannotEdit, Source
from showctl.showfile.writers import write
from tests.cli.shows import copy_of_small
from tests.showfile.editing import DREAM, Book, comments, files_of, find_cue, lines_changed, referring


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return referring(tmp_path / "show")


def test_a_cue_takes_its_lines_along(folder: Path) -> None:
    change = move(Book.open(folder), *_refs(folder, "main/2", "main/3"), after=True)

    path = "lists/main.yaml"
    old, new = (text.decode() for text in change.files[path])
    rise, bell = old[old.index("  - 2:") : old.index("  - 3:")], old[old.index("  - 3:") : old.index("  - 4:")]
    assert list(change.files) == [path]
    assert new == old.replace(rise + bell, bell + rise)


def test_moved_there_and_back_is_the_same_bytes(folder: Path) -> None:
    before = files_of(folder)
    write(move(Book.open(folder), *_refs(folder, "side/1", "side/4"), after=True))
    assert files_of(folder) != before
    write(move(Book.open(folder), *_refs(folder, "side/1", "side/2"), after=False))

    assert files_of(folder) == before


def test_a_cue_moves_to_another_file_of_its_list(tmp_path: Path) -> None:
    folder = tmp_path / "dream"
    shutil.copytree(DREAM, folder)
    before = files_of(folder)
    write(move(Book.open(folder), *_refs(folder, "main/106", "main/202"), after=False))
    labels = [cue.label for cue in Book.open(folder).show.list_named["main"].cues]
    assert labels[4:8] == ["105", "201", "106", "202"]
    write(move(Book.open(folder), *_refs(folder, "main/106", "main/105"), after=True))

    assert files_of(folder) == before


def test_a_copy_has_its_own_label_and_stands_behind(folder: Path) -> None:
    change = copy(Book.open(folder), find_cue(Book.open(folder), "main/4"), "4.5", None)

    assert lines_changed(change) == [
        "+  - 4.5: Out",
        "+    light: {pars: out, heads: out}",
        "+    time: 3s",
        "+    stop: [sway over 1s, rumble over 3s]",
        "+    set: {show.done: yes}",
    ]


def test_a_copy_into_another_list(folder: Path) -> None:
    book = Book.open(folder)
    change = copy(book, find_cue(book, "main/1"), "0.5", find_cue(book, "side/1"), after=False)

    assert list(change.files) == ["lists/side.yaml"]
    assert "  # one that starts others\n  - 1: Starts" in change.files["lists/side.yaml"][1].decode()
    write(change)
    assert [cue.label for cue in Book.open(folder).show.list_named["side"].cues] == ["0.5", "1", "2", "3", "4"]


def test_a_label_is_found_behind_its_dash_and_nowhere_else(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show", ("lists/main.yaml", "  - 4: Out", "  # 4 is the last - 4: so it is\n  - 4: Out"))
    change = copy(Book.open(folder), find_cue(Book.open(folder), "4"), "5", None)

    assert lines_changed(change)[:2] == ["+  # 4 is the last - 4: so it is", "+  - 5: Out"]


def test_a_cue_that_is_referred_to_stays(folder: Path) -> None:
    book = Book.open(folder)
    with pytest.raises(CannotEdit) as refused:
        delete(book, find_cue(book, "main/1"))

    assert str(refused.value) == "main/1 is still referred to:\n  lists/side.yaml:9:97: main/1"
    with pytest.raises(CannotEdit, match=r"(?s)rehearsals/evening.yaml:13:35: main/4"):
        delete(book, find_cue(book, "main/4"))


def test_a_deleted_cue_takes_its_own_references_with_it(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show", ("lists/main.yaml", "    time: 2s\n", '    time: 2s\n    wait_for: main.cue == "1"\n')
    )
    write(delete(Book.open(folder), find_cue(Book.open(folder), "1")))

    assert [cue.label for cue in Book.open(folder).show.lists[0].cues] == ["2", "3", "4"]


def test_a_change_that_breaks_the_show_is_refused(folder: Path) -> None:
    book = Book.open(folder)
    with pytest.raises(CannotEdit, match=r"main has a cue 2 already"):
        copy(book, find_cue(book, "main/4"), "2", None)
    with pytest.raises(CannotEdit, match="different lists"):
        move(book, *_refs(folder, "main/1", "side/1"), after=True)
    with pytest.raises(CannotEdit, match="is a member of a group"):
        delete(book, find_cue(book, "side/4:1"))
    with pytest.raises(CannotEdit, match="there is no cue 77 in main"):
        find_cue(book, "77")


def test_a_show_that_does_not_load_is_not_edited(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show", ("lists/main.yaml", "time: 2s", "time: two"))

    with pytest.raises(CannotEdit, match=r"the show does not load: lists/main.yaml:9:11: error BAD_TIME"):
        Book.open(folder)


@pytest.mark.parametrize(
    ("line", "name", "made"),
    [
        ("- 3: Bell", "Great bell", "- 3: Great bell"),
        ("- 3: Bell", "Bell: the second", '- 3: "Bell: the second"'),
        ("- 3: 'Bell'", "It's 钟", "- 3: 'It''s 钟'"),
        ("- 3: # no name yet", "Bell", "- 3: Bell # no name yet"),
        ("- 3:   Bell   # rung", "no", "- 3:   no   # rung"),
    ],
)
def test_a_name_is_written_as_yaml_needs_it(tmp_path: Path, line: str, name: str, made: str) -> None:
    folder = copy_of_small(tmp_path / "show", ("lists/main.yaml", "- 3: Bell", line))
    change = rename(Book.open(folder), find_cue(Book.open(folder), "3"), name)
    write(change)

    assert lines_changed(change) == [f"-  {line}", f"+  {made}"]
    assert Book.open(folder).show.lists[0].cues[2].name == name


def test_files_of_other_systems_keep_their_line_ends(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show")
    path = folder / "lists/main.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n").rstrip())
    before = files_of(folder)
    write(move(Book.open(folder), *_refs(folder, "1", "4"), after=True))
    moved = path.read_bytes()
    assert moved.count(b"\n") == moved.count(b"\r\n")
    assert moved.startswith(b"\xef\xbb\xbflist")
    assert moved.endswith(b"time: 2s")
    write(move(Book.open(folder), *_refs(folder, "1", "2"), after=False))

    assert files_of(folder) == before


def test_cues_in_brackets_are_refused_with_the_way_out(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show")
    path = folder / "lists/main.yaml"
    words = path.read_text()
    path.write_text(words[: words.index("cues:")] + "cues: [{1: a, light: {pars: 1}}, {2: b}, {3: c}, {4: d, effect: "
                    "{over: heads, parameter: pan, wave: sine, size: 1deg, rate: 1s, as: sway}}]\n")  # fmt: skip

    with pytest.raises(CannotEdit, match=r"lists/main.yaml:6:8: this cue does not stand on lines of its own"):
        move(Book.open(folder), *_refs(folder, "1", "2"), after=True)
    assert "{30: c}" in renumber(Book.open(folder), "main", {"3": "30", "4": "40"}).text_diff()


# --- blocks -----------------------------------------------------------------------------------------------------------


def test_every_cue_of_the_dream_moves_anywhere_and_back() -> None:
    book = Book.open(DREAM)
    for list_ in book.trees:
        for file, blocks in blocks_of_list(book, list_).items():
            assert blocks.text() == book.text(file)
            labels = [block.label for block in blocks.blocks]
            for label in labels:
                for anchor in random.Random(label).sample(labels, min(len(labels), 6)):
                    if anchor != label:
                        _there_and_back(blocks, label, anchor)


NOTES = "    notes: |\n      text\n\n      more"
CUE = st.tuples(
    st.lists(st.sampled_from(["# lead", "# another"]), max_size=2),
    st.lists(st.sampled_from(["    light: {a: 1}  # why", "    # inner", NOTES, "    time: 3s"]), max_size=3),
    st.sampled_from(["", "\n", "\n\n", "\n  # --- scene ---\n", "\n  # --- scene\n  # about it\n\n"]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(CUE, min_size=2, max_size=6), st.sampled_from(["", "\n", "\n# end\n"]), st.data())
def test_moves_lose_no_line_and_can_be_undone(
    cues: list[tuple[list[str], list[str], str]], tail: str, data: st.DataObject
) -> None:
    text = "list: x\ncues:\n"
    places = []
    for n, (lead, body, gap) in enumerate(cues):
        text += "".join(f"  {line}\n" for line in lead)
        places.append(text.count("\n") + 1)
        text += "".join(f"{line}\n" for line in (f"  - {n}: Cue", *body)) + (gap if n < len(cues) - 1 else tail)
    source = Source("x.yaml", text)
    blocks = blocks_of(source, [(str(n), _place(line)) for n, line in enumerate(places)])
    assert blocks.text() == text
    label, anchor = data.draw(st.permutations([str(n) for n in range(len(cues))]))[:2]

    _there_and_back(blocks, label, anchor)


def _there_and_back(blocks: Blocks, label: str, anchor: str) -> None:
    """Back to where it stood: behind the one before it, where a heading follows; else before the one that follows."""
    whole = blocks.text()
    n = blocks.index(label)
    heading_after = bool(blocks.blocks[n].gap.strip()) or n == len(blocks.blocks) - 1
    heading_before = n > 0 and bool(blocks.blocks[n - 1].gap.strip())
    for after in (False, True):
        moved = copying.deepcopy(blocks)
        moved.put(moved.take(label), anchor, after)
        lines = [line for line in moved.text().splitlines() if line.strip()]
        assert sorted(lines) == sorted(line for line in whole.splitlines() if line.strip())
        if heading_after and (heading_before or n == 0):
            continue  # a cue alone under its heading leaves two headings in a row behind
        if heading_after:
            moved.put(moved.take(label), blocks.blocks[n - 1].label, True)
        else:
            moved.put(moved.take(label), blocks.blocks[n + 1].label, False)
        assert moved.text() == whole


def _place(line: int) -> Place:
    return Place("x.yaml", line, 5)


def _refs(folder: Path, one: str, other: str) -> tuple[CueRef, CueRef]:
    book = Book.open(folder)
    return find_cue(book, one), find_cue(book, other)


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_lose_no_comment_and_always_load(tmp_path: Path, seed: int) -> None:
    folder = referring(tmp_path / "show")
    path = folder / "lists/main.yaml"
    for n, words in enumerate(["Rise", "Bell", "Out"]):
        line = f"  - {n + 2}: {words}"
        path.write_text(path.read_text().replace(line, f"\n  # about {words}\n{line}  # here\n    # inside {words}"))
    chance, refused = random.Random(seed), 0
    for n in range(8):
        book, said = Book.open(folder), comments(folder)
        one, other = (chance.choice([cue.ref for cue in book.show.list_named["main"].cues]) for _ in range(2))
        try:
            match chance.randrange(4):
                case 0:
                    change = move(book, one, other, after=chance.random() < 0.5, keep_looks=chance.random() < 0.5)
                case 1:
                    change = renumber(book, "main", {one.label: f"{seed}{n}9.{n}1"})
                case 2:
                    change = renumber(book, "main", new_numbers(book, "main", str(chance.randrange(1, 90)), "2"))
                case _:
                    change = rename(book, one, chance.choice(["plain", "with: colon", "a & b", "'quoted'", "火"]))
        except CannotEdit:
            refused += 1
            continue
        write(change)
        assert load(folder).errors == ()
        assert comments(folder) == said
    assert refused < 6
