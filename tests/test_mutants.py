"""The defects of ``tools/defects`` still fit the code, so that breaking a rule can be tried at any time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutants import TREE, Mutant, mutants, noticed

ALL = list(mutants())


@pytest.mark.parametrize("mutant", [pytest.param(item, id=item.title) for item in ALL])
def test_a_defect_stands_in_the_code_exactly_once_and_names_tests_that_exist(mutant: Mutant) -> None:
    text = (TREE / mutant.file).read_text(encoding="utf-8")
    assert mutant.applied(text) != text
    assert all((TREE / place).exists() for place in mutant.where)


def test_every_rule_has_a_defect() -> None:
    assert {f"R{number}" for number in range(1, 17)} <= {item.title.split(" ")[0] for item in ALL}


def test_a_defect_that_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"R0 nothing: its lines stand 0 times in a\.py"):
        Mutant("R0 nothing", "a.py", "x = 1\n", "x = 2\n", "none", ()).applied("y = 1\n")


@pytest.mark.parametrize(("right", "seen"), [("assert 1 + 1 == 2\n", True), ("x = 2\n", False)])
def test_a_defect_is_noticed_by_a_test_that_fails_and_the_copy_is_whole_again(tmp_path: Path, right: str, seen: bool) -> None:
    file = tmp_path / "test_a.py"
    text = "def test_a() -> None:\n    x = 2\n    assert x\n    assert 1 + 1 == 2\n"
    file.write_text(text, encoding="utf-8")
    wrong = "assert 1 + 1 == 3\n" if seen else "x = 3\n"
    mutant = Mutant("R0", "test_a.py", right, wrong, "test_a", ("test_a.py",))
    assert noticed(mutant, tmp_path) == (seen, "test_a" if seen else "no test fails")
    assert file.read_text(encoding="utf-8") == text
