"""Projectors that take time to be warm (``warm_up`` in devices.yaml): which cues play on them, and how soon that may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from showctl.show.cues import Cue, CueList, Perform
from showctl.show.devices import Device
from showctl.show.instants import Duration
from showctl.show.lengths import until_next
from showctl.show.triggers import Surface


def plays_on(cue: Cue, surfaces: Mapping[str, Surface]) -> Iterator[str]:
    """The projectors behind the surfaces on which ``cue``, or a member of it, plays a clip."""
    for action in (action for part in cue.with_members() for action in part.actions):
        if isinstance(action, Perform) and action.verb == "play":
            surface = surfaces.get(str(dict(action.arguments).get("surface", "")))
            if surface is not None and surface.projector:
                yield surface.projector


def needs(cue_list: CueList, surfaces: Mapping[str, Surface], devices: Mapping[str, Device]) -> dict[str, tuple[Cue, Duration]]:
    """Each projector that has to be warm for the list: the first cue that plays on it, and how soon after the list's first that
    may be. A GO by hand may come at once; so may what waits for a condition."""
    found: dict[str, tuple[Cue, Duration]] = {}
    after: Duration = 0
    for cue in cue_list.cues:
        for name in plays_on(cue, surfaces):
            if name not in found and name in devices and devices[name].warm_up:
                found[name] = (cue, after)
        after += until_next(cue) or 0
    return found
