"""Pictures and clips for walls of pixels, decoded when the show is loaded: as many bytes as the wall has pixels, frame by frame.

Portable pixmaps (.ppm, binary, one or several in a row) are read here; other pictures and animated ones by Pillow
(``showctl[pixels]``), films by the program ffmpeg. Pictures are scaled in linear light, by area. Nothing raises but ``Unusable``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.pixels_tables import light_table
from showctl.show.pixels import MOST_FOOTAGE

FILMS: Final = frozenset((".mov", ".mp4", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".y4m"))
MOST_BYTES: Final = 64 << 20
MOST_POINTS: Final = 1 << 26
"""Of a picture as it comes: beyond, it is a mistake or a trap."""
MOST_TIME: Final = 120.0
"""Seconds that ffmpeg may take for a clip."""
_HEAD: Final = re.compile(rb"P6(?:\s+|#[^\n]*\n)+(\d{1,6})(?:\s+|#[^\n]*\n)+(\d{1,6})(?:\s+|#[^\n]*\n)+255\s")

Frame = NDArray[np.uint8]


class Unusable(ValueError):  # noqa: N818 - it reads as what it is
    """A file that cannot be shown: why, and the way out."""

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.why, self.hint = why, hint


def frames(path: Path, width: int, height: int, rate: Fraction | None) -> bytes:
    """The file's frames at ``rate`` a second (None: the first one only), each ``width`` by ``height`` pixels of three bytes."""
    try:
        found = path.stat()
        if found.st_size > MOST_BYTES:
            raise Unusable(f"has {found.st_size} bytes", f"{MOST_BYTES} at most")
        return _decoded(path, found.st_mtime_ns, found.st_size, width, height, rate)
    except OSError as error:
        raise Unusable(f"cannot be read: {error.strerror or error}", "look at the file") from None


@lru_cache(16)
def _decoded(path: Path, _changed: int, _size: int, width: int, height: int, rate: Fraction | None) -> bytes:
    """Kept while the file is the same: a folder is loaded many times as it is written."""
    if path.suffix.lower() in FILMS:
        return _film(path, width, height, rate)
    data = path.read_bytes()
    every = _pixmaps(data, rate) if data[:2] == b"P6" else _pictures(path, rate)
    room = MOST_FOOTAGE // (3 * width * height)
    made: list[bytes] = []
    for frame in every:
        if len(made) == room:
            raise _too_long(room)
        made.append(fitted(frame, width, height).tobytes())
        if rate is None:
            break
    if not made:
        raise Unusable("holds no picture", "look at the file")
    return b"".join(made)


def fitted(frame: Frame, width: int, height: int) -> Frame:
    """``frame`` stretched to ``width`` by ``height``: each pixel is the mean light of what falls on it."""
    if frame.shape[:2] == (height, width):
        return frame
    light = light_table()[frame].astype(np.float64)
    light = np.einsum("ij,jkc->ikc", _areas(frame.shape[0], height), light)
    light = np.einsum("ij,kjc->kic", _areas(frame.shape[1], width), light)
    table = light_table().astype(np.float64)
    return np.asarray(np.searchsorted((table[1:] + table[:-1]) / 2, light), np.uint8)


def _areas(before: int, after: int) -> NDArray[np.float64]:
    """How much of each of ``before`` lines falls on each of ``after``; the shares of a line sum to one."""
    edges = np.arange(after + 1) * (before / after)
    lines = np.arange(before)
    covered = np.minimum(edges[1:, None], lines + 1) - np.maximum(edges[:-1, None], lines)
    return np.asarray(np.clip(covered, 0, None) * (after / before), np.float64)


def _too_long(room: int) -> Unusable:
    hint = f"{MOST_FOOTAGE >> 20} MiB at most: a shorter clip, fewer fps, or a media server for the long ones"
    return Unusable(f"is longer than {room} frames of this wall", hint)


# --- pixmaps -------------------------------------------------------------------------------------------------------


def _pixmaps(data: bytes, rate: Fraction | None) -> Iterator[Frame]:
    """Netpbm's P6, and several of them one after the other."""
    del rate  # a row of pixmaps has none of its own: it plays at what is asked
    at = 0
    while at < len(data):
        match = _HEAD.match(data, at)
        if match is None:
            raise Unusable(f"is no pixmap with 255 steps (at byte {at})", "save it as a binary PPM, or as PNG")
        width, height = int(match[1]), int(match[2])
        end = match.end() + 3 * width * height
        if not 0 < width * height <= MOST_POINTS or end > len(data):
            raise Unusable(f"ends in the middle of a picture of {width} x {height}", "save it anew")
        yield np.frombuffer(data, np.uint8, 3 * width * height, match.end()).reshape(height, width, 3)
        at = end


# --- Pillow --------------------------------------------------------------------------------------------------------


def _pictures(path: Path, rate: Fraction | None) -> Iterator[Frame]:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise Unusable("needs Pillow", "pip install 'showctl[pixels]', or save it as a binary PPM") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of size: that is asked below
            with Image.open(path) as image:
                if image.width * image.height > MOST_POINTS:
                    raise Unusable(f"has {image.width} x {image.height} points", f"{MOST_POINTS} at most")
                yield from _played(image, rate)
    except Unusable:
        raise
    except UnidentifiedImageError:
        raise Unusable("is no picture", "PNG, JPEG, GIF, WebP or PPM; films by their usual endings (.mov, .mp4)") from None
    except Exception as error:  # whatever is in the file: Pillow's decoders raise all sorts
        raise Unusable(f"cannot be decoded: {error}", "open it in another program and save it anew, as PNG or GIF") from None


def _played(image: Any, rate: Fraction | None) -> Iterator[Frame]:
    """The frames of an animation by its own times, as seen ``rate`` times a second."""
    count = getattr(image, "n_frames", 1)
    if rate is None or count == 1:
        yield _rgb(image)
        return
    lengths = []
    for number in range(count):
        image.seek(number)
        lengths.append(max(round(image.info.get("duration") or 100), 10))  # milliseconds, as browsers take them
    ends = list(accumulate(lengths))
    shown, frame = -1, None
    for tick in range(max(int(ends[-1] * rate / 1000), 1)):
        number = min(bisect_right(ends, tick * 1000 / rate), count - 1)
        if number != shown or frame is None:
            image.seek(number)
            shown, frame = number, _rgb(image)
        yield frame


def _rgb(image: Any) -> Frame:
    """What is transparent shows black: a pixel that is not lit."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = Image.new("RGBA", image.size, (0, 0, 0, 255))
        image = Image.alpha_composite(clear, image.convert("RGBA"))
    return np.asarray(image.convert("RGB"), np.uint8)


# --- ffmpeg --------------------------------------------------------------------------------------------------------


def _film(path: Path, width: int, height: int, rate: Fraction | None) -> bytes:
    program = shutil.which("ffmpeg")
    if program is None:
        raise Unusable("needs the program ffmpeg", "apt install ffmpeg, or save the clip as an animated GIF or WebP")
    room = MOST_FOOTAGE // (3 * width * height)
    paced = f"fps={rate.numerator}/{rate.denominator}," if rate is not None else ""
    asked = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i", f"file:{path}", "-an"]
    asked += ["-vf", f"{paced}scale={width}:{height}:flags=area+accurate_rnd+full_chroma_int", "-pix_fmt", "rgb24"]
    asked += ["-frames:v", str(1 if rate is None else room + 1), "-f", "rawvideo", "-"]
    try:
        done = subprocess.run(asked, capture_output=True, timeout=MOST_TIME, check=False)
    except subprocess.TimeoutExpired:
        raise Unusable(f"took ffmpeg more than {MOST_TIME:.0f} s", "a shorter clip") from None
    if done.returncode or not done.stdout or len(done.stdout) % (3 * width * height):
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1][:200]
        raise Unusable(f"cannot be decoded: {said or 'ffmpeg finds no picture in it'}", "look at the file with ffprobe")
    if len(done.stdout) > room * 3 * width * height:
        raise _too_long(room)
    return done.stdout
