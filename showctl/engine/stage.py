"""What ``step`` works out about a show once: the rendering, and who cares about which name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from showctl.engine.marked import Where
from showctl.engine.muted import Output, outputs_of
from showctl.engine.state import CueRun
from showctl.light.clocks import Clock
from showctl.light.plan import Plan
from showctl.light.render import Rendering
from showctl.light.table import touched
from showctl.show import warming
from showctl.show.cues import Branch, Cue, CueRef, Group, NextWhen, Perform
from showctl.show.devices import Device
from showctl.show.fixtures import Family, Hazard
from showctl.show.hazards import Interlock
from showctl.show.show import Show


@dataclass(frozen=True, eq=False)
class Stage:
    """Derived from the show alone; the same for every state."""

    show: Show
    rendering: Rendering
    triggers_of: dict[str, tuple[int, ...]]
    """Name in an expression -> indices of the triggers that watch it."""
    intensities: tuple[int, ...]
    """Every intensity parameter."""
    safe_list: int
    """The list number under which safe states stand: after the show's own."""
    list_clock: tuple[int, ...]
    timecode_clock: dict[str, int]
    guarded: dict[int, int]
    """Parameter that is a hazard -> index of its interlock, -1 where it has none."""
    guarded_device: dict[str, int]
    """The same for devices."""
    hazards_of: dict[str, tuple[int, ...]]
    """Name in an expression -> indices of the interlocks that watch it."""
    has_latency: bool
    """Whether any device takes time between our word and what is seen or heard."""
    player_of: dict[str, str]
    """Running thing -> the device that plays it."""
    leads: dict[CueRef, int]
    """What ``landing.slowest`` has worked out so far."""
    marked_during: dict[CueRef, tuple[CueRef, ...]]
    """Cue -> the cues for which lights are moved in it because they name it."""
    reporting: tuple[tuple[str, ...], ...]
    """For each interlock: the devices that its permit hears of, which must be in good health."""
    group_leads: dict[CueRef, tuple[Group, int]] = field(default_factory=dict)
    """What ``grouping`` has worked out so far: how long before their moments the members of a timeline are begun with."""
    prepared: dict[CueRef, tuple[Cue, Where]] = field(default_factory=dict)
    """What ``marking`` has worked out so far: the lights that a cue brings up out of the dark."""
    prepares: dict[str, int] = field(default_factory=dict)
    """List of which some cue prepares devices -> its index."""
    warmed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """List -> projectors that take time to be warm, and that its cues play on."""
    coding: tuple[Device, ...] = ()
    """Devices that send timecode."""
    hazard_marks: tuple[NDArray[np.bool_], ...] = ()
    """For each interlock: a mark for each parameter, whether it guards it."""
    hazard_universes: tuple[frozenset[str], ...] = ()
    """For each interlock: where its fixtures stand; nobody else may send there."""
    outputs: dict[str, Output] = field(default_factory=dict)
    """What can be muted (``muted.py``)."""
    voices: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Device -> who speaks its lines, and what that one's verb ``say`` calls the line."""


def cue_of(show: Show, runs: Mapping[int, CueRun], run: CueRun, ref: CueRef | None = None) -> Cue:
    """The cue of ``run`` (or ``ref``, a member of it) as it is performed: as it was when the run, or its group, began."""
    ref = ref or run.cue
    if show.begun:
        at: CueRun | None = run
        while at is not None:
            begun = show.begun.get(at.number)
            if begun is not None and ref in begun.cues:
                return begun.cues[ref]
            at = runs.get(at.parent)
    return show.cue(ref)


def stage_of(show: Show) -> Stage:
    """The stage of ``show``, worked out at the first call and kept beside it."""
    kept: Stage | None = show.__dict__.get("_stage")
    if kept is None:
        kept = show.__dict__["_stage"] = _make(show)
    return kept


def _make(show: Show) -> Stage:
    watching: dict[str, list[int]] = {}
    for trigger in show.triggers:
        for name in dict.fromkeys(trigger.when.names + (trigger.only_if.names if trigger.only_if else ())):
            watching.setdefault(name, []).append(trigger.index)
    lists = len(show.lists)
    reporting = tuple(_reporting(show, item) for item in show.hazards)
    permitting: dict[str, list[int]] = {}
    for item in show.hazards:
        for name in dict.fromkeys((*item.permit.names, *(f"{device}.health" for device in reporting[item.index]))):
            permitting.setdefault(name, []).append(item.index)
    marked: dict[CueRef, list[CueRef]] = {}
    for cue in (cue for cue_list in show.lists for cue in cue_list.cues):
        if cue.mark is not None and cue.mark.during is not None:
            marked.setdefault(cue.mark.during, []).append(cue.ref)
    return Stage(
        show,
        Rendering(show.patch, show.submasters),
        {name: tuple(found) for name, found in watching.items()},
        tuple(p.index for p in show.patch.parameters if p.family is Family.INTENSITY),
        lists,
        tuple(range(1, lists + 1)),
        {item.name: lists + 1 + n for n, item in enumerate(show.timecodes)},
        {p.index: -1 for p in show.patch.parameters if p.hazard is not Hazard.NONE}
        | {p: item.index for item in show.hazards for p in item.parameters},
        {device.name: -1 for device in show.devices if device.hazard is not Hazard.NONE}
        | {name: item.index for item in show.hazards for name in item.devices},
        {name: tuple(found) for name, found in permitting.items()},
        any(device.latency for device in show.devices),
        {
            action.as_: action.device
            for cue_list in show.lists
            for cue in cue_list.named.values()
            for action in cue.actions
            if isinstance(action, Perform) and action.as_ is not None
        },
        {},
        {ref: tuple(found) for ref, found in marked.items()},
        reporting,
        prepares={item.name: item.index for item in show.lists if any(cue.prepare for cue in item.cues)},
        warmed=_warmed(show),
        coding=tuple(device for device in show.devices if device.code is not None),
        hazard_marks=tuple(touched(len(show.patch.parameters), list(item.parameters)) for item in show.hazards),
        hazard_universes=tuple(_universes(show, item) for item in show.hazards),
        outputs=outputs_of(show),
        voices=_voices(show),
    )


def _warmed(show: Show) -> dict[str, tuple[str, ...]]:
    if not any(device.warm_up for device in show.devices):
        return {}
    surfaces = {item.name: item for item in show.surfaces}
    found = {item.name: tuple(warming.needs(item, surfaces, show.device_named)) for item in show.lists}
    return {name: projectors for name, projectors in found.items() if projectors}


def _universes(show: Show, interlock: Interlock) -> frozenset[str]:
    patch = show.patch
    return frozenset(patch.fixtures[patch.parameters[index].fixture].universe for index in interlock.parameters)


def _voices(show: Show) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for device in show.devices:
        speaker = show.device_named.get(str(device.options.get("voice", "")))
        if speaker is not None and device.kind.name == "ai_performer" and "say" in speaker.kind.verbs:
            words = [item.name for item in speaker.kind.verbs["say"].arguments if item.default is None]
            found[device.name] = (speaker.name, words[0])
    return found


def _reporting(show: Show, interlock: Interlock) -> tuple[str, ...]:
    heads = dict.fromkeys(name.partition(".")[0] for name in interlock.permit.names)
    return tuple(name for name in heads if name in show.device_named)


def first_clocks(stage: Stage, now: int = 0) -> dict[int, Clock]:
    """Every list's clock at zero and running; timecode clocks standing still until code arrives."""
    clocks = {number: Clock(number, now) for number in stage.list_clock}
    clocks |= {number: Clock(number, now, 0, 0, 1) for number in stage.timecode_clock.values()}
    return clocks


def waits_for_go(cue: Cue) -> bool:
    """Whether the next cue may be fired by GO while this one still decides: no chain, a ``when`` or a branch."""
    return cue.next is None or isinstance(cue.next, NextWhen | Branch)


def empty_plan(stage: Stage) -> Plan:
    """No rows; the clocks that lists and timecode count on."""
    from showctl.light.clocks import table

    clocks = first_clocks(stage)
    return Plan(clocks=table(tuple(clocks[number] for number in sorted(clocks))))
