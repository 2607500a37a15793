"""Channel check and identify: a technician lights one thing after another, over whatever plays, and finds it.

    1 thru 12 at 50 · tuyeres by parameter · sacn/1 by cell · next · last · at 20 · full · out · +10 · highlight · off

Each person has a check of their own, so two ladders do not meet. A step is lit so that it can be seen: an intensity with its
colours open, a colour alone under a full dimmer, pan with the lamp on. With ``highlight`` the rest of what was chosen is lowered.
It wins over every list and is under masters and parks; a panic ends it, and so does a quarter of an hour without a word.
Hazards are left out. ``identify`` blinks a light (or all that hangs on a node) once a second, and ends in the wire by itself.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import numpy as np

from showctl.engine.choosing import Chosen, choose
from showctl.engine.state import What
from showctl.engine.tags import FIRST_CHECK, Checking
from showctl.engine.turn import Turn
from showctl.engine.words import Unknown, level_words, lights_words, parameter_words
from showctl.light.clocks import SHOW_CLOCK
from showctl.light.plan import NO_ROWS, Rows
from showctl.light.rows import rows_for_effect, rows_for_levels
from showctl.show.cues import Effect, Wave
from showctl.show.fixtures import EMITTERS, FILTERS, highlight_of
from showctl.show.instants import MINUTE, SECOND, Duration, spoken
from showctl.show.levels import FULL, Level, clamp, from_percent, from_range
from showctl.show.patch import Parameter
from showctl.show.show import Show

LEASE: Final = 15 * MINUTE
LOWERED: Final = from_percent(10)
MOST_CHECKS: Final = 8
BLINK: Final = SECOND
"""One flash a second: far below the three at which flashes begin to harm."""
LONGEST_BLINK: Final = 10 * MINUTE
BLINKING: Final = -4
"""The owner of rows that find a light."""
WALKING: Final = ("next", "n", "last", "previous", "prev", "p", "up", "down", "again")
"""Words that only a check that has begun understands."""
UNITS: Final = ("fixture", "cell", "parameter", "universe")
_OWN_DUE: Final = -50_000
_BLINK_LIST: Final = -1
_PERCENT: Final = re.compile(r"([+-]?)(\d{1,3}(?:\.\d+)?)%?")
_DEGREES: Final = re.compile(r"(-?\d{1,3}(?:\.\d+)?)(?:deg|°)")


def check(turn: Turn, words: str, person: str) -> tuple[str, str]:
    """Does what ``words`` say to ``person``'s check. Gives (why not, what is lit now)."""
    if turn.latch:
        return f"{turn.latch} is in force: re-arm first", ""
    running = turn.tags.checks.get(person)
    said = words.lower().split()
    try:
        if said in (["off"], ["end"], ["done"]):
            if running is None:
                return "nothing is being checked", ""
            end(turn, person)
            return "", f"the check of {running.words} is over"
        if running is None and (not said or said[0] in WALKING):
            what = "say what to check" if not said else "nothing is being checked: say what"
            raise Unknown(f"{what}: `1 thru 12 at 50`, a group, sacn/1, all")
        wanted = _command(turn.show, running, said) if running is not None else None
        if wanted is None:
            wanted = _begun(turn, words, person, running)
    except Unknown as why:
        return str(why), ""
    _light(turn, person, replace(wanted, until=turn.now + LEASE))
    return "", words_of(turn.show, wanted)


def end(turn: Turn, person: str) -> None:
    """What ``person`` checks is given back."""
    checks = dict(turn.tags.checks)
    gone = checks.pop(person)
    turn.tags = replace(turn.tags, checks=checks)
    turn.light(rows_out=_rows_of(turn, gone.owner))
    turn.note("check.ended", f"{person} has checked {gone.words}")


def end_all(turn: Turn) -> None:
    """Nobody checks anything any more (panic, evacuation, reset)."""
    for person in list(turn.tags.checks):
        end(turn, person)
    turn.light(rows_out=_rows_of(turn, BLINKING))


def due(turn: Turn, person: str) -> None:
    """A check may have been forgotten."""
    running = turn.tags.checks.get(person)
    if running is None:
        return
    if running.until <= turn.now:
        end(turn, person)
    else:
        turn.schedule(SHOW_CLOCK, running.until, What.CHECK, _OWN_DUE, thing=person)


def words_of(show: Show, checking: Checking) -> str:
    """``3 of 12: tuyere_3 (3, par_rgbw at sacn/1.9, nave) at 50 %``."""
    step = [show.patch.parameters[p] for p in checking.steps[checking.at]]
    fixtures = list(dict.fromkeys(p.fixture for p in step))
    level = level_words(step[0], checking.level)
    if len(fixtures) > 1:
        what = lights_words(show, fixtures)
    else:
        fixture = show.patch.fixtures[fixtures[0]]
        whole = checking.by != "parameter" and checking.steps[checking.at] == _of_light(show, Chosen(fixture.index))
        names = "" if whole else "." + ", ".join(dict.fromkeys(parameter_words(p) for p in step))
        where = [str(fixture.index + 1), f"{fixture.type} at {fixture.universe}.{_slot(fixture.address, step, whole)}"]
        what = f"{fixture.name}{names} ({', '.join([*where, *([fixture.zone] if fixture.zone else [])])})"
    high = ", highlight" if checking.highlight else ""
    return f"{checking.at + 1} of {len(checking.steps)}: {what} at {level}{high}"


def _slot(address: int, step: list[Parameter], whole: bool) -> int:
    slots = [slot for p in step for slot in p.channel.slots]
    return address + min(slots) if slots and not whole else address


# --- words --------------------------------------------------------------------------------------------------------------------


def _command(show: Show, running: Checking, said: list[str]) -> Checking | None:
    """``running`` after a command, or None where the words choose something else."""
    match said:
        case [] | ["again"]:
            return running
        case ["next" | "n"]:
            return _moved(show, running, 1)
        case ["last" | "previous" | "prev" | "p"]:
            return _moved(show, running, -1)
        case ["highlight"] | ["highlight", "on"]:
            return replace(running, highlight=True)
        case ["highlight", "off"]:
            return replace(running, highlight=False)
        case ["by", unit]:
            fixture = show.patch.parameters[running.steps[running.at][0]].fixture
            steps = _steps(show, choose(show, running.words), _unit(unit))
            steps = tuple(kept for step in steps if (kept := _harmless(show, step)))
            at = next((n for n, step in enumerate(steps) if show.patch.parameters[step[0]].fixture == fixture), 0)
            return replace(running, steps=steps, by=unit, at=at)
        case ["at", word] | [word]:
            level = _level(show, running.steps[running.at], word, running.level)
            return None if level is None else replace(running, level=level)
        case _:
            return None


def _moved(show: Show, running: Checking, by: int) -> Checking:
    at = running.at + by
    if not 0 <= at < len(running.steps):
        raise Unknown(f"that was the {'last' if by > 0 else 'first'} of {len(running.steps)}: `off`, or say what else")
    moved = replace(running, at=at)
    before, now = (show.patch.parameters[step.steps[step.at][0]].channel for step in (running, moved))
    return moved if (before.low, before.high) == (now.low, now.high) or now.low is None else replace(moved, level=now.default)


def _begun(turn: Turn, words: str, person: str, before: Checking | None) -> Checking:
    said, level_word, unit, highlight = words.split(), "", "fixture", False
    for word, has_value in (("at", True), ("by", True), ("highlight", False)):
        lower = [each.lower() for each in said]
        if word not in lower:
            continue
        place = lower.index(word)
        value = said[place + 1 : place + 2] if has_value else ["on"]
        if not value:
            raise Unknown(f"{word} needs a word after it: `at 50`, `by parameter`")
        del said[place : place + 1 + has_value]
        if word == "at":
            level_word = value[0].lower()
        elif word == "by":
            unit = _unit(value[0].lower())
        else:
            highlight = True
    chosen_words = " ".join(said)
    if level_word and not chosen_words:
        raise Unknown("say what to check: `1 thru 12 at 50`")
    chosen = choose(turn.show, chosen_words)
    every = _steps(turn.show, chosen, unit)
    steps = tuple(kept for step in every if (kept := _harmless(turn.show, step)))
    if not steps:
        name = turn.show.patch.fixtures[chosen[0].fixture].name
        raise Unknown(f"{name} is a hazard: it runs from a cue that says so, and never from a check")
    level = _level(turn.show, steps[0], level_word, FULL) if level_word else FULL
    if level is None:
        raise Unknown(f"{level_word} is no level: 50, full, out, -30deg")
    others = {item.owner for who, item in turn.tags.checks.items() if who != person}
    if before is None and len(others) >= MOST_CHECKS:
        raise Unknown(f"{MOST_CHECKS} people check already: {', '.join(turn.tags.checks)}")
    owner = next(number for number in range(FIRST_CHECK, FIRST_CHECK - MOST_CHECKS - 1, -1) if number not in others)
    if before is None:
        turn.note("check.began", f"{person} checks {chosen_words}")
    return Checking(chosen_words, steps, 0, level, unit, highlight, owner, turn.now)


def _unit(word: str) -> str:
    if word not in UNITS:
        raise Unknown(f"a check goes by {', '.join(UNITS)}, not by {word}")
    return word


def _level(show: Show, step: tuple[int, ...], word: str, now: Level) -> Level | None:
    """The level that ``word`` means; None where it is no level at all."""
    if word in ("full", "out", "up", "down"):
        return {"full": FULL, "out": 0, "up": clamp(now + from_percent(10)), "down": clamp(now - from_percent(10))}[word]
    if match := _PERCENT.fullmatch(word):
        by = from_percent(min(float(match[2]), 100))
        if float(match[2]) > 100:
            raise Unknown(f"{word} is over 100 %: a level is 0 to 100, full or out")
        return by if not match[1] else clamp(now + by if match[1] == "+" else now - by)
    if match := _DEGREES.fullmatch(word):
        channel = show.patch.parameters[step[0]].channel
        if channel.low is None or channel.high is None:
            raise Unknown(f"{channel.parameter} has no degrees: say percent")
        return from_range(float(match[1]), channel.low, channel.high)
    return None


# --- steps and looks ----------------------------------------------------------------------------------------------------------


def _steps(show: Show, chosen: tuple[Chosen, ...], unit: str) -> tuple[tuple[int, ...], ...]:
    """What is lit together, in order."""
    patch = show.patch
    if unit == "universe":
        together: dict[str, list[int]] = {}
        for item in chosen:
            together.setdefault(patch.fixtures[item.fixture].universe, []).extend(_of_light(show, item))
        return tuple(tuple(parameters) for parameters in together.values())
    if unit == "parameter":
        every = (p for item in chosen for p in item.parameters or [q.index for q in patch.parameters_of[item.fixture]])
        return tuple((p,) for p in dict.fromkeys(every))
    if unit == "cell":
        cells: dict[tuple[int, int], list[int]] = {}
        for item in chosen:
            own = [patch.parameters[p] for p in _of_light(show, item)]
            for p in [q for q in own if q.cell >= 0] or own:
                cells.setdefault((item.fixture, p.cell), []).append(p.index)
        return tuple(tuple(parameters) for parameters in cells.values())
    return tuple(_of_light(show, item) for item in chosen)


def _of_light(show: Show, item: Chosen) -> tuple[int, ...]:
    own = show.patch.parameters_of[item.fixture]
    return item.parameters or tuple(p.index for p in own if p.name == "intensity") or tuple(p.index for p in own)


def _harmless(show: Show, step: tuple[int, ...]) -> tuple[int, ...]:
    hazard = {p for p in step if show.patch.parameters[p].hazard.value != "none"}
    return tuple(p for p in step if p not in hazard)


def look_of(show: Show, step: tuple[int, ...], level: Level) -> dict[int, Level]:
    """``step`` at ``level``, and what else of the same lights it takes to see that."""
    look = dict.fromkeys(step, level)
    patch = show.patch
    for fixture in dict.fromkeys(patch.parameters[p].fixture for p in step):
        own = [patch.parameters[p] for p in step if patch.parameters[p].fixture == fixture]
        cells = {p.cell for p in own}
        colored = any(p.name in EMITTERS for p in own)
        for p in patch.parameters_of[fixture]:
            if p.index in look or not (p.cell == -1 or p.cell in cells or -1 in cells) or p.hazard.value != "none":
                continue
            if p.name == "intensity":
                look[p.index] = FULL
            elif p.name in EMITTERS and colored:
                look[p.index] = 0
            elif p.name in EMITTERS or p.name in FILTERS or p.channel.highlight is not None:
                look[p.index] = highlight_of(p.channel)
    return look


def _light(turn: Turn, person: str, checking: Checking) -> None:
    """Lights the step, and keeps the check."""
    if person not in turn.tags.checks:
        turn.schedule(SHOW_CLOCK, checking.until, What.CHECK, _OWN_DUE, thing=person)
    turn.tags = replace(turn.tags, checks=dict(turn.tags.checks) | {person: checking})
    look = look_of(turn.show, checking.steps[checking.at], checking.level)
    if checking.highlight:
        rest = {p for step in checking.steps for p in step if turn.show.patch.parameters[p].name == "intensity"}
        look |= dict.fromkeys(sorted(rest - look.keys()), LOWERED)
    rows = rows_for_levels(
        turn.stage.rendering, tuple(look), tuple(look.values()), first_id=turn.row_id, owner=checking.owner, now=turn.now
    )
    turn.light(rows, _rows_of(turn, checking.owner))


def _rows_of(turn: Turn, owner: int) -> list[int]:
    rows = turn.plan.rows
    found: list[int] = rows["id"][rows["owner"] == owner].tolist()
    return found


# --- identify -----------------------------------------------------------------------------------------------------------------


def identify(turn: Turn, what: str, over: Duration) -> tuple[str, str]:
    """Blinks what ``what`` means for ``over``; 0 ends every blinking. Gives (why not, what blinks)."""
    if turn.latch:
        return f"{turn.latch} is in force: re-arm first", ""
    if over <= 0:
        turn.light(rows_out=_rows_of(turn, BLINKING))
        return "", "nothing blinks any more"
    try:
        chosen = choose(turn.show, what)
    except Unknown as why:
        return str(why), ""
    for item in chosen:
        if len(chosen) == 1 and (held := _dark(turn, item)):
            return held, ""
    step = tuple(p for item in chosen for p in _harmless(turn.show, _of_light(turn.show, item)))
    if not step:
        return f"{turn.show.patch.fixtures[chosen[0].fixture].name} is a hazard, and is not switched on to be found", ""
    over = min(over, LONGEST_BLINK)
    look = look_of(turn.show, step, FULL)
    blinking = tuple(step)
    steady = tuple(p for p in look if p not in step)
    rows = [_blink(turn, blinking, (FULL,) * len(blinking), over, turn.row_id, 32768)]
    if steady:
        levels = tuple(look[p] for p in steady)
        rows.append(_blink(turn, steady, levels, over, turn.row_id + len(blinking), 65535))
    old = turn.plan.rows
    gone = old["id"][(old["owner"] == BLINKING) & np.isin(old["parameter"], list(look))]
    turn.light(np.concatenate([NO_ROWS, *rows]), gone)
    turn.schedule(SHOW_CLOCK, turn.now + over, What.TIDY)
    fixtures = dict.fromkeys(item.fixture for item in chosen)
    return "", f"{lights_words(turn.show, fixtures)} {'blinks' if len(fixtures) == 1 else 'blink'} for {spoken(over)}"


def _dark(turn: Turn, item: Chosen) -> str:
    name = turn.show.patch.fixtures[item.fixture].name
    if item.fixture in turn.tags.retired:
        return f"{name} is out of service, and kept dark: bring it back first"
    if all(p in turn.tags.parked for p in _of_light(turn.show, item)):
        return f"{name} is parked: unpark it first"
    return ""


def _blink(turn: Turn, parameters: tuple[int, ...], highs: tuple[Level, ...], over: Duration, first: int, width: int) -> Rows:
    phases = (0,) * len(parameters)
    effect = Effect("identify", parameters, phases, Wave.SQUARE, BLINK, relative=False, highs=highs, width=width)
    rows = rows_for_effect(
        turn.stage.rendering, effect, first_id=first, owner=BLINKING, list_index=_BLINK_LIST, priority=0, clock=SHOW_CLOCK,
        local=turn.now,
    ).copy()  # fmt: skip
    rows["ends"] = turn.now + over
    return rows
