"""From a guest on the floor to the beam: the simulated tracker sees her, the show follows, and the simulated head says where its
motors stand. Whole rehearsals, in virtual time; angles are reckoned by hand from where the heads of the small show hang."""

from __future__ import annotations

import math
from pathlib import Path

from showctl.runtime.rehearsal import Verdict, rehearse
from tests.cli.shows import copy_of_small

FOLLOWED = (
    ("devices.yaml", "sound:", "psn: {kind: tracker, host: 236.10.10.10, latency: 50ms, options: {rate: 20}}\nsound:"),
    ("venue.yaml", "speakers:\n", "points: {altar: [0, 1, 5]}\nspeakers:\n"),
    ("venue.yaml", "points:", "tracked:\n  lead: {tracker: psn, id: 1, rest: [0, 1, 5]}\npoints:"),
    ("venue.yaml", "tracked:\n", "tracked:\n  dancer: {tracker: psn, name: dancer, rest: [0, 1, 5]}\n"),
)
CUES = """
  - Follow: Follow
    light: {head_1: full, head_2: full}
    aim: {head_1: lead, head_2: altar}
    time: 1s
  - Elsewhere: Elsewhere
    light: {head_1: aim 0/1/0}
    time: 0s
  - Dancer: Dancer
    light: {head_1: full aim dancer}
    time: 1s
"""
EYE = 1.4
"""Metres above the floor at which the simulated tracker sees guest 1."""


def angles(x: float, z: float, y: float = EYE) -> tuple[float, float]:
    """Pan and tilt of head 1 (-2, 4, 3, upside down) for a point before it, over the shoulder as the shorter way round."""
    across, along, down = x + 2, z - 3, 4 - y
    return -math.degrees(math.atan2(across, along)), -math.degrees(math.atan2(math.hypot(across, along), down))


def near(pan: float, tilt: float) -> str:
    """What must be seen where head 1 stands there, within 0.4 degrees."""
    pairs = (("pan", pan), ("tilt", tilt))
    return " and ".join(f"head_1.{axis} > {at - 0.4:.2f} and head_1.{axis} < {at + 0.4:.2f}" for axis, at in pairs)


def stands(x: float, z: float) -> str:
    return near(*angles(x, z))


def rehearsed(tmp_path: Path, do: list[str], expect: list[str]) -> Verdict:
    folder = copy_of_small(tmp_path / "show", *FOLLOWED)
    path = folder / "lists" / "main.yaml"
    path.write_text(path.read_text().rstrip("\n") + CUES)
    for old in (folder / "rehearsals").glob("*.yaml"):
        old.unlink()
    lines = [f"  - {{{line}}}" for line in do], [f"  - {{{line}}}" for line in expect]
    text = "\n".join(["rehearsal: Somebody is followed", "do:", *lines[0], "expect:", *lines[1]]) + "\n"
    (folder / "rehearsals" / "follow.yaml").write_text(text)
    (verdict,) = rehearse(folder)
    return verdict


def test_a_guest_who_walks_is_followed_and_what_is_aimed_at_a_point_stays(tmp_path: Path) -> None:
    do = ["at: 0s, guests: guest 1 at 0 6", "at: 1s, go: main/Follow", "at: 4s, guests: guest 1 walks to 2 6"]
    altar = "head_2.pan > 44 and head_2.pan < 46 and head_2.tilt < -43 and head_2.tilt > -44"
    expect = [
        f"at: 3s, that: {stands(0, 6)}",
        f"at: 3s, that: {altar}",
        f"at: 9s, that: {stands(2, 6)}",
        f"at: 9s, that: {altar}",
    ]
    verdict = rehearsed(tmp_path, do, expect)
    assert verdict.passed, verdict.failures
    again = rehearsed(tmp_path / "again", do, expect)
    assert again.digest == verdict.digest


def test_a_guest_whom_the_tracker_loses_is_lit_where_she_was_and_found_again(tmp_path: Path) -> None:
    do = [
        "at: 0s, guests: guest 1 at 0 6", "at: 1s, go: main/Follow", "at: 3s, fault: psn lost 1 for 4s",
        "at: 4s, guests: guest 1 at 2 6",
    ]  # fmt: skip
    expect = [f"at: 6s, that: {stands(0, 6)}", f"at: 9s, that: {stands(2, 6)}"]
    verdict = rehearsed(tmp_path, do, expect)
    assert verdict.passed, verdict.failures


def test_a_cue_that_aims_elsewhere_follows_nobody_any_more(tmp_path: Path) -> None:
    do = [
        "at: 0s, guests: guest 1 at 0 6", "at: 1s, go: main/Follow", "at: 3s, go: main/Elsewhere",
        "at: 4s, guests: guest 1 walks to 2 6",
    ]  # fmt: skip
    pan, tilt = math.degrees(math.atan2(2, 3)), math.degrees(math.atan2(math.hypot(2, 3), 3))
    there = near(pan, tilt)
    verdict = rehearsed(tmp_path, do, [f"at: 7s, that: {there}", f"at: 9s, that: {there}"])
    assert verdict.passed, verdict.failures


def test_a_performer_is_followed_by_name_and_counted_nowhere(tmp_path: Path) -> None:
    do = [
        "at: 0s, set: psn performer dancer at 0 6",
        "at: 1s, go: main/Dancer",
        "at: 4s, set: psn performer dancer walks to 2 6 in 2s",
    ]
    behind, before = angles(0.7, 6)[0], angles(1.1, 6)[0]  # motors take a moment
    expect = [
        f"at: 3s, that: {stands(0, 6)}",
        f"at: 5s, that: head_1.pan < {behind} and head_1.pan > {before}",
        f"at: 7s, that: {stands(2, 6)}",
        "at: 7s, that: psn.guests == 0",
    ]
    verdict = rehearsed(tmp_path, do, expect)
    assert verdict.passed, verdict.failures
