"""The understudy with real processes: it makes engines by forking, one after the other, and knows how they ended."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from showctl.runtime.understudy import Understudy

pytestmark = pytest.mark.serial

PROGRAM = """
import os, signal, sys
from showctl.runtime.understudy import stand_by
prepared = 0
def prepare():
    global prepared
    prepared += 1
    if "cannot" in sys.argv:
        sys.exit(2)
fork = os.fork
def fork_and_die():
    pid = fork()
    if pid:
        os.kill(os.getpid(), signal.SIGKILL)
    return pid
if "dies forking" in sys.argv:
    os.fork = fork_and_die
stand_by(prepare, 0.02)
said = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
alone = os.getsid(0) == os.getpid() and not sys.stdin.read()
os.write(said, f"{os.getpid()} {prepared >= 1} {alone}\\n".encode())
signal.pause()
"""


class Stage:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "said"
        os.mkfifo(self.path)
        self._said = os.open(self.path, os.O_RDWR)

    def understudy(self, *more: str) -> Understudy:
        return Understudy([sys.executable, "-c", PROGRAM, str(self.path), *more])

    def hear(self) -> list[str]:
        assert select.select([self._said], [], [], 10)[0], "no engine said anything for ten seconds"
        return os.read(self._said, 4096).decode().split()

    def said_anything(self) -> bool:
        return bool(select.select([self._said], [], [], 0)[0])

    def close(self) -> None:
        os.close(self._said)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


def ready(understudy: Understudy) -> Understudy:
    understudy.prepare()
    assert understudy._socket is not None
    assert select.select([understudy._socket], [], [], 10)[0], "it is not ready within ten seconds"
    assert understudy.ready
    return understudy


def ended(pid: int) -> None:
    """Waits until an engine is gone, as its supervisor does."""
    handle = os.pidfd_open(pid)
    assert select.select([handle], [], [], 10)[0]
    os.close(handle)


def test_engines_that_die_one_after_the_other_are_followed_at_once_and_it_is_known_how_they_died(stage: Stage) -> None:
    understudy = ready(stage.understudy())
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
        pid = understudy.step_in()
        assert pid is not None
        assert stage.hear() == [str(pid), "True", "True"], "prepared, in a session of its own, with nothing to read"
        os.kill(pid, number)
        ended(pid)
        assert understudy.code_of(pid) == -number
    understudy.dismiss()


def test_one_that_is_not_ready_does_not_step_in(stage: Stage) -> None:
    understudy = stage.understudy()
    assert (understudy.there, understudy.step_in()) == (False, None)

    understudy.prepare()
    assert (understudy.there, understudy.step_in()) == (True, None), "Python is still starting"
    understudy.dismiss()


def died(stage: Stage) -> tuple[Understudy, int]:
    """One that is dead, and its engine, which is not."""
    understudy = ready(stage.understudy())
    engine = understudy.step_in()
    assert engine is not None
    stage.hear()
    assert understudy._process is not None
    understudy._process.kill()
    understudy._process.wait()
    return understudy, engine


def test_one_that_died_is_forgotten_and_its_engine_goes_on(stage: Stage) -> None:
    understudy, pid = died(stage)

    assert (understudy.step_in(), understudy.there, understudy.code_of(pid)) == (None, False, None)
    os.kill(pid, signal.SIGKILL)


def test_one_that_follows_another_is_not_asked_how_an_engine_of_that_ended(stage: Stage) -> None:
    understudy, engine = died(stage)
    understudy.dismiss()
    understudy.prepare()
    os.kill(engine, signal.SIGKILL)

    assert understudy.code_of(engine) is None
    assert understudy._socket is not None
    assert select.select([understudy._socket], [], [], 10)[0], "it is not ready within ten seconds"
    assert understudy.ready, "it was asked nothing, so the first thing that it says is that it is ready"
    pid = understudy.step_in()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    understudy.dismiss()


def test_one_that_cannot_prepare_ends_and_never_steps_in(stage: Stage) -> None:
    understudy = stage.understudy("cannot")
    understudy.prepare()
    assert understudy._process is not None
    assert understudy._process.wait(10) == 2

    assert (understudy.step_in(), understudy.there) == (None, False)


def test_one_that_dies_while_it_forks_leaves_no_engine_that_nobody_knows(stage: Stage) -> None:
    understudy = ready(stage.understudy("dies forking"))
    assert understudy._socket is not None
    understudy._socket.sendall(b"go on\n")
    assert select.select([understudy._socket], [], [], 10)[0], "somebody still holds the far end"
    assert understudy._socket.recv(100) == b"", "nobody does: the engine that was just forked is gone, too"
    assert not stage.said_anything()

    assert (understudy.step_in(), understudy.there) == (None, False)
