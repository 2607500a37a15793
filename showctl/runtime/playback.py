"""The loop that runs the core: journal, step, carry out. The live shell and the rehearsal both drive this one.

Sans-I/O: ``handle`` and ``wake`` take ``now``, ``next_deadline`` says when to wake. What a step asks is carried out at once:
first light to the light sink, then, in order, words to the drivers and notes to whoever listens; only then it thinks of
the future. A driver may have something to report while it is told something: that fact is handled there and then, and what
it asks of devices waits until those before it have been told. Light is handed over
*ahead*: after each event a copy of the state runs on for two seconds without input, and what it would do to the plan is
sent, too; an input that changes the future replaces what was sent from there on. Most facts change none (where a clip stands, how
loud it is): a value that no expression of the show reads cannot, and then the copy only runs on to where time has come.
Hazards are never handed over ahead: nobody knows what will be permitted then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, Final, Protocol

from showctl.engine import hazards
from showctl.engine.commands import Answer, Command, Light, Note, Tell
from showctl.engine.events import DeviceReported, Event, InputChanged, to_record
from showctl.engine.state import State
from showctl.engine.step import initial, next_deadline, step
from showctl.light.plan import Plan, PlanChange
from showctl.runtime.journal import Journal, Record
from showctl.show.expressions import Expression
from showctl.show.instants import SECOND, Instant
from showctl.show.show import Show

AHEAD: Final = 2 * SECOND
MOST_AHEAD: Final = 200
"""Changes handed over ahead at most; the rest follows as time comes nearer."""


class LightSink(Protocol):
    """Who renders: the wire process, or the rehearsal's frame sender."""

    def load(self, plan: Plan, serial: int) -> None:
        """This is the whole plan, after ``serial`` changes."""

    def accept(self, serial: int, instant: Instant, change: PlanChange) -> None:
        """The plan changes at ``instant``; whatever was handed over from ``serial`` on is replaced."""

    def cut(self, serial: int) -> None:
        """Nothing that was handed over from ``serial`` on will happen."""


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
        self._ahead = ahead
        self._sent: dict[int, tuple[Instant, bytes]] = {}
        """Serial -> what was handed over for it, of changes that have not come true yet."""
        self._future: State | None = None
        """Where the copy stands that has run ahead; None where something has happened that it did not know."""
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
        dispatches = [record for c in commands if (record := dispatch_record(c)) is not None] if keeps else []
        if heard or dispatches:  # one commit: what was heard and what comes of it are in the journal before anything leaves
            self.journal.write((*heard, *dispatches))
        if self._ahead and not self._foretold(event):
            self._future = None
        for command in commands:
            match command:
                case Light(instant=instant, serial=serial, change=change):
                    self._hand_over(serial, instant, change)
                case Tell() | Note():
                    self._outgoing.append(command)
                case Answer():
                    answer = command
        if not self._carrying:
            self._carry_out()
            if self._ahead:
                self._hand_over_ahead()
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
            case None:
                return True
            case InputChanged(name=name):
                return name not in self._read
            case DeviceReported(device=device, field=field):
                return f"{device}.{field}" not in self._read
            case _:
                return False

    def _hand_over(self, serial: int, instant: Instant, change: PlanChange) -> None:
        """Sends a change that is true now, unless it was handed over and has come true."""
        if self._sent.pop(serial, None) != (instant, fingerprint(change)):
            self._sent.clear()
            self._future = None
            self.light.accept(serial, instant, change)

    def _hand_over_ahead(self) -> None:
        """Runs ahead, and sends what it would do and has not been sent; from the beginning where the future is another."""
        anew = self._future is None
        start = hazards.barred(self.state) if self._future is None else self._future
        coming = self._run_ahead(start, 0 if anew else len(self._sent))
        prints = {serial: (instant, fingerprint(change)) for serial, (instant, change) in coming.items()}
        if not anew:
            prints = self._sent | prints
        if prints == self._sent:
            return
        differing = next((s for s in sorted(prints) if self._sent.get(s) != prints[s]), None)
        if differing is None:
            self.light.cut(max(prints, default=self.state.serial) + 1)
        else:
            for serial in sorted(coming):
                if serial >= differing:
                    self.light.accept(serial, *coming[serial])
        self._sent = prints

    def _run_ahead(self, state: State, waiting: int) -> dict[int, tuple[Instant, PlanChange]]:
        """What happens to the plan from ``state`` until two seconds from now, by itself; ``waiting`` changes are sent already."""
        horizon = self.state.now + AHEAD
        coming: dict[int, tuple[Instant, PlanChange]] = {}
        while (due := next_deadline(state)) is not None and due <= horizon and waiting + len(coming) < MOST_AHEAD:
            state, commands = step(self.show, state, None, due)
            for command in commands:
                if isinstance(command, Light):
                    coming[command.serial] = (command.instant, command.change)
        self._future = state
        return coming


def names_read(show: Show) -> frozenset[str]:
    """Every name that an expression of the show reads: what the rest of a show may depend on."""
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
            case tuple() | list() | frozenset():
                waiting += thing
            case dict():
                waiting += thing.values()
            case _ if is_dataclass(thing):
                waiting += [getattr(thing, item.name) for item in fields(thing)]
            case _:
                pass
    return frozenset(found)


def fingerprint(change: PlanChange) -> bytes:
    """Bytes that two changes share exactly when they do the same."""
    return b"|".join(
        (
            change.rows_out.tobytes(),
            change.rows_in.tobytes(),
            change.clocks.tobytes(),
            repr(change.clocks_out).encode(),
            change.masters.tobytes(),
        )
    )


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
