"""Maintenance locks: who is at work, what stands still meanwhile, and how it comes back."""

from dataclasses import replace

import pytest

from showctl.engine.asking import why_level
from showctl.engine.commands import Note, Tell
from showctl.engine.events import Ask, Go, Maintain, Origin, Reset
from showctl.show.cues import Perform
from showctl.show.instants import seconds
from showctl.show.places import Place
from tests.engine.booth import Booth, bell, branch, cue, end_after, show_of, start_after
from tests.engine.test_technicians import JO, MEI, asked, booth, check


def test_a_lock_bears_a_name_and_ends_with_the_last_of_them() -> None:
    b = booth()

    assert asked(b, 0, Maintain(True)) == "! a maintenance lock bears a name: say who you are"
    assert asked(b, 1, Maintain(True, "on the gantry", origin=MEI)).startswith("locked by Mei: no schedule, no triggers")
    asked(b, 2, Maintain(True, origin=JO))
    assert asked(b, 3, Maintain(False, origin=MEI)) == "the lock of Mei is off; still locked by Jo"
    assert asked(b, 4, Maintain(False, origin=MEI)) == "! Mei has no lock on; locked by Jo"
    assert asked(b, 5, Maintain(False, whose="Jo", origin=MEI)) == (
        "the lock of Jo is off, taken off by Mei; the show may move again"
    )
    b.at(10)
    assert not len(b.state.plan.rows)


def test_under_a_lock_nothing_starts_by_itself_and_a_person_still_can() -> None:
    b = booth()
    asked(b, 0, Maintain(True, origin=MEI))

    for surface in ("schedule", "trigger"):
        assert asked(b, 1, Go("main", origin=Origin(surface))) == "! maintenance lock of Mei: nothing starts by itself"
    assert b.go(2).started is not None
    asked(b, 3, Maintain(False, origin=MEI))
    assert asked(b, 4, Go("main", origin=Origin("schedule"))) == ""


def test_heads_stand_still_under_a_lock_unless_a_check_turns_them() -> None:
    b = Booth(show_of(cue("1", {"head.pan": 0}, 10)))
    b.go(0)
    asked(b, 5, Maintain(True, origin=MEI))
    still = b.level("head.pan")
    b.at(8)

    assert b.level("head.pan") == still
    check(b, 8, "head.pan at 90")
    assert b.level("head.pan") == 90
    check(b, 9, "off")
    assert b.level("head.pan") == still
    b.at(9, Reset())
    assert b.level("head.pan") == still, "a reset is no reason to move"
    asked(b, 10, Maintain(False, origin=MEI))
    assert b.level("head.pan") == still, "somebody may still be near: it does not jump"
    b.at(12.5)
    assert b.level("head.pan") == pytest.approx((still + 50.0) / 2, abs=0.1)
    b.at(15)
    assert b.level("head.pan") == 50.0
    assert not len(b.state.plan.rows)


def test_heads_on_their_way_back_go_to_where_the_show_has_them_by_then_and_stand_when_locked_again() -> None:
    b = Booth(show_of(cue("1", {"head.pan": 0}, 10)))
    b.go(0)
    asked(b, 2, Maintain(True, origin=MEI))
    held = b.level("head.pan")
    asked(b, 4, Maintain(False, origin=MEI))
    b.at(6)
    moving = b.level("head.pan")
    assert 0 < moving < held
    assert "on its way back from where it was held still" in str(why_level(b.show, b.state, b.state.now, "head", "pan"))

    asked(b, 6, Maintain(True, origin=JO))
    b.at(11)
    assert b.level("head.pan") == moving, "one lock lets go, the next one holds"
    asked(b, 11, Maintain(False, origin=JO))
    b.at(16)
    assert b.level("head.pan") == 0, "the fade has gone on beneath"


def test_under_a_lock_what_runs_comes_to_its_end_and_nothing_follows_it() -> None:
    first, second, third = (
        cue("1", {"a": 100}, 4, next=start_after(2)),
        cue("2", {"a": 20}, 2, next=end_after(1)),
        cue("3", {"a": 0}),
    )
    b = Booth(show_of(first, second, third))
    b.go(0)
    assert asked(b, 1, Maintain(True, origin=MEI)).endswith(
        "; 1 cue runs to its end unless stopped, and nothing follows by itself"
    )
    b.at(20)

    assert (b.running(), b.level("a")) == ([], 100)
    assert b.state.lists[0].standby == "2"
    assert [c.words for c in b.commands if isinstance(c, Note) and c.what == "maintenance.stays"] == [
        "main/1 is not followed by itself: main/2 stands by"
    ]
    b.go(21)
    b.at(30)
    assert b.level("a") == 0, "what a person starts chains as ever"


def test_a_branch_that_is_open_when_a_lock_goes_on_is_for_a_person_to_decide() -> None:
    b = Booth(show_of(cue("1", {"a": 100}, 1, next=branch(5, otherwise="3")), cue("2", {"a": 20}), cue("3", {"a": 0})))
    b.go(0)
    asked(b, 2, Maintain(True, origin=MEI))
    b.at(20)

    assert (b.running(), b.level("a")) == ([], 100)
    assert [c.words for c in b.commands if isinstance(c, Note) and c.what == "maintenance.stays"] == [
        "main/1 is not followed by itself: what follows it is for a person to say"
    ]


def test_what_moves_is_brought_to_rest_by_a_lock_and_stays_there() -> None:
    rest = Perform("film", "blank", (("fade", 0.0),))
    lift = bell()
    show = show_of(cue("1", None, 0, lift))
    zones = tuple(
        replace(show.zones[0], safe=replace(show.zones[0].safe, motion=(replace(rest, place=Place("venue.yaml", line, 1)),)))
        for line in (3, 4)
    )
    b = Booth(replace(show, zones=zones, reset_actions=(lift,)))
    up = Ask("film", "fade", lift.arguments, MEI)

    assert asked(b, 0, up) == ""
    asked(b, 1, Maintain(True, origin=MEI))
    assert asked(b, 2, up) == "! maintenance lock of Mei: film stays at rest"
    assert asked(b, 3, Ask("film", "blank", rest.arguments, MEI)) == ""
    b.go(4)
    b.at(5, Reset())
    b.at(6, Maintain(False, origin=MEI))
    assert asked(b, 7, up) == ""
    assert [c.instant // seconds(1) for c in b.commands if isinstance(c, Tell) and c.verb == "fade"] == [0, 7]
    blanked = [c.instant // seconds(1) for c in b.commands if isinstance(c, Tell) and c.verb == "blank"]
    assert blanked[:2] == [1, 3], "once, whoever names it"
    assert [c.words for c in b.commands if isinstance(c, Note) and c.what == "maintenance.withheld"][:1] == [
        "film is not asked to fade: maintenance lock of Mei: film stays at rest"
    ]
