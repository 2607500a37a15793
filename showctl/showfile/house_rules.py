"""What no cue of this house may do, however it was programmed: held against house_rules.yaml when the show is loaded.

``flashes_per_second`` bounds square effects and chases on intensity, square waves and clips on pixels, and what the media say
of films; ``loudest`` bounds every sound; ``floors`` keep light on fixtures that guests need. What comes of it all together, in
a zone, is measured by every rehearsal (``runtime.house_watch``). What the file says is read by ``resolve_house.py``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from showctl.show.cues import Cue, FadeThing, LightMove, Perform, Wave
from showctl.show.fixtures import Family
from showctl.show.flashes import Flashes
from showctl.show.instants import SECOND
from showctl.show.levels import percent_of
from showctl.show.pixels import SUFFIX, Footage, PixelWave
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models import HouseRulesFile

LEAST: Final = 0.02
"""Of full light, that a wall of pixels must change by to flash."""


def check_house_rules(draft: Draft) -> None:
    """HOUSE_RULE for every cue that breaks one."""
    model: HouseRulesFile | None = draft.section("house_rules", HouseRulesFile)
    if model is None:
        return
    loudest = draft.read(values.decibel, model.loudest, None)
    flashes, floors = draft.house.flashes, draft.floors
    under: dict[LightMove, int | None] = {}
    for cue_list in draft.lists.values():
        for cue in cue_list.named.values():
            if floors:
                _check_floors(draft, cue, floors, under)
            if flashes is not None:
                _check_flashes(draft, cue, flashes)
            if loudest is not None:
                _check_loudness(draft, cue, loudest)
    for clip in draft.clips.values():
        if flashes is not None and clip.flashes > flashes:
            message = f"{clip.name} flashes {clip.flashes:g} times a second"
            draft.problems.error("HOUSE_RULE", clip.place, message, f"the house allows {flashes:g}: cut it more slowly")


def _check_floors(draft: Draft, cue: Cue, floors: dict[int, int], under: dict[LightMove, int | None]) -> None:
    for move in (*cue.light, *cue.this_cue_only):
        if move not in under:
            pairs = zip(move.parameters, move.levels, strict=False)
            under[move] = next((index for index, level in pairs if level < floors.get(index, 0)), None)
        found = under[move]
        if found is not None:
            name = draft.patch.fixtures[draft.patch.parameters[found].fixture].name
            message = f"{cue.label} takes {name} under its floor of {percent_of(floors[found]):.0f}"
            draft.problems.error("HOUSE_RULE", cue.place, message, "see floors in house_rules.yaml")


def _check_flashes(draft: Draft, cue: Cue, flashes: float) -> None:
    for effect in cue.effects:
        on_light = any(draft.patch.parameters[index].family is Family.INTENSITY for index in effect.parameters)
        playing = draft.sources.get(effect.seed) if effect.name.endswith(SUFFIX) else None
        on_light |= isinstance(playing, PixelWave) and playing.wave is Wave.SQUARE
        if isinstance(playing, Footage) and (often := _flashes_in(playing)) > flashes:
            message = f"{playing.name or effect.name} flashes {often} times a second"
            draft.problems.error(
                "HOUSE_RULE", effect.place, message, f"the house allows {flashes:g}: a lower fps, or another clip"
            )
        if effect.wave in (Wave.SQUARE, Wave.STEPS, Wave.RANDOM) and on_light and effect.period * flashes < SECOND:
            rate = SECOND / effect.period
            message = f"{effect.name} flashes {rate:.1f} times a second"
            draft.problems.error("HOUSE_RULE", effect.place, message, f"the house allows {flashes:g}: a slower rate")


def _check_loudness(draft: Draft, cue: Cue, loudest: float) -> None:
    for action in cue.actions:
        level = None
        if isinstance(action, Perform) and dict(action.arguments).get("output") is not None:
            level = dict(action.arguments).get("level")
        elif isinstance(action, FadeThing) and draft.things.get(action.name) == "sound":
            level = action.level
        if isinstance(level, float) and level > loudest:
            message = f"{cue.label} plays at {level:g}dB"
            draft.problems.error("HOUSE_RULE", action.place, message, f"the house allows {loudest:g}dB at most")


@lru_cache(maxsize=64)
def _flashes_in(clip: Footage) -> int:
    """The most flashes in any second of a clip on pixels, by the mean of its frames."""
    import numpy as np  # a show without walls is checked without it

    frames = np.frombuffer(clip.data, np.uint8).reshape(clip.frames, -1)
    light = ((frames / np.float32(255)) ** np.float32(2.2)).mean(axis=1).tolist()
    meter = Flashes(LEAST)
    return max((meter.note(value, n * SECOND * clip.den // clip.num) for n, value in enumerate(light)), default=0)
