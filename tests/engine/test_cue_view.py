"""What a page is shown of cues and triggers: structure, what a cue does, and what keeps a trigger from acting."""

from typing import Any

from showctl.engine.cue_view import cue_view
from showctl.engine.events import InputChanged, Maintain, Origin, Panic, Rearm
from showctl.engine.view import view
from showctl.show.cues import CueRef, GroupMode, StartCue
from showctl.show.instants import seconds
from showctl.show.triggers import Trigger
from tests.engine.booth import Booth, bell, branch, cue, expression, group, patch, play, show_of, start_after, when

MEI = Origin("console", "Mei")


def seen(*things: Any, **more: Any) -> dict[str, Any]:
    return cue_view(patch(), cue(*things, **more))


def test_how_a_cue_hands_on_is_a_kind_and_words() -> None:
    kinds = [
        (told["kind"], told["next"], told["to"])
        for told in (
            seen("1"),
            seen("2", next=start_after(2)),
            seen("3", next=when("guests > 3", 20)),
            seen("4", next=branch(30, "7", ("guests > 3", "5"), ("guests > 2", "6"), ("guests > 1", "5"))),
        )
    ]
    assert kinds == [
        ("", "", []),
        ("after_start", "2.0 s after start", []),
        ("when", "when guests > 3, at most 20.0 s", []),
        ("branch", "branch in 30.0 s, else 7", ["5", "6", "7"]),
    ]


def test_what_a_cue_does_counts_lights_and_names_devices_those_of_its_members_too() -> None:
    one = seen("1", {"a": 50, "head": 20, "head.pan": 10}, 3, play("rumble", "low"), bell())
    assert one["does"] == {"light": 2, "effects": 0, "cues": 0, "sets": 0, "devices": ["sound", "film"]}
    both = cue_view(patch(), group("2", GroupMode.TIMELINE, cue("2:1", {"a": 5}), (4, cue("2:2", {"b": 5}, 0, bell()))))
    assert both["does"]["light"] == 2
    assert both["group"]["mode"] == "timeline"
    assert [(item["label"], item["at"], item["does"]["light"]) for item in both["group"]["members"]] == [
        ("2:1", 0.0, 1),
        ("2:2", 4.0, 1),
    ]


def test_what_keeps_a_trigger_from_acting_is_said() -> None:
    start = StartCue(CueRef("main", "1"))
    touch = Trigger(0, "touch", expression("guests > 3"), (start,), seconds(5), expression('gate == "shut"'))
    booth = Booth(show_of(cue("1", {"a": 50}), triggers=(touch,)))

    def lacks() -> str:
        (told,) = view(booth.show, booth.state, booth.state.now)["triggers"]
        return str(told["lacks"])

    assert lacks() == 'only if gate == "shut"'
    booth.at(1, InputChanged("gate", "shut"))
    assert lacks() == ""
    booth.at(2, InputChanged("guests", 4.0))
    assert lacks() == "rests 5.0 s"
    booth.at(6.5)
    assert lacks() == "rests 0.5 s"
    booth.at(7)
    assert lacks() == ""
    booth.at(8, Maintain(True, origin=MEI))
    assert lacks() == "maintenance lock of Mei"
    booth.at(9, Panic(origin=MEI))
    assert lacks() == "panic is in force"
    booth.at(10, Rearm(origin=MEI))
    booth.at(11, Maintain(False, origin=MEI))
    assert lacks() == ""
