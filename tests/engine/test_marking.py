"""Mark: what comes up out of the dark is in its place before, and nobody has seen it move."""

from __future__ import annotations

from dataclasses import replace

import pytest

from showctl.engine.commands import Light, Note
from showctl.engine.events import Arm, Back, Event, Locate, Origin, Pause, Resume, Stop
from showctl.engine.explaining import explain_next
from showctl.light.render import levels, prepare
from showctl.show.cues import Cue, CueRef, Effect, GroupMode, Mark, Wave
from showctl.show.instants import SECOND, seconds
from showctl.show.levels import percent_of
from tests.engine.booth import NUMBER, Booth, branch, cue, cue_list, group, move, show_of, start_after

SCRIPT = Origin("script")


def coming(**more: object) -> Cue:
    """Brings the head up, turned to 90 % of its way, red."""
    return cue("2", {"head": 80, "head.pan": 90, "head.red": 100}, 1, **({"mark": Mark()} | more))  # type: ignore[arg-type]


def dark(time: float = 3, **more: object) -> Cue:
    return cue("1", {"head": 0, "head.pan": 10}, time, **more)  # type: ignore[arg-type]


def played(*cues: Cue, **more: object) -> Booth:
    """The head is up at 50 %; then the first of ``cues`` is fired at 10 s."""
    booth = Booth(show_of(cue("0", {"head": 50, "head.pan": 30}), *cues, **more))  # type: ignore[arg-type]
    booth.go(0)
    booth.go(10)
    return booth


def marks(booth: Booth) -> list[str]:
    return booth.log("light.marked")


def seen_moving(booth: Booth) -> list[float]:
    """The instants, every tenth of a second up to now, at which the head was lit and its pan moved."""
    show = booth.show
    fresh = Booth(show)
    changes = [c for c in booth.commands if isinstance(c, Light)]
    from showctl.light.plan import apply

    plan, found, last = fresh.state.plan, [], None
    for tenth in range(round(booth.state.now / SECOND * 10) + 1):
        now = seconds(tenth / 10)
        while changes and changes[0].instant <= now:
            plan = apply(plan, changes.pop(0).change)
        level = levels(prepare(booth.rendering, plan), now)
        pan = int(level[NUMBER["head.pan"]])
        if last is not None and pan != last and percent_of(int(level[NUMBER["head"]])) > 0:
            found.append(tenth / 10)
        last = pan
    return found


def test_a_marked_light_moves_in_the_cue_before_once_it_is_dark_and_at_rest_and_no_sooner() -> None:
    booth = played(dark(3), coming())
    booth.at(12.9)
    assert (marks(booth), booth.level("head.pan")) == ([], 10.7)
    booth.at(13)
    assert (marks(booth), booth.level("head"), booth.level("head.pan")) == (["13 light.marked 2"], 0, 10)
    booth.at(14)
    assert booth.level("head.pan") == 50
    booth.at(15)
    assert (booth.level("head.pan"), booth.level("head.red")) == (90, 100)
    booth.go(20)
    booth.at(21)
    assert (booth.level("head"), booth.level("head.pan")) == (80, 90)
    assert [moment for moment in seen_moving(booth) if moment > 13] == []


def test_without_a_mark_it_turns_in_the_light() -> None:
    booth = played(dark(3), coming(mark=None))
    booth.go(20)
    booth.at(22)
    assert marks(booth) == []
    assert [moment for moment in seen_moving(booth) if moment > 13] != []


def test_a_mark_by_name_moves_in_the_cue_that_is_named_and_takes_its_own_time() -> None:
    late = replace(coming(), ref=CueRef("main", "9"), mark=Mark(4 * SECOND, CueRef("main", "1")))
    booth = played(dark(0), cue("5", {"a": 100}), late)
    booth.at(12)
    assert (marks(booth), booth.level("head.pan")) == (["10 light.marked 9"], 50)
    booth.go(13)
    booth.at(14)
    assert (booth.level("head.pan"), marks(booth)) == (90, ["10 light.marked 9"])


def test_a_light_that_is_lit_or_swings_is_left_to_its_cue() -> None:
    lit = played(cue("1", {"head": 5, "head.pan": 10}, 1), coming())
    lit.at(60)
    swing = Effect("sway", (NUMBER["head.pan"],), (0,), Wave.SINE, SECOND, True, size=3000)
    swinging = played(replace(dark(1), effects=(swing,)), coming())
    swinging.at(60)
    assert (marks(lit), marks(swinging)) == ([], [])


def test_a_light_that_another_list_holds_bright_by_htp_is_left_to_its_cue() -> None:
    house = cue_list(cue("9", {"head": 40}, list="house"), name="house", index=1, htp=True)
    show = show_of(cue("0", {"head": 50, "head.pan": 30}), dark(1), coming(), lists=[house])
    booth = Booth(replace(show, lists=(replace(show.lists[0], htp=True), house)))
    booth.go(0)
    booth.go(5, list_="house")
    booth.go(10)
    booth.at(60)
    assert (booth.level("head"), marks(booth)) == (40, [])


def test_a_pause_holds_the_mark_with_the_fade_that_it_waits_for() -> None:
    booth = played(dark(3), coming())
    booth.at(12, Pause("main"))
    booth.at(100)
    assert marks(booth) == []
    booth.at(112, Resume("main"))
    booth.at(114)
    assert (marks(booth), booth.level("head.pan")) == (["113 light.marked 2"], 50)


def test_a_go_before_it_is_dark_takes_the_light_as_it_is() -> None:
    booth = played(dark(3), coming(), cue("3"))
    booth.go(12)
    booth.at(60)
    assert (marks(booth), booth.level("head"), booth.level("head.pan")) == ([], 80, 90)


def test_a_timeline_that_uses_the_light_itself_keeps_it_until_it_is_complete() -> None:
    hits = group(
        "1", GroupMode.TIMELINE, (0, cue("1/1", {"head": 0})), (4, cue("1/2", {"head": 60})), (6, cue("1/3", {"head": 0}))
    )
    booth = played(hits, coming())
    booth.at(14.5)
    assert (booth.level("head"), booth.level("head.pan")) == (60, 30)
    booth.at(60)
    assert (marks(booth), booth.level("head.pan")) == (["16 light.marked 2"], 90)


def test_after_a_branch_nobody_knows_what_comes_and_nothing_is_marked_but_by_name() -> None:
    forks = dark(0, next=branch(30, "2"))
    assert marks(played(forks, coming())) == []
    assert marks(played(forks, coming(mark=Mark(SECOND, CueRef("main", "1"))))) == ["10 light.marked 2"]


def test_a_disarmed_cue_marks_nothing() -> None:
    booth = Booth(show_of(cue("0", {"head": 50, "head.pan": 30}), dark(0), coming()))
    booth.at(0, Arm("2", False, "main"))
    booth.go(1)
    booth.go(2)
    booth.at(10)
    assert marks(booth) == []


@pytest.mark.parametrize("ends", [Stop("main", None, 0), Locate("main", "0", SCRIPT), Back("main", SCRIPT)])
def test_what_ends_the_cue_before_ends_its_marks(ends: Event) -> None:
    booth = played(dark(3), coming())
    booth.at(11, ends)
    booth.at(60)
    assert marks(booth) == []


@pytest.mark.parametrize("during", [None, CueRef("main", "1")])
def test_a_located_list_has_marked_what_a_played_one_has(during: CueRef | None) -> None:
    cues = (dark(1), cue("1.5", {"a": 30}), coming(mark=Mark(SECOND, during)))
    booth = played(*cues)
    booth.go(20)
    located = Booth(booth.show)
    located.at(0, Locate("main", "1.5", SCRIPT))
    for each in (booth, located):
        each.at(60)
    names = ("a", "head", "head.pan", "head.red")
    assert [located.level(name) for name in names] == [booth.level(name) for name in names] == [30, 0, 90, 100]


def test_explain_next_says_which_lights_will_move_in_the_dark() -> None:
    booth = Booth(show_of(cue("0", {"head": 50, "head.pan": 30}), dark(3), replace(coming(), name="Launch")))
    booth.go(0)
    said = explain_next(booth.show, booth.state, booth.state.now)["words"]
    assert "  in 3.0 s: in the dark for main/2 Launch: head, in 2.0 s" in said


def test_a_chain_that_leaves_no_time_takes_the_light_as_it_is() -> None:
    booth = played(dark(3, next=start_after(1)), coming())
    booth.at(60)
    assert (marks(booth), booth.level("head.pan")) == ([], 90)


def test_marks_say_whose_they_are() -> None:
    booth = played(dark(0), coming())
    booth.at(13)
    rows = booth.state.plan.rows
    owner = int(rows["owner"][rows["parameter"] == NUMBER["head.pan"]][-1])
    assert booth.state.owners[owner] == CueRef("main", "2")
    assert [c.words for c in booth.commands if isinstance(c, Note) and c.what == "light.marked"] == [
        "in the dark for main/2: head, in 2.0 s"
    ]


def test_only_what_its_cue_moves_is_moved() -> None:
    up = replace(cue("2", None, mark=Mark()), light=(move({"head": 80, "head.red": 40}),))
    booth = played(dark(0), up)
    booth.at(20)
    assert (booth.level("head.pan"), booth.level("head.red")) == (10, 40)


def test_a_light_that_will_follow_somebody_is_not_moved_ahead() -> None:
    aimed = replace(move({"head.pan": 90}), follow=1)
    up = replace(cue("2", None, mark=Mark()), light=(move({"head": 80, "head.red": 40}), aimed))
    booth = Booth(show_of(cue("0", {"head": 50, "head.pan": 30}), dark(0), up))
    booth.go(0)
    booth.go(10)
    booth.at(13)
    assert (booth.level("head.pan"), booth.level("head.red")) == (10, 40)
