"""The files of a show folder: found, read once each, and none outside it.

A name is looked for beside the file that says it, then from the top of the folder. What leads out of it, by ``..`` or
by a link, is refused, and so is what is too large or no text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from showctl.show.places import Place
from showctl.showfile.problems import Problems, did_you_mean
from showctl.showfile.reader import Node, compose

MAX_BYTES: Final = 8 * 1024 * 1024
SHOW_FILE: Final = "show.yaml"


class Folder:
    """Reads files of one show folder, each once, and none outside it."""

    def __init__(self, root: Path, problems: Problems) -> None:
        self.root, self.problems = root, problems
        self._read: dict[str, Node | None] = {}

    def find(self, name: str, place: Place, needed: bool = True) -> Path | None:
        """The file or folder ``name``: beside the file that names it, or else from the top of the show folder.

        One that is not ``needed`` is warned of where it is missing.
        """
        if not name or "\0" in name or len(name) > 500:
            self.problems.error("MISSING_FILE", place, "a file name is needed here", "for instance: lists/main.yaml")
            return None
        root = self.root.resolve()
        beside = (self.root / place.file).parent
        for base in dict.fromkeys((beside, self.root)):
            try:
                found = (base / name).resolve()
                exists = found.exists()
            except (OSError, RuntimeError, ValueError):
                continue
            if not found.is_relative_to(root):
                self.problems.error("OUTSIDE", place, f"{name} leads out of the show folder", "copy it into the folder")
                return None
            if exists:
                return base / name
        say = self.problems.error if needed else self.problems.warning
        say("MISSING_FILE", place, f"there is no {'folder' if name.endswith('/') else 'file'} {name}", self._near(name, beside))
        return None

    def _near(self, name: str, beside: Path) -> str:
        if name == SHOW_FILE:
            return "name the folder that show.yaml is in; `showctl new FOLDER` makes one"
        there: list[str] = []
        for base in (beside, self.root):
            try:
                there += [item.name for item in (base / name).parent.iterdir()]
            except (OSError, ValueError):
                continue
        return did_you_mean(Path(name).name, there, "names are relative to the file that says them, or to the show folder")

    def relative(self, path: Path) -> str:
        """``path`` as problems print it."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return path.name

    def text(self, path: Path, place: Place) -> str | None:
        """The characters of a file; None and a problem where it is not readable text."""
        file = self.relative(path)
        try:
            if not path.is_file():
                self.problems.error("MISSING_FILE", place, f"{file} is not a file", "name a file")
                return None
            size = path.stat().st_size
            if size > MAX_BYTES:
                self.problems.error(
                    "TOO_LARGE", place, f"{file} has {size} bytes", f"{MAX_BYTES} at most: split it with include:"
                )
                return None
            return path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            column = error.start - error.object.rfind(b"\n", 0, error.start)
            self.problems.error(
                "UNREADABLE", Place(file, line, column), "from here on this is not UTF-8 text", "save it as UTF-8"
            )
        except OSError as error:
            self.problems.error("UNREADABLE", place, f"{file} cannot be read: {error.strerror}", "look at its permissions")
        return None

    def yaml(self, path: Path, place: Place) -> Node | None:
        """The tree of a YAML file."""
        file = self.relative(path)
        if file not in self._read:
            source = self.text(path, place)
            node = None if source is None else compose(source, file, self.problems)
            if source is not None and node is None and not source.strip().strip("-."):
                self.problems.error("EMPTY_FILE", Place(file, 1, 1), "this file is empty", "write it, or take its name out")
            self._read[file] = node
        return self._read[file]
