"""The page's source and the tools that build it: npm's packages, fetched once where they are not there yet."""

import subprocess
from pathlib import Path

import pytest

from tests.programs import program

WEB = Path(__file__).parents[2] / "web"
STATIC = WEB.parent / "showctl" / "console" / "static"


def packages() -> Path:
    """web/node_modules as package-lock.json has it. Skips where there is no npm, or nobody it could fetch from."""
    there = WEB / "node_modules"
    lock = there / ".package-lock.json"
    if lock.exists() and lock.stat().st_mtime >= (WEB / "package-lock.json").stat().st_mtime - 3600:
        return there
    npm = program("npm")
    if not npm:
        pytest.skip("npm is not installed (Debian: apt-get install npm)")
    fetched = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=WEB, capture_output=True, text=True, timeout=120
    )
    if fetched.returncode:
        pytest.skip(f"npm could not fetch what builds the page: {fetched.stderr.strip().splitlines()[-1:]}")
    return there
