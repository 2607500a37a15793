"""A rival source, live: a foreign desk sends on a hazard's universe; within a second the permit has fallen and we know who."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from showctl.engine.events import Go, InputChanged
from showctl.engine.state import HazardPhase
from showctl.protocols import sacn
from showctl.runtime.live import Live
from showctl.runtime.revisions import LiveOptions
from showctl.runtime.wire.sockets import open_sender
from tests.live.house import Program, free_port, until
from tests.runtime.links.loops import on_a_loop

pytestmark = pytest.mark.serial
SHOW = """
show: Fog
patch:
  types: {fogger: {hazard: interlocked, modes: {1ch: {channels: [fog]}}}, lamp: {modes: {1ch: {channels: [intensity]}}}}
  universes: {sacn/7: {}, sacn/8: {}}
  fixtures: {smoke: {type: fogger, address: sacn/7.1}, one: {type: lamp, address: sacn/8.1}}
triggers:
  inputs: {granted: {osc: /granted, type: truth, initial: false, stale: 0.4s}}
hazards: {low_fog: {fixtures: smoke, permit: granted}}
lists:
  - list: main
    cues: [{1: Fog, hazard: yes, light: {one: full, smoke: fog 60}}]
"""


@on_a_loop
async def test_a_foreign_desk_on_the_fogs_universe_makes_it_safe_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "show").mkdir()
    (tmp_path / "show" / "show.yaml").write_text(SHOW)
    port = free_port()
    where = ["--show", tmp_path / "show", "--socket", tmp_path / "wire", "--state", tmp_path / "state", "--sacn-port", port]
    wire = Program([sys.executable, "-m", "showctl.runtime.wire", *where], tmp_path / "wire.log")
    live = Live(tmp_path / "show", tmp_path / "state", LiveOptions(tmp_path / "wire", osc_port=free_port()))
    notes: list[dict[str, Any]] = []
    live.desk.subscribe(notes.append)
    granting = None

    async def grant() -> None:
        while True:
            live.handle(InputChanged("granted", True))
            await asyncio.sleep(0.1)

    def phase() -> HazardPhase:
        return live.playback.state.hazards[0].phase

    try:
        await live.start()
        await until(lambda: live.wire.connected, 20)
        granting = asyncio.get_running_loop().create_task(grant())
        await until(lambda: phase() is HazardPhase.ENABLED, 5)
        live.handle(Go("main"))
        assert phase() is HazardPhase.FIRE
        with open_sender("127.0.0.1") as desk:
            began, number = time.monotonic(), 0
            while phase() is HazardPhase.FIRE and time.monotonic() < began + 2:
                packet = sacn.DataPacket(b"\7" * 16, "FOH desk", 7, b"\0", number % 256, priority=10)
                desk.sendto(sacn.encode(packet), (sacn.multicast_group_v4(7), port))
                number += 1
                await asyncio.sleep(0.025)
            took = time.monotonic() - began
        [row] = [row for row in live.desk.devices(live.clock.now()) if row["kind"] == "rival_source"]
        await until(lambda: phase() is HazardPhase.ENABLED, 5)
    finally:
        if granting is not None:
            granting.cancel()
        await live.stop()
        wire.end()

    said = [note["words"] for note in notes]
    assert took < 1
    who = "FOH desk (127.0.0.1, CID 07070707-0707-0707-0707-070707070707)"
    assert row["why"] == f"{who} also sends sacn/7, at priority 10; ours is 100: ours wins."
    assert f"low_fog is safe: sacn/7 is not ours alone: {row['why']}" in said, "whatever its priority"
    assert said.index("sacn/7 is ok") > said.index(f"sacn/7 is degraded: {row['why']}")
