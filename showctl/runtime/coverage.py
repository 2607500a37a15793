"""Coverage: which cues, branches, fallbacks, triggers, verbs and faults of a show its rehearsals have reached, and which not.

A pure collector: it is fed what the playback notes and asks, and what comes in, and is merged over rehearsals. What there is
to reach is worked out from the show: every way of a branch, both ends of a wait that has a deadline, the performer's line and
the approved one, every trigger, every verb that the show uses or declares, and every device once lost. Beside that stands which
faults of which machines were tried (``broken.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from showctl.engine.commands import Note, Tell
from showctl.engine.events import DeviceHealth, DeviceReported, Event
from showctl.runtime.broken import Breakages, broken_json
from showctl.show.cues import Branch, Cue, NextWhen, Perform
from showctl.show.devices import Device
from showctl.show.instants import Instant
from showctl.show.places import NOWHERE, Place
from showctl.show.show import Show

MET: Final = "met"
TIMEOUT: Final = "timeout"
PERFORMER: Final = "performer"
APPROVED: Final = "approved"

Key = tuple[str, ...]
FAULT_SAID: Final = "fault said"
FAULT_MET: Final = "fault met"
KINDS_OF_GOALS: Final = ("cues", "branches", "fallbacks", "triggers", "verbs", "faults")


@dataclass(frozen=True, slots=True)
class Goal:
    """One thing to be reached: its kind, its name among its kind, in words, and where the show says it."""

    kind: str
    key: Key
    words: str
    place: Place = NOWHERE

    def to_json(self) -> dict[str, Any]:
        return {"what": self.words, "file": self.place.file, "line": self.place.line}


@dataclass
class Reached:
    """What rehearsals have reached: plain, so that it can come from another process."""

    keys: set[tuple[str, Key]] = field(default_factory=set)

    def merge(self, other: Reached) -> None:
        self.keys |= other.keys

    def broken(self, kind: str) -> tuple[tuple[str, str], ...]:
        """(machine, fault) of those that were said, or met."""
        return tuple(sorted((key[0], key[1]) for what, key in self.keys if what == kind))

    def missed(self, goals: Iterable[Goal]) -> tuple[Goal, ...]:
        """Those of ``goals`` that nothing has reached."""
        return tuple(goal for goal in goals if (goal.kind, goal.key) not in self.keys)


class Coverage:
    """Listens to one rehearsal of a show with ``devices``."""

    def __init__(self, devices: Collection[str] = ()) -> None:
        self.reached = Reached()
        self._breakages = Breakages(devices)
        self._asked: dict[str, tuple[str, str]] = {}
        """AI performer -> the cue that asked it last, and the line that was approved for it."""

    def note(self, note: Note) -> None:
        cue = "" if note.cue is None else str(note.cue)
        match note.what:
            case "cue.started":
                self._reach("cues", cue)
            case "branch.decided" if note.choice is not None:
                self._reach("branches", cue, str(note.choice))
            case "wait.met" | "wait.timeout" | "next.met" | "next.timeout":
                self._reach("fallbacks", cue, *note.what.split("."))
            case "trigger":
                self._reach("triggers", note.words.removeprefix("trigger ").partition(":")[0])
            case _:
                pass

    def acted(self, what: str, words: str, now: Instant) -> None:
        """A script did something to the venue."""
        for how, broken in self._breakages.acted(what, words, now):
            self._reach(FAULT_MET if how == "met" else FAULT_SAID, *broken)

    def tell(self, command: Tell) -> None:
        self._reach("verbs", command.device, command.verb)
        for broken in self._breakages.tell(command):
            self._reach(FAULT_MET, *broken)
        if command.verb == "ask" and command.cue is not None:
            approved = next((str(value) for name, value in command.arguments if name == "approved"), "")
            self._asked[command.device] = (str(command.cue), approved)

    def event(self, event: Event, now: Instant) -> None:
        for broken in self._breakages.event(event, now):
            self._reach(FAULT_MET, *broken)
        match event:
            case DeviceHealth(device=device, health="lost"):
                self._reach("faults", device)
            case DeviceReported(device=device, field="line", value=line) if device in self._asked and line != "":
                cue, approved = self._asked.pop(device)
                self._reach("fallbacks", cue, "line", APPROVED if line == approved else PERFORMER)
            case _:
                pass

    def _reach(self, kind: str, *key: str) -> None:
        self.reached.keys.add((kind, key))


# --- what there is to reach -------------------------------------------------------------------------------------------------


def _says_anything(device: Device) -> bool:
    match device.kind.name:
        case "osc":
            return bool(device.kind.fields)
        case "artnet_timecode":
            return False
        case _:
            return device.space is None or device.space.returns > 0


def goals(show: Show) -> tuple[Goal, ...]:
    """Everything that rehearsals can reach in ``show``, kind by kind, in file order."""
    found: list[Goal] = []
    for cue in every_cue(show):
        found.append(Goal("cues", (str(cue.ref),), f"{cue.ref} {cue.name}".rstrip(), cue.place))
        found += _ways_of(cue)
    found += (Goal("triggers", (item.name,), f"{item.name}: {item.when.text}", item.place) for item in show.triggers)
    found += _verbs(show)
    found += (
        Goal("faults", (device.name,), f"{device.name} lost", device.place)
        for device in show.devices
        if _says_anything(device)  # one that never does cannot be missed
    )
    return tuple(sorted(found, key=lambda goal: KINDS_OF_GOALS.index(goal.kind)))


def every_cue(show: Show) -> Iterator[Cue]:
    """Every cue of every list, a group before its members."""
    for cue_list in show.lists:
        for cue in cue_list.cues:
            yield from cue.with_members()


def _ways_of(cue: Cue) -> Iterator[Goal]:
    name = str(cue.ref)
    match cue.next:
        case Branch(choices=choices, otherwise=otherwise):
            for number, (condition, ref) in enumerate(choices):
                yield Goal("branches", (name, str(number)), f"{name} to {ref} if {condition.text}", cue.place)
            yield Goal("branches", (name, str(len(choices))), f"{name} to {otherwise}" + (" else" if choices else ""), cue.place)
        case NextWhen() as how:
            yield from _ends_of(cue, how, "next")
        case _:
            pass
    if cue.wait_for is not None:
        yield from _ends_of(cue, cue.wait_for, "wait")
    for action in cue.actions:
        if isinstance(action, Perform) and action.verb == "ask" and any(word == "approved" for word, _ in action.arguments):
            place = action.place if action.place != NOWHERE else cue.place
            yield Goal("fallbacks", (name, "line", PERFORMER), f"{name}: {action.device} answers in time", place)
            yield Goal("fallbacks", (name, "line", APPROVED), f"{name}: the approved line instead of {action.device}'s", place)


def _ends_of(cue: Cue, how: NextWhen, what: str) -> Iterator[Goal]:
    name = str(cue.ref)
    yield Goal("fallbacks", (name, what, MET), f"{name}: {how.condition.text} comes true", cue.place)
    if how.within is not None:
        yield Goal("fallbacks", (name, what, TIMEOUT), f"{name}: {how.condition.text} does not come true in time", cue.place)


def _verbs(show: Show) -> Iterator[Goal]:
    """Verbs that the show's cues, triggers, safe states and reset use, and those that its folder declares."""
    used: dict[Key, Place] = {}
    for action in _performed(show):
        used.setdefault((action.device, action.verb), action.place)
    for device in show.devices:
        declared = tuple(device.kind.verbs) if device.kind.name in ("osc", "mqtt") else ()
        mine = [verb for name, verb in used if name == device.name]
        for verb in dict.fromkeys((*mine, *declared)):
            yield Goal("verbs", (device.name, verb), f"{device.name}: {verb}", used.get((device.name, verb), device.place))


def _performed(show: Show) -> Iterator[Perform]:
    for cue in every_cue(show):
        yield from (action for action in cue.actions if isinstance(action, Perform))
    for trigger in show.triggers:
        yield from (action for action in trigger.do if isinstance(action, Perform))
    for zone in show.zones:
        yield from zone.safe.actions
    yield from show.reset_actions


# --- what is said of it -----------------------------------------------------------------------------------------------------


def coverage_json(show: Show, reached: Reached) -> dict[str, Any]:
    """For each kind: how many there are, how many were reached, and what was not, with its place.

    ``complete``: every cue, branch and fallback was reached.
    """
    every = goals(show)
    said: dict[str, Any] = {}
    for kind in KINDS_OF_GOALS:
        mine = [goal for goal in every if goal.kind == kind]
        missed = reached.missed(mine)
        said[kind] = {"of": len(mine), "reached": len(mine) - len(missed), "missed": [goal.to_json() for goal in missed]}
    said["broken"] = broken_json(show, reached.broken(FAULT_SAID), reached.broken(FAULT_MET))
    return said | {"complete": not any(said[kind]["missed"] for kind in ("cues", "branches", "fallbacks"))}


def unknown(show: Show, reached: Reached) -> set[tuple[str, Key]]:
    """What was reached of cues, branches and fallbacks though the show does not have it: always empty, or we miscount."""
    there = {(goal.kind, goal.key) for goal in goals(show)}
    return {(kind, key) for kind, key in reached.keys if kind in ("cues", "branches", "fallbacks")} - there


__all__ = ["KINDS_OF_GOALS", "Coverage", "Goal", "Reached", "coverage_json", "every_cue", "goals", "unknown"]
