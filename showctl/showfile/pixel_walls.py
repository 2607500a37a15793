"""``pixels:`` of patch.yaml: rectangles of LED pixels, hung on as many universes as they need.

A wall becomes a fixture without slots of its own and a ``Wall``. Its slots are taken as those of fixtures are: what overlaps, or
reaches into a universe that is not declared, is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from showctl.show.fixtures import Fixture, Point
from showctl.show.levels import FULL, Level
from showctl.show.patch import Universe
from showctl.show.pixels import MOST_PIXELS, Wall, Wiring, mode_of
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_room import WallModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text

_CORNERS: Final = {
    "top left": (False, False), "top right": (True, False), "bottom left": (False, True), "bottom right": (True, True),
}  # fmt: skip
_WIRINGS: Final = {wiring.value: wiring for wiring in Wiring}
MOST_UNIVERSES: Final = 512


class WallReader:
    """Hangs walls one after the other, among the ``fixtures`` and the slots that they have ``used``."""

    def __init__(
        self,
        draft: Draft,
        universes: dict[str, Universe],
        fixtures: list[Fixture],
        used: dict[str, list[tuple[int, int, str]]],
    ) -> None:
        self.draft, self.universes, self.fixtures, self.used = draft, universes, fixtures, used
        self.made: list[Wall] = []

    def hang(self, name: Text, model: WallModel) -> None:
        """One wall. With an error in it, its name is known and nothing else."""
        draft, before = self.draft, self.draft.problems.errors
        if not draft.claim(name, "wall of pixels"):
            return
        address = draft.read(values.address, model.address, ("", 0))
        wall = self._wall(name, model)
        if address[0] and address[0] not in self.universes:
            hint = did_you_mean(address[0], self.universes, f"declare it under universes: {address[0]}: {{}}")
            draft.problems.error("UNKNOWN_UNIVERSE", model.address.place, f"there is no universe {address[0]}", hint)
        if model.zone is not None:
            draft.zone_words.append(model.zone)
        spot = self._spot(model.at)
        reached = self._reached(name, model.address, wall, address) if draft.problems.errors == before else ()
        if draft.problems.errors != before:
            draft.lost.add(str(name))
            return
        self.made.append(Wall(len(self.fixtures), wall.width, wall.height, reached, *_rest(wall)))
        self.fixtures.append(
            Fixture(
                len(self.fixtures), str(name), "pixels", mode_of(wall.width, wall.height), *address, str(model.label or ""),
                str(model.zone) if model.zone is not None else None, spot, place=name.place,
            )
        )  # fmt: skip

    def _wall(self, name: Text, model: WallModel) -> Wall:
        draft = self.draft
        width, height = (draft.read(_side, text, 1) for text in (model.width, model.height))
        if width * height > MOST_PIXELS:
            hint = f"{MOST_PIXELS} at most: hang it as several walls"
            draft.problems.error("TOO_LARGE", name.place, f"{name} has {width * height} pixels", hint)
            width = height = 1
        return Wall(
            -1, width, height, (),
            _WIRINGS[draft.choice(model.wiring, _WIRINGS, "rows", "a wiring")],
            _CORNERS[draft.choice(model.start, _CORNERS, "top left", "a corner")],
            draft.read(_order, model.order, "rgb"),
            draft.read(lambda text: values.whole(text, 1, 512, "a number of pixels"), model.per_universe, 0),
            draft.read(values.truth, model.split, False),
            draft.read(_gamma, model.gamma, 1000),
            draft.read(_limit, model.limit, FULL), name.place,
        )  # fmt: skip

    def _spot(self, numbers: list[Text]) -> Point | None:
        read = [float(self.draft.read(values.number, text, 0)) for text in numbers]
        if len(read) not in (0, 3):
            place = numbers[0].place
            self.draft.problems.error(
                "BAD_NUMBER", place, f"three numbers are needed here, not {len(read)}", "[x, y, z] in metres"
            )
            return None
        return Point(*read) if read else None

    def _reached(self, name: Text, at: Text, wall: Wall, address: tuple[str, int]) -> tuple[str, ...]:
        """The universes that the wall fills. What is wrong with them is said."""
        from showctl.light.pixels_layout import universes_needed  # numpy: a show without walls need not wait for it

        problems = self.draft.problems
        keys: list[str] = []
        for key in _following(address[0]):
            keys.append(key)
            if key not in self.universes:
                break
            slots = [self.universes[item].slots for item in keys]
            if (count := universes_needed(wall, address[1], slots)) is not None:
                reached = tuple(keys[:count])
                self._take(name, at, wall, address[1], reached, slots[:count])
                return reached
        pixels = f"{name}: {wall.width * wall.height} pixels of {len(wall.order)} slots"
        if keys[-1] not in self.universes:
            problems.error("UNKNOWN_UNIVERSE", at.place, f"{pixels} reach into {keys[-1]}, which is not declared", "declare it")
        else:
            hint = "a USB Pro has one universe; begin at slot 1, or take out per_universe"
            problems.error("SLOT_RANGE", at.place, f"{pixels} do not fit from {at} on", hint)
        return ()

    def _take(self, name: Text, at: Text, wall: Wall, first: int, keys: tuple[str, ...], slots: list[int]) -> None:
        from showctl.light.pixels_layout import stretches  # numpy: a show without walls need not wait for it

        for item in stretches(wall, first, slots):
            key, begin = keys[item.universe], item.first + 1
            end = begin + item.end - item.begin
            for begun, ended, other in self.used.setdefault(key, []):
                if begin < ended and begun < end:
                    self.draft.problems.error(
                        "OVERLAP", at.place, f"{name} fills {key}.{begin} to {end - 1}, and overlaps {other} at {key}.{begun}",
                        f"{other} takes slots {begun} to {ended - 1}",
                    )  # fmt: skip
                    return
            self.used[key].append((begin, end, str(name)))


def _rest(wall: Wall) -> tuple[Wiring, tuple[bool, bool], str, int, bool, int, Level]:
    return (wall.wiring, wall.start, wall.order, wall.per_universe, wall.split, wall.gamma, wall.limit)


def _following(key: str) -> Iterator[str]:
    """``key`` and those after it."""
    protocol, _, number = key.partition("/")
    if protocol == "usbpro" or not number.isdigit():
        yield key
        return
    yield from (f"{protocol}/{int(number) + n}" for n in range(MOST_UNIVERSES))


def _side(text: str) -> int:
    return values.whole(text, 1, MOST_PIXELS, "a number of pixels")


def _order(text: str) -> str:
    words = text.strip().lower()
    if sorted(words) not in (sorted("rgb"), sorted("rgbw")):
        raise Wrong(
            "BAD_WORD", f"{text or 'nothing'} is not an order of colours", 0, "each of r, g, b once, and w if there is one: grb"
        )
    return words


def _gamma(text: str) -> int:
    found = values.number(text)
    if not 1 <= found <= 4 or (found * 1000).denominator != 1:
        raise Wrong(
            "OUT_OF_RANGE",
            f"{text.strip()} is not a gamma from 1 to 4",
            0,
            "1: light goes with the slot; a box that corrects it has about 2.2",
        )
    return int(found * 1000)


def _limit(text: str) -> Level:
    found = values.percent(text)
    if not found:
        raise Wrong("BAD_LEVEL", "a wall that is limited to nothing stays dark", 0, "limit: 60%")
    return found
