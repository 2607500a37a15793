"""Cue lists: from checked trees to frozen cues, every name resolved."""

from __future__ import annotations

from typing import Any, Final

from showctl.show.cues import (
    ActionClass,
    AfterStart,
    Cue,
    CueList,
    CueRef,
    Effect,
    Group,
    GroupMode,
    LightMove,
    Mark,
    Member,
    Next,
    Perform,
    SecondTrigger,
)
from showctl.show.fixtures import Hazard
from showctl.show.instants import SECOND, Duration
from showctl.show.levels import Level
from showctl.showfile import values
from showctl.showfile.aims import aims
from showctl.showfile.cue_trees import ListTree
from showctl.showfile.draft import Draft
from showctl.showfile.models_cues import CueModel, DefaultsModel, ListFile, PartModel, TimesModel
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Mapping, Text
from showctl.showfile.resolve_actions import Actions, curve_name
from showctl.showfile.resolve_effects import EffectReader
from showctl.showfile.resolve_holograms import HologramReader
from showctl.showfile.resolve_light import LightReader, Times
from showctl.showfile.resolve_next import Nexts
from showctl.showfile.resolve_pixels import PixelReader
from showctl.showfile.structure import fit_each
from showctl.showfile.values import UpDown

_MARKS: Final = {"auto": True, "on": True, "yes": True, "off": False, "no": False}
_MODES: Final = {
    "all_": GroupMode.ALL, "sequence": GroupMode.SEQUENCE, "timeline": GroupMode.TIMELINE, "random": GroupMode.RANDOM,
    "first_enters": GroupMode.FIRST_ENTERS,
}  # fmt: skip
MARK_TIME: Final = 2 * SECOND
"""How long lights take to move in the dark, where a mark does not say."""
_AGAIN: Final = tuple(how.value for how in SecondTrigger)


class Tracker:
    """The levels that a list has brought its parameters to so far, worked out when someone asks."""

    def __init__(self) -> None:
        self._moves: list[LightMove] = []
        self._levels: dict[int, Level] = {}

    def add(self, moves: tuple[LightMove, ...]) -> None:
        self._moves += moves

    def levels(self) -> dict[int, Level]:
        """Parameter -> level."""
        for move in self._moves:
            if move.levels:
                self._levels |= zip(move.parameters, move.levels, strict=True)
            else:
                for parameter in move.parameters:
                    self._levels.pop(parameter, None)
        self._moves.clear()
        return self._levels


class CueReader:
    """Resolves the cues of every list."""

    def __init__(
        self, draft: Draft, light: LightReader, effects: EffectReader, actions: Actions, nexts: Nexts, pixels: PixelReader,
        holograms: HologramReader,
    ) -> None:  # fmt: skip
        self.draft, self.light, self.effects, self.actions, self.nexts = draft, light, effects, actions, nexts
        self.pixels, self.holograms = pixels, holograms
        self._times: dict[tuple[str | None, ...], Times] = {}
        self.hazard_said: set[CueRef] = set()

    def resolve(self, tree: ListTree) -> CueList:
        """The list of ``tree``."""
        draft, model = self.draft, tree.model
        name = str(model.list)
        defaults = model.defaults or DefaultsModel()
        tracker = Tracker()
        named: dict[str, Cue] = {}
        cues: list[Cue] = []
        for found, raw in zip(fit_each(CueModel, tree.cues, draft.problems, tuple(draft.devices)), tree.cues, strict=True):
            if found is not None:
                self._top(found, raw, name, defaults, tracker, named, cues, False)
        if cues and cues[-1].next is not None and model.at_end != "loop":
            draft.problems.warning(
                "NO_NEXT", cues[-1].place, f"nothing follows {cues[-1].label} in {name}", "take next out, or say at_end: loop"
            )
        return CueList(
            len(draft.lists), name, tuple(cues), str(model.label or ""),
            draft.read(lambda text: values.whole(text, 0, 30_000, "a priority"), model.priority, 100),
            draft.choice(model.merge, ("ltp", "htp"), "ltp", "a way to merge") == "htp",
            draft.choice(model.at_end, ("hold", "release", "loop"), "hold", "what a list does at its end"),
            draft.read(values.time_of, model.go_window, 3 * SECOND // 10),
            draft.read(values.time_of, model.back_time, SECOND),
            draft.read(values.time_of, model.release_time, 3 * SECOND),
            *self._hold(model),
            named, model.list.place,
        )  # fmt: skip

    def _hold(self, model: ListFile) -> tuple[Duration | None, tuple[LightMove, ...]]:
        """How long a pause may last, and the look that comes then."""
        if model.hold_after is None and model.hold_look is None:
            return None, ()
        if model.hold_after is None or model.hold_look is None:
            lacking = "hold_after: 60s" if model.hold_after is None else "hold_look: {house: 30}"
            words = f"{model.list} lacks the key {lacking.partition(':')[0]}"
            self.draft.problems.error("MISSING_KEY", model.list.place, words, lacking)
            return None, ()
        over = Times((UpDown(3 * SECOND, 3 * SECOND),) * 4)
        return self.draft.read(values.time_of, model.hold_after, 0), self.light.moves(model.hold_look, over)

    def _top(
        self, model: CueModel, raw: Mapping, home: str, defaults: DefaultsModel, tracker: Tracker, named: dict[str, Cue],
        cues: list[Cue], hazard: bool,
    ) -> None:  # fmt: skip
        """A cue of the list itself; the members of a group that the playhead enters are such cues, too, right after it."""
        cues.append(self._cue(model, raw, home, len(cues), defaults, tracker, named, hazard))
        if model.first_enters is None:
            return
        hazard = cues[-1].ref in self.hazard_said
        for member, node in zip(model.first_enters, raw[_key(raw, "first_enters")], strict=True):
            self._top(member, node, home, defaults, tracker, named, cues, hazard)

    def _cue(
        self, model: CueModel, raw: Mapping, home: str, index: int, defaults: DefaultsModel, tracker: Tracker,
        named: dict[str, Cue], hazard: bool,
    ) -> Cue:  # fmt: skip
        draft = self.draft
        assert model.label is not None, "cue_trees labels every cue"
        ref = CueRef(home, str(model.label))
        hazard = draft.read(values.truth, model.hazard, hazard)
        times = self._times_of(model, defaults)
        light = self._looks(model, times) + self.light.moves(model.light, times, tracker)
        light += self.light.moves(aims(draft, model.aim), times, tracker)
        for part in model.parts or []:
            own = self._times_of(part, defaults)
            light += self._looks(part, own) + self.light.moves(part.light, own, tracker)
        black, images = self.holograms.of(model.hologram, ref, times, self.actions.verbs)
        light = black + light  # what the cue itself says of the rear comes after, and is complained of
        self.holograms.wrote(ref, model.light, model.this_cue_only, *(part.light for part in model.parts or []))
        only = self.light.moves(model.this_cue_only, times, tracker)
        effects, still = self._effects(model, ref.label, times)
        light += still
        playing, ended = self.pixels.of(model.pixels, times)
        tracker.add(light)
        group = self._group(model, raw, home, index, defaults, tracker, named, hazard)
        cue = Cue(
            ref, str(model.name or ""), index, str(model.notes or ""), draft.read(values.time_of, model.wait, 0),
            light, only, effects + playing,
            ended + images + self.actions.of(model, raw, home),
            group,
            self._next(model, home, group),
            None if model.wait_for is None else self.nexts.when(model.wait_for),
            draft.read(values.truth, model.armed, True),
            draft.choice(model.land, ("together", "apart"), "apart", "a way to land") == "together",
            self._mark(defaults.mark if model.mark is None else model.mark, home, index, named),
            str(model.color or ""), model.label.place,
            SecondTrigger(draft.choice(model.second_trigger, _AGAIN, "nothing", "what a second trigger does")),
            self._prepare(model),
            None if model.ready is None else self.nexts.ready(model.ready, home),
        )  # fmt: skip
        if index < 0 and (early := model.ready or next(iter(model.prepare), None)) is not None:
            hint = "say it in the group: GO is pressed there"
            draft.problems.error("BAD_GROUP", early.place, "a member of a group does not stand by", hint)
        if index < 0 and model.next is not None:
            where = model.next.place if isinstance(model.next, Text) else cue.place
            hint = "the group runs its members: use sequence, timeline, or wait"
            draft.problems.error("BAD_NEXT", where, "a member of a group does not chain", hint)
        if hazard:
            self.hazard_said.add(ref)
        named[ref.label] = cue
        return cue

    def _prepare(self, model: CueModel) -> tuple[Perform, ...]:
        """What is asked of devices when the cue comes to stand by: nothing that could be seen as the cue itself, or hurt."""
        asked = self.actions.devices_asked(model.prepare)
        for action in asked:
            name = next(key for key in model.prepare if key == action.device)
            if action.kind is not ActionClass.STATE:
                said = f"{action.verb} of {name} is {action.kind.value}: it would be done before GO, and again on each standby"
                self.draft.problems.error("WRONG_KIND", name.place, said, "only verbs of class state prepare")
            elif self.draft.devices[name].hazard is not Hazard.NONE:
                self.draft.problems.error(
                    "HAZARD_REFUSED", name.place, f"{name} is a hazard", "nothing dangerous is done before GO"
                )
        return asked

    def _next(self, model: CueModel, home: str, group: Group | None) -> Next | None:
        """How the cue hands on. A group that is entered starts its first member with itself, and that is all."""
        if group is None or group.mode is not GroupMode.FIRST_ENTERS:
            return None if model.next is None else self.nexts.next(model.next, home)
        if model.next is not None:
            where = model.next.place if isinstance(model.next, Text) else model.next.else_.place
            hint = "its members stand in the list: say next in the last of them"
            self.draft.problems.error("BAD_NEXT", where, "a first_enters group does not chain", hint)
        return AfterStart(0) if group.enters else None

    def _mark(self, text: Text | None, home: str, index: int, named: dict[str, Cue]) -> Mark | None:
        """``auto over 3s``, ``off``, or the cue during which the lights of this one move."""
        if text is None:
            return None
        words, over = self.actions.over(text, MARK_TIME)
        asked = _MARKS.get(words.strip())
        if asked is not None:
            return Mark(over) if asked and index >= 0 else None
        lead = len(words) - len(words.lstrip())
        ref = self.actions.cue_ref(text, home, 0, len(words))
        if ref is None or index < 0:
            return None
        if ref.list != home or ref.label not in named or named[ref.label].index < 0:
            said = f"{ref.label if ref.list == home else ref} does not come before this cue"
            self.draft.problems.error("BAD_MARK", text.at(lead), said, "an earlier cue of this list, auto, or off")
            return None
        return Mark(over, ref)

    # --- light -----------------------------------------------------------------------------------------------------

    def _looks(self, model: CueModel | PartModel, times: Times) -> tuple[LightMove, ...]:
        if model.look is None:
            return ()
        made: tuple[LightMove, ...] = ()
        for name in model.look if isinstance(model.look, list) else [model.look]:
            look = self.draft.palettes.looks.get(name)
            if look is None:
                hint = did_you_mean(name, self.draft.palettes.looks, "looks stand in palettes.yaml")
                self.draft.problems.error("UNKNOWN_LOOK", name.place, f"there is no look {name or '(none)'}", hint)
            else:
                made += self.light.moves(look, times)
        return made

    def _effects(self, model: CueModel, label: str, times: Times) -> tuple[tuple[Effect, ...], tuple[LightMove, ...]]:
        if model.effect is None and model.chase is None:
            return (), ()
        made: list[Effect] = []
        still: list[LightMove] = []
        for effect in model.effect if isinstance(model.effect, list) else [model.effect]:
            if effect is not None:
                made += self.effects.effects(effect, label)
        for chase in model.chase if isinstance(model.chase, list) else [model.chase]:
            if chase is not None:
                moving, fixed = self.effects.chase(chase, label, times)
                made += moving
                still += fixed
        return tuple(made), tuple(still)

    def _times_of(self, model: CueModel | PartModel, defaults: DefaultsModel) -> Times:
        time = model.time
        curve = model.curve if model.curve is not None else defaults.curve
        words: tuple[str | None, ...]
        if isinstance(time, TimesModel):
            words = (time.up, time.down, time.delay, time.intensity, time.color, time.focus, time.beam)
        else:
            words = (time,)
        key = (*words, "|", curve, defaults.up, defaults.down)
        known = self._times.get(key)
        if known is None:
            before = self.draft.problems.errors
            known = self._read_times(time, curve, defaults)
            if self.draft.problems.errors == before:
                self._times[key] = known
        return known

    def _read_times(self, time: Text | TimesModel | None, curve: Text | None, defaults: DefaultsModel) -> Times:
        draft = self.draft
        up, down = (draft.read(values.time_of, text, 0) for text in (defaults.up, defaults.down))
        usual = UpDown(up, down)
        name = draft.read(curve_name, curve, "linear")
        if not isinstance(time, TimesModel):
            return Times((draft.read(values.up_down, time, usual),) * 4, name)
        usual = UpDown(
            draft.read(values.time_of, time.up, up), draft.read(values.time_of, time.down, down),
            draft.read(values.time_of, time.delay, 0),
        )  # fmt: skip
        own = [draft.read(values.up_down, text, usual) for text in (time.intensity, time.color, time.focus, time.beam)]
        return Times((own[0], own[1], own[2], own[3]), name)

    # --- groups ----------------------------------------------------------------------------------------------------

    def _group(
        self,
        model: CueModel,
        raw: Mapping,
        home: str,
        index: int,
        defaults: DefaultsModel,
        tracker: Tracker,
        named: dict[str, Cue],
        hazard: bool,
    ) -> Group | None:
        draft = self.draft
        found = [(key, members) for key in _MODES if (members := getattr(model, key)) is not None]
        if len(found) > 1:
            draft.problems.error(
                "BAD_WORD", raw.place, "a cue is one kind of group", "all, sequence, timeline, random or first_enters"
            )
        if not found:
            if model.clock is not None:
                draft.problems.error("BAD_WORD", model.clock.timecode.place, "only a timeline has a clock", "add timeline:")
            return None
        key, models = found[0]
        mode = _MODES[key]
        if mode is GroupMode.FIRST_ENTERS:
            return self._entered(models, home, raw[_key(raw, key)], index)
        members = []
        for member, node in zip(models, raw[_key(raw, key.rstrip("_"))], strict=True):
            if member.at is not None and mode is not GroupMode.TIMELINE:
                draft.problems.error("UNKNOWN_KEY", member.at.place, "only members of a timeline have at", "use wait: instead")
            if member.at is None and mode is GroupMode.TIMELINE:
                draft.problems.error("MISSING_KEY", node.place, "a member of a timeline lacks the key at", "at: 2s")
            at: Duration = draft.read(values.time_of, member.at, 0)
            members.append(Member(at, self._cue(member, node, home, -1, defaults, tracker, named, hazard)))
        if mode is GroupMode.TIMELINE:
            members.sort(key=lambda member: member.at)
        return Group(mode, tuple(members), *self._clock(model, mode))

    def _entered(self, models: list[CueModel], home: str, node: Any, index: int) -> Group:
        """A group that the playhead enters: its members are fired by GO, so they, and it, stand in the list itself."""
        if index < 0:
            hint = "take it out of the group around it: all, sequence, timeline and random run their members by themselves"
            self.draft.problems.error("BAD_GROUP", node.place, "nobody could press GO inside another group", hint)
        for member in models:
            if member.at is not None:
                self.draft.problems.error(
                    "UNKNOWN_KEY", member.at.place, "only members of a timeline have at", "use wait: instead"
                )
        return Group(GroupMode.FIRST_ENTERS, (), enters=tuple(CueRef(home, str(member.label)) for member in models))

    def _clock(self, model: CueModel, mode: GroupMode) -> tuple[str | None, Duration]:
        if model.clock is None:
            return None, 0
        if mode is not GroupMode.TIMELINE:
            self.draft.problems.error("BAD_WORD", model.clock.timecode.place, "only a timeline has a clock", "use timeline:")
        source = self.draft.find(model.clock.timecode, self.draft.timecodes, "UNKNOWN_TIMECODE", "timecode input")
        if source is None:
            return None, 0
        offset = self.draft.read(lambda text: values.timecode(text, source.num, source.den, source.drop), model.clock.offset, 0)
        return source.name, offset


def _key(raw: Mapping, name: str) -> Any:
    return next(key for key in raw if key == name)


def touches_hazard(draft: Draft, cue: Cue) -> tuple[str, Hazard] | None:
    """The first hazard that ``cue`` itself moves or asks for something: its name and class."""
    parameters = draft.patch.parameters
    for moves in (cue.light, cue.this_cue_only, cue.effects):
        for move in moves:
            for index in move.parameters:
                if parameters[index].hazard is not Hazard.NONE:
                    return draft.patch.fixtures[parameters[index].fixture].name, parameters[index].hazard
    for action in cue.actions:
        device = draft.devices.get(getattr(action, "device", ""))
        if device is not None and device.hazard is not Hazard.NONE:
            return device.name, device.hazard
    return None
