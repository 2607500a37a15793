"""The shape of the show folder's files: which keys there are, and whether each holds words, a mapping or a list.

pydantic checks the structure (strictly, and nothing extra) and writes the JSON Schema for editors. Scalars stay
``Text`` with their places: what their words mean is read later (``values``, ``resolve_*``), where complaints can
point into them. Cues: ``models_cues``, devices: ``models_devices``.
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


def _words(description: str, *examples: str) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": ["string", "number", "boolean"], "description": description}
    return WithJsonSchema(schema | ({"examples": list(examples)} if examples else {}))


Time: TypeAlias = Annotated[Text, _words("a time; bare numbers are seconds", "4s", "250ms", "1:30", "3m12s")]
Truth: TypeAlias = Annotated[Text, WithJsonSchema({"enum": ["yes", "no", True, False], "description": "yes or no"})]
Number: TypeAlias = Annotated[Text, _words("a number", "40")]
Angle: TypeAlias = Annotated[Text, _words("an angle in degrees", "-30deg")]
Rate: TypeAlias = Annotated[Text, _words("beats a minute, turns a second, or the time of one", "96bpm", "0.5Hz", "2s")]
Expr: TypeAlias = Annotated[Text, _words("an expression that is true or false", 'gate.state == "closed"', "guests > 3")]
Selection: TypeAlias = Annotated[Text, _words("fixtures and groups", "tuyeres", "tuyere_1 thru 24", "tuyeres odd")]
File: TypeAlias = Annotated[Text, _words("a file, relative to this one or to the show folder", "lists/main.yaml")]

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
    Text, Annotated[Text, _words("words of a level, in any order", "70 ember", "full focus hearth", "out", "release")]
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


# --- venue ---------------------------------------------------------------------------------------------------------


class Safe(Strict):
    """A zone's safe state. Every key must be there; ``none`` says that there is nothing of the kind."""

    light: LightOrNone | None = None
    sound: TextOrWords | None = None
    film: TextOrWords | None = None
    motion: TextOrWords | None = None
    fog: Text | None = None
    doors: Text | None = None
    headsets: Text | None = None


SAFE_KEYS: Final = ("light", "sound", "film", "motion", "fog", "doors", "headsets")


class ZoneModel(Strict):
    """A part of the venue's floor."""

    label: Text | None = None
    corners: list[list[Number]] = []
    doors: list[Text] = []
    room: Text | None = None
    safe: Safe | None = None


class SurfaceModel(Strict):
    """Something a picture lands on."""

    player: Text
    projector: Text | None = None
    label: Text | None = None
    zone: Text | None = None
    lumens: Annotated[Text | None, _words("what a white picture sends back", "5000lm")] = None
    warps: list[Text] = []
    corners: list[list[Number]] = []


class SpeakerModel(Strict):
    """A sound output by name."""

    player: Text
    label: Text | None = None
    at: list[Number] = []
    zone: Text | None = None
    loud: Annotated[Text | None, _words("dB(A) in its zone of a clip of -20 LUFS at 0 dB", "84dB")] = None
    trim: Annotated[Text | None, _words("a device's field that adds dB", "amplifiers.trim")] = None


class TrackedModel(Strict):
    """Somebody whom heads can follow."""

    tracker: Text
    name: Text | None = None
    id: Number | None = None
    rest: list[Number]
    above: Number | None = None
    lead: Time | None = None


class HologramModel(Strict):
    """An image on a gauze: what stands behind it, and how much light the gauze bears."""

    surface: Text
    rear: TextOrList | None = None
    spill: dict[Text, Annotated[Text, _words("the most, while it is on", "25")]] = {}
    aimed: Annotated[Text | None, _words("the most of a beam that goes through the gauze", "5")] = None
    corners: list[list[Number]] = []
    substitute: Text | None = None
    label: Text | None = None


class VenueFile(Strict):
    """venue.yaml."""

    zones: dict[Text, ZoneModel] = {}
    surfaces: dict[Text, SurfaceModel] = {}
    speakers: dict[Text, SpeakerModel] = {}
    points: dict[Text, list[Number]] = {}
    tracked: dict[Text, TrackedModel] = {}
    holograms: dict[Text, HologramModel] = {}


# --- patch ---------------------------------------------------------------------------------------------------------

ChannelWords: TypeAlias = Annotated[
    Text, _words("NAME[/16] [LOW..HIGHdeg] [home VALUE] [highlight VALUE] [invert] [snap]", "pan/16 -270..270deg home 0deg")
]


class ModeModel(Strict):
    """One way a fixture type lays out its slots."""

    channels: list[ChannelWords] = []
    cells: Number | None = None
    cell: list[ChannelWords] = []
    names: dict[Text, dict[Text, Text]] = {}


class TypeModel(Strict):
    """A make and model of fixture."""

    modes: dict[Text, ModeModel]
    names: dict[Text, dict[Text, Text]] = {}
    emitters: dict[Text, Annotated[Text, _words("CIE x, y, and brightness at full", "0.69 0.31 21")]] = {}
    label: Text | None = None
    pan_speed: Angle | None = None
    tilt_speed: Angle | None = None
    hazard: Text | None = None
    loss: Text | None = None
    lumens: Annotated[Text | None, _words("light of one, everything at full", "8000lm")] = None
    spread: Annotated[Text | None, _words("across its beam; 360deg: all round", "20deg")] = None


class UniverseModel(Strict):
    """512 slots and where they go."""

    priority: Number | None = None
    to: list[Text] = []
    sync: Number | None = None
    device: Text | None = None
    slots: Number | None = None
    claim: Text | None = None
    merge_in: Text | None = None


class NodeModel(Strict):
    """A box that turns network universes into DMX."""

    address: Text
    universes: list[Text]
    loss: Text | None = None
    label: Text | None = None


class FixtureModel(Strict):
    """One fixture, or a run of them."""

    type: Text
    address: Annotated[Text, _words("universe and first slot", "sacn/1.12")]
    mode: Text | None = None
    label: Text | None = None
    zone: Text | None = None
    at: list[Number] = []
    step: list[Number] = []
    hang: list[Number] = []
    trim: list[Number] = []
    invert: list[Text] = []
    hazard: Text | None = None
    spare: Text | None = None


class WallModel(Strict):
    """A rectangle of pixels: ``width`` by ``height``, its first slot at ``address``."""

    width: Number
    height: Number
    address: Annotated[Text, _words("universe and first slot", "artnet/10.1")]
    wiring: Annotated[Text | None, _words("how the string runs", "rows", "serpentine", "columns", "serpentine columns")] = None
    start: Annotated[Text | None, _words("the corner of the first pixel", "top left", "bottom right")] = None
    order: Annotated[Text | None, _words("the slots of a pixel", "rgb", "grb", "rgbw")] = None
    per_universe: Number | None = None
    split: Truth | None = None
    gamma: Number | None = None
    limit: Annotated[Text | None, _words("how much light full white gives", "60%")] = None
    label: Text | None = None
    zone: Text | None = None
    at: list[Number] = []


class PatchFile(Strict):
    """patch.yaml."""

    types: dict[Text, TypeModel] = {}
    universes: dict[Text, UniverseModel] = {}
    nodes: dict[Text, NodeModel] = {}
    fixtures: dict[Text, FixtureModel] = {}
    pixels: dict[Text, WallModel] = {}


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
    brightness: Annotated[Text | None, _words("of full white, on the whole", "30%")] = None
    flashes: Annotated[Text | None, _words("most flashes in any second", "2")] = None
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
    dark: Annotated[Text | None, _words("what counts as dark", "1lx")] = None


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


# --- what comes in -------------------------------------------------------------------------------------------------


class InterlockModel(Strict):
    """What permits some hazards, all the while they do anything."""

    fixtures: TextOrList | None = None
    devices: Annotated[dict[Text, Text], Field(description="each guarded device, and the verb that makes it safe")] = {}
    permit: Expr | None = None
    fresh: Time | None = None
    longest: Time | None = None
    dwell: Time | None = None
    rest: Time | None = None
    armed_for: Time | None = None


HazardsFile: TypeAlias = dict[Text, InterlockModel]


class TimecodeModel(Strict):
    """A source of timecode."""

    kind: Text
    rate: Text
    offset: Text | None = None
    source: Text | None = None
    lost: Text | None = None
    freewheel: Time | None = None
    along: Annotated[dict[Text, Text], Field(description="clips that carry this code, and what it is at their beginning")] = {}


class InputModel(Strict):
    """A named value from the room."""

    guests: Text | None = None
    gesture: Text | None = None
    mqtt: Text | None = None
    osc: Text | None = None
    type: Text | None = None
    initial: Text | None = None
    counts: Truth | None = None
    stale: Time | None = None
    hysteresis: Number | None = None


class VariableModel(Strict):
    """A named value that cues set."""

    type: Text
    initial: Text


class TriggerModel(Strict):
    """Acts when its condition turns true."""

    when: Expr
    only_if: Expr | None = None
    cooldown: Time | None = None
    armed: Truth | None = None
    do: Annotated[Any, WithJsonSchema({"anyOf": [{REF: "Do"}, {"type": "array", "items": {REF: "Do"}}]})]


class InboundModel(Strict):
    """Something that may come in and do something."""

    osc: Text | None = None
    mqtt: Text | None = None
    allow: Text
    from_: Annotated[TextOrList | None, Field(alias="from")] = None


class TriggersFile(Strict):
    """triggers.yaml."""

    timecodes: dict[Text, TimecodeModel] = {}
    inputs: dict[Text, InputModel] = {}
    variables: dict[Text, VariableModel] = {}
    triggers: dict[Text, TriggerModel] = {}
    inbound: list[InboundModel] = []


class ScheduleModel(Strict):
    """Something that happens by the clock."""

    at: Text
    every: Time | None = None
    until: Text | None = None
    days: TextOrList | None = None
    do: Annotated[Any, WithJsonSchema({"anyOf": [{REF: "Do"}, {"type": "array", "items": {REF: "Do"}}]})]


ScheduleFile: TypeAlias = dict[Text, ScheduleModel]
