"""A change that is announced shows nothing until it is said, and then what it would have shown without."""

import numpy as np
import pytest

from showctl.engine.commands import Note
from showctl.engine.events import Go, Origin
from showctl.light.plan import Plan, PlanChange
from showctl.runtime.journal import MemoryJournal, Record
from showctl.runtime.playback import Playback
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.instants import Instant
from showctl.show.patch import Protocol, Universe
from tests.engine.booth import cue, show_of
from tests.runtime.wire.stage import MS, S, change, row, sender

FOUR = tuple(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1) for n in range(4))
GO_AT = S + 5 * MS
UP = change(GO_AT, row(2, 1, 65535))


def at_rest(*universes: Universe) -> FrameSender:
    """Four universes that rest since a while."""
    light = sender(*(universes or FOUR))
    light.accept(
        1,
        0,
        change(
            0,
            row(1, 0, 30000),
        ),
    )
    now = 0
    while now < S:
        light.frame(now)
        now = light.next_frame(now)
    return light


def test_what_is_announced_and_never_said_is_never_seen() -> None:
    light, other = at_rest(), at_rest()
    light.announce(2, GO_AT, UP, GO_AT)

    assert light.extra(GO_AT) is None
    for frame in range(1, 5):
        assert light.frame(S + frame * 25 * MS).datagrams() == other.frame(S + frame * 25 * MS).datagrams()


def test_what_is_announced_and_said_goes_out_as_if_it_had_only_been_said() -> None:
    light, other = at_rest(), at_rest()
    light.announce(2, GO_AT, UP, GO_AT)
    known = light._announced
    assert known is not None
    assert known.follows(light.plan, [UP])
    sent = []
    for one in (light, other):
        one.accept(2, GO_AT, UP)
        extra = one.extra(GO_AT + MS)
        assert extra is not None
        sent.append([extra.datagrams(), one.frame(S + 25 * MS).datagrams(), one.slots.tobytes()])
    assert sent[0] == sent[1]
    assert sent[0][0]


@pytest.mark.parametrize(
    "said",
    [
        change(GO_AT, row(2, 2, 65535)),
        change(GO_AT, row(2, 1, 20000)),
        PlanChange(GO_AT, rows_out=np.array([1]), rows_in=UP.rows_in),
    ],
)
def test_another_change_than_was_announced_shows_what_it_says(said: PlanChange) -> None:
    light, other = at_rest(), at_rest()
    light.announce(2, GO_AT, UP, GO_AT)
    shown = []
    for one in (light, other):
        one.accept(2, GO_AT, said)
        extra = one.extra(GO_AT + MS)
        assert extra is not None
        shown.append(extra.datagrams())
    assert shown[0] == shown[1]


def test_what_could_not_be_shown_is_not_worked_out_and_hurts_nobody() -> None:
    light = at_rest()
    light.announce(2, GO_AT, change(GO_AT, row(2, 99, 65535)), GO_AT)
    assert light._announced is None
    light.announce(5, GO_AT, UP, GO_AT)  # others come before it
    assert light._announced is None


# --- What leaves before the change is taken ---------------------------------------------------------------------------


def said(light: FrameSender, at: Instant = GO_AT) -> list[tuple[Protocol, bytes]]:
    """What leaves as soon as the announced change is said, and then what more does."""
    ready = light.prompt()
    assert ready is not None
    ready.left(at)
    light.accept(2, GO_AT, UP)
    assert light.extra(at) is None, "all of it has left"
    return [(protocol, data) for protocol, _, data in ready.packets]


def frames(light: FrameSender, count: int = 8) -> list[list[bytes]]:
    now, sent = GO_AT, []
    for _ in range(count):
        now = light.next_frame(now)
        sent.append([data for _, data in light.frame(now).datagrams()])
    return sent


@pytest.mark.parametrize("protocol", [Protocol.SACN, Protocol.ARTNET])
@pytest.mark.parametrize("slots", [512, 13])
def test_what_was_made_ready_is_byte_for_byte_what_would_have_been_sent(protocol: Protocol, slots: int) -> None:
    four = tuple(
        Universe(n, f"{protocol.value}/{n + 1}", protocol, n + 1, destinations=("127.0.1.1", "127.0.1.2"), slots=slots)
        for n in range(4)
    )
    light, other = at_rest(*four), at_rest(*four)
    light.announce(2, GO_AT, UP, GO_AT)
    other.accept(2, GO_AT, UP)
    extra = other.extra(GO_AT)
    assert extra is not None

    assert [data for _, data in said(light)] == [data for _, data in extra.datagrams()]
    assert frames(light) == frames(other)
    assert light.slots.tobytes() == other.slots.tobytes()


def test_an_announcement_that_is_followed_by_another_change_sends_nothing_of_its_own() -> None:
    light, other = at_rest(), at_rest()
    light.announce(2, GO_AT, UP, GO_AT)
    for one in (light, other):
        one.accept(2, GO_AT, change(GO_AT, row(2, 2, 65535)))
        assert one.extra(GO_AT) is not None
    assert light.prompt() is None
    assert frames(light) == frames(other)


def test_a_universe_that_was_sent_meanwhile_waits_for_its_next_frame() -> None:
    light = at_rest()
    light.announce(2, GO_AT, UP, GO_AT)
    light._outputs.sacn.pacing.last[:] = GO_AT + 1
    assert light.prompt() is None


def test_a_frame_of_others_between_does_not_matter() -> None:
    light = at_rest()
    frame = light.next_frame(GO_AT)
    light.announce(2, frame - MS, change(frame - MS, row(2, 1, 65535)), frame - MS)
    assert not light.frame(frame).datagrams()
    assert light.prompt() is not None


@pytest.mark.parametrize("then", ["panic", "end", "load", "cut"])
def test_what_comes_between_takes_it_back(then: str) -> None:
    light = at_rest()
    light.announce(2, GO_AT, UP, GO_AT)
    match then:
        case "panic":
            light.panic(GO_AT)
        case "end":
            light.end(GO_AT)
        case "load":
            light.load(Plan(), 1, 0)
        case _:
            light.cut(1)
    assert light.prompt() is None


def test_what_is_not_due_yet_is_not_made_ready() -> None:
    light = at_rest()
    light.announce(2, GO_AT + 1, change(GO_AT + 1, row(2, 1, 65535)), GO_AT)
    assert light.prompt() is None


def test_what_synchronizes_or_claims_goes_the_ordinary_way() -> None:
    for more in ({"sync": 7}, {"claim": "patched"}):
        light = at_rest(*(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1, **more) for n in range(4)))
        light._outputs.sacn._claimed[:] = 0  # said so long ago that they are due
        light.announce(2, GO_AT, UP, GO_AT)
        assert light.prompt() is None
        light.accept(2, GO_AT, UP)
        extra = light.extra(GO_AT)
        assert extra is not None
        assert len(extra.datagrams()) == 2


def test_priorities_and_levels_count_on_one_sequence_however_they_leave() -> None:
    light = at_rest(*(Universe(n, f"sacn/{n + 1}", Protocol.SACN, n + 1, claim="patched") for n in range(4)))
    light.announce(2, GO_AT, UP, GO_AT)
    sent = [data for _, data in said(light)] + [data for made in frames(light, 80) for data in made]
    numbers = [data[111] for data in sent if data[113:115] == b"\0\2" and data[18:22] == b"\0\0\0\4"]
    assert numbers == [(numbers[0] + n) & 0xFF for n in range(len(numbers))]
    assert len(numbers) > 6


def test_a_go_is_announced_before_it_is_written_and_said_after() -> None:
    order: list[str] = []

    class Journal(MemoryJournal):
        def write(self, records: object) -> None:
            assert all(isinstance(record, Record) for record in records)  # type: ignore[attr-defined]
            order.append("written")

    class Wire:
        def load(self, plan: Plan, serial: int) -> None:
            return

        def announce(self, serial: int, instant: Instant, change: PlanChange) -> None:
            order.append(f"announced {serial}")

        def accept(self, serial: int, instant: Instant, change: PlanChange) -> None:
            order.append(f"said {serial}")

        def cut(self, serial: int) -> None:
            return

    def note(_: Note) -> None:
        return

    run = Playback(show_of(cue("1", {"a": 100}, 1)), Journal(), Wire(), lambda _: None, note)
    run.handle(Go("main", origin=Origin("script")), S)

    assert order == ["announced 1", "written", "said 1"]
