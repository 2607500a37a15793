"""Timecode that goes out: its devices are told the line of the clock that they tell, whenever that is another one.

A line is where the clock stands at an instant and how fast it goes: a pause, a rate, a jump of code that is chased, a cue that
begins or ends is one word, and between them a driver counts by itself. What was said last stands with all else that devices are
doing (``performed``), and so is known after a recovery.
"""

from __future__ import annotations

from typing import Final

from showctl.engine.state import CueRun, Performed, Phase
from showctl.engine.turn import Turn
from showctl.light.clocks import Clock
from showctl.show.cues import ActionClass, CueRef
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND

KEY: Final = "code"
NO_LIST: Final = -1
SAME: Final = MILLISECOND // 1000
"""Lines no further apart than this are one: whole numbers are rounded."""


def look(turn: Turn) -> None:
    """Every output whose clock has another line than it was told is told so."""
    for device in turn.stage.coding:
        _look(turn, device)


def _look(turn: Turn, device: Device) -> None:
    place = (device.name, KEY)
    line, kept = _line(turn, device), turn.performed.get(place)
    if line is None:
        if kept is not None and kept.verb == "run":
            turn.tell(device.name, "halt", ())
            turn.performed[place] = _kept(turn, device, "halt", ())
        return
    if kept is not None and kept.verb == "run" and _same(line, line_of(kept.instant, dict(kept.arguments)), turn.now):
        return
    arguments = (("position", float(line.local(turn.now))), ("num", float(line.num)), ("den", float(line.den)))
    turn.tell(device.name, "run", arguments)
    turn.performed[place] = _kept(turn, device, "run", arguments)


def forget_others(turn: Turn) -> None:
    """Nothing runs on any device any more, but for code: that goes on by its own clock."""
    own = {(device.name, KEY) for device in turn.stage.coding}
    for place in [place for place in turn.performed if place not in own]:
        del turn.performed[place]


def line_of(instant: int, given: dict[str, bool | float | str]) -> Clock:
    """The line that ``run`` says, said at ``instant``. ValueError, OverflowError: these are no numbers."""
    position, num, den = (int(float(given.get(word, 1.0))) for word in ("position", "num", "den"))
    return Clock(0, instant, position, num, max(den, 1))


def words(verb: str, given: dict[str, bool | float | str]) -> str:
    """What an output is told, for people.

    >>> words("run", {"position": 0.0, "num": 1.0, "den": 2.0}), words("halt", {})
    ('its code runs at 50 %', 'its code ends')
    """
    if verb != "run":
        return "its code ends"
    line = line_of(0, given)
    if not line.num:
        return "its code stands"
    return "its code runs" if line.num == line.den else f"its code runs at {line.num * 100 / line.den:g} %"


def _same(one: Clock, other: Clock, now: int) -> bool:
    return (one.num * other.den == other.num * one.den) and abs(one.local(now) - other.local(now)) <= SAME


def _kept(turn: Turn, device: Device, verb: str, arguments: tuple[tuple[str, bool | float | str], ...]) -> Performed:
    return Performed(device.name, KEY, verb, arguments, ActionClass.STATE, turn.now, None, NO_LIST)


def _line(turn: Turn, device: Device) -> Clock | None:
    """The clock whose time the output tells; None while that is no time."""
    assert device.code is not None, "only outputs of code are looked at"
    of = device.code.of
    if isinstance(of, CueRef):
        run = _run_of(turn, of)
        if run is None or run.acted is None:
            return None
        line = turn.clock(run.clock)
        return Clock(0, line.anchor, line.position - run.acted, line.num, line.den)
    if not of:
        return Clock(0)
    return turn.clocks[turn.stage.list_clock[turn.show.list_named[of].index]]


def _run_of(turn: Turn, of: CueRef) -> CueRun | None:
    """The newest performance of that cue that has acted and goes on."""
    found = [run for run in turn.runs.values() if run.cue == of and run.acted is not None and run.phase is Phase.RUNNING]
    return max(found, key=lambda run: run.number, default=None)
