"""What a bad link does to what it carries, each way by itself, the same for the same seed."""

from __future__ import annotations

import pytest

from showctl.show.instants import MILLISECOND, SECOND
from simulators.faults import read_link_words, read_power_words
from simulators.links import FROM, HELD_BACK, TO, Link


def link(*words: str, seed: int = 1) -> Link:
    made = Link("tracker", seed)
    for text in words:
        made.act(text, 0)
    return made


def lost(made: Link, way: str, of: int = 1000) -> int:
    return sum(not made.datagram(n, way) for n in range(of))


def test_a_good_link_carries_everything_at_once_and_whole() -> None:
    assert link().datagram(5, TO) == [5]
    assert link().carried(b"abc", 5, FROM) == b"abc"


def test_a_fault_one_way_leaves_the_other_way_alone() -> None:
    made = link("from loss 100%", "to delay 80ms")
    assert (lost(made, FROM, 50), lost(made, TO, 50)) == (50, 0)
    assert made.datagram(0, TO) == [80 * MILLISECOND]
    made.act("from good", 0)
    assert made.datagram(0, FROM) == [0]
    assert made.datagram(0, TO) == [80 * MILLISECOND], "what is good again is that way"


def test_shares_of_both_ways_and_of_one_add_up() -> None:
    assert 150 < lost(link("loss 10%", "from loss 10%"), FROM) < 230
    assert 70 < lost(link("loss 10%", "from loss 10%"), TO) < 130


def test_a_datagram_that_is_held_back_is_overtaken_by_those_behind_it() -> None:
    made = link("reorder 20%")
    arrivals = [made.datagram(n * MILLISECOND, TO)[0] for n in range(200)]
    assert arrivals != sorted(arrivals)
    assert {arrival - n * MILLISECOND for n, arrival in enumerate(arrivals)} == {0, HELD_BACK}


def test_a_noisy_link_changes_one_byte_of_some_datagrams() -> None:
    made, data = link("corrupt 50%"), bytes(range(40))
    came = [made.carried(data, n, FROM) for n in range(100)]
    wrong = [[n for n, (a, b) in enumerate(zip(data, got, strict=True)) if a != b] for got in came]
    assert {len(places) for places in wrong} == {0, 1}
    assert 30 < sum(map(len, wrong)) < 70


def test_the_same_seed_loses_the_same_ones_and_another_others() -> None:
    def losses(seed: int) -> list[int]:
        made = link("loss 30%", "reorder 10%", seed=seed)
        return [n for n in range(100) if not made.datagram(n, TO)]

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_a_link_that_is_down_one_way_takes_no_connection_and_comes_back_by_itself() -> None:
    made = link("from down for 2s")
    assert made.down(SECOND)
    assert made.datagram(SECOND, TO) == [SECOND]
    assert made.stream("from a", SECOND, FROM) == 2 * SECOND
    assert not made.down(2 * SECOND)


def test_a_link_that_loses_everything_is_pulled_out_for_streams_too() -> None:
    made = link("loss 100% for 15s")
    assert made.down(SECOND)
    assert made.datagram(SECOND, TO) == []
    assert made.stream("to a", SECOND, TO) == 15 * SECOND
    assert link("loss 100%").stream("to a", SECOND, TO) is None
    assert not made.down(15 * SECOND)


@pytest.mark.parametrize("words", ["reorder", "loss lots", "sideways loss 10%", "from", "corrupt 5% until noon", "good 5%"])
def test_what_a_link_cannot_do_is_refused_with_what_it_can(words: str) -> None:
    with pytest.raises(ValueError, match=r"it knows|write loss"):
        read_link_words(words)


def test_words_about_a_device_are_read_with_their_time() -> None:
    slow, reboot = read_power_words("slow 300ms for 5s"), read_power_words("reboot")
    assert slow is not None
    assert reboot is not None
    assert (slow.what, slow.time, slow.duration) == ("slow", 300 * MILLISECOND, 5 * SECOND)
    assert reboot.what == "reboot"
    assert read_power_words("slowly") is None
