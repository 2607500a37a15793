"""The way of panic past an engine that hangs: who may take it, and what the wire hears."""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from showctl.cli.house import console_port
from showctl.runtime.panic_door import PANIC, PanicDoor
from showctl.runtime.people import People
from showctl.runtime.sessions import Sessions
from showctl.runtime.wire.messages import Kind, Message

pytestmark = pytest.mark.serial
HERE = "127.0.0.1"


class Wire:
    """What the wire process would hear."""

    def __init__(self, path: Path) -> None:
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.listener.settimeout(5)

    def hears(self) -> bytes:
        visitor, _ = self.listener.accept()
        with visitor:
            visitor.settimeout(5)
            return visitor.recv(100)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[tuple[int, Wire]]:
    wire, port = Wire(tmp_path / "wire.sock"), console_port()
    door = PanicDoor(HERE, port, ("furnace",), tmp_path / "wire.sock")
    yield port, wire
    door.close()
    wire.listener.close()


def press(port: int, *lines: str, first: str = "POST /panic HTTP/1.1") -> str:
    """The status line of the answer."""
    with socket.create_connection((HERE, port + 1), 5) as visitor:
        with contextlib.suppress(OSError):
            visitor.sendall("\r\n".join([first, *lines, "", ""]).encode())
        return visitor.recv(4096).decode().partition("\r\n")[0]


def test_the_message_is_the_wires_own() -> None:
    assert Message(Kind.PANIC, body=b"\1").encode() == PANIC


@pytest.mark.expects_log("Panic was pressed while the engine did not answer")
@pytest.mark.parametrize("name", [HERE, "localhost", "furnace"])
def test_the_consoles_own_page_reaches_the_wire(stage: tuple[int, Wire], name: str) -> None:
    port, wire = stage

    assert press(port, f"Host: {name}:{port + 1}", f"Origin: http://{name}:{port}") == "HTTP/1.1 200 OK"
    assert wire.hears() == PANIC


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:{door}", "http://evil.example"),
        ("127.0.0.1:{door}", "http://127.0.0.1:1"),
        ("127.0.0.1:{door}", "null"),
        ("evil.example:{door}", "http://evil.example:{port}"),
    ],
)
def test_a_foreign_page_does_not(stage: tuple[int, Wire], host: str, origin: str) -> None:
    port, wire = stage
    wire.listener.settimeout(0)

    lines = (f"Host: {host}".format(door=port + 1), f"Origin: {origin}".format(port=port))
    assert press(port, *lines) == "HTTP/1.1 403 Forbidden"
    with pytest.raises(BlockingIOError):
        wire.hears()


@pytest.mark.parametrize("first", ["GET /panic HTTP/1.1", "POST / HTTP/1.1", "nonsense", ""])
def test_there_is_nothing_else_here(stage: tuple[int, Wire], first: str) -> None:
    port, _ = stage

    assert press(port, f"Host: {HERE}:{port + 1}", first=first) == "HTTP/1.1 404 Not Found"


@pytest.mark.expects_log("the wire process does not answer")
def test_a_wire_that_is_not_there_is_said(stage: tuple[int, Wire], tmp_path: Path) -> None:
    port, wire = stage
    wire.listener.close()

    assert press(port, f"Host: {HERE}:{port + 1}") == "HTTP/1.1 503 Service Unavailable"


@pytest.mark.expects_log("Panic was pressed while the engine did not answer")
def test_where_people_have_pins_only_they_and_this_machine_press_panic_and_a_crews_link_does_not(
    stage: tuple[int, Wire], tmp_path: Path
) -> None:
    people = People(tmp_path)
    people.add("Anna", "operator", "o-4711")
    crew = people.of_link(people.link("crew"))
    anna = people.of_pin("o-4711")
    assert anna is not None
    assert crew is not None
    sessions, now = Sessions(tmp_path, people), time.time()
    port, _ = stage
    door = PanicDoor(HERE, console_port(), ("furnace",), tmp_path / "wire.sock", tmp_path)

    def pressed(peer: str, cookie: str = "") -> str:
        head = ["POST /panic HTTP/1.1", f"Host: {HERE}:{port + 1}", f"Cookie: other=1; showctl={cookie}"]
        return door.answer(head, peer).decode().partition("\r\n")[0].split()[1]

    assert pressed("10.0.0.7") == "403"
    assert pressed("10.0.0.7", sessions.begin(anna, now)) == "200"
    assert pressed("10.0.0.7", sessions.begin(anna, now - 13 * 3600)) == "403", "a session that is over"
    assert pressed(HERE) == "200"
    assert pressed(HERE, sessions.begin(crew, now)) == "403"
    door.close()
