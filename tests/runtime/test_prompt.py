"""An engine is prompt in all its threads, and steps back when it takes too much. In a process of its own, for it stays so."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import asyncio, os, signal, threading
from showctl.runtime import prompt

def policies():
    return sorted({os.sched_getscheduler(int(task)) for task in os.listdir("/proc/self/task")})

async def main():
    before = threading.Event()
    threading.Thread(target=before.wait, daemon=True).start()
    prompt.ORDINARY_FOR = 0.05
    prompt.prompt()
    threading.Thread(target=before.wait, daemon=True).start()
    print(policies() == [os.SCHED_RR])
    signal.raise_signal(signal.SIGXCPU)
    print(policies() == [os.SCHED_OTHER])
    while policies() != [os.SCHED_RR]:
        await asyncio.sleep(0.01)
    print("prompt again")

asyncio.run(asyncio.wait_for(main(), 20))
"""


def may_be_in_real_time() -> bool:
    try:
        before = os.sched_getscheduler(0)
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
        os.sched_setscheduler(0, before, os.sched_param(0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not may_be_in_real_time(), reason="this system permits no real-time priority")
def test_every_thread_is_prompt_until_a_core_is_taken_whole_and_again_a_while_later() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.split("\n")[:3]) == (0, ["True", "True", "prompt again"])
    assert "without real-time priority" in done.stderr


COMES_UP = """
import asyncio, os
from showctl.runtime import prompt

def rank():
    return os.sched_getscheduler(0) == os.SCHED_RR, os.sched_getparam(0).sched_priority

async def main():
    prompt.prompt()
    print(rank() == (True, prompt.PRIORITY))

print(prompt.hurry(), rank() == (True, prompt.COMING_UP))
print(prompt.take_time(), rank() == (False, 0))
prompt.hurry()
if os.fork() == 0:
    print(rank() == (True, prompt.COMING_UP))
    asyncio.run(main())
else:
    os.wait()
"""


@pytest.mark.skipif(not may_be_in_real_time(), reason="this system permits no real-time priority")
def test_who_waits_to_be_an_engine_is_prompt_but_for_reading_and_lets_those_that_run_go_first() -> None:
    done = subprocess.run([sys.executable, "-u", "-c", COMES_UP], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split("\n") == ["None True", "None True", "True", "True", ""], done.stderr


STARTS = """
import asyncio, os, resource, subprocess
from showctl.runtime import prompt

async def main():
    prompt.prompt()
    player = subprocess.Popen(["sleep", "30"])
    while open(f"/proc/{player.pid}/comm").read() != "sleep\\n":
        pass  # a program has its name a moment after it was started
    prompt.ordinary(player.pid)
    print(os.sched_getscheduler(0) == os.SCHED_RR, os.sched_getscheduler(player.pid) == os.SCHED_OTHER)
    print(os.getpriority(os.PRIO_PROCESS, player.pid))
    print(resource.prlimit(player.pid, resource.RLIMIT_RTTIME)[0] == resource.getrlimit(resource.RLIMIT_RTTIME)[1])
    prompt.ordinary(player.pid, lambda thread, name: (thread, name) == (player.pid, "sleep"))
    in_real_time = os.sched_getscheduler(player.pid) & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR
    print(in_real_time, os.sched_getparam(player.pid).sched_priority)
    player.kill()
    player.wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not may_be_in_real_time(), reason="this system permits no real-time priority")
def test_a_player_that_the_engine_starts_may_take_its_time_and_is_not_ended_for_it() -> None:
    done = subprocess.run([sys.executable, "-u", "-c", STARTS], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split("\n") == ["True True", "-10", "True", "True 5", ""], done.stderr


def test_where_real_time_is_not_permitted_the_engine_runs_all_the_same() -> None:
    program = (
        "import asyncio, resource\n"
        "from showctl.runtime import prompt\n"
        "prompt._schedule = lambda policy, priority: False\n"
        "async def main(): prompt.prompt()\n"
        "asyncio.run(main())\n"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0
