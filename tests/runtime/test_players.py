"""The show of players passes its rehearsals; what breaks is said in a sentence, and delays nobody else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from showctl.runtime.rehearsal import Verdict, rehearse

SHOW = Path(__file__).parents[1] / "shows" / "players"


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in rehearse(SHOW)}


def told(verdicts: dict[str, Verdict], word: str) -> str:
    [found] = [verdict.transcript for name, verdict in verdicts.items() if word in name]
    return found


def test_the_rehearsals_pass(verdicts: dict[str, Verdict]) -> None:
    assert [failure for verdict in verdicts.values() for failure in verdict.failures] == []
    assert len(verdicts) >= 6


def test_what_broke_is_said_in_one_sentence_each(verdicts: dict[str, Verdict]) -> None:
    died = told(verdicts, "dies in the middle")
    assert "0:20.000  wall_player is degraded: Wall player closed the connection." in died
    assert "wall_player is ok: Wall player answers again." in died
    assert "0:02." not in told(verdicts, "is not there")
    assert "Wall player cannot play moon: loading failed." in told(verdicts, "is not there")


def test_a_player_that_is_dead_delays_no_other(verdicts: dict[str, Verdict]) -> None:
    """What the bed of sound is asked for leaves at the same instants, whatever becomes of the wall."""
    found = []
    for word in ("dies in the middle", "answers nothing", "in pieces", "wrong by half"):
        found.append([line for line in told(verdicts, word).splitlines() if " bed " in line or " bed:" in line])
    assert found[0]
    assert all(lines == found[0] for lines in found)


LOADS = """\
rehearsal: It loads
length: 8s
do:
  - {at: 0s, fault: sound loads 400ms}
  - {at: 1s, go: main}
expect:
  - {at: 1.3s, that: sound.voices == 1 and sound.main_pa_clip == "rumble"}
  - {within: 3.2s, at: 1.5s, that: sound.main_pa_clip == "bell"}
"""


def test_what_a_player_dropped_while_it_loaded_is_missed_and_asked_again(tmp_path: Path) -> None:
    folder = shutil.copytree(SHOW.parent / "small", tmp_path / "small")
    cues = "list: main\ncues:\n  - 1: Two in one breath\n    sound: rumble at -6dB on main_pa as rumble, loop\n"
    cues += "    timeline: [{at: 0.1s, sound: bell at -3dB on main_pa as bell}]\n"
    (folder / "lists" / "main.yaml").write_text(cues, encoding="utf-8")
    (folder / "rehearsals" / "evening.yaml").write_text(LOADS, encoding="utf-8")

    [verdict] = rehearse(folder)

    assert verdict.failures == ()
    assert ("sound", "loads") in verdict.reached.broken("fault met")
