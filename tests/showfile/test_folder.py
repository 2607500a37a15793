"""Files and folders: what is read, and what is not let in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from showctl.showfile import load

BASE = Path(__file__).parent / "base"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "show")
    return tmp_path / "show"


def said(folder: Path) -> list[str]:
    return [str(problem) for problem in load(folder).problems]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert said(tmp_path / "nowhere") == [f".:1:1: error NOT_A_FOLDER {tmp_path}/nowhere does not exist"]


def test_a_file_where_the_folder_should_be() -> None:
    assert said(BASE / "show.yaml") == [f".:1:1: error NOT_A_FOLDER {BASE}/show.yaml is not a folder"]


def test_a_folder_without_a_show(tmp_path: Path) -> None:
    assert said(tmp_path) == ["show.yaml:1:1: error MISSING_FILE there is no file show.yaml"]
    assert load(tmp_path).problems[0].hint == "name the folder that show.yaml is in; `showctl new FOLDER` makes one"


def test_a_show_whose_folder_of_rehearsals_is_gone_is_a_show_all_the_same(folder: Path) -> None:
    shutil.rmtree(folder / "rehearsals")  # as in a copy that keeps no empty folders
    found = load(folder)

    assert [(problem.severity, problem.message) for problem in found.problems] == [("warning", "there is no folder rehearsals/")]
    assert found.show is not None


def test_the_folder_can_be_moved(folder: Path, tmp_path: Path) -> None:
    before = load(folder).show
    folder.rename(tmp_path / "elsewhere")

    assert load(tmp_path / "elsewhere").show == before


def test_a_byte_order_mark_is_let_through(folder: Path) -> None:
    path = folder / "lists/house.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert said(folder) == []


def test_a_file_in_another_encoding_is_told_with_the_letter_from_which_it_is(folder: Path) -> None:
    (folder / "lists/house.yaml").write_bytes("list: house\nlabel: caf\xe9\n".encode("latin-1"))

    assert said(folder)[0] == "lists/house.yaml:2:11: error UNREADABLE from here on this is not UTF-8 text"


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "media.yaml").write_text("bell: {file: bell.wav}\n")
    (folder / "media.yaml").unlink()
    (folder / "media.yaml").symlink_to(tmp_path / "media.yaml")

    assert said(folder) == ["show.yaml:11:8: error OUTSIDE media.yaml leads out of the show folder"]


@pytest.mark.parametrize("name", ["../x.yaml", "/etc/passwd", "lists/../../x.yaml", "~/x.yaml", "lists/main.yaml/../../../x"])
def test_paths_stay_in_the_folder(folder: Path, name: str) -> None:
    top = folder / "show.yaml"
    top.write_text(top.read_text().replace("groups: groups.yaml", f"groups: {name}"))

    assert [problem.code for problem in load(folder).problems] in (["OUTSIDE"], ["MISSING_FILE"])


def test_media_stay_in_the_folder(folder: Path) -> None:
    path = folder / "media.yaml"
    path.write_text(path.read_text().replace("media/bell.wav", "../bell.wav"))

    assert said(folder) == ["media.yaml:2:14: error OUTSIDE ../bell.wav leads out of the show folder"]


def test_a_file_of_nine_megabytes_is_not_read(folder: Path) -> None:
    with (folder / "groups.yaml").open("a") as file:
        file.write("# " + "x" * 9_000_000)

    assert [problem.code for problem in load(folder).problems] == ["TOO_LARGE"]


def test_an_include_brings_its_cues_first(folder: Path) -> None:
    (folder / "lists/act.yaml").write_text("cues:\n  - 0.5: Before\n")
    path = folder / "lists/house.yaml"
    path.write_text(path.read_text().replace("priority: 50", "include: [act.yaml]"))

    show = load(folder).show

    assert show is not None
    assert [(cue.label, cue.place.file) for cue in show.list_named["house"].cues] == [
        ("0.5", "lists/act.yaml"),
        ("1", "lists/house.yaml"),
    ]


def test_an_include_that_includes_itself_is_refused(folder: Path) -> None:
    (folder / "lists/act.yaml").write_text("include: [act.yaml]\ncues: []\n")
    path = folder / "lists/house.yaml"
    path.write_text(path.read_text().replace("priority: 50", "include: [act.yaml]"))

    assert said(folder) == ["lists/act.yaml:1:11: error INCLUDE_CIRCLE act.yaml includes itself"]


def test_sections_may_stand_in_the_show_itself(folder: Path) -> None:
    top = folder / "show.yaml"
    groups = "\n".join("  " + line for line in (folder / "groups.yaml").read_text().splitlines())
    before = load(folder).show
    top.write_text(top.read_text().replace("groups: groups.yaml", "groups:\n" + groups))

    assert load(folder).show == before
