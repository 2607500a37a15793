"""Asking over RDM through a node and through a widget, against simulated fixtures that share no code with us."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.devices import rdm_line
from showctl.devices.rdm_line import ArtnetLine, Done, RdmLine, UsbLine
from showctl.devices.rdm_search import AskBranch, Mute, Search, UnMuteAll
from showctl.protocols import artnet_rdm, rdm, usbpro
from showctl.protocols.rdm import Command, Pid
from showctl.show.instants import MILLISECOND, SECOND
from simulators.rdm_cable import Cable, Responder


def lamp(uid: int, address: int = 1) -> Responder:
    return Responder(uid, "lamp", [("1ch", 1), ("16bit", 2)], 1, address)


# --- the search -------------------------------------------------------------------------------------------------------------


def searched(cable: Cable, garble: Callable[[bytes], bytes] = bytes) -> Search:
    """A search over ``cable``, step by step."""
    search = Search()
    while (step := search.step) is not None:
        match step:
            case UnMuteAll():
                for responder in cable.responders:
                    responder.muted = False
                search.unmuted()
            case AskBranch(low=low, high=high):
                heard = cable.carries(packet(rdm.ALL_DEVICES, Pid.DISC_UNIQUE_BRANCH, rdm.unique_branch(low, high)))
                search.answered(None if heard is None else garble(heard))
            case Mute(uid=uid):
                search.muted(cable.carries(packet(uid, Pid.DISC_MUTE)) is not None)
    return search


def packet(uid: int, pid: int, data: bytes = b"") -> bytes:
    return rdm.encode(rdm.Packet(uid, rdm_line.OUR_UID, 0, Command.DISCOVERY, pid, data))


def test_nobody_is_one_question() -> None:
    search = searched(Cable())

    assert (search.found, search.steps) == ([], 2)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sets(st.integers(0, rdm.MAX_UID), min_size=1, max_size=24))
def test_everybody_is_found_however_their_numbers_lie(uids: set[int]) -> None:
    assert sorted(searched(Cable(lamp(uid) for uid in uids)).found) == sorted(uids)


def test_neighbours_are_told_apart() -> None:
    uids = [0x7FF0_00000000 + n for n in range(40)]
    search = searched(Cable(lamp(uid) for uid in uids))

    assert sorted(search.found) == uids
    assert search.steps < 50 * len(uids)


def test_answers_that_are_always_garbled_are_found_one_address_at_a_time() -> None:
    uids = [5, 6, 0x7FF0_00000012]

    assert sorted(searched(Cable(lamp(uid) for uid in uids), lambda heard: heard[:9]).found) == uids


def test_a_fixture_that_will_not_be_muted_ends_no_search() -> None:
    class Stubborn(Responder):
        def hears(self, slots: bytes) -> bytes | None:
            return None if slots[21:23] == b"\x00\x02" else super().hears(slots)

    stubborn = Stubborn(77, "lamp", [("1ch", 1)], 1, 1)
    search = searched(Cable([stubborn, lamp(78)]))

    assert (search.found, search.cut_short) == ([78], False)


def test_a_cable_that_answers_without_end_is_left() -> None:
    search = Search()
    search.unmuted()
    while search.step is not None:
        if isinstance(search.step, AskBranch):
            search.answered(b"\xff" * 24)
        else:
            search.muted(False)

    assert search.cut_short


# --- a widget ---------------------------------------------------------------------------------------------------------------


class Widget:
    """Carries what a line sends to a cable, and back; 12 where nothing comes."""

    def __init__(self, cable: Cable) -> None:
        self.cable = cable
        self.frames = usbpro.Deframer()
        self.asked = 0

    def takes(self, data: bytes) -> list[bytes]:
        answers = []
        for frame in self.frames.feed(data):
            self.asked += 1
            assert frame.label in (7, 11)
            heard = self.cable.carries(frame.data)
            answers.append(usbpro.frame(12) if heard is None else usbpro.frame(5, b"\0" + heard))
        return answers


def run(line: RdmLine, far: Callable[[bytes], list[bytes]], until: int = 120 * SECOND) -> tuple[list[Done], int]:
    """Everything that comes of the line's jobs, and when the last of it was there."""
    now, done = 0, list[Done]()
    while True:
        sends = line.take_sends()
        for data in sends:
            for answer in far(data):
                line.received(answer, now)
        done += line.take_done()
        if sends:
            continue
        due = line.next_deadline()
        if due is None or due > until:
            return done, now
        now = due
        line.wake(now)


def test_a_widget_finds_and_asks_the_fixtures_of_its_cable() -> None:
    cable = Cable([lamp(0x7FF0_00000001, 9), lamp(0x7FF0_00000002, 10)])
    line = UsbLine()
    line.search(0)
    line.ask(0x7FF0_00000002, Command.GET, Pid.DMX_START_ADDRESS, b"", 0)
    line.ask(0x7FF0_00000001, Command.SET, Pid.DMX_START_ADDRESS, b"\x00\x21", 0)

    done, took = run(line, Widget(cable).takes)

    assert done == [
        Done(1, found=(0x7FF0_00000001, 0x7FF0_00000002)),
        Done(2, b"\x00\x0a"),
        Done(3, b""),
    ]
    assert cable.responders[0].address == 33
    assert took < SECOND


def test_a_slow_cable_is_searched_as_well_as_a_quick_one() -> None:
    widget = Widget(Cable([lamp(0x7FF0_00000001), lamp(0x7FF0_00000002)]))
    line, now, done = UsbLine(), 0, list[Done]()
    line.search(0)
    while not done:
        answers = [answer for data in line.take_sends() for answer in widget.takes(data)]
        now += 120 * MILLISECOND
        line.wake(now)
        for answer in answers:
            line.received(answer, now)
        done = line.take_done()

    assert done == [Done(1, found=(0x7FF0_00000001, 0x7FF0_00000002))]


def test_who_does_not_answer_is_asked_three_times_and_named() -> None:
    line = UsbLine()
    line.ask(0x7FF0_00000009, Command.GET, Pid.DEVICE_INFO, b"", 0)
    widget = Widget(Cable())

    done, _ = run(line, widget.takes)

    assert (done, widget.asked) == ([Done(1, why="7ff0:00000009 does not answer")], 3)


def test_a_widget_that_says_nothing_at_all_is_waited_for_and_no_longer() -> None:
    line = UsbLine()
    line.ask(1, Command.GET, Pid.DEVICE_INFO, b"", 0)
    line.search(0)

    done, took = run(line, lambda data: [])

    assert [item.why for item in done] == [
        "0000:00000001 does not answer",
        "the widget says nothing to RDM: its firmware may have none",
    ]
    assert done[1].found == ()
    assert took <= 15 * SECOND


def test_a_refusal_is_said_in_words() -> None:
    line = UsbLine()
    line.ask(7, Command.SET, Pid.DMX_PERSONALITY, b"\x09", 0)
    line.ask(7, Command.GET, 0x8001, b"", 0)

    done, _ = run(line, Widget(Cable([lamp(7)])).takes)

    assert [item.why for item in done] == [
        "0000:00000007 does not allow that value",
        "0000:00000007 does not know this parameter",
    ]


def test_a_device_that_needs_time_gets_it_and_is_asked_for_what_it_has_queued() -> None:
    responder = lamp(7, 44)
    responder.busy = 1
    line = UsbLine()
    line.ask(7, Command.GET, Pid.DMX_START_ADDRESS, b"", 0)

    done, took = run(line, Widget(Cable([responder])).takes)

    assert (done, took) == ([Done(1, b"\x00\x2c")], 200 * MILLISECOND)


def test_an_answer_in_several_parts_is_put_together() -> None:
    line = UsbLine()
    line.ask(7, Command.GET, Pid.SUPPORTED_PARAMETERS, b"", 0)
    parts = iter([(3, b"\x00\x80"), (3, b"\x00\x81"), (0, b"\x00\x82")])

    def far(data: bytes) -> list[bytes]:
        response, body = next(parts)
        answer = rdm.Packet(rdm_line.OUR_UID, 7, 1, Command.GET_RESPONSE, Pid.SUPPORTED_PARAMETERS, body, response)
        return [usbpro.frame(5, b"\0" + rdm.encode(answer))]

    assert run(line, far)[0] == [Done(1, b"\x00\x80\x00\x81\x00\x82")]


def test_more_than_it_will_ever_do_is_refused_at_once() -> None:
    line = UsbLine()
    for _ in range(rdm_line.MOST_JOBS + 1):
        line.ask(7, Command.GET, Pid.DEVICE_INFO, b"", 0)
    with pytest.raises(BufferError):
        line.ask(7, Command.GET, Pid.DEVICE_INFO, b"", 0)


@given(st.lists(st.binary(max_size=60), max_size=8))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_noise_from_the_far_end_raises_nothing(noise: list[bytes]) -> None:
    for line in (UsbLine(), ArtnetLine(3)):
        line.ask(7, Command.GET, Pid.DEVICE_INFO, b"", 0)
        line.search(0)
        for data in noise:
            line.received(usbpro.frame(5, data), 0)
            line.received(data, 0)
        run(line, lambda data: [])


# --- a node -----------------------------------------------------------------------------------------------------------------


class Node:
    """Answers for one Port-Address as Art-Net 4 says; ``late`` requests for its table are too early."""

    def __init__(self, cable: Cable, address: int = 3, late: int = 0, block: int = 200) -> None:
        self.cable, self.address, self.late, self.block = cable, address, late, block

    def takes(self, data: bytes) -> list[bytes]:
        message = artnet_rdm.decode(data)
        if isinstance(message, artnet_rdm.Rdm):
            heard = self.cable.carries(rdm.encode(message.packet))
            return [] if heard is None else [artnet_rdm.encode(artnet_rdm.Rdm(self.address, rdm.decode(heard)))]
        if self.late:
            self.late -= 1
            return [artnet_rdm.encode(artnet_rdm.TodData(self.address, 0, 0, (), known=False))]
        uids = self.cable.uids()
        blocks = [tuple(uids[n : n + self.block]) for n in range(0, len(uids), self.block)] or [()]
        return [artnet_rdm.encode(artnet_rdm.TodData(self.address, len(uids), n, part)) for n, part in enumerate(blocks)]


def test_a_node_tells_of_its_devices_in_as_many_parts_as_it_takes() -> None:
    cable = Cable(lamp(n) for n in range(1, 8))
    line = ArtnetLine(3)
    line.search(0)
    line.ask(4, Command.GET, Pid.DMX_START_ADDRESS, b"", 0)

    done, _ = run(line, Node(cable, late=1, block=3).takes)

    assert done == [Done(1, found=(1, 2, 3, 4, 5, 6, 7)), Done(2, b"\x00\x01")]


def test_a_node_without_rdm_is_given_up_in_words() -> None:
    line = ArtnetLine(3)
    line.search(0)

    done, took = run(line, lambda data: [])

    assert done == [Done(1, why="the node of Art-Net 3 tells of no devices: it has no RDM, or is not there")]
    assert took == ArtnetLine.TOD_PATIENCE


def test_what_another_port_says_is_not_ours() -> None:
    line = ArtnetLine(3)
    line.search(0)

    line.received(artnet_rdm.encode(artnet_rdm.TodData(4, 1, 0, (9,))), 0)

    assert line.take_done() == []
