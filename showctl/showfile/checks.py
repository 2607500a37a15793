"""What can only be judged when the whole show is known: chains that never go on or never stand still, hazards, house rules."""

from __future__ import annotations

from showctl.show.cues import (
    AfterEnd,
    AfterStart,
    Branch,
    Cue,
    CueList,
    CueRef,
    FadeThing,
    GoCue,
    Group,
    GroupMode,
    LightMove,
    NextWhen,
    Perform,
    StartCue,
)
from showctl.show.fixtures import Hazard
from showctl.show.instants import Duration
from showctl.show.places import Place
from showctl.showfile.draft import Draft
from showctl.showfile.resolve_cues import touches_hazard
from showctl.showfile.resolve_triggers import lists_reached


def own_length(cue: Cue) -> Duration | None:
    """How long what the cue itself does takes; None where something in it has no end. As the engine counts it."""
    length = max((move.delay + max(move.up, move.down) for move in (*cue.light, *cue.this_cue_only)), default=0)
    for action in cue.actions:
        match action:
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
    """From the cue's actions to its completion, members included; None where it has no end."""
    own = own_length(cue)
    members = 0 if cue.group is None else _group_length(cue.group)
    return None if own is None or members is None else max(own, members)


def _group_length(group: Group) -> Duration | None:
    total = 0
    for member in group.members:
        length = whole_length(member.cue)
        if length is None:
            return None
        length += member.cue.wait
        total = total + length if group.mode is GroupMode.SEQUENCE else max(total, member.at + length)
    return total


def _endless(cue: Cue) -> str:
    """What in ``cue`` never ends, for the message."""
    for action in cue.actions:
        if isinstance(action, Perform) and action.length is None:
            loops = any(name == "loop" and value is True for name, value in action.arguments)
            clip = next((value for name, value in action.arguments if name == "clip"), action.verb)
            return f"{clip} loops" if loops else f"{clip} has no length in media.yaml"
    for member in cue.group.members if cue.group else ():
        if found := _endless(member.cue):
            return found
    return "it has no end"


def check_chains(draft: Draft) -> None:
    """ENDLESS_CHAIN and ZERO_CIRCLE."""
    edges: dict[CueRef, list[CueRef]] = {}
    for cue_list in draft.lists.values():
        for n, cue in enumerate(cue_list.cues):
            _check_ends(draft, cue)
            after = (
                cue_list.cues[n + 1] if n + 1 < len(cue_list.cues) else cue_list.cues[0] if cue_list.at_end == "loop" else None
            )
            found = _at_once(cue, after)
            if found:
                edges[cue.ref] = found
    members = {m.ref: c.ref for item in draft.lists.values() for c in item.cues for m in _members(c)}
    _check_circles(draft, {ref: [members.get(to, to) for to in found] for ref, found in edges.items()})


def _check_ends(draft: Draft, cue: Cue) -> None:
    if isinstance(cue.next, AfterEnd) and whole_length(cue) is None:
        draft.problems.error(
            "ENDLESS_CHAIN", cue.place, f"{cue.label} never ends: {_endless(cue)}", "next: 6s after start, or take the loop out"
        )
    elif isinstance(cue.next, AfterEnd) and cue.next.delay < 0 and cue.wait_for is not None:
        draft.problems.error(
            "ENDLESS_CHAIN",
            cue.place,
            f"nobody knows beforehand when {cue.label} ends: it waits for something",
            "next: after end",
        )
    elif isinstance(cue.next, AfterEnd) and cue.next.delay < 0 and (varying := _varies(cue)):
        draft.problems.error(
            "ENDLESS_CHAIN", cue.place, f"nobody knows beforehand when {cue.label} ends: {varying}", "next: after end"
        )
    if cue.group is not None and cue.group.mode is GroupMode.SEQUENCE:
        for member in cue.group.members[:-1]:
            if whole_length(member.cue) is None:
                draft.problems.error(
                    "ENDLESS_CHAIN", member.cue.place, f"{member.cue.label} never ends: {_endless(member.cue)}",
                    "what follows it in the sequence would never come: use all:, or a timeline",
                )  # fmt: skip


def _varies(cue: Cue) -> str:
    """Which random group in ``cue`` takes now this long, now that; "" where none does."""
    group = cue.group
    if group is None:
        return ""
    lengths = {(whole_length(member.cue) or 0) + member.cue.wait for member in group.members}
    if group.mode is GroupMode.RANDOM and len(lengths) > 1:
        return f"the members of {cue.label} take different times, and one is chosen by chance"
    return next((found for member in group.members if (found := _varies(member.cue))), "")


def _members(cue: Cue) -> list[Cue]:
    found: list[Cue] = []
    for member in cue.group.members if cue.group else ():
        found += [member.cue, *_members(member.cue)]
    return found


def _at_once(cue: Cue, after: Cue | None) -> list[CueRef]:
    """The cues that may start in the same instant as ``cue``, because of it."""
    if cue.wait:
        return []
    found: list[CueRef] = []
    for action in cue.actions:
        match action:
            case StartCue(cue=ref) | GoCue(cue=CueRef() as ref):
                found.append(ref)
            case _:
                pass
    for member in cue.group.members if cue.group else ():
        if member.at == 0:
            found += _at_once(member.cue, None)
    match cue.next:
        case AfterStart(delay=0) | NextWhen() if after is not None:
            if not isinstance(cue.next, NextWhen) or cue.wait_for is None:
                found.append(after.ref)
        case AfterEnd(delay=delay) if after is not None and cue.wait_for is None:
            length = whole_length(cue)
            if length is not None and length + delay <= 0:
                found.append(after.ref)
        case Branch(choices=choices, otherwise=otherwise, within=within, early=early):
            if within == 0 or early:
                found += [ref for _, ref in choices]
            if within == 0:
                found.append(otherwise)
        case _:
            pass
    return found


def _check_circles(draft: Draft, edges: dict[CueRef, list[CueRef]]) -> None:
    """Depth first, without recursion; each circle is said once, at its first cue in the file."""
    done: set[CueRef] = set()
    for start in edges:
        if start in done:
            continue
        path: list[CueRef] = []
        on_path: set[CueRef] = set()
        stack: list[tuple[CueRef, int]] = [(start, 0)]
        while stack:
            ref, n = stack.pop()
            if n == 0:
                path.append(ref)
                on_path.add(ref)
            following = edges.get(ref, [])
            if n >= len(following):
                path.pop()
                on_path.discard(ref)
                done.add(ref)
                continue
            stack.append((ref, n + 1))
            to = following[n]
            if to in on_path:
                circle = path[path.index(to) :]
                where = draft.lists[to.list].named[to.label].place
                way = " -> ".join(str(item) for item in [*circle, to])
                draft.problems.error(
                    "ZERO_CIRCLE",
                    where,
                    f"{to.label} comes back to itself in no time",
                    f"{way}: give one of them a wait or a time",
                )
            elif to not in done:
                stack.append((to, 0))


# --- hazards -------------------------------------------------------------------------------------------------------


def check_hazards(draft: Draft, said: set[CueRef], started: set[str]) -> None:
    """A hazard only where the cue says so; an attended one never where a schedule or trigger can reach."""
    reached = _reached(draft, started)
    for cue_list in draft.lists.values():
        for top in cue_list.cues:
            for cue in (top, *_members(top)):
                found = touches_hazard(draft, cue)
                if found is None:
                    continue
                name, hazard = found
                if cue.ref not in said:
                    draft.problems.error(
                        "HAZARD_UNSAID", cue.place, f"{cue.label} touches the hazard {name}", "say hazard: yes in the cue"
                    )
                if hazard is Hazard.ATTENDED and cue_list.name in reached:
                    draft.problems.error(
                        "HAZARD_ATTENDED", cue.place, f"{cue.label} touches {name}, and {cue_list.name} can start by itself",
                        "an attended hazard stands in a list that only a person starts: no trigger and no schedule leads there",
                    )  # fmt: skip


def check_harmless(draft: Draft) -> None:
    """What moves light outside any cue (the exit look, safe and hold looks, masters that add) leaves hazards at rest."""
    parameters = draft.patch.parameters

    def first_of(moves: tuple[LightMove, ...]) -> str:
        for move in moves:
            for index, level in zip(move.parameters, move.levels, strict=False):
                if parameters[index].hazard is not Hazard.NONE and level != parameters[index].channel.default:
                    return draft.patch.fixtures[parameters[index].fixture].name
        return ""

    hint = "only a cue that says hazard: yes may move it"
    if found := first_of(draft.exit_look):
        draft.problems.error("HAZARD_UNSAID", Place("show.yaml", 1, 1), f"the exit look touches the hazard {found}", hint)
    for zone in draft.zones.values():
        if found := first_of(zone.safe.light):
            draft.problems.error("HAZARD_UNSAID", zone.place, f"the safe look of {zone.name} touches the hazard {found}", hint)
    for cue_list in draft.lists.values():
        if found := first_of(cue_list.hold_look):
            said = f"the hold look of {cue_list.name} touches the hazard {found}"
            draft.problems.error("HAZARD_UNSAID", cue_list.place, said, hint)
    for master in draft.submasters.values():
        for index in master.parameters:
            if not master.inhibitive and parameters[index].hazard is not Hazard.NONE:
                name = draft.patch.fixtures[parameters[index].fixture].name
                where = Place("show.yaml", 1, 1)
                draft.problems.error("HAZARD_UNSAID", where, f"the master {master.name} brings in the hazard {name}", hint)
                break


def _reached(draft: Draft, started: set[str]) -> set[str]:
    """The lists that start by themselves, and those that their cues start in turn."""
    found: set[str] = set()
    waiting = sorted(started)
    while waiting:
        name = waiting.pop()
        if name in found or name not in draft.lists:
            continue
        found.add(name)
        cue_list: CueList = draft.lists[name]
        for top in cue_list.cues:
            for cue in (top, *_members(top)):
                waiting += sorted(lists_reached(cue.actions))
                if isinstance(cue.next, Branch):
                    waiting += [cue.next.otherwise.list, *(ref.list for _, ref in cue.next.choices)]
    return found
