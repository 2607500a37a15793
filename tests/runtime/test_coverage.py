"""Coverage: what rehearsals have reached of a show, and what they have not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from showctl.engine.commands import Note, Tell
from showctl.engine.events import DeviceHealth, DeviceReported, Event, InputChanged
from showctl.runtime.coverage import FAULT_MET, Coverage, Reached, coverage_json, goals, unknown
from showctl.runtime.rehearsal import rehearse
from showctl.show.cues import ActionClass, Cue, GroupMode, Perform
from showctl.show.devices import KINDS, Device
from showctl.show.instants import SECOND
from showctl.show.show import Show
from showctl.show.triggers import Trigger
from showctl.showfile import load
from tests.engine.booth import Booth, branch, cue, expression, group, show_of, start_after, when

SMALL = Path(__file__).parents[1] / "shows" / "small"


def heard(show: Show, *happened: tuple[float, Event], gos: tuple[float, ...] = (0,)) -> Reached:
    """What a coverage hears of a run: GO at ``gos``, inputs at their seconds, a minute in all."""
    booth, coverage = Booth(show), Coverage()
    pressed: list[tuple[float, Event | None]] = [(go, None) for go in gos]
    for when_, event in sorted([*happened, *pressed], key=lambda item: item[0]):
        if event is None:
            booth.go(when_)
        else:
            coverage.event(event, 0)
            booth.at(when_, event)
    booth.at(60)
    for command in booth.commands:
        if isinstance(command, Note):
            coverage.note(command)
        elif isinstance(command, Tell):
            coverage.tell(command)
    assert unknown(show, coverage.reached) == set()
    return coverage.reached


def missed(show: Show, reached: Reached, kind: str) -> list[str]:
    return [goal.words for goal in reached.missed(goals(show)) if goal.kind == kind]


def asking(label: str = "1") -> Cue:
    arguments = (("prompt", "What do you carry?"), ("within", 2.5), ("approved", "Heat."))
    return cue(label, None, 0, Perform("ai", "ask", arguments, ActionClass.MOMENTARY))


def with_ai(*cues: Cue) -> Show:
    show = show_of(*cues)
    return replace(show, devices=(*show.devices, Device(2, "ai", KINDS["ai_performer"], "udp")))


# --- cues and branches ------------------------------------------------------------------------------------------------------


def test_cues_that_never_started_are_missed_members_of_groups_too() -> None:
    show = show_of(
        cue("1", next=start_after(1)), group("2", GroupMode.ALL, cue("2a"), cue("2b")), cue("3", next=start_after(1)), cue("4")
    )

    assert missed(show, heard(show), "cues") == ["main/3", "main/4"]
    assert missed(show, heard(show, gos=()), "cues") == ["main/1", "main/2", "main/2a", "main/2b", "main/3", "main/4"]


def test_each_way_of_a_branch_counts_and_the_else_too() -> None:
    show = show_of(cue("1", next=branch(2, "4", ('gate == "closed"', "2"), ("guests > 3", "3"))), cue("2"), cue("3"), cue("4"))

    nobody = heard(show)
    assert missed(show, nobody, "branches") == ['main/1 to main/2 if gate == "closed"', "main/1 to main/3 if guests > 3"]
    closed = heard(show, (1, InputChanged("gate", "closed")))
    assert missed(show, closed, "branches") == ["main/1 to main/3 if guests > 3", "main/1 to main/4 else"]
    both = Reached()
    both.merge(nobody)
    both.merge(closed)
    assert missed(show, both, "branches") == ["main/1 to main/3 if guests > 3"]


def test_an_early_branch_counts_at_once() -> None:
    show = show_of(cue("1", next=branch(20, "3", ("guests > 3", "2"), early=True)), cue("2"), cue("3"))

    assert missed(show, heard(show, (1, InputChanged("guests", 9.0))), "branches") == ["main/1 to main/3 else"]


def test_a_branch_with_one_way_out_is_reached_by_that() -> None:
    show = show_of(cue("1", next=branch(2, "3")), cue("2"), cue("3"))

    assert missed(show, Reached(), "branches") == ["main/1 to main/3"]
    assert missed(show, heard(show), "branches") == []
    assert missed(show, heard(show), "cues") == ["main/2"]


# --- fallbacks --------------------------------------------------------------------------------------------------------------


def test_both_ends_of_a_wait_with_a_deadline_count() -> None:
    show = show_of(cue("1", wait_for=when('gate == "closed"', 5)), cue("2"))

    assert missed(show, heard(show), "fallbacks") == ['main/1: gate == "closed" comes true']
    met = heard(show, (1, InputChanged("gate", "closed")))
    assert missed(show, met, "fallbacks") == ['main/1: gate == "closed" does not come true in time']


def test_both_ends_of_a_next_when_count_and_without_a_deadline_there_is_one() -> None:
    show = show_of(cue("1", next=when("guests > 3", 5)), cue("2", next=when("guests > 9")), cue("3"))

    assert missed(show, heard(show), "fallbacks") == ["main/1: guests > 3 comes true", "main/2: guests > 9 comes true"]


def test_a_line_of_the_performer_and_the_approved_line_are_two_things() -> None:
    show = with_ai(asking())
    answer, approved = "main/1: ai answers in time", "main/1: the approved line instead of ai's"
    coverage = Coverage()

    assert missed(show, coverage.reached, "fallbacks") == [answer, approved]
    booth = Booth(show)
    booth.go(0)
    coverage.tell(booth.tells()[0])
    coverage.event(DeviceReported("ai", "line", "Heat."), 0)
    coverage.event(DeviceReported("ai", "line", "nobody asked"), 0)
    assert missed(show, coverage.reached, "fallbacks") == [answer]
    coverage.tell(booth.tells()[0])
    coverage.event(DeviceReported("ai", "line", "I carry every hand."), 0)
    assert missed(show, coverage.reached, "fallbacks") == []


# --- triggers, verbs, faults ------------------------------------------------------------------------------------------------


def test_a_trigger_counts_when_it_acts() -> None:
    crowd = Trigger(0, "crowd", expression("guests > 3"), ())
    show = show_of(cue("1"), triggers=(crowd,))

    assert missed(show, heard(show), "triggers") == ["crowd: guests > 3"]
    assert missed(show, heard(show, (1, InputChanged("guests", 9.0))), "triggers") == []


def test_verbs_that_the_show_uses_count_and_devices_once_lost() -> None:
    show = with_ai(asking())
    reached = heard(show, (1, DeviceHealth("film", "lost", "does not answer")))

    assert missed(show, reached, "verbs") == ["sound: mute"]
    assert missed(show, reached, "faults") == ["sound lost", "ai lost"]


# --- rehearsals -------------------------------------------------------------------------------------------------------------


def test_a_rehearsal_tells_what_it_came_by() -> None:
    show = load(SMALL).show
    assert show is not None
    (verdict,) = rehearse(SMALL)
    said = coverage_json(show, verdict.reached)

    assert (said["cues"]["reached"], said["cues"]["of"], said["complete"]) == (4, 4, True)
    assert [goal["what"] for goal in said["verbs"]["missed"]] == ["sound: mute"]
    assert said["faults"]["missed"][0]["file"] == "devices.yaml"
    assert unknown(show, verdict.reached) == set()


# --- faults -----------------------------------------------------------------------------------------------------------------


def met(*happened: Event | tuple[str, str] | None) -> tuple[tuple[str, str], ...]:
    """The faults of ``sound`` and of a node that were met when this happened, a second after another."""
    coverage = Coverage({"sound"})
    for second, what in enumerate(happened):
        if isinstance(what, tuple):
            coverage.acted(what[0], what[1], second * SECOND)
        elif what is not None:
            coverage.event(what, second * SECOND)
    return coverage.reached.broken(FAULT_MET)


def test_a_fault_counts_once_the_show_meets_it() -> None:
    fault = ("fault", "sound power lost for 20s")
    assert met(fault) == ()
    assert met(fault, DeviceHealth("sound", "lost")) == (("sound", "power"),)
    assert met(fault, DeviceHealth("sound", "ok")) == ()
    assert met(("fault", "link sound loss 10%"), DeviceReported("sound", "clip", "bell")) == (("sound", "link loss"),)
    assert met(("fault", "rack_node power lost")) == (("rack_node", "power"),), "a node has no driver: saying it is enough"


def test_a_fault_that_is_over_is_met_by_nobody() -> None:
    report = DeviceReported("sound", "clip", "bell")
    assert met(("fault", "sound hang"), ("fault", "sound back"), report) == ()
    assert met(("fault", "sound hang for 1s"), *[None] * 12, report) == ()
    assert met(("fault", "sound hang for 1s"), *[None] * 8, report) == (("sound", "hang"),)


def test_what_was_broken_is_told_fault_by_fault_and_what_nothing_broke() -> None:
    folder = SMALL
    show = load(folder).show
    assert show is not None
    reached = Reached()
    coverage = Coverage(show.device_named)
    coverage.acted("fault", "sound power lost", 0)
    coverage.acted("fault", "sound slow 300ms", 0)
    coverage.event(DeviceHealth("sound", "lost"), 0)
    coverage.acted("fault", "sound silent", SECOND)
    reached.merge(coverage.reached)
    broken = coverage_json(show, reached)["broken"]
    assert broken["faults"] == {"power": ["sound"], "slow": ["sound"]}
    assert broken["not_met"] == ["sound silent"]
    assert "sound" not in broken["never"]
    assert len(broken["never"]) == broken["machines"] - 1
