"""What plays on a wall of pixels is a thing like any other: paused, stopped, undone, located, ended by a panic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from showctl.engine.events import Back, Locate, Origin, Panic, Pause, Resume
from showctl.light.render import output, prepare
from showctl.showfile import load
from tests.engine.booth import Booth

SCRIPT = Origin("script")
SHOW = """
show: Wall
patch:
  universes: {sacn/1: {}}
  pixels: {rib: {width: 1, height: 1, address: sacn/1.1}}
lists:
  - list: main
    cues:
      - 1: Red
        light: {rib: full}
        time: 0s
        pixels: {rib: "picture pixels/red.ppm, fade 0s"}
      - 2: Counting
        pixels: {rib: "clip pixels/counting.ppm, fps 1, fade 0s"}
      - 3: Green
        pixels: {rib: "picture pixels/green.ppm, fade 2s"}
      - 4: Dark
        pixels: {rib: "off, fade 2s"}
"""
RED, GREEN, DARK = [255, 0, 0], [0, 255, 0], [0, 0, 0]


@pytest.fixture
def booth(tmp_path: Path) -> Booth:
    (tmp_path / "pixels").mkdir()
    (tmp_path / "show.yaml").write_text(SHOW)
    head = b"P6\n1 1\n255\n"
    (tmp_path / "pixels" / "red.ppm").write_bytes(head + b"\xff\0\0")
    (tmp_path / "pixels" / "green.ppm").write_bytes(head + b"\0\xff\0")
    (tmp_path / "pixels" / "counting.ppm").write_bytes(b"".join(head + bytes((255, 0, n * 50)) for n in range(6)))
    loaded = load(tmp_path)
    assert loaded.show is not None, loaded.problems
    return Booth(loaded.show)


def seen(booth: Booth) -> list[int]:
    """The three slots of the pixel now."""
    out = np.zeros((1, 512), np.uint8)
    output(prepare(booth.rendering, booth.state.plan), booth.state.now, out)
    return [int(slot) for slot in out[0, :3]]


def frame(booth: Booth) -> int:
    """Which frame of the counting clip shows."""
    return [0, 8, 32, 78, 147, 244].index(seen(booth)[2])  # 50 n in sRGB


def test_the_second_source_fades_in_as_the_first_fades_out(booth: Booth) -> None:
    booth.go(0)
    booth.go(10, "3")
    booth.at(11)
    assert seen(booth) == [128, 128, 0]
    booth.at(12)
    assert seen(booth) == GREEN


def test_off_lays_the_wall_bare_and_its_intensity_stays(booth: Booth) -> None:
    booth.go(0)
    booth.go(10, "4")
    booth.at(11)
    assert seen(booth) == [128, 0, 0]
    booth.at(13)
    assert (seen(booth), booth.level("a")) == (DARK, 100)


def test_a_pause_freezes_a_clip_and_a_resume_goes_on_from_there(booth: Booth) -> None:
    booth.go(0)
    booth.go(10)
    booth.at(12.5, Pause("main", origin=SCRIPT))
    booth.at(40)
    assert frame(booth) == 2
    booth.at(50, Resume("main", origin=SCRIPT))
    booth.at(50.4)
    assert frame(booth) == 2
    booth.at(50.6)
    assert frame(booth) == 3


def test_back_brings_the_clip_back_where_it_would_be(booth: Booth) -> None:
    booth.go(0)
    booth.go(10)
    booth.go(12)
    booth.at(13, Back("main", SCRIPT))
    booth.at(14.5)
    assert frame(booth) == 4


def test_what_came_back_goes_out_when_the_next_source_begins(booth: Booth) -> None:
    booth.go(0)
    booth.go(10)
    booth.go(12)
    booth.at(13, Back("main", SCRIPT))
    booth.go(20)
    booth.at(23)
    assert seen(booth) == GREEN


def test_a_locate_shows_what_the_last_cue_left(booth: Booth) -> None:
    booth.at(0, Locate("main", "2", SCRIPT))
    booth.at(3.5)
    assert frame(booth) == 3
    booth.at(10, Locate("main", "4", SCRIPT))
    booth.at(10.1)
    assert seen(booth) == DARK


def test_a_panic_fades_the_wall_out(booth: Booth) -> None:
    booth.go(0)
    booth.at(10, Panic(SCRIPT))
    booth.at(11)
    assert 0 < seen(booth)[0] < 255
    booth.at(12.1)
    assert seen(booth) == DARK
