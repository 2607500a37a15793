"""Every way of every branch, and both ends of every wait: the dice are loaded, and the show has to go that way.

At the start of the cue (once before, once after it) the names in its conditions get values under which the way in question wins
(``solve``), and keep them until it is decided: what devices and inputs say of them meanwhile is not let in. Then the way must
be taken, the cue that it leads to must start, and the laws must hold.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Final

from showctl.engine.commands import Note
from showctl.engine.events import DeviceHealth, DeviceReported, Event, InputChanged
from showctl.runtime.sweeps.courses import Played
from showctl.runtime.sweeps.trials import Course, Trial, Watch
from showctl.show.cues import Branch, Cue, CueRef, NextWhen, Value
from showctl.show.expressions import Expression, ValueType
from showctl.show.instants import SECOND
from showctl.show.show import Show

MOST: Final = 20_000
"""Combinations of values that are looked at for one way."""
LONGEST: Final = 150 * SECOND
BEYOND: Final = 4 * SECOND
BEFORE: Final = "before"
AFTER: Final = "after"
"""The dice are loaded before the cue starts, or once it has: where one way is not to be had, the other is tried."""
NO_WAY: Final = "no values were found for which"


class BranchWatch(Watch):
    """``trial.data`` is (what, way, target, before or after): next or wait or branch; the number of the way, met or timeout;
    the cue."""

    def begin(self, run: Course, trial: Trial) -> None:
        self._decided: list[str] = []
        self._pins: dict[str, Value] = {}
        # What the script's guests would do next is what the dice are about; whoever starts the cue may.
        run.steps = [step for step in run.steps if step[0] <= trial.moment + 1]
        run.waiting.clear()
        if trial.data[3] == BEFORE:
            self._load_the_dice(run, trial)
        run.play(trial.moment + 2)  # the cue starts, and may set what its own condition reads
        if trial.data[3] == AFTER:
            self._load_the_dice(run, trial)

    def _load_the_dice(self, run: Course, trial: Trial) -> None:
        cue = run.show.cue(trial.cues[0])
        solution = solve(run.show, cue, str(trial.data[0]), str(trial.data[1]), run.playback.state.values)
        if solution is None:
            run.fail(f"{NO_WAY} {trial.words}")
            return
        self._pins = solution
        inputs = {item.name for item in run.show.inputs}
        for name, value in solution.items():
            device, _, field = name.partition(".")
            if name in inputs:
                force(run, InputChanged(name, value), self._pins)
            elif device in run.show.device_named and field == "health":
                force(run, DeviceHealth(device, str(value), "forced by the sweep"), self._pins)
            elif device in run.show.device_named:
                force(run, DeviceReported(device, field, value), self._pins)
            else:
                run.playback.state = replace(run.playback.state, values={**run.playback.state.values, name: value})

    def passes(self, run: Course, event: Event) -> bool:  # noqa: ARG002 - a hook
        match event:
            case InputChanged(name=name):
                return name not in self._pins
            case DeviceReported(device=device, field=field):
                return f"{device}.{field}" not in self._pins
            case DeviceHealth(device=device):
                return f"{device}.health" not in self._pins
            case _:
                return True

    def note(self, run: Course, note: Note) -> None:
        if note.cue is None or run.trial is None or note.cue != run.trial.cues[0]:
            return
        match note.what:
            case "branch.decided":
                self._decided.append(f"branch {note.choice}")
            case "next.met" | "next.timeout" | "wait.met" | "wait.timeout":
                self._decided.append(note.what.replace(".", " "))
            case _:
                return
        self._pins = {}

    def end(self, run: Course, trial: Trial) -> None:
        wanted = f"{trial.data[0]} {trial.data[1]}"
        if any(message.startswith(NO_WAY) for _, message in run.failures):
            return
        if wanted not in self._decided:
            run.fail(f"{trial.words}: it went {', '.join(self._decided) or 'no way at all'} instead")
        elif trial.data[2] is not None and trial.data[2] not in run.started:
            run.fail(f"{trial.words}: it was decided so, and {trial.data[2]} did not start")


def force(run: Course, event: Event, pins: dict[str, Value]) -> None:
    """``event`` comes in, though its name is pinned."""
    kept = dict(pins)
    pins.clear()
    run.take(event)
    pins.update(kept)


def trials(show: Show, played: Played, cues: Collection[CueRef]) -> list[Trial]:
    """Every way of the branches and waits among ``cues``."""
    found: list[Trial] = []
    for ref in sorted(cues, key=lambda ref: played.begins[ref]):
        cue = show.cue(ref)
        moment = played.begins[ref]
        for what, way, words, target, length in ways(cue):
            lasts = min(cue.wait + length + BEYOND, LONGEST)
            for when, at in (
                (BEFORE, max(moment - 1, 0)),
                (AFTER, moment),
            ):  # what is due at an instant goes before what comes in
                data = (what, way, target, when)
                found.append(Trial("branches", f"{ref} {words}", at, lasts, cues=(ref,), data=data, place=cue.place))
    return found


def ways(cue: Cue) -> Iterable[tuple[str, str, str, CueRef | None, int]]:
    """(what, way, in words, the cue that it leads to, how long it may take)."""
    match cue.next:
        case Branch(choices=choices, otherwise=otherwise, within=within):
            for number, (condition, target) in enumerate(choices):
                yield "branch", str(number), f"goes to {target} if {condition.text}", target, within
            yield "branch", str(len(choices)), f"goes to {otherwise} else", otherwise, within
        case NextWhen() as how:
            yield from _ends("next", "goes on", how)
        case _:
            pass
    if cue.wait_for is not None:
        yield from _ends("wait", "has what it waits for", cue.wait_for)


def _ends(what: str, words: str, how: NextWhen) -> Iterable[tuple[str, str, str, CueRef | None, int]]:
    yield what, "met", f"{words} when {how.condition.text}", None, how.within or 0
    if how.within is not None:
        yield what, "timeout", f"{words} although not {how.condition.text}", None, how.within


# --- which values take a way --------------------------------------------------------------------------------------------------


def solve(show: Show, cue: Cue, what: str, way: str, now: Mapping[str, Value]) -> dict[str, Value] | None:
    """Values for the names in the conditions under which ``way`` wins; None where none was found."""
    expressions, wins = _question(cue, what, way)
    own = {variable.full_name for variable in show.variables}
    named = dict.fromkeys(name for expression in expressions for name in expression.names)
    names = sorted(named, key=lambda name: name not in own)  # what comes in is changed sooner than what cues set
    types, lists = show.types(), {f"{item.name}.{word}" for item in show.lists for word in ("cue", "standby")}
    options = [[now[name]] if name in lists else _candidates(name, types[name], expressions, now[name]) for name in names]
    for combination in islice(product(*options), MOST):
        chosen = dict(zip(names, combination, strict=True))
        if wins(lambda name, chosen=chosen: chosen[name]):  # type: ignore[misc]
            return chosen
    return None


def _question(cue: Cue, what: str, way: str) -> tuple[Sequence[Expression], Callable[[Callable[[str], Value]], bool]]:
    if what == "branch" and isinstance(cue.next, Branch):
        conditions = [condition for condition, _ in cue.next.choices]

        def wins(look: Callable[[str], Value]) -> bool:
            return next((n for n, item in enumerate(conditions) if item.holds(look)), len(conditions)) == int(way)

        return conditions, wins
    how = cue.wait_for if what == "wait" else cue.next
    assert isinstance(how, NextWhen)
    condition = how.condition
    return [condition], lambda look: condition.holds(look) == (way == "met")


def _candidates(name: str, kind: ValueType, expressions: Iterable[Expression], now: Value) -> list[Value]:
    """What ``name`` might be worth: what it is, and the constants it may be compared with, and just beside them."""
    constants = [
        node.value
        for expression in expressions
        if name in expression.names
        for node in ast.walk(ast.parse(expression.text, mode="eval"))
        if isinstance(node, ast.Constant)
    ]
    found: list[Value] = [now]
    match kind:
        case ValueType.TRUTH:
            found += [True, False]
        case ValueType.TEXT:
            found += [word for word in constants if isinstance(word, str)]
            found.append("")
        case ValueType.NUMBER:
            numbers = [float(word) for word in constants if isinstance(word, int | float) and not isinstance(word, bool)]
            for number in (0.0, *numbers):
                found += [number, number + 1.0, max(number - 1.0, 0.0)]
    return list(dict.fromkeys(found))
