"""Torn timecode by the hundred thousand: how many wrong cues and doubled ones the chase lets through, and what a reading costs.

``--cases N`` (100,000). The same tapes and the same judge as ``tests/devices/test_chase.py``, from other seeds.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from showctl.devices.chase import Chase
from showctl.protocols.timecode import FPS_25, RATES, from_frames
from tests.devices.tapes import FAULTS
from tests.devices.test_chase import judge

FIRST_SEED = 1_000_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    given = parser.parse_args()
    rates = list(RATES.values())
    wrong = []
    for n in range(given.cases):
        seed = FIRST_SEED + n
        said = judge(FAULTS[n % len(FAULTS)], rates[n // len(FAULTS) % len(rates)], seed)
        if said:
            wrong.append(said)
    for said in wrong[:10]:
        print(said)
    chase, begun = Chase("desk", FPS_25), time.process_time()
    for n in range(100_000):
        chase.heard(from_frames(n, FPS_25), n * 40_000_000)
    cost = (time.process_time() - begun) / 100_000
    print(f"{given.cases} tapes: {len(wrong)} with a wrong or doubled cue; a reading costs {cost * 1e6:.1f} us")
    print("as promised" if not wrong else "NOT as promised: none may be wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
