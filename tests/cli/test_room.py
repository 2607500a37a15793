"""``showctl room``: what is true in a simulated venue that answers, in words and as JSON."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner, Result

from showctl.cli.room import room
from simulators.venue import SimulatedVenue
from tests.simulators.rig import DESK, full, make_rig, sacn


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A venue whose par_1 is red, at an address of its own."""
    venue = SimulatedVenue(make_rig())
    venue.start(0)
    venue.datagram(DESK, ("239.255.0.1", 5568), sacn(1, full(bytes([255, 0, 0, 51]))), 0)

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(venue.state(0)).encode()
            self.send_response(200 if self.path == "/state" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def asked(*words: str) -> Result:
    return CliRunner().invoke(room, words)


def test_a_light_a_node_and_one_thing_of_a_light(url: str) -> None:
    said = asked("par_1", "par_1.white", "rack_node.sources", "--at", url)
    assert said.output == "par_1: red 1, green 0, blue 0, white 0.2, intensity 1\npar_1.white: 0.2\nrack_node.sources: 1\n"
    as_json = asked("par_1.red", "rack_node", "--json", "--at", url)
    assert json.loads(as_json.output)["par_1.red"] == 1
    assert json.loads(as_json.output)["rack_node"]["powered"] is True


def test_all_of_it(url: str) -> None:
    assert {"fixtures", "devices", "zones", "universes"} <= set(json.loads(asked("--json", "--at", url).output))
    assert "par_1: red 1" in asked("--at", url).output


def test_a_name_that_nothing_has_is_said_with_the_nearest(url: str) -> None:
    said = asked("par_1.whit", "--at", url)
    assert (said.exit_code, said.output) == (2, "showctl: nothing here is called par_1.whit; did you mean par_1.white?\n")


def test_nobody_there_is_exit_3() -> None:
    said = asked("--at", "http://127.0.0.1:9")
    assert said.exit_code == 3
    assert said.output.startswith("showctl: no simulated venue answers at http://127.0.0.1:9 (")
    assert asked("--at", "nowhere").exit_code == 2
