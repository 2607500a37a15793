"""What the engine answers: why a light is as it is, why a cue has not started, what GO will do (R11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from showctl.engine.asking import Unknown, explain_next, why_level, why_not_started
from showctl.engine.events import Arm, DeviceHealth, Evacuate, Grab, InputChanged, Master, Origin, Panic, Pause, Rearm
from showctl.light.render import levels, prepare
from showctl.show.cues import CueRef, Effect, GroupMode, SetVariable, StartCue, StopThing, Wave
from showctl.show.instants import SECOND, seconds
from showctl.show.places import Place
from showctl.show.triggers import Trigger
from tests.engine.booth import (
    Booth,
    branch,
    cue,
    cue_list,
    end_after,
    expression,
    group,
    move,
    play,
    release,
    show_of,
    start_after,
    when,
)

MEI = Origin("console", "Mei")


def why(booth: Booth, fixture: str, parameter: str | None = None) -> list[str]:
    words: list[str] = why_level(booth.show, booth.state, booth.state.now, fixture, parameter)["words"]
    return [line.strip() for line in words[1:]]


def chain(booth: Booth, fixture: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = why_level(booth.show, booth.state, booth.state.now, fixture, "intensity")["parameters"][0][
        "chain"
    ]
    return found


def not_started(booth: Booth, label: str, list_: str = "main") -> list[str]:
    words: list[str] = why_not_started(booth.show, booth.state, booth.state.now, list_, label)["words"]
    return [line.strip() for line in words[1:]]


def explained(booth: Booth, list_: str = "") -> list[str]:
    words: list[str] = explain_next(booth.show, booth.state, booth.state.now, list_)["words"]
    return [line.strip() for line in words]


# --- why is this light at that level? ---------------------------------------------------------------------------------------


def test_a_light_that_nobody_holds_is_at_its_default() -> None:
    assert why(Booth(show_of()), "a") == ["intensity is at 0 %", "from nobody: its default: 0 %"]


def test_the_chain_names_the_cue_its_line_its_list_and_how_the_fade_stands() -> None:
    booth = Booth(show_of(cue("1", {"a": 80}, 4, name="Bellows", place=Place("lists/main.yaml", 12, 5))))
    booth.go(1)
    booth.at(2)

    assert why(booth, "a") == [
        "intensity is at 20 %",
        "from main/1 Bellows (lists/main.yaml:12:5), list main at priority 100, fading, 3.0 s left, 0 % to 80 %: 20 %",
        "(beneath: nobody: its default: 0 %)",
    ]
    top = chain(booth, "a")[0]
    assert (top["kind"], top["cue"], top["place"], top["list"], top["priority"]) == (
        "cue", "main/1", "lists/main.yaml:12:5", "main", 100,
    )  # fmt: skip
    assert top["fade"] == {"from": 0.0, "to": 0.8, "remaining": 3.0, "paused": False}
    assert top["age"] == 1.0


def test_a_paused_fade_says_so_and_knows_what_is_left() -> None:
    booth = Booth(show_of(cue("1", {"a": 80}, 4)))
    booth.go(1)
    booth.at(2, Pause("main"))
    booth.at(50)

    assert chain(booth, "a")[0]["fade"] == {"from": 0.0, "to": 0.8, "remaining": 3.0, "paused": True}
    assert "3.0 s left, paused" in why(booth, "a")[1]


def test_a_list_of_higher_priority_is_on_top_and_the_other_beneath() -> None:
    over = cue_list(cue("1", {"a": 30}, list="over"), name="over", index=1, priority=150)
    booth = Booth(show_of(cue("1", {"a": 80}), lists=(over,)))
    booth.go(1)
    booth.go(2, list_="over")
    booth.at(3)

    found = chain(booth, "a")
    assert [(link["kind"], link.get("cue"), link["shows"], link["level"]) for link in found] == [
        ("cue", "over/1", True, 0.3),
        ("cue", "main/1", False, 0.8),
        ("default", None, False, 0.0),
    ]
    assert why(booth, "a")[2] == "(beneath: main/1, list main at priority 100, for 2.0 s: 80 %)"


def test_a_release_shows_what_it_falls_back_to() -> None:
    over = cue_list(cue("1", {"a": 30}, list="over"), cue("2", list="over", light=None), name="over", index=1, priority=150)
    over = replace(over, cues=(over.cues[0], replace(over.cues[1], light=(release("a", over=4),))))
    over = replace(over, named={item.label: item for item in over.cues})
    booth = Booth(show_of(cue("1", {"a": 80}), lists=(over,)))
    booth.go(1)
    booth.go(2, list_="over")
    booth.go(3, list_="over")
    booth.at(5)

    found = chain(booth, "a")
    assert [(link["kind"], link["shows"]) for link in found] == [("release", True), ("cue", True), ("default", False)]
    assert "given back to what is beneath, 2.0 s left" in why(booth, "a")[1]


def test_an_effect_is_on_top_of_what_it_swings_about() -> None:
    sway = Effect("sway", (0,), (0,), Wave.SINE, seconds(2), True, size=6554)
    booth = Booth(show_of(replace(cue("1", {"a": 50}), effects=(sway,))))
    booth.go(1)
    booth.at(1.5)

    found = chain(booth, "a")
    assert [(link["kind"], link["shows"]) for link in found] == [("effect", True), ("cue", True), ("default", False)]
    assert why(booth, "a")[1].startswith("from effect sway (sine, every 2.0 s) of main/1, list main at priority 100")


def test_who_grabbed_and_who_parked_a_light_is_said_with_the_reason() -> None:
    booth = Booth(show_of(cue("1", {"a": 80})))
    booth.go(1)
    booth.at(2, Grab((0,), (13107,), origin=MEI))
    booth.at(3, Grab((1,), (6554,), park=True, reason="lamp is failing", origin=MEI))
    booth.at(4)

    assert why(booth, "a")[1] == "from grabbed by Mei, for 2.0 s: 20 %"
    assert chain(booth, "a")[1]["shows"] is False
    assert why(booth, "b")[1] == "from parked by Mei: lamp is failing, for 1.0 s: 10 %"


def test_after_panic_the_safe_state_of_the_zone_is_on_top_and_stays_after_rearming() -> None:
    booth = Booth(show_of(cue("1", {"a": 80})))
    booth.go(1)
    booth.at(2, Panic(MEI))
    booth.at(3)
    assert why(booth, "a")[1].startswith("from the safe state of the room (panic is in force), 1.0 s left")
    booth.at(10, Rearm(MEI))

    assert chain(booth, "a")[0]["kind"] == "rest"
    assert why(booth, "a")[:2] == [
        "intensity is at 60 %",
        "from the safe look of the room, which stays until a cue takes over: 60 %",
    ]


def test_masters_that_scale_a_light_are_named() -> None:
    booth = Booth(show_of(cue("1", {"a": 80})))
    booth.go(1)
    booth.at(2, Master("grand", 32768, origin=MEI))
    booth.at(3)

    found = why_level(booth.show, booth.state, booth.state.now, "a")["parameters"][0]
    assert (found["level"], found["output"], found["masters"]) == (0.8, 0.4, [{"name": "grand", "level": 0.5}])
    assert why(booth, "a")[0] == "intensity is at 40 % (before masters and park 80 %)"
    assert why(booth, "a")[-1] == "scaled by the grand master, 50 %"


def test_a_move_with_a_delay_is_said_before_it_comes() -> None:
    booth = Booth(show_of(replace(cue("1"), light=(move({"a": 80}, 1, delay=5),))))
    booth.go(1)
    booth.at(2)

    assert why(booth, "a")[-1] == "in 4.0 s: main/1, list main at priority 100"


def test_parameters_with_one_story_are_told_together() -> None:
    booth = Booth(show_of(cue("1", {"head": 80, "head.red": 50})))
    booth.go(1)
    booth.at(2)

    assert why(booth, "head") == [
        "intensity, red: 80 %, red 50 %",
        "from main/1, list main at priority 100, for 1.0 s",
        "(beneath: nobody: its default)",
        "pan is at 0 deg",
        "from nobody: its default: 0 deg",
    ]


def test_what_is_not_there_is_refused_with_the_nearest_name() -> None:
    booth = Booth(show_of())
    with pytest.raises(Unknown, match=r"no fixture is called haed; did you mean head\?"):
        why(booth, "haed")
    with pytest.raises(Unknown, match="head has no zoom; it has intensity, pan, red"):
        why(booth, "head", "zoom")
    with pytest.raises(Unknown, match="no cue of main is called 9"):
        not_started(booth, "9")


def test_the_level_said_is_the_level_rendered() -> None:
    booth = Booth(show_of(cue("1", {"a": 80, "b": 10, "head": 33}, 3), cue("2", {"a": 10, "c": 70}, 5)))
    booth.go(1)
    booth.go(2)
    for moment in (2.5, 4, 9):
        booth.at(moment)
        shown = levels(prepare(booth.rendering, booth.state.plan), booth.state.now)
        for name, number in (("a", 0), ("b", 1), ("c", 2), ("head", 4)):
            found = why_level(booth.show, booth.state, booth.state.now, name, "intensity")["parameters"][0]
            assert found["level"] == round(int(shown[number]) / 65535, 4)


# --- why has this cue not started? ------------------------------------------------------------------------------------------


def test_a_cue_that_stands_by_waits_for_go() -> None:
    assert not_started(Booth(show_of(cue("1"), cue("2"))), "1") == ["it stands by in main and waits for GO"]


def test_a_cue_that_nobody_came_to() -> None:
    assert not_started(Booth(show_of(cue("1"), cue("2"), cue("3"))), "3") == [
        "main has not begun, 1 stands by: nobody has come to this cue",
        "it waits for GO, after main/2",
    ]


def test_a_chain_says_who_starts_it_and_when() -> None:
    booth = Booth(show_of(cue("1", next=start_after(6)), cue("2", next=start_after(2)), cue("3")))
    booth.go(1)
    booth.at(3)

    assert not_started(booth, "2") == [
        "main/1 starts it in 4.0 s (6.0 s after start)",
        "with no further input it starts in 4.0 s",
    ]
    assert not_started(booth, "3")[0] == "with no further input it starts in 6.0 s"


def test_after_the_end_of_something_endless_it_waits_for_that() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "bed"), next=end_after()), cue("2"), cue("3")))
    booth.go(1)
    booth.at(3)

    assert not_started(booth, "2")[0] == "main/1 starts it when it is complete: something in it has no end"


def test_a_condition_is_said_with_what_its_names_are_worth() -> None:
    booth = Booth(show_of(cue("1", next=when('gate == "closed"', 20)), cue("2"), cue("3")))
    booth.go(1)
    booth.at(6)

    assert not_started(booth, "2")[0:2] == [
        "it stands by in main and waits for GO",
        'main/1 starts it when gate == "closed" (gate is "open"), at the latest in 15.0 s',
    ]


def test_a_branch_says_what_would_bring_it_here() -> None:
    booth = Booth(show_of(cue("1", next=branch(10, "3", ("guests > 3", "2"))), cue("2"), cue("3")))
    booth.go(1)
    booth.at(4, InputChanged("guests", 2.0))

    here = "main/1 decides in 7.0 s: it goes here if guests > 3 (guests is 2), which does not hold now"
    assert here in not_started(booth, "2")
    assert "main/1 decides in 7.0 s: it goes here unless guests > 3" in not_started(booth, "3")


def test_a_branch_with_one_way_out_has_no_condition_to_tell() -> None:
    booth = Booth(show_of(cue("1", next=branch(10, "3")), cue("2"), cue("3")))

    assert not_started(booth, "3")[-1] == "main/1 goes here; it has not decided"
    booth.go(0)
    booth.at(3)
    assert "main/1 decides in 7.0 s: it goes here" in not_started(booth, "3")


def test_a_paused_list_a_latch_and_a_disarmed_cue_are_said() -> None:
    booth = Booth(show_of(cue("1", next=start_after(6)), cue("2"), cue("3")))
    booth.go(1)
    booth.at(2, Pause("main"))
    booth.at(3, Arm("2", False, "main"))
    booth.at(4)

    assert not_started(booth, "2") == [
        "an operator has disarmed it: when its turn comes it is passed over without acting",
        "main is paused: its clock stands still, so no wait of it runs out",
        "main/1 starts it when its clock goes on (6.0 s after start)",
    ]
    booth.at(5, Evacuate(MEI))
    assert not_started(booth, "2")[0] == "evacuate is in force: nothing starts until it is re-armed"


def test_a_trigger_says_what_it_lacks() -> None:
    crowd = Trigger(
        0, "crowd", expression("guests > 3"), (StartCue(CueRef("main", "2")),), 30 * SECOND, expression('gate == "closed"'),
        place=Place("triggers.yaml", 7, 3),
    )  # fmt: skip
    booth = Booth(show_of(cue("1"), cue("2"), triggers=(crowd,)))
    booth.at(1)
    lacking = "trigger crowd (triggers.yaml:7:3) starts it: "

    assert not_started(booth, "2")[0] == lacking + (
        'guests > 3 (guests is 0) does not hold; only if gate == "closed" (gate is "open")'
    )
    booth.at(2, InputChanged("gate", "closed"))
    booth.at(3, InputChanged("guests", 9.0))
    booth.at(4, InputChanged("guests", 0.0))
    booth.at(5)
    assert not_started(booth, "2")[0].startswith("it did start, and is over")
    assert lacking + "guests > 3 (guests is 0) does not hold; its cooldown has 28.0 s left" in not_started(booth, "2")


def test_what_runs_and_what_has_run_is_said() -> None:
    booth = Booth(show_of(cue("1", {"a": 80}, 4, wait=2 * SECOND), cue("2")))
    booth.go(1)
    booth.at(2)
    assert not_started(booth, "1") == ["it has started, and its wait of 2.0 s has 1.0 s left"]
    booth.at(4)
    assert not_started(booth, "1") == ["it did start, 3.0 s ago"]
    booth.at(20)
    assert not_started(booth, "1") == ["it did start, and is over; main stands at 1, 2 stands by"]


def test_a_cue_that_waits_for_something_says_for_what() -> None:
    booth = Booth(show_of(cue("1", wait_for=when('gate == "closed"', 20), next=end_after()), cue("2"), cue("3")))
    booth.go(1)
    booth.at(6)
    wait = 'it waits for gate == "closed" (gate is "open"), at the latest in 15.0 s'

    assert not_started(booth, "1") == [f"it did start, 5.0 s ago; {wait}"]
    assert not_started(booth, "2")[0] == f"main/1 starts it when it is complete: {wait}"


def test_a_member_says_where_its_group_is() -> None:
    booth = Booth(show_of(group("1", GroupMode.TIMELINE, (0, cue("a1")), (5, cue("a2"))), cue("2")))

    assert not_started(booth, "a2") == ["it is a member of main/1, which does not run", "it stands by in main and waits for GO"]
    booth.go(1)
    booth.at(3)
    assert not_started(booth, "a2") == [
        "main/1 runs, and starts it 5.0 s after its beginning",
        "with no further input it starts in 3.0 s",
    ]


# --- what will GO do? -------------------------------------------------------------------------------------------------------


def test_go_is_explained_before_it_happens_lights_devices_chain_and_wait() -> None:
    show = show_of(
        cue("1", {"a": 70, "b": 70, "c": 20}, 3, play("rumble", "bed"), next=start_after(6), name="Bellows", notes="Slowly."),
        cue("2", {"a": 0}, 2, name="Breath"),
        cue("3"),
    )
    booth = Booth(show)
    booth.at(1)

    assert explained(booth) == [
        "GO on main starts main/1 Bellows",
        "note: Slowly.",
        "a, b to 70 %, in 3.0 s",
        "c to 20 %, in 3.0 s",
        "sound: play rumble bed loop",
        "then, as things stand:",
        "in 6.0 s: main/2 Breath starts",
        "main/1 runs until it is stopped",
        "then main/3 stands by, and waits for GO",
    ]
    assert booth.state.runs == {}, "nothing has happened"


def test_what_is_taken_over_stopped_and_set_is_explained() -> None:
    count = SetVariable("show.ending", expression('"on"'))
    booth = Booth(show_of(cue("1", {"a": 70}, 0, play("rumble", "bed")), cue("2", {"a": 20}, 2, StopThing("bed", SECOND), count)))
    booth.go(1)
    booth.at(5)

    assert explained(booth)[:5] == [
        "GO on main starts main/2",
        "a to 20 %, in 2.0 s",
        "takes a over from main/1",
        "sound: stop bed fade 1",
        'show.ending becomes "on"',
    ]


def test_a_device_that_is_lost_is_said_before_go() -> None:
    booth = Booth(show_of(cue("1", None, 0, play("rumble", "bed", 4))))
    booth.at(1, DeviceHealth("sound", "lost", "does not answer"))

    assert explained(booth)[1] == "sound is lost: does not answer"


def test_deadlines_and_branches_are_explained_as_things_stand() -> None:
    waits, decides = cue("1", next=when('gate == "closed"', 20)), cue("2", next=branch(5, "4", ("guests > 3", "3")))
    booth = Booth(show_of(waits, decides, cue("3"), cue("4"), cue("5")))
    booth.at(1)

    assert explained(booth)[1:] == [
        "it does nothing by itself",
        "then, as things stand:",
        'in 20.0 s: main/1 goes on at the latest; sooner when gate == "closed" (gate is "open")',
        "in 20.0 s: main/2 starts",
        "in 25.0 s: main/2 decides: goes on with main/4 (branch in 5.0 s, else 4)",
        "in 25.0 s: main/4 starts",
        "then main/5 stands by, and waits for GO",
    ]


def test_what_happens_without_go_is_told_apart() -> None:
    booth = Booth(show_of(cue("1", next=when("guests > 3")), cue("2"), cue("3")))
    booth.go(1)
    booth.at(2)

    found = explain_next(booth.show, booth.state, booth.state.now)
    assert (found["go"]["cue"], found["alone"]) == ("2", {"then": [], "waits": ["main/1 goes on when guests > 3 (guests is 0)"]})


def test_a_pre_wait_is_part_of_what_go_does() -> None:
    booth = Booth(show_of(cue("1", {"a": 70}, 3, wait=2 * SECOND), cue("2")))
    booth.at(1)

    assert explained(booth)[1] == "in 2.0 s: a to 70 %, in 3.0 s"


def test_where_go_would_be_refused_that_is_the_answer() -> None:
    booth = Booth(show_of(cue("1")))
    booth.at(1, Panic(MEI))
    assert explained(booth) == ["GO on main: refused, panic is in force: re-arm first"]
    empty = Booth(show_of())
    empty.at(1)
    assert explained(empty) == ["GO on main: nothing stands by"]
