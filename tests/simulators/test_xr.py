"""The simulated XR engine and its headsets: who wakes when, what each shows, and what is left in the battery."""

import pytest

from simulators.xr import XrEngine
from tests.simulators.stage import Bench, make_device, make_show, osc


def engine(**options: float) -> Bench:
    device = make_device("unreal", "xr_engine", options=options)
    return Bench(XrEngine(device, make_show(device), 1))


def test_a_scene_is_prepared_and_started() -> None:
    xr = engine()
    xr.send(osc("/xr/scene", "sf", "ignite", 4.0))
    assert xr.osc()[0] == (0.0, "/xr/engine", ("ignite", "prepared", 0))
    xr.to(10)
    assert xr.truth("scene", "state", "position") == ["ignite", "prepared", 4.0]
    xr.send(osc("/xr/start", "f", 6.0))
    xr.to(12)
    assert xr.truth("state", "position") == ["running", 8.0]


def test_a_start_without_a_place_starts_from_where_the_scene_was_prepared() -> None:
    xr = engine()
    xr.send(osc("/xr/scene", "sf", "ignite", 4.0))
    xr.send(osc("/xr/start"))
    xr.to(1)
    assert xr.truth("position") == [5.0]


def test_nothing_starts_where_nothing_is_prepared() -> None:
    xr = engine()
    xr.send(osc("/xr/start", "f", 0.0))
    xr.send(osc("/xr/pause", "i", 1))
    assert xr.truth("state", "awake") == ["idle", 0.0]


def test_the_headsets_wake_one_after_the_other_and_show_the_scene() -> None:
    xr = engine()
    xr.send(osc("/xr/scene", "sf", "sky", 0.0))
    xr.to(0.299)
    assert xr.truth("headsets", "awake") == [6.0, 0.0]
    xr.take()
    xr.to(2.5)
    assert xr.truth("awake") == [6.0]
    moments = [moment for moment, address, arguments in xr.osc() if arguments[1] == "awake" and arguments[3] == "sky"]
    assert len(set(moments)) == 6


def test_a_late_joiner_shows_the_same_scene() -> None:
    xr = engine()
    xr.act("headset 4 late 20s")
    xr.send(osc("/xr/scene", "sf", "sky", 0.0))
    xr.to(19.999)
    assert xr.truth("awake", "headset_4") == [5.0, "asleep"]
    xr.to(20)
    assert xr.truth("awake", "headset_4") == [6.0, "awake"]


def test_passthrough_shows_the_room_on_every_headset() -> None:
    xr = engine(headsets=2.0)
    xr.send(osc("/xr/passthrough", "is", 1, "Follow the crew"))
    xr.to(3)
    assert xr.truth("passthrough", "notice", "headset_1", "headset_2") == [True, "Follow the crew", "passthrough", "passthrough"]
    xr.send(osc("/xr/passthrough", "is", 0, ""))
    assert xr.truth("passthrough", "headset_1") == [False, "awake"]


def test_headsets_report_every_five_seconds_once_spoken_to() -> None:
    xr = engine(headsets=1.0)
    xr.to(100)
    assert xr.osc() == []
    xr.send(osc("/xr/state"))
    xr.take()
    xr.to(110)
    assert [(moment, arguments[:2]) for moment, _, arguments in xr.osc()] == [
        (105.0, ("headset 1", "asleep")),
        (110.0, ("headset 1", "asleep")),
    ]


def test_an_awake_headset_runs_down_and_sleeps_when_empty() -> None:
    xr = engine(headsets=1.0)
    xr.act("headset 1 awake")
    xr.act("headset 1 battery 1%")
    xr.to(30)
    left = xr.truth("battery")[0]
    assert isinstance(left, float)
    assert 0.0 < left < 1.0
    xr.to(120)
    assert xr.truth("headset_1", "awake") == ["asleep", 0.0]


def test_a_sleeping_headset_charges_to_full_and_no_further() -> None:
    xr = engine(headsets=1.0)
    xr.act("headset 1 battery 50")
    xr.to(1800)
    assert xr.truth("battery") == [75.0]
    xr.to(7200)
    assert xr.truth("battery") == [100.0]


def test_after_stop_they_sleep_within_a_minute() -> None:
    xr = engine()
    xr.send(osc("/xr/scene", "sf", "sky", 0.0))
    xr.to(10)
    xr.send(osc("/xr/stop"))
    xr.to(69.999)
    assert xr.truth("state", "scene", "awake") == ["idle", "", 6.0]
    xr.to(70)
    assert xr.truth("awake") == [0.0]


def test_a_pause_stops_the_scenes_clock() -> None:
    xr = engine()
    xr.send(osc("/xr/scene", "sf", "sky", 0.0))
    xr.send(osc("/xr/start", "f", 0.0))
    xr.to(5)
    xr.send(osc("/xr/pause", "i", 1))
    xr.to(50)
    assert xr.truth("state", "position") == ["paused", 5.0]
    xr.send(osc("/xr/pause", "i", 0))
    xr.to(51)
    assert xr.truth("state", "position") == ["running", 6.0]


@pytest.mark.parametrize("words", ["headset 7 awake", "headset 1 dance", "headset 0 awake", "dance"])
def test_a_headset_that_is_not_there_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="headset N \\(of 6\\)"):
        engine().act(words)
