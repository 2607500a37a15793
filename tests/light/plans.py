"""A small patch with every kind of fixture, one-line rows, and any plan over them for the property tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from showctl.light.clocks import Clock, table
from showctl.light.curves import CURVES
from showctl.light.masters import FIRST_SUBMASTER, master_row
from showctl.light.plan import NO_MASTERS, ROW, MasterKind, Plan, RowKind, Rows
from showctl.light.render import Rendering
from showctl.show.fixtures import FAMILY_OF, Channel, Family, Fixture, Hazard, Mode
from showctl.show.patch import Patch, Protocol, Universe, make_patch
from showctl.show.show import Submaster

steady = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def channel(name: str, *slots: int, **more: Any) -> Channel:
    return Channel(name, FAMILY_OF.get(name, Family.BEAM), slots, **more)


PAR = Mode("rgb", 3, (channel("intensity"), channel("red", 0), channel("green", 1), channel("blue", 2)))
HEAD = Mode(
    "16bit",
    7,
    (
        channel("intensity", 0),
        channel("pan", 1, 2, default=32768, low=-270, high=270),
        channel("tilt", 3, 4, 5, default=40000, inverted=True),
        channel("gobo", 6, snap=True),
    ),
)
CMY = Mode("cmy", 4, (channel("intensity"), channel("cyan", 0), channel("magenta", 1, inverted=True), channel("yellow", 2, 3)))
BAR = Mode(
    "2px",
    4,
    (
        channel("intensity"),
        channel("intensity", cell=0),
        channel("red", 0, cell=0),
        channel("white", 1, cell=0),
        channel("intensity", cell=1),
        channel("red", 2, cell=1),
        channel("amber", 3, cell=1),
    ),
    cells=2,
)
FOG = Mode("fog", 1, (channel("fog", 0, default=0),))


def the_patch() -> Patch:
    universes = (Universe(0, "sacn/1", Protocol.SACN, 1), Universe(1, "artnet/0", Protocol.ARTNET, 0))
    return make_patch(
        universes,
        (),
        (
            Fixture(0, "par", "par", PAR, "sacn/1", 1),
            Fixture(1, "head", "head", HEAD, "sacn/1", 506),
            Fixture(2, "profile", "cmy", CMY, "artnet/0", 100),
            Fixture(3, "bar", "bar", BAR, "artnet/0", 1),
            Fixture(4, "fog", "fog", FOG, "artnet/0", 512, hazard=Hazard.INTERLOCKED),
        ),
    )


PATCH = the_patch()
INTENSITY, RED, GREEN, BLUE = 0, 1, 2, 3
HEAD_INTENSITY, PAN, TILT, GOBO = 4, 5, 6, 7
FOG_LEVEL = 19
SUBMASTERS = (
    Submaster(0, "pars", (INTENSITY, RED, HEAD_INTENSITY), inhibitive=True),
    Submaster(1, "wash", (INTENSITY, 8, RED), inhibitive=False),
)
RENDERING = Rendering(PATCH, SUBMASTERS)


def row(**columns: int) -> Rows:
    """One row: a setting of list 0 at priority 100 unless told otherwise."""
    made = np.zeros(1, ROW)
    made["id"], made["priority"], made["period"] = 1, 100, 1
    for name, value in columns.items():
        made[name] = value
    return made


def plan(*rows: Rows, clocks: tuple[Clock, ...] = (), masters: Rows = NO_MASTERS) -> Plan:
    return Plan(np.concatenate(rows) if rows else np.empty(0, ROW), table(clocks), masters)


# --- any plan ------------------------------------------------------------------------------------------------------------

levels = st.one_of(st.sampled_from([0, 1, 32768, 65535]), st.integers(0, 65535))
moments = st.integers(0, 40)
lengths = st.one_of(st.just(0), st.integers(1, 30))
instants = st.integers(0, 90)


def any_rows(seed: int, kinds: tuple[RowKind, ...]) -> Rows:
    """Up to a dozen rows, crowded onto few parameters so that they meet. A failure is a seed."""
    random = np.random.default_rng(seed)
    count = int(random.integers(0, 13))
    made = np.zeros(count, ROW)

    def some(name: str, low: int, high: int) -> None:
        made[name] = random.integers(low, high, count)

    def one_of(name: str, *values: int) -> None:
        made[name] = random.choice(values, count)

    made["id"] = np.arange(1, count + 1)
    made["kind"] = random.choice(kinds, count)
    made["parameter"] = random.choice(random.choice([INTENSITY, RED, HEAD_INTENSITY, PAN, TILT, FOG_LEVEL, 8, 9, 13], 2), count)
    some("list", 0, 4)
    made["priority"] = np.array(PRIORITIES)[made["list"]]
    for name in ("source", "target", "safe", "phase", "size", "width", "seed"):
        some(name, 0, 65536)
        edge = random.random(count) < 0.3
        made[name][edge] = random.choice([0, 1, 32768, 65535], count)[edge]
    some("htp", 0, 2)
    some("clock", 0, 4)
    some("start", 0, 40)
    some("duration", 0, 40)
    some("curve", 0, len(CURVES))
    some("owner", 1, 10)
    made["until"] = np.where(random.random(count) < 0.15, random.integers(0, 90, count), 0)
    one_of("wave", *range(6))
    some("period", 1, 20)
    some("element", 0, 40)
    for name in ("entry", "exit"):
        some(name, 0, 30)
    made["ends"] = np.where(random.random(count) < 0.4, random.integers(1, 90, count), 0)
    made["target"][made["kind"] == RowKind.FOLLOW] %= len(PATCH.parameters)
    made["source"][(made["kind"] == RowKind.CHASE) & (random.random(count) < 0.4)] = -1
    return made


PRIORITIES = (100, 100, 120, 80)
"""Of lists 0 to 3."""


@st.composite
def any_clocks(draw: st.DrawFn) -> tuple[Clock, ...]:
    rates = st.sampled_from([(1, 1), (1, 1), (0, 1), (1, 2), (2, 3), (3, 1)])
    return tuple(Clock(n, draw(moments), draw(moments), *draw(rates)) for n in (1, 2, 3))


@st.composite
def any_masters(draw: st.DrawFn) -> Rows:
    kinds = {
        0: MasterKind.GRAND,
        1: MasterKind.BLACKOUT,
        FIRST_SUBMASTER: MasterKind.INHIBITIVE,
        FIRST_SUBMASTER + 1: MasterKind.ADDITIVE,
    }
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), unique=True).map(sorted))
    rows = [
        master_row(n, kinds[n], draw(levels), draw(levels), draw(st.integers(0, 3)), draw(moments), draw(lengths)) for n in chosen
    ]
    return np.concatenate(rows) if rows else NO_MASTERS


@st.composite
def any_plan(draw: st.DrawFn, kinds: tuple[RowKind, ...] = tuple(RowKind)) -> Plan:
    return Plan(any_rows(draw(st.integers(0, 2**32 - 1)), kinds), table(draw(any_clocks())), draw(any_masters()))
