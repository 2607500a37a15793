"""MIDI Show Control against MMA RP-002."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols import msc
from showctl.protocols.errors import ProtocolError
from showctl.protocols.msc import Command, Format, Message, Time
from tests.protocols.material import survive

MESSAGES: list[tuple[str, Message]] = [
    ("f0 7f 7f 02 01 01 f7", Message(Command.GO)),  # RP-002 5.1, no data: the next cue
    ("f0 7f 05 02 01 01 3132 2e35 f7", Message(Command.GO, 5, number="12.5")),
    ("f0 7f 70 02 10 02 31 00 32 00 33 f7", Message(Command.STOP, 0x70, Format.SOUND, "1", "2", "3")),
    ("f0 7f 7f 02 7f 01 00 32 f7", Message(Command.GO, format=Format.ALL, list="2")),
    ("f0 7f 7f 02 01 04 61 02 03 04 00 37 f7", Message(Command.TIMED_GO, number="7", time=Time(0x61, 2, 3, 4))),
    ("f0 7f 7f 02 01 05 37 f7", Message(Command.LOAD, number="7")),
    ("f0 7f 7f 02 01 06 01 02 7f 7f f7", Message(Command.SET, control=(257, 16383))),  # low seven bits first
    ("f0 7f 7f 02 01 06 0100 0000 60 00 01 00 00 f7", Message(Command.SET, control=(1, 0), time=Time(0x60, 0, 1, 0))),
    ("f0 7f 7f 02 01 07 7f f7", Message(Command.FIRE, macro=127)),
    ("f0 7f 7f 02 01 08 f7", Message(Command.ALL_OFF)),
    ("f0 7f 7f 02 30 11 39 f7", Message(Command.STANDBY_PLUS, format=Format.VIDEO, list="9")),
    ("f0 7f 7f 02 01 18 21 00 00 00 00 31 f7", Message(Command.SET_CLOCK, list="1", time=Time(0x21, 0, 0, 0))),
    ("f0 7f 7f 02 01 1b 31 f7", Message(Command.OPEN_CUE_LIST, list="1")),
    ("f0 7f 7f 02 01 1e 31 f7", Message(Command.CLOSE_CUE_PATH, path="1")),
]


@pytest.mark.parametrize(("data", "message"), MESSAGES)
def test_messages_are_the_bytes_of_the_specification(data: str, message: Message) -> None:
    assert msc.encode(message) == bytes.fromhex(data)
    assert msc.decode(bytes.fromhex(data)) == message


def test_other_sysex_is_not_show_control() -> None:
    assert msc.decode(bytes.fromhex("f0 7f 7f 01 01 2d 2d 3b 17 f7")) is None
    assert msc.decode(b"") is None


def test_a_two_phase_commit_is_unknown() -> None:
    data = bytes.fromhex("f0 7f 7f 02 01 20 01 02 f7")

    assert msc.decode(data) == msc.Unknown(0x20, 0x7F, 1, b"\x01\x02")


@pytest.mark.parametrize(
    "data",
    [
        "f0 7f 7f 02 f7",
        "f0 7f 7f 02 01 01 31",
        "f0 7f 7f 02 01 01 80 f7",
        "f0 7f 7f 02 01 01 41 f7",  # a letter is no cue number
        "f0 7f 7f 02 01 01 31 00 32 00 33 00 34 f7",
        "f0 7f 7f 02 01 04 00 00 f7",
        "f0 7f 7f 02 01 05 f7",  # LOAD names its cue
        "f0 7f 7f 02 01 06 00 f7",
        "f0 7f 7f 02 01 07 f7",
        "f0 7f 7f 02 01 08 00 f7",
        "f0 7f 7f 02 01 1b f7",
    ],
)
def test_a_broken_message_is_refused(data: str) -> None:
    with pytest.raises(ProtocolError):
        msc.decode(bytes.fromhex(data))


@pytest.mark.parametrize(
    "message",
    [
        Message(Command.GO, number="12a"),
        Message(Command.GO, number=""),
        Message(Command.GO, device=128),
        Message(Command.GO, macro=1),
        Message(Command.ALL_OFF, number="1"),
        Message(Command.FIRE),
        Message(Command.TIMED_GO, number="1"),
        Message(Command.OPEN_CUE_LIST, path="1"),
        Message(Command.GO, number="1" * 130),
    ],
)
def test_a_field_that_its_command_cannot_carry_is_refused_before_sending(message: Message) -> None:
    with pytest.raises(ValueError, match=r".+"):
        msc.encode(message)


def test_a_message_has_at_most_128_bytes() -> None:
    assert len(msc.encode(Message(Command.GO, number="1" * 121))) == 128
    with pytest.raises(ValueError, match="message size"):
        msc.encode(Message(Command.GO, number="1" * 122))


names = st.none() | st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,3})?", fullmatch=True)


@given(
    st.sampled_from([Command.GO, Command.STOP, Command.RESUME, Command.GO_OFF]),
    st.integers(0, 127),
    st.integers(1, 127),
    names,
    names,
    names,
)
def test_a_cue_command_comes_back_as_it_went(
    command: Command, device: int, kind: int, number: str | None, cue_list: str | None, path: str | None
) -> None:
    message = Message(command, device, kind, number, cue_list, path)

    assert msc.decode(msc.encode(message)) == message


def test_mutated_messages_only_ever_raise_protocol_errors() -> None:
    read, refused = survive(msc.decode, [bytes.fromhex(data) for data, _ in MESSAGES])

    assert read > 1000
    assert refused > 1000
