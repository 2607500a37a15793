"""What must hold in every rehearsal: that the laws see it when it does not, and say nothing when all is well."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from showctl.engine.commands import Note
from showctl.engine.state import What
from showctl.runtime.rehearsal import Stagehand, Verdict, open_simulated_venue
from showctl.show.cues import AfterEnd, AfterStart, Branch, Cue, CueRef, NextWhen, Readiness
from showctl.show.instants import SECOND, seconds
from showctl.show.latest import latest_end, latest_next, latest_wait
from showctl.showfile import load
from tests.engine.booth import cue, expression, show_of

SHOWS = Path(__file__).parents[1] / "shows"


class Forgetful(Stagehand):
    """An engine that forgets to chain after a cue."""

    forgets = CueRef("main", "2")

    def _note(self, note: Note) -> None:
        super()._note(note)
        if note.what == "cue.started" and note.cue == self.forgets:
            state = self.playback.state
            kept = tuple(due for due in state.agenda if due.what is not What.CHAIN)
            gone = tuple(replace(due, local=due.local + 3600 * SECOND) for due in state.agenda if due.what is What.CHAIN)
            self.playback.state = replace(state, agenda=(*kept, *gone))


def rehearsed(hand: type[Stagehand], show: str = "small") -> Verdict:
    loaded = load(SHOWS / show)
    assert loaded.show is not None
    rehearsal = loaded.rehearsals[0]
    return hand(loaded.show, replace(rehearsal, expectations=()), open_simulated_venue(SHOWS / show, 0, loaded.show)).run()


def test_a_rehearsal_in_which_all_is_well_breaks_no_law() -> None:
    assert rehearsed(Stagehand).failures == ()


def test_a_cue_that_is_not_followed_in_time_is_called_blocked_a_second_later() -> None:
    [failure] = rehearsed(Forgetful).failures
    assert failure.message == "main/2 was to be followed within 8.0 s, and is not"
    assert 14.0 <= failure.moment < 15.0, "GO at 5 s, 8 s to the next, one second of grace"
    assert failure.file == "rehearsals/evening.yaml"


# --- when a cue has been followed at the latest -----------------------------------------------------------------------------


def latest(made: Cue) -> int | None:
    return latest_next(show_of(made), made)


def test_a_chain_in_time_is_followed_after_its_delay_and_pre_wait() -> None:
    assert latest(replace(cue("1"), next=AfterStart(seconds(6)), wait=seconds(2))) == seconds(8)


def test_a_condition_with_a_deadline_is_bounded_and_one_without_is_not() -> None:
    assert latest(replace(cue("1"), next=NextWhen(expression("guests > 3"), seconds(20)))) == seconds(20)
    assert latest(replace(cue("1"), next=NextWhen(expression("guests > 3")))) is None


def test_a_branch_is_decided_by_its_deadline_and_readiness_comes_before() -> None:
    made = replace(
        cue("1"),
        next=Branch((), CueRef("main", "2"), seconds(8)),
        ready=Readiness(expression("guests > 3"), seconds(5)),
    )
    assert latest(made) == seconds(13)


def test_the_end_of_a_cue_waits_for_its_wait_at_its_deadline() -> None:
    made = replace(cue("1"), next=AfterEnd(SECOND), wait_for=NextWhen(expression("guests > 3"), seconds(10)))
    assert latest_wait(made) == seconds(10)
    assert latest(made) == seconds(11)
    assert latest_end(show_of(made), replace(made, wait_for=NextWhen(expression("guests > 3")))) is None


def test_a_cue_that_waits_for_go_is_never_late() -> None:
    assert latest(cue("1")) is None
