"""What a sACN receiver makes of its sources, by the millisecond: sampling, merge, 0xDD, loss, synchronisation, endings."""

from dataclasses import dataclass
from typing import Any

import pytest

from showctl.protocols import sacn
from showctl.runtime.receive.sacn_receiver import SacnReceiver
from showctl.show.instants import MILLISECOND as MS

A, B, C = (bytes([n]) * 16 for n in (0xA, 0xB, 0xC))
SETTLED = 2000
"""Milliseconds after which sampling is over, and a source that began at 0 counts."""


@dataclass
class Desk:
    """A source that sends as it is told, with sequence numbers of its own."""

    cid: bytes
    receiver: SacnReceiver
    priority: int = 100
    sequence: int = 0

    def says(self, at: int, *slots: int, **more: Any) -> bool:
        """One packet at ``at`` ms with these first slots."""
        self.sequence = (self.sequence + 1) % 256
        words: dict[str, Any] = {"priority": self.priority, "sequence": self.sequence} | more
        packet = sacn.DataPacket(self.cid, f"desk {self.cid[0]:x}", 1, bytes(slots), **words)
        return self.receiver.received(sacn.encode(packet), "10.0.0.7", at * MS)

    def keeps_saying(self, start: int, until: int, *slots: int, **more: Any) -> None:
        for at in range(start, until, 500):
            self.says(at, *slots, **more)


def hears(receiver: SacnReceiver, at: int, count: int = 3) -> list[int]:
    """The first slots as they merge at ``at`` ms."""
    return list(receiver.universes[1].merged(at * MS).levels[:count])


def wins(receiver: SacnReceiver, at: int, count: int = 3) -> list[int]:
    return list(receiver.universes[1].merged(at * MS).priorities[:count])


def listening(a: int, b: int = 100) -> tuple[SacnReceiver, Desk, Desk]:
    """A receiver at 0 ms, and two desks with their priorities."""
    receiver = SacnReceiver([1])
    return receiver, Desk(A, receiver, a), Desk(B, receiver, b)


# --- Sampling ---------------------------------------------------------------------------------------------------------


def test_nothing_counts_while_sampling_and_then_everybody_at_once() -> None:
    receiver, a, b = listening(100, 120)
    a.says(0, 10, 20)
    b.says(900, 30)

    assert (receiver.universes[1].sampling(1499 * MS), hears(receiver, 1499)) == (True, [0, 0, 0])
    assert (receiver.universes[1].sampling(1500 * MS), hears(receiver, 1500)) == (False, [30, 20, 0])


def test_a_later_source_waits_1500_ms_for_its_priorities() -> None:
    receiver, a, _ = listening(100)
    a.says(2000, 10)
    a.says(3000, 10)

    assert hears(receiver, 3499) == [0, 0, 0]
    assert receiver.universes[1].next_deadline() == 3500 * MS
    assert hears(receiver, 3500) == [10, 0, 0]


def test_priorities_that_come_sooner_end_the_waiting() -> None:
    receiver, a, _ = listening(100)
    a.says(2000, 10, 20)
    assert hears(receiver, 2100) == [0, 0, 0]
    a.says(2100, 150, 0, start_code=0xDD)

    assert hears(receiver, 2100) == [10, 0, 0]


# --- Merge ------------------------------------------------------------------------------------------------------------


def test_the_higher_priority_wins_entirely_where_it_sends() -> None:
    receiver, a, b = listening(100, 101)
    a.says(1000, 255, 255, 255)
    b.says(1000, 0, 7)  # two slots: the third is nobody's but A's

    assert hears(receiver, SETTLED) == [0, 7, 255]
    assert wins(receiver, SETTLED, 4) == [101, 101, 100, -1]


def test_equal_priorities_merge_by_the_highest_level() -> None:
    receiver, a, b = listening(100, 100)
    a.says(1000, 10, 200)
    b.says(1000, 20, 100)

    assert hears(receiver, SETTLED) == [20, 200, 0]


def test_priority_0_is_the_lowest_and_not_nobody() -> None:
    receiver, a, _ = listening(0)
    a.says(1000, 10)

    assert (hears(receiver, SETTLED), wins(receiver, SETTLED, 2)) == ([10, 0, 0], [0, -1])


def test_a_source_that_changes_its_priority_is_merged_anew() -> None:
    receiver, a, b = listening(100, 120)
    a.says(1000, 10)
    b.says(1000, 20)
    assert hears(receiver, SETTLED) == [20, 0, 0]
    a.priority = 130
    a.says(SETTLED, 10)

    assert hears(receiver, SETTLED) == [10, 0, 0]


def test_preview_data_drives_nothing_and_its_source_is_listed() -> None:
    receiver, a, _ = listening(100)
    a.says(1000, 10, preview=True)

    assert hears(receiver, SETTLED) == [0, 0, 0]
    assert receiver.universes[1].sources[A].preview


def test_other_start_codes_are_no_levels() -> None:
    receiver, a, _ = listening(100)
    a.says(1000, 10)
    assert a.says(1100, 99, start_code=0x17) is False  # E1.11 text packet

    assert hears(receiver, SETTLED) == [10, 0, 0]


# --- Per-address priority (0xDD) --------------------------------------------------------------------------------------


def test_the_highest_priority_wins_slot_by_slot_and_0_claims_nothing() -> None:
    receiver, a, b = listening(100, 100)
    a.says(1000, 10, 20, 30)
    b.says(1000, 1, 2, 3)
    b.says(1000, 200, 0, 100, start_code=0xDD)

    assert hears(receiver, SETTLED) == [1, 20, 30]
    assert wins(receiver, SETTLED) == [200, 100, 100]


def test_missing_priorities_count_as_0_and_reserved_ones_claim_nothing() -> None:
    receiver, a, b = listening(1, 200)
    a.says(1000, 10, 20, 30)
    b.says(1000, 255, 255, 255)
    b.says(1000, 201, 150, start_code=0xDD)

    assert hears(receiver, SETTLED) == [10, 255, 30]


def test_priorities_that_stop_for_2500_ms_fall_back_to_the_packets_priority() -> None:
    receiver, a, b = listening(100, 90)
    b.says(1000, 200, start_code=0xDD)
    for at in range(1000, 3500, 500):
        a.says(at, 10)
        b.says(at, 20)

    assert hears(receiver, 3499) == [20, 0, 0]
    assert hears(receiver, 3500) == [10, 0, 0]


def test_levels_that_stop_while_priorities_go_on_are_a_loss() -> None:
    receiver, a, _ = listening(100)
    a.says(1000, 10)
    for at in range(1000, 3500, 500):
        a.says(at, 200, start_code=0xDD)

    assert hears(receiver, 3499) == [10, 0, 0]
    assert hears(receiver, 3500) == [0, 0, 0]


# --- Sequence ---------------------------------------------------------------------------------------------------------


def test_what_comes_late_or_twice_is_left_out() -> None:
    receiver, a, _ = listening(100)
    a.says(1000, 10, sequence=50)
    assert a.says(1010, 11, sequence=50) is False
    assert a.says(1020, 12, sequence=31) is False  # 19 behind
    assert a.says(1030, 13, sequence=30) is True  # 20 behind: a source that began anew

    assert (hears(receiver, SETTLED), receiver.universes[1].sources[A].refused) == ([13, 0, 0], 2)


def test_levels_and_priorities_may_count_together_or_apart() -> None:
    _, a, _ = listening(100)
    assert a.says(1000, 10, sequence=7)
    assert a.says(1000, 100, sequence=7, start_code=0xDD), "apart"
    assert a.says(1020, 11, sequence=9), "together"
    assert a.says(1020, 100, sequence=10, start_code=0xDD)


# --- Loss, settling, ending -------------------------------------------------------------------------------------------


def test_a_source_is_lost_2500_ms_after_its_last_packet() -> None:
    receiver, a, _ = listening(100)
    a.says(1000, 10)

    assert hears(receiver, 3499) == [10, 0, 0]
    assert receiver.universes[1].next_deadline() == 3500 * MS
    assert (hears(receiver, 3500), receiver.universes[1].sources) == ([0, 0, 0], {})


def test_a_dead_cable_flashes_no_lower_source_on_the_way_out() -> None:
    receiver, a, b = listening(120, 100)
    a.says(1000, 10)
    b.says(1800, 99)  # the cable dies: B was heard last

    seen = {tuple(hears(receiver, at, 1)) for at in range(SETTLED, 4300)}
    assert seen == {(10,)}, "never B's 99"
    assert hears(receiver, 4300) == [0, 0, 0]


def test_a_source_that_is_lost_alone_gives_way_as_soon_as_the_other_is_heard() -> None:
    receiver, a, b = listening(120, 100)
    a.says(1000, 10)
    b.keeps_saying(1200, 3400, 99)
    assert hears(receiver, 3600) == [10, 0, 0], "B may be gone as well"
    b.says(3700, 99)

    assert hears(receiver, 3700) == [99, 0, 0]


def test_a_source_that_returns_while_others_settle_has_never_been_away() -> None:
    receiver, a, b = listening(120, 100)
    a.says(1000, 10)
    b.says(1800, 99)
    assert hears(receiver, 3600) == [10, 0, 0]
    assert a.says(3650, 11, sequence=1), "with any number"

    assert hears(receiver, 4300) == [11, 0, 0]


def test_a_source_comes_back_after_hours() -> None:
    receiver, a, _ = listening(100)
    a.says(1000, 10, sequence=200)
    hour = 3_600_000
    assert hears(receiver, hour) == [0, 0, 0]
    assert a.says(hour, 20, sequence=199)

    assert hears(receiver, hour + 1500) == [20, 0, 0]


def test_a_terminated_stream_is_gone_at_once_and_its_levels_are_not_looked_at() -> None:
    receiver, a, b = listening(120, 100)
    a.says(1400, 10)
    b.says(1400, 99)
    assert hears(receiver, SETTLED) == [10, 0, 0]
    for _ in range(3):
        a.says(SETTLED, 255, terminated=True)

    assert hears(receiver, SETTLED) == [99, 0, 0]
    assert list(receiver.universes[1].sources) == [B]


# --- Synchronisation --------------------------------------------------------------------------------------------------


def sync(receiver: SacnReceiver, at: int, sequence: int, address: int = 7) -> bool:
    return receiver.received(sacn.encode(sacn.SyncPacket(A, address, sequence)), "10.0.0.7", at * MS)


def test_before_the_first_synchronization_data_counts_at_once() -> None:
    receiver, a, _ = listening(100)
    a.says(1400, 10, sync_address=7)

    assert hears(receiver, SETTLED) == [10, 0, 0]


def test_then_it_waits_for_its_own_synchronization_and_for_no_other() -> None:
    receiver, a, b = listening(100, 100)
    a.says(1400, 10, sync_address=7)
    b.says(1400, 0, 10, sync_address=7)
    sync(receiver, 1400, 1)
    a.says(SETTLED, 20, sync_address=7)
    b.says(SETTLED, 0, 20, sync_address=7)
    assert hears(receiver, SETTLED) == [10, 10, 0]
    sync(receiver, SETTLED, 2, address=8)
    assert hears(receiver, SETTLED) == [10, 10, 0]
    sync(receiver, SETTLED, 2)

    assert hears(receiver, SETTLED) == [20, 20, 0]


def test_a_synchronization_that_comes_twice_or_late_is_left_out() -> None:
    receiver, a, _ = listening(100)
    a.says(1400, 10, sync_address=7)
    assert sync(receiver, 1400, 5)
    a.says(SETTLED, 20, sync_address=7)

    assert (sync(receiver, SETTLED, 5), sync(receiver, SETTLED, 250), hears(receiver, SETTLED)) == (False, False, [10, 0, 0])


@pytest.mark.parametrize(("force", "then"), [(False, [10, 0, 0]), (True, [30, 0, 0])])
def test_when_synchronization_is_lost_the_look_is_held_or_by_force_goes_on(force: bool, then: list[int]) -> None:
    receiver, a, _ = listening(100)
    a.says(1000, 10, sync_address=7, force_sync=force)
    sync(receiver, 1000, 1)
    a.keeps_saying(1500, 3500, 20, sync_address=7, force_sync=force)
    assert hears(receiver, 3499) == [10, 0, 0]
    a.says(3500, 30, sync_address=7, force_sync=force)

    assert hears(receiver, 3500) == then


# --- The receiver -----------------------------------------------------------------------------------------------------


def test_our_own_packets_are_nobody() -> None:
    receiver = SacnReceiver([1], ours=[A])

    assert Desk(A, receiver).says(0, 10) is False
    assert receiver.universes[1].sources == {}


def test_a_source_is_listed_with_cid_name_address_and_priority() -> None:
    receiver, a, _ = listening(120)
    a.says(1000, 10)
    a.says(1000, 150, start_code=0xDD)
    source = receiver.universes[1].sources[A]

    assert (source.cid, source.name, source.address, source.priority) == (A, "desk a", "10.0.0.7", 120)
    assert (source.per_address, source.slot_count, source.packets) == (True, 1, 2)


def test_the_table_of_sources_is_bounded() -> None:
    receiver = SacnReceiver([1])
    for n in range(40):
        Desk(bytes([n]) * 16, receiver).says(0, 1)

    assert (len(receiver.universes[1].sources), receiver.universes[1].left_out) == (32, 8)


def test_discovery_lists_sources_with_all_their_pages_until_two_intervals_are_silent() -> None:
    receiver = SacnReceiver()
    pages = sacn.discovery_pages(A, "desk", range(1, 601))
    for page in pages:
        receiver.received(sacn.encode(page), "10.0.0.7", 0)
    known = receiver.announced[A]

    assert (known.name, known.address, known.complete, known.universes) == ("desk", "10.0.0.7", True, tuple(range(1, 601)))
    receiver.wake(19_999 * MS)
    assert A in receiver.announced
    receiver.wake(20_000 * MS)
    assert receiver.announced == {}


def test_a_source_that_sends_less_announces_less() -> None:
    receiver = SacnReceiver()
    for count in (600, 2):
        for page in sacn.discovery_pages(A, "desk", range(1, count + 1)):
            receiver.received(sacn.encode(page), "10.0.0.7", 0)

    assert receiver.announced[A].universes == (1, 2)


@pytest.mark.parametrize("junk", [b"", b"\x00\x10\x00\x00ASC-E1.17\0\0\0", b"\xff" * 638, b"Art-Net\0"])
def test_junk_is_counted_with_its_reason_and_nothing_else(junk: bytes) -> None:
    receiver = SacnReceiver([1])

    assert receiver.received(junk, "10.0.0.9", 0) is False
    assert sum(receiver.refused.values()) == 1
