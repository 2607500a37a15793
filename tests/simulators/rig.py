"""A small rig by hand and the packets of a desk, built byte by byte from the tables of the standards."""

from __future__ import annotations

from showctl.show.devices import Device
from showctl.show.expressions import ValueType
from showctl.show.fixtures import FAMILY_OF, Channel, Family, Fixture, FixtureType, Mode
from showctl.show.instants import SECOND
from showctl.show.levels import from_range
from showctl.show.patch import Head, Node, Protocol, Universe, make_patch
from showctl.show.show import Show
from showctl.show.triggers import Input, InputSource

DESK = ("127.0.0.1", 40000)
CID = bytes(range(16))
OTHER_CID = bytes(range(100, 116))
S = SECOND


def channel(name: str, *slots: int, low: float | None = None, high: float | None = None, **more: object) -> Channel:
    home = 0 if low is None or high is None else from_range(0, low, high)
    return Channel(name, FAMILY_OF.get(name, Family.BEAM), slots, home, low=low, high=high, **more)  # type: ignore[arg-type]


RGBW = Mode("8bit", 4, (*(channel(name, n) for n, name in enumerate(("red", "green", "blue", "white"))), channel("intensity")))
HEAD = Mode(
    "16bit",
    9,
    (
        *(channel(name, n) for n, name in enumerate(("intensity", "red", "green", "blue"))),
        channel("pan", 4, 5, low=-270, high=270),
        channel("tilt", 6, 7, low=-135, high=135),
        channel("zoom", 8),
    ),
)
BAR = Mode(
    "3px",
    9,
    tuple(
        item
        for cell in range(3)
        for item in (
            *(channel(name, 3 * cell + n, cell=cell) for n, name in enumerate(("red", "green", "blue"))),
            channel("intensity", cell=cell),
        )
    ),
    cells=3,
)
DIMMER24 = Mode("24bit", 3, (channel("intensity", 0, 1, 2, inverted=True),))
CMY = Mode("cmy", 3, (*(channel(name, n) for n, name in enumerate(("cyan", "magenta", "yellow"))), channel("intensity")))


def make_rig(loss: str = "hold", devices: tuple[Device, ...] = (), more_nodes: tuple[Node, ...] = ()) -> Show:
    universes = (
        Universe(0, "sacn/1", Protocol.SACN, 1),
        Universe(1, "sacn/2", Protocol.SACN, 2, destinations=("127.0.1.1",)),
        Universe(2, "artnet/0", Protocol.ARTNET, 0),
        Universe(3, "artnet/17", Protocol.ARTNET, 17),
        Universe(4, "usbpro/fog", Protocol.USBPRO, 0, device="EN123456"),
    )
    nodes = (
        Node("rack_node", "127.0.1.1", ("sacn/1", "sacn/2"), loss),
        Node("pixel_node", "127.0.1.2", ("artnet/0", "artnet/17"), loss),
        *more_nodes,
    )
    fixtures = tuple(
        Fixture(n, name, kind, mode, universe, address)
        for n, (name, kind, mode, universe, address) in enumerate(
            (
                ("par_1", "par", RGBW, "sacn/1", 1),
                ("par_2", "par", RGBW, "sacn/1", 5),
                ("head_1", "head", HEAD, "sacn/1", 101),
                ("house", "dimmer", DIMMER24, "sacn/2", 1),
                ("scroll", "cmy", CMY, "sacn/2", 10),
                ("bar_1", "bar", BAR, "artnet/0", 1),
                ("bar_2", "bar", BAR, "artnet/17", 1),
                ("fog", "fogger", Mode("1", 1, (channel("fog", 0),)), "usbpro/fog", 1),
            )
        )
    )
    return Show(
        "rig",
        make_patch(universes, nodes, fixtures),
        (),
        devices=devices,
        groups={"pars": (Head(0), Head(1)), "bars": (Head(5), Head(6)), "pixels": (Head(5, 0), Head(5, 2))},
        fixture_types={"head": FixtureType("head", (HEAD,), pan_speed=180, tilt_speed=90)},
    )


def osc_input(name: str, address: str, *, stale_after: int | None = None) -> Input:
    return Input(0, name, ValueType.TRUTH, False, InputSource.OSC, address, stale_after=stale_after)


def sacn(
    universe: int,
    levels: bytes,
    sequence: int = 0,
    *,
    cid: bytes = CID,
    priority: int = 100,
    options: int = 0,
    start_code: int = 0,
    name: bytes = b"desk",
    sync: int = 0,
) -> bytes:
    """An E1.31-2018 data packet (tables 4-1, 5-x, 6-x)."""
    size = len(levels)

    def flags(rest: int) -> bytes:
        return (0x7000 | rest).to_bytes(2, "big")

    return b"".join(
        (
            b"\x00\x10\x00\x00ASC-E1.17\x00\x00\x00",
            flags(110 + size),
            b"\x00\x00\x00\x04",
            cid,
            flags(88 + size),
            b"\x00\x00\x00\x02",
            name.ljust(64, b"\0"),
            bytes([priority]),
            sync.to_bytes(2, "big"),
            bytes([sequence, options]),
            universe.to_bytes(2, "big"),
            flags(11 + size),
            b"\x02\xa1\x00\x00\x00\x01",
            (size + 1).to_bytes(2, "big"),
            bytes([start_code]),
            levels,
        )
    )


def sacn_sync(address: int, sequence: int = 0, cid: bytes = CID) -> bytes:
    """An E1.31-2018 synchronization packet (49 bytes)."""
    return b"".join(
        (
            b"\x00\x10\x00\x00ASC-E1.17\x00\x00\x00\x70\x21\x00\x00\x00\x08",
            cid,
            b"\x70\x0b\x00\x00\x00\x01",
            bytes([sequence]),
            address.to_bytes(2, "big"),
            b"\0\0",
        )
    )


def artdmx(port_address: int, levels: bytes, sequence: int = 0) -> bytes:
    """An Art-Net 4 ArtDmx."""
    return b"".join(
        (
            b"Art-Net\0\x00\x50\x00\x0e",
            bytes([sequence, 0, port_address & 255, port_address >> 8]),
            len(levels).to_bytes(2, "big"),
            levels,
        )
    )


def full(levels: bytes) -> bytes:
    """``levels`` and nothing on the other slots of 512."""
    return levels.ljust(512, b"\0")
