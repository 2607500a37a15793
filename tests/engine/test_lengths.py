"""How long cues take: what is said beforehand is what happens, and where nothing is said the reason is."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from showctl.engine.commands import Note
from showctl.show.cues import GroupMode
from showctl.show.instants import seconds
from showctl.show.lengths import until_next, whole_length, why_unknown
from showctl.show.show import Show
from tests.engine.booth import Booth, cue, cue_list, end_after, group, play, start_after, when
from tests.engine.test_laws import shows


@settings(max_examples=60, deadline=None)
@given(shows())
def test_a_cue_is_complete_when_it_was_said_to_be(show: Show) -> None:
    for number, item in enumerate(show.lists[0].cues):
        alone = replace(item, next=None)
        length = whole_length(alone)
        booth = Booth(replace(show, lists=(cue_list(alone), *show.lists[1:])))
        booth.go(number)
        booth.at(number + 100)
        done = [c.instant for c in booth.commands if isinstance(c, Note) and c.what == "cue.done" and c.cue == item.ref]
        if length is not None and not any("rumble" in str(action) for action in item.actions):
            assert done == [seconds(number) + item.wait + length]
        assert (length is None) == bool(why_unknown(alone))


def test_the_reason_why_nobody_knows_names_the_member() -> None:
    loops = group("1", GroupMode.ALL, cue("1/1", {"a": 100}, 2), cue("1/2", None, 0, play("rumble", "bed")))
    waits = group("1", GroupMode.SEQUENCE, cue("1/1"), cue("1/2", wait_for=when("guests > 3")))
    chance = group("1", GroupMode.ALL, group("1/1", GroupMode.RANDOM, cue("1/1/1", {"a": 9}, 2), cue("1/1/2", {"a": 9}, 5)))
    same = group("1", GroupMode.RANDOM, cue("1/1", {"a": 9}, 2), cue("1/2", {"a": 50}, 2))
    assert [why_unknown(item) for item in (loops, waits, chance, same)] == [
        "it never ends: rumble loops",
        "1/2: it waits for something",
        "the members of 1/1 take different times, and one is chosen by chance",
        "",
    ]


def test_when_the_next_cue_begins_counts_from_the_start_pre_wait_included() -> None:
    wait = seconds(1)
    assert until_next(cue("1", {"a": 9}, 4, wait=wait, next=start_after(2))) == seconds(3)
    assert until_next(cue("1", {"a": 9}, 4, wait=wait, next=end_after(-1))) == seconds(4)
    assert until_next(cue("1", None, 0, play("rumble", "bed"), next=end_after())) is None
    assert until_next(cue("1", {"a": 9}, 4)) is None
