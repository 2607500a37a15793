"""One live run of a rehearsal's script, for tests to look at: its journal, how late things were sent, what the wires carried.

``play`` runs it on this process's loop. ``two_minutes`` runs it once for all tests of a session, in a process of its own and,
where that is allowed, a network namespace of its own with nothing else on its loopback, so that what is captured is ours:
``python -m tests.live.evening SCRATCH [alone]``.
"""

import asyncio
import atexit
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from showctl.runtime.journal import MemoryJournal, Record, read
from showctl.runtime.rehearsal import Stagehand
from showctl.show.instants import Duration, Instant
from showctl.show.rehearsals import Rehearsal
from showctl.show.show import Show
from showctl.showfile import load
from simulators.venue import open_venue
from tests.live.house import ROOT, SHOWS, Program, running, until
from tests.live.script import Script
from tests.programs import has_network_namespaces, program

SCRIPT = ROOT / "tests" / "live" / "two_minutes.yaml"
WELL_WITHIN = 60.0
"""Seconds until every device answers; projectors warm up meanwhile."""
IN_A_NAMESPACE = "ip link set lo up gso_max_segs 1; ip link set lo up; ip route add 224.0.0.0/4 dev lo; exec {}"
"""Without segmentation offload what is captured is what a network would carry: one datagram, one frame."""


@dataclass(frozen=True)
class Evening:
    """What is left of a live run. ``begun`` is the show's instant at which its script began."""

    folder: str
    journal: str
    begun: Instant
    lateness: list[int]
    wire: dict[str, Any]
    ill: list[str]
    capture: str = ""

    def records(self) -> list[Record]:
        return list(read(Path(self.journal)))

    def lateness_words(self) -> str:
        """How late device commands were sent after the instants at which they were due."""
        late = sorted(self.lateness)
        share = ", ".join(f"p{part} {late[min(len(late) * part // 100, len(late) - 1)] / 1e6:.2f}" for part in (50, 90, 99))
        return f"{len(late)} device commands sent, ms late: {share}, max {late[-1] / 1e6:.2f}"


def loaded(folder: Path, stem: str, length: Duration | None = None) -> tuple[Show, Rehearsal]:
    """A show and one of its rehearsals, ``length`` long at most."""
    found = load(folder)
    assert found.show is not None, found.problems
    rehearsal = next(item for item in found.rehearsals if item.stem == stem)
    return found.show, rehearsal if length is None else replace(rehearsal, length=length, expectations=(), nevers=())


def rehearsed(folder: Path, stem: str, length: Duration | None = None) -> tuple[Show, Rehearsal, list[Record]]:
    """The same script in virtual time, and its journal."""
    show, rehearsal = loaded(folder, stem, length)
    journal = MemoryJournal()
    verdict = Stagehand(show, rehearsal, open_venue(folder, rehearsal.seed), journal=journal, keep_transcript=False).run()
    assert verdict.passed, verdict.failures
    return show, rehearsal, journal.records


async def play(
    source: Path, stem: str, scratch: Path, *, length: Duration | None = None, alone: bool = False, capture: bool = False
) -> Evening:
    """Runs the script live, from the moment at which every device is well."""
    async with AsyncExitStack() as stack:
        packets = scratch / "packets.pcapng"
        if capture:
            recorder = Program([program("dumpcap"), "-q", "-i", "lo", "-s", "0", "-w", packets], scratch / "dumpcap.log")
            stack.callback(recorder.end)
            await until(lambda: packets.exists() or not recorder.alive(), 10)
        house = await stack.enter_async_context(running(source, scratch, alone=alone))
        await until(lambda: not house.ill(), WELL_WITHIN)
        _, rehearsal = loaded(house.folder, stem, length)
        house.live.lateness.clear()
        script = Script(house, rehearsal)
        await script.play()
        return Evening(
            str(house.folder),
            str(house.live.journal.path),
            script.begun,
            list(house.live.lateness),
            house.live.desk.wire(),
            house.ill(),
            str(packets) if capture else "",
        )


@cache
def two_minutes() -> Evening:
    """The bundled show for two minutes, once a session."""
    scratch = Path(tempfile.mkdtemp(prefix="showctl-evening-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    argv = [sys.executable, "-m", "tests.live.evening", str(scratch)]
    if has_network_namespaces() and program("ip") is not None:
        argv = ["unshare", "-n", "bash", "-c", IN_A_NAMESPACE.format('"$@"'), "bash", *argv, "alone"]
    begun = time.monotonic()
    ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert ran.returncode == 0, f"after {time.monotonic() - begun:.0f} s: {ran.stderr[-4000:]}"
    return Evening(**json.loads((scratch / "evening.json").read_text()))


def main() -> None:
    scratch, alone = Path(sys.argv[1]), "alone" in sys.argv[2:]
    source = scratch / "source"
    shutil.copytree(SHOWS["dream"], source)
    shutil.copy(SCRIPT, source / "rehearsals")
    capture = alone and program("dumpcap") is not None
    evening = asyncio.run(play(source, SCRIPT.stem, scratch, alone=alone, capture=capture))
    (scratch / "evening.json").write_text(json.dumps(asdict(evening)))


if __name__ == "__main__":
    main()
