"""What the wire says about itself, once a second: frames, lateness, what was missed, dropped or refused, who listens, who
else sends.

*Missed* is a grid index that was never sent. *Late* is how long after its instant a frame left. *Skew* is the time from a
frame's first packet to its last. Fixed columns, so that both ends read them in place.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from typing import Final

from showctl.protocols.errors import read_utf8_field, utf8_field
from showctl.runtime.receive.rivals import How, Rival
from showctl.runtime.wire.errors import BadMessageError
from showctl.runtime.wire.messages import Kind, Message

_COUNTS: Final = struct.Struct("<18Q")
_NODE: Final = struct.Struct("<16s20sI?64sH")
_RIVAL: Final = struct.Struct("<iBB46s64s36s")
_WIDGET: Final = struct.Struct("<64sBxxxIQ128s16sHhII")
_TABLES: Final = struct.Struct("<HHH")


@dataclass(slots=True)
class Counts:
    """Running numbers; those in microseconds are of the last second."""

    frames: int = 0
    extra_frames: int = 0
    missed: int = 0
    late_p99_us: int = 0
    late_max_us: int = 0
    skew_us: int = 0
    packets: int = 0
    dropped: int = 0
    """Packets that the system would not take (network unreachable, buffer full)."""
    refused_changes: int = 0
    refused_datagrams: int = 0
    render_errors: int = 0
    clock_jumps: int = 0
    """How often the machine slept: CLOCK_BOOTTIME and CLOCK_MONOTONIC went apart."""
    applied: int = 0
    accepted: int = 0
    realtime: int = 0
    """1: SCHED_FIFO was granted."""
    standing_in: int = 0
    artnet_port: int = 0
    """Where Art-Net is sent from: not 6454 when somebody else holds it."""
    link_down: int = 0
    """1: the interface is not there, or its cable is out."""


@dataclass(frozen=True, slots=True)
class NodeStats:
    """An Art-Net node that answers polls."""

    host: str
    name: str
    age_ms: int
    universes: tuple[int, ...]
    merging: bool = False
    """One of its outputs is fed by two sources."""
    said: str = ""
    """What it complained of last."""


@dataclass(frozen=True, slots=True)
class WidgetStats:
    """A USB Pro widget: whether its port is open, how often it was opened, how many frames were replaced unwritten.

    Then what it says of itself: serial number, firmware (0x0144 is 1.44), packets a second on its cable (-1: not said yet). An
    input has ``packets``: how many came in by its cable.
    """

    device: str
    open: bool
    opened: int
    replaced: int
    path: str = ""
    serial: str = ""
    firmware: int = 0
    refresh: int = -1
    noise: int = 0
    packets: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """One report."""

    counts: Counts = field(default_factory=Counts)
    nodes: Sequence[NodeStats] = ()
    widgets: Sequence[WidgetStats] = ()
    rivals: Sequence[Rival] = ()

    def encode(self) -> bytes:
        """The body of a STATS message."""
        parts = [_COUNTS.pack(*astuple(self.counts)), _TABLES.pack(len(self.nodes), len(self.widgets), len(self.rivals))]
        for node in self.nodes:
            text, said = utf8_field(node.name, 20), utf8_field(node.said, 64)
            head = _NODE.pack(node.host.encode()[:16], text, node.age_ms, node.merging, said, len(node.universes))
            parts += (head, struct.pack(f"<{len(node.universes)}H", *node.universes))
        parts += (_packed(widget) for widget in self.widgets)
        for rival in self.rivals:
            texts = utf8_field(rival.address, 46), utf8_field(rival.name, 64), rival.cid.encode()
            parts.append(_RIVAL.pack(rival.universe, rival.how, rival.priority, *texts))
        return b"".join(parts)


def _packed(widget: WidgetStats) -> bytes:
    path, serial = utf8_field(widget.path, 128), utf8_field(widget.serial, 16)
    more = widget.firmware, widget.refresh, widget.noise & 0xFFFFFFFF, widget.packets & 0xFFFFFFFF
    return _WIDGET.pack(utf8_field(widget.device, 64), widget.open, widget.opened, widget.replaced, path, serial, *more)


def decode_stats(message: Message) -> Stats:
    """Reads the body of a STATS message."""
    assert message.kind is Kind.STATS
    body, offset = message.body, _COUNTS.size + _TABLES.size
    try:
        counts = Counts(*_COUNTS.unpack_from(body))
        node_count, widget_count, rival_count = _TABLES.unpack_from(body, _COUNTS.size)
        nodes, widgets, rivals = [], [], []
        for _ in range(node_count):
            host, name, age, merging, said, count = _NODE.unpack_from(body, offset)
            universes = struct.unpack_from(f"<{count}H", body, offset + _NODE.size)
            nodes.append(NodeStats(read_utf8_field(host), read_utf8_field(name), age, universes, merging, read_utf8_field(said)))
            offset += _NODE.size + 2 * count
        for _ in range(widget_count):
            device, is_open, opened, replaced, path, serial, *numbers = _WIDGET.unpack_from(body, offset)
            said = read_utf8_field(path), read_utf8_field(serial)
            widgets.append(WidgetStats(read_utf8_field(device), bool(is_open), opened, replaced, *said, *numbers))
            offset += _WIDGET.size
        for _ in range(rival_count):
            universe, how, priority, *texts = _RIVAL.unpack_from(body, offset)
            address, name, cid = map(read_utf8_field, texts)
            rivals.append(Rival(universe, How(how), name, address, cid, priority))
            offset += _RIVAL.size
    except (struct.error, ValueError):
        raise BadMessageError("stats that say more than they bring", message.at + offset) from None
    if offset != len(body):
        raise BadMessageError("bytes after the end of the stats", message.at + offset)
    return Stats(counts, tuple(nodes), tuple(widgets), tuple(rivals))


class Lateness:
    """How late the frames of the last second were, in nanoseconds."""

    def __init__(self) -> None:
        self._seen: list[int] = []

    def note(self, late: int) -> None:
        if len(self._seen) < 1000:
            self._seen.append(late)

    def take(self) -> tuple[int, int]:
        """The 99th percentile and the largest, in microseconds, since the last call."""
        seen, self._seen = sorted(self._seen), []
        if not seen:
            return 0, 0
        return max(seen[(len(seen) * 99 + 99) // 100 - 1], 0) // 1000, max(seen[-1], 0) // 1000
