"""Files that mean harm, or are merely broken: each is refused with its name and a reason, within bounds, and never raises."""

from __future__ import annotations

import io
import json
import random
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from showctl.library.importers import bounded
from showctl.library.importers.found import Found, Refused
from showctl.library.importers.read import read_bytes, read_file
from tests.library.importers import made

SAMPLES = Path(__file__).parent / "samples"
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><FixtureDefinition>&b;</FixtureDefinition>'


def refused(data: bytes, why: str) -> None:
    with pytest.raises(Refused) as caught:
        read_bytes(data, "file")
    assert why in str(caught.value)
    assert str(caught.value).startswith("file: ")


def test_what_is_no_fixture_file_is_refused_by_what_is_in_it() -> None:
    refused(b"", "is empty")
    refused(b"\x89PNG\r\n", "is no GDTF")
    refused(b"PK\x03\x04 and then nothing", "is no zip archive")
    refused(b"{", "is no JSON that can be read")
    refused(b"[" * 100_000, "is no GDTF")
    refused(b'{"a":' * 100_000, "is no JSON that can be read")
    refused(b'{"name": "x"}', "is no fixture of the Open Fixture Library")
    refused(b"<html></html>", "no QLC+ fixture definition")
    refused(b"<a><b></a>", "is no XML that can be read")
    refused(made.packed(readme="hello"), "has no description.xml in it")
    refused(made.packed(description__xml="<GDTF/>"), "has no FixtureType")
    refused(b'{"redirectTo": "acme/other", "reason": "FixtureRenamed"}', "is called acme/other now")


def test_a_gdtf_whose_xml_is_broken_is_no_empty_fixture() -> None:
    """pygdtf reads it as a fixture called Original File Had Broken XML."""
    refused(made.packed(description__xml=made.gdtf_text(made.mode("m"))[:-9]), "is no XML that can be read")
    refused(made.gdtf(), "has no name or no DMX modes")


@pytest.mark.parametrize("wrap", [str.encode, lambda text: made.packed(description__xml=text)])
def test_entities_are_refused_before_they_are_unfolded(wrap: Callable[[str], bytes]) -> None:
    refused(wrap(BOMB), "declares entities of its own")
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><FixtureDefinition>&a;</FixtureDefinition>'
    refused(wrap(outside), "declares entities of its own")


def test_an_archive_that_unpacks_to_much_is_refused_unread() -> None:
    began = time.process_time()
    refused(made.packed(description__xml=b" " * (bounded.MOST_TEXT + 1)), "unpacks to 32 MiB")
    honest = made.packed(description__xml=b" " * (bounded.MOST_TEXT + 1))
    directory = honest.rindex(b"PK\x01\x02")
    lying = honest[: directory + 24] + struct.pack("<L", 100) + honest[directory + 28 :]  # its own size, as the directory has it
    with pytest.raises(Refused):
        read_bytes(lying, "file")
    assert time.process_time() - began < 5


def test_what_is_nested_or_repeated_without_end_is_refused() -> None:
    refused(b"<a>" * 100_000, "is nested more than 64 deep")
    deep = "<Geometry Name='g'>" * 70 + "</Geometry>" * 70
    refused(made.gdtf(made.mode("m"), geometries=deep), "is nested more than 64 deep")
    itself = (
        '<Geometry Name="Body"><GeometryReference Name="r" Geometry="Body"><Break DMXOffset="1"/></GeometryReference></Geometry>'
    )
    refused(made.gdtf(made.mode("m", made.channel("Dimmer", "1")), geometries=itself), "refer to themselves")
    twins = "".join(
        f'<Geometry Name="g{n}"><GeometryReference Name="a{n}" Geometry="g{n + 1}"/>'
        f'<GeometryReference Name="b{n}" Geometry="g{n + 1}"/></Geometry>'
        for n in range(25)
    )
    doubled = made.gdtf(made.mode("m", made.channel("Dimmer", "1"), geometry="g0"), geometries=twins + '<Geometry Name="g25"/>')
    refused(doubled, "more than 4096 geometries")
    wide = {"pixelCount": [4096, 4096, 4096]}
    ofl = {"name": "x", "matrix": wide, "modes": [{"name": "m", "channels": []}]}
    refused(json.dumps(ofl).encode(), "pixels, and 4096 are the most")


def test_a_mode_that_contradicts_itself_is_refused_by_name() -> None:
    two = made.mode("Both", made.channel("Dimmer", "1"), made.channel("Pan", "1,2"))
    refused(made.gdtf(two), "mode Both: intensity and pan both stand at slot 1")
    refused(made.gdtf(made.mode("Low", made.channel("Dimmer", "0"))), "mode Low")
    refused(made.gdtf(made.mode("Far", made.channel("Dimmer", "513"))), "mode Far takes 513 slots")
    refused(
        made.gdtf(made.mode("Lost", made.channel("Dimmer", "1"), geometry="Elsewhere"), geometries=made.pixels(2, 1, 1)),
        "Elsewhere",
    )
    refused(
        made.gdtf(made.mode("m", made.channel("Dimmer", "1")), made.mode("m", made.channel("Pan", "1"))), "two modes called m"
    )
    channels = '<Channel Name="a"/><Mode Name="m"><Channel Number="0">a</Channel><Channel Number="0">a</Channel></Mode>'
    refused(f"<FixtureDefinition><Model>x</Model>{channels}</FixtureDefinition>".encode(), "both stand at 0")
    unknown = '<Mode Name="m"><Channel Number="0">a</Channel></Mode>'
    refused(f"<FixtureDefinition><Model>x</Model>{unknown}</FixtureDefinition>".encode(), "described nowhere")


def test_only_the_modes_that_are_named_are_looked_at() -> None:
    data = made.gdtf(made.mode("Far", made.channel("Dimmer", "513")), made.mode("Near", made.channel("Dimmer", "1")))
    assert [mode.name for mode in read_bytes(data, "file", ("Near",)).types[0].modes] == ["Near"]
    with pytest.raises(Refused, match="has no mode Nowhere"):
        read_bytes(data, "file", ("Nowhere",))


def test_a_folder_is_refused_and_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is a folder"):
        read_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "nothing.gdtf")


# --- fuzz ------------------------------------------------------------------------------------------------------------------


def seeds() -> list[bytes]:
    chance = random.Random(7)
    texts = [path.read_bytes() for path in sorted(SAMPLES.glob("*.[jq]*"))]
    made_here = [made.any_gdtf(chance)[0], made.HEAD, made.any_qxf(chance)[0], json.dumps(made.any_ofl(chance)[0]).encode()]
    return [*texts, *made_here, made.scene(made.hung("a", "1"), made.hung("b", "600"), head__gdtf=made.HEAD)]


def mangled(data: bytes, chance: random.Random) -> bytes:
    """``data`` with a few bytes, words or pieces changed; an archive's description, or the archive itself."""
    if data.startswith(b"PK") and chance.random() < 0.8:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members: dict[str, Any] = {item.filename: archive.read(item) for item in archive.infolist()}
        name = chance.choice(list(members))
        members[name] = mangled(members[name], chance)
        return made.packed(**members)
    found = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(max(len(found), 1))
        match chance.randrange(5):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at : at + chance.randint(1, 40)]
            case 2:
                found[at:at] = found[at : at + chance.randint(1, 200)]
            case 3:
                digits = [n for n, byte in enumerate(found) if 48 <= byte <= 57]
                if digits:
                    where = chance.choice(digits)
                    found[where : where + 1] = chance.choice((b"0", b"9", b"-1", b"99999", b"1e9", b"nan", b"None", b"", b"1.5"))
            case _:
                word = chance.choice((b"null", b"{}", b"[]", b'"x"', b"true", b"\xff", b"<", b'"'))
                found[at : at + len(word)] = word
    return bytes(found)


ODD = (
    None,
    "",
    "x",
    "0",
    "-1",
    "1,2,3,4,5",
    "99999999",
    "1e99",
    "nan",
    "1/9",
    "255/0",
    "None",
    "{}",
    "eachPixelXYZ",
    "Overwrite",
)


def reshaped(data: bytes, chance: random.Random) -> bytes:
    """``data``, still well-formed, with values replaced and parts left out or there twice."""
    if data.startswith(b"PK"):
        archive = zipfile.ZipFile(io.BytesIO(data))
        return made.packed(**{item.filename: reshaped(archive.read(item), chance) for item in archive.infolist()})
    if data.startswith(b"{"):
        tree = json.loads(data)
        for _ in range(chance.randint(1, 3)):
            _reshape_json(tree, chance)
        return json.dumps(tree).encode()
    root = ElementTree.fromstring(data)
    for _ in range(chance.randint(1, 3)):
        parent = chance.choice(list(root.iter()))
        if len(parent) and chance.random() < 0.4:
            child = chance.choice(list(parent))
            if chance.random() < 0.5:
                parent.remove(child)
            else:
                parent.append(child)
        elif parent.attrib:
            parent.set(chance.choice(list(parent.attrib)), chance.choice(ODD) or "")
        else:
            parent.text = chance.choice(ODD)
    return ElementTree.tostring(root)


def _reshape_json(tree: Any, chance: random.Random) -> None:
    while True:
        keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(tree[key], dict | list) and chance.random() < 0.75:
            tree = tree[key]
            continue
        match chance.randrange(3):
            case 0:
                del tree[key]
            case 1:
                tree[key] = chance.choice((*ODD, 0, -1, 255, 1e99, True, [], {}, [[]], ["1"]))
            case _ if isinstance(tree, list):
                tree.append(tree[key])
            case _:
                tree[f"{key}2"] = tree[key]
        return


def survives(data: bytes) -> bool:
    """Whether it was imported; anything but that or a refusal with a name is a fault."""
    try:
        found = read_bytes(data, "fuzz")
    except Refused as why:
        if not str(why).startswith("fuzz: "):
            pytest.fail(f"a refusal names its file: {why}")
        return False
    assert isinstance(found, Found)
    for kind in found.types:
        for mode in kind.modes:
            slots = [slot for channel in mode.channels for slot in channel.slots]
            assert len(set(slots)) == len(slots)
            assert 1 <= mode.footprint <= 512
            assert all(0 <= slot < mode.footprint for slot in slots)
    return True


@pytest.mark.parametrize("number", range(len(seeds())))
def test_any_mangled_file_is_imported_or_refused(number: int) -> None:
    data, chance = seeds()[number], random.Random(number)
    assert survives(data)
    outcomes = [survives(mangled(data, chance)) for _ in range(120)]
    assert not all(outcomes)


@pytest.mark.parametrize("number", range(len(seeds())))
def test_any_file_of_another_shape_is_imported_or_refused(number: int) -> None:
    data, chance = seeds()[number], random.Random(100 + number)
    outcomes = [survives(reshaped(data, chance)) for _ in range(120)]
    assert any(outcomes), "most changes leave a file that can be read"
