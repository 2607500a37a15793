"""The guests: what each line of a script makes people do, counted as the show counts them."""

import pytest

from showctl.show.triggers import SafeState, Zone
from simulators.floor import inside
from simulators.guest_words import tell_guests
from simulators.guests import Crowd
from simulators.tracker import Tracker
from tests.simulators.stage import Bench, make_device, make_show


def room(guests: int = 0, seed: int = 1) -> Bench:
    device = make_device("tracker", "tracker", host="236.10.10.10", options={"rate": 1.0})
    bench = Bench(Tracker(device, make_show(device), seed))
    bench.act(f"guests {guests}")
    return bench


def spots(bench: Bench) -> dict[int, tuple[float, float]]:
    crowd = bench.device.crowd  # type: ignore[attr-defined]
    crowd.advance(bench.now)
    return {guest.number: crowd.spot_of(guest, bench.now) for guest in crowd.guests.values()}


def test_guests_are_there_at_once_or_come_in_one_by_one() -> None:
    assert room(30).truth("guests", "nave_guests") == [30.0, 30.0]
    bench = room()
    bench.act("guests 30 join")
    assert bench.truth("guests") == [1.0]
    bench.to(10)
    [coming] = bench.truth("guests")
    assert isinstance(coming, float)
    assert 8 <= coming <= 26
    bench.to(36)
    assert bench.truth("guests", "nave_guests") == [30.0, 30.0]
    assert list(spots(bench)) == list(range(1, 31))


def test_they_come_in_through_the_middle_of_the_front_edge() -> None:
    bench = room()
    bench.act("guests 1 join")
    assert spots(bench) == {1: (0.0, 0.0)}


def test_the_count_can_be_set_up_and_down() -> None:
    bench = room(30)
    bench.act("guests 4")
    assert list(spots(bench)) == [1, 2, 3, 4]
    bench.act("guests 40")
    assert bench.truth("guests") == [40.0]


def test_they_walk_about_and_linger_inside_the_room() -> None:
    bench = room(30)
    shares = []
    for moment in range(0, 300, 5):
        bench.to(moment)
        assert bench.truth("nave_guests") == [30.0]
        [moving] = bench.truth("moving")
        assert isinstance(moving, float)
        shares.append(moving)
    assert 0.2 < sum(shares) / len(shares) < 0.9


def test_all_leave_by_the_far_edge_and_are_gone() -> None:
    bench = room(10)
    bench.act("guests leave")
    bench.to(60)
    assert bench.truth("guests", "nave_guests") == [0.0, 0.0]
    few = room(10)
    few.act("guests 4 leave")
    few.to(60)
    assert few.truth("guests") == [6.0]
    few.act("guests gone")
    assert few.truth("guests") == [0.0]


def test_a_share_raises_hands_for_a_while() -> None:
    bench = room(30)
    bench.to(10)
    bench.act("guests raise hands 80% for 5s")
    assert bench.truth("raised") == [0.0]
    bench.to(10.4)
    assert bench.truth("raised") == [0.8]
    bench.to(15)
    assert bench.truth("raised") == [0.8]
    bench.to(15.4)
    assert bench.truth("raised") == [0.0]


def test_a_smaller_share_lowers_the_others_and_all_can_be_lowered() -> None:
    bench = room(30)
    bench.act("guests raise hands")
    bench.to(1)
    assert bench.truth("raised") == [1.0]
    bench.act("guests raise hands 30%")
    bench.to(2)
    assert bench.truth("raised") == [0.3]
    bench.act("guests lower hands")
    bench.to(3)
    assert bench.truth("raised") == [0.0]


def test_waving_hands_go_up_and_down_every_two_seconds() -> None:
    bench = room(10)
    bench.act("guests wave for 6s")
    raised = []
    for tenth in range(0, 61, 10):
        bench.to(tenth / 10)
        raised += bench.truth("raised")
    assert raised == [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]


def test_exactly_a_share_moves_until_told_otherwise() -> None:
    bench = room(30)
    bench.act("guests move share 60%")
    for moment in (1, 7.5, 33.3, 100):
        bench.to(moment)
        assert bench.truth("moving") == [0.6]
    bench.act("guests stand")
    assert bench.truth("moving") == [0.0]
    bench.to(200)
    assert bench.truth("moving") == [0.0]
    bench.act("guests wander")
    bench.to(201)
    assert bench.truth("moving") != [0.0]


def test_a_vote_is_where_people_stand() -> None:
    bench = room(30)
    bench.act("guests vote gold 70% blue 30%")
    bench.to(40)
    assert bench.truth("gold_guests", "blue_guests", "moving") == [21.0, 9.0, 0.0]


def test_who_does_not_vote_keeps_away() -> None:
    bench = room(30)
    bench.act("guests vote gold 70%")
    bench.to(40)
    bench.act("guests vote gold 40%")
    bench.to(80)
    for moment in range(80, 160, 8):
        bench.to(moment)
        bench.truth("nave_guests")
    [gold, everybody] = bench.truth("gold_guests", "guests")
    assert everybody == 30.0
    assert isinstance(gold, float)
    assert 12 <= gold <= 15  # some may be crossing it


def test_everybody_goes_where_they_are_sent() -> None:
    bench = room(20)
    bench.act("guests to gold")
    bench.to(40)
    assert bench.truth("gold_guests") == [20.0]
    bench.act("guests 50% to blue")
    bench.to(80)
    assert bench.truth("gold_guests", "blue_guests") == [10.0, 10.0]


def test_one_guest_can_be_told_what_to_do() -> None:
    bench = room()
    bench.act("guests 3 at 1.5 4.0")
    assert spots(bench) == {3: (1.5, 4.0)}
    bench.act("guest 3 sits")
    bench.act("guest 3 walks to 1.5 8")
    bench.to(4.9)
    assert spots(bench)[3][1] < 8.0
    bench.to(5.1)
    assert spots(bench)[3] == pytest.approx((1.5, 8.0))
    bench.act("guest 3 raises hand for 2s")
    bench.to(6)
    assert bench.truth("raised") == [1.0]
    bench.act("guest 3 lowers hand")
    bench.to(6.5)
    assert bench.truth("raised") == [0.0]
    bench.act("guest 3 to gold")
    bench.to(30)
    assert bench.truth("gold_guests") == [1.0]
    bench.act("guest 3 leaves")
    bench.to(60)
    assert bench.truth("guests") == [0.0]


def test_raised_is_raised_for_everybody_however_small() -> None:
    bench = room(200)
    bench.act("guests raise hands")
    bench.to(0.4)
    assert bench.truth("raised") == [1.0]


def test_every_party_of_a_size_behaves_like_the_first() -> None:
    bench = room()
    parties = []
    for show in range(3):
        start = show * 1000.0
        bench.to(start)
        bench.act("guests 12 join")
        bench.to(start + 60)
        parties.append({number: (round(x, 6), round(z, 6)) for number, (x, z) in spots(bench).items()})
        bench.act("guests leave")
        bench.to(start + 200)
    assert parties[0] == parties[1] == parties[2]
    assert parties[0] != {number: (round(x, 6), round(z, 6)) for number, (x, z) in spots(another(12)).items()}


def another(guests: int) -> Bench:
    bench = room(seed=2)
    bench.act(f"guests {guests} join")
    bench.to(60)
    return bench


def test_looking_often_or_seldom_makes_no_difference() -> None:
    def at_the_end(looks: list[float]) -> dict[int, tuple[float, float]]:
        bench = room(10)
        for moment in [*looks, 120.0]:
            bench.to(moment)
            bench.truth("moving")
        return spots(bench)

    assert at_the_end([]) == at_the_end([n / 7 for n in range(500)])


def test_a_venue_without_zones_has_some_floor() -> None:
    crowd = Crowd((), 1)
    tell_guests(crowd, "5", 0)
    assert len(crowd.seen(0).numbers) == 5


@pytest.mark.parametrize(
    "words",
    ["", "dance", "to nowhere", "vote nowhere 50%", "raise hands for ages", "guest 9 leaves", "guest 1 dances", "-3 join"],
)
def test_what_they_do_not_understand_is_said(words: str) -> None:
    bench = room(2)
    with pytest.raises(ValueError):
        bench.act(f"guests {words}")


def test_counting_everybody_in_a_zone_is_counting_each() -> None:
    star = ((0.0, 0.0), (4.0, 1.0), (1.0, 2.0), (4.0, 6.0), (-2.0, 4.0), (-2.0, 1.0), (-1.0, 1.0))
    zone = Zone(0, "star", "", star, SafeState((), ()))
    crowd = Crowd((zone,), 1)
    for n in range(400):
        crowd.add(n + 1, (-3.0 + (n % 20) * 0.4, -1.0 + (n // 20) * 0.4), 0)
    seen = crowd.seen(0)
    one_by_one = sum(inside(star, (float(x), float(z))) for x, _, z in seen.positions)
    assert crowd.in_zone(0, seen) == one_by_one
    assert 80 < one_by_one < 200
