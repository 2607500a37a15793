"""Two-phase GO: standing by prepares, GO looks whether all is ready, and the policy holds where it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showctl.engine.checkpoint import keep, restore
from showctl.engine.events import DeviceFailed, DeviceHealth, DeviceReported, InputChanged, Pause, Resume, Standby, Stop
from showctl.show.cues import CueRef, Perform, Readiness
from showctl.show.devices import KINDS, Device
from showctl.show.instants import SECOND, seconds
from showctl.show.show import Show
from showctl.show.triggers import Surface
from tests.engine.booth import Booth, cue, expression, play, show_of, start_after, starts

MUTE = Perform("sound", "mute", (("on", True),), KINDS["sound_player"].verbs["mute"].kind, None, "mute")


def ready(otherwise: str = "go", within: float = 5, instead: str | None = None) -> Readiness:
    ref = None if instead is None else CueRef("main", instead)
    return Readiness(expression('gate == "closed"'), seconds(within), otherwise, ref)


def played(how: Readiness, *events: tuple[float, object]) -> Booth:
    """1 is fired at 1 s and needs the gate closed, which it is not."""
    booth = Booth(show_of(replace(cue("1", {"a": 100}, 0, play("rumble", "bed", 10)), ready=how), cue("2", {"b": 100})))
    booth.at(0.5, InputChanged("gate", "open"))
    booth.go(1)
    for when, event in events:
        booth.at(when, event)  # type: ignore[arg-type]
    booth.at(20)
    return booth


def test_a_cue_acts_at_the_instant_at_which_it_is_ready() -> None:
    booth = played(ready(), (3, InputChanged("gate", "closed")))
    assert booth.told() == ["3 sound play"]
    assert [line.split()[:2] for line in booth.log("cue.unready", "cue.ready", "cue.unready_go")] == [
        ["1", "cue.unready"],
        ["3", "cue.ready"],
    ]


def test_a_cue_that_is_ready_already_acts_at_once() -> None:
    booth = Booth(show_of(replace(cue("1", {}, 0, play("rumble", "bed", 10)), ready=ready())))
    booth.at(0.5, InputChanged("gate", "closed"))
    booth.go(1)
    assert booth.told() == ["1 sound play"]
    assert booth.log("cue.unready") == []


@pytest.mark.parametrize(("late", "told"), [(5.999, ["5.999 sound play"]), (6.5, ["6 sound play"])])
def test_past_its_time_it_goes_anyway_where_the_policy_is_go(late: float, told: list[str]) -> None:
    assert played(ready("go"), (late, InputChanged("gate", "closed"))).told() == told


def test_past_its_time_it_is_passed_over_where_the_policy_is_skip() -> None:
    booth = played(ready("skip"))
    assert booth.told() == []
    assert booth.level("a") == 0
    assert booth.running() == []
    assert booth.log("cue.skipped") == ["6 cue.skipped 1"]


def test_another_cue_stands_in_for_it() -> None:
    booth = played(ready("instead", instead="2"))
    assert booth.told() == []
    assert starts(booth) == ["1 1", "6 2"]
    assert (booth.level("a"), booth.level("b")) == (0, 100)


def test_hold_pauses_the_list_and_resume_looks_again() -> None:
    booth = played(ready("hold"), (8, InputChanged("gate", "closed")), (9, Resume("main")))
    assert [line.split()[:2] for line in booth.log("cue.held", "list.paused", "list.resumed")] == [
        ["6", "cue.held"],
        ["6", "list.paused"],
        ["9", "list.resumed"],
    ]
    assert [line.split(" ", 1)[1] for line in booth.told() if "play" in line] == ["sound play"]
    assert booth.level("a") == 100


def test_a_cue_that_becomes_ready_in_a_paused_list_acts_when_the_list_goes_on() -> None:
    booth = played(ready(), (2, Pause("main")), (3, InputChanged("gate", "closed")), (4, Resume("main")))
    assert [line for line in booth.told() if "play" in line] == ["4 sound play"]


def test_a_cue_that_waits_to_be_ready_can_be_stopped() -> None:
    booth = played(ready(), (2, Stop()), (3, InputChanged("gate", "closed")))
    assert booth.told() == []
    assert booth.running() == []


def test_a_pause_stops_the_deadline_too() -> None:
    booth = played(ready("go"), (2, Pause("main")), (12, Resume("main")))
    assert [line for line in booth.told() if "play" in line] == ["16 sound play"]


def test_what_waits_to_be_ready_survives_a_checkpoint() -> None:
    booth = Booth(show_of(replace(cue("1", {}, 0, play("rumble", "bed", 10)), ready=ready())))
    booth.at(0.5, InputChanged("gate", "open"))
    booth.go(1)
    again = Booth(booth.show, restore(keep(booth.state)))
    again.at(2, InputChanged("gate", "closed"))
    assert again.told() == ["2 sound play"]


# --- standing by -----------------------------------------------------------------------------------------------------------


def preparing() -> Show:
    """2 prepares, and so does 3, which follows it by itself; 4 waits for a GO of its own."""
    silence = Perform("film", "pause", (("on", True),), MUTE.kind, None, "pause")
    return show_of(
        cue("1"),
        replace(cue("2", next=start_after(1)), prepare=(MUTE,)),
        replace(cue("3"), prepare=(silence,)),
        replace(cue("4"), prepare=(replace(MUTE, arguments=(("on", False),)),)),
    )


def test_what_stands_by_prepares_its_devices_up_to_the_next_go_and_only_once() -> None:
    booth = Booth(preparing())
    booth.go(1)
    assert booth.told() == ["1 sound mute", "1 film pause"]
    booth.at(2, Standby("main", "1"))
    booth.at(3, Standby("main", "2"))
    assert booth.told() == ["1 sound mute", "1 film pause"]
    booth.at(4, Standby("main", "4"))
    assert booth.told()[2:] == ["4 sound mute"]


def test_a_device_that_comes_up_is_prepared_for_the_cue_that_stands_by() -> None:
    booth = Booth(replace_first(preparing()))
    booth.at(1, DeviceHealth("sound", "ok"))
    booth.at(2, DeviceHealth("film", "ok"))
    booth.at(3, DeviceHealth("film", "lost"))
    booth.at(4, DeviceHealth("film", "ok"))
    assert booth.told() == ["1 sound mute", "2 film pause"]


def replace_first(show: Show) -> Show:
    """The same show without its first cue, so that what prepares stands by from the beginning."""
    cues = show.lists[0].cues
    return show_of(*(replace(item, index=-1) for item in cues[1:]))


# --- lamps -----------------------------------------------------------------------------------------------------------------


def lit_show() -> Show:
    picture = Perform("film", "play", (("clip", "moon"), ("surface", "wall"), ("layer", 1.0)), MUTE.kind, "moon", "wall|1")
    show = show_of(cue("1"), cue("2", {}, 0, picture))
    lamp = Device(len(show.devices), "lamp", KINDS["projector"], "pjlink", warm_up=30 * SECOND)
    return replace(show, devices=(*show.devices, lamp), surfaces=(Surface("wall", "film", "lamp"),))


@pytest.mark.parametrize(
    ("power", "told"), [("off", ["1 lamp power"]), ("cooling", ["1 lamp power"]), ("on", []), ("unknown", [])]
)
def test_a_lamp_is_switched_on_when_a_list_that_plays_on_it_begins(power: str, told: list[str]) -> None:
    booth = Booth(lit_show())
    booth.at(0.5, DeviceReported("lamp", "power", power))
    booth.go(1)
    assert booth.told() == told


def test_a_lamp_that_somebody_switched_off_is_not_fought_with() -> None:
    booth = Booth(lit_show())
    booth.at(0.5, DeviceReported("lamp", "power", "off"))
    booth.go(1)
    booth.at(2, DeviceReported("lamp", "power", "on"))
    booth.at(3, DeviceReported("lamp", "power", "off"))
    booth.go(4)
    assert [line for line in booth.told() if "lamp" in line] == ["1 lamp power"]


# --- a device that failed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("policy", "paused"), [("hold", True), ("skip", False), ("wait", False), ("fall", False)])
def test_only_the_policy_hold_pauses_the_list_that_asked_and_each_is_said(policy: str, paused: bool) -> None:
    booth = Booth(show_of(cue("1")))
    booth.at(1, DeviceFailed("sound", "mute", "refuses: not now", policy, "main"))
    assert booth.state.lists[0].paused is paused
    assert booth.log("device.failed")[0].startswith("1 device.failed")


def test_a_failure_that_no_list_asked_for_holds_nothing() -> None:
    booth = Booth(show_of(cue("1")))
    booth.at(1, DeviceFailed("sound", "mute", "refuses", "hold", ""))
    assert not booth.state.lists[0].paused
