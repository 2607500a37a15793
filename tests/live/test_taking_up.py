"""An engine that died after a long run keeps its state as soon as it is back: dying again and again takes no longer each time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from showctl.engine.events import Go, Origin
from showctl.runtime.journal import read_tail
from showctl.runtime.keeping import LONGEST_TAIL
from showctl.runtime.live import Live
from tests.live.test_put_on_by_hand import SHOW, opened, saved
from tests.runtime.links.loops import on_a_loop, until

pytestmark = pytest.mark.serial


async def die(live: Live, folder: Path) -> None:
    """``kill -9``: its files stay as they are at this instant."""
    shutil.copytree(folder / "state", folder / "left")
    await live.stop()
    shutil.rmtree(folder / "state")
    (folder / "left").rename(folder / "state")


def press(live: Live, times: int) -> None:
    for n in range(times):
        live.handle(Go(token=f"{live.clock.now()}/{n}", origin=Origin("test")))


@pytest.mark.expects_log("The run is taken up again")
@on_a_loop
async def test_a_long_tail_is_read_once(tmp_path: Path) -> None:
    saved(tmp_path, SHOW)
    live = opened(tmp_path)
    await live.start()
    press(live, LONGEST_TAIL + 1)
    await die(live, tmp_path)

    again = opened(tmp_path)
    assert again.taken is not None
    assert again.taken.tail > LONGEST_TAIL
    await again.start()
    path = again.journal.path

    def kept() -> bool:
        press(again, 1)
        _, records = read_tail(path)
        return bool(records) and records[0].kind == "checkpoint"

    await until(kept)
    await die(again, tmp_path)

    third = opened(tmp_path)
    assert third.taken is not None
    assert third.taken.tail < LONGEST_TAIL
    await third.start()
    await third.stop()
