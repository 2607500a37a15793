"""A USB Pro widget, by its bytes (API 1.44): what it is asked, what it says, and which port is its own."""

from dataclasses import dataclass

import pytest

from showctl.runtime.wire.usb_names import Listed, Names
from showctl.runtime.wire.usb_widget import Widget, listening

SERIAL, PARAMETERS = "7e 0a 00 00 e7", "7e 03 02 00 0000 e7"


def raw(text: str) -> bytes:
    return bytes.fromhex(text)


def opened() -> Widget:
    widget = Widget()
    widget.opened()
    return widget


def test_a_widget_that_is_opened_is_asked_for_its_serial_number_and_its_parameters() -> None:
    assert Widget().opened() == raw(SERIAL) + raw(PARAMETERS)  # labels 10 and 3


def test_what_it_says_of_itself_is_known() -> None:
    widget = opened()
    assert widget.heard(raw("7e 0a 04 00 78563412 e7")) == b""  # label 10: least significant byte first, BCD
    assert widget.heard(raw("7e 03 05 00 4401 09 01 28 e7")) == b""  # label 3: firmware 1.44, 96 us, 10.67 us, 40 a second

    assert (widget.serial, widget.firmware, widget.refresh) == ("12345678", 0x0144, 40)


def test_a_serial_number_that_was_never_programmed_is_none() -> None:
    widget = opened()
    widget.heard(raw("7e 0a 04 00 ffffffff e7"))

    assert widget.serial == ""


def test_one_that_refreshes_more_slowly_than_we_write_is_told_to_with_its_own_timing() -> None:
    widget = opened()

    assert widget.heard(raw("7e 03 05 00 4401 11 02 14 e7")) == raw("7e 04 05 00 0000 11 02 28 e7")  # label 4
    assert widget.refresh == 40


def test_one_that_is_as_fast_as_it_can_is_left_alone() -> None:
    assert opened().heard(raw("7e 03 05 00 4401 09 01 00 e7")) == b""


def test_the_receive_side_whole_packets_and_changes() -> None:
    widget = opened()
    assert listening(on_change=True) == raw("7e 08 01 00 01 e7")  # label 8
    widget.heard(raw("7e 05 05 00 00 00 0102 03 e7"))  # label 5: status 0, start code 0, three slots
    assert widget.received == b"\1\2\3"
    widget.heard(raw("7e 09 08 00 00 0600000000 0a0b e7"))  # label 9: from byte 0 on, bits 1 and 2: slots 1 and 2

    assert widget.received is not None
    assert widget.received[:4] == b"\x0a\x0b\x03\x00"


@pytest.mark.parametrize(
    "packet",
    ["7e 05 05 00 01 00 ffffff e7", "7e 05 05 00 02 00 ffffff e7", "7e 05 05 00 00 17 ffffff e7"],
    ids=["queue overflow", "overrun", "text"],
)
def test_what_is_no_good_packet_of_levels_changes_nothing(packet: str) -> None:
    widget = opened()
    widget.heard(raw("7e 05 05 00 00 00 010203 e7"))
    widget.heard(raw(packet))

    assert widget.received == b"\1\2\3"


def test_noise_is_passed_over_and_what_the_api_does_not_allow_is_counted() -> None:
    widget = opened()
    widget.heard(b"\xff\x00\x7e" + raw("7e 0a 03 00 010203 e7") + raw("7e 0a 04 00 78563412 e7"))

    assert (widget.serial, widget.noise, widget.refused) == ("12345678", 3, 1)


def test_half_a_frame_from_before_is_forgotten_when_it_is_opened_again() -> None:
    widget = opened()
    widget.heard(raw("7e 0a 04 00 7856"))
    widget.opened()
    widget.heard(raw("7e 0a 04 00 78563412 e7"))

    assert widget.serial == "12345678"


# --- Which port -------------------------------------------------------------------------------------------------------


@dataclass
class Port:
    device: str
    serial_number: str | None = None
    vid: int | None = 0x0403
    pid: int | None = 0x6001


class Machine:
    """Ports that come and go."""

    def __init__(self, *ports: Listed) -> None:
        self.ports = list(ports)
        self.names = Names(lambda: self.ports)


A, B, OTHER = Port("/dev/ttyUSB0", "EN000001"), Port("/dev/ttyUSB1", "EN000002"), Port("/dev/ttyACM0", "X", 0x2341, 0x0043)


def test_a_widget_is_found_by_its_serial_number_under_whatever_name() -> None:
    machine = Machine(OTHER, A)
    assert machine.names.take("EN000001") == "/dev/ttyUSB0"
    machine.names.give_back("EN000001")
    machine.ports = [OTHER, Port("/dev/ttyUSB7", "EN000001")]

    assert machine.names.take("EN000001") == "/dev/ttyUSB7"


def test_the_serial_number_comes_first_then_the_kind_then_the_path() -> None:
    machine = Machine(OTHER, B, A)
    device = "EN000001, 0403:6001, /dev/ttyS9"
    assert machine.names.take(device) == "/dev/ttyUSB0"
    machine.names.give_back(device)
    machine.ports = [OTHER, B]
    assert machine.names.take(device) == "/dev/ttyUSB1"
    machine.names.give_back(device)
    machine.ports = [OTHER]

    assert machine.names.take(device) == "/dev/ttyS9"


def test_what_another_universe_has_by_its_number_is_never_taken_for_its_kind() -> None:
    machine = Machine(A, B)
    for device in ("0403:6001", "EN000001"):
        machine.names.want(device)

    assert machine.names.take("0403:6001") == "/dev/ttyUSB1", "though the other has not been opened yet"
    assert machine.names.take("EN000001") == "/dev/ttyUSB0"


def test_two_of_a_kind_share_no_port() -> None:
    machine = Machine(A)
    for device in ("0403:6001", "0403:6001, EN000009"):
        machine.names.want(device)

    assert machine.names.take("0403:6001") == "/dev/ttyUSB0"
    assert machine.names.take("0403:6001, EN000009") is None
    machine.names.give_back("0403:6001")
    assert machine.names.take("0403:6001, EN000009") == "/dev/ttyUSB0"


def test_a_port_that_nobody_named_is_never_opened() -> None:
    machine = Machine(OTHER, Port("/dev/ttyS0", None, None, None))

    assert machine.names.take("EN000001, 0403:6001") is None
