"""A widget's port is found by its serial number, under the plain name as under the one that udev gives it."""

import os
import time
from pathlib import Path

import pytest

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
        assert os.read(master, 100) == b"a message"
    finally:
        port.close()
        os.close(slave)
        os.close(master)
