"""hazards.yaml: what permits fog, fans and whatever else can hurt. And that nothing of the kind goes without.

Every fixture and device that is marked as a hazard belongs to exactly one interlock. Its permit hears of the room: an input
that would fall silent must go stale, and what was never heard of must not read as a yes.
"""

from __future__ import annotations

from showctl.show.cues import Perform
from showctl.show.expressions import Expression
from showctl.show.fixtures import Hazard
from showctl.show.hazards import ARM_EXPIRES, FRESH, Interlock
from showctl.show.instants import words_for
from showctl.show.places import Place
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_inputs import HazardsFile, InterlockModel
from showctl.showfile.reader import Text
from showctl.showfile.resolve_verbs import Verbs
from showctl.showfile.selections import Selections

EXAMPLE = "low_fog: {fixtures: low_fog, permit: fog_permit.granted}"


class HazardReader:
    """Fills ``draft.hazards`` once names, selections and verbs are known."""

    def __init__(self, draft: Draft, selections: Selections, verbs: Verbs) -> None:
        self.draft, self.selections, self.verbs = draft, selections, verbs
        self._guarded: dict[str, Text] = {}
        """Fixture or device -> the interlock that guards it."""

    def resolve(self) -> None:
        """Reads every interlock, and says what has none."""
        model: dict[Text, InterlockModel] | None = self.draft.section("hazards", HazardsFile)
        for name, item in (model or {}).items():
            if not self.draft.good_name(name):
                continue
            found = self._interlock(name, item)
            if found is not None:
                self.draft.hazards[str(name)] = found
        for fixture in self.draft.patch.fixtures:
            if fixture.hazard is not Hazard.NONE:
                self._needs_permit(fixture.name, fixture.place)
        for device in self.draft.devices.values():
            if device.hazard is not Hazard.NONE:
                self._needs_permit(device.name, device.place)

    def check_names(self) -> None:
        """A person arms by name, so a hazard is called like no trigger."""
        for name, trigger in self.draft.triggers.items():
            if name in self.draft.hazards:
                there = self.draft.hazards[name].place
                self.draft.problems.error(
                    "TWIN_NAME", trigger.place, f"{name} is already the name of a hazard", f"that is in {there}"
                )

    def _needs_permit(self, name: str, place: Place) -> None:
        if name not in self._guarded:
            self.draft.problems.error(
                "HAZARD_NO_PERMIT", place, f"{name} is a hazard, and nothing permits it", f"in hazards.yaml: {EXAMPLE}"
            )

    def _interlock(self, name: Text, model: InterlockModel) -> Interlock | None:
        draft = self.draft
        parameters, kinds = self._fixtures(name, model)
        off = self._devices(name, model, kinds)
        if not model.fixtures and not model.devices:
            draft.problems.error("NOTHING_SELECTED", name.place, f"{name} guards nothing", EXAMPLE)
        if len(kinds) > 1:
            hint = "an interlock is for one class of hazard: make two"
            draft.problems.error("WRONG_KIND", name.place, f"{name} guards what is interlocked and what is attended", hint)
        kind = Hazard.ATTENDED if Hazard.ATTENDED in kinds else Hazard.INTERLOCKED
        fresh = draft.read(values.time_of, model.fresh, FRESH)
        if model.fresh is not None and not 0 < fresh <= FRESH:
            draft.problems.error(
                "OUT_OF_RANGE", model.fresh.place, f"a report of {words_for(fresh)} s ago is stale", "0.5s at most"
            )
        longest = None if model.longest is None else draft.read(values.time_of, model.longest, None)
        if kind is Hazard.ATTENDED and model.longest is None:
            draft.problems.error("MISSING_KEY", name.place, f"{name} is attended, and may be on for ever", "longest: 10s")
        armed_for = draft.read(values.time_of, model.armed_for, ARM_EXPIRES)
        if model.armed_for is not None and not 0 < armed_for <= ARM_EXPIRES:
            draft.problems.error(
                "OUT_OF_RANGE", model.armed_for.place, "nothing stays armed for longer than 60 s", "armed_for: 60s"
            )
        if model.permit is None:
            hint = 'permit: fog_permit.granted and gate.state != "moving"'
            draft.problems.error("HAZARD_NO_PERMIT", name.place, f"{name} has no permit", hint)
        permit = draft.expression(model.permit)
        if permit is None or model.permit is None:
            return None
        self._check_permit(permit, model.permit, fresh)
        dwell, rest = (draft.read(values.time_of, text, 0) for text in (model.dwell, model.rest))
        number = len(draft.hazards)
        return Interlock(number, str(name), kind, permit, parameters, off, fresh, longest, dwell, rest, armed_for, name.place)

    def _fixtures(self, name: Text, model: InterlockModel) -> tuple[tuple[int, ...], dict[Hazard, None]]:
        draft = self.draft
        written = [] if model.fixtures is None else model.fixtures if isinstance(model.fixtures, list) else [model.fixtures]
        kinds: dict[Hazard, None] = {}
        found: dict[int, None] = {}
        for text in written:
            for index in dict.fromkeys(head.fixture for head in self.selections.heads(text)):
                fixture = draft.patch.fixtures[index]
                if self._guards(name, fixture.name, fixture.hazard, text):
                    kinds[fixture.hazard] = None
                    found |= dict.fromkeys(item.index for item in draft.patch.parameters_of[index])
        return tuple(sorted(found)), kinds

    def _devices(self, name: Text, model: InterlockModel, kinds: dict[Hazard, None]) -> tuple[Perform, ...]:
        made = []
        for text, words in model.devices.items():
            device = self.draft.find(text, self.draft.devices, "UNKNOWN_DEVICE", "device")
            if device is None or not self._guards(name, device.name, device.hazard, text):
                continue
            kinds[device.hazard] = None
            off = self.verbs.device_words(device, words)
            if off is not None:
                made.append(off)
        return tuple(made)

    def _guards(self, name: Text, guarded: str, hazard: Hazard, text: Text) -> bool:
        if hazard is Hazard.NONE:
            hint = "hazard: interlocked, where it is patched or declared"
            self.draft.problems.error("WRONG_KIND", text.place, f"{guarded} is not marked as a hazard", hint)
            self._guarded.setdefault(guarded, name)
            return False
        first = self._guarded.setdefault(guarded, name)
        if first is not name:
            hint = "one interlock for each: join the permits with and"
            self.draft.problems.error("HAZARD_TWICE", text.place, f"{guarded} is guarded by {first} already", hint)
            return False
        return True

    def _check_permit(self, permit: Expression, text: Text, fresh: int) -> None:
        """Silence is not a yes: of the permit's inputs, of its devices, of what nobody has set."""
        draft = self.draft
        devices = {name.partition(".")[0] for name in permit.names} & set(draft.devices)
        inputs = [draft.inputs[name] for name in permit.names if name in draft.inputs]
        if not devices and not inputs:
            hint = "name an input, or a device's field: fog_permit.granted"
            draft.problems.error("HAZARD_NO_PERMIT", text.place, "this permit hears nothing from the room", hint)
        for item in inputs:
            if item.stale_after is None or item.stale_after > fresh:
                draft.problems.error(
                    "HAZARD_STALE", text.place, f"{item.name} may fall silent, and its last word would go on permitting",
                    f"stale: {words_for(fresh)}s at {item.name}, and whoever sends it says so again before that",
                )  # fmt: skip
        if not devices and inputs and permit.holds(self._before_anything):
            hint = "an input's initial value is what silence reads as: initial: no"
            draft.problems.error("HAZARD_STALE", text.place, "this permit holds before anybody has said anything", hint)

    def _before_anything(self, name: str) -> bool | float | str:
        draft = self.draft
        if name in draft.inputs:
            return draft.inputs[name].initial
        if name in draft.variables:
            return draft.variables[name].initial
        return ""
