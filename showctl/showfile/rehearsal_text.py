"""A rehearsal as the text of a file of the rehearsals folder: what a sweep or a storm found, and what a journal tells, to be
kept.

What it writes, ``resolve_rehearsals.py`` reads; a test reads back whatever it wrote. Lines stand in the order of their moments,
to the nanosecond: a rehearsal that finds something has to find it again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from showctl.show.instants import SECOND, Duration
from showctl.show.rehearsals import Expectation, Never, Rehearsal, Step, When
from showctl.showfile.resolve_rehearsals import FOR_ALL

_PLAIN: Final = re.compile(r"[A-Za-z0-9_\u4e00-\u9fff][A-Za-z0-9_./%+ \u4e00-\u9fff-]*")
WIDTH: Final = 120


def rehearsal_text(rehearsal: Rehearsal, comment: str = "") -> str:
    """The whole file, with ``comment`` over it."""
    lines = [f"# {line}".rstrip() for line in _wrapped(comment)]
    lines += ["", f"rehearsal: {_value(rehearsal.name)}"] if lines else [f"rehearsal: {_value(rehearsal.name)}"]
    if rehearsal.guests:
        lines.append(f"guests: {rehearsal.guests}")
    if rehearsal.seed:
        lines.append(f"seed: {rehearsal.seed}")
    if rehearsal.length is not None:
        lines.append(f"length: {_time(rehearsal.length)}")
    steps = [_step(step) for step in rehearsal.steps] + [f"{{auto: {name}}}" for name in rehearsal.autos]
    lines += _section("do", steps)
    lines += _section("expect", (_expectation(line) for line in rehearsal.expectations))
    lines += _section("never", (_never(line) for line in rehearsal.nevers))
    return "\n".join(lines) + "\n"


def _section(name: str, lines: Iterable[str]) -> list[str]:
    made = [f"  - {line}" for line in lines]
    return [f"{name}:", *made] if made else []


def _step(step: Step) -> str:
    when = f"at: {_time(step.at)}" if step.of is None else f"of: {step.of}, after: {_time(step.at)}"
    words = step.words or ("all" if step.what in FOR_ALL else "now")
    return f"{{{when}, {step.what}: {_value(words)}}}"


def _expectation(line: Expectation) -> str:
    of = f"of: {line.of}, " if line.of is not None else ""
    that = f"that: {_quoted(line.that)}" + (f", tolerance: {line.tolerance:g}" if line.tolerance else "")
    begins = f"{'after' if of else 'at'}: {_time(line.start)}, " if line.start or not of else ""
    span = "" if line.endless else f"within: {_time(line.until - line.start)}, "
    match line.kind:
        case When.WITHIN:
            return f"{{{of}{begins if line.start else ''}within: {_time(line.until - line.start)}, {that}}}"
        case When.WHILE:
            grace = f"after: {_time(line.start)}, " if line.start else ""
            return f"{{while: {_quoted(line.meanwhile)}, {grace}{that}}}"
        case When.TIMES:
            low, high = line.times
            often = f"at least {low}" if high is None else f"{low} to {high}"
            return f"{{{of}{begins}{span}times: {often}, {that}}}"
        case When.ORDER:
            return f"{{{of}{begins}{span}order: [{', '.join(_quoted(text) for text in line.order)}]}}"
        case When.DURING:
            return f"{{{of}from: {_time(line.start)}, to: {_time(line.until)}, {that}}}"
        case When.AT:
            return f"{{{of}{'after' if of else 'at'}: {_time(line.start)}, {that}}}"
        case _:
            return f"{{end: yes, {that}}}"


def _never(line: Never) -> str:
    words = _quoted(line.that)
    return f"{{that: {words}, tolerance: {line.tolerance:g}}}" if line.tolerance else words


def _time(duration: Duration) -> str:
    """Seconds, with as many digits as it takes."""
    whole, rest = divmod(duration, SECOND)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".") + "s"


def _value(words: str) -> str:
    """``words`` as a scalar inside braces."""
    return words if _PLAIN.fullmatch(words) and not words.endswith(" ") else _quoted(words)


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _wrapped(comment: str) -> list[str]:
    lines: list[str] = []
    for paragraph in comment.splitlines():
        line = ""
        for word in paragraph.split():
            if line and len(line) + 1 + len(word) > WIDTH:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    return lines
