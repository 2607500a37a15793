"""How commands say who holds what by hand, since when, and what is overdue: below ``status``, ``sheet`` and ``patch``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from showctl.cli.say import colored, say

KINDS: Final = ("maintenance", "muted", "checking", "out_of_service", "parked")
"""In the order in which they matter to whoever reads."""
MINUTE, HOUR, DAY = 60, 3600, 86400


def tag_lines(tags: Mapping[str, Any], today: date | None = None) -> Iterator[str]:
    """A sentence for each tag, with its age; what is overdue says so."""
    day = today or datetime.now(UTC).astimezone().date()
    for kind in KINDS:
        for item in tags.get(kind, ()):
            yield item["words"] + _age(item.get("since")) + overdue(item, day)


def say_tags(tags: Mapping[str, Any]) -> None:
    """Says every tag, marked so that the eye finds it."""
    for line in tag_lines(tags):
        say(colored(f"! {line}", "yellow"))


def overdue(item: Mapping[str, Any], today: date) -> str:
    """``, overdue`` where the day until which a light is out of service is over."""
    return ", overdue" if item.get("until") and str(item["until"]) < today.isoformat() else ""


def _age(since: float | None) -> str:
    """``, for 3 h``; "" where nobody knows since when."""
    if since is None:
        return ""
    old = max(datetime.now(UTC).timestamp() - since, 0)
    if old < MINUTE:
        return ""
    if old < HOUR:
        return f", for {old // MINUTE:.0f} min"
    return f", for {old // HOUR:.0f} h" if old < 2 * DAY else f", for {old // DAY:.0f} days"


def tags_of(folder: Path) -> dict[str, Any]:
    """What people have put on the show in ``folder``: as it runs, else as the last run left it; {} where there is none."""
    from showctl.cli import running
    from showctl.cli.client import Client
    from showctl.cli.house import state_of
    from showctl.cli.say import Trouble

    here = str(folder.resolve())
    state = state_of(folder)
    for item in running.running_shows():
        if str(Path(item.folder).resolve()) == here:
            try:
                return dict(Client(item.socket).get("/api/status").get("tags", {}))
            except Trouble:
                state = Path(item.state)
    try:
        kept = json.loads((state / "tags.json").read_text(encoding="utf-8"))
        return dict(kept["seen"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
