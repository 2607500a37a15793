"""Settled looks: where each cue of a list leaves the lights, counted through the list in file order.

A level that a cue sets tracks through the cues after it until another sets or releases it; ``this_cue_only`` is not carried on.
Levels are a list's own: what other lists and masters make of them is ``light``'s business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from showctl.show.cues import Cue, CueList, LightMove, MoveKind
from showctl.show.levels import Level
from showctl.show.targets import marked

Look = dict[int, Level]
"""Parameter -> level, of what the list holds; marked where it follows somebody (``show.targets``)."""


def own_moves(cue: Cue) -> Iterator[LightMove]:
    """Every move of ``cue`` that tracks on: its own, then its members', as they come."""
    yield from cue.light
    for member in cue.group.members if cue.group is not None else ():
        yield from own_moves(member.cue)


def apply(look: Look, moves: Iterable[LightMove]) -> None:
    """``look`` as it is after ``moves``."""
    for move in moves:
        if move.kind is MoveKind.RELEASE:
            for parameter in move.parameters:
                look.pop(parameter, None)
        else:
            look.update((p, marked(level, move.follow)) for p, level in zip(move.parameters, move.levels, strict=True))


def tracked_looks(cue_list: CueList) -> Iterator[tuple[Cue, Look]]:
    """Each cue with what tracks on from it. The look is one dict that changes: copy what is to be kept."""
    look: Look = {}
    for cue in cue_list.cues:
        apply(look, own_moves(cue))
        yield cue, look
