"""What technicians ask of a running show, and the answer: channel check, identify, park, out of service, lock, mute, RDM."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from showctl.engine import checking, muting, servicing
from showctl.engine.commands import Answer
from showctl.engine.events import ChannelCheck, Identify, InService, Maintain, Mute, OutOfService, Park, Rdm, Unpark
from showctl.engine.servicing import person_of
from showctl.engine.tags import OutOfUse
from showctl.engine.turn import Turn

Request: TypeAlias = ChannelCheck | Identify | Park | Unpark | OutOfService | InService | Maintain | Mute | Rdm


def handle(turn: Turn, event: Request) -> None:
    """Does what ``event`` asks, and answers in words."""
    match event:
        case ChannelCheck(words=words, origin=origin):
            refused, said = checking.check(turn, words, person_of(origin))
        case Identify(what=what, over=over):
            refused, said = checking.identify(turn, what, over)
        case Park(what=what, reason=reason, wall=wall, origin=origin):
            refused, said = servicing.park(turn, what, reason, origin, wall)
        case Unpark(what=what):
            refused, said = servicing.unpark(turn, what)
        case OutOfService(fixture=fixture, reason=reason, until=until, spare=spare, wall=wall, origin=origin):
            mark = OutOfUse(until, reason, person_of(origin), wall)
            refused, said = servicing.retire(turn, fixture, mark, spare)
        case InService(fixture=fixture):
            refused, said = servicing.reinstate(turn, fixture)
        case Maintain(on=on, reason=reason, whose=whose, wall=wall, origin=origin):
            refused, said = servicing.maintain(turn, on, reason, whose, origin, wall)
        case Mute(what=what, on=on, reason=reason, wall=wall, origin=origin):
            refused, said = muting.mute(turn, what, on, reason, origin, wall)
        case Rdm(verb=verb, what=what, value=value):
            refused = said = ""
            if turn.latch or turn.runs:
                running = f"{next(iter(turn.runs.values())).cue} runs" if turn.runs else f"{turn.latch} is in force"
                refused = f"RDM takes turns with the light, so never during a show: {running}. `showctl stop` first"
            else:
                turn.note("rdm", f"RDM: {' '.join(part for part in (verb, what, value) if part)}")
        case _:
            assert_never(event)
    turn.commands.append(Answer(turn.now, refused, words=said))
