"""What an audience would see change between two revisions of a show, in resolved time: ``showctl diff OLD NEW``.

Two shows that load are compared as they are meant, not as they are written: settled looks by group, times, actions by device,
chains with the moment each cue begins, the patch, what comes in and what it sets off. A comment, an order of keys, a template
written out are no difference. Lists: ``list_diff``; light: ``light_diff``; which cue is which: ``cue_pairs``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from showctl.library.cue_pairs import pair_cues
from showctl.library.cue_words import action_words, time_words
from showctl.library.light_diff import LightDiff
from showctl.library.list_diff import ListDiff, Seen
from showctl.library.relabel import Relabel, Relabelling
from showctl.show.cues import Action, Cue, LightMove
from showctl.show.fixtures import Fixture, Hazard
from showctl.show.patch import Universe
from showctl.show.show import Show
from showctl.show.triggers import Trigger
from showctl.showfile.looks import Look, apply

T = TypeVar("T")
_ARROW = " -> "
MOST_LABELS: Final = 6
"""New labels that a line spells out."""


@dataclass(frozen=True)
class ShowDifference:
    """Everything that is otherwise; nothing where the two are the same to those in the room."""

    changes: tuple[Seen, ...]

    @property
    def same(self) -> bool:
        return not self.changes

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"same": self.same, "changes": [seen.to_json() for seen in self.changes]}

    def lines(self) -> list[str]:
        """As people read it: by part and list, then by cue. What many members of a group share is said once."""
        found: list[str] = []
        part = cue = ""
        told: set[str] = set()
        for seen, more in _folded(self.changes):
            here = seen.list or seen.kind
            if here != part:
                part, cue = here, ""
                found.append(f"list {here}" if seen.list else here)
            heading = f"{seen.cue} {seen.name}".rstrip()
            if seen.what == "renumbered" and ":" not in seen.cue:
                if f"{seen.list} renumbered" not in told:
                    told.add(f"{seen.list} renumbered")
                    found.append(f"  {_renumbered(self.changes, seen.list)}")
                continue
            if seen.kind == "begin":
                until = f" to {seen.through}" if seen.through else ""
                begin = seen.what.replace("begins", "begin") if seen.through else seen.what
                found.append(f"  {seen.cue}{until} {begin}: {seen.cue} {seen.old}{_ARROW}{seen.new}")
                continue
            if seen.cue and heading != cue:
                cue = heading
                found.append(f"  {heading}")
            alike = f" (and in {more} more like it)" if more else ""
            found.append(f"{'    ' if seen.cue else '  '}{_line(seen)}{alike}")
        return found


def _renumbered(changes: Iterable[Seen], list_: str) -> str:
    """All new labels of a list in one line."""
    pairs = [f"{seen.old}{_ARROW}{seen.new}" for seen in changes if seen.what == "renumbered" and seen.list == list_]
    more = f" and {len(pairs) - MOST_LABELS} more" if len(pairs) > MOST_LABELS else ""
    return f"renumbered: {', '.join(pairs[:MOST_LABELS])}{more}"


def _folded(changes: Iterable[Seen]) -> Iterator[tuple[Seen, int]]:
    """Each change, and how many members of the same group show the same one; those are left out."""
    alike: dict[tuple[str, str, str], list[Seen]] = {}
    for n, seen in enumerate(changes):
        group, colon, _ = seen.cue.rpartition(":")
        key = (seen.list, group, _line(seen)) if colon else (seen.list, str(n), "")
        alike.setdefault(key, []).append(seen)
    for same in alike.values():
        yield same[0], len(same) - 1


def _line(seen: Seen) -> str:
    what = f"{seen.subject} {seen.what}".strip() if seen.subject != seen.what else seen.what
    if seen.kind == "light" and seen.what == "intensity":
        what = seen.subject
    if seen.kind == "action" and not seen.subject.startswith("master ") and seen.what.split(" ")[0] in ("fade", "stop", "set"):
        what = f"{seen.what} {seen.subject}"
    if seen.old and seen.new:
        words = f"{what}: {seen.old}{_ARROW}{seen.new}"
    elif seen.kind == "cue" and (seen.old or seen.new):
        words = f"{what} {seen.old or seen.new}" if seen.what in ("added", "removed") else f"{what}: {seen.old or seen.new}"
    else:
        words = f"{'+' if seen.new else '-'} {what}: {seen.new or seen.old}".rstrip(": ")
    return words + (f" (through {seen.through})" if seen.through else "")


def difference(old: Show, new: Show) -> ShowDifference:
    """What is otherwise in ``new``."""
    light = LightDiff(old, new)
    labels = Relabelling(_relabelled(old, new), old.list_named)
    seen: list[Seen] = [*_show(old, new, light), *_patch(old, new, light.called), *_devices(old, new)]
    for name, old_list, new_list in _both(old.list_named, new.list_named):
        if old_list is None or new_list is None:
            count = len((new_list or old_list or old.lists[0]).cues)
            words = ("", f"added with {count} cues") if old_list is None else (f"removed with {count} cues", "")
            seen.append(Seen("list", "", *words, list=name))
        else:
            seen += ListDiff((old, old_list), (new, new_list), light, labels).seen()
    seen += _incoming(old, new, labels)
    return ShowDifference(tuple(seen))


def _relabelled(old: Show, new: Show) -> Relabel:
    """What older cues are called now, members of groups included."""
    found: Relabel = {}

    def add(before: Cue, after: Cue) -> None:
        found[before.ref] = after.ref
        if before.group is not None and after.group is not None:
            for one, other in zip(before.group.members, after.group.members, strict=False):
                add(one.cue, other.cue)

    for cue_list in old.lists:
        now = new.list_named.get(cue_list.name)
        if now is not None:
            for before, after in pair_cues(cue_list, now).both:
                add(before, after)
    return found


def _both(old: Mapping[str, T], new: Mapping[str, T]) -> Iterator[tuple[str, T | None, T | None]]:
    for name in dict.fromkeys((*new, *old)):
        yield name, old.get(name), new.get(name)


def _compared(kind: str, old: Mapping[str, T], new: Mapping[str, T], says: Callable[[T], dict[str, str]]) -> Iterator[Seen]:
    """Named things, and what ``says`` about each."""
    for name, one, other in _both(old, new):
        a, b = {} if one is None else says(one), {} if other is None else says(other)
        if one is None or other is None:
            words = ", ".join(f"{key} {value}" for key, value in (a or b).items() if value)
            yield Seen(kind, "", words if other is None else "", words if one is None else "", subject=name)
            continue
        for key in dict.fromkeys((*a, *b)):
            if a.get(key, "") != b.get(key, ""):
                yield Seen(kind, key, a.get(key, ""), b.get(key, ""), subject=name)


def _show(old: Show, new: Show, light: LightDiff) -> Iterator[Seen]:
    def says(show: Show) -> dict[str, str]:
        return {
            "name": show.name, "frames a second": str(show.dmx_rate), "panic": time_words(show.panic_time),
            "main list": show.main_list, "OSC port": str(show.osc_port),
            "reset": "; ".join(_actions_words(show.reset_actions)),
        }  # fmt: skip

    a, b = says(old), says(new)
    for key, one in a.items():
        if one != b[key]:
            yield Seen("show", key, one, b[key])
    yield from _moves("show", "exit look", old.exit_look, new.exit_look, light)
    zones = {zone.name: zone for zone in old.zones}
    for zone in new.zones:
        if (before := zones.get(zone.name)) is not None:
            yield from _moves("zone", f"{zone.name} safe", before.safe.light, zone.safe.light, light)
    yield from _compared(
        "zone", zones, {zone.name: zone for zone in new.zones},
        lambda zone: {"corners": str(zone.corners), "safe": "; ".join(_actions_words(zone.safe.actions))},
    )  # fmt: skip
    yield from _compared(
        "master", {item.name: item for item in old.submasters}, {item.name: item for item in new.submasters},
        lambda item: {"lights": str(len(item.parameters)), "kind": "inhibitive" if item.inhibitive else "additive"},
    )  # fmt: skip


def _moves(kind: str, what: str, old: Iterable[LightMove], new: Iterable[LightMove], light: LightDiff) -> Iterator[Seen]:
    before: Look = {}
    after: Look = {}
    apply(before, old)
    apply(after, new)
    before = light.translated(before)
    for change in light.changes(light.difference(before, after), before, after):
        values = (change.old_value, change.new_value)
        yield Seen(kind, f"{what} {change.what}", change.old, change.new, subject=change.lights, values=values)


def _patch(old: Show, new: Show, called: Mapping[str, str]) -> Iterator[Seen]:
    for name, now in called.items():
        if name != now:
            yield Seen("patch", "name", name, now, subject=now)
    before = {called.get(name, name): item for name, item in old.patch.fixture_named.items()}
    yield from _compared("patch", before, new.patch.fixture_named, _fixture)
    yield from _compared("patch", old.patch.universe_keyed, new.patch.universe_keyed, _universe)
    yield from _compared(
        "patch", {node.name: node for node in old.patch.nodes}, {node.name: node for node in new.patch.nodes},
        lambda node: {"address": node.address, "universes": " ".join(node.universes), "loss": node.loss},
    )  # fmt: skip


def _fixture(item: Fixture) -> dict[str, str]:
    return {
        "address": f"{item.universe}.{item.address}",
        "type": f"{item.type} {item.mode.name}",
        "channels": f"{item.mode.footprint} slots" if not item.mode.channels else _layout(item),
        "zone": item.zone or "",
        "hazard": "" if item.hazard is Hazard.NONE else item.hazard.value,
        "at": "" if item.position is None else f"{item.position.x:g} {item.position.y:g} {item.position.z:g}",
        "hang": " ".join(f"{angle:g}" for angle in item.hang) if any(item.hang) else "",
    }


def _layout(item: Fixture) -> str:
    """The mode's channels as one word for each: those of the first cell stand for all."""
    names = [f"{channel.parameter}@{'+'.join(str(slot + 1) for slot in channel.slots)}{'~' if channel.inverted else ''}"
             f"{'' if channel.low is None else f'[{channel.low:g}..{channel.high:g}]'}"
             for channel in item.mode.channels if channel.slots and channel.cell < 1]  # fmt: skip
    return " ".join([*names, *([f"x{item.mode.cells}"] if item.mode.cells > 1 else [])])


def _universe(item: Universe) -> dict[str, str]:
    return {
        "priority": str(item.priority),
        "to": " ".join(item.destinations),
        "device": item.device,
        "sync": str(item.sync),
        "slots": str(item.slots),
        "claim": item.claim,
        "merge_in": item.merge_in,
    }


def _devices(old: Show, new: Show) -> Iterator[Seen]:
    yield from _compared(
        "device", old.device_named, new.device_named,
        lambda item: {
            "kind": item.kind.name, "host": item.host, "port": str(item.port), "latency": time_words(item.latency),
            "hazard": item.hazard.value, "verbs": ", ".join(item.kind.verbs),
        },
    )  # fmt: skip
    yield from _compared(
        "media", {clip.name: clip for clip in old.clips}, {clip.name: clip for clip in new.clips},
        lambda clip: {
            "file": clip.file, "length": "" if clip.length is None else time_words(clip.length),
            "players": " ".join(clip.players), "loudness": f"{clip.loudness:g}", "sha256": clip.sha256,
        },
    )  # fmt: skip
    for kind in ("surfaces", "speakers"):
        yield from _compared(
            "device", {item.name: item for item in getattr(old, kind)}, {item.name: item for item in getattr(new, kind)},
            lambda item: {"player": item.player},
        )  # fmt: skip


def _incoming(old: Show, new: Show, labels: Relabelling) -> Iterator[Seen]:
    def trigger(item: Trigger, show: Show) -> dict[str, str]:
        def text(words: str) -> str:
            return labels.words(words) if show is old else words

        done = item.do if show is new else tuple(labels.action(action) for action in item.do)
        return {
            "when": text(item.when.text), "only if": "" if item.only_if is None else text(item.only_if.text),
            "cooldown": time_words(item.cooldown), "armed": "yes" if item.armed else "no", "do": "; ".join(_actions_words(done)),
        }  # fmt: skip

    yield from _compared(
        "trigger", {item.name: trigger(item, old) for item in old.triggers},
        {item.name: trigger(item, new) for item in new.triggers}, lambda words: words,
    )  # fmt: skip
    yield from _compared(
        "input", {item.name: item for item in old.inputs}, {item.name: item for item in new.inputs},
        lambda item: {
            "from": f"{item.source.value} {item.address} {item.device}".strip(), "type": item.type.value,
            "initial": str(item.initial), "hysteresis": f"{item.hysteresis:g}", "counts": "yes" if item.counts else "",
            "stale": "" if item.stale_after is None else time_words(item.stale_after),
        },
    )  # fmt: skip
    yield from _compared(
        "variable", {item.full_name: item for item in old.variables}, {item.full_name: item for item in new.variables},
        lambda item: {"type": item.type.value, "initial": str(item.initial)},
    )  # fmt: skip
    yield from _compared(
        "timecode", {item.name: item for item in old.timecodes}, {item.name: item for item in new.timecodes},
        lambda item: {"kind": item.kind, "rate": f"{item.num}/{item.den}", "offset": time_words(item.offset)}
        | {"source": item.source},
    )  # fmt: skip
    yield from _compared(
        "inbound", {f"{item.kind} {item.pattern}": item for item in old.inbound},
        {f"{item.kind} {item.pattern}": item for item in new.inbound},
        lambda item: {"allow": item.allow, "from": " ".join(item.sources)},
    )  # fmt: skip


def _actions_words(actions: Iterable[Action]) -> list[str]:
    return [f"{subject} {words}" for subject, _, words in map(action_words, actions)]
