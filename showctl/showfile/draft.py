"""The show in the making: what the parts of the folder have become so far, and the names that are taken.

The ``resolve_*`` modules fill it one after the other, in the order in which they need each other; ``load`` turns it
into a ``Show``.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from showctl.show.cues import CueList, LightMove, Perform, Value
from showctl.show.devices import Device
from showctl.show.expressions import Expression, ExpressionError, ValueType, parse
from showctl.show.fixtures import FixtureType
from showctl.show.hazards import Interlock
from showctl.show.house import HouseRules, Variant
from showctl.show.instants import SECOND, Duration
from showctl.show.levels import Level
from showctl.show.patch import Head, Patch, make_patch
from showctl.show.pixels import Source
from showctl.show.rehearsals import Rehearsal
from showctl.show.schedule import Appointment
from showctl.show.show import InboundRule, Submaster, TimecodeInput
from showctl.show.targets import Target
from showctl.show.tempo import TempoMap
from showctl.show.triggers import Clip, Input, Speaker, Surface, Trigger, Variable, Zone
from showctl.showfile import values
from showctl.showfile.folder import Folder
from showctl.showfile.noted import Noted
from showctl.showfile.problems import Code, Problems, Wrong, did_you_mean
from showctl.showfile.reader import Mapping, Node, Text
from showctl.showfile.structure import fit

T = TypeVar("T")
D = TypeVar("D")

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOLLOWS: Final[dict[str, set[str]]] = {
    "venue": {"UNKNOWN_TARGET", "UNKNOWN_ZONE", "UNKNOWN_SPEAKER", "UNKNOWN_SURFACE", "NO_SPEAKER"},
    "patch": {"UNKNOWN_FIXTURE", "UNKNOWN_WALL", "UNKNOWN_PARAMETER", "NOTHING_SELECTED", "NO_PARAMETER"},
    "groups": {"UNKNOWN_FIXTURE", "NOTHING_SELECTED"},
    "palettes": {"UNKNOWN_COLOR", "UNKNOWN_PALETTE", "UNKNOWN_LOOK"},
    "devices": {"UNKNOWN_DEVICE", "UNKNOWN_VERB"},
    "media": {"UNKNOWN_MEDIA", "UNKNOWN_THING"},
    "masters": {"UNKNOWN_MASTER"},
    "templates": {"UNKNOWN_TEMPLATE"},
    "house_rules": set(),
    "lists": {"UNKNOWN_LIST", "UNKNOWN_CUE", "UNKNOWN_THING", "NO_LIST"},
    "triggers": {"UNKNOWN_VARIABLE", "UNKNOWN_TIMECODE"},
    "schedule": set(),
    "hazards": {"HAZARD_NO_PERMIT"},
}
"""What else would be said because a part of the show could not be read."""
_EXPRESSIONS: Final = 'names, numbers, "text", and, or, not, comparisons and + - * / %'
RESERVED: Final = frozenset(
    (
        "thru",
        "odd",
        "even",
        "every",
        "mirror",
        "reverse",
        "cells",
        "all",
        "none",
        "home",
        "out",
        "full",
        "release",
        "block",
        "assert",
    )
)


@dataclass
class Palettes:
    """What cues refer to by name, as written; each use resolves it against the fixtures it is used on."""

    color: dict[str, Text] = field(default_factory=dict)
    intensity: dict[str, Text] = field(default_factory=dict)
    focus: dict[str, dict[int, tuple[tuple[str, int], ...]]] = field(default_factory=dict)
    """Name -> fixture -> (parameter name, level)."""
    beam: dict[str, dict[Text, Text]] = field(default_factory=dict)
    looks: dict[str, dict[Text, Text]] = field(default_factory=dict)


@dataclass
class Draft:
    """Everything found so far. ``nodes`` are the folder's sections as read."""

    folder: Folder
    problems: Problems
    noted: Noted | None = None
    """Where names are taken note of as they are read, for those who rewrite them."""
    names_unsure: bool = False
    """Whether names of expressions may be missing because the file that declares them could not be read."""
    nodes: dict[str, Node | None] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    """Names that are declared, but wrongly: that is said once, and not again wherever they are used."""
    taken: dict[str, tuple[str, Text]] = field(default_factory=dict)
    types: dict[str, FixtureType] = field(default_factory=dict)
    patch: Patch = field(default_factory=lambda: make_patch((), (), ()))
    sources: dict[int, Source] = field(default_factory=dict)
    """What cues play on walls of pixels, by key; it joins the patch at the end."""
    groups: dict[str, tuple[Head, ...]] = field(default_factory=dict)
    palettes: Palettes = field(default_factory=Palettes)
    devices: dict[str, Device] = field(default_factory=dict)
    voices: list[tuple[Text, str]] = field(default_factory=list)
    """Who is to speak the lines of whom."""
    zone_words: list[Text] = field(default_factory=list)
    """Where fixtures name a zone: checked when the zones are known."""
    zones: dict[str, Zone] = field(default_factory=dict)
    surfaces: dict[str, Surface] = field(default_factory=dict)
    speakers: dict[str, Speaker] = field(default_factory=dict)
    clips: dict[str, Clip] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    submasters: dict[str, Submaster] = field(default_factory=dict)
    timecodes: dict[str, TimecodeInput] = field(default_factory=dict)
    inputs: dict[str, Input] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    inbound: tuple[InboundRule, ...] = ()
    hazards: dict[str, Interlock] = field(default_factory=dict)
    schedule: list[Appointment] = field(default_factory=list)
    templates: dict[str, tuple[dict[str, str], Mapping]] = field(default_factory=dict)
    lists: dict[str, CueList] = field(default_factory=dict)
    house: HouseRules = field(default_factory=HouseRules)
    floors: dict[int, Level] = field(default_factory=dict)
    """Parameter -> the level that no cue and no master goes under."""
    variants: dict[str, Variant] = field(default_factory=dict)
    rehearsals: tuple[Rehearsal, ...] = ()
    labels: dict[str, dict[str, Text]] = field(default_factory=dict)
    """List -> label of each of its cues -> where it stands; known before any cue is resolved."""
    list_files: dict[str, str] = field(default_factory=dict)
    numbers: dict[int, dict[tuple[int, str], Text]] = field(default_factory=dict)
    """For twins: list -> a label read as a decimal -> the first that reads so."""
    main_list: str = ""
    exit_look: tuple[LightMove, ...] = ()
    reset_actions: tuple[Perform, ...] = ()
    panic_time: Duration = 2 * SECOND
    tempo: TempoMap | None = None
    """Of the list that is being read: what bars and beats of its timelines are counted by."""
    code_of: dict[str, Text] = field(default_factory=dict)
    """Outputs of timecode -> whose time they tell, as written; a list or cue, which are known later."""
    things: dict[str, str] = field(default_factory=dict)
    """Names given with ``as`` -> what they are: sound, picture, effect or device."""
    types_of_names: dict[str, ValueType] = field(default_factory=dict)

    def section(self, name: str, shape: Any) -> Any | None:
        """The part ``name`` of the show as ``shape``; what follows from its not being readable is not said again."""
        found = fit(shape, self.nodes.get(name), self.problems)
        if found is None and name in self.nodes:
            self.unsure(name)
        return found

    def unsure(self, name: str) -> None:
        """A whole part of the show could not be read."""
        self.problems.muted |= _FOLLOWS[name]
        self.names_unsure |= name in ("devices", "lists", "triggers")

    def read(self, reader: Callable[[str], T], text: Text | None, default: D) -> T | D:
        """``text`` as ``reader`` reads it; ``default`` where it is left out, and, with a problem, where it is wrong."""
        if text is None:
            return default
        try:
            return reader(text)
        except Wrong as wrong:
            self.wrong(wrong, text)
            return default

    def value(self, text: Text | None, kind: ValueType) -> Value:
        """``text`` as a value of ``kind``; its zero where it is left out or wrong."""
        match kind:
            case ValueType.NUMBER:
                return float(self.read(values.number, text, 0))
            case ValueType.TRUTH:
                return self.read(values.truth, text, False)
            case ValueType.TEXT:
                return str(text or "")

    def wrong(self, wrong: Wrong, text: Text) -> None:
        """Says what is wrong with ``text``, at its character."""
        self.problems.error(wrong.code, text.at(wrong.offset), wrong.message, wrong.hint)

    def choice(self, text: Text | None, known: Iterable[str], default: str, what: str) -> str:
        """``text`` where it is one of ``known`` words."""
        if text is None:
            return default
        words = tuple(known)
        if text not in words:
            self.problems.error("BAD_WORD", text.place, f"{text or 'nothing'} is not {what}", did_you_mean(text, words))
            return default
        return str(text)

    def find(self, text: Text, known: dict[str, T], code: Code, what: str) -> T | None:
        """What ``text`` names."""
        found = known.get(text)
        if found is None and text not in self.lost:
            self.problems.error(code, text.place, f"there is no {what} {text or '(empty)'}", did_you_mean(text, known))
        return found

    def claim(self, name: Text, what: str) -> bool:
        """Takes ``name`` in the namespace that fixtures, groups, devices, lists and inputs share."""
        if not self.good_name(name):
            return False
        if name in self.taken:
            other, first = self.taken[name]
            self.problems.error(
                "TWIN_NAME", name.place, f"{name} is already the name of a {other}", f"that is in {first.place}: rename one"
            )
            return False
        self.taken[name] = (what, name)
        return True

    def good_name(self, name: Text, reserved: Container[str] = RESERVED) -> bool:
        """Whether ``name`` is letters, digits and _, and no word of the language."""
        if _NAME.fullmatch(name) and not keyword.iskeyword(name) and name not in reserved and len(name) <= 60:
            return True
        if name in reserved:
            self.problems.error("BAD_NAME", name.place, f"{name} is a word of the language", "call it something else")
            return False
        self.problems.error(
            "BAD_NAME",
            name.place,
            f"{name or 'nothing'} cannot be a name",
            "names are letters, digits and _, and begin with a letter",
        )
        return False

    def expression(self, text: Text | None, expected: ValueType | None = ValueType.TRUTH, offset: int = 0) -> Expression | None:
        """The expression that ``text`` (from ``offset`` on) writes, against every name of the show."""
        if text is None:
            return None
        words = text[offset:]
        return self.expression_at(words, text, offset, expected)

    def expression_at(self, words: str, text: Text, offset: int, expected: ValueType | None) -> Expression | None:
        """The expression in ``words``, which stand ``offset`` characters into ``text``."""
        if self.noted is not None:
            self.noted.expression(text, offset, words)
        if not words.strip():
            self.problems.error(
                "BAD_EXPRESSION", text.at(offset), "an expression is missing", 'for instance gate.state == "closed"'
            )
            return None
        lead = len(words) - len(words.lstrip())
        try:
            return parse(words, self.types_of_names, expected)
        except ExpressionError as error:
            named = error.message.startswith("nothing here is called ")
            if (named and self.names_unsure) or re.split(
                r"[ .]", error.message.removeprefix("nothing here is called "), maxsplit=1
            )[0] in self.lost:
                return None
            self.problems.error(
                "BAD_EXPRESSION", text.at(offset + lead + error.column), error.message, error.hint or _EXPRESSIONS
            )
            return None
