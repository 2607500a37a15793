"""What ``check`` says about players of this machine and of other makes: how they are reached, their options, their files.

A clip that is not there is said when the show is loaded, not when its cue comes.
"""

from __future__ import annotations

from typing import Final

from showctl.show.devices import Device
from showctl.showfile.draft import Draft
from showctl.showfile.models import ClipModel
from showctl.showfile.models_devices import DeviceModel
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Text

MPV: Final = ("mpv", "mpv_sound")
MPV_PORT: Final = 7500
"""The first mpv of a show, where it is simulated; each has one of its own."""
MPV_OPTIONS: Final = ("start", "socket", "media", "vo", "ao", "audio_device", "screen", "drift", "jump", "loads", "buses")


def look_over(draft: Draft, name: Text, model: DeviceModel, kind: str, transport: str) -> None:
    """Complains of a player that nobody could reach."""
    if kind not in MPV:
        return
    for word in model.options:
        if word not in MPV_OPTIONS:
            draft.problems.warning(
                "UNKNOWN_KEY", word.place, f"{kind} has no option {word}", did_you_mean(word, MPV_OPTIONS)
            )  # fmt: skip
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
