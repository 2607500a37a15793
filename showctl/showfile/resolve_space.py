"""Renderers of sound objects in devices.yaml, and what cues say of objects: ``spat: move choir to altar over 4s``.

A renderer names its objects (``objects: {choir: 1, voice: 2 at 0/1.6/4}``: the renderer's number, and where a reset takes it)
and, in ``options``, how its own coordinates lie in the venue. Cues speak of points of the venue by name, or in metres.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

from showctl.show.cues import Perform, Value
from showctl.show.devices import Device, Field, Verb
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND, Duration, seconds, seconds_of
from showctl.show.places import Place
from showctl.show.space import (
    FARTHEST,
    MOST_OBJECTS,
    MOST_POINTS,
    Circle,
    Line,
    LineFromHere,
    SoundObject,
    Space,
    Vector,
    Way,
    way_of,
    words_of,
)
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_devices import DeviceModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.words import Phrase, Word, read_at

T = TypeVar("T")

KINDS: Final = ("adm_osc", "ds100", "l_isa")
RETURNS: Final = {"adm_osc": (False, 4002), "ds100": (True, 50011), "l_isa": (False, 0)}
"""Whether such a renderer answers questions, and to which of our ports."""
OPTIONS: Final = {
    "adm_osc": ("origin", "facing", "reach", "send", "rate", "answers"),
    "ds100": ("area", "mapping", "rate", "answers"),
    "l_isa": ("origin", "facing", "reach", "span", "rate"),
}
MOST_A_SECOND: Final = 100
_POINT: Final = re.compile(r"([^/]+)/([^/]+)/([^/]+)")
_OBJECT: Final = re.compile(r"(\d+)(?:\s+at\s+(\S+))?")
_EASES: Final = ("linear", "s", "in", "out", "in-out")
_HOW: Final = ("over", "at", "ease", "loop", "mirror")
_ROUND: Final = ("from", "left", "right")
_LONGEST: Final = {
    "move": "move: over 4s, at 1.2m/s, ease s, loop, mirror",
    "circle": "circle: over 8s, from 90deg, left, ease s, loop",
    "follow": "follow: above 0.3",
    "place": "place choir at altar",
    "stop": "stop choir",
    "level": "level choir -6dB",
    "spread": "spread choir 40%",
    "freeze": "freeze",
}
"""What each verb takes, or what may follow it, at the most."""


# --- devices.yaml ----------------------------------------------------------------------------------------------------------


def resolve_space(draft: Draft, name: Text, model: DeviceModel, device: Device) -> Device:
    """``device`` with its objects, and a field for each place that it can report. Other kinds of device have none."""
    if device.kind.name not in KINDS:
        if model.objects:
            where = next(iter(model.objects)).place
            hint = "only " + ", ".join(KINDS) + " have objects"
            draft.problems.error("WRONG_KIND", where, f"a {device.kind.name} has no sound objects", hint)
        return device
    if not model.objects:
        hint = "objects: {choir: 1, voice: 2 at 0/1.6/4}"
        draft.problems.error("MISSING_KEY", name.place, f"{name} lacks the key objects", hint)
    objects = [item for word, text in model.objects.items() if (item := _object(draft, word, text)) is not None]
    for item, text in zip(objects, model.objects.values(), strict=False):
        if [other.number for other in objects].count(item.number) > 1:
            draft.problems.error("TWIN_NAME", text.place, f"{item.number} is the number of two objects", "give each its own")
            break
    space = _options(draft, model, device.kind.name, Space(tuple(objects)))
    fields = dict(device.kind.fields)
    if space.returns:
        axes = "xz" if device.kind.name == "ds100" else "xyz"
        names = [f"{item.name}_{axis}" for item in objects for axis in axes]
        fields |= {word: Field(word, ValueType.NUMBER, 0.0) for word in names}
    return replace(device, kind=replace(device.kind, fields=fields), space=space)


def _object(draft: Draft, name: Text, text: Text) -> SoundObject | None:
    match = _OBJECT.fullmatch(text.strip())
    if not draft.good_name(name):
        return None
    if match is None or not 1 <= int(match[1]) <= MOST_OBJECTS:
        hint = f"the renderer's number, 1 to {MOST_OBJECTS}, and where it is at home: 2 at 0/1.6/4"
        draft.problems.error("BAD_NUMBER", text.place, f"{text or 'nothing'} is no object", hint)
        return None
    home = draft.read(_metres, text.part(match.start(2), match.end(2)), None) if match[2] else None
    return SoundObject(str(name), int(match[1]), home)


def _options(draft: Draft, model: DeviceModel, kind: str, space: Space) -> Space:
    known = OPTIONS[kind]
    for word in model.options:
        if word not in (*known, "interface"):
            hint = did_you_mean(word, known, "it has " + ", ".join(known))
            draft.problems.error("UNKNOWN_KEY", word.place, f"{kind} has no option {word}", hint)

    def read(word: str, reader: Callable[[str], T], default: T) -> T:
        return draft.read(reader, next((text for key, text in model.options.items() if key == word), None), default)

    answers, port = RETURNS[kind]
    area = read("area", _area, space.area)
    rate = read("rate", lambda text: values.whole(text, 1, MOST_A_SECOND, "words a second about one object"), 30)
    return replace(
        space,
        origin=read("origin", _metres, space.origin),
        facing=read("facing", _degrees, space.facing),
        reach=read("reach", _reach, space.reach),
        area=area,
        mapping=read("mapping", lambda text: values.whole(text, 1, 4, "a mapping of the DS100"), space.mapping),
        form=read("send", _form, space.form),
        span=read("span", _degrees, space.span) or space.span,
        gap=SECOND // rate,
        returns=port if read("answers", values.truth, answers) else 0,
    )


def _metres(text: str) -> Vector:
    match = _POINT.fullmatch(text.strip())
    if match is None:
        raise Wrong("BAD_NUMBER", f"{text or 'nothing'} is no place", 0, "x/y/z in metres: 0/1.6/4")
    x, y, z = (float(values.number(part)) for part in match.groups())
    if not all(abs(part) <= FARTHEST for part in (x, y, z)):
        raise Wrong("OUT_OF_RANGE", "this is more than a kilometre away", 0, "metres are meant")
    return x, y, z


def _reach(text: str) -> Vector:
    found = _metres(text) if "/" in text else (float(values.number(text)),) * 3
    if not all(0 < part <= FARTHEST for part in found):
        raise Wrong(
            "OUT_OF_RANGE", f"{text} reaches nowhere", 0, "metres from its middle to its edge: 8, or right/front/up: 6/8/3"
        )
    return found[0], found[1], found[2]


def _area(text: str) -> tuple[float, float, float, float]:
    parts = text.split("/")
    if len(parts) != 4:
        raise Wrong("BAD_NUMBER", f"{text} is no area", 0, "x/z of its corner 0/0, then of its corner 1/1: -5/0/5/10")
    left, near, right, far = (float(values.number(part)) for part in parts)
    if left == right or near == far:
        raise Wrong("OUT_OF_RANGE", f"{text} is no area: its corners lie in one line", 0, "-5/0/5/10")
    return left, near, right, far


def _degrees(text: str) -> float:
    number = float(values.number(text.removesuffix("deg")))
    if not abs(number) <= 360:
        raise Wrong("OUT_OF_RANGE", f"{text} is more than a turn", 0, "-360 to 360 degrees")
    return number


def _form(text: str) -> str:
    if text not in ("xyz", "aed"):
        raise Wrong("BAD_WORD", f"{text} is no form of a place", 0, "xyz or aed")
    return text


# --- what cues say -----------------------------------------------------------------------------------------------------------


@dataclass
class _Said:
    """What stands behind a verb, so far."""

    given: dict[str, Value]
    length: Duration | None = 0
    over: Duration = 0
    pace: float = 0.0
    points: list[Vector] = field(default_factory=list)


class SpaceWords:
    """Reads ``move choir to altar over 4s`` and its kin."""

    def __init__(self, draft: Draft, perform: Callable[..., Perform]) -> None:
        self.draft, self._perform = draft, perform

    def words(self, device: Device, text: Text) -> Perform | None:
        """One thing that is asked of an object, or of all."""
        try:
            values.nothing(text, "what an object is to do")
            return self._read(device, Phrase(text), text.place)
        except Wrong as wrong:
            self.draft.wrong(wrong, text)
            return None

    def _read(self, device: Device, phrase: Phrase, place: Place) -> Perform:
        word = phrase.next("a verb")
        said = _Said({})
        match word.text:
            case "place" | "move" | "circle" | "follow" | "stop" | "level" | "spread":
                said.given["object"] = self._object(device, phrase.next("an object"))
            case _:
                pass
        match word.text:
            case "place":
                self._expect(phrase, "at")
                said.given["way"] = words_of(Line((self._where(phrase.next("a place")),)))
            case "move":
                self._move(phrase, said)
            case "circle":
                self._circle(phrase, said)
            case "follow":
                self._follow(phrase, said)
            case "level":
                said.given["level"] = read_at(values.decibel, phrase.next("a level"))
            case "spread":
                said.given["amount"] = read_at(_percent, phrase.next("percent"))
            case "stop" | "freeze":
                pass
            case _:
                known = ("place", "move", "circle", "follow", "stop", "level", "spread", "freeze")
                raise Wrong("UNKNOWN_VERB", f"objects cannot {word.text}", word.offset, did_you_mean(word.text, known))
        if (left := phrase.peek()) is not None:
            raise Wrong("BAD_WORD", f"{left.text} is one word too many", left.offset, _LONGEST[word.text])
        verb = self._verb(device, {"place": "move", "circle": "move"}.get(word.text, word.text), word)
        return self._perform(device, verb, said.given, place, None, said.length)

    def _verb(self, device: Device, name: str, word: Word) -> Verb:
        verb = device.kind.verbs.get(name)
        if verb is None:
            raise Wrong("UNKNOWN_VERB", f"a {device.kind.name} has no {word.text}", word.offset, "its player sets it, perhaps")
        return verb

    def _object(self, device: Device, word: Word) -> str:
        names = [item.name for item in (device.space or Space()).objects]
        if word.text not in names:
            hint = did_you_mean(word.text, names, f"its objects are {', '.join(names) or 'none'}")
            raise Wrong("UNKNOWN_THING", f"{device.name} has no object {word.text}", word.offset, hint)
        return word.text

    def _where(self, word: Word) -> Vector:
        known = self.draft.targets.get(word.text)
        if known is not None and known.tracker:
            hint = f"follow goes with {word.text}"
            raise Wrong("UNKNOWN_TARGET", f"{word.text} is somebody who walks, and no place", word.offset, hint)
        if known is not None:
            return known.point.x, known.point.y, known.point.z
        if "/" in word.text:
            return read_at(_metres, word)
        hint = did_you_mean(word.text, self.draft.targets, "venue.yaml: points: {altar: [0, 1.5, 8]}; or x/y/z in metres")
        raise Wrong("UNKNOWN_TARGET", f"there is no point called {word.text}", word.offset, hint)

    def _expect(self, phrase: Phrase, keyword: str) -> None:
        word = phrase.next(keyword)
        if word.text != keyword:
            raise Wrong("BAD_WORD", f"{word.text} stands where {keyword} should", word.offset, f"write {keyword} there")

    def _move(self, phrase: Phrase, said: _Said) -> None:
        how = phrase.next("to, or along")
        if how.text not in ("to", "along"):
            hint = "move choir to altar over 4s, move choir along gate, altar over 9s"
            raise Wrong("BAD_WORD", f"{how.text} stands where to or along should", how.offset, hint)
        if how.text == "to":
            way: Way = LineFromHere((self._where(phrase.next("a place")),))
        else:
            points = [self._where(phrase.next("a place"))]
            while (word := phrase.peek()) is not None and word.text not in _HOW:
                points.append(self._where(phrase.next("a place")))
            if len(points) > MOST_POINTS:
                raise Wrong("BAD_NUMBER", f"a way of {len(points)} points", how.offset, f"{MOST_POINTS} are the most")
            way = Line(tuple(points))
        self._how(phrase, said, way, how)

    def _circle(self, phrase: Phrase, said: _Said) -> None:
        how = phrase.next("around")
        if how.text != "around":
            raise Wrong(
                "BAD_WORD", f"{how.text} stands where around should", how.offset, "circle choir around altar radius 3 over 8s"
            )
        centre = self._where(phrase.next("a place"))
        self._expect(phrase, "radius")
        radius = read_at(_positive, phrase.next("metres"))
        self._how(phrase, said, Circle(centre, radius), how)

    def _how(self, phrase: Phrase, said: _Said, way: Way, at: Word) -> None:
        """How long it takes, how evenly, how often, and (of a circle) from where and which way round; in any order."""
        loop, ease = "no", "linear"
        words = (*_HOW, *_ROUND) if isinstance(way, Circle) else _HOW
        while (word := phrase.peek()) is not None and word.text in words:
            phrase.next("")
            match word.text:
                case "over":
                    said.over = read_at(values.time_of, phrase.next("a time"))
                case "at":
                    said.over = self._at_pace(way, read_at(_pace, phrase.next("metres a second")), word)
                case "ease":
                    ease = self._ease(phrase.next("a curve"))
                case "from" if isinstance(way, Circle):
                    way = replace(way, start=read_at(_degrees, phrase.next("degrees")))
                case "left" | "right" if isinstance(way, Circle):
                    way = replace(way, left=word.text == "left")
                case _:
                    loop = word.text
        if loop != "no" and (isinstance(way, LineFromHere) or not said.over):
            hint = "move along A, B over 6s mirror"
            raise Wrong("BAD_WORD", "this cannot be gone over and over", at.offset, hint)
        text = words_of(way)
        said.given |= {"way": text, "over": seconds_of(said.over), "ease": ease, "loop": loop}
        said.length = said.over if loop == "no" else None
        way_of(text)

    def _at_pace(self, way: Way, pace: float, word: Word) -> Duration:
        metres = way.metres()
        if metres is None:
            hint = "say how long it takes, over 4s, or where it begins: move along A, B"
            raise Wrong("BAD_TIME", "nobody knows how far it is from where it will be", word.offset, hint)
        return seconds(metres / pace)

    def _ease(self, word: Word) -> str:
        if word.text not in _EASES:
            raise Wrong("UNKNOWN_CURVE", f"there is no way to go {word.text}", word.offset, did_you_mean(word.text, _EASES))
        return word.text

    def _follow(self, phrase: Phrase, said: _Said) -> None:
        word = phrase.next("somebody")
        known = self.draft.targets.get(word.text)
        if known is None or not known.tracker:
            people = [name for name, item in self.draft.targets.items() if item.tracker]
            hint = did_you_mean(word.text, people, "venue.yaml: tracked: {dancer: {tracker: ..., name: ...}}")
            raise Wrong("UNKNOWN_TARGET", f"nobody who is tracked is called {word.text}", word.offset, hint)
        said.given["who"] = known.name
        if phrase.take("above"):
            said.given["y"] = read_at(lambda text: float(values.number(text)), phrase.next("metres"))


def _positive(text: str) -> float:
    number = float(values.number(text.removesuffix("m")))
    if not 0 < number <= FARTHEST:
        raise Wrong("OUT_OF_RANGE", f"{text} is no radius", 0, "metres, more than 0")
    return number


def _pace(text: str) -> float:
    number = float(values.number(text.removesuffix("m/s")))
    if not 0 < number <= FARTHEST:
        raise Wrong("OUT_OF_RANGE", f"{text} is no speed", 0, "metres a second: 1.2m/s")
    return number


def _percent(text: str) -> float:
    number = float(values.number(text.removesuffix("%")))
    if not 0 <= number <= 100:
        raise Wrong("OUT_OF_RANGE", f"{text} is not 0 to 100", 0, "percent of the widest")
    return number
