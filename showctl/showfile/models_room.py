"""The shape of venue.yaml and patch.yaml: the room, what hangs in it, and on which slots it listens."""

# ruff: noqa: RUF012 - pydantic copies defaults

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from showctl.showfile.models import Angle, LightOrNone, Number, Strict, TextOrList, TextOrWords, Time, Truth, in_words
from showctl.showfile.reader import Text

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
    lumens: Annotated[Text | None, in_words("what a white picture sends back", "5000lm")] = None
    warps: list[Text] = []
    corners: list[list[Number]] = []


class SpeakerModel(Strict):
    """A sound output by name."""

    player: Text
    label: Text | None = None
    at: list[Number] = []
    zone: Text | None = None
    loud: Annotated[Text | None, in_words("dB(A) in its zone of a clip of -20 LUFS at 0 dB", "84dB")] = None
    trim: Annotated[Text | None, in_words("a device's field that adds dB", "amplifiers.trim")] = None


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
    spill: dict[Text, Annotated[Text, in_words("the most, while it is on", "25")]] = {}
    aimed: Annotated[Text | None, in_words("the most of a beam that goes through the gauze", "5")] = None
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
    Text, in_words("NAME[/16] [LOW..HIGHdeg] [home VALUE] [highlight VALUE] [invert] [snap]", "pan/16 -270..270deg home 0deg")
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
    emitters: dict[Text, Annotated[Text, in_words("CIE x, y, and brightness at full", "0.69 0.31 21")]] = {}
    label: Text | None = None
    pan_speed: Angle | None = None
    tilt_speed: Angle | None = None
    hazard: Text | None = None
    loss: Text | None = None
    lumens: Annotated[Text | None, in_words("light of one, everything at full", "8000lm")] = None
    spread: Annotated[Text | None, in_words("across its beam; 360deg: all round", "20deg")] = None


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
    address: Annotated[Text, in_words("universe and first slot", "sacn/1.12")]
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
    address: Annotated[Text, in_words("universe and first slot", "artnet/10.1")]
    wiring: Annotated[Text | None, in_words("how the string runs", "rows", "serpentine", "columns", "serpentine columns")] = None
    start: Annotated[Text | None, in_words("the corner of the first pixel", "top left", "bottom right")] = None
    order: Annotated[Text | None, in_words("the slots of a pixel", "rgb", "grb", "rgbw")] = None
    per_universe: Number | None = None
    split: Truth | None = None
    gamma: Number | None = None
    limit: Annotated[Text | None, in_words("how much light full white gives", "60%")] = None
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
