"""A kept state is the state: to the byte, over whatever happened before."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given, settings

from showctl.engine.checkpoint import UnreadableStateError, keep, restore
from showctl.engine.checkpoint_pieces import Text, text_of
from showctl.engine.events import Event
from showctl.engine.step import initial
from showctl.show.show import Show
from tests.engine.booth import Booth, cue, show_of
from tests.engine.test_laws import SCRIPTS, prints, run, shows


@settings(max_examples=60, deadline=None)
@given(shows(), SCRIPTS)
def test_what_was_kept_is_restored_to_the_byte(show: Show, script: list[tuple[int, Event]]) -> None:
    state, _ = run(show, script, until=700)
    written = json.dumps(keep(state))
    assert json.dumps(keep(restore(json.loads(written)))) == written


def written(writing: Text) -> tuple[str, int]:
    """What is written in the end, and in how many pieces."""
    pieces = 0
    while True:
        try:
            next(writing)
        except StopIteration as done:
            return done.value, pieces
        pieces += 1


@settings(max_examples=40, deadline=None)
@given(shows(), SCRIPTS)
def test_what_is_written_in_pieces_is_the_same_text_as_at_once(show: Show, script: list[tuple[int, Event]]) -> None:
    state, _ = run(show, script, until=700)
    more = {"revision": "d", "begun": {"7": "e"}, "moment": 12}
    at_once = json.dumps(keep(state) | more, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    for _ in range(2):  # what is remembered of the first time is as it was
        text, pieces = written(text_of(state, more))
        assert text == at_once
        assert pieces > len(fields(state)), "each field is a piece at least"


@settings(max_examples=60, deadline=None)
@given(shows(), SCRIPTS, SCRIPTS)
def test_a_restored_engine_goes_on_as_the_other_would_have(
    show: Show, before: list[tuple[int, Event]], after: list[tuple[int, Event]]
) -> None:
    state, _ = run(show, before, until=300)
    restored = restore(json.loads(json.dumps(keep(state))))
    now, logs = state.now, []
    for begin in (state, restored):
        booth = Booth(show, begin)
        elapsed = now
        for wait, event in after:
            elapsed += wait * 10**6
            booth.at(elapsed / 10**9, event)
        booth.at((elapsed + 20 * 10**9) / 10**9)
        logs.append(prints(booth.commands))
    assert logs[0] == logs[1]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"format": 2, "state": {}},
        {"format": 1, "state": 3},
        {"format": 1, "state": {"fact": "Popen", "of": []}},
        {"format": 1, "state": {"fact": "CueRef", "of": ["a", "b"]}},
        {"format": 1, "state": {"table": "row", "bytes": "AAAA"}},
    ],
)
def test_what_is_no_state_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(UnreadableStateError):
        restore(data)


def test_the_state_of_the_morning_is_small() -> None:
    assert len(json.dumps(keep(initial(show_of(cue("1")))))) < 4000
