"""What a cue, a trigger or the schedule does at once: start, go, stop, fade, set, master, raw messages, a device's verbs.

Cues are named by their label in the same list (``30``) or with their list (``main/30``). Names given with ``as`` are
collected while cues are read, so what fades or stops them is looked up when all are known (``check_things``).
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Reads
from fractions import Fraction
from typing import Final

from showctl.show.cues import (
    Action,
    CueRef,
    DevampThing,
    FadeThing,
    GoCue,
    Perform,
    ReleaseList,
    SetMaster,
    SetRate,
    SetVariable,
    StandbyCue,
    StartCue,
    StopOthers,
    StopThing,
)
from showctl.show.expressions import Expression, ExpressionError, ValueType, parse
from showctl.show.instants import SECOND
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_cues import Do
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Mapping, Text
from showctl.showfile.resolve_raw import raw_mqtt, raw_osc
from showctl.showfile.resolve_verbs import Verbs
from showctl.showfile.words import Phrase, Word, read_at

ORDER: Final = (
    "release", "stop_others", "stop", "devamp", "fade", "set", "master", "rate", "devices", "sound", "film", "osc", "mqtt",
    "start", "go", "jump", "standby",
)  # fmt: skip
CURVES: Final = ("linear", "s", "in", "out", "in-out", "equal-power", "equal-gain", "db-linear")
"""As ``light.curves`` names them; a test compares."""
_WORDS: Final = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}


class Actions:
    """Reads actions. ``things`` are the names that fades and stops need, checked at the end."""

    def __init__(self, draft: Draft, verbs: Verbs) -> None:
        self.draft, self.verbs = draft, verbs
        self.needed: list[tuple[Text, int, str, str]] = []

    def of(self, model: Do, raw: Mapping, home: str) -> tuple[Action, ...]:
        """The actions of ``model``, in the order of its keys in the file. ``home`` is the list that bare labels mean."""
        made: list[Action] = []
        for key in raw:
            read = _READERS.get(key)
            if read is not None and (value := getattr(model, key)) is not None:
                made += read(self, value, home)
            elif key == "devices":
                made += self._devices(model.devices)
        return tuple(made)

    def check_things(self) -> None:
        """Whether every thing that is faded, stopped or rated is named by some cue."""
        for text, offset, name, what in self.needed:
            kind = self.draft.things.get(name)
            if what == "rate" and kind in ("sound", "film"):
                said = f"{name} is {kind}, and keeps its own speed"
                self.draft.problems.error("WRONG_KIND", text.at(offset), said, "rate a list, a cue, or an effect")
            if name not in self.draft.things:
                self.draft.problems.error(
                    "UNKNOWN_THING", text.at(offset), f"nothing is called {name}",
                    did_you_mean(name, self.draft.things, "a running thing is named with as: rumble on main_pa as rumble"),
                )  # fmt: skip

    # --- references ------------------------------------------------------------------------------------------------

    def cue_ref(self, text: Text, home: str, start: int = 0, end: int | None = None) -> CueRef | None:
        """The cue that ``text`` (or its characters ``start`` to ``end``) names."""
        words = text[start:end]
        lead = len(words) - len(words.lstrip())
        words = words.strip()
        at = text.at(start + lead)
        if not words:
            self.draft.problems.error("UNKNOWN_CUE", at, "a cue is missing", "a cue is its label, or LIST/LABEL")
            return None
        name, slash, label = words.partition("/")
        if not slash or (name not in self.draft.labels and words in self.draft.labels.get(home, {})):
            name, label = home, words
        labels = self.draft.labels.get(name)
        if labels is None:
            hint = did_you_mean(name, self.draft.labels)
            self.draft.problems.error("UNKNOWN_LIST", at, f"there is no list {name or '(none)'}", hint)
            return None
        if label not in labels:
            own = [known for known in labels if ":" not in known]
            hint = did_you_mean(label, labels, f"{name} has " + ", ".join(own[:12]) + (" ..." if len(own) > 12 else ""))
            self.draft.problems.error("UNKNOWN_CUE", at, f"there is no cue {label} in {name}", hint)
            return None
        if self.draft.noted is not None:
            self.draft.noted.cue(text, start + lead, words, CueRef(name, label))
        return CueRef(name, label)

    def _list(self, text: Text, word: Word) -> str | None:
        if word.text in self.draft.labels:
            return word.text
        hint = did_you_mean(word.text, self.draft.labels)
        self.draft.problems.error("UNKNOWN_LIST", text.at(word.offset), f"there is no list {word.text}", hint)
        return None

    # --- one reader for each key -------------------------------------------------------------------------------------

    def devices_asked(self, devices: Reads[Text, Text | list[Text] | dict[Text, Text]]) -> tuple[Perform, ...]:
        """What is asked of devices by name; a name that is none is said."""
        known = {
            name: words
            for name, words in devices.items()
            if self.draft.find(name, self.draft.devices, "UNKNOWN_DEVICE", "device")
        }
        return tuple(self._devices(known))

    def _devices(self, devices: Reads[Text, Text | list[Text] | dict[Text, Text]]) -> list[Perform]:
        made: list[Perform] = []
        for name, words in devices.items():
            device = self.draft.devices[name]
            if isinstance(words, dict):
                asked = [self.verbs.device_mapping(device, words, name.place)]
            else:
                asked = [self.verbs.device_words(device, text) for text in _each(words)]
            made += [found for found in asked if found is not None]
        return made

    def _sound(self, value: Text | list[Text], _: str) -> list[Action]:
        return [
            found for text in _each(value) for found in (self.verbs.mixed(text) or [self.verbs.sound(text)]) if found is not None
        ]

    def _film(self, value: Text | list[Text], _: str) -> list[Action]:
        return [found for text in _each(value) if (found := self.verbs.film(text)) is not None]

    def _fade(self, value: dict[Text, Text], _: str) -> list[Action]:
        made: list[Action] = []
        for name, text in value.items():
            self.needed.append((name, 0, str(name), "fade"))
            try:
                phrase = Phrase(text)
                word = phrase.next("a level")
                level = self._fade_level(name, word)
                over, curve, then_stop = 0, "equal-power", False
                while phrase:
                    if phrase.take("over"):
                        over = read_at(values.time_of, phrase.next("a time"))
                    elif phrase.take("curve"):
                        curve = read_at(curve_name, phrase.next("a curve"))
                    elif phrase.take("then") or phrase.take("and"):
                        stop = phrase.next("stop")
                        if stop.text != "stop":
                            raise Wrong("BAD_WORD", f"{stop.text} cannot follow here", stop.offset, "then stop")
                        then_stop = True
                    else:
                        word = phrase.next("a word")
                        hint = did_you_mean(word.text, ("over", "curve", "then"), "a fade is LEVEL over TIME [then stop]")
                        raise Wrong("BAD_WORD", f"{word.text} is not a word of a fade", word.offset, hint)
            except Wrong as wrong:
                self.draft.wrong(wrong, text)
                continue
            made.append(FadeThing(str(name), level, over, curve, then_stop, name.place))
        return made

    def _fade_level(self, name: Text, word: Word) -> float:
        if word.text.lower().endswith("db") or word.text == "-inf":
            return read_at(values.decibel, word)
        if self.draft.things.get(name) == "sound" and word.text == "out":
            return -120.0
        if word.text in ("full", "out"):
            return 100.0 if word.text == "full" else 0.0
        return float(read_at(values.number, Word(word.text.removesuffix("%"), word.offset)))

    def _stop(self, value: Text | list[Text], home: str) -> list[Action]:
        made: list[Action] = []
        for text in _each(value):
            words, over = self.over(text)
            phrase = Phrase(words)
            if phrase.take("cue"):
                start = len(words) - len(words.lstrip()) + 4
                ref = self.cue_ref(text, home, start, len(words))
                if ref is not None:
                    made.append(StopThing(ref, over, text.place))
                continue
            word = phrase.peek()
            if word is None or len(phrase.words) != 1:
                hint = "stop: NAME over 2s, or stop: cue 12"
                self.draft.problems.error("BAD_WORD", text.place, f"{words.strip() or 'nothing'} is not one name", hint)
                continue
            self.needed.append((text, word.offset, word.text, "stop"))
            made.append(StopThing(word.text, over, text.place))
        return made

    def _devamp(self, value: Text | list[Text], _: str) -> list[Action]:
        made: list[Action] = []
        for text in _each(value):
            self.needed.append((text, 0, text.strip(), "devamp"))
            made.append(DevampThing(text.strip(), text.place))
        return made

    def _stop_others(self, value: Text, _: str) -> list[Action]:
        words, over = self.over(value, 3 * SECOND)
        which = self.draft.choice(value.part(0, len(words)), ("list", "all"), "list", "a choice of others")
        return [StopOthers(which == "all", over, value.place)]

    def over(self, text: Text, otherwise: int = 0) -> tuple[str, int]:
        """``text`` without its ``over TIME``, and the time."""
        head, word, _ = text.rpartition(" over ")
        if not word:
            return str(text), otherwise
        start = len(head) + len(word)
        return head, self.draft.read(values.time_of, text.part(start, len(text)), otherwise)

    def _start(self, value: Text | list[Text], home: str) -> list[Action]:
        return [StartCue(ref, text.place) for text in _each(value) if (ref := self.cue_ref(text, home)) is not None]

    def _go(self, value: Text | list[Text], home: str) -> list[Action]:
        made: list[Action] = []
        for text in _each(value):
            if "/" in text:
                ref = self.cue_ref(text, home)
                if ref is not None:
                    made.append(GoCue(ref.list, ref, text.place))
            elif (name := self._list(text, Word(text.strip(), 0))) is not None:
                made.append(GoCue(name, None, text.place))
        return made

    def _jump(self, value: Text, home: str) -> list[Action]:
        ref = self.cue_ref(value, home)
        return [] if ref is None else [GoCue(ref.list, ref, value.place)]

    def _standby(self, value: Text | list[Text], home: str) -> list[Action]:
        return [StandbyCue(ref, text.place) for text in _each(value) if (ref := self.cue_ref(text, home)) is not None]

    def _release(self, value: Text | list[Text], _: str) -> list[Action]:
        made: list[Action] = []
        for text in _each(value):
            words, over = self.over(text, 3 * SECOND)
            name = self._list(text, Word(words.strip(), len(words) - len(words.lstrip())))
            if name is not None:
                made.append(ReleaseList(name, over, text.place))
        return made

    def _master(self, value: dict[Text, Text], _: str) -> list[Action]:
        made: list[Action] = []
        for name, text in value.items():
            known = ("grand", "blackout", *self.draft.submasters)
            if name not in known:
                hint = did_you_mean(name, known)
                self.draft.problems.error("UNKNOWN_MASTER", name.place, f"there is no master {name}", hint)
                continue
            words, over = self.over(text)
            level = self.draft.read(values.percent, text.part(0, len(words)), None)
            if level is not None:
                made.append(SetMaster(str(name), level, over, name.place))
        return made

    def _rate(self, value: dict[Text, Text], home: str) -> list[Action]:
        """``{preshow: 50%, cue 12: 200%, ring: 150%}``: a list, a cue, or a running thing."""
        made: list[Action] = []
        for name, text in value.items():
            what: str | CueRef | None = str(name).strip()
            if str(name).lstrip().startswith("cue "):
                what = self.cue_ref(name, home, len(name) - len(name.lstrip()) + 4)
            elif what not in self.draft.labels:
                self.needed.append((name, 0, str(what), "rate"))
            number = self.draft.read(_speed, text, None)
            if what is not None and number is not None:
                made.append(SetRate(what, number.numerator, number.denominator, name.place))
        return made

    def _set(self, value: dict[Text, Text], _: str) -> list[Action]:
        made: list[Action] = []
        for name, text in value.items():
            variable = self.draft.variables.get(name)
            if variable is None:
                hint = did_you_mean(name, self.draft.variables, "variables are declared in triggers.yaml: party.count: {...}")
                self.draft.problems.error("UNKNOWN_VARIABLE", name.place, f"there is no variable {name}", hint)
                continue
            worth = self._worth(text, variable.type)
            if worth is not None:
                made.append(SetVariable(str(name), worth, name.place))
        return made

    def _worth(self, text: Text, kind: ValueType) -> Expression | None:
        """An expression, or for text and truth the plain word."""
        words = str(text)
        if kind is ValueType.TRUTH and words.strip() in _WORDS:
            words = _WORDS[words.strip()]
        elif kind is ValueType.TEXT:
            if self.draft.noted is not None:
                self.draft.noted.expression(text, 0, words)
            quoted = '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
            if text.quoted and not words.lstrip().startswith(('"', "'")):
                words = quoted
            else:
                try:
                    return parse(words, self.draft.types_of_names, kind)
                except ExpressionError:
                    if not words.isidentifier() and not words.replace(" ", "").isalnum():
                        return self.draft.expression(text, kind)
                    words = quoted
            return self.draft.expression_at(words, text, 0, kind)
        return self.draft.expression_at(words, text, 0, kind)

    def _osc(self, value: Text | list[Text], _: str) -> list[Action]:
        return [found for text in _each(value) if (found := raw_osc(self.draft, text)) is not None]

    def _mqtt(self, value: Text | list[Text], _: str) -> list[Action]:
        return [found for text in _each(value) if (found := raw_mqtt(self.draft, text)) is not None]


def _each(value: Text | list[Text]) -> list[Text]:
    return value if isinstance(value, list) else [value]


def _speed(text: str) -> Fraction:
    """A rate in percent, as a fraction in whole thousandths."""
    words = text.strip()
    try:
        number = values.number(words.removesuffix("%").rstrip())
    except Wrong as wrong:
        raise Wrong("BAD_RATE", f"{words or 'nothing'} is not a rate", wrong.offset, "a rate is percent: 50%, 200%") from None
    if not 0 <= number <= 2000:
        raise Wrong("BAD_RATE", f"{words} is not between 0 and 2000 %", 0, "a rate is percent: 50%, 200%")
    return Fraction(int(number * 10), 1000)


def curve_name(text: str) -> str:
    """A curve's name."""
    name = text.strip().lower()
    if name not in CURVES:
        raise Wrong("UNKNOWN_CURVE", f"there is no curve {text.strip() or '(none)'}", 0, did_you_mean(name, CURVES))
    return name


_READERS: Final[dict[str, Callable[..., list[Action]]]] = {key: getattr(Actions, f"_{key}") for key in ORDER if key != "devices"}
