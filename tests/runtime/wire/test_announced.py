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


def at_rest() -> FrameSender:
    """Four universes that rest since a while."""
    light = sender(*FOUR)
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
    light.announce(2, UP, GO_AT)

    assert light.extra(GO_AT) is None
    for frame in range(1, 5):
        assert light.frame(S + frame * 25 * MS).datagrams() == other.frame(S + frame * 25 * MS).datagrams()


def test_what_is_announced_and_said_goes_out_as_if_it_had_only_been_said() -> None:
    light, other = at_rest(), at_rest()
    light.announce(2, UP, GO_AT)
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
    light.announce(2, UP, GO_AT)
    shown = []
    for one in (light, other):
        one.accept(2, GO_AT, said)
        extra = one.extra(GO_AT + MS)
        assert extra is not None
        shown.append(extra.datagrams())
    assert shown[0] == shown[1]


def test_what_could_not_be_shown_is_not_worked_out_and_hurts_nobody() -> None:
    light = at_rest()
    light.announce(2, change(GO_AT, row(2, 99, 65535)), GO_AT)
    assert light._announced is None
    light.announce(5, UP, GO_AT)  # others come before it
    assert light._announced is None


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
