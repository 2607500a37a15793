"""The page of rules and tests is true: each test that it names is there, and no rule stands without one."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "developers" / "conformance.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


@cache
def defined(path: str) -> frozenset[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def rules() -> list[str]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith("| rule")]


def test_every_rule_has_a_test_that_is_there() -> None:
    without = [rule for rule in rules() if not NAMED.search(rule)]
    gone = [f"{path}::{name}" for rule in rules() for path, name in NAMED.findall(rule) if name not in defined(path)]

    assert (without, gone) == ([], [])
    assert len(rules()) > 90
