"""Whether two readings of a show mean the same, but for names that were changed on purpose.

Renumbering, or renaming a fixture, must change nothing that anybody sees. ``plain`` turns a show into nested tuples without
places, with the changed names put in; two shows mean the same where these are equal. It is the proof after the edit, and catches
what the edit did not: a template's argument that was a number as well as a label, a label in a text that nobody understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any

from showctl.show.cues import CueRef, Effect
from showctl.show.expressions import Expression
from showctl.show.fixtures import Fixture
from showctl.show.places import Place
from showctl.show.rehearsals import Expectation, Never, Rehearsal, Step
from showctl.show.show import Show
from showctl.showfile.references import Relabel, relabelled_words
from showctl.showfile.resolve_rehearsals import WITH_LIST

_SPACE = re.compile(r"\s+")


@dataclass
class Renaming:
    """What was changed on purpose: labels of cues, names of fixtures."""

    labels: Relabel = field(default_factory=dict)
    fixtures: Mapping[str, str] = field(default_factory=dict)
    words: Callable[[str], str] = str
    """How fixtures' names change in the words of rehearsals."""


def same_meaning(before: tuple[Show, tuple[Rehearsal, ...]], after: tuple[Show, tuple[Rehearsal, ...]], names: Renaming) -> str:
    """Nothing where both mean the same; else the first part of the show that does not."""
    old, new = before[0], after[0]
    mapped, as_is = _Plain(old, names), _Plain(new, Renaming())
    for item in fields(Show):
        if not item.compare:
            continue
        one, other = mapped.of(getattr(old, item.name)), as_is.of(getattr(new, item.name))
        if one != other:
            return _first(item.name, old, one, other)
    if mapped.of(before[1]) != as_is.of(after[1]):
        return "rehearsals"
    return ""


def _first(name: str, old: Show, one: Any, other: Any) -> str:
    """The cue in which two plain shows differ first, where it is one of the lists."""
    if name != "lists":
        return name
    for cue_list, a, b in zip(old.lists, one, other, strict=False):
        cues_a, cues_b = dict(a[1:])["cues"], dict(b[1:])["cues"]
        for cue, x, y in zip(cue_list.cues, cues_a, cues_b, strict=False):
            if x != y:
                return f"cue {cue.ref}"
    return name


class _Plain:
    def __init__(self, show: Show, names: Renaming) -> None:
        self.names = names
        self.lists = {item.name: item for item in show.lists}
        self.main_list = show.main_list

    def of(self, value: Any) -> Any:
        if isinstance(value, CueRef):
            new = self.names.labels.get(value, value)
            return (new.list, new.label)
        if isinstance(value, Expression):
            return _SPACE.sub(" ", relabelled_words(value.text, self.names.labels, self.lists))
        if isinstance(value, Place):
            return None
        if isinstance(value, Effect):
            return self._fields(value, {"name", "seed"}) if value.name.endswith((" effect", " chase")) else self._fields(value)
        if isinstance(value, Step):
            return (*self._fields(value, {"words"}), self._step(value))
        if isinstance(value, Expectation | Never):
            said = [value.that, *((value.meanwhile, *value.order) if isinstance(value, Expectation) else ())]
            words = (self.names.words(relabelled_words(text, self.names.labels, self.lists)) for text in said)
            return (*self._fields(value, {"that", "meanwhile", "order"}), *(_SPACE.sub(" ", text) for text in words))
        if isinstance(value, Fixture):
            called = self.names.fixtures
            return (*self._fields(value, {"name", "spare"}), *(called.get(name, name) for name in (value.name, value.spare)))
        if is_dataclass(value) and not isinstance(value, type):
            return self._fields(value)
        if isinstance(value, tuple | list):
            if value and type(value[0]) is int:
                return tuple(value)
            return tuple(self.of(item) for item in value)
        if isinstance(value, dict):
            return tuple((self.of(key), self.of(item)) for key, item in value.items())
        if isinstance(value, Enum):
            return value.value
        return value

    def _fields(self, value: Any, without: set[str] = frozenset()) -> tuple[Any, ...]:  # type: ignore[assignment]
        kept = (item.name for item in fields(value) if item.compare and item.name not in without)
        return (type(value).__name__, *((name, self.of(getattr(value, name))) for name in kept))

    def _step(self, step: Step) -> str:
        words = step.words.strip()
        list_, slash, label = words.partition("/")
        if step.what not in WITH_LIST or (not slash and words in self.lists):
            return self.names.words(step.words)
        ref = CueRef(list_, label) if slash else CueRef(self.main_list, words)
        return str(self.names.labels.get(ref, ref))
