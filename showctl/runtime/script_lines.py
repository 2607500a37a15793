"""Lines of a rehearsal's script that an operator could say: what each asks of the show. Others are about the room (the venue)."""

from __future__ import annotations

from typing import Final

from showctl.engine.events import (
    Back,
    Evacuate,
    Event,
    Go,
    Locate,
    Origin,
    Panic,
    Pause,
    Rearm,
    Reset,
    Resume,
    Standby,
    Start,
    Stop,
)

SCRIPT: Final = Origin("script", "operator")
OPERATOR: Final = Origin("key", "operator")
"""Who presses GO: two presses within a list's GO window are one (R3), as at the desk."""


def request_for(what: str, words: str) -> Event | None:
    """What an operator asks with a line of a script; None for lines that are about the room."""
    first, _, rest = words.partition("/")
    list_name, cue = first.strip(), rest.strip() or None
    match what:
        case "go":
            return Go(list_name, cue, origin=OPERATOR)
        case "standby":
            return Standby(list_name, cue, SCRIPT)
        case "start":
            return Start(list_name, cue or "", SCRIPT)
        case "stop":
            return Stop(list_name, cue, origin=SCRIPT)
        case "back":
            return Back(list_name, SCRIPT)
        case "pause":
            return Pause(list_name, cue, SCRIPT)
        case "resume":
            return Resume(list_name, cue, SCRIPT)
        case "locate":
            return Locate(list_name, cue or "", SCRIPT)
        case "panic":
            return Panic(SCRIPT)
        case "evacuate":
            return Evacuate(SCRIPT)
        case "rearm":
            return Rearm(Origin("script", words.strip()))
        case "reset":
            return Reset(SCRIPT)
        case _:
            return None
