"""A show that was saved and loaded anew while it runs: nothing stops, and what cannot be carried over is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from showctl.engine.commands import Note
from showctl.engine.events import Back, InputChanged, Master
from showctl.engine.reloading import begun_again, reload
from showctl.light.render import Rendering
from showctl.show.cues import Cue, GroupMode, ReleaseList
from showctl.show.instants import SECOND, seconds
from showctl.show.levels import from_percent
from showctl.show.patch import make_patch
from showctl.show.show import Show, Submaster
from showctl.show.triggers import Trigger
from tests.engine.booth import (
    NUMBER,
    Booth,
    cue,
    cue_list,
    end_after,
    expression,
    group,
    play,
    show_of,
    start_after,
    starts,
    when,
)


def reloaded(booth: Booth, new: Show, at: float, revision: str = "a") -> tuple[str, ...]:
    """The booth runs ``new`` from now on; what was said about it."""
    booth.at(at)
    done = reload(booth.show, new, booth.state, seconds(at), revision)
    booth.show, booth.state = done.show, done.state
    booth.commands += (*done.due, *done.commands)
    booth.rendering = Rendering(new.patch, new.submasters)
    return done.words


def test_a_fade_under_way_goes_on_and_the_next_go_does_what_the_newer_show_says() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 10), cue("2", {"b": 50})))
    booth.go(0)

    words = reloaded(booth, show_of(cue("1", {"a": 100}, 10), cue("2", {"b": 80})), 5)

    assert (words, booth.level("a"), booth.standby()) == ((), 50, "2")
    booth.go(7)
    assert (booth.level("a"), booth.level("b")) == (70, 80)
    booth.at(10)
    assert (booth.level("a"), booth.running()) == (100, [])


def test_a_changed_cue_that_runs_finishes_as_it_began_and_starts_as_it_is_now() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}, 4, next=end_after(1)), cue("2", {"b": 50}, 2)))
    booth.go(0)

    words = reloaded(booth, show_of(cue("1", {"a": 30}, 9), cue("2", {"b": 80}, 2)), 2)

    assert words == ("main/1 finishes as it began",)
    booth.at(20)
    assert starts(booth) == ["0 1", "5 2"], "it still hands on, after its own end"
    assert (booth.level("a"), booth.level("b")) == (100, 80)
    booth.go(30, "1")
    booth.at(39)
    assert booth.level("a") == 30


def test_a_wait_that_is_on_is_met_or_times_out_as_it_was_written_when_it_began() -> None:
    older = show_of(cue("1", wait_for=when('gate == "closed"', 20), next=end_after()), cue("2"))
    newer = show_of(cue("1", wait_for=when("guests > 3", 60), next=end_after()), cue("2"))
    met, timed = Booth(older), Booth(older)
    for booth in (met, timed):
        booth.go(0)
        reloaded(booth, newer, 5)

    met.at(8, InputChanged("guests", 5.0))
    met.at(9, InputChanged("gate", "closed"))
    timed.at(30)

    assert (starts(met), starts(timed)) == (["0 1", "9 2"], ["0 1", "20 2"])


def test_the_members_of_a_running_group_are_those_that_it_began_with() -> None:
    def sequence(name: str) -> Cue:
        return group("1", GroupMode.SEQUENCE, cue("1.a", {"a": 100}, 2), cue("1.b", {name: 60}, 2), cue("1.c", {name: 20}, 2))

    booth = Booth(show_of(sequence("b"), cue("2")))
    booth.go(0)
    reloaded(booth, show_of(group("1", GroupMode.ALL, cue("1.z", {"c": 10})), cue("2")), 1)
    booth.at(10)

    assert starts(booth) == ["0 1", "0 1.a", "2 1.b", "4 1.c"]
    assert (booth.level("a"), booth.level("b"), booth.level("c"), booth.running()) == (100, 20, 0, [])


def test_a_removed_cue_hands_on_to_what_follows_its_place() -> None:
    cues = [cue("1", next=start_after(4)), cue("2"), cue("3")]
    first, middle = Booth(show_of(*cues)), Booth(show_of(cue("0"), *cues))
    first.go(0)
    middle.go(0, "1")

    assert reloaded(first, show_of(*cues[1:]), 1) == ("main/1 finishes as it began, and is gone after that",)
    reloaded(middle, show_of(cue("0"), *cues[1:]), 1)
    first.at(9)
    middle.at(9)

    assert (starts(first), starts(middle)) == (["0 1", "4 2"], ["0 1", "4 2"])


def test_a_standby_whose_cue_is_gone_moves_to_the_next_that_is_there() -> None:
    booth = Booth(show_of(cue("1"), cue("2"), cue("3")))
    booth.go(0)

    assert reloaded(booth, show_of(cue("1"), cue("3")), 1) == ("main/2 stood by and is gone: 3 stands by in main",)
    assert (booth.standby(), booth.state.values["main.standby"]) == ("3", "3")


def test_a_list_at_its_end_stands_before_what_was_added_behind_it() -> None:
    booth = Booth(show_of(cue("1")))
    booth.go(0)
    assert booth.standby() is None

    assert reloaded(booth, show_of(cue("1"), cue("2")), 1) == ()
    assert booth.standby() == "2"


def test_a_run_that_needs_what_is_gone_is_stopped_and_its_light_stays() -> None:
    older = show_of(cue("1", {"a": 100}, 2, next=end_after()), cue("2", None, 0, ReleaseList("extra", SECOND)))
    extra = cue_list(cue("1", list="extra"), name="extra", index=1)
    booth = Booth(replace(older, lists=(*older.lists, extra)))
    booth.go(0)
    waiting = cue("2", None, 0, ReleaseList("extra", SECOND), wait=seconds(5))
    booth = Booth(replace(show_of(cue("1", {"a": 100}, 2, next=end_after()), waiting), lists=(cue_list(waiting), extra)))
    booth.go(0)

    words = reloaded(booth, show_of(cue("2", {"b": 10})), 1)

    assert words == (
        "main/2 was stopped, for it needs the list extra, which is gone",
        "the list extra is gone",
    )


def test_a_list_that_is_gone_gives_back_its_light_over_its_release_time() -> None:
    extra = cue_list(cue("1", {"b": 100}, 0, play("rumble", "bed"), list="extra"), name="extra", index=1, release_time=seconds(4))
    booth = Booth(show_of(cue("1", {"a": 100}), lists=(extra,)))
    booth.go(0)
    booth.go(0, list_="extra")

    assert reloaded(booth, show_of(cue("1", {"a": 100})), 10) == ("the list extra is gone, and with it extra/1",)
    booth.at(12)
    assert (booth.level("a"), booth.level("b")) == (100, 50)
    booth.at(15)
    assert (booth.level("b"), len(booth.state.plan.rows)) == (0, 1)
    assert booth.told()[-1] == "10 sound stop"


def test_lists_in_another_order_keep_their_place_clock_and_light() -> None:
    extra = cue_list(cue("1", {"b": 100}, 10, list="extra"), name="extra", index=1)
    booth = Booth(show_of(cue("1", {"a": 100}, 10), cue("2"), lists=(extra,)))
    booth.go(0)
    booth.go(1, list_="extra")
    newer = show_of(cue("1", {"a": 100}, 10), cue("2"), lists=(replace(extra, index=0),))
    lists = (newer.lists[1], replace(newer.lists[0], index=1))

    assert reloaded(booth, replace(newer, lists=lists), 6) == ()
    assert (booth.level("a"), booth.level("b")) == (60, 50)
    booth.at(20)
    assert (booth.level("a"), booth.level("b"), booth.running()) == (100, 100, [])
    assert [(item.name, booth.standby(n)) for n, item in enumerate(booth.show.lists)] == [("extra", None), ("main", "2")]


def test_fixtures_that_move_in_the_patch_keep_their_levels_and_those_that_are_gone_are_named() -> None:
    booth = Booth(show_of(cue("1", {"a": 100, "b": 40, "head.pan": 75}, 4)))
    booth.go(0)
    patch = booth.show.patch
    kept = [f for f in reversed(patch.fixtures) if f.name != "a"]
    moved = make_patch(patch.universes, (), tuple(replace(f, index=n, address=f.address + 100) for n, f in enumerate(kept)))
    newer = replace(booth.show, patch=moved, lists=(cue_list(cue("1")),), zones=())

    words = reloaded(booth, newer, 2)

    assert words == ("main/1 finishes as it began", "the light of a ends with the patch")
    number = {f"{moved.fixtures[p.fixture].name}.{p.name}": p.index for p in moved.parameters}
    found = dict(zip(booth.state.plan.rows["parameter"].tolist(), booth.state.plan.rows["target"].tolist(), strict=True))
    assert found == {number["b.intensity"]: from_percent(40), number["head.pan"]: from_percent(75)}


def test_masters_grabs_and_parks_go_by_name() -> None:
    older = show_of(cue("1"), submasters=(Submaster(0, "front", (0,)), Submaster(1, "back", (1,))))
    newer = show_of(cue("1"), submasters=(Submaster(0, "back", (1,)),))
    booth = Booth(older)
    booth.at(0, Master("front", from_percent(20)))
    booth.at(0, Master("back", from_percent(30)))

    reloaded(booth, newer, 1)

    assert [(int(row["id"]), int(row["target"])) for row in booth.state.plan.masters] == [(2, from_percent(30))]


def test_a_condition_that_is_read_anew_sets_nothing_off_until_it_turns_true() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}), triggers=()))
    booth.at(0, InputChanged("guests", 5.0))
    go = ReleaseList("main", SECOND)
    many = Trigger(0, "many", expression("guests > 3"), (go,))

    reloaded(booth, show_of(cue("1", {"a": 100}), triggers=(many,)), 1)
    booth.at(5, InputChanged("guests", 6.0))
    assert booth.log("trigger") == []
    booth.at(6, InputChanged("guests", 1.0))
    booth.at(7, InputChanged("guests", 9.0))
    assert booth.log("trigger") == ["7 trigger"]


def test_values_keep_theirs_and_a_device_at_another_address_is_unknown() -> None:
    older = show_of(cue("1"))
    booth = Booth(older)
    booth.at(0, InputChanged("guests", 5.0))
    values = dict(booth.state.values) | {"sound.health": "ok", "film.health": "ok"}
    health = {"sound": ("ok", ""), "film": ("ok", "")}
    booth.state = replace(booth.state, values=values, health=health)
    sound, film = older.devices

    reloaded(booth, replace(older, devices=(replace(sound, host="10.0.0.9"), film)), 1)

    assert (booth.state.values["guests"], booth.state.values["sound.health"]) == (5.0, "unknown")
    assert (booth.state.values["film.health"], dict(booth.state.health)) == ("ok", {"film": ("ok", "")})


def test_back_after_a_reload_goes_to_what_is_still_there() -> None:
    booth = Booth(show_of(cue("1", {"a": 100}), cue("2", {"b": 50})))
    booth.go(0)
    booth.go(5)
    reloaded(booth, show_of(cue("0"), cue("1", {"a": 100}), cue("2", {"b": 50})), 6)

    booth.at(7, Back("main"))
    booth.at(20)
    assert (booth.standby(), booth.level("a"), booth.level("b")) == ("2", 100, 0)


def test_loading_the_same_show_anew_changes_nothing_that_is_seen() -> None:
    show = show_of(cue("1", {"a": 100}, 10, play("rumble", "bed", 20), next=end_after(1)), cue("2", {"b": 5}))
    one, other = Booth(show), Booth(show)
    one.go(0)
    other.go(0)

    assert reloaded(other, show_of(*show.lists[0].cues), 3) == ()
    one.at(60)
    other.at(60)

    assert (starts(one), one.told()) == (starts(other), other.told())
    assert np.array_equal(one.state.plan.rows, other.state.plan.rows)
    assert [c.what for c in other.commands if isinstance(c, Note)].count("show.reloaded") == 1


def test_what_was_to_finish_as_it_began_is_found_again_from_its_revision() -> None:
    older = show_of(cue("1", {"a": 100}, 4, next=end_after(1)), cue("2", {"b": 50}))
    newer = show_of(cue("1", {"a": 30}, 9), cue("2", {"b": 80}))
    booth = Booth(older)
    booth.go(0)
    reloaded(booth, newer, 2)
    kept = {number: begun.revision for number, begun in booth.show.begun.items()}

    again = begun_again(lambda revision: {"a": older}[revision], newer, booth.state, kept)

    assert again.begun == booth.show.begun
    assert kept == {1: "a"}
    assert NUMBER["a"] == 0
