"""The loop that runs the core: journal, step, carry out. The live shell and the rehearsal both drive this one.

Sans-I/O: ``handle`` and ``wake`` take ``now``, ``next_deadline`` says when to wake. What a step asks is carried out at once:
first light to the light sink, then, in order, words to the drivers and notes to whoever listens. A driver may have
something to report while it is told something: that fact is handled there and then, and what it asks of devices waits until
those before it have been told. Only then it thinks of the future, when whoever drives it has time for a thought: ``think``
until it says False (``forecast.py``: light is handed over *ahead*). Most facts change no future (where a clip stands, how loud
it is): a value that no expression of the show reads cannot, and then the copy only runs on to where time has come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from showctl.engine.commands import Answer, Command, Light, Note, Tell
from showctl.engine.events import DeviceReported, Event, InputChanged, TrackMoved, to_record
from showctl.engine.reloading import Reloaded, reload
from showctl.engine.state import State
from showctl.engine.step import initial, next_deadline, step
from showctl.runtime.forecast import Forecast, LightSink, fingerprint
from showctl.runtime.journal import Journal, Record
from showctl.show.cues import Effect, LightMove
from showctl.show.expressions import Expression
from showctl.show.instants import Instant
from showctl.show.patch import Patch
from showctl.show.show import Begun, Show


class Playback:
    """A show being run."""

    def __init__(
        self,
        show: Show,
        journal: Journal,
        light: LightSink,
        tell: Callable[[Tell], None],
        note: Callable[[Note], None],
        *,
        ahead: bool = True,
        state: State | None = None,
    ) -> None:
        self.show = show
        self.state = initial(show) if state is None else state
        self.journal = journal
        self.light = light
        self._tell, self._note = tell, note
        self._forecast = Forecast(show, light) if ahead else None
        self._outgoing: deque[Tell | Note] = deque()
        self._carrying = False
        self._read = names_read(show) if ahead else frozenset()
        light.load(self.state.plan, self.state.serial)

    def handle(self, event: Event, now: Instant) -> Answer | None:
        """``event`` happens now. The journal is written first: what was acted on but not recorded could not be replayed."""
        return self._take(event, now)

    def wake(self, now: Instant) -> None:
        """Whatever is due by now happens, at the instants at which it was due."""
        self._take(None, now)

    def next_deadline(self) -> Instant | None:
        return next_deadline(self.state)

    def think(self) -> bool:
        """One thought about what is to come. False: it is thought through, as far as it is to be."""
        return self._forecast is not None and self._forecast.think(self.state)

    def next_thought(self) -> Instant | None:
        """When there is something to ``think`` of again, if nothing happens but time."""
        return None if self._forecast is None else self._forecast.next_thought(self.state)

    def reload(self, new: Show, now: Instant, older: str = "", newer: str = "") -> Reloaded:
        """``new`` runs from now on, and nothing that runs stops; ``older`` and ``newer`` name what the two were read from."""
        self.wake(now)
        done = reload(self.show, new, self.state, max(now, self.state.now), older)
        if self.journal.keeps:
            due, said = (
                [record for c in part if (record := dispatch_record(c)) is not None] for part in (done.due, done.commands)
            )
            self.journal.write((*due, reload_record(done, newer), *said))
        self.show, self.state = done.show, done.state
        if self._forecast is not None:
            self._forecast = Forecast(self.show, self.light)
            self._read = names_read(new) | names_read(tuple(done.show.begun.values()))
        self.light.load(self.state.plan, self.state.serial)
        self._outgoing += [command for command in (*done.due, *done.commands) if isinstance(command, Tell | Note)]
        if not self._carrying:
            self._carry_out()
        return done

    def _take(self, event: Event | None, now: Instant) -> Answer | None:
        before = self.state
        keeps = self.journal.keeps
        heard = (Record(now, "input", to_record(event)),) if keeps and event is not None else ()
        try:
            state, commands = step(self.show, before, event, max(now, before.now))
        except BaseException:
            if heard:
                self.journal.write(heard)  # what we fail at must be known
            raise
        self.state = state
        answer: Answer | None = None
        if self._forecast is not None and event is not None:  # first of all: the wire works on it meanwhile
            first = next((command for command in commands if isinstance(command, Light)), None)
            if first is not None:
                self._forecast.announce(first.serial, first.instant, first.change)
        dispatches = [record for c in commands if (record := dispatch_record(c)) is not None] if keeps else []
        if commands and (heard or dispatches):  # one commit: what was heard and what comes of it, before anything leaves
            self.journal.write((*heard, *dispatches))
        elif heard:
            self.journal.post(heard)  # nothing leaves, and whatever will comes after it in the journal, too
        if self._forecast is not None and not self._foretold(event):
            self._forecast.upset()
        for command in commands:
            match command:
                case Light(instant=instant, serial=serial, change=change):
                    if self._forecast is None:
                        self.light.accept(serial, instant, change)
                    else:
                        self._forecast.came_true(serial, instant, change)
                case Tell() | Note():
                    self._outgoing.append(command)
                case Answer():
                    answer = command
        if not self._carrying:
            self._carry_out()
        return answer

    def _carry_out(self) -> None:
        """Tells devices and listeners what waits, in order, and what comes of that meanwhile."""
        self._carrying = True
        try:
            while self._outgoing:
                command = self._outgoing.popleft()
                if isinstance(command, Tell):
                    self._tell(command)
                else:
                    self._note(command)
        finally:
            self._carrying = False

    def _foretold(self, event: Event | None) -> bool:
        """Whether the copy that has run ahead need not know of ``event``."""
        match event:
            case None | TrackMoved():  # a trace that turns nobody now turns nobody in the copy; what it does turn is sent anew
                return True
            case InputChanged(name=name):
                return name not in self._read
            case DeviceReported(device=device, field=field):
                return f"{device}.{field}" not in self._read
            case _:
                return False


def names_read(show: Show | tuple[Begun, ...]) -> frozenset[str]:
    """Every name that an expression of the show reads: what the rest of a show may depend on. Of a show it is looked for once."""
    kept: frozenset[str] | None = show.__dict__.get("_names_read") if isinstance(show, Show) else None
    if kept is not None:
        return kept
    found: set[str] = set()
    seen: set[int] = set()
    waiting: list[object] = [show]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, str | int | float | bytes | None) or id(thing) in seen:
            continue
        seen.add(id(thing))
        match thing:
            case Expression(names=names):
                found.update(names)
            case Patch() | LightMove() | Effect():
                pass  # thousands of numbers, and no expression
            case tuple() | list() | frozenset():
                waiting += thing
            case dict():
                waiting += thing.values()
            case _ if is_dataclass(thing):
                waiting += [getattr(thing, item.name) for item in fields(thing)]
            case _:
                pass
    if isinstance(show, Show):
        show.__dict__["_names_read"] = frozenset(found)
    return frozenset(found)


def dispatch_record(command: Command) -> Record | None:
    """How the journal writes what a step asked. Light is named by serial and print: replay makes it again."""
    match command:
        case Tell(instant=instant, order=order, device=device, verb=verb, arguments=arguments, kind=kind, run=run, cue=cue):
            body: dict[str, Any] = {
                "order": order,
                "device": device,
                "verb": verb,
                "arguments": dict(arguments),
                "class": kind.value,
                "run": run,
                "cue": None if cue is None else str(cue),
            }
            return Record(instant, "dispatch", body)
        case Light(instant=instant, serial=serial, change=change):
            import hashlib

            return Record(instant, "light", {"serial": serial, "print": hashlib.sha256(fingerprint(change)).hexdigest()[:16]})
        case Note(instant=instant, what=what, words=words, cue=cue, run=run):
            return Record(instant, "note", {"what": what, "words": words, "cue": None if cue is None else str(cue), "run": run})
        case Answer():
            return None


def reload_record(done: Reloaded, revision: str) -> Record:
    """How the journal writes that the show was changed: to which revision, and what became of the light."""
    import hashlib

    plan = done.state.plan
    shown = hashlib.sha256(plan.rows.tobytes() + plan.clocks.tobytes() + plan.masters.tobytes()).hexdigest()[:16]
    body = {"revision": revision, "serial": done.state.serial, "print": shown, "words": list(done.words)}
    return Record(done.state.now, "reload", body)
