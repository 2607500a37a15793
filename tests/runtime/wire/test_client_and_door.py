"""The engine's end and the wire's door, over a real Unix socket, in one thread and in virtual time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from showctl.light.plan import Plan
from showctl.runtime.wire.client import WireClient
from showctl.runtime.wire.door import Door
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.messages import Kind, Message
from showctl.runtime.wire.stats import Counts, Stats
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.stage import CID, MS, S, change, row, show

STAGE = show()
PRINT = fingerprint(STAGE)
EPOCH = b"the first journl"
ANCHOR = 1000 * S
"""CLOCK_MONOTONIC at show time 0."""


class Room:
    """A wire process without the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sender = FrameSender(STAGE, CID, "Stage", ANCHOR, waiting=True)
        self.door = Door(path, self.sender, PRINT, lambda: Stats(Counts(frames=7)))
        self.now = 0
        self._clients: list[WireClient] = []

    def client(self, epoch: bytes = EPOCH, mark: bytes = PRINT) -> WireClient:
        self._clients.append(WireClient(self.path, epoch, mark, ANCHOR))
        return self._clients[-1]

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self.door.close()

    def talk(self, *clients: WireClient, now: int | None = None) -> None:
        """Both ends say what they have to say, until nothing is left to be said."""
        self.now = self.now if now is None else now
        for _ in range(6):
            for client in clients:
                client.service(ANCHOR + self.now)
            self.door.new_frame()
            self.door.serve(list(self.door.readers()), list(self.door.writers()), ANCHOR + self.now)

    def level(self, now: int) -> int:
        """Slot 1 of the first universe in the frame at show instant ``now``."""
        self.sender.frame(ANCHOR + now)
        return int(self.sender.slots[0, 0])


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path / "wire")
    yield made
    made.close()


def connected(room: Room) -> WireClient:
    client = room.client()
    client.load(Plan(), 0)
    room.talk(client)
    assert (client.connected, client.why) == (True, "")
    return client


def test_the_first_engine_brings_the_whole_plan(room: Room) -> None:
    client = connected(room)

    assert (room.sender.loaded, room.sender.anchor, room.door.epoch, client.whole_plans) == (True, ANCHOR, EPOCH, 1)


def test_changes_hold_from_their_show_instant(room: Room) -> None:
    client = connected(room)
    client.accept(1, 100 * MS, change(100 * MS, row(1, 0, 65535, 100 * MS, over=S)))
    room.talk(client)

    assert [room.level(at) for at in (75 * MS, 100 * MS, 600 * MS, 1100 * MS)] == [0, 0, 128, 255]


def test_the_light_goes_on_when_the_engine_is_gone_and_the_future_handed_over_comes_true(room: Room) -> None:
    client = connected(room)
    client.accept(1, 0, change(0, row(1, 0, 65535, over=S)))
    client.accept(2, 2 * S, change(2 * S, row(2, 0, 0, 2 * S, over=S, source=65535)))
    room.talk(client)
    client.close()
    room.talk()

    assert [room.level(at) for at in (500 * MS, S, 2500 * MS, 3 * S)] == [128, 255, 128, 0]
    assert room.sender.applied == 2


def test_a_returning_engine_of_the_same_journal_sends_only_what_is_missing(room: Room) -> None:
    client = connected(room)
    client.accept(1, 0, change(0, row(1, 0, 65535)))
    room.talk(client)
    room.level(0)
    client.close()
    client.next_try = 0
    client.accept(2, 50 * MS, change(50 * MS, row(2, 0, 32768, 50 * MS, over=S, source=65535)))
    room.talk(client, now=550 * MS)

    assert (client.connected, client.whole_plans, room.sender.accepted) == (True, 1, 2)
    assert room.level(550 * MS) == 192  # half-way, as if it had never been away


def test_a_future_that_changed_while_the_wire_was_away_is_replaced(room: Room) -> None:
    client = connected(room)
    client.accept(1, S, change(S, row(1, 0, 65535)))
    room.talk(client)
    client.close()
    client.next_try = 0
    client.cut(1)
    room.talk(client, now=100 * MS)

    assert (client.whole_plans, room.sender.accepted, room.level(2 * S)) == (1, 0, 0)


def test_an_engine_of_another_journal_brings_the_whole_plan(room: Room) -> None:
    connected(room).close()
    other = room.client(epoch=b"the other journl")
    other.load(Plan(row(4, 0, 65535)), 40)
    room.talk(other)

    assert (room.sender.applied, room.door.epoch, room.level(0)) == (40, b"the other journl", 255)


@pytest.mark.expects_log("The wire refused a change .*it gets the whole plan")
def test_a_refusal_is_answered_with_the_whole_plan(room: Room) -> None:
    client = connected(room)
    room.sender.load(Plan(), 70)  # the wire is not where we think it is
    client.accept(1, 0, change(0, row(1, 0, 65535)))
    room.talk(client)

    assert (client.whole_plans, room.sender.accepted, room.level(0)) == (2, 1, 255)


def test_an_engine_with_another_patch_is_not_listened_to(room: Room) -> None:
    stranger = room.client(mark=bytes(32))
    stranger.load(Plan(row(1, 0, 65535)), 5)
    room.talk(stranger)

    assert (stranger.connected, stranger.why) == (False, "the wire process runs another patch: start the show anew")
    assert not room.sender.loaded


@pytest.mark.expects_log("The wire does not take our light: another engine has the say about light")
def test_only_the_engine_that_came_last_has_a_say_and_the_other_gives_up(room: Room) -> None:
    first, second = connected(room), room.client()
    second.load(Plan(), 0)
    room.talk(second)
    first.load(Plan(row(1, 0, 65535)), 9)
    room.talk(first, second)

    assert (room.sender.applied, room.door.refused) == (0, 1)
    assert (first.connected, first.why, second.connected) == (False, "another engine has the say about light", True)


@pytest.mark.expects_log("The wire does not take our light: parameter 4 is not one of the 4 here")
def test_a_plan_that_means_nothing_here_is_refused_once(room: Room) -> None:
    client = room.client()
    client.load(Plan(row(1, 4, 0)), 0)
    room.talk(client)

    assert (client.connected, client.whole_plans, room.sender.loaded) == (False, 1, False)


def test_panic_reaches_the_wire_and_stats_come_back(room: Room) -> None:
    client = connected(room)
    client.panic()
    client.request_stats()
    room.talk(client)

    assert client.stats is not None
    assert (room.sender.standing_in, client.stats.counts.frames) == (True, 7)
    client.panic(on=False)
    room.talk(client)
    assert room.sender.standing_in is False


def test_the_end_can_be_asked_for_by_anyone(room: Room) -> None:
    client = room.client()
    room.talk(client)
    client._send(Kind.END, 0)
    room.talk(client)

    assert room.door.ended


@pytest.mark.expects_log("broke the contract and was shown out: not a message of the wire")
def test_a_peer_that_talks_nonsense_is_shown_out_and_the_engine_stays(room: Room) -> None:
    client, stranger = connected(room), room.client(mark=bytes(32))
    stranger.service(0)
    stranger._out += b"GET / HTTP/1.1\r\nHost: somewhere.example\r\n\r\n"
    room.talk(stranger)
    client.accept(1, 0, change(0, row(1, 0, 65535)))
    room.talk(client)

    assert (stranger.connected, client.connected, room.sender.accepted) == (False, True, 1)


def test_a_wire_that_is_not_there_costs_the_engine_nothing(tmp_path: Path) -> None:
    client = WireClient(tmp_path / "nobody", EPOCH, PRINT, ANCHOR)
    client.load(Plan(), 0)
    tries = []
    for at in range(0, 5 * S, 10 * MS):
        if client.next_try is not None and at >= client.next_try:
            tries.append(at // MS)
        client.service(at)
        client.accept(at // (10 * MS) + 1, at, change(at, row(at // MS + 1, 0, 1)))

    assert tries == [0, 50, 150, 350, 750, 1550, 2550, 3550, 4550]  # twice as long each time, a second at most
    assert client.why == "the wire process does not answer (No such file or directory)"


def test_a_second_wire_at_the_same_socket_is_refused(room: Room) -> None:
    with pytest.raises(FileExistsError, match="another wire process listens"):
        Door(room.path, room.sender, PRINT, Stats)


def test_a_dead_socket_is_replaced(tmp_path: Path) -> None:
    first = Room(tmp_path / "wire")
    first.door._listener.close()  # as after kill -9: the file stays
    second = Room(tmp_path / "wire")
    client = connected(second)

    assert (tmp_path / "wire").stat().st_mode & 0o077 == 0
    client.close()
    second.door.close()


def test_the_fingerprint_is_of_what_the_wire_needs_to_know() -> None:
    assert fingerprint(show()) == PRINT
    assert fingerprint(show(rate=44)) != PRINT
    assert fingerprint(show(Universe(0, "sacn/1", Protocol.SACN, 1))) != PRINT


def test_a_message_of_the_wire_is_not_for_the_engine_to_say(room: Room, expects_log: object) -> None:
    expects_log("a stats is for the wire to say")  # type: ignore[operator]
    client = connected(room)
    client._out += Message(Kind.STATS, EPOCH, 0, b"").encode()
    room.talk(client)

    assert not client.connected


def test_a_change_that_is_said_as_it_was_announced_is_known_before_it_is_taken(room: Room) -> None:
    client = connected(room)
    known: list[int] = []
    room.door.said_as_announced = lambda: known.append(room.sender.accepted)
    up = change(100 * MS, row(1, 0, 65535, 100 * MS))
    client.announce(1, 100 * MS, up)
    room.talk(client, now=100 * MS)
    assert room.door.expects_until > ANCHOR + 100 * MS
    client.accept(1, 100 * MS, up)
    room.talk(client)
    assert (known, room.sender.accepted, room.door.expects_until) == ([0], 1, 0)


def test_another_change_than_was_announced_and_one_after_other_words_are_not(room: Room) -> None:
    client = connected(room)
    known: list[int] = []
    room.door.said_as_announced = lambda: known.append(room.sender.accepted)
    up, down = (change(100 * MS, row(1, 0, level, 100 * MS)) for level in (65535, 30000))
    client.announce(1, 100 * MS, up)
    client.accept(1, 100 * MS, down)
    room.talk(client, now=100 * MS)
    client.announce(2, 100 * MS, up)
    client.request_stats()
    client.accept(2, 100 * MS, up)
    room.talk(client)
    assert (known, room.sender.accepted) == ([], 2)
