"""The venue as the controller meets it: the shape that `ports.Venue` asks for, TCP, MQTT, faults on links, and scripts."""

from __future__ import annotations

import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from showctl.show.cues import ActionClass
from showctl.show.devices import KINDS, Argument, Device, Field, Kind, Verb
from showctl.show.expressions import ValueType
from showctl.show.patch import Protocol, Universe, make_patch
from showctl.show.show import Show
from showctl.show.triggers import Input, InputSource
from simulators.broker import Broker
from simulators.device import Address, Box, Endpoint, Will
from simulators.venue import SimulatedVenue
from simulators.wiring import CLASSES
from tests.simulators.rig import S, make_rig, osc_input

ROOT = Path(__file__).parents[2]
DESK: Address = ("127.0.0.1", 40000)
TYPED = """
from showctl.runtime.ports import Venue
from simulators.venue import SimulatedVenue, open_venue

def rehearse(venue: Venue) -> None: ...

rehearse(open_venue(__import__("pathlib").Path("show"), seed=1))
"""


def gate(name: str = "gate") -> Device:
    number, text = ValueType.NUMBER, ValueType.TEXT
    kind = Kind(
        "mqtt",
        {
            word: Verb(word, (), ActionClass.STATE, payload=f'{{"do": "{word}"}}', address=f"furnace/{name}/set")
            for word in ("open", "close")
        },
        {"state": Field("state", text, "closed"), "cycles": Field("cycles", number, 0.0)},
    )
    return Device(1, name, kind, "mqtt", broker="room", topic=f"furnace/{name}", options={"travel": 2.0})


def broker() -> Device:
    return Device(0, "room", KINDS["broker"], "mqtt", "127.0.0.1", 1883)


def projector() -> Device:
    return Device(2, "projector_1", KINDS["projector"], "pjlink", "127.0.3.11", 4352)


def started(*devices: Device, inputs: tuple[Input, ...] = ()) -> SimulatedVenue:
    show: Show = replace(make_rig(devices=devices), inputs=inputs)
    venue = SimulatedVenue(show)
    venue.start(0)
    return venue


def heard(venue: SimulatedVenue) -> list[tuple[str, bytes, bool]]:
    return [(arrival.topic, arrival.data, arrival.retain) for arrival in venue.take() if arrival.kind == "mqtt"]


def run_to(venue: SimulatedVenue, now: int) -> None:
    while (due := venue.next_deadline()) is not None and due <= now:
        venue.wake(due)


@pytest.mark.slow
def test_mypy_finds_that_the_simulated_venue_is_what_the_controller_asks_for(tmp_path: Path) -> None:
    (tmp_path / "typed.py").write_text(TYPED)

    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--follow-imports=silent",
            "--cache-dir",
            str(tmp_path),
            str(tmp_path / "typed.py"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
    )

    assert "Success" in run.stdout, run.stdout + run.stderr


def test_every_kind_of_device_has_somebody_to_stand_for_it() -> None:
    assert set(KINDS) <= set(CLASSES)


def test_every_device_of_the_show_can_be_seen() -> None:
    venue = started(broker(), gate(), projector())

    state = venue.state(0)

    assert list(state["devices"]) == ["room", "gate", "projector_1", "rack_node", "pixel_node", "fog_widget"]
    assert state["devices"]["gate"]["truth"]["state"] == "closed"
    assert state["devices"]["projector_1"]["powered"] is True
    assert venue.names()["gate.state"] == "text"
    assert venue.look("gate.powered", 0) is True


# --- TCP --------------------------------------------------------------------------------------------------------------


def test_a_connection_is_answered_and_one_to_nobody_is_refused() -> None:
    venue = started(projector())

    assert venue.connect("a", ("127.0.3.11", 4352), 0)
    assert not venue.connect("b", ("127.0.3.12", 4352), 0)

    greeting = venue.take()
    assert [(arrival.kind, arrival.stream) for arrival in greeting] == [("stream", "a")]
    assert greeting[0].data.startswith(b"PJLINK ")


def test_a_device_without_power_leaves_its_connections_half_open_until_it_is_back() -> None:
    venue = started(projector())
    venue.connect("a", ("127.0.3.11", 4352), 0)
    venue.take()

    venue.act("fault", "projector_1 power lost for 20s", S)
    venue.stream("a", b"%1POWR ?\r", 2 * S)

    assert venue.take() == []
    assert not venue.connect("b", ("127.0.3.11", 4352), 3 * S)
    run_to(venue, 21 * S)
    assert [(arrival.kind, arrival.stream) for arrival in venue.take()] == [("closed", "a")]


def test_a_slow_link_brings_a_stream_late_whole_and_in_order() -> None:
    venue = started(projector())
    venue.act("fault", "link projector_1 delay 80ms", 0)
    venue.act("fault", "link projector_1 jitter 70ms", 0)
    venue.connect("a", ("127.0.3.11", 4352), 0)

    assert venue.take() == []
    for n, piece in enumerate((b"%1CL", b"SS ?", b"\r")):
        venue.stream("a", piece, n)
    run_to(venue, S)

    said = b"".join(arrival.data for arrival in venue.take())
    assert said.startswith(b"PJLINK ")
    assert b"%1CLSS=" in said


def test_a_link_that_is_pulled_out_takes_no_connection_and_comes_back_by_itself() -> None:
    venue = started(projector())
    venue.act("fault", "link projector_1 down for 5s", 0)

    assert not venue.connect("a", ("127.0.3.11", 4352), 5 * S - 1)
    assert venue.connect("a", ("127.0.3.11", 4352), 5 * S)


def test_a_connection_that_lost_bytes_ends_when_its_link_comes_back() -> None:
    venue = started(projector())
    venue.connect("a", ("127.0.3.11", 4352), 0)
    venue.connect("b", ("127.0.3.11", 4352), 0)
    venue.take()

    venue.act("fault", "link projector_1 down", 0)
    venue.stream("a", b"%1CLSS ?\r", S)
    assert venue.take() == []
    venue.act("fault", "link projector_1 good", 2 * S)

    assert [(arrival.kind, arrival.stream) for arrival in venue.take()] == [("closed", "a")]
    venue.stream("b", b"%1CLSS ?\r", 2 * S)
    assert [arrival.stream for arrival in venue.take()] == ["b"]


# --- MQTT -------------------------------------------------------------------------------------------------------------


def test_a_door_hears_its_command_and_says_where_it_is() -> None:
    venue = started(broker(), gate())
    assert venue.mqtt_connect("showctl", ("showctl/status", b"offline", True), 0)

    venue.mqtt_subscribe("showctl", "furnace/gate/#", 0)
    assert ("furnace/gate/online", b"online", True) in heard(venue)
    venue.mqtt_publish("showctl", "furnace/gate/set", b'{"do": "open", "id": 1}', 1, False, S)
    moving = heard(venue)
    run_to(venue, 10 * S)

    assert [b"moving" in data for topic, data, _ in moving if topic == "furnace/gate/state"] == [True]
    assert [b"open" in data for topic, data, _ in heard(venue) if topic == "furnace/gate/state"] == [True]
    assert venue.look("gate.state", 10 * S) == "open"


def test_a_device_that_loses_its_power_leaves_its_will() -> None:
    venue = started(broker(), gate())
    venue.mqtt_connect("showctl", None, 0)
    venue.mqtt_subscribe("showctl", "furnace/+/online", 0)
    heard(venue)

    venue.act("fault", "gate power lost for 5s", S)
    assert heard(venue) == [("furnace/gate/online", b"offline", False)]
    run_to(venue, 30 * S)

    assert heard(venue) == [("furnace/gate/online", b"online", False)]


def test_when_the_broker_dies_clients_are_closed_and_devices_come_back_after_it() -> None:
    venue = started(broker(), gate())
    venue.mqtt_connect("showctl", None, 0)

    venue.act("fault", "room power lost for 5s", S)

    assert [(arrival.kind, arrival.stream) for arrival in venue.take()] == [("closed", "showctl")]
    assert not venue.mqtt_connect("showctl", None, 2 * S)
    run_to(venue, 30 * S)
    assert venue.mqtt_connect("showctl", None, 30 * S)
    venue.mqtt_subscribe("showctl", "furnace/gate/set", 30 * S)
    venue.mqtt_publish("showctl", "furnace/gate/set", b'{"do": "open", "id": 2}', 1, False, 30 * S)
    run_to(venue, 40 * S)
    assert venue.look("gate.state", 40 * S) == "open"


def test_many_devices_without_their_broker_try_once_a_second_each(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"gate_{n}" for n in range(12)]
    venue = started(broker(), *(gate(name) for name in names))
    tried: list[str] = []
    attach = Broker.attach

    def noted(box: Broker, client: str, will: Will | None, now: int, clean: bool = True) -> bool:
        tried.append(client)
        return attach(box, client, will, now, clean)

    monkeypatch.setattr(Broker, "attach", noted)

    venue.act("fault", "room power lost", S)
    run_to(venue, 11 * S)

    assert sorted(tried) == sorted(names * 10)


def test_a_device_that_the_broker_dropped_is_back_a_second_later() -> None:
    venue = started(broker(), gate())
    venue.mqtt_connect("showctl", None, 0)
    venue.mqtt_subscribe("showctl", "furnace/+/online", 0)
    heard(venue)

    venue.act("set", "room drops gate", S)
    assert heard(venue) == [("furnace/gate/online", b"offline", False)]
    run_to(venue, 2 * S)
    venue.mqtt_publish("showctl", "furnace/gate/set", b'{"do": "open", "id": 3}', 1, False, 2 * S)
    run_to(venue, 10 * S)

    assert venue.look("gate.state", 10 * S) == "open"


def test_a_show_without_a_broker_has_no_mqtt() -> None:
    assert not started().mqtt_connect("showctl", None, 0)


# --- inputs that no device feeds --------------------------------------------------------------------------------------


def test_a_button_is_pressed_and_counts() -> None:
    rail = Input(0, "rail", ValueType.NUMBER, 0.0, InputSource.MQTT, "furnace/rail/pressed", "room", counts=True)
    venue = started(broker(), inputs=(rail,))
    venue.mqtt_connect("showctl", None, 0)
    venue.mqtt_subscribe("showctl", "furnace/rail/pressed", 0)

    venue.act("press", "rail", 0)
    venue.act("press", "rail", 0)

    assert heard(venue) == [("furnace/rail/pressed", b"1", False), ("furnace/rail/pressed", b"2", False)]


def test_a_sensor_that_must_be_fresh_speaks_again_and_again() -> None:
    venue = started(inputs=(osc_input("exit_clear", "/exit/clear", stale_after=900_000_000),))
    venue.take()

    venue.act("set", "exit_clear yes", 0)
    run_to(venue, S)

    packets = [(arrival.destination, arrival.data) for arrival in venue.take()]
    assert packets == [(("127.0.0.1", 53100), b"/exit/clear\0,i\0\0" + struct.pack(">i", 1))] * 4
    venue.act("fault", "exit_clear power lost", S)
    run_to(venue, 10 * S)
    assert venue.take() == []


# --- what every box does ----------------------------------------------------------------------------------------------


class Echo(Box):
    """Says everything back, and ticks every second."""

    def __init__(self) -> None:
        super().__init__("echo", (Endpoint("udp", ("127.0.9.9", 99)),))
        self.ticks: list[int] = []

    def on_up(self, now: int) -> None:
        self.ticks = [now]

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: int) -> None:
        self.send(data, source)

    def own_deadline(self) -> int | None:
        return self.ticks[-1] + S

    def on_wake(self, now: int) -> None:
        self.ticks.append(now)


def echo() -> Echo:
    box = Echo()
    box.start(0)
    return box


def said(box: Box) -> list[bytes]:
    return [what.data for what in box.take()]


def test_a_box_that_hangs_deals_with_everything_when_the_hang_ends() -> None:
    box = echo()

    box.act("hang for 5s", S // 2)
    for data in (b"a", b"b"):
        box.datagram(DESK, ("127.0.9.9", 99), data, S)
    assert said(box) == []
    box.wake(5 * S + S // 2)

    assert said(box) == [b"a", b"b"]


def test_a_silent_box_hears_and_answers_nothing_until_it_is_back() -> None:
    box = echo()
    box.act("silent", 0)
    box.datagram(DESK, ("127.0.9.9", 99), b"a", 0)

    box.act("back", 1)
    box.datagram(DESK, ("127.0.9.9", 99), b"b", 1)

    assert said(box) == [b"b"]


def test_due_work_is_done_at_the_instant_it_was_due_however_late_somebody_looks() -> None:
    box = echo()

    box.wake(3 * S + 17)

    assert box.ticks == [0, S, 2 * S, 3 * S]


def test_after_power_comes_back_a_box_boots() -> None:
    box = echo()
    box.act("power lost for 10s", 0)
    box.datagram(DESK, ("127.0.9.9", 99), b"a", S)

    powered = []
    for now in (12 * S - 1, 12 * S):
        box.wake(now)
        powered.append(box.powered)

    assert powered == [False, True]
    assert box.ticks == [12 * S]
    assert said(box) == []
    assert box.next_deadline() == 13 * S


def test_a_declared_desk_takes_its_verbs_and_reports_its_fields() -> None:
    kind = Kind(
        "osc",
        {"fire": Verb("fire", (Argument("cue", ValueType.NUMBER),), address="/eos/cue/fire")},
        {"cue": Field("cue", ValueType.NUMBER, 0.0, "/eos/out/active/cue")},
    )
    venue = started(Device(0, "console_eos", kind, "udp", "127.0.3.9", 8000))

    venue.datagram(DESK, ("127.0.3.9", 8000), b"/eos/cue/fire\0\0\0,f\0\0" + struct.pack(">f", 5), 0)

    assert venue.look("console_eos.cue", 0) == 5.0
    assert venue.look("console_eos.heard", 0) == "/eos/cue/fire 5"
    [report] = venue.take()
    assert (report.source, report.destination) == (("127.0.3.9", 8000), DESK)
    assert report.data == b"/eos/out/active/cue\0,f\0\0" + struct.pack(">f", 5)


@pytest.mark.parametrize("to", [("multicast6",), ("multicast", "fd00::9"), ("desk.local",), ("broadcast",)])
def test_a_universe_that_goes_to_no_ipv4_address_has_a_node_here_all_the_same(to: tuple[str, ...]) -> None:
    rig = make_rig()
    protocol = Protocol.ARTNET if to == ("broadcast",) else Protocol.SACN
    universe = Universe(len(rig.patch.universes), f"{protocol.value}/9", protocol, 9, destinations=to)
    patch = make_patch((*rig.patch.universes, universe), rig.patch.nodes, rig.patch.fixtures)

    [node] = [device for device in SimulatedVenue(replace(rig, patch=patch)).devices.values() if device.name.endswith("_node")][
        -1:
    ]
    assert {endpoint.address[0] for endpoint in node.endpoints} == {"127.0.2.1"}
