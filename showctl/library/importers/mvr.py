"""MVR scenes (DIN SPEC 15801): fixtures where they hang, at their addresses, with the GDTF that the scene brings.

Read here and not by pymvr, which turns "not patched" (address 0) into slot 1 of universe 1 and garbles file names that are not
ASCII. A scene counts millimetres, x right, y away from the audience, z up, and a fixture at rest points down; the venue counts
metres, x right, y up, z into the room, and ``hang`` starts from a fixture that stands on the floor and points up. Whatever
cannot be patched is left out and said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from showctl.library.importers import bounded
from showctl.library.importers.found import Found, FoundFixture, FoundMode, FoundType, Refused, identifier, unique
from showctl.library.importers.gdtf import read_gdtf

MOST_FIXTURES: Final = 10_000
MOST_PACKED: Final = 64 << 20
MOST_ADDRESS: Final = 63999 * 512
_HOLDERS: Final = ("GroupObject", "SceneObject", "Truss", "Support", "VideoScreen", "Projector", "FocusPoint", "Fixture")

Matrix = tuple[tuple[float, float, float], ...]
"""Rows u, v, w (where x, y and z go) and o (where the origin is)."""
_HERE: Final[Matrix] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 0.0))


def read_mvr(data: bytes, file: str) -> Found:
    """The fixtures of a scene, and their types."""
    archive = bounded.archive(data, file)
    root = bounded.xml(bounded.member(archive, "GeneralSceneDescription.xml", file), file)
    scene = root.find("Scene")
    layers = scene.find("Layers") if scene is not None else None
    if root.tag != "GeneralSceneDescription" or layers is None:
        raise Refused(file, "GeneralSceneDescription.xml has no Scene with Layers")
    found = Found(file)
    types = _Types(archive, file, found)
    hung = [item for layer in layers.findall("Layer") for item in _fixtures(layer, _matrix(layer, _HERE))]
    if not hung:
        raise Refused(file, "is a scene without fixtures")
    if len(hung) > MOST_FIXTURES:
        raise Refused(file, f"has {len(hung)} fixtures, and {MOST_FIXTURES} are the most")
    for element, _ in hung:
        types.used.setdefault(_said(element, "GDTFSpec"), set()).add(_said(element, "GDTFMode"))
    slots: dict[int, str] = {}
    for element, matrix in hung:
        fixture = _fixture(element, matrix, types, found)
        if fixture is not None and _free(fixture, types.modes[fixture.type, fixture.mode], slots, found):
            found.fixtures.append(fixture)
    if not found.types:
        raise Refused(file, f"brings no fixture type that can be read: {'; '.join(found.notes)[:300]}")
    return found


class _Types:
    """The GDTF files of a scene, each read once."""

    def __init__(self, archive: ZipFile, file: str, found: Found) -> None:
        self.archive, self.file, self.found = archive, file, found
        self._known: dict[str, FoundType | None] = {}
        self.modes: dict[tuple[str, str], FoundMode] = {}
        self.names: dict[str, int] = {}
        """Names of fixtures, and how many wanted each."""
        self.used: dict[str, set[str]] = {}
        """Type -> the modes that the scene uses of it."""
        self._left = MOST_PACKED * 4

    def called(self, plain: str) -> str:
        """A name that no other fixture of the scene has: ``plain``, or the next number of it."""
        count = self.names[plain] = self.names.get(plain, 0) + 1
        if count == 1:
            return plain
        return self.called(f"{plain}_{count}")

    def named(self, spec: str) -> FoundType | None:
        """The type that ``spec`` brings; None, and said once, where it brings none."""
        if spec not in self._known:
            self._known[spec] = self._read(spec)
        return self._known[spec]

    def _read(self, spec: str) -> FoundType | None:
        name = spec if spec.lower().endswith(".gdtf") else f"{spec}.gdtf"
        try:
            data = bounded.member(self.archive, _as_packed(self.archive, name), self.file, min(MOST_PACKED, self._left))
            self._left -= len(data)
            kind = self._parsed(data, f"{self.file}: {name}", spec)
        except Refused as refused:
            self.found.notes.append(f"fixtures of {spec or 'no type'} are left out: {refused.why}")
            return None
        kind.name = unique(kind.name, {item.name for item in self.found.types})
        self.found.types.append(kind)
        self.modes |= {(kind.name, mode.name): mode for mode in kind.modes}
        return kind

    def _parsed(self, data: bytes, file: str, spec: str) -> FoundType:
        """All modes, or where one of them is too much, those that the scene uses."""
        try:
            return read_gdtf(data, file).types[0]
        except Refused:
            used = self.used.get(spec)
            if not used:
                raise
            return read_gdtf(data, file, tuple(sorted(used))).types[0]


def _as_packed(archive: ZipFile, name: str) -> str:
    """``name`` as the archive spells it: one that was packed without the UTF-8 flag comes back in code page 437."""
    spelt = {item.filename for item in archive.infolist()}
    return next((other for other in (name, name.encode().decode("cp437", "replace")) if other in spelt), name)


def _fixtures(element: Element, matrix: Matrix) -> Iterator[tuple[Element, Matrix]]:
    """Every fixture under ``element``, and where it is."""
    for children in element.findall("ChildList"):
        for child in children:
            if child.tag not in _HOLDERS:
                continue
            here = _matrix(child, matrix)
            if child.tag == "Fixture":
                yield child, here
            yield from _fixtures(child, here)


def _fixture(element: Element, matrix: Matrix, types: _Types, found: Found) -> FoundFixture | None:
    label = " ".join((element.get("name") or "").split())
    number = (element.findtext("FixtureID") or "").strip()
    said = f"{label or 'a fixture'}" + (f" ({number})" if number not in ("", "0") else "")
    if element.get("multipatch"):
        found.notes.append(f"{said} is left out: it shares the address of another (multipatch)")
        return None
    kind = types.named(_said(element, "GDTFSpec"))
    if kind is None:
        return None
    wanted = _said(element, "GDTFMode")
    mode = next((item for item in kind.modes if item.name == wanted), None)
    if mode is None:
        found.notes.append(f"{said} is left out: {kind.label} has no mode {wanted or '(none said)'}")
        return None
    addresses = _addresses(element)
    if not addresses:
        found.notes.append(f"{said} is not patched in the scene: left out")
        return None
    if len(mode.breaks) > 1 and not _follow(addresses, mode.breaks):
        found.notes.append(f"{said} is left out: its {len(mode.breaks)} addresses do not follow one another")
        return None
    plain = identifier(label or kind.name)
    if plain in types.names and number not in ("", "0"):
        plain = identifier(f"{plain}_{number}")
    at, hang = _hung(matrix)
    if at is None or hang is None:
        found.notes.append(f"{said} has a position or an orientation that is none: left out of the patch")
    return FoundFixture(
        types.called(plain), kind.name, mode.name, addresses[0], at, hang, label,
        _true(element, "DMXInvertPan"), _true(element, "DMXInvertTilt"),
    )  # fmt: skip


def _said(element: Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())


def _true(element: Element, tag: str) -> bool:
    return (element.findtext(tag) or "").strip().lower() in ("true", "1")


def _addresses(element: Element) -> list[int]:
    """The addresses of a fixture, counted from 1 through all universes, by break; 0 is "not patched"."""
    found: list[tuple[int, int]] = []
    for address in element.findall("Addresses/Address"):
        words = (address.text or "").strip()
        number = address.get("break", "0")
        at = 0
        if re.fullmatch(r"[0-9]{1,8}", words):
            at = int(words)
        elif match := re.fullmatch(r"([0-9]{1,5})\.([0-9]{1,3})", words):
            universe, slot = int(match[1]), int(match[2])
            at = (universe - 1) * 512 + slot if universe and 1 <= slot <= 512 else 0
        if 1 <= at <= MOST_ADDRESS:
            found.append((int(number) if re.fullmatch("[0-9]{1,3}", number) else 0, at))
    return [at for _, at in sorted(found)]


def _follow(addresses: list[int], sizes: tuple[int, ...]) -> bool:
    return len(addresses) == len(sizes) and all(
        addresses[n + 1] == addresses[n] + sizes[n] for n in range(len(sizes) - 1)
    )  # fmt: skip


def _free(fixture: FoundFixture, mode: FoundMode, slots: dict[int, str], found: Found) -> bool:
    """Takes the fixture's slots. False, and said, where it runs out of its universe or meets another."""
    first = fixture.address
    if (first - 1) % 512 + mode.footprint > 512:
        found.notes.append(f"{fixture.name} is left out: {mode.footprint} slots from {first} run over the end of the universe")
        return False
    for slot in range(first, first + mode.footprint):
        if slot in slots:
            found.notes.append(f"{fixture.name} is left out: {slots[slot]} stands at the same address in the scene")
            return False
    slots |= dict.fromkeys(range(first, first + mode.footprint), fixture.name)
    return True


# --- where it hangs ------------------------------------------------------------------------------------------------------


def _matrix(element: Element, parent: Matrix) -> Matrix:
    """Where ``element`` is, in the scene's coordinates."""
    numbers = re.findall(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?", element.findtext("Matrix") or "")
    if len(numbers) != 12:
        return parent
    parts = [float(number) for number in numbers]
    own = tuple((parts[n], parts[n + 1], parts[n + 2]) for n in range(0, 12, 3))
    made = []
    for n, row in enumerate(own):
        moved = [sum(row[k] * parent[k][axis] for k in range(3)) + (parent[3][axis] if n == 3 else 0.0) for axis in range(3)]
        made.append((moved[0], moved[1], moved[2]))
    return tuple(made)


def _hung(matrix: Matrix) -> tuple[tuple[float, float, float] | None, tuple[float, float, float] | None]:
    """Metres and ``hang`` in degrees."""
    if not all(math.isfinite(part) and abs(part) < 1e9 for row in matrix for part in row):
        return None, None
    x, y, z = matrix[3]
    at = (round(x / 1000, 4) + 0.0, round(z / 1000, 4) + 0.0, round(y / 1000, 4) + 0.0)
    axes = [_unit(row) for row in matrix[:3]]
    if any(axis is None for axis in axes):
        return at, None
    u, v, w = (axis for axis in axes if axis is not None)
    # Columns: where the venue's x, y, z of a fixture at rest go; y and z change places on both sides.
    turned = tuple((u[n], w[n], v[n]) for n in (0, 2, 1))
    # A fixture at rest in a scene points down and tilts away from the audience: one that stands, turned half about z.
    rotation = tuple((-row[0], -row[1], row[2]) for row in turned)
    return at, angles(rotation)


def _unit(row: tuple[float, float, float]) -> tuple[float, float, float] | None:
    length = math.hypot(*row)
    return (row[0] / length, row[1] / length, row[2] / length) if length > 1e-9 else None


def angles(rotation: tuple[tuple[float, float, float], ...]) -> tuple[float, float, float]:
    """Degrees about x, then y, then z that make ``rotation`` (rows of a matrix that turns columns).

    >>> angles(((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)))
    (0.0, 0.0, 180.0)
    """
    down = -rotation[2][0]
    y = math.asin(max(-1.0, min(1.0, down)))
    if abs(down) < 1 - 1e-9:
        x, z = math.atan2(rotation[2][1], rotation[2][2]), math.atan2(rotation[1][0], rotation[0][0])
    else:  # looking straight along: about x and z is one turn
        x, z = 0.0, math.atan2(-rotation[0][1], rotation[1][1])
    made = [round(math.degrees(angle), 3) + 0.0 for angle in (x, y, z)]
    x, y, z = (180.0 if angle == -180.0 else angle for angle in made)
    return x, y, z
