"""Light values: ``70 ember focus hearth`` on a selection, as moves in parameter numbers and levels.

Words of a level come in any order. What the same words mean on the same selection is worked out once and shared: the
moves of a thousand cues that say ``pars: full`` hold one tuple of parameters. Times are put on afterwards, by family
(``Times``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, Protocol

from showctl.show.cues import LightMove, MoveKind
from showctl.show.fixtures import EMITTERS, FILTERS, Family
from showctl.show.levels import Level
from showctl.show.patch import Parameter
from showctl.showfile import values
from showctl.showfile.aims import aimed
from showctl.showfile.channels import level_of
from showctl.showfile.colors import NAMED, Color, from_hex, from_kelvin, from_percents
from showctl.showfile.draft import Draft
from showctl.showfile.emitter_mix import mix_of
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.selections import Heads, Selections
from showctl.showfile.values import UpDown
from showctl.showfile.words import Phrase, Word, read_at

_COLORS: Final = (*EMITTERS, *FILTERS)
_FAMILIES: Final = (Family.INTENSITY, Family.COLOR, Family.FOCUS, Family.BEAM)
WORDS: Final = ("full", "out", "home", "release", "block", "assert", "focus", "beam", "aim", "hex", "rgb")


@dataclass(frozen=True, eq=False)
class Times:
    """How long each family takes in a cue. Compared by identity: the same words give the same object."""

    families: tuple[UpDown, UpDown, UpDown, UpDown] = (UpDown(0, 0),) * 4
    curve: str = "linear"

    def of(self, family: Family) -> UpDown:
        return self.families[_FAMILIES.index(family)]


@dataclass(frozen=True, slots=True)
class Part:
    """What a value says about one family of parameters of its selection."""

    family: Family
    parameters: tuple[int, ...]
    levels: tuple[Level, ...]
    kind: MoveKind = MoveKind.SET
    block: bool = False
    assert_: bool = False
    follow: int = 0


class Tracked(Protocol):
    """Who knows the levels so far in a list."""

    def levels(self) -> dict[int, Level]: ...


@dataclass
class _Said:
    """A value as read: levels by parameter, and the words that stand for all of them."""

    levels: dict[int, Level] = field(default_factory=dict)
    release: bool = False
    block: bool = False
    assert_: bool = False
    follow: dict[int, tuple[int, Level]] = field(default_factory=dict)
    """Parameter -> whom it follows, and the level that stands for that."""
    tracked: bool = False
    """Only ``block`` or ``assert`` was said: the levels that are there."""
    needed: dict[int, tuple[Parameter, Level]] = field(default_factory=dict)
    """What stands elsewhere so that a level means what its name says; a level that is said wins over it."""


class LightReader:
    """Reads light values, with everything that can be shared kept by wording."""

    def __init__(self, draft: Draft, selections: Selections) -> None:
        self.draft, self.selections = draft, selections
        self._parts: dict[tuple[str, str], tuple[Part, ...] | None] = {}
        self._moves: dict[tuple[str, str, Times], tuple[LightMove, ...]] = {}
        self._of: dict[Heads, tuple[Parameter, ...]] = {}
        self._tuples: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._colors: dict[str, Color] = {}

    def moves(self, light: dict[Text, Text] | None, times: Times, tracked: Tracked | None = None) -> tuple[LightMove, ...]:
        """The moves of ``light``. ``tracked`` has the levels so far in the list, for a bare ``block`` or ``assert``."""
        if not light:
            return ()
        made: list[LightMove] = []
        for who, value in light.items():
            if self.draft.noted is not None:
                self.draft.noted.selection(who)
            key = (who, value, times)
            known = self._moves.get(key)
            if known is None:
                parts = self.parts(who, value, tracked)
                known = tuple(_timed(part, times) for part in parts)
                if not any(word in value for word in ("block", "assert")):
                    self._moves[str(who), str(value), times] = known
            made += known
        return tuple(made)

    def parts(self, who: Text, value: Text, tracked: Tracked | None = None) -> tuple[Part, ...]:
        """What ``value`` says about ``who``, family by family."""
        key = (who, value)
        if key in self._parts:
            return self._parts[key] or ()
        heads, parameter = self._who(who)
        if not heads:
            return ()
        try:
            said = self._read(heads, parameter, value)
        except Wrong as wrong:
            if wrong.code == "NO_COLOR":
                self.draft.problems.warning(wrong.code, value.at(wrong.offset), wrong.message, wrong.hint)
            else:
                self.draft.wrong(wrong, value)
            return ()
        if said.tracked:
            known = tracked.levels() if tracked is not None else {}
            said.levels = {item.index: known[item.index] for item in self.parameters(heads) if item.index in known}
        parts = self._split(heads, parameter, said)
        if not said.tracked:
            self._parts[str(who), str(value)] = parts
        return parts

    def _who(self, who: Text) -> tuple[Heads, str]:
        name, dot, parameter = who.partition(".")
        heads = self.selections.heads(who if not dot else who.part(0, len(name)))
        if dot and heads and not any(item.name == parameter for item in self.parameters(heads)):
            self._no_parameter(heads, parameter, who, len(name) + 1)
            return (), ""
        return heads, parameter

    def _no_parameter(self, heads: Heads, parameter: str, text: Text, offset: int) -> None:
        names = dict.fromkeys(item.name for item in self.parameters(heads))
        self.draft.problems.error(
            "UNKNOWN_PARAMETER", text.at(offset), f"nothing here has the parameter {parameter}", did_you_mean(parameter, names)
        )

    def parameters(self, heads: Heads) -> tuple[Parameter, ...]:
        """Every parameter of a selection: a whole fixture's with its cells'."""
        known = self._of.get(heads)
        if known is None:
            patch = self.draft.patch
            known = self._of[heads] = tuple(
                item for head in heads for item in patch.parameters_of[head.fixture] if head.cell in (-1, item.cell)
            )
        return known

    # --- reading ---------------------------------------------------------------------------------------------------

    def _read(self, heads: Heads, parameter: str, value: Text) -> _Said:
        said = _Said()
        phrase = Phrase(value)
        if not phrase:
            values.nothing(value, "a level")
        parameters = self.parameters(heads)
        if parameter:
            parameters = tuple(item for item in parameters if item.name == parameter)
        spoken = False
        while phrase:
            word = phrase.next("a level")
            spoken |= word.text not in ("block", "assert")
            match word.text:
                case "release":
                    said.release = True
                case "block":
                    said.block = True
                case "assert":
                    said.assert_ = True
                case "home":
                    said.levels |= {item.index: item.channel.default for item in parameters}
                case _ if parameter:
                    self._levels(parameters, word, said)
                case _:
                    self._word(word, phrase, heads, parameters, said)
        said.tracked = not spoken
        said.levels = {index: level for index, (_, level) in said.needed.items()} | said.levels
        return said

    def _word(self, word: Word, phrase: Phrase, heads: Heads, parameters: tuple[Parameter, ...], said: _Said) -> None:
        levels = said.levels
        palettes = self.draft.palettes
        if word.text in ("full", "out") or word.text[0] in "0123456789.+-":
            if not word.text.endswith("K"):
                self._intensity(word, parameters, levels)
                return
        if word.text == "focus":
            self._focus(phrase.next("a focus palette's name"), heads, levels)
        elif word.text == "aim":
            found = aimed(self.draft, phrase.next("a point, or who is tracked"), parameters)
            levels |= found.levels
            said.follow = {index: (number, levels[index]) for index, number in found.follow.items()}
        elif word.text == "beam":
            self._beam(phrase.next("a beam palette's name"), parameters, said)
        elif word.text in palettes.intensity and word.text not in palettes.color:
            self._intensity(Word(str(palettes.intensity[word.text]), word.offset), parameters, levels)
        elif (color := self.color(word, phrase)) is not None:
            self._color(color, parameters, levels, word)
        elif any(item.name == word.text for item in parameters):
            self._parameter(word.text, phrase.next(f"a level for {word.text}"), parameters, said)
        else:
            names = dict.fromkeys(item.name for item in parameters)
            known = (*palettes.color, *NAMED, *palettes.intensity, *WORDS, *names)
            hint = did_you_mean(
                word.text, known, "values are a level (70, full, out), a colour, focus NAME, beam NAME, PARAMETER VALUE"
            )
            raise Wrong("UNKNOWN_COLOR", f"{word.text} is no colour, palette or parameter here", word.offset, hint)

    def _intensity(self, word: Word, parameters: tuple[Parameter, ...], levels: dict[int, Level]) -> None:
        level = read_at(values.percent, word)
        found = [item.index for item in parameters if item.family is Family.INTENSITY]
        if not found:
            names = dict.fromkeys(item.name for item in parameters)
            raise Wrong("NO_PARAMETER", "nothing here has an intensity", word.offset, "name a parameter: " + ", ".join(names))
        levels |= dict.fromkeys(found, level)

    def _parameter(self, name: str, word: Word, parameters: tuple[Parameter, ...], said: _Said) -> None:
        found = [item for item in parameters if item.name == name]
        if word.text == "home" and not word.quoted:
            said.levels |= {item.index: item.channel.default for item in found}
        else:
            self._levels(found, word, said)

    def _levels(self, found: Iterable[Parameter], word: Word, said: _Said) -> None:
        for item in found:
            said.levels[item.index] = _level(item, word)
            self._need(item, word.text, said)

    def _need(self, item: Parameter, name: str, said: _Said) -> None:
        """What else must stand where for ``name`` to mean what it says."""
        for other, level in next((needs for known, needs in item.channel.needs if known == name.strip()), ()):
            for own in self.draft.patch.parameters_of[item.fixture]:
                if own.name == other and own.cell in (-1, item.cell):
                    said.needed[own.index] = own, level

    def _focus(self, word: Word, heads: Heads, levels: dict[int, Level]) -> None:
        palette = self.draft.palettes.focus.get(word.text)
        if palette is None:
            hint = did_you_mean(word.text, self.draft.palettes.focus, "focus palettes stand in palettes.yaml")
            raise Wrong("UNKNOWN_PALETTE", f"there is no focus palette {word.text}", word.offset, hint)
        found = False
        for item in self.parameters(heads):
            for name, level in palette.get(item.fixture, ()):
                if name == item.name:
                    levels[item.index], found = level, True
        if not found:
            raise Wrong(
                "NOT_IN_PALETTE", f"the palette {word.text} says nothing about these fixtures", word.offset, "add them to it"
            )

    def _beam(self, word: Word, parameters: tuple[Parameter, ...], said: _Said) -> None:
        palette = self.draft.palettes.beam.get(word.text)
        if palette is None:
            hint = did_you_mean(word.text, self.draft.palettes.beam, "beam palettes stand in palettes.yaml")
            raise Wrong("UNKNOWN_PALETTE", f"there is no beam palette {word.text}", word.offset, hint)
        found = False
        for item in parameters:
            if (text := palette.get(item.name)) is not None:  # type: ignore[call-overload]
                found = True
                try:
                    said.levels[item.index] = level_of(item.channel, text)
                    self._need(item, text, said)
                except Wrong as wrong:
                    self.draft.wrong(wrong, text)
        if not found:
            raise Wrong("NOT_IN_PALETTE", f"nothing here has a parameter of the palette {word.text}", word.offset, "")

    # --- colour ----------------------------------------------------------------------------------------------------

    def color(self, word: Word, phrase: Phrase) -> Color | None:
        """The colour that ``word`` (and for ``hex`` and ``rgb`` the words after it) means; None where it is none."""
        if word.quoted:
            return None
        if word.text == "hex":
            return read_at(from_hex, phrase.next("six hex digits"))
        if word.text == "rgb":
            parts = [read_at(_percent_part, phrase.next("red, green and blue in percent")) for _ in range(3)]
            return from_percents(parts)
        if word.text in self.draft.palettes.color:
            return self.palette_color(word.text)
        if word.text in NAMED:
            return from_hex(NAMED[word.text])
        return read_at(from_kelvin, word)

    def palette_color(self, name: str) -> Color | None:
        """A colour of palettes.yaml, read once; a problem there is said once."""
        if name not in self._colors:
            self._colors[name] = Color(0, 0, 0)
            text = self.draft.palettes.color[name]
            try:
                values.nothing(text, "a colour")
                phrase = Phrase(text)
                word = phrase.next("a colour")
                color = self.color(word, phrase)
                if color is None:
                    known = (*self.draft.palettes.color, *NAMED)
                    hint = did_you_mean(word.text, known, "hex ff6600, rgb 100 40 0, 3200K, or a name")
                    raise Wrong("UNKNOWN_COLOR", f"there is no colour {word.text}", word.offset, hint)
                if phrase:
                    raise Wrong("BAD_COLOR", "there is a word too many here", phrase.next("").offset, "hex ff6600")
                self._colors[name] = color
            except Wrong as wrong:
                self.draft.wrong(wrong, text)
        return self._colors[name]

    def _color(self, color: Color, parameters: tuple[Parameter, ...], levels: dict[int, Level], word: Word) -> None:
        by_cell: dict[tuple[int, int], list[Parameter]] = {}
        for item in parameters:
            if item.name in _COLORS:
                by_cell.setdefault((item.fixture, item.cell), []).append(item)
        mixes: dict[tuple[str, frozenset[str]], dict[str, Level]] = {}
        for (fixture, _), items in by_cell.items():
            present = frozenset(item.name for item in items)
            key = (self.draft.patch.fixtures[fixture].type, present)
            mix = mixes.get(key)
            if mix is None:
                kind = self.draft.types.get(key[0])
                mix = mixes[key] = mix_of(color, present, () if kind is None else kind.emitters)
            levels |= {item.index: mix[item.name] for item in items if item.name in mix}
        if not by_cell and not levels:
            raise Wrong(
                "NO_COLOR", f"nothing here has a colour to make {word.text}", word.offset, "say a level, or take the colour out"
            )

    # --- making ----------------------------------------------------------------------------------------------------

    def _split(self, heads: Heads, parameter: str, said: _Said) -> tuple[Part, ...]:
        made: list[Part] = []
        all_of = (*self.parameters(heads), *(item for item, _ in said.needed.values()))
        for family in _FAMILIES:
            if said.release:
                found = [item.index for item in all_of if item.family is family and parameter in ("", item.name)]
            else:
                found = [item.index for item in all_of if item.family is family and item.index in said.levels]
            if not found:
                continue
            numbers = tuple(dict.fromkeys(found))
            numbers = self._tuples.setdefault(numbers, numbers)
            if family is Family.FOCUS and said.follow and not said.release:
                made += _followed(numbers, said)
            elif said.release:
                made.append(Part(family, numbers, (), MoveKind.RELEASE, said.block, said.assert_))
            else:
                levels = tuple(said.levels[index] for index in numbers)
                levels = self._tuples.setdefault(levels, levels)
                made.append(Part(family, numbers, levels, MoveKind.SET, said.block, said.assert_))
        return tuple(made)


def _followed(numbers: tuple[int, ...], said: _Said) -> Iterator[Part]:
    """What follows somebody, and what does not: a word after ``aim`` may have given a pan or tilt a level of its own."""
    by_whom: dict[int, list[int]] = {}
    for index in numbers:
        number, level = said.follow.get(index, (0, 0))
        by_whom.setdefault(number if said.levels[index] == level else 0, []).append(index)
    for number, own in by_whom.items():
        levels = tuple(said.levels[index] for index in own)
        yield Part(Family.FOCUS, tuple(own), levels, MoveKind.SET, said.block, said.assert_, number)


def _timed(part: Part, times: Times) -> LightMove:
    time = times.of(part.family)
    return LightMove(
        part.parameters,
        part.levels,
        time.up,
        time.down,
        time.delay,
        times.curve,
        part.kind,
        part.block,
        part.assert_,
        part.follow,
    )


def _level(item: Parameter, word: Word) -> Level:
    return read_at(lambda text: level_of(item.channel, text), word)


def _percent_part(text: str) -> Fraction:
    values.percent(text)
    return values.number(text.removesuffix("%")) if text not in ("full", "out") else Fraction(100 if text == "full" else 0)
