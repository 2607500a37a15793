"""A family of audiences, played as a tree: what two of them have in common is played once.

The founder of a family is played from the beginning. Where another one goes ways of its own (``audience.py``), a child takes a
copy of everything (``sweeps/forks.py``), and plays on with the lines of that one; and so on in turn. Nothing is different from
playing each of them from the beginning: the script up to there, the venue and its seed are the same, and nobody looks at an
instant at which nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TypeAlias

from showctl.runtime.coverage import Reached
from showctl.runtime.house_watch import HouseWatch
from showctl.runtime.ports import Venue
from showctl.runtime.rehearsal import Stagehand, Verdict
from showctl.runtime.storms.audience import audience, founder_of
from showctl.runtime.sweeps.forks import Forks
from showctl.show.instants import SECOND, Instant
from showctl.show.rehearsals import Rehearsal, Step
from showctl.show.show import Show

OpenVenue: TypeAlias = Callable[[int], Venue]
"""A fresh venue, by its seed."""


@dataclass(frozen=True)
class Member:
    """One audience: the rehearsal with its people, who they are in words, and from when on it is not as its elder's."""

    seed: int
    rehearsal: Rehearsal
    words: str
    elder: int
    parts: Instant


class StormStagehand(Stagehand):
    """A rehearsal in which a line to somebody who has left is void. ``done`` are the lines that were not."""

    def __init__(self, show: Show, rehearsal: Rehearsal, venue: Venue) -> None:
        super().__init__(show, rehearsal, venue, keep_transcript=False)
        # Who flashes does so with any audience: a storm looks for what people do, and leaves frames to the rehearsals.
        rules = replace(self.show.house, flashes=None, loudest=())
        self.house = HouseWatch(replace(show, hazards=()), rules, venue, self.light, self.judge.fail)
        self.done: list[Step] = []

    def _do(self, step: Step) -> None:
        if step.what != "guests" or not step.words.startswith("guest "):
            super()._do(step)
            return
        try:
            self._act(step.what, step.words)
        except ValueError:
            return
        self.done.append(step)


class FamilyStagehand(StormStagehand):
    """Plays ``members`` (by their seeds), of which ``first`` is the founder. ``heard`` is what came of those ``wanted``."""

    def __init__(self, show: Show, members: Mapping[int, Member], first: int, wanted: Collection[int], venue: Venue) -> None:
        super().__init__(show, members[first].rehearsal, venue)
        self._members, self._wanted = members, wanted
        self._me = members[first]
        self._part_later = self._those_who_part()
        self.heard: list[tuple[Member, Verdict]] = []

    def play_all(self) -> list[tuple[Member, Verdict]]:
        """What came of everybody who is wanted."""
        verdict = self.run()
        if self._me.seed in self._wanted:
            self.heard.append((self._me, verdict))
        return self.heard

    def _those_who_part(self) -> list[Member]:
        mine = [item for item in self._members.values() if item.elder == self._me.seed and item is not self._me]
        return sorted(mine, key=lambda item: (item.parts, item.seed))

    def _next_instant(self, end: Instant) -> Instant | None:
        found = super()._next_instant(end)
        while self._part_later and self._part_later[0].parts <= (end if found is None else found):
            member = self._part_later.pop(0)
            child = Forks(1, self.heard.extend)
            try:
                child.do(lambda member=member: self._plays_on_as(member))  # type: ignore[misc]
                child.wait()
            finally:
                child.close()
        return found if self._part_later or self._me.seed in self._wanted else None

    def _plays_on_as(self, member: Member) -> list[tuple[Member, Verdict]]:
        """In a child: from here on it is ``member``. What came of it, and of those who parted from it."""
        wall = perf_counter()
        self.heard, self._me, self.rehearsal = [], member, member.rehearsal
        self._part_later = self._those_who_part()
        self.coverage.reached = Reached(set(self.coverage.reached.keys))
        steps = ((self.begun + step.at, n, step) for n, step in enumerate(member.rehearsal.steps) if step.of is None)
        called = [item for item in self.steps if item[2].of is not None]  # they count from a cue that has started
        self.steps = sorted(
            [*called, *(item for item in steps if item[0] >= self.begun + member.parts)], key=lambda item: item[:2]
        )
        self._play_out()
        if member.seed in self._wanted:
            self.heard.append((member, self._verdict(wall)))
        return self.heard


def with_audience(show: Show, base: Rehearsal, seed: int) -> Member:
    """``base`` with the people of ``seed``."""
    length = base.length if base.length is not None else max((step.at for step in base.steps), default=0) + 60 * SECOND
    people = audience(show, seed, length)
    made = replace(
        base,
        name=f"{base.name}, audience {seed}",
        steps=(*base.steps, *people.steps),
        guests=people.guests,
        seed=founder_of(seed),
        length=length,
        repeat=1,
        same_digest=False,
    )
    return Member(seed, made, people.words, people.elder, people.parts)


def play_family(show: Show, base: Rehearsal, wanted: Collection[int], open_venue: OpenVenue) -> list[tuple[Member, Verdict]]:
    """``wanted`` are seeds of one family. What came of each of them."""
    members: dict[int, Member] = {}
    left = list(wanted)
    while left:
        seed = left.pop()
        if seed not in members:
            members[seed] = with_audience(show, base, seed)
            left.append(members[seed].elder)
    first = founder_of(min(wanted))
    return FamilyStagehand(show, members, first, wanted, open_venue(members[first].rehearsal.seed)).play_all()
