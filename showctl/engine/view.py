"""What a screen may know of a state, as plain data: one view for the page, the command line and every other surface."""

from __future__ import annotations

from typing import Any

from showctl.engine import landing
from showctl.engine.budgets import spent
from showctl.engine.cue_view import cue_view
from showctl.engine.hazard_asking import lacking
from showctl.engine.stage import cue_of, stage_of
from showctl.engine.state import FIRST_OWN_CLOCK, CueRun, HazardPhase, HazardState, Phase, State, TriggerState
from showctl.engine.tags_view import tags_view
from showctl.light.clocks import SHOW_CLOCK
from showctl.show.cues import CueList
from showctl.show.hazards import Interlock
from showctl.show.instants import SECOND, Duration, Instant, seconds_of, spoken
from showctl.show.lengths import whole_length
from showctl.show.show import Show
from showctl.show.triggers import Trigger


def words_for_go(left: Duration) -> str:
    """``left`` of a GO window, as the page says it."""
    return f"{-(-left * 10 // SECOND) / 10:.1f} s"


def view(show: Show, state: State, now: Instant, *, full: bool = False) -> dict[str, Any]:
    """Lists with standby and what runs, values, latch. ``full`` adds the cues themselves (they change with the show only)."""
    return {
        "show": show.name,
        "now": seconds_of(now),
        "main_list": show.main_list or show.lists[0].name,
        "latched": state.latch,
        "lists": [list_view(show, state, cue_list, now, full) for cue_list in show.lists],
        "values": {name: state.values[name] for name in sorted(state.values)},
        "masters": masters_view(show, state),
        "timecode": dict(sorted(state.timecode.items())),
        "timecode_at": timecodes_view(show, state, now),
        "tags": tags_view(show, state),
        "hazards": hazards_view(show, state, now),
        "triggers": triggers_view(show, state, now),
    }


def triggers_view(show: Show, state: State, now: Instant) -> list[dict[str, Any]]:
    """Each trigger: whether it is armed, whether its condition holds, and what else keeps it from acting."""
    return [
        {
            "name": trigger.name,
            "armed": kept.armed,
            "holds": kept.held,
            "when": trigger.when.text,
            "lacks": _lacks(state, trigger, kept, now) if kept.armed else "",
        }
        for trigger, kept in zip(show.triggers, state.triggers, strict=True)
    ]


def _lacks(state: State, trigger: Trigger, kept: TriggerState, now: Instant) -> str:
    """What else keeps an armed trigger from acting, besides its own condition; "" where nothing does."""
    if state.latch:
        return f"{state.latch} is in force"
    if state.tags.locks:
        return f"maintenance lock of {', '.join(state.tags.locks)}"
    if trigger.only_if is not None and not trigger.only_if.holds(state.values.__getitem__):
        return f"only if {trigger.only_if.text}"
    left = 0 if kept.acted is None else kept.acted + trigger.cooldown - now
    return f"rests {spoken(left)}" if left > 0 else ""


def hazards_view(show: Show, state: State, now: Instant) -> list[dict[str, Any]]:
    """Each interlock: its state, what it lacks, and who may take the next step."""
    lacks = lacking(show, state) if show.hazards else []
    return [_hazard(*found, now) for found in zip(show.hazards, state.hazards, lacks, strict=True)]


def _hazard(interlock: Interlock, kept: HazardState, lacks: str, now: Instant) -> dict[str, Any]:
    """An interlock; ``budget_left`` is None where nothing bounds it, ``expires`` where nothing is armed."""
    budget, armed = interlock.budget, kept.phase is HazardPhase.ARMED
    return {
        "name": interlock.name,
        "state": kept.phase.value,
        "permit": interlock.permit.text,
        "kind": interlock.kind.value,
        "lacks": lacks,
        "armed_on": kept.armed_on,
        "expires": seconds_of(max(kept.since + interlock.arm_expires - now, 0)) if armed else None,
        "budget_left": None if budget is None else seconds_of(max(budget.time - spent(budget, kept, now), 0)),
    }


def list_view(show: Show, state: State, cue_list: CueList, now: Instant, full: bool = False) -> dict[str, Any]:
    """A list: what stands by, and what runs. ``full`` adds its cues."""
    at = state.lists[cue_list.index]
    left = 0 if at.last_go is None else max(at.last_go + cue_list.go_window - now, 0)
    seen: dict[str, Any] = {
        "name": cue_list.name,
        "label": cue_list.label,
        "standby": at.standby,
        "standby_delay": 0.0 if at.standby is None else seconds_of(landing.delay(stage_of(show), cue_list.named[at.standby])),
        "last": at.last,
        "paused": at.paused,
        "rate": rate_of(state, cue_list.index + 1),
        "go_window": {"seconds": seconds_of(cue_list.go_window), "remaining": seconds_of(left)},
        "loaded": {ref.label: seconds_of(at) for ref, at in state.loaded.items() if ref.list == cue_list.name},
        "disarmed": sorted(ref.label for ref in state.disarmed if ref.list == cue_list.name),
        "running": [running(show, state, run, now) for run in state.runs.values() if run.list == cue_list.index],
    }
    if full:
        seen["cues"] = [cue_view(show.patch, cue) for cue in cue_list.cues]
    return seen


def running(show: Show, state: State, run: CueRun, now: Instant) -> dict[str, Any]:
    """One cue run: ``state`` is waiting, running, paused or post_wait; seconds, None where unknown or endless."""
    cue = cue_of(show, state.runs, run)
    clock = None if run.clock == SHOW_CLOCK else state.clocks[run.clock]
    local = now if clock is None else clock.local(now)
    length = whole_length(cue)
    paused = clock is not None and not clock.running
    elapsed = local - (run.began_local if run.acted is None else run.acted)
    remaining: Duration | None
    if run.phase is Phase.WAITING:
        remaining = cue.wait - elapsed
        length = cue.wait
    else:
        remaining = None if length is None else max(length - elapsed, 0)
        if run.ends is not None and cue.group is None and not run.waits:
            remaining = max(run.ends - local, 0)  # a loop that was left has an end after all
    return {
        "run": run.number,
        "cue": run.cue.label,
        "name": cue.name,
        "parent": run.parent,
        "state": "paused" if paused else run.phase.value,
        "rate": rate_of(state, run.clock) if run.clock >= FIRST_OWN_CLOCK else 1.0,
        "elapsed": seconds_of(max(elapsed, 0)),
        "remaining": None if remaining is None else seconds_of(max(remaining, 0)),
        "endless": run.endless,
        "duration": None if length is None else seconds_of(length),
    }


def rate_of(state: State, clock: int) -> float:
    """How fast somebody asked a clock to go: 1 is its usual speed."""
    num, den = state.rates.get(clock, (1, 1))
    return num / den


def timecodes_view(show: Show, state: State, now: Instant) -> dict[str, float]:
    """What each timecode that was heard reads now, in seconds of its own day, as our clock for it has it."""
    numbers = stage_of(show).timecode_clock
    read = {
        item.name: state.clocks[numbers[item.name]].local(now) - item.offset
        for item in show.timecodes
        if item.name in state.timecode
    }
    return {name: seconds_of(at) for name, at in sorted(read.items())}


def masters_view(show: Show, state: State) -> dict[str, float]:
    """Each master's level, 0..1."""
    names = {0: "grand", 1: "blackout"} | {item.index + 2: item.name for item in show.submasters}
    levels = {name: (0.0 if name == "blackout" else 1.0) for name in names.values()}
    for row in state.plan.masters:
        levels[names[int(row["id"])]] = int(row["target"]) / 65535
    return levels
