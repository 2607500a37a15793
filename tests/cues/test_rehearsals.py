"""Every rehearsal of the show that we bring, twice, under two hash seeds: they pass, and are the same to the letter.

The time that a run takes is printed, and judged nowhere: `bench/` does that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def rehearsed(folder: Path, seed: str) -> tuple[dict[str, str], str]:
    """All rehearsals' digests by name, and all transcripts as one text."""
    folder.mkdir()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "showctl.cli", "rehearse", str(ROOT / "cues" / "dream_of_the_future")),
            *("--golden", str(folder), "--rewrite", "--json"),
        ],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=400,
    )
    result = json.loads(done.stdout)
    failures = [f"{r['name']}: {f}" for r in result["rehearsals"] for f in r["failures"]]
    assert (done.returncode, result["failed"], failures) == (0, 0, [])
    show = sum(r["show_seconds"] for r in result["rehearsals"])
    wall = sum(r["wall_seconds"] for r in result["rehearsals"])
    sys.stdout.write(f"seed {seed}: {show / 60:.0f} min of show in {wall:.0f} s on two processes\n")
    assert show > 90 * 60
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())]
    return {r["name"]: r["digest"] for r in result["rehearsals"]}, "\n".join(texts)


@pytest.mark.serial
@pytest.mark.timeout(900)
def test_all_rehearsals_pass_and_are_the_same_under_two_hash_seeds(tmp_path: Path) -> None:
    one, other = rehearsed(tmp_path / "one", "1"), rehearsed(tmp_path / "other", "2718")
    assert one[0] == other[0]
    assert one[1] == other[1]
    assert len(one[0]) >= 8
