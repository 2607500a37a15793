"""``showctl diff``: what an audience would see change between two revisions of a show, in resolved time.

OLD and NEW are folders, or revisions of the show in git. With the seven words that git hands to a diff driver, the two versions
of one file are compared within the show that it belongs to.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showctl.cli.reading import read
from showctl.cli.say import PROBLEMS, Trouble, as_json, say, say_json

if TYPE_CHECKING:
    from showctl.library.diff import ShowDifference

GIT_WORDS = 7
"""path, old file, old hex, old mode, new file, new hex, new mode; two more for a file that was renamed."""


@click.command()
@click.argument("revisions", nargs=-1, metavar="OLD [NEW]")
@as_json
@click.pass_context
def diff(ctx: click.Context, revisions: tuple[str, ...], as_json: bool) -> None:
    """Say what an audience would see change from OLD to NEW (this folder where it is left out).

    Each is a show folder, or a git revision of the other one. One show folder alone is compared with its last commit.
    Exit 0: the same, 1: different, 2: one of them does not load.
    """
    driver = len(revisions) in (GIT_WORDS, GIT_WORDS + 2)
    if not driver and len(revisions) not in (1, 2):
        raise click.UsageError("say OLD and NEW: two show folders, or a git revision and a folder")
    with tempfile.TemporaryDirectory(prefix="showctl-") as made:
        if driver:
            old, new = _of_git(Path(made), revisions)
        else:
            one, other = revisions if len(revisions) == 2 else _with_one(revisions[0])
            old, new = _revision(Path(made) / "old", one, other), _revision(Path(made) / "new", other, one)
        found = _difference(old, new)
    if as_json:
        say_json(found.to_json())
    elif found.same:
        if not driver:
            say("an audience would see no difference")
    else:
        if driver:
            say(f"showctl diff {revisions[0]}")
        for line in found.lines():
            say(line)
    ctx.exit(PROBLEMS if not found.same and not driver else 0)


def _with_one(words: str) -> tuple[str, str]:
    """What a single word is compared with: a revision with this folder; a show that is not here, with itself as git has it."""
    if (Path(words) / "show.yaml").is_file() and not Path("show.yaml").is_file():
        return "HEAD", words
    return words, "."


def _difference(old: Path, new: Path) -> ShowDifference:
    from showctl.library.diff import difference

    return difference(read(old), read(new))


def _revision(made: Path, words: str, other: str) -> Path:
    """The folder that ``words`` name: as they are, or as a git revision of the folder ``other``."""
    if Path(words).exists():
        return Path(words)
    if not Path(other).is_dir():
        raise Trouble(f"there is no folder {words}")
    with _git():
        run = subprocess.run(["git", "archive", "--format=tar", words, "."], cwd=other, capture_output=True, check=False)
    if run.returncode:
        raise Trouble(
            f"{words} is neither a folder nor a git revision of {other}: say showctl diff OLD NEW, with two show folders"
        )
    with tarfile.open(fileobj=io.BytesIO(run.stdout)) as archive:
        archive.extractall(made, filter="data")
    return made


def _of_git(made: Path, words: tuple[str, ...]) -> tuple[Path, Path]:
    """The show that a changed file belongs to, with the file's old and its new version."""
    from showctl.showfile.book import copy_of

    path = Path(words[0]).absolute()
    folder = next((parent for parent in path.parents if (parent / "show.yaml").is_file()), None)
    if folder is None:
        raise Trouble(f"{words[0]} does not belong to a show folder")
    found: list[Path] = []
    for name, file in (("old", Path(words[1])), ("new", Path(words[4]))):
        copy = made / name
        copy_of(folder, copy)
        target = copy / path.relative_to(folder)
        if file.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        else:
            target.unlink(missing_ok=True)
        found.append(copy)
    return found[0], found[1]


@contextmanager
def _git() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise Trouble("git is not here; name two folders") from None
