"""What changes in a list: cues added, removed, moved and renamed; in each cue its light, times, actions and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any, Final

from showctl.library.cue_pairs import pair_cues
from showctl.library.cue_words import action_words, effect_words, next_words, ready_words, time_words, when_words
from showctl.library.light_diff import Difference, LightChange, LightDiff
from showctl.library.lights_named import Lights
from showctl.library.relabel import Relabelling
from showctl.library.resolved_times import Begin, begins
from showctl.show.cues import Cue, CueList, Mark
from showctl.show.show import Show
from showctl.showfile.looks import Look, apply


@dataclass
class Seen:
    """One thing that an audience would see (or a crew would meet) otherwise. ``old`` or ``new`` is empty where there was none."""

    kind: str
    """light, time, effect, action, next, begin, wait, cue, list; patch, device, trigger, zone, show."""
    what: str
    old: str = ""
    new: str = ""
    list: str = ""
    cue: str = ""
    """The label, in the newer revision where the cue is there."""
    name: str = ""
    subject: str = ""
    """The lights, device, cue or fixture."""
    through: str = ""
    values: tuple[Any, Any] = field(default=(None, None))

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "kind": self.kind, "list": self.list or None, "cue": self.cue or None, "name": self.name or None,
            "subject": self.subject or None, "what": self.what, "old": self.old or None, "new": self.new or None,
            "old_value": self.values[0], "new_value": self.values[1], "through": self.through or None,
        }  # fmt: skip


class ListDiff:
    """Compares two revisions of one list. ``labels`` says which cue is called what now, in every list."""

    def __init__(self, old: tuple[Show, CueList], new: tuple[Show, CueList], light: LightDiff, labels: Relabelling) -> None:
        self.old_show, self.old = old
        self.new_show, self.new = new
        self.light, self.labels = light, labels
        self.old_looks = {label: (light.translated(a), light.translated(b)) for label, (a, b) in _looks(self.old).items()}
        self.new_looks = _looks(self.new)

    def seen(self) -> Iterator[Seen]:
        """Everything, in the newer order; removed cues last."""
        yield from self._of_list()
        pairs = pair_cues(self.old, self.new)
        yield from self._begins({before.label: after.label for before, after in pairs.both})
        before_of = {after.label: before for before, after in pairs.both}
        previous: Difference = {}
        tracking: list[Seen] = []
        parts: dict[int, frozenset[Any]] = {}
        for cue in self.new.cues:
            before = before_of.get(cue.label)
            if before is None:
                yield self._cue(cue, "cue", "added", new=_after(self.new, cue))
                yield from self._whole(cue, new=True)
                continue
            found = self.light.difference(self.old_looks[before.label][1], self.new_looks[cue.label][1])
            now = set(found.items())
            for seen in tracking[:]:
                if any((n, (a, b)) in now for n, a, b in parts[id(seen)]):  # some of these lights still differ so
                    seen.through = cue.label
                else:
                    tracking.remove(seen)
            yield from self._pair(before, cue, cue.label in pairs.moved)
            fresh = {index: levels for index, levels in found.items() if previous.get(index) != levels}
            for change in self.light.changes(fresh, self.old_looks[before.label][1], self.new_looks[cue.label][1]):
                seen = self._light(cue, change)
                tracking.append(seen)
                parts[id(seen)] = change.parts
                yield seen
            previous = found
        for cue in pairs.removed:
            yield self._cue(cue, "cue", "removed", old=_after(self.old, cue))
            yield from self._whole(cue, new=False)

    def _of_list(self) -> Iterator[Seen]:
        for name in ("label", "priority", "htp", "at_end", "go_window", "back_time", "release_time"):
            one, other = getattr(self.old, name), getattr(self.new, name)
            if one != other:
                timed = name.endswith(("_window", "_time"))
                words = [time_words(item) if timed else str(item) for item in (one, other)]
                yield Seen("list", name.replace("_", " "), words[0], words[1], list=self.new.name)

    # --- a cue that is in both -------------------------------------------------------------------------------------------

    def _pair(self, old: Cue, new: Cue, moved: bool) -> Iterator[Seen]:
        if old.label != new.label:
            yield self._cue(new, "cue", "renumbered", old.label, new.label)
        if old.name != new.name:
            yield self._cue(new, "cue", "renamed", old.name, new.name)
        if moved:
            yield self._cue(new, "cue", "moved", _after(self.old, old), _after(self.new, new))
        yield from self._inside(old, new, new)

    def _inside(self, old: Cue, new: Cue, at: Cue) -> Iterator[Seen]:
        said, says = _says(replace(old, wait_for=self.labels.when(old.wait_for), ready=self.labels.ready(old.ready))), _says(new)
        for name, word in said.items():
            if word != says[name]:
                yield self._cue(at, "wait" if name.startswith("wait") else "cue", name, word, says[name])
        if old.label in self.old_looks and new.label in self.new_looks:
            looks = (self.old_looks[old.label], self.new_looks[new.label])
            before, after = (looks[0][0], looks[1][0]), (looks[0][1], looks[1][1])
            for change in self.light.times((old, new), before, after):
                yield self._light(at, change, "time")
        yield from self._effects(old, new, at)
        yield from self._actions(old, new, at)
        one, other = next_words(self.labels.next(old.next)), next_words(new.next)
        if one != other and at is new:
            yield self._cue(at, "next", "next", one, other)
        yield from self._group(old, new, at)

    def _effects(self, old: Cue, new: Cue, at: Cue) -> Iterator[Seen]:
        one, other = self._moving(old, self.old_show), self._moving(new, self.new_show)
        for key in dict.fromkeys((*one, *other)):
            a, b = one.get(key, []), other.get(key, [])
            if a and b and a != b:  # only what differs
                a, b = [word for word in a if word not in b], [word for word in b if word not in a]
            if a != b:
                yield replace(self._cue(at, "effect", key[1], ", ".join(a), ", ".join(b)), subject=key[0])

    def _moving(self, cue: Cue, show: Show) -> dict[tuple[str, str], list[str]]:
        """(name, on what) -> how it moves."""
        found: dict[tuple[str, str], list[str]] = {}
        for effect in cue.effects:
            words = effect_words(effect, show.patch.sources)
            found.setdefault((_effect_name(effect.name, cue), self._on(show, effect.parameters)), []).extend(words)
        return found

    def _on(self, show: Show, parameters: tuple[int, ...]) -> str:
        units = {(show.patch.parameters[n].fixture, show.patch.parameters[n].cell) for n in parameters}
        names = sorted({show.patch.parameters[n].name for n in parameters})
        lights = self.light.lights if show is self.new_show else Lights(show)
        return f"{' '.join(names)} of {lights.named(units, names[0])}" if units else ""

    def _actions(self, old: Cue, new: Cue, at: Cue) -> Iterator[Seen]:
        one = [action_words(self.labels.action(action)) for action in old.actions]
        other = [action_words(action) for action in new.actions]
        gone = [item for item in one if item not in other]
        come = [item for item in other if item not in one]
        for subject, about, words in gone:
            twin = next((item for item in come if item[:2] == (subject, about)), None)
            if twin is not None:
                come.remove(twin)
            yield replace(self._cue(at, "action", about, words, twin[2] if twin else ""), subject=subject)
        for subject, about, words in come:
            yield replace(self._cue(at, "action", about, "", words), subject=subject)

    def _group(self, old: Cue, new: Cue, at: Cue) -> Iterator[Seen]:
        if old.group is None or new.group is None:
            if old.group is not new.group:
                words = ["" if cue.group is None else f"{cue.group.mode.value} of {len(cue.group.members)}" for cue in (old, new)]
                yield self._cue(at, "cue", "group", *words)
            return
        if old.group.mode is not new.group.mode:
            yield self._cue(at, "cue", "group", old.group.mode.value, new.group.mode.value)
        if (old.group.clock, old.group.offset) != (new.group.clock, new.group.offset):
            words = [f"{item.clock or 'its own'} from {time_words(item.offset)}" for item in (old.group, new.group)]
            yield self._cue(at, "cue", "clock", *words)
        whole = [CueList(0, "", tuple(member.cue for member in item.members)) for item in (old.group, new.group)]
        ats = [{member.cue.label: member.at for member in item.members} for item in (old.group, new.group)]
        pairs = pair_cues(*whole)
        for before, after in pairs.both:
            if ats[0][before.label] != ats[1][after.label]:
                words = [time_words(ats[0][before.label]), time_words(ats[1][after.label])]
                yield replace(self._cue(after, "cue", "at", *words))
            yield from self._inside(before, after, after)
            found = self.light.difference(self._own(before, older=True), self._own(after, older=False))
            for change in self.light.changes(found, self._own(before, older=True), self._own(after, older=False)):
                yield self._light(after, change)
        for cue in pairs.added:
            yield self._cue(cue, "cue", "added", new=f"at {time_words(ats[1][cue.label])}")
            yield from self._whole(cue, new=True)
        for cue in pairs.removed:
            yield self._cue(cue, "cue", "removed", old=f"at {time_words(ats[0][cue.label])}")
            yield from self._whole(cue, new=False)

    def _own(self, cue: Cue, *, older: bool) -> Look:
        look: Look = {}
        apply(look, cue.light)
        return self.light.translated(look) if older else look

    # --- a cue that is in one only ---------------------------------------------------------------------------------------

    def _whole(self, cue: Cue, *, new: bool) -> Iterator[Seen]:
        """What a cue does that has come, or has gone."""
        looks = (self.new_looks if new else self.old_looks).get(cue.label)
        if looks is not None:
            before, after = looks
            for change in self.light.changes(self.light.difference(before, after), before, after):
                seen = self._light(cue, change)
                yield seen if new else replace(seen, old=seen.new, new="", values=(seen.values[1], None))
        for action in cue.actions:
            subject, about, words = action_words(action)
            yield replace(self._cue(cue, "action", about, *(("", words) if new else (words, ""))), subject=subject)
        for (name, on), moving in self._moving(cue, self.new_show if new else self.old_show).items():
            words = ", ".join(moving)
            yield replace(self._cue(cue, "effect", on, *(("", words) if new else (words, ""))), subject=name)

    # --- when they begin -------------------------------------------------------------------------------------------------

    def _begins(self, now_called: dict[str, str]) -> Iterator[Seen]:
        """Cues that begin earlier or later after what they hang on, a row of them in one line."""
        old, new = begins(self.old), begins(self.new)
        was = {now_called[label]: begin for label, begin in old.items() if label in now_called}
        row: list[tuple[Cue, Begin, Begin]] = []
        for cue in self.new.cues:
            a, b = was.get(cue.label), new[cue.label]
            same = a is not None and now_called.get(a.anchor) == b.anchor
            if a is not None and same and a.offset != b.offset:
                if row and b.offset - a.offset != row[-1][2].offset - row[-1][1].offset:
                    yield self._row(row)
                    row = []
                row.append((cue, a, b))
            elif row and cue.label in was:
                yield self._row(row)
                row = []
        if row:
            yield self._row(row)

    def _row(self, row: list[tuple[Cue, Begin, Begin]]) -> Seen:
        cue, a, b = row[0]
        by = b.offset - a.offset
        side = f"{time_words(abs(by))} {'later' if by > 0 else 'earlier'}"
        words = [f"{time_words(item.offset)} after {b.anchor}" for item in (a, b)]
        through = row[-1][0].label if len(row) > 1 else ""
        return replace(
            self._cue(cue, "begin", f"begins {side}", *words), through=through, values=(a.offset / 1e9, b.offset / 1e9)
        )

    # --- shared ----------------------------------------------------------------------------------------------------------

    def _cue(self, cue: Cue, kind: str, what: str, old: str = "", new: str = "") -> Seen:
        return Seen(kind, what, old, new, self.new.name, cue.label, cue.name)

    def _light(self, cue: Cue, change: LightChange, kind: str = "light") -> Seen:
        return Seen(
            kind, change.what, change.old, change.new, self.new.name, cue.label, cue.name, change.lights,
            values=(change.old_value, change.new_value),
        )  # fmt: skip


def _looks(cue_list: CueList) -> dict[str, tuple[Look, Look]]:
    """Label -> the look before the cue, and where it leaves the lights. Cues without light share one look."""
    found: dict[str, tuple[Look, Look]] = {}
    tracked: Look = {}

    def walk(cues: Iterable[Cue]) -> None:
        nonlocal tracked
        for cue in cues:
            before = tracked
            if cue.light:
                tracked = dict(tracked)
                apply(tracked, cue.light)
            own = tracked
            if cue.group is not None:
                walk(member.cue for member in cue.group.members)
            after = tracked
            if cue.this_cue_only:
                after = dict(tracked)
                apply(after, cue.this_cue_only)
            found[cue.label] = (before, after if cue.index >= 0 else own)

    walk(cue_list.cues)
    return found


TOLD: Final = frozenset(
    ("ref", "name", "index", "notes", "light", "this_cue_only", "effects", "actions", "group", "next", "color", "place")
) | {"wait", "wait_for", "ready", "prepare", "armed", "land_together", "mark"}
"""What a cue has that is told in its own words, or that nobody in the room would see."""


def _says(cue: Cue) -> dict[str, str]:
    others = {item.name.replace("_", " "): getattr(cue, item.name) for item in fields(cue) if item.name not in TOLD}
    return {name: str(value.value if isinstance(value, Enum) else value) for name, value in others.items()} | {
        "wait": time_words(cue.wait),
        "is ready": "" if cue.ready is None else ready_words(cue.ready),
        "prepares": ", ".join(f"{action.device} {action.verb}" for action in cue.prepare),
        "waits for": "" if cue.wait_for is None else when_words(cue.wait_for),
        "armed": "yes" if cue.armed else "no",
        "lands together": "yes" if cue.land_together else "no",
        "marks": _mark_words(cue.mark),
        "on a second trigger": cue.second_trigger.value,
    }


def _mark_words(mark: Mark | None) -> str:
    if mark is None:
        return "no"
    return f"during {mark.during.label if mark.during else 'the cue before'}, in {time_words(mark.over)}"


def _effect_name(name: str, cue: Cue) -> str:
    """The effect's own name; those without are called by their cue, which may have a new label."""
    return name.removeprefix(f"{cue.label} ") if name in (f"{cue.label} effect", f"{cue.label} chase") else name


def _after(cue_list: CueList, cue: Cue) -> str:
    n = next(n for n, item in enumerate(cue_list.cues) if item is cue)
    return f"after {cue_list.cues[n - 1].label}" if n else "first"
