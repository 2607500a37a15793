"""What tests of the page share: npm's packages, fetched once where they are not there yet; hands that wait for a connection."""

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.programs import program

if TYPE_CHECKING:
    from playwright.sync_api import Page

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


def said_on_the_page(module: str, function: str, lines: list[str], place: Path) -> dict[str, str]:
    """What ``function`` of a module of the page makes of each line. ``place`` is a folder for what is built meanwhile."""
    node, rolldown, made = str(program("node")), packages() / "rolldown" / "bin" / "cli.mjs", place / "words.mjs"
    subprocess.run([node, rolldown, module, "-o", made], cwd=WEB, check=True, capture_output=True)
    asked = place / "asked.json"
    asked.write_text(json.dumps(lines), encoding="utf-8")
    ask = (
        f"import {{ {function} as said }} from './words.mjs'; import {{ readFileSync }} from 'node:fs';"
        "process.stdout.write(JSON.stringify(JSON.parse(readFileSync('asked.json')).map((line) => said(line))));"
    )
    done = subprocess.run([node, "--input-type=module", "-e", ask], cwd=place, check=True, capture_output=True, text=True)
    return dict(zip(lines, json.loads(done.stdout), strict=True))


def press(page: "Page", *keys: str) -> None:
    """Keys, while the page is connected: on a busy machine the show may say nothing for half a second, and GO is off then."""
    for key in keys:
        page.wait_for_selector("body:not(.lost)")
        page.keyboard.press(key)


def until_true(page: "Page", script: str) -> None:
    """Returns once ``script`` is true in the page. (Playwright's own wait evaluates text there: forbidden by the policy.)"""
    for _ in range(400):
        if page.evaluate(script):
            return
        page.wait_for_timeout(25)
    raise AssertionError(f"within ten seconds this did not become true: {script}")
