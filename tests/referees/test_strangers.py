"""Strangers as referees: any desk can drive the simulated venue, and the right lights and devices answer. No controller runs."""

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
    pytest.mark.referee(
        *("olad", "ola_patch", "ola_dev_info", "ola_set_dmx", "oscsend", "mosquitto", "mosquitto_pub"),
        *("curl", "ip", "nsenter", "runuser"),
    ),
]


@cache
def read_back() -> dict[str, Any]:
    """What ``showctl room --json`` said while they drove (``in_namespace_strangers``)."""
    with TemporaryDirectory(prefix="showctl-strangers-", ignore_cleanup_errors=True) as scratch:
        argv = ["unshare", "-n", sys.executable, "-m", "tests.referees.in_namespace_strangers", scratch]
        ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
        assert ran.returncode == 0, ran.stderr[-4000:]
        found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return found


def test_the_sacn_package_lights_a_tuyere() -> None:
    assert read_back()["tuyere_3"] == {"red": 1.0, "green": 0.2, "blue": 0.0, "white": 0.4, "intensity": 1.0}


def test_olad_lights_a_wash_by_multicast_and_its_zone_with_it() -> None:
    wash = read_back()["wash_1"]

    assert (wash["intensity"], wash["red"], round(wash["blue"], 2), round(wash["amber"], 2)) == (1.0, 0.0, 0.5, 0.25)
    assert read_back()["hearth.light"] > 1


def test_olad_runs_the_pixels_by_art_net() -> None:
    bar = read_back()["bustle_1"]

    assert (bar["red"], bar["green"], bar["blue"]) == (0.0, 1.0, 0.0)


def test_oscsend_plays_a_clip_that_is_heard_in_the_nave() -> None:
    player = read_back()["sound"]

    assert (player["main_pa_clip"], player["main_pa_state"], player["main_pa_level"]) == ("furnace_rumble", "playing", -6.0)
    assert 79 < read_back()["nave.sound"] < 81, "-18 LUFS at -6 dB from a speaker of 84 dB(A)"


def test_mosquitto_pub_opens_the_gate_which_takes_its_time() -> None:
    assert read_back()["moving"] == "moving"
    assert read_back()["gate"] == {"state": "open", "presses": 0.0, "powered": True}


def test_the_venue_knows_who_sends_and_nobody_else_does() -> None:
    sources = read_back()["sources"]

    assert sources["sacn/1"] == ["a stranger's desk"]
    assert len(sources["sacn/4"]) == 1
    assert "showctl" not in sources["sacn/4"][0].lower()
    assert sources["sacn/7"] == [], "no controller runs"
