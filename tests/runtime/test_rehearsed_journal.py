"""The journal that rehearsals break: it loses what a full disk loses, counts it, and says so where it goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from showctl.runtime.journal import MOST_WAITING, Record
from showctl.runtime.rehearsal import rehearse
from showctl.runtime.rehearsed_journal import NAMES, RehearsedJournal, speaks_of_it
from showctl.show.instants import SECOND
from showctl.show.rehearsals import Expectation, Rehearsal, Step, When

SMALL = Path(__file__).parents[1] / "shows" / "small"


def record(second: float, number: int = 0) -> Record:
    return Record(round(second * SECOND), "input", {"number": number})


def kinds(journal: RehearsedJournal) -> list[str]:
    return [record.kind for record in journal.records]


def test_a_full_disk_loses_what_comes_and_the_gap_stands_before_what_is_written_next() -> None:
    journal = RehearsedJournal()
    journal.write([record(0), record(0)])
    journal.act("disk full for 10s", SECOND)

    journal.write([record(2)])
    journal.write([record(10.9), record(10.9)])
    assert (journal.look("journal.state", 10 * SECOND), journal.look("journal.lost", 10 * SECOND)) == ("full", 3.0)
    journal.write([record(11)])

    assert kinds(journal) == ["input", "input", "gap", "input"]
    assert journal.records[2].body == {"lost": 3}
    assert (journal.look("journal.state", 11 * SECOND), journal.look("journal.gaps", 11 * SECOND)) == ("ok", 1.0)
    assert journal.follows()


def test_a_stalled_disk_is_late_and_has_everything_when_it_comes_to() -> None:
    journal = RehearsedJournal()
    journal.act("stalled", 0)

    journal.write([record(1, 1)])
    journal.write([record(2, 2), record(2, 3)])
    assert (journal.late, journal.look("journal.waiting", 2 * SECOND), journal.records) == (True, 3.0, [])
    journal.act("works", 3 * SECOND)

    assert [item.body["number"] for item in journal.records] == [1, 2, 3]
    assert (journal.late, journal.lost, journal.gaps) == (False, 0, 0)
    assert journal.follows()


def test_no_more_wait_than_there_is_room_for_and_the_rest_is_counted() -> None:
    journal = RehearsedJournal()
    journal.act("stalled", 0)

    journal.write([record(1)] * MOST_WAITING)
    journal.write([record(2)] * 5)
    journal.act("works", 3 * SECOND)
    journal.write([record(4)])

    assert len(journal.records) == MOST_WAITING + 2
    assert journal.records[-2].body == {"lost": 5}


@pytest.mark.parametrize("words", ["", "disk empty", "works for 5s", "full for ever"])
def test_what_it_does_not_understand_it_says_with_what_it_does(words: str) -> None:
    with pytest.raises(ValueError, match=r"journal does not understand .*; it knows disk full \[for TIME\], stalled"):
        RehearsedJournal().act(words, 0)


def test_every_name_has_a_value_of_its_type() -> None:
    types = {"text": str, "truth": bool, "number": float}
    assert {name: type(RehearsedJournal().look(name, 0)) for name in NAMES} == {name: types[kind] for name, kind in NAMES.items()}


def test_only_rehearsals_that_speak_of_the_journal_keep_one() -> None:
    assert not speaks_of_it(Rehearsal("a", "a", (Step(0, "fault", "film power lost"),)))
    assert speaks_of_it(Rehearsal("a", "a", (Step(0, "fault", "journal disk full"),)))
    assert speaks_of_it(Rehearsal("a", "a", expectations=(Expectation(When.END, "journal.lost == 0"),)))


def test_a_script_fills_the_disk_and_the_show_goes_on(tmp_path: Path) -> None:
    show = tmp_path / "show"
    shutil.copytree(SMALL, show)
    (show / "rehearsals" / "full.yaml").write_text(
        "rehearsal: The disk is full\n"
        "length: 20s\n"
        "do:\n"
        "  - {at: 1s, fault: journal disk full for 5s}\n"
        "  - {at: 2s, go: main/2}\n"
        "  - {at: 8s, fault: journal overflows}\n"
        "expect:\n"
        '  - {at: 5s, that: journal.state == "full" and journal.lost > 0 and pars.intensity > 20}\n'
        '  - {at: 11s, that: main.cue == "3" and journal.gaps == 1}\n'
        "never:\n"
        "  - journal.late\n"
    )

    (verdict,) = rehearse(show, ["full"])

    assert [(failure.file, failure.line) for failure in verdict.failures] == [("rehearsals/full.yaml", 6)]
    assert verdict.failures[0].message.startswith("journal does not understand 'overflows'; it knows disk full")
