"""Writes PosiStageNet 2.03 for the simulated tracker: frames of positions, and the trackers' names.

Written from the specification (VYV, "PosiStageNet v2.03") and not from ``showctl.protocols``. Everything is little-endian; a
chunk is a u32 (id in bits 0-15, length in 16-30, bit 31 where it holds chunks) and its content. A frame that does not fit into
1500 bytes goes in several packets with the same frame id. Trackers are packed in one piece by numpy: this is the heaviest stream.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

DATA, INFO = 0x6755, 0x6756
LONGEST: Final = 1500
VERSION: Final = (2, 3)
_HEADER: Final = struct.Struct("<IQBBBB")
"""Chunk 0 of both packets: microseconds, version high and low, frame id, packets in the frame."""
_ROOM: Final = LONGEST - 4 - _HEADER.size - 4
"""What is left for trackers beside the root, the header and the list's own header."""

_TRACKER: Final = np.dtype(
    [
        ("head", "<u4"),
        ("pos_head", "<u4"),
        ("pos", "<f4", 3),
        ("speed_head", "<u4"),
        ("speed", "<f4", 3),
        ("status_head", "<u4"),
        ("status", "<f4"),
        ("target_head", "<u4"),
        ("target", "<f4", 3),
    ]
)
MOST: Final = _ROOM // _TRACKER.itemsize
"""Trackers in one packet."""


def _chunk(id_: int, length: int, *, chunks: bool = False) -> int:
    return id_ | length << 16 | (0x8000_0000 if chunks else 0)


def data_frame(
    ids: NDArray[np.uint32],
    positions: NDArray[np.float64],
    speeds: NDArray[np.float64],
    targets: NDArray[np.float64],
    status: NDArray[np.float64],
    microseconds: int,
    frame: int,
) -> list[bytes]:
    """The packets of one frame; rows are trackers, columns x, y, z in metres. An empty room is one packet too."""
    rows = np.empty(len(ids), _TRACKER)
    rows["head"] = ids | _chunk(0, _TRACKER.itemsize - 4, chunks=True)
    rows["pos_head"], rows["pos"] = _chunk(0, 12), positions
    rows["speed_head"], rows["speed"] = _chunk(1, 12), speeds
    rows["status_head"], rows["status"] = _chunk(3, 4), status
    rows["target_head"], rows["target"] = _chunk(5, 12), targets
    pieces = [rows[start : start + MOST].tobytes() for start in range(0, len(rows), MOST)] or [b""]
    header = _header(microseconds, frame, len(pieces))
    return [_packet(DATA, header, struct.pack("<I", _chunk(1, len(piece), chunks=True)) + piece) for piece in pieces]


def info_frame(system: str, names: Sequence[tuple[int, str]], microseconds: int, frame: int) -> list[bytes]:
    """The packets that say what each tracker is called."""
    title = system.encode()
    room = _ROOM - 4 - len(title)
    pieces = [b""]
    for id_, name in names:
        text = name.encode()
        entry = struct.pack("<II", _chunk(id_, 4 + len(text), chunks=True), _chunk(0, len(text))) + text
        if len(pieces[-1]) + len(entry) > room:
            pieces.append(b"")
        pieces[-1] += entry
    header = _header(microseconds, frame, len(pieces))
    called = struct.pack("<I", _chunk(1, len(title))) + title
    return [_packet(INFO, header, called + struct.pack("<I", _chunk(2, len(piece), chunks=True)) + piece) for piece in pieces]


def _header(microseconds: int, frame: int, packets: int) -> bytes:
    return _HEADER.pack(_chunk(0, 12), microseconds, *VERSION, frame & 0xFF, packets & 0xFF)


def _packet(root: int, header: bytes, rest: bytes) -> bytes:
    return struct.pack("<I", _chunk(root, len(header) + len(rest), chunks=True)) + header + rest
