"""How lights, levels, spans of time and values are said: shared by every answer that is for people.

A set of lights is named by the show's groups where they fit; levels are percent or degrees, as on a screen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from showctl.show.cues import Cue, CueRef, Value
from showctl.show.expressions import Expression
from showctl.show.fixtures import Family
from showctl.show.levels import Level, in_range, percent_of
from showctl.show.patch import Parameter
from showctl.show.places import NOWHERE
from showctl.show.show import Show

MOST_NAMES: Final = 6
"""Names that a list of lights spells out."""


class Unknown(LookupError):  # noqa: N818 - what is read: raise Unknown("no fixture is called par_9")
    """What was asked about is not in the show. The message is a sentence."""


def unknown(what: str, name: str, known: Iterable[str]) -> Unknown:
    """The refusal of a name, with the nearest that there is."""
    near = get_close_matches(name, list(known), n=1)
    return Unknown(f"no {what} is called {name}" + (f"; did you mean {near[0]}?" if near else ""))


# --- values -------------------------------------------------------------------------------------------------------------------


def level_value(parameter: Parameter, level: Level) -> float:
    """``level`` as JSON has it: 0..1, or degrees."""
    low, high = parameter.channel.low, parameter.channel.high
    return round(level / 65535, 4) if low is None or high is None else round(in_range(level, low, high), 2)


def level_words(parameter: Parameter, level: Level) -> str:
    """``70 %``, ``-30 deg``."""
    low, high = parameter.channel.low, parameter.channel.high
    if low is None or high is None:
        return f"{_plain(percent_of(level))} %"
    return f"{_plain(in_range(level, low, high))} deg"


def value_words(value: Value) -> str:
    """A value of an expression, as it would be written there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else _plain(value)


def condition_words(condition: Expression, look_up: Callable[[str], Value]) -> str:
    """A condition with what its names are worth: ``gate.state == "closed" (gate.state is "open")``."""
    seen = ", ".join(f"{name} is {value_words(look_up(name))}" for name in condition.names)
    return condition.text + (f" ({seen})" if seen else "")


def _plain(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0").replace("-0.0", "0")


# --- cues ---------------------------------------------------------------------------------------------------------------------


def cue_words(show: Show, ref: CueRef) -> str:
    """``main/12 Bellows``; the reference alone where the show has no such cue any more."""
    cue = found(show, ref)
    return f"{ref} {cue.name}".rstrip() if cue else str(ref)


def found(show: Show, ref: CueRef) -> Cue | None:
    """The cue, if the show has it."""
    cue_list = show.list_named.get(ref.list)
    return cue_list.named.get(ref.label) if cue_list else None


def place_of(show: Show, ref: CueRef) -> str:
    """``file:line:column`` of a cue; "" where nobody knows."""
    cue = found(show, ref)
    return str(cue.place) if cue and cue.place != NOWHERE else ""


# --- lights -------------------------------------------------------------------------------------------------------------------


def parameter_words(parameter: Parameter) -> str:
    """``red``, or ``3.red`` of the third cell."""
    return parameter.name if parameter.cell < 0 else f"{parameter.cell + 1}.{parameter.name}"


def whole_groups(show: Show) -> dict[str, frozenset[int]]:
    """Groups of whole fixtures, by name."""
    return {
        name: frozenset(head.fixture for head in heads)
        for name, heads in show.groups.items()
        if heads and all(head.cell < 0 for head in heads)
    }


def lights_words(show: Show, fixtures: Iterable[int], groups: Mapping[str, frozenset[int]] | None = None) -> str:
    """A set of fixtures by the groups and runs that it is made of: ``tuyeres, head_1 thru 4``."""
    left = set(fixtures)
    known = whole_groups(show) if groups is None else groups
    names: list[str] = []
    while left:
        fits = [(len(members), -place, name) for place, (name, members) in enumerate(known.items()) if members <= left]
        if not fits or (size := max(fits)[0]) < 2:
            break
        name = max(fits)[2]
        names.append(f"{name} ({size})")
        left -= known[name]
    names += _runs([show.patch.fixtures[n].name for n in sorted(left)])
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _runs(names: list[str]) -> list[str]:
    """``par_1, par_2, par_3`` as ``par_1 thru 3``."""
    runs: list[tuple[str, int, int]] = []
    for name in names:
        match = re.fullmatch(r"(.*?)(\d+)", name)
        stem, number = (match[1], int(match[2])) if match else (name, -1)
        if runs and number >= 0 and runs[-1][0] == stem and runs[-1][2] == number - 1:
            runs[-1] = (stem, runs[-1][1], number)
        else:
            runs.append((stem, number, number))
    return [
        stem if first < 0 else f"{stem}{first}" if first == last else f"{stem}{first} thru {last}" for stem, first, last in runs
    ]


def look_words(parts: Iterable[tuple[Parameter, Level]]) -> str:
    """What some parameters of one light go to: ``70 %, rgb 100 35 8, zoom 10 %``."""
    levels: dict[str, list[tuple[Parameter, Level]]] = {}
    for parameter, level in parts:
        levels.setdefault(parameter.name, []).append((parameter, level))
    said: list[str] = []
    if "intensity" in levels:
        said.append(_range(levels.pop("intensity")))
    if all(name in levels and len({level for _, level in levels[name]}) == 1 for name in ("red", "green", "blue")):
        said.append("rgb " + " ".join(_plain(round(percent_of(levels.pop(name)[0][1]))) for name in ("red", "green", "blue")))
    by_family = sorted(levels, key=lambda word: list(Family).index(levels[word][0][0].family))
    said += (f"{name} {_range(levels[name])}" for name in by_family)
    return ", ".join(said)


def _range(parts: list[tuple[Parameter, Level]]) -> str:
    low, high = min(parts, key=lambda part: part[1]), max(parts, key=lambda part: part[1])
    return level_words(*low) if low[1] == high[1] else f"{level_words(*low)} to {level_words(*high)}"
