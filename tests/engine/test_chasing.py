"""Timelines on timecode (R13, R14): joining, holding, jumping there and back as if played; law 1: jump(t) equals playing to t."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.engine.events import ClockMoved, Origin, Pause, Resume
from showctl.show.cues import ActionClass, Cue, GroupMode, Perform
from showctl.show.instants import SECOND, seconds
from showctl.show.show import Show, TimecodeInput
from tests.engine.booth import Booth, bell, cue, group, play, show_of, start_after, starts

HOUR = 3600.0
NAMES = ("a", "b", "c", "d")


def on_code(*members: tuple[float, Cue], offset: float = HOUR, label: str = "10", **more: object) -> Show:
    """A cue that lights all by halves, and then a timeline on the code of ``desk``."""
    timeline = group(label, GroupMode.TIMELINE, *members, **more)
    assert timeline.group is not None
    timeline = replace(timeline, group=replace(timeline.group, clock="desk", offset=seconds(offset)))
    before = cue("5", dict.fromkeys(NAMES, 50), next=None)
    return replace(show_of(before, timeline, cue("90")), timecodes=(TimecodeInput("desk", "ltc", 25, 1),))


def code(at: float, position: float, *, jump: bool = False, state: str = "locked", rate: int = 1) -> ClockMoved:
    """At second ``at`` the code says ``position`` seconds after its hour."""
    return ClockMoved("desk", state, seconds(at), seconds(HOUR + position), rate, 1, jump)


def hits() -> list[tuple[float, Cue]]:
    return [
        (2, cue("10:2", {"a": 100}, 4)),
        (5, cue("10:5", {"b": 0}, 2)),
        (8, cue("10:8", {"a": 10, "c": 100}, 0)),
        (9, cue("10:9", None, 0, bell(), play("rumble", "rumble", 40))),
        (20, cue("10:20", {"d": 0}, 10)),
    ]


def levels(booth: Booth) -> list[float]:
    return [booth.level(name) for name in NAMES]


def playing(booth: Booth) -> list[tuple[str, float]]:
    """What was asked to play, and from where."""
    return [(str(t.cue), float(dict(t.arguments)["at"])) for t in booth.tells() if t.verb == "play"]


def started(show: Show) -> Booth:
    booth = Booth(show)
    booth.go(0)
    return booth


def test_a_timeline_that_is_started_in_the_middle_of_the_code_has_the_state_and_plays_no_old_hits() -> None:
    booth = started(on_code(*hits()))
    booth.at(1, code(1, 10.5, jump=True))
    booth.go(2)  # the code is at 11.5
    assert levels(booth) == [10, 0, 100, 50]
    assert [t.verb for t in booth.tells()] == ["play"]  # the bell of 9 s is not rung
    assert playing(booth) == [("main/10:9", 2.5)]
    booth.at(15.5)  # 25 on the code
    assert booth.level("d") == 25


def test_code_that_comes_later_takes_the_timeline_along() -> None:
    booth = started(on_code(*hits()))
    booth.go(0)
    booth.at(3)
    assert booth.level("a") == 62.5
    booth.at(3, code(3, 3.05, jump=True))  # a twentieth off: they go on together
    booth.at(5)
    assert starts(booth)[-1] == "4.95 10:5"
    booth = started(on_code(*hits()))
    booth.go(0)
    booth.at(1, code(1, 8.5, jump=True))
    assert levels(booth) == [10, 0, 100, 50]
    assert booth.tells() == []
    booth.at(2)
    assert [t.verb for t in booth.tells()] == ["fade", "play"]


def test_a_jump_ahead_is_made_as_if_played_and_what_is_momentary_is_not_sent() -> None:
    booth = started(on_code(*hits()))
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(3)
    booth.at(3, code(3, 24, jump=True))
    assert levels(booth) == [10, 0, 100, 30]
    assert [t.verb for t in booth.tells()] == ["play"]
    assert playing(booth) == [("main/10:9", 15.0)]


def test_a_jump_back_takes_back_what_was_and_plays_it_again_when_it_comes() -> None:
    booth = started(on_code(*hits()))
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(12)
    assert [t.verb for t in booth.tells()] == ["fade", "play"]
    booth.at(12, code(12, 4, jump=True))
    assert levels(booth) == [75, 50, 50, 50]
    assert [t.verb for t in booth.tells()] == ["fade", "play", "stop"]
    booth.at(17)
    assert levels(booth)[1] == 0
    assert [t.verb for t in booth.tells()][3:] == ["fade", "play"]
    assert playing(booth)[-1] == ("main/10:9", 0.0)


def test_code_that_jumps_out_of_the_timeline_leaves_it_to_itself_and_may_come_back() -> None:
    booth = started(on_code(*hits()))
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(6, code(6, 4000, jump=True))
    assert booth.log("timecode.elsewhere") == ["6 timecode.elsewhere 10"]
    booth.at(9)
    assert booth.level("c") == 100  # it went on by itself
    booth.at(10, code(10, 21, jump=True))
    assert booth.level("d") == 45


def test_code_of_another_song_is_not_followed() -> None:
    booth = started(on_code(*hits(), offset=2 * HOUR))
    booth.at(0, code(0, 100, jump=True))
    booth.go(0)
    booth.at(2)
    assert starts(booth)[-1] == "2 10:2"


def test_code_before_the_beginning_is_waited_for() -> None:
    booth = started(on_code(*hits()))
    booth.at(0, code(0, -10, jump=True))
    booth.go(0)
    booth.at(13)
    assert starts(booth)[-1] == "12 10:2"


def test_code_goes_past_midnight() -> None:
    booth = started(on_code(*hits(), offset=24 * HOUR - 4))
    booth.at(0, ClockMoved("desk", "locked", 0, SECOND, 1, 1, True))  # 00:00:01:00, five seconds after 23:59:56:00
    booth.go(0)
    assert booth.level("a") == 87.5


def test_an_offset_of_the_source_is_added_to_what_it_says() -> None:
    show = on_code(*hits(), offset=0)
    show = replace(show, timecodes=(TimecodeInput("desk", "ltc", 25, 1, offset=-seconds(HOUR)),))
    booth = started(show)
    booth.at(0, code(0, 4, jump=True))
    booth.go(0)
    assert booth.level("a") == 75


def test_a_list_on_hold_stays_where_it_is_and_goes_to_the_code_when_it_goes_on() -> None:
    booth = started(on_code(*hits()))
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(4, Pause("main", None, Origin("test")))
    booth.at(9)
    assert levels(booth) == [75, 50, 50, 50]
    booth.at(9.5, Resume("main", None, Origin("test")))
    assert levels(booth) == [10, 0, 100, 50]
    assert [t.verb for t in booth.tells()] == ["play"]
    booth.at(21)
    assert booth.level("d") == 45


@pytest.mark.parametrize("silent", ["freewheel", "lost"])
def test_code_that_fell_silent_with_the_list_is_not_run_after_when_it_goes_on(silent: str) -> None:
    booth = started(on_code(*hits()))
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(4, Pause("main", None, Origin("test")))
    booth.at(4.2, code(0, 0, state=silent))  # whoever sends it was held, too; its clock runs on by itself
    booth.at(9.5, Resume("main", None, Origin("test")))
    assert levels(booth) == [75, 50, 50, 50]
    booth.at(9.6, code(9.6, 4.1))
    booth.at(10.6)
    assert starts(booth)[-1] == "10.5 10:5"
    assert booth.tells() == []


def test_a_timeline_does_not_begin_on_the_clock_of_code_that_was_lost_in_another_song() -> None:
    booth = started(on_code(*hits()))
    booth.at(0, code(0, 0, jump=True))
    booth.at(2, code(0, 0, state="lost"))
    booth.go(10)
    booth.at(12)
    assert starts(booth)[-1] == "12 10:2"


def test_what_the_timeline_itself_plays_goes_to_where_the_code_is() -> None:
    score = (play("rumble", "score", 40),)
    booth = started(on_code(*hits(), actions=score))
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(2, code(2, 6, jump=True))
    booth.at(3, code(3, 1, jump=True))
    assert [at for who, at in playing(booth) if who == "main/10"] == [0, 6, 1]


def test_what_carries_the_code_is_where_the_code_is_and_does_not_chase_itself() -> None:
    show = on_code(*hits(), actions=(play("rumble", "score", 40), play("bell", "other", 40)))
    desk = TimecodeInput("desk", "osc", 25, 1, source="sound", along=(("rumble", seconds(HOUR)),))
    booth = started(replace(show, timecodes=(desk,)))
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(2, code(2, 6, jump=True))

    asked = [dict(t.arguments) for t in booth.tells() if t.verb == "play" and str(t.cue) == "main/10"]
    assert [(a["clip"], float(a["at"])) for a in asked] == [("rumble", 0), ("bell", 0), ("bell", 6)]


def test_the_timeline_ends_after_a_jump_when_it_would_have() -> None:
    booth = started(on_code(*hits()))
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(2, code(2, 25, jump=True))
    booth.at(7.9)
    assert "main/10" in booth.running()
    booth.at(26)
    assert "main/10" not in booth.running()


Hits = list[tuple[int, dict[str, int], float, int]]
"""Second, levels, time, pre-wait."""
MEMBERS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.dictionaries(st.sampled_from(NAMES), st.integers(0, 100), min_size=1, max_size=3),
        st.sampled_from([0, 0.5, 2, 7]),
        st.sampled_from([0, 1, 3]),
    ),
    min_size=1,
    max_size=12,
)


def timeline(given_: Hits) -> Show:
    given_ = sorted(given_, key=lambda item: item[0])
    members = []
    for n, (at, light, time, wait) in enumerate(given_):
        member = cue(f"10:{n}", {name: float(level) for name, level in light.items()}, time, wait=seconds(wait))
        if n % 4 == 3:
            inner = cue(f"10:{n}:1", {"d": 77}, 1, wait=seconds(1))
            member = group(f"10:{n}", GroupMode.SEQUENCE, replace(member, ref=replace(member.ref, label=f"10:{n}:0")), inner)
        members.append((float(at), member))
    return on_code(*members)


@given(MEMBERS, st.integers(1, 500), st.integers(0, 100))
@settings(max_examples=80, deadline=None)
def test_law_1_a_jump_ahead_equals_playing_to_there(given_: Hits, to: int, since: int) -> None:
    show, there, here = timeline(given_), to / 10, min(since, to) / 10
    played, jumped = started(show), started(show)
    for booth in (played, jumped):
        booth.at(0, code(0, 0, jump=True))
        booth.go(0)
    played.at(there)
    jumped.at(here)
    jumped.at(here, code(here, there, jump=True))
    assert levels(jumped) == levels(played)
    ends = [other for other in (60.0, 75.0) if other > there]
    for later in ends:
        played.at(later)
        jumped.at(later - there + here)
        assert levels(jumped) == levels(played)
    assert sorted(jumped.running()) == sorted(played.running())


@given(MEMBERS, st.integers(1, 400), st.integers(1, 500))
@settings(max_examples=80, deadline=None)
def test_law_1_a_jump_back_equals_playing_to_there(given_: Hits, to: int, since: int) -> None:
    show, there, here = timeline(given_), to / 10, (to + since) / 10
    played, jumped = started(show), started(show)
    for booth in (played, jumped):
        booth.at(0, code(0, 0, jump=True))
        booth.go(0)
    played.at(there)
    jumped.at(here)
    still = "main/10" in jumped.running()
    jumped.at(here, code(here, there, jump=True))
    if still:  # a timeline that is over stays over
        assert levels(jumped) == levels(played)
        assert sorted(jumped.running()) == sorted(played.running())


def test_a_momentary_member_exactly_where_code_lands_is_played() -> None:
    horn = Perform("film", "osc", (("address", "/horn"),), ActionClass.MOMENTARY)
    booth = started(on_code((4, cue("10:4", None, 0, horn)), (5, cue("10:5", {"a": 1}))))
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(1, code(1, 4, jump=True))
    assert [t.verb for t in booth.tells()] == ["osc"]


def test_a_timeline_of_a_list_that_goes_on_by_itself_is_not_run_twice() -> None:
    show = on_code(*hits(), next=start_after(30))
    booth = started(show)
    booth.at(0, code(0, 0, jump=True))
    booth.go(0)
    booth.at(25)
    booth.at(25, code(25, 3, jump=True))
    booth.at(80)
    assert [line.split()[1] for line in starts(booth)].count("90") == 1
