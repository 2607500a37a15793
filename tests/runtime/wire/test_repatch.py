"""The wire takes on another patch while it sends: what it is told, when it takes that over, and what receivers see of it."""

import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from showctl.light.plan import Plan
from showctl.protocols import sacn
from showctl.runtime.wire.check_rows import check_plan
from showctl.runtime.wire.client import WireClient
from showctl.runtime.wire.door import Door
from showctl.runtime.wire.errors import BadMessageError
from showctl.runtime.wire.facts import decode_facts, encode_facts
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.frames import Batch, Frame
from showctl.runtime.wire.stats import Counts, Stats
from showctl.show.fixtures import Fixture
from showctl.show.instants import Instant
from showctl.show.patch import Protocol, Universe, make_patch
from showctl.show.show import Show
from showctl.showfile import load
from tests.runtime.wire.stage import CID, DIMMER, MS, S, change, row, show

ANCHOR = 1000 * S
EPOCH = b"the first journl"
OLDER = show(Universe(0, "sacn/1", Protocol.SACN, 1), Universe(1, "sacn/2", Protocol.SACN, 2))
FOURTH = Universe(0, "sacn/4", Protocol.SACN, 4)
NEWER_UNIVERSES = (FOURTH, Universe(1, "sacn/1", Protocol.SACN, 1))
NEWER = replace(
    OLDER,
    patch=make_patch(
        NEWER_UNIVERSES,
        (),
        (Fixture(0, "dimmer_0", "dimmer", DIMMER, "sacn/1", 7), Fixture(1, "dimmer_1", "dimmer", DIMMER, "sacn/4", 1)),
    ),
)


class Room:
    """A wire process without the process, which takes on other patches."""

    def __init__(self, path: Path) -> None:
        self.sender = self._built(OLDER)
        self.endings: list[Batch] = []
        stats = lambda: Stats(Counts())  # noqa: E731
        self.door = Door(path, self.sender, fingerprint(OLDER), stats, self._built, self._change)
        self.says = OLDER
        self.client = WireClient(path, EPOCH, fingerprint(OLDER), ANCHOR, lambda: encode_facts(self.says))
        self.sent: list[tuple[int, int, int, int]] = []
        """(frame's instant in ms, universe, sequence, highest slot) of each packet of levels."""
        self.at = ANCHOR

    def _built(self, of: Show) -> FrameSender:
        return FrameSender(of, CID, "Stage", ANCHOR, waiting=True)

    def _change(self, sender: FrameSender, plan: Plan, serial: int, anchor: Instant) -> None:
        check_plan(plan, sender.show)
        self.endings += sender.take_over(self.sender, self.at)
        sender.load(plan, serial, anchor)
        self.sender = sender

    def talk(self) -> None:
        self.client.service(self.at)
        self.door.serve(list(self.door.readers()), list(self.door.writers()), self.at)
        self.client.service(self.at)

    def frames(self, count: int) -> None:
        """So many frames, and what is said between them."""
        for _ in range(count):
            self.at = self.sender.next_frame(self.at)
            self.talk()
            for packet in levels(self.sender.frame(self.at)):
                self.sent.append(((self.at - ANCHOR) // MS, packet.universe, packet.sequence, max(packet.slots)))
            self.door.new_frame()

    def reload(self, of: Show, plan: Plan, serial: int) -> None:
        """The engine runs ``of`` from now on."""
        self.says = of
        self.client.repatch(fingerprint(of))
        self.client.load(plan, serial)

    def frames_until(self, met: bool) -> int:
        """Frames until the client is connected again: the patch is built on a thread, so each waits for it."""
        for n in range(200):
            building = self.door._next
            if building is not None:
                assert building[1]._done.wait(10), "it is never built"
            self.frames(1)
            if self.client.connected is met:
                return n + 1
        raise AssertionError(self.client.why)


def levels(frame: Frame) -> list[sacn.DataPacket]:
    packets = [sacn.decode(data) for _, data in frame.datagrams()]
    return [packet for packet in packets if isinstance(packet, sacn.DataPacket)]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path / "wire")
    made.client.load(Plan(), 0)
    made.talk()
    made.talk()
    assert made.client.connected
    yield made
    made.client.close()
    made.door.close()


def test_no_frame_is_missed_and_no_sequence_number_is_skipped_while_another_patch_is_taken_on(room: Room) -> None:
    room.client.accept(1, 0, change(0, row(1, 0, 65535, 0, over=10 * S), row(2, 1, 65535)))
    room.frames(20)
    fade = row(1, 0, 65535, 0, over=10 * S)
    room.reload(NEWER, Plan(np.concatenate((fade, row(2, 1, 65535)))), 2)
    room.frames_until(True)
    room.frames(20)

    first = [packet for packet in room.sent if packet[1] == 1]
    assert [b[0] - a[0] for a, b in pairwise(first)] == [25] * (len(first) - 1), "each frame"
    assert [(b[2] - a[2]) % 256 for a, b in pairwise(first)] == [1] * (len(first) - 1)
    assert [packet[3] for packet in first] == [round(packet[0] / 10000 * 65535) >> 8 for packet in first], "the fade goes on"
    assert {packet[1] for packet in room.sent[-5:]} >= {1}
    assert room.sender.slots[1, 6] > 0
    assert room.sender.slots[0, 0] == 255


def test_a_universe_that_is_no_more_is_terminated_three_times(room: Room) -> None:
    room.client.accept(1, 0, change(0, row(1, 0, 65535), row(2, 1, 65535)))
    room.frames(3)
    room.reload(NEWER, Plan(), 2)
    room.frames_until(True)

    ended = [sacn.decode(data) for batch in room.endings for data in (bytes(batch.buffer[0]),)]
    assert [(p.universe, p.terminated) for p in ended if isinstance(p, sacn.DataPacket)] == [(2, True)] * 3


def test_what_happens_while_the_patch_is_built_is_in_the_plan_that_follows(room: Room) -> None:
    room.reload(NEWER, Plan(), 1)
    room.client.accept(2, 0, change(0, row(1, 1, 65535)))
    room.frames_until(True)
    room.frames(2)

    assert (room.sender.show.name, room.sender.applied, room.sender.slots[0, 0]) == ("Stage", 2, 255)
    assert room.sender.show.patch.universes == NEWER.patch.universes


def test_a_wire_of_another_patch_is_told_ours_when_it_is_met(tmp_path: Path) -> None:
    room = Room(tmp_path / "wire")
    room.says = NEWER
    room.client = WireClient(tmp_path / "wire", EPOCH, fingerprint(NEWER), ANCHOR, lambda: encode_facts(NEWER))
    room.client.load(Plan(row(1, 1, 65535)), 7)
    room.frames_until(True)
    room.frames(1)

    assert (room.sender.applied, room.sender.slots[0, 0]) == (7, 255)
    room.client.close()
    room.door.close()


def test_an_engine_that_dies_while_its_patch_is_built_leaves_the_older_light(room: Room) -> None:
    room.client.accept(1, 0, change(0, row(1, 0, 65535)))
    room.frames(2)
    room.reload(NEWER, Plan(), 2)
    room.talk()
    room.client.close()
    for _ in range(5):
        room.door.serve(list(room.door.readers()), list(room.door.writers()), room.at)
        room.door.new_frame()

    room.at = room.sender.next_frame(room.at)
    room.sender.frame(room.at)
    assert (room.sender.show.patch.universes, room.sender.slots[0, 0]) == (OLDER.patch.universes, 255)


@pytest.mark.expects_log("The wire does not take on our patch")
def test_a_patch_that_cannot_be_built_is_refused_in_words_and_the_light_goes_on(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.encode_facts", lambda _: zlib.compress(b"[[], [1]]"))
    room.reload(NEWER, Plan(), 1)
    with pytest.raises(AssertionError, match="does not take on the patch: a show that is none"):
        room.frames_until(True)
    assert room.sender.show is OLDER


def test_facts_say_a_whole_show_as_far_as_the_wire_goes() -> None:
    loaded = load(Path(__file__).parents[3] / "cues" / "dream_of_the_future").show
    assert loaded is not None
    body = encode_facts(loaded)

    said = decode_facts(body)

    assert fingerprint(said) == fingerprint(loaded)
    assert said.patch.parameters == loaded.patch.parameters
    assert said.patch.fixtures[0].mode is said.patch.fixtures[1].mode, "what is shared stays shared"
    assert len(body) < 100_000


@pytest.mark.parametrize(
    "body", [b"", b"no zip", zlib.compress(b"[]"), zlib.compress(b'[[],[{"fact":"Path","of":["/etc"]},1,2,3,4,5,6,7,8]]')]
)
def test_bytes_that_are_no_show_are_refused(body: bytes) -> None:
    with pytest.raises(BadMessageError, match="a show that is none"):
        decode_facts(body)
