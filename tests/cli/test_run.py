"""Whole runs in processes of their own: they come up, answer, outlive their engine, end in order, and leave nobody behind."""

import contextlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from showctl.cli import running
from showctl.cli.demo import OWNER, SHOW, bundled_show, own_copy
from showctl.cli.house import console_port, free_port
from showctl.runtime.wire.client import ask as ask_wire
from tests.cli.shows import SMALL

pytestmark = [pytest.mark.serial, pytest.mark.slow]


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry, a temporary folder and a state folder of this test's own."""
    for name in ("XDG_RUNTIME_DIR", "TMPDIR", "XDG_STATE_HOME"):
        (tmp_path / name.lower()).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


def until(true: Callable[[], Any], seconds: float = 20.0, why: str = "") -> Any:
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, f"it has not come true within {seconds:g} s: {why}"
        time.sleep(0.05)
    return found


def family(mark: str) -> list[str]:
    """The command lines of every process that was given ``mark`` (a folder of the test)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if mark in words and int(path.parent.name) != os.getpid():
                found.append(words)
    return found


@contextlib.contextmanager
def showctl(*words: str | Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "showctl.cli", *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        process.communicate()


def run_small(tmp_path: Path, port: int) -> list[str | Path]:
    udp = socket.SOCK_DGRAM
    show = own_copy(SMALL, tmp_path / "show")
    ports = ["--sacn-port", str(free_port(udp)), "--artnet-port", str(free_port(udp)), "--osc-port", str(free_port(udp))]
    return ["run", show, "--simulate", "--leashed", "--port", str(port), "--state", tmp_path / "state", *ports]


def ask(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "showctl.cli", *words], capture_output=True, text=True, timeout=20)


def well(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=2) as answer:
        status = json.load(answer)
        return bool(status["wire"]["connected"] and all(d["health"] == "ok" or d.get("silent") for d in status["devices"]))
    return False


def test_a_run_is_reloaded_survives_its_engine_and_ends_in_order(tmp_path: Path) -> None:
    port = console_port()
    with showctl(*run_small(tmp_path, port)) as run:
        until(lambda: well(port))
        assert ask(["go"]).stdout.startswith("GO\nstarted main/1")
        patch = tmp_path / "show" / "patch.yaml"
        older = patch.read_text()

        patch.write_text(older.replace("sacn/1.101", "sacn/1.201"))
        refused = ask(["reload"])
        assert (refused.returncode, refused.stderr) == (
            1,
            "showctl: nobody is there to ask: say --yes, or --dry-run to only look\n",
        )
        done = ask(["reload", "--yes"])
        assert done.stdout == "patch\n  head_1 address: sacn/1.101 -> sacn/1.201\ndone: the show runs as it was saved\n"
        until(lambda: well(port), why="the wire takes on the patch")
        patch.write_text("types: [")  # somebody is in the middle of an edit
        broken = ask(["reload", "--yes"])
        assert (broken.returncode, "patch.yaml:" in broken.stderr) == (1, True)

        (before,) = running.running_shows()
        os.kill(before.pid, signal.SIGKILL)
        until(lambda: [item.pid for item in running.running_shows()] not in ([], [before.pid]))
        until(lambda: well(port))
        status = json.loads(ask(["status", "--json"]).stdout)
        assert (status["lists"][0]["last"], status["lists"][0]["standby"]) == ("1", "2"), "it goes on where it was"
        assert status["wire"]["missed"] == 0

        run.terminate()
        said, _ = run.communicate(timeout=20)
        assert run.returncode == 0, said
    assert running.running_shows() == []
    assert family(str(tmp_path)) == []
    assert "main/1 Rest started" in ask(["log", str(sorted((tmp_path / "state").glob("journal-*"))[0])]).stdout
    again = ask(["replay", str(tmp_path / "state")])
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "The replay is the run.")


def test_a_second_run_is_refused_and_one_after_a_kill_takes_over_light_and_cues(tmp_path: Path) -> None:
    port, wire = console_port(), tmp_path / "state" / "wire.sock"
    words = [word for word in run_small(tmp_path, port) if word != "--leashed"]
    with showctl(*words) as first:
        until(lambda: well(port))
        assert ask(["go"]).returncode == 0
        (before,) = running.running_shows()
        sent = ask_wire(wire).counts.frames

        second = ask([*map(str, words), "--port", str(console_port())])
        assert second.returncode == 2
        assert second.stderr.startswith(f"showctl: show: it runs already, in process {first.pid}; `showctl status` says how")

        first.kill()
        first.wait()
        with showctl(*words) as third:
            wait_for_line(third, f"the run of its engine (process {before.pid}) is taken up")
            until(lambda: well(port), why="it answers where it did")
            (after,) = running.running_shows()
            status = json.loads(ask(["status", "--json"]).stdout)
            assert (after.pid != before.pid, status["lists"][0]["last"]) == (True, "1"), "cues go on, with another engine"
            assert status["wire"]["frames"] > sent, "the same wire"
            assert status["wire"]["missed"] == 0
    assert family(str(tmp_path)) == []


def test_panic_reaches_the_light_past_an_engine_that_hangs_and_is_in_force_when_it_is_back(tmp_path: Path) -> None:
    port = console_port()
    with showctl(*run_small(tmp_path, port)):
        until(lambda: well(port))
        assert ask(["go"]).returncode == 0
        (show,) = running.running_shows()
        os.kill(show.pid, signal.SIGSTOP)
        try:
            door = urllib.request.Request(f"http://127.0.0.1:{port + 1}/panic", b"", {"Origin": f"http://127.0.0.1:{port}"})
            with urllib.request.urlopen(door, timeout=5) as answer:
                assert answer.read() == b"the light goes to the safe look"
            until(lambda: ask_wire(Path(show.state) / "wire.sock").counts.standing_in, why="the wire stands in")
        finally:
            os.kill(show.pid, signal.SIGCONT)
        until(lambda: '"latched": "panic"' in ask(["status", "--json"]).stdout, why="the engine joins")
        until(lambda: not ask_wire(Path(show.state) / "wire.sock").counts.standing_in, why="the safe look is the engine's")
        assert ask(["rearm"]).returncode == 0


def test_a_port_that_is_taken_is_exit_2_with_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = ask(["run", str(SMALL), "--port", str(port), "--state", str(tmp_path / "state")])

    assert result.returncode == 2
    assert re.fullmatch(
        rf"showctl: the console cannot listen at 127.0.0.1:{port} \(Address already in use: \S+ \(pid {os.getpid()}\) "
        r"at 127.0.0.1\): give another --port\n",
        result.stderr,
    )


def test_a_venue_does_not_take_the_port_of_panic(tmp_path: Path) -> None:
    ports = ["--port", "18800", "--venue-port", "18801"]
    result = ask(["run", str(SMALL), "--simulate", *ports, "--state", str(tmp_path / "state")])

    assert result.returncode == 2
    assert result.stderr == "showctl: --venue-port 18801 is the console's: it has 18800, and 18801 for panic\n"


@pytest.mark.parametrize("option", ["--host", "--interface"])
def test_an_address_that_is_not_ours_is_exit_2_with_a_sentence(option: str, tmp_path: Path) -> None:
    result = ask(["run", str(SMALL), "--port", "0", option, "203.0.113.9", "--state", str(tmp_path / "state")])

    assert result.returncode == 2
    assert result.stderr.startswith(f"showctl: {option} 203.0.113.9 is no address of this machine")


def wait_for_line(process: subprocess.Popen[str], words: str, seconds: float = 60.0) -> str:
    assert process.stdout is not None
    end, said = time.monotonic() + seconds, ""
    while words not in said:
        ready, _, _ = select.select([process.stdout], [], [], max(end - time.monotonic(), 0))
        assert ready, f"{words!r} has not been said within {seconds:g} s: {said}"
        piece = os.read(process.stdout.fileno(), 4096).decode()
        assert piece, f"it ended: {said}"
        said += piece
    return said


@pytest.mark.referee("mosquitto")
def test_a_demo_comes_up_flies_by_itself_and_ends_by_itself(tmp_path: Path) -> None:
    with showctl("demo", "--port", "0", "--autopilot", "--seconds", "4") as demo:
        said = wait_for_line(demo, "ctrl-C ends it")
        url = re.search(r"Console +(\S+)", said)
        assert url is not None
        with urllib.request.urlopen(f"{url[1]}/api/status", timeout=3) as answer:
            status = json.load(answer)
        assert status["show"].startswith("Dream of the Future")
        assert {device["health"] for device in status["devices"] if not device.get("silent")} == {"ok"}, said
        rest, _ = demo.communicate(timeout=60)
        assert demo.returncode == 0, rest
        assert "  set ai answers" in said + rest
    assert family(str(tmp_path)) == []
    assert list((tmp_path / "tmpdir").iterdir()) == []


def test_demos_share_a_machine_each_is_ended_by_its_terminal_and_one_that_is_killed_leaves_no_orphan(tmp_path: Path) -> None:
    words = ("demo", "--port", "0", "--folder", SMALL)
    with showctl(*words) as one, showctl(*words) as other, showctl(*words) as third:
        for demo in (one, other, third):
            assert "Not everything is well" not in wait_for_line(demo, "ctrl-C ends it")
        assert len(running.running_shows()) == 3
        assert ask(["go"]).returncode == 2, "which of them?"

        third.kill()
        for demo, number in ((one, signal.SIGINT), (other, signal.SIGHUP)):
            os.killpg(demo.pid, number)
        for demo in (one, other):
            rest, _ = demo.communicate(timeout=30)
            assert (demo.returncode, "Ending: the light goes to its exit look." in rest) == (0, True), rest
        third.wait()

    until(lambda: family(str(tmp_path)) == [], 20, "orphans remain")
    (left,) = (tmp_path / "tmpdir").iterdir()
    assert (left / OWNER).is_file(), "the next demo sweeps it up"


def test_a_copy_has_addresses_of_its_own_and_keeps_who_may_come_in(tmp_path: Path) -> None:
    copy = own_copy(bundled_show(), tmp_path / SHOW)
    words = "".join(path.read_text(encoding="utf-8") for path in copy.rglob("*.yaml"))

    assert not re.search(r"127\.0\.[1-9]", words)
    assert "236.10.10.10" not in words
    assert "127.0.0.0/8" in words or "inbound" not in words
