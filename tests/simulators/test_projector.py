"""The simulated projector: PJLink lines in literal bytes, both ways of proving a password, and a lamp that takes its time."""

import hashlib

import pytest

from simulators.projector import Projector
from tests.simulators.stage import Bench, make_device, make_show


def projector(password: str = "", *, old: bool = False, **options: bool | float | str) -> Bench:
    options |= {"class": 1.0} if old else {}
    device = make_device("projector_1", "projector", password=password, options=options, transport="pjlink")
    return Bench(Projector(device, make_show(device), 1))


def opened(bench: Bench, stream: str = "s") -> bytes:
    assert bench.device.connected(stream, bench.now)
    bench._collect()
    return said(bench)


def said(bench: Bench) -> bytes:
    return b"".join(outgoing.data for _, outgoing in bench.take() if outgoing.kind == "stream")


def ask(bench: Bench, line: bytes, stream: str = "s") -> bytes:
    bench.stream(line, stream)
    return said(bench)


def on(bench: Bench) -> Bench:
    opened(bench)
    ask(bench, b"%1POWR 1\r")
    bench.to(20)
    bench.take()
    return bench


def test_without_a_password_the_greeting_is_open() -> None:
    assert opened(projector()) == b"PJLINK 0\r"


def test_power_warms_for_twenty_seconds_and_answers_not_now_meanwhile() -> None:
    bench = projector()
    opened(bench)
    assert ask(bench, b"%1POWR ?\r") == b"%1POWR=0\r"
    assert ask(bench, b"%1AVMT ?\r") == b"%1AVMT=ERR3\r"
    assert ask(bench, b"%1POWR 1\r") == b"%1POWR=OK\r"
    bench.to(19.999)
    assert ask(bench, b"%1POWR ?\r%1POWR 0\r%1AVMT 31\r") == b"%1POWR=3\r%1POWR=ERR3\r%1AVMT=ERR3\r"
    assert bench.truth("power", "picture") == ["warming", False]
    bench.to(20)
    assert ask(bench, b"%1POWR ?\r") == b"%1POWR=1\r"
    assert bench.truth("power", "picture") == ["on", True]


def test_it_cools_for_ten_seconds_or_as_the_show_says() -> None:
    bench = on(projector())
    assert ask(bench, b"%1POWR 0\r%1POWR ?\r%1POWR 1\r") == b"%1POWR=OK\r%1POWR=2\r%1POWR=ERR3\r"
    bench.to(29.999)
    assert bench.truth("power") == ["cooling"]
    bench.to(30)
    assert bench.truth("power") == ["off"]

    quick = projector(warm_up=1.0, cool_down=90.0)
    opened(quick)
    ask(quick, b"%1POWR 1\r")
    quick.to(1)
    ask(quick, b"%1POWR 0\r")
    quick.to(90.999)
    assert quick.truth("power") == ["cooling"]
    quick.to(91)
    assert quick.truth("power") == ["off"]


def test_power_on_when_on_changes_nothing() -> None:
    assert ask(on(projector()), b"%1POWR 1\r%1POWR ?\r") == b"%1POWR=OK\r%1POWR=1\r"


def test_the_shutter_is_the_picture_mute() -> None:
    bench = on(projector())
    assert ask(bench, b"%1AVMT ?\r%1AVMT 31\r%1AVMT ?\r") == b"%1AVMT=30\r%1AVMT=OK\r%1AVMT=31\r"
    assert bench.truth("shutter", "picture") == ["closed", False]
    assert ask(bench, b"%1AVMT 20\r%1AVMT ?\r%1AVMT 30\r%1AVMT 21\r%1AVMT ?\r") == (
        b"%1AVMT=OK\r%1AVMT=11\r%1AVMT=OK\r%1AVMT=OK\r%1AVMT=21\r"
    )
    assert bench.truth("shutter") == ["open"]


def test_a_lamp_gives_less_the_longer_it_has_burned_and_half_at_the_end_of_its_life() -> None:
    bench = on(projector(lamp_life=3000.0))
    for hours, light in (("0h", 100.0), ("1500h", 75.0), ("3000h", 50.0), ("9000h", 30.0)):
        bench.act(f"lamp at {hours}")
        assert bench.truth("light") == [light]
    ask(bench, b"%1AVMT 11\r")
    assert bench.truth("light") == [0.0], "the shutter is closed"


def test_a_worn_lamp_warns_in_the_hour_in_which_nine_tenths_of_its_life_are_over() -> None:
    bench = on(projector(lamp_life=3000.0))
    bench.act("lamp at 2699h")
    bench.to(20 + 3599.999)
    opened(bench, "later")
    assert ask(bench, b"%1ERST ?\r%1LAMP ?\r", "later") == b"%1ERST=000000\r%1LAMP=2699 1\r"
    bench.to(20 + 3600)
    assert ask(bench, b"%1ERST ?\r%1LAMP ?\r", "later") == b"%1ERST=010000\r%1LAMP=2700 1\r"
    assert bench.truth("error", "picture", "ready") == ["lamp warning", True, True]
    bench.act("lamp replaced")
    assert ask(bench, b"%1ERST ?\r%1LAMP ?\r", "later") == b"%1ERST=000000\r%1LAMP=0 1\r"
    assert bench.truth("light") == [100.0]


def test_a_lamp_that_is_out_and_worn_warns_at_once() -> None:
    bench = projector(lamp_life=3000.0)
    bench.act("lamp at 2700h")
    assert bench.truth("error") == ["lamp warning"]


def test_the_lamps_hours_count_while_it_burns() -> None:
    bench = projector()
    opened(bench)
    first = bench.truth("lamp_hours")[0]
    assert isinstance(first, float)
    bench.to(20)
    assert bench.truth("lamp_hours") == [first]
    ask(bench, b"%1POWR 1\r")
    bench.to(20 + 3 * 3600)
    assert bench.truth("lamp_hours") == [first + 3]
    opened(bench, "t")
    assert ask(bench, b"%1LAMP ?\r", "t") == f"%1LAMP={int(first) + 3} 1\r".encode()


def test_inputs_errors_and_facts() -> None:
    bench = on(projector())
    assert ask(bench, b"%1INPT ?\r%1INPT 11\r%1INPT ?\r%1INPT 77\r") == b"%1INPT=31\r%1INPT=OK\r%1INPT=11\r%1INPT=ERR2\r"
    assert ask(bench, b"%1INST ?\r") == b"%1INST=11 12 21 31 32 51\r"
    assert ask(bench, b"%1CLSS ?\r%1NAME ?\r") == b"%1CLSS=2\r%1NAME=projector_1\r"
    assert ask(bench, b"%1DNCE ?\r%1POWR 7\r%1powr ?\r") == b"%1DNCE=ERR1\r%1POWR=ERR2\r%1POWR=1\r"


def test_class_2_knows_more_and_class_1_does_not() -> None:
    bench = on(projector())
    assert (
        ask(bench, b"%2INNM ?31\r%2IRES ?\r%2FREZ 1\r%2FREZ ?\r") == b"%2INNM=Input 31\r%2IRES=1920x1080\r%2FREZ=OK\r%2FREZ=1\r"
    )
    old = on(projector(old=True))
    assert ask(old, b"%2FREZ ?\r%1CLSS ?\r") == b"%2FREZ=ERR1\r%1CLSS=1\r"


def test_the_md5_digest_is_the_one_of_the_specification() -> None:
    # Class 1, 5.1: random 498e4a67 and password JBMIAProjectorLink.
    device = make_device("projector_1", "projector", password="JBMIAProjectorLink")
    subject = Projector(device, make_show(device), 1)
    subject.start(0)
    subject.connected("s", 0)
    subject._sessions["s"].md5_random = "498e4a67"
    subject.take()
    subject.stream("s", b"5d8409bc1c3fa39749434aa3a5c38682%1POWR ?\r", 0)
    assert [outgoing.data for outgoing in subject.take()] == [b"%1POWR=0\r"]


def test_a_password_is_proven_once_for_a_connection() -> None:
    bench = projector("furnace")
    greeting = opened(bench)
    assert greeting.startswith(b"PJLINK 1 ")
    assert len(greeting) == 18
    digest = hashlib.md5(greeting[9:17] + b"furnace").hexdigest().encode()
    assert ask(bench, digest + b"%1POWR ?\r") == b"%1POWR=0\r"
    assert ask(bench, b"%1POWR ?\r") == b"%1POWR=0\r"


@pytest.mark.parametrize("digest", [b"", b"0" * 32, b"0" * 96])
def test_a_wrong_password_is_erra_and_the_end(digest: bytes) -> None:
    bench = projector("furnace")
    opened(bench)
    bench.stream(digest + b"%1POWR 1\r%1POWR 1\r")
    assert [(outgoing.kind, outgoing.data) for _, outgoing in bench.take()] == [("stream", b"PJLINK ERRA\r"), ("closed", b"")]
    assert bench.truth("power") == ["off"]


def test_a_password_is_proven_with_sha_256() -> None:
    bench = projector("furnace")
    opened(bench)
    challenge = ask(bench, b"PJLINK 2\r")
    assert challenge.startswith(b"PJLINK 2 ")
    assert len(challenge) == 42
    mine = "00112233445566778899aabbccddeeff"
    mixed = bytes(a ^ b for a, b in zip(bytes.fromhex(mine), bytes.fromhex(challenge[9:41].decode()), strict=True)).hex()
    digest = mine + hashlib.sha256((mixed + "furnace").encode()).hexdigest()
    assert ask(bench, digest.encode() + b"%1POWR ?\r") == b"%1POWR=0\r"


def test_an_old_projector_refuses_sha_256() -> None:
    bench = projector("furnace", old=True)
    opened(bench)
    assert ask(bench, b"PJLINK 2\r") == b"PJLINK ERRA\r"


def test_it_hangs_up_thirty_seconds_after_its_last_reply() -> None:
    bench = projector()
    opened(bench)
    bench.to(10)
    ask(bench, b"%1POWR ?\r")
    bench.to(39.999)
    assert bench.take() == []
    bench.to(40)
    assert [(moment, outgoing.kind) for moment, outgoing in bench.take()] == [(40.0, "closed")]


def test_a_line_may_come_in_pieces_and_an_endless_one_ends() -> None:
    bench = projector()
    opened(bench)
    assert ask(bench, b"%1PO") == b""
    assert ask(bench, b"WR ?\r") == b"%1POWR=0\r"
    bench.stream(b"x" * 2000)
    assert [outgoing.kind for _, outgoing in bench.take()] == ["closed"]


def test_a_failed_lamp_ends_the_picture_and_says_so() -> None:
    bench = on(projector())
    bench.act("lamp failed")
    bench.act("fan warning")
    assert bench.truth("power", "error") == ["cooling", "fan warning, lamp error"]
    assert ask(bench, b"%1ERST ?\r") == b"%1ERST=120000\r"
    bench.to(31)
    assert ask(bench, b"%1POWR 1\r") == b"%1POWR=ERR4\r"
    bench.act("lamp replaced")
    assert ask(bench, b"%1POWR 1\r%1ERST ?\r%1LAMP ?\r") == b"%1POWR=OK\r%1ERST=100000\r%1LAMP=0 1\r"


def test_some_are_deaf_while_they_warm() -> None:
    bench = projector()
    opened(bench)
    bench.act("quiet changes")
    assert ask(bench, b"%1POWR 1\r") == b"%1POWR=OK\r"
    bench.to(19.999)
    assert ask(bench, b"%1POWR ?\r") == b""
    bench.to(20)
    assert ask(bench, b"%1POWR ?\r") == b"%1POWR=1\r"


def test_after_a_loss_of_power_it_is_off_and_knows_no_connection() -> None:
    bench = on(projector())
    bench.act("power lost for 20s")
    assert bench.truth("power") == ["off"]
    bench.to(50)
    assert [outgoing.kind for _, outgoing in bench.take()] == ["closed"]
    assert opened(bench, "t") == b"PJLINK 0\r"


def test_it_answers_a_search() -> None:
    bench = projector()
    bench.device.datagram(("127.0.0.1", 4352), ("127.0.3.1", 4352), b"%2SRCH\r", 0)
    [answer] = bench.device.take()
    assert answer.to == ("127.0.0.1", 4352)
    assert answer.data.startswith(b"%2ACKN=")
    assert len(answer.data) == 25


def test_a_person_with_a_remote() -> None:
    bench = projector()
    bench.act("on")
    bench.to(20)
    assert bench.truth("power") == ["on"]
    bench.act("shutter closed")
    assert bench.truth("picture") == [False]
    with pytest.raises(ValueError, match="lamp failed"):
        bench.act("dance")
