"""A rig's interface that comes and goes under a running wire process; what was seen where, as JSON on stdout.

Run in a network namespace of its own: ``unshare -n python -m tests.runtime.wire.in_namespace_links SCRATCH``. ``rig0`` is
ours, ``rig1`` the far end of its cable; ``office0`` and ``office1`` are another network that appears later and has every
route. All that arrives at a far end is seen by one packet socket.
"""

import contextlib
import json
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from showctl.light.plan import Plan
from showctl.protocols import sacn
from showctl.runtime.wire.client import WireClient
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.sockets import open_sender
from showctl.showfile import load

SHOW = """
show: Links
patch:
  types: {lamp: {modes: {1ch: {channels: [intensity]}}}}
  universes:
    sacn/1: {}
    sacn/2: {to: [10.77.0.9]}
    sacn/3: {to: [multicast, multicast6]}
    artnet/0: {to: [10.77.0.9]}
    artnet/1: {to: [broadcast]}
  fixtures:
    a: {type: lamp, address: sacn/1.1}
    b: {type: lamp, address: sacn/2.1}
    c: {type: lamp, address: sacn/3.1}
    d: {type: lamp, address: artnet/0.1}
    e: {type: lamp, address: artnet/1.1}
lists: [{list: main, cues: [{1: Look, light: {a: full}}]}]
"""
RIG = (
    "ip link add rig0 type veth peer name rig1; ip link set rig0 arp off; ip link set rig1 up; ip addr add {0}/24 brd + dev rig0;"
    " ip addr add fd77::1/64 dev rig0 nodad; ip link set rig0 up"
)
OFFICE = (
    "ip link add office0 type veth peer name office1; ip link set office0 arp off; ip link set office1 up;"
    " ip addr add 192.168.5.5/24 brd + dev office0; ip link set office0 up; ip route add default dev office0;"
    " ip route add 224.0.0.0/4 dev office0"
)
_OUTGOING = 4


class Seen:
    """Every UDP packet that arrives at a far end: instant, interface, source, destination, port."""

    def __init__(self) -> None:
        self.packets: list[tuple[float, str, str, str, int]] = []
        self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            try:
                data, (name, protocol, kind, *_) = self._sock.recvfrom(2048)
            except OSError:  # an interface has gone
                continue
            if kind == _OUTGOING or name not in ("rig1", "office1"):
                continue
            if protocol == 0x0800 and data[9] == 17:
                at, family, source, to = (data[0] & 15) * 4, socket.AF_INET, data[12:16], data[16:20]
            elif protocol == 0x86DD and data[6] == 17:
                at, family, source, to = 40, socket.AF_INET6, data[8:24], data[24:40]
            else:
                continue
            (port,) = struct.unpack_from(">H", data, at + 2)
            found = (time.monotonic(), name, socket.inet_ntop(family, source), socket.inet_ntop(family, to), port)
            self.packets.append(found)

    def since(self, when: float) -> list[tuple[float, str, str, str, int]]:
        return [packet for packet in self.packets if packet[0] >= when and packet[1] == "rig1" and packet[4] in (5568, 6454)]

    def all_again(self, when: float) -> dict[str, float]:
        """Destination -> milliseconds after ``when`` until it got its first packet."""
        again: dict[str, float] = {}
        for at, _, _, to, _ in self.since(when):
            again.setdefault(to, round((at - when) * 1000, 1))
        return again


WANTED = {"239.255.0.1", "10.77.0.9", "239.255.0.3", "ff18::83:0:0:3", "10.77.0.255"}


def shell(line: str) -> float:
    """Runs ``line``; gives the instant at which it was done."""
    subprocess.run(["sh", "-ec", line], check=True)
    return time.monotonic()


def visualiser(interface: str) -> socket.socket:
    """Somebody on this machine who listens to universe 1."""
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ear.bind(("239.255.0.1", 5568))
    member = socket.inet_aton("239.255.0.1") + socket.inet_aton(interface)
    ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    return ear


def wait(true: Callable[[], object], within: float = 5.0) -> None:
    end = time.monotonic() + within
    while not true():
        if time.monotonic() > end:
            return  # the judge says what is missing
        time.sleep(0.01)


def main() -> None:
    scratch = Path(sys.argv[1])
    (scratch / "show").mkdir()
    (scratch / "show" / "show.yaml").write_text(SHOW)
    shell("ip link set lo up")
    show = load(scratch / "show").show
    assert show is not None
    where = ["--show", scratch / "show", "--socket", scratch / "wire", "--state", scratch / "state", "--interface", "rig0"]
    with (scratch / "log").open("w") as log:
        wire = subprocess.Popen([sys.executable, "-m", "showctl.runtime.wire", *map(str, where)], stderr=log)
    client, over = WireClient(scratch / "wire", bytes(16), fingerprint(show), time.monotonic_ns()), threading.Event()
    client.load(Plan(), 0)

    def serve() -> None:
        while not over.wait(0.01):
            client.service(time.monotonic_ns())

    threading.Thread(target=serve, daemon=True).start()
    seen, found = Seen(), dict[str, Any]()

    def returned(name: str, when: float) -> None:
        wait(lambda: set(seen.all_again(when)) >= WANTED, 2.0)
        found[name] = seen.all_again(when)

    try:
        wait(lambda: client.stats is not None, 20.0)
        found["started without"] = client.stats is not None and client.stats.counts.link_down == 1
        returned("it comes", shell(RIG.format("10.77.0.1")))
        time.sleep(0.3)  # the repeats are over: all is at rest, and only keep-alives go out

        shell("ip link set rig0 down")
        wait(lambda: client.stats is not None and client.stats.counts.link_down)
        found["link down is told"] = client.stats is not None and client.stats.counts.link_down == 1
        returned("switched on again", shell("ip link set rig0 up"))

        shell("ip link set rig1 down")
        time.sleep(0.3)
        returned("cable back", shell("ip link set rig1 up"))

        shell("ip link del rig0")
        time.sleep(0.5)
        returned("card back", shell(RIG.format("10.77.0.1")))

        # Without its first address an interface loses the others of that network, too, as a DHCP client may do it.
        changed = shell("ip addr del 10.77.0.1/24 dev rig0; ip addr add 10.77.0.2/24 brd + dev rig0")
        returned("another address", changed)
        found["from"] = sorted({source for _, _, source, _, _ in seen.since(changed) if "." in source})

        shell(OFFICE)
        time.sleep(1.0)
        shell("ip link set rig0 down")
        time.sleep(0.5)
        returned("beside the office", shell("ip link set rig0 up"))

        with open_sender("10.77.0.2", socket.if_nametoindex("rig0")) as rival:  # joined again after all that?
            packet = sacn.DataPacket(b"\1" * 16, "rival", 1, b"\1")
            rival.sendto(sacn.encode(packet), ("239.255.0.1", 5568))
            wait(lambda: client.stats is not None and client.stats.rivals, 1.5)
        found["rivals"] = [rival_.name for rival_ in (client.stats.rivals if client.stats is not None else ())]
        with visualiser("10.77.0.2") as ear:  # our multicast does not come back to this machine, until somebody listens
            ear.settimeout(4.0)
            with contextlib.suppress(TimeoutError):
                found["a visualiser here hears"] = sacn.decode(ear.recv(2048)).source_name  # type: ignore[union-attr]
        found["in the office"] = sorted({f"{to}:{port}" for _, name, _, to, port in seen.packets if name == "office1"})
        found["log"] = (scratch / "log").read_text()
        print(json.dumps(found))  # noqa: T201
    finally:
        over.set()
        wire.kill()
        wire.wait()


if __name__ == "__main__":
    main()
