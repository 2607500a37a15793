"""Storms: the same seed is the same audience and the same verdict; what fails is made short, and fails again as a rehearsal."""

from __future__ import annotations

import shutil
from pathlib import Path

from showctl.runtime.ports import Venue
from showctl.runtime.rehearsal import open_simulated_venue, rehearse
from showctl.runtime.storms import storm
from showctl.runtime.storms.audience import KINDS, audience, room_of
from showctl.runtime.storms.family import StormStagehand, play_family
from showctl.runtime.storms.shrink import shrunk
from showctl.show.instants import SECOND, seconds
from showctl.show.rehearsals import Rehearsal, Step
from showctl.show.show import Show
from showctl.showfile import load
from showctl.showfile.rehearsal_text import rehearsal_text

SHOWS = Path(__file__).parents[2] / "shows"
CROWD = SHOWS / "crowd"
MINUTE = 60 * SECOND


def crowd() -> Show:
    show = load(CROWD).show
    assert show is not None
    return show


def test_people_find_zones_a_button_and_votes_and_no_machine_with_verbs() -> None:
    room = room_of(crowd())
    assert (room.zones, room.buttons, room.counters, room.switches) == (("room", "left"), ("bell",), (("phones", "stay"),), ())


def test_the_same_seed_is_the_same_audience_and_another_is_another() -> None:
    show = crowd()
    assert audience(show, 5, MINUTE) == audience(show, 5, MINUTE)
    assert len({audience(show, seed, MINUTE).steps for seed in range(30)}) > 20


def test_a_family_is_the_same_people_who_do_the_same_until_one_after_another_thinks_of_something_else() -> None:
    show = crowd()
    family = [audience(show, seed, 5 * MINUTE) for seed in range(104, 204, 10)]
    assert len({(people.guests, people.kinds) for people in family}) == 1
    for people in family[1:]:
        elder = family[(people.elder - 104) // 10]
        assert elder.seed == people.elder < people.seed
        assert elder.parts < people.parts
        assert [step for step in people.steps if step.at < people.parts] == [s for s in elder.steps if s.at < people.parts]
        votes = [int(step.words.rpartition(" ")[2]) for step in people.steps if step.words.startswith("phones stay")]
        assert votes == sorted(votes), "a vote is never taken back"


def test_a_family_played_as_a_tree_is_what_each_of_them_is_alone() -> None:
    show = crowd()
    [evening] = [item for item in load(CROWD).rehearsals if item.stem == "evening"]

    def venue(seed: int) -> Venue:
        return open_simulated_venue(CROWD, seed, show)

    for member, verdict in play_family(show, evening, range(4, 104, 10), venue):
        alone = StormStagehand(show, member.rehearsal, venue(member.rehearsal.seed)).run()
        assert (verdict.digest, verdict.failures, verdict.reached) == (alone.digest, alone.failures, alone.reached)


def test_all_kinds_of_people_come_and_every_number_of_them_and_sometimes_nobody() -> None:
    found = [audience(crowd(), seed, 5 * MINUTE) for family in range(33) for seed in (family // 10 * 100 + family % 10,)]
    assert {kind for people in found for kind in people.kinds} == set(KINDS)
    assert {people.guests for people in found} == {*range(31), 35, 40}
    assert all(0 <= step.at < 5 * MINUTE for people in found for step in people.steps)
    assert {step.what for people in found for step in people.steps} == {"guests", "press", "set"}


def test_in_a_room_where_nobody_is_seen_nobody_is_told_to_walk() -> None:
    show = load(SHOWS / "small").show
    assert show is not None
    assert {audience(show, seed, MINUTE).guests for seed in range(20)} == {0}


def test_a_storm_passes_reaches_every_branch_and_its_verdicts_repeat() -> None:
    one, again = (storm(CROWD, 6, 1, ["evening"]) for _ in range(2))
    assert one.failed == ()
    assert one.missed == ()
    assert one.ways == 3
    assert one.digest == again.digest
    assert one.digest != storm(CROWD, 6, 2, ["evening"]).digest


def test_what_an_audience_broke_is_made_short_and_fails_again_as_a_rehearsal(tmp_path: Path) -> None:
    folder = shutil.copytree(CROWD, tmp_path / "crowd")
    evening = folder / "rehearsals" / "evening.yaml"
    evening.write_text(evening.read_text(encoding="utf-8") + "never:\n  - presses > 3\n", encoding="utf-8")
    stormed = storm(folder, 1, 19, ["evening"])
    assert stormed.failed, "nobody pressed four times: other seeds are needed"
    found = stormed.failed[0]
    assert found.kept is not None
    pressed = [step for step in found.kept.steps if step.what == "press"]
    assert len(pressed) == 4
    assert [step.what for step in found.kept.steps if step.what not in ("press", "go")] == []
    assert found.kept.guests == 0
    (folder / "rehearsals" / "kept.yaml").write_text(rehearsal_text(found.kept, "found by a storm"), encoding="utf-8")
    [verdict] = rehearse(folder, ["kept"])
    assert [failure.message for failure in verdict.failures] == ["never: presses > 3 came true; presses was 4"]


def test_a_script_is_made_short_line_by_line_and_never_loses_what_stays() -> None:
    lines = tuple(Step(n * SECOND, "press", f"b{n}") for n in range(40))
    stays = Step(0, "go", "main")
    asked: list[int] = []

    def fails(candidate: Rehearsal) -> tuple[Rehearsal, ...]:
        asked.append(len(candidate.steps))
        said = {step.words for step in candidate.steps}
        return (candidate,) if {"b3", "b17"} <= said else ()

    whole = Rehearsal("r", "r", (stays, *lines), length=seconds(60), guests=8)
    short = shrunk(whole, frozenset([stays]), 20.0, fails)
    assert [step.words for step in short.steps] == ["main", "b3", "b17"]
    assert short.guests == 0
    assert short.length == seconds(25)
    assert len(asked) <= 60
