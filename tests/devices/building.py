"""Builders for the drivers' tests: a device of a kind, a command, a reply, and what came out in words.

What a driver sends is read by python-osc, which nobody here wrote; what the device says is built by it too.
"""

from dataclasses import replace

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from showctl.devices.driver import Driver, Health, Outputs, Publish, Report, Send
from showctl.engine.commands import Tell
from showctl.show.cues import ActionClass, Value
from showctl.show.devices import KINDS, Device, Field, Kind, Verb
from showctl.show.instants import SECOND, seconds

__all__ = ["SECOND", "at", "declared", "device", "healths", "osc", "published", "reports", "said", "tell", "until"]

_TRANSPORTS = {"film_server": "slip", "gauze_player": "tcp", "projector": "pjlink", "mqtt": "mqtt", "broker": "mqtt"}
at = seconds


def device(kind: str, **more: object) -> Device:
    """One device of a built-in kind."""
    given: dict[str, object] = {"index": 0, "name": kind, "kind": KINDS[kind], "transport": _TRANSPORTS.get(kind, "udp")}
    return Device(**(given | more))  # type: ignore[arg-type]


def declared(kind: str, verbs: tuple[Verb, ...], fields: tuple[Field, ...], **more: object) -> Device:
    """A device whose verbs and fields the show folder declares."""
    made = Kind(kind, {verb.name: verb for verb in verbs}, {field.name: field for field in fields}, "nothing")
    return replace(device(kind, **more), kind=made)


def tell(verb: str, kind: ActionClass = ActionClass.STATE, order: int = 1, instant: int = 0, **arguments: Value) -> Tell:
    """A command as the engine gives it."""
    return Tell(instant, order, "it", verb, tuple(arguments.items()), kind)


def osc(address: str, tags: str = "", *values: object) -> bytes:
    """A message of the device, built by python-osc."""
    builder = OscMessageBuilder(address)
    for tag, value in zip(tags, values, strict=True):
        builder.add_arg(value, tag)  # type: ignore[arg-type]
    return builder.build().dgram


def said(outputs: Outputs) -> list[tuple[object, ...]]:
    """The OSC messages among the outputs, as (address, arguments ...), floats rounded to thousandths."""
    found = []
    for output in outputs:
        if isinstance(output, Send):
            message = OscMessage(output.data)
            values = (round(value, 3) if isinstance(value, float) else value for value in message.params)
            found.append((message.address, *values))
    return found


def healths(outputs: Outputs) -> list[tuple[str, str]]:
    """The changes of health among the outputs."""
    return [(output.state, output.why) for output in outputs if isinstance(output, Health)]


def reports(outputs: Outputs) -> dict[str, Value]:
    """The reports among the outputs; none twice."""
    found = [output for output in outputs if isinstance(output, Report)]
    assert len({report.field for report in found}) == len(found), found
    return {report.field: report.value for report in found}


def published(outputs: Outputs) -> list[tuple[str, bytes, bool]]:
    """The MQTT messages among the outputs."""
    return [(output.topic, output.payload, output.retain) for output in outputs if isinstance(output, Publish)]


def until(driver: Driver, now: int, end: int) -> list[tuple[int, object]]:
    """Lets time pass from ``now`` to ``end``, woken at each deadline; everything said, with its instant."""
    found: list[tuple[int, object]] = []
    while (deadline := driver.next_deadline()) is not None and deadline <= end:
        assert deadline >= now or not found, f"woken at {deadline}, and it is {now}"
        now = max(now, deadline)
        outputs = driver.wake(now)
        found += [(now, output) for output in outputs]
        after = driver.next_deadline()
        assert after is None or after > now, f"{type(driver).__name__} wants waking at {after} for ever"
    return found
