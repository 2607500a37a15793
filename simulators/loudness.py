"""How loud it is in each zone, dB(A): every voice that can be heard, added as energies, over the quiet of the building.

A clip of -20 LUFS played at 0 dB is as loud as ``loud`` of its speaker says, in the speaker's zone; one of -12 LUFS is 8 dB
louder. In a zone that lies apart in the same room it loses 6 dB with each doubling of the way (from 4 m on), into another room
40 dB. A speaker that names no zone is heard alike everywhere. What plays is what the player truly plays: muted, paused and
without power it is silent, whatever it reports; ``trim`` of a speaker is a device's field in dB behind it, the amplifiers' for
instance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Final

from showctl.show.instants import Instant
from showctl.show.show import Show
from showctl.show.triggers import Speaker, Zone
from simulators.device import SimulatedDevice
from simulators.floor import inside
from simulators.illumination import centre, gap
from simulators.media_player import MediaPlayer
from simulators.playing import SILENT

QUIET: Final = 30.0
"""dB(A), the building itself."""
REFERENCE: Final = -20.0
"""LUFS of the clip by which ``loud`` is measured."""
THROUGH_A_WALL: Final = 40.0
"""dB that are lost into another room."""


class Loudness:
    """Listens in every zone."""

    def __init__(self, show: Show, devices: Mapping[str, SimulatedDevice]) -> None:
        self._devices = devices
        self._speakers = show.speakers
        self._loudness = {clip.name: clip.loudness for clip in show.clips if clip.loudness}
        named = {zone.name: zone for zone in show.zones}
        self._lost = {
            (speaker.name, zone.name): _lost(named.get(speaker.zone), zone) for speaker in show.speakers for zone in show.zones
        }

    def level(self, zone: str, now: Instant) -> float:
        """dB(A) in ``zone``."""
        energy = 10 ** (QUIET / 10)
        for speaker in self._speakers:
            for clip, level in self._voices(speaker, now):
                of_clip = self._loudness.get(clip, REFERENCE) - REFERENCE
                heard = speaker.loud + level + of_clip - self._lost[speaker.name, zone] + self._trim(speaker, now)
                energy += 10 ** (heard / 10)
        return 10 * math.log10(energy)

    def _voices(self, speaker: Speaker, now: Instant) -> Iterator[tuple[str, float]]:
        """The clips that sound from a speaker, and their levels in dB."""
        player = self._devices.get(speaker.player)
        if player is None or not player.powered:
            return
        if isinstance(player, MediaPlayer):
            if getattr(player, "muted", False):
                return
            for part in player.parts.values():
                level = part.level.at(now)
                if part.place in ("", speaker.name) and not part.paused and part.clock.running and level > SILENT:
                    yield part.clock.clip, level
            return
        known = player.truth(now)  # of a kind that has no parts to look at
        clip, level_now = known.get(f"{speaker.name}_clip"), known.get(f"{speaker.name}_level")
        playing = known.get(f"{speaker.name}_state") == "playing" and not known.get("muted", False)
        if isinstance(clip, str) and isinstance(level_now, float) and playing and level_now > SILENT:
            yield clip, level_now

    def _trim(self, speaker: Speaker, now: Instant) -> float:
        device, _, field = speaker.trim.partition(".")
        if device not in self._devices:
            return 0.0
        return float(self._devices[device].truth(now).get(field, 0.0))


def _lost(source: Zone | None, zone: Zone) -> float:
    if source is None or source.name == zone.name:
        return 0.0
    if source.room != zone.room:
        return THROUGH_A_WALL
    if len(source.corners) < 3 or len(zone.corners) < 3 or inside(zone.corners, centre(source)):
        return 0.0
    return 20 * math.log10(1 + gap(source, centre(zone)) / 4.0)
