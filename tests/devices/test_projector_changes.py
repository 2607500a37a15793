"""A projector silent while it warms, one that refuses, hints by UDP, class 2, and a stream cut and merged at every byte."""

import itertools

from showctl.devices.driver import Close, Connect, Failed, Output, Send
from showctl.devices.projector import Projector
from showctl.show.devices import Policy
from showctl.show.instants import seconds
from tests.devices.building import at, device, healths, reports, tell, until
from tests.devices.test_projector import IDLE, answer, lines, projector

OFF = IDLE | {
    b"%1POWR ?\r": b"%1POWR=0\r",
    b"%1POWR 1\r": b"%1POWR=OK\r",
    b"%1AVMT ?\r": b"%1AVMT=ERR3\r",
    b"%1INPT ?\r": b"%1INPT=ERR3\r",
}
WARMING = OFF | {b"%1POWR ?\r": b"%1POWR=3\r"}


def off(**more: object) -> Projector:
    """A projector that is off, and has answered its first polls at 0."""
    it = Projector(device("projector", **more))
    it.start(0)
    it.connected(0)
    answer(it, it.received(b"PJLINK 0\r", 0), 0, OFF)
    return it


def switched_on(**more: object) -> Projector:
    """It took POWR 1 at 1 s, and says that it warms."""
    it = off(**more)
    answer(it, it.command(tell("power", on=True), at(1)), at(1), WARMING)
    assert it.phase().name == "acting"
    return it


def silent(it: Projector, since: float, end: float) -> list[tuple[int, Output]]:
    """It takes connections and says nothing more, from ``since`` to ``end``."""
    found: list[tuple[int, Output]] = []
    now = at(since)
    while (deadline := it.next_deadline()) is not None and deadline <= at(end):
        now = max(now, deadline)
        outputs = it.wake(now)
        found += [(now, output) for output in outputs]
        if Connect() in outputs:
            it.connected(now)
    return found


def said(found: list[tuple[int, Output]]) -> list[tuple[int, str]]:
    return [(now, healths([output])[0][0]) for now, output in found if healths([output])]


def test_silence_while_it_warms_is_degraded_and_is_lost_only_once_it_should_be_warm() -> None:
    it = switched_on(warm_up=seconds(20))
    assert said(silent(it, 1, 60)) == [(at(4.5), "degraded"), (at(21), "lost")]
    plain = projector()
    assert said(silent(plain, 0, 60)) == [(at(4.5), "degraded"), (at(12), "lost")]


def test_while_it_changes_it_is_tried_each_5_s_and_no_later() -> None:
    it = switched_on(warm_up=seconds(60))
    tries = [now for now, output in silent(it, 1, 60) if output == Connect()]
    assert max(later - earlier for earlier, later in itertools.pairwise(tries)) <= at(7), "2 s for an answer, 5 s of peace"


def test_one_that_takes_no_connection_while_it_warms_is_more_than_busy() -> None:
    it = switched_on(warm_up=seconds(60))
    now, found = at(1), list[tuple[int, Output]]()
    while (deadline := it.next_deadline()) is not None and deadline <= at(30):
        now = deadline
        outputs = it.wake(now)
        found += [(now, output) for output in [*outputs, *(it.lost("takes no connection", now) if Connect() in outputs else [])]]
    assert said(found)[0] == (at(4.5), "degraded")
    assert said(found)[-1] == (at(13), "lost")


def test_a_lamp_that_is_warm_is_done_and_ready() -> None:
    it = switched_on()
    found = answer(it, it.wake(at(3.5)), at(3.5), IDLE)
    assert reports(found)["ready"] is True  # type: ignore[arg-type]
    assert it.phase().name == "done"


def test_an_order_that_is_refused_for_good_fails_at_once_and_is_said() -> None:
    it = projector()
    it.command(tell("power", on=False), at(1))
    found = it.received(b"%1POWR=ERR4\r", at(1))
    assert Failed("power", "it does not do POWR 0 (ERR4)", "skip") in found
    assert it.phase().name == "failed"
    assert it.phase().why == "power: it does not do POWR 0 (ERR4)"


def test_an_order_that_is_not_done_by_its_deadline_ends_in_the_policy_of_the_show() -> None:
    for otherwise in ("wait", "hold", "skip"):
        it = projector(policies={"shutter": Policy(seconds(8), 3, otherwise)})
        replies = IDLE | {b"%1AVMT 31\r": b"%1AVMT=OK\r"}  # it says yes, and its shutter stays open
        answer(it, it.command(tell("shutter", open=False), at(1)), at(1), replies)
        sent, failed = 0, list[tuple[int, Output]]()
        while (deadline := it.next_deadline()) is not None and deadline <= at(14):
            outputs = [*it.wake(deadline)]
            sent += lines(outputs).count(b"%1AVMT 31\r")
            more = answer(it, outputs, deadline, replies)
            sent += lines(more).count(b"%1AVMT 31\r")  # type: ignore[arg-type]
            failed += [(deadline, output) for output in outputs if isinstance(output, Failed)]
        assert failed == [(at(9), Failed("shutter", "it was not done within 8 s", otherwise))]
        assert sent >= 1, "asked again, and asked first whether it must be"
        assert it.phase().name == "failed"
        answer(it, it.wake(at(15)), at(15), IDLE | {b"%1AVMT ?\r": b"%1AVMT=31\r"})
        assert it.phase().name == "done", "only its answer was late"


def test_another_verb_is_asked_instead_where_the_show_says_so() -> None:
    it = projector(policies={"shutter": Policy(seconds(8), 1, "freeze")})
    replies = IDLE | {b"%1AVMT 31\r": b"%1AVMT=OK\r", b"%2FREZ 1\r": b"%2FREZ=OK\r", b"%2FREZ ?\r": b"%2FREZ=1\r"}
    answer(it, it.command(tell("shutter", open=False), at(1)), at(1), replies)
    found: list[Output] = []
    while (deadline := it.next_deadline()) is not None and deadline <= at(9):
        outputs = [*it.wake(deadline)]
        found += [*outputs, *answer(it, outputs, deadline, replies)]  # type: ignore[list-item]
    assert b"%2FREZ 1\r" in lines(found)


def test_class_2_is_asked_for_its_signal_and_its_frozen_picture() -> None:
    two = IDLE | {
        b"%1CLSS ?\r": b"%1CLSS=2\r", b"%2IRES ?\r": b"%2IRES=1920x1080\r", b"%2FREZ ?\r": b"%2FREZ=0\r",
        b"%2FILT ?\r": b"%2FILT=71\r",
    }  # fmt: skip
    it = Projector(device("projector"))
    it.start(0)
    it.connected(0)
    answer(it, it.received(b"PJLINK 0\r", 0), 0, two)
    answer(it, it.wake(at(2.5)), at(2.5), two)
    found = answer(it, it.wake(at(5)), at(5), two)
    assert reports(found) == {"signal": "1920x1080", "frozen": False}  # type: ignore[arg-type]
    unplugged = answer(it, it.wake(at(7.5)), at(7.5), two)
    unplugged += answer(it, it.wake(at(10)), at(10), two | {b"%2IRES ?\r": b"%2IRES=-\r"})
    assert reports(unplugged) == {"signal": "none"}  # type: ignore[arg-type]


def test_a_shutter_is_not_known_while_it_is_off_and_is_closed_again_once_it_is_on() -> None:
    it = projector()
    replies = IDLE | {b"%1AVMT 31\r": b"%1AVMT=OK\r", b"%1AVMT ?\r": b"%1AVMT=31\r", b"%1POWR 0\r": b"%1POWR=OK\r"}
    answer(it, it.command(tell("shutter", open=False), at(1)), at(1), replies)
    gone = answer(it, it.wake(at(2.5)), at(2.5), OFF)
    assert reports(gone) == {"power": "off", "shutter": "unknown", "signal": "unknown", "ready": False}  # type: ignore[arg-type]
    back = IDLE | {b"%1AVMT 31\r": b"%1AVMT=OK\r"}
    found = answer(it, it.wake(at(5)), at(5), back)
    assert lines(found).count(b"%1AVMT 31\r") == 1, "it has forgotten, and the show has not"  # type: ignore[arg-type]


# --- hints -------------------------------------------------------------------------------------------------------------


def test_a_notification_is_asked_about_at_once_and_not_believed() -> None:
    it = projector()
    assert lines(it.noticed(b"%2POWR=0\r", at(1))) == [b"%1POWR ?\r"]
    found = answer(it, [Send(b"%1POWR ?\r")], at(1), IDLE)
    assert reports(found) == {}, "it is as on as before"  # type: ignore[arg-type]


def test_hints_are_heeded_once_a_second_whoever_sends_them() -> None:
    it = projector()
    asked = 0
    for n in range(1000):
        outputs = it.noticed(b"%2ERST=200000\r", at(1) + n)
        asked += len(lines(outputs))
        answer(it, outputs, at(1) + n, IDLE)
    assert asked == 1
    for rubbish in (b"", b"\xff\xfe", b"%2SRCH\r", b"%2ACKN=00:11:22:33:44:55\r", b"PJLINK 0\r", b"%2XXXX=1\r"):
        assert it.noticed(rubbish, at(9)) == []


def test_a_projector_that_is_on_the_network_again_is_tried_at_once() -> None:
    it = projector()
    it.wake(at(2.5))
    assert it.wake(at(4.5))[0] == Close()
    until(it, at(4.5), at(5.4))
    it.lost("takes no connection", at(5.5))
    it.lost("takes no connection", at(7.5))
    assert it.noticed(b"%2LKUP=00:11:22:33:44:55\r", at(8)) == [Connect()]
    assert it.noticed(b"%2LKUP=00:11:22:33:44:55\r", at(8.5)) == []


def test_a_hint_does_not_wake_one_that_refused_the_password() -> None:
    it = Projector(device("projector", password="wrong"))
    it.start(0)
    it.connected(0)
    it.received(b"PJLINK 1 498e4a67\r", 0)
    it.received(b"PJLINK ERRA\r", at(1))
    assert it.noticed(b"%2LKUP=00:11:22:33:44:55\r", at(2)) == []


# --- pieces ------------------------------------------------------------------------------------------------------------

TALK = (b"PJLINK 0\r", b"%1POWR=1\r", b"%1ERST=000002\r", b"%1AVMT=30\r", b"%1CLSS=1\r", b"%1LAMP=1200 1\r", b"%1INPT=31\r")


def heard_in(pieces: list[list[bytes]]) -> tuple[list[bytes], list[Output]]:
    """What is sent, and what is learned, when each reply comes in these pieces."""
    it = Projector(device("projector"))
    it.start(0)
    it.connected(0)
    found: list[Output] = []
    for reply in pieces:
        for piece in reply:
            found += it.received(piece, 0)
    return lines(found), [output for output in found if not isinstance(output, Send)]


def test_a_reply_cut_at_every_byte_is_the_same_reply() -> None:
    whole = heard_in([[reply] for reply in TALK])
    assert len(whole[0]) == 6
    for n, reply in enumerate(TALK):
        for cut in range(len(reply) + 1):
            pieces = [[other] for other in TALK]
            pieces[n] = [reply[:cut], reply[cut:]]
            assert heard_in(pieces) == whole, (reply, cut)
    assert heard_in([[reply[at : at + 1] for at in range(len(reply))] for reply in TALK]) == whole


def test_two_replies_in_one_packet_are_the_same_two_and_one_that_nobody_asked_for_is_passed_over() -> None:
    whole = heard_in([[reply] for reply in TALK])
    for n in range(len(TALK) - 1):
        merged = [*([other] for other in TALK[:n]), [TALK[n] + TALK[n + 1]], *([other] for other in TALK[n + 2 :])]
        assert heard_in(merged) == whole
        stray = [*([other] for other in TALK[:n]), [b"%1NAME=stray\r" + TALK[n]], *([other] for other in TALK[n + 1 :])]
        assert heard_in(stray) == whole
