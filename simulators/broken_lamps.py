"""Lamps that fail on the rig, whatever the desk sends them: dead, worn, stuck where they are.

A script says ``fault: tuyere_3 dead for 20s``, ``fault: washes dim 40%``, ``fault: head_5 stuck``, ``fault: tuyere_3 works``;
the name is a fixture's or a group's. What the desk sends goes on being sent, and only who looks at the light sees that it is
not there: the intensity of the lamp, and the light of its zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from showctl.show.fixtures import Fixture
from showctl.show.instants import Instant
from showctl.show.show import Show
from simulators.faults import read_duration
from simulators.fixtures import Lights
from simulators.surroundings import Surroundings

Later: TypeAlias = Callable[[Instant, Callable[[Instant], None]], None]
"""Has something happen at an instant."""
_WORDS: Final = re.compile(r"(dead|stuck|works|dim (\d+(?:\.\d+)?) ?%)(?: for (.+))?")


class BrokenLamps:
    """Everything on the rig that a script may break."""

    def __init__(self, show: Show, lights: Lights, room: Surroundings) -> None:
        self._lights, self._room = lights, room
        self._named: dict[str, tuple[Fixture, ...]] = {fixture.name: (fixture,) for fixture in show.patch.fixtures}
        for group, heads in show.groups.items():
            members = dict.fromkeys(head.fixture for head in heads)
            self._named.setdefault(group, tuple(show.patch.fixtures[index] for index in members))

    def knows(self, name: str) -> bool:
        """Whether ``name`` is a lamp's or a group's."""
        return name in self._named

    def act(self, name: str, words: str, now: Instant, later: Later) -> None:
        """Breaks or mends. ValueError says what is wrong with ``words``."""
        match = _WORDS.fullmatch(" ".join(words.split()))
        if match is None or (match[1] == "works" and match[3]) or float(match[2] or 0) > 100:
            raise ValueError(
                f"{name} does not understand {words!r}; a light knows dead, dim 40%, stuck, each [for TIME], and works"
            )
        until = None if match[3] is None else now + read_duration(match[3])
        self._break(name, match[1], match[2], now)
        if until is not None:
            later(until, lambda then: self._break(name, "works", None, then))

    def _break(self, name: str, what: str, share: str | None, now: Instant) -> None:
        for fixture in self._named[name]:
            if what in ("stuck", "works"):
                self._lights.hold(fixture, what == "stuck", now)
            if what != "stuck":
                self._lights.wear(fixture, 1.0 if what == "works" else 0.0 if share is None else float(share) / 100)
        self._room.wear()
