"""What every surface shows of locks, mutes, checks, parks and lights out of service: plain data with a sentence for each.

Who and why come first, for the person who reads it was not there. Ages and days are the reader's business: ``since`` is seconds
since 1970, None where nobody knows.
"""

from __future__ import annotations

from typing import Any

from showctl.engine import muted
from showctl.engine.checking import words_of
from showctl.engine.state import State
from showctl.engine.tags import FIRST_CHECK, LADDER, RETIRED, OutOfUse
from showctl.engine.words import level_value, level_words, parameter_words
from showctl.show.show import Show


def tags_view(show: Show, state: State) -> dict[str, Any]:
    """``{"maintenance", "muted", "checking", "parked", "out_of_service"}``, each a list."""
    tags, patch = state.tags, show.patch
    return {
        "maintenance": [
            {
                "person": person,
                "reason": lock.reason,
                "since": _since(lock.since),
                "words": f"maintenance: {person}" + (f", {lock.reason}" if lock.reason else ""),
            }
            for person, lock in tags.locks.items()
        ],
        "muted": [
            {
                "what": what,
                "person": mark.person,
                "reason": mark.reason,
                "since": _since(mark.since),
                "words": muted.words_of(what, mark),
            }
            for what, mark in tags.muted.items()
        ],
        "checking": [
            {
                "person": person,
                "what": item.words,
                "at": item.at + 1,
                "of": len(item.steps),
                "by": item.by,
                "level": round(item.level / 65535, 4),
                "highlight": item.highlight,
                "fixtures": list(dict.fromkeys(patch.fixtures[patch.parameters[p].fixture].name for p in item.steps[item.at])),
                "words": f"{person} checks {words_of(show, item)}",
            }
            for person, item in tags.checks.items()
        ],
        "parked": _parked(show, state),
        "out_of_service": [_retired(show, fixture, mark) for fixture, mark in sorted(tags.retired.items())],
    }


def _parked(show: Show, state: State) -> list[dict[str, Any]]:
    """Those of one light that somebody parked together stand together."""
    together: dict[tuple[int, str, str, int], dict[int, int]] = {}
    for p, item in sorted(state.tags.parked.items()):
        fixture = show.patch.parameters[p].fixture
        together.setdefault((fixture, item.person, item.reason, item.since), {})[p] = item.level
    found = []
    for (fixture, person, reason, since), levels in together.items():
        own = [show.patch.parameters[p] for p in levels]
        look = ", ".join(f"{parameter_words(p)} {level_words(p, levels[p.index])}" for p in own[:4])
        more = f" and {len(own) - 4} more" if len(own) > 4 else ""
        name = show.patch.fixtures[fixture].name
        found.append(
            {
                "fixture": name,
                "parameters": {parameter_words(p): level_value(p, levels[p.index]) for p in own},
                "person": person,
                "reason": reason,
                "since": _since(since),
                "words": f"{name} is parked: {look}{more}{_by(person, reason)}",
            }
        )
    return found


def _retired(show: Show, fixture: int, mark: OutOfUse) -> dict[str, Any]:
    light = show.patch.fixtures[fixture]
    spare = show.patch.fixtures[mark.spare].name if mark.spare >= 0 else ""
    until = f" until {mark.until}" if mark.until else ""
    return {
        "fixture": light.name,
        "until": mark.until or None,
        "reason": mark.reason,
        "person": mark.person,
        "spare": spare or None,
        "since": _since(mark.since),
        "words": f"{light.name} is out of service{until}{f', {spare} stands in' if spare else ''}{_by(mark.person, mark.reason)}",
    }


def _by(person: str, reason: str) -> str:
    said = ": ".join(part for part in (person, reason) if part)
    return f" ({said})" if said else ""


def _since(wall: int) -> float | None:
    return wall / 1_000_000_000 if wall else None


def holder_words(show: Show, state: State, parameter: int, owner: int, parked: bool) -> str:
    """Who holds a parameter by hand: "" where the tags do not know."""
    tags = state.tags
    fixture = show.patch.parameters[parameter].fixture
    if owner == RETIRED:
        mark = tags.retired.get(fixture)
        return "out of service" + (_by(mark.person, mark.reason) if mark else "")
    if owner == LADDER:
        if not tags.locks and (motion := tags.muted.get(muted.MOTION)) is not None:
            return f"held still: {muted.words_of(muted.MOTION, motion)}"
        if not tags.locks:
            return "on its way back from where it was held still"
        return f"held still by the maintenance lock of {', '.join(tags.locks)}"
    if owner <= FIRST_CHECK:
        who = next((person for person, item in tags.checks.items() if item.owner == owner), "somebody")
        return f"the channel check of {who}"
    if parked and parameter in tags.parked:
        item = tags.parked[parameter]
        return f"parked by {item.person}" + (f": {item.reason}" if item.reason else "")
    return ""


def stands_in_words(show: Show, state: State, fixture: int) -> str:
    """What a spare is doing there, for ``why``; "" where the light is none."""
    for number, mark in state.tags.retired.items():
        if mark.spare == fixture:
            out = show.patch.fixtures[number].name
            return f"stands in for {out}, which is out of service{_by(mark.person, mark.reason)}: what follows is {out}'s light"
        if number == fixture:
            return str(_retired(show, fixture, mark)["words"]).partition(" ")[2]
    return ""
