"""What a cue's actions do: verbs of devices, fades and stops of running things, variables, masters, other cues."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from showctl.engine import again, completing, following, hazard_asking, lighting, looping, rating, servicing, starting, stopping
from showctl.engine.state import CueRun, Performed, Thing
from showctl.engine.turn import Turn
from showctl.light.clocks import SHOW_CLOCK
from showctl.light.masters import BLACKOUT, FIRST_SUBMASTER, GRAND, master_level, master_row
from showctl.light.plan import MasterKind
from showctl.show.cues import (
    Action,
    ActionClass,
    CueRef,
    DevampThing,
    FadeThing,
    GoCue,
    Perform,
    ReleaseList,
    SetMaster,
    SetRate,
    SetVariable,
    StandbyCue,
    StartCue,
    StopOthers,
    StopThing,
    Value,
)
from showctl.show.instants import Duration, seconds_of
from showctl.show.show import Show


def act(turn: Turn, action: Action, run: CueRun | None) -> None:
    """Carries out one action, for ``run`` or (None) for a trigger."""
    match action:
        case Perform():
            perform(turn, action, run)
        case FadeThing():
            fade(turn, action, run)
        case StopThing(name=name, over=over):
            if isinstance(name, CueRef):
                stopping.stop_cue(turn, name, over)
            else:
                stop_thing(turn, name, over)
        case DevampThing(name=name):
            looping.devamp(turn, name)
        case StopOthers(everywhere=everywhere, over=over):
            stopping.stop_others(turn, run, None if everywhere or run is None else run.list, over)
        case StartCue(cue=ref):
            if again.refusal(turn, ref):
                turn.note("cue.again", f"{ref} is running already, and goes on", ref)
            elif again.starts(turn, ref):
                again.clear(turn, ref)
                starting.start(turn, ref)
        case GoCue(list=name, cue=ref):
            _go(turn, turn.show.list_named[name].index, ref)
        case StandbyCue(cue=ref):
            turn.set_standby(turn.show.list_named[ref.list].index, ref.label, manual=True)
        case ReleaseList(list=name, over=over):
            stopping.release_list(turn, turn.show.list_named[name].index, over)
        case SetVariable(name=name, to=expression):
            turn.set_value(name, expression.value(turn.look_up))
        case SetMaster(name=name, level=level, over=over):
            set_master(turn, name, level, over)
        case SetRate(what=what, num=num, den=den):
            rating.set_by_cue(turn, what, num, den, run)
        case _:
            assert_never(action)


def _go(turn: Turn, index: int, ref: CueRef | None) -> None:
    """A cue's jump goes on with the show: a cue that runs is started anew, where it does not say ``second_trigger``."""
    label = turn.lists[index].standby
    target = ref if ref is not None else None if label is None else CueRef(turn.show.lists[index].name, label)
    if target is not None and again.starts(turn, target):
        again.clear(turn, target)
        starting.go(turn, index, ref)


def perform(turn: Turn, action: Perform, run: CueRun | None) -> None:
    """Asks the device, and remembers what a locate would have to ask for again."""
    if why := servicing.still(turn, action.device, action.verb, action.arguments):
        turn.note("maintenance.withheld", f"{action.device} is not asked to {action.verb}: {why}", run.cue if run else None)
        return
    if action.device in turn.stage.guarded_device:
        hazard_asking.tell(turn, action, run)
        return
    cue = run.cue if run else None
    number, list_index = (run.number, run.list) if run else (0, -1)
    turn.tell(action.device, action.verb, action.arguments, action.kind, number, cue)
    place = (action.device, action.key)
    if action.key == "*" or action.verb == "stop":
        forget(turn, action.device, action.key)
    elif action.verb == "fade":
        _remember_level(turn, place, action.arguments)
    elif action.kind is not ActionClass.MOMENTARY and action.key:
        forget(turn, action.device, action.key)
        replace_thing(turn, place)
        turn.performed[place] = performed_of(turn, action, list_index)
        following.began(turn, action.device, action.verb, action.arguments)
    if action.as_ is not None:
        looping.begin(turn, action, run)


def performed_of(turn: Turn, action: Perform, list_index: int) -> Performed:
    """What ``action`` leaves behind for a locate, a back or a recovery, were it done now."""
    return Performed(
        action.device,
        action.key,
        action.verb,
        action.arguments,
        action.kind,
        turn.now,
        action.length,
        list_index,
        action.as_ or "",
        action.lap,
        action.rests,
    )


def covers(key: str, other: str) -> bool:
    """Whether what is done on ``key`` of a device replaces what is done on ``other``: the same, any for ``*``, or a part of it.

    >>> covers("program", "program|run"), covers("wall|1", "wall|2")
    (True, False)
    """
    return key in ("*", other) or other.startswith(f"{key}|")


def forget(turn: Turn, device: str, key: str) -> None:
    """Nothing runs on that key of the device any more (on any, for ``*``)."""
    for place in [p for p in turn.performed if p[0] == device and covers(key, p[1])]:
        if key != "*" or turn.performed[place].kind is ActionClass.RESUME:
            del turn.performed[place]
        replace_thing(turn, place)


def replace_thing(turn: Turn, place: tuple[str, str]) -> None:
    """The thing that ran at ``place`` is no more; a run that only it kept going is complete."""
    for thing in [t for t in turn.things.values() if (t.device, t.key) == place]:
        del turn.things[thing.name]
        completing.thing_ended(turn, thing.run)


def _remember_level(turn: Turn, place: tuple[str, str], arguments: tuple[tuple[str, Value], ...]) -> None:
    if place in turn.performed:
        turn.performed[place] = with_level(turn.performed[place], arguments)


def with_level(kept: Performed, arguments: tuple[tuple[str, Value], ...]) -> Performed:
    """``kept`` at the level that a fade with these arguments takes it to."""
    new = {word: value for word, value in arguments if word in ("level", "opacity")}
    changed = tuple((word, new.get(word, value)) for word, value in kept.arguments)
    says = any(word in ("level", "opacity") for word, _ in kept.arguments)
    opacity = kept.opacity if says or kept.verb != "play" else new.get("opacity", 100.0)
    return replace(kept, arguments=changed, opacity=opacity)


def faded(show: Show, kept: Performed) -> tuple[tuple[str, Value], ...] | None:
    """The arguments of the fade that brings what was asked for again to its opacity; None where it has its own."""
    verb = show.device_named[kept.device].kind.verbs.get("fade")
    if kept.opacity is None or verb is None:
        return None
    given = dict(kept.arguments) | {"opacity": kept.opacity, "over": 0.0}
    return tuple((a.name, value) for a in verb.arguments if (value := given.get(a.name, a.default)) is not None)


def fade(turn: Turn, action: FadeThing, run: CueRun | None) -> None:
    """Takes a running thing to a level. One that no longer runs is left alone, and that is said."""
    thing = turn.things.get(action.name)
    if thing is None or not thing.device:
        turn.note("thing.absent", f"{action.name} is not running, so there is nothing to fade", run.cue if run else None)
        return
    given: dict[str, Value] = dict(thing.arguments)
    given |= {"level": action.level, "opacity": action.level, "over": seconds_of(action.over), "curve": action.curve}
    _ask(turn, thing, "fade", given, run)
    _remember_level(turn, (thing.device, thing.key), (("level", action.level), ("opacity", action.level)))
    if action.then_stop:
        stop_thing(turn, action.name, action.over)


def stop_thing(turn: Turn, name: str, over: Duration) -> None:
    """Stops a voice, a layer or an effect by its name. One that no longer runs is left alone, and that is said."""
    thing = turn.things.get(name)
    if thing is None:
        turn.note("thing.absent", f"{name} is not running, so there is nothing to stop")
    elif thing.device:
        _ask(turn, thing, "stop", dict(thing.arguments) | {"fade": seconds_of(over)}, turn.runs.get(thing.run))
        forget(turn, thing.device, thing.key)
    else:
        lighting.end_effect(turn, thing, over or None)
        completing.thing_ended(turn, thing.run)


def _ask(turn: Turn, thing: Thing, verb: str, given: dict[str, Value], run: CueRun | None) -> None:
    """Asks the thing's device for ``verb``, with those of ``given`` that the verb takes."""
    known = turn.show.device_named[thing.device].kind.verbs.get(verb)
    if known is None:
        turn.note("verb.absent", f"{thing.device} cannot {verb} what it runs")
        return
    arguments = tuple(
        (argument.name, given.get(argument.name, argument.default))
        for argument in known.arguments
        if given.get(argument.name, argument.default) is not None
    )
    turn.tell(
        thing.device,
        verb,
        arguments,  # type: ignore[arg-type]
        ActionClass.STATE,
        run.number if run else 0,
        run.cue if run else None,
    )


def set_master(turn: Turn, name: str, level: int, over: Duration) -> None:
    """Takes a master to ``level`` from where it is now."""
    if name == "grand":
        number, kind = GRAND, MasterKind.GRAND
    elif name == "blackout":
        number, kind = BLACKOUT, MasterKind.BLACKOUT
    else:
        found = next(item for item in turn.show.submasters if item.name == name)
        number = found.index + FIRST_SUBMASTER
        kind = MasterKind.INHIBITIVE if found.inhibitive else MasterKind.ADDITIVE
    source = master_level(turn.plan, number, kind, turn.now)
    turn.light(masters=master_row(number, kind, source, level, SHOW_CLOCK, turn.now, over))
