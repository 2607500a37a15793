"""``showctl monitor osc`` and ``mqtt``: a line for each message, or all of it as JSON."""

import asyncio
import json
import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from showctl.cli.monitor import monitor
from showctl.cli.monitor_lines import MOST_KEPT, Lines
from showctl.protocols import osc
from tests.live.house import Mosquitto, free_port
from tests.programs import program

HERE = ("10.0.0.9", 5000)


def test_a_message_is_a_line_with_its_time_its_sender_and_its_types(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(live=True)
    lines.heard_osc(osc.encode(osc.Message("/cue/fire", (3, 0.5, "main 主", True), "ifsT")), HERE, 1.25)

    assert capsys.readouterr().out == '    1.250  10.0.0.9:5000          /cue/fire  i:3 f:0.5 s:"main 主" T:true\n'


def test_a_bundle_is_its_messages_and_what_is_no_osc_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(live=True)
    bundle = osc.Bundle(1, (osc.Message("/a", (1,), "i"), osc.Bundle(1, (osc.Message("/b", (), ""),))))
    lines.heard_osc(osc.encode(bundle), HERE, 0.0)
    lines.heard_osc(b"junk", HERE, 0.0)
    said = capsys.readouterr().out.splitlines()

    assert [line.split()[2:] for line in said[:2]] == [["/a", "i:1"], ["/b"]]
    assert said[2].split()[2:6] == ["!", "is", "no", "OSC:"]


def test_bytes_are_hex_and_nothing_moves_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines(live=True)
    lines.heard_osc(osc.encode(osc.Message("/x", (b"\x01\xff", "\x1b[2J"), "bs")), HERE, 0.0)
    lines.heard_mqtt("a/b", b"\xff\x00", retained=True, at=0.0)
    said = capsys.readouterr().out

    assert 'b:"01 ff" s:' in said
    assert "\x1b" not in said
    assert said.splitlines()[1].split() == ["0.000", "a/b", "ff", "00", "(retained)"]


def test_a_flood_is_kept_so_far_and_counted() -> None:
    lines = Lines(live=False)
    for number in range(MOST_KEPT + 5):
        lines.heard_osc(osc.encode(osc.Message("/x", (number,), "i")), HERE, 0.0)

    assert (lines.count, len(lines.kept), lines.kept[-1]["arguments"]) == (MOST_KEPT + 5, MOST_KEPT, [MOST_KEPT + 4])


@pytest.mark.serial
def test_what_comes_to_a_port_is_heard_there_as_json() -> None:
    port, over = free_port(), threading.Event()

    def speak() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            while not over.wait(0.02):
                sock.sendto(osc.encode(osc.Message("/a", (7,), "i")), ("127.0.0.1", port))

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        ran = CliRunner().invoke(monitor, ["osc", "--port", str(port), "--interface", "127.0.0.1", "--seconds", "0.3", "--json"])
    finally:
        over.set()
        thread.join()

    found = json.loads(ran.output)
    assert found["count"] > 0
    assert found["messages"][0] | {"at": 0, "from": ""} == {"at": 0, "from": "", "address": "/a", "arguments": [7]}


@pytest.mark.serial
def test_a_port_that_somebody_holds_is_said_with_who_it_is() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        ran = CliRunner().invoke(monitor, ["osc", "--port", str(port), "--interface", "127.0.0.1", "--seconds", "0.1"])

    assert ran.exit_code != 0
    assert f"nothing can be heard at 127.0.0.1:{port}: Address already in use, held by " in ran.output
    assert f"(pid {os.getpid()}) at 127.0.0.1" in ran.output


@pytest.mark.serial
@pytest.mark.referee("mosquitto", "mosquitto_pub")
def test_what_a_broker_kept_is_marked(tmp_path: Path) -> None:
    broker = Mosquitto(tmp_path, free_port())
    asyncio.run(broker.start())
    try:
        pub = [program("mosquitto_pub") or "", "-h", "127.0.0.1", "-p", str(broker.port), "-t", "gate/state", "-m", "open", "-r"]
        subprocess.run(pub, check=True, timeout=10)
        words = ["mqtt", "gate/#", "--broker", f"127.0.0.1:{broker.port}", "--seconds", "0.5", "--json"]
        found = json.loads(CliRunner().invoke(monitor, words).output)
    finally:
        broker.kill()

    assert [message | {"at": 0} for message in found["messages"]] == [
        {"at": 0, "topic": "gate/state", "payload": "open", "retained": True}
    ]


def test_a_broker_that_is_not_there_is_said() -> None:
    ran = CliRunner().invoke(monitor, ["mqtt", "--broker", f"127.0.0.1:{free_port()}", "--seconds", "1"])

    assert ran.exit_code != 0
    assert "does not speak to us" in ran.output
