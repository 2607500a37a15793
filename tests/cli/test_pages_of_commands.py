"""Every ``showctl`` line of the docs is one that the command line takes: its commands, options and choices are there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from showctl.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "cues" / "dream_of_the_future" / "README.md"]
ENDS = re.compile(r"\s#\s.*|\s{3,}.*|\s+(?:\||>>?|&&)\s.*")
"""Comments, other columns, and what a shell does with the output."""


def lines() -> Iterator[tuple[str, str]]:
    """(page, command line) of each example between fences."""
    for page in PAGES:
        parts = page.read_text(encoding="utf-8").split("\n```")[1:]
        for kind, _, text in (part.partition("\n") for part in parts[::2]):
            if kind not in ("", "sh", "console"):
                continue
            for line in text.splitlines():
                for said in ENDS.sub("", line.strip().removeprefix("$ ")).split(";"):
                    if said.strip().startswith("showctl "):
                        yield page.relative_to(ROOT).as_posix(), said.strip()


def test_every_line_of_the_docs_is_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = list(dict.fromkeys(lines()))
    monkeypatch.setattr(click.Command, "invoke", lambda _command, _context: None)  # read, and not done
    monkeypatch.chdir(tmp_path)
    wrong = []
    for page, line in found:
        words = shlex.split(line)[1:]
        for word in words:  # whatever is named is there
            if word.startswith(("-", "/")):
                continue
            path = tmp_path / word
            (path.parent if path.suffix else path).mkdir(parents=True, exist_ok=True)
            if path.suffix:
                path.touch()
        try:
            main(words, standalone_mode=False)
        except click.ClickException as error:
            wrong.append(f"{page}: {line}: {error.format_message()}")

    assert len(found) > 100
    assert wrong == []
