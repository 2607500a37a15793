"""A saved show takes the place of the one that runs: ``reload(old, new, state, now, revision)``. Pure, as ``step`` is.

Nothing stops. Light that is under way goes on, by the newer patch's numbers; a cue that runs finishes as it began, were it
changed or removed (``Show.begun``); lists keep their place by name, values keep theirs where their type is the same. Whatever
cannot be carried over is said in a sentence: a run that needs what is gone, a list that is gone, a standby whose cue is
gone. A hazard whose interlock says something else now is made safe first. What a changed trigger watches is looked
at afresh and sets nothing off: only what turns true from now on does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from showctl.engine import hazards, stopping
from showctl.engine.carrying import GONE, Ways, alike, tree
from showctl.engine.commands import Command, Light
from showctl.engine.stage import Stage, cue_of, first_clocks, stage_of
from showctl.engine.state import (
    FIRST_HELD,
    FIRST_OWN_CLOCK,
    CueRun,
    Due,
    HazardState,
    ListState,
    Snapshot,
    State,
    TriggerState,
    What,
)
from showctl.engine.step import initial, step
from showctl.engine.turn import Turn
from showctl.light.clocks import Clock, table
from showctl.light.plan import Plan, RowKind, Rows, pick
from showctl.show.cues import CueRef, Value
from showctl.show.hazards import Interlock
from showctl.show.instants import Instant
from showctl.show.show import Begun, Show

MOST_WORDS: Final = 20
"""Sentences about what is otherwise; the rest is counted."""


@dataclass(frozen=True)
class Reloaded:
    """``show`` is the newer one, with the cues that finish as they began. The plan of ``state`` is a whole one for the wire."""

    show: Show
    state: State
    due: tuple[Command, ...]
    """What the older show had come to do by then."""
    commands: tuple[Command, ...]
    words: tuple[str, ...]
    """What finishes as it began, and what could not be carried over."""


def reload(old: Show, new: Show, state: State, now: Instant, revision: str = "") -> Reloaded:
    """``new`` runs from ``now`` on. ``revision`` names the folder that ``old`` was read from."""
    state, due = step(old, state, None, now)
    ways = Ways(old, new)
    leaving = Turn(stage_of(old), state)
    words: list[str] = []
    _end_what_cannot_stay(leaving, ways, words)
    left = leaving.frozen()
    begun = _begun(left.runs.values(), left, ways, revision, words)
    show = replace(new, begun=begun)
    show.__dict__["_stage"] = replace(ways.new, show=show)  # the same but for what begun
    coming = Turn(stage_of(show), _carried(left, ways, show, words))
    hazards.look_at_all(coming)
    coming.note("show.reloaded", f"{show.name} was loaded anew" + (f": {'; '.join(_few(words))}" if words else ""))
    # Light that changed on the way is in the plan, which the wire gets as a whole.
    said = [command for command in (*leaving.commands, *coming.commands) if not isinstance(command, Light)]
    return Reloaded(show, replace(coming.frozen(), serial=coming.serial + 1), due, tuple(said), tuple(_few(words)))


def begun_again(old: Callable[[str], Show], new: Show, state: State, kept: dict[int, str]) -> Show:
    """``new`` with the cues that were to finish as they began: ``kept`` says of which revision each run's are."""
    begun = {}
    for number, revision in kept.items():
        if number in state.runs:
            before = old(revision)
            begun[number] = Begun(revision, tree(Ways(before, new).cue(before.cue(state.runs[number].cue))))
    return replace(new, begun=begun)


def _few(words: list[str]) -> list[str]:
    more = len(words) - MOST_WORDS
    return words if more <= 0 else [*words[:MOST_WORDS], f"and {more} more"]


# --- in the older show --------------------------------------------------------------------------------------------------------


def _end_what_cannot_stay(turn: Turn, ways: Ways, words: list[str]) -> None:
    """Hazards whose interlock is another now are safe, runs that need what is gone end; their light stays where it is."""
    old, new = turn.show, ways.new.show
    for interlock in old.hazards:
        if interlock.index not in ways.interlocks:
            hazards.shut(turn, interlock.index, "its interlock was changed")
    for run in sorted(turn.runs.values(), key=lambda run: run.number):
        if run.number not in turn.runs or run.parent:
            continue
        cue = turn.cue_of(run)
        now = new.list_named.get(cue.ref.list)
        if now is None or alike(ways.cue(cue), now.named.get(cue.label)):
            continue  # a list that is gone ends as a whole, below
        missing = next(ways.missing(cue), "")
        if missing:
            stopping.end_run(turn, run, 0)
            words.append(f"{run.cue} was stopped, for it needs {missing}, which is gone")
    for thing in [thing for thing in turn.things.values() if thing.device and thing.device not in new.device_named]:
        turn.things.pop(thing.name, None)
    for cue_list in old.lists:
        if cue_list.index not in ways.lists:
            stopped = [str(run.cue) for run in turn.runs.values() if run.list == cue_list.index and not run.parent]
            stopping.release_list(turn, cue_list.index, cue_list.release_time)
            words.append(f"the list {cue_list.name} is gone" + (f", and with it {', '.join(stopped)}" if stopped else ""))


def _begun(runs: Iterable[CueRun], state: State, ways: Ways, revision: str, words: list[str]) -> dict[int, Begun]:
    """The cues of runs that are otherwise in the newer show, as they were."""
    found: dict[int, Begun] = {}
    old, new = ways.old.show, ways.new.show
    for run in runs:
        if run.parent or run.cue.list not in new.list_named:
            continue
        cue = ways.cue(cue_of(old, state.runs, run))
        now = new.list_named[run.cue.list].named.get(run.cue.label)
        if alike(cue, now):
            continue
        before = old.begun.get(run.number)
        found[run.number] = Begun(revision if before is None else before.revision, tree(cue))
        words.append(f"{run.cue} finishes as it began" + ("" if now is not None else ", and is gone after that"))
    return found


# --- from the older to the newer ----------------------------------------------------------------------------------------------


def _carried(state: State, ways: Ways, show: Show, words: list[str]) -> State:
    """``state`` in the newer show's numbers. A list that is gone leaves its clock to the light that it gives back."""
    fresh = initial(show)
    own = max(state.own_clock, FIRST_OWN_CLOCK)
    clocks = dict(ways.clocks)
    for item in ways.old.show.lists:
        if item.index not in ways.lists:
            clocks[ways.old.list_clock[item.index]] = own
            own += 1
    lines = _clocks(state, clocks, ways.new)
    devices = show.device_named
    before = ways.old.show.device_named
    heard_of = {name for name, device in devices.items() if _same_address(before.get(name), device)}
    unheard = devices.keys() - heard_of
    values = {
        name: given if name.partition(".")[0] in unheard else _value(name, given, state) for name, given in fresh.values.items()
    }
    lists = tuple(_list(item.index, fresh.lists[item.index], state, ways, clocks, words) for item in show.lists)
    for item, at in zip(show.lists, lists, strict=True):
        values[f"{item.name}.standby"] = at.standby or ""
        values[f"{item.name}.cue"] = at.last or ""
    runs = {
        number: replace(run, list=ways.lists.get(run.list, GONE), clock=clocks.get(run.clock, run.clock))
        for number, run in state.runs.items()
        if run.list in ways.lists
    }
    plan = Plan(
        _rows(state.plan.rows, ways, clocks),
        table(tuple(lines[number] for number in sorted(lines))),
        _masters(state.plan.masters, ways),
    )
    lost = len(state.plan.rows) - len(plan.rows)
    if lost and (ways.parameters == GONE).any():
        gone = sorted({f.name for f in ways.old.show.patch.fixtures} - {f.name for f in show.patch.fixtures})
        words.append(f"the light of {', '.join(gone[:6])}{' and others' if len(gone) > 6 else ''} ends with the patch")
    return replace(
        state,
        lists=lists,
        runs=runs,
        agenda=tuple(now for due in state.agenda if (now := _due(due, runs, ways, clocks)) is not None),
        clocks=lines,
        plan=plan,
        values=values,
        things={
            name: replace(thing, list=ways.lists.get(thing.list, -1), clock=clocks.get(thing.clock, thing.clock))
            for name, thing in state.things.items()
            if thing.run in runs or thing.run == 0
        },
        performed={
            place: replace(kept, list=ways.lists.get(kept.list, -1))
            for place, kept in state.performed.items()
            if place[0] in devices
        },
        triggers=tuple(_trigger(n, fresh.triggers[n], state, ways, values) for n in range(len(show.triggers))),
        disarmed=frozenset(ref for ref in state.disarmed if _is_there(ref, show)),
        health={name: kept for name, kept in state.health.items() if name in heard_of},
        timecode={name: kept for name, kept in state.timecode.items() if name in ways.new.timecode_clock},
        grabbed={int(ways.parameters[p]): who for p, who in state.grabbed.items() if ways.parameters[p] != GONE},
        own_clock=own,
        turns={ref: count for ref, count in state.turns.items() if _is_there(ref, show)},
        rates={clocks.get(number, number): rate for number, rate in state.rates.items()},
        loaded={ref: at for ref, at in state.loaded.items() if _is_there(ref, show)},
        hazards=tuple(_hazard(item, state, ways) for item in show.hazards),
        traces={name: kept for name, kept in state.traces.items() if any(item.name == name for item in show.targets)},
        tags=state.tags.renumbered(_fixtures(ways), {p: int(now) for p, now in enumerate(ways.parameters) if now != GONE}),
    )


def _fixtures(ways: Ways) -> dict[int, int]:
    """Fixture -> its number now, of those that are there by the same name."""
    now = ways.new.show.patch.fixture_named
    return {f.index: now[f.name].index for f in ways.old.show.patch.fixtures if f.name in now}


def _is_there(ref: CueRef, show: Show) -> bool:
    return ref.list in show.list_named and ref.label in show.list_named[ref.list].named


def _same_address(old: Any, new: Any) -> bool:
    """Whether what was heard of a device is still a word about it."""
    return old is not None and alike(replace(old, index=new.index, label=new.label), new)


def _value(name: str, given: Value, state: State) -> Value:
    kept = state.values.get(name, given)
    return kept if type(kept) is type(given) else given


def _clocks(state: State, ways: dict[int, int], stage: Stage) -> dict[int, Clock]:
    """Every clock under its number of now; lists and timecodes that are new begin at zero."""
    lines = first_clocks(stage, state.now)
    for number, clock in state.clocks.items():
        now = ways.get(number, number if number >= FIRST_OWN_CLOCK else None)
        if now is not None:
            lines[now] = replace(clock, id=now)
    return lines


def _rows(rows: Rows, ways: Ways, clocks: dict[int, int]) -> Rows:
    """The plan's rows in numbers of now. What is gone, or a hazard that was none, leaves."""
    parameters = ways.parameters[rows["parameter"]] if len(rows) else rows["parameter"]
    staying = parameters != GONE
    was = {int(ways.parameters[p]): ways.interlocks.get(index) for p, index in ways.old.guarded.items()}
    guarded = [p for p, index in ways.new.guarded.items() if was.get(p) != index]
    staying &= ~np.isin(parameters, np.array(guarded, np.int32))
    gone = {item.index: _leaving(ways, item.index) for item in ways.old.show.lists if item.index not in ways.lists}
    numbers = ways.numbers | gone
    staying &= np.isin(rows["list"], list(numbers))
    follows = rows["kind"] == RowKind.FOLLOW  # their target is a parameter
    staying[follows] &= ways.parameters[rows["target"][follows]] != GONE
    kept = pick(rows, staying)
    kept["parameter"] = parameters[staying]
    setting = kept["kind"] == RowKind.SET
    kept["seed"][setting] = [ways.targets.get(whom, 0) for whom in kept["seed"][setting].tolist()]
    follows = follows[staying]
    kept["target"][follows] = ways.parameters[kept["target"][follows]]
    for before in np.unique(kept["list"]).tolist():
        kept["list"][rows["list"][staying] == before] = numbers[before]
    for clock in np.unique(kept["clock"]).tolist():
        kept["clock"][rows["clock"][staying] == clock] = clocks.get(clock, clock)
    return kept


def _leaving(ways: Ways, index: int) -> int:
    """The number under which the light of a list that is gone stands until it has fallen back."""
    return ways.new.safe_list + 1 + len(ways.new.show.lists) + index


def _masters(masters: Rows, ways: Ways) -> Rows:
    kept = pick(masters, np.isin(masters["id"], list(ways.masters)))
    kept["id"] = [ways.masters[number] for number in kept["id"].tolist()]
    return kept.take(np.argsort(kept["id"], kind="stable"))


def _list(index: int, fresh: ListState, state: State, ways: Ways, clocks: dict[int, int], words: list[str]) -> ListState:
    """Where a list stands: where it stood, or before the first cue that is still there."""
    before = next((old for old, now in ways.lists.items() if now == index), None)
    if before is None:
        return fresh
    kept, old, now = state.lists[before], ways.old.show.lists[before], ways.new.show.lists[index]
    standby = _standby(kept.standby, before, index, ways)
    if standby != kept.standby:
        words.append(f"{now.name}/{kept.standby} stood by and is gone: {standby or 'nothing'} stands by in {now.name}")
    elif standby is None and now.cues and old.cues and kept.last is not None and kept.last in now.named:
        at = now.named[kept.last].index
        if old.cues[-1].label == kept.last and 0 <= at < len(now.cues) - 1:
            standby = now.cues[at + 1].label  # it stood at its end, and cues were added behind it
    return replace(
        kept,
        standby=standby,
        restore=ways.moves(kept.restore),
        history=tuple(_snapshot(one, before, index, ways, clocks) for one in kept.history),
    )


def _standby(label: str | None, before: int, index: int, ways: Ways) -> str | None:
    if label is None:
        return None
    old, now = ways.old.show.lists[before], ways.new.show.lists[index]
    at = old.named[label].index
    return next((cue.label for cue in old.cues[at:] if cue.label in now.named and now.named[cue.label].index >= 0), None)


def _snapshot(kept: Snapshot, before: int, index: int, ways: Ways, clocks: dict[int, int]) -> Snapshot:
    rows = _rows(kept.rows, ways, clocks)
    performed = {
        place: replace(one, list=ways.lists.get(one.list, -1))
        for place, one in kept.performed.items()
        if place[0] in ways.new.show.device_named
    }
    last = kept.last if kept.last in ways.new.show.lists[index].named else None
    return Snapshot(rows, performed, _standby(kept.standby, before, index, ways), last, ways.moves(kept.restore))


def _due(due: Due, runs: dict[int, CueRun], ways: Ways, clocks: dict[int, int]) -> Due | None:
    """What is due, in the newer show; None where whose it was is gone."""
    due = replace(due, clock=clocks.get(due.clock, due.clock))
    match due.what:
        case What.HAZARD:
            now = ways.interlocks.get(-1 - due.run)
            return None if now is None else replace(due, run=-1 - now)
        case What.HOLD:
            index = ways.lists.get(FIRST_HELD - due.run)
            return None if index is None else replace(due, run=FIRST_HELD - index)
        case What.PANIC_END | What.TIDY:
            return due
        case What.LOOP_END:
            return due if due.run in runs or due.run == 0 else None
        case _:
            return due if due.run in runs else None


def _trigger(index: int, fresh: TriggerState, state: State, ways: Ways, values: dict[str, Value]) -> TriggerState:
    """Whether its condition holds is asked afresh: that it is read anew does not make it turn true."""
    trigger = ways.new.show.triggers[index]
    held = trigger.when.holds(lambda name: values[name])
    before = next((item for item in ways.old.show.triggers if item.name == trigger.name), None)
    if before is None:
        return replace(fresh, held=held)
    kept = state.triggers[before.index]
    armed = kept.armed if kept.armed != before.armed or before.armed == trigger.armed else trigger.armed
    return TriggerState(held, kept.acted, armed)


def _hazard(interlock: Interlock, state: State, ways: Ways) -> HazardState:
    for before, now in ways.interlocks.items():
        if now == interlock.index:
            kept = state.hazards[before]
            return replace(kept, on=tuple((device, ways.lists.get(index, -1), run) for device, index, run in kept.on))
    return HazardState()
