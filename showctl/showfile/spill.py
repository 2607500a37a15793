"""Light on a gauze: HOLOGRAM_SPILL for every look that brings more of it than a hologram bears, while that hologram is on.

A hologram is on from the cue that shows it to the cue of the same list that ends it, in file order. Looked at are the levels that
the list has brought its lights to (``looks``), effects, the cues that are started from there, and, where the gauze's corners are
known, heads whose beams go through it. Other lists are the author's: what a house light does at any time cannot be known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from showctl.light.aim import beam, head_of
from showctl.show.cues import Cue, CueList, CueRef, Effect, GoCue, LightMove, StartCue, StopThing
from showctl.show.fixtures import Family, Point
from showctl.show.levels import FULL, Level, percent_of
from showctl.show.places import Place
from showctl.show.targets import unmarked
from showctl.showfile.draft import Draft
from showctl.showfile.looks import Look, apply, own_moves
from showctl.showfile.resolve_holograms import Hologram, HologramReader


def check_spill(draft: Draft, holograms: HologramReader) -> None:
    """Says each light once for each cue that brings it up too far."""
    if holograms.named:
        for cue_list in draft.lists.values():
            _Walk(draft, holograms, cue_list).walk()


class _Walk:
    """Through one list, in file order."""

    def __init__(self, draft: Draft, holograms: HologramReader, cue_list: CueList) -> None:
        self._draft, self._holograms, self._list = draft, holograms, cue_list
        self._aimed_at: dict[str, set[int]] = {}
        self._seen: set[tuple[CueRef, str]] = set()

    def walk(self) -> None:
        look: Look = {}
        on: dict[str, Cue] = {}
        for cue in self._list.cues:
            self._stopped(cue)
            apply(look, own_moves(cue))
            here = dict(look)
            apply(here, cue.this_cue_only)
            parts = list(_with_members(cue))
            begins = {name for part in parts if (name := self._holograms.shown.get(part.ref)) is not None}
            ends = {name for part in parts if (name := self._holograms.ended.get(part.ref)) is not None}
            on |= dict.fromkeys(sorted(begins - ends), cue)
            for name in ends:
                on.pop(name, None)
            for name in on:
                hologram = self._holograms.named[name]
                self._levels(hologram, cue, parts, here, name in begins)
                for part in parts:
                    self._effects(hologram, part, here)
                    self._started(hologram, part)
                self._beams(hologram, cue, here)

    def _stopped(self, cue: Cue) -> None:
        """A stop ends the clip, and leaves everybody to believe that the hologram is on."""
        for part in _with_members(cue):
            for action in part.actions:
                named = isinstance(action, StopThing) and isinstance(action.name, str) and action.name in self._holograms.named
                if isinstance(action, StopThing) and named and self._holograms.ended.get(part.ref) != action.name:
                    hint = f"hologram: {action.name} off over 3s"
                    self._draft.problems.error(
                        "WRONG_KIND", action.place, f"{action.name} is a hologram: a stop ends only its clip", hint
                    )

    def _levels(self, hologram: Hologram, cue: Cue, parts: list[Cue], look: Look, begins: bool) -> None:
        moved = {index for part in parts for move in (*part.light, *part.this_cue_only) for index in move.parameters}
        over = list(self._over(hologram.limits, look))
        self._say_all(hologram, cue, parts, [item for item in over if item[1] in moved], look)
        tracked = [item for item in over if item[1] not in moved]
        if begins and tracked:
            fixture, index = tracked[0]
            level, limit = percent_of(_level(look, index)), percent_of(hologram.limits[index])
            words = f"{hologram.name} begins while {_names(fixture, tracked)} at {level:.0f} %; its gauze bears {limit:.0f} %"
            hint = f"take {fixture}{' and the others' if len(tracked) > 1 else ''} down in {cue.label}, or before it"
            self._draft.problems.error("HOLOGRAM_SPILL", cue.place, words, hint)

    def _say_all(
        self, hologram: Hologram, cue: Cue, parts: list[Cue], over: list[tuple[str, int]], look: Mapping[int, int]
    ) -> None:
        """One complaint for each place where light is written."""
        written: dict[Place, list[tuple[str, int]]] = {}
        for item in over:
            written.setdefault(self._word(parts, item[1]), []).append(item)
        for place, items in written.items():
            fixture, index = max(items, key=lambda item: _level(look, item[1]) - hologram.limits[item[1]])
            self._say(hologram, cue, place, fixture, _level(look, index), hologram.limits[index], len(items) - 1)

    def _effects(self, hologram: Hologram, cue: Cue, look: Look) -> None:
        for effect in cue.effects:
            peaks = {index: level for index, level in _peaks(effect, look) if index in hologram.limits}
            over = list(self._over(hologram.limits, peaks))
            if over:
                fixture, index = max(over, key=lambda item: peaks[item[1]] - hologram.limits[item[1]])
                self._say(hologram, cue, effect.place, fixture, peaks[index], hologram.limits[index], len(over) - 1)

    def _started(self, hologram: Hologram, cue: Cue) -> None:
        """What is started from here lights the same gauze."""
        for action in cue.actions:
            ref = action.cue if isinstance(action, StartCue | GoCue) else None
            target = (
                self._draft.lists[ref.list].named.get(ref.label) if ref is not None and ref.list in self._draft.lists else None
            )
            if target is None or (target.ref, hologram.name) in self._seen:
                continue
            self._seen.add((target.ref, hologram.name))
            for part in _with_members(target):
                moved: Look = {}
                apply(moved, _without_release((*part.light, *part.this_cue_only)))
                self._say_all(hologram, target, [part], list(self._over(hologram.limits, moved)), moved)
                self._effects(hologram, part, moved)
                self._started(hologram, part)

    def _beams(self, hologram: Hologram, cue: Cue, look: Look) -> None:
        """Heads whose beam goes through the gauze, and are brighter than what it bears of a beam."""
        if hologram.aimed is None or len(hologram.corners) < 3:
            return
        patch = self._draft.patch
        before = self._aimed_at.setdefault(hologram.name, set())
        for fixture in patch.fixtures:
            lights = [item.index for item in patch.parameters_of[fixture.index] if item.family is Family.INTENSITY]
            level = max((_level(look, index) for index in lights), default=0)
            head = head_of(patch, fixture, self._draft.types[fixture.type]) if level > hologram.aimed else None
            if head is None or not hologram.limits.keys().isdisjoint(lights):
                before.discard(fixture.index)
                continue
            turned = []
            for axis in (head.pan, head.tilt):
                follows, at = (0, 0) if axis is None else unmarked(look.get(axis.parameter, axis.level(axis.home)))
                turned.append(None if follows else 0.0 if axis is None else axis.degrees(at) - axis.trim)
            if None in turned or not _goes_through(
                head.at, beam(fixture.hang, turned[0] or 0.0, turned[1] or 0.0), hologram.corners
            ):
                before.discard(fixture.index)
            elif fixture.index not in before:
                before.add(fixture.index)
                words = f"{cue.label} has {fixture.name} at {percent_of(level):.0f} % through the gauze"
                self._draft.problems.error(
                    "HOLOGRAM_SPILL", self._word(list(_with_members(cue)), lights[0]),
                    f"{words} while the hologram {hologram.name} is on",
                    f"its gauze bears {percent_of(hologram.aimed):.0f} % of a beam: aim it elsewhere, or take it down",
                )  # fmt: skip

    def _over(self, limits: Mapping[int, Level], look: Mapping[int, int]) -> Iterator[tuple[str, int]]:
        """Each light that is brighter than it may be, once: its name, and its first parameter of those."""
        said: set[int] = set()
        for index, limit in limits.items():
            fixture = self._draft.patch.parameters[index].fixture
            if fixture not in said and _level(look, index) > limit:
                said.add(fixture)
                yield self._draft.patch.fixtures[fixture].name, index

    def _say(self, hologram: Hologram, cue: Cue, place: Place, fixture: str, level: Level, limit: Level, others: int) -> None:
        more = f" and {others} more" if others else ""
        words = f"{cue.label} brings {fixture}{more} to {percent_of(level):.0f} % while the hologram {hologram.name} is on"
        bears = "it stands behind the gauze, and is black" if not limit else f"its gauze bears {percent_of(limit):.0f} %"
        self._draft.problems.error("HOLOGRAM_SPILL", place, words, f"{bears}: see {hologram.place.file}:{hologram.place.line}")

    def _word(self, cues: list[Cue], index: int) -> Place:
        """Where a cue writes the light of this parameter."""
        for cue in cues:
            for text in self._holograms.words.get(cue.ref, ()):
                if any(item.index == index for item in self._holograms.light.parameters(self._holograms.selections.heads(text))):
                    return text.place
        return cues[0].place


def _names(fixture: str, over: list[tuple[str, int]]) -> str:
    return f"{fixture} is" if len(over) == 1 else f"{fixture} and {len(over) - 1} more are"


def _with_members(cue: Cue) -> Iterator[Cue]:
    yield cue
    for member in cue.group.members if cue.group is not None else ():
        yield from _with_members(member.cue)


def _without_release(moves: tuple[LightMove, ...]) -> tuple[LightMove, ...]:
    return tuple(move for move in moves if move.levels)


def _peaks(effect: Effect, look: Look) -> Iterator[tuple[int, Level]]:
    for n, index in enumerate(effect.parameters):
        if effect.relative:
            yield index, min(_level(look, index) + effect.size, FULL)
        else:
            yield index, max(effect.highs[n] if n < len(effect.highs) else 0, effect.low)


def _level(look: Mapping[int, int], index: int) -> Level:
    return unmarked(look.get(index, 0))[1]


def _goes_through(at: Point, way: tuple[float, float, float], corners: tuple[Point, ...]) -> bool:
    """Whether a beam from ``at`` along ``way`` meets the flat, convex or not, that the corners bound."""
    first, second, third = corners[:3]
    one = (second.x - first.x, second.y - first.y, second.z - first.z)
    other = (third.x - first.x, third.y - first.y, third.z - first.z)
    upright = (
        one[1] * other[2] - one[2] * other[1],
        one[2] * other[0] - one[0] * other[2],
        one[0] * other[1] - one[1] * other[0],
    )
    along = sum(a * b for a, b in zip(upright, way, strict=True))
    away = (first.x - at.x, first.y - at.y, first.z - at.z)
    far = sum(a * b for a, b in zip(upright, away, strict=True))
    if abs(along) < 1e-9 or far / along <= 0:
        return False
    reach = far / along
    hit = (at.x + way[0] * reach, at.y + way[1] * reach, at.z + way[2] * reach)
    flat = max(range(3), key=lambda axis: abs(upright[axis]))
    axes = [axis for axis in range(3) if axis != flat]
    shape = [tuple((corner.x, corner.y, corner.z)[axis] for axis in axes) for corner in corners]
    return _inside((hit[axes[0]], hit[axes[1]]), [(u, v) for u, v in shape])


def _inside(point: tuple[float, float], shape: list[tuple[float, float]]) -> bool:
    inside = False
    for (u, v), (last_u, last_v) in zip(shape, [shape[-1], *shape[:-1]], strict=True):
        if (v > point[1]) != (last_v > point[1]) and point[0] < (last_u - u) * (point[1] - v) / (last_v - v) + u:
            inside = not inside
    return inside
