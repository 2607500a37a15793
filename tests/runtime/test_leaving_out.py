"""A rehearsal that leaves out what says nothing new is the rehearsal that does not, to the line, the fact and the frame."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from showctl.runtime.journal import MemoryJournal, Record
from showctl.runtime.rehearsal import Stagehand, Verdict, loaded, open_simulated_venue
from showctl.show.fixtures import Point
from showctl.show.instants import seconds
from showctl.show.rehearsals import Rehearsal, Step
from showctl.show.show import Show
from showctl.show.targets import Target

FOLDER = Path(__file__).parents[2] / "cues" / "dream_of_the_future"

PEOPLE = (
    (0, "guests", "7 join"),
    (5, "guests", "guest 20 at -7.5 1"),
    (6, "guests", "guest 20 walks to 7.5 12"),
    (12.25, "guests", "raise hands 60% for 3s"),  # on the tracker's grid
    (20, "guests", "stand"),
    (27.1, "guests", "wave 40% for 2s"),
    (35, "guests", "wander"),
    (39.333, "guests", "vote blue_side 70%"),
    (47, "guests", "3 leave"),
    (55, "guests", "gone"),
    (56.75, "guests", "2"),
)
FAULTS = (
    (9, "fault", "tracker power lost for 6s"),
    (21, "fault", "tracker hang for 2s"),
    (29, "fault", "tracker back"),
    (33, "fault", "tracker power lost for 1s"),
    (41.25, "fault", "tracker silent for 7s"),
    (52, "fault", "tracker power lost for 1s"),
    (57, "fault", "link tracker loss 30%"),
    (61, "fault", "link tracker good"),
    (63, "fault", "tracker power lost for 1s"),
    (66.5, "fault", "tracker frozen for 4s"),
    (72, "fault", "tracker power lost"),
)
SILENCE = (
    (7, "fault", "sound power lost for 6s"),
    (9.5, "fault", "xr hang for 4s"),
    (11, "fault", "film silent for 2s"),  # not long enough to be noticed
    (15, "fault", "film silent for 7s"),
    (21, "fault", "link gauze_player down for 5s"),
    (26.3, "fault", "ai power lost"),
    (28, "fault", "link dome_player delay 80ms"),
    (33, "fault", "link dome_player good"),
    (36, "fault", "ai back"),
    (41, "fault", "link sound loss 60%"),
)
POLLED = (
    (3, "set", "mist_curtain state up"),
    (6.2, "set", "projector_wall lamp failed"),
    (7, "set", "foyer start 2"),
    (8, "fault", "link nave_space loss 70%"),
    (9.1, "fault", "shed_sound restart for 2s"),
    (12, "fault", "projector_dome hang for 6s"),
    (13, "fault", "mist_curtain silent for 4s"),
    (14.7, "fault", "skip_space silent for 2s"),
    (16, "fault", "link nave_space good"),
    (20, "fault", "foyer view only"),
    (22, "fault", "shed_player power lost for 3s"),
    (24, "fault", "link projector_gauze down for 7s"),
    (26.25, "fault", "mist_curtain refuse for 2s"),
    (30, "set", "projector_gauze temperature warning"),
    (33, "fault", "foyer close"),
    (36, "fault", "link mist_curtain down for 9s"),
    (38, "set", "projector_wall off"),
)


@lru_cache(maxsize=1)
def furnace() -> Show:
    show = loaded(FOLDER).show
    assert show is not None
    return show


def scene(*lines: tuple[float, str, str], length: float = 60.0, repeat: int = 1) -> Rehearsal:
    steps = tuple(Step(seconds(at), what, words) for at, what, words in lines)
    return Rehearsal("both ways", "both_ways", steps, length=seconds(length), guests=5, seed=11, repeat=repeat)


def run(show: Show, rehearsal: Rehearsal, every_frame: bool) -> tuple[Verdict, list[Record], Stagehand]:
    venue, journal = open_simulated_venue(FOLDER, rehearsal.seed, show), MemoryJournal()
    stagehand = Stagehand(show, rehearsal, venue, every_frame=every_frame, journal=journal)
    return stagehand.run(), journal.records, stagehand


def both_ways(rehearsal: Rehearsal, show: Show | None = None) -> tuple[Stagehand, Stagehand]:
    """The same scene with every frame, and without those that say nothing new: one transcript, one journal."""
    (whole, everything, all_of_it), (short, something, some_of_it) = (
        run(show or furnace(), rehearsal, every) for every in (True, False)
    )
    assert short.transcript.splitlines() == whole.transcript.splitlines()
    assert something == everything
    return all_of_it, some_of_it


def test_what_people_do_is_told_alike_and_every_frame_that_is_rendered_is_the_same() -> None:
    all_of_it, some_of_it = both_ways(scene((1, "go", "main"), *PEOPLE))
    assert some_of_it.light.hashes.items() <= all_of_it.light.hashes.items()
    assert 10 * len(some_of_it.light.hashes) < len(all_of_it.light.hashes)


def test_the_next_show_begins_alike() -> None:
    both_ways(scene(*PEOPLE[:3], length=10.25, repeat=3))


def test_a_tracker_that_fails_in_every_way_fails_alike() -> None:
    both_ways(scene(*PEOPLE, *FAULTS, length=90))


def test_devices_that_fall_silent_are_missed_at_the_same_instants() -> None:
    both_ways(scene((1, "go", "main"), *SILENCE, length=50))


def test_what_is_asked_again_and_again_is_asked_where_the_answer_would_be_another() -> None:
    all_of_it, some_of_it = both_ways(scene((1, "go", "main"), (2, "start", "yard/1"), *POLLED, length=65))
    asked, some_asked = (hand.rig.drivers["projector_gauze"].reported() for hand in (all_of_it, some_of_it))
    assert asked == some_asked, "also what is no news"


def test_who_is_followed_is_seen_in_every_frame() -> None:
    show = replace(furnace(), targets=(Target(1, "star", Point(0.0, 1.6, 5.0), "tracker", id=3),))
    _, some_of_it = both_ways(scene(*PEOPLE[:4], length=20), show)
    assert not some_of_it.venue.goes_on(("236.10.10.10", 56565))
    _, some_of_it = both_ways(scene(*PEOPLE[:1], length=20))
    assert some_of_it.venue.left_out(("236.10.10.10", 56565), some_of_it.now) is not None
