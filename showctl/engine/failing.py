"""A device that did not do what a cue asked of it: said to the operator, and what the show folder wants of that.

Wait, skip and standing in are done by the device's driver; ``hold`` is the list's: it is paused where it is, as by hand, and
somebody presses resume once the thing is mended.
"""

from __future__ import annotations

from typing import Final

from showctl.engine import halting
from showctl.engine.events import DeviceFailed
from showctl.engine.turn import Turn

_WAYS: Final = {
    "skip": "the show goes on without it", "wait": "it is asked for again", "hold": "the show goes on without it",
    "the approved line": "the approved line is spoken",
}  # fmt: skip


def failed(turn: Turn, event: DeviceFailed) -> None:
    """Says it, and holds the list that asked where the policy is ``hold``."""
    asked = turn.show.list_named.get(event.list)
    holds = event.policy == "hold" and asked is not None
    way = f"{event.list} is held" if holds else _WAYS.get(event.policy, f"{event.policy} is done instead")
    turn.note("device.failed", f"{event.device} did not do {event.verb}: {event.why}; {way}")
    if holds and asked is not None:
        halting.pause_list(turn, asked.index)
