"""Frames in virtual time: changes handed ahead, replaced, taken back and refused; safe and exit looks; the end."""

import hashlib
import itertools

import numpy as np
import pytest

from showctl.protocols import sacn, usbpro
from showctl.runtime.wire.errors import BadChangeError, EndingError, GapError
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.cues import LightMove
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.frames_read import FOG, SACN_1, levels, play
from tests.runtime.wire.stage import CID, MS, UNIVERSES, S, change, row, sender, show

# --- Changes ----------------------------------------------------------------------------------------------------------


def fade(light: FrameSender, ahead: bool) -> list[tuple[int, list[tuple[tuple[str, int], bytes]]]]:
    """Three changes within 200 ms, handed over two seconds ahead or at their instants."""
    changes = [
        (1, 110 * MS, change(110 * MS, row(1, 0, 65535, 110 * MS, over=S))),
        (2, 130 * MS, change(130 * MS, row(2, 0, 0, 130 * MS, over=S, source=1311))),
        (3, 240 * MS, change(240 * MS, row(3, 1, 30000))),
    ]
    out, now = [], -1
    if ahead:
        for serial, instant, what in changes:
            light.accept(serial, instant, what)
        changes = []
    while now < 2 * S:
        now = light.next_frame(now)
        while changes and changes[0][1] <= now:
            light.accept(*changes.pop(0))
        out.append((now, light.frame(now).datagrams()))
    return out


def test_light_handed_ahead_is_the_same_bytes_as_light_handed_in_time() -> None:
    assert fade(sender(*UNIVERSES[:2]), ahead=True) == fade(sender(*UNIVERSES[:2]), ahead=False)


def test_skipping_idle_frames_loses_no_packet() -> None:
    busy = sender(*UNIVERSES[:2])
    every = [(at, packets) for at, packets in fade(sender(*UNIVERSES[:2]), ahead=True) if packets]
    for serial, instant, what in [
        (1, 110 * MS, change(110 * MS, row(1, 0, 65535, 110 * MS, over=S))),
        (2, 130 * MS, change(130 * MS, row(2, 0, 0, 130 * MS, over=S, source=1311))),
        (3, 240 * MS, change(240 * MS, row(3, 1, 30000))),
    ]:
        busy.accept(serial, instant, what)
    some, now = [], -1
    while (now := busy.next_busy(now)) <= 2 * S:
        if packets := busy.frame(now).datagrams():
            some.append((now, packets))

    assert some == every


def test_an_input_replaces_the_future() -> None:
    light = sender(SACN_1)
    light.accept(1, 100 * MS, change(100 * MS, row(1, 0, 65535)))
    light.accept(2, 200 * MS, change(200 * MS, row(2, 0, 0)))
    light.accept(1, 150 * MS, change(150 * MS, row(1, 0, 32768)))
    play(light, 300 * MS)

    assert (light.applied, light.accepted, light.slots[0, 0]) == (1, 1, 128)


def test_a_cut_future_does_not_happen() -> None:
    light = sender(SACN_1)
    light.accept(1, 100 * MS, change(100 * MS, row(1, 0, 65535)))
    light.accept(2, 200 * MS, change(200 * MS, row(2, 0, 0)))
    light.cut(2)
    play(light, 300 * MS)

    assert (light.applied, light.accepted, light.slots[0, 0]) == (1, 1, 255)


def test_a_replacement_that_comes_too_late_takes_the_applied_change_back() -> None:
    light = sender(SACN_1)
    light.accept(1, 100 * MS, change(100 * MS, row(1, 0, 65535)))
    light.frame(100 * MS)
    assert light.slots[0, 0] == 255
    light.accept(1, 99 * MS, change(99 * MS, row(1, 0, 32768)))
    light.frame(125 * MS)

    assert (light.applied, light.slots[0, 0]) == (1, 128)


def test_a_change_applies_at_its_instant_and_not_a_nanosecond_earlier() -> None:
    light = sender(SACN_1)
    light.accept(1, 100 * MS, change(100 * MS, row(1, 0, 65535)))

    light.frame(100 * MS - 1)
    assert (light.applied, light.slots[0, 0]) == (0, 0)
    light.frame(100 * MS)
    assert (light.applied, light.slots[0, 0]) == (1, 255)


def test_a_gap_is_refused_and_the_light_stays() -> None:
    light = sender(SACN_1)
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    light.frame(0)

    with pytest.raises(GapError, match="change 3 does not follow: 2 was expected"):
        light.accept(3, 0, change(0, row(3, 0, 0)))
    light.frame(25 * MS)
    assert (light.applied, light.slots[0, 0]) == (1, 255)


@pytest.mark.parametrize("wrong", [row(1, 4, 0), row(1, -1, 0), np.concatenate((row(2, 0, 0), row(1, 0, 0)))])
def test_rows_that_mean_nothing_here_are_refused(wrong: np.ndarray) -> None:
    light = sender()

    with pytest.raises(BadChangeError):
        light.accept(1, 0, change(0, wrong))
    assert light.accepted == 0


def test_go_does_not_wait_for_the_grid_where_a_universe_rests() -> None:
    light = sender(SACN_1, Universe(1, "sacn/2", Protocol.SACN, 2))
    light.accept(1, 0, change(0, row(1, 1, 65535, over=10 * S)))
    play(light, S)
    light.accept(2, S + 5 * MS, change(S + 5 * MS, row(2, 0, 65535), row(3, 1, 0)))
    extra = light.extra(S + 5 * MS)

    assert extra is not None
    assert (extra.index, levels(extra)) == (-1, [(1, 5, 255)])  # universe 2 moves: its last packet is 5 ms old
    assert light.extra(S + 6 * MS) is None
    assert [(number, slot) for number, _, slot in levels(light.frame(S + 25 * MS))] == [(2, 0)]  # 44 packets a second at most
    assert [(number, slot) for number, _, slot in levels(light.frame(S + 50 * MS))] == [(1, 255), (2, 0)]


# --- Looks of its own -------------------------------------------------------------------------------------------------

REST = LightMove((0,), (32768,))


def test_the_end_is_a_fade_to_the_exit_look_and_three_terminations() -> None:
    light = sender(SACN_1, exit_look=(REST,))
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    play(light, S)
    sent = [(frame.instant, sacn.decode(data)) for frame in light.end(S) for _, data in frame.datagrams()]

    assert [at for at, _ in sent] == [S + n * 25 * MS for n in range(1, 44)]
    packets = [packet for _, packet in sent if isinstance(packet, sacn.DataPacket)]
    slots = [packet.slots[0] for packet in packets]
    assert (slots[0], slots[19], slots[38:]) == (252, 192, [131, 128, 128, 128, 128])
    assert slots == sorted(slots, reverse=True)
    assert [packet.terminated for packet in packets] == [False] * 40 + [True] * 3
    assert [(b.sequence - a.sequence) % 256 for a, b in itertools.pairwise(packets)] == [1] * 42


def test_a_widget_has_the_exit_look_before_the_end() -> None:
    light = sender(FOG, exit_look=(REST,))
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    play(light, S)
    writes = [write.data for frame in light.end(S) for write in frame.serial]

    assert writes[-1] == usbpro.encode(usbpro.SendDmx(b"\x80" + bytes(511)))


def test_after_the_end_was_asked_for_the_engine_has_no_say() -> None:
    light = sender(SACN_1)
    light.end(0)

    with pytest.raises(EndingError):
        light.accept(1, 0, change(0, row(1, 0, 65535)))


def test_panic_fades_to_the_safe_look_and_a_second_one_cuts() -> None:
    light = sender(SACN_1, exit_look=(REST,))
    light.stand_ins["safe"] = light.stand_ins["exit"]
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    play(light, S)

    light.panic(S)  # panic_time is 2 s
    light.frame(S + 500 * MS)
    assert light.slots[0, 0] == 223
    light.frame(2 * S)
    assert light.slots[0, 0] == 192
    light.panic(2 * S)
    light.frame(2 * S + 25 * MS)
    assert light.slots[0, 0] == 128


def test_after_a_panic_is_over_the_engines_light_shows_again_with_what_came_meanwhile() -> None:
    light = sender(SACN_1)
    light.accept(1, 0, change(0, row(1, 0, 65535)))
    light.panic(0)
    light.accept(2, S, change(S, row(2, 0, 40000)))
    light.frame(5 * S)
    assert (light.standing_in, light.slots[0, 0], light.applied) == (True, 0, 2)
    light.panic(5 * S, on=False)
    light.frame(5 * S + 25 * MS)

    assert (light.standing_in, light.slots[0, 0]) == (False, 156)


def test_no_level_is_sent_before_the_first_plan_is_there() -> None:
    light = FrameSender(show(SACN_1), CID, "Stage", waiting=True)
    assert light.frame(0).batches == ()
    light.load(light.plan, 0)

    assert levels(light.frame(25 * MS)) == [(1, 0, 0)]


def test_the_digest_is_of_all_slots() -> None:
    light = sender()
    light.accept(1, 0, change(0, row(1, 3, 65535)))
    light.frame(0)

    assert light.slots_digest() == hashlib.sha256(bytes(3 * 512) + b"\xff" + bytes(511)).digest()
