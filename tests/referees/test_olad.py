"""olad as referee: a lighting server that nobody here wrote reads our sACN and Art-Net, and the simulated node reads its sACN."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.serial,
    pytest.mark.netns,
    pytest.mark.referee("olad", "ola_patch", "ola_dev_info", "ola_set_dmx", "curl", "ip", "nsenter", "runuser"),
]


@cache
def two_machines() -> dict[str, Any]:
    """What each made of the other's packets (``in_namespace_olad``)."""
    with TemporaryDirectory(prefix="showctl-olad-", ignore_cleanup_errors=True) as scratch:
        argv = ["unshare", "-n", sys.executable, "-m", "tests.referees.in_namespace_olad", scratch]
        ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
        assert ran.returncode == 0, ran.stderr[-4000:]
        found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return found


def slots(**at: int) -> list[int]:
    """512 slots, dark but for those named ``s1=255``."""
    found = [0] * 512
    for name, value in at.items():
        found[int(name[1:]) - 1] = value
    return found


def test_olad_shows_the_slots_of_our_multicast_sacn() -> None:
    assert two_machines()["ours"]["slots"]["1"] == slots(s1=255, s2=0x80, s3=0x00, s512=51)


def test_olad_shows_the_slots_of_our_unicast_sacn() -> None:
    assert two_machines()["ours"]["slots"]["2"] == slots(s10=102)


def test_olad_answers_our_poll_and_shows_the_slots_of_the_art_net_that_follows() -> None:
    ours = two_machines()["ours"]

    assert ours["nodes"] == ["10.77.0.2"]
    assert ours["slots"]["3"] == slots(s1=153, s511=255, s512=255)


def test_four_slots_of_olad_are_read_by_the_simulated_node() -> None:
    theirs = two_machines()["theirs"]

    assert theirs["sizes"][0] == 130, "E1.31 with four slots and a start code"
    assert theirs["slots"][:6] == [1, 2, 3, 255, 0, 0]
    assert len(theirs["sources"]) == 1


def test_four_slots_of_olad_are_read_by_our_receiver_and_the_rest_is_nobody_s() -> None:
    receiver = two_machines()["theirs"]["receiver"]

    assert (receiver["slots"][:5], receiver["claimed"], receiver["slot_count"]) == ([1, 2, 3, 255, 0], 4, 4)
    assert (receiver["address"], bool(receiver["name"])) == ("10.77.0.2", True)


def test_olad_polls_us_as_a_node_and_its_art_net_is_read() -> None:
    art_net = two_machines()["art_net"]

    assert art_net["polls"] > 0
    assert art_net["slots"] == [5, 6, 7, 0, 0]
    assert art_net["sources"] == ["10.77.0.2"]
