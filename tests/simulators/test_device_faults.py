"""How every box breaks: slow, babbling, rebooting, besides losing its power; and that what breaks is well again afterwards."""

from __future__ import annotations

from showctl.show.instants import MILLISECOND, SECOND
from simulators.device import Address, Box, Endpoint

US: Address = ("127.0.0.1", 40000)
HERE: Address = ("127.0.3.1", 7000)


class Echo(Box):
    """Says what it hears."""

    def on_datagram(self, source: Address, destination: Address, data: bytes, now: int) -> None:
        self.send(data, source)


def echo() -> Echo:
    made = Echo("echo", (Endpoint("udp", HERE),))
    made.start(0)
    return made


def said(box: Echo, now: int) -> list[bytes]:
    box.wake(now)
    return [what.data for what in box.take()]


def test_a_slow_box_answers_that_much_later_and_in_order() -> None:
    box = echo()
    box.act("slow 300ms for 1s", 0)
    box.datagram(US, HERE, b"one", 0)
    box.datagram(US, HERE, b"two", 100 * MILLISECOND)
    assert said(box, 300 * MILLISECOND - 1) == []
    assert box.next_deadline() == 300 * MILLISECOND
    assert said(box, 300 * MILLISECOND) == [b"one"]
    assert said(box, SECOND) == [b"two"]
    box.datagram(US, HERE, b"three", SECOND)
    assert said(box, SECOND) == [b"three"], "a second later it is as quick as ever"


def test_what_a_slow_box_was_about_to_say_is_gone_with_its_power() -> None:
    box = echo()
    box.act("slow 300ms", 0)
    box.datagram(US, HERE, b"one", 0)
    box.act("power lost", 100 * MILLISECOND)
    assert said(box, SECOND) == []


def test_a_box_that_babbles_answers_as_much_and_nothing_right() -> None:
    box = echo()
    box.act("babbles for 1s", 0)
    box.datagram(US, HERE, b"hello", 0)
    [answer] = said(box, 0)
    assert len(answer) == 5
    assert answer != b"hello"
    box.wake(SECOND)
    box.datagram(US, HERE, b"hello", SECOND)
    assert said(box, SECOND) == [b"hello"]


def test_a_reboot_takes_its_boot_time() -> None:
    box = echo()
    box.act("reboot", 0)
    states = [box.powered]
    box.datagram(US, HERE, b"hello", SECOND)
    assert said(box, 2 * SECOND) == []
    states.append(box.powered)
    assert states == [False, True]
    box.datagram(US, HERE, b"hello", 2 * SECOND)
    assert said(box, 2 * SECOND) == [b"hello"]


def test_back_ends_them_all() -> None:
    box = echo()
    for words in ("slow 300ms", "babbles", "silent", "back"):
        box.act(words, 0)
    box.datagram(US, HERE, b"hello", 0)
    assert said(box, 0) == [b"hello"]
