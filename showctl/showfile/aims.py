"""Aims: points and tracked people of venue.yaml, and what ``aim WHERE`` comes to for heads that hang somewhere.

WHERE is a point's or a person's name, or ``x/y/z`` in metres. A point becomes pan and tilt here, once, each head by the way that
is nearest to where it rests, so that a cue's look does not depend on what was before it. Somebody who is followed becomes the
same for where they are expected to be (``rest``), and a mark by which the engine knows whom to keep to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from showctl.light.aim import head_of
from showctl.show.fixtures import Point
from showctl.show.levels import Level
from showctl.show.patch import Parameter
from showctl.show.targets import Target
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_room import TrackedModel, VenueFile
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.words import Word

_POINT: Final = re.compile(r"([^/]+)/([^/]+)/([^/]+)")
_FARTHEST: Final = 1000
"""Metres. Nothing in a room is farther away."""


@dataclass
class Aimed:
    """Levels by parameter, and which of them follow whom."""

    levels: dict[int, Level] = field(default_factory=dict)
    follow: dict[int, int] = field(default_factory=dict)


def resolve_targets(draft: Draft, venue: VenueFile | None) -> None:
    """Fills ``draft.targets``."""
    if venue is None:
        return
    for name, numbers in venue.points.items():
        point = _point(draft, name, numbers)
        if draft.claim(name, "point") and point is not None:
            draft.targets[str(name)] = Target(len(draft.targets) + 1, str(name), point)
    for name, model in venue.tracked.items():
        if draft.claim(name, "tracked person"):
            _tracked(draft, name, model)


def _tracked(draft: Draft, name: Text, model: TrackedModel) -> None:
    device = draft.find(model.tracker, draft.devices, "UNKNOWN_DEVICE", "device")
    if device is not None and device.kind.name != "tracker":
        draft.problems.error("WRONG_KIND", model.tracker.place, f"{model.tracker} is no tracker", "only a tracker sees anybody")
    rest = _point(draft, name, model.rest)
    if (model.name is None) == (model.id is None):
        draft.problems.error("MISSING_KEY", name.place, f"{name} needs a name or an id", "as the tracking system calls them")
    number = (
        draft.read(lambda text: values.whole(text, 0, 65535, "a tracker's id"), model.id, 0) if model.id is not None else None
    )
    above = float(draft.read(values.number, model.above, 0)) if model.above is not None else 0.0
    lead = draft.read(values.time_of, model.lead, 0)
    if device is None or rest is None:
        draft.lost.add(str(name))
        return
    who = str(model.name or "")
    draft.targets[str(name)] = Target(len(draft.targets) + 1, str(name), rest, device.name, who, number, above, lead)


def _point(draft: Draft, name: Text, numbers: list[Text]) -> Point | None:
    read = [draft.read(values.number, text, None) for text in numbers]
    if len(read) != 3:
        draft.problems.error("BAD_NUMBER", name.place, f"{name} needs three numbers, not {len(read)}", "[x, y, z] in metres")
        return None
    found = [float(item) for item in read if item is not None]
    if len(found) < 3 or any(abs(item) > _FARTHEST for item in found):
        if len(found) == 3:
            draft.problems.error("OUT_OF_RANGE", numbers[0].place, "this is more than a kilometre away", "metres are meant")
        return None
    return Point(*found)


def aims(draft: Draft, said: dict[Text, Text | dict[Text, Text]] | None) -> dict[Text, Text]:
    """A cue's ``aim`` in the words of its light: ``{heads: {x: 0, y: 1, z: 8}}`` is ``{heads: aim 0/1/8}``."""
    found: dict[Text, Text] = {}
    for who, where in (said or {}).items():
        if isinstance(where, Text):
            found[who] = where.like(f"aim {where}")
            continue
        missing = [axis for axis in ("x", "y", "z") if axis not in where]
        other = [key for key in where if key not in ("x", "y", "z")]
        if missing or other:
            words = f"{other[0]} is no axis" if other else f"{missing[0]} is missing"
            draft.problems.error("BAD_NUMBER", who.place, words, "an aim is a name, or {x: 0, y: 1.5, z: 8}")
            continue
        at = next(iter(where.values()))
        found[who] = at.like("aim " + "/".join(next(str(text) for key, text in where.items() if key == axis) for axis in "xyz"))
    return found


def aimed(draft: Draft, word: Word, parameters: Iterable[Parameter]) -> Aimed:
    """What ``aim WORD`` makes of every head among ``parameters``. ``Wrong`` where one of them cannot."""
    if word.text in draft.lost:  # declared, but wrongly, which has been said
        return Aimed()
    target = _target(draft, word)
    cells = dict.fromkeys((item.fixture, item.cell) for item in parameters if item.name in ("pan", "tilt"))
    if not cells:
        raise Wrong("NO_PARAMETER", "nothing here turns", word.offset, "only what has pan or tilt can be aimed")
    made = Aimed()
    for fixture, cell in cells:
        hung = draft.patch.fixtures[fixture]
        head = head_of(draft.patch, hung, draft.types[hung.type], cell)
        if head is None:
            what, hint = ("hangs nowhere", "at: [x, y, z] in metres, and hang: [x, y, z] in degrees")
            if hung.position is not None:
                what, hint = ("turns by nobody knows how much", "give its pan and tilt ranges: pan/16 -270..270deg")
            raise Wrong("NO_POSITION", f"{hung.name} {what}, so it cannot be aimed", word.offset, f"patch.yaml: {hint}")
        aim = head.aim(target.point, *head.home())
        if aim.beyond:
            where = target.name if target.name else word.text
            words = f"{hung.name} cannot reach {where}: {aim.beyond:.1f}deg are missing"
            raise Wrong("OUT_OF_RANGE", words, word.offset, "aim it elsewhere, leave it out, or look at hang in patch.yaml")
        levels = head.levels(aim)
        made.levels |= levels
        if target.tracker:
            made.follow |= dict.fromkeys(levels, target.number)
    return made


def _target(draft: Draft, word: Word) -> Target:
    known = draft.targets.get(word.text)
    if known is not None:
        return known
    match = _POINT.fullmatch(word.text)
    if match is None:
        hint = did_you_mean(word.text, draft.targets, "venue.yaml: points: {altar: [0, 1.5, 8]}; or x/y/z in metres")
        raise Wrong("UNKNOWN_TARGET", f"there is no point and nobody called {word.text}", word.offset, hint)
    numbers = []
    for part in match.groups():
        try:
            numbers.append(float(values.number(part)))
        except Wrong as wrong:
            raise Wrong("UNKNOWN_TARGET", f"{part} is no number of metres", word.offset, "x/y/z: 0/1.5/8") from wrong
    return Target(0, "", Point(*numbers))
