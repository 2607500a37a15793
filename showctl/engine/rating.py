"""How fast lists and cues run: rates of their clocks, 0 to 2000 %, and the clocks that cues have to themselves.

A cue paused or rated alone counts on a clock of its own from then on. It goes at the list's rate times its own, and stands
while its list stands. What a player plays keeps its own speed: no player is asked to bend time.
"""

from __future__ import annotations

from dataclasses import replace
from math import gcd
from typing import Final, TypeAlias

from showctl.engine import hazards, starting, stopping
from showctl.engine.events import Rate as RateEvent
from showctl.engine.state import FIRST_OWN_CLOCK, CueRun
from showctl.engine.turn import Turn
from showctl.light.clocks import Clock
from showctl.show.cues import CueList, CueRef

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
