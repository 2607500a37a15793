"""``showctl doctor`` names what is wrong, why it matters and what mends it; and who holds a port."""

import json
import os
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import fitness, main
from showctl.cli.fitness import UDP, Finding, network, ports
from showctl.cli.holders import holders
from showctl.showfile import load
from tests.cli.shows import SMALL


def doctor(*words: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *words])


def test_a_port_is_held_by_somebody_with_a_name() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mine:
        mine.bind(("127.0.0.1", 0))
        port = mine.getsockname()[1]
        (holder,) = holders(UDP, port)
        (finding,) = ports([("test", UDP, port, "say another")])

    assert f"(pid {os.getpid()}) at 127.0.0.1" in holder
    assert (finding.state, finding.hint, finding.command) == ("note", "say another", f"kill {os.getpid()}")
    (free,) = ports([("test", UDP, port, "say another")])
    assert (free.state, free.words, free.command) == ("ok", "free", "")


def test_sockets_are_read_from_the_kernels_tables_v6_too(tmp_path: Path) -> None:
    proc = tmp_path
    (proc / "net").mkdir()
    head = "  sl  local_address rem_address   st tx rx tr tm retr uid timeout inode\n"
    row = "   0: {} 00000000:0000 {} 0:0 0:0 0 0 0 {} 2\n"
    (proc / "net" / "tcp").write_text(head + row.format("0100007F:1F90", "0A", 77) + row.format("0100007F:1F90", "01", 78))
    (proc / "net" / "tcp6").write_text(head + row.format("00000000000000000000000001000000:1F90", "0A", 79))
    (proc / "1234" / "fd").mkdir(parents=True)
    (proc / "1234" / "fd" / "3").symlink_to("socket:[77]")
    (proc / "1234" / "comm").write_text("olad\n")
    (proc / "1234" / "cmdline").write_bytes(b"/usr/bin/olad\0-f\0")

    assert holders(socket.SOCK_STREAM, 8080, proc) == ["olad (pid 1234) at 127.0.0.1", "somebody at ::1"]
    assert holders(socket.SOCK_STREAM, 8081, proc) == []


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kernel whose settings the test writes."""
    monkeypatch.setattr(fitness, "SYSCTL", tmp_path)
    for folder in ("net/core", "net/ipv4/neigh/default"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "net/core/rmem_max").write_text("212992\n")
    (tmp_path / "net/core/wmem_max").write_text("8388608\n")
    (tmp_path / "net/ipv4/neigh/default/gc_thresh3").write_text("512\n")
    (tmp_path / "net/ipv4/igmp_max_memberships").write_text("20\n")
    return tmp_path


def test_what_is_too_small_comes_with_the_command_that_mends_it(kernel: Path) -> None:
    loaded = load(SMALL)
    found = {finding.name: finding for finding in network(show=loaded.show)}

    small, large = found["socket buffers (rmem_max)"], found["socket buffers (wmem_max)"]
    assert (small.state, small.words, small.command) == ("note", "208 KiB", "sudo sysctl -w net.core.rmem_max=4194304")
    assert (large.state, large.command) == ("ok", "")
    table = found["neighbour table (gc_thresh3)"]
    assert (table.state, table.command) == ("note", "sudo sysctl -w net.ipv4.neigh.default.gc_thresh3=4096")
    assert found["multicast memberships"].words == "20 to a socket, 0 groups in this show"
    assert all(finding.why for finding in found.values() if finding.state != "ok" and finding.name != "network")


def test_settings_that_cannot_be_read_are_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitness, "SYSCTL", tmp_path / "nothing")

    found = [finding for finding in network() if finding.name != "network"]

    assert {(finding.state, finding.words) for finding in found} == {("ok", "the system does not say")}


def test_an_interface_that_is_not_there_is_bad_and_exit_1() -> None:
    result = doctor("--interface", "eth77", "--json")

    found = {item["name"]: item for item in json.loads(result.stdout)["findings"]}
    assert (result.exit_code, found["interface eth77"]["state"]) == (1, "bad")
    assert "there are " in found["interface eth77"]["hint"]


def test_loopback_is_an_interface_and_needs_no_route() -> None:
    names = [finding.name for finding in network("127.0.0.1")]

    assert "interface 127.0.0.1" in names
    assert "multicast route" not in names


def test_a_clock_that_nothing_keeps_right_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said: dict[bool | None, Finding] = {}
    for answer in (True, False, None):
        monkeypatch.setattr(fitness, "_synchronised", lambda answer=answer: answer)
        said[answer] = next(finding for finding in fitness.machine() if finding.name == "clock synchronisation")

    assert [said[answer].state for answer in (True, False, None)] == ["ok", "note", "note"]
    assert said[False].command == "sudo timedatectl set-ntp true"


def test_words_for_people_have_why_and_mend(kernel: Path) -> None:
    result = doctor()

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("note  socket buffers (rmem_max): 208 KiB"))
    assert lines[at + 1].startswith("      why: what is received in one go waits there")
    assert lines[at + 3] == "      mend: sudo sysctl -w net.core.rmem_max=4194304"


def test_a_show_that_cannot_be_read_is_usage(tmp_path: Path) -> None:
    assert doctor("--show", str(tmp_path)).exit_code == 2
    assert doctor("--show", str(tmp_path / "none")).exit_code == 2
