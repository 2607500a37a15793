"""What ``step`` works out about a show once: the rendering, and who cares about which name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from showctl.light.clocks import Clock
from showctl.light.plan import Plan
from showctl.light.render import Rendering
from showctl.show.cues import Branch, Cue, FadeThing, Group, GroupMode, NextWhen, Perform
from showctl.show.fixtures import Family, Hazard
from showctl.show.hazards import Interlock
from showctl.show.instants import Duration
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
    reporting: tuple[tuple[str, ...], ...]
    """For each interlock: the devices that its permit hears of, which must be in good health."""


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
        reporting,
    )


def _reporting(show: Show, interlock: Interlock) -> tuple[str, ...]:
    heads = dict.fromkeys(name.partition(".")[0] for name in interlock.permit.names)
    return tuple(name for name in heads if name in show.device_named)


def first_clocks(stage: Stage, now: int = 0) -> dict[int, Clock]:
    """Every list's clock at zero and running; timecode clocks standing still until code arrives."""
    clocks = {number: Clock(number, now) for number in stage.list_clock}
    clocks |= {number: Clock(number, now, 0, 0, 1) for number in stage.timecode_clock.values()}
    return clocks


def light_length(cue: Cue) -> Duration:
    """How long the cue's own light takes, delays included."""
    return max((move.delay + max(move.up, move.down) for move in cue.light + cue.this_cue_only), default=0)


def content_length(cue: Cue, without: str = "") -> Duration | None:
    """How long what the cue itself does takes; None when something in it has no end. Members and ``wait_for`` apart.

    The thing ``without`` does not count.
    """
    length = light_length(cue)
    for action in cue.actions:
        match action:
            case Perform(as_=str() as name) if name == without:
                pass
            case Perform(length=None):
                return None
            case Perform(length=int(own)):
                length = max(length, own)
            case FadeThing(over=over):
                length = max(length, over)
            case _:
                pass
    return length


def whole_length(cue: Cue) -> Duration | None:
    """From the cue's actions to its completion, members included; None when it cannot be known beforehand."""
    own = content_length(cue)
    if own is None or cue.wait_for is not None:
        return None
    if cue.group is None:
        return own
    members = group_length(cue.group)
    return None if members is None else max(own, members)


def group_length(group: Group) -> Duration | None:
    """From a group's start to the completion of its last member; None when one of them has no known end.

    Of a random group it is known only where its members take the same time.
    """
    total = 0
    each: set[Duration] = set()
    for member in group.members:
        length = whole_length(member.cue)
        if length is None:
            return None
        length += member.cue.wait
        match group.mode:
            case GroupMode.ALL:
                total = max(total, length)
            case GroupMode.SEQUENCE:
                total += length
            case GroupMode.TIMELINE:
                total = max(total, member.at + length)
            case GroupMode.RANDOM:
                total = max(total, length)
                each.add(length)
            case GroupMode.FIRST_ENTERS:
                pass  # its members are cues of the list
            case _:
                assert_never(group.mode)
    return None if len(each) > 1 else total


def waits_for_go(cue: Cue) -> bool:
    """Whether the next cue may be fired by GO while this one still decides: no chain, a ``when`` or a branch."""
    return cue.next is None or isinstance(cue.next, NextWhen | Branch)


def empty_plan(stage: Stage) -> Plan:
    """No rows; the clocks that lists and timecode count on."""
    from showctl.light.clocks import table

    clocks = first_clocks(stage)
    return Plan(clocks=table(tuple(clocks[number] for number in sorted(clocks))))
