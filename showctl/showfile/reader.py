"""YAML as text with places: every scalar keeps its own characters, and knows its file, line and column.

PyYAML's C parser gives the events; the tree is built here, without recursion, so that ``1.10`` stays ``1.10`` and
``no`` stays ``no``, duplicate keys and tags are refused, and aliases are few, shallow and small (a billion laughs
costs nothing). Files: ``folder``. What the tree means: ``structure`` and ``resolve_*``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import yaml
from pydantic_core import core_schema

from showctl.show.places import Place
from showctl.showfile.problems import Problems, did_you_mean

TEXT_TAG, MAPPING_TAG, LIST_TAG = "<text>", "<mapping>", "<list>"
"""The three shapes, as the models name them."""
MAX_DEPTH: Final = 40
MAX_SCALAR: Final = 20_000
MAX_ALIASES: Final = 100
MAX_ALIASED_NODES: Final = 10_000
"""What all aliases of a file together may stand for."""


class Text(str):
    """A scalar as written, and where. Plain ``str`` in every other way."""

    __slots__ = ("block", "column", "file", "line", "quoted")
    file: str
    line: int
    column: int
    quoted: bool
    block: bool

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.column)

    @property
    def empty(self) -> bool:
        """Whether the author wrote nothing at all (YAML's null)."""
        return not self and not self.quoted

    def at(self, offset: int) -> Place:
        """The place of the character at ``offset``; the start where the text runs over lines."""
        if self.block:
            return self.place
        return Place(self.file, self.line, self.column + min(offset, len(self)) + self.quoted)

    def like(self, words: str) -> Text:
        """``words`` standing where this stands (what a template made of it)."""
        return text_at(words, self.file, self.line, self.column, self.quoted, True)

    def part(self, start: int, end: int) -> Text:
        """The characters from ``start`` to ``end``, where they stand."""
        if self.block:
            return text_at(self[start:end], self.file, self.line, self.column, self.quoted, True)
        return text_at(self[start:end], self.file, self.line, self.column + start + self.quoted, False, False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": ["string", "number", "boolean"]}


def text_at(words: str, file: str, line: int, column: int, quoted: bool = False, block: bool = False) -> Text:
    """``words`` as if they had been read at that place."""
    text = Text(words)
    text.file, text.line, text.column, text.quoted, text.block = file, line, column, quoted, block
    return text


class Mapping(dict[Text, Any]):
    """A mapping, and where it begins. Its keys are ``Text``: they have places too."""

    __slots__ = ("column", "file", "line")
    file: str
    line: int
    column: int

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.column)


class Sequence(list[Any]):
    """A sequence, and where it begins."""

    __slots__ = ("column", "file", "line")
    file: str
    line: int
    column: int

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.column)


Node: TypeAlias = Text | Mapping | Sequence


def mapping_like(place: Place, items: dict[Text, Any]) -> Mapping:
    """``items`` as a mapping that stands at ``place``."""
    made = Mapping(items)
    made.file, made.line, made.column = place.file, place.line, place.column
    return made


def sequence_like(place: Place, items: list[Any]) -> Sequence:
    """``items`` as a sequence that stands at ``place``."""
    made = Sequence(items)
    made.file, made.line, made.column = place.file, place.line, place.column
    return made


def compose(source: str, file: str, problems: Problems) -> Node | None:
    """The tree of one YAML document, or None (and a problem) where it cannot be read at all."""
    try:
        return _Builder(file, problems).build(source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        said = error.problem or str(error)
        problems.error("YAML", place, f"this is not YAML: {said}", _yaml_hint(said, source, place, error.context_mark))
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        problems.error("YAML", Place(file, 1, 1), f"this is not YAML: {said}", "only printable characters can stand in a file")
    except _Refused:
        pass
    return None


def _yaml_hint(said: str, source: str, place: Place, opened: Any) -> str:
    lines = source.splitlines()
    line = lines[place.line - 1] if 0 < place.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())] or "tab" in said:
        return "indent with spaces, not with tabs"
    if "mapping values are not allowed" in said:
        return 'a value with ": " in it goes in quotes, and keys of one mapping stand in one column'
    if "could not find expected ':'" in said or "block mapping" in said:
        return "keys of one mapping stand in one column, each followed by a colon"
    if "flow" in said or "',' or" in said:
        where = f" (line {opened.line + 1})" if opened is not None else ""
        return f"a bracket or brace is still open{where}, or a comma is missing"
    if "alias" in said or "'@'" in said or "cannot start any token" in said:
        return "a value that begins with a special character goes in quotes"
    return "look at this line and the one above it"


class _Refused(Exception):  # noqa: N818 - it ends the reading of a file, and is no error of ours
    """The file is refused as a whole; the problem is said already."""


_DROPPED: Final = text_at("?", "", 0, 0)
"""Stands for a key that has been refused: its value is not kept."""


class _Builder:
    """Builds the tree from the parser's events. ``sizes`` counts nodes, so that an alias knows what it stands for."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file, self.problems = file, problems
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.aliases = self.aliased = self.nodes = 0

    def build(self, source: str) -> Node | None:
        file, problems = self.file, self.problems
        stack: list[tuple[Mapping | Sequence, str | None, int]] = []
        keys: list[Text | None] = []
        root: Node | None = None
        key: Text | None = None
        scalar_event, alias_event = yaml.ScalarEvent, yaml.AliasEvent
        starts, ends = (yaml.SequenceStartEvent, yaml.MappingStartEvent), (yaml.SequenceEndEvent, yaml.MappingEndEvent)
        events: Iterator[Any] = yaml.parse(source, Loader=yaml.CSafeLoader)
        for event in events:
            kind = type(event)
            node: Node
            if kind is scalar_event:
                mark = event.start_mark
                node = Text(event.value)
                node.file, node.line, node.column = file, mark.line + 1, mark.column + 1
                style = event.style
                node.quoted = style == "'" or style == '"'
                node.block = style in ("|", ">") if style else event.end_mark.line != mark.line
                if event.tag is not None or event.anchor is not None:
                    self._marked(event, node.place)
                    if event.anchor is not None:
                        self.anchors[event.anchor] = (node, self.nodes, self.nodes + 1)
                if len(node) > MAX_SCALAR:
                    problems.error("TOO_LONG", node.place, f"a value of {len(node)} characters", f"{MAX_SCALAR} at most")
                    raise _Refused
            elif kind in starts:
                mark = event.start_mark
                node = Mapping() if kind is yaml.MappingStartEvent else Sequence()
                node.file, node.line, node.column = file, mark.line + 1, mark.column + 1
                self._marked(event, node.place)
                if len(stack) >= MAX_DEPTH:
                    problems.error("TOO_DEEP", node.place, f"nested more than {MAX_DEPTH} deep", "flatten it")
                    raise _Refused
            elif kind in ends:
                done, anchor, began = stack.pop()
                key = keys.pop()
                if anchor is not None:
                    self.anchors[anchor] = (done, began, self.nodes)
                continue
            elif kind is alias_event:
                node = self._alias(event, [anchor for _, anchor, _ in stack if anchor])
            elif kind is yaml.DocumentStartEvent:
                if root is not None:
                    mark = event.start_mark
                    problems.error(
                        "YAML", Place(file, mark.line + 1, mark.column + 1), "a second document begins here", "one a file"
                    )
                    return None
                continue
            else:
                continue
            self.nodes += 1
            if not stack:
                root = node
            else:
                top = stack[-1][0]
                if type(top) is Sequence:
                    top.append(node)
                elif key is None and kind is scalar_event:
                    key = node  # type: ignore[assignment]
                    if node in top:
                        self._twice(top, node)  # type: ignore[arg-type]
                    elif node == "<<" and not node.quoted:
                        problems.error(
                            "ALIAS", node.place, "merge keys (<<) are not read here", "use a template, or write it out"
                        )
                        key = _DROPPED
                    continue
                elif key is None:
                    problems.error("BAD_KEY", node.place, "a key must be a word", 'braces at the start need quotes: "{who}"')
                    key = _DROPPED
                    if kind in starts:
                        keys.append(key)
                        stack.append((node, event.anchor, self.nodes))  # type: ignore[arg-type]
                        key = None
                    continue
                else:
                    if key is not _DROPPED and key not in top:
                        top[key] = node  # type: ignore[call-overload]
                    key = None
            if kind in starts:
                keys.append(key)
                stack.append((node, event.anchor, self.nodes))  # type: ignore[arg-type]
                key = None
        return root

    def _twice(self, top: Mapping | Sequence, key: Text) -> None:
        first = next(known for known in top if known == key)
        self.problems.error(
            "DUPLICATE_KEY", key.place, f"{key} stands here twice", f"the first is in line {first.line}: join them, or rename one"
        )

    def _marked(self, event: Any, place: Place) -> None:
        if event.tag is not None:
            self.problems.error(
                "TAG",
                place,
                f"the tag {event.tag.replace('tag:yaml.org,2002:', '!!')} is refused",
                "a show folder is plain YAML: leave the tag out",
            )
            raise _Refused

    def _alias(self, event: Any, opened: list[str]) -> Node:
        place = Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
        name = event.anchor
        if name in opened:
            self.problems.error("ALIAS", place, f"*{name} stands inside itself", "write it out")
            raise _Refused
        if name not in self.anchors:
            self.problems.error(
                "ALIAS", place, f"there is no anchor &{name}", did_you_mean(name, self.anchors, "quote a leading *")
            )
            raise _Refused
        node, began, ended = self.anchors[name]
        self.aliases += 1
        self.aliased += ended - began
        self.nodes += ended - began
        if self.aliases > MAX_ALIASES or self.aliased > MAX_ALIASED_NODES:
            self.problems.error(
                "ALIAS", place, "too many aliases, or they stand for too much", "use a group, palette or template"
            )
            raise _Refused
        return node
