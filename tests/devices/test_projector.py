"""PJLink manners: one question at a time, patience, passwords, and a projector that comes back."""

import hashlib

from showctl.devices.driver import Close, Connect, Outputs, Send
from showctl.devices.projector import Projector
from tests.devices.building import at, device, healths, reports, tell, until

IDLE = {b"%1POWR ?\r": b"%1POWR=1\r", b"%1ERST ?\r": b"%1ERST=000000\r", b"%1AVMT ?\r": b"%1AVMT=30\r"}
IDLE |= {b"%1LAMP ?\r": b"%1LAMP=1200 1\r", b"%1INPT ?\r": b"%1INPT=31\r"}
IDLE |= {b"%1CLSS ?\r": b"%1CLSS=1\r"}


def lines(outputs: Outputs) -> list[bytes]:
    return [output.data for output in outputs if isinstance(output, Send)]


def answer(it: Projector, outputs: Outputs, now: int, replies: dict[bytes, bytes]) -> list[object]:
    """The projector replies to every line until we have nothing more to say; everything said on the way."""
    found: list[object] = []
    waiting = lines(outputs)
    while waiting:
        assert len(waiting) == 1, "one command outstanding"
        outputs = it.received(replies[waiting.pop()], now)
        found += outputs
        waiting = lines(outputs)
    return found


def projector(**more: object) -> Projector:
    """A projector that is on and has answered its first polls at 0."""
    it = Projector(device("projector", **more))
    assert it.start(0) == [Connect()]
    assert it.connected(0) == []
    answer(it, it.received(b"PJLINK 0\r", 0), 0, IDLE)
    return it


def test_the_first_polls_come_after_the_greeting_one_at_a_time() -> None:
    it = Projector(device("projector"))
    it.start(0)
    it.connected(0)
    first = it.received(b"PJLINK 0\r", 0)
    assert lines(first) == [b"%1POWR ?\r"]
    found = answer(it, first, 0, IDLE)
    assert healths(found) == [("ok", "projector answers.")]  # type: ignore[arg-type]
    assert reports(found) == {"power": "on", "error": "", "shutter": "open", "lamp_hours": 1200.0, "input": "31", "ready": True}  # type: ignore[arg-type]


def test_polls_are_5_s_apart_with_one_question_halfway_and_lamps_a_minute() -> None:
    it = projector()
    polls: list[tuple[int, bytes]] = []
    while (deadline := it.next_deadline()) is not None and deadline < at(61):
        outputs = it.wake(deadline)
        polls += [(deadline, line) for line in lines(outputs)]
        answer(it, outputs, deadline, IDLE)
    assert [now for now, line in polls] == [at(2.5 * n) for n in range(1, 25)]
    assert polls[0] == (at(2.5), b"%1POWR ?\r")
    assert it.wake(at(4)) == []


def test_halfway_between_polls_the_power_alone_is_asked_for() -> None:
    it = projector()
    said = {
        moment: [o.data for o in answer(it, it.wake(at(moment)), at(moment), IDLE) if isinstance(o, Send)] for moment in (2.5, 5)
    }
    assert said == {2.5: [], 5: [b"%1ERST ?\r", b"%1AVMT ?\r"]}  # and POWR before them, which begins each


def test_the_md5_digest_is_before_the_first_command_only() -> None:
    it = Projector(device("projector", password="JBMIAProjectorLink"))
    it.start(0)
    it.connected(0)
    # v1.04 5.1, the standard's own example
    assert lines(it.received(b"PJLINK 1 498e4a67\r", 0)) == [b"5d8409bc1c3fa39749434aa3a5c38682%1POWR ?\r"]
    assert lines(it.received(b"%1POWR=1\r", 0)) == [b"%1ERST ?\r"]


def test_sha_256_is_asked_for_where_the_show_says_so_and_md5_is_the_way_back() -> None:
    it = Projector(device("projector", password="furnace", options={"auth": "sha256"}))
    it.start(0)
    it.connected(0)
    assert lines(it.received(b"PJLINK 1 498e4a67\r", 0)) == [b"PJLINK 2\r"]
    (line,) = lines(it.received(b"PJLINK 2 " + b"ab" * 16 + b"\r", 0))
    ours = line[:32].decode()
    mixed = f"{int(ours, 16) ^ int('ab' * 16, 16):032x}"
    assert line == f"{ours}{hashlib.sha256((mixed + 'furnace').encode()).hexdigest()}%1POWR ?\r".encode()
    old = Projector(device("projector", password="furnace", options={"auth": "sha256"}))
    old.start(0)
    old.connected(0)
    old.received(b"PJLINK 1 498e4a67\r", 0)
    assert Close() in old.received(b"PJLINK ERRA\r", 0)
    assert Connect() in [output for _, output in until(old, 0, at(1))]
    old.connected(at(1))
    assert lines(old.received(b"PJLINK 1 498e4a67\r", at(1)))[0].endswith(b"%1POWR ?\r")


def test_a_refused_password_stops_everything_until_somebody_asks_half_a_minute_later() -> None:
    it = Projector(device("projector", password="wrong", label="Left"))
    it.start(0)
    it.connected(0)
    it.received(b"PJLINK 1 498e4a67\r", 0)
    refused = it.received(b"PJLINK ERRA\r", at(1))
    assert Close() in refused
    assert healths(refused) == [("degraded", "Left refuses the password.")]
    assert [output for _, output in until(it, at(1), at(600)) if output == Connect()] == []
    assert it.command(tell("power", on=True), at(31) - 1) == []
    assert it.command(tell("power", on=True), at(31)) == [Connect()]


def test_a_verb_is_one_line_and_the_answer_is_asked_for_at_once() -> None:
    it = projector()
    assert lines(it.command(tell("shutter", open=False), at(1))) == [b"%1AVMT 31\r"]
    assert lines(it.received(b"%1AVMT=OK\r", at(1))) == [b"%1AVMT ?\r"]
    assert reports(it.received(b"%1AVMT=31\r", at(1))) == {"shutter": "closed"}
    assert it.desired() == {"shutter": "closed"}


def test_not_now_is_tried_again_each_5_s_until_it_is_superseded() -> None:
    it = projector()
    it.command(tell("power", on=True), at(1))
    it.received(b"%1POWR=ERR3\r", at(1))
    for poll in (2.5, 5):
        outputs = it.wake(at(poll))
        assert lines(outputs) == [b"%1POWR ?\r"]
        answer(it, outputs, at(poll), IDLE)
    assert lines(it.wake(at(6) - 1)) == []
    assert lines(it.wake(at(6))) == [b"%1POWR 1\r"]
    assert lines(it.command(tell("power", on=False), at(6))) == []  # one outstanding
    assert lines(it.received(b"%1POWR=ERR3\r", at(6.5))) == [b"%1POWR 0\r"]


def test_a_reply_that_does_not_come_within_2_s_ends_the_connection_and_keeps_the_order() -> None:
    it = projector()
    it.command(tell("shutter", open=False), at(1))
    assert it.wake(at(3) - 1) == []
    assert it.wake(at(3))[0] == Close()
    assert it.wake(at(4)) == [Connect()]
    it.connected(at(4))
    assert lines(it.received(b"PJLINK 0\r", at(4))) == [b"%1AVMT 31\r"]


def test_silence_for_12_s_is_lost_and_not_a_nanosecond_before() -> None:
    it = projector()
    found = [(now, healths([output])[0][0]) for now, output in until(it, 0, at(40)) if healths([output])]  # type: ignore[list-item]
    assert found == [(at(4.5), "degraded"), (at(12), "lost")]


def test_a_projector_that_closes_an_idle_line_is_not_at_fault() -> None:
    it = projector()
    assert it.lost("closed the connection", at(2)) == []
    assert [(now, output) for now, output in until(it, at(2), at(2.5))] == [(at(2.5), Connect())]


def test_a_projector_that_lost_power_is_told_again_what_its_answers_do_not_show() -> None:
    it = projector()
    it.command(tell("power", on=True), at(1))
    answer(it, [Send(b"%1POWR 1\r")], at(1), IDLE | {b"%1POWR 1\r": b"%1POWR=OK\r"})
    it.command(tell("shutter", open=True), at(2))
    answer(it, [Send(b"%1AVMT 30\r")], at(2), IDLE | {b"%1AVMT 30\r": b"%1AVMT=OK\r"})
    until(it, at(2), at(22))
    it.connected(at(22))
    off = IDLE | {b"%1POWR ?\r": b"%1POWR=0\r", b"%1POWR 1\r": b"%1POWR=OK\r"}
    found = answer(it, it.received(b"PJLINK 0\r", at(22)), at(22), off)
    assert [output.data for output in found if isinstance(output, Send)].count(b"%1POWR 1\r") == 1
    assert b"%1AVMT 30\r" not in [output.data for output in found if isinstance(output, Send)]


def test_a_projector_switched_off_by_hand_is_not_fought_with() -> None:
    it = projector()
    it.command(tell("power", on=True), at(1))
    answer(it, [Send(b"%1POWR 1\r")], at(1), IDLE | {b"%1POWR 1\r": b"%1POWR=OK\r"})
    outputs = it.wake(at(5))
    found = answer(it, outputs, at(5), IDLE | {b"%1POWR ?\r": b"%1POWR=0\r", b"%1AVMT ?\r": b"%1AVMT=ERR3\r"})
    off = {"power": "off", "ready": False, "shutter": "unknown", "signal": "unknown"}
    assert reports(found) == off  # type: ignore[arg-type]
    assert b"%1POWR 1\r" not in [output.data for output in found if isinstance(output, Send)]


def test_what_is_wrong_with_it_is_said_in_words() -> None:
    it = projector()
    answer(it, it.wake(at(2.5)), at(2.5), IDLE)
    found = answer(it, it.wake(at(5)), at(5), IDLE | {b"%1ERST ?\r": b"%1ERST=210000\r"})
    assert reports(found) == {"error": "fan error, lamp warning", "ready": False}  # type: ignore[arg-type]
    assert healths(found) == [("degraded", "projector reports fan error.")]  # type: ignore[arg-type]
    assert healths(answer(it, it.wake(at(7.5)), at(7.5), IDLE)) == [], "it answers, and its fan is as broken as before"  # type: ignore[arg-type]
    mended = answer(it, it.wake(at(10)), at(10), IDLE)
    assert (reports(mended), healths(mended)) == ({"error": "", "ready": True}, [("ok", "projector answers again.")])  # type: ignore[arg-type]
