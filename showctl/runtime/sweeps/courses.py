"""Which rehearsals a sweep plays: the fewest that come by every cue, those in which nothing breaks first.

What a rehearsal comes by is known once it was played. The longest are played first, then those that speak of a cue that none has
come by, until none is left. A cue that no rehearsal reaches gets a course of its own that presses GO on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from showctl.runtime.ports import Venue
from showctl.runtime.sweeps.forks import Forks
from showctl.runtime.sweeps.trials import Course
from showctl.show.cues import Cue, CueRef
from showctl.show.instants import SECOND, Instant
from showctl.show.latest import latest_next
from showctl.show.rehearsals import Rehearsal, Step
from showctl.show.show import Show

OpenVenue: TypeAlias = Callable[[int], Venue]
"""A fresh venue, by its seed."""
GO_AT: Final = SECOND
AFTER: Final = 10 * SECOND
"""How long the course of one cue goes on after that cue is over."""


@dataclass(frozen=True)
class Played:
    """A rehearsal, and when each cue begins in it first. ``end`` is its last instant."""

    rehearsal: Rehearsal
    begins: Mapping[CueRef, Instant]
    end: Instant


def courses(show: Show, rehearsals: Sequence[Rehearsal], open_venue: OpenVenue, most: int) -> list[tuple[Played, set[CueRef]]]:
    """What is to be played, and which cues each course is there for: together every cue of every list, once."""
    played = _played(show, [replace(item, repeat=1, same_digest=False) for item in rehearsals], open_venue, most)
    left = {cue.ref for cue in cues_of(show)}
    found: list[tuple[Played, set[CueRef]]] = []
    for broken in (False, True):
        while True:
            candidates = [item for item in played if broken or not breaks(item.rehearsal)]
            best = max(
                candidates, key=lambda item: (len(left & item.begins.keys()), -item.end, item.rehearsal.stem), default=None
            )
            if best is None or not left & best.begins.keys():
                break
            found.append((best, left & best.begins.keys()))
            left -= best.begins.keys()
    alone = [_alone(show, cue) for cue in cues_of(show) if cue.ref in left]
    for item in play_all(show, alone, open_venue, most):
        found.append((item, left & item.begins.keys()))
        left -= item.begins.keys()
    return [item for item in found if item[1]]


def _played(show: Show, rehearsals: Sequence[Rehearsal], open_venue: OpenVenue, most: int) -> list[Played]:
    """Rehearsals until they have come by every cue; all of them where they do not."""
    left = {cue.ref for cue in cues_of(show)}
    waiting, found = list(rehearsals), list[Played]()
    while waiting and left:
        waiting.sort(
            key=lambda item: (-len(_mentions(item) & left) if found else 0, breaks(item), -(item.length or 0), item.stem)
        )
        some, waiting = waiting[:most], waiting[most:]
        found += play_all(show, some, open_venue, most)
        left -= {ref for item in found for ref in item.begins}
    return found


def _mentions(rehearsal: Rehearsal) -> set[CueRef]:
    """The cues that its lines speak of."""
    spoken = {step.of for step in rehearsal.steps} | {line.of for line in rehearsal.expectations}
    words = (step.words.partition("/") for step in rehearsal.steps)
    return {ref for ref in spoken if ref is not None} | {CueRef(name.strip(), cue.strip()) for name, slash, cue in words if slash}


def cues_of(show: Show) -> list[Cue]:
    """Every cue of every list, in file order; members of groups belong to theirs."""
    return [cue for cue_list in show.lists for cue in cue_list.cues]


def breaks(rehearsal: Rehearsal) -> bool:
    """Whether its script breaks something, or is about an emergency."""
    return any(step.what in ("fault", "panic", "evacuate") for step in rehearsal.steps)


def play_all(show: Show, rehearsals: Sequence[Rehearsal], open_venue: OpenVenue, most: int) -> list[Played]:
    """Each of them once, in children; in the order given."""
    found: dict[int, Played] = {}

    def play(number: int) -> tuple[int, Played]:
        rehearsal = rehearsals[number]
        course = Course(show, rehearsal, open_venue(rehearsal.seed), {}, None)
        course.run()
        return number, Played(rehearsal, course.begins, course.now)

    forks = Forks(most, lambda said: found.update([said]))
    try:
        for number in sorted(range(len(rehearsals)), key=lambda n: -(rehearsals[n].length or 0)):
            forks.do(lambda number=number: play(number))  # type: ignore[misc]
        forks.wait()
    finally:
        forks.close()
    return [found[number] for number in range(len(rehearsals))]


def _alone(show: Show, cue: Cue) -> Rehearsal:
    length = GO_AT + (latest_next(show, cue) or 0) + AFTER
    words = str(cue.ref)
    return Rehearsal(f"GO on {words}", f"go {words}", (Step(GO_AT, "go", words),), length=length, place=cue.place)
