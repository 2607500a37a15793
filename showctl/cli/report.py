"""The page that ``showctl rehearse --html`` writes: verdicts, a timeline to scrub through, transcripts, coverage.

One file that holds everything it needs, opens from a disk without a network, and says its failed lines in plain text, too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from showctl.cli.say import clock_words, times

if TYPE_CHECKING:
    from showctl.cli.rehearse import Told

_PARTS: Final = {"style": "page.css", "script": "page.js"}


def write_report(
    path: Path, show: str, told: Sequence[Told], coverage: Mapping[str, Any] | None = None, *, dark: bool = False
) -> None:
    """Writes the page at ``path``, whole or not at all. ``dark``: as it opens in a booth, whatever the browser prefers."""
    failed = sum(not item.verdict.passed for item in told)
    words = f"{failed} of {times(len(told), 'rehearsal')} failed" if failed else f"{times(len(told), 'rehearsal')} passed"
    filled = {
        "title": escape(f"{show}: {words}"),
        "show": escape(show),
        "words": words,
        "theme": ' data-theme="dark"' if dark else "",
        "tone": "bad" if failed else "ok",
        "plain": _plain(told),
        "data": _embedded({"show": show, "rehearsals": [_rehearsal(item) for item in told], "coverage": coverage}),
    }
    filled |= {name: _part(file) for name, file in _PARTS.items()}
    text = _part("page.html")
    for name, value in filled.items():
        text = text.replace("{{" + name + "}}", value, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def _rehearsal(told: Told) -> dict[str, Any]:
    verdict = told.verdict
    return told.to_json() | {
        "stem": verdict.stem,
        "checked": verdict.checked,
        "transcript": verdict.transcript,
        "timeline": verdict.timeline,
    }


def _embedded(value: object) -> str:
    """JSON that no parser of HTML takes for a tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _plain(told: Sequence[Told]) -> str:
    lines = [
        f"<li>{escape(item.verdict.name)}: {escape(failure.file)}:{failure.line}: "
        f"at {clock_words(failure.moment)}: {escape(failure.message)}</li>"
        for item in told
        for failure in item.verdict.failures
    ]
    return f"<ul>{''.join(lines) or '<li>none</li>'}</ul>"


def _part(name: str) -> str:
    return (files("showctl.cli") / "report_page" / name).read_text(encoding="utf-8")
