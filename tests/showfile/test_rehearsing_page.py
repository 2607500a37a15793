"""The page about rehearsing says what is true: its first example is put into a new show, and prints what the page prints."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from showctl.showfile import load

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "programmers" / "rehearsing.md"


def blocks(kind: str) -> list[str]:
    """What stands between fences of that kind, in order."""
    parts = PAGE.read_text(encoding="utf-8").split("\n```")[1:]
    return [text for kind_, _, text in (part.partition("\n") for part in parts[::2]) if kind_ == kind]


def showctl(*words: object) -> str:
    argv = [sys.executable, "-m", "showctl.cli", *(str(word) for word in words)]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False).stdout


def plain(said: str, folder: Path) -> str:
    """Without the time that this machine took."""
    return re.sub(r" in \d+\.\d s", " in 0.0 s", said.replace(str(folder), "DIR")).strip()


def test_a_newcomer_s_ten_lines_for_a_new_cue_pass_and_fail_as_the_page_says(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    showctl("new", folder)
    cue, rehearsal = blocks("yaml")[:2]
    with (folder / "lists" / "main.yaml").open("a", encoding="utf-8") as file:
        file.write("\n" + cue.partition("\n")[2])
    written = folder / "rehearsals" / "encore.yaml"
    written.write_text(rehearsal.partition("\n")[2], encoding="utf-8")
    passes, fails = blocks("")[:2]

    assert len(written.read_text().splitlines()) == 10
    assert plain(showctl("rehearse", folder, "encore"), folder) == passes.partition("\n")[2].strip()
    written.write_text(written.read_text().replace("heads.intensity == 60", "heads.intensity == 90"))
    assert plain(showctl("rehearse", folder, "encore"), folder) == fails.strip()


def test_the_other_examples_are_read_without_a_complaint(tmp_path: Path) -> None:
    """Beside the bundled show, whose cues and zones they name."""
    zones, both, part, use = blocks("yaml")[2:]
    folder = tmp_path / "dream"
    shutil.copytree(ROOT / "cues" / "dream_of_the_future", folder)
    for old in (folder / "rehearsals").glob("*.yaml"):
        old.unlink()
    (folder / "rehearsals" / "zones.yaml").write_text("rehearsal: Zones\n" + zones, encoding="utf-8")
    (folder / "rehearsals" / "both.yaml").write_text(both, encoding="utf-8")
    (folder / "rehearsals" / "they_arrive.yaml").write_text(part, encoding="utf-8")
    (folder / "rehearsals" / "use.yaml").write_text("rehearsal: Use\n" + use, encoding="utf-8")

    read = load(folder)

    assert [str(problem) for problem in read.problems] == []
    assert [(item.name, len(item.expectations)) for item in read.rehearsals] == [
        ("Both endings close the gate (home)", 2),
        ("Both endings close the gate (on)", 2),
        ("Use", 2),
        ("Zones", 3),
    ]
