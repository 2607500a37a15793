"""What a list shows of a cue: its words, its shape (waits, chains, branches, members) and, in short, what it does.

Facts of the show, not of a performance: they change when the show does. Numbers of seconds; ``does`` counts whole lights, not
parameters, and names the devices that the cue and its members ask for something.
"""

from __future__ import annotations

from typing import Any

from showctl.show.cues import (
    AfterEnd,
    AfterStart,
    Branch,
    Cue,
    DevampThing,
    FadeThing,
    GoCue,
    Next,
    NextWhen,
    Perform,
    ReleaseList,
    SetMaster,
    SetRate,
    SetVariable,
    StandbyCue,
    StartCue,
    StopOthers,
    StopThing,
)
from showctl.show.instants import seconds_of, spoken
from showctl.show.lengths import whole_length
from showctl.show.patch import Patch


def cue_view(patch: Patch, cue: Cue) -> dict[str, Any]:
    """``cue`` as plain data."""
    length = whole_length(cue)
    return {
        "label": cue.label,
        "name": cue.name,
        "notes": cue.notes,
        "wait": seconds_of(cue.wait),
        "next": words_for_next(cue.next),
        "kind": _kind(cue.next),
        "to": _branches(cue),
        "length": None if length is None else seconds_of(length),
        "armed": cue.armed,
        "group": _group(patch, cue),
        "does": _does(patch, cue),
        "color": cue.color,
        "place": str(cue.place),
    }


def words_for_next(how: Next | None) -> str:
    """How a cue hands on, as the list shows it; "" where it waits for GO."""
    match how:
        case None:
            return ""
        case AfterStart(delay=delay):
            return f"{spoken(delay)} after start"
        case AfterEnd(delay=0):
            return "after end"
        case AfterEnd(delay=delay):
            return f"{spoken(abs(delay))} {'after' if delay > 0 else 'before'} end"
        case NextWhen(condition=condition, within=within):
            return f"when {condition.text}" + ("" if within is None else f", at most {spoken(within)}")
        case Branch(within=within, otherwise=otherwise):
            return f"branch in {spoken(within)}, else {otherwise.label}"


def _kind(how: Next | None) -> str:
    match how:
        case None:
            return ""
        case AfterStart():
            return "after_start"
        case AfterEnd():
            return "after_end"
        case NextWhen():
            return "when"
        case Branch():
            return "branch"


def _branches(cue: Cue) -> list[str]:
    """Where a branch may lead, in the order in which its conditions are asked."""
    if not isinstance(cue.next, Branch):
        return []
    ways = [*(ref for _, ref in cue.next.choices), cue.next.otherwise]
    return list(dict.fromkeys(ref.label if ref.list == cue.ref.list else str(ref) for ref in ways))


def _group(patch: Patch, cue: Cue) -> dict[str, Any] | None:
    if cue.group is None:
        return None
    members = [
        {
            "label": member.cue.label,
            "name": member.cue.name,
            "at": seconds_of(member.at),
            "does": _does(patch, member.cue),
        }
        for member in cue.group.members
    ] + [{"label": ref.label, "name": "", "at": 0.0} for ref in cue.group.enters]
    return {"mode": cue.group.mode.value, "members": members}


def _does(patch: Patch, cue: Cue) -> dict[str, Any]:
    lights: set[int] = set()
    devices: dict[str, None] = {}
    found = {"effects": 0, "cues": 0, "sets": 0}
    for part in cue.with_members():
        for move in (*part.light, *part.this_cue_only):
            lights.update(patch.parameters[p].fixture for p in move.parameters)
        found["effects"] += len(part.effects)
        for action in (*part.prepare, *part.actions):
            match action:
                case Perform(device=device):
                    devices[device] = None
                case StartCue() | GoCue() | StandbyCue() | ReleaseList() | StopOthers():
                    found["cues"] += 1
                case SetVariable() | SetMaster() | SetRate():
                    found["sets"] += 1
                case FadeThing() | StopThing() | DevampThing():
                    pass
    return {"light": len(lights), "devices": list(devices), **found}
