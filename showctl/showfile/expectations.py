"""One line of ``expect`` or ``never``: what is seen, and when; and how words about a zone become an expression.

``zone: nave, light: < 5 lx, sound: "> 70 dB"`` is ``nave.light < 5 and nave.sound > 70``: a failure says it in those names.
Names are resolved by the rehearsal, which alone knows the venue; only zones and surfaces are looked up here.
"""

from __future__ import annotations

import ast
import re
from functools import partial
from typing import Final

from showctl.show.cues import CueRef
from showctl.show.instants import Duration
from showctl.show.places import Place
from showctl.show.rehearsals import Expectation, Never, When
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_rehearsals import ExpectModel, SeenModel
from showctl.showfile.problems import Wrong
from showctl.showfile.reader import Text
from showctl.showfile.resolve_actions import Actions

SHAPES: Final = "at: 5s, or within: 2s with of: main/40, or from: 10s, to: 20s, or while: EXPRESSION, or end: yes"
_UNITS: Final = {"light": "lx", "sound": "dB", "haze": "%", "guests": "", "brightness": "%"}
_OF_SURFACES: Final = ("picture", "brightness")
_OF_ZONES: Final = ("light", "sound", "haze", "guests")
_ABOUT: Final = (*_OF_ZONES, *_OF_SURFACES)
_COMPARED: Final = re.compile(
    r"(<=|>=|<|>|==|!=)?\s*(-?\d+(?:\.\d+)?)\s*(?:to\s*(-?\d+(?:\.\d+)?)\s*)?(lx|lux|dB\(A\)|dBA|dB|%)?"
)
_TIMES: Final = re.compile(r"(?:(at least|at most|exactly)\s+)?(\d+)(?:\s+to\s+(\d+))?(?:\s+times)?")
_TOGETHER: Final = (
    *(["at", "within"], ["within", "times"], ["to", "times"], ["within", "order"], ["to", "order"]),
    *(["at", "within", "times"], ["at", "within", "order"], ["at", "times"], ["at", "order"]),
)
"""What may stand in one line, of what says when."""
_MOST_TIMES: Final = 1_000_000


class ExpectationReader:
    """Reads what a rehearsal's author wants to see."""

    def __init__(self, draft: Draft, actions: Actions) -> None:
        self.draft, self.actions = draft, actions

    def never(self, item: Text | SeenModel, whole: Place) -> Never | None:
        """What must not be. ``whole`` is the place of the line."""
        if isinstance(item, Text):
            return Never(str(item), item.place) if self._sensible(item) else None
        seen = self._seen(item, whole)
        return None if seen is None else Never(*seen, self._tolerance(item))

    def expectation(self, model: ExpectModel, whole: Place) -> Expectation | None:
        """What must be seen, and when. None, and a problem, where that cannot be made out."""
        draft = self.draft
        seen = self._seen(model, whole)
        if seen is None:
            return None
        that, place = seen
        of = self.of(model.of)
        if model.of is not None and of is None:
            return None
        if not self._shape_is_one(model, whole):
            return None
        at, within, after = (draft.read(values.time_of, text, 0) for text in (model.at, model.within, model.after))
        start, until = (draft.read(values.time_of, text, 0) for text in (model.from_, model.to))
        tolerance = self._tolerance(model)
        begun: Duration = at + after
        if model.to is not None and until < start:
            draft.problems.error("BAD_TIME", model.to.place, "this ends before it begins", "from: 10s, to: 20s")
        if model.while_ is not None:
            meanwhile = str(model.while_)
            if not self._sensible(model.while_):
                return None
            return Expectation(When.WHILE, that, begun, begun, None, place, meanwhile, endless=True, tolerance=tolerance)
        first, last, endless = self._span(model, begun, within, start, until)
        if model.order is not None:
            order = tuple(str(text) for text in model.order if self._sensible(text))
            return Expectation(When.ORDER, that, first, last, of, place, order=order, endless=endless, tolerance=tolerance)
        if model.times is not None:
            times = draft.read(_times, model.times, (1, None))
            return Expectation(When.TIMES, that, first, last, of, place, times=times, endless=endless, tolerance=tolerance)
        if model.end is not None:
            return Expectation(When.END, that, place=place, tolerance=tolerance)
        if model.within is not None:
            return Expectation(When.WITHIN, that, begun, begun + within, of, place, tolerance=tolerance)
        if model.to is not None:
            return Expectation(When.DURING, that, start, until, of, place, tolerance=tolerance)
        if model.at is None and model.after is None and model.of is None:
            draft.problems.error("MISSING_KEY", place, "this line does not say when", SHAPES)
            return None
        return Expectation(When.AT, that, begun, begun, of, place, tolerance=tolerance)

    def of(self, text: Text | None) -> CueRef | None:
        """The cue from whose start a line counts."""
        return None if text is None else self.actions.cue_ref(text, self.draft.main_list)

    # --- when -----------------------------------------------------------------------------------------------------------

    def _shape_is_one(self, model: ExpectModel, whole: Place) -> bool:
        """Whether the line says when in one way."""
        given = [word for word in ("at", "within", "to", "end", "while", "times", "order") if _of(model, word) is not None]
        if len(given) > 1 and given not in _TOGETHER:
            text = _of(model, given[1])
            place = text.place if isinstance(text, Text) else whole
            self.draft.problems.error("UNKNOWN_KEY", place, f"{given[0]} and {given[1]} do not go together", SHAPES)
            return False
        if model.while_ is not None and model.of is not None:
            hint = 'write the cue into the expression: while: main.cue == "12"'
            self.draft.problems.error("UNKNOWN_KEY", model.of.place, "while and of do not go together", hint)
            return False
        return True

    def _span(
        self, model: ExpectModel, begun: Duration, within: Duration, start: Duration, until: Duration
    ) -> tuple[Duration, Duration, bool]:
        """From when until when things are counted or come in order, and whether that is the end."""
        if model.to is not None:
            return start, until, False
        if model.within is not None:
            return begun, begun + within, False
        return begun + start, begun + start, True

    # --- what -----------------------------------------------------------------------------------------------------------

    def _seen(self, model: SeenModel, whole: Place) -> tuple[str, Place] | None:
        """The expression, and its place. ``whole`` is that of the line."""
        said = [word for word in ("that", "zone", "surface", "order") if getattr(model, word, None) is not None]
        if len(said) != 1:
            what = " and ".join(said) or "nothing"
            hint = 'that: gate.state == "closed", or zone: nave, light: < 5 lx, or surface: wall, picture: launch'
            self.draft.problems.error("MISSING_KEY", whole, f"a line looks at one thing, and this at {what}", hint)
            return None
        if model.that is not None:
            stray = next((name for name in _ABOUT if getattr(model, name) is not None), None)
            if stray is not None:
                text: Text = getattr(model, stray)
                self.draft.problems.error(
                    "UNKNOWN_KEY", text.place, f"{stray} goes with zone or surface", "zone: nave, light: < 5 lx"
                )
                return None
            return (str(model.that), model.that.at(0)) if self._sensible(model.that) else None
        if model.zone is not None:
            return self._words(model, model.zone, "zone", _OF_ZONES)
        if model.surface is not None:
            return self._words(model, model.surface, "surface", _OF_SURFACES)
        return "", whole

    def _words(self, model: SeenModel, name: Text, what: str, words: tuple[str, ...]) -> tuple[str, Place] | None:
        """What is seen of a zone or a surface, as an expression."""
        draft = self.draft
        if what == "zone":
            there = draft.find(name, draft.zones, "UNKNOWN_ZONE", "zone") is not None
        else:
            there = draft.find(name, draft.surfaces, "UNKNOWN_SURFACE", "surface") is not None
        if not there:
            return None
        terms: list[str] = []
        for word in _ABOUT:
            text: Text | None = getattr(model, word)
            if text is None:
                continue
            if word not in words:
                hint = f"a {what} has {', '.join(words)}"
                draft.problems.error("UNKNOWN_KEY", text.place, f"a {what} has no {word}", hint)
                return None
            term = draft.read(partial(_compared, f"{name}.{word}", word), text, "")
            if not term:
                return None
            terms.append(term)
        if not terms:
            hint = f"{what}: {name}, " + ("light: < 5 lx" if what == "zone" else "picture: launch")
            draft.problems.error("MISSING_KEY", name.place, f"nothing is said of {name}", hint)
            return None
        return " and ".join(terms), name.place

    def _tolerance(self, model: SeenModel) -> float:
        return float(self.draft.read(values.number, model.tolerance, 0))

    def _sensible(self, text: Text) -> bool:
        """Whether ``text`` can be an expression at all; names are resolved by the rehearsal."""
        source = text.strip()
        if self.draft.noted is not None:
            self.draft.noted.expression(text, 0, text)
        if len(source) > 500:
            self.draft.problems.error("BAD_EXPRESSION", text.place, "an expression has at most 500 characters", "split it")
            return False
        try:
            ast.parse(source, mode="eval")
        except SyntaxError as error:
            column = max((error.offset or 1) - 1, 0)
            said = "an expression is missing" if not source else f"this is not an expression: {error.msg}"
            self.draft.problems.error("BAD_EXPRESSION", text.at(column), said, 'for instance gate.state == "closed"')
            return False
        except (ValueError, RecursionError, MemoryError):
            self.draft.problems.error("BAD_EXPRESSION", text.place, "this is not an expression", "")
            return False
        return True


def _compared(name: str, about: str, words: str) -> str:
    """``< 5 lx`` of ``nave.light`` as ``nave.light < 5``; ``20 to 40`` as both ends; a picture by its clip, or ``none``."""
    text = words.strip()
    if about == "picture":
        return f'{name} == "{"" if text == "none" else text}"'
    match = _COMPARED.fullmatch(text)
    if match is None:
        raise Wrong(
            "BAD_EXPRESSION", f"{text or 'nothing'} says nothing of {about}", 0, f"< 5 {_UNITS[about]}, or 20 to 40".strip()
        )
    sign, low, high, unit = match.groups()
    if unit and unit.removesuffix("(A)").removesuffix("A").replace("lux", "lx") != _UNITS[about]:
        raise Wrong("BAD_EXPRESSION", f"{about} is not in {unit}", match.start(4), f"< 5 {_UNITS[about]}".strip())
    if high is not None:
        if sign:
            raise Wrong("BAD_EXPRESSION", "a span has no comparison before it", 0, "20 to 40")
        return f"{name} >= {low} and {name} <= {high}"
    return f"{name} {sign or '=='} {low}"


def _times(text: str) -> tuple[int, int | None]:
    """``3``, ``2 to 4``, ``at least 1``, ``at most 2``."""
    match = _TIMES.fullmatch(text.strip())
    if match is None or (match[1] and match[3]) or int(match[2]) > _MOST_TIMES or (match[3] and int(match[3]) < int(match[2])):
        raise Wrong("BAD_NUMBER", f"{text or 'nothing'} is no number of times", 0, "3, 2 to 4, at least 1, or at most 2")
    low = int(match[2])
    match match[1], match[3]:
        case "at least", _:
            return low, None
        case "at most", _:
            return 0, low
        case _, str() as high:
            return low, int(high)
        case _:
            return low, low


def _of(model: ExpectModel, word: str) -> Text | list[Text] | None:
    found: Text | list[Text] | None = getattr(model, "while_" if word == "while" else word)
    return found
