"""The supervisor with real processes: it restarts what dies, shields both from the terminal, and alone ends the wire."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.test_prompt import may_be_in_real_time

pytestmark = pytest.mark.serial
ROOT = Path(__file__).parents[2]

CHILD = """
import os, signal, socket, sys
name, folder, code = sys.argv[1], sys.argv[2], int(sys.argv[3])
said = os.open(folder + "/said", os.O_WRONLY | os.O_APPEND)
say = lambda words: os.write(said, f"{name} {words}\\n".encode())
def end(number, _):
    say("ends by " + signal.Signals(number).name)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
if name == "wire":
    door = socket.socket(socket.AF_UNIX)
    if os.path.exists(folder + "/socket"):
        os.unlink(folder + "/socket")
    door.bind(folder + "/socket")
    door.listen()
say(f"starts {os.getpid()}")
if code >= 0:
    sys.exit(code)
signal.pause()
"""
SUPERVISOR = """
import sys
from pathlib import Path
from showctl.runtime.supervisor import supervise
assert "numpy" not in sys.modules
folder, code, wings, pages = sys.argv[1:5]
child = [sys.executable, "-c", open(folder + "/child.py").read()]
engine, wire = [*child, "engine", folder, code], [*child, "wire", folder, "-1"]
understudy = [sys.executable, "-c", open(folder + "/wings.py").read(), "engine", folder, code, wings] if wings else None
front = [*child, "console", folder, pages] if pages else None
sys.exit(supervise(engine, wire, Path(folder) / "socket", understudy, front))
"""
WINGS = """
import os, sys
from showctl.runtime.understudy import stand_by
def prepare():
    said = os.open(sys.argv[2] + "/said", os.O_WRONLY | os.O_APPEND)
    os.write(said, f"understudy prepares {os.getpid()}\\n".encode())
    os.close(said)
    if sys.argv[4] == "cannot":
        sys.exit(2)
stand_by(prepare, 1000)
exec(open(sys.argv[2] + "/child.py").read())
"""


class Run:
    """A supervisor and what its children say, in the order in which they say it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pids: list[int] = []
        self._handles: list[int] = []
        (folder / "child.py").write_text(CHILD)
        (folder / "wings.py").write_text(WINGS)
        os.mkfifo(folder / "said")
        self._said = os.open(folder / "said", os.O_RDWR)
        self._pending = b""
        self.supervisors: list[subprocess.Popen[bytes]] = []

    def start(self, code: int = -1, wings: str = "", pages: str = "") -> subprocess.Popen[bytes]:
        """``wings``: what the understudy can, ``pages``: how the console ends (-1: not); "" where there is none."""
        argv = [sys.executable, "-c", SUPERVISOR, str(self.folder), str(code), wings, pages]
        self.supervisors.append(subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.PIPE, start_new_session=True))
        return self.supervisors[-1]

    def hear(self) -> str:
        """The next line; pids are kept and not told."""
        while b"\n" not in self._pending:
            assert select.select([self._said], [], [], 10)[0], "nobody said anything for ten seconds"
            self._pending += os.read(self._said, 4096)
        line, self._pending = self._pending.split(b"\n", 1)
        words = line.decode().split()
        if words[1] in ("starts", "prepares"):
            self.pids.append(int(words.pop()))
            with contextlib.suppress(ProcessLookupError):  # it may be gone already
                self._handles.append(os.pidfd_open(self.pids[-1]))
        return " ".join(words)

    def one_ends(self) -> bool:
        """Whether one of those that started ends within ten seconds."""
        return len(self._handles) < len(self.pids) or bool(select.select(self._handles, [], [], 10)[0])

    def close(self) -> None:
        for supervisor in self.supervisors:
            supervisor.kill()
        while b"\n" in self._pending or select.select([self._said], [], [], 0)[0]:
            self.hear()
        for handle in self._handles:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)
        for supervisor in self.supervisors:
            supervisor.communicate()
        os.close(self._said)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    made = Run(tmp_path)
    yield made
    made.close()


def up(run: Run) -> subprocess.Popen[bytes]:
    supervisor = run.start()
    assert {run.hear(), run.hear()} == {"wire starts", "engine starts"}
    return supervisor


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_whole_process_group_ends_both_in_good_order(run: Run, number: signal.Signals) -> None:
    supervisor = up(run)
    os.killpg(supervisor.pid, number)  # as a terminal does

    assert {run.hear(), run.hear()} == {"wire ends by SIGTERM", "engine ends by SIGTERM"}
    assert supervisor.wait(10) == 0


def test_a_killed_engine_is_started_again_and_the_wire_is_not_touched(run: Run) -> None:
    supervisor = up(run)
    wire, engine = sorted(run.pids, key=lambda pid: Path(f"/proc/{pid}/cmdline").read_bytes().find(b"wire\0"), reverse=True)
    os.kill(engine, signal.SIGKILL)

    assert run.hear() == "engine starts"
    assert os.getpgid(wire) == wire  # a session of its own
    supervisor.terminate()
    assert {run.hear(), run.hear()} == {"wire ends by SIGTERM", "engine ends by SIGTERM"}
    assert supervisor.wait(10) == 0


def test_a_killed_wire_is_started_again(run: Run) -> None:
    up(run)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(run.folder / "socket"))
        wire = int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], sys.byteorder)
    os.kill(wire, signal.SIGKILL)

    assert run.hear() == "wire starts"


def test_a_killed_supervisor_takes_nothing_with_it_and_the_next_one_adopts_the_wire(run: Run) -> None:
    supervisor = up(run)
    supervisor.kill()
    supervisor.wait()
    for pid in run.pids:
        os.kill(pid, 0)  # both live

    following = run.start()
    assert run.hear() == "engine starts"
    following.terminate()
    assert {run.hear(), run.hear()} == {"wire ends by SIGTERM", "engine ends by SIGTERM"}
    assert following.wait(10) == 0


def test_a_killed_console_is_started_again_and_the_show_is_not_touched(run: Run) -> None:
    supervisor = run.start(pages="-1")
    assert {run.hear(), run.hear(), run.hear()} == {"wire starts", "engine starts", "console starts"}
    console = next(pid for pid in run.pids if b"\0console\0" in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(console, signal.SIGKILL)

    assert run.hear() == "console starts"
    supervisor.terminate()
    assert {run.hear(), run.hear(), run.hear()} == {f"{name} ends by SIGTERM" for name in ("wire", "engine", "console")}
    assert supervisor.wait(10) == 0


def test_a_console_that_never_can_is_done_without(run: Run) -> None:
    supervisor = run.start(pages="2")
    assert {run.hear(), run.hear(), run.hear()} == {"wire starts", "engine starts", "console starts"}
    assert run.one_ends()
    supervisor.terminate()
    assert {run.hear(), run.hear()} == {"wire ends by SIGTERM", "engine ends by SIGTERM"}
    assert supervisor.wait(10) == 0


@pytest.mark.parametrize("code", [0, 2])
def test_an_engine_that_is_done_or_never_can_ends_the_run_with_its_code(run: Run, code: int) -> None:
    supervisor = run.start(code)

    assert supervisor.wait(10) == code
    said = run.hear()
    while said.startswith("wire"):  # it may have been ended before it could say a word
        said = run.hear()
    assert said == "engine starts"


def test_an_engine_that_never_comes_up_is_given_up(run: Run) -> None:
    supervisor = run.start(1)

    assert supervisor.wait(20) == 1
    assert supervisor.stderr is not None
    assert b"The engine has not come up in 5 starts; giving up." in supervisor.stderr.read()


def up_by_fork(run: Run) -> tuple[int, int]:
    """A supervisor whose engine its understudy has made; the process ids of these two."""
    supervisor = run.start(wings="can")
    said: dict[str, int] = {}
    while "engine starts" not in said:
        words = run.hear()
        said[words] = run.pids[-1]
    assert list(said).index("understudy prepares") < list(said).index("engine starts")
    if "wire starts" not in said:
        assert run.hear() == "wire starts"
    while not watched(supervisor.pid, said["engine starts"]):
        assert supervisor.poll() is None
    return said["engine starts"], said["understudy prepares"]


def watched(supervisor: int, pid: int) -> bool:
    """Whether the supervisor holds a descriptor of this process: it knows whom it keeps."""
    with contextlib.suppress(FileNotFoundError):
        return any(f"Pid:\t{pid}\n" in info.read_text() for info in Path(f"/proc/{supervisor}/fdinfo").iterdir())
    return False


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def test_every_engine_is_made_by_the_understudy_the_first_one_too(run: Run) -> None:
    engine, understudy = up_by_fork(run)
    for _ in range(2):  # the very first moment at which it may die is one at which somebody stands by
        assert parent(engine) == understudy
        os.kill(engine, signal.SIGKILL)
        assert run.hear() == "engine starts", "and nobody prepares once more"
        engine = run.pids[-1]


@pytest.mark.skipif(not may_be_in_real_time(), reason="this system permits no real-time priority")
def test_who_notices_that_one_died_goes_before_ordinary_programs_and_what_it_starts_does_not(run: Run) -> None:
    supervisor = up(run)
    policies = [os.sched_getscheduler(pid) & ~os.SCHED_RESET_ON_FORK for pid in (supervisor.pid, *run.pids)]
    assert policies == [os.SCHED_RR, os.SCHED_OTHER, os.SCHED_OTHER]


def test_an_understudy_that_dies_is_replaced_while_its_engine_goes_on(run: Run) -> None:
    engine, understudy = up_by_fork(run)
    os.kill(understudy, signal.SIGKILL)
    assert run.hear() == "understudy prepares"
    understudy = run.pids[-1]

    os.kill(engine, signal.SIGKILL)
    assert run.hear() == "engine starts"
    assert parent(run.pids[-1]) == understudy


def test_an_engine_starts_without_an_understudy_that_cannot_prepare(run: Run) -> None:
    supervisor = run.start(wings="cannot")
    said = {run.hear() for _ in range(3)}

    assert said == {"wire starts", "understudy prepares", "engine starts"}
    assert parent(run.pids[-1]) == supervisor.pid


def test_the_end_may_be_asked_for_while_the_understudy_prepares(run: Run) -> None:
    (run.folder / "wings.py").write_text("import signal; signal.pause()")
    supervisor = run.start(wings="can")
    assert run.hear() == "wire starts"
    supervisor.terminate()

    assert run.hear() == "wire ends by SIGTERM"
    assert supervisor.wait(10) == 0
