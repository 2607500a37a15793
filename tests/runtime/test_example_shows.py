"""The example shows pass their own rehearsals: devices described in YAML alone, lamps that must be warm, and what breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from showctl.runtime.rehearsal import rehearse

SHOWS = Path(__file__).parents[1] / "shows"


@pytest.mark.parametrize("show", ["codes", "crowd", "fog_screen", "space", "warm_start"])
def test_a_show_passes_its_rehearsals_and_every_frame_makes_no_difference(show: str) -> None:
    short, whole = (rehearse(SHOWS / show, every_frame=every) for every in (False, True))
    assert [failure for verdict in short for failure in verdict.failures] == []
    assert len(short) >= 2
    assert [verdict.transcript for verdict in short] == [verdict.transcript for verdict in whole]


def test_what_goes_wrong_is_said_to_the_operator_in_one_sentence_each() -> None:
    said = {verdict.name: verdict.transcript for verdict in rehearse(SHOWS / "fog_screen")}
    [jams] = [text for name, text in said.items() if "jams" in name]
    assert "0:13.000  screen did not do rise: it was not done within 12 s; fall is done instead" in jams
    [held] = [text for name, text in said.items() if "held" in name]
    assert "0:15.000  screen did not do fall: refuses: not now; main is held" in held
    assert "0:15.000  main is paused" in held
    [silent] = [text for name, text in said.items() if "Nothing comes through" in name]
    assert "screen is lost: Fog screen is lost" in silent


def test_a_dead_line_delays_no_other_device() -> None:
    """The commands to the others leave at the same instants whether the screen is there or not."""
    found = []
    for name in ("evening", "screen_jams", "screen_restarts"):
        [verdict] = rehearse(SHOWS / "fog_screen", [name])
        lines = verdict.transcript.splitlines()
        others = [line for line in lines if line.strip().startswith("0:01.")]
        found.append([line for line in others if "screen" not in line and "fault" not in line])
    assert found[0]
    assert found[0] == found[1] == found[2]
