"""A fleet of headsets: what is wrong with it is said, the show's policy is done, and who joins late is sought in."""

from showctl.devices.driver import Output
from showctl.devices.xr_engine import XrEngine
from tests.devices.building import at, device, healths, osc, reports, said, tell, until


def engine(**options: str) -> XrEngine:
    """An engine that answers, with the scene ``sky`` running since 1 s."""
    it = XrEngine(device("xr_engine", options=options))
    it.start(0)
    it.received(osc("/xr/pong", "i", 1), 0)
    until(it, 0, at(0.5))
    it.command(tell("scene", scene="sky"), at(1))
    it.received(osc("/xr/engine", "ssi", "sky", "prepared", 0), at(1))
    it.command(tell("start"), at(1))
    it.received(osc("/xr/engine", "ssi", "sky", "running", 0), at(1))
    return it


def speaks(it: XrEngine, now: float, name: str, state: str, battery: float, scene: str, *tracking: str) -> list[Output]:
    return [*it.received(osc("/xr/headset", "ssfs" + "s" * len(tracking), name, state, battery, scene, *tracking), at(now))]


def alive(it: XrEngine, since: float, until_: float) -> list[Output]:
    """The engine answers its pings meanwhile; everything said."""
    found: list[Output] = []
    now = at(since)
    while (deadline := it.next_deadline()) is not None and deadline <= at(until_):
        now = max(now, deadline)
        outputs = it.wake(now)
        found += outputs
        if any(message[0] == "/xr/ping" for message in said(outputs)):
            found += it.received(osc("/xr/pong", "i", 1), now)
    return found


def test_a_headset_that_sleeps_through_a_scene_is_said_once_the_fleet_had_time_to_wake() -> None:
    it = engine()
    assert healths(speaks(it, 2, "headset 4", "asleep", 80.0, "")) == []
    found = alive(it, 2, 6)
    assert healths(found) == [("degraded", "xr_engine has a fleet to look after: headset 4 sleeps.")]
    awake = speaks(it, 7, "headset 4", "awake", 80.0, "sky", "ok")
    assert healths(awake) == [("ok", "xr_engine answers again.")]
    assert reports(awake)["in_scene"] == 1.0


def test_who_sleeps_is_woken_where_the_show_says_so() -> None:
    it = engine(on_sleep="wake")
    speaks(it, 2, "headset 4", "asleep", 80.0, "")
    assert [message for message in said(alive(it, 2, 6)) if message[0] == "/xr/wake"] == [("/xr/wake", "headset 4")]
    assert ("/xr/wake", "headset 4") not in said(speaks(it, 8, "headset 4", "asleep", 80.0, ""))
    assert ("/xr/wake", "headset 4") in said(speaks(it, 11, "headset 4", "asleep", 80.0, ""))


def test_a_low_battery_and_lost_tracking_are_said_and_the_policy_shows_the_room() -> None:
    it = engine(on_low_battery="passthrough", on_lost_tracking="passthrough", low_battery="20")
    found = speaks(it, 2, "headset 2", "awake", 19.6, "sky", "ok")
    assert ("/xr/see_through", "headset 2", 1) in said(found)
    found = speaks(it, 3, "headset 5", "awake", 90.0, "sky", "lost")
    assert ("/xr/see_through", "headset 5", 1) in said(found)
    assert reports(found)["trouble"] == "headset 2 has 20 % left, headset 5 has lost its tracking"
    back = speaks(it, 4, "headset 5", "passthrough", 90.0, "", "ok")
    assert said(back) == [("/xr/see_through", "headset 5", 0)]


def test_nothing_is_said_of_what_the_show_does_not_mind_or_while_no_scene_is_on() -> None:
    it = engine(on_sleep="nothing")
    assert healths([*speaks(it, 2, "headset 4", "asleep", 80.0, ""), *alive(it, 2, 9)]) == []
    it.command(tell("stop"), at(10))
    assert healths(speaks(it, 10, "headset 2", "asleep", 3.0, "")) == []


def test_a_late_joiner_seeks_in_to_where_the_others_are() -> None:
    it = engine()
    assert ("/xr/seek", "headset 6", "sky", 20.0) in said(speaks(it, 21, "headset 6", "awake", 90.0, "", "ok"))
    assert said(speaks(it, 22, "headset 6", "awake", 90.0, "sky", "ok")) == []


def test_a_start_in_a_moment_counts_from_that_moment() -> None:
    it = engine()
    assert said(it.command(tell("start", at=5.0, after=2.0), at(30))) == [("/xr/start", 5.0, 2.0)]
    assert ("/xr/seek", "headset 6", "sky", 5.0) in said(speaks(it, 31, "headset 6", "awake", 90.0, "", "ok"))
    assert ("/xr/seek", "headset 6", "sky", 9.0) in said(speaks(it, 36, "headset 6", "awake", 90.0, "", "ok"))


def test_a_fleet_of_many_troubles_is_told_in_a_sentence() -> None:
    it = engine()
    found = [speaks(it, 7, f"headset {n}", "asleep", 80.0, "") for n in range(1, 9)]
    assert str(reports(found[-1])["trouble"]).endswith("headset 4 sleeps and 4 more")
