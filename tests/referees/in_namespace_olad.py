"""Two machines on one cable: our engine and wire here, olad there; what each makes of the other's packets, as JSON on stdout.

Run in a network namespace of its own: ``unshare -n python -m tests.referees.in_namespace_olad SCRATCH``. It makes a second one,
with a cable (veth) between them, so that no port is shared, and everything is gone when it ends. olad refuses root: it runs as
its own user.
"""

import asyncio
import json
import os
import pwd
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from showctl.engine.events import Go
from showctl.runtime.live import Live
from showctl.runtime.receive.artnet_node import ArtnetNode
from showctl.runtime.receive.artnet_pages import Identity
from showctl.runtime.receive.sacn_receiver import SacnReceiver
from showctl.runtime.receive.sacn_universe import SAMPLING
from showctl.runtime.revisions import LiveOptions
from simulators.venue import open_venue
from tests.live.house import Program, until

HERE, THERE = "10.77.0.1", "10.77.0.2"
CABLE = (
    "ip link set lo up; ip addr add {0}/24 brd + dev {1}; ip link set {1} up; ip route add 224.0.0.0/4 dev {1};"
    " ip route add default dev {1}"
)
SHOW = """
show: Referee
dmx_rate: 40
patch:
  types: {fine: {modes: {16bit: {channels: [intensity/16]}}}, lamp: {modes: {1ch: {channels: [intensity]}}}}
  universes: {sacn/1: {}, sacn/2: {to: [10.77.0.2], priority: 150}, artnet/3: {}}
  nodes: {box: {address: 10.77.0.1, universes: [sacn/1, sacn/2], loss: hold}}
  fixtures:
    one: {type: lamp, mode: 1ch, address: sacn/1.1}
    half: {type: fine, mode: 16bit, address: sacn/1.2}
    last: {type: lamp, mode: 1ch, address: sacn/1.512}
    second: {type: lamp, mode: 1ch, address: sacn/2.10}
    pixel: {type: lamp, mode: 1ch, address: artnet/3.1}
    pixels_end: {type: fine, mode: 16bit, address: artnet/3.511}
lists:
  - list: main
    cues:
      - 1: Look
        light: {one: full, half: 50, last: 20, second: 40, pixel: 60, pixels_end: 100}
        time: 0
"""
PLUGINS = [
    "dummy",
    "espnet",
    "ftdidmx",
    "gpio",
    "karate",
    "kinet",
    "milinst",
    "nanoleaf",
    "opendmx",
    "openpixelcontrol",
    "osc",
    "pathport",
    "renard",
    "sandnet",
    "shownet",
    "spi",
    "stageprofi",
    "uartdmx",
    "usbdmx",
    "usbserial",
]


class There:
    """The other machine, with olad on it."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._holder = subprocess.Popen(["unshare", "-n", "sleep", "300"])
        ours = Path("/proc/self/ns/net").readlink()
        wait(lambda: Path(f"/proc/{self._holder.pid}/ns/net").readlink() != ours)
        shell(f"ip link add v0 type veth peer name v1; ip link set v1 netns {self._holder.pid}; " + CABLE.format(HERE, "v0"))
        self.run("sh", "-c", CABLE.format(THERE, "v1"))

    def argv(self, *words: str) -> list[str]:
        return ["nsenter", "-t", str(self._holder.pid), "-n", *words]

    def run(self, *words: str) -> str:
        ran = subprocess.run(self.argv(*words), capture_output=True, text=True, timeout=20, check=False)
        assert ran.returncode == 0, (words, ran.stdout, ran.stderr)
        return ran.stdout

    def start_olad(self) -> None:
        folder = self._scratch / "olad"
        folder.mkdir()
        for name in PLUGINS:
            (folder / f"ola-{name}.conf").write_text("enabled = false\n")
        (folder / "ola-e131.conf").write_text(f"enabled = true\nip = {THERE}\n")
        (folder / "ola-artnet.conf").write_text(f"enabled = true\nip = {THERE}\nalways_broadcast = true\n")
        user = pwd.getpwnam("olad")
        for path in (folder, *folder.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)
        self._scratch.chmod(0o711)
        words = [
            "runuser",
            "-u",
            "olad",
            "--",
            "olad",
            "-c",
            str(folder),
            "-i",
            "127.0.0.1",
            "--no-register-with-dns-sd",
            "-l",
            "3",
        ]
        self._olad = Program(self.argv(*words), self._scratch / "olad.log")
        wait(lambda: "E1.31" in self.devices() and "ArtNet" in self.devices().replace("Art-Net", "ArtNet"), 20)

    def devices(self) -> str:
        ran = subprocess.run(self.argv("ola_dev_info"), capture_output=True, text=True, timeout=20, check=False)
        return ran.stdout

    def device(self, name: str) -> str:
        return next(
            line.split()[1].rstrip(":") for line in self.devices().splitlines() if line.startswith("Device") and name in line
        )

    def dmx(self, universe: int) -> list[int]:
        found: list[int] = json.loads(self.run("curl", "-s", f"http://127.0.0.1:9090/get_dmx?u={universe}"))["dmx"]
        return found

    def close(self) -> None:
        if hasattr(self, "_olad"):
            self._olad.end()
        self._holder.kill()
        self._holder.wait()


def wait(true: Callable[[], object], within: float = 10) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.02)


def shell(line: str) -> None:
    subprocess.run(["sh", "-ec", line], check=True)


async def ours_there(there: There, scratch: Path, folder: Path) -> dict[str, Any]:
    """Our look, as olad shows it; and what the wire learned of olad from its answers to polls."""
    where = ["--show", folder, "--socket", scratch / "wire.sock", "--state", scratch / "state", "--interface", HERE]
    wire = Program([sys.executable, "-m", "showctl.runtime.wire", *where], scratch / "wire.log")
    live = Live(folder, scratch / "state", LiveOptions(scratch / "wire.sock", interface=HERE))
    try:
        await live.start()
        await until(lambda: live.wire.connected, 20)
        await until(lambda: live.wire.stats is not None and live.wire.stats.nodes, 10)
        live.handle(Go("main"))
        await until(lambda: live.wire.stats is not None and live.wire.stats.counts.applied, 10)
        slots: dict[str, list[int]] = {}
        for _ in range(100):
            slots = {f"{universe}": await asyncio.to_thread(there.dmx, universe) for universe in (1, 2, 3)}
            if all(any(found) for found in slots.values()):
                break
            await asyncio.sleep(0.1)
        assert live.wire.stats is not None
        return {"slots": slots, "nodes": [node.host for node in live.wire.stats.nodes]}
    finally:
        await live.stop()
        wire.end()


def theirs_here(there: There, folder: Path) -> dict[str, Any]:
    """What olad sends of four slots, as the simulated node reads it."""
    group = "239.255.0.2"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4s", *map(socket.inet_aton, (group, HERE))))
        ear.bind((group, 5568))
        ear.settimeout(5)
        there.run("ola_patch", "--device", there.device("E1.31"), "--port", "0", "--universe", "2")
        there.run("ola_set_dmx", "-u", "2", "-d", "1,2,3,255")
        began = time.monotonic_ns()
        venue, ours = open_venue(folder, 0), SacnReceiver([2], began)
        venue.start(time.monotonic_ns())
        sizes = []
        for _ in range(4):
            try:
                data, source = ear.recvfrom(2048)
            except TimeoutError:
                break
            sizes.append(len(data))
            venue.datagram(source, (group, 5568), data, time.monotonic_ns())
            ear.settimeout(0.5)
            ours.received(data, source[0], time.monotonic_ns())
        universe = venue.state(time.monotonic_ns())["universes"]["sacn/2"]
        found = {"sizes": sizes, "slots": universe["slots"], "sources": [source["name"] for source in universe["sources"]]}
        heard = ours.universes[2].merged(max(time.monotonic_ns(), began + SAMPLING))
        [source_] = ours.universes[2].sources.values()
        return found | {
            "receiver": {
                "slots": heard.levels.tolist(),
                "claimed": int((heard.priorities >= 0).sum()),
                "name": source_.name,
                "address": source_.address,
                "slot_count": source_.slot_count,
            }
        }


def their_art_net_here(there: There) -> dict[str, Any]:
    """What olad sends by Art-Net to us as a node that has answered its poll, as our node reads it."""
    node = ArtnetNode(Identity(HERE, "ours", "our node"), [9])
    ears = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    with ears[0], ears[1]:
        for ear, host in zip(ears, (HERE, "10.77.0.255"), strict=True):
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ear.bind((host, 6454))
        there.run("ola_patch", "--device", there.device("Art"), "--port", "1", "--universe", "9")
        ports, end = [0], time.monotonic() + 9
        there.run("ola_set_dmx", "-u", "9", "-d", "5,6,7")
        while time.monotonic() < end and node.ports[9].levels(time.monotonic_ns()) is None:
            for to, data in node.wake(time.monotonic_ns()):
                ears[0].sendto(data, to)
            for ear in select.select(ears, [], [], 0.1)[0]:
                data, source = ear.recvfrom(2048)
                ports[0] += data[8:10] == b"\x00\x20"
                for to, answer in node.received(data, source, time.monotonic_ns()):
                    ears[0].sendto(answer, to)
            if int(time.monotonic() * 2) % 2:
                there.run("ola_set_dmx", "-u", "9", "-d", "5,6,7")
        levels = node.ports[9].levels(time.monotonic_ns())
        return {
            "polls": ports[0],
            "slots": [] if levels is None else levels.tolist()[:5],
            "sources": list(node.ports[9].sources),
            "others": sorted({reply.short_name for (host, _), (reply, _) in node.nodes.items() if host != HERE}),
        }


def main() -> None:
    scratch = Path(sys.argv[1])
    folder = scratch / "show"
    folder.mkdir()
    (folder / "show.yaml").write_text(SHOW)
    there = There(scratch)
    try:
        there.start_olad()
        for universe in (1, 2):
            there.run(
                "ola_patch",
                "--device",
                there.device("E1.31"),
                "--port",
                str(universe - 1),
                "--input",
                "--universe",
                str(universe),
            )
        there.run("ola_patch", "--device", there.device("Art"), "--port", "0", "--input", "--universe", "3")
        found = asyncio.run(ours_there(there, scratch, folder))
        there.run("ola_patch", "--device", there.device("E1.31"), "--port", "1", "--input", "--unpatch")
        theirs = theirs_here(there, folder)
        print(json.dumps({"ours": found, "theirs": theirs, "art_net": their_art_net_here(there)}))  # noqa: T201
    finally:
        there.close()


if __name__ == "__main__":
    main()
