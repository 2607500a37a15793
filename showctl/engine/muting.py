"""Muting an output by hand, and un-muting it: what was muted then does what the show has it do by now (``muted.py`` says what).

A mute is a mark like a park: it bears a name and a reason, is seen on every surface, outlives a reset and the program, and ends
when somebody takes it off. The show runs on as ever: cues start and end, sounds and pictures count as played, so un-muting is
worked out from the state, as after a locate. Nothing that is due meanwhile is made up for. Panic and evacuation, and what they
ask of devices, are never muted; nor is light, which has its masters. A hazard that comes back waits for a cue to ask.
"""

from __future__ import annotations

from dataclasses import replace

from showctl.engine import coding, following, hazards, muted, performing, servicing, settling, standstill
from showctl.engine.events import Origin
from showctl.engine.muted import Output
from showctl.engine.state import Performed
from showctl.engine.tags import Muted
from showctl.engine.turn import Turn
from showctl.engine.words import unknown
from showctl.show.cues import ActionClass
from showctl.show.instants import seconds_of

CLASSES = ("sound", "film", "fog", "motion", "headsets")


def mute(turn: Turn, what: str, on: bool, reason: str, origin: Origin, since: int) -> tuple[str, str]:
    """Mutes ``what``, or (``on`` false) takes that back. Gives (why not, what was done)."""
    what = what.strip()
    marks = dict(turn.tags.muted)
    output = turn.stage.outputs.get(what)
    if not on:
        if what not in marks:
            return f"{what or 'that'} is not muted" + (f"; muted: {', '.join(marks)}" if marks else ""), ""
        del marks[what]
        _unmute(turn, output or Output({}), marks)
        by = f" by {origin.person}" if origin.person else ""
        turn.note("unmuted", f"{what} is muted no more{by}")
        return "", f"{what} is muted no more" + ("; it comes back when the show is re-armed" if turn.latch else "")
    if output is None:
        return _nothing(turn, what), ""
    if what in marks:
        return muted.words_of(what, marks[what]), ""
    mark = Muted(servicing.person_of(origin), reason, since)
    _mute(turn, output, marks | {what: mark})
    turn.note("muted", muted.words_of(what, mark))
    return "", f"{what} is muted" + _members(turn, what, output)


def _nothing(turn: Turn, what: str) -> str:
    if what == "light":
        return "light is not muted: take it down by its masters, or black it out"
    if what in CLASSES:
        return f"this show has no {what}"
    refused = str(unknown("output", what, turn.stage.outputs))
    end = "" if refused.endswith("?") else "."
    return f"{refused}{end} Outputs are sound, film, fog, motion, headsets, a device or an interlock"


def _members(turn: Turn, what: str, output: Output) -> str:
    names = [*output.devices, *(turn.show.hazards[i].name for i in output.interlocks)] + ["moving heads"] * output.heads
    names = [] if names == [what] else names
    return f": {', '.join(names[:6])}" + (f" and {len(names) - 6} more" if len(names) > 6 else "") if names else ""


# --- muting -------------------------------------------------------------------------------------------------------------------


def _mute(turn: Turn, output: Output, marks: dict[str, Muted]) -> None:
    was = muted.still(turn.tags)
    turn.tags = replace(turn.tags, muted=marks)
    if muted.still(turn.tags) and not was:
        standstill.stand_still(turn)
    for index in output.interlocks:
        hazards.look_at(turn, index)
    if not turn.latch:  # what is safe stays as it is; ``again`` says it when that is over
        _hush(turn, output)


def _hush(turn: Turn, output: Output) -> None:
    for device, how in output.devices.items():
        for verb, arguments in how.quiet:
            turn.tell(device, verb, arguments)


def again(turn: Turn) -> None:
    """Panic or evacuation is over: what was muted is muted still."""
    for what in turn.tags.muted:
        if what in turn.stage.outputs:
            _hush(turn, turn.stage.outputs[what])


# --- un-muting ----------------------------------------------------------------------------------------------------------------


def _unmute(turn: Turn, output: Output, marks: dict[str, Muted]) -> None:
    was = muted.still(turn.tags)
    turn.tags = replace(turn.tags, muted=marks)
    if was and not muted.still(turn.tags):
        standstill.let_go(turn)
    for index in output.interlocks:
        hazards.look_at(turn, index)
    if not turn.latch:
        for device, how in output.devices.items():
            for other in muted.hushes(turn.stage, turn.tags, device):  # muted by another name, too, perhaps in another way
                for verb, arguments in other.quiet:
                    turn.tell(device, verb, arguments)
            _bring_back(turn, device, "mute" in how.held)


def _bring_back(turn: Turn, device: str, plays: bool) -> None:
    """The device does what the show has it do; ``plays``: it does so already, and was only not heard."""
    performed = [kept for kept in turn.performed.values() if kept.device == device]
    if plays:
        if not any(kept.verb == "mute" for kept in performed):
            turn.tell(device, "mute", (("on", False),))
        performed = [kept for kept in performed if kept.verb == "mute"]
    verbs = {kept.verb for kept in performed}
    kind = turn.show.device_named[device].kind.name
    if kind == "xr_engine" and "passthrough" not in verbs:
        turn.tell(device, "passthrough", (("message", ""), ("on", False)))
    if kind == "projector" and "shutter" not in verbs:
        turn.tell(device, "shutter", (("open", True),))
    for kept in performed:
        _ask_again(turn, kept)


def _ask_again(turn: Turn, kept: Performed) -> None:
    """Asks for what stands, at the place where it would be; what has played to its end meanwhile is left alone."""
    if servicing.still(turn, kept.device, kept.verb, kept.arguments):
        return
    if kept.key == coding.KEY:
        del turn.performed[kept.device, kept.key]  # the line of its clock is looked at right after this, and said
        return
    arguments = kept.arguments
    paused = False
    if kept.kind is ActionClass.RESUME:
        thing = next((t for t in turn.things.values() if (t.device, t.key) == (kept.device, kept.key)), None)
        elapsed = turn.now - kept.instant
        if thing is not None and thing.clock not in turn.rates:  # a pause has held it, too
            begun = seconds_of(turn.local(thing.clock) - thing.began) - float(dict(kept.arguments).get("at", 0.0))
            elapsed, paused = round(max(begun, 0.0) * 1e9), not turn.clock(thing.clock).running
        if kept.length is not None and elapsed >= kept.length and not kept.rests:
            return
        arguments = settling.at_position(turn.show, kept, elapsed)
    turn.tell(kept.device, kept.verb, arguments, kept.kind)
    if (fade := performing.faded(turn.show, kept)) is not None:
        turn.tell(kept.device, "fade", fade)
    if paused and "pause" in turn.show.device_named[kept.device].kind.verbs:
        turn.tell(kept.device, "pause", (("on", True),))
    following.began(turn, kept.device, kept.verb, kept.arguments)
