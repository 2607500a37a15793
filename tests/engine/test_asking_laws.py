"""Answers over random shows and scripts: they never fail, change nothing, and come true."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.engine.asking import explain_next, why_level, why_not_started
from showctl.engine.checkpoint import keep
from showctl.engine.commands import Note
from showctl.engine.events import Event, Go, Origin
from showctl.engine.stage import stage_of
from showctl.light.chain import chain
from showctl.light.plan import RowKind
from showctl.light.render import levels, owners, prepare
from showctl.show.instants import seconds
from showctl.show.show import Show
from tests.engine.booth import Booth
from tests.engine.test_laws import EVENTS, SCRIPTS, shows


def played(show: Show, script: list[tuple[int, Event]]) -> tuple[Booth, float]:
    booth, now = Booth(show), 0.0
    for wait, event in script:
        now += wait / 1000
        booth.at(now, event)
    return booth, now


@settings(max_examples=80, deadline=None)
@given(shows(), SCRIPTS, st.integers(0, 4000))
def test_every_question_is_answered_and_nothing_changes(show: Show, script: list[tuple[int, Event]], later: int) -> None:
    booth, now = played(show, script)
    before, instant = repr(keep(booth.state)), seconds(now) + later * 1_000_000
    answers = [why_level(show, booth.state, instant, fixture.name) for fixture in show.patch.fixtures]
    answers += [
        why_not_started(show, booth.state, instant, cue_list.name, label) for cue_list in show.lists for label in cue_list.named
    ]
    answers += [explain_next(show, booth.state, instant, cue_list.name) for cue_list in show.lists]

    assert repr(keep(booth.state)) == before
    for answer in answers:
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer
        assert all(isinstance(line, str) and line.strip() for line in answer["words"])


@settings(max_examples=80, deadline=None)
@given(shows(), SCRIPTS, st.integers(0, 4000))
def test_the_chain_ends_at_the_level_and_at_the_owner_that_are_rendered(
    show: Show, script: list[tuple[int, Event]], later: int
) -> None:
    booth, now = played(show, script)
    instant = seconds(now) + later * 1_000_000
    booth.at(instant / 1e9)
    prepared = prepare(stage_of(show).rendering, booth.state.plan)
    shown, owned = levels(prepared, instant), owners(prepared, instant)
    for parameter in show.patch.parameters:
        found = chain(stage_of(show).rendering, booth.state.plan, parameter.index, instant)
        assert found.level == shown[parameter.index]
        deciding = [link for link in (*found.parked, *found.links[::-1]) if link.shows and link.kind is not RowKind.EFFECT]
        assert (deciding[0].owner if deciding else 0) == owned[parameter.index]


@settings(max_examples=80, deadline=None)
@given(shows(), SCRIPTS)
def test_a_start_that_is_foretold_comes_true(show: Show, script: list[tuple[int, Event]]) -> None:
    booth, now = played(show, script)
    for label in show.lists[0].named:
        found = why_not_started(show, booth.state, seconds(now), "main", label)
        if found["starts_in"] is None or found["started"]:
            continue
        run = Booth(show, booth.state)
        run.at(now + found["starts_in"])
        instants = [
            c.instant for c in run.commands if isinstance(c, Note) and c.what == "cue.started" and str(c.cue) == f"main/{label}"
        ]
        assert np.isclose(instants[0] / 1e9, now + found["starts_in"], atol=1e-6)


@settings(max_examples=80, deadline=None)
@given(shows(), SCRIPTS)
def test_go_starts_the_cue_that_was_explained_or_is_refused_with_the_reason_given(
    show: Show, script: list[tuple[int, Event]]
) -> None:
    booth, now = played(show, script)
    told = explain_next(show, booth.state, seconds(now), "main")["go"]
    answer = booth.at(now, Go("main", origin=Origin("script")))

    assert answer is not None
    if told["cue"] is None:
        assert answer.refused
    else:
        assert told["refused"] == answer.refused
        assert answer.started is None or answer.started.label == told["cue"]


@settings(max_examples=60, deadline=None)
@given(shows(), SCRIPTS, EVENTS)
def test_no_event_makes_an_answer_fail(show: Show, script: list[tuple[int, Event]], event: Event) -> None:
    booth, now = played(show, [*script, (10, event)])

    assert explain_next(show, booth.state, seconds(now))["words"]
