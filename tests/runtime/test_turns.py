"""An ordinary thread asks for short turns, and keeps its nice value; one in real time is left alone."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from showctl.runtime.turns import take_short_turns

RECENT = sys.platform == "linux" and tuple(int(part) for part in platform.release().split(".")[:2]) >= (6, 12)
ASK = """
import os
from showctl.runtime.turns import take_short_turns
os.nice(3)
print(take_short_turns(), os.getpriority(os.PRIO_PROCESS, 0), os.sched_getscheduler(0) == os.SCHED_OTHER)
print(next((line.split()[-1] for line in open("/proc/self/sched") if line.startswith("se.slice")), "unknown"))
"""


@pytest.mark.skipif(not RECENT, reason="Linux before 6.12 has no turns to ask for")
def test_an_ordinary_program_is_granted_turns_of_a_tenth_of_a_millisecond_and_stays_as_nice_as_it_was() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    granted, turn = done.stdout.splitlines()
    assert granted == "True 3 True"
    assert turn in ("100000", "unknown")


def test_a_thread_that_is_not_there_is_no_error() -> None:
    assert take_short_turns(2**22 + 1) is False


IN_REAL_TIME = """
import os
from showctl.runtime.turns import take_short_turns
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
print(take_short_turns(), os.sched_getscheduler(0) == os.SCHED_FIFO)
"""


def test_one_in_real_time_is_left_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_REAL_TIME], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )
    if "PermissionError" in done.stderr:
        pytest.skip("this system permits no real-time priority")
    assert done.stdout.strip() == "False True", done.stderr
