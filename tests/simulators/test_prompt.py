"""Lines that break a venue while it runs: on the command line, from a rehearsal's script, and typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from showctl.show.instants import SECOND
from simulators.__main__ import main
from simulators.prompt import Line, lines_of, parse_line, try_out
from simulators.venue import SimulatedVenue, read_show

CROWD = Path(__file__).parents[1] / "shows" / "crowd"


def test_a_line_has_a_moment_a_verb_and_words_and_is_a_fault_without_a_verb() -> None:
    assert parse_line("at 1:30: fault link door from loss 10%") == Line(90 * SECOND, "fault", "link door from loss 10%")
    assert parse_line("set door open") == Line(0, "set", "door open")
    assert parse_line("door power lost for 5s") == Line(0, "fault", "door power lost for 5s")


@pytest.mark.parametrize("text", ["", "press", "at 5s:", "at noon: press bell", "fault " + "x" * 2000])
def test_a_line_that_says_nothing_to_do_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|at most|is not a time"):
        parse_line(text)


def test_of_a_rehearsal_people_and_the_world_are_played_and_the_operator_is_left_out() -> None:
    assert lines_of(CROWD, "broker_restarts") == [
        Line(0, "guests", "3 join"),
        Line(SECOND, "fault", "room_broker power lost for 2s"),
        Line(8 * SECOND, "press", "bell"),
        Line(9 * SECOND, "press", "bell"),
    ]
    with pytest.raises(ValueError, match="no rehearsal is called matinee; there are: broker_restarts, evening"):
        lines_of(CROWD, "matinee")


@pytest.mark.serial
def test_a_running_venue_breaks_by_option_and_by_what_is_typed(tmp_path: Path) -> None:
    small = CROWD.parent / "small"
    ports = ["--http-port", "0", "--sacn-port", "25568", "--artnet-port", "26454", "--serial-dir", str(tmp_path)]
    typed = "state sound\nfault sound back\nstate sound\nfault sound explode\nlook par_1.intensity\nquit\n"
    done = subprocess.run(
        [sys.executable, "-m", "simulators", str(small), *ports, "--prompt", "--fault", "sound power lost"],
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    assert "at 0.0: fault sound power lost" in done.stdout
    assert "sound has no power" in done.stdout
    assert "par_1.intensity is 0" in done.stdout
    assert "does not understand 'explode'" in done.stderr or "sound has no power" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--script", "matinee", "no rehearsal is called matinee"),
        ("--fault", "at 10s: dor power lost", "there is no device 'dor'"),
        ("--interface", "203.0.113.9", "203.0.113.9 is no address of this machine"),
        ("--sacn-port", "99999", "99999 is not in the range"),
    ],
)
def test_an_option_that_says_nothing_is_a_usage_error(option: str, value: str, said: str) -> None:
    done = CliRunner().invoke(main, [str(CROWD), option, value])
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_line_may_build_upon_an_earlier_one_when_lines_are_tried_out() -> None:
    small = read_show(CROWD.parent / "small")
    dead, frozen = parse_line("sound power lost for 5s"), "sound frozen"
    try_out(SimulatedVenue(small, 0), [parse_line(f"at 30s: {frozen}"), dead])
    with pytest.raises(ValueError, match="sound has no power"):
        try_out(SimulatedVenue(small, 0), [parse_line(f"at 2s: {frozen}"), dead])
