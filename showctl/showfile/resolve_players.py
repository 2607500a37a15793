"""What ``check`` says about players of this machine and of other makes: how they are reached, their options, their files.

A clip that is not there is said when the show is loaded, not when its cue comes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from showctl.show.devices import Device, Field
from showctl.show.expressions import ValueType
from showctl.showfile.draft import Draft
from showctl.showfile.models import ClipModel
from showctl.showfile.models_devices import DeviceModel
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Text

MPV: Final = ("mpv", "mpv_sound")
MPV_PORT: Final = 7500
"""The first mpv of a show, where it is simulated; each has one of its own."""
LAYERED: Final = ("resolume", "millumin", "media_server")
LINES: Final = ("play", "seek", "stop", "opacity", "pause", "resume", "ask", "alive", "playing", "paused", "stopped")
HOLES: Final = ("surface", "layer", "clip", "at", "part", "share", "percent")
OPTIONS: Final[dict[str, tuple[str, ...]]] = {
    "qlab": ("workspace", "cues", "interface"), "eos": ("user", "cues", "fade", "interface"),
    "sound_player": ("buses", "interface"), **dict.fromkeys(("film_server", "gauze_player"), ("interface",)),
    "tracker": ("rate", "source", "interface"), "broker": ("username", "interface"),
    **dict.fromkeys(LAYERED, ("clips", "listen", "interface", *LINES)),
}  # fmt: skip
_HOLE: Final = re.compile(r"\{(\w+)\}")
MPV_OPTIONS: Final = ("start", "socket", "media", "vo", "ao", "audio_device", "screen", "drift", "jump", "loads", "buses")


def look_over(draft: Draft, name: Text, model: DeviceModel, kind: str, transport: str) -> None:
    """Complains of a player that nobody could reach."""
    known = MPV_OPTIONS if kind in MPV else OPTIONS.get(kind)
    if known is None:
        return
    for word in model.options:
        if word not in known:
            draft.problems.warning(
                "UNKNOWN_KEY", word.place, f"{kind} has no option {word}", did_you_mean(word, known)
            )  # fmt: skip
    if kind == "media_server" and "play" not in model.options:
        draft.problems.error(
            "MISSING_KEY",
            name.place,
            f"nobody knows how {name} is told to play",
            "options: {play: '/layer/{layer}/play s:{clip}'}",
        )
    for line in LINES if kind in LAYERED else ():
        _look_over_line(draft, model, line)
    if transport == "unix" and not {"start", "socket"} & set(model.options):
        draft.problems.error(
            "MISSING_KEY", name.place, f"{name} says neither that mpv is to be started nor where its socket is",
            "options: {start: yes}, or options: {socket: /run/wall.sock, media: /srv/show}",
        )  # fmt: skip
    if "socket" in model.options and "start" not in model.options and "media" not in model.options:
        place = next(word.place for word in model.options if word == "socket")
        draft.problems.warning(
            "MISSING_KEY", place, f"{name} does not say where its media are: mpv would look where it was started",
            "options: {media: /srv/show}",
        )  # fmt: skip


def _look_over_line(draft: Draft, model: DeviceModel, name: str) -> None:
    """Complains of a line with an address that is none, or with words that nothing fills."""
    text = next((given for word, given in model.options.items() if word == name), None)
    if text is None:
        return
    for line in text.split(";"):
        if not line.strip().startswith("/"):
            draft.problems.error("BAD_ADDRESS", text.place, f"{line.strip() or 'nothing'} is no OSC address", "it begins with /")
        for hole in _HOLE.findall(line):
            if hole not in HOLES:
                draft.problems.error("UNKNOWN_ARGUMENT", text.place, f"nothing fills {{{hole}}}", did_you_mean(hole, HOLES))


def files_there(draft: Draft, model: ClipModel, players: list[Text]) -> None:
    """Complains of a file that a player of this machine would look for in the show folder, in vain."""
    devices = [draft.devices[player] for player in players if player in draft.devices]
    here = [device for device in devices if _plays_from_folder(device)]
    if here and not (draft.folder.root / str(model.file)).is_file():
        draft.problems.warning(
            "MISSING_FILE", model.file.place, f"there is no file {model.file} here, where {here[0].name} plays from",
            "copy it there, or say options: {media: FOLDER}",
        )  # fmt: skip


def _plays_from_folder(device: Device) -> bool:
    return device.kind.name in MPV and device.transport == "unix" and "start" in device.options and "media" not in device.options


def with_buses(device: Device) -> Device:
    """A sound player tells where its master stands, and each of its buses: ``sound.master``, ``sound.weather_bus``."""
    if device.kind.name != "sound_player":
        return device
    names = ("master", *(f"{bus}_bus" for bus in str(device.options.get("buses", "")).split()))
    fields = {name: Field(name, ValueType.NUMBER, 0.0) for name in names}
    return replace(device, kind=replace(device.kind, fields=device.kind.fields | fields))
