"""Mark: what a cue brings up out of the dark, and so may have in its place before anybody sees it move.

Which lights those are follows from the show alone, and is said here: the engine moves them (``engine.marking``), the sheet shows
them. *Automatic*: in the cue before, in file order. *Referenced*: in an earlier cue that is named. Off where nothing is said, as
on Eos.
"""

from __future__ import annotations

from dataclasses import dataclass

from showctl.show.cues import Branch, Cue, CueList, GroupMode, LightMove, MoveKind
from showctl.show.fixtures import Family, Hazard
from showctl.show.levels import Level
from showctl.show.patch import Parameter, Patch


@dataclass(frozen=True, slots=True)
class Prepared:
    """A light, or a cell of one, that a cue brings up: dark while all ``dimmers`` are, and then ``moves`` may go ahead."""

    fixture: int
    dimmers: tuple[int, ...]
    moves: tuple[tuple[int, Level], ...]
    """Parameter and the level that the cue takes it to; no intensities."""


def prepared(patch: Patch, cue: Cue) -> tuple[Prepared, ...]:
    """What may be moved in the dark for ``cue``: whatever else it moves of the lights that it brings up. No hazards."""
    levels: dict[int, Level] = {}
    for move in first_light(cue):
        if move.kind is MoveKind.SET and not move.follow:
            levels |= zip(move.parameters, move.levels, strict=True)
        else:
            for gone in move.parameters:  # given back, or to where somebody will be: nobody knows where that is
                levels.pop(gone, None)
    rising = {p for p, level in levels.items() if level > 0 and patch.parameters[p].family is Family.INTENSITY}
    rising |= {p for effect in cue.effects for p, high in zip(effect.parameters, effect.highs, strict=False) if high > 0}
    found: dict[tuple[int, tuple[int, ...]], list[tuple[int, Level]]] = {}
    of: dict[int, _Dimmers] = {}
    for number, level in levels.items():
        parameter = patch.parameters[number]
        if parameter.family is Family.INTENSITY or parameter.hazard is not Hazard.NONE:
            continue
        known = of.get(parameter.fixture)
        if known is None:
            known = of[parameter.fixture] = _Dimmers(patch.parameters_of[parameter.fixture])
        dimmers = known.of(parameter)
        if not rising.isdisjoint(dimmers):
            found.setdefault((parameter.fixture, dimmers), []).append((number, level))
    return tuple(Prepared(fixture, dimmers, tuple(moves)) for (fixture, dimmers), moves in found.items())


def first_light(cue: Cue) -> tuple[LightMove, ...]:
    """The light that begins with the cue, that of its members included; what comes later in a group is not waited for."""
    moves = cue.light + cue.this_cue_only
    if cue.group is None:
        return moves
    first: tuple[Cue, ...] = ()
    if cue.group.mode in (GroupMode.ALL, GroupMode.TIMELINE):
        first = tuple(member.cue for member in cue.group.members if member.at == 0 and member.cue.wait == 0)
    elif cue.group.mode is GroupMode.SEQUENCE:
        first = tuple(member.cue for member in cue.group.members[:1])
    return moves + tuple(move for member in first if member.armed for move in first_light(member))


class _Dimmers:
    """The intensities without which a parameter is not to be seen: its light's own, else its cell's, else every cell's."""

    def __init__(self, parameters: tuple[Parameter, ...]) -> None:
        cells: dict[int, list[int]] = {}
        for item in parameters:
            if item.family is Family.INTENSITY:
                cells.setdefault(max(item.cell, -1), []).append(item.index)
        self._whole = tuple(cells.pop(-1, ()))
        self._cells = {cell: tuple(found) for cell, found in cells.items()}
        self._every = tuple(index for found in self._cells.values() for index in found)

    def of(self, parameter: Parameter) -> tuple[int, ...]:
        return self._whole or self._cells.get(parameter.cell, self._every)


def prepared_in(cue_list: CueList, cue: Cue) -> Cue | None:
    """The cue during which the lights of ``cue`` move; None where nothing marks it, or nobody knows what comes before it."""
    if cue.mark is None or cue.index < 0 or not cue.armed:
        return None
    if cue.mark.during is not None:
        return cue_list.named[cue.mark.during.label]
    before = cue_list.cues[cue.index - 1] if cue.index else None
    return None if before is None or isinstance(before.next, Branch) else before
