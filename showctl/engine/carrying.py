"""What of an older show means something in a newer one: numbers of parameters, lists, clocks and masters, and cues.

``Ways`` finds each thing of the older show again by its name. A cue that runs is performed to its end as it was when it began:
``carried`` gives it the newer show's numbers, and says what it needs that is not there any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.engine import following
from showctl.engine.stage import Stage, stage_of
from showctl.show.cues import (
    Action,
    Branch,
    Cue,
    CueRef,
    Effect,
    GoCue,
    LightMove,
    NextWhen,
    Perform,
    ReleaseList,
    SetMaster,
    SetRate,
    SetVariable,
    StandbyCue,
    StartCue,
    StopThing,
)
from showctl.show.expressions import Expression
from showctl.show.show import Show

GONE: Final = -1


class Ways:
    """From the numbers of ``old`` to those of ``new``."""

    def __init__(self, old: Show, new: Show) -> None:
        self.old, self.new = stage_of(old), stage_of(new)
        self.parameters = _parameters(old, new)
        """Parameter -> its number now, or GONE."""
        self.lists = {item.index: now.index for item in old.lists if (now := new.list_named.get(item.name)) is not None}
        """List -> its number now; those that are gone are not there."""
        self.numbers = dict(self.lists)
        """The same for every number that rows may have as their list: safe looks and hold looks stand behind the lists."""
        self.numbers |= {-1: -1, self.old.safe_list: self.new.safe_list}
        self.numbers |= {_beside(self.old, before): _beside(self.new, now) for before, now in self.lists.items()}
        self.clocks = {0: 0} | {self.old.list_clock[before]: self.new.list_clock[now] for before, now in self.lists.items()}
        """Clock -> its number now. Runs' own clocks keep theirs."""
        self.clocks |= {
            number: self.new.timecode_clock[name]
            for name, number in self.old.timecode_clock.items()
            if name in self.new.timecode_clock
        }
        self.masters = {0: 0, 1: 1}
        """Master -> its number now."""
        named = {item.name: item for item in new.submasters}
        for item in old.submasters:
            now_ = named.get(item.name)
            if now_ is not None and now_.inhibitive == item.inhibitive:
                self.masters[item.index + 2] = now_.index + 2
        whom = {item.name: item.number for item in new.targets if item.tracker}
        self.targets = {item.number: whom.get(item.name, 0) for item in old.targets}
        """Who is followed -> their number now; 0, and heads rest where they are, where nobody follows them any more."""
        self.interlocks = dict(self._same_interlocks(old, new))
        """Interlock -> its number now, of those that say the same."""
        self._types = new.types()
        self._same_type = {name for name, kind in old.types().items() if self._types.get(name) is kind}

    def _same_interlocks(self, old: Show, new: Show) -> Iterator[tuple[int, int]]:
        named = {item.name: item for item in new.hazards}
        for item in old.hazards:
            now = named.get(item.name)
            mine = tuple(int(self.parameters[parameter]) for parameter in item.parameters)
            if now is not None and alike(replace(item, index=now.index, parameters=mine), now):
                yield item.index, now.index

    # --- light -----------------------------------------------------------------------------------------------------------

    def move(self, move: LightMove) -> LightMove:
        """``move`` without the parameters that are gone."""
        kept = [n for n, parameter in enumerate(move.parameters) if self.parameters[parameter] != GONE]
        return replace(
            move,
            parameters=tuple(int(self.parameters[move.parameters[n]]) for n in kept),
            levels=tuple(self._level(move.levels[n]) for n in kept) if move.levels else (),
            follow=self.targets.get(move.follow, 0),
        )

    def _level(self, level: int) -> int:
        """``level``, marked with the number of now of whom it follows, if anybody."""
        whom, own = following.unmarked(level)
        return following.marked(own, self.targets.get(whom, 0))

    def moves(self, moves: tuple[LightMove, ...]) -> tuple[LightMove, ...]:
        """All of them that are left."""
        return tuple(now for move in moves if (now := self.move(move)).parameters)

    def effect(self, effect: Effect) -> Effect:
        """``effect`` on what is left of its selection."""
        kept = [n for n, parameter in enumerate(effect.parameters) if self.parameters[parameter] != GONE]
        return replace(
            effect,
            parameters=tuple(int(self.parameters[effect.parameters[n]]) for n in kept),
            phases=tuple(effect.phases[n] for n in kept),
            highs=tuple(effect.highs[n] for n in kept) if effect.highs else (),
        )

    # --- cues ------------------------------------------------------------------------------------------------------------

    def cue(self, cue: Cue) -> Cue:
        """``cue`` as it was, with the numbers of now; its place in the list is where it stands, or stood, there."""
        group = cue.group
        if group is not None:
            group = replace(group, members=tuple(replace(member, cue=self.cue(member.cue)) for member in group.members))
        return replace(
            cue,
            index=self._index(cue),
            light=self.moves(cue.light),
            this_cue_only=self.moves(cue.this_cue_only),
            effects=tuple(now for effect in cue.effects if (now := self.effect(effect)).parameters),
            group=group,
        )

    def _index(self, cue: Cue) -> int:
        """Where what follows the cue is what follows it now."""
        if cue.index < 0:
            return cue.index
        now = self.new.show.list_named[cue.ref.list]
        before = self.old.show.list_named[cue.ref.list]
        if (same := now.named.get(cue.label)) is not None and same.index >= 0:
            return same.index
        following = (now.named.get(later.label) for later in before.cues[cue.index + 1 :])
        return next((later.index - 1 for later in following if later is not None and later.index >= 0), len(now.cues) - 1)

    def missing(self, cue: Cue) -> Iterator[str]:
        """What ``cue`` (with its members) needs and the newer show does not have, in words."""
        for action in (*cue.actions, *cue.prepare):
            yield from self._missing_of(action)
        if cue.ready is not None:
            yield from self._names(cue.ready.condition)
            if cue.ready.instead is not None:
                yield from self._cue(cue.ready.instead)
        match cue.next:
            case Branch(choices=choices, otherwise=otherwise):
                for condition, ref in choices:
                    yield from self._names(condition)
                    yield from self._cue(ref)
                yield from self._cue(otherwise)
            case NextWhen(condition=condition):
                yield from self._names(condition)
            case _:
                pass
        if cue.wait_for is not None:
            yield from self._names(cue.wait_for.condition)
        if cue.group is not None:
            if cue.group.clock is not None and cue.group.clock not in self.new.timecode_clock:
                yield f"timecode {cue.group.clock}"
            for member in cue.group.members:
                yield from self.missing(member.cue)

    def _missing_of(self, action: Action) -> Iterator[str]:
        match action:
            case Perform(device=name, verb=verb):
                device = self.new.show.device_named.get(name)
                if device is None:
                    yield f"the device {name}"
                elif verb not in device.kind.verbs and verb in self.old.show.device_named[name].kind.verbs:
                    yield f"the verb {verb} of {name}"
            case StopThing(name=CueRef() as ref) | StartCue(cue=ref) | StandbyCue(cue=ref) | GoCue(cue=CueRef() as ref):
                yield from self._cue(ref)
            case GoCue(list=name) | ReleaseList(list=name):
                if name not in self.new.show.list_named:
                    yield f"the list {name}"
            case SetVariable(name=name, to=to):
                if name not in self._same_type:
                    yield f"the variable {name}"
                yield from self._names(to)
            case SetRate(what=CueRef() as ref):
                yield from self._cue(ref)
            case SetMaster(name=name):
                if name not in ("grand", "blackout") and name not in {item.name for item in self.new.show.submasters}:
                    yield f"the master {name}"
            case _:
                pass

    def _names(self, expression: Expression) -> Iterator[str]:
        yield from (name for name in expression.names if name not in self._same_type)

    def _cue(self, ref: CueRef) -> Iterator[str]:
        now = self.new.show.list_named.get(ref.list)
        if now is None or ref.label not in now.named:
            yield f"the cue {ref}"


def tree(cue: Cue) -> dict[CueRef, Cue]:
    """``cue`` and its members, and theirs, by name."""
    return {part.ref: part for part in cue.with_members()}


def alike(one: object, other: object) -> bool:
    """Whether two definitions say the same, wherever they were written."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(alike(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, Enum | Expression):
        return one == other
    if is_dataclass(one):
        return all(alike(getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.compare and f.name != "place")
    return one == other


def _beside(stage: Stage, index: int) -> int:
    """As ``holding``: where the hold look of a list stands."""
    return stage.safe_list + 1 + index


def _parameters(old: Show, new: Show) -> NDArray[np.int32]:
    """Old parameter -> new one of the same fixture, cell and name."""
    known: dict[Any, int] = {}
    for parameter in new.patch.parameters:
        fixture = new.patch.fixtures[parameter.fixture]
        known[fixture.name, parameter.cell, parameter.name] = parameter.index
    ways = [known.get((old.patch.fixtures[p.fixture].name, p.cell, p.name), GONE) for p in old.patch.parameters]
    return np.array(ways, np.int32)
