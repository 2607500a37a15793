"""Who can reach a console: by itself only this machine; others where people have PINs, and never by accident."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main
from showctl.cli.run import run as run_command
from showctl.console.server import Console
from showctl.runtime.people import People
from tests.cli.shows import SMALL
from tests.console.stage import LittleStage


def run(host: str, state: Path) -> Result:
    return CliRunner().invoke(
        main, ["run", str(SMALL), "--port", "0", "--host", host, "--state", str(state), "--broker", "nobody"]
    )


def test_the_default_bind_is_loopback() -> None:
    (host,) = (option.default for option in run_command.params if option.name == "host")

    assert host == "127.0.0.1"
    assert Console(LittleStage().desk)._host == "127.0.0.1"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_wider_bind_without_a_pin_is_refused_with_the_reason_and_the_way_out(host: str, tmp_path: Path) -> None:
    result = run(host, tmp_path / "state")

    assert result.exit_code == 2
    assert result.stderr == (
        f"showctl: --host {host} lets others reach the console, and nobody has a PIN: anybody could press GO. "
        f"First: showctl people add NAME --role operator --state {tmp_path / 'state'}\n"
    )


def test_a_wider_bind_is_not_refused_once_somebody_has_a_pin(tmp_path: Path) -> None:
    People(tmp_path).add("Mei", "operator", "4-7-1-1")

    assert run("0.0.0.0", tmp_path).stderr.startswith("showctl: --broker nobody: write it as HOST:PORT"), "that comes after it"


def test_a_wider_bind_is_refused_where_the_file_of_people_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "people.json").write_text("{")
    result = run("0.0.0.0", tmp_path)

    assert (result.exit_code, "people.json" in result.stderr) == (2, True), result.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.7.7.7"])
def test_loopback_asks_for_no_pin(host: str, tmp_path: Path) -> None:
    assert run(host, tmp_path).stderr.startswith("showctl: --broker nobody")


def test_a_name_that_only_looks_like_loopback_is_none(tmp_path: Path) -> None:
    assert run("127.0.0.1.example.invalid", tmp_path).stderr == (
        "showctl: --host 127.0.0.1.example.invalid is no address of this machine\n"
    )
