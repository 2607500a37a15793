"""Requests that name a list, perhaps a cue of it: stand by, start, load, stop, pause, rate, back, locate. GO: ``step.py``."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from showctl.engine import (
    again,
    halting,
    loading,
    rating,
    settling,
    starting,
    stopping,
)
from showctl.engine.commands import Answer
from showctl.engine.events import (
    Back,
    Load,
    Locate,
    Pause,
    Preview,
    Rate,
    Resume,
    Standby,
    StandbyMove,
    Start,
    Stop,
)
from showctl.engine.turn import Turn
from showctl.show.cues import CueRef

ListRequest: TypeAlias = Standby | StandbyMove | Start | Preview | Load | Stop | Pause | Resume | Rate | Back | Locate


def handle(turn: Turn, event: ListRequest) -> None:
    """Requests that name a list (or, left empty, mean every list) and perhaps a cue of it."""
    index = list_of(turn, event.list)
    if index is None:
        return answer(turn, refused=f"no list is called {event.list}")
    cue_list = turn.show.lists[index]
    label = None if isinstance(event, StandbyMove | Back) else event.cue
    if label is not None and label not in cue_list.named:
        return answer(turn, index, refused=f"{cue_list.name} has no cue {label}")
    if turn.latch and isinstance(event, Start | Preview | Locate | Back | Resume):
        return answer(turn, index, refused=f"{turn.latch} is in force: re-arm first")
    chosen = (index,) if event.list else tuple(range(len(turn.lists)))
    match event:
        case Standby(cue=label):
            if label is not None and cue_list.named[label].index < 0:
                return answer(turn, index, refused=f"{label} is inside a group and cannot stand by")
            turn.set_standby(index, label, manual=True)
        case StandbyMove(by=by):
            _move_standby(turn, index, by)
        case Start(cue=label):
            ref = CueRef(cue_list.name, label)
            if why := again.refusal(turn, ref):
                return answer(turn, index, refused=why)
            if not again.starts(turn, ref):
                return answer(turn, index)
            again.clear(turn, ref)
            starting.start(turn, ref, moves_standby=False)
            return answer(turn, index, started=ref)
        case Preview(cue=label):
            ref = CueRef(cue_list.name, label)
            if again.runs(turn, ref):
                return answer(turn, index, refused=f"{ref} is running already")
            starting.start(turn, ref, chains=False, at=cue_list.named[label].wait)
            return answer(turn, index, started=ref)
        case Load(cue=label, at=at):
            return answer(turn, index, refused=loading.load(turn, CueRef(cue_list.name, label), at))
        case Stop(cue=label, over=over):
            if label is not None:
                over = cue_list.release_time if over is None else over
                stopped = stopping.stop_cue(turn, CueRef(cue_list.name, label), over)
                return answer(turn, index, refused="" if stopped else f"{cue_list.name}/{label} is not running")
            for each in chosen:
                stopping.release_list(turn, each, turn.show.lists[each].release_time if over is None else over)
        case Pause(cue=label) | Resume(cue=label):
            pausing = isinstance(event, Pause)
            if label is not None:
                runs = [run for run in turn.runs.values() if run.cue == CueRef(cue_list.name, label)]
                for run in runs:
                    (halting.pause_cue if pausing else halting.resume_cue)(turn, run.number)
                return answer(turn, index, refused="" if runs else f"{cue_list.name}/{label} is not running")
            for each in chosen:
                (halting.pause_list if pausing else halting.resume_list)(turn, each)
        case Rate(cue=label):
            return answer(turn, index, refused=rating.requested(turn, event, chosen, cue_list))
        case Back():
            return answer(turn, index, refused=settling.back(turn, index))
        case Locate(cue=label):
            cue = cue_list.named[label]
            if cue.index < 0:
                return answer(turn, index, refused=f"{label} is inside a group; locate to the group")
            settling.locate(turn, index, cue)
        case _:
            assert_never(event)
    return answer(turn, index)


def _move_standby(turn: Turn, index: int, by: int) -> None:
    cues = turn.show.lists[index].cues
    if not cues:
        return
    standby = turn.lists[index].standby
    at = len(cues) if standby is None else turn.show.lists[index].named[standby].index
    turn.set_standby(index, cues[min(max(at + by, 0), len(cues) - 1)].label, manual=True)


def list_of(turn: Turn, name: str) -> int | None:
    found = turn.show.list_named.get(name or turn.show.main_list or turn.show.lists[0].name)
    return found.index if found else None


def answer(turn: Turn, index: int | None = None, *, started: CueRef | None = None, refused: str = "") -> None:
    standby = None
    if index is not None and (label := turn.lists[index].standby) is not None:
        standby = CueRef(turn.show.lists[index].name, label)
    turn.commands.append(Answer(turn.now, refused, started, standby))
