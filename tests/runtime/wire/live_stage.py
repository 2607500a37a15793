"""The processes of the live tests: a wire with the test stage, an engine that hands over a fade, and a bare sender.

``python -m tests.runtime.wire.live_stage wire|engine|bare ...``; everything on loopback, on ports of the test's own.
"""

import logging
import socket
import sys
import time
from pathlib import Path

from showctl.light.plan import Plan
from showctl.runtime.wire.client import WireClient
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.live_output import Network
from showctl.runtime.wire.process import serve
from showctl.show.cues import LightMove
from showctl.show.fixtures import Channel, Family, Fixture, Mode
from showctl.show.patch import Protocol, Universe, make_patch
from showctl.show.show import Show
from tests.runtime.wire.stage import MS, S, change, row

WATCHED, REFEREE = "127.0.1.1", "127.0.1.2"
FINE = Mode("fine", 2, (Channel("intensity", Family.INTENSITY, (0, 1)),))
UNIVERSES = (
    Universe(0, "sacn/1", Protocol.SACN, 1, destinations=(WATCHED, REFEREE)),
    Universe(1, "usbpro/fog", Protocol.USBPRO, 0, device="EN123456"),
    Universe(2, "artnet/0", Protocol.ARTNET, 0, destinations=(WATCHED,)),
)
STAGE = Show(
    "Live stage",
    make_patch(UNIVERSES, (), tuple(Fixture(n, f"fine_{n}", "fine", FINE, u.key, 1) for n, u in enumerate(UNIVERSES))),
    (),
    dmx_rate=40,
    exit_look=(LightMove((0, 1), (32768, 32768)),),
)
FADE = 10 * S
SOON = 300 * MS
"""From handing over to the fade's start."""


def wire(folder: Path, sacn_port: int, artnet_port: int) -> int:
    logging.basicConfig(level=logging.INFO)
    return serve(STAGE, folder / "wire", folder / "state", Network("127.0.0.1", sacn_port, artnet_port, folder))


def engine(folder: Path) -> None:
    """Hands over a fade of both dimmers that begins soon, says when on stdout, and lives on doing nothing."""
    anchor = time.monotonic_ns()
    client = WireClient(folder / "wire", b"a journal's name", fingerprint(STAGE), anchor)
    client.load(Plan(), 0)
    while not client.connected:
        client.service(time.monotonic_ns())
        time.sleep(0.01)
    start = time.monotonic_ns() - anchor + SOON
    client.accept(1, start, change(start, *(row(n + 1, n, 65535, start, over=FADE) for n in range(3))))
    client.service(time.monotonic_ns())
    sys.stdout.write(f"{start + anchor}\n")
    sys.stdout.flush()
    time.sleep(60)


def bare(port: int, seconds: float) -> None:
    """What this machine can do: one packet each 25 ms, nothing else."""
    sock, at = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), time.monotonic()
    until = at + seconds
    while at < until:
        at += 0.025
        time.sleep(max(0.0, at - time.monotonic()))
        sock.sendto(bytes(638), (WATCHED, port))


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    if what == "wire":
        sys.exit(wire(Path(words[0]), int(words[1]), int(words[2])))
    elif what == "engine":
        engine(Path(words[0]))
    else:
        bare(int(words[0]), float(words[1]))
