"""triggers.yaml: timecode, inputs, variables, triggers, and what may come in from outside."""

from __future__ import annotations

import ipaddress
import re
from functools import partial
from typing import Any, Final

from showctl.show.cues import Action, GoCue, StandbyCue, StartCue
from showctl.show.devices import KINDS
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND
from showctl.show.show import InboundRule, TimecodeInput
from showctl.show.triggers import Input, InputSource, Scope, Trigger, Variable
from showctl.showfile import values
from showctl.showfile.cue_trees import DO_KEYS, prepare
from showctl.showfile.draft import Draft
from showctl.showfile.models_cues import Do
from showctl.showfile.models_inputs import InboundModel, InputModel, TimecodeModel, TriggersFile
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Mapping, Sequence, Text
from showctl.showfile.resolve_actions import Actions
from showctl.showfile.resolve_devices import value_type
from showctl.showfile.structure import fit

SOURCES: Final = ("guests", "gesture", "mqtt", "osc")
ALLOWED: Final = ("go", "standby", "back", "pause", "resume", "stop", "panic", "input")
TIMECODE_KINDS: Final = ("ltc", "mtc", "artnet", "osc", "device")
_TIMECODE_SOURCE: Final = {"ltc": re.compile(r"(audio|portaudio|file):.+"), "mtc": re.compile(r"midi:.+")}
GESTURES: Final = ("raised", "moving", "mirrored")


class TriggerReader:
    """Reads the triggers' file in two turns: names first, then what acts."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.model: TriggersFile | None = draft.section("triggers", TriggersFile)

    def resolve_names(self) -> None:
        """Fills ``draft.timecodes``, ``inputs`` and ``variables``."""
        draft, model = self.draft, self.model
        if model is None:
            return
        for name, source in model.timecodes.items():
            draft.good_name(name)
            draft.timecodes[str(name)] = self._timecode(str(name), source)
        for name, item in model.inputs.items():
            if draft.claim(name, "input"):
                found = self._input(name, item)
                if found is not None:
                    draft.inputs[str(name)] = found
        for name, variable in model.variables.items():
            scope, dot, short = name.partition(".")
            if not dot or scope not in {item.value for item in Scope}:
                hint = "a variable is party.NAME (the guests inside), show.NAME or day.NAME"
                draft.problems.error("BAD_NAME", name.place, f"{name} has no scope", hint)
            elif draft.good_name(name.part(len(scope) + 1, len(name)), ()):
                kind_ = value_type(draft, variable.type)
                initial = draft.value(variable.initial, kind_)
                draft.variables[str(name)] = Variable(short, Scope(scope), kind_, initial, name.place)

    def _timecode(self, name: str, model: TimecodeModel) -> TimecodeInput:
        draft = self.draft
        num, den = draft.read(values.timecode_rate, model.rate, (25, 1))
        drop = model.rate.strip().lower().endswith("df")
        kind = draft.choice(model.kind, TIMECODE_KINDS, TIMECODE_KINDS[0], "a kind of timecode")
        source = model.source
        if kind == "device":
            if source is None:
                draft.problems.error("MISSING_KEY", model.kind.place, f"{name} follows no device", "source: the name of a player")
            elif (
                player := draft.find(source, draft.devices, "UNKNOWN_DEVICE", "device")
            ) and "position" not in player.kind.fields:
                hint = "those that do: " + ", ".join(sorted(name for name, known in KINDS.items() if "position" in known.fields))
                draft.problems.error("BAD_WORD", source.place, f"{source} does not tell its position", hint)
            if not model.along:
                draft.problems.error(
                    "MISSING_KEY", model.kind.place, f"{name} says for no clip what code it is", "along: {CLIP: 01:00:00:00}"
                )
        elif kind in _TIMECODE_SOURCE and source is not None and not _TIMECODE_SOURCE[kind].fullmatch(source):
            hint = (
                "midi: /dev/snd/midiC1D0"
                if kind == "mtc"
                else "audio:NAME or portaudio:NAME of an input, or file:PATH of a recording or a pipe"
            )
            draft.problems.error("BAD_WORD", source.place, f"{source} is no source of {kind}", hint)
        offset = draft.read(partial(values.timecode, num=num, den=den, drop=drop), model.offset, 0)
        holds = draft.choice(model.lost, ("run", "hold"), "run", "what a clock does without code") == "hold"
        freewheel = draft.read(values.duration, model.freewheel, 2 * SECOND)
        along = []
        for clip, at in model.along.items():
            draft.find(clip, draft.clips, "UNKNOWN_MEDIA", "clip")
            along.append((str(clip), draft.read(partial(values.timecode, num=num, den=den, drop=drop), at, 0)))
        return TimecodeInput(name, kind, num, den, offset, str(source or ""), drop, holds, freewheel, tuple(along))

    def _input(self, name: Text, model: InputModel) -> Input | None:
        draft = self.draft
        given = [word for word in SOURCES if getattr(model, word) is not None]
        if len(given) != 1:
            where = "nothing" if not given else " and ".join(given)
            hint = "an input comes from one of guests, gesture, mqtt, osc"
            draft.problems.error("MISSING_KEY", name.place, f"{name} comes from {where}", hint)
            return None
        text: Text = getattr(model, given[0])
        kind = value_type(draft, model.type)
        device = ""
        match given[0]:
            case "guests" if text == "all":
                source, address = InputSource.GUESTS, ""
            case "guests":
                source, address = InputSource.ZONE_COUNT, str(text)
                draft.zone_words.append(text)
            case "gesture":
                source, address = InputSource.GESTURE, draft.choice(text, GESTURES, "raised", "a gesture")
            case "mqtt":
                source = InputSource.MQTT
                address, device = self._topic(text)
            case _:
                source, address = InputSource.OSC, str(text)
                if not text.startswith("/"):
                    draft.problems.error("BAD_ADDRESS", text.place, f"{text or 'nothing'} is no OSC address", "osc: /exit/clear")
        counts = draft.read(values.truth, model.counts, False)
        if counts and kind is not ValueType.NUMBER:
            draft.problems.error("WRONG_TYPE", name.place, f"{name} counts, so it is a number", "type: number")
        hysteresis = float(draft.read(values.number, model.hysteresis, 0))
        stale = None if model.stale is None else draft.read(values.time_of, model.stale, None)
        initial = draft.value(model.initial, kind)
        return Input(len(draft.inputs), str(name), kind, initial, source, address, device, hysteresis, counts, stale, name.place)

    def _topic(self, text: Text) -> tuple[str, str]:
        words = text.split()
        brokers = {item.name: item for item in self.draft.devices.values() if item.kind.name == "broker"}
        if len(words) == 1 and len(brokers) == 1:
            return words[0], next(iter(brokers))
        if len(words) != 3 or words[1] != "on":
            hint = "mqtt: furnace/rail/pressed on room"
            self.draft.problems.error("BAD_WORD", text.place, f"{text or 'nothing'} is not a topic on a broker", hint)
            return "", ""
        if words[2] not in brokers:
            hint = did_you_mean(words[2], brokers)
            self.draft.problems.error("UNKNOWN_DEVICE", text.at(text.rfind(words[2])), f"there is no broker {words[2]}", hint)
        return words[0], words[2]

    # --- what acts ---------------------------------------------------------------------------------------------------

    def resolve_triggers(self, actions: Actions) -> None:
        """Fills ``draft.triggers`` and ``draft.inbound``."""
        draft = self.draft
        for name, model in (self.model.triggers if self.model else {}).items():
            if not draft.good_name(name):
                continue
            when, only_if = draft.expression(model.when), draft.expression(model.only_if)
            do = self.do(model.do, actions)
            cooldown = draft.read(values.time_of, model.cooldown, SECOND)
            armed = draft.read(values.truth, model.armed, True)
            if when is not None:
                index = len(draft.triggers)
                draft.triggers[str(name)] = Trigger(index, str(name), when, do, cooldown, only_if, armed, name.place)
        rules = self.model.inbound if self.model else []
        draft.inbound = tuple(rule for model in rules if (rule := self._rule(model)) is not None)

    def do(self, node: Any, actions: Actions) -> tuple[Action, ...]:
        """The actions of a ``do:``; bare labels mean the main list."""
        made: tuple[Action, ...] = ()
        for item in node if isinstance(node, Sequence) else [node]:
            if isinstance(item, Text) and item.empty:
                self.draft.problems.error("EMPTY", item.place, "do has no value", "do: {start: main/31}")
                continue
            tree = prepare(self.draft, item, DO_KEYS) if isinstance(item, Mapping) else None
            if not isinstance(item, Mapping):
                place = getattr(item, "place", None)
                if place is not None:
                    self.draft.problems.error("WRONG_TYPE", place, "do takes a mapping", "do: {start: main/31}")
            model: Do | None = fit(Do, tree, self.draft.problems, tuple(self.draft.devices))
            if model is not None and tree is not None:
                made += actions.of(model, tree, self.draft.main_list)
        return made

    def _rule(self, model: InboundModel) -> InboundRule | None:
        draft = self.draft
        given = [(word, text) for word in ("osc", "mqtt") if (text := getattr(model, word)) is not None]
        if len(given) != 1:
            draft.problems.error(
                "MISSING_KEY", model.allow.place, "a rule is for one osc address or mqtt topic", "osc: /showctl/go"
            )
            return None
        kind, pattern = given[0]
        if kind == "osc" and not pattern.startswith("/"):
            draft.problems.error("BAD_ADDRESS", pattern.place, f"{pattern or 'nothing'} is no OSC address", "osc: /showctl/go")
        allow = draft.choice(model.allow, ALLOWED, "go", "something that may be allowed")
        if model.from_ is None:
            return InboundRule(kind, str(pattern), allow)
        sources = model.from_ if isinstance(model.from_, list) else [model.from_]
        for text in sources:
            try:
                ipaddress.ip_network(str(text), strict=False)
            except ValueError:
                draft.problems.error("BAD_ADDRESS", text.place, f"{text or 'nothing'} is not a network", "from: [192.168.1.0/24]")
        return InboundRule(kind, str(pattern), allow, tuple(str(text) for text in sources))


def lists_reached(actions: tuple[Action, ...]) -> set[str]:
    """The lists that ``actions`` start something in."""
    found = set()
    for action in actions:
        match action:
            case StartCue(cue=ref) | StandbyCue(cue=ref):
                found.add(ref.list)
            case GoCue(list=name):
                found.add(name)
            case _:
                pass
    return found
