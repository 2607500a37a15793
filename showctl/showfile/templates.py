"""Templates: cues with typed holes. ``use: breathe`` with ``with: {who: tuyeres, depth: 40}`` becomes a plain cue.

What comes out stands at the place of ``use:`` where it came from a hole, and at the template's own line elsewhere, so
a complaint points at the word that is to be changed. ``showctl show --expanded`` prints the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models import TemplateModel, TemplatesFile
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Mapping, Sequence, Text, mapping_like, sequence_like

_HOLE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "level": values.percent,
    "time": values.time_of,
    "number": values.number,
    "angle": values.angle,
    "rate": values.period,
    "sound_level": values.decibel,
    "truth": values.truth,
}
TYPES: Final = (*_READERS, "group", "color", "text", "name", "cue", "look", "value")


def resolve_templates(draft: Draft) -> None:
    """Fills ``draft.templates``: name -> (what it takes, its cue as a tree)."""
    node = draft.nodes.get("templates")
    model: dict[Text, TemplateModel] | None = draft.section("templates", TemplatesFile)
    if model is None or not isinstance(node, Mapping):
        return
    for name, template in model.items():
        draft.good_name(name)
        takes = {
            str(word): draft.choice(kind, TYPES, "text", "a type of template argument") for word, kind in template.takes.items()
        }
        cue = node[name].get("cue")
        if isinstance(cue, Mapping):
            for text in _texts(cue):
                for hole in _HOLE.finditer(text):
                    if hole[1] not in takes:
                        hint = did_you_mean(hole[1], takes, f"declare it: takes: {{{hole[1]}: text}}")
                        draft.problems.error(
                            "UNKNOWN_ARGUMENT", text.at(hole.start()), f"the template does not take {hole[1]}", hint
                        )
            draft.templates[name] = (takes, cue)


def _texts(node: Any) -> list[Text]:
    match node:
        case Mapping():
            return [text for key, value in node.items() for text in (key, *_texts(value))]
        case Sequence():
            return [text for value in node for text in _texts(value)]
        case Text():
            return [node]
        case _:
            return []


def expand(draft: Draft, node: Mapping) -> Mapping | None:
    """``node`` with its template written out: the cue's own keys win over the template's."""
    use = node.get(_key("use"))
    given = node.get(_key("with"), None)
    if not isinstance(use, Text):
        place = use.place if isinstance(use, Mapping | Sequence) else node.place
        draft.problems.error("WRONG_TYPE", place, "use takes the name of a template", "use: breathe")
        return None
    found = draft.find(use, draft.templates, "UNKNOWN_TEMPLATE", "template")
    if found is None:
        return None
    takes, cue = found
    if given is not None and not isinstance(given, Mapping):
        draft.problems.error("WRONG_TYPE", getattr(given, "place", node.place), "with takes a mapping", "with: {who: tuyeres}")
        return None
    arguments = _arguments(draft, use, takes, given or {})
    if arguments is None:
        return None
    filled = _fill(cue, arguments)
    own = {key: value for key, value in node.items() if key not in ("use", "with")}
    first = dict(list(own.items())[:1])
    rest = {key: value for key, value in filled.items() if key not in own}
    return mapping_like(node.place, first | rest | own)


def _key(word: str) -> Text:
    return Text(word)


def _arguments(draft: Draft, use: Text, takes: dict[str, str], given: dict[Text, Any]) -> dict[str, Text] | None:
    ok = True
    for word, value in given.items():
        if word not in takes:
            hint = did_you_mean(word, takes, f"{use} takes nothing")
            draft.problems.error("UNKNOWN_ARGUMENT", word.place, f"{use} does not take {word}", hint)
            ok = False
        elif not isinstance(value, Text):
            draft.problems.error("WRONG_TYPE", value.place, f"{word} takes words", "write the value on one line")
            ok = False
        elif (reader := _READERS.get(takes[word])) is not None:
            try:
                reader(value)
            except Wrong as wrong:
                draft.wrong(wrong, value)
                ok = False
    missing = [word for word in takes if word not in given]
    if missing:
        hint = "with: {" + ", ".join(f"{word}: ..." for word in takes) + "}"
        draft.problems.error("MISSING_ARGUMENT", use.place, f"{use} lacks {' and '.join(missing)}", hint)
        ok = False
    return {str(word): value for word, value in given.items()} if ok else None


def _fill(node: Any, arguments: dict[str, Text]) -> Any:
    match node:
        case Mapping():
            return mapping_like(node.place, {_filled(key, arguments): _fill(value, arguments) for key, value in node.items()})
        case Sequence():
            return sequence_like(node.place, [_fill(value, arguments) for value in node])
        case Text():
            return _filled(node, arguments)
        case _:
            return node


def _filled(text: Text, arguments: dict[str, Text]) -> Text:
    hole = _HOLE.fullmatch(text)
    if hole is not None:
        return arguments.get(hole[1], text)
    if "{" not in text:
        return text
    last: list[Text] = []

    def words_of(match: re.Match[str]) -> str:
        if match[1] not in arguments:
            return match[0]
        last.append(arguments[match[1]])
        return str(arguments[match[1]])

    words = _HOLE.sub(words_of, text)
    return last[0].like(words) if last else text


__all__ = ["TYPES", "expand", "resolve_templates"]
