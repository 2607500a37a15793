"""Holograms: an image on a gauze, the rear black behind it, and as little light on the gauze as it bears. One coupled cue.

``holograms`` in venue.yaml say on which surface, what stands behind, what the gauze bears (``spill``), and what comes where the
source is lost (``substitute``, a cue). ``hologram: figure slag_figure, loop, fade 6s`` in a cue becomes what a cue can do: the
rear goes to black and stays (``block``), the projector's shutter opens, the clip plays as a thing called ``figure``, and
``show.figure`` is true until ``hologram: figure off over 3s``. What the gauze bears is checked in ``spill``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from showctl.show.cues import Action, CueRef, LightMove, SetVariable, StartCue, StopThing
from showctl.show.expressions import ValueType, parse
from showctl.show.fixtures import Family, Point
from showctl.show.instants import SECOND
from showctl.show.levels import Level
from showctl.show.places import Place
from showctl.show.triggers import Scope, Surface, Trigger, Variable
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_room import HologramModel, VenueFile
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_actions import Actions
from showctl.showfile.resolve_light import LightReader, Times
from showctl.showfile.resolve_verbs import Verbs, perform
from showctl.showfile.selections import Selections

REFLECTED: Final = 60 * SECOND
"""A substitute comes once in this time, however often the source comes and goes."""
_OFF: Final = re.compile(r"off(?:\s+over\s+(\S+))?")


@dataclass(frozen=True)
class Hologram:
    """One of the venue's. ``limits`` are the intensities that are bounded while it is on; ``rear`` those that are black."""

    name: str
    surface: Surface
    place: Place
    rear: tuple[Text, ...]
    black: frozenset[int]
    limits: dict[int, Level]
    aimed: Level | None = None
    corners: tuple[Point, ...] = ()


class HologramReader:
    """Reads them, and the cues that show them. ``shown`` and ``ended`` are the cues that do, for ``spill``."""

    def __init__(self, draft: Draft, selections: Selections, light: LightReader) -> None:
        self.draft, self.selections, self.light = draft, selections, light
        self.named: dict[str, Hologram] = {}
        self._models: dict[str, HologramModel] = {}
        self.shown: dict[CueRef, str] = {}
        self.ended: dict[CueRef, str] = {}
        self.words: dict[CueRef, tuple[Text, ...]] = {}
        """The selections that a cue writes, with their places."""

    def resolve(self, venue: VenueFile | None) -> None:
        """Fills ``named``, and gives each a variable."""
        draft = self.draft
        for name, model in (venue.holograms if venue else {}).items():
            surface = draft.find(model.surface, draft.surfaces, "UNKNOWN_SURFACE", "surface")
            if not draft.good_name(name) or surface is None:
                continue
            rear = tuple(model.rear) if isinstance(model.rear, list) else (model.rear,) if model.rear is not None else ()
            black = frozenset(index for text in rear for index in self._intensities(text))
            limits = dict.fromkeys(black, 0)
            for who, text in model.spill.items():
                level = draft.read(values.percent, text, 0)
                limits |= dict.fromkeys(self._intensities(who), level)
            aimed = None if model.aimed is None else draft.read(values.percent, model.aimed, 0)
            if (aimed is None) != (not model.corners):
                lacking = "corners: [[-3, 0, 12], [3, 0, 12], [3, 4, 12], [-3, 4, 12]]" if aimed is not None else "aimed: 5"
                words = f"{name} lacks the key {lacking.partition(':')[0]}"
                draft.problems.error("MISSING_KEY", name.place, words, lacking)
            corners = tuple(self._corner(corner, name) for corner in model.corners)
            if corners and len(corners) < 3:
                draft.problems.error("BAD_NUMBER", name.place, f"{name} has {len(corners)} corners", "a gauze has three or more")
                corners = ()
            self.named[str(name)] = Hologram(str(name), surface, name.place, rear, black, limits, aimed, corners)
            self._models[str(name)] = model
            if f"show.{name}" in draft.variables:
                hint = f"show.{name} says whether it is on: call one of them something else"
                draft.problems.error("TWIN_NAME", name.place, f"the show has a variable show.{name} already", hint)
            draft.variables[f"show.{name}"] = Variable(str(name), Scope.SHOW, ValueType.TRUTH, False, name.place)

    def of(self, text: Text | None, ref: CueRef, times: Times, verbs: Verbs) -> tuple[tuple[LightMove, ...], tuple[Action, ...]]:
        """What ``hologram:`` of a cue becomes."""
        if text is None:
            return (), ()
        name, _, _ = text.partition(" ")
        found = self.named.get(name)
        if found is None:
            hint = did_you_mean(name, self.named, "holograms are declared in venue.yaml")
            self.draft.problems.error("UNKNOWN_THING", text.place, f"there is no hologram {name or '(none)'}", hint)
            return (), ()
        start = len(name) + len(text[len(name) :]) - len(text[len(name) :].lstrip())
        rest = text.part(start, len(text))
        if match := _OFF.fullmatch(rest.strip()):
            self.ended[ref] = name
            over = self.draft.read(values.time_of, rest.like(match[1]) if match[1] else None, 0)
            return (), (StopThing(name, over, text.place), self._set(name, False, text.place))
        self.shown[ref] = name
        if not rest.strip():
            hint = f"hologram: {name} CLIP, loop, fade 6s, or hologram: {name} off over 3s"
            self.draft.problems.error("UNKNOWN_MEDIA", text.place, f"{name} says no clip", hint)
            return (), ()
        for word in (" on ", " as "):
            if word in f" {rest} ":
                what = f"its surface is {found.surface.name}" if word == " on " else f"what plays is called {name}"
                self.draft.problems.error(
                    "BAD_WORD", rest.place, f"{word.strip()} is not a word of hologram", f"{what}: leave it out"
                )
                return (), ()
        clip, _, more = rest.partition(" ")
        plays = verbs.film(rest.like(f"{clip.rstrip(',')} on {found.surface.name} as {name}, {more}".rstrip(", ")))
        if plays is None:
            return (), ()
        black = tuple(move for who in found.rear for move in self.light.moves({who: who.like("out block")}, times))
        actions = (*self._shutter(found, text.place), plays, self._set(name, True, text.place))
        return black, actions

    def wrote(self, ref: CueRef, *light: dict[Text, Text] | None) -> None:
        """Takes note of where a cue writes its light, so that a complaint can point there."""
        if self.named:
            self.words[ref] = tuple(who for words in light for who in words or ())

    def triggers(self, actions: Actions) -> None:
        """Each that has a substitute gets a trigger: its source is lost while it is on."""
        draft = self.draft
        for name, hologram in self.named.items():
            asked = self._models[name].substitute
            ref = None if asked is None else actions.cue_ref(asked, draft.main_list)
            if ref is None:
                continue
            surface = hologram.surface
            lost = [f'{surface.player}.health == "lost"']
            if surface.projector:
                lost += [f'{surface.projector}.health == "lost"', f'{surface.projector}.power == "off"']
                lost += [f'{surface.projector}.power == "cooling"']
            words = f"show.{name} and ({' or '.join(lost)})"
            label = f"{name}_lost"
            if label in draft.triggers:
                hint = f"it would be started twice: take the trigger {label} out, or the substitute"
                draft.problems.error("TWIN_NAME", hologram.place, f"there is a trigger {label} already", hint)
                continue
            when = parse(words, draft.types_of_names, ValueType.TRUTH)
            do = (StartCue(ref, hologram.place),)
            draft.triggers[label] = Trigger(len(draft.triggers), label, when, do, REFLECTED, None, True, hologram.place)

    # --- parts ---------------------------------------------------------------------------------------------------------

    def _intensities(self, who: Text) -> list[int]:
        parameters = self.light.parameters(self.selections.heads(who))
        return [item.index for item in parameters if item.family is Family.INTENSITY]

    def _corner(self, corner: list[Text], name: Text) -> Point:
        if len(corner) != 3:
            hint = "x, y, z in metres: [-3, 0, 12]"
            self.draft.problems.error("BAD_NUMBER", corner[0].place if corner else name.place, "a corner has three numbers", hint)
            return Point(0.0, 0.0, 0.0)
        x, y, z = (float(self.draft.read(values.number, text, 0)) for text in corner)
        return Point(x, y, z)

    def _shutter(self, hologram: Hologram, place: Place) -> tuple[Action, ...]:
        """Open for the image. It is closed by whoever wants that: it may be fading still, or something else play there."""
        device = self.draft.devices.get(hologram.surface.projector)
        if device is None or "shutter" not in device.kind.verbs:
            return ()
        return (perform(device, device.kind.verbs["shutter"], {"open": True}, place),)

    def _set(self, name: str, on: bool, place: Place) -> SetVariable:
        return SetVariable(f"show.{name}", parse("true" if on else "false", {}, ValueType.TRUTH), place)
