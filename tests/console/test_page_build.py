"""What is built from web/ stands in showctl/console/static: nobody edits the page there, and nobody forgets to build it."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.console.web import STATIC, WEB, packages
from tests.programs import program

pytestmark = pytest.mark.referee("node")


def run(*words: str) -> None:
    done = subprocess.run([str(program("node")), *words], cwd=WEB, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.serial
def test_the_source_has_its_types_and_builds_to_the_bytes_that_are_served(tmp_path: Path) -> None:
    modules = packages()
    run(str(modules / "typescript" / "bin" / "tsc"), "--noEmit")
    run(str(modules / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn", "--emptyOutDir", "--outDir", str(tmp_path))

    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    served = {path.name: path.read_bytes() for path in STATIC.iterdir()}
    assert sorted(built) == sorted(served), "make web"
    assert [name for name in built if built[name] != served[name]] == [], "make web"


def test_the_messages_that_the_page_knows_are_those_that_the_console_knows() -> None:
    from tools.make_messages import TARGET, made

    assert TARGET.read_text(encoding="utf-8") == made(), "make web"


def test_the_page_names_nobody_else_and_the_lock_no_registry() -> None:
    for path in STATIC.iterdir():
        words = path.read_text(encoding="utf-8")
        others = [url for url in re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", words) if "www.w3.org" not in url]
        assert others == [], f"{path.name} speaks of another machine"
    assert "resolved" not in (WEB / "package-lock.json").read_text(encoding="utf-8")


def test_english_and_chinese_have_the_same_words() -> None:
    chinese = (WEB / "src" / "words" / "zh.ts").read_text(encoding="utf-8")
    assert "zh: Words = {" in chinese, "its type is that of the English words: what is missing does not build"
    english = (WEB / "src" / "words" / "en.ts").read_text(encoding="utf-8")
    for jargon in ("engine", "journal", "websocket", "socket"):
        assert not re.search(rf'"[^"]*\b{jargon}\b', english), f"{jargon} is no word of the booth"
    assert "!" not in re.sub(r"\$\{[^}]*\}", "", "".join(re.findall(r'"([^"]*)"', english))), "nothing on the page shouts"
