"""How long checking takes: 20,000 lines of cues, and a small show. Ratios, as the machine is shared.

The promise is 2 s for the 20,000 lines, and 0.4 s for the small show with the interpreter's start.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from showctl.showfile import load

SMALL = Path(__file__).parents[1] / "tests" / "shows" / "small"
LINES = 20_000


def large_list() -> str:
    lines = ["list: main", "defaults: {up: 3s, down: 5s}", "cues:"]
    n = 0
    while len(lines) < LINES:
        n += 1
        lines += [
            f"  - {n}: Cue number {n}",
            f"    light: {{pars: {n % 101} ember, par_{n % 4 + 1}: {n % 50} red, heads: full focus centre}}",
            f"    time: {n % 7}s / {n % 5}s",
            f"    sound: bell at -{n % 20}dB on main_pa",
            "    next: 2s after end" if n % 2 else "    notes: some words here",
        ]
    return "\n".join(lines) + "\n"


def best(run: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        found.append(time.perf_counter() - began)
    return min(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "show"
        shutil.copytree(SMALL, folder)
        shutil.rmtree(folder / "rehearsals")
        top = folder / "show.yaml"
        top.write_text(top.read_text().replace("rehearsals: rehearsals/\n", ""))
        source = large_list()
        (folder / "lists" / "main.yaml").write_text(source)
        assert not load(folder).problems, "the large show is whole"
        large = best(lambda: load(folder))
        parsed = best(lambda: yaml.load(source, yaml.CSafeLoader))
    command = [sys.executable, "-m", "showctl.cli", "check", str(SMALL)]
    bare = best(lambda: subprocess.run([sys.executable, "-c", ""], check=True))
    small = best(lambda: subprocess.run(command, check=True, capture_output=True))
    print(f"{LINES} lines of cues: {large:.2f} s = {large / parsed:.2f} x PyYAML's own loading ({parsed:.2f} s); promised 2 s")
    print(f"a small show from a cold start: {small:.2f} s = {small / bare:.0f} x an empty Python ({bare:.3f} s); promised 0.4 s")


if __name__ == "__main__":
    main()
