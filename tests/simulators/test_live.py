"""The venue on real sockets, as a program of its own: a foreign sACN sender, hand-made Art-Net, a terminal, a real broker."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
import tty
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sacn as referee

from tests.programs import program
from tests.simulators.rig import artdmx, full
from tests.simulators.rig import sacn as data_packet

pytestmark = pytest.mark.serial

ROOT = Path(__file__).parents[2]
SHOW = """
show: Bench
venue: {zones: {}}
patch:
  types:
    par: {modes: {8bit: {channels: [red, green, blue, white]}}}
    fogger: {modes: {1ch: {channels: [fog]}}}
  universes:
    sacn/1: {}
    sacn/2: {to: [127.0.21.1]}
    artnet/0: {}
    usbpro/fog: {device: EN123456}
  nodes:
    rack_node: {address: 127.0.21.1, universes: [sacn/1, sacn/2], loss: black}
    pixel_node: {address: 127.0.21.2, universes: [artnet/0]}
  fixtures:
    near: {type: par, mode: 8bit, address: sacn/1.1}
    far: {type: par, mode: 8bit, address: sacn/2.1}
    pixel: {type: par, mode: 8bit, address: artnet/0.1}
    fog: {type: fogger, mode: 1ch, address: usbpro/fog.1}
devices:
  projector_1: {kind: projector, host: 127.0.21.11, port: PJLINK}
  room: {kind: broker, host: 127.0.0.1, port: BROKER}
  gate:
    kind: mqtt
    broker: room
    topic: furnace/gate
    fields: {state: text closed}
    verbs: {open: {payload: '{"do": "open"}', class: state}, close: {payload: '{"do": "close"}', class: state}}
lists:
  - {list: main, cues: [{1: Dark}]}
"""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A venue that runs; ``lines`` is what it announced."""

    def __init__(self, process: subprocess.Popen[str], lines: list[str], ports: dict[str, int]) -> None:
        self.process, self.lines, self.ports = process, lines, ports
        self.url = lines[-1].split()[1]

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}state", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def slots(self, universe: str) -> list[int]:
        found: list[int] = self.state()["universes"][universe]["slots"]
        return found

    def post(self, body: bytes, **headers: str) -> tuple[int, str]:
        request = urllib.request.Request(f"{self.url}act", body, {"Content-Type": "application/json"} | headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def act(self, what: str, words: str) -> None:
        assert self.post(json.dumps({"what": what, "words": words}).encode())[0] == 200


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    ports = {"PJLINK": free_port(), "BROKER": free_port(), "ARTNET": free_port(socket.SOCK_DGRAM)}
    text = SHOW
    for name in ("PJLINK", "BROKER"):
        text = text.replace(name, str(ports[name]))
    (folder / "show.yaml").write_text(text)
    command = [sys.executable, "-m", "simulators", str(folder), "--http-port", "0", "--artnet-port", str(ports["ARTNET"])]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            lines: list[str] = []
            while not lines or not lines[-1].startswith("ready "):
                line = process.stdout.readline()
                assert line, process.stderr.read()
                lines.append(line.strip())
            yield Running(process, lines, ports)
        finally:
            process.terminate()
            process.communicate(timeout=10)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("bench")) as found:
        yield found


def eventually(what: Callable[[], bool], within: float = 10) -> None:
    """Asks again and again (each asking goes over the network) until it is so."""
    end = time.monotonic() + within
    while not what():
        assert time.monotonic() < end, "it never came about"


def test_a_foreign_sacn_sender_lights_a_lamp_and_says_goodbye(venue: Running) -> None:
    sender = referee.sACNsender(bind_address="127.0.0.1", bind_port=free_port(socket.SOCK_DGRAM), source_name="referee", fps=40)
    sender.start()
    try:
        sender.activate_output(2)
        sender[2].destination = "127.0.21.1"
        sender[2].priority = 77
        sender[2].dmx_data = (255, 128, 64, 1)
        eventually(lambda: venue.slots("sacn/2")[:4] == [255, 128, 64, 1])
        state = venue.state()
    finally:
        sender.stop()

    [source] = state["universes"]["sacn/2"]["sources"]
    assert (source["name"], source["priority"]) == ("referee", 77)
    assert source["age"] < 2
    assert state["fixtures"]["far"] == {
        "red": 1.0, "green": pytest.approx(128 / 255, abs=1e-5), "blue": pytest.approx(64 / 255, abs=1e-5),
        "white": pytest.approx(1 / 255, abs=1e-5), "intensity": 1.0,
    }  # fmt: skip
    eventually(lambda: venue.state()["universes"]["sacn/2"]["sources"] == [])
    assert venue.slots("sacn/2")[:2] == [0, 0], "goodbye, and the node goes black"


def test_multicast_reaches_the_node_that_joined(venue: Running) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk:
        desk.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        desk.sendto(data_packet(1, full(b"\x2a")), ("239.255.0.1", 5568))
        desk.sendto(data_packet(2, full(b"\x2b")), ("239.255.0.1", 5568))

        eventually(lambda: venue.slots("sacn/1")[0] == 42)


def test_a_poll_is_answered_and_pixels_light(venue: Running) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk:
        desk.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        desk.bind(("127.0.0.1", 0))
        desk.settimeout(5)
        desk.sendto(bytes.fromhex("4172742d4e65740000 20000e0000"), ("127.255.255.255", venue.ports["ARTNET"]))
        reply, (host, _) = desk.recvfrom(2048)
        desk.sendto(artdmx(0, b"\x09\x08"), (host, venue.ports["ARTNET"]))

    assert (host, len(reply), reply[:10]) == ("127.0.21.2", 239, b"Art-Net\0\x00\x21")
    assert reply[26:36] == b"pixel_node"
    eventually(lambda: venue.slots("artnet/0")[:2] == [9, 8])


def test_a_widget_is_a_serial_port_under_its_number(venue: Running) -> None:
    [announced] = [line for line in venue.lines if line.startswith("serial ")]
    _, number, path = announced.split()
    assert number == "EN123456"

    port = os.open(path, os.O_RDWR | os.O_NOCTTY)
    try:
        tty.setraw(port)
        os.write(port, bytes.fromhex("7e 0a 0000 e7"))
        answer = b""
        while len(answer) < 9:
            assert select.select([port], [], [], 5)[0]
            answer += os.read(port, 9)
        os.write(port, bytes.fromhex("7e 06 1900 00 ff") + bytes(23) + b"\xe7")
        eventually(lambda: venue.slots("usbpro/fog")[0] == 255)
    finally:
        os.close(port)

    assert answer.hex(" ") == "7e 0a 04 00 56 34 12 00 e7"
    assert venue.slots("usbpro/fog")[0] == 255, "the controller has gone, the light stays"


def test_a_widget_pulled_out_takes_its_port_with_it(venue: Running) -> None:
    path = Path(next(line for line in venue.lines if line.startswith("serial ")).split()[2])

    venue.act("fault", "fog_widget unplugged")
    assert not path.exists()
    venue.act("fault", "fog_widget plugged")

    eventually(lambda: bool(venue.state()) and path.exists())


def test_a_projector_greets_and_one_without_power_does_not(venue: Running) -> None:
    def greeting() -> bytes:
        with socket.create_connection(("127.0.21.11", venue.ports["PJLINK"]), timeout=5) as desk:
            try:
                return desk.recv(100)
            except ConnectionResetError:
                return b""

    assert greeting().startswith(b"PJLINK ")
    venue.act("fault", "projector_1 power lost")
    assert greeting() == b""
    venue.act("fault", "projector_1 back")
    eventually(lambda: greeting().startswith(b"PJLINK "), within=20)


@pytest.mark.referee("mosquitto", "mosquitto_pub")
def test_a_door_on_a_real_broker_opens_and_leaves_its_will(venue: Running, tmp_path: Path) -> None:
    port = venue.ports["BROKER"]
    (tmp_path / "m.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    mosquitto, publish, subscribe = (program(name) for name in ("mosquitto", "mosquitto_pub", "mosquitto_sub"))
    assert mosquitto is not None
    assert publish is not None
    assert subscribe is not None

    def last(topic: str) -> str:
        asked = [subscribe, "-p", str(port), "-t", topic, "-C", "1", "-W", "1"]
        return subprocess.run(asked, capture_output=True, text=True).stdout.strip()

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen([mosquitto, "-c", str(tmp_path / "m.conf")], stderr=subprocess.DEVNULL)

    broker = start()
    try:
        eventually(lambda: last("furnace/gate/online") == "online", within=15)
        subprocess.run([publish, "-p", str(port), "-t", "furnace/gate/set", "-m", '{"do": "open", "id": 7}'], check=True)
        eventually(lambda: venue.state()["devices"]["gate"]["truth"]["state"] == "open", within=15)
        eventually(lambda: json.loads(last("furnace/gate/state"))["state"] == "open")

        broker.kill()
        broker.wait(10)
        broker = start()  # it has forgotten everything; the door comes back and says where it is
        eventually(lambda: '"open"' in last("furnace/gate/state"), within=15)

        venue.act("fault", "gate power lost")

        eventually(lambda: last("furnace/gate/online") == "offline")
    finally:
        broker.terminate()
        broker.wait(10)


def test_the_page_is_plain_text_and_asks_again(venue: Running) -> None:
    with urllib.request.urlopen(venue.url, timeout=5) as answer:
        text = answer.read().decode()

    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Refresh"] == "1"
    assert text.startswith("Bench: the simulated venue\n")
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  ")][:3] == ["room", "projector_1", "gate"]


def test_scripts_that_are_not_understood_are_refused_in_words(venue: Running) -> None:
    assert venue.post(b'{"what": "fault", "words": "attic hang"}')[0] == 400
    assert "no device 'attic'" in venue.post(b'{"what": "fault", "words": "attic hang"}')[1]
    assert venue.post(b"[]")[0] == 400
    assert venue.post(b"{")[0] == 400
    assert "this is not JSON" in venue.post(b"{")[1]
    assert venue.post(b"what=fault", **{"Content-Type": "application/x-www-form-urlencoded"})[0] == 415
    assert venue.post(b" " * 5000)[0] == 413
    assert venue.post(b"{}", Host="attacker.example")[0] == 400


def test_a_show_that_cannot_be_read_is_told_with_its_places(tmp_path: Path) -> None:
    (tmp_path / "show.yaml").write_text("show: Broken\nlists: 7\n")

    run = subprocess.run(
        [sys.executable, "-m", "simulators", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=30
    )

    assert run.returncode == 2
    assert "show.yaml:2:" in run.stderr
    assert run.stdout == ""


def test_a_port_that_is_taken_is_told_in_words(venue: Running, tmp_path: Path) -> None:
    (tmp_path / "show.yaml").write_text("show: Small\nlists: [{list: main, cues: [{1: Dark}]}]\n")
    port = venue.url.rstrip("/").rpartition(":")[2]

    run = subprocess.run(
        [sys.executable, "-m", "simulators", str(tmp_path), "--http-port", port],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert run.returncode == 1
    assert f"port {port} on 127.0.0.1" in run.stderr


def test_two_venues_do_not_stand_at_one_address(venue: Running, tmp_path: Path) -> None:
    (tmp_path / "show.yaml").write_text(SHOW.replace("PJLINK", str(venue.ports["PJLINK"])).replace("BROKER", "1"))

    run = subprocess.run(
        [sys.executable, "-m", "simulators", str(tmp_path), "--http-port", "0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert run.returncode == 1
    assert "rack_node cannot stand at 127.0.21.1:5568: somebody has it already; another simulated venue?\n" in run.stderr
    assert "projector_1 cannot stand at 127.0.21.11" in run.stderr


def test_an_address_of_the_real_rig_comes_with_the_line_that_lends_it_to_this_machine(tmp_path: Path) -> None:
    (tmp_path / "show.yaml").write_text(
        "show: Real\ndevices: {film: {kind: film_server, host: 192.0.2.41}}\nlists: [{list: main, cues: [{1: Dark}]}]\n"
    )
    command = [sys.executable, "-m", "simulators", str(tmp_path), "--http-port", "0"]

    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)

    assert run.returncode == 1
    assert run.stderr == (
        "film cannot stand at 192.0.2.41:7100: this machine has no such address; "
        "`sudo ip addr add 192.0.2.41/32 dev lo` lends it one, `ip addr del` takes it back\n"
    )
