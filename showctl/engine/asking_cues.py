"""Why has this cue not started? Everything that stands between a cue and its start, said with names, values and times.

The reasons come in the order in which an operator can do something about them: what holds the whole show, what holds the cue,
who is about to start it, who could. Plain data with sentences in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from showctl.engine.ahead import ahead
from showctl.engine.commands import Note
from showctl.engine.cue_view import words_for_next
from showctl.engine.stage import cue_of
from showctl.engine.state import CueRun, Due, Phase, State, What
from showctl.engine.step import step
from showctl.engine.words import condition_words, cue_words, unknown
from showctl.light.clocks import SHOW_CLOCK, Clock
from showctl.show.cues import (
    Action,
    AfterEnd,
    Branch,
    Cue,
    CueList,
    CueRef,
    GoCue,
    GroupMode,
    NextWhen,
    StandbyCue,
    StartCue,
)
from showctl.show.instants import Instant, seconds_of, spoken
from showctl.show.lengths import whole_length
from showctl.show.show import Show

Reason = dict[str, Any]


def why_not_started(show: Show, state: State, now: Instant, list_name: str, label: str) -> dict[str, Any]:
    """What keeps a cue from starting, or that it has started. ``Unknown`` where the show has no such cue."""
    cue_list = show.list_named.get(list_name or show.main_list or show.lists[0].name)
    if cue_list is None:
        raise unknown("list", list_name, show.list_named)
    if label not in cue_list.named:
        raise unknown(f"cue of {cue_list.name}", label, cue_list.named)
    state, _ = step(show, state, None, max(now, state.now))
    found = _Question(show, state, state.now, cue_list, cue_list.named[label])
    reasons = list(found.reasons())
    runs = [run for run in state.runs.values() if run.cue == found.ref]
    name = cue_words(show, found.ref)
    place = f" ({found.cue.place})" if found.cue.place.file else ""
    return {
        "asked": str(found.ref),
        "cue": found.cue.label,
        "list": cue_list.name,
        "name": found.cue.name,
        "place": str(found.cue.place),
        "now": seconds_of(now),
        "started": bool(runs),
        "ran": found.ref in state.owners.values(),
        "starts_in": found.starts_in,
        "reasons": reasons,
        "words": [f"{name}{place}", *(f"  {reason['words']}" for reason in reasons)],
    }


class _Question:
    def __init__(self, show: Show, state: State, now: Instant, cue_list: CueList, cue: Cue) -> None:
        self.show, self.state, self.now = show, state, now
        self.cue_list, self.cue, self.ref = cue_list, cue, cue.ref
        self.at = state.lists[cue_list.index]
        self.starts_in: float | None = None

    def reasons(self) -> Iterator[Reason]:
        """Every reason there is, the strongest first."""
        runs = [run for run in self.state.runs.values() if run.cue == self.ref]
        if runs:
            for run in runs:
                yield self._running(run)
            return
        if self.ref in self.state.owners.values():
            yield _reason("ran", "it did start, and is over" + self._stands())
        if self.state.latch:
            yield _reason("latched", f"{self.state.latch} is in force: nothing starts until it is re-armed")
        if not self.cue.armed or self.ref in self.state.disarmed:
            who = "it is disarmed in the file" if not self.cue.armed else "an operator has disarmed it"
            yield _reason("disarmed", f"{who}: when its turn comes it is passed over without acting")
        if self.at.paused:
            yield _reason("paused", f"{self.cue_list.name} is paused: its clock stands still, so no wait of it runs out")
        coming = [*self._standing_by(), *self._pending(), *self._parents()]
        yield from coming
        yield from self._others()
        self.starts_in = self._by_itself()
        if self.starts_in is not None:
            yield _reason("coming", f"with no further input it starts in {spoken(round(self.starts_in * 1e9))}", self.starts_in)
        if not coming and self.ref not in self.state.owners.values():
            yield from self._never_reached()

    # --- it is there ---------------------------------------------------------------------------------------------------------

    def _running(self, run: CueRun) -> Reason:
        clock = self._clock(run.clock)
        paused = "" if clock.running else ("; it is paused" if run.paused else f"; {self.cue_list.name} is paused")
        if run.unready and self.cue.ready is not None:
            waits = condition_words(self.cue.ready.condition, self._look)
            return _reason("unready", f"it has started, and waits to be ready: {waits}{self._deadline(run, What.READY)}{paused}")
        if run.phase is Phase.WAITING:
            left = run.began_local + self.cue.wait - clock.local(self.now)
            return _reason("waiting", f"it has started, and its wait of {spoken(self.cue.wait)} has {spoken(left)} left{paused}")
        ago = spoken(self.now - run.began)
        held = f"; {self._what_waits(run, self.cue)}" if run.waits else ""
        return _reason("running", f"it did start, {ago} ago{held}{paused}")

    def _stands(self) -> str:
        last = f"; {self.cue_list.name} stands at {self.at.last}" if self.at.last is not None else ""
        return last + (f", {self.at.standby} stands by" if self.at.standby is not None else "")

    # --- it is about to start --------------------------------------------------------------------------------------------------

    def _standing_by(self) -> Iterator[Reason]:
        if self.at.standby == self.cue.label:
            yield _reason("standing_by", f"it stands by in {self.cue_list.name} and waits for GO")

    def _pending(self) -> Iterator[Reason]:
        """Running cues that will hand on to it, or may."""
        for run in self.state.runs.values():
            giver = cue_of(self.show, self.state.runs, run)
            if not run.chains or run.acted is None:
                continue
            by = cue_words(self.show, run.cue)
            if isinstance(giver.next, Branch):
                yield from self._branch(run, giver.next, by)
            elif self._following(giver) == self.ref:
                yield from self._chain(run, giver, by)

    def _branch(self, run: CueRun, branch: Branch, by: str) -> Iterator[Reason]:
        if not run.next_pending:
            return
        when = f"{by} decides{self._deadline(run, What.NEXT_DEADLINE, ' in ', '')}" + (
            ", or as soon as one holds" if branch.early else ""
        )
        for condition, target in branch.choices:
            if target == self.ref:
                now = "holds now" if condition.holds(self._look) else "does not hold now"
                yield _reason("branch", f"{when}: it goes here if {condition_words(condition, self._look)}, which {now}")
        if branch.otherwise == self.ref:
            texts = " nor ".join(condition.text for condition, _ in branch.choices)
            unless = f" unless {texts}" if texts else ""
            yield _reason("branch", f"{when}: it goes here{f' if neither {texts} holds' if ' nor ' in texts else unless}")

    def _chain(self, run: CueRun, giver: Cue, by: str) -> Iterator[Reason]:
        due = self._due(run, What.CHAIN)
        if due is not None:
            in_ = self._in(due)
            when = "when its clock goes on" if in_ is None else f"in {spoken(round(in_ * 1e9))}"
            yield _reason("chain", f"{by} starts it {when} ({words_for_next(giver.next)})", in_)
        elif isinstance(giver.next, NextWhen) and run.next_pending:
            until = self._deadline(run, What.NEXT_DEADLINE)
            yield _reason("condition", f"{by} starts it when {condition_words(giver.next.condition, self._look)}{until}")
        elif isinstance(giver.next, AfterEnd) and run.phase is Phase.RUNNING:
            yield _reason("after_end", f"{by} starts it when it is complete: {self._what_runs(run, giver)}")

    def _what_runs(self, run: CueRun, giver: Cue) -> str:
        if run.waits:
            return self._what_waits(run, giver)
        if run.open:
            return f"{run.open} of its members are not done"
        due = self._due(run, What.CONTENT_END)
        in_ = None if due is None else self._in(due)
        if in_ is not None:
            return f"it has {spoken(round(in_ * 1e9))} left"
        return "something in it has no end" if whole_length(giver) is None else "its clock stands still"

    def _what_waits(self, run: CueRun, cue: Cue) -> str:
        assert cue.wait_for is not None
        return f"it waits for {condition_words(cue.wait_for.condition, self._look)}{self._deadline(run, What.WAIT_DEADLINE)}"

    def _parents(self) -> Iterator[Reason]:
        """The group it is a member of, if any."""
        for group in self.cue_list.named.values():
            members = group.group.members if group.group else ()
            for position, member in enumerate(members):
                if member.cue.ref != self.ref or group.group is None:
                    continue
                name = cue_words(self.show, group.ref)
                runs = [run for run in self.state.runs.values() if run.cue == group.ref]
                if not runs:
                    yield _reason("member", f"it is a member of {name}, which does not run")
                    yield from _Question(self.show, self.state, self.now, self.cue_list, group).reasons()
                elif group.group.mode is GroupMode.SEQUENCE:
                    yield _reason(
                        "member", f"it is number {position + 1} in {name}, which is at number {max(run.position for run in runs)}"
                    )
                elif group.group.mode is GroupMode.RANDOM:
                    yield _reason(
                        "member", f"it is a member of {name}, which plays one of them at random, and it was not its turn"
                    )
                else:
                    yield _reason("member", f"{name} runs, and starts it {spoken(member.at)} after its beginning")

    # --- it could be started ----------------------------------------------------------------------------------------------------

    def _others(self) -> Iterator[Reason]:
        """Triggers and actions of cues that start it, and why they have not."""
        for trigger, kept in zip(self.show.triggers, self.state.triggers, strict=True):
            for action in trigger.do:
                if not self._starts(action):
                    continue
                missing: list[str] = []
                if not kept.armed:
                    missing.append("it is disarmed")
                if not trigger.when.holds(self._look):
                    missing.append(f"{condition_words(trigger.when, self._look)} does not hold")
                elif kept.held:
                    missing.append(f"{trigger.when.text} holds already, and it acts when that turns true")
                if trigger.only_if is not None and not trigger.only_if.holds(self._look):
                    missing.append(f"only if {condition_words(trigger.only_if, self._look)}")
                if kept.acted is not None and self.now - kept.acted < trigger.cooldown:
                    missing.append(f"its cooldown has {spoken(kept.acted + trigger.cooldown - self.now)} left")
                why = "; ".join(missing) or "nothing keeps it"
                yield _reason("trigger", f"trigger {trigger.name} ({trigger.place}) {self._verb(action)}: {why}")
        for cue_list in self.show.lists:
            for giver in cue_list.named.values():
                for action in giver.actions:
                    if self._starts(action):
                        runs = any(run.cue == giver.ref and run.acted is None for run in self.state.runs.values())
                        ran = giver.ref in self.state.owners.values()
                        state = "is waiting to act" if runs else "has run" if ran else "has not started"
                        yield _reason("action", f"{cue_words(self.show, giver.ref)} {self._verb(action)}, and {state}")

    def _starts(self, action: Action) -> bool:
        match action:
            case StartCue(cue=ref) | StandbyCue(cue=ref) | GoCue(cue=CueRef() as ref):
                return ref == self.ref
            case GoCue(list=name, cue=None):
                return name == self.cue_list.name and self.at.standby == self.cue.label
            case _:
                return False

    def _verb(self, action: Action) -> str:
        return "puts it in standby" if isinstance(action, StandbyCue) else "starts it"

    def _by_itself(self) -> float | None:
        """Seconds until it starts without any input; None where it does not, as far as a copy runs."""
        if self.state.latch:
            return None
        for _, commands in ahead(self.show, self.state, self.now):
            for command in commands:
                if isinstance(command, Note) and command.what == "cue.started" and command.cue == self.ref:
                    return seconds_of(command.instant - self.now)
        return None

    def _never_reached(self) -> Iterator[Reason]:
        """Nobody is about to start it: where the list stands, and what would lead here."""
        stands = f"stands at {self.at.last}" if self.at.last is not None else "has not begun"
        by = f", {self.at.standby} stands by" if self.at.standby is not None else ", and nothing stands by"
        if self.starts_in is None:
            yield _reason("not_reached", f"{self.cue_list.name} {stands}{by}: nobody has come to this cue")
        before = self.cue_list.cues[self.cue.index - 1] if self.cue.index > 0 else None
        if before is not None and before.next is not None and not isinstance(before.next, Branch):
            yield _reason("before", f"{cue_words(self.show, before.ref)} would start it: {words_for_next(before.next)}")
        elif before is not None and before.next is None:
            yield _reason("before", f"it waits for GO, after {cue_words(self.show, before.ref)}")
        for giver in self.cue_list.cues:
            if isinstance(giver.next, Branch):
                ways = [(condition.text, target) for condition, target in giver.next.choices]
                for text, target in [*((" if " + text, target) for text, target in ways), (" else", giver.next.otherwise)]:
                    if target == self.ref:
                        ran = "went another way" if giver.ref in self.state.owners.values() else "has not decided"
                        text = text if ways else ""
                        yield _reason("before", f"{cue_words(self.show, giver.ref)} goes here{text}; it {ran}")

    # --- small things -----------------------------------------------------------------------------------------------------------

    def _look(self, name: str) -> bool | float | str:
        return self.state.values[name]

    def _following(self, cue: Cue) -> CueRef | None:
        cues = self.cue_list.cues
        if cue.ref.list != self.cue_list.name or cue.index < 0:
            return None
        if cue.index < len(cues) - 1:
            return cues[cue.index + 1].ref
        return cues[0].ref if self.cue_list.at_end == "loop" else None

    def _clock(self, number: int) -> Clock:
        return Clock(SHOW_CLOCK) if number == SHOW_CLOCK else self.state.clocks[number]

    def _due(self, run: CueRun, what: What) -> Due | None:
        return next((due for due in self.state.agenda if due.run == run.number and due.what is what), None)

    def _in(self, due: Due) -> float | None:
        instant = self._clock(due.clock).due(due.local)
        return None if instant is None else max(seconds_of(instant - self.now), 0.0)

    def _deadline(
        self, run: CueRun, what: What, before: str = ", at the latest in ", never: str = ", for as long as it takes"
    ) -> str:
        due = self._due(run, what)
        in_ = None if due is None else self._in(due)
        return never if due is None else ", when its clock goes on" if in_ is None else f"{before}{spoken(round(in_ * 1e9))}"


def _reason(kind: str, words: str, seconds: float | None = None) -> Reason:
    return {"kind": kind, "words": words} | ({} if seconds is None else {"seconds": seconds})
