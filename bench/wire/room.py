"""Where senders are measured: a network of two machines on this one, an ear of its own at the other end, a C compiler.

Needs root for the network (two namespaces and a cable between them, so that nobody else's packets are in it); without it
everything runs over loopback, and says so. What is measured of a process is its CPU time, which a busy machine stretches least.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
_INSIDE = "SHOWCTL_BENCH_NETWORK"
PORT = 5568


@dataclass(frozen=True, slots=True)
class Room:
    """Senders leave by ``address``; nodes are at ``nodes`` and every 256th address from there."""

    scratch: Path
    address: str
    nodes: str
    there: tuple[str, ...]
    """What comes before a command that is to run on the other machine."""
    port: int = PORT

    def compiled(self, name: str) -> Path | None:
        """The program of ``bench/c/NAME.c``; None without a compiler."""
        cc = shutil.which("cc")
        if cc is None:
            return None
        program = self.scratch / name
        if not program.exists():
            words = [cc, "-O3", "-march=native", "-o", str(program), str(HERE.parent / "c" / f"{name}.c")]
            subprocess.run(words, check=True)
        return program

    def ear(self, universes: int, multicast: bool, warm: float, seconds: float, rate: int) -> Ear:
        """Listens from now on."""
        program = self.compiled("receive")
        assert program is not None, "the ear is a program in C: this bench needs a compiler (apt-get install gcc)"
        address = self.there_address if multicast else self.address
        words = [str(program), address, str(self.port), str(universes), str(int(multicast)), str(warm), str(seconds), str(rate)]
        return Ear(subprocess.Popen([*self.there, *words], stdout=subprocess.PIPE, text=True))

    @property
    def there_address(self) -> str:
        return "10.77.0.2" if self.there else self.address


class Ear:
    """An ear that is open."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self._said = process.stdout
        assert self._said.readline() == "ready\n", "the ear cannot listen"

    def heard(self) -> dict[str, Any]:
        """What came, once it has listened for as long as it was to."""
        line = self._said.readline()
        self._process.wait(10)
        found: dict[str, Any] = json.loads(line)
        return found


def enter(arguments: Sequence[str]) -> None:
    """Goes on in a network of our own, where this machine lets us; else here."""
    if _INSIDE in os.environ or os.geteuid() != 0 or not (shutil.which("unshare") and shutil.which("ip")):
        return
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode:
        return
    os.execvpe("unshare", ["unshare", "-n", sys.executable, *arguments], os.environ | {_INSIDE: "1"})


@contextlib.contextmanager
def open_room(scratch: Path, *, route: bool = False) -> Iterator[Room]:
    """The network, until it is left. With a ``route`` for multicast, which machines do not have unless somebody made one."""
    if _INSIDE not in os.environ:
        print("Without root all runs over loopback, and olad is left out.")
        yield Room(scratch, "127.0.0.1", "127.1.0.1", (), 15568)
        return
    holder = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
    try:
        ours = Path("/proc/self/ns/net").readlink()
        while Path(f"/proc/{holder.pid}/ns/net").readlink() == ours:
            time.sleep(0.01)
        there = ("nsenter", "-t", str(holder.pid), "-n")
        run(f"ip link add v0 type veth peer name v1 netns {holder.pid}; ip link set lo up; ip link set v0 up")
        run("ip addr add 10.77.0.1/24 dev v0; ip route add 10.78.0.0/16 dev v0")
        if route:
            run("ip route add 224.0.0.0/4 dev v0")
        there_lines = "ip link set lo up; ip link set v1 up; ip addr add 10.77.0.2/24 dev v1; ip route add 224.0.0.0/4 dev v1; "
        run(there_lines + "ip route add local 10.78.0.0/16 dev lo", there)
        yield Room(scratch, "10.77.0.1", "10.78.0.1", there)
    finally:
        holder.kill()
        holder.wait()


def run(line: str, there: Sequence[str] = ()) -> None:
    subprocess.run([*there, "sh", "-ec", line], check=True)


def cpu_of(pid: int) -> float:
    """Seconds of CPU that all threads of a process have had."""
    taken = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            taken += int((task / "schedstat").read_text().split()[0])
    return taken / 1e9
