"""RDM through the real wire process: a node's cable and a widget's, found against patched, set and read back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from showctl.light.plan import Plan
from showctl.protocols import artnet, usbpro
from showctl.protocols.rdm_values import DeviceInfo
from showctl.runtime.rdm_carrier import RdmTrouble
from showctl.runtime.rdm_desk import RdmDesk
from showctl.runtime.rdm_match import Found, matched
from showctl.runtime.wire.client import WireClient, ask
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.show.patch import Node, make_patch
from showctl.show.show import Show
from simulators.dmx_artnet import ArtnetEar
from simulators.rdm_cable import Cable, Responder
from tests.runtime.wire.live_stage import STAGE
from tests.runtime.wire.stage import show as stage_show

ROOT = Path(__file__).parents[2]
NODE = "127.0.7.77"


def free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        return int(sock.getsockname()[1])


def lamp(number: int, address: int, mode: int = 2) -> Responder:
    return Responder(0x7FF0_00000000 + number, "fine dimmer", [("coarse", 1), ("fine", 2)], mode, address)


class Rig:
    """A wire process, a node at Art-Net 0 and a widget, with a cable each."""

    def __init__(self, folder: Path, node: Cable, widget: Cable) -> None:
        self.folder, self.node, self.widget = folder, node, widget
        self.port = free_port("127.0.0.1")
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        (folder / "EN123456").symlink_to(os.ttyname(self.slave))
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind((NODE, self.port))
        self.frames = 0
        self._end, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        sacn_port = free_port("127.0.0.1")
        argv = [sys.executable, "-m", "tests.runtime.wire.live_stage", "wire", str(folder), str(sacn_port), str(self.port)]
        self.wire = subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.DEVNULL)

    def _serve(self) -> None:
        """Node and widget answer as their cables do."""
        heard = ArtnetEar("node", NODE, {})
        heard.cables = {0: self.node}
        frames = usbpro.Deframer()
        while True:
            ready = select.select([self.ear.fileno(), self.master, self._end], [], [])[0]
            if self._end in ready:
                return
            if self.ear.fileno() in ready:
                data, source = self.ear.recvfrom(2048)
                heard.hear(data, source, 0)
                for answer, to in heard.take_replies():
                    self.ear.sendto(answer, to)
            if self.master in ready:
                for frame in frames.feed(os.read(self.master, 4096)):
                    self.frames += frame.label == 6
                    if frame.label in (7, 11):
                        said = self.widget.carries(frame.data)
                        os.write(self.master, usbpro.frame(12) if said is None else usbpro.frame(5, b"\0" + said))

    def close(self) -> None:
        self.wire.terminate()
        self.wire.wait(10)
        os.write(self._stop, b"!")
        self._thread.join(5)
        for number in (self.master, self.slave, self._end, self._stop):
            os.close(number)
        self.ear.close()


def show() -> Show:
    """The stage of the wire's live tests, its Art-Net universe sent to the test's node."""
    universes = tuple(replace(u, destinations=(NODE,)) if u.key == "artnet/0" else u for u in STAGE.patch.universes)
    return replace(STAGE, patch=make_patch(universes, (Node("node", NODE, ("artnet/0",)),), STAGE.patch.fixtures))


@contextlib.contextmanager
def rig(folder: Path, node: Cable, widget: Cable) -> Iterator[Rig]:
    made = Rig(folder, node, widget)
    try:
        yield made
    finally:
        made.close()


async def until_found(desk: RdmDesk, what: str = "") -> dict[str, Any]:
    """Searches, and waits for the end of it."""
    await desk.do("discover", what, "")
    async with asyncio.timeout(30):
        return await desk.searched()


def talk(rig: Rig, script: Callable[[RdmDesk], Awaitable[None]], stopped: Callable[[], str] = lambda: "") -> None:
    """Runs ``script`` with a desk at the rig's wire."""

    async def run() -> None:
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(OSError):
                    stats = await asyncio.to_thread(ask, rig.folder / "wire")
                    break
                await asyncio.sleep(0.05)
            light = WireClient(rig.folder / "wire", bytes(16), fingerprint(STAGE), 0)
            light.load(Plan(), 0)
            while not light.connected:
                light.service(time.monotonic_ns())
                await asyncio.sleep(0.01)
            desk = RdmDesk(show, rig.folder / "wire", lambda: stats, stopped)
            try:
                await script(desk)
            finally:
                desk.close()
                light.close()

    asyncio.run(run())


@pytest.mark.serial
def test_fixtures_are_found_against_the_patch_set_and_read_back(tmp_path: Path) -> None:
    node = Cable([lamp(1, 1), lamp(2, 9, mode=1)])
    widget = Cable([lamp(3, 1), lamp(4, 1), lamp(5, 40)])

    async def script(desk: RdmDesk) -> None:
        table = await until_found(desk)
        assert [(d["uid"], d["universe"], d["address"], d["light"], d["words"]) for d in table["devices"]] == [
            ("7ff0:00000001", "artnet/0", 1, "fine_2", ""),
            ("7ff0:00000002", "artnet/0", 9, None, "nothing is patched at artnet/0.9"),
            ("7ff0:00000003", "usbpro/fog", 1, "fine_1", "7ff0:00000004 listens there, too"),
            ("7ff0:00000004", "usbpro/fog", 1, "fine_1", "7ff0:00000003 listens there, too"),
            ("7ff0:00000005", "usbpro/fog", 40, None, "nothing is patched at usbpro/fog.40"),
        ]
        assert (table["missing"], table["troubles"]) == ([], [])
        assert (table["devices"][0]["maker"], table["devices"][0]["mode_name"]) == ("Simulated venue", "fine")

        assert (await desk.do("identify", "fine_2", ""))["words"] == "fine_2 shows itself until `off`"
        assert [responder.identifying for responder in node.responders] == [True, False]
        with pytest.raises(RdmTrouble, match="fine_1 is 7ff0:00000003 and 7ff0:00000004: name one of them"):
            await desk.do("identify", "fine_1", "")
        assert (await desk.do("identify", "off", ""))["words"] == "fine_2 is itself again"
        assert [responder.identifying for responder in node.responders] == [False, False]
        with pytest.raises(RdmTrouble, match="nobody was told to show itself"):
            await desk.do("identify", "off", "")
        moved = await desk.do("address", "7ff0:00000004", "100")
        assert moved["words"] == "7ff0:00000004 listens at usbpro/fog.100 (nothing is patched at usbpro/fog.100)"
        assert widget.responders[1].address == 100
        assert (await desk.do("mode", "7ff0:00000002", ""))["words"] == "1: coarse (1 slots)\n2: fine (2 slots)"
        assert (await desk.do("mode", "7ff0:00000002", "fine"))["words"].startswith("7ff0:00000002 is in mode 2, 2 slots")
        sensors = await desk.do("sensors", "fine_1", "")
        assert sensors["words"] == "Lamp house: 41 °C"
        assert (await desk.do("label", "7ff0:00000005", "Spare 5"))["words"] == "7ff0:00000005 is labelled 'Spare 5'"
        assert widget.responders[2].label == "Spare 5"

        for words, why in (
            (("address", "fine_2", "513"), "513 is no address: 1 to 512"),
            (("mode", "fine_2", "9"), "fine_2 has no mode 9; it has 1 (coarse), 2 (fine)"),
            (("label", "fine_2", "Tuyère"), "a device's label is 32 plain letters at most"),
            (("identify", "nobody", ""), "nobody was not found on usbpro/fog, artnet/0"),
            (("identify", "7ff0:99", ""), "7ff0:99 was not found on"),
            (("discover", "sacn/1", ""), "sacn/1: sACN has no way to ask a fixture"),
            (("discover", "sacn/9", ""), "sacn/9 are no universes of the show"),
            (("explode", "fine_2", ""), "RDM knows discover, identify, address, mode, label, sensors, not explode"),
        ):
            with pytest.raises(RdmTrouble, match=why.replace("(", r"\(").replace(")", r"\)")):
                await desk.do(*words)

    with rig(tmp_path, node, widget) as made:
        talk(made, script)
        assert made.frames > 40, "the light went on between the questions"


@pytest.mark.serial
def test_a_cue_that_begins_meanwhile_ends_it(tmp_path: Path) -> None:
    begun = threading.Event()

    class Slow(Cable):
        def carries(self, slots: bytes) -> bytes | None:
            begun.set()
            return super().carries(slots)

    async def script(desk: RdmDesk) -> None:
        with pytest.raises(RdmTrouble, match="nobody has been searched for yet"):
            await desk.do("identify", "fine_2", "")
        table = await until_found(desk, "usbpro/fog")
        assert (table["troubles"], table["devices"], table["searched"], table["missing"]) == (["main/1 runs"], [], [], [])
        with pytest.raises(RdmTrouble, match="nobody has been searched for yet"):
            await desk.do("identify", "fine_1", "")

    with rig(tmp_path, Cable(), Slow([lamp(1, 1)])) as made:
        talk(made, script, lambda: "main/1 runs" if begun.is_set() else "")


def test_without_a_wire_it_is_said() -> None:
    async def run() -> None:
        desk = RdmDesk(show, Path("/nowhere/wire"), lambda: None, lambda: "")
        table = await until_found(desk, "artnet/0")
        assert table["troubles"] == ["the process that sends light does not answer (No such file or directory)"]
        desk.close()

    asyncio.run(run())


def test_what_can_hurt_is_left_alone() -> None:
    """A hazer that listened to other slots would run with some lamp."""

    async def run() -> None:
        desk = RdmDesk(lambda: stage_show(hazard=True), Path("/nowhere/wire"), lambda: None, lambda: "")
        desk._found = [Found(5, "usbpro/fog", DeviceInfo(1, 1, 1, 1, 1, 1, 1, 0, 0))]
        desk._searched = ["usbpro/fog"]
        for verb in ("identify", "address", "mode"):
            with pytest.raises(RdmTrouble, match="dimmer_3 is a hazard: set it at the device itself, with its power off"):
                await desk.do(verb, "dimmer_3", "2")

    asyncio.run(run())


def test_a_stranger_of_the_missing_ones_size_is_named_as_a_guess() -> None:
    info = DeviceInfo(1, 1, 1, footprint=1, mode=1, modes=1, address=7, sub_devices=0, sensors=0)
    made = stage_show()

    (match,), missing = matched(made, [Found(5, "artnet/0", info)])

    assert (match.words, missing) == ("nothing is patched at artnet/0.7; is it dimmer_2?", ["dimmer_2"])
    (silent,), _ = matched(made, [Found(6, "artnet/0", trouble="0000:00000006 does not answer")])
    assert silent.words == "0000:00000006 does not answer"
    assert artnet.PORT == 6454
