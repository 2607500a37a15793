"""What the console costs and gives: GO from a key to its cue, a long list, memory; what the show feels.

A show of ``--cues`` cues in one list and 64 universes in which every lamp sways runs. A page in Chromium is watched by itself:
from the key's own time stamp to the answer that says what started, with 20 other viewers, half of whom look at every light.
Then the list is scrolled while the standby moves. Then the show is measured without any page, and with 50 viewers and three
that mean harm (a flood of requests, giant messages, one that takes nothing), turn by turn: how late frames are, and how long an
OSC GO takes until its light leaves. ``--goes N --turns N --minutes N``; ``--trace`` says each piece of the way of a GO.
``--first`` puts everything here before what else runs on this machine, as far as nice values do that, each as far from the
others as on a quiet one (wire and engine are in real time): a figure of a machine that others use, too.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from bench import first
from bench.ear import Ear
from bench.go import FIRST_SLOT, LIST, UNIVERSE, Probe, ask, until_well
from bench.pages import MOVER, page_figures
from showctl.cli.house import House, console_port, free_port
from showctl.console.front import PROMPT
from showctl.protocols import osc, sacn

UNIVERSES, LAMPS = 64, 40
VIEWERS, CROWD = 20, 50
LISTENED = 10
"""Seconds of each turn in which frames are looked at."""
KEY_TO_CUE, FRAME, PAGE = 20.0, 1000 / 60, 150.0
"""What is promised: ms to the 99th of a hundred, ms of a picture, MB of the page."""
MORE: float = 1.10
SHOW = """\
show: Bench
main_list: main
lists: [lists/main.yaml, lists/bench.yaml]
venue: venue.yaml
patch: patch.yaml
groups: groups.yaml
triggers: triggers.yaml
"""
PATCH = """\
types:
  rgb: {{modes: {{4ch: {{channels: [intensity, red, green, blue]}}}}}}
  one: {{modes: {{1ch: {{channels: [intensity]}}}}}}
universes:
{}
nodes:
  rack: {{address: 127.0.1.1, universes: [{}]}}
fixtures:
{}
  bench_lamp: {{type: one, mode: 1ch, address: sacn/{}.1, zone: hall}}
"""
MAIN = """\
list: main
go_window: 0s
at_end: loop
cues:
  - 0: Sway
    light: {all_lamps: 50}
    effect: {over: all_lamps, parameter: intensity, wave: sine, size: 40, rate: 0.3Hz, as: sway}
"""


def large_show(folder: Path, cues: int) -> Path:
    """A list of many cues, 64 universes of lamps that sway, and a universe of one lamp for GO."""
    (folder / "lists").mkdir(parents=True)
    fixtures = [
        f"  u{n}_1 thru {LAMPS}: {{type: rgb, mode: 4ch, address: sacn/{n}.1, zone: hall}}" for n in range(1, UNIVERSES + 1)
    ]
    universes = [f"  sacn/{n}: {{to: [127.0.1.1]}}" for n in range(1, UNIVERSES + 1)]
    keys = ", ".join(f"sacn/{n}" for n in range(1, UNIVERSES + 1))
    runs = ", ".join(f"u{n}_1 thru {LAMPS}" for n in range(1, UNIVERSES + 1))
    cues_ = (f"  - {n}: Cue number {n}\n    light: {{u{n % UNIVERSES + 1}_1: {n % 100}}}" for n in range(1, cues))
    safe = "{light: {bench_lamp: out}, sound: none, film: none, motion: none, fog: none, doors: none, headsets: none}"
    files = {
        "show.yaml": SHOW,
        "venue.yaml": f"zones:\n  hall: {{corners: [[-9, 0], [9, 0], [9, 9], [-9, 9]], safe: {safe}}}\n",
        "patch.yaml": PATCH.format("\n".join((*universes, f"  sacn/{UNIVERSE}: {{}}")), keys, "\n".join(fixtures), UNIVERSE),
        "groups.yaml": f"all_lamps: [{runs}]\n",
        "triggers.yaml": "inbound:\n  - {osc: /showctl/go, allow: go, from: [127.0.0.0/8]}\n",
        "lists/main.yaml": MAIN + "\n".join(cues_) + "\n",
        "lists/bench.yaml": LIST.replace("NAME", "bench").replace("LAMP", "bench_lamp"),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


# --- who else is there -------------------------------------------------------------------------------------------------------


async def viewers(url: str, count: int, hostile: bool) -> None:
    """Pages that look on; half of them look at every light. Three more that mean harm."""
    from websockets.asyncio.client import connect

    async def look(number: int) -> None:
        async with connect(url, max_size=None, proxy=None, compression=None) as page:
            if number % 2:
                await page.send(json.dumps({"id": 1, "request": "Watch", "lights": True}))
            async for _ in page:
                pass

    async def again(harm: Any) -> None:
        while True:
            with contextlib.suppress(Exception):
                await harm()
            await asyncio.sleep(0.05)

    async def flood() -> None:
        async with connect(url, max_size=None, proxy=None, compression=None) as page:
            while True:
                await page.send(json.dumps({"id": 2, "request": "Standby", "list": "nowhere", "cue": "1"}))

    async def giant() -> None:
        async with connect(url, max_size=None, proxy=None, compression=None) as page:
            await page.send("[" * 5_000_000)
            await page.recv()

    async def slow() -> None:
        async with connect(url, max_size=None, proxy=None, compression=None, max_queue=1) as page:
            await page.send(json.dumps({"id": 1, "request": "Watch", "lights": True}))
            await asyncio.sleep(20)

    await asyncio.gather(*(look(n) for n in range(count)), *(again(harm) for harm in (flood, giant, slow) if hostile))


@contextlib.contextmanager
def watched(house: House, count: int, *, hostile: bool = False) -> Iterator[None]:
    """Somebody looks on, from a process of their own that is less urgent than the show."""
    argv = [sys.executable, __file__, "--viewers", house.url.replace("http", "ws") + "/ws", str(count), str(int(hostile))]
    process = subprocess.Popen(argv, preexec_fn=_less_urgent)
    try:
        time.sleep(3)
        yield
    finally:
        process.kill()
        process.wait()


def _less_urgent() -> None:
    os.nice(5)


def put_first(house: House) -> None:
    """The pages' server goes before the pages, as its nice value has it elsewhere."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = entry.read_bytes().split(b"\0")
            if b"_front" in words and str(house.state).encode() in words:
                first.put(int(entry.parent.name), PROMPT)


def move(url: str) -> None:
    """The standby moves, five times a second."""
    number = 0
    while True:
        number = (number + 13) % 4000
        ask(f"{url}/api/ask", {"request": "Standby", "list": "main", "cue": str(number)})
        time.sleep(0.2)


# --- what the show feels ------------------------------------------------------------


def felt(house: House, ear: Ear, turns: int, each: int) -> dict[str, dict[str, float]]:
    """Lateness of frames and of GO, without pages and with a crowd, in turn: medians of each second's, and each turn's, worst.

    Frames are looked at while no GO is pressed: one that comes just before a frame delays that by more than any crowd.
    """
    found: dict[str, dict[str, list[float]]] = {name: {"late": [], "go": []} for name in ("nobody", "crowd")}
    assert house.osc_port is not None
    press = osc.encode(osc.Message("/showctl/go", ("bench",), "s"))
    for _ in range(turns):
        for name in found:
            with watched(house, CROWD, hostile=True) if name == "crowd" else contextlib.nullcontext():
                for _ in range(LISTENED):
                    time.sleep(1)
                    with urllib.request.urlopen(f"{house.url}/api/status", timeout=20) as answer:
                        found[name]["late"].append(json.load(answer)["wire"]["late_p99_us"] / 1000)
                probe = Probe(ear)
                for _ in range(each):
                    time.sleep(0.2)
                    probe.send(press, ("127.0.0.1", house.osc_port), FIRST_SLOT)
            found[name]["go"].append(probe.at(0.9) if probe.taken else 1000.0)
    return {name: {what: statistics.median(values) for what, values in told.items()} for name, told in found.items()}


def tell(page: dict[str, Any], felt_: dict[str, dict[str, float]], engine: tuple[float, float]) -> bool:
    """Prints the figures; whether all is as promised."""
    taken, gaps = page["taken"], page["gaps"]
    p99 = taken[min(int(len(taken) * 0.99), len(taken) - 1)] if taken else 1e9
    slow = sum(gap > 1.5 * FRAME for gap in gaps) / max(len(gaps), 1)
    print(f"key to cue   p50 {statistics.median(taken or [1e9]):.1f}, p99 {p99:.1f} ms of {len(taken)}, {VIEWERS} other viewers")
    print(f"scrolling    p50 {statistics.median(gaps or [0]):.1f} ms a picture, {slow:.1%} of {len(gaps)} pictures late")
    print(f"page         {page['before']:.0f} MB before, {page['after']:.0f} MB after")
    for name, told in felt_.items():
        print(f"{name:12} frames late p99 {told['late']:.2f} ms, GO over OSC p90 {told['go']:.2f} ms")
    if not felt_:
        return p99 < KEY_TO_CUE
    late, go = (felt_["crowd"][what] / max(felt_["nobody"][what], 0.01) for what in ("late", "go"))
    print(
        f"the crowd    {late:.2f} times as late, GO {go:.2f} times; the engine {engine[0]:.0f} MB before, {engine[1]:.0f} after"
    )
    kept = {
        "key to cue below 20 ms": p99 < KEY_TO_CUE, "60 pictures a second": bool(gaps) and slow < 0.02,
        "the page below 150 MB": page["after"] < PAGE, "the show does not feel a crowd": late < MORE and go < MORE,
        "memory is bounded": engine[1] < engine[0] + 50,
    }  # fmt: skip
    broken = [words for words, holds in kept.items() if not holds]
    print(f"Not as promised: {', '.join(broken)}." if broken else f"As promised: {', '.join(kept)}.")
    return not broken


def _engine(house: House) -> float:
    """Megabytes that the engine holds."""
    from showctl.cli.running import running_shows

    shows = [running for running in running_shows() if running.url == house.url]
    status = Path(f"/proc/{shows[0].pid}/status").read_text() if shows else "VmRSS: 0 kB"
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cues", type=int, default=5000)
    parser.add_argument("--goes", type=int, default=200)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=1.0, help="how long GO is pressed before the page's memory is read")
    parser.add_argument("--trace", action="store_true", help="each piece of a GO's way")
    parser.add_argument("--viewers", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--mover", help=argparse.SUPPRESS)
    parser.add_argument("--first", action="store_true", help="before all else that runs on this machine")
    given = parser.parse_args()
    if given.viewers:
        asyncio.run(viewers(given.viewers[0], int(given.viewers[1]), given.viewers[2] == "1"))
    if given.mover:
        move(given.mover)
    if given.first:
        first.hurry()
    with tempfile.TemporaryDirectory(prefix="showctl-console-") as place:
        scratch = Path(place)
        os.environ |= {"XDG_RUNTIME_DIR": place, "XDG_STATE_HOME": place}
        ear = Ear(sacn.multicast_group_v4(UNIVERSE), 0)
        folder = large_show(scratch / "show", given.cues)
        udp = socket.SOCK_DGRAM
        house = House(folder, scratch / "state", port=console_port(), osc_port=free_port(udp), sacn_port=ear.port)
        argv = [sys.executable, "-m", "showctl.cli", "run", str(folder), "--leashed", "--port", str(house.port)]
        argv += ["--state", str(house.state), "--osc-port", str(house.osc_port), "--sacn-port", str(house.sacn_port)]
        with (scratch / "log").open("wb") as log:
            process = subprocess.Popen(argv, stdout=log, stderr=log)
        try:
            until_well(house.url)
            ask(f"{house.url}/api/ask", {"request": "Go", "list": "main", "origin": {"surface": "script"}})
            if given.first:
                put_first(house)
            with watched(house, VIEWERS):
                page = page_figures(house, given.goes, given.minutes, [*MOVER, house.url], given.trace, given.first)
            before = _engine(house)
            crowd = felt(house, ear, given.turns, 40) if given.turns else {}
            engine = (before, _engine(house))
        except BaseException:
            print((scratch / "log").read_text(errors="replace")[-3000:], file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait(30)
    return 0 if tell(page, crowd, engine) else 1


if __name__ == "__main__":
    sys.exit(main())
