"""A wall of pixels, live: what the venue sees on real sockets is what its rehearsal shows, byte for byte."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from showctl.engine.events import Go
from showctl.runtime.journal import MemoryJournal
from showctl.runtime.rehearsal import Stagehand
from showctl.show.instants import seconds
from showctl.showfile import load
from simulators.venue import open_venue
from tests.live.house import House, running
from tests.runtime.links.loops import on_a_loop

pytestmark = pytest.mark.serial
WITHIN = 10.0
"""Seconds; a fade takes 0.3."""
SHOW = """
show: Wall
dmx_rate: 40
devices: devices.yaml
patch:
  universes: {sacn/1: {to: [127.0.1.1]}, sacn/2: {to: [127.0.1.1]}}
  nodes: {box: {address: 127.0.1.1, universes: [sacn/1, sacn/2]}}
  pixels: {rib: {width: 32, height: 8, address: sacn/1.1, wiring: serpentine, start: bottom right, order: grb, gamma: 2.2}}
lists:
  - list: main
    go_window: 0s
    cues:
      - 1: Picture
        light: {rib: full}
        pixels: {rib: "picture pixels/slag.ppm, fade 0.3s"}
      - 2: Clip
        pixels: {rib: "clip pixels/climb.ppm, fps 10, fade 0.2s"}
      - 3: Out
        pixels: {rib: "off, fade 0.2s"}
rehearsals: rehearsals/
"""
REHEARSAL = """
rehearsal: {count} of three
length: 5s
do: [{steps}]
"""


def folder(tmp_path: Path) -> Path:
    made = tmp_path / "wall"
    for name in ("pixels", "rehearsals"):
        (made / name).mkdir(parents=True)
    (made / "show.yaml").write_text(SHOW)
    (made / "devices.yaml").write_text("sound: {kind: sound_player, host: 127.0.3.1}\n")
    head = b"P6\n32 8\n255\n"
    frames = [bytes(byte for n in range(256) for byte in (n, (n * step) % 256, 255 - n)) for step in (3, 5, 7, 11)]
    (made / "pixels" / "slag.ppm").write_bytes(head + frames[0])
    (made / "pixels" / "climb.ppm").write_bytes(b"".join(head + frame for frame in frames[1:]))
    for count in (1, 2, 3):
        steps = ", ".join(f"{{at: {n}s, go: main}}" for n in range(count))
        (made / "rehearsals" / f"{count}.yaml").write_text(REHEARSAL.format(count=count, steps=steps))
    return made


def rehearsed(made: Path, stem: str) -> dict[str, Any]:
    """The wall as it looks at the end of a rehearsal."""
    loaded = load(made)
    assert loaded.show is not None, loaded.problems
    rehearsal = next(item for item in loaded.rehearsals if item.stem == stem)
    venue = open_venue(made)
    assert Stagehand(loaded.show, rehearsal, venue, journal=MemoryJournal(), keep_transcript=False).run().passed
    seen: dict[str, Any] = venue.state(seconds(5))["pixels"]["rib"]
    return seen


async def seen(house: House, expected: dict[str, Any]) -> None:
    """Returns once the wall looks as ``expected``; TimeoutError where it never does."""
    async with asyncio.timeout(WITHIN):
        while (await house.state())["pixels"]["rib"] != expected:
            pass


@on_a_loop
async def test_a_wall_looks_live_as_it_looked_in_its_rehearsal(tmp_path: Path) -> None:
    made = folder(tmp_path)
    looks = [rehearsed(made, str(count)) for count in (1, 2, 3)]
    assert len({look["rgb"] for look in looks}) == 3

    async with running(made, tmp_path) as house:
        for look in looks:
            assert not house.ask(Go("main")).refused
            await seen(house, look)
