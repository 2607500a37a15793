"""What technicians ask of a running show: channel check, identify, parks, lights out of service, maintenance locks."""

from dataclasses import replace

import numpy as np
import pytest

from showctl.engine.checkpoint import keep, restore
from showctl.engine.events import (
    ChannelCheck,
    Event,
    Grab,
    Identify,
    InService,
    Maintain,
    Origin,
    OutOfService,
    Panic,
    Park,
    Rdm,
    Reset,
    Ungrab,
    Unpark,
    from_record,
    to_record,
)
from showctl.engine.reloading import reload
from showctl.engine.tags import Parked
from showctl.engine.tags_view import tags_view
from showctl.light.render import output, prepare
from showctl.show.instants import seconds
from showctl.show.patch import make_patch
from tests.engine.booth import NUMBER, Booth, cue, show_of

MEI, JO = Origin("cli", "Mei"), Origin("console", "Jo")


def booth() -> Booth:
    return Booth(show_of(cue("1", {"a": 100, "b": 100, "head": 100}), cue("2", {"a": 40})))


def asked(booth: Booth, when: float, event: Event) -> str:
    """What was answered, refusals with a ``!`` before them."""
    answer = booth.at(when, event)
    assert answer is not None
    return f"! {answer.refused}" if answer.refused else answer.words


def check(booth: Booth, when: float, words: str, who: Origin = MEI) -> str:
    return asked(booth, when, ChannelCheck(words, who))


def slots(booth: Booth) -> list[int]:
    """Slots 1 to 12 of sacn/1, as they leave."""
    out = np.zeros((1, 512), np.uint8)
    output(prepare(booth.rendering, booth.state.plan), booth.state.now, out)
    return [int(value) for value in out[0][:12]]


# --- channel check ------------------------------------------------------------------------------------------------------------


def test_a_check_walks_from_light_to_light_over_what_plays() -> None:
    b = booth()
    b.go(0)

    assert check(b, 1, "1 thru 3 at 50") == "1 of 3: a (1, dimmer at sacn/1.1) at 50 %"
    assert [b.level(name) for name in "abcd"] == [50, 100, 0, 0]
    assert check(b, 2, "next") == "2 of 3: b (2, dimmer at sacn/1.2) at 50 %"
    assert [b.level(name) for name in "abcd"] == [100, 50, 0, 0]
    assert check(b, 3, "next") == "3 of 3: c (3, dimmer at sacn/1.3) at 50 %"
    assert check(b, 4, "next") == "! that was the last of 3: `off`, or say what else"
    assert check(b, 5, "last") == "2 of 3: b (2, dimmer at sacn/1.2) at 50 %"
    assert check(b, 6, "+10").endswith("at 60 %")
    assert check(b, 7, "full").endswith("at 100 %")
    assert check(b, 8, "off") == "the check of 1 thru 3 is over"
    assert [b.level(name) for name in "abcd"] == [100, 100, 0, 0]
    assert check(b, 9, "off") == "! nothing is being checked"


def test_highlight_lowers_the_rest_of_what_was_chosen() -> None:
    b = booth()

    check(b, 0, "a, b, c highlight")

    assert [b.level(name) for name in "abcd"] == [100, 10, 10, 0]
    check(b, 1, "next")
    assert [b.level(name) for name in "abcd"] == [10, 100, 10, 0]
    check(b, 2, "highlight off")
    assert [b.level(name) for name in "abcd"] == [0, 100, 0, 0]


def test_one_parameter_at_a_time_is_lit_so_that_it_can_be_seen() -> None:
    b = booth()

    assert check(b, 0, "head by parameter at 20") == "1 of 3: head.intensity (5, head at sacn/1.10) at 20 %"
    assert [b.level(name) for name in ("head", "head.red")] == [20, 100], "an intensity is seen in its colour"
    assert check(b, 1, "next") == "2 of 3: head.pan (5, head at sacn/1.11) at 0 deg", (
        "a head does not swing to where a lamp stood"
    )
    assert check(b, 2, "at -45deg").endswith("at -45 deg")
    assert b.level("head") == 100, "the lamp is on while the head turns"
    assert check(b, 3, "next") == "3 of 3: head.red (5, head at sacn/1.12) at 25 %"
    assert check(b, 4, "sacn/1.11 thru 12 at full").startswith("1 of 2: head.pan (5, head at sacn/1.11)")


def test_a_universe_goes_together() -> None:
    b = booth()

    assert check(b, 0, "all by universe at 30") == "1 of 1: a, b, c, d, head at 30 %"
    assert slots(b)[:4] == [76, 76, 76, 76]


def test_two_people_check_without_meeting() -> None:
    b = booth()

    check(b, 0, "a at 50")
    check(b, 1, "d at 20", JO)
    check(b, 2, "off")

    assert [b.level(name) for name in "abcd"] == [0, 0, 0, 20]
    assert [item["person"] for item in tags_view(b.show, b.state)["checking"]] == ["Jo"]


def test_a_check_that_nobody_touches_ends_after_a_quarter_of_an_hour() -> None:
    b = booth()
    check(b, 0, "a at 50")
    check(b, 60, "at 60")

    b.at(60 + 899)
    assert b.level("a") == 60
    b.at(60 + 900)
    assert (b.level("a"), b.log("check.ended")) == (0, ["960 check.ended"])
    assert not b.state.agenda


def test_a_panic_and_a_reset_end_every_check() -> None:
    for end in (Panic(), Reset()):
        b = booth()
        check(b, 0, "c at 50")
        asked(b, 0, Identify("d"))
        b.at(1, end)
        b.at(5)
        assert (b.state.tags.checks, b.level("c"), b.level("d")) == ({}, 0, 0), end
        assert not any(b.state.plan.rows["owner"] < -1)


def test_no_check_begins_while_a_panic_is_in_force() -> None:
    b = booth()
    b.at(0, Panic())

    assert check(b, 3, "a at 50") == "! panic is in force: re-arm first"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "say what to check: `1 thru 12 at 50`, a group, sacn/1, all"),
        ("e", "no light, group, node or universe is called e"),
        ("haed", "no light, group, node or universe is called haed; did you mean head?"),
        ("9", "there is no light 9: they are counted 1 to 5 (`showctl patch`)"),
        ("1 thru 9", "there is no light 9: they are counted 1 to 5 (`showctl patch`)"),
        ("a thru z", "a thru z is no run: tuyere_1 thru 24, or 1 thru 24"),
        ("a at 101", "101 is over 100 %: a level is 0 to 100, full or out"),
        ("a at bright", "bright is no level: 50, full, out, -30deg"),
        ("a at -30deg", "intensity has no degrees: say percent"),
        ("a at", "at needs a word after it: `at 50`, `by parameter`"),
        ("at 50", "say what to check: `1 thru 12 at 50`"),
        ("a by lamp", "a check goes by fixture, cell, parameter, universe, not by lamp"),
        ("sacn/1.200", "nothing listens to sacn/1.200 (`showctl patch --free`)"),
        ("sacn/1.0", "sacn/1 has slots 1 to 512"),
        ("sacn/2.1", "no universe is called sacn/2; did you mean sacn/1?"),
        ("head.blue", "head has no blue; it has intensity, pan, red"),
        ("a without a", "a without a leaves no light over"),
        ("a sideways", "sideways is no word for lights: odd, even, every 3, first 3, last 3, reverse, thru, without"),
        ("a,,b", "a comma has a light before and after it"),
        ("next", "nothing is being checked: say what: `1 thru 12 at 50`, a group, sacn/1, all"),
    ],
)
def test_what_cannot_be_checked_is_said_with_the_way_out(words: str, why: str) -> None:
    b = booth()

    assert check(b, 0, words) == f"! {why}"
    assert not len(b.state.plan.rows)


# --- identify -----------------------------------------------------------------------------------------------------------------


def test_identify_blinks_once_a_second_and_ends_without_anybody() -> None:
    b = booth()
    b.go(0)

    assert asked(b, 0, Identify("a", seconds(3))) == "a blinks for 3.0 s"
    seen = []
    for moment in (0.2, 0.7, 1.2, 1.7, 2.9, 3.0):
        b.at(moment)
        seen.append(b.level("a"))
    assert seen == [100, 0, 100, 0, 0, 100], "and then it is what the cue says"
    assert set(b.state.plan.rows["owner"].tolist()) == {1}


def test_identify_finds_all_that_hangs_on_a_universe_and_can_be_stopped() -> None:
    b = booth()

    assert asked(b, 0, Identify("sacn/1")) == "a, b, c, d, head blink for 10.0 s"
    b.at(0.2)
    assert [b.level(name) for name in ("a", "d", "head", "head.red")] == [100, 100, 100, 100]
    assert asked(b, 1, Identify(over=0)) == "nothing blinks any more"
    assert [b.level(name) for name in ("a", "d", "head", "head.red")] == [0, 0, 0, 0]
    assert asked(b, 2, Identify("nobody")).startswith("! no light, group, node or universe is called nobody")


# --- park ---------------------------------------------------------------------------------------------------------------------


def test_a_park_says_who_and_why_and_outlives_the_days_reset() -> None:
    b = booth()
    b.go(0)

    assert asked(b, 1, Park("a, b at 20", "ballast hums", 7, MEI)) == "a, b parked at 20 %"
    assert slots(b)[:2] == [51, 51]
    b.at(2, Reset())
    assert slots(b)[:3] == [51, 51, 0]
    assert b.state.tags.parked[NUMBER["a"]] == Parked(13107, "Mei", "ballast hums", 7)
    assert [item["words"] for item in tags_view(b.show, b.state)["parked"]] == [
        "a is parked: intensity 20 % (Mei: ballast hums)",
        "b is parked: intensity 20 % (Mei: ballast hums)",
    ]
    assert asked(b, 3, Unpark("b")) == "b is parked no more"
    assert slots(b)[:2] == [51, 0]
    assert asked(b, 4, Unpark()) == "a is parked no more"
    assert asked(b, 5, Unpark()) == "! nothing is parked"
    assert asked(b, 6, Unpark("c")) == "! nothing is parked of c"
    assert slots(b)[:2] == [0, 0]


def test_a_park_without_a_level_holds_what_is_there() -> None:
    b = booth()
    b.go(0)

    assert asked(b, 1, Park("head", origin=JO)) == "head parked at where it stands"
    b.go(2)
    assert slots(b)[9] == 255
    assert asked(b, 3, Park("head.pan at 10", origin=JO)) == "head (pan) parked at 10 %"
    assert asked(b, 4, Park("head at 120", origin=JO)) == "! 120 is no level: 0 to 100, full or out"


def test_a_grab_that_parks_is_a_park_like_any_other() -> None:
    b = booth()

    b.at(0, Grab((0,), (65535,), park=True, reason="test", origin=JO, wall=9))
    assert b.state.tags.parked == {0: Parked(65535, "Jo", "test", 9)}
    b.at(1, Ungrab((), park=True))
    assert (b.state.tags.parked, slots(b)[0]) == ({}, 0)


# --- out of service -----------------------------------------------------------------------------------------------------------


def test_a_light_out_of_service_is_dark_and_its_spare_does_its_work() -> None:
    b = booth()
    b.go(0)
    out = OutOfService("a", "lamp blown", "2026-12-01", "d", 7, MEI)

    assert asked(b, 1, out) == "a is out of service until 2026-12-01, d stands in for it"
    assert slots(b)[:4] == [0, 255, 0, 255]
    b.go(2)
    assert slots(b)[:4] == [0, 255, 0, 102], "what cues say to a, d does"
    b.at(3, Reset())
    b.go(4)
    assert slots(b)[:4] == [0, 255, 0, 255]
    (seen,) = tags_view(b.show, b.state)["out_of_service"]
    assert seen["words"] == "a is out of service until 2026-12-01, d stands in (Mei: lamp blown)"
    assert (seen["until"], seen["spare"], seen["since"]) == ("2026-12-01", "d", 7e-9)
    assert asked(b, 5, Identify("a")) == "! a is out of service, and kept dark: bring it back first"
    assert asked(b, 6, InService("a")) == "a is in service again"
    assert slots(b)[:4] == [255, 255, 0, 0]
    assert asked(b, 7, InService("a")) == "! a is in service"


def test_the_patch_may_name_the_spare() -> None:
    b = booth()
    fixtures = tuple(replace(f, spare="d") if f.name == "a" else f for f in b.show.patch.fixtures)
    b = Booth(replace(b.show, patch=make_patch(b.show.patch.universes, (), fixtures)))

    assert asked(b, 0, OutOfService("a", "lamp")) == "a is out of service, d stands in for it"
    assert asked(b, 1, OutOfService("a", "lamp", spare="c")) == "a is out of service, c stands in for it"
    assert asked(b, 2, OutOfService("a", "lamp", spare="none")) == "a is out of service"


def test_a_mark_made_again_replaces_the_first() -> None:
    b = booth()
    asked(b, 0, OutOfService("a", "lamp", spare="d"))
    b.go(0)

    assert asked(b, 1, OutOfService("a", "socket")) == "a is out of service"
    assert slots(b)[:4] == [0, 255, 0, 0]
    assert len(tags_view(b.show, b.state)["out_of_service"]) == 1


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (OutOfService("e", "lamp"), "no light is called e"),
        (OutOfService("a", " "), "say why a is out of service: whoever reads it was not there"),
        (OutOfService("a", "lamp", "tomorrow"), "tomorrow is no day: say it as 2026-12-01"),
        (OutOfService("a", "lamp", "2026-02-30"), "2026-02-30 is no day: say it as 2026-12-01"),
        (OutOfService("a", "lamp", spare="z"), "no light is called z"),
        (OutOfService("a", "lamp", spare="a"), "a cannot stand in for a: it is the light itself"),
        (OutOfService("b", "lamp", spare="c"), "c cannot stand in for b: it is out of service, too"),
        (OutOfService("a", "lamp", spare="d"), "d cannot stand in for a: it stands in for c"),
        (InService("z"), "no light is called z"),
    ],
)
def test_a_mark_that_cannot_be_is_said(event: Event, why: str) -> None:
    b = booth()
    asked(b, 0, OutOfService("c", "lamp", spare="d"))

    assert asked(b, 1, event) == f"! {why}"


# --- RDM ----------------------------------------------------------------------------------------------------------------------


def test_rdm_is_refused_while_a_cue_runs() -> None:
    b = Booth(show_of(cue("1", {"a": 100}, 10)))
    b.go(0)

    assert asked(b, 1, Rdm("discover")) == (
        "! RDM takes turns with the light, so never during a show: main/1 runs. `showctl stop` first"
    )
    assert asked(b, 11, Rdm("discover")) == ""
    assert b.log("rdm") == ["11 rdm"]


# --- laws ---------------------------------------------------------------------------------------------------------------------


def test_everything_that_technicians_did_survives_a_checkpoint_and_the_journal() -> None:
    b = booth()
    script: list[Event] = [
        ChannelCheck("a, b at 50", MEI),
        Park("c at 20", "hum", 7, JO),
        OutOfService("a", "lamp", "2026-12-01", "d", 8, MEI),
        Maintain(True, "gantry", "", 9, MEI),
        Identify("b"),
    ]
    for moment, event in enumerate(script):
        assert from_record(to_record(event)) == event
        assert not asked(b, moment, event).startswith("!")

    again = restore(keep(b.state))

    assert (again.tags, again.plan.same_as(b.state.plan)) == (b.state.tags, True)
    assert replace(again.tags, checks={}).parked[NUMBER["c"]].person == "Jo"


def test_a_reload_of_the_show_keeps_every_tag_by_name() -> None:
    b = booth()
    asked(b, 0, ChannelCheck("b, c, head at 50", MEI))
    check(b, 0, "next")
    asked(b, 1, Park("d at 20", "hum", 7, JO))
    asked(b, 2, OutOfService("a", "lamp", "2026-12-01", "head", 8, MEI))
    kept = [replace(f, index=n) for n, f in enumerate(f for f in reversed(b.show.patch.fixtures) if f.name != "b")]
    new = replace(b.show, patch=make_patch(b.show.patch.universes, (), tuple(kept)))

    after = reload(b.show, new, b.state, seconds(3))

    tags = tags_view(after.show, after.state)
    assert [item["words"] for kind in ("checking", "parked", "out_of_service") for item in tags[kind]] == [
        "Mei checks 1 of 2: c (3, dimmer at sacn/1.3) at 50 %",
        "d is parked: intensity 20 % (Jo: hum)",
        "a is out of service until 2026-12-01, head stands in (Mei: lamp)",
    ]
