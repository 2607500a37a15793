"""``showctl schedule``: what begins by the clock on a day, as the wall shows it, also when clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from showctl.cli.reading import read
from showctl.cli.say import Trouble, say, say_json, show_folder
from showctl.cli.say import as_json as json_option


@click.command()
@show_folder
@click.option("--day", metavar="DATE", help="As 2026-10-25; today, if none is given.")
@json_option
def schedule(folder: Path, day: str | None, as_json: bool) -> None:
    """Print what the schedule of SHOW begins on a day."""
    from showctl.library.cue_words import action_words
    from showctl.runtime.schedule import Calendar, zone_of

    show = read(folder)
    try:
        date = (datetime.now(zone_of(show)) if day is None else datetime.fromisoformat(day)).date()
    except ValueError:
        raise Trouble(f"{day} is no day: for instance --day 2026-10-25") from None
    found = sorted(Calendar(show.schedule, zone_of(show)).on(date))
    if as_json:
        items = [{"name": item.name, "at": item.at, "utc": _utc(item.wall)} for item in found]
        say_json({"show": show.name, "day": date.isoformat(), "time_zone": show.time_zone, "appointments": items})
        return
    if not found:
        say(f"nothing begins by the clock on {date:%a %Y-%m-%d}")
    for item in found:
        does = ", ".join(f"{subject}: {words}" for subject, _, words in map(action_words, show.schedule[item.index].do))
        say(f"{date:%a} {item.at:8} {item.name:12} {does}")


def _utc(wall: int) -> str:
    return datetime.fromtimestamp(wall // 10**9, UTC).isoformat()
