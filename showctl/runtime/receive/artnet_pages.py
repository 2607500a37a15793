"""What we say of ourselves when somebody polls: ArtPollReply pages of four ports. Standard: Art-Net 4, ArtPoll and ArtPollReply.

All ports of a page share Net and Sub-Net; the pages of one machine are told apart by their bind index, from 1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from showctl.protocols import artnet
from showctl.protocols.artnet_reply import GOOD_OUTPUT_DATA, GOOD_OUTPUT_MERGING, PORT_INPUT, PORT_OUTPUT, PollReply

STYLE_NODE: Final = 0x00  # Art-Net 4, Table 4: style codes
STYLE_CONTROLLER: Final = 0x01
STYLE_VISUALISER: Final = 0x06
GOOD_INPUT_DATA: Final = 0x80  # ArtPollReply, GoodInput: data received
GOOD_OUTPUT_LTP: Final = 0x02  # ArtPollReply, GoodOutput: the merge mode is LTP
MAX_PAGES: Final = 255  # BindIndex is one byte
_STATUS1_PROGRAMMED: Final = 0xE0  # indicators in normal mode, Port-Addresses set by the network or a front panel
_STATUS2_15_BIT: Final = 0x08  # ArtPollReply, Status2: 15-bit Port-Addresses
"""Nodes of Art-Net 3 and later say so; one that does not takes 8 bits of what it is sent."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers. ``style`` says what kind of machine it is."""

    ip: str
    short_name: str
    long_name: str = ""
    style: int = STYLE_NODE
    mac: bytes = bytes(6)
    report: str = "showctl answers"


@dataclass(frozen=True, slots=True)
class PortState:
    """What an output does, for GoodOutput."""

    data: bool = False
    merging: bool = False
    ltp: bool = False

    @property
    def bits(self) -> int:
        return (
            (GOOD_OUTPUT_DATA if self.data else 0)
            | (GOOD_OUTPUT_MERGING if self.merging else 0)
            | (GOOD_OUTPUT_LTP if self.ltp else 0)
        )


@dataclass(frozen=True, slots=True)
class Ports:
    """Port-Addresses that we put out as DMX (``outputs``), and that we put onto the network (``inputs``)."""

    outputs: Mapping[int, PortState] = field(default_factory=dict)
    inputs: Collection[int] = ()

    def within(self, low: int, high: int) -> bool:
        """Whether any of them lies in the range of a targeted poll."""
        return any(low <= address <= high for address in (*self.outputs, *self.inputs))


def pages(who: Identity, ports: Ports, answers: int = 0) -> list[PollReply]:
    """Every page that ``who`` answers a poll with; ``answers`` counts its answers, for NodeReport."""
    wanted = [(address, True) for address in sorted(ports.outputs)] + [(address, False) for address in sorted(set(ports.inputs))]
    made: list[PollReply] = []
    for four in _by_fours(wanted):
        made.append(_page(who, ports, four, len(made) + 1, answers))
        if len(made) == MAX_PAGES:
            break
    return made or [_page(who, ports, (), 1, answers)]


def answers_to(poll: artnet.Poll, who: Identity, ports: Ports, answers: int = 0) -> list[bytes]:
    """The datagrams that answer ``poll``; none where it is targeted at others."""
    if poll.flags & artnet.POLL_TARGETED and not ports.within(*poll.target):
        return []
    return [artnet.encode(page) for page in pages(who, ports, answers)]


def _by_fours(wanted: Iterable[tuple[int, bool]]) -> Iterable[tuple[tuple[int, bool], ...]]:
    groups: dict[int, list[tuple[int, bool]]] = {}
    for address, is_output in wanted:
        groups.setdefault(address >> 4, []).append((address, is_output))
    for group in groups.values():
        yield from (tuple(group[first : first + 4]) for first in range(0, len(group), 4))


def _page(who: Identity, ports: Ports, four: tuple[tuple[int, bool], ...], index: int, answers: int) -> PollReply:
    net, sub_net, _ = artnet.split_port_address(four[0][0]) if four else (0, 0, 0)

    def four_bytes(values: Iterable[int]) -> bytes:
        return bytes(values).ljust(4, b"\0")

    ip = bytes(int(part) for part in who.ip.split("."))
    return PollReply(
        ip=ip,
        short_name=who.short_name,
        long_name=who.long_name or who.short_name,
        node_report=f"#0001 [{answers % 10000:04}] {who.report}",
        net=net,
        sub_net=sub_net,
        num_ports=len(four),
        port_types=four_bytes(PORT_OUTPUT if out else PORT_INPUT for _, out in four),
        good_input=four_bytes(0 if out else GOOD_INPUT_DATA for _, out in four),
        good_output=four_bytes(ports.outputs[address].bits if out else 0 for address, out in four),
        sw_in=four_bytes(0 if out else address & 0xF for address, out in four),
        sw_out=four_bytes(address & 0xF if out else 0 for address, out in four),
        status1=_STATUS1_PROGRAMMED,
        style=who.style,
        mac=who.mac,
        bind_ip=ip,
        bind_index=index,
        status2=_STATUS2_15_BIT,
    )
