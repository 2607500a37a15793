"""Silence, trouble and return: both sides of every instant."""

from showctl.devices.driver import Health
from showctl.devices.heartbeat import Backoff, Heartbeat
from showctl.devices.projector import Projector
from showctl.devices.sound_player import SoundPlayer
from showctl.show.instants import SECOND
from tests.devices.building import at, device, osc


def beat() -> Heartbeat:
    made = Heartbeat(device("sound_player", label="Sound 音响"))
    made.start(0)
    return made


def test_silence_degrades_at_3_s_and_not_a_nanosecond_before() -> None:
    it = beat()
    assert it.heard(at(10)) == [Health("ok", "Sound 音响 answers.")]
    assert it.next_deadline() == at(13)
    assert it.wake(at(13) - 1) == []
    assert it.wake(at(13)) == [Health("degraded", "Sound 音响 has not answered for 3 s.")]


def test_silence_loses_at_5_s_and_says_it_once() -> None:
    it = beat()
    it.heard(at(10))
    it.wake(at(13))
    assert it.next_deadline() == at(15)
    assert it.wake(at(15) - 1) == []
    assert it.wake(at(15)) == [Health("lost", "Sound 音响 is lost: nothing was heard of it for 5 s.")]
    assert it.wake(at(60)) == []
    assert it.next_deadline() is None


def test_the_first_word_after_a_silence_is_ok_again() -> None:
    it = beat()
    it.wake(at(5))
    assert it.was_away(at(7))
    assert it.heard(at(7)) == [Health("ok", "Sound 音响 answers again.")]
    assert it.heard(at(8)) == []


def test_a_device_never_heard_is_unknown_then_degraded_then_lost() -> None:
    it = beat()
    assert it.state == "unknown"
    assert [health.state for now in (at(1), at(3), at(4), at(5)) for health in it.wake(now)] == ["degraded", "lost"]


def test_a_trouble_degrades_a_device_that_answers_and_a_new_trouble_is_a_new_sentence() -> None:
    it = beat()
    it.heard(0)
    assert it.trouble("has no clip a", 1) == [Health("degraded", "Sound 音响 has no clip a.")]
    assert it.trouble("has no clip a", 2) == []
    assert it.heard(at(1)) == []
    assert it.trouble("has no clip b", at(1)) == [Health("degraded", "Sound 音响 has no clip b.")]
    assert it.trouble("", at(2)) == [Health("ok", "Sound 音响 answers again.")]


def test_a_patient_heart_makes_nothing_of_silence_until_the_link_is_gone() -> None:
    it = Heartbeat(device("broker"), patient=True)
    it.start(0)
    it.heard(0)
    assert it.next_deadline() is None
    assert it.wake(at(3600)) == []
    assert [h.state for h in it.broken("closed the connection", at(3600))] == ["degraded"]
    assert [h.state for h in it.wake(at(3605) - 1)] == []
    assert [h.state for h in it.wake(at(3605))] == ["lost"]


def test_one_that_comes_and_goes_is_trusted_only_once_it_stays() -> None:
    it = Heartbeat(device("sound_player"))
    it.start(0)
    found: list[tuple[float, str]] = []
    for n in range(300):  # a word each 4.5 s: it is silent long enough to be noticed, again and again
        outputs = [*it.wake(at(n / 2)), *(it.heard(at(n / 2)) if n % 9 == 0 else [])]
        found += [(n / 2, output.state) for output in outputs]
    assert [state for _, state in found] == ["ok", *["degraded", "ok"] * 2, "degraded"], (
        "no more after the third return in a minute"
    )
    for n in range(22):
        found += [(150 + n / 2, output.state) for output in it.heard(at(150 + n / 2))]
    assert found[-1] == (158.5, "ok"), "ten seconds after the word at 148.5, from which on it was never silent"


def test_one_that_comes_back_now_and_then_is_ok_at_its_first_word() -> None:
    it = Heartbeat(device("sound_player"))
    it.start(0)
    it.heard(0)
    for n in range(1, 20):
        it.wake(at(20 * n))
        assert [output.state for output in it.heard(at(20 * n))] == ["ok"]


def test_tries_are_1_2_4_up_to_30_s_apart_and_start_anew_once_one_worked() -> None:
    backoff = Backoff()
    assert [backoff.next() // SECOND for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    backoff.worked()
    assert backoff.next() == SECOND


def test_how_quickly_a_device_answers_is_known_from_its_last_answer() -> None:
    beat = Heartbeat(device("sound_player"))
    beat.answered(at(1))
    assert beat.round_trip is None, "nobody had asked"

    beat.asked(at(2))
    beat.asked(at(3))  # the first was lost on the way
    beat.answered(at(3.004))
    beat.answered(at(9))

    assert beat.round_trip == 4_000_000


def test_a_player_and_a_projector_are_timed_by_what_they_are_asked_anyway() -> None:
    player = SoundPlayer(device("sound_player"), {})
    player.start(0)
    player.received(osc("/sound/pong", "i", 1), at(0.012))
    assert player.round_trip() == 12_000_000

    projector = Projector(device("projector"))
    projector.start(0)
    projector.connected(at(1))
    projector.received(b"PJLINK 0\r", at(1))
    projector.received(b"%1POWR=1\r", at(1.25))
    assert projector.round_trip() == 250_000_000
