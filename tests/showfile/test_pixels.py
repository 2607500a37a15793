"""What cues show on walls of pixels: files decoded, walls read, and what is kept with the show."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from showctl.library.cue_words import effect_words
from showctl.runtime.revisions import copied, folder_digest
from showctl.runtime.wire.facts import decode_facts, encode_facts
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.messages import Kind, Message
from showctl.show.cues import StopThing
from showctl.show.pixels import MOST_FOOTAGE, Along, Footage, PixelWave, Wiring
from showctl.show.show import Show
from showctl.showfile import load
from showctl.showfile.book import copy_of
from showctl.showfile.pixel_footage import Unusable, fitted, frames

BASE = Path(__file__).parent / "base"
WALL = "pixels:\n  rib: {width: 4, height: 2, address: sacn/2.101, wiring: serpentine columns, start: bottom right, order: grb,\n"
WALL += "        gamma: 2.2, limit: 60%, zone: nave}\n"


def ppm(width: int, height: int, *pixels: tuple[int, int, int]) -> bytes:
    return b"P6\n# by hand\n%d %d\n255\n" % (width, height) + bytes(byte for pixel in pixels for byte in pixel)


RED_TO_BLUE = ppm(4, 2, *[(255, 0, 0)] * 4, *[(0, 0, 255)] * 4)
BLACK = ppm(4, 2, *[(0, 0, 0)] * 8)


def folder(tmp_path: Path, *cues: str) -> Path:
    """The base show with a wall, a picture, a clip of two frames, and ``cues``."""
    made = tmp_path / "show"
    shutil.copytree(BASE, made)
    with (made / "patch.yaml").open("a") as patch:
        patch.write(WALL)
    (made / "pixels").mkdir()
    (made / "pixels" / "slag.ppm").write_bytes(RED_TO_BLUE)
    (made / "pixels" / "climb.ppm").write_bytes(RED_TO_BLUE + BLACK)
    main = made / "lists" / "main.yaml"
    words = "\n".join(f"  - {90 + n}: Pixels {n}\n    light: {{rib: full}}\n    {cue}" for n, cue in enumerate(cues))
    main.write_text(main.read_text().rstrip("\n") + "\n" + words + "\n")
    return made


def read(made: Path) -> Show:
    loaded = load(made)
    assert loaded.show is not None, loaded.problems
    return loaded.show


def test_a_wall_is_read_and_hung_behind_the_lights(tmp_path: Path) -> None:
    show = read(folder(tmp_path))
    (wall,) = show.patch.walls
    fixture = show.patch.fixtures[wall.fixture]

    assert (wall.width, wall.height, wall.order, wall.gamma, wall.limit) == (4, 2, "grb", 2200, 39321)
    assert (wall.wiring, wall.start, wall.universes) == (Wiring.SERPENTINE_COLUMNS, (True, True), ("sacn/2",))
    assert (fixture.name, fixture.address, fixture.mode.footprint, fixture.zone) == ("rib", 101, 0, "nave")
    assert [item.name for item in show.patch.parameters_of[fixture.index]] == ["intensity", "red", "green", "blue", "pixels"]


def test_a_cue_s_time_is_the_fade_where_it_names_none(tmp_path: Path) -> None:
    show = read(
        folder(
            tmp_path,
            "pixels: {rib: picture pixels/slag.ppm}\n    time: 4s",
            'pixels: {rib: "clip pixels/climb.ppm, loop, at 3s, fps 12.5, fade 2s"}',
            "pixels: {rib: {effect: ramp, along: in, colors: [red, rgb 0 0 50], rate: 30bpm, waves: 1.5, width: 20, fade: 1s}}",
            'pixels: {rib: "off, fade 250ms"}',
        )
    )
    first, second, third, last = (show.list_named["main"].named[str(label)] for label in (90, 91, 92, 93))
    sources = {source.key: source for source in show.patch.sources}

    assert [(effect.name, effect.entry // 10**6) for cue in (first, second, third) for effect in cue.effects] == [
        ("rib pixels", 4000),
        ("rib pixels", 2000),
        ("rib pixels", 1000),
    ]
    clip, wave = sources[second.effects[0].seed], sources[third.effects[0].seed]
    assert isinstance(clip, Footage)
    assert (clip.num, clip.den, clip.loop, clip.at, clip.frames, clip.name) == (25, 2, True, 3 * 10**9, 2, "pixels/climb.ppm")
    assert isinstance(wave, PixelWave)
    assert (wave.along, wave.period, wave.waves, wave.high, wave.low) == (
        Along.IN,
        2 * 10**9,
        98304,
        (65535, 0, 0),
        (0, 0, 32768),
    )
    assert [(item.name, item.over // 10**6) for item in last.actions if isinstance(item, StopThing)] == [("rib pixels", 250)]


def test_the_same_thing_in_two_cues_is_one_source_and_keeps_its_key(tmp_path: Path) -> None:
    one = read(folder(tmp_path / "a", "pixels: {rib: picture pixels/slag.ppm}"))
    two = read(folder(tmp_path / "b", "pixels: {rib: clip pixels/climb.ppm}", *["pixels: {rib: picture pixels/slag.ppm}"] * 2))

    assert len(two.patch.sources) == 2
    assert one.patch.sources[0].key in {source.key for source in two.patch.sources}


def test_a_picture_that_is_painted_over_is_another_source(tmp_path: Path) -> None:
    made = folder(tmp_path, "pixels: {rib: picture pixels/slag.ppm}")
    before, digest = read(made), folder_digest(made)
    (made / "pixels" / "slag.ppm").write_bytes(BLACK)
    after = read(made)

    assert before.patch.sources[0].key != after.patch.sources[0].key
    assert fingerprint(before) != fingerprint(after)
    assert folder_digest(made) != digest


def test_what_walls_show_is_kept_with_the_show_s_text(tmp_path: Path) -> None:
    made = folder(tmp_path, "pixels: {rib: picture pixels/slag.ppm}")
    copy_of(made, tmp_path / "proof")
    kept = copied(made, tmp_path / "state")

    assert read(kept).patch.sources == read(tmp_path / "proof").patch.sources == read(made).patch.sources
    assert folder_digest(kept) == folder_digest(made)


def test_the_wire_is_told_of_walls_and_sources_whole(tmp_path: Path) -> None:
    show = read(
        folder(tmp_path, "pixels: {rib: picture pixels/slag.ppm}", "pixels: {rib: {effect: sine, rate: 1s, colors: [red]}}")
    )

    told = decode_facts(Message(Kind.SHOW, b"", 0, encode_facts(show)).body)

    assert told.patch.sources == show.patch.sources
    assert [replace(wall, place=told.patch.walls[0].place) for wall in show.patch.walls] == list(told.patch.walls)
    assert fingerprint(told) == fingerprint(show)


def test_a_diff_tells_one_picture_from_another_and_says_how_a_wave_runs(tmp_path: Path) -> None:
    made = folder(tmp_path, "pixels: {rib: picture pixels/slag.ppm}", "pixels: {rib: {effect: sine, rate: 1s, colors: [red]}}")

    def words() -> list[str]:
        show = read(made)
        cues = (show.list_named["main"].named[label] for label in ("90", "91"))
        return [", ".join(effect_words(effect, show.patch.sources)) for cue in cues for effect in cue.effects]

    before = words()
    (made / "pixels" / "slag.ppm").write_bytes(BLACK)
    after = words()

    assert before[0].startswith("pixels/slag.ppm ")
    assert before[0] != after[0]
    assert before[1] == after[1] == "sine right every 1 s, 1 waves, 50 % lit, rgb 100 % 0 % 0 % and 0 % 0 % 0 %, fade 3 s"


# --- files -------------------------------------------------------------------------------------------------------------


def test_a_pixmap_of_the_wall_s_size_is_taken_byte_by_byte(tmp_path: Path) -> None:
    path = tmp_path / "a.ppm"
    path.write_bytes(RED_TO_BLUE + BLACK)

    assert frames(path, 4, 2, None) == bytes([255, 0, 0] * 4 + [0, 0, 255] * 4)
    assert frames(path, 4, 2, Fraction(25)) == bytes([255, 0, 0] * 4 + [0, 0, 255] * 4 + [0] * 24)


def test_half_white_half_black_comes_to_half_the_light() -> None:
    frame = np.array([[[255] * 3, [0] * 3]], np.uint8)

    assert fitted(frame, 1, 1).tolist() == [[[188] * 3]]  # sRGB 188 is 50 % light; 128 would be 22 %


def test_a_picture_is_scaled_by_area() -> None:
    frame = np.zeros((1, 3, 3), np.uint8)
    frame[0, 1] = 255

    assert fitted(frame, 2, 1)[0, :, 0].tolist() == [156, 156]  # a third of the light on either side
    assert fitted(frame, 6, 2)[1, :, 0].tolist() == [0, 0, 255, 255, 0, 0]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"P6 4 2 65535\n", "is no pixmap with 255 steps"),
        (RED_TO_BLUE[:-1], "ends in the middle of a picture of 4 x 2"),
        (RED_TO_BLUE + b"P6", "is no pixmap with 255 steps (at byte"),
        (b"P6 900000 900000 255\n", "ends in the middle"),
        (b"", "is no picture"),
    ],
)
def test_a_broken_pixmap_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    path = tmp_path / "a.ppm"
    path.write_bytes(data)

    with pytest.raises(Unusable) as refused:
        frames(path, 4, 2, Fraction(25))
    assert refused.value.why.startswith(why)


def test_a_clip_that_would_not_fit_in_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ppm"
    path.write_bytes(ppm(1, 1, (1, 2, 3)) * 200)

    with pytest.raises(Unusable, match="is longer than 170 frames of this wall"):
        frames(path, 512, 128, Fraction(25))
    assert MOST_FOOTAGE // (3 * 512 * 128) == 170


def test_a_png_shows_black_where_it_is_transparent(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    path = tmp_path / "a.png"
    image.frombytes("RGBA", (2, 1), bytes([255, 0, 0, 255, 255, 255, 255, 0])).save(path)

    assert frames(path, 2, 1, None) == bytes([255, 0, 0, 0, 0, 0])


def test_a_gif_plays_by_its_own_times(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    path = tmp_path / "a.gif"
    red, blue = (image.new("RGB", (1, 1), color) for color in ((255, 0, 0), (0, 0, 255)))
    red.save(path, save_all=True, append_images=[blue], duration=[300, 100], loop=0)

    data = frames(path, 1, 1, Fraction(10))

    assert [data[n : n + 3] for n in range(0, len(data), 3)] == [b"\xff\0\0"] * 3 + [b"\0\0\xff"]


def test_a_film_is_decoded_at_the_rate_that_is_asked(tmp_path: Path) -> None:
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("the program ffmpeg is not installed")
    path = tmp_path / "a.mov"
    made = [program, "-v", "error", "-f", "lavfi", "-i", "color=red:size=64x32:rate=25:duration=1", "-c:v", "png", str(path)]
    subprocess.run(made, check=True, timeout=60)

    data = frames(path, 4, 2, Fraction(10))

    assert len(data) == 10 * 4 * 2 * 3
    assert np.abs(np.frombuffer(data, np.uint8).reshape(-1, 3).astype(int) - [255, 0, 0]).max() <= 3


def test_a_film_that_is_none_is_refused(tmp_path: Path) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("the program ffmpeg is not installed")
    (tmp_path / "a.mp4").write_bytes(b"no film")

    with pytest.raises(Unusable, match="cannot be decoded: "):
        frames(tmp_path / "a.mp4", 4, 2, Fraction(10))
