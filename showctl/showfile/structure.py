"""Puts a tree against a model: what fits comes back typed, what does not becomes problems at the right key.

pydantic finds the faults; here each is led back to its line, and said in the author's words. The known keys for a hint
come from the model's own schema.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from showctl.show.places import Place
from showctl.showfile.problems import Problems, did_you_mean
from showctl.showfile.reader import LIST_TAG, MAPPING_TAG, TEXT_TAG, Mapping, Node, Sequence, Text

T = TypeVar("T")

_NAMES: Final[dict[Any, str]] = {Mapping: "a mapping", Sequence: "a list", Text: "words"}
_WANTED: Final = {
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
}
_TAGS: Final = (TEXT_TAG, MAPPING_TAG, LIST_TAG, "[key]")
"""What pydantic puts into a location that is no step in the tree."""
COMMENT_HINT: Final = "write a value or leave the key out; # begins a comment, so a colour is written hex ff6600"


@cache
def adapter(shape: Any) -> TypeAdapter[Any]:
    """The checker of a model or type, made once."""
    return TypeAdapter(shape)


def fit(shape: Any, node: Node | None, problems: Problems, extra_keys: tuple[str, ...] = ()) -> Any | None:
    """``node`` as ``shape``, or None and problems. ``extra_keys`` are names that a hint may offer besides the model's."""
    if node is None:
        return None
    try:
        return adapter(shape).validate_python(node)
    except ValidationError as error:
        for found in error.errors(include_url=False, include_context=True, include_input=False):
            _report(shape, node, found["type"], found["loc"], problems, extra_keys)
    return None


def fit_each(shape: Any, nodes: list[Any], problems: Problems, extra_keys: tuple[str, ...] = ()) -> list[Any | None]:
    """Each of ``nodes`` as ``shape``, None for those that do not fit. All at once when all fit, which is fast."""
    try:
        return cast("list[Any | None]", adapter(list[shape]).validate_python(nodes))
    except ValidationError:
        return [fit(shape, node, problems, extra_keys) for node in nodes]


def _report(
    shape: Any, root: Node, kind: str, loc: tuple[int | str, ...], problems: Problems, extra_keys: tuple[str, ...]
) -> None:
    node: Any = root
    schema = _root_schema(shape)
    defs = schema.get("$defs", {})
    key: Text | None = None
    steps = [step for step in loc if not (isinstance(step, str) and step in _TAGS)]
    last = steps[-1] if steps else ""
    if kind == "missing":
        steps = steps[:-1]
    for n, step in enumerate(steps):
        here = _resolved(schema, defs, node)
        if isinstance(node, Mapping):
            key = next((known for known in node if known == step), None)
            if kind == "extra_forbidden" and n == len(steps) - 1:
                _unknown_key(key, str(step), node, here, problems, extra_keys)
                return
            if key is None:
                break
            node = node[key]
            schema = here.get("properties", {}).get(step) or here.get("additionalProperties") or {}
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node):
            node, key = node[step], None
            schema = here.get("items") or {}
        else:
            break
    place = node.place if isinstance(node, Text | Mapping | Sequence) else Place("", 0, 0)
    what = str(key) if key is not None else "this" if steps else "this file"
    if kind == "missing":
        here = _resolved(schema, defs, node)
        problems.error("MISSING_KEY", place, f"{what if key else 'here'} lacks the key {last}", _required(here))
    elif isinstance(node, Text) and node.empty:
        problems.error("EMPTY", key.place if key is not None else place, f"{what} has no value", COMMENT_HINT)
    else:
        here = _resolved(schema, defs, None)
        wanted = _WANTED.get(kind) or ("words" if kind == "is_instance_of" else _union_wants(here))
        is_now = _NAMES.get(type(node), "something else")
        problems.error(
            "WRONG_TYPE", place, f"{what} takes {wanted}, and {'this' if steps else 'it'} is {is_now}", _type_hint(wanted, node)
        )


def _type_hint(wanted: str, node: Any) -> str:
    if wanted.endswith("a list"):
        return "put it in brackets: [one, two]"
    if wanted.endswith("a mapping"):
        return "write {key: value}"
    if isinstance(node, Mapping) and len(node) == 1 and next(iter(node.values()), "x") == "":
        return 'braces that are meant need quotes: "{who}"'
    return "write the value on one line; a value with commas or ': ' inside braces goes in quotes"


def _required(here: dict[str, Any]) -> str:
    needed = here.get("required", [])
    return "it needs " + ", ".join(needed) if needed else ""


def _unknown_key(
    key: Text | None, word: str, node: Mapping, here: dict[str, Any], problems: Problems, extra_keys: tuple[str, ...]
) -> None:
    known = [name for name in here.get("properties", {}) if name not in ("label", "name", "devices") or not extra_keys]
    value = node.get(key) if key is not None else None
    hint = did_you_mean(word, [*known, *extra_keys], "keys here are " + ", ".join(known[:40]))
    if isinstance(value, Text) and value.empty and not hint.startswith("did"):
        hint = "a comma inside braces begins a new key: put the whole value in quotes"
    place = key.place if key is not None else node.place
    problems.error("UNKNOWN_KEY", place, f"there is no key {word} here", hint)


@cache
def _root_schema(shape: Any) -> dict[str, Any]:
    return adapter(shape).json_schema(ref_template="#/$defs/{model}")


def _resolved(schema: dict[str, Any], defs: dict[str, Any], node: Any) -> dict[str, Any]:
    """The part of ``schema`` that speaks about ``node``'s shape."""
    for _ in range(6):
        if "$ref" in schema:
            schema = defs.get(schema["$ref"].rsplit("/", 1)[-1], {})
            continue
        options = schema.get("oneOf") or schema.get("anyOf")
        if not options:
            return schema
        plain = [option for option in options if option.get("type") != "null"]
        wanted = "object" if isinstance(node, Mapping) else "array" if isinstance(node, Sequence) else ""
        if len(plain) == 1:
            schema = plain[0]
        elif wanted:
            matching = [o for o in plain if _kind_of(o, defs) == wanted]
            schema = matching[0] if matching else {}
        else:
            return {"options": [_kind_of(option, defs) for option in plain]}
    return schema


def _kind_of(schema: dict[str, Any], defs: dict[str, Any]) -> str:
    if "$ref" in schema:
        schema = defs.get(schema["$ref"].rsplit("/", 1)[-1], {})
    found = schema.get("type", "")
    return found if isinstance(found, str) else "words"


def _union_wants(here: dict[str, Any]) -> str:
    names = {"object": "a mapping", "array": "a list", "words": "words"}
    return " or ".join(dict.fromkeys(names.get(option, "words") for option in here.get("options", []))) or "something else"
