"""Devices other than light: what kinds there are, how they are reached, and the verbs that cues may use.

A verb's parameters have an order, a type and a default, so a cue can write ``unreal: scene ignite`` and the checker can
complain at the word. The built-in kinds' verbs stand in ``KINDS``; the kinds ``osc``, ``mqtt`` and ``text`` declare
theirs in the show folder. What each verb becomes in bytes is the business of ``devices/``; docs/technicians/device-protocols.md
writes it down.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from showctl.show.codes import CodeOut
from showctl.show.cues import ActionClass, Value
from showctl.show.expressions import ValueType
from showctl.show.fixtures import Hazard
from showctl.show.instants import Duration
from showctl.show.places import NOWHERE, Place
from showctl.show.space import Space
from showctl.show.speech import Order, Speech

STATE, RESUME, MOMENTARY = ActionClass.STATE, ActionClass.RESUME, ActionClass.MOMENTARY


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a verb. ``default`` None means it must be given."""

    name: str
    type: ValueType
    default: Value | None = None


@dataclass(frozen=True, slots=True)
class Verb:
    """Something a device can be asked to do.

    ``kind`` is its class on a locate; ``key`` names the arguments that tell one running thing of the device from another
    (a later performance with the same key replaces the earlier). ``address`` and ``payload`` serve the kinds whose verbs
    are declared in the show folder: an OSC address, or an MQTT topic and a payload with ``{argument}`` in it; ``order`` those
    of kind ``text``.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    kind: ActionClass = MOMENTARY
    key: tuple[str, ...] = ()
    address: str = ""
    payload: str = ""
    order: Order | None = None
    rests: bool = False
    """What it brings about stays when it is over: asked for again later, it is at its end (where a sound object has come to)."""


@dataclass(frozen=True, slots=True)
class Field:
    """Something a device reports. ``source`` is an OSC address or MQTT topic for declared kinds."""

    name: str
    type: ValueType
    initial: Value
    source: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an order may take, how often it is said (if saying it twice does no harm), and what holds where it was not done.

    ``within`` None leaves it to the driver. ``otherwise`` is skip, wait (ask on), hold (the list that asked), or another verb.
    """

    within: Duration | None = None
    tries: int = 3
    otherwise: str = "skip"


@dataclass(frozen=True)
class Kind:
    """A kind of device: its verbs, what it reports, and what it does while the show is on hold (R6)."""

    name: str
    verbs: dict[str, Verb]
    fields: dict[str, Field]
    on_hold: str = "pause"
    """pause, mute, off or nothing."""
    port: int = 0


@dataclass(frozen=True)
class Device:
    """One device of the show.

    ``transport`` is udp, tcp (OSC with length prefix), slip, pjlink, mqtt, serial or http; ``broker`` names the broker of an mqtt
    device. ``latency`` is from our word to what is seen or heard, give or take ``jitter``. ``speech`` is how a device of kind
    ``text`` speaks.
    """

    index: int
    name: str
    kind: Kind
    transport: str
    host: str = "127.0.0.1"
    port: int = 0
    label: str = ""
    password: str = ""
    broker: str = ""
    topic: str = ""
    latency: Duration = 0
    hazard: Hazard = Hazard.NONE
    options: dict[str, Value] = field(default_factory=dict)
    place: Place = NOWHERE
    jitter: Duration = 0
    warm_up: Duration = 0
    """What a projector takes from power to picture, where the engine is to see to it."""
    speech: Speech | None = None
    space: Space | None = None
    """How a renderer of sound objects lies in the venue."""
    code: CodeOut | None = None
    """What an output of timecode sends."""
    policies: dict[str, Policy] = field(default_factory=dict)
    """By verb, where devices.yaml says more than the driver."""


def notices_to(device: Device) -> tuple[str, int] | None:
    """Where a projector sends its notifications (option ``notify``: ``10.0.0.5`` or ``10.0.0.5:4352``); None: nowhere.

    >>> notices_to(Device(0, "wall", KINDS["projector"], "pjlink", options={"notify": "10.0.0.5"}))
    ('10.0.0.5', 4352)
    """
    host, _, port = str(device.options.get("notify", "")).partition(":")
    return (host, int(port or 4352)) if host and device.kind.name == "projector" else None


def _verb(name: str, kind: ActionClass, key: tuple[str, ...] = (), /, **arguments: Value | type) -> Verb:
    types: dict[type, ValueType] = {float: ValueType.NUMBER, str: ValueType.TEXT, bool: ValueType.TRUTH}
    return Verb(
        name,
        tuple(
            Argument(word, types[value]) if isinstance(value, type) else Argument(word, types[type(value)], value)
            for word, value in arguments.items()
        ),
        kind,
        key,
    )


def _resting(verb: Verb) -> Verb:
    return replace(verb, rests=True)


def _kind(
    name: str, *verbs: Verb, port: int = 0, on_hold: str = "pause", played: dict[str, Value] | None = None, **fields: Value
) -> Kind:
    types: dict[type, ValueType] = {float: ValueType.NUMBER, str: ValueType.TEXT, bool: ValueType.TRUTH}
    return Kind(
        name,
        {verb.name: verb for verb in verbs},
        {word: Field(word, types[type(initial)], initial) for word, initial in ((played or {}) | fields).items()},
        on_hold,
        port,
    )


_PICTURE: Final = (
    _verb("play", RESUME, ("surface", "layer"), clip=str, surface=str, layer=1.0, at=0.0, loop=False, fade=0.0),
    _verb("fade", STATE, ("surface", "layer"), surface=str, layer=1.0, opacity=100.0, over=0.0),
    _verb("stop", STATE, ("surface", "layer"), surface=str, layer=1.0, fade=0.0),
    _verb("pause", STATE, ("*",), on=True),
    _verb("blank", STATE, ("*",), fade=0.0),
)

_WARP: Final = _verb("warp", STATE, ("warp", "surface"), surface=str, preset=str)
"""How a surface's picture is bent: one of the presets that somebody has set up on the player."""
_OBJECTS: Final = (
    _resting(_verb("move", RESUME, ("object",), object=str, way=str, over=0.0, ease="linear", loop="no", at=0.0)),
    _verb("follow", STATE, ("object",), object=str, who=str, x=0.0, y=0.0, z=0.0),
    _verb("track", MOMENTARY, (), object=str, x=float, y=float, z=float, vx=0.0, vy=0.0, vz=0.0),
    _verb("stop", STATE, ("object",), object=str),
    _verb("spread", STATE, ("spread", "object"), object=str, amount=float),
    _verb("pause", STATE, ("*",), on=True),
    _verb("freeze", STATE, ("*",), home=False),
)
"""``track`` is said by the show itself, of an object that follows somebody; ``freeze`` at a panic, and (``home``) a reset."""
_CODE: Final = (
    _verb("run", STATE, ("code",), position=float, num=1.0, den=1.0),
    _verb("halt", STATE, ("code",)),
)
"""Said by the show itself: where the clock whose time is told stands (nanoseconds), and how fast it goes."""
_LEVEL: Final = _verb("level", STATE, ("level", "object"), object=str, level=float)

_MIX: Final = (
    _verb("bus", STATE, ("bus", "name"), name=str, level=float, over=0.0, curve="equal-power"),
    _verb("master", STATE, ("master",), level=float, over=0.0, curve="equal-power"),
)
_PLAYED: Final[dict[str, Value]] = {
    "state": "stopped", "clip": "", "position": 0.0, "level": 0.0, "muted": False, "loaded": "", "drift": 0.0,
}  # fmt: skip
"""What an mpv reports: ``loaded`` is the clip that stands ready, ``drift`` by how many seconds it is ahead of the show."""

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        _kind(
            "sound_player",
            _verb("play", RESUME, ("voice",), clip=str, voice=str, output="", level=0.0, fade=0.0, loop=False, at=0.0, bus=""),
            _verb("fade", STATE, ("voice",), voice=str, level=float, over=0.0, curve="equal-power"),
            *_MIX,
            _verb("stop", STATE, ("voice",), voice=str, fade=0.0),
            _verb("object", STATE, ("object", "voice"), voice=str, x=float, y=float, z=float),
            _verb("pause", STATE, ("*",), on=True),
            _verb("mute", STATE, ("mute",), on=True),
            _verb("silence", STATE, ("*",), fade=0.0),
            port=7000,
            state="stopped",
            clip="",
            level=0.0,
            position=0.0,
            muted=False,
            voices=0.0,
        ),
        _kind(
            "film_server",
            *_PICTURE,
            _WARP,
            port=7100,
            state="stopped",
            clip="",
            surface="",
            position=0.0,
            opacity=0.0,
            warp="",
        ),
        _kind(
            "gauze_player",
            *_PICTURE,
            _WARP,
            _verb("figure", STATE, ("figure",), pose=str, x=0.0, z=0.0),
            port=7200,
            state="stopped",
            clip="",
            surface="",
            position=0.0,
            opacity=0.0,
            pose="none",
            warp="",
        ),
        _kind(
            "mpv",
            _verb("play", RESUME, ("deck",), clip=str, surface="", at=0.0, loop=False, fade=0.0),
            _verb("load", STATE, ("deck", "next"), clip=str, at=0.0),
            _verb("seek", MOMENTARY, at=float),
            _verb("fade", STATE, ("deck",), opacity=100.0, over=0.0),
            _verb("volume", STATE, ("volume",), level=float, over=0.0, curve="equal-power"),
            _verb("stop", STATE, ("deck",), fade=0.0),
            _verb("pause", STATE, ("*",), on=True),
            _verb("mute", STATE, ("mute",), on=True),
            _verb("blank", STATE, ("*",), fade=0.0),
            played=_PLAYED,
            opacity=0.0,
        ),
        _kind(
            "mpv_sound",
            _verb("play", RESUME, ("deck",), clip=str, voice="", output="", level=0.0, fade=0.0, loop=False, at=0.0, bus=""),
            _verb("load", STATE, ("deck", "next"), clip=str, at=0.0),
            _verb("seek", MOMENTARY, at=float),
            _verb("fade", STATE, ("deck",), level=float, over=0.0, curve="equal-power"),
            *_MIX,
            _verb("stop", STATE, ("deck",), fade=0.0),
            _verb("pause", STATE, ("*",), on=True),
            _verb("mute", STATE, ("mute",), on=True),
            _verb("silence", STATE, ("*",), fade=0.0),
            played=_PLAYED,
        ),
        _kind(
            "qlab",
            _verb("start", RESUME, ("cue",), cue=str, at=0.0),
            _verb("load", STATE, ("load", "cue"), cue=str, at=0.0),
            _verb("stop", STATE, ("cue",), cue=str),
            _verb(
                "level",
                STATE,
                ("level", "cue", "row", "column"),
                cue=str,
                level=float,
                over=0.0,
                row=0.0,
                column=0.0,
                curve="equal-power",
            ),
            _verb("go", MOMENTARY, cue=""),
            _verb("pause", STATE, ("*",), on=True),
            _verb("silence", STATE, ("*",), fade=0.0),
            port=53000,
            state="stopped",
            cue="",
            running="",
            loaded="",
            standby="",
            position=0.0,
            rights="",
        ),
        _kind(
            "eos",
            _verb("fire", STATE, ("list",), cue=str, list=1.0),
            _verb("go", MOMENTARY),
            _verb("halt", MOMENTARY),
            _verb("macro", MOMENTARY, number=float),
            _verb("preset", STATE, ("preset",), number=float),
            _verb("sub", STATE, ("sub", "number"), number=float, level=100.0, over=0.0),
            port=3032,
            on_hold="nothing",
            active="",
            label="",
            progress=0.0,
            pending="",
            version="",
        ),
        *(
            _kind(name, *_PICTURE, port=port, state="stopped", clip="", surface="", position=0.0, opacity=0.0)
            for name, port in (("resolume", 7000), ("millumin", 5000), ("media_server", 7100))
        ),
        _kind(
            "projector",
            _verb("power", STATE, ("power",), on=True),
            _verb("shutter", STATE, ("shutter",), open=True),
            _verb("input", STATE, ("input",), number="31"),
            _verb("freeze", STATE, ("freeze",), on=True),
            port=4352,
            on_hold="nothing",
            power="unknown",
            shutter="unknown",
            input="",
            lamp_hours=0.0,
            error="",
            ready=False,
            signal="unknown",
            frozen=False,
            filter_hours=0.0,
        ),
        _kind(
            "xr_engine",
            _verb("scene", STATE, ("program",), scene=str, at=0.0),
            _verb("start", RESUME, ("program", "run"), at=0.0, after=0.0),  # of the scene: another scene ends it
            _verb("wake", MOMENTARY, headset=""),
            _verb("stop", STATE, ("program",)),
            _verb("passthrough", STATE, ("passthrough",), message="", on=True),
            _verb("pause", STATE, ("*",), on=True),
            port=7300,
            scene="",
            state="idle",
            headsets=0.0,
            awake=0.0,
            passthrough=False,
            battery=100.0,
            tracked=0.0,
            in_scene=0.0,
            low=0.0,
            trouble="",
        ),
        _kind(
            "ai_performer",
            _verb("ask", MOMENTARY, ("line",), prompt=str, within=2.5, approved=str),
            _verb("say", MOMENTARY, ("line",), line=str),
            port=7400,
            on_hold="nothing",
            state="idle",
            line="",
            source="",
            answer="",
            why="",
        ),
        _kind("ltc_out", *_CODE, on_hold="nothing"),
        _kind("mtc_out", *_CODE, on_hold="nothing"),
        _kind("artnet_timecode", *_CODE, on_hold="nothing", port=6454),
        _kind("adm_osc", *_OBJECTS, _LEVEL, port=4001),
        _kind("ds100", *_OBJECTS, _LEVEL, port=50010),
        _kind("l_isa", *_OBJECTS, port=8880),
        _kind("tracker", port=56565, on_hold="nothing", guests=0.0, age=0.0),
        _kind("broker", port=1883, on_hold="nothing", state="unknown"),
        _kind("osc", on_hold="nothing"),
        _kind("mqtt", on_hold="nothing"),
        _kind("text", on_hold="nothing"),
    )
}
"""``line`` of an AI performer is the line to be spoken, ``source`` says whose (``performer`` or ``approved``) and ``why``;
``answer`` is what it said, fit or not."""
