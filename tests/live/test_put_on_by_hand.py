"""Parks, marks and locks over real restarts, also of a show that was edited in between."""

import json
from pathlib import Path

import pytest

from showctl.engine.events import ChannelCheck, Go, Maintain, Origin, OutOfService, Park, Rdm
from showctl.runtime.live import Live
from showctl.runtime.revisions import LiveOptions
from tests.live.house import free_port
from tests.runtime.links.loops import on_a_loop

pytestmark = pytest.mark.serial
SHOW = """
show: Rig
patch:
  types: {lamp: {modes: {1ch: {channels: [intensity]}}}}
  universes: {sacn/1: {}}
  fixtures:
    one: {type: lamp, address: sacn/1.1}
    two: {type: lamp, address: sacn/1.2, spare: three}
    three: {type: lamp, address: sacn/1.3}
lists:
  - list: main
    cues: [{1: Up, light: {one: full, two: 70}}]
"""
MEI = Origin("cli", "Mei")


def saved(folder: Path, text: str) -> Path:
    (folder / "show").mkdir(exist_ok=True)
    (folder / "show" / "show.yaml").write_text(text)
    return folder / "show"


def opened(folder: Path) -> Live:
    return Live(folder / "show", folder / "state", LiveOptions(folder / "wire", osc_port=free_port()))


def tags(live: Live) -> list[str]:
    """Every tag of the desk's status, in words."""
    seen = live.desk.status()["tags"]
    return [item["words"] for kind in ("maintenance", "checking", "out_of_service", "parked") for item in seen[kind]]


STANDING = [
    "maintenance: Mei, on the ladder",
    "two is out of service until 2031-01-01, three stands in (Mei: lamp blown)",
    "one is parked: intensity 20 % (Mei: ballast hums)",
]


@on_a_loop
async def test_what_people_put_on_a_show_outlives_every_end_of_it(tmp_path: Path) -> None:
    saved(tmp_path, SHOW)
    live = opened(tmp_path)
    await live.start()
    for request in (
        Park("one at 20", "ballast hums", origin=MEI),
        OutOfService("two", "lamp blown", "2031-01-01", origin=MEI),
        Maintain(True, "on the ladder", origin=MEI),
        ChannelCheck("three at 50", MEI),
    ):
        answer = await live.desk.ask(request)
        assert answer.refused == "", request
    assert tags(live) == [STANDING[0], "Mei checks 1 of 1: three (3, lamp at sacn/1.3) at 50 %", *STANDING[1:]]
    await live.stop()
    kept = json.loads((tmp_path / "state" / "tags.json").read_text())
    since = [item["since"] for kind in ("parked", "out_of_service", "maintenance") for item in kept[kind]]

    live = opened(tmp_path)
    await live.start()
    assert tags(live) == STANDING, "a check ends with its run; the others do not"
    assert (await live.desk.ask(Go(origin=Origin("schedule")))).refused == "maintenance lock of Mei: nothing starts by itself"
    await live.stop()

    saved(tmp_path, SHOW.replace("    one:", "    zero: {type: lamp, address: sacn/1.9}\n    one:"))
    live = opened(tmp_path)
    await live.start()
    assert tags(live) == STANDING, "they are kept by name: every light has another number now"
    refused = (await live.desk.ask_rdm(Rdm("discover")))["refused"]
    assert refused == "no universe of the show goes over Art-Net or a USB widget, and sACN has no way to ask a fixture"
    await live.stop()
    kept = json.loads((tmp_path / "state" / "tags.json").read_text())
    assert since == [item["since"] for kind in ("parked", "out_of_service", "maintenance") for item in kept[kind]]
