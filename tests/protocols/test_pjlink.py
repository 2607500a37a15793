"""PJLink lines and values against Class 1 v1.04 and Class 2 v2.10."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols import pjlink, pjlink_values
from showctl.protocols.errors import ProtocolError
from showctl.protocols.pjlink import Command, ErrorCode, Reply
from showctl.protocols.pjlink_values import PowerState, Severity, meaning
from tests.protocols.material import survive

DIGEST = "5d8409bc1c3fa39749434aa3a5c38682"
RANDOM = "00112233445566778899aabbccddeeff"

LINES: list[tuple[bytes, pjlink.Line]] = [
    (b"PJLINK 0\r", pjlink.OpenGreeting()),  # v1.04 5.2
    (b"PJLINK 1 498e4a67\r", pjlink.Md5Challenge("498e4a67")),  # v1.04 5.1
    (b"PJLINK ERRA\r", pjlink.Refusal()),  # v1.04 5.1
    (b"PJLINK 2\r", pjlink.Sha256Request()),  # v2.10 5.1
    (f"PJLINK 2 {RANDOM}\r".encode(), pjlink.Sha256Challenge(RANDOM)),
    (b"%1POWR ?\r", Command("POWR")),  # v1.04 2.4
    (b"%1POWR 1\r", Command("POWR", "1")),  # v1.04 2.3
    (f"{DIGEST}%1POWR ?\r".encode(), Command("POWR", digest=DIGEST)),  # v1.04 5.1
    (f"{DIGEST * 3}%2FREZ 1\r".encode(), Command("FREZ", "1", 2, DIGEST * 3)),  # v2.10 5.1
    (b"%2INNM ?31\r", Command("INNM", "?31", 2)),  # v2.10 4.15
    (b"%2SRCH\r", Command("SRCH", "", 2)),  # v2.10 3.2
    (b"%1POWR=OK\r", Reply("POWR", "OK")),  # v1.04 2.2
    (b"%1NAME=\r", Reply("NAME", "")),
    ("%1NAME=Hochofen süd\r".encode(), Reply("NAME", "Hochofen süd")),
    (b"%2ACKN=00:11:22:aa:bb:cc\r", Reply("ACKN", "00:11:22:aa:bb:cc", 2)),  # v2.10 3.2
    (b"%2LKUP=00:11:22:aa:bb:cc\r", Reply("LKUP", "00:11:22:aa:bb:cc", 2)),  # v2.10 3.3
    (b"NTCONTROL 0\r", pjlink.Unknown("NTCONTROL 0")),
]


@pytest.mark.parametrize(("data", "line"), LINES)
def test_lines_are_the_bytes_of_the_specification(data: bytes, line: pjlink.Line) -> None:
    assert pjlink.decode(data) == line
    assert pjlink.decode(data[:-1]) == line
    assert pjlink.encode(line) == data


def test_letters_of_a_command_may_come_in_either_case() -> None:
    assert pjlink.decode(b"%1powr=1") == Reply("POWR", "1")  # v1.04 2.5


def test_a_query_is_sent_in_the_lowest_class_that_has_it() -> None:
    assert pjlink.encode(pjlink.query("LAMP")) == b"%1LAMP ?\r"
    assert pjlink.encode(pjlink.query("FILT", digest=DIGEST)) == f"{DIGEST}%2FILT ?\r".encode()
    assert pjlink.search() == b"%2SRCH\r"


def test_the_class_1_prefix_is_the_example_of_the_specification() -> None:
    assert pjlink.md5_digest("498e4a67", "JBMIAProjectorLink") == DIGEST  # v1.04 5.1


def test_the_class_2_prefix_is_our_random_and_the_hash_of_both_with_the_password() -> None:
    ours = "ffeeddccbbaa99887766554433221100"

    prefix = pjlink.sha256_digest(RANDOM, ours, "secret")

    assert prefix == ours + hashlib.sha256(b"f" * 32 + b"secret").hexdigest()  # each digit XORed is f
    assert pjlink.sha256_digest(RANDOM, RANDOM, "x")[32:] == hashlib.sha256(b"0" * 32 + b"x").hexdigest()
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        pjlink.sha256_digest("498e4a67", ours, "secret")


def test_a_parameter_has_at_most_128_bytes_both_ways() -> None:
    assert pjlink.decode(b"%1NAME=" + b"x" * 128) == Reply("NAME", "x" * 128)
    with pytest.raises(ProtocolError, match="128 bytes"):
        pjlink.decode(b"%1NAME=" + b"x" * 129)
    with pytest.raises(ValueError, match="parameter length"):
        pjlink.encode(Command("SVOL", "x" * 129, 2))


@pytest.mark.parametrize("line", [b"PJLINK", b"PJLINK 1", b"PJLINK 1 498e4a6", b"PJLINK 3", b"%1POWR=\xff"])
def test_a_malformed_line_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError):
        pjlink.decode(line)


@pytest.mark.parametrize("line", [Command("POW"), Command("POWR", "1\r%1POWR 0"), pjlink.Md5Challenge("xyz")])
def test_a_line_that_would_be_two_or_none_is_not_sent(line: pjlink.Line) -> None:
    with pytest.raises(ValueError, match=r".+"):
        pjlink.encode(line)


VALUES: list[tuple[str, str, pjlink_values.Value]] = [
    ("POWR", "OK", pjlink_values.Done()),
    ("POWR", "0", pjlink_values.Power(PowerState.STANDBY)),  # v1.04 4.2
    ("POWR", "2", pjlink_values.Power(PowerState.COOLING)),
    ("INPT", "31", pjlink_values.Input("31")),  # v1.04 4.4
    ("INPT", "6A", pjlink_values.Input("6A")),  # v2.10 4.3
    ("INST", "11 31 32", pjlink_values.Inputs(("11", "31", "32"))),  # v1.04 4.9
    ("AVMT", "11", pjlink_values.Mute(video=True, audio=False)),  # v1.04 4.6
    ("AVMT", "21", pjlink_values.Mute(video=False, audio=True)),
    ("AVMT", "30", pjlink_values.Mute(video=False, audio=False)),
    ("ERST", "012000", pjlink_values.Errors(Severity.OK, Severity.WARNING, Severity.ERROR, *[Severity.OK] * 3)),
    ("LAMP", "1234 1 98 0", pjlink_values.Lamps(((1234, True), (98, False)))),  # v1.04 4.8
    ("CLSS", "2", pjlink_values.Number(2)),
    ("FILT", "4500", pjlink_values.Number(4500)),
    ("IRES", "1920x1080", pjlink_values.Resolution((1920, 1080), signal=True)),
    ("IRES", "-", pjlink_values.Resolution(None, signal=False)),
    ("IRES", "*", pjlink_values.Resolution(None, signal=True)),
    ("FREZ", "1", pjlink_values.Freeze(frozen=True)),
    ("NAME", "left", pjlink_values.Text("left")),
    ("XYZW", "anything", pjlink_values.Text("anything")),
    ("POWR", "ERR1", pjlink_values.Failed(ErrorCode.UNDEFINED)),
    ("POWR", "ERR2", pjlink_values.Failed(ErrorCode.BAD_PARAMETER)),
    ("POWR", "ERR3", pjlink_values.Failed(ErrorCode.UNAVAILABLE)),
    ("POWR", "ERR4", pjlink_values.Failed(ErrorCode.FAILURE)),
    ("POWR", "ERRA", pjlink_values.Failed(ErrorCode.AUTHENTICATION)),
]


@pytest.mark.parametrize(("name", "parameter", "value"), VALUES)
def test_replies_mean_what_the_tables_say(name: str, parameter: str, value: pjlink_values.Value) -> None:
    assert meaning(Reply(name, parameter)) == value


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("POWR", "4"),
        ("POWR", ""),
        ("POWR", "\N{SUPERSCRIPT TWO}"),
        ("INPT", "71"),
        ("AVMT", "20"),
        ("ERST", "00000"),
        ("ERST", "000003"),
        ("LAMP", "12"),
        ("LAMP", "1 1 " * 8 + "1 1"),
        ("LAMP", "1 2"),
        ("IRES", "1920"),
        ("FREZ", "2"),
    ],
)
def test_a_reply_that_no_table_knows_is_refused(name: str, parameter: str) -> None:
    with pytest.raises(ProtocolError, match=name):
        meaning(Reply(name, parameter))


def test_lines_come_byte_by_byte_as_they_come_at_once() -> None:
    stream = b"PJLINK 0\r\n%1POWR=1\r\r%1LAMP=1"
    reader = pjlink.LineSplitter()

    assert [line for byte in stream for line in reader.feed(bytes((byte,)))] == [b"PJLINK 0", b"%1POWR=1", b""]
    assert pjlink.LineSplitter().feed(stream) == [b"PJLINK 0", b"%1POWR=1", b""]


def test_a_line_of_the_limit_is_read_and_one_byte_more_is_refused() -> None:
    assert pjlink.LineSplitter(limit=8).feed(b"12345678\r") == [b"12345678"]
    with pytest.raises(ProtocolError, match="over the limit"):
        pjlink.LineSplitter(limit=8).feed(b"123456789")


def test_lines_before_a_fault_are_handed_out_first() -> None:
    reader = pjlink.LineSplitter(limit=8)

    assert reader.feed(b"one\r" + b"x" * 9) == [b"one"]
    with pytest.raises(ProtocolError, match="over the limit"):
        reader.feed(b"\rtwo\r")


@given(st.sampled_from(["POWR", "NAME", "SVOL"]), st.text("abc 019?é", min_size=1, max_size=60), st.integers(1, 2))
def test_commands_and_replies_come_back_as_they_went(name: str, parameter: str, klass: int) -> None:
    for line in (Command(name, parameter, klass), Reply(name, parameter, klass)):
        assert pjlink.decode(pjlink.encode(line)) == line


def test_mutated_lines_only_ever_raise_protocol_errors() -> None:
    seeds = [data for data, _ in LINES] + [pjlink.encode(Reply(name, parameter)) for name, parameter, _ in VALUES]

    def decode_and_understand(data: bytes) -> None:
        line = pjlink.decode(data)
        if isinstance(line, Reply):
            meaning(line)

    read, refused = survive(decode_and_understand, seeds)

    assert read > 1000
    assert refused > 1000
