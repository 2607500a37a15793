"""What the cues of a list leave behind once each of them has settled: levels, effects, what devices do (R10, R14).

Settled means over: chains are not run on, fades are at their end, and of what plays only what has no end plays on. Momentary
actions leave nothing. ``settling`` makes the room like this.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from showctl.engine import following, grouping, marking, performing, rating
from showctl.engine.state import Performed
from showctl.engine.turn import Turn
from showctl.show.cues import (
    Action,
    ActionClass,
    Cue,
    DevampThing,
    Effect,
    FadeThing,
    GoCue,
    LightMove,
    MoveKind,
    Perform,
    ReleaseList,
    SetMaster,
    SetRate,
    SetVariable,
    StandbyCue,
    StartCue,
    StopOthers,
    StopThing,
    Value,
)


class Settled:
    """What the cues that were added leave behind, in order."""

    def __init__(self, turn: Turn, index: int) -> None:
        self.turn, self.index = turn, index
        self.levels: dict[int, tuple[int, int]] = {}
        """Parameter -> (level, place of its cue)."""
        self.effects: dict[str, tuple[tuple[Effect, ...], int]] = {}
        """Name -> (its parts, place of its cue)."""
        self.rates: dict[str, rating.Rate] = {}
        """Effect -> its rate, where a cue has set one."""
        self.performed: dict[tuple[str, str], Performed] = {}
        self.for_lists: dict[str, SetRate] = {}
        """List -> the last rate that was set."""
        self._names: dict[str, tuple[str, str]] = {}
        self._since: dict[tuple[str, str], int] = {}
        self._before: dict[int, tuple[int, int] | None] = {}
        """What the last cue had for itself only: parameter -> what was before it."""

    def add(self, cue: Cue, number: int) -> None:
        """``cue``, the ``number``-th of its list, settles after those before it."""
        for parameter, held in self._before.items():
            if held is None:
                self.levels.pop(parameter, None)
            else:
                self.levels[parameter] = held
        self._before = {}
        self._add(cue, number)
        marking.settled(self.turn, cue, number, self.levels, (part for parts, _ in self.effects.values() for part in parts))

    def undo(self) -> tuple[LightMove, ...]:
        """What comes back at the next cue."""
        held = {p: kept[0] for p, kept in self._before.items() if kept is not None}
        free = tuple(p for p, kept in self._before.items() if kept is None)
        moves: list[LightMove] = []
        if held:
            moves.append(LightMove(tuple(held), tuple(held.values())))
        if free:
            moves.append(LightMove(free, (), kind=MoveKind.RELEASE))
        return tuple(moves)

    def _add(self, cue: Cue, number: int) -> None:
        if not cue.armed or cue.ref in self.turn.disarmed:
            return
        if any(isinstance(action, StopOthers) for action in cue.actions):
            self._stop_others(number)
        for move in cue.light:
            self._move(move, number)
        for move in cue.this_cue_only:
            for parameter in move.parameters:
                self._before.setdefault(parameter, self.levels.get(parameter))
            self._move(move, number)
        for effect in cue.effects:
            parts, began = self.effects.get(effect.name, ((), number))
            self.effects[effect.name] = ((*parts, effect) if began == number else (effect,), number)
            if began != number:
                self.rates.pop(effect.name, None)
        for action in cue.actions:
            self._act(action, number)
        for member in grouping.settled_members(self.turn, cue):
            self._add(member.cue, number)

    def _move(self, move: LightMove, number: int) -> None:
        if move.kind is MoveKind.RELEASE:
            for parameter in move.parameters:
                self.levels.pop(parameter, None)
        else:
            for parameter, level in zip(move.parameters, move.levels, strict=True):
                self.levels[parameter] = (following.marked(level, move.follow), number)

    def _act(self, action: Action, number: int) -> None:
        match action:
            case Perform():
                self._perform(action, number)
            case StopThing(name=str() as name) | FadeThing(name=name, then_stop=True) | DevampThing(name=name):
                self.effects.pop(name, None)
                self.performed.pop(self._names.get(name, ("", "")), None)
            case FadeThing(name=name, level=level):
                self._level(self._names.get(name, ("", "")), (("level", level), ("opacity", level)))
            case SetVariable(name=name, to=expression):
                self.turn.set_value(name, expression.value(self.turn.look_up))
            case SetMaster(name=name, level=level):
                performing.set_master(self.turn, name, level, 0)
            case SetRate(what=str() as name, num=num, den=den):
                if name in self.turn.show.list_named:
                    self.for_lists[name] = action
                elif (rate := rating.rate_of(num, den)) is not None:
                    self.rates[name] = rate
            case StopThing() | SetRate() | StopOthers() | StartCue() | GoCue() | StandbyCue() | ReleaseList():
                pass
            case _:
                assert_never(action)

    def _perform(self, action: Perform, number: int) -> None:
        place = (action.device, action.key)
        if action.device in self.turn.stage.guarded_device:
            return  # a hazard is never asked again
        if action.verb == "fade":
            self._level(place, action.arguments)
        elif action.verb == "stop" or action.key == "*":
            self._forget(*place)
        elif action.kind is not ActionClass.MOMENTARY:
            self._since[place] = number
            self._forget(*place)
            if action.verb != "play" or action.length is None:
                kept = performing.performed_of(self.turn, action, self.index)
                if action.rests and action.length:
                    kept = replace(kept, instant=self.turn.now - action.length)  # it has come to its end
                self.performed[place] = kept
            if action.as_:
                self._names[action.as_] = place

    def _forget(self, device: str, key: str) -> None:
        for place in [p for p in self.performed if p[0] == device and performing.covers(key, p[1])]:
            del self.performed[place]

    def _level(self, place: tuple[str, str], arguments: tuple[tuple[str, Value], ...]) -> None:
        if place in self.performed:
            self.performed[place] = performing.with_level(self.performed[place], arguments)

    def _stop_others(self, number: int) -> None:
        """What the cues before this one had running is over; the levels that they brought about stay."""
        for name in [name for name, (_, began) in self.effects.items() if began != number]:
            del self.effects[name]
        for place in [p for p, kept in self.performed.items() if kept.verb == "play" and self._since.get(p) != number]:
            del self.performed[place]
