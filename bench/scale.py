"""What a long list costs: GO in 100 and in 100,000 cues, and memory and load time as a list grows tenfold and tenfold again.

A GO is one ``engine.step`` and everything that it asks of the light; lists of both lengths are played alternately, so that what
else the machine does falls on both. Loading is the whole way from YAML to a checked show; each length loads in a process of
its own, whose memory is compared with one that has loaded a single cue. The promise: GO within 1.3 times, the rest linear.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from showctl.engine.events import Go, Origin
from showctl.engine.state import State
from showctl.engine.step import initial, next_deadline, step
from showctl.engine.view import view
from showctl.show.instants import SECOND
from showctl.show.show import Show
from showctl.showfile import load

SMALL = Path(__file__).parents[1] / "tests" / "shows" / "small"
SHORT, LONG = 100, 100_000
LENGTHS = (1_000, 10_000, 100_000)
A_FILE = 10_000
"""Cues in a file: one has 8 MiB at most."""
GOS = 60
"""Of each round."""
ROUNDS = 15


def write_show(folder: Path, cues: int) -> Path:
    """The small show with a list of so many cues, in files of ``A_FILE``."""
    shutil.copytree(SMALL, folder)
    shutil.rmtree(folder / "rehearsals")
    top = folder / "show.yaml"
    top.write_text(top.read_text().replace("rehearsals: rehearsals/\n", ""))
    lines = [
        f"  - {n}: Cue\n    light: {{pars: {n % 101} ember, par_{n % 4 + 1}: {n % 50} red}}\n    time: {n % 7}s / {n % 5}s\n"
        for n in range(1, cues + 1)
    ]
    names = []
    for first in range(0, cues, A_FILE):
        names.append(f"part_{first}.yaml")
        (folder / "lists" / names[-1]).write_text("cues:\n" + "".join(lines[first : first + A_FILE]))
    (folder / "lists" / "main.yaml").write_text(f"list: main\ndefaults: {{up: 3s, down: 5s}}\ninclude: [{', '.join(names)}]\n")
    return folder


def loaded(folder: Path) -> Show:
    found = load(folder)
    assert found.show is not None, found.problems[:3]
    return found.show


class Player:
    """Presses GO on one show, second after second, and notes what each press took."""

    def __init__(self, show: Show) -> None:
        self.show = show
        self.state: State = initial(show)
        self.taken: list[int] = []
        self.viewed: list[int] = []

    def round(self) -> None:
        self.state = initial(self.show)
        for n in range(GOS):
            now = (n + 1) * SECOND
            began = time.perf_counter_ns()
            self.state, _ = step(self.show, self.state, Go(origin=Origin("script")), now)
            next_deadline(self.state)
            self.taken.append(time.perf_counter_ns() - began)
            began = time.perf_counter_ns()
            view(self.show, self.state, now)
            self.viewed.append(time.perf_counter_ns() - began)


def measure_load(folder: Path) -> None:
    """In a process of its own: prints the seconds that loading takes, and the memory afterwards (MiB)."""
    began = time.perf_counter()
    show = loaded(folder)
    took = time.perf_counter() - began
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    print(json.dumps([took, pages * os.sysconf("SC_PAGE_SIZE") / 2**20, len(show.lists[0].cues)]))


def load_in_a_process(folder: Path) -> tuple[float, float]:
    said = subprocess.run([sys.executable, __file__, str(folder)], check=True, capture_output=True, text=True).stdout
    took, memory, _ = json.loads(said)
    return float(took), float(memory)


def main() -> int:
    if len(sys.argv) > 1:
        measure_load(Path(sys.argv[1]))
        return 0
    with tempfile.TemporaryDirectory(prefix="showctl-scale-") as place:
        folders = {cues: write_show(Path(place) / str(cues), cues) for cues in (1, SHORT, *LENGTHS)}
        _, bare = load_in_a_process(folders[1])
        costs = {}
        for cues in LENGTHS:
            took, memory = load_in_a_process(folders[cues])
            costs[cues] = (took / cues, (memory - bare) / cues)
            each = f"{took / cues * 1e6:4.0f} us and {(memory - bare) / cues * 1024:.2f} KiB a cue"
            print(f"{cues:7} cues: loaded in {took:6.2f} s, {memory - bare:6.1f} MiB more than one cue takes ({each})")
        short, long = Player(loaded(folders[SHORT])), Player(loaded(folders[LONG]))
    gc.collect()
    gc.freeze()  # as the engine does
    for _ in range(ROUNDS):
        short.round()
        long.round()
    goes = [statistics.median(player.taken) / 1000 for player in (short, long)]
    views = [statistics.median(player.viewed) / 1000 for player in (short, long)]
    ratio, view_ratio = goes[1] / goes[0], views[1] / views[0]
    time_growth = costs[LENGTHS[-1]][0] / costs[LENGTHS[1]][0]
    memory_growth = costs[LENGTHS[-1]][1] / costs[LENGTHS[1]][1]
    print(f"GO: {goes[0]:.0f} us in {SHORT} cues, {goes[1]:.0f} us in {LONG}: {ratio:.2f} times (load {os.getloadavg()[0]:.1f})")
    print(f"what screens are told: {views[0]:.0f} and {views[1]:.0f} us: {view_ratio:.2f} times")
    growth = f"{time_growth:.2f} times the time to load, {memory_growth:.2f} times the memory"
    print(f"a cue of {LENGTHS[-1]} against a cue of {LENGTHS[1]}: {growth}")
    good = ratio < 1.3 and time_growth < 1.5 and memory_growth < 1.3
    print("As promised: GO does not know how long its list is; time to load and memory grow linearly." if good else
          "Not as promised: see above.")  # fmt: skip
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
