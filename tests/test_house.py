"""The rules of the house, as tests: imports point one way, files open by saying what they answer for and stay short, and
nothing in the checkout knows the machine it was made on.

The import contracts stand in pyproject.toml and `make check` runs them. Here they are shown to bite: a small tree that
keeps every rule passes, and one with a single wrong import breaks exactly the contract that names it.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("show", "light", "engine", "protocols", "showfile", "devices", "runtime", "library", "console", "cli")
LONGEST_FILE = 500
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}


def our_files() -> list[Path]:
    """Everything tracked, and everything about to be."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    paths = [ROOT / os.fsdecode(name) for name in listing.stdout.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def our_python() -> list[Path]:
    return [path for path in our_files() if path.suffix == ".py"]


# --- Imports ----------------------------------------------------------------------------------------------------------


def lint_tree(tree: Path, wrong_imports: dict[str, str]) -> tuple[int, set[str]]:
    """Builds a small house, adds the wrong imports, and gives the exit code and the contracts that broke."""
    for package in (tree / "showctl", tree / "simulators", *(tree / "showctl" / name for name in PACKAGES)):
        package.mkdir()
        (package / "__init__.py").write_text('"""A package."""\n')
    (tree / "simulators" / "__init__.py").write_text("import asyncio\nimport showctl.show\nimport showctl.showfile\n")
    (tree / "showctl" / "runtime" / "__init__.py").write_text("import time\nimport showctl.devices\n")
    (tree / "showctl" / "showfile" / "__init__.py").write_text("import os\nimport pydantic\nimport yaml\n")
    (tree / "showctl" / "devices" / "__init__.py").write_text("import showctl.showfile\nimport showctl.protocols\n")
    (tree / "showctl" / "light" / "__init__.py").write_text("import numpy\nimport showctl.show\n")
    (tree / "showctl" / "cli" / "__init__.py").write_text("import showctl.console\n")
    for module, statement in wrong_imports.items():
        path = tree / module.replace(".", "/")
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".py").write_text(statement + "\n")
        if not (path.parent / "__init__.py").exists():
            (path.parent / "__init__.py").write_text("")
    shutil.copy(ROOT / "pyproject.toml", tree)

    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    report = run.stdout + run.stderr
    verdicts = {id_: re.search(rf"{re.escape(name)} (KEPT|BROKEN)", report) for id_, name in CONTRACTS.items()}
    assert run.returncode in (0, 1), report
    assert all(verdicts.values()), report
    return run.returncode, {id_ for id_, verdict in verdicts.items() if verdict and verdict[1] == "BROKEN"}


def test_a_house_that_keeps_the_rules_passes(tmp_path: Path) -> None:
    assert lint_tree(tmp_path, {}) == (0, set())


@pytest.mark.parametrize(
    ("module", "statement", "broken"),
    [
        ("showctl.show.wrong", "import showctl.light", {"layers"}),
        ("showctl.light.wrong", "from showctl import engine", {"layers"}),
        ("showctl.engine.wrong", "import showctl.showfile", {"layers"}),
        ("showctl.showfile.wrong", "import showctl.engine", {"layers"}),
        ("showctl.showfile.wrong", "import showctl.protocols", {"layers"}),
        ("showctl.engine.wrong", "def late():\n    import showctl.devices", {"layers"}),
        ("showctl.devices.wrong", "import showctl.runtime", {"layers"}),
        ("showctl.library.wrong", "import showctl.console", {"layers"}),
        ("showctl.protocols.wrong", "import showctl.show", {"protocols-alone"}),
        ("showctl.runtime.wrong", "import simulators", {"controller-without-simulators"}),
        ("simulators.wrong", "import showctl.protocols", {"simulators-by-bytes"}),
        ("simulators.wrong", "from showctl.devices import wrong", {"simulators-by-bytes"}),
        ("showctl.runtime.wrong", "import yaml", {"yaml-at-home"}),
        ("showctl.console.wrong", "from pydantic import BaseModel", {"yaml-at-home"}),
        ("simulators.wrong", "import yaml", {"yaml-at-home"}),
        *(
            (f"showctl.{package}.wrong", f"import {module}", {"pure"})
            for package, module in zip(
                ("show", "light", "engine", "protocols", "devices", "show", "engine", "devices", "light"),
                ("asyncio", "time", "datetime", "random", "socket", "threading", "os", "logging", "os.path"),
                strict=True,
            )
        ),
    ],
)
def test_one_wrong_import_breaks_its_contract(tmp_path: Path, module: str, statement: str, broken: set[str]) -> None:
    assert lint_tree(tmp_path, {module: statement}) == (1, broken)


def test_a_new_package_must_find_its_place(tmp_path: Path) -> None:
    code, broken = lint_tree(tmp_path, {"showctl.attic.box": '"""Homeless."""'})

    assert code == 1
    assert broken == {"layers"}


# --- The page ---------------------------------------------------------------------------------------------------------


def test_every_module_opens_by_saying_what_it_answers_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path in our_python() if not ast.get_docstring(ast.parse(path.read_bytes()))]

    assert silent == [], "these files need a docstring that says what they answer for"


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_bytes().count(b"\n") for path in our_python()}

    too_long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}
    assert too_long == {}, f"more than {LONGEST_FILE} lines: one file per idea"


def test_nothing_outside_light_merges() -> None:
    merging = re.compile(r"^\s*(?:def|class) (\w*(?:htp|ltp|merge_(?:levels|rows|slots|universes|fixtures))\w*)", re.I | re.M)
    inside = ROOT / "showctl"
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in our_python()
        if path.is_relative_to(inside) and not path.is_relative_to(inside / "light")
        for name in merging.findall(path.read_text(encoding="utf-8"))
    ]

    assert found == [], "merging lives in showctl/light; hand it rows and let render decide"


# --- The checkout -----------------------------------------------------------------------------------------------------

# Written in pieces, so that this file keeps the rule it checks.
THIS_MACHINE = re.compile(rb"(?<![\w./-])/" + rb"work\b")
REGISTRIES = re.compile(
    b"|".join(
        re.escape(b".".join(parts))
        for parts in (
            (b"pypi", b"org"),
            (b"pythonhosted", b"org"),
            (b"npmjs", b"org"),
            (b"npmjs", b"com"),
            (b"yarnpkg", b"com"),
            (b"npmmirror", b"com"),
            (b"deb", b"debian", b"org"),
        )
    )
)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        pytest.param(THIS_MACHINE, "a path of one machine", id="no path of one machine"),
        pytest.param(REGISTRIES, "a package registry's address", id="no registry address"),
    ],
)
def test_the_checkout_knows_no_machine(pattern: re.Pattern[bytes], why: str) -> None:
    guilty = [str(path.relative_to(ROOT)) for path in our_files() if pattern.search(path.read_bytes())]

    assert guilty == [], f"these files hold {why}"


def test_constraints_pin_every_version_and_name_no_index() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]

    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.+]*", pin)] == []
