"""``showctl out-of-service``: a light is dead until a day; its spare does its work, and everybody is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import click

from showctl.cli.client import at_option, find, name_option
from showctl.cli.say import as_json, say, say_json
from showctl.cli.tag_words import tag_lines

_WEEK: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@click.command("out-of-service")
@click.argument("words", nargs=-1, metavar="[LIGHT [until DAY] REASON]")
@click.option(
    "--spare",
    default="",
    metavar="LIGHT",
    help="Which light does its work meanwhile (left out: the patch's `spare`; none: nobody).",
)
@name_option
@at_option
@as_json
def out_of_service(words: tuple[str, ...], spare: str, name: str, at: str, as_json: bool) -> None:
    """Take a light out of service: it is kept dark, `--spare` does its work. Without LIGHT: say what is out.

    It survives restarts and is shown everywhere; when the day is over it is shown as overdue, until `in-service`.

    \b
    showctl out-of-service tuyere_9 until 2026-12-01 'lamp blown' --spare tuyere_25
    showctl out-of-service head_3 until friday 'tilt belt slips'
    """
    client = find(at)
    if not words:
        tags = {"out_of_service": client.get("/api/status")["tags"]["out_of_service"]}
        if as_json:
            say_json(tags)
        else:
            say("\n".join(tag_lines(tags)) or "every light is in service")
        return
    fixture, rest, until = words[0], list(words[1:]), ""
    if rest[:1] == ["until"]:
        if len(rest) < 2:
            raise click.UsageError("until needs a day: 2026-12-01, tomorrow, friday")
        until, rest = _day(rest[1], datetime.now(UTC).astimezone().date()), rest[2:]
    if not rest:
        raise click.UsageError(f"say why {fixture} is out of service: whoever reads it was not there")
    answer = client.ask("OutOfService", person=name, fixture=fixture, until=until, reason=" ".join(rest), spare=spare)
    say_json(answer) if as_json else say(answer["words"])


def _day(word: str, today: date) -> str:
    """``2026-12-01``, ``tomorrow`` or the next ``friday`` as ISO 8601 has it; a day that is over is refused."""
    lower = word.lower()
    if lower in ("today", "tomorrow"):
        return (today + timedelta(lower == "tomorrow")).isoformat()
    if lower in _WEEK:
        return (today + timedelta((_WEEK.index(lower) - today.weekday() - 1) % 7 + 1)).isoformat()
    try:
        found = date.fromisoformat(word)
    except ValueError:
        raise click.UsageError(f"{word} is no day: 2026-12-01, tomorrow, friday") from None
    if found < today:
        raise click.UsageError(f"{word} is over already")
    return found.isoformat()
