"""A day by the schedule: every appointment is kept, on days of 23 and 25 hours, too, and what goes wrong is told by the hour."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from showctl.runtime.day import Day, hours_of, play_day

CROWD = Path(__file__).parents[1] / "shows" / "crowd"
SCHEDULE = """
opening: {at: 01:00, do: {start: main/6}}
dispatch: {at: 01:30, every: 15min, until: 03:30, do: {go: main}}
night: {at: 04:00, do: {start: main/6}}
"""
PLAIN, SPRING, AUTUMN = date(2026, 6, 1), date(2026, 3, 29), date(2026, 10, 25)
BERLIN = "Europe/Berlin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = shutil.copytree(CROWD, tmp_path / "crowd")
    (made / "schedule.yaml").write_text(SCHEDULE, encoding="utf-8")
    show = made / "show.yaml"
    show.write_text(show.read_text(encoding="utf-8") + "schedule: schedule.yaml\n", encoding="utf-8")
    main = made / "lists" / "main.yaml"
    text = main.read_text(encoding="utf-8")
    main.write_text(text.replace("list: main\n", "list: main\nat_end: loop\n"), encoding="utf-8")
    return made


def kept(day: Day, name: str) -> list[str]:
    return [item.at for item in day.kept if item.name == name]


def test_a_plain_day_keeps_every_appointment_and_nothing_goes_wrong(folder: Path) -> None:
    day = play_day(folder, PLAIN, BERLIN, pieces=1)
    assert kept(day, "dispatch") == ["01:30", "01:45", "02:00", "02:15", "02:30", "02:45", "03:00", "03:15", "03:30"]
    assert (kept(day, "opening"), kept(day, "night")) == (["01:00"], ["04:00"])
    assert {item.started[0] for item in day.kept if item.name == "dispatch"} == {"main/1"}
    assert day.failures == ()
    assert day.faults, "now and then something loses its power"
    assert (day.shows, day.hours, day.changes) == (9, 3.0, "")


def test_in_spring_an_hour_is_left_out_and_in_autumn_one_comes_twice(folder: Path) -> None:
    spring, autumn = (play_day(folder, when, BERLIN, pieces=1) for when in (SPRING, AUTUMN))
    assert kept(spring, "dispatch") == ["01:30", "01:45", "03:00", "03:15", "03:30"]
    assert (spring.hours, autumn.hours) == (2.0, 4.0)
    assert len(kept(autumn, "dispatch")) == 13
    assert autumn.changes == "the clocks change: this day has 25 hours"
    assert (spring.failures, autumn.failures) == ((), ())


def test_two_pieces_keep_together_what_one_keeps(folder: Path) -> None:
    one, two = (play_day(folder, PLAIN, BERLIN, pieces=pieces) for pieces in (1, 2))
    assert kept(one, "dispatch") == kept(two, "dispatch")
    assert (one.shows, two.shows, two.pieces) == (9, 9, 2)
    assert two.failures == ()


def test_a_show_that_is_not_over_when_the_next_begins_is_told_by_the_clock_on_the_wall(folder: Path) -> None:
    main = folder / "lists" / "main.yaml"
    text = main.read_text(encoding="utf-8")
    main.write_text(text.replace("within 10s", "within 20min"), encoding="utf-8")
    day = play_day(folder, PLAIN, BERLIN, pieces=1)
    assert day.failures[0] == ("01:45:00", "dispatch of 01:45 finds main/1 of the last time still running")


def test_a_day_on_which_nothing_is_scheduled_is_no_day(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing is scheduled on Monday 01 June 2026"):
        play_day(CROWD, PLAIN, BERLIN)


def test_a_zone_that_is_none_is_refused_with_one_that_is() -> None:
    assert (hours_of(SPRING, BERLIN), hours_of(PLAIN, BERLIN), hours_of(AUTUMN, BERLIN)) == (23, 24, 25)
    with pytest.raises(ValueError, match="Nowhere is no time zone; write for instance Europe/Berlin"):
        hours_of(PLAIN, "Nowhere")
