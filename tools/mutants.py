"""Breaks the rules one by one, and sees to it that a test which names the rule says so: `python tools/mutants.py [WORD ...]`.

Each defect stands in a file of ``tools/defects/``: a title that begins with the rule, the file, the lines as they are (``-``) and
as they are broken (``+``), and after ``=>`` the tests of which one has to fail (an expression for ``pytest -k``) and where they
stand. The defects are made in a copy of the tree, one at a time; the checkout is never touched. Exit code 1 where a defect goes
unnoticed. ``tests/test_mutants.py`` sees to it that every one of them still fits the code.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
FILES = TREE / "tools" / "defects"
COPIED = ("showctl", "simulators", "tests", "cues", "pyproject.toml")
NO_SHRINKING = """

from hypothesis import Phase, settings

settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants")
"""
"""That a law is broken is enough; its smallest example is for people."""
PATIENCE = 300.0
"""Seconds that the tests of one defect may take; a defect that hangs is noticed, too."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A defect: in ``file``, ``right`` becomes ``wrong``; of the tests ``expression`` in ``where`` one has to fail."""

    title: str
    file: str
    right: str
    wrong: str
    expression: str
    where: tuple[str, ...]

    def applied(self, text: str) -> str:
        """``text`` with the defect. ValueError where it does not fit exactly once."""
        if text.count(self.right) != 1:
            raise ValueError(f"{self.title}: its lines stand {text.count(self.right)} times in {self.file}, and should once")
        return text.replace(self.right, self.wrong)


def mutants() -> Iterator[Mutant]:
    """Every defect, in order. ValueError for one that is not whole."""
    for path in sorted(FILES.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n# ")[1:]:
            title, _, rest = block.partition("\n")
            body, arrow, end = rest.partition("\n=> ")
            file, _, lines = body.partition("\n")
            sides = {sign: [line[1:] for line in lines.splitlines() if line.startswith(sign)] for sign in "-+"}
            expression, at, where = end.strip().partition(" in ")
            if not (arrow and at and sides["-"]):
                raise ValueError(f"{path.name}: {title} is not whole")
            right, wrong = ("".join(f"{line}\n" for line in sides[sign]) for sign in "-+")
            yield Mutant(title.strip(), file.strip(), right, wrong, expression, tuple(where.split()))


def noticed(mutant: Mutant, copy: Path) -> tuple[bool, str]:
    """Whether a test says that the rule is broken, and which says so first."""
    file = copy / mutant.file
    whole = file.read_text(encoding="utf-8")
    file.write_text(mutant.applied(whole), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-rf", "-p", "no:cacheprovider", "-k", mutant.expression, *mutant.where],
            cwd=copy,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(copy / ".hypothesis")},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return True, "the tests came to no end"
    finally:
        file.write_text(whole, encoding="utf-8")
    first = next((line.split("::")[-1].split(" ")[0] for line in done.stdout.splitlines() if line.startswith("FAILED")), "")
    if done.returncode == 1:
        return True, first
    return False, "no test fails" if done.returncode == 0 else f"pytest ended with {done.returncode}: {done.stdout[-300:]}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Breaks the rules one by one, and sees to it that a test says so.")
    parser.add_argument("words", nargs="*", help="only defects whose title contains one of these")
    parser.add_argument("--list", action="store_true", help="name them, and do nothing")
    asked = parser.parse_args()
    chosen = [item for item in mutants() if not asked.words or any(word in item.title for word in asked.words)]
    unnoticed = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for name in () if asked.list else COPIED:
            source = TREE / name
            skipped = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source, copy / name, ignore=skipped) if source.is_dir() else shutil.copy(source, copy / name)
        if not asked.list:
            with (copy / "tests" / "conftest.py").open("a", encoding="utf-8") as conftest:
                conftest.write(NO_SHRINKING)
        for mutant in chosen:
            if asked.list:
                sys.stdout.write(f"{mutant.title}  ({mutant.file})\n")
                continue
            seen, words = noticed(mutant, copy)
            unnoticed += not seen
            sys.stdout.write(f"{'ok  ' if seen else 'FAIL'}  {mutant.title}: {words}\n")
            sys.stdout.flush()
    if not asked.list:
        sys.stdout.write(f"{len(chosen) - unnoticed} of {len(chosen)} defects are noticed\n")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
