"""The shape of cue lists: a list's file, a cue, its effects, and what a trigger may do.

A cue's first key is its label and the names of devices are keys too, so ``resolve_cues`` brings a cue into this shape
(``label``, ``name``, ``devices``) before it is checked; ``schema`` says it to editors as patterns.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from showctl.showfile.models import (
    REF,
    DeviceWords,
    Expr,
    File,
    Light,
    LightOrNone,
    Number,
    Rate,
    Strict,
    TextOrList,
    TextOrWords,
    Time,
    Truth,
    in_words,
    shape,
)
from showctl.showfile.models_pixels import PixelCue
from showctl.showfile.reader import LIST_TAG, MAPPING_TAG, TEXT_TAG, Text

UpDownTime: TypeAlias = Annotated[Text, in_words("up and down", "4s", "4s / 6s", "1s delay 0.5s")]


class TimesModel(Strict):
    """Times by direction and family."""

    up: Time | None = None
    down: Time | None = None
    delay: Time | None = None
    intensity: UpDownTime | None = None
    color: UpDownTime | None = None
    focus: UpDownTime | None = None
    beam: UpDownTime | None = None


Times: TypeAlias = Annotated[Annotated[UpDownTime, Tag(TEXT_TAG)] | Annotated[TimesModel, Tag(MAPPING_TAG)], Discriminator(shape)]


class ChaseModel(Strict):
    """A look that runs over a selection, one element after the other."""

    over: TextOrList
    steps: list[Text]
    rate: Rate
    width: Number | None = None
    direction: Text | None = None
    entry: Time | None = None
    exit: Time | None = None
    as_: Annotated[Text | None, Field(alias="as")] = None


class EffectModel(Strict):
    """A parameter that swings about what is beneath."""

    over: TextOrList
    parameter: Text
    wave: Text
    size: Text
    rate: Rate
    spread: Text | None = None
    direction: Text | None = None
    entry: Time | None = None
    exit: Time | None = None
    as_: Annotated[Text | None, Field(alias="as")] = None


class PartModel(Strict):
    """Light of a cue with times of its own."""

    name: Text | None = None
    light: Light | None = None
    look: TextOrList | None = None
    time: Times | None = None
    curve: Text | None = None


Chases: TypeAlias = Annotated[
    Annotated[ChaseModel, Tag(MAPPING_TAG)] | Annotated[list[ChaseModel], Tag(LIST_TAG)], Discriminator(shape)
]
Effects: TypeAlias = Annotated[
    Annotated[EffectModel, Tag(MAPPING_TAG)] | Annotated[list[EffectModel], Tag(LIST_TAG)], Discriminator(shape)
]


class ChoiceModel(Strict):
    """One way on."""

    if_: Annotated[Expr, Field(alias="if")]
    go: Text


class BranchModel(Strict):
    """``next:`` with a choice."""

    when: list[ChoiceModel]
    else_: Annotated[Text, Field(alias="else")]
    within: Time | None = None
    early: Truth | None = None


Next: TypeAlias = Annotated[
    Annotated[
        Text,
        in_words("what the next cue waits for", "6s after start", "after end", "2s before end", "when guests > 3 within 20s"),
        Tag(TEXT_TAG),
    ]
    | Annotated[BranchModel, Tag(MAPPING_TAG)],
    Discriminator(shape),
]


class ClockModel(Strict):
    """The timecode that a timeline counts on."""

    timecode: Text
    offset: Text | None = None


class Do(Strict):
    """What a trigger, the schedule or a cue can do at once."""

    fade: dict[Text, Text] | None = None
    stop: TextOrList | None = None
    devamp: TextOrList | None = None
    start: TextOrList | None = None
    go: TextOrList | None = None
    jump: Text | None = None
    standby: TextOrList | None = None
    release: TextOrList | None = None
    set: dict[Text, Text] | None = None
    master: dict[Text, Text] | None = None
    rate: dict[Text, Text] | None = None
    osc: TextOrList | None = None
    mqtt: TextOrList | None = None
    sound: TextOrList | None = None
    film: TextOrList | None = None
    devices: dict[Text, DeviceWords] = Field({})


class CueModel(Do):
    """One step of a list."""

    label: Text | None = None
    name: Text | None = None
    at: Time | None = None
    notes: Text | None = None
    wait: Time | None = None
    light: Light | None = None
    this_cue_only: Light | None = None
    aim: dict[Text, TextOrWords] | None = None
    hologram: Text | None = None
    look: TextOrList | None = None
    time: Times | None = None
    curve: Text | None = None
    chase: Chases | None = None
    effect: Effects | None = None
    pixels: dict[Text, PixelCue] | None = None
    all_: Annotated[list[CueModel] | None, Field(alias="all")] = None
    sequence: list[CueModel] | None = None
    timeline: list[CueModel] | None = None
    random: list[CueModel] | None = None
    first_enters: list[CueModel] | None = None
    parts: list[PartModel] | None = None
    second_trigger: Text | None = None
    stop_others: Text | None = None
    clock: ClockModel | None = None
    tempo: TextOrWords | None = None
    next: Next | None = None
    wait_for: Text | None = None
    ready: Text | None = None
    prepare: dict[Text, TextOrWords] = Field({})
    armed: Truth | None = None
    mark: Text | None = None
    land: Text | None = None
    color: Text | None = None
    hazard: Truth | None = None


class DefaultsModel(Strict):
    """What the cues of a list have where they say nothing."""

    up: Time | None = None
    down: Time | None = None
    curve: Text | None = None
    mark: Text | None = None


Files: TypeAlias = list[File]
Cues: TypeAlias = Annotated[list[Any], WithJsonSchema({"type": "array", "items": {REF: "CueModel"}})]


class ListFile(Strict):
    """A cue list."""

    list: Text
    label: Text | None = None
    notes: Text | None = None
    priority: Number | None = None
    merge: Text | None = None
    at_end: Text | None = None
    go_window: Time | None = None
    back_time: Time | None = None
    release_time: Time | None = None
    hold_after: Time | None = None
    hold_look: Light | None = None
    tempo: TextOrWords | None = None
    defaults: DefaultsModel | None = None
    include: Files | None = None
    cues: Cues | None = None


class IncludeFile(Strict):
    """A file that a list includes: some of its cues."""

    notes: Text | None = None
    include: Files | None = None
    cues: Cues | None = None


__all__ = [
    "BranchModel", "ChaseModel", "ChoiceModel", "CueModel", "DefaultsModel", "Do", "EffectModel", "IncludeFile", "LightOrNone",
    "ListFile", "PartModel", "TimesModel",
]  # fmt: skip
