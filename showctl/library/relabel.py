"""Older actions, conditions and branches with the labels that cues have now, so that a renumbered cue is no difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from showctl.show.cues import (
    Action,
    Branch,
    CueRef,
    GoCue,
    Next,
    NextWhen,
    Readiness,
    SetVariable,
    StandbyCue,
    StartCue,
    StopThing,
)
from showctl.show.expressions import Expression
from showctl.showfile.references import relabelled_words

Relabel: TypeAlias = dict[CueRef, CueRef]


@dataclass(frozen=True)
class Relabelling:
    """``labels``: what each cue of the older show is called in the newer one; ``lists``: the older show's lists."""

    labels: Relabel
    lists: Mapping[str, object]

    def ref(self, ref: CueRef) -> CueRef:
        return self.labels.get(ref, ref)

    def words(self, text: str) -> str:
        return relabelled_words(text, self.labels, self.lists)

    def expression(self, expression: Expression) -> Expression:
        return replace(expression, text=self.words(expression.text))

    def when(self, when: NextWhen | None) -> NextWhen | None:
        return None if when is None else replace(when, condition=self.expression(when.condition))

    def ready(self, ready: Readiness | None) -> Readiness | None:
        if ready is None:
            return None
        instead = None if ready.instead is None else self.ref(ready.instead)
        return replace(ready, condition=self.expression(ready.condition), instead=instead)

    def action(self, action: Action) -> Action:
        match action:
            case StartCue(cue=ref) | StandbyCue(cue=ref):
                return replace(action, cue=self.ref(ref))
            case GoCue(cue=CueRef() as ref):
                return replace(action, cue=self.ref(ref))
            case StopThing(name=CueRef() as ref):
                return replace(action, name=self.ref(ref))
            case SetVariable(to=to):
                return replace(action, to=self.expression(to))
            case _:
                return action

    def next(self, following: Next | None) -> Next | None:
        match following:
            case Branch(choices=choices, otherwise=otherwise):
                ways = tuple((self.expression(condition), self.ref(ref)) for condition, ref in choices)
                return replace(following, choices=ways, otherwise=self.ref(otherwise))
            case NextWhen():
                return self.when(following)
            case _:
                return following
