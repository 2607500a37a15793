"""Cues as trees, before they are checked: includes, labels, templates, timelines and verbs find their place.

The first key of a cue is its label (``12: Bellows``); the names of devices are keys as well. Here both find their
fixed place (``label``, ``name``, ``devices``), group members get labels of their own (``13:1``), and every label of a
list becomes known before any cue is resolved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from showctl.show.places import Place
from showctl.showfile.draft import Draft
from showctl.showfile.models_cues import CueModel, Do, IncludeFile, ListFile
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Mapping, Sequence, Text, mapping_like, sequence_like, text_at
from showctl.showfile.structure import fit
from showctl.showfile.templates import expand
from showctl.showfile.tempo_words import in_bars, read_tempo
from showctl.showfile.timelines import read_timeline

_INNER: Final = ("label", "devices")
CUE_KEYS: Final = frozenset(
    item.alias or name for name, item in CueModel.model_fields.items() if name not in _INNER
) | {"use", "with"}  # fmt: skip
DO_KEYS: Final = frozenset(item.alias or name for name, item in Do.model_fields.items() if name not in _INNER)
GROUPS: Final = ("all", "sequence", "timeline", "random", "first_enters")
MAX_TEMPLATES: Final = 4
"""How many templates may use one another."""


@dataclass
class ListTree:
    """A list's file, and its cues ready to be checked."""

    model: ListFile
    node: Mapping
    cues: list[Mapping] = field(default_factory=list)


def read_list(draft: Draft, node: Any) -> ListTree | None:
    """The list in ``node``, its includes first; its labels go to ``draft.labels``."""
    model: ListFile | None = fit(ListFile, node, draft.problems)
    if model is None or not isinstance(node, Mapping):
        return None
    if not draft.claim(model.list, "list"):
        return None
    tree = ListTree(model, node)
    draft.tempo = read_tempo(draft, model.tempo)
    labels = draft.labels.setdefault(str(model.list), {})
    raw = [*_included(draft, model.include or [], [node.file]), *(model.cues or [])]
    if not raw:
        draft.problems.warning("NO_CUES", model.list.place, f"the list {model.list} has no cues", "cues: [...]")
    previous: Text | None = None
    for item in raw:
        cue = prepare(draft, item, None)
        if cue is None:
            _keep_label(labels, item)
            continue
        label: Text | None = cue.get(_LABEL)
        if label is None:
            draft.problems.error("NO_LABEL", cue.place, "this cue has no label", "a cue begins with its label: - 12: Bellows")
            continue
        if label not in labels:
            previous = _ascending(draft, label, previous)
        if _take_label(draft, labels, label):
            tree.cues.append(cue)
        _label_members(draft, labels, cue, str(label))
    return tree


_LABEL: Final = Text("label")
_NAME: Final = Text("name")
_DEVICES: Final = Text("devices")
_TEMPO: Final = Text("tempo")


def _included(draft: Draft, names: list[Text], seen: list[str]) -> Iterator[Any]:
    for name in names:
        path = draft.folder.find(name, name.place)
        if path is None:
            continue
        file = draft.folder.relative(path)
        if file in seen:
            draft.problems.error("INCLUDE_CIRCLE", name.place, f"{name} includes itself", " -> ".join([*seen, file]))
            continue
        node = draft.folder.yaml(path, name.place)
        model: IncludeFile | None = fit(IncludeFile, node, draft.problems)
        if model is not None:
            yield from _included(draft, model.include or [], [*seen, file])
            yield from model.cues or []


# --- labels --------------------------------------------------------------------------------------------------------


def _take_label(draft: Draft, labels: dict[str, Text], label: Text) -> bool:
    if not label or len(label) > 40 or any(c in label for c in "/\"'\n") or label != label.strip():
        hint = "labels are short, without / and quotes: 12, 12.5, 12a"
        draft.problems.error("NO_LABEL", label.place, f"{label or 'nothing'} cannot be a label", hint)
        return False
    if label in labels:
        first = labels[label]
        hint = f"the first is in {first.place}: renumber one"
        draft.problems.error("TWIN_LABEL", label.place, f"there are two cues {label}", hint)
        return False
    labels[str(label)] = label
    number = _decimal(label)
    if number is not None:
        same = draft.numbers.setdefault(id(labels), {}).setdefault(number, label)
        if same is not label:
            draft.problems.error(
                "TWIN_LABEL",
                label.place,
                f"{label} and {same} read as the same number",
                f"the other is in {same.place}: rename one",
            )
    return True


def _keep_label(labels: dict[str, Text], node: Any) -> None:
    """A cue that could not be read keeps its label, so that what refers to it is not said to be wrong as well."""
    first = next(iter(node), None) if isinstance(node, Mapping) else None
    if isinstance(first, Text) and first not in CUE_KEYS:
        labels.setdefault(str(first), first)


def _decimal(label: str) -> tuple[int, str] | None:
    head, dot, tail = label.partition(".")
    if head.isdigit() and head.isascii() and (not dot or (tail.isdigit() and tail.isascii())):
        return int(head), tail.rstrip("0")
    return None


def _ascending(draft: Draft, label: Text, previous: Text | None) -> Text | None:
    """Warns where numbers that read as decimals do not ascend; the label to compare the next with."""
    now, before = _decimal(label), None if previous is None else _decimal(previous)
    if now is None:
        return previous
    if before is not None and now < before:
        draft.problems.warning(
            "DESCENDING_LABEL", label.place, f"{label} stands after {previous}", "order is file order: move it, or renumber it"
        )
    return label


def _label_members(draft: Draft, labels: dict[str, Text], cue: Mapping, parent: str) -> None:
    for key in GROUPS:
        members = cue.get(text_at(key, "", 0, 0))
        if not isinstance(members, Sequence):
            continue
        for n, member in enumerate(members, start=1):
            if not isinstance(member, Mapping):
                continue
            label = member.get(_LABEL)
            if label is None:
                label = text_at(f"{parent}:{n}", member.file, member.line, member.column)
                member[text_at("label", member.file, member.line, member.column)] = label
                labels[str(label)] = label
            elif not _take_label(draft, labels, label):
                member[_LABEL] = text_at(f"{parent}:{n}", member.file, member.line, member.column)
            _label_members(draft, labels, member, str(member[_LABEL]))


# --- shape ---------------------------------------------------------------------------------------------------------


def prepare(draft: Draft, node: Any, keys: frozenset[str] | None, depth: int = 0) -> Mapping | None:
    """``node`` in the shape of ``CueModel`` (or, with ``keys``, of what a trigger may do)."""
    if not isinstance(node, Mapping):
        place = node.place if isinstance(node, Text | Sequence) else Place("", 0, 0)
        draft.problems.error("WRONG_TYPE", place, "a cue is a mapping, and this is not", "- 12: Bellows")
        return None
    if keys is None and "use" in node:
        if depth >= MAX_TEMPLATES:
            draft.problems.error(
                "TEMPLATE_CIRCLE", node.place, "templates use one another too deeply", f"{MAX_TEMPLATES} at most"
            )
            return None
        expanded = expand(draft, node)
        return None if expanded is None else prepare(draft, expanded, keys, depth + 1)
    known = CUE_KEYS if keys is None else keys
    made = mapping_like(node.place, {})
    devices: dict[Text, Any] = {}
    good = True
    for n, (key, value) in enumerate(node.items()):
        if key in known:
            if key in GROUPS and keys is None:
                value = _members(draft, key, value, depth, node.get(_TEMPO))
                if value is None:
                    good = False
                    continue
            if key == _TEMPO and keys is None and "timeline" not in node:
                draft.problems.error("BAD_WORD", key.place, "only a timeline has a tempo", "add timeline:, or put it at the list")
            made[key] = value
        elif key in draft.devices:
            if not devices:
                made[text_at("devices", key.file, key.line, key.column)] = mapping_like(key.place, devices)
            devices[key] = value
        elif n == 0 and keys is None and isinstance(value, Text) and not _slip(key, draft):
            made[text_at("label", key.file, key.line, key.column)] = key
            if not value.empty:
                made[text_at("name", key.file, key.line, key.column)] = value
        elif key not in draft.lost and not ("UNKNOWN_DEVICE" in draft.problems.muted and not _slip(key, draft)):
            names = [*known, *draft.devices]
            hint = _foreign(key, value) or did_you_mean(key, names, "the keys of a cue, or a device's name")
            draft.problems.error("UNKNOWN_KEY", key.place, f"there is no key or device {key}", hint)
    if devices:
        slot = next(key for key in made if key == "devices")
        made[slot] = mapping_like(slot.place, devices)
    return made if good else None


def _foreign(key: Text, value: Any) -> str:
    """A hint for what people bring from other desks."""
    if isinstance(value, Text) and value.empty and not get_close_matches(key, CUE_KEYS, n=1, cutoff=0.8):
        return "a comma inside braces begins a new key: put the whole value in quotes"
    habits = {
        "follow": "next: after end", "hang": "next: 2s after end", "auto_continue": "next: after start",
        "continue": "next: after start",
        "delay": "wait: 2s, or time: {focus: 1s delay 0.5s}", "pre_wait": "wait: 2s", "post_wait": "next: 2s after start",
        "goto": "jump: 40 starts it, standby: 40 only puts it there", "audio": "sound: CLIP on SPEAKER",
        "video": "film: CLIP on SURFACE",
    }  # fmt: skip
    return habits.get(key, "")


def _slip(key: Text, draft: Draft) -> bool:
    """Whether a first key looks like a misspelt key of a cue rather than like a label."""
    if not key or key[0].isdigit() or key in ("label",):
        return key == "label"
    if len(key) < 3:  # two letters are near to too much
        return False
    return bool(get_close_matches(key, [*CUE_KEYS, *draft.devices], n=1, cutoff=0.8))


def _members(draft: Draft, key: Text, value: Any, depth: int, own_tempo: Any) -> Sequence | None:
    timed = key != "timeline"
    if key == "timeline" and isinstance(value, Text) and not value.empty:
        timed = True  # a table has a tempo of its own
        rows = read_timeline(draft, value)
        value = rows if rows is not None else None
        if value is None:
            return None
    if not isinstance(value, Sequence):
        draft.problems.error("WRONG_TYPE", key.place, f"{key} takes a list of cues", f"{key}: [{{light: ...}}, {{sound: ...}}]")
        return None
    if not timed and (tempo := read_tempo(draft, own_tempo) or draft.tempo) is not None:
        value = in_bars(draft, value, tempo)
    prepared = [prepare(draft, item, None, depth) for item in value]
    return sequence_like(value.place, [item for item in prepared if item is not None])
