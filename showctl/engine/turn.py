"""A turn: the working copy of a state while one step is taken, and the commands that come of it.

Everything that changes in the engine changes here. A turn stands at one instant at a time (``now``): due work moves it
forward, commands are stamped with it, and ``frozen`` ends it. Nothing outside ``engine`` sees a turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from showctl.engine import muted
from showctl.engine.commands import Command, Light, Note, Tell
from showctl.engine.events import Origin
from showctl.engine.stage import Stage, cue_of
from showctl.engine.state import CueRun, Due, ListState, Performed, State, Thing, TriggerState, What
from showctl.light.clocks import SHOW_CLOCK, Clock, table
from showctl.light.plan import NO_CLOCKS, NO_IDS, NO_MASTERS, NO_ROWS, PlanChange, Rows, apply
from showctl.show.cues import ActionClass, Cue, CueRef, Value
from showctl.show.instants import Duration, Instant
from showctl.show.show import Show

_THE_SHOW = Clock(SHOW_CLOCK)


class Turn:
    """``state`` made changeable. See the module's docstring."""

    def __init__(self, stage: Stage, state: State) -> None:
        self.stage = stage
        self.show: Show = stage.show
        self.state = state
        self.now: Instant = state.now
        self.lists: list[ListState] = list(state.lists)
        self.runs: dict[int, CueRun] = dict(state.runs)
        self.agenda: list[Due] = list(state.agenda)
        self.clocks: dict[int, Clock] = dict(state.clocks)
        self.plan = state.plan
        self.values: dict[str, Value] = dict(state.values)
        self.things: dict[str, Thing] = dict(state.things)
        self.performed: dict[tuple[str, str], Performed] = dict(state.performed)
        self.triggers: list[TriggerState] = list(state.triggers)
        self.owners: dict[int, CueRef] = dict(state.owners)
        self.latch = state.latch
        self.disarmed = state.disarmed
        self.tokens = state.tokens
        self.health = dict(state.health)
        self.timecode = dict(state.timecode)
        self.grabbed = dict(state.grabbed)
        self.serial = state.serial
        self.order = state.order
        self.row_id = state.row_id
        self.run_number = state.run_number
        self.own_clock = state.own_clock
        self.turns = dict(state.turns)
        self.rates = dict(state.rates)
        self.loaded = dict(state.loaded)
        self.hazards = list(state.hazards)
        self.traces = dict(state.traces)
        self.tags = state.tags
        self.appointments = dict(state.appointments)
        self.asked: Origin | None = None
        """Who asked for what happens now; None where it happens by itself."""
        self.previews = False
        """What happens now is a preview: hazards are left out of it."""
        self.commands: list[Command] = []
        self.changed: list[str] = []
        """Names whose values changed and that nobody has looked at yet."""
        self.lapse: Duration = 0
        """How long ago what happens now should have been: code has jumped past it (``chasing.py``)."""
        self.starts = 0
        """Cues started at this instant: a circle that takes no time ends here (``starting.MOST_STARTS``)."""
        self.nested = 0
        self.cut = False

    def frozen(self) -> State:
        return State(
            self.now,
            tuple(self.lists),
            self.runs,
            tuple(self.agenda),
            self.clocks,
            self.plan,
            self.values,
            self.things,
            self.performed,
            tuple(self.triggers),
            self.owners,
            self.latch,
            self.disarmed,
            self.tokens,
            self.health,
            self.timecode,
            self.grabbed,
            self.serial,
            self.order,
            self.row_id,
            self.run_number,
            self.own_clock,
            self.turns,
            self.rates,
            self.loaded,
            hazards=tuple(self.hazards),
            traces=self.traces,
            tags=self.tags,
            appointments=self.appointments,
        )

    # --- time ------------------------------------------------------------------------------------------------------

    def clock(self, number: int) -> Clock:
        return _THE_SHOW if number == SHOW_CLOCK else self.clocks[number]

    def local(self, clock: int) -> Duration:
        """Where ``clock`` stands now."""
        return self.clock(clock).local(self.now)

    def schedule(
        self,
        clock: int,
        local: Duration,
        what: What,
        run: int = 0,
        cue: CueRef | None = None,
        thing: str = "",
        lands: Duration | None = None,
    ) -> None:
        """``what`` becomes due when ``clock`` reads ``local``; ``lands`` is the instant that it is for, where that is later."""
        self.order += 1
        self.agenda.append(Due(clock, local, self.order, what, run, cue, thing, lands))

    def unschedule(self, run: int, *whats: What) -> None:
        """Nothing (or none of ``whats``) of ``run`` is due any more."""
        self.agenda = [due for due in self.agenda if due.run != run or (whats and due.what not in whats)]

    def move_to(self, instant: Instant) -> None:
        """Stands at ``instant`` from here on."""
        if instant > self.now:
            self.now = instant
            self.starts = 0
            self.cut = False

    # --- what goes out ---------------------------------------------------------------------------------------------

    def light(
        self,
        rows_in: Rows = NO_ROWS,
        rows_out: Iterable[int] = (),
        clocks: tuple[Clock, ...] = (),
        clocks_out: tuple[int, ...] = (),
        masters: Rows = NO_MASTERS,
    ) -> None:
        """Changes the plan now, and says so."""
        out = np.fromiter(rows_out, np.int64) if not isinstance(rows_out, np.ndarray) else rows_out.astype(np.int64)
        change = PlanChange(
            self.now,
            out if len(out) else NO_IDS,
            rows_in,
            table(clocks) if clocks else NO_CLOCKS,
            clocks_out,
            masters,
        )
        if not change:
            return
        self.plan = apply(self.plan, change)
        self.row_id += len(rows_in)
        self.serial += 1
        self.commands.append(Light(self.now, self.serial, change))

    def set_clock(self, *clocks: Clock) -> None:
        """These lines hold from now on."""
        for clock in clocks:
            self.clocks[clock.id] = clock
        self.light(clocks=clocks)

    def tell(
        self,
        device: str,
        verb: str,
        arguments: tuple[tuple[str, Value], ...],
        kind: ActionClass = ActionClass.STATE,
        run: int = 0,
        cue: CueRef | None = None,
    ) -> None:
        """Asks a device for a verb, unless somebody has muted it: then what it would be asked for stands in the state only."""
        if self.tags.muted and not self.latch and (why := muted.holder(self.stage, self.tags, device, verb, arguments)):
            if cue is not None:
                self.note("output.withheld", f"{device} is not asked to {verb}: {why}", cue, run)
            return
        self.order += 1
        self.commands.append(Tell(self.now, self.order, device, verb, arguments, kind, run, cue))

    def note(self, what: str, words: str, cue: CueRef | None = None, run: int = 0, choice: int | None = None) -> None:
        self.commands.append(Note(self.now, what, words, cue, run, choice))

    # --- small changes -----------------------------------------------------------------------------------------------

    def update(self, run: CueRun, **changes: object) -> CueRun:
        """``run`` with ``changes``, in its place."""
        changed: CueRun = replace(run, **changes)  # type: ignore[arg-type]
        self.runs[run.number] = changed
        return changed

    def update_list(self, index: int, **changes: object) -> ListState:
        changed: ListState = replace(self.lists[index], **changes)  # type: ignore[arg-type]
        self.lists[index] = changed
        return changed

    def set_value(self, name: str, value: Value) -> None:
        """``name`` is ``value`` from now on; who watches it is asked before the turn ends."""
        if self.values.get(name) != value or type(self.values.get(name)) is not type(value):
            self.values[name] = value
            self.changed.append(name)

    def set_standby(self, index: int, label: str | None, manual: bool = False) -> None:
        self.update_list(index, standby=label, manual=manual)
        self.set_value(f"{self.show.lists[index].name}.standby", label or "")

    def look_up(self, name: str) -> Value:
        return self.values[name]

    def cue(self, ref: CueRef) -> Cue:
        return self.show.cue(ref)

    def cue_of(self, run: CueRun, member: CueRef | None = None) -> Cue:
        """The cue of ``run`` (or one of its members) as it is performed, were the show changed meanwhile."""
        return cue_of(self.show, self.runs, run, member)
