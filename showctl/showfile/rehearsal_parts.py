"""Rehearsals that are written once and played often: ``parts`` that several share, ``each`` and ``for`` that fill holes in turn.

All of it is written out before anything is read, so that a complaint, and a line that does not hold, stand where the author
wrote the line. A file with ``part: NAME`` is none itself; ``parts: [{use: NAME, with: {..}, at: 40s}]`` takes its lines in,
counted from there, or with ``of: main/12`` from that cue's start. ``each: {ending: [home, on]}`` plays the whole rehearsal
once for each word, ``for: {lamp: [tuyere_1, tuyere_6]}`` repeats one line; holes are written ``{ending}``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any, Final

from showctl.show.instants import SECOND, Duration
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_rehearsals import PartFile, UseModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Mapping, Node, Sequence, Text, mapping_like, sequence_like
from showctl.showfile.structure import fit

_HOLE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
DEEPEST: Final = 8
"""Parts that use parts."""
MOST: Final = 200
"""Rehearsals that one file may become, and lines that one line may."""
_LINES: Final = ("do", "expect", "never")
_SPANS: Final = ("at", "from", "to")
"""Times of a line that count from the beginning."""


def written_out(draft: Draft, nodes: list[tuple[str, Node]]) -> list[tuple[str, Node]]:
    """Every rehearsal among ``nodes``, (stem, tree), with what it shares and repeats written out."""
    parts: dict[str, tuple[PartFile, Mapping]] = {}
    others: list[tuple[str, Node]] = []
    for stem, node in nodes:
        if not isinstance(node, Mapping) or "part" not in node:
            others.append((stem, node))
            continue
        whole = _repeated(draft, node)
        model: PartFile | None = fit(PartFile, _plain(whole), draft.problems)
        if model is not None:
            _require_taken(draft, model, node)
            parts[str(model.part)] = (model, node)
    made: list[tuple[str, Node]] = []
    for stem, node in others:
        if isinstance(node, Mapping):
            made += ((name, _repeated(draft, _joined(draft, one, parts, 0))) for name, one in _each(draft, stem, node))
        else:
            made.append((stem, node))
    return made


# --- parts ----------------------------------------------------------------------------------------------------------------


def _joined(draft: Draft, node: Mapping, parts: dict[str, tuple[PartFile, Mapping]], deep: int) -> Mapping:
    """``node`` with the lines of its parts behind its own."""
    uses = _get(node, "parts")
    if not isinstance(uses, Sequence):
        return node
    lines: dict[str, list[Any]] = {key: list(_get(node, key) or []) for key in _LINES}
    for use in uses:
        model: UseModel | None = fit(UseModel, use, draft.problems)
        if model is None:
            continue
        found = parts.get(str(model.use))
        if found is None:
            hint = did_you_mean(model.use, parts, "a file of the rehearsals folder that begins with part: NAME")
            draft.problems.error("UNKNOWN_TEMPLATE", model.use.place, f"there is no part {model.use or 'without a name'}", hint)
        elif deep >= DEEPEST:
            draft.problems.error("TEMPLATE_CIRCLE", model.use.place, "parts use parts in a circle", "write one of them out")
        elif (filled := _filled_part(draft, model, *found)) is not None:
            whole = _joined(draft, filled, parts, deep + 1)
            for key in _LINES:
                lines[key] += (_shifted(draft, line, model) for line in _get(whole, key) or [])
    kept = {key: value for key, value in node.items() if key not in (*_LINES, "parts")}
    return mapping_like(node.place, kept | {Text(key): sequence_like(node.place, items) for key, items in lines.items() if items})


def _filled_part(draft: Draft, use: UseModel, model: PartFile, node: Mapping) -> Mapping | None:
    takes = [str(name) for name in model.takes]
    for name in use.with_:
        if name not in takes:
            hint = did_you_mean(name, takes, f"{use.use} takes nothing")
            draft.problems.error("UNKNOWN_ARGUMENT", name.place, f"{use.use} does not take {name}", hint)
            return None
    missing = [name for name in takes if name not in use.with_]
    if missing:
        hint = "with: {" + ", ".join(f"{name}: ..." for name in takes) + "}"
        draft.problems.error("MISSING_ARGUMENT", use.use.place, f"{use.use} lacks {' and '.join(missing)}", hint)
        return None
    filled = _fill(node, {str(name): value for name, value in use.with_.items()})
    assert isinstance(filled, Mapping)
    return filled


def _shifted(draft: Draft, line: Any, use: UseModel) -> Any:
    """A line of a part, counted from where the part stands. One that counts from a cue of its own stays."""
    if not isinstance(line, Mapping) or "of" in line or "end" in line:
        return line
    after = use.after if use.of is not None else use.at
    by: Duration = 0 if after is None else draft.read(values.time_of, after, 0)
    moved: dict[Text, Any] = {}
    for key, value in line.items():
        name = key
        if key in _SPANS and isinstance(value, Text):
            if by:
                value = value.like(_later(value, by))
            if key == "at" and use.of is not None:
                name = key.like("after")
        moved[name] = value
    expects_later = "that" in line or "zone" in line or "surface" in line or "order" in line
    if expects_later and by and "within" in line and "at" not in line and "after" not in line:
        moved[Text("after") if use.of is not None else Text("at")] = Text(_later("0", by))
    if use.of is not None and "while" not in line:
        moved[Text("of")] = use.of
    return mapping_like(line.place, moved)


def _later(text: str, by: Duration) -> str:
    try:
        whole = values.time_of(text) + by
    except Wrong:
        return text  # whoever reads the line complains
    seconds, rest = divmod(whole, SECOND)
    return f"{seconds}.{rest:09d}s"


# --- each and for -----------------------------------------------------------------------------------------------------------


def _each(draft: Draft, stem: str, node: Mapping) -> Iterator[tuple[str, Mapping]]:
    """The rehearsals that one file stands for."""
    each = _get(node, "each")
    rest = mapping_like(node.place, {key: value for key, value in node.items() if key != "each"})
    if each is None:
        yield stem, rest
        return
    for choice in _choices(draft, each):
        filled = _fill(rest, choice)
        assert isinstance(filled, Mapping)
        words = ", ".join(choice.values())
        named = {
            key: value.like(f"{value} ({words})") if key == "rehearsal" and isinstance(value, Text) else value
            for key, value in filled.items()
        }
        yield "_".join((stem, *(re.sub(r"\W+", "_", word) for word in choice.values()))), mapping_like(filled.place, named)


def _repeated(draft: Draft, node: Mapping) -> Mapping:
    """``node`` with the lines that say ``for`` written out."""
    made: dict[Text, Any] = {}
    for key, value in node.items():
        if key in _LINES and isinstance(value, Sequence):
            value = sequence_like(value.place, [one for line in value for one in _for(draft, line)])
        made[key] = value
    return mapping_like(node.place, made)


def _for(draft: Draft, line: Any) -> Iterator[Any]:
    turns = _get(line, "for") if isinstance(line, Mapping) else None
    if turns is None:
        yield line
        return
    rest = mapping_like(line.place, {key: value for key, value in line.items() if key != "for"})
    for choice in _choices(draft, turns):
        yield _fill(rest, choice)


def _choices(draft: Draft, node: Any) -> Iterator[dict[str, Text]]:
    """Every way to give each name one of its words, in the order written."""
    if not isinstance(node, Mapping) or not node:
        place = getattr(node, "place", None)
        if place is not None:
            draft.problems.error("WRONG_TYPE", place, "names and their words stand here", "{lamp: [tuyere_1, tuyere_6]}")
        return
    names: list[str] = []
    words: list[list[Text]] = []
    for key, value in node.items():
        found = [item for item in (value if isinstance(value, Sequence) else [value]) if isinstance(item, Text)]
        names.append(str(key))
        words.append(found)
    ways = 1
    for found in words:
        ways *= len(found)
    if not 1 <= ways <= MOST:
        draft.problems.error("TOO_LARGE", node.place, f"this makes {ways} of one", f"at least one, {MOST} at most")
        return
    for choice in itertools.product(*words):
        yield dict(zip(names, choice, strict=True))


# --- holes ------------------------------------------------------------------------------------------------------------------


def _fill(node: Any, words: dict[str, Text]) -> Any:
    """``node`` with its holes filled; what is filled stands where the hole stands."""
    match node:
        case Mapping():
            return mapping_like(node.place, {_fill(key, words): _fill(value, words) for key, value in node.items()})
        case Sequence():
            return sequence_like(node.place, [_fill(value, words) for value in node])
        case Text() if "{" in node:
            whole = _HOLE.fullmatch(node)
            if whole is not None:
                return words.get(whole[1], node)
            filled = _HOLE.sub(lambda match: str(words.get(match[1], match[0])), node)
            return node if filled == node else node.like(filled)
        case _:
            return node


def _require_taken(draft: Draft, model: PartFile, node: Mapping) -> None:
    """Every hole of a part is one that it takes."""
    takes = [str(name) for name in model.takes]
    for text in _texts(node):
        for hole in _HOLE.finditer(text):
            if hole[1] not in takes:
                hint = did_you_mean(hole[1], takes, f"declare it: takes: [{hole[1]}]")
                draft.problems.error("UNKNOWN_ARGUMENT", text.at(hole.start()), f"the part does not take {hole[1]}", hint)


def _texts(node: Any) -> Iterator[Text]:
    if isinstance(node, Mapping):
        bound = _get(node, "for")
        for key, value in node.items():
            if bound is None or key == "for":  # a line's own `for` fills its own holes
                yield from _texts(value)
    elif isinstance(node, Sequence):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, Text):
        yield node


def _plain(node: Mapping) -> Mapping:
    """A part as far as it can be read before its holes are filled: its name, what it takes and uses."""
    return mapping_like(node.place, {key: value for key, value in node.items() if key not in _LINES})


def _get(node: Any, name: str) -> Any:
    return next((value for key, value in node.items() if key == name), None)
