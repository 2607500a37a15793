"""The shape of the show folder's files: which keys there are, and whether each holds words, a mapping or a list.

pydantic checks the structure (strictly, and nothing extra) and writes the JSON Schema for editors. Scalars stay
``Text`` with their places: what their words mean is read later (``values``, ``resolve_*``), where complaints can
point into them. The room and the patch: ``models_room``; what comes in: ``models_inputs``; cues, devices, rehearsals and
pixels have files of their own, too.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from showctl.showfile.reader import LIST_TAG, MAPPING_TAG, TEXT_TAG, Text

REF: Final = "x-ref"
"""Stands for ``$ref`` to a model that pydantic does not see here; ``schema`` puts it right."""


def shape(value: Any) -> str:
    """Which of the three a node is; the tag of every union here."""
    return MAPPING_TAG if isinstance(value, dict) else LIST_TAG if isinstance(value, list) else TEXT_TAG


def in_words(description: str, *examples: str) -> WithJsonSchema:
    """How an editor explains a scalar: what it is, and what one may look like."""
    schema: dict[str, Any] = {"type": ["string", "number", "boolean"], "description": description}
    return WithJsonSchema(schema | ({"examples": list(examples)} if examples else {}))


Time: TypeAlias = Annotated[Text, in_words("a time; bare numbers are seconds", "4s", "250ms", "1:30", "3m12s")]
Truth: TypeAlias = Annotated[Text, WithJsonSchema({"enum": ["yes", "no", True, False], "description": "yes or no"})]
Number: TypeAlias = Annotated[Text, in_words("a number", "40")]
Angle: TypeAlias = Annotated[Text, in_words("an angle in degrees", "-30deg")]
Rate: TypeAlias = Annotated[Text, in_words("beats a minute, turns a second, or the time of one", "96bpm", "0.5Hz", "2s")]
Expr: TypeAlias = Annotated[Text, in_words("an expression that is true or false", 'gate.state == "closed"', "guests > 3")]
Selection: TypeAlias = Annotated[Text, in_words("fixtures and groups", "tuyeres", "tuyere_1 thru 24", "tuyeres odd")]
File: TypeAlias = Annotated[Text, in_words("a file, relative to this one or to the show folder", "lists/main.yaml")]

TextOrList: TypeAlias = Annotated[Annotated[Text, Tag(TEXT_TAG)] | Annotated[list[Text], Tag(LIST_TAG)], Discriminator(shape)]
TextOrWords: TypeAlias = Annotated[
    Annotated[Text, Tag(TEXT_TAG)] | Annotated[dict[Text, Text], Tag(MAPPING_TAG)], Discriminator(shape)
]
DeviceWords: TypeAlias = Annotated[
    Annotated[Text, Tag(TEXT_TAG)] | Annotated[list[Text], Tag(LIST_TAG)] | Annotated[dict[Text, Text], Tag(MAPPING_TAG)],
    Discriminator(shape),
]
"""What is asked of a device: in words, several things one after the other, or a verb with its arguments."""
Light: TypeAlias = dict[
    Text, Annotated[Text, in_words("words of a level, in any order", "70 ember", "full focus hearth", "out", "release")]
]
LightOrNone: TypeAlias = Annotated[Annotated[Text, Tag(TEXT_TAG)] | Annotated[Light, Tag(MAPPING_TAG)], Discriminator(shape)]


class Strict(BaseModel):
    """Nothing is converted, nothing extra is let through."""

    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)


def section(name: str) -> Any:
    """A part of the show: a file's name, or the thing itself."""
    return WithJsonSchema({"anyOf": [{"type": "string"}, {REF: name}]})


class ShowFile(Strict):
    """show.yaml: the top of the folder."""

    show: Text
    dmx_rate: Number | None = None
    main_list: Text | None = None
    panic_time: Time | None = None
    osc_port: Number | None = None
    time_zone: Text | None = None
    venue: Annotated[Any, section("VenueFile")] = None
    patch: Annotated[Any, section("PatchFile")] = None
    groups: Annotated[Any, section("GroupsFile")] = None
    palettes: Annotated[Any, section("PalettesFile")] = None
    devices: Annotated[Any, section("DevicesFile")] = None
    media: Annotated[Any, section("MediaFile")] = None
    masters: Annotated[Any, section("MastersFile")] = None
    templates: Annotated[Any, section("TemplatesFile")] = None
    house_rules: Annotated[Any, section("HouseRulesFile")] = None
    lists: Annotated[list[Any], WithJsonSchema({"type": "array", "items": {"type": "string"}})]
    triggers: Annotated[Any, section("TriggersFile")] = None
    schedule: Annotated[Any, section("ScheduleFile")] = None
    hazards: Annotated[Any, section("HazardsFile")] = None
    rehearsals: Annotated[Any, WithJsonSchema({"type": "string"})] = None
    exit_look: Light | None = None
    reset: Annotated[Any, WithJsonSchema({"type": "object"})] = None


# --- what cues refer to --------------------------------------------------------------------------------------------

GroupsFile: TypeAlias = dict[Text, TextOrList]
Palette: TypeAlias = dict[Text, dict[Text, Text]]


class PalettesFile(Strict):
    """palettes.yaml."""

    color: dict[Text, Text] = {}
    intensity: dict[Text, Text] = {}
    focus: Palette = {}
    beam: Palette = {}
    looks: dict[Text, Light] = {}


class ClipModel(Strict):
    """A media file."""

    file: Text
    length: Text | None = None
    players: TextOrList | None = None
    fps: Number | None = None
    loudness: Number | None = None
    brightness: Annotated[Text | None, in_words("of full white, on the whole", "30%")] = None
    flashes: Annotated[Text | None, in_words("most flashes in any second", "2")] = None
    sha256: Text | None = None
    label: Text | None = None


MediaFile: TypeAlias = dict[Text, ClipModel]


class MasterModel(Strict):
    """A submaster over the intensities of a selection."""

    over: TextOrList
    kind: Text | None = None


MastersFile: TypeAlias = dict[Text, MasterModel]


class TemplateModel(Strict):
    """A cue with holes."""

    takes: dict[Text, Text] = {}
    cue: dict[Text, Any]


TemplatesFile: TypeAlias = dict[Text, TemplateModel]


class Limits(Strict):
    """What is measured in the room, in all zones or in those that are named."""

    flashes_per_second: Number | None = None
    loudest_in: Annotated[TextOrWords | None, Field(description="dB(A), in every zone or by zone")] = None
    longest_dark: Annotated[TextOrWords | None, Field(description="with guests inside, in every zone or by zone")] = None
    dark: Annotated[Text | None, in_words("what counts as dark", "1lx")] = None


class VariantModel(Limits):
    """The show told another way: what is done before it begins, and the limits that hold then."""

    label: Text | None = None
    start: Annotated[TextOrList | None, Field(description="cues")] = None
    masters: dict[Text, Text] = {}


class HouseRulesFile(Limits):
    """What no cue of this house may do."""

    loudest: Text | None = None
    fog_budget: TextOrWords | None = None
    floors: dict[Text, Text] = {}
    variants: dict[Text, VariantModel] = {}
