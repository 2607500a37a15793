"""What will GO do? Said before it happens: a copy of the state is given the GO and runs on by itself; what it did is told.

Lights by group with levels and times, devices with their verbs, what is stopped, taken over or faded, values that change; then
what follows by itself and when (as things stand now), and what the list waits for after that. Nothing here touches the show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from showctl.engine import coding, landing
from showctl.engine.ahead import ahead
from showctl.engine.commands import Answer, Command, Light, Note, Tell
from showctl.engine.cue_view import words_for_next
from showctl.engine.events import Go, Origin
from showctl.engine.stage import cue_of, stage_of
from showctl.engine.state import State
from showctl.engine.step import next_deadline, step
from showctl.engine.words import (
    condition_words,
    cue_words,
    lights_words,
    look_words,
    place_of,
    unknown,
    value_words,
    whole_groups,
)
from showctl.light.chain import master_name
from showctl.light.clocks import SHOW_CLOCK, Clock
from showctl.light.plan import RowKind, Rows
from showctl.light.render import owners, prepare
from showctl.show.cues import CueList, CueRef, NextWhen, Value
from showctl.show.instants import MINUTE, Instant, seconds_of, spoken
from showctl.show.patch import Parameter
from showctl.show.show import Show

ASKER: Final = Origin("script", "explain")
MOST_LINES: Final = 12
"""Lines of what follows."""
MOST_MEMBERS: Final = 4
MOST_DONE: Final = 24
"""Lines of what GO itself does."""
FAR: Final = 3 * MINUTE
MOST_STEPS: Final = 120


def explain_next(show: Show, state: State, now: Instant, list_name: str = "") -> dict[str, Any]:
    """What GO on a list ("" = the main one) would do now, and what will happen without it. ``Unknown``: no such list."""
    cue_list = show.list_named.get(list_name or show.main_list or show.lists[0].name)
    if cue_list is None:
        raise unknown("list", list_name, show.list_named)
    state, _ = step(show, state, None, max(now, state.now))
    standby = state.lists[cue_list.index].standby
    go = _Telling(show, cue_list, state).go()
    alone = _Telling(show, cue_list, state).alone()
    cue = None if standby is None else cue_list.named[standby]
    if cue is None:
        said = [f"GO on {cue_list.name}: nothing stands by"]
    elif go.refused:
        said = [f"GO on {cue_list.name}: refused, {go.refused}"]
    else:
        place = f" ({cue.place})" if cue.place.file else ""
        said = [f"GO on {cue_list.name} starts {cue_words(show, cue.ref)}{place}"]
        said += [f"  note: {cue.notes}"] if cue.notes else []
        said += [f"  {_at(item)}{item['words']}" for item in go.does] or ["  it does nothing by itself"]
        said += ["then, as things stand:", *(f"  {_at(item)}{item['words']}" for item in go.then)] if go.then else []
        said += [f"  {words}" for words in go.waits]
    if alone.then or alone.waits:
        said += [
            "without GO:",
            *(f"  {_at(item)}{item['words']}" for item in alone.then),
            *(f"  {words}" for words in alone.waits),
        ]
    return {
        "list": cue_list.name,
        "now": seconds_of(now),
        "go": {
            "refused": go.refused if cue is not None else "nothing stands by",
            "cue": None if cue is None else cue.label,
            "name": "" if cue is None else cue.name,
            "notes": "" if cue is None else cue.notes,
            "place": "" if cue is None else place_of(show, cue.ref),
            "does": go.does,
            "then": go.then,
            "waits": go.waits,
        },
        "alone": {"then": alone.then, "waits": alone.waits},
        "words": said,
    }


def _at(item: dict[str, Any]) -> str:
    return f"in {spoken(round(item['in'] * 1e9))}: " if item["in"] else ""


@dataclass
class _Told:
    refused: str = ""
    does: list[dict[str, Any]] = field(default_factory=list)
    then: list[dict[str, Any]] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)


class _Telling:
    """One run of the copy, told as it goes."""

    def __init__(self, show: Show, cue_list: CueList, state: State) -> None:
        self.show, self.cue_list, self.before = show, cue_list, state
        self.now = state.now
        self.stage = stage_of(show)
        self.groups = whole_groups(show)
        self.told = _Told()
        self.family: set[int] = set()
        """The run that GO started, and its members."""
        self.root: CueRef | None = None
        self.members: frozenset[CueRef] = frozenset()
        self.acted: Instant | None = None
        """When the cue that GO started acted."""

    def go(self) -> _Told:
        """With GO, now."""
        after, commands = step(self.show, self.before, Go(self.cue_list.name, origin=ASKER), self.now)
        answer = next((command for command in commands if isinstance(command, Answer)), None)
        if answer is None or answer.refused:
            self.told.refused = answer.refused if answer else "no answer"
            return self.told
        first = next((c for c in commands if isinstance(c, Note) and c.what == "cue.started" and c.cue == answer.started), None)
        if first is not None and first.cue is not None:
            self.family.add(first.run)
            self.root = first.cue
            self.members = frozenset(cue.ref for cue in self.show.cue(first.cue).with_members()) - {first.cue}
        self._warn(answer.started)
        self._say_delay(answer.started)
        self._hear(self.before, after, commands)
        return self._run_on(after)

    def _say_delay(self, ref: CueRef | None) -> None:
        """A cue that lands together comes later than GO, and nobody is to wonder why."""
        cue = None if ref is None else self.show.cue(ref)
        if cue is not None and (late := landing.delay(self.stage, cue)):
            words = f"everything lands together, {seconds_of(late):g} s after GO: the slowest device takes that long"
            self._does(self.now, "delay", words)

    def alone(self) -> _Told:
        """Without anybody doing anything."""
        return self._run_on(self.before)

    def _run_on(self, state: State) -> _Told:
        last = state
        for after, commands in ahead(self.show, state, self.now, far=FAR, steps=MOST_STEPS):
            self._hear(last, after, commands)
            last = after
            if len(self.told.then) > MOST_LINES:
                del self.told.then[MOST_LINES:]
                self.told.waits.append("and more after that")
                return self.told
        self._wait(last)
        return self.told

    # --- what happens at one instant ----------------------------------------------------------------------------------------

    def _hear(self, before: State, after: State, commands: tuple[Command, ...]) -> None:
        for command in commands:
            match command:
                case Note(what="cue.started", cue=CueRef() as ref):
                    self._started(command, ref)
                case Note(what="cue.stopped", cue=CueRef() as ref) if self.show.cue(ref).index >= 0:
                    self._does(command.instant, "stop", f"{cue_words(self.show, ref)} is stopped", command.run)
                case Note(what="cue.disarmed" | "output.withheld" | "thing.absent" | "verb.absent" | "chain.cut"):
                    self._does(command.instant, "warning", command.words, command.run)
                case Note(what="branch.decided" | "next.timeout" | "wait.timeout" | "next.met", cue=CueRef() as ref):
                    if ref.list == self.cue_list.name:
                        self._then(command.instant, "decision", self._decision(command, ref, before), ref)
                case Note(what="light.marked", cue=CueRef() as ref) if ref.list == self.cue_list.name:
                    self._does(command.instant, "mark", command.words)
                case Light(change=change, instant=instant):
                    self._light(change.rows_in, instant, before, after)
                    for row in change.masters:
                        name, level = master_name(self.stage.rendering, int(row["id"])), round(int(row["target"]) / 655.35)
                        over = f" in {spoken(int(row['duration']))}" if row["duration"] else ""
                        self._does(instant, "master", f"master {name} to {level} %{over}", 0)
                case Tell(cue=cue, instant=instant, run=run):
                    if cue in self.members or not self._has_acted(instant):
                        self._does(instant, command.verb, self._device(command), run)
                case _:
                    pass
        waiting = any(own.cue == self.root and own.acted is None for own in after.runs.values())
        if self.root is not None and self.acted is None and not waiting:
            self.acted = after.now
            self._values(before, after)

    def _has_acted(self, instant: Instant) -> bool:
        """Whether the cue has done all that it does by ``instant``: what it started may be stopped by others later."""
        return self.acted is not None and instant > self.acted

    def _started(self, note: Note, ref: CueRef) -> None:
        if ref in self.members:
            self.family.add(note.run)
            if sum(item["kind"] == "member" for item in self.told.does) < MOST_MEMBERS:
                self._does(note.instant, "member", f"member {cue_words(self.show, ref)}", note.run)
        elif note.run in self.family:
            if group := self.show.cue(ref).group:
                self._does(note.instant, "group", f"it is a group of {len(group.members)}: {group.mode.value}", note.run)
        elif self.show.cue(ref).index >= 0 and (ref.list == self.cue_list.name or note.instant == self.now):
            self._then(note.instant, "cue", f"{cue_words(self.show, ref)} starts", ref)

    def _does(self, instant: Instant, kind: str, words: str, run: int | None = None) -> None:
        """Of what GO itself does: at once, or by the runs that it started (``run`` None: it is known to be so)."""
        if self.root is None or (run is not None and instant != self.now and run not in self.family):
            return
        item = {"in": seconds_of(instant - self.now), "kind": kind, "words": words}
        if len(self.told.does) < MOST_DONE and item not in self.told.does:
            self.told.does.append(item)

    def _then(self, instant: Instant, kind: str, words: str, ref: CueRef) -> None:
        """Of what follows."""
        item = {
            "in": seconds_of(instant - self.now),
            "kind": kind,
            "words": words,
            "cue": str(ref),
            "place": place_of(self.show, ref),
        }
        self.told.then.append(item)

    # --- light ----------------------------------------------------------------------------------------------------------------

    def _light(self, rows: Rows, instant: Instant, before: State, after: State) -> None:
        """Says what rows of the family do."""
        mine = rows[np.isin(rows["owner"], sorted(self.family))]
        ending = rows[(rows["kind"] >= RowKind.EFFECT) & (rows["kind"] <= RowKind.CHASE) & (rows["ends"] != 0)]
        ended = set() if self._has_acted(instant) else set(ending["id"].tolist())
        for name in dict.fromkeys(thing.name for thing in before.things.values() if set(thing.rows) & ended):
            self._does(instant, "stop", f"effect {name} fades out in {spoken(int(ending['exit'].max()))}")
        starting = mine[(mine["kind"] >= RowKind.EFFECT) & (mine["kind"] <= RowKind.CHASE) & (mine["ends"] == 0)]
        if len(starting):
            names = [t.name for t in after.things.values() if set(t.rows) & set(starting["id"].tolist())]
            lights = self._lights(starting["parameter"].tolist())
            kinds = ", ".join(dict.fromkeys(self._parameter(p).name for p in starting["parameter"].tolist()))
            every = spoken(int(starting["period"][0]))
            words = f"effect {', '.join(names) or 'without a name'} on {kinds} of {lights}, every {every}"
            self._does(instant, "effect", words)
        moved = mine[mine["kind"] <= RowKind.RELEASE]
        for words in self._moves(moved, after):
            self._does(instant, "light", words)
        self._taken_over(moved, instant, before)

    def _moves(self, rows: Rows, after: State) -> Iterator[str]:
        """Moves by what they do: lights that go to the same look in the same time share a line."""
        by_light: dict[int, list[int]] = {}
        for n, parameter in enumerate(rows["parameter"].tolist()):
            by_light.setdefault(self._parameter(parameter).fixture, []).append(n)
        by_look: dict[str, list[int]] = {}
        for fixture, which in by_light.items():
            by_look.setdefault(self._look(rows[which], after), []).append(fixture)
        for look, fixtures in by_look.items():
            yield f"{lights_words(self.show, fixtures, self.groups)} {look}"

    def _look(self, rows: Rows, after: State) -> str:
        released = rows["kind"] == RowKind.RELEASE
        parts: list[str] = []
        if not released.all():
            set_ = rows[~released]
            levels = [(self._parameter(p), t) for p, t in zip(set_["parameter"].tolist(), set_["target"].tolist(), strict=True)]
            parts.append(f"to {look_words(levels)}{self._times(set_, after)}")
        if released.any():
            parts.append(f"released to what is beneath{self._times(rows[released], after)}")
        return "; ".join(parts)

    def _times(self, rows: Rows, after: State) -> str:
        moving = rows[rows["source"] != rows["target"]]
        if not len(moving):
            return ", where it is already"
        shortest, longest = int(moving["duration"].min()), int(moving["duration"].max())
        number = int(moving["clock"][0])
        clock = Clock(SHOW_CLOCK) if number == SHOW_CLOCK else after.clocks[number]
        delay = int(moving["start"].min()) - clock.local(after.now)
        words = f", in {spoken(longest)}" if shortest == longest else f", in {spoken(shortest)} to {spoken(longest)}"
        return (words if longest else ", at once") + (f" after {spoken(delay)}" if delay > 0 else "")

    def _taken_over(self, moved: Rows, instant: Instant, before: State) -> None:
        if not len(moved):
            return
        held = owners(prepare(self.stage.rendering, before.plan), before.now)
        from_: dict[CueRef, set[int]] = {}
        for parameter in moved["parameter"].tolist():
            ref = before.owners.get(int(held[parameter]))
            if ref is not None and int(held[parameter]) not in self.family:
                from_.setdefault(ref, set()).add(self._parameter(parameter).fixture)
        for ref, fixtures in from_.items():
            words = f"takes {lights_words(self.show, fixtures, self.groups)} over from {cue_words(self.show, ref)}"
            self._does(instant, "takes", words)

    def _lights(self, parameters: Iterable[int]) -> str:
        return lights_words(self.show, {self._parameter(p).fixture for p in parameters}, self.groups)

    def _parameter(self, number: int) -> Parameter:
        return self.show.patch.parameters[number]

    # --- devices and values ---------------------------------------------------------------------------------------------------

    def _device(self, command: Tell) -> str:
        """``film: play bellows on furnace_wall, loop``: what is not as it would be anyway."""
        device = self.show.device_named[command.device]
        if device.code is not None:
            return f"{command.device}: {coding.words(command.verb, dict(command.arguments))}"
        verb = device.kind.verbs.get(command.verb)
        defaults = {argument.name: argument.default for argument in verb.arguments} if verb else {}
        said: list[str] = []
        for word, value in command.arguments:
            if isinstance(value, bool):
                if value or defaults.get(word) is True:
                    said.append(word if value else "off" if word == "on" else f"not {word}")
            elif value != defaults.get(word):
                bare = value_words(value).strip('"')
                said.append(bare if defaults.get(word) is None else f"{word} {bare}")
        return f"{command.device}: {command.verb} {' '.join(dict.fromkeys(said))}".rstrip()

    def _warn(self, ref: CueRef | None) -> None:
        """Devices that the cue needs and that are not well."""
        if ref is None:
            return
        cue = self.show.cue(ref)
        needed = dict.fromkeys(getattr(action, "device", "") for action in cue.actions)
        for device in needed:
            health, why = self.before.health.get(device, ("", ""))
            if health in ("lost", "degraded"):
                self._does(self.now, "warning", f"{device} is {health}{f': {why}' if why else ''}")

    def _values(self, before: State, after: State) -> None:
        variables = {item.full_name for item in self.show.variables}
        for name in sorted(variables):
            if before.values[name] != after.values[name]:
                self._does(after.now, "set", f"{name} becomes {value_words(after.values[name])}")

    # --- what follows ---------------------------------------------------------------------------------------------------------

    def _decision(self, note: Note, ref: CueRef, before: State) -> str:
        cue = self.show.cue(ref)

        def look(name: str) -> Value:
            return before.values[name]

        match note.what:
            case "branch.decided":
                return f"{ref} decides: {note.words.removeprefix(f'{ref} ')} ({words_for_next(cue.next)})"
            case "wait.timeout" if cue.wait_for is not None:
                return f"{ref} stops waiting for {condition_words(cue.wait_for.condition, look)} and goes on"
            case "next.timeout" if isinstance(cue.next, NextWhen):
                return f"{ref} goes on at the latest; sooner when {condition_words(cue.next.condition, look)}"
            case _:
                return note.words

    def _wait(self, state: State) -> None:
        """What has to come from outside before anything more happens on the list."""

        def look(name: str) -> Value:
            return state.values[name]

        waits = self.told.waits
        for run in state.runs.values():
            cue = cue_of(self.show, state.runs, run)
            if run.list != self.cue_list.index:
                continue
            if run.waits and cue.wait_for is not None:
                waits.append(f"{cue_words(self.show, run.cue)} waits for {condition_words(cue.wait_for.condition, look)}")
            if run.next_pending and isinstance(cue.next, NextWhen):
                waits.append(f"{cue_words(self.show, run.cue)} goes on when {condition_words(cue.next.condition, look)}")
        endless = [run.cue for run in state.runs.values() if run.list == self.cue_list.index and run.endless]
        if endless:
            verb = "runs until it is stopped" if len(endless) == 1 else "run until they are stopped"
            waits.append(f"{', '.join(str(ref) for ref in dict.fromkeys(endless))} {verb}")
        at = state.lists[self.cue_list.index]
        if at.paused:
            waits.append(f"{self.cue_list.name} is paused: nothing of it goes on until it is resumed")
        moving = any(run.list == self.cue_list.index and not run.endless for run in state.runs.values())
        if next_deadline(state) is not None and moving:
            waits.append("and more after that")
        elif at.standby is not None and (self.root is not None or self.told.then):
            waits.append(f"then {cue_words(self.show, CueRef(self.cue_list.name, at.standby))} stands by, and waits for GO")
        elif at.standby is None and self.root is not None:
            waits.append(f"then {self.cue_list.name} is at its end")
