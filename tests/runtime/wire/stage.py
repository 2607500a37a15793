"""A small stage for the tests of the wire: three dimmers and a hazer, on sACN, Art-Net and a USB Pro, and rows by hand."""

import numpy as np
from numpy.typing import NDArray

from showctl.light.plan import ROW, PlanChange, RowKind
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.cues import LightMove
from showctl.show.fixtures import Channel, Family, Fixture, Hazard, Mode
from showctl.show.instants import MILLISECOND, SECOND
from showctl.show.patch import Protocol, Universe, make_patch
from showctl.show.show import Show

CID = bytes(range(16))
MS = MILLISECOND
S = SECOND

DIMMER = Mode("dimmer", 1, (Channel("intensity", Family.INTENSITY, (0,)),))
UNIVERSES = (
    Universe(0, "sacn/1", Protocol.SACN, 1),
    Universe(1, "sacn/2", Protocol.SACN, 2, priority=150, destinations=("127.0.1.1", "127.0.1.2")),
    Universe(2, "artnet/0", Protocol.ARTNET, 0),
    Universe(3, "usbpro/fog", Protocol.USBPRO, 0, device="EN123456"),
)


def show(*universes: Universe, rate: int = 40, hazard: bool = False, exit_look: tuple[LightMove, ...] = ()) -> Show:
    """One dimmer at slot 1 of each universe, parameter n in universe n; ``hazard``: the last of them is one."""
    universes = universes or UNIVERSES
    hazards = [Hazard.INTERLOCKED if hazard and universe is universes[-1] else Hazard.NONE for universe in universes]
    fixtures = tuple(
        Fixture(n, f"dimmer_{n}", "dimmer", DIMMER, universe.key, 1, hazard=hazards[n]) for n, universe in enumerate(universes)
    )
    return Show("Stage", make_patch(universes, (), fixtures), (), dmx_rate=rate, exit_look=exit_look)


def sender(*universes: Universe, **more: object) -> FrameSender:
    return FrameSender(show(*universes, **more), CID, "Stage")  # type: ignore[arg-type]


def row(number: int, parameter: int, target: int, start: int = 0, over: int = 0, source: int = 0) -> NDArray[np.void]:
    """One SET row."""
    made = np.zeros(1, ROW)
    made["id"], made["parameter"], made["kind"] = number, parameter, RowKind.SET
    made["source"], made["target"], made["start"], made["duration"] = source, target, start, over
    return made


def change(instant: int, *rows: NDArray[np.void]) -> PlanChange:
    return PlanChange(instant, rows_in=np.concatenate(rows))
