"""The technician's commands against a running show, and what they say to words that are wrong."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main, running
from showctl.cli.out_of_service import _day
from showctl.cli.tag_words import overdue, tag_lines, tags_of
from showctl.engine.events import Request
from tests.cli.shows import SMALL
from tests.cli.staged import registered
from tests.console.stage import LittleStage

pytestmark = pytest.mark.serial


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleStage]:
    """The small show, running and registered."""
    with registered(tmp_path, monkeypatch) as stage:
        yield stage


def showctl(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def said(*words: str) -> str:
    result = showctl(*words)
    assert result.exit_code == 0, (words, result.output)
    return result.output.rstrip("\n")


def test_a_channel_check_in_single_commands(stage: LittleStage) -> None:
    assert said("channel", "check", "1", "thru", "4", "at", "50") == "1 of 4: par_1 (1, par_rgbw at sacn/1.1, room) at 50 %"
    assert said("channel", "check", "next") == "2 of 4: par_2 (2, par_rgbw at sacn/1.5, room) at 50 %"
    assert said("channel", "check", "-10").endswith("at 40 %")
    assert "! Mei checks 2 of 4: par_2" in said("status")
    assert json.loads(said("channel", "check", "--json", "last"))["words"].startswith("1 of 4")
    assert said("channel", "check", "off") == "the check of 1 thru 4 is over"

    wrong = showctl("channel", "check", "par_9")
    assert (wrong.exit_code, wrong.stderr) == (
        1,
        "showctl: refused: no light, group, node or universe is called par_9; did you mean par_4?\n",
    )


def test_identify(stage: LittleStage) -> None:
    assert said("identify", "rack_node", "--for", "3").endswith(" blink for 3.0 s")
    assert said("identify", "par_2") == "par_2 blinks for 10.0 s"
    assert said("identify", "--off") == "nothing blinks any more"
    assert [showctl("identify", *words).exit_code for words in ((), ("par_1", "--off"), ("par_1", "--for", "0"))] == [2, 2, 2]


def test_park_and_unpark(stage: LittleStage) -> None:
    assert said("park") == "nothing is parked"
    assert said("park", "par_1", "at", "20", "--because", "ballast hums") == "par_1 parked at 20 %"
    assert said("park") == "par_1 is parked: intensity 20 % (Mei: ballast hums)"
    assert "! par_1 is parked: intensity 20 % (Mei: ballast hums)" in said("status")
    assert "parked by Mei: ballast hums" in said("why", "par_1.intensity")
    (parked,) = json.loads(said("park", "--json"))["parked"]
    assert abs(parked["since"] - time.time()) < 60
    assert showctl("park", "par_1", "at", "loud").stderr == "showctl: refused: loud is no level: 0 to 100, full or out\n"
    assert said("unpark", "all") == "par_1 is parked no more"
    assert showctl("unpark", "all").exit_code == 1
    assert showctl("unpark").exit_code == 2


def test_out_of_service_with_a_spare(stage: LittleStage) -> None:
    assert said("out-of-service") == "every light is in service"
    line = said("out-of-service", "par_2", "until", "2031-12-01", "lamp", "blown", "--spare", "par_4")
    assert line == "par_2 is out of service until 2031-12-01, par_4 stands in for it"
    mark = "par_2 is out of service until 2031-12-01, par_4 stands in (Mei: lamp blown)"
    assert said("out-of-service") == mark
    assert f"! {mark}" in said("status")
    assert "out of service (Mei: lamp blown)" in said("why", "par_2.intensity")
    assert "stands in for par_2, which is out of service" in said("why", "par_4.red")
    assert tags_of(SMALL)["out_of_service"][0]["words"] == mark
    assert said("in-service", "par_2") == "par_2 is in service again"
    assert showctl("in-service", "par_2").exit_code == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("par_2",), "say why par_2 is out of service"),
        (("par_2", "until"), "until needs a day"),
        (("par_2", "until", "soon", "lamp"), "soon is no day: 2026-12-01, tomorrow, friday"),
        (("par_2", "until", "2020-01-01", "lamp"), "2020-01-01 is over already"),
    ],
)
def test_a_mark_that_says_too_little_is_usage(stage: LittleStage, words: tuple[str, ...], why: str) -> None:
    result = showctl("out-of-service", *words)

    assert (result.exit_code, why in result.stderr) == (2, True), result.stderr
    assert stage.asked == []


def test_days_as_people_say_them() -> None:
    from datetime import date

    sunday = date(2026, 11, 22)

    assert [_day(word, sunday) for word in ("today", "tomorrow", "Friday", "sunday", "2026-12-24")] == [
        "2026-11-22",
        "2026-11-23",
        "2026-11-27",
        "2026-11-29",
        "2026-12-24",
    ]
    assert [overdue({"until": day}, sunday) for day in ("2026-11-21", "2026-11-22", None)] == [", overdue", "", ""]


def test_ages_are_said_in_the_unit_that_fits() -> None:
    now = time.time()
    tags = {"parked": [{"words": str(n), "since": now - age} for n, age in enumerate((5, 90, 7300, 90_000, 400_000))]}

    assert list(tag_lines(tags)) == ["0", "1, for 1 min", "2, for 2 h", "3, for 25 h", "4, for 4 days"]


def test_a_maintenance_lock_by_name(stage: LittleStage) -> None:
    assert said("maintenance") == "no lock is on"
    assert said("maintenance", "on", "on", "the", "gantry").startswith("locked by Mei: no schedule")
    assert said("maintenance") == "maintenance: Mei, on the gantry"
    assert "! maintenance: Mei, on the gantry" in said("status")
    assert showctl("maintenance", "off", "--name", "Jo").stderr == "showctl: refused: Jo has no lock on; locked by Mei\n"
    assert said("maintenance", "off", "--name", "Jo", "--of", "Mei").startswith("the lock of Mei is off, taken off by Jo")
    assert [showctl("maintenance", *words).exit_code for words in (("up",), ("off", "now"), ("on", "--of", "Jo"))] == [2, 2, 2]


def test_an_output_is_muted_and_un_muted_by_name(stage: LittleStage) -> None:
    assert said("mute").startswith("nothing is muted\ncan be muted: ")
    assert said("mute", "motion", "--because", "on the gantry") == "motion is muted: moving heads"
    assert said("mute").startswith("motion is muted by Mei: on the gantry\n")
    assert "! motion is muted by Mei: on the gantry" in said("status")
    assert showctl("mute", "light").stderr.startswith("showctl: refused: light is not muted: take it down by its masters")
    assert said("unmute", "motion") == "motion is muted no more"
    assert showctl("unmute", "motion").stderr == "showctl: refused: motion is not muted\n"


def test_without_a_running_show_they_are_all_exit_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for words in (
        ["channel", "check", "1"],
        ["identify", "a"],
        ["park", "a"],
        ["unpark", "a"],
        ["out-of-service"],
        ["in-service", "a"],
        ["maintenance"],
        ["mute"],
        ["unmute", "film"],
    ):
        assert showctl(*words).exit_code == 3, words


def test_a_walk_by_single_keys_gives_the_light_back(stage: LittleStage, tmp_path: Path) -> None:
    """A real terminal: keys go in one by one, and what is lit comes back as a line."""
    (known,) = running.running_shows()
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "showctl.cli", "channel", "check", "--at", known.socket]
    walk = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=os.environ | {"NO_COLOR": "1"})
    os.close(slave)
    try:
        seen = ""
        for keys, line in (
            ("", "q off and away"),
            ("1 thru 3 at 30\r", "1 of 3: par_1 (1, par_rgbw at sacn/1.1, room) at 30 %"),
            (" ", "2 of 3: par_2"),
            ("\x1b[C", "3 of 3: par_3"),
            ("n", "that was the last of 3"),
            ("\x1b[A", "at 40 %"),
            ("/pars odd\r", "1 of 2: par_1"),
            ("h", "highlight"),
            ("/nobody\r", "no light, group, node or universe is called nobody"),
            ("q", "the check of pars odd is over"),
        ):
            os.write(master, keys.encode())
            seen = _until(master, line)
            assert line in seen
        assert walk.wait(10) == 0
    finally:
        walk.kill()
        walk.wait()
        os.close(master)
    assert stage.playback.state.tags.checks == {}
    asked: list[Request] = [event for event in stage.asked if type(event).__name__ == "ChannelCheck"]  # type: ignore[misc]
    assert len(asked) == 10


def _until(terminal: int, line: str) -> str:
    """What the terminal shows until ``line`` is there."""
    seen, end = "", time.monotonic() + 20
    while line not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                seen += os.read(terminal, 4096).decode("utf-8", "replace")
            except OSError:
                break
    return seen


def test_the_sheet_and_the_patch_say_which_lights_are_not_as_they_read(stage: LittleStage) -> None:
    assert "!" not in said("sheet", str(SMALL)).splitlines()[-1]
    said("out-of-service", "par_2", "lamp", "blown")
    said("park", "par_1", "at", "20")

    marks = ["! par_2 is out of service (Mei: lamp blown)", "! par_1 is parked: intensity 20 % (Mei)"]
    assert said("sheet", str(SMALL)).splitlines()[-2:] == marks
    assert said("sheet", str(SMALL), "--cue", "2").splitlines()[-2:] == marks
    assert said("patch", "--show", str(SMALL), "par_2").splitlines()[1].endswith("out of service (Mei: lamp blown)")
