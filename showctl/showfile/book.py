"""The prompt book: a loaded show folder with the place of everything in it, out of which edits are made.

``Book`` reads a folder once, notes where every name was read, and turns edits into a ``Change``: the old and new bytes of the
files concerned. ``proved`` loads the changed folder from a copy, so that a change that breaks the show, or that does more than
it says, is refused before a file is touched. Writing it: ``writers``.
"""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from showctl.show.pixels import FOLDER
from showctl.show.show import Show
from showctl.showfile.cue_trees import ListTree
from showctl.showfile.draft import Draft
from showctl.showfile.edits import BOM, CannotEdit, Cells, Edit, NotLoaded, Source, spliced
from showctl.showfile.load import Loaded, load, load_trees
from showctl.showfile.noted import Noted
from showctl.showfile.problems import Problem, Problems
from showctl.showfile.reader import Text

READ: Final = (".yaml", ".yml", ".csv")
"""What the loader reads, besides what stands in ``pixels/``; nothing else is copied to prove a change."""
HIDDEN: Final = ".showctl"
"""Where backups are kept, inside the folder."""


@dataclass(frozen=True)
class Change:
    """What a command would do: every file concerned with its old and its new bytes."""

    folder: Path
    files: dict[str, tuple[bytes, bytes]]
    summary: str
    notes: tuple[str, ...] = ()
    """What the author should look at; nothing of it is wrong."""

    def text_diff(self) -> str:
        """The difference as text, file by file."""
        found: list[str] = []
        for file, (old, new) in sorted(self.files.items()):
            before, after = (item.decode("utf-8").removeprefix(BOM).splitlines(keepends=True) for item in (old, new))
            lines = difflib.unified_diff(before, after, f"a/{file}", f"b/{file}")
            found += (line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)
        return "".join(found)


@dataclass
class Book:
    """A show folder that loads, and where everything in it stands."""

    folder: Path
    show: Show
    loaded: Loaded
    draft: Draft
    trees: dict[str, ListTree]
    noted: Noted
    sources: dict[str, Source | Cells] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path) -> Book:
        """The book of ``folder``. Refuses a show that does not load: what it means could not be kept."""
        problems, noted = Problems(), Noted()
        show, rehearsals, trees = load_trees(folder, problems, noted)
        loaded = Loaded(None if problems.errors else show, problems.sorted(), rehearsals)
        if loaded.show is None or trees is None:
            first = next(iter(loaded.errors), None)
            raise NotLoaded(f"the show does not load: {first}", None, "showctl check says what is to be mended first")
        draft, lists = trees
        return cls(folder, loaded.show, loaded, draft, {str(tree.model.list): tree for tree in lists}, noted)

    def text(self, file: str) -> str:
        """A file's characters, byte for byte (a byte order mark is one of them)."""
        return (self.folder / file).read_bytes().decode("utf-8")

    def at(self, text: Text) -> Source | Cells:
        """The file that ``text`` stands in."""
        known = self.sources.get(text.file)
        if known is None:
            kind = Cells if text.file.endswith(".csv") else Source
            known = self.sources[text.file] = kind(text.file, self.text(text.file))
        return known

    def source(self, file: str) -> Source:
        """A YAML file of the folder."""
        known = self.sources.get(file)
        if not isinstance(known, Source):
            known = self.sources[file] = Source(file, self.text(file))
        return known

    def change(self, edits: Iterable[Edit], summary: str, notes: Iterable[str] = ()) -> Change:
        """``edits`` as a change of whole files; what they do not touch stays byte for byte."""
        by_file: dict[str, list[Edit]] = defaultdict(list)
        for edit in edits:
            by_file[edit.file].append(edit)
        texts = {file: spliced(self.text(file), some) for file, some in by_file.items()}
        return self.rewritten(texts, summary, notes)

    def rewritten(self, texts: dict[str, str], summary: str, notes: Iterable[str] = ()) -> Change:
        """Files that are to hold ``texts``, as a change; those that hold them already are left out."""
        files: dict[str, tuple[bytes, bytes]] = {}
        for file, text in texts.items():
            old, new = (self.folder / file).read_bytes(), text.encode("utf-8")
            if old != new:
                files[file] = (old, new)
        return Change(self.folder, files, summary, tuple(dict.fromkeys(notes)))


@contextmanager
def changed_copy(change: Change) -> Iterator[Path]:
    """The folder as it would be, in a place of its own: only what the loader reads."""
    with tempfile.TemporaryDirectory(prefix="showctl-") as made:
        copy = Path(made) / change.folder.resolve().name
        copy_of(change.folder, copy)
        for file, (_, new) in change.files.items():
            (copy / file).write_bytes(new)
        yield copy


def copy_of(folder: Path, target: Path) -> None:
    """The files of ``folder`` that the loader reads, in ``target``."""
    target.mkdir(parents=True)
    root = folder.resolve()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        made = target / inside
        if inside.parts[0] == HIDDEN:
            continue
        if path.is_symlink():
            if path.resolve().is_relative_to(root):
                made.parent.mkdir(parents=True, exist_ok=True)
                made.symlink_to(os.path.relpath(path.resolve(), path.parent.resolve()))
        elif path.is_dir():
            made.mkdir(exist_ok=True)  # a folder that is named may be empty
        elif (path.suffix in READ or inside.parts[0] == FOLDER) and path.is_file():
            made.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, made)


def proved(change: Change, before: Loaded) -> tuple[Loaded, tuple[Problem, ...]]:
    """The show as it would be, and the warnings that are new. Refuses a change that brings an error."""
    with changed_copy(change) as copy:
        after = load(copy)
    known = {(item.code, item.message) for item in before.problems}
    if after.errors:
        said = "\n".join(f"  {item}" for item in after.errors[:5])
        raise CannotEdit(f"the show would not load any more:\n{said}", None, after.errors[0].hint)
    return after, tuple(item for item in after.problems if (item.code, item.message) not in known)
