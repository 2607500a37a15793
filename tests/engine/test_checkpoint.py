"""A kept state is the state: to the byte, over whatever happened before."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from showctl.engine.checkpoint import UnreadableStateError, keep, restore
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
