"""How fast lists and cues run: rates of their clocks, 0 to 2000 %, and the clocks that cues have to themselves.

A cue paused or rated alone counts on a clock of its own from then on. It goes at the list's rate times its own, and stands
while its list stands. What a player plays keeps its own speed: no player is asked to bend time.
"""

from __future__ import annotations

from dataclasses import replace
from math import gcd
from typing import Final, TypeAlias

import numpy as np

from showctl.engine import hazards, starting, stopping
from showctl.engine.events import Rate as RateEvent
from showctl.engine.state import FIRST_OWN_CLOCK, CueRun, Thing
from showctl.engine.turn import Turn
from showctl.light.clocks import Clock
from showctl.light.plan import pick
from showctl.show.cues import CueList, CueRef, Value

Rate: TypeAlias = tuple[int, int]
"""num / den, in lowest terms: whole thousandths."""
MOST: Final = 20
"""Eos, and so we, go from 0 to 2000 %."""
USUAL: Final[Rate] = (1, 1)


def rate_of(num: int, den: int) -> Rate | None:
    """The rate in lowest terms; None where it is none between 0 and 2000 %.

    >>> rate_of(50, 100), rate_of(2001, 100), rate_of(1, 0)
    ((1, 2), None, None)
    """
    if den <= 0 or not 0 <= num <= MOST * den:
        return None
    thousandths = num * 1000 // den
    common = gcd(thousandths, 1000)
    return thousandths // common, 1000 // common


def requested(turn: Turn, event: RateEvent, chosen: tuple[int, ...], cue_list: CueList) -> str:
    """Somebody asks for a rate of lists, or of one running cue. Returns why not, or ""."""
    rate = rate_of(event.num, event.den)
    if rate is None:
        return f"a rate is 0 to {MOST * 100} %"
    if event.cue is not None:
        return set_cues(turn, CueRef(cue_list.name, event.cue), rate)
    for each in chosen:
        set_list(turn, each, rate)
    return ""


def set_cues(turn: Turn, ref: CueRef, rate: Rate) -> str:
    """Every running performance of a cue goes at ``rate``. Returns why not, or ""."""
    runs = [run for run in turn.runs.values() if run.cue == ref]
    if any(run.clock in turn.stage.timecode_clock.values() for run in runs):
        return f"{ref} counts on timecode, which has its own speed"
    for run in runs:
        set_cue(turn, run.number, rate)
    return "" if runs else f"{ref} is not running"


def pace(turn: Turn, index: int, clock: int) -> Rate:
    """How fast ``clock``, the list's or that of one of its cues, is to go while nothing is paused."""
    of_list = turn.rates.get(turn.stage.list_clock[index], USUAL)
    if clock == turn.stage.list_clock[index]:
        return of_list
    own = turn.rates.get(clock, USUAL)
    num, den = of_list[0] * own[0], of_list[1] * own[1]
    return rate_of(min(num, MOST * den), den) or USUAL


def own_clocks(turn: Turn, index: int) -> list[int]:
    """The clocks that cues of the list have to themselves, but for those of cues paused alone."""
    paused = {run.clock for run in turn.runs.values() if run.paused}
    rows = turn.plan.rows
    found = {run.clock for run in turn.runs.values() if run.list == index}
    found |= set(rows["clock"][rows["list"] == index].tolist())
    return sorted(clock for clock in found - paused if clock >= FIRST_OWN_CLOCK)


def own_clock(turn: Turn, run: CueRun) -> CueRun:
    """``run`` and its members on a clock of their own, which goes on just as the one they had."""
    clock = replace(turn.clock(run.clock), id=turn.own_clock)
    turn.own_clock += 1
    if run.clock >= FIRST_OWN_CLOCK and run.clock in turn.rates:
        turn.rates[clock.id] = turn.rates[run.clock]
    turn.set_clock(clock)
    return starting.count_on(turn, run, clock.id, 0)


def going(turn: Turn, index: int, number: int) -> Clock:
    """The clock ``number`` of the list as it is to go from now."""
    return turn.clocks[number].rated(turn.now, *pace(turn, index, number))


def set_list(turn: Turn, index: int, rate: Rate) -> None:
    """The list goes at ``rate`` from now; where it is paused, once it goes on."""
    name, number = turn.show.lists[index].name, turn.stage.list_clock[index]
    _keep(turn, number, rate)
    if rate[0] == 0:
        hazards.let_go(turn, index)
    if not turn.lists[index].paused:
        turn.set_clock(*(going(turn, index, clock) for clock in (number, *own_clocks(turn, index))))
    turn.note("list.rate", f"{name} runs at {percent(rate)}")


def set_cue(turn: Turn, number: int, rate: Rate) -> None:
    """The cue goes at ``rate`` times its list's from now; where it is paused, once it goes on."""
    run = turn.runs[number]
    shared = any(r.clock == run.clock for r in turn.runs.values() if r.number not in stopping.family_of(turn, number))
    if run.clock < FIRST_OWN_CLOCK or shared:
        run = own_clock(turn, run)
    _keep(turn, run.clock, rate)
    if rate[0] == 0:
        hazards.let_go(turn, run.list, stopping.family_of(turn, number))
    if not run.paused and not turn.lists[run.list].paused:
        turn.set_clock(going(turn, run.list, run.clock))
    turn.note("cue.rate", f"{run.cue} runs at {percent(rate)}", run.cue, number)


def set_thing(turn: Turn, name: str, rate: Rate) -> str:
    """A running thing goes at ``rate``: an effect, or what a device plays that knows the verb. Returns why not, or ""."""
    thing = turn.things.get(name)
    if thing is None:
        return f"{name} is not running, so it has no rate"
    if thing.device:
        if "rate" not in turn.show.device_named[thing.device].kind.verbs:
            return f"{name} keeps its speed: {thing.device} knows no other"
        turn.tell(thing.device, "rate", (*key_arguments(turn, thing), ("rate", rate[0] / rate[1])))
        return ""
    rows = pick(turn.plan.rows, np.isin(turn.plan.rows["id"], thing.rows))
    if not len(rows):
        return f"{name} is not running, so it has no rate"
    number = int(rows["clock"][0])
    if number not in turn.rates or number < FIRST_OWN_CLOCK or (turn.plan.rows["clock"] == number).sum() != len(rows):
        clock = replace(turn.clock(number), id=turn.own_clock)
        turn.own_clock += 1
        turn.set_clock(clock)
        rows["clock"] = clock.id
        before = turn.row_id
        turn.light(rows, rows["id"])
        turn.row_id = before
        number = clock.id
    _keep(turn, number, rate)
    if not turn.lists[thing.list].paused:
        turn.set_clock(going(turn, thing.list, number))
    turn.note("thing.rate", f"{name} runs at {percent(rate)}")
    return ""


def key_arguments(turn: Turn, thing: Thing) -> tuple[tuple[str, Value], ...]:
    """The arguments by which a device's verb ``rate`` knows the thing."""
    words = {argument.name for argument in turn.show.device_named[thing.device].kind.verbs["rate"].arguments} - {"rate"}
    return tuple((word, value) for word, value in thing.arguments if word in words)


def set_by_cue(turn: Turn, what: str | CueRef, num: int, den: int, run: CueRun | None) -> None:
    """A cue (or, without ``run``, a trigger) sets a rate. What cannot be rated now is said, and the cue goes on."""
    rate = rate_of(num, den)
    assert rate is not None, "the reader of the show folder knows the limits"
    if isinstance(what, CueRef):
        why_not = set_cues(turn, what, rate)
    elif (cue_list := turn.show.list_named.get(what)) is not None:
        set_list(turn, cue_list.index, rate)
        why_not = ""
    else:
        why_not = set_thing(turn, what, rate)
    if why_not:
        turn.note("rate.absent", why_not, run.cue if run else None, run.number if run else 0)


def percent(rate: Rate) -> str:
    """``50 %``.

    >>> percent((1, 2)), percent((1, 3))
    ('50 %', '33.3 %')
    """
    return f"{rate[0] * 1000 // rate[1] / 10:g} %"


def _keep(turn: Turn, clock: int, rate: Rate) -> None:
    turn.rates.pop(clock, None)
    if rate != USUAL:
        turn.rates[clock] = rate
