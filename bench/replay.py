"""How long a replay takes: the bundled show's twelve minutes, rehearsed with a journal on disk, and then ``showctl replay``.

The promise is 5 s, and the same digest: every dispatch as it was written.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from showctl.cli.demo import REHEARSAL, bundled_show
from showctl.runtime.journal import SqliteJournal
from showctl.runtime.rehearsal import Stagehand
from showctl.showfile import load
from simulators.venue import open_venue


def main() -> int:
    folder = bundled_show()
    found = load(folder)
    assert found.show is not None, found.problems
    rehearsal = next(item for item in found.rehearsals if item.stem == REHEARSAL)
    with tempfile.TemporaryDirectory(prefix="showctl-replay-") as place:
        path = Path(place) / "journal-1.db"
        journal = SqliteJournal(path)
        verdict = Stagehand(
            found.show, rehearsal, open_venue(folder, rehearsal.seed), journal=journal, keep_transcript=False
        ).run()
        journal.close()
        print(f"{REHEARSAL}: {verdict.show_seconds:.0f} s rehearsed in {verdict.wall_seconds:.1f} s, with a journal")
        argv = [sys.executable, "-m", "showctl.cli", "replay", str(path), "--show", str(folder), "--json"]
        taken, said = [], ""
        for _ in range(3):
            began = time.perf_counter()
            said = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
            taken.append(time.perf_counter() - began)
    result = json.loads(said)
    times = f"{verdict.show_seconds / min(taken):.0f} times as fast as it happened (load {os.getloadavg()[0]:.1f})"
    what = f"{result['inputs']} inputs and {result['dispatches']} dispatches"
    print(f"replay of {what}: {min(taken):.1f} to {max(taken):.1f} s from a cold start, {times}")
    good = result["same"] and min(taken) < 5
    print("As promised: the replay is the run, in under 5 s." if good else f"Not as promised: see above. {result['differs']}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
