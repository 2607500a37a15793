"""Zones of the venue: where they are, and the safe state that each must have (R5).

``light: none`` and so on say that there is nothing of the kind. A key that is left out
is refused: dark is not safe with guests inside.
"""

from __future__ import annotations

from showctl.show.cues import LightMove, Perform
from showctl.show.devices import Device
from showctl.show.fixtures import Hazard
from showctl.show.triggers import SafeState, Zone
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_room import SAFE_KEYS, Safe, VenueFile, ZoneModel
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_light import LightReader, Times
from showctl.showfile.resolve_verbs import Verbs, perform

Words = Text | dict[Text, Text] | None


class ZoneReader:
    """Reads zones once light and devices are known."""

    def __init__(self, draft: Draft, light: LightReader, verbs: Verbs) -> None:
        self.draft, self.light, self.verbs = draft, light, verbs

    def resolve(self, venue: VenueFile | None) -> None:
        """Fills ``draft.zones``, and checks where fixtures name one."""
        zones = venue.zones if venue is not None else {}
        for name in zones:
            self.draft.good_name(name)
        for name, model in zones.items():
            safe = self._safe(name, model)
            corners = tuple(corner for numbers in model.corners if (corner := self._corner(numbers)) is not None)
            if 0 < len(corners) < 3:
                self.draft.problems.error(
                    "BAD_NUMBER", name.place, f"{name} has {len(corners)} corners", "a zone has three or more"
                )
            label, room = str(model.label or ""), str(model.room or "")
            zone = Zone(len(self.draft.zones), str(name), label, corners, safe, name.place, room)
            self.draft.zones[str(name)] = zone
        for text in self.draft.zone_words:
            self.draft.find(text, self.draft.zones, "UNKNOWN_ZONE", "zone")

    def _corner(self, numbers: list[Text]) -> tuple[float, float] | None:
        read = [self.draft.read(values.number, text, None) for text in numbers]
        if len(read) != 2:
            where = numbers[0].place if numbers else None
            if where is not None:
                self.draft.problems.error("BAD_NUMBER", where, "a corner is two numbers", "[x, z] in metres")
            return None
        return None if read[0] is None or read[1] is None else (float(read[0]), float(read[1]))

    def _safe(self, name: Text, model: ZoneModel) -> SafeState:
        safe = model.safe or Safe()
        missing = [key for key in SAFE_KEYS if getattr(safe, key) is None]
        if missing:
            self.draft.problems.error(
                "NO_SAFE_STATE", name.place, f"the safe state of {name} lacks {', '.join(missing)}",
                "every zone says what it does on panic: none where there is nothing of the kind",
            )  # fmt: skip
        light = self._light(safe.light) + self._fog(name, safe.fog)
        motion = tuple(dict.fromkeys(self._motion(safe.motion)))
        actions = (
            *self._sound(safe.sound), *self._film(safe.film), *motion, *self._doors(safe.doors, model.doors),
            *self._headsets(safe.headsets),
        )  # fmt: skip
        return SafeState(light, tuple(dict.fromkeys(actions)), motion)

    def _none(self, words: Words, key: str, example: str) -> bool:
        """Whether ``words`` say ``none``; anything else that is not a mapping is a problem."""
        if words is None:
            return True
        if isinstance(words, Text):
            if words != "none":
                self.draft.problems.error("BAD_WORD", words.place, f"{key}: {words or 'nothing'} is not a safe state", example)
            return True
        return False

    def _light(self, words: Words) -> tuple[LightMove, ...]:
        if self._none(words, "light", "light: {house: 60 3200K}, or none") or not isinstance(words, dict):
            return ()
        return self.light.moves(words, Times())

    def _fog(self, zone: Text, words: Text | None) -> tuple[LightMove, ...]:
        if words is None or words in ("none", "off"):
            found = tuple(
                item.index
                for item in self.draft.patch.parameters
                if item.hazard is not Hazard.NONE and self.draft.patch.fixtures[item.fixture].zone == zone
            )
            if words == "none" and found:
                name = self.draft.patch.fixtures[self.draft.patch.parameters[found[0]].fixture].name
                self.draft.problems.error(
                    "NO_SAFE_STATE", words.place, f"{name} is a hazard in {zone}", "fog: off blacks it on panic"
                )
            return (LightMove(found, (0,) * len(found)),) if found and words == "off" else ()
        self.draft.problems.error("BAD_WORD", words.place, f"fog: {words or 'nothing'} is not a safe state", "fog: off, or none")
        return ()

    def _sound(self, words: Words) -> list[Perform]:
        made = []
        if not self._none(words, "sound", "sound: {main_pa: mute}, or none") and isinstance(words, dict):
            for name, word in words.items():
                speaker = self.draft.find(name, self.draft.speakers, "UNKNOWN_SPEAKER", "speaker")
                self.draft.choice(word, ("mute",), "mute", "what a speaker does on panic")
                device = self.draft.devices.get(speaker.player) if speaker is not None else None
                if device is not None and "mute" in device.kind.verbs:
                    made.append(perform(device, device.kind.verbs["mute"], {"on": True}, name.place))
        return [*{item.device: item for item in made}.values()]

    def _film(self, words: Words) -> list[Perform]:
        made = []
        if not self._none(words, "film", "film: {furnace_wall: blank}, or none") and isinstance(words, dict):
            for name, word in words.items():
                surface = self.draft.find(name, self.draft.surfaces, "UNKNOWN_SURFACE", "surface")
                self.draft.choice(word, ("blank",), "blank", "what a surface does on panic")
                device = self.draft.devices.get(surface.player) if surface is not None else None
                if device is not None and "blank" in device.kind.verbs:
                    made.append(perform(device, device.kind.verbs["blank"], {}, name.place))
        return [*{item.device: item for item in made}.values()]

    def _motion(self, words: Words) -> list[Perform]:
        made = []
        if not self._none(words, "motion", "motion: {gauze_motor: stop}, or none") and isinstance(words, dict):
            for name, word in words.items():
                device = self.draft.find(name, self.draft.devices, "UNKNOWN_DEVICE", "device")
                found = self.verbs.device_words(device, word) if device is not None else None
                if found is not None:
                    made.append(found)
        return made

    def _doors(self, words: Text | None, doors: list[Text]) -> list[Perform]:
        devices = [found for text in doors if (found := self._door(text)) is not None]
        if words is None or words == "none":
            return []
        request, _, verb = words.partition(" ")
        if request != "request" or not verb.strip():
            hint = "doors: request open, or none: a door opens by its own control, and we can only ask"
            self.draft.problems.error("BAD_WORD", words.place, f"doors: {words or 'nothing'} is not a safe state", hint)
            return []
        if not doors:
            self.draft.problems.error("MISSING_KEY", words.place, "the zone does not say which doors it has", "doors: [gate]")
        made = []
        for device in devices:
            asked = self.verbs.device_words(device, words.part(len(request) + 1, len(words)))
            if asked is not None:
                made.append(asked)
        return made

    def _door(self, text: Text) -> Device | None:
        return self.draft.find(text, self.draft.devices, "UNKNOWN_DEVICE", "device")

    def _headsets(self, words: Text | None) -> list[Perform]:
        if words is None or words == "none":
            return []
        word, _, message = words.partition(" ")
        if word != "passthrough":
            hint = did_you_mean(word, ("passthrough", "none"), 'headsets: passthrough "Follow the crew", or none')
            self.draft.problems.error("BAD_WORD", words.place, f"headsets: {words or 'nothing'} is not a safe state", hint)
            return []
        engines = [item for item in self.draft.devices.values() if item.kind.name == "xr_engine"]
        if not engines:
            self.draft.problems.error("UNKNOWN_DEVICE", words.place, "no xr_engine is declared", "headsets: none")
        said = message.strip().strip("\"'")
        return [perform(item, item.kind.verbs["passthrough"], {"message": said, "on": True}, words.place) for item in engines]
