"""A line that one device has found is spoken by another: ``voice`` of an AI performer's options.

The line comes as a report, which the journal has, so a replay speaks the same words. Under a latch nobody speaks.
"""

from __future__ import annotations

from showctl.engine import performing
from showctl.engine.turn import Turn
from showctl.show.cues import ActionClass, Perform, Value


def heard(turn: Turn, device: str, field: str, value: Value) -> None:
    """A device has reported something: if it is a line, its voice speaks it."""
    if field != "line" or not value or device not in turn.stage.voices or turn.latch:
        return
    speaker, word = turn.stage.voices[device]
    verb = turn.show.device_named[speaker].kind.verbs["say"]
    given = tuple((item.name, value if item.name == word else item.default) for item in verb.arguments)
    arguments = tuple((name, word_) for name, word_ in given if word_ is not None)
    performing.perform(turn, Perform(speaker, "say", arguments, ActionClass.MOMENTARY), None)
