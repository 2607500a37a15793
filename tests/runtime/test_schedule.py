"""The day's shows start by the clock on the wall: once each, also in the two nights in which that clock is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.engine.commands import Note
from showctl.engine.events import Appointed, Evacuate, Maintain, Origin, from_record, to_record
from showctl.runtime.schedule import LATEST, Calendar, due
from showctl.show.cues import CueRef, GoCue, StartCue
from showctl.show.instants import MINUTE, SECOND
from showctl.show.schedule import Appointment
from tests.engine.booth import Booth, cue, cue_list, show_of, starts

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
EVERY_DAY = frozenset(range(7))


def at(
    hour: int, minute: int = 0, *, every: int | None = None, until: int | None = None, days: frozenset[int] = EVERY_DAY
) -> Appointment:
    """A show on main; ``every`` in minutes, ``until`` in hours."""
    go = (GoCue("main"),)
    return Appointment(
        0, "show", hour * 3600 + minute * 60, go, days,
        None if every is None else every * MINUTE, None if until is None else until * 3600,
    )  # fmt: skip


def nano(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()) * SECOND


def in_berlin(calendar: Calendar, day: date) -> list[str]:
    """What begins on a day: UTC, and what the wall in Berlin shows."""
    return [f"{datetime.fromtimestamp(item.wall // SECOND, UTC):%H:%M} UTC, {item.at}" for item in calendar.on(day)]


def test_shows_every_quarter_of_an_hour_until_closing_time() -> None:
    calendar = Calendar([at(10, every=15, until=11)], BERLIN)
    assert [item.at for item in calendar.on(date(2026, 7, 1))] == ["10:00", "10:15", "10:30", "10:45", "11:00"]


def test_days_are_those_of_the_wall() -> None:
    weekdays = Calendar([at(0, 30, days=frozenset(range(5)))], BERLIN)
    found = weekdays.between(nano(2026, 7, 3), nano(2026, 7, 7))
    assert [datetime.fromtimestamp(item.wall // SECOND, BERLIN).strftime("%a %H:%M") for item in found] == [
        "Mon 00:30",
        "Tue 00:30",
    ]


def test_a_time_that_the_wall_skips_in_spring_is_kept_when_the_gap_is_over() -> None:
    assert in_berlin(Calendar([at(2, 30)], BERLIN), SPRING) == ["01:00 UTC, 03:00"]


def test_a_time_that_comes_twice_in_autumn_is_kept_the_first_time() -> None:
    assert in_berlin(Calendar([at(2, 30)], BERLIN), AUTUMN) == ["00:30 UTC, 02:30"]


def test_shows_through_the_night_are_neither_doubled_nor_lost() -> None:
    night = Calendar([at(1, every=30, until=4)], BERLIN)
    assert in_berlin(night, SPRING) == [
        "00:00 UTC, 01:00",
        "00:30 UTC, 01:30",
        "01:00 UTC, 03:00",
        "01:30 UTC, 03:30",
        "02:00 UTC, 04:00",
    ]
    walls = [item.wall for item in night.on(AUTUMN)]
    assert len(walls) == 9
    assert {b - a for a, b in pairwise(walls)} == {30 * MINUTE}


def test_what_begins_before_midnight_may_end_after_it() -> None:
    late = Calendar([at(23, every=30, until=1)], BERLIN)
    assert [item.at for item in late.on(date(2026, 7, 1))] == ["23:00", "23:30", "00:00", "00:30", "01:00"]
    assert len(late.between(nano(2026, 7, 1, 12), nano(2026, 7, 2, 12))) == 5


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["Europe/Berlin", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]),
    st.integers(0, 365 * 24 * 60),
    st.integers(0, 24 * 60 - 1),
    st.lists(st.integers(1, 40 * 60), min_size=1, max_size=12),
)
def test_looking_often_or_seldom_finds_the_same_each_once(zone: str, begin: int, moment: int, looks: list[int]) -> None:
    calendar = Calendar([at(moment // 60, moment % 60), at(9, every=50, until=20)], ZoneInfo(zone))
    start = nano(2026, 1, 1) + begin * MINUTE
    end = start + sum(looks) * MINUTE
    often, now = [], start
    for minutes in looks:
        often += calendar.between(now, now + minutes * MINUTE)
        now += minutes * MINUTE
    assert often == calendar.between(start, end)
    first = calendar.next(start)
    assert first is not None
    assert first == calendar.between(start, start + 8 * 24 * 60 * MINUTE)[0]


@pytest.mark.parametrize("zone", [BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")])
def test_every_day_of_the_year_has_each_appointment_exactly_once(zone: ZoneInfo) -> None:
    for hour in (0, 1, 2, 3, 23):
        calendar = Calendar([at(hour, 30)], zone)
        walls = [item.wall for n in range(365) for item in calendar.on(date(2026, 1, 1) + timedelta(days=n))]
        assert len(walls) == 365
        assert all(22 * 60 * MINUTE < b - a < 26 * 60 * MINUTE for a, b in pairwise(walls))


# --- said to the engine --------------------------------------------------------------------------------------------------------


def test_an_engine_that_was_away_for_a_moment_keeps_what_it_missed_and_no_more() -> None:
    calendar = Calendar([at(10, every=15, until=18)], ZoneInfo("UTC"))
    ten = nano(2026, 7, 1, 10)
    assert [event.at for event in due(calendar, ten - SECOND, ten + 3 * SECOND)] == ["10:00"]
    assert due(calendar, ten - SECOND, ten + LATEST + SECOND) == []
    assert [event.at for event in due(calendar, ten - 1000 * MINUTE, ten + 16 * MINUTE - SECOND)] == ["10:15"]


def test_a_wall_clock_that_is_set_back_says_nothing_anew() -> None:
    calendar = Calendar([at(10)], ZoneInfo("UTC"))
    ten = nano(2026, 7, 1, 10)
    assert due(calendar, ten + SECOND, ten - 5 * SECOND) == []


def booth() -> Booth:
    house = cue_list(cue("9", {"d": 50}, list="house"), name="house", index=1)
    show = show_of(cue("1"), cue("2"), lists=[house])
    start = Appointment(1, "doors", 0, (StartCue(CueRef("house", "9")),), EVERY_DAY)
    return Booth(replace(show, schedule=(at(10), start)))


def test_an_appointment_does_what_it_says_and_never_twice() -> None:
    room = booth()
    room.at(1, Appointed("show", 1000, "10:00"))
    room.at(2, Appointed("show", 1000, "10:00"))
    room.at(3, Appointed("doors", 1000))
    room.at(4, Appointed("nobody", 1000))
    room.at(5, Appointed("show", 2000, "10:15"))
    assert starts(room) == ["1 1", "3 9", "5 2"]
    assert room.log("schedule") == ["1 schedule", "3 schedule", "5 schedule"]


def test_nothing_starts_by_the_clock_under_a_latch_or_while_somebody_is_on_a_ladder() -> None:
    room = booth()
    room.at(1, Maintain(True, "a lamp", origin=Origin("console", "Mei")))
    room.at(2, Appointed("show", 1000, "10:00"))
    room.at(3, Maintain(False, origin=Origin("console", "Mei")))
    room.at(4, Evacuate())
    room.at(5, Appointed("show", 2000, "10:15"))
    said = [c.words for c in room.commands if isinstance(c, Note) and c.what == "schedule.refused"]
    assert (starts(room), said) == (
        [],
        [
            "show of 10:00 does not happen: maintenance lock of Mei: nothing starts by itself",
            "show of 10:15 does not happen: evacuate is in force",
        ],
    )


def test_the_journal_knows_it() -> None:
    event = Appointed("show", nano(2026, 7, 1, 10), "10:00")
    assert from_record(to_record(event)) == event
