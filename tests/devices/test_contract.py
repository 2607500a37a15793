"""The device contract, held over every kind in the registry: what each driver owes, whatever it speaks.

Ready, acting, done and failed; a momentary order never twice and never late; silence said once and in order; a first word after a
silence said once. What a kind cannot owe stands in a table here, with why.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import pytest

from showctl.devices.driver import Acting, Connect, Driver, Failed, Health, Output, Outputs, Publish, Send
from showctl.devices.registry import driver_for
from showctl.engine.commands import Tell
from showctl.show.cues import ActionClass, Value
from showctl.show.devices import KINDS, Argument, Device, Field, Kind, Verb
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND, Instant
from showctl.show.patch import make_patch
from showctl.show.show import Show
from showctl.show.speech import Frame, Order, Poll, Speech, phrase_of
from tests.devices.building import at, device

SHOW = Show("contract", make_patch((), (), ()), ())
STATE, MOMENTARY = ActionClass.STATE, ActionClass.MOMENTARY
WORD = Argument("word", ValueType.TEXT)
DECLARED: Final = {
    "osc": (Verb("set", (WORD,), STATE, ("set",), "/set"), Verb("ring", (), MOMENTARY, (), "/ring")),
    "mqtt": (Verb("set", (WORD,), STATE, ("set",), "", ""), Verb("ring", (), MOMENTARY, (), "", '{"do": "ring"}')),
    "text": (
        Verb(
            "set",
            (WORD,),
            STATE,
            ("set",),
            order=Order(phrase_of("SET {word}"), phrase_of("OK"), (("state", phrase_of("{word}")),)),
        ),
        Verb("ring", (), MOMENTARY, (), order=Order(phrase_of("RING"), phrase_of("OK"), again=False)),
    ),
}
SPEECH = Speech(Frame("ends", b"\n"), (Poll(phrase_of("S?"), phrase_of("S {state}"), SECOND),))
TRANSPORTS: Final = {
    "film_server": "slip", "gauze_player": "tcp", "projector": "pjlink", "mqtt": "mqtt", "broker": "mqtt", "text": "tcp",
    "mpv": "unix", "mpv_sound": "unix", "ltc_out": "audio", "mtc_out": "midi",
}  # fmt: skip
CASES = [*KINDS, "ai_performer/http"]
SILENT: Final = {
    "osc": "it need not answer: no ping is declared",
    "broker": "what it says is whether we are connected, and that the link tells",
    "mqtt": "its broker's will speaks for it", "ltc_out": "a sound card says nothing", "mtc_out": "nor does a MIDI port",
    "artnet_timecode": "nor does whoever hears Art-Net code", "l_isa": "it never answers",
    "adm_osc": "answers are an option", "ds100": "answers are an option",
    "resolume": "heard only where the option listen says a port", "millumin": "the same", "media_server": "the same",
}  # fmt: skip
"""Kinds of which silence says nothing."""
ENGINES_OWN: Final = ("ltc_out", "mtc_out", "artnet_timecode", "adm_osc", "ds100", "l_isa")
"""What they are told is a line in time, or of objects that only a show names."""


def of_kind(case: str) -> Device:
    name, _, transport = case.partition("/")
    more: dict[str, object] = {"transport": transport or TRANSPORTS.get(name, "udp"), "host": "10.0.0.9", "port": 9000}
    kind = KINDS[name]
    if name in DECLARED:
        fields: tuple[Field, ...] = (Field("state", ValueType.TEXT, ""), Field("ready", ValueType.TRUTH, False))
        fields += (Field("phase", ValueType.TEXT, "idle"), Field("why", ValueType.TEXT, "")) if name == "text" else ()
        kind = Kind(name, {verb.name: verb for verb in DECLARED[name]}, {field.name: field for field in fields}, "nothing")
        more |= {"topic": "a/b"} | ({"speech": SPEECH} if name == "text" else {})
    if transport == "http":
        more["options"] = {"model": "m"}
    return replace(device(name, **more), kind=kind)


def driver(case: str) -> Driver:
    return driver_for(of_kind(case), SHOW)


def order(it: Driver, verb: Verb, now: Instant, number: int = 1) -> Tell:
    words: dict[ValueType, Value] = {ValueType.NUMBER: 1.0, ValueType.TEXT: "word", ValueType.TRUTH: True}
    given = tuple((item.name, words[item.type] if item.default is None else item.default) for item in verb.arguments)
    return Tell(now, number, it.device.name, verb.name, given, verb.kind)


def sends(outputs: Outputs) -> list[bytes]:
    """What goes out, without the numbers by which one saying differs from the next."""
    found = [
        output.data if isinstance(output, Send) else output.payload for output in outputs if isinstance(output, Send | Publish)
    ]
    return [re.sub(rb"[0-9.]+", b"#", data) for data in found]


def pass_time(it: Driver, start: Instant, end: Instant, reachable: bool = True) -> list[tuple[Instant, Output]]:
    """Woken at each deadline; a connection that it wants comes about, or does not. Nothing is ever heard."""
    found: list[tuple[Instant, Output]] = []
    now = start
    for _ in range(20_000):
        deadline = it.next_deadline()
        if deadline is None or deadline > end:
            return found
        now = max(now, deadline)
        outputs = list(it.wake(now))
        for output in outputs:
            if isinstance(output, Connect):
                outputs += it.connected(now) if reachable else it.lost("takes no connection", now)
        found += [(now, output) for output in outputs]
    raise AssertionError(f"{type(it).__name__} wants waking for ever")


def opened(case: str) -> Driver:
    """Started at 0, its line open, nothing heard."""
    it = driver(case)
    outputs = it.start(0)
    if any(isinstance(output, Connect) for output in outputs) or it.device.transport in ("udp", "mqtt"):
        it.connected(0)
    return it


def verbs(case: str, kind: ActionClass) -> list[Verb]:
    return [verb for verb in of_kind(case).kind.verbs.values() if verb.kind is kind]


@pytest.mark.parametrize("case", CASES)
def test_a_driver_that_was_asked_nothing_is_idle_and_claims_nothing(case: str) -> None:
    it = opened(case)
    assert isinstance(it, Acting)
    assert it.phase().name == "idle"
    assert it.reported() == {} or case == "broker"
    assert it.device.name == of_kind(case).name


@pytest.mark.parametrize("case", CASES)
def test_silence_is_said_once_for_each_step_and_always_in_order(case: str) -> None:
    it = opened(case)
    found = [(now, output) for now, output in pass_time(it, 0, at(200)) if isinstance(output, Health)]
    states = [output.state for _, output in found]
    if case in SILENT:
        assert "lost" not in states, SILENT[case]
        return
    assert list(dict.fromkeys(states)) == ["degraded", "lost"]
    assert states.count("lost") == 1
    assert all(output.why.startswith(it.device.name) and output.why.endswith(".") for _, output in found)
    assert next(now for now, output in found if output.state == "lost") <= at(90)


@pytest.mark.parametrize("case", CASES)
def test_a_momentary_order_is_never_said_twice_and_never_late(case: str) -> None:
    for verb in verbs(case, MOMENTARY):
        it = opened(case)
        at_once = sends(it.command(order(it, verb, at(1)), at(1)))
        later = [data for _, output in pass_time(it, at(1), at(120)) for data in sends([output])]
        later += sends(it.lost("closed the connection", at(120)))
        later += [data for _, output in pass_time(it, at(120), at(200)) for data in sends([output])]
        assert [data for data in at_once if data in later and verb.name.encode() in data] == [], verb.name


@pytest.mark.parametrize("case", [case for case in CASES if of_kind(case).transport not in ("udp", "http", "audio", "midi")])
def test_a_momentary_order_without_a_line_fails_at_once_with_its_policy(case: str) -> None:
    for verb in verbs(case, MOMENTARY):
        it = driver(case)
        it.start(0)
        found = [output for output in it.command(order(it, verb, at(1)), at(1)) if isinstance(output, Failed)]
        assert [(output.verb, output.policy) for output in found] == [(verb.name, "skip")]
        assert isinstance(it, Acting)
        assert it.phase().name == "failed"
        assert verb.name in it.phase().why


@pytest.mark.parametrize("case", CASES)
def test_an_order_is_under_way_done_or_failed_and_fails_once(case: str) -> None:
    if case in ENGINES_OWN:
        return
    for verb in (*verbs(case, STATE), *verbs(case, ActionClass.RESUME)):
        it = opened(case)
        assert isinstance(it, Acting)
        found = list(it.command(order(it, verb, at(1)), at(1)))
        before = it.phase().name
        assert before in ("acting", "done"), (verb.name, before)
        found += [output for _, output in pass_time(it, at(1), at(400))]
        failed = [output for output in found if isinstance(output, Failed)]
        assert len(failed) == (before == "acting"), (verb.name, failed)
        assert it.phase().name == ("failed" if failed else "done")
        assert all(output.why for output in failed)


@pytest.mark.parametrize("case", CASES)
def test_what_is_desired_and_reported_are_fields_of_the_kind(case: str) -> None:
    it = opened(case)
    known = set(it.device.kind.fields) | {"verb", "line", "code", "rate", "clip", "state", "master"}
    for number, verb in enumerate(it.device.kind.verbs.values(), 1):
        it.command(order(it, verb, at(number), number), at(number))
        for values in (it.desired(), it.reported()):
            assert all(isinstance(value, bool | float | str) for value in values.values())
        extra = {name for name in it.desired() if name not in known and not name.endswith("_bus")}  # buses are the show's own
        assert not extra or case in ("adm_osc", "ds100", "l_isa", "text"), extra
