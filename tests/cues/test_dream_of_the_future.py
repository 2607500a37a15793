"""What the show that we bring promises on paper: its rig, its scenes at their moments, two endings of equal length.

What it promises in the room is in its own rehearsals. Here the cues are only added up, with every wait at its deadline,
which is how an empty room plays.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import assert_never

import pytest

from showctl.show.cues import AfterEnd, AfterStart, Branch, Cue, GroupMode, NextWhen
from showctl.show.devices import KINDS
from showctl.show.fixtures import Hazard
from showctl.show.instants import SECOND, Duration
from showctl.show.lengths import whole_length
from showctl.show.patch import Protocol
from showctl.show.show import Show
from showctl.showfile import load

FOLDER = Path(__file__).parents[2] / "cues" / "dream_of_the_future"
GATE: Duration = 8 * SECOND
"""How long cue 101 takes where the gate is shut already: its own light."""
MOMENTS = {
    "101": "0:00", "201": "0:50", "301": "2:10", "401": "3:20", "501": "4:40", "601": "6:00", "701": "8:20", "801": "9:30",
    "901": "10:50", "1001": "11:40",
}  # fmt: skip


@cache
def the_show() -> Show:
    loaded = load(FOLDER)
    assert loaded.show is not None, "\n".join(str(problem) for problem in loaded.problems)
    return loaded.show


def moments(ending: str) -> dict[str, Duration]:
    """When each cue of ``main`` begins, every wait at its deadline, the branch of 707 taken to ``ending``."""
    cues = the_show().list_named["main"].cues
    found: dict[str, Duration] = {}
    cue: Cue | None = cues[0]
    now: Duration = 0
    while cue is not None:
        found[cue.label] = now
        following = cues[cue.index + 1] if cue.index + 1 < len(cues) else None
        match cue.next:
            case None:
                following = None
            case AfterStart(delay=delay):
                now += delay
            case AfterEnd(delay=delay):
                length = whole_length(cue)
                now += (GATE if length is None else length) + delay
            case NextWhen(within=within):
                assert within is not None, f"{cue.label} may wait for ever"
                now += within
            case Branch(choices=choices, otherwise=otherwise, within=within):
                now += within
                ways = [ref for _, ref in choices if ref.label == ending]
                following = the_show().cue(ways[0] if ways else otherwise)
            case _:
                assert_never(cue.next)
        cue = following
    return found


def clock(instant: Duration) -> str:
    return f"{instant // SECOND // 60}:{instant // SECOND % 60:02d}"


def test_the_folder_has_nothing_wrong_with_it() -> None:
    assert [str(problem) for problem in load(FOLDER).problems] == []


def test_the_rig_is_as_large_as_we_say() -> None:
    patch = the_show().patch

    assert len(patch.fixtures) > 150
    assert len({fixture.type for fixture in patch.fixtures}) >= 8
    assert len(patch.universes) >= 12
    assert {universe.protocol for universe in patch.universes} == set(Protocol)
    assert {bool(universe.destinations) for universe in patch.universes if universe.protocol is Protocol.SACN} == {True, False}


def test_every_kind_of_device_has_its_part() -> None:
    assert {device.kind.name for device in the_show().devices} == {*KINDS, "text"}


def test_every_lamp_knows_where_it_hangs_and_in_which_zone() -> None:
    zones = {zone.name for zone in the_show().zones}

    assert [fixture.name for fixture in the_show().patch.fixtures if fixture.position is None or fixture.zone not in zones] == []


def test_fog_and_wind_are_interlocked_and_nothing_else_is_a_hazard() -> None:
    hazards = {fixture.type: fixture.hazard for fixture in the_show().patch.fixtures if fixture.hazard is not Hazard.NONE}

    assert hazards == dict.fromkeys(("hazer", "low_fog", "fan"), Hazard.INTERLOCKED)


def test_there_are_more_than_a_hundred_and_twenty_cues_and_two_hundred_hits() -> None:
    lists = the_show().list_named
    launch = lists["main"].named["408"].group

    assert sum(len(lists[name].cues) for name in ("preshow", "main", "house")) >= 120
    assert launch is not None
    assert launch.mode is GroupMode.TIMELINE
    assert launch.clock == "desk_a"
    assert len(launch.members) == 200


def test_scenes_begin_at_their_moments_when_nobody_comes() -> None:
    begun = moments("801")

    assert {label: clock(begun[label]) for label in MOMENTS} == MOMENTS


@pytest.mark.parametrize("n", range(1, 10))
def test_both_endings_are_equal_to_the_nanosecond(n: int) -> None:
    home, on = moments("801"), moments("851")

    assert home[f"80{n}"] == on[f"85{n}"]
    assert home["901"] == on["901"]


def test_the_furnace_is_ready_again_before_the_next_dispatch() -> None:
    begun = moments("801")

    assert begun["1008"] - begun["1001"] <= 150 * SECOND
    assert begun["1008"] < 15 * 60 * SECOND


def test_nobody_needs_to_stand_at_the_desk() -> None:
    waiting = [cue.label for cue in the_show().list_named["main"].cues if cue.next is None]

    assert waiting == ["1008"], "from the dispatch to cold iron, every cue says how the next begins"


def test_every_cue_has_a_name_in_both_languages() -> None:
    nameless = [
        f"{cue_list.name}/{cue.label}"
        for cue_list in the_show().lists
        for cue in cue_list.cues
        if not any("\u4e00" <= letter <= "\u9fff" for letter in cue.name) or not any("a" <= letter <= "z" for letter in cue.name)
    ]

    assert nameless == []
