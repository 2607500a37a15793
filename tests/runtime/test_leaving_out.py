"""A rehearsal that leaves out what says nothing new is the rehearsal that does not, to the line, the fact and the frame."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from showctl.engine.commands import Answer
from showctl.engine.events import DeviceReported, Event
from showctl.runtime.journal import MemoryJournal, Record
from showctl.runtime.rehearsal import Stagehand, Verdict, loaded, open_simulated_venue
from showctl.show.fixtures import Point
from showctl.show.instants import seconds
from showctl.show.rehearsals import Expectation, Rehearsal, Step, When
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

PLAYERS = (
    (4, "fault", "sound frozen for 3s"),
    (9.2, "fault", "film busy for 2s"),
    (12, "fault", "xr headset 2 asleep"),
    (14.5, "fault", "xr headset 2 free"),
    (16, "fault", "link sound delay 40ms"),
    (21, "fault", "link sound good"),
    (24, "pause", "main"),
    (27.3, "resume", "main"),
    (31, "fault", "xr headset 3 battery 16%"),
    (33, "fault", "xr headset 4 astray"),
    (37, "fault", "film power lost for 4s"),
    (44, "fault", "xr headset 1 tracking lost"),
    (48, "fault", "dome_player silent for 4s"),
)


@lru_cache(maxsize=1)
def furnace() -> Show:
    show = loaded(FOLDER).show
    assert show is not None
    return show


def scene(*lines: tuple[float, str, str], length: float = 60.0, repeat: int = 1) -> Rehearsal:
    steps = tuple(Step(seconds(at), what, words) for at, what, words in lines)
    return Rehearsal("both ways", "both_ways", steps, length=seconds(length), guests=5, seed=11, repeat=repeat)


class Counting(Stagehand):
    """Counts how often it was told of each field."""

    reported: Counter[str]

    def run(self) -> Verdict:
        self.reported = Counter()
        return super().run()

    def _handle(self, event: Event) -> Answer | None:
        if isinstance(event, DeviceReported):
            self.reported[f"{event.device}.{event.field}"] += 1
        return super()._handle(event)


def run(show: Show, rehearsal: Rehearsal, every_frame: bool) -> tuple[Verdict, list[Record], Counting]:
    venue, journal = open_simulated_venue(FOLDER, rehearsal.seed, show), MemoryJournal()
    stagehand = Counting(show, rehearsal, venue, every_frame=every_frame, journal=journal)
    return stagehand.run(), journal.records, stagehand


def unrecorded(show: Show, rehearsal: Rehearsal) -> tuple[Verdict, Counting]:
    """As a rehearsal is played that nobody asks about its journal: then nobody wants every word either."""
    stagehand = Counting(show, rehearsal, open_simulated_venue(FOLDER, rehearsal.seed, show))
    return stagehand.run(), stagehand


def both_ways(rehearsal: Rehearsal, show: Show | None = None) -> tuple[Counting, Counting]:
    """The same scene with every frame, and without those that say nothing new: one transcript, one journal.

    And one transcript, too, without the words that nobody reads (those a journal would keep).
    """
    (whole, everything, all_of_it), (short, something, some_of_it) = (
        run(show or furnace(), rehearsal, every) for every in (True, False)
    )
    assert short.transcript.splitlines() == whole.transcript.splitlines()
    assert something == everything
    shortest, least_of_it = unrecorded(show or furnace(), rehearsal)
    assert shortest.transcript.splitlines() == whole.transcript.splitlines()
    assert least_of_it.light.hashes.items() <= all_of_it.light.hashes.items()
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


def test_players_and_headsets_that_break_are_told_of_alike_while_what_moves_by_itself_is_left_out() -> None:
    both_ways(scene((0, "locate", "main/301"), (0.5, "go", "main"), *PLAYERS, length=60))


def test_how_far_a_clip_has_played_and_a_battery_has_run_down_is_passed_on_only_where_it_may_be_read() -> None:
    calm = scene((0, "locate", "main/301"), length=60)
    _, told, whole = run(furnace(), calm, every_frame=False)
    verdict, least = unrecorded(furnace(), calm)
    assert told
    assert verdict.transcript == whole.transcript.text()
    for name in ("sound.position", "film.position", "xr.battery"):
        assert least.reported[name] * 2 < whole.reported[name], name
    line = Expectation(When.END, "sound.position > 3")
    _, asked = unrecorded(furnace(), replace(calm, expectations=(line,)))
    assert asked.reported["sound.position"] == whole.reported["sound.position"]
    assert asked.reported["film.position"] == least.reported["film.position"]
