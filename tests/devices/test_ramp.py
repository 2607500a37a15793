"""Fades that are sent from here: the three laws of sound, at most 25 values a second, and the target to the digit."""

import math
from itertools import pairwise

import pytest

from showctl.devices.ramp import SILENT, STEP, Ramp, Steps, added
from simulators.playing import SOUND_CURVES
from simulators.playing import Ramp as Theirs
from tests.devices.building import SECOND, at


@pytest.mark.parametrize("law", ["equal-power", "equal-gain", "db-linear"])
def test_the_laws_are_those_of_the_players(law: str) -> None:
    """Written apart, on both sides of the wire."""
    for source, target in ((SILENT, 0.0), (0.0, SILENT), (-20.0, 6.0), (0.0, -20.0)):
        ours, theirs = Ramp(source, target, 0, at(4), law), Theirs(source, target, 0, at(4), SOUND_CURVES[law])
        for step in range(41):
            assert ours.at(at(step / 10)) == pytest.approx(theirs.at(at(step / 10)), abs=1e-6)


def test_equal_power_keeps_the_power_of_two_that_change_places_and_equal_gain_the_gain() -> None:
    for share in range(11):
        comes, goes = (Ramp(a, b, 0, 10, "equal-power").at(share) for a, b in ((SILENT, 0.0), (0.0, SILENT)))
        assert sum(10 ** (level / 10) for level in (comes, goes)) == pytest.approx(1.0, abs=1e-6)
        comes, goes = (Ramp(a, b, 0, 10, "equal-gain").at(share) for a, b in ((SILENT, 0.0), (0.0, SILENT)))
        assert sum(10 ** (level / 20) for level in (comes, goes)) == pytest.approx(1.0, abs=1e-5)


def test_minus_infinity_is_silence_at_both_ends() -> None:
    ramp = Ramp(-math.inf, 0.0, 0, 10, "equal-power")
    assert ramp.at(0) == SILENT
    assert added(-math.inf, 0.0) == SILENT


def test_a_fade_is_sent_at_most_25_times_a_second_and_ends_on_its_target() -> None:
    fader, sent, now = Steps(0.0), [], at(1)
    fader.go(-17.3, at(1.01), now, "equal-power")
    while (due := fader.next_deadline()) is not None:
        now = due
        sent.append((now, fader.due(now)))
    instants = [instant for instant, _ in sent]
    assert instants[0] == at(1)
    assert instants[-1] == at(2.01)
    assert all(later - earlier >= STEP for earlier, later in pairwise(instants[:-1]))
    assert len(sent) <= 1.01 * SECOND / STEP + 2
    assert sent[-1][1] == -17.3


def test_a_fade_that_is_overtaken_goes_on_from_where_it_is() -> None:
    fader = Steps(0.0)
    fader.go(100.0, at(4), 0)
    assert fader.due(0) == 0.0
    fader.go(0.0, at(1), at(1))
    assert fader.due(at(1)) == 25.0
    assert fader.due(at(1) + 1) is None
    assert fader.due(at(2)) == 0.0
    assert fader.next_deadline() is None


def test_late_is_not_more() -> None:
    fader = Steps(0.0)
    fader.go(10.0, 0, at(1))
    assert [fader.due(at(9)), fader.due(at(9))] == [10.0, None]
