"""What ``showctl rehearse --day`` says: a whole day by the schedule, in virtual time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from showctl.cli.say import PROBLEMS, Trouble, colored, say, say_json, times

if TYPE_CHECKING:
    from showctl.runtime.day import Day

SPRING: Final = "spring"
AUTUMN: Final = "autumn"
LOOKED_AT: Final = 400
"""Days in which a change of the clocks is looked for."""


def run_day(ctx: click.Context, folder: Path, words: str, zone: str, seed: int, as_json: bool) -> None:
    """Plays the day and says what came of it. Exit 1 where something was wrong."""
    from showctl.runtime.day import play_day

    try:
        day = play_day(folder, _date(folder, words, zone), zone, seed=seed)
    except ValueError as error:
        raise Trouble(str(error)) from error
    if as_json:
        say_json(day.to_json())
    else:
        _say(day)
    ctx.exit(PROBLEMS if day.failures else 0)


def _say(day: Day) -> None:
    often: dict[str, list[str]] = {}
    for item in day.kept:
        often.setdefault(item.name, []).append(item.at)
    for name, ats in often.items():
        say(f"      {name}: {ats[0]}" + (f" to {ats[-1]}, {times(len(ats), 'time')}" if len(ats) > 1 else ""))
    for at, what in day.faults:
        say(colored(f"      {at}  {what}", "bright_black"))
    for at, message in day.failures:
        say(f"{colored('FAIL', 'red')}  {at}  {message}")
    change = f"; {day.changes}" if day.changes else ""
    verdict = f"{times(len(day.failures), 'thing')} went wrong" if day.failures else "all was as it should be"
    pieces = f", played in {day.pieces} pieces at once" if day.pieces > 1 else ""
    say(f"{day.date}{f' in {day.zone}' if day.zone else ''}{change}")
    say(f"{times(day.shows, 'show')}, {day.hours:.1f} hours in {day.wall_seconds:.0f} s{pieces}: {verdict}")


def _today() -> date:
    return datetime.now().astimezone().date()


def _date(folder: Path, words: str, zone: str) -> date:
    """``2026-10-25``, ``today``, or ``spring`` or ``autumn``: the next day on which the clocks go on, or back."""
    if words == "today":
        return _today()
    if words not in (SPRING, AUTUMN):
        try:
            return date.fromisoformat(words)
        except ValueError:
            raise click.BadParameter(
                f"{words} is no day; write 2026-10-25, today, spring or autumn", param_hint="--day"
            ) from None
    from showctl.runtime.day import hours_of
    from showctl.runtime.rehearsal import loaded

    show = loaded(folder).show
    where = zone or (show.time_zone if show is not None else "")
    for n in range(LOOKED_AT):
        day = _today() + timedelta(days=n)
        if hours_of(day, where) == (23 if words == SPRING else 25):
            return day
    raise ValueError(f"the clocks do not change in {where or 'the zone of this machine'}; say --zone Europe/Berlin")
