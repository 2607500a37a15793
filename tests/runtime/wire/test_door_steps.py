"""What is large comes in by steps at the wire's door; meanwhile others are heard, and what its peer says next waits for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from showctl.runtime.wire.client import WireClient
from showctl.runtime.wire.messages import Kind
from tests.runtime.wire.stage import MS, UNIVERSES, S, change, row
from tests.runtime.wire.test_client_and_door import ANCHOR, Room, connected

WHOLE = change(0, *(row(n + 1, n, 65535) for n in range(len(UNIVERSES))))


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """One in which two rows are many."""
    monkeypatch.setattr("showctl.runtime.wire.check_rows.PIECE", 1)
    made = Room(tmp_path / "wire")
    yield made
    made.close()


def steps(room: Room) -> int:
    """Does all that waits; how many steps that took."""
    taken = 0
    while room.door.work(ANCHOR + room.now):
        taken += 1
        assert taken < 100
    return taken


def brought_in(room: Room) -> WireClient:
    """An engine that has just said a change of every row."""
    client = connected(room)
    client.accept(1, 0, WHOLE)
    room.talk(client, now=10 * MS)
    assert room.sender.accepted == 0
    return client


def test_a_change_of_many_rows_shows_once_its_last_step_is_done(room: Room) -> None:
    client = brought_in(room)
    assert room.level(20 * MS) == 0

    assert steps(room) >= len(UNIVERSES)
    room.talk(client)
    assert (room.sender.accepted, room.level(25 * MS)) == (1, 255)


def test_what_the_engine_says_next_waits_and_comes_after_it(room: Room) -> None:
    client = brought_in(room)
    client.accept(2, 0, change(0, row(9, 0, 0)))
    room.talk(client)
    assert room.sender.accepted == 0

    steps(room)
    room.talk(client)
    assert (room.sender.accepted, room.level(25 * MS)) == (2, 0)


def test_a_panic_from_somebody_else_does_not_wait(room: Room) -> None:
    brought_in(room)
    other = room.client(mark=bytes(32))
    room.talk(other)
    other.panic()
    room.talk(other)

    assert room.sender.standing_in
    assert room.sender.accepted == 0


@pytest.mark.expects_log("The wire refused a change")
def test_a_row_that_means_nothing_refuses_the_whole_at_its_step(room: Room) -> None:
    client = connected(room)
    client.accept(1, 0, change(0, row(1, 0, 65535), row(2, 1, 65535), row(3, 77, 65535)))
    room.talk(client)
    steps(room)
    room.talk(client)

    assert room.door.refused == 1
    assert room.level(25 * MS) == 0


def test_what_an_engine_had_said_whole_is_brought_in_though_it_is_gone(room: Room) -> None:
    client = brought_in(room)
    client.close()
    room.talk()
    steps(room)
    room.talk()

    assert (room.sender.accepted, room.level(25 * MS)) == (1, 255)


def test_a_glance_takes_what_is_small_and_leaves_the_rest_for_later(room: Room) -> None:
    client = connected(room)
    client.accept(1, S, change(S, row(1, 0, 65535)))
    client.request_stats()
    client.accept(2, 2 * S, change(2 * S, row(2, 0, 0)))
    assert room.door.glance(ANCHOR)
    assert room.sender.accepted == 1, "a question is no work for the middle of a frame, and nobody overtakes it"
    assert not room.door.glance(ANCHOR)

    steps(room)
    room.talk(client)
    assert room.sender.accepted == 2
    assert client.stats is not None
    assert Kind.STATS_REQUEST not in [message.kind for peer in room.door._peers.values() for message in peer.waiting]
