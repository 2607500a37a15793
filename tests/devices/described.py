"""A described device for the tests of its driver: the fog screen of ``tests/shows/fog_screen``, and others in a few words."""

from __future__ import annotations

from typing import Any

from showctl.devices.described import Described
from showctl.devices.driver import Connect, Failed, Outputs, Send
from showctl.show.cues import ActionClass
from showctl.show.devices import Argument, Device, Field, Kind, Verb
from showctl.show.expressions import ValueType, parse
from showctl.show.fixtures import Hazard
from showctl.show.instants import SECOND, seconds
from showctl.show.speech import Frame, Order, Poll, Speech, phrase_of

NUMBER, TEXT, TRUTH = ValueType.NUMBER, ValueType.TEXT, ValueType.TRUTH
FIELDS = (
    Field("state", TEXT, "down"), Field("fans", NUMBER, 0.0), Field("ready", TRUTH, False), Field("phase", TEXT, "idle"),
    Field("why", TEXT, ""),
)  # fmt: skip
TYPES = {"state": TEXT, "fans": NUMBER}


def rise(otherwise: str = "skip", **more: Any) -> Verb:
    order = Order(
        phrase_of("UP {speed}"), phrase_of("OK UP"), (("state", phrase_of("up")), ("fans", phrase_of("{speed}"))),
        (("state", phrase_of("rising")),), within=seconds(8), otherwise=otherwise, **more,
    )  # fmt: skip
    return Verb("rise", (Argument("speed", NUMBER, 50.0),), ActionClass.STATE, ("curtain",), order=order)


FALL = Verb(
    "fall",
    (),
    ActionClass.STATE,
    ("curtain",),
    order=Order(phrase_of("DOWN"), phrase_of("OK DOWN"), (("state", phrase_of("down")),)),
)
PUFF = Verb("puff", (), ActionClass.MOMENTARY, order=Order(phrase_of("PUFF"), phrase_of("OK PUFF"), again=False))
DOT = Verb("dot", (Argument("x", TEXT),), ActionClass.MOMENTARY, order=Order(phrase_of("DOT {x}"), again=False))


def screen(
    *verbs: Verb, transport: str = "tcp", polled: bool = True, hazard: Hazard = Hazard.NONE, frame: Frame | None = None
) -> Described:
    """The fog screen, its line not open yet."""
    speech = Speech(
        frame or Frame("ends"), (Poll(phrase_of("S?"), phrase_of("S {state} {fans}")),) if polled else (),
        (phrase_of("EVENT {state}"),), phrase_of("ERR {why}"), {"state": {"1": "rising", "2": "up"}}, seconds(0.5),
        ready=parse('state == "up"', TYPES), fault=parse('state == "broken"', TYPES),
    )  # fmt: skip
    known = {verb.name: verb for verb in verbs or (rise(), FALL, PUFF, DOT)}
    kind = Kind("text", known, {field.name: field for field in FIELDS}, "nothing")
    return Described(Device(0, "screen", kind, transport, "10.0.0.9", 9100, "Fog screen", hazard=hazard, speech=speech))


def opened(it: Described, now: float = 0, says: bytes = b"S down 0\r\n") -> Described:
    """Its line is open, and it has answered its first poll."""
    it.start(seconds(now))
    it.connected(seconds(now))
    it.received(says, seconds(now))
    return it


def words(outputs: Outputs) -> list[bytes]:
    """What goes out."""
    return [output.data for output in outputs if isinstance(output, Send)]


def failures(outputs: Outputs) -> list[tuple[str, str, str]]:
    return [(output.verb, output.why, output.policy) for output in outputs if isinstance(output, Failed)]


__all__ = ["SECOND", "Connect", "failures", "opened", "rise", "screen", "words"]
