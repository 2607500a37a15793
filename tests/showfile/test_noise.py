"""No folder, however damaged, makes the loader raise: it answers with problems, and each has a place."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from showctl.showfile import load
from showctl.showfile.problems import Problems
from showctl.showfile.reader import compose

BASE = Path(__file__).parent / "base"
FILES = sorted(path.relative_to(BASE).as_posix() for path in BASE.rglob("*.*"))
ODD = (
    "", " ", "{}", "[]", "[[]]", "{a: b}", "null", "~", "-1", "1e99", "99999999999999999999", "0x10", "yes", "#", "'",
    '"', "*a", "&a b", "!!int 3", "main/1", "thru", "1 thru 9", "par_1 thru 999999", "full focus", "hex", "rgb 1 2",
    "every 0", "cells cells", "when", "within", "after", "before end", "over", "at", "as", "on", "{x}", "{{", "..",
    "../..", "/", "\t", "\\", "：", "火", "a" * 300, "-", "?", ": ", "1/0", "0 / 0", "sacn/1.0", "sacn/0.1",
    "artnet/-1.1", "0Hz", "bpm", "0bpm", "1:99", "25:61:61:99", "()", "a.b.c.d", "not", "and", "x" + "(" * 90,
)  # fmt: skip


def damaged(chance: random.Random, text: str, other: str) -> str:
    """``text`` with one to four small accidents."""
    for _ in range(chance.randint(1, 4)):
        lines = text.split("\n")
        n = chance.randrange(len(lines))
        words = lines[n].split(" ")
        w = chance.randrange(len(words))
        match chance.randrange(9):
            case 0:
                del lines[n]
            case 1:
                lines.insert(n, lines[chance.randrange(len(lines))])
            case 2:
                lines.insert(n, chance.choice(other.split("\n")))
            case 3:
                words[w] = chance.choice(ODD)
                lines[n] = " ".join(words)
            case 4:
                words[w] = chance.choice(other.split() or ODD)
                lines[n] = " ".join(words)
            case 5:
                lines[n] = " " * chance.randint(0, 9) + lines[n].lstrip()
            case 6:
                head, colon, _ = lines[n].partition(":")
                lines[n] = head + colon + " " + chance.choice(ODD)
            case 7:
                cut = chance.randrange(len(lines[n]) + 1)
                lines[n] = lines[n][:cut] + chance.choice("{}[]:,#&*!|>'\"%@`\x00\x7f -/.") + lines[n][cut:]
            case _:
                lines = lines[:n]
        text = "\n".join(lines) or " "
    return text


@pytest.mark.parametrize("seed", range(12))
def test_no_accident_makes_the_loader_raise(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    for n in range(16):
        folder = tmp_path / str(n)
        shutil.copytree(BASE, folder)
        for _ in range(chance.randint(1, 3)):
            path = folder / chance.choice(FILES)
            path.write_text(damaged(chance, path.read_text(), (folder / chance.choice(FILES)).read_text()))

        loaded = load(folder)

        assert (loaded.show is None) == bool(loaded.errors), f"seed {seed}, folder {n}"
        for problem in loaded.problems:
            assert problem.line >= 1, f"seed {seed}, folder {n}: {problem}"
            assert problem.column >= 1, f"seed {seed}, folder {n}: {problem}"
            assert problem.file, f"seed {seed}, folder {n}: {problem}"


@pytest.mark.parametrize("seed", range(4))
def test_bytes_that_are_no_text_are_named_and_refused(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "show"
    shutil.copytree(BASE, folder)
    (folder / "lists/main.yaml").write_bytes(chance.randbytes(5000) + b"\xff")

    assert [problem.code for problem in load(folder).problems] == ["UNREADABLE"]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("[" * 100_000, "TOO_DEEP"),
        ("{a: " * 5_000, "TOO_DEEP"),
        ("- " * 5_000, "TOO_DEEP"),
        ("a: &a [*a]", "ALIAS"),
        ("a: *b", "ALIAS"),
        ("a: &x 1\nb: [" + "*x, " * 200 + "]", "ALIAS"),
        ("a: " + "x" * 30_000, "TOO_LONG"),
        ("a: !!python/object/apply:os.system [ls]", "TAG"),
        ("a: \x07", "YAML"),
        ("? [a, b]\n: c", "BAD_KEY"),
        ("a: 1\n---\nb: 2", "YAML"),
    ],
)
def test_bombs_are_refused_before_they_go_off(source: str, code: str) -> None:
    problems = Problems()

    compose(source, "bomb.yaml", problems)

    assert [problem.code for problem in problems.sorted()] == [code]
