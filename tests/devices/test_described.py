"""A device described in the show folder alone: its orders, their deadlines and policies, its silence, its return."""

from __future__ import annotations

import random

import pytest

from showctl.devices.described import Described
from showctl.devices.driver import Close, Connect, Health, Report
from showctl.show.cues import ActionClass
from showctl.show.devices import Argument, Device, Kind, Verb
from showctl.show.fixtures import Hazard
from showctl.show.speech import Frame, Order, Poll, Speech, phrase_of
from tests.devices.building import at, healths, reports, tell, until
from tests.devices.described import FALL, FIELDS, NUMBER, PUFF, failures, opened, rise, screen, words

MOMENTARY = ActionClass.MOMENTARY


def answers(it: Described, now: float, say: bytes) -> dict[str, object]:
    return dict(reports(it.received(say, at(now))))


def test_it_is_asked_first_and_is_well_when_it_has_answered() -> None:
    it = screen()
    assert it.start(0) == [Connect()]
    assert words(it.connected(0)) == [b"S?\r\n"]
    found = it.received(b"S 2 40\r\n", at(0.1))
    assert healths(found) == [("ok", "Fog screen answers.")]
    assert reports(found) == {"state": "up", "fans": 40.0, "ready": True}
    assert (it.heard(), it.round_trip()) == (at(0.1), at(0.1))


def test_an_order_is_acting_until_the_device_shows_what_it_makes() -> None:
    it = opened(screen())
    found = it.command(tell("rise", speed=40.0), at(1))
    assert words(found) == [b"UP 40\r\n"]
    assert reports(found) == {"phase": "acting", "why": ""}
    assert it.desired() == {"state": "up", "fans": 40.0}
    taken = it.received(b"OK UP\r\n", at(1.1))
    assert words(taken) == [b"S?\r\n"]  # what it says of it now is what counts
    assert "phase" not in answers(it, 1.2, b"S 1 40\r\n")
    assert answers(it, 4, b"EVENT 2\r\n") == {"state": "up", "ready": True, "phase": "done"}


def test_one_thing_at_a_time_and_orders_before_polls() -> None:
    it = opened(screen())
    it.wake(at(1))  # a poll is out
    assert words(it.command(tell("rise", speed=40.0), at(1.1))) == []
    assert words(it.received(b"S 0 0\r\n", at(1.2))) == [b"UP 40\r\n"]


def test_an_order_that_replaces_another_of_its_key_is_the_one_that_counts() -> None:
    it = opened(screen())
    it.command(tell("rise", speed=40.0), at(1))
    assert words(it.command(tell("fall"), at(1.1))) == [b"DOWN\r\n"]
    assert it.desired()["state"] == "down"
    it.received(b"OK DOWN\r\n", at(1.2))
    assert answers(it, 1.3, b"S down 0\r\n")["phase"] == "done"


def test_a_reply_that_got_lost_is_asked_for_again_and_no_more_often_than_declared() -> None:
    it = opened(screen(rise(tries=3)))
    said = [(0, b"UP 50\r\n")] if words(it.command(tell("rise"), 0)) == [b"UP 50\r\n"] else []
    found = until(it, 0, at(1.4))
    said += [(now, word) for now, output in found for word in words([output])]  # type: ignore[list-item]
    assert said == [(0, b"UP 50\r\n"), (at(0.5), b"UP 50\r\n"), (at(1), b"UP 50\r\n")]
    assert failures(it.wake(at(1.5))) == [("rise", "it was told 3 times and did not answer", "skip")]


def test_what_would_happen_twice_is_said_once() -> None:
    it = opened(screen())
    assert words(it.command(tell("puff", MOMENTARY), at(0.1))) == [b"PUFF\r\n"]
    found = it.wake(at(0.6))
    assert failures(found) == [("puff", "it did not answer, and this may not be said twice", "skip")]
    assert b"PUFF\r\n" not in words(found)
    later = [output for _, output in until(it, at(0.6), at(4))]
    assert b"PUFF\r\n" not in words(later)  # type: ignore[arg-type]


def test_a_connection_that_breaks_under_it_leaves_what_may_not_be_said_twice_unsaid() -> None:
    it = opened(screen())
    it.command(tell("puff", MOMENTARY), at(0.1))
    assert failures(it.lost("closed the connection", at(0.2)))[0][0] == "puff"
    assert words(it.connected(at(1.2))) == [b"S?\r\n"]
    assert words(it.received(b"S down 0\r\n", at(1.3))) == []


def test_a_momentary_order_that_cannot_be_said_now_is_never_said() -> None:
    it = screen()
    it.start(0)
    assert failures(it.command(tell("puff", MOMENTARY), at(1))) == [
        ("puff", "it cannot be reached, and this is never said late", "skip")
    ]
    it.connected(at(2))
    assert words(it.received(b"S down 0\r\n", at(2.1))) == []


def test_a_refusal_is_the_end_of_it_and_its_words_are_passed_on() -> None:
    it = opened(screen())
    it.command(tell("rise"), at(0.1))
    found = it.received(b"ERR no water\r\n", at(0.2))
    assert failures(found) == [("rise", "refuses: no water", "skip")]
    assert reports(found) == {"phase": "failed", "why": "rise: refuses: no water"}


@pytest.mark.parametrize(("now", "failed"), [(8.1 - 1e-6, []), (8.1, [("rise", "it was not done within 8 s", "skip")])])
def test_an_order_that_is_not_done_in_time_has_failed(now: float, failed: list[tuple[str, str, str]]) -> None:
    it = opened(screen())
    it.command(tell("rise"), at(0.1))
    it.received(b"OK UP\r\n", at(0.2))
    assert it.next_deadline() is not None
    it.received(b"S 1 50\r\n", at(0.3))
    assert failures(it.wake(at(now))) == failed


def test_what_failed_and_came_about_all_the_same_is_done() -> None:
    it = opened(screen())
    it.command(tell("rise"), at(0.1))
    it.received(b"ERR later\r\n", at(0.2))
    it.wake(at(1))
    assert answers(it, 1.1, b"S 2 50\r\n")["phase"] == "done"


# --- policies --------------------------------------------------------------------------------------------------------------


def test_another_verb_stands_in() -> None:
    it = opened(screen(rise("fall"), FALL))
    it.command(tell("rise"), at(0.1))
    found = it.received(b"ERR jammed\r\n", at(0.2))
    assert failures(found) == [("rise", "refuses: jammed", "fall")]
    assert words(found) == [b"DOWN\r\n"]
    assert it.desired()["state"] == "down"


def test_wait_asks_on_and_never_fails() -> None:
    it = opened(screen(rise("wait")))
    it.command(tell("rise"), at(0.1))
    said, now = 0, 0
    while (now := it.next_deadline() or now) < at(60):
        found = list(it.wake(now))
        if Connect() in found:
            found += it.connected(now)
        assert not failures(found)
        said += sum(word.startswith(b"UP") for word in words(found))
    assert said > 5
    it.connected(at(61))
    it.received(b"S 2 50\r\n", at(61))
    assert it.reported()["state"] == "up"


# --- silence and return ----------------------------------------------------------------------------------------------------


def test_a_line_that_is_half_open_is_noticed_closed_and_opened_again_with_patience() -> None:
    it = opened(screen())
    happened = [(now, output) for now, output in until(it, 0, at(12)) if isinstance(output, Close | Connect | Health)]
    assert [(now, type(output).__name__) for now, output in happened][:4] == [
        (at(3), "Health"),
        (at(3.5), "Close"),
        (at(3.5), "Health"),
        (at(4.5), "Connect"),
    ]
    assert [output.state for _, output in happened if isinstance(output, Health)] == ["degraded", "degraded", "lost"]


def test_a_device_that_comes_back_is_told_what_its_answer_does_not_show() -> None:
    it = opened(screen())
    it.command(tell("rise"), at(0.1))
    it.received(b"OK UP\r\nS 2 50\r\n", at(0.2))
    it.lost("closed the connection", at(5))
    it.connected(at(9))
    assert words(it.received(b"S down 0\r\n", at(9.1))) == [b"UP 50\r\n"]


@pytest.mark.parametrize("shows", [b"S 2 50\r\n", b"S 1 0\r\n"], ids=["there", "on its way"])
def test_a_device_that_merely_lost_its_cable_is_left_alone(shows: bytes) -> None:
    it = opened(screen())
    it.command(tell("rise"), at(0.1))
    it.received(b"OK UP\r\n", at(0.2))
    it.received(b"S 2 50\r\n", at(0.3))
    it.lost("closed the connection", at(5))
    it.connected(at(9))
    assert words(it.received(shows, at(9.1))) == []


def test_a_hazardous_device_that_comes_back_is_told_nothing_by_itself() -> None:
    it = opened(screen(hazard=Hazard.INTERLOCKED))
    it.command(tell("rise"), at(0.1))
    it.received(b"OK UP\r\nS 2 50\r\n", at(0.2))
    it.lost("closed the connection", at(5))
    it.connected(at(9))
    assert words(it.received(b"S down 0\r\n", at(9.1))) == []


def test_one_that_comes_and_goes_is_trusted_only_once_it_has_answered_for_two_seconds() -> None:
    it = opened(screen())
    until(it, 0, at(3.4))
    assert it.wake(at(3.4)) == []
    assert healths(it.received(b"S down 0\r\n", at(3.45))) == []
    assert healths(it.received(b"EVENT down\r\n", at(5.4))) == []
    assert healths(it.received(b"EVENT down\r\n", at(5.45))) == [("ok", "Fog screen answers again.")]


def test_a_fault_that_it_reports_degrades_it_and_says_which() -> None:
    it = opened(screen())
    assert healths(it.received(b"EVENT broken\r\n", at(0.5))) == [("degraded", "Fog screen reports a fault: state broken.")]
    assert healths(it.received(b"EVENT down\r\n", at(1))) == [("ok", "Fog screen answers again.")]


# --- other lines -----------------------------------------------------------------------------------------------------------


def test_over_udp_an_answer_is_a_packet_and_nothing_is_opened_or_closed() -> None:
    it = screen(transport="udp", frame=Frame("datagram"))
    assert words(it.start(0)) == [b"S?"]
    it.received(b"S 2 40", at(0.1))
    happened = [type(output).__name__ for _, output in until(it, at(0.1), at(9)) if not isinstance(output, Report)]
    assert set(happened) == {"Send", "Health"}


def heater() -> Described:
    speech = Speech(Frame("http"), (Poll(phrase_of("GET /state"), phrase_of("200 at {fans}")),), reply_within=at(0.5))
    order = Order(phrase_of("PUT /fans {to}"), None, (("fans", phrase_of("{to}")),))
    verbs = {"blow": Verb("blow", (Argument("to", NUMBER),), ActionClass.STATE, ("blow",), order=order)}
    kind = Kind("text", verbs, {field.name: field for field in FIELDS}, "nothing")
    return Described(Device(0, "heater", kind, "http", "10.0.0.9", 80, speech=speech))


def test_over_http_a_server_may_close_what_is_idle_and_is_not_at_fault() -> None:
    it = heater()
    it.start(0)
    [asked] = words(it.connected(0))
    assert asked.startswith(b"GET /state HTTP/1.1\r\n")
    assert healths(it.received(b"HTTP/1.1 200 Fine\r\nContent-Length: 5\r\n\r\nat 40", at(0.1))) == [("ok", "heater answers.")]
    assert it.lost("closed the connection", at(0.5)) == []
    assert it.wake(at(1)) == [Connect()]
    assert len(words(it.connected(at(1.01)))) == 1


def test_over_http_any_other_status_is_a_refusal() -> None:
    it = heater()
    it.start(0)
    it.connected(0)
    it.received(b"HTTP/1.1 200 Fine\r\nContent-Length: 5\r\n\r\nat 40", at(0.1))
    assert words(it.command(tell("blow", to=3.0), at(0.2)))[0].endswith(b"\r\n\r\n3")
    found = it.received(b"HTTP/1.1 409 Conflict\r\nContent-Length: 3\r\n\r\nno!", at(0.3))
    assert failures(found) == [("blow", "answers 409 no!", "skip")]


def test_what_is_never_polled_is_well_while_its_line_stands() -> None:
    it = screen(polled=False)
    it.start(0)
    assert healths(it.connected(0)) == [("ok", "Fog screen answers.")]
    assert until(it, 0, at(60)) == []
    assert [state for state, _ in healths(it.lost("closed the connection", at(60)))] == ["degraded"]


def test_text_cannot_bring_a_second_command_along() -> None:
    it = opened(screen())
    assert words(it.command(tell("dot", MOMENTARY, x="a\r\nUP 100\r\n"), at(0.1)))[0] == b"DOT aUP 100\r\n"


def test_orders_that_pile_up_are_bounded_and_the_oldest_is_said_to_have_failed() -> None:
    it = opened(screen(PUFF))
    found = [output for n in range(80) for output in it.command(tell("puff", MOMENTARY, order=n), at(0.1))]
    assert len(failures(found)) == 16


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_nothing_that_happens_makes_it_raise_or_wake_for_ever(seed: int, transport: str) -> None:
    chance = random.Random(seed)
    it = screen(transport=transport, frame=Frame("datagram" if transport == "udp" else "ends"))
    it.start(0)
    now = 0
    lines = [
        b"S 2 40\r\n",
        b"S 1 x\r\n",
        b"OK UP\r\n",
        b"OK PUFF\r\n",
        b"ERR \r\n",
        b"ERR no\r\n",
        b"\xff\r\n",
        b"EVENT broken\r\n",
    ]
    for _ in range(600):
        now += chance.choice([0, 1000, at(0.1), at(2)])
        match chance.randrange(6):
            case 0:
                it.command(
                    tell(chance.choice(["rise", "fall", "puff", "dot", "none"]), MOMENTARY, order=chance.randrange(99)), now
                )
            case 1:
                it.received(chance.choice(lines), now)
            case 2:
                it.received(chance.randbytes(chance.randrange(40)), now)
            case 3:
                it.connected(now) if chance.random() < 0.5 else it.lost("went", now)
            case _:
                until(it, now, now)
    it.lost("went", now)
    assert it.next_deadline() is not None
