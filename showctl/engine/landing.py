"""When what a cue asks of slow devices is sent, so that it lands with the rest (R1).

A device declares its latency: from our word to what is seen or heard. A cue whose instant is known beforehand (a chain in time, a
moment on a timeline, a pre-wait) sends each action that much earlier. A GO by hand acts at once, and the slow ones land
late; ``land: together`` has everything wait for the slowest instead. Latencies are real time: on a clock that is rated they are
scaled. What is guarded is never sent ahead of its cue, and what has been sent is not unsent by a stop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from showctl.engine.stage import Stage
from showctl.engine.state import CueRun, Due, What
from showctl.engine.turn import Turn
from showctl.show.cues import Action, Cue, CueRef, FadeThing, GroupMode, Perform, StopThing
from showctl.show.instants import Duration


@dataclass(frozen=True, slots=True)
class Slow:
    """An action of ``cue`` (its place there) that takes ``latency`` to land, ``after`` its top cue acts."""

    cue: CueRef
    place: int
    after: Duration
    latency: Duration

    @property
    def lead(self) -> Duration:
        """How long before the top cue acts it has to be sent; negative: after."""
        return self.latency - self.after


def slow(stage: Stage, cue: Cue, after: Duration = 0) -> Iterator[Slow]:
    """The actions of ``cue`` and of the members that begin with it that take time to land."""
    if not stage.has_latency or not cue.armed or cue.ready is not None:  # when it acts, nobody knows beforehand
        return
    for place, action in enumerate(cue.actions):
        if latency := latency_of(stage, action):
            yield Slow(cue.ref, place, after, latency)
    group = cue.group
    if group is None or group.mode in (GroupMode.RANDOM, GroupMode.FIRST_ENTERS):
        return
    for member in group.members[:1] if group.mode is GroupMode.SEQUENCE else group.members:
        yield from slow(stage, member.cue, after + member.at + member.cue.wait)


def latency_of(stage: Stage, action: Action) -> Duration:
    """From our word to what is seen or heard, as the device declares it."""
    match action:
        case Perform(device=device) if device not in stage.guarded_device:
            return stage.show.device_named[device].latency
        case FadeThing(name=str() as name) | StopThing(name=str() as name) if name in stage.player_of:
            return stage.show.device_named[stage.player_of[name]].latency
        case _:
            return 0


def slowest(stage: Stage, cue: Cue) -> Duration:
    """How long before it acts a cue has to be known, so that everything lands with it."""
    if not stage.has_latency:
        return 0
    known = stage.leads.get(cue.ref)
    if known is None:
        known = stage.leads[cue.ref] = max((item.lead for item in slow(stage, cue)), default=0)
    return known


def delay(stage: Stage, cue: Cue) -> Duration:
    """How much later a GO by hand acts because the cue lands together."""
    return max(slowest(stage, cue) - cue.wait, 0) if cue.land_together else 0


def lead(turn: Turn, clock: int, cue: Cue) -> Duration:
    """How long before its start ``cue`` has to be begun with, as ``clock`` counts."""
    return on_clock(turn, clock, max(slowest(turn.stage, cue) - cue.wait, 0))


def on_clock(turn: Turn, clock: int, real: Duration) -> Duration:
    """``real`` time as ``clock`` counts it at its rate; as it is while the clock stands."""
    line = turn.clock(clock)
    return real * line.num // line.den if line.running else real


def schedule(turn: Turn, run: CueRun, cue: Cue, acts: Duration) -> None:
    """Puts down what is to be sent before ``run`` acts, at ``acts`` on its clock; at once what should have been sent before."""
    local = turn.local(run.clock)
    if acts <= local or run.cue in turn.disarmed:
        return
    sent = already_sent(turn, run)
    for item in slow(turn.stage, cue):
        if item.lead > 0 and (item.cue, item.place) not in sent and item.cue not in turn.disarmed:
            early = max(acts - on_clock(turn, run.clock, item.lead), local)
            turn.schedule(run.clock, early, What.EARLY, run.number, item.cue, str(item.place))


def due(turn: Turn, run: CueRun, entry: Due) -> None:
    """An action is sent before its cue acts."""
    from showctl.engine import performing

    assert entry.cue is not None
    if turn.lapse:
        return  # it is sent as the cue acts, from further on
    place = int(entry.thing)
    turn.update(run, sent=(*run.sent, (entry.cue, place)))
    performing.act(turn, turn.cue_of(run, entry.cue).actions[place], run)


def already_sent(turn: Turn, run: CueRun) -> frozenset[tuple[CueRef, int]]:
    """What has been sent ahead for ``run``, by itself or by the groups that it is in."""
    found: set[tuple[CueRef, int]] = set()
    at: CueRun | None = run
    while at is not None:
        found.update(at.sent)
        at = turn.runs.get(at.parent)
    return frozenset(found)


def adopt(turn: Turn, run: CueRun, action: Action) -> None:
    """What a group has sent ahead for its member belongs to the member, once that acts."""
    if isinstance(action, Perform) and action.as_ is not None and (thing := turn.things.get(action.as_)) is not None:
        turn.things[action.as_] = replace(thing, run=run.number)
        turn.agenda = [
            replace(item, run=run.number) if item.what is What.LOOP_END and item.thing == action.as_ else item
            for item in turn.agenda
        ]
