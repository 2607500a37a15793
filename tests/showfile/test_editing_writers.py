"""Writing a change: all files or none, whatever the instant at which the power goes; backups; one editor at a time."""

import fcntl
import json
from pathlib import Path

import pytest

from showctl.showfile import load
from showctl.showfile.book import Book, Change
from showctl.showfile.cue_edits import renumber
from showctl.showfile.edits import CannotEdit
from showctl.showfile.writers import KEPT_BACKUPS, Disk, finish, write
from tests.showfile.editing import files_of, referring


class PowerCut(BaseException):
    """Nothing after this happens."""


class DiskThatDies(Disk):
    """The real one, until the ``last``-th thing asked of it: that is not done, or (``half``) done by half."""

    def __init__(self, last: int, half: bool) -> None:
        self.left, self.half = last, half

    def _dies(self) -> bool:
        self.left -= 1
        if self.left == 0 and not self.half:
            raise PowerCut
        return self.left == 0

    def write(self, path: Path, content: bytes, mode: int) -> None:
        if self._dies():
            path.write_bytes(content[: len(content) // 2])
            raise PowerCut
        super().write(path, content, mode)

    def rename(self, old: Path, new: Path) -> None:
        if self._dies():
            super().rename(old, new)
            raise PowerCut
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        if self._dies():
            super().remove(path)
            raise PowerCut
        super().remove(path)

    def make_folder(self, path: Path) -> None:
        dies = self._dies()
        super().make_folder(path)
        if dies:
            raise PowerCut

    def sync_folder(self, path: Path) -> None:
        if self._dies():
            raise PowerCut
        super().sync_folder(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return referring(tmp_path / "show")


def change_of(folder: Path) -> Change:
    """A change of six files."""
    change = renumber(Book.open(folder), "main", {"3": "30"})
    assert len(change.files) == 6
    return change


@pytest.mark.parametrize("half", [False, True])
def test_a_power_cut_at_any_step_leaves_all_old_or_all_new(folder: Path, half: bool) -> None:
    old = files_of(folder)
    change = change_of(folder)
    new = old | {file: words for file, (_, words) in change.files.items()}
    steps = ends_old = 0
    while True:
        steps += 1
        try:
            write(change, DiskThatDies(steps, half))
        except PowerCut:
            now = {name: words for name, words in files_of(folder).items() if name in old}
            assert now.keys() == old.keys()
            assert all(words in (old[name], new[name]) for name, words in now.items()), "never half a file"
            finish(folder)
            assert files_of(folder) in (old, new)
            ends_old += files_of(folder) == old
            write(
                Change(folder, {name: (words, old[name]) for name, words in files_of(folder).items() if words != old[name]}, "")
            )
            assert files_of(folder) == old
        else:
            break

    assert files_of(folder) == new
    assert steps > 30
    assert 0 < ends_old < steps - 1, "some cuts come before the decision, and some after it"


def test_the_next_command_finishes_what_was_cut_off(folder: Path) -> None:
    change = change_of(folder)

    class NoRename(Disk):
        def rename(self, old: Path, new: Path) -> None:
            if new.suffix == ".csv" or new.name in change.files or new.parent.name == "lists":
                raise PowerCut
            super().rename(old, new)

    with pytest.raises(PowerCut):
        write(change, NoRename())
    assert json.loads((folder / ".showctl/change.json").read_text())["files"]

    assert finish(folder) == tuple(sorted(change.files))
    assert load(folder).errors == ()
    assert not (folder / ".showctl/change.json").exists()
    assert finish(folder) == ()


def test_a_file_that_somebody_saved_meanwhile_is_not_overwritten(folder: Path) -> None:
    change = change_of(folder)
    path = folder / "schedule.yaml"
    path.write_text(path.read_text() + "# mine\n")
    before = files_of(folder)

    with pytest.raises(CannotEdit, match=r"^schedule.yaml has changed meanwhile$"):
        write(change)
    assert files_of(folder) == before


def test_one_command_edits_at_a_time(folder: Path) -> None:
    change = change_of(folder)
    (folder / ".showctl").mkdir()
    with (folder / ".showctl/lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CannotEdit, match="another command is editing this folder"):
            write(change)
    write(change)


def test_replaced_files_are_kept_and_the_oldest_forgotten(folder: Path) -> None:
    first = files_of(folder)
    labels = ["3", *(f"3{n}" for n in range(KEPT_BACKUPS + 3))]
    for n in range(KEPT_BACKUPS + 3):
        path = folder / "lists/main.yaml"
        old = path.read_bytes()
        backup = write(Change(folder, {"lists/main.yaml": (old, old + f"# {labels[n]}\n".encode())}, ""))
        assert backup is not None
        assert (backup / "lists/main.yaml").read_bytes() == old
        if n == 0:
            assert old == first["lists/main.yaml"]

    kept = sorted(path.name for path in (folder / ".showctl/backup").iterdir())
    assert (len(kept), kept[-1]) == (KEPT_BACKUPS, f"{KEPT_BACKUPS + 3:06}")
    assert (folder / ".showctl/.gitignore").read_text() == "*\n"


def test_rights_and_links_stay_as_they_are(folder: Path) -> None:
    path = folder / "schedule.yaml"
    path.rename(folder / "by_hand.yaml")
    path.symlink_to("by_hand.yaml")
    (folder / "by_hand.yaml").chmod(0o640)
    write(change_of(folder))

    assert path.is_symlink()
    assert "main/30" in (folder / "by_hand.yaml").read_text()
    assert (folder / "by_hand.yaml").stat().st_mode & 0o777 == 0o640


def test_a_decision_that_leads_out_of_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("safe\n")
    (folder / ".showctl").mkdir()
    (folder / "x").write_text("evil\n")
    (folder / ".showctl/change.json").write_text(json.dumps({"files": [{"new": "x", "file": "../other.yaml", "sha256": ""}]}))

    assert finish(folder) == ()
    assert (tmp_path / "other.yaml").read_text() == "safe\n"
