"""Which cue of an older list is which of a newer one: by label, by name, by what it does.

Renumbered cues keep their names and deeds, renamed ones their labels and deeds; only where nothing is left in common are they a
cue removed and a cue added.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

from showctl.library.cue_words import action_words, effect_words
from showctl.show.cues import Cue, CueList


@dataclass(frozen=True)
class Pairs:
    """``both`` in the newer order; ``moved`` are new labels that stand elsewhere among the others."""

    both: tuple[tuple[Cue, Cue], ...]
    removed: tuple[Cue, ...]
    added: tuple[Cue, ...]
    moved: frozenset[str]


def pair_cues(old: CueList, new: CueList) -> Pairs:
    """Pairs the cues of two revisions of a list."""
    left, right = {cue.label: cue for cue in old.cues}, {cue.label: cue for cue in new.cues}
    found: dict[str, Cue] = {}
    for key in (_label_and_name, _name_and_deeds, _deeds_and_label, _name, _deeds, _label):
        ours, theirs = _unique(left.values(), key), _unique(right.values(), key)
        for word in ours.keys() & theirs.keys():
            found[theirs[word].label] = ours[word]
            del left[ours[word].label], right[theirs[word].label]
    both = tuple((found[cue.label], cue) for cue in new.cues if cue.label in found)
    order = {cue.label: n for n, cue in enumerate(old.cues)}
    still = _longest_ascending([order[before.label] for before, _ in both])
    moved = frozenset(after.label for n, (_, after) in enumerate(both) if n not in still)
    return Pairs(both, tuple(left.values()), tuple(right.values()), moved)


def _unique(cues: Iterable[Cue], key: Callable[[Cue], Hashable | None]) -> dict[Hashable, Cue]:
    """Cues by ``key``, those that share one left out."""
    keyed = [(word, cue) for cue in cues if (word := key(cue)) is not None]
    count = Counter(word for word, _ in keyed)
    return {word: cue for word, cue in keyed if count[word] == 1}


def _label(cue: Cue) -> Hashable:
    return cue.label


def _name(cue: Cue) -> Hashable | None:
    return cue.name or None


def _label_and_name(cue: Cue) -> Hashable:
    return (cue.label, cue.name)


def _name_and_deeds(cue: Cue) -> Hashable | None:
    return (cue.name, deeds) if cue.name and (deeds := _deeds(cue)) is not None else None


def _deeds_and_label(cue: Cue) -> Hashable | None:
    return (cue.label, deeds) if (deeds := _deeds(cue)) is not None else None


def _deeds(cue: Cue) -> Hashable | None:
    """What it does, without labels; None where it does nothing that would tell it from others."""
    done = (
        tuple((move.parameters, move.levels) for move in (*cue.light, *cue.this_cue_only)),
        tuple((effect.parameters, *effect_words(effect)) for effect in cue.effects),
        tuple(action_words(action) for action in cue.actions),
        tuple(_deeds(member.cue) for member in cue.group.members) if cue.group is not None else (),
    )
    return done if any(done) else None


def _longest_ascending(numbers: list[int]) -> set[int]:
    """The places of a longest ascending run in ``numbers``: what need not have moved.

    >>> sorted(_longest_ascending([0, 3, 1, 2]))
    [0, 2, 3]
    """
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        n = bisect_left(tails, number)
        before.append(ends[n - 1] if n else -1)
        if n == len(tails):
            tails.append(number)
            ends.append(place)
        else:
            tails[n], ends[n] = number, place
    kept: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        kept.add(place)
        place = before[place]
    return kept
