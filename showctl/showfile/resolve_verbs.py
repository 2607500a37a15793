"""What a cue asks of devices: ``unreal: scene ignite``, ``sound: rumble at -6dB on main_pa``, ``film: bellows on furnace_wall``.

All of it becomes ``Perform``: the verb, every argument in the verb's order, the class that a locate goes by, the name
given with ``as``, and the key that says which earlier performance this one replaces.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from showctl.show.cues import Perform, Value
from showctl.show.devices import Argument, Device, Verb
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND, Duration, seconds, seconds_of
from showctl.show.places import Place
from showctl.show.triggers import Clip
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_space import SpaceWords
from showctl.showfile.words import Phrase, Word, read_at

_ALIASES: Final = {"else": "approved", "voice": "voice"}
_AS: Final = re.compile(r"\bas ([A-Za-z_][A-Za-z0-9_]*)")
_TRUE: Final = values.YES | {"open"}
_FALSE: Final = values.NO | {"closed", "close"}


def perform(
    device: Device, verb: Verb, given: dict[str, Value], place: Place, as_: str | None = None, length: Duration | None = 0
) -> Perform:
    """``verb`` with ``given`` arguments and its defaults for the rest."""
    arguments: list[tuple[str, Value]] = []
    for item in verb.arguments:
        value = given.get(item.name, item.default)
        assert value is not None, f"{verb.name} lacks {item.name}"
        arguments.append((item.name, value))
    key = key_of(verb, dict(arguments))
    return Perform(device.name, verb.name, tuple(arguments), verb.kind, as_, key, length, place, rests=verb.rests)


def key_of(verb: Verb, arguments: dict[str, Value]) -> str:
    """The values of the verb's key arguments, joined; a key word that is no argument stands for itself.

    >>> from showctl.show.devices import KINDS
    >>> key_of(KINDS["film_server"].verbs["play"], {"surface": "wall", "layer": 2.0})
    'wall|2'
    """
    return "|".join(_key_word(arguments[word]) if word in arguments else word for word in verb.key)


def _key_word(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


class _Said(Exception):  # noqa: N818 - the cause has been said where it stands
    """What this needs was declared wrongly."""


class Verbs:
    """Reads the cue words that ask devices for something."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._heard: dict[tuple[str, str], tuple[Perform, ...]] = {}

    # --- a device's own verb -----------------------------------------------------------------------------------------

    def device_words(self, device: Device, text: Text) -> Perform | None:
        """``scene ignite`` of ``unreal: scene ignite``."""
        if device.space is not None:
            return SpaceWords(self.draft, perform).words(device, text)
        try:
            phrase = Phrase(text)
            verb = self._verb(device, phrase.next("a verb"))
            given: dict[str, Value] = {}
            as_ = None
            while phrase:
                if phrase.take("as"):
                    as_ = self.name_thing(phrase.next("a name"), text, "device")
                else:
                    self._argument(verb, phrase, given)
            self._complete(verb, given, len(text) - 1)
            if verb.name == "bus":
                through_bus(device, Word(str(given["name"]), max(text.find(str(given["name"])), 0)))
        except Wrong as wrong:
            self.draft.wrong(wrong, text)
            return None
        return self._performed(device, verb, given, text.place, as_)

    def device_mapping(self, device: Device, mapping: dict[Text, Text], place: Place) -> Perform | None:
        """``{verb: scene, scene: ignite}``, or ``{ask: "...", within: 2.5s}`` with the verb's name as its first argument."""
        given: dict[str, Value] = {}
        first = next((key for key in mapping if key in device.kind.verbs or key == "verb"), None)
        if first is None:
            hint = did_you_mean(next(iter(mapping), ""), device.kind.verbs, "verbs are " + ", ".join(device.kind.verbs))
            self.draft.problems.error("UNKNOWN_VERB", place, f"no verb of {device.name} is named here", hint)
            return None
        named = mapping[first] if first == "verb" else first
        try:
            verb = self._verb(device, Word(str(named), 0))
        except Wrong as wrong:
            self.draft.wrong(wrong, named)
            return None
        known = {item.name: item for item in verb.arguments}
        ok = True
        for key, text in mapping.items():
            if key == "verb" or (key == first and not verb.arguments):
                continue
            argument = verb.arguments[0] if key == first else known.get(_ALIASES.get(key, key))
            if argument is None:
                hint = did_you_mean(key, known, "it takes " + (", ".join(known) or "nothing"))
                self.draft.problems.error("UNKNOWN_ARGUMENT", key.place, f"{verb.name} takes no {key}", hint)
                ok = False
                continue
            try:
                given[argument.name] = argument_value(argument, str(text))
            except Wrong as wrong:
                self.draft.wrong(wrong, text)
                ok = False
        try:
            self._complete(verb, given, 0)
        except Wrong as wrong:
            self.draft.wrong(wrong, named)
            return None
        return self._performed(device, verb, given, place, None) if ok else None

    def _performed(self, device: Device, verb: Verb, given: dict[str, Value], place: Place, as_: str | None) -> Perform:
        length: Duration | None = 0
        if verb.name == "play" and (clip := self.draft.clips.get(str(given.get("clip")))) is not None:
            length = _length(clip, given)
        elif verb.name == "ask":
            length = seconds(float(given.get("within", 2.5)))
        return perform(device, verb, given, place, as_, length)

    def _verb(self, device: Device, word: Word) -> Verb:
        verb = device.kind.verbs.get(word.text)
        if verb is None:
            hint = did_you_mean(word.text, device.kind.verbs, "its verbs are " + (", ".join(device.kind.verbs) or "none"))
            raise Wrong("UNKNOWN_VERB", f"{device.name} has no verb {word.text}", word.offset, hint)
        return verb

    def _argument(self, verb: Verb, phrase: Phrase, given: dict[str, Value]) -> None:
        word = phrase.next("an argument")
        open_ = [item for item in verb.arguments if item.name not in given]
        named = next((item for item in open_ if item.name == _ALIASES.get(word.text, word.text) and not word.quoted), None)
        if named is not None and named.type is ValueType.TRUTH:
            given[named.name] = True
            return
        if named is not None and (not any(i.default is None for i in open_) or named.default is not None or len(open_) > 1):
            given[named.name] = read_at(lambda text: argument_value(named, text), phrase.next(f"a value for {named.name}"))
            return
        if not word.quoted and word.text in _TRUE | _FALSE:
            flag = next((item for item in open_ if item.type is ValueType.TRUTH), None)
            if flag is not None:
                given[flag.name] = word.text in _TRUE
                return
        if not open_:
            hint = (
                "it takes "
                + (", ".join(item.name for item in verb.arguments) or "nothing")
                + '; text of several words goes in "quotes"'
            )
            raise Wrong("UNKNOWN_ARGUMENT", f"{verb.name} has no argument left for {word.text}", word.offset, hint)
        given[open_[0].name] = read_at(lambda text: argument_value(open_[0], text), word)

    def _complete(self, verb: Verb, given: dict[str, Value], offset: int) -> None:
        missing = [item.name for item in verb.arguments if item.default is None and item.name not in given]
        if missing:
            takes = ", ".join(item.name for item in verb.arguments)
            raise Wrong("MISSING_ARGUMENT", f"{verb.name} lacks {' and '.join(missing)}", max(offset, 0), f"it takes {takes}")

    # --- sound and film --------------------------------------------------------------------------------------------

    def sound(self, text: Text) -> Perform | None:
        """``CLIP [at -6dB] [on SPEAKER] [as NAME] [loop] [fade 2s] [from 10s]``."""
        return self._played(text, "sound")

    def mixed(self, text: Text) -> list[Perform | None]:
        """``bus NAME -10dB over 2s``, ``master -3dB``: asked of every player that has that bus, or a master. Empty: neither."""
        word, _, rest = text.strip().partition(" ")
        if word not in ("bus", "master") or word in self.draft.clips:
            return []
        players = [device for device in self.draft.devices.values() if word in device.kind.verbs]
        if word == "bus":
            name = rest.split(" ", 1)[0]
            having = [device for device in players if name in str(device.options.get("buses", "")).split()]
            players = having or players[:1]  # who says that there is no such bus
        return [self.device_words(device, text) for device in players]

    def film(self, text: Text) -> Perform | None:
        """``CLIP on SURFACE [layer 2] [loop] [fade 2s] [at 10s] [as NAME]``."""
        return self._played(text, "film")

    def _played(self, text: Text, what: str) -> Perform | None:
        namesake = self.draft.devices.get(what)
        word = text.split(" ", 1)[0]
        if namesake is not None and word in namesake.kind.verbs and word not in self.draft.clips:
            return self.device_words(namesake, text)
        try:
            return self._play(text, what)
        except _Said:
            return None
        except Wrong as wrong:
            self.draft.wrong(wrong, text)
            if (named := _AS.search(text)) is not None:
                self.draft.things.setdefault(named[1], what)
            return None

    def _play(self, text: Text, what: str) -> Perform:
        draft = self.draft
        values.nothing(text, "a clip")
        phrase = Phrase(text)
        word = phrase.next("a clip")
        clip = draft.clips.get(word.text)
        if clip is None:
            hint = did_you_mean(word.text, draft.clips, "clips are declared in media.yaml")
            raise Wrong("UNKNOWN_MEDIA", f"there is no clip {word.text}", word.offset, hint)
        given: dict[str, Value] = {"clip": clip.name}
        as_: str | None = None
        on: Word | None = None
        bus: Word | None = None
        passes: int | None = None
        while phrase:
            word = phrase.next("a word")
            match word.text:
                case "on":
                    on = phrase.next("a speaker" if what == "sound" else "a surface")
                case "at" | "from":
                    self._at(phrase.next("a level or a time"), what, given)
                case "as":
                    as_ = self.name_thing(phrase.next("a name"), text, what)
                case "loop":
                    given["loop"] = True
                    if (count := phrase.peek()) is not None and count.text.isdigit():
                        passes = read_at(lambda words: values.whole(words, 1, 9999), phrase.next("how often"))
                        if clip.length is None:
                            hint = "say its length in media.yaml"
                            raise Wrong("BAD_NUMBER", f"nobody knows how long a pass of {clip.name} takes", count.offset, hint)
                case "bus" if what == "sound":
                    bus = phrase.next("the name of a bus")
                    given["bus"] = bus.text
                case "fade":
                    given["fade"] = seconds_of(read_at(values.time_of, phrase.next("a time")))
                case "layer" if what == "film":
                    given["layer"] = float(read_at(lambda words: values.whole(words, 1, 64), phrase.next("a layer's number")))
                case _:
                    known = ("at", "on", "as", "loop", "fade", "from", "layer" if what == "film" else "bus")
                    hint = did_you_mean(word.text, known, "after the clip: " + ", ".join(known))
                    raise Wrong("BAD_WORD", f"{word.text} is not a word of {what}", word.offset, hint)
        device = self._player(clip, on, what, given)
        if bus is not None:
            through_bus(device, bus)
        name = as_ or clip.name
        if what == "sound":
            given["voice"] = name
        draft.things.setdefault(name, what)
        length = _length(clip, given)
        lap = (clip.length or 0) if given.get("loop") else 0
        if passes is not None:
            length = max(lap * passes - seconds(float(given.get("at", 0.0))), 0)
        return replace(perform(device, device.kind.verbs["play"], given, text.place, name, length), lap=lap)

    def _at(self, word: Word, what: str, given: dict[str, Value]) -> None:
        if what == "sound" and (word.text.lower().endswith("db") or word.text in values.SILENCE):
            given["level"] = read_at(values.decibel, word)
        else:
            try:
                given["at"] = seconds_of(read_at(values.time_of, word))
            except Wrong as wrong:
                if what != "sound":
                    raise
                hint = "levels of sound are dB: at -6dB; a time is where the clip begins: at 10s"
                raise Wrong("BAD_SOUND_LEVEL", f"{word.text} is neither a sound level nor a time", wrong.offset, hint) from None

    def _player(self, clip: Clip, on: Word | None, what: str, given: dict[str, Value]) -> Device:
        draft = self.draft
        places = draft.speakers if what == "sound" else draft.surfaces
        if on is None:
            fitting = [item for item in places.values() if not clip.players or item.player in clip.players]
            if len(fitting) != 1:
                needed = "speaker" if what == "sound" else "surface"
                names = ", ".join(item.name for item in fitting) or "none is declared"
                raise Wrong("NO_SPEAKER", f"{clip.name} must say on which {needed}", 0, f"on NAME: {names}")
            place = fitting[0]
        else:
            found = places.get(on.text)
            if found is None:
                code, kind = ("UNKNOWN_SPEAKER", "speaker") if what == "sound" else ("UNKNOWN_SURFACE", "surface")
                raise Wrong(code, f"there is no {kind} {on.text}", on.offset, did_you_mean(on.text, places))  # type: ignore[arg-type]
            place = found
        given["output" if what == "sound" else "surface"] = place.name
        if clip.players and place.player not in clip.players:
            raise Wrong(
                "NOT_ON_PLAYER", f"{clip.name} is not on {place.player}, which plays on {place.name}", on.offset if on else 0,
                "it is on " + ", ".join(clip.players) + ": choose another, or add the player in media.yaml",
            )  # fmt: skip
        device = draft.devices.get(place.player)
        if device is None and place.player in draft.lost:
            raise _Said
        if device is None or "play" not in device.kind.verbs:
            raise Wrong(
                "UNKNOWN_DEVICE", f"{place.name} has no player", on.offset if on else 0, "see venue.yaml and devices.yaml"
            )
        return device

    def name_thing(self, word: Word, text: Text, what: str) -> str:
        """Takes note of a name given with ``as``."""
        if not self.draft.good_name(text.part(word.offset, word.offset + len(word.text))):
            return word.text
        self.draft.things.setdefault(word.text, what)
        return word.text


def through_bus(device: Device, word: Word) -> None:
    """Wrong where the player has no such bus: the buses of a player are named in its options."""
    buses = str(device.options.get("buses", "")).split()
    if word.text not in buses:
        hint = did_you_mean(word.text, buses, f"devices.yaml: {device.name}: {{options: {{buses: music voices}}}}")
        raise Wrong("UNKNOWN_THING", f"{device.name} has no bus {word.text}", word.offset, hint)


def argument_value(argument: Argument, words: str) -> Value:
    """``words`` as the argument's type; numbers may carry a unit (seconds, dB, percent, degrees)."""
    match argument.type:
        case ValueType.TEXT:
            return words
        case ValueType.TRUTH:
            if words in _TRUE or words in _FALSE:
                return words in _TRUE
            raise Wrong("BAD_WORD", f"{words} is neither yes nor no", 0, "write yes or no")
        case ValueType.NUMBER:
            return _number(words)


def _number(words: str) -> float:
    if words.lower().endswith("db") or words == "-inf":
        return values.decibel(words)
    for unit in ("%", "deg", "Hz"):
        if words.endswith(unit):
            return float(values.number(words.removesuffix(unit)))
    try:
        return float(values.number(words))
    except Wrong:
        try:
            return values.duration(words) / SECOND
        except Wrong:
            raise Wrong("BAD_NUMBER", f"{words} is not a number", 0, "numbers may be 40, 2.5s, -6dB, 50%") from None


def _length(clip: Clip, given: dict[str, Value]) -> Duration | None:
    if given.get("loop") or clip.length is None:
        return None
    return max(clip.length - seconds(float(given.get("at", 0.0))), 0)
