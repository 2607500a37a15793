"""Broken show folders, each with the exact words that mend it: file, line, column, code, message and hint.

The cases stand in ``broken/*.txt`` as edits to the folder ``base``: a title, a file, lines out (-) and in (+), and what is
said. After a deliberate change of words, ``python tests/showfile/test_broken.py`` writes them anew; read the diff before you
keep it.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from showctl.showfile import load

HERE = Path(__file__).parent
SAID = "=>"


@dataclass(frozen=True)
class Case:
    title: str
    edits: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    said: str


def read_cases(text: str) -> list[Case]:
    found = []
    for block in text.strip().split("\n\n# "):
        lines = block.removeprefix("# ").split("\n")
        cut = lines.index(SAID)
        edits: list[tuple[str, list[str], list[str]]] = []
        for line in lines[1:cut]:
            if line[:1] not in "-+":
                edits.append((line, [], []))
            elif line[0] == "+":
                edits[-1][2].append(line[1:])
            else:
                if edits[-1][2]:
                    edits.append((edits[-1][0], [], []))
                edits[-1][1].append(line[1:])
        plain = tuple((file, tuple(out), tuple(into)) for file, out, into in edits)
        found.append(Case(lines[0], plain, "\n".join(lines[cut + 1 :])))
    return found


def broken(case: Case, folder: Path) -> Path:
    """The folder ``base`` with the edits of ``case``."""
    shutil.copytree(HERE / "base", folder)
    for file, out, into in case.edits:
        path = folder / file
        if not out:
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(into) + "\n" if into else "")
            continue
        source = path.read_text()
        old = "\n".join(out) + "\n"
        assert source.count(old) == 1, f"{case.title}: {file} must have these lines once:\n{old}"
        path.write_text(source.replace(old, "".join(line + "\n" for line in into)))
    return folder


def said_of(case: Case, folder: Path) -> str:
    lines = []
    for problem in load(broken(case, folder)).problems:
        lines.append(str(problem))
        if problem.hint:
            lines.append(f"    {problem.hint}")
    return "\n".join(lines)


CASES = [(path, case) for path in sorted((HERE / "broken").glob("*.txt")) for case in read_cases(path.read_text())]


def test_what_is_broken_here_is_whole_there() -> None:
    loaded = load(HERE / "base")

    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.show is not None
    assert len(loaded.rehearsals) == 1


def test_there_are_more_than_thirty_of_them() -> None:
    assert len(CASES) > 30
    assert len({case.title for _, case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.title) for _, case in CASES])
def test_a_broken_folder_gets_the_words_that_mend_it(case: Case, tmp_path: Path) -> None:
    assert said_of(case, tmp_path / "show") == case.said


@pytest.mark.parametrize("case", [pytest.param(case, id=case.title) for _, case in CASES])
def test_every_error_keeps_the_show_from_loading(case: Case, tmp_path: Path) -> None:
    loaded = load(broken(case, tmp_path / "show"))

    assert (loaded.show is None) == any(problem.severity == "error" for problem in loaded.problems)


def rewrite() -> None:
    """Writes down what is said now."""
    from tempfile import TemporaryDirectory

    for path in sorted((HERE / "broken").glob("*.txt")):
        blocks = path.read_text().strip().split("\n\n# ")
        made = []
        for block in blocks:
            case = read_cases(block)[0]
            with TemporaryDirectory() as folder:
                head = block.split(f"\n{SAID}")[0].removeprefix("# ")
                made.append(f"# {head}\n{SAID}\n{said_of(case, Path(folder) / 'show')}")
        path.write_text("\n\n".join(made) + "\n")


if __name__ == "__main__":
    rewrite()
