"""A widget's port, on pseudo-terminals: found by its serial number under any name, pulled out and put back, stalled."""

import os
import select
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from showctl.protocols import usbpro
from showctl.runtime.wire.usb_port import UsbPort

pytestmark = pytest.mark.serial


@pytest.mark.parametrize("name", ["EN123456", "usb-ENTTEC_DMX_USB_PRO_EN123456-if00-port0"])
def test_a_widget_in_the_directory_is_opened_by_its_number(tmp_path: Path, name: str) -> None:
    master, slave = os.openpty()
    (tmp_path / "usb-ENTTEC_DMX_USB_PRO_EN1234567-if00-port0").symlink_to("/nowhere")  # another one's, nearly alike
    (tmp_path / name).symlink_to(os.ttyname(slave))
    port = UsbPort("EN123456", tmp_path)
    try:
        port.write(b"a message")
        end = time.monotonic() + 5
        while not port.is_open:
            assert time.monotonic() < end
            time.sleep(0.01)
        assert os.read(master, 100).endswith(b"a message") or os.read(master, 100) == b"a message"
    finally:
        port.close()
        os.close(slave)
        os.close(master)


class Pulled:
    """A pseudo-terminal in place of a widget; ``pull`` takes it away."""

    def __init__(self, directory: Path, name: str) -> None:
        self.master, self.slave = os.openpty()
        self.link = directory / name
        self.link.symlink_to(os.ttyname(self.slave))
        self.deframer = usbpro.Deframer()

    def requests(self, seconds: float, until: int = 1) -> list[usbpro.Request]:
        """What our side has written, at least ``until`` messages, so long at most."""
        end = time.monotonic() + seconds
        found: list[usbpro.Request] = []
        while len(found) < until and (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                found += [usbpro.decode_request(frame) for frame in self.deframer.feed(os.read(self.master, 4096))]
        return found

    def pull(self) -> None:
        self.link.unlink(missing_ok=True)
        os.close(self.slave)
        os.close(self.master)


def until(true: Callable[[], object], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.005)


LOOK = usbpro.encode(usbpro.SendDmx(bytes(range(24))))


@pytest.mark.expects_log("USB widget EN000001 is gone")
def test_unplugged_and_back_under_another_name_the_patch_holds_and_the_look_is_there(tmp_path: Path) -> None:
    widget = Pulled(tmp_path, "usb-ENTTEC_DMX_USB_PRO_EN000001-if00-port0")
    port = UsbPort("EN000001", tmp_path)
    try:
        port.write(LOOK)
        first = widget.requests(5, until=3)
        assert first[:2] == [usbpro.GetSerial(), usbpro.GetParameters()]
        assert usbpro.SendDmx(bytes(range(24))) in first
        os.write(widget.master, usbpro.encode(usbpro.Serial("00000001")) + usbpro.encode(usbpro.Parameters(0x0144, 9, 1, 20)))
        assert widget.requests(5) == [usbpro.SetParameters(9, 1, 40)], "it refreshes as often as we write"
        widget.pull()
        until(lambda: not port.is_open)
        widget = Pulled(tmp_path, "usb-OTHER_HUB_EN000001-if01")
        began = time.monotonic()
        again = widget.requests(5, until=3)
        took = time.monotonic() - began
    finally:
        port.close()
        widget.pull()

    assert usbpro.SendDmx(bytes(range(24))) in again, "what shows now, not darkness"
    assert took < 1.5
    assert (port.opened, port.widget.serial) == (2, "00000001")


@pytest.mark.expects_log("USB widget EN000001 is gone .takes no bytes")
def test_a_widget_that_takes_no_bytes_blocks_neither_the_frames_nor_another_widget(tmp_path: Path) -> None:
    stalled, well = Pulled(tmp_path, "EN000001"), Pulled(tmp_path, "EN000002")
    ports = [UsbPort("EN000001", tmp_path), UsbPort("EN000002", tmp_path)]
    try:
        until(lambda: all(port.is_open for port in ports))
        shown: list[usbpro.Request] = []
        slowest, took = 0.0, 0.0
        for n in range(120):  # three seconds of frames, as fast as the other takes them
            frame = usbpro.encode(usbpro.SendDmx(bytes([n]) * 512))
            for port in ports:
                began = time.perf_counter()
                port.write(frame)
                took = time.perf_counter() - began
                slowest = max(slowest, took)
            shown += well.requests(0.025)
        until(lambda: ports[0].replaced > 0)
        until(lambda: ports[0].opened > 1 or not ports[0].is_open)
    finally:
        os.set_blocking(stalled.master, False)
        for port in ports:
            port.close()
        stalled.pull()
        well.pull()

    levels = [request.slots[0] for request in shown if isinstance(request, usbpro.SendDmx)]
    assert len(levels) > 60
    assert levels == sorted(levels)
    assert slowest < 0.1, "a mailbox, and never a cable"


def test_several_widgets_each_get_their_own(tmp_path: Path) -> None:
    widgets = [Pulled(tmp_path, f"EN00000{n}") for n in (1, 2)]
    ports = [UsbPort(f"EN00000{n}", tmp_path) for n in (1, 2)]
    try:
        for n, port in enumerate(ports):
            port.write(usbpro.encode(usbpro.SendDmx(bytes([n + 1]) * 24)))
        got = [widget.requests(5, until=3)[-1] for widget in widgets]
    finally:
        for port in ports:
            port.close()
        for widget in widgets:
            widget.pull()

    assert got == [usbpro.SendDmx(b"\1" * 24), usbpro.SendDmx(b"\2" * 24)]


def test_a_widget_that_is_an_input_is_told_to_report_and_its_newest_levels_are_taken_once(tmp_path: Path) -> None:
    widget = Pulled(tmp_path, "EN123456")
    port = UsbPort("EN123456", tmp_path, receives=True)
    try:
        asked = widget.requests(5.0, until=3)
        assert usbpro.ReceiveMode(False) in asked  # label 8: every packet, not only changes
        os.write(widget.master, bytes.fromhex("7e 05 04 00 00 00 0102 e7"))  # label 5: status, start code, two slots
        until(lambda: port.widget.packets)
        assert port.take_levels() == b"\1\2"
        assert port.take_levels() is None
    finally:
        port.close()
        widget.pull()
