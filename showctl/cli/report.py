"""The page that ``showctl rehearse --report`` writes: verdicts, failed lines, transcripts, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from showctl.cli.say import clock_words, times

if TYPE_CHECKING:
    from showctl.cli.rehearse import Told

_STYLE = """
body { background: #0b0a09; color: #efe9df; font: 17px/1.5 system-ui, "Noto Sans CJK SC", sans-serif; }
body { max-width: 64em; margin: 2em auto; } h1 { font-size: 24px } h2 { font-size: 19px; margin: 1.6em 0 .2em }
p, li { margin: .2em 0 } .ok { color: #74c283 } .bad { color: #ff7466 } .quiet, summary { color: #b9b1a5 }
pre { font-size: 13px; background: #161412; padding: 1em; overflow: auto }
"""


def write_report(path: Path, show: str, told: Sequence[Told]) -> None:
    """Writes the page at ``path``, whole or not at all."""
    failed = sum(not item.verdict.passed for item in told)
    words = f"{failed} of {times(len(told), 'rehearsal')} failed" if failed else f"{times(len(told), 'rehearsal')} passed"
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8">',
        f"<title>{escape(show)}: {words}</title><style>{_STYLE}</style>",
        f'<h1>{escape(show)}: <span class="{"bad" if failed else "ok"}">{words}</span></h1>',
        *(_section(item) for item in told),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text("\n".join(parts) + "\n", encoding="utf-8")
    new.replace(path)


def _section(told: Told) -> str:
    verdict = told.verdict
    word = '<span class="ok">ok</span>' if verdict.passed else '<span class="bad">failed</span>'
    length = (
        f"{clock_words(verdict.show_seconds)} of show in {verdict.wall_seconds:.1f} s, {times(verdict.checked, 'line')} judged"
    )
    failures = "".join(
        f'<li class="bad">{escape(failure.file)}:{failure.line}: at {clock_words(failure.moment)}: {escape(failure.message)}</li>'
        for failure in verdict.failures
    )
    return (
        f"<h2>{escape(verdict.name)}: {word}</h2>"
        f'<p class="quiet">{escape(verdict.stem)}.yaml, {length}, digest {verdict.digest[:16]}</p><ul>{failures}</ul>'
        f"<details><summary>What happened</summary><pre>{escape(verdict.transcript)}</pre></details>"
    )
