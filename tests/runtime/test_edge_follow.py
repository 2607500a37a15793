"""Traces: what of a tracker's frames becomes an event, and when."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from showctl.devices.driver import Track
from showctl.engine.events import TrackMoved
from showctl.runtime.edge import Edge
from showctl.runtime.edge_follow import OFF, Followers
from showctl.show.devices import KINDS, Device
from showctl.show.fixtures import Point
from showctl.show.instants import MILLISECOND, seconds
from showctl.show.patch import make_patch
from showctl.show.show import Show
from showctl.show.targets import Target

LATENCY = 80 * MILLISECOND


def show() -> Show:
    tracker = Device(0, "psn", KINDS["tracker"], "udp", latency=LATENCY)
    targets = (
        Target(1, "altar", Point(0, 1, 8)),
        Target(2, "dancer", Point(0, 1, 5), "psn", "dancer"),
        Target(3, "lead", Point(0, 1, 5), "psn", id=7),
    )
    return Show("s", make_patch((), (), ()), (), (tracker,), targets=targets)


def dancer(x: float, z: float = 0.0, vx: float = 0.0) -> Track:
    return Track(1, x, 1.0, z, abs(vx), name="dancer", velocity=(vx, 0.0, 0.0))


def walk(speed: float, for_: float, rate: int, said: bool = True) -> list[TrackMoved]:
    """What is said of someone who walks, at ``rate`` frames a second."""
    followers, found = Followers(show()), []
    for n in range(int(for_ * rate)):
        when = n / rate
        found += followers.frame("psn", [dancer(speed * when, 0.0, speed if said else 0.0)], seconds(when))
    return found


def test_who_is_seen_is_said_with_the_age_of_the_news() -> None:
    found = Followers(show()).frame("psn", [dancer(1, 2, 0.5)], seconds(3))
    assert found == [TrackMoved("dancer", seconds(3) - LATENCY, (1, 1, 2), (0.5, 0, 0))]


def test_whoever_stands_is_said_once() -> None:
    assert len(walk(0, 60, 60)) == 1


def test_whoever_walks_straight_is_said_before_heads_stop_believing_it_and_not_more_often() -> None:
    found = walk(1.2, 10, 60)
    gaps = {round((b.at - a.at) / MILLISECOND) for a, b in pairwise(found)}
    assert max(gaps) < 300
    assert len(found) < 45


def test_a_turn_is_said_at_once_but_never_twice_within_fifty_milliseconds() -> None:
    followers = Followers(show())
    said = [followers.frame("psn", [dancer(0.012 * n, 0, 1.2)], n * 10 * MILLISECOND) for n in range(10)]
    turned = [(n, followers.frame("psn", [dancer(0.12, 0.03 * n)], (10 + n) * 10 * MILLISECOND)) for n in range(1, 20)]
    when = [n for n, found in turned if found]
    assert len([found for found in said if found]) == 1
    assert when[0] <= 3
    assert all(b - a >= 5 for a, b in pairwise(when))


def test_a_tracker_without_speeds_is_helped_out() -> None:
    found = walk(1.0, 3, 30, said=False)
    assert found[-1].velocity[0] == pytest.approx(1.0, abs=0.01)


def test_a_trembling_spot_is_somebody_who_stands() -> None:
    followers, found = Followers(show()), []
    for n in range(200):
        found += followers.frame("psn", [dancer(0.01 * math.sin(n), 0.01 * math.cos(n))], n * 20 * MILLISECOND)
    assert len(found) <= 2
    assert all(abs(item.velocity[0]) < 0.6 for item in found)
    assert OFF > 0.02


def test_a_guest_is_followed_by_number_and_others_by_name_of_the_tracker_that_the_show_names() -> None:
    followers = Followers(show())
    guest, camera = Track(7, 2, 1, 3, name="guest 7"), Track(9, 0, 3, 0, name="camera")
    assert [item.name for item in followers.frame("psn", [guest, camera], 0)] == ["lead"]
    assert followers.frame("other", [dancer(0), guest], seconds(1)) == []


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e30])
def test_nobody_is_out_of_this_world(bad: float) -> None:
    followers = Followers(show())
    assert followers.frame("psn", [dancer(bad)], 0) == []
    assert followers.frame("psn", [dancer(0)._replace(velocity=(bad, 0.0, 0.0))], 0) == []


def test_the_edge_says_traces_beside_its_counts_and_counts_no_performer() -> None:
    edge = Edge(show())
    events = edge.tracked([Track(7, 2, 1, 3)], 0, "psn", [dancer(1)])
    assert [event.name for event in events if isinstance(event, TrackMoved)] == ["dancer", "lead"]
