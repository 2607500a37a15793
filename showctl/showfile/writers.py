"""Changes written: all of a change's files or none, and at any instant each file is the old one or the new one.

The order is the safety. Backups first; then every new text under a temporary name beside its file, synced and read back; then
one small file, ``.showctl/change.json``, that says which temporary name becomes which file: from its rename on, the change is
decided. Then the renames, and that file goes. Killed before the decision, the folder is what it was; killed after it, ``finish``
(which every editing command calls first) makes the rest of the renames. The last twenty backups stay in ``.showctl/backup``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from showctl.showfile.book import HIDDEN, Change
from showctl.showfile.edits import CannotEdit

KEPT_BACKUPS: Final = 20
PENDING: Final = "change.json"
_NEW: Final = ".showctl-new"


class Files(Protocol):
    """The few things that writing asks of a file system, each of which may be the last before the power goes."""

    def read(self, path: Path) -> bytes: ...
    def write(self, path: Path, content: bytes, mode: int) -> None: ...
    def rename(self, old: Path, new: Path) -> None: ...
    def remove(self, path: Path) -> None: ...
    def make_folder(self, path: Path) -> None: ...
    def sync_folder(self, path: Path) -> None: ...


class Disk:
    """The real file system."""

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def write(self, path: Path, content: bytes, mode: int) -> None:
        """``content`` is on the disk when this returns."""
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())

    def rename(self, old: Path, new: Path) -> None:
        old.replace(new)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def make_folder(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)

    def sync_folder(self, path: Path) -> None:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write(change: Change, disk: Files | None = None) -> Path | None:
    """Puts ``change`` in place; the folder of its backup, or None where there was nothing to write.

    Refuses, and leaves everything as it was, where a file is not what it was when the change was made, or where another change
    is under way.
    """
    disk = disk or Disk()
    if not change.files:
        return None
    root = change.folder.resolve()
    with _alone(root):
        _finish(root, disk)
        paths = {file: (root / file).resolve() for file in sorted(change.files)}
        _unchanged(change, paths, disk)
        backup = _back_up(root, change, disk)
        moves: list[tuple[Path, Path, str]] = []
        for file, path in paths.items():
            new = change.files[file][1]
            beside = path.with_name(f".{path.name}{_NEW}")
            disk.write(beside, new, path.stat().st_mode & 0o777)
            if disk.read(beside) != new:
                raise CannotEdit(f"{file} could not be written: the disk gives back something else")
            moves.append((beside, path, sha256(new).hexdigest()))
        for folder in sorted({path.parent for path in paths.values()}):
            disk.sync_folder(folder)
        _unchanged(change, paths, disk)
        _decide(root, moves, disk)
        _rename(root, moves, disk)
        _forget_old_backups(root, disk)
    return backup


def finish(folder: Path, disk: Files | None = None) -> tuple[str, ...]:
    """Ends a change that was cut off: the files that it still had to put in place. Leftovers of an undecided one go."""
    root = folder.resolve()
    if not root.is_dir():
        return ()
    if not (root / HIDDEN / PENDING).exists() and not any(root.rglob(f".*{_NEW}")):
        return ()
    with _alone(root):
        return _finish(root, disk or Disk())


def _finish(root: Path, disk: Files) -> tuple[str, ...]:
    pending = root / HIDDEN / PENDING
    done: list[str] = []
    if pending.exists():
        moves = [
            (root / item["new"], root / item["file"], item["sha256"])
            for item in json.loads(disk.read(pending))["files"]
            if _within(root, item["new"]) and _within(root, item["file"])
        ]
        left = [move for move in moves if move[0].exists()]
        for beside, _, digest in left:
            if sha256(disk.read(beside)).hexdigest() != digest:
                raise CannotEdit(f"{beside} is not what was written", None, f"take the files from {HIDDEN}/backup")
        _rename(root, left, disk)
        done = [path.relative_to(root).as_posix() for _, path, _ in left]
    for beside in sorted(root.rglob(f".*{_NEW}")):
        disk.remove(beside)
    return tuple(done)


def _within(root: Path, name: str) -> bool:
    return (root / name).resolve().is_relative_to(root)


def _unchanged(change: Change, paths: dict[str, Path], disk: Files) -> None:
    for file, path in paths.items():
        if disk.read(path) != change.files[file][0]:
            raise CannotEdit(f"{file} has changed meanwhile", None, "somebody saved it: look at it, and ask again")


def _back_up(root: Path, change: Change, disk: Files) -> Path:
    home = root / HIDDEN / "backup"
    disk.make_folder(home)
    ignored = root / HIDDEN / ".gitignore"
    if not ignored.exists():
        disk.write(ignored, b"*\n", 0o644)
    number = 1 + max((int(path.name) for path in _backups(root)), default=0)
    folder = home / f"{number:06}"
    for file, (old, _) in sorted(change.files.items()):
        disk.make_folder((folder / file).parent)
        disk.write(folder / file, old, 0o644)
        disk.sync_folder((folder / file).parent)
    disk.sync_folder(home)
    return folder


def _backups(root: Path) -> list[Path]:
    return sorted(path for path in (root / HIDDEN / "backup").glob("[0-9]*") if path.name.isdigit())


def _decide(root: Path, moves: list[tuple[Path, Path, str]], disk: Files) -> None:
    """From here on the change is made, whatever happens."""
    files = [
        {"new": new.relative_to(root).as_posix(), "file": path.relative_to(root).as_posix(), "sha256": digest}
        for new, path, digest in moves
    ]
    home = root / HIDDEN
    draft = home / f".{PENDING}{_NEW}"
    disk.write(draft, json.dumps({"files": files}, ensure_ascii=False, indent=1).encode(), 0o644)
    disk.rename(draft, home / PENDING)
    disk.sync_folder(home)


def _rename(root: Path, moves: list[tuple[Path, Path, str]], disk: Files) -> None:
    for beside, path, _ in moves:
        disk.rename(beside, path)
    for folder in sorted({path.parent for _, path, _ in moves}):
        disk.sync_folder(folder)
    disk.remove(root / HIDDEN / PENDING)
    disk.sync_folder(root / HIDDEN)


def _forget_old_backups(root: Path, disk: Files) -> None:
    for folder in _backups(root)[:-KEPT_BACKUPS]:
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_file():
                disk.remove(path)
        for path in sorted((item for item in folder.rglob("*") if item.is_dir()), reverse=True):
            path.rmdir()
        folder.rmdir()


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One command at a time edits a folder; the lock goes with the process that holds it."""
    import fcntl

    home = root / HIDDEN
    home.mkdir(exist_ok=True)
    handle = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotEdit("another command is editing this folder", None, "wait until it is done") from None
        yield
    finally:
        with suppress(OSError):
            os.close(handle)
