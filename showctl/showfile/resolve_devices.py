"""devices.yaml, media.yaml, and the venue's surfaces and speakers: who plays what, where.

The built-in kinds bring their verbs (``show.devices.KINDS``); devices of kind ``osc``, ``mqtt`` and ``text`` declare theirs here,
the last with every word that goes over the wire (``resolve_speech``).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from showctl.show.cues import ActionClass, Value
from showctl.show.devices import KINDS, Argument, Device, Field, Kind, Verb
from showctl.show.expressions import ValueType
from showctl.show.instants import Duration
from showctl.show.triggers import Clip, Speaker, Surface
from showctl.showfile import resolve_players, resolve_speech, values
from showctl.showfile.draft import Draft
from showctl.showfile.models import ClipModel, MediaFile
from showctl.showfile.models_devices import DeviceModel, DevicesFile, FieldModel, VerbModel
from showctl.showfile.models_room import VenueFile
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_code import resolve_code
from showctl.showfile.resolve_manners import check_voices, resolve_manners
from showctl.showfile.resolve_patch import hazard_of, refuse_danger
from showctl.showfile.resolve_space import resolve_space
from showctl.showfile.room_words import clip_words, speaker_words, surface_words

TRANSPORTS: Final = {
    "film_server": "slip", "gauze_player": "tcp", "projector": "pjlink", "broker": "mqtt", "mqtt": "mqtt", "text": "tcp",
    "mpv": "unix", "mpv_sound": "unix", "qlab": "slip", "eos": "tcp", "ltc_out": "serial", "mtc_out": "serial",
}  # fmt: skip
ALLOWED: Final = {
    "ai_performer": ("udp", "http"), "osc": ("udp", "tcp", "slip"), "text": resolve_speech.TRANSPORTS,
    "mpv": ("unix", "tcp"), "mpv_sound": ("unix", "tcp"), "eos": ("tcp", "slip"),
    "media_server": ("udp", "tcp", "slip"),
}  # fmt: skip
PICTURE_KINDS: Final = ("film_server", "gauze_player", "mpv", "resolume", "millumin", "media_server")
SOUND_KINDS: Final = ("sound_player", "mpv_sound")
_HOLE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DEFAULTS: Final[dict[ValueType, Value]] = {ValueType.NUMBER: 0.0, ValueType.TEXT: "", ValueType.TRUTH: False}
_TYPES: Final = {item.value: item for item in ValueType}


def value_type(draft: Draft, text: Text | None) -> ValueType:
    """number, text or truth."""
    return _TYPES[draft.choice(text, _TYPES, "number", "a type")]


# --- devices -------------------------------------------------------------------------------------------------------


def resolve_devices(draft: Draft) -> None:
    """Fills ``draft.devices``."""
    model: dict[Text, DeviceModel] | None = draft.section("devices", DevicesFile)
    for name, device in (model or {}).items():
        if refuse_danger(draft, device.kind, device.kind):
            draft.lost.add(str(name))
            continue
        kind = draft.find(device.kind, KINDS, "UNKNOWN_KIND", "kind of device")
        if kind is not None and draft.claim(name, "device"):
            draft.devices[name] = _made(draft, name, device, kind)
        else:
            draft.lost.add(str(name))
    check_voices(draft)
    for name, device in (model or {}).items():
        if device.broker is not None:
            broker = draft.find(device.broker, draft.devices, "UNKNOWN_DEVICE", "broker")
            if broker is not None and broker.kind.name != "broker":
                draft.problems.error(
                    "WRONG_KIND", device.broker.place, f"{device.broker} is no broker", "name a device of kind broker"
                )
        elif device.kind == "mqtt":
            draft.problems.error("MISSING_KEY", name.place, f"{name} lacks the key broker", "an mqtt device names its broker")


def _made(draft: Draft, name: Text, model: DeviceModel, kind: Kind) -> Device:
    device = resolve_space(draft, name, model, resolve_players.with_buses(_device(draft, name, model, kind)))
    return resolve_manners(draft, name, model, resolve_code(draft, name, model, device))


def _device(draft: Draft, name: Text, model: DeviceModel, kind: Kind) -> Device:
    transport = TRANSPORTS.get(kind.name, "udp")
    if model.transport is not None:
        allowed = ALLOWED.get(kind.name, (transport,))
        transport = draft.choice(model.transport, allowed, transport, f"a transport of {kind.name}")
    if kind.name in ("osc", "mqtt", "text"):
        kind = _own_kind(draft, model, kind)
    elif model.verbs or model.fields:
        extra = next(iter(model.verbs or model.fields))
        draft.problems.error(
            "WRONG_KIND",
            extra.place,
            f"a {kind.name} brings its own verbs and fields",
            "declare them for kind osc, mqtt or text only",
        )
    resolve_players.look_over(draft, name, model, kind.name, transport)
    speech = None
    if kind.name == "text":
        speech = resolve_speech.speech_of(draft, model, kind.fields, transport)
        resolve_speech.look_over(draft, name, model, kind.verbs, speech)
        if transport in ("tcp", "udp", "http") and model.port is None:
            draft.problems.error(
                "MISSING_KEY", name.place, f"{name} lacks the key port", "nobody knows where a text device listens"
            )
        if transport == "serial" and model.host is None:
            draft.problems.error(
                "MISSING_KEY", name.place, f"{name} lacks the key host", "host: /dev/ttyUSB0, options: {baud: 9600}"
            )
    elif model.speech is not None:
        hint = "kind: text is a device that is described here"
        draft.problems.error("WRONG_KIND", name.place, f"{name} is a {kind.name}: it speaks as all of its kind do", hint)
    if model.on_hold is not None:
        kind = replace(
            kind, on_hold=draft.choice(model.on_hold, ("pause", "mute", "off", "nothing"), kind.on_hold, "what a hold does")
        )
    if kind.name == "mqtt" and model.topic is None:
        draft.problems.error(
            "MISSING_KEY", name.place, f"{name} lacks the key topic", "an mqtt device has a base topic: furnace/gate"
        )
    return Device(
        len(draft.devices), str(name), kind, transport, draft.read(values.host, model.host, "127.0.0.1"),
        draft.read(lambda text: values.whole(text, 1, 65535, "a port"), model.port, _port(draft, kind)),
        str(model.label or ""), str(model.password or ""), str(model.broker or ""), str(model.topic or "").strip("/"),
        draft.read(values.time_of, model.latency, 0), hazard_of(draft, model.hazard),
        {str(key): str(value) for key, value in model.options.items()}, name.place,
        draft.read(values.time_of, model.jitter, 0), _warm_up(draft, model, kind), speech,
    )  # fmt: skip


def _port(draft: Draft, kind: Kind) -> int:
    return resolve_players.MPV_PORT + len(draft.devices) if kind.name in resolve_players.MPV else kind.port


def _warm_up(draft: Draft, model: DeviceModel, kind: Kind) -> Duration:
    if model.warm_up is not None and kind.name != "projector":
        draft.problems.error("WRONG_KIND", model.warm_up.place, f"a {kind.name} has nothing to warm up", "only a projector has")
    return draft.read(values.time_of, model.warm_up, 0)


def _own_kind(draft: Draft, model: DeviceModel, kind: Kind) -> Kind:
    fields = {}
    for name, field in model.fields.items():
        if kind.name == "text" and name in resolve_speech.OWN_FIELDS:
            draft.problems.error("TWIN_NAME", name.place, f"every text device has a field {name}", "call it something else")
        elif draft.good_name(name):
            fields[str(name)] = _field(draft, name, field)
    if kind.name == "text":
        fields |= {name: Field(name, of, initial) for name, (of, initial) in resolve_speech.OWN_FIELDS.items()}
    verbs = {
        str(name): _verb(draft, name, verb, kind.name, fields) for name, verb in model.verbs.items() if draft.good_name(name)
    }
    return replace(kind, verbs=verbs, fields=fields)


def _verb(draft: Draft, name: Text, model: VerbModel, kind: str, fields: dict[str, Field]) -> Verb:
    arguments = tuple(item for text in model.arguments if (item := _argument(draft, text)) is not None)
    words = [item.value for item in ActionClass]
    of = ActionClass(draft.choice(model.class_, words, "momentary", "a class of action"))
    address = model.osc if kind == "osc" else model.topic
    if kind == "osc" and (model.osc is None or not model.osc.startswith("/")):
        where = model.osc.place if model.osc is not None else name.place
        draft.problems.error("BAD_ADDRESS", where, f"the verb {name} needs an OSC address", "osc: /eos/cue/fire")
    payload = str(model.payload or "")
    names = {item.name for item in arguments}
    for hole in _HOLE.finditer(payload):
        if hole[1] not in names and model.payload is not None:
            draft.problems.error(
                "UNKNOWN_ARGUMENT", model.payload.at(hole.start()), f"{name} has no argument {hole[1]}",
                did_you_mean(hole[1], names, "declare it: arguments: [number level]"),
            )  # fmt: skip
    keys = model.key if isinstance(model.key, list) else [model.key] if model.key is not None else []
    key = tuple(str(item) for item in keys) or ((str(name),) if of is not ActionClass.MOMENTARY else ())
    order = None
    if kind == "text":
        order = resolve_speech.order_of(draft, name, model, arguments, of, fields)
    elif model.send is not None:
        draft.problems.error("WRONG_KIND", model.send.place, f"a verb of kind {kind} does not send text", "kind: text does")
    return Verb(str(name), arguments, of, key, str(address or ""), payload, order)


def _argument(draft: Draft, text: Text) -> Argument | None:
    words = text.replace("=", " = ").split()
    if not words or words[0] not in _TYPES or len(words) not in (2, 4) or (len(words) == 4 and words[2] != "="):
        hint = "an argument is TYPE NAME or TYPE NAME = DEFAULT: number level = 0"
        draft.problems.error("BAD_WORD", text.place, f"{text or 'nothing'} is not an argument", hint)
        return None
    kind = _TYPES[words[0]]
    return Argument(words[1], kind, draft.value(text.like(words[3]), kind) if len(words) == 4 else None)


def _field(draft: Draft, name: Text, field: Text | FieldModel) -> Field:
    if isinstance(field, FieldModel):
        kind = value_type(draft, field.type)
        source = str(field.osc or field.topic or "")
        return Field(str(name), kind, draft.value(field.initial, kind), source)
    word, _, rest = field.partition(" ")
    if word not in _TYPES:
        hint = did_you_mean(word, _TYPES, "a field is TYPE INITIAL: text closed")
        draft.problems.error("BAD_WORD", field.place, f"{word or 'nothing'} is not a type", hint)
        return Field(str(name), ValueType.TEXT, "")
    kind = _TYPES[word]
    initial = draft.value(field.part(len(word) + 1, len(field)), kind) if rest.strip() else _DEFAULTS[kind]
    return Field(str(name), kind, initial.strip() if isinstance(initial, str) else initial)


# --- what plays where ----------------------------------------------------------------------------------------------


def resolve_media(draft: Draft, venue: VenueFile | None) -> None:
    """Fills ``draft.surfaces``, ``draft.speakers`` and ``draft.clips``."""
    for name, surface in (venue.surfaces if venue else {}).items():
        draft.good_name(name)
        _player(draft, surface.player, PICTURE_KINDS, "plays pictures")
        if surface.projector is not None:
            draft.find(surface.projector, draft.devices, "UNKNOWN_DEVICE", "device")
        label, projector = str(surface.label or ""), str(surface.projector or "")
        draft.surfaces[name] = Surface(
            str(name), str(surface.player), projector, label, name.place, *surface_words(draft, surface)
        )
    for name, speaker in (venue.speakers if venue else {}).items():
        draft.good_name(name)
        _player(draft, speaker.player, SOUND_KINDS, "plays sound")
        label = str(speaker.label or "")
        draft.speakers[name] = Speaker(str(name), str(speaker.player), label, name.place, *speaker_words(draft, speaker))
    model: dict[Text, ClipModel] | None = draft.section("media", MediaFile)
    for name, clip in (model or {}).items():
        draft.good_name(name)
        draft.clips[name] = _clip(draft, name, clip)


def _player(draft: Draft, text: Text, kinds: tuple[str, ...], does: str) -> None:
    device = draft.find(text, draft.devices, "UNKNOWN_DEVICE", "device")
    if device is not None and device.kind.name not in kinds:
        draft.problems.error("WRONG_KIND", text.place, f"{text} is a {device.kind.name}: nothing that {does}", " or ".join(kinds))


def _clip(draft: Draft, name: Text, model: ClipModel) -> Clip:
    players = model.players if isinstance(model.players, list) else [model.players] if model.players is not None else []
    for player in players:
        _player(draft, player, (*SOUND_KINDS, *PICTURE_KINDS), "plays media")
    resolve_players.files_there(draft, model, list(players))
    file = str(model.file)
    if not file or file.startswith(("/", "~")) or ".." in file.split("/") or "\\" in file or "\0" in file:
        draft.problems.error("OUTSIDE", model.file.place, f"{file or 'nothing'} leads out of the show folder", "media/NAME.wav")
    if model.sha256 is not None and not re.fullmatch("[0-9a-f]{64}", model.sha256):
        draft.problems.error("BAD_WORD", model.sha256.place, "a sha256 has 64 hex digits", "sha256sum writes it")
    length = None
    if model.length is not None and model.length not in ("endless", "unknown"):
        length = draft.read(values.time_of, model.length, None)
    fps, loudness = (float(draft.read(values.number, text, 0)) for text in (model.fps, model.loudness))
    on, sha256 = tuple(str(player) for player in players), str(model.sha256 or "")
    return Clip(str(name), file, length, on, fps, loudness, sha256, name.place, *clip_words(draft, model))
