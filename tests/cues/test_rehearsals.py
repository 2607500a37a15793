"""Every rehearsal of the show that we bring, twice, under two hash seeds: they pass, reach all, and are the same to the letter.

The time that a run takes is printed, and judged nowhere: `bench/` does that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.serial, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
FOLDER = "cues/dream_of_the_future"
PROMISED = 95 * 60
"""Seconds of show that all rehearsals together play at least."""


@dataclass(frozen=True)
class Run:
    """What ``showctl rehearse --coverage`` said, and the transcripts that it wrote, as one text."""

    code: int
    said: dict[str, Any]
    transcripts: str

    @property
    def rehearsals(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.said["rehearsals"]
        return found


def rehearsed(folder: Path, seed: str) -> Run:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "showctl.cli", "rehearse", FOLDER),
            *("--golden", str(folder), "--rewrite", "--coverage", "--json"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    show, wall = (sum(item[key] for item in said["rehearsals"]) for key in ("show_seconds", "wall_seconds"))
    sys.stdout.write(f"seed {seed}: {show / 60:.0f} min of show in {wall:.0f} s on two processes\n")
    return Run(done.returncode, said, "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    return rehearsed(tmp_path_factory.mktemp("one"), "1"), rehearsed(tmp_path_factory.mktemp("other"), "2718")


def test_all_rehearsals_pass(runs: tuple[Run, Run]) -> None:
    failures = [f"{item['name']}: {failure}" for run in runs for item in run.rehearsals for failure in item["failures"]]

    assert failures == []
    assert [(run.code, run.said["failed"]) for run in runs] == [(0, 0), (0, 0)]


def test_no_cue_no_branch_and_no_fallback_is_left(runs: tuple[Run, Run]) -> None:
    """Nor a trigger or a verb. What is said below is what a new cue lacks: a rehearsal that reaches it."""
    covered = runs[0].said["coverage"]
    left = [f"{item['file']}:{item['line']}: {item['what']}" for kind in covered for item in _missed(covered, kind)]

    assert left == []
    assert covered["complete"]


def test_they_play_more_than_an_hour_and_a_half(runs: tuple[Run, Run]) -> None:
    assert sum(item["show_seconds"] for item in runs[0].rehearsals) > PROMISED


def test_they_are_the_same_to_the_letter_under_two_hash_seeds(runs: tuple[Run, Run]) -> None:
    one, other = runs
    digests = [{item["name"]: item["digest"] for item in run.rehearsals} for run in runs]

    assert digests[0] == digests[1]
    assert one.transcripts == other.transcripts


def _missed(covered: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    if kind not in ("cues", "branches", "fallbacks", "triggers", "verbs"):
        return []
    found: list[dict[str, Any]] = covered[kind]["missed"]
    return found
