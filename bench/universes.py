"""Thousands of universes from one core: all slots of N universes fading at 44 Hz, beside the floor, C, olad and ``sacn``.

All in one run and in turn, over a network of two machines on this one (``wire/room.py``), with an ear at the other end that is
a program of its own. *CPU* is the sender's, all its threads, in percent of a core. *us/packet* is what of that the sending takes.
*off* is how far a universe's packets are from 22.7 ms apart, *spread* from the first packet of a frame to its last (99 of 100).

``--universes 1024,2048 --multicast 512 --each 64 --seconds 6 --rounds 2``; ``--each``: universes of a node. ``--route``: our
machine has a route of its own for multicast. Then the kernel finds a packet's way sooner (0.8 us) for who does not listen to the
groups that it sends to; we do, to hear rivals.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a bench is started as a file

from bench.wire.olad import olad
from bench.wire.room import Room, cpu_of, enter, open_room

ROOT = Path(__file__).resolve().parents[1]
RATE = 44
WARM = 1.5
Figures = dict[str, Any]


class Running:
    """A sender that runs; ``pid`` is the one whose CPU counts."""

    def __init__(self, words: list[str], pid: int = 0) -> None:
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.pid = pid or self.process.pid
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", f"{words[-9:]} does not start"

    def end(self, patience: float = 20) -> Figures:
        """What it says of itself."""
        assert self.process.stdout is not None
        self.process.send_signal(signal.SIGTERM)
        said = self.process.stdout.readline()
        self.process.wait(patience)
        found: Figures = json.loads(said or "{}")
        return found


@contextmanager
def sender(room: Room, kind: str, universes: int, each: int, multicast: bool, seconds: float, pid: int) -> Iterator[Running]:
    with tempfile.TemporaryDirectory(prefix="showctl-sender-") as scratch:
        if kind.startswith("C "):
            host = "239.255.0.0" if multicast else room.nodes
            words = [str(room.compiled("send")), kind[2:], str(universes), str(each), host, room.address, str(room.port)]
            words += [str(RATE), str(seconds), "50" if os.geteuid() == 0 else "0"]
        else:
            words = [sys.executable, "-m", "bench.wire.senders", {"olad": "feed"}.get(kind, kind), str(universes), str(each)]
            words += ["-" if multicast else room.nodes, room.address, str(room.port), scratch]
        running = Running(words, pid)
        try:
            yield running
        finally:
            running.process.kill()
            running.process.wait()


def measured(room: Room, kind: str, universes: int, given: argparse.Namespace, multicast: bool, pid: int = 0) -> Figures:
    """One turn of one sender."""
    settle = universes / 350 if kind == "ours" else 1.0  # until its plan is there
    whole = settle + WARM + given.seconds
    with sender(room, kind, universes, given.each, multicast, whole, pid) as running:
        time.sleep(settle)
        ear = room.ear(universes, multicast, WARM, given.seconds, RATE)
        time.sleep(WARM)
        before, began = cpu_of(running.pid), time.monotonic()
        time.sleep(given.seconds - 0.5)
        cpu = (cpu_of(running.pid) - before) / (time.monotonic() - began)
        heard = ear.heard()
        said = running.end() if not kind.startswith("C ") else json.loads(running.process.communicate(timeout=20)[0])
    packets = said.get("packets") or said.get("frames", 0) * universes
    each = said["send_s"] / packets * 1e6 if packets and "send_s" in said else 0.0
    return heard | {"cpu": cpu * 100, "each_us": each, "said": said}


def tell(kind: str, universes: int, turns: list[Figures]) -> Figures:
    """Prints a line of the middle of all turns; losses are of all of them."""
    middle: Figures = {
        name: statistics.median(turn[name] for turn in turns)
        for name in ("cpu", "each_us", "off_p99_us", "spread_p50_us", "spread_p99_us", "rate")
    }
    middle["lost"] = sum(turn["lost"] for turn in turns)
    middle["deaf"] = sum(turn["deaf"] for turn in turns)
    middle["universes"] = min(turn["universes"] for turn in turns)
    middle["skipped"] = sum(turn["skipped"] for turn in turns)
    middle["off_max_us"] = max(turn["off_max_us"] for turn in turns)
    middle["said"] = turns[-1]["said"]
    lost = f"{middle['lost']} lost, {middle['skipped']} never sent" + (
        f" ({middle['deaf']} by the ear)" if middle["deaf"] else ""
    )
    heard = "" if middle["universes"] == universes else f", heard of {middle['universes']} only"
    print(
        f"  {kind:11} {middle['cpu']:6.1f} % CPU  {middle['each_us']:6.2f} us/packet  {middle['rate']:6.2f} Hz  "
        f"off p99 {middle['off_p99_us'] / 1000:6.2f} "
        f"max {middle['off_max_us'] / 1000:6.2f} ms  spread p50 {middle['spread_p50_us'] / 1000:6.2f} "
        f"p99 {middle['spread_p99_us'] / 1000:6.2f} ms  {lost}{heard}",
        flush=True,
    )
    return middle


def compare(
    room: Room, kinds: list[str], universes: int, given: argparse.Namespace, multicast: bool, pid: int = 0
) -> dict[str, Figures]:
    """All of them, in turn."""
    way = "multicast" if multicast else f"unicast, {given.each} to a node"
    print(f"{universes} universes, {way} (load {os.getloadavg()[0]:.1f}):")
    turns: dict[str, list[Figures]] = {kind: [] for kind in kinds}
    for _ in range(given.rounds):
        for kind in kinds:
            turns[kind].append(measured(room, kind, universes, given, multicast, pid if kind == "olad" else 0))
    return {kind: tell(kind, universes, turns[kind]) for kind in kinds}


def promised(text: str, good: bool) -> bool:
    print(f"  {'as promised' if good else 'NOT as promised'}: {text}")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--universes", default="1024,2048,4096")
    parser.add_argument("--multicast", type=int, default=512)
    parser.add_argument("--library", type=int, default=128, help="universes for the sacn package")
    parser.add_argument("--each", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--route", action="store_true", help="our machine has a route of its own for multicast")
    given = parser.parse_args()
    if not shutil.which("cc"):
        print("Not measured: the ear is a program in C, and there is no compiler (apt-get install gcc).")
        return 0
    enter(sys.argv)
    good = True
    with tempfile.TemporaryDirectory(prefix="showctl-universes-") as scratch, open_room(Path(scratch), route=given.route) as room:
        for universes in map(int, filter(None, given.universes.split(","))):
            found = compare(room, ["ours", "floor", "C gso"], universes, given, multicast=False)
            mine = found["ours"]
            good &= promised("every frame arrives", mine["lost"] == mine["skipped"] == 0 and mine["universes"] == universes)
            good &= promised("99 of 100 packets within 1.5 ms of their 22.7", mine["off_p99_us"] <= 1500)
            ratio = mine["each_us"] / found["C gso"]["each_us"]
            good &= promised(f"sending costs {ratio:.2f} times what it costs C (1.3 at most)", ratio <= 1.3)
            print(f"  all of it {mine['cpu'] / found['floor']['cpu']:.2f} floors, {mine['cpu'] / found['C gso']['cpu']:.2f} C")
        if given.library:
            compare(room, ["ours", "sacn"], given.library, given, multicast=False)
        if given.multicast:
            good &= multicasts(room, given)
    print("As promised." if good else "Not as promised: see above.")
    return 0


def multicasts(room: Room, given: argparse.Namespace) -> bool:
    """Beside olad."""
    kinds = ["ours", "floor", "C sendmmsg"]
    with olad(room, given.multicast) as pid:
        if pid:
            kinds.append("olad")
        found = compare(room, kinds, given.multicast, given, multicast=True, pid=pid)
    mine, c = found["ours"], found["C sendmmsg"]
    ratio = mine["each_us"] / c["each_us"]
    good = promised(f"sending costs {ratio:.2f} times what it costs C (1.3 at most)", ratio <= 1.3)
    if pid:
        theirs = found["olad"]
        cpu = mine["cpu"] / mine["rate"] / (theirs["cpu"] / theirs["rate"])  # olad leaves frames out where it gets no core
        spread = mine["spread_p50_us"] / theirs["spread_p50_us"]
        good &= promised(
            f"{cpu:.2f} of olad's CPU for each frame, {spread:.2f} of its spread (half at most)", max(cpu, spread) <= 0.5
        )
    return good


if __name__ == "__main__":
    sys.exit(main())
