"""What people have put on a show: parks, lights out of service, channel checks, maintenance locks, mutes. Facts only.

Each says who, why and since when (nanoseconds since 1970, as the desk stamped the request; 0 where nobody knows). They stand in
the state beside the cues, are seen on every surface (``tags_view.py``), and outlive the program (``runtime/kept_tags.py``);
a channel check does not. ``checking.py``, ``servicing.py`` and ``muting.py`` change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from showctl.show.instants import Instant
from showctl.show.levels import Level

RETIRED: Final = -2
"""The owner of rows that keep a light dark which is out of service, and of its spare's."""
LADDER: Final = -3
"""The owner of rows that keep heads from moving while a maintenance lock is on."""
FIRST_CHECK: Final = -10
"""Owners of channel checks: this and below."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A parameter that somebody holds, after every master."""

    level: Level
    person: str
    reason: str = ""
    since: int = 0


@dataclass(frozen=True, slots=True)
class OutOfUse:
    """A light out of service. ``until`` is a day (``2026-12-01``) or "": until somebody says otherwise."""

    until: str
    reason: str
    person: str
    since: int = 0
    spare: int = -1
    """The fixture that stands in for it; -1: none."""


@dataclass(frozen=True, slots=True)
class Lock:
    """One person's maintenance lock."""

    reason: str
    since: int = 0


@dataclass(frozen=True, slots=True)
class Muted:
    """An output that somebody has muted."""

    person: str
    reason: str = ""
    since: int = 0


@dataclass(frozen=True, slots=True)
class Checking:
    """One person's channel check: a walk over ``steps`` (parameters), standing ``at`` one of them."""

    words: str
    """What was chosen, as it was said."""
    steps: tuple[tuple[int, ...], ...]
    at: int
    level: Level
    by: str
    highlight: bool
    owner: int
    until: Instant
    """A check that nobody touches ends by itself."""


@dataclass(frozen=True)
class Tags:
    """Everything of this kind. Parameters and fixtures are numbers of the patch; locks and checks are by person.

    ``muted`` is by output (``muted.py``).
    """

    parked: Mapping[int, Parked] = field(default_factory=dict)
    retired: Mapping[int, OutOfUse] = field(default_factory=dict)
    locks: Mapping[str, Lock] = field(default_factory=dict)
    checks: Mapping[str, Checking] = field(default_factory=dict)
    muted: Mapping[str, Muted] = field(default_factory=dict)

    def renumbered(self, fixtures: Mapping[int, int], parameters: Mapping[int, int]) -> Tags:
        """The same in another patch's numbers; what is not in ``fixtures`` or ``parameters`` is gone, and its tags with it."""
        retired = {
            fixtures[number]: replace(mark, spare=fixtures.get(mark.spare, -1))
            for number, mark in self.retired.items()
            if number in fixtures
        }
        parked = {parameters[p]: item for p, item in self.parked.items() if p in parameters}
        checks = {who: now for who, item in self.checks.items() if (now := _moved(item, parameters))}
        return Tags(parked, retired, self.locks, checks, self.muted)


def _moved(item: Checking, parameters: Mapping[int, int]) -> Checking | None:
    """A check in another patch's numbers; None where nothing of it is left."""
    steps = [tuple(parameters[p] for p in step if p in parameters) for step in item.steps]
    left = tuple(step for step in steps if step)
    return replace(item, steps=left, at=min(sum(map(bool, steps[: item.at])), len(left) - 1)) if left else None
