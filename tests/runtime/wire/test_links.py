"""The rig's interface vanishes, returns, changes its address, and another network appears: in a network namespace."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.serial, pytest.mark.netns, pytest.mark.referee("ip", "unshare")]
EVERYBODY = {"239.255.0.1", "10.77.0.9", "239.255.0.3", "ff18::83:0:0:3", "10.77.0.255"}
"""sACN by multicast, unicast, and IPv6; Art-Net by unicast and broadcast."""


@cache
def seen() -> dict[str, Any]:
    """What arrived where, and when (``in_namespace_links``)."""
    with TemporaryDirectory(prefix="showctl-links-") as scratch:
        argv = ["unshare", "-n", sys.executable, "-m", "tests.runtime.wire.in_namespace_links", scratch]
        ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stderr[-4000:]
        found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return found


@pytest.mark.parametrize(
    "when", ["it comes", "switched on again", "cable back", "card back", "another address", "beside the office"]
)
def test_everybody_is_sent_to_again_within_half_a_second(when: str, capsys: pytest.CaptureFixture[str]) -> None:
    again = seen()[when]
    with capsys.disabled():
        print(f"\n  {when}: after {max(again.values(), default=0):.0f} ms", end="")  # noqa: T201

    assert set(again) >= EVERYBODY, seen()["log"]
    assert max(again[to] for to in EVERYBODY) < 500


def test_nothing_is_ever_seen_in_the_office_though_every_route_leads_there() -> None:
    assert seen()["in the office"] == []


def test_after_a_change_of_address_we_speak_from_the_new_one() -> None:
    assert seen()["from"] == ["10.77.0.2"]


def test_a_link_that_is_down_is_told_and_said_also_where_there_never_was_one() -> None:
    assert seen()["started without"]
    assert seen()["link down is told"]
    assert "The interface rig0 is not there: nothing is sent until it is." in seen()["log"]


def test_a_visualiser_on_this_machine_hears_us_though_nobody_did_before() -> None:
    assert "Somebody else on this machine listens to what we multicast: it is brought back from now on." in seen()["log"]
    assert seen()["a visualiser here hears"].endswith("(showctl)")


def test_after_all_that_rivals_are_still_heard() -> None:
    assert seen()["rivals"] == ["rival"]
