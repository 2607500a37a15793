"""The room's MQTT devices: commands once each, moves that take time, sensors that stick, bounce and lie."""

import json

import pytest

from showctl.show.cues import ActionClass, Value
from showctl.show.devices import Argument, Field, Kind, Verb
from showctl.show.expressions import ValueType
from simulators.room import RoomDevice
from tests.simulators.stage import Bench, make_device, make_show

TYPES = {str: ValueType.TEXT, float: ValueType.NUMBER, bool: ValueType.TRUTH}


def room(
    name: str, *verbs: str | Verb, options: dict[str, Value] | None = None, sources: dict[str, str] | None = None, **fields: Value
) -> Bench:
    declared = {
        verb.name: verb
        for verb in (
            Verb(verb, (), ActionClass.STATE, (), "", json.dumps({"do": verb})) if isinstance(verb, str) else verb
            for verb in verbs
        )
    }
    known = {word: Field(word, TYPES[type(value)], value, (sources or {}).get(word, "")) for word, value in fields.items()}
    kind = Kind("mqtt", declared, known)
    device = make_device(name, kind, broker="room", topic=f"furnace/{name}", options=options or {}, transport="mqtt")
    return Bench(RoomDevice(device, make_show(device), 1))


def gate(**options: Value) -> Bench:
    return room("gate", "open", "close", options={"travel": 4.0, **options}, state="closed")


def tell(bench: Bench, payload: str) -> None:
    bench.device.message("furnace/gate/set", payload.encode(), bench.now)
    bench._collect()


def said(bench: Bench) -> list[tuple[float, str, str]]:
    return [(moment, out.topic, out.data.decode()) for moment, out in bench.take() if out.kind == "mqtt"]


def states(bench: Bench) -> list[tuple[float, str]]:
    return [(moment, json.loads(data)["state"]) for moment, topic, data in said(bench) if topic.endswith("/state")]


def test_it_joins_with_its_will_and_says_how_it_is() -> None:
    bench = gate()
    [endpoint] = bench.device.endpoints
    assert (endpoint.name, endpoint.topics) == ("room", ("furnace/gate/set",))
    assert endpoint.will == ("furnace/gate/online", b"offline", True)
    assert [(out.kind, out.topic, out.data, out.retain) for _, out in bench.take()] == [
        ("joined", "", b"", False),
        ("mqtt", "furnace/gate/online", b"online", True),
        ("mqtt", "furnace/gate/state", b'{"state": "closed"}', True),
    ]


def test_a_gate_moves_and_is_open_when_it_is_there() -> None:
    bench = gate()
    bench.take()
    tell(bench, '{"do": "open", "id": "7.1"}')
    bench.to(3.999)
    assert bench.truth("state") == ["moving"]
    bench.to(4)
    assert bench.truth("state") == ["open"]
    assert states(bench) == [(0.0, "moving"), (4.0, "open")]


def test_without_a_given_time_the_seed_draws_one() -> None:
    bench = room("gate", "open", state="closed")
    tell(bench, '{"do": "open"}')
    bench.to(2.999)
    assert bench.truth("state") == ["moving"]
    bench.to(5)
    assert bench.truth("state") == ["open"]


def test_the_same_id_twice_is_one_command() -> None:
    bench = gate()
    tell(bench, '{"do": "open", "id": "7.1"}')
    bench.to(10)
    bench.act("closed")
    tell(bench, '{"do": "open", "id": "7.1"}')
    assert bench.truth("state") == ["closed"]
    tell(bench, '{"do": "open", "id": "7.2"}')
    assert bench.truth("state") == ["moving"]


def test_a_gate_turns_back_on_its_way() -> None:
    bench = gate()
    tell(bench, '{"do": "open"}')
    bench.to(2)
    tell(bench, '{"do": "close"}')
    bench.to(5.999)
    assert bench.truth("state") == ["moving"]
    bench.to(6)
    assert bench.truth("state") == ["closed"]


def test_told_what_it_is_it_stays() -> None:
    bench = gate()
    bench.take()
    tell(bench, '{"do": "close"}')
    assert said(bench) == []


@pytest.mark.parametrize(
    "payload",
    [
        '{"state": 5}',
        '{"state": NaN}',
        '{"state": ' + "9" * 400 + "}",
        "",
        "nonsense",
        "[1]",
        '{"do": "dance"}',
        '{"do": 7}',
        '{"id": "1"}',
        "[" * 5000,
        '{"state": null}',
    ],
)
def test_what_it_does_not_understand_it_ignores_and_counts(payload: str) -> None:
    bench = gate()
    bench.take()
    tell(bench, payload)
    device = bench.device
    assert isinstance(device, RoomDevice)
    assert (device.ignored, said(bench), bench.truth("state")) == (1, [], ["closed"])


def test_a_verb_is_known_by_its_payload_and_its_arguments_set_fields() -> None:
    dim = Verb("dim", (Argument("level", ValueType.NUMBER),), payload='{"cmd": "dim", "level": {level}}')
    start = Verb("on", (), payload='{"cmd": "start"}')
    bench = room("gate", dim, start, state="off", level=0.0)
    bench.take()
    tell(bench, '{"cmd":"dim","level":40.0,"id":"1.1"}')
    tell(bench, '{"cmd":"start","id":"1.2"}')
    assert bench.truth("state", "level") == ["on", 40.0]
    assert said(bench)[-1][2] == '{"state": "on", "level": 40}'


def test_a_verb_may_be_a_plain_word() -> None:
    bench = room("gate", Verb("on", (), payload="ON"), Verb("off", (), payload="OFF"), state="off")
    tell(bench, "ON")
    assert bench.truth("state") == ["on"]


def test_a_field_with_a_topic_of_its_own_is_published_there() -> None:
    bench = room("mat", sources={"count": "furnace/mat/count"}, count=0.0)
    bench.take()
    bench.act("count 12")
    bench.act("add 3")
    assert said(bench) == [(0.0, "furnace/mat/count", "12"), (0.0, "furnace/mat/count", "15")]


def test_a_button_counts_its_presses_and_retains_none() -> None:
    bench = room("bell")
    bench.take()
    bench.act("press")
    bench.act("press 2 times")
    bench.to(1)
    assert [(out.topic, out.data, out.retain) for _, out in bench.take()] == [
        ("furnace/bell/pressed", b"1", False),
        ("furnace/bell/pressed", b"2", False),
        ("furnace/bell/pressed", b"3", False),
    ]


def test_a_bouncing_button_presses_three_times_within_16_ms() -> None:
    bench = room("bell")
    bench.take()
    bench.act("bouncing")
    bench.act("press")
    bench.to(1)
    assert said(bench) == [
        (0.0, "furnace/bell/pressed", "1"),
        (0.008, "furnace/bell/pressed", "2"),
        (0.016, "furnace/bell/pressed", "3"),
    ]


def test_a_bouncing_beam_flickers_before_it_settles() -> None:
    bench = room("beam", clear=True)
    bench.take()
    bench.act("bouncing for 1s")
    bench.act("clear no")
    bench.to(0.9)
    assert [json.loads(data)["clear"] for _, _, data in said(bench)] == [False, True, False]
    bench.to(1)
    bench.act("yes")
    assert [json.loads(data)["clear"] for _, _, data in said(bench)] == [True]


def test_a_stuck_sensor_says_what_it_said_until_it_works() -> None:
    bench = gate()
    bench.take()
    bench.act("stuck for 20s")
    tell(bench, '{"do": "open"}')
    bench.to(19.999)
    assert said(bench) == []
    assert bench.truth("state") == ["open"]
    assert bench.device.report(bench.now) == {"state": "closed"}
    bench.to(20)
    assert states(bench) == [(20.0, "open")]


def test_a_sensor_stuck_at_a_value_says_that_one() -> None:
    bench = gate()
    bench.take()
    bench.act("stuck at open")
    assert states(bench) == [(0.0, "open")]
    assert bench.truth("state") == ["closed"]


def test_a_jammed_gate_is_moving_until_it_is_freed() -> None:
    bench = gate()
    tell(bench, '{"do": "open"}')
    bench.to(2)
    bench.act("jammed")
    bench.to(100)
    assert bench.truth("state") == ["moving"]
    bench.act("works")
    bench.to(103.999)
    assert bench.truth("state") == ["moving"]
    bench.to(104)
    assert bench.truth("state") == ["open"]


def test_without_power_a_gate_stands_where_it_is_and_its_will_is_read() -> None:
    bench = gate()
    tell(bench, '{"do": "open"}')
    bench.to(1)
    bench.take()
    bench.act("power lost for 5s")
    assert bench.truth("state") == ["between"]
    bench.to(8)
    assert [(moment, out.kind, out.data) for moment, out in bench.take()] == [
        (1.0, "gone", b""),
        (8.0, "joined", b""),
        (8.0, "mqtt", b"online"),
        (8.0, "mqtt", b'{"state": "between"}'),
    ]


def test_a_persons_setting_is_at_once_and_read_by_its_type() -> None:
    bench = room("hazer", "on", "off", state="off", fluid=100.0, ready=False)
    bench.act("set fluid 20")
    bench.act("ready yes")
    bench.act("on")
    assert bench.truth("state", "fluid", "ready") == ["on", 20.0, True]
    for words in ("fluid much", "ready perhaps", ""):
        with pytest.raises(ValueError):
            bench.act(words)
