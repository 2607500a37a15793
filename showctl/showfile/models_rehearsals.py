"""The shape of rehearsals: what people and the world do, what must be seen, what must never be. See ``models``."""

# ruff: noqa: RUF012 - pydantic copies defaults

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from showctl.showfile.models import Expr, Number, Strict, Time, Truth, in_words, shape
from showctl.showfile.reader import LIST_TAG, MAPPING_TAG, TEXT_TAG, Text

Compared: TypeAlias = Annotated[Text, in_words("what it is compared with", "< 5 lx", "> 70 dB", "20 to 40", "ember_film")]
OneOrMore: TypeAlias = Annotated[Annotated[Text, Tag(TEXT_TAG)] | Annotated[list[Text], Tag(LIST_TAG)], Discriminator(shape)]


class SeenModel(Strict):
    """What is so: an expression, or what is seen and heard in a zone or on a surface."""

    that: Expr | None = None
    zone: Text | None = None
    light: Compared | None = None
    sound: Compared | None = None
    haze: Compared | None = None
    guests: Compared | None = None
    surface: Text | None = None
    picture: Text | None = None
    brightness: Compared | None = None
    tolerance: Number | None = None


class ExpectModel(SeenModel):
    """What must be seen in a rehearsal, and when."""

    at: Time | None = None
    within: Time | None = None
    of: Text | None = None
    from_: Annotated[Time | None, Field(alias="from")] = None
    to: Time | None = None
    after: Time | None = None
    end: Truth | None = None
    while_: Annotated[Expr | None, Field(alias="while")] = None
    times: Annotated[Text | None, in_words("how often it comes true", "3", "2 to 4", "at least 1", "at most 2")] = None
    order: list[Expr] | None = None
    for_: Annotated[dict[Text, OneOrMore] | None, Field(alias="for")] = None


NeverModel: TypeAlias = Annotated[Annotated[Text, Tag(TEXT_TAG)] | Annotated[SeenModel, Tag(MAPPING_TAG)], Discriminator(shape)]
_LINES = {
    "type": "array",
    "items": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "object"]}},
}


class UseModel(Strict):
    """A part that a rehearsal takes in, and when its lines count from."""

    use: Text
    with_: Annotated[dict[Text, Text], Field(alias="with")] = {}
    at: Time | None = None
    of: Text | None = None
    after: Time | None = None


class RehearsalFile(Strict):
    """A rehearsal. ``each``, ``parts`` and a line's ``for`` have been written out before (``rehearsal_parts``)."""

    rehearsal: Text
    notes: Text | None = None
    guests: Number | None = None
    seed: Number | None = None
    length: Time | None = None
    variant: Text | None = None
    do: Annotated[list[dict[Text, Text]], WithJsonSchema(_LINES)] = []
    expect: list[ExpectModel] = []
    never: list[NeverModel] = []
    repeat: Number | None = None
    same_digest: Truth | None = None
    each: dict[Text, OneOrMore] | None = None
    parts: list[UseModel] = []


class PartFile(Strict):
    """Lines that several rehearsals share, with holes that whoever takes them in fills."""

    part: Text
    takes: list[Text] = []
    notes: Text | None = None
    do: Annotated[list[dict[Text, Text]], WithJsonSchema(_LINES)] = []
    expect: list[ExpectModel] = []
    never: list[NeverModel] = []
    parts: list[UseModel] = []
