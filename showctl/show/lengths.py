"""How long a cue takes, as far as that follows from the show alone: said here once, and asked by all.

The engine ends cues by it, screens count down by it, ``check`` refuses chains after what has no end, and a diff places cues in
time. None always means that nobody knows beforehand: something plays without an end, the cue waits for something, or chance
decides between members that take different times. ``why_unknown`` says which, in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from showctl.show.cues import AfterEnd, AfterStart, Cue, FadeThing, Group, GroupMode, Perform
from showctl.show.instants import Duration


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


def until_next(cue: Cue) -> Duration | None:
    """From the start of ``cue`` to that of the one that it chains to; None where it does not, or nobody knows beforehand."""
    match cue.next:
        case AfterStart(delay=delay):
            return cue.wait + delay
        case AfterEnd(delay=delay) if (length := whole_length(cue)) is not None:
            return cue.wait + max(length + delay, 0)
        case _:
            return None


# --- why nobody knows ---------------------------------------------------------------------------------------------------


def endless(cue: Cue) -> str:
    """What in ``cue`` or its members has no end, in words; "" where everything has one."""
    for action in cue.actions:
        if isinstance(action, Perform) and action.length is None:
            loops = any(name == "loop" and value is True for name, value in action.arguments)
            clip = next((value for name, value in action.arguments if name == "clip"), action.verb)
            return f"{clip} loops" if loops else f"{clip} has no length in media.yaml"
    return next((found for member in _members(cue) if (found := endless(member))), "")


def why_unknown(cue: Cue) -> str:
    """Why nobody knows beforehand how long ``cue`` takes, in words; "" where it is known (``whole_length``)."""
    if found := endless(cue):
        return f"it never ends: {found}"
    if cue.wait_for is not None:
        return "it waits for something"
    group = cue.group
    if group is not None and group.mode is GroupMode.RANDOM and group_length(group) is None:
        lengths = {whole_length(member) for member in _members(cue)}
        if None not in lengths:
            return f"the members of {cue.label} take different times, and one is chosen by chance"
    for member in _members(cue):
        if found := why_unknown(member):
            return found if found.startswith("the members of") else f"{member.label}: {found}"
    return ""


def _members(cue: Cue) -> Iterator[Cue]:
    for member in cue.group.members if cue.group else ():
        yield member.cue
