"""What can only be judged when the whole show is known: chains that never go on or never stand still, hazards, house rules."""

from __future__ import annotations

from showctl.show.cues import (
    AfterEnd,
    AfterStart,
    Branch,
    Cue,
    CueList,
    CueRef,
    GoCue,
    GroupMode,
    LightMove,
    NextWhen,
    Perform,
    StartCue,
)
from showctl.show.fixtures import Hazard
from showctl.show.instants import seconds_of
from showctl.show.lengths import endless, until_next, why_unknown
from showctl.show.places import Place
from showctl.show.warming import needs, plays_on
from showctl.showfile.draft import Draft
from showctl.showfile.problems import did_you_mean
from showctl.showfile.resolve_cues import touches_hazard
from showctl.showfile.resolve_triggers import lists_reached


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


def check_warm(draft: Draft) -> None:
    """NOT_WARM: a picture that comes before its projector can be warm, and a cue that does not look whether it is."""
    for cue_list in draft.lists.values():
        for name, (cue, after) in needs(cue_list, draft.surfaces, draft.devices).items():
            takes = draft.devices[name].warm_up
            looks = cue.ready is not None and not {f"{name}.power", f"{name}.ready"}.isdisjoint(cue.ready.condition.names)
            if after < takes and not looks:
                soon = f"{cue.label} may come {seconds_of(after):g} s after its list begins"
                draft.problems.warning(
                    "NOT_WARM", cue.place, f"{name} takes {seconds_of(takes):g} s to be warm, and {soon}",
                    f"ready: {name}.ready within {seconds_of(2 * takes):g}s else go",
                )  # fmt: skip
    _check_switched_on(draft)


def check_warps(draft: Draft) -> None:
    """UNKNOWN_ARGUMENT: a warp of a surface that the device does not play on, or that nobody has set up there."""
    for cue_list in draft.lists.values():
        for cue in cue_list.named.values():
            for action in (*cue.actions, *cue.prepare):
                if not isinstance(action, Perform) or action.verb != "warp":
                    continue
                given = {name: str(value) for name, value in action.arguments}
                surface = draft.surfaces.get(given["surface"])
                if surface is None or surface.player != action.device:
                    own = [item.name for item in draft.surfaces.values() if item.player == action.device]
                    draft.problems.error(
                        "UNKNOWN_SURFACE", action.place, f"{action.device} plays on no surface {given['surface']}",
                        did_you_mean(given["surface"], own, "venue.yaml says which player plays where"),
                    )  # fmt: skip
                elif surface.warps and given["preset"] not in surface.warps:
                    draft.problems.error(
                        "UNKNOWN_ARGUMENT", action.place, f"{surface.name} has no warp {given['preset']}",
                        did_you_mean(given["preset"], surface.warps),
                    )  # fmt: skip


def _check_switched_on(draft: Draft) -> None:
    """NOT_WARM: a picture on a projector that nobody switches on, in no list and by no trigger, schedule or ``warm_up``."""
    acts = [action for item in draft.lists.values() for cue in item.named.values() for action in (*cue.actions, *cue.prepare)]
    acts += [action for trigger in draft.triggers.values() for action in trigger.do]
    acts += [action for entry in draft.schedule for action in entry.do]
    switched = {a.device for a in acts if isinstance(a, Perform) and a.verb == "power" and ("on", True) in a.arguments}
    said: set[str] = set()
    for cue_list in draft.lists.values():
        for cue in cue_list.cues:
            for name in plays_on(cue, draft.surfaces):
                device = draft.devices.get(name)
                if name in said | switched or device is None or device.warm_up or device.options.get("power") == "on":
                    continue
                said.add(name)
                draft.problems.warning(
                    "NOT_WARM", cue.place, f"nobody switches {name} on, and {cue.label} plays on it",
                    f"say its warm_up in devices.yaml, and it is switched on when {cue_list.name} begins; or {name}: power on",
                )  # fmt: skip


def _check_ends(draft: Draft, cue: Cue) -> None:
    if isinstance(cue.next, AfterEnd) and (never := endless(cue)):
        draft.problems.error(
            "ENDLESS_CHAIN", cue.place, f"{cue.label} never ends: {never}", "next: 6s after start, or take the loop out"
        )
    elif isinstance(cue.next, AfterEnd) and cue.next.delay < 0 and (why := why_unknown(cue)):
        draft.problems.error(
            "ENDLESS_CHAIN", cue.place, f"nobody knows beforehand when {cue.label} ends: {why}", "next: after end"
        )
    if cue.group is not None and cue.group.mode is GroupMode.SEQUENCE:
        for member in cue.group.members[:-1]:
            if never := endless(member.cue):
                draft.problems.error(
                    "ENDLESS_CHAIN", member.cue.place, f"{member.cue.label} never ends: {never}",
                    "what follows it in the sequence would never come: use all:, or a timeline",
                )  # fmt: skip


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
        case AfterEnd() if after is not None and until_next(cue) == 0:
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
