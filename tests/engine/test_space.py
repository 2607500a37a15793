"""Sound objects in the engine: what a locate, a back, a panic and a recovery make of where they are, and who follows whom."""

from pathlib import Path

import pytest

from showctl.engine.commands import Tell
from showctl.engine.events import Back, Locate, Panic, Pause, Rearm, Reset, Resume, TrackMoved
from showctl.runtime.recovery import standing
from showctl.show.instants import seconds
from showctl.show.show import Show
from showctl.showfile import load
from tests.engine.booth import Booth

SHOW = Path(__file__).parents[1] / "shows" / "space"


@pytest.fixture(scope="module")
def show() -> Show:
    """A show of four renderers, of which ``adm`` is looked at."""
    found = load(SHOW).show
    assert found is not None
    return found


def of_adm(tells: list[Tell]) -> list[str]:
    """What ``adm`` is told: the verb and its arguments, those at their defaults left out."""
    usual = ("", 0.0, "linear", "no", False)
    found = []
    for tell in tells:
        if tell.device == "adm":
            found.append(" ".join([tell.verb, *(f"{word}={value}" for word, value in tell.arguments if value not in usual)]))
    return found


def since(booth: Booth, before: int) -> list[str]:
    return of_adm(booth.tells()[before:])


def test_a_cue_says_where_to_and_how_in_metres(show: Show) -> None:
    booth = Booth(show)
    booth.go(0)
    booth.go(1)
    assert of_adm(booth.tells()) == [
        "move object=choir way=0 1.2 9",
        "move object=voice way=0 1.6 0",
        "level object=choir level=-6.0",
        "spread object=choir amount=40.0",
        "move object=voice way=here; -3 1.6 8 over=4.0 ease=s",
    ]


def test_a_locate_finds_every_object_at_the_end_of_its_way_and_endless_ones_under_way(show: Show) -> None:
    booth = Booth(show)
    booth.at(10, Locate("main", "3"))
    assert of_adm(booth.tells()) == [
        "level object=choir level=-6.0",
        "spread object=choir amount=40.0",
        "move object=voice way=here; -3 1.6 8 over=4.0 ease=s at=4.0",
        "move object=choir way=circle 0 1.6 6 radius 3 from 0 right over=8.0 loop=loop",
    ]


def test_back_puts_what_goes_round_where_it_was(show: Show) -> None:
    booth = Booth(show)
    for when in (0, 1, 10):
        booth.go(when)
    before = len(booth.tells())
    booth.at(12, Back("main"))
    assert since(booth, before) == ["move object=choir way=0 1.2 9 at=12.0"]


def test_a_paused_list_holds_its_objects(show: Show) -> None:
    booth = Booth(show)
    booth.go(0)
    before = len(booth.tells())
    booth.at(1, Pause("main"))
    booth.at(2, Resume("main"))
    assert since(booth, before) == ["pause on=True", "pause"]


def test_at_a_panic_objects_stay_and_at_a_reset_they_go_home(show: Show) -> None:
    booth = Booth(show)
    booth.go(0)
    before = len(booth.tells())
    booth.at(1, Panic())
    booth.at(5, Rearm())
    booth.at(6, Reset())
    assert since(booth, before) == ["freeze", "freeze home=True"]


def test_who_follows_is_told_where_somebody_is_and_how_they_go(show: Show) -> None:
    booth = Booth(show)
    booth.go(0, "4")
    assert since(booth, 0) == ["follow object=voice who=dancer y=0.5", "stop object=choir"]  # nobody has been seen
    before = len(booth.tells())
    booth.at(1, TrackMoved("dancer", seconds(1), (1.0, 1.5, 6.0), (0.5, 0.0, 0.0)))
    booth.at(1, TrackMoved("somebody", seconds(1), (9.0, 1.5, 6.0), (0.0, 0.0, 0.0)))
    assert since(booth, before) == ["track object=voice x=1.0 y=1.5 z=6.0 vx=0.5"]


def test_one_who_begins_to_follow_later_is_told_at_once(show: Show) -> None:
    booth = Booth(show)
    booth.at(1, TrackMoved("dancer", seconds(1), (1.0, 1.5, 6.0), (0.5, 0.0, 0.0)))
    booth.go(2, "4")
    assert since(booth, 0) == [
        "follow object=voice who=dancer y=0.5",
        "track object=voice x=1.5 y=1.5 z=6.0 vx=0.5",
        "stop object=choir",
    ]


def test_an_engine_that_takes_up_the_run_tells_drivers_where_everything_is(show: Show) -> None:
    booth = Booth(show)
    booth.go(0)
    booth.go(1)
    booth.at(2, TrackMoved("dancer", seconds(2), (1.0, 1.5, 6.0), (0.0, 0.0, 0.0)))
    booth.go(3, "4")
    assert of_adm(list(standing(show, booth.state))) == [
        "level object=choir level=-6.0",
        "spread object=choir amount=40.0",
        "follow object=voice who=dancer y=0.5",
        "track object=voice x=1.0 y=1.5 z=6.0",
    ]
