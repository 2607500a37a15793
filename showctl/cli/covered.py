"""What ``showctl rehearse --coverage`` says: which cues, branches, fallbacks, triggers, verbs and faults were not reached."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from showctl.cli.say import colored, say, times

if TYPE_CHECKING:
    from showctl.runtime.rehearsal import Verdict

MOST_LINES: Final = 20
"""Lines of each kind that are spelled out; ``--json`` has all of them."""


def coverage_of(folder: Path, verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """What all of ``verdicts`` together reached of the show in ``folder``."""
    from showctl.runtime.coverage import Reached, coverage_json
    from showctl.showfile import load

    show = load(folder).show
    assert show is not None, "it has been rehearsed"
    reached = Reached()
    for verdict in verdicts:
        reached.merge(verdict.reached)
    return coverage_json(show, reached)


def say_coverage(covered: dict[str, Any], folder: Path) -> None:
    """Each kind with its count, and what of it no rehearsal reached."""
    for kind, found in covered.items():
        if not isinstance(found, dict) or not found.get("of"):
            continue
        missed = found["missed"]
        count = f"{found['reached']} of {found['of']}"
        say(f"{kind:9}  {colored(f'{count} reached', 'yellow' if missed else 'green')}")
        for goal in missed[:MOST_LINES]:
            say(f"      {folder / goal['file']}:{goal['line']}: {goal['what']}" if goal["file"] else f"      {goal['what']}")
        if len(missed) > MOST_LINES:
            say(f"      ... and {len(missed) - MOST_LINES} more")
    say_broken(covered["broken"])
    say("every cue, branch and fallback was reached" if covered["complete"] else "not every cue, branch and fallback was reached")


def say_broken(broken: dict[str, Any]) -> None:
    """Which faults how many machines met, and what nothing broke."""
    if not broken["machines"]:
        return
    met = ", ".join(f"{kind} {len(machines)}" for kind, machines in broken["faults"].items())
    say(f"broken     of {times(broken['machines'], 'machine')}: {met or 'none'}")
    if broken["not_met"]:
        say(f"      said, and nobody met it: {_some(broken['not_met'])}")
    if broken["never"] and met:
        say(f"      never broken in any way: {_some(broken['never'])}")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_LINES} more" if len(names) > MOST_LINES else ""
    return ", ".join(names[:MOST_LINES]) + more
