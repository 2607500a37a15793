"""Wrong input and what was left behind: one clear sentence each, with the way out, and nothing said twice."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from showctl.cli import main, running
from showctl.cli.client import state_folder
from showctl.cli.demo import OWNER, PREFIX, sweep
from showctl.cli.house import console_port, state_of, wait_until_answers
from tests.cli.shows import copy_of_small

PROBLEM = "lists/main.yaml:9:11: error BAD_TIME soon is not a time\n    times are 4, 4s, 0.5s, 250ms, 1:30, 2min, 3m12s\n"


def broken(tmp_path: Path) -> Path:
    folder = copy_of_small(tmp_path / "show")
    path = folder / "lists" / "main.yaml"
    path.write_text(path.read_text().replace("time: 2s", "time: soon", 1))
    return folder


def showctl(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "showctl.cli", *map(str, words)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=cwd)


@pytest.mark.serial
def test_a_broken_show_is_not_run_and_each_problem_is_said_once_with_its_hint(tmp_path: Path) -> None:
    folder = broken(tmp_path)

    done = showctl("run", folder, "--port", "0", "--state", tmp_path / "state")

    assert done.returncode == 2
    assert done.stderr == f"showctl: {folder.resolve()} cannot be run:\n{PROBLEM}"


def test_a_broken_show_is_not_simulated_either(tmp_path: Path) -> None:
    done = showctl("simulate", broken(tmp_path))

    assert (done.returncode, done.stderr) == (2, PROBLEM)


def test_the_help_of_simulate_is_that_of_showctl() -> None:
    assert showctl("simulate", "-h").stdout.startswith("Usage: showctl simulate [OPTIONS] FOLDER")


def test_a_command_that_is_misspelt_is_answered_with_the_one_that_was_meant() -> None:
    said = CliRunner().invoke(main, ["stauts"])
    assert (said.exit_code, said.stderr.splitlines()[-1]) == (2, "Error: there is no command 'stauts': did you mean status?")
    assert CliRunner().invoke(main, ["frobnicate"]).stderr.endswith("'frobnicate': showctl -h lists them\n")


def test_a_broken_show_is_no_demo_and_its_problems_are_all_that_is_said(tmp_path: Path) -> None:
    folder = broken(tmp_path)
    said = CliRunner().invoke(main, ["demo", "--folder", str(folder)])
    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr == f"{folder}/{PROBLEM}showctl: {folder} cannot be read\n"


def test_a_console_that_asks_for_a_login_answers_and_one_without_a_show_does_not() -> None:
    codes = [503, 401, 200]

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(codes.pop(0))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            assert wait_until_answers(f"http://127.0.0.1:{server.server_port}/", 10)
        finally:
            server.shutdown()
            thread.join()
    assert codes == [200]


@pytest.mark.serial
def test_ctrl_c_ends_rehearsals_at_once_those_that_wait_as_well(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show")
    for name in ("a", "b", "c"):
        (folder / "rehearsals" / f"{name}.yaml").write_text(
            f"rehearsal: {name}\nrepeat: 1000\nlength: 1h\ndo: [{{auto: main}}]\n"
        )
    argv = [sys.executable, "-m", "showctl.cli", "rehearse", str(folder)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    end = time.monotonic() + 30
    while len(children.read_text().split()) < 2:
        assert time.monotonic() < end, "rehearsals have not begun within 30 s"
        time.sleep(0.05)

    os.killpg(process.pid, signal.SIGINT)

    assert process.communicate(timeout=10)[0] == ""
    assert process.returncode == 130
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_where_no_show_runs_the_journals_of_runs_that_are_over_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    folder = copy_of_small(tmp_path / "show")
    nothing = "showctl: no show is running here: start one with `showctl run SHOW` or `showctl demo`"
    assert CliRunner().invoke(main, ["log"]).stderr == f"{nothing}\n"

    state = state_of(folder)
    for name in ("older-1234", state.name):
        (state.parent / name).mkdir(parents=True)
        (state.parent / name / f"journal-{name}.db").touch()
    said = CliRunner().invoke(main, ["journal", "list"])
    assert said.exit_code == 3
    assert said.stderr == (
        f"{nothing}; of runs that are over, name the state folder:\n  {state}\n  {state.parent / 'older-1234'}\n"
    )

    monkeypatch.chdir(folder)
    assert state_folder("") == state, "the show in this folder is the one that is meant"


def test_a_terminal_that_knows_no_chinese_is_told_the_letters_by_number(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show", ("show.yaml", "show: Small", "show: 小"))
    argv = [sys.executable, "-m", "showctl.cli", "show", str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, env=os.environ | {"PYTHONIOENCODING": "cp1252"})
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, r"\u5c0f")


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Li", "-c", "user.email=li@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def test_a_diff_of_one_show_is_with_its_last_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copy_of_small(tmp_path / "show")
    monkeypatch.chdir(tmp_path)
    alone = CliRunner().invoke(main, ["diff", str(folder)])
    assert alone.exit_code == 2
    assert alone.stderr.endswith(": say showctl diff OLD NEW, with two show folders\n")

    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "As it opened")
    path = folder / "lists" / "main.yaml"
    path.write_text(path.read_text().replace("time: 2s", "time: 9s", 1))
    seen = CliRunner().invoke(main, ["diff", str(folder)])
    assert (seen.exit_code, "    pars (intensity, color) time: 2 s -> 9 s" in seen.output) == (1, True)


def test_the_next_demo_sweeps_up_after_one_that_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folders = {name: tmp_path / f"{PREFIX}{name}" for name in ("dead", "alive", "strange")}
    for folder in folders.values():
        (folder / "state").mkdir(parents=True)
        (folder / "state" / "engine.lock").touch()
    (folders["dead"] / OWNER).write_text(f"{os.getpid()} 1")  # the number is ours now; it was another process's
    (folders["alive"] / OWNER).write_text(f"{os.getpid()} {running.born(os.getpid())}")

    sweep()

    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{PREFIX}alive", f"{PREFIX}strange"]


def test_a_port_for_the_console_has_a_free_one_beside_it_for_panic(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = iter([25_000, 25_001, 25_002, *range(25_100, 25_200, 2)])
    monkeypatch.setattr("random.randrange", lambda *_: next(tried))
    with contextlib.ExitStack() as stack:
        for port in (25_001, 25_003):  # so neither 25,000 nor the two after it will do
            with contextlib.suppress(OSError):  # somebody has it: as good
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))

        assert console_port() >= 25_100
