"""Files from strangers, read within bounds: sizes, archives, XML, JSON. What is too much is refused before it is unpacked.

XML with entities of its own is refused (they are how a few bytes become many), as is an external one; a bare DOCTYPE, which
QLC+ writes, is let through. An archive is believed in nothing: what a member says of its size is checked while it is read.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree
from xml.parsers import expat

from showctl.library.importers.found import Refused

MOST_FILE: Final = 256 << 20
MOST_TEXT: Final = 32 << 20
"""A description, unpacked. The largest GDTF in the wild has 6 MiB of XML."""
MOST_MEMBERS: Final = 20_000
MOST_ELEMENTS: Final = 400_000
DEEPEST: Final = 64


def content(path: Path) -> bytes:
    """A whole file. ``OSError`` where there is none."""
    if path.is_dir():
        raise Refused(str(path), "is a folder", "name the files in it")
    size = path.stat().st_size
    if size > MOST_FILE:
        raise Refused(str(path), f"has {size >> 20} MiB, and {MOST_FILE >> 20} are the most")
    with path.open("rb") as file:
        return file.read(MOST_FILE + 1)


def archive(data: bytes, file: str) -> zipfile.ZipFile:
    """A zip archive, opened and nothing read."""
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(file, f"is no zip archive, which it should be ({error})") from None
    if len(opened.infolist()) > MOST_MEMBERS:
        raise Refused(file, f"holds {len(opened.infolist())} files, and {MOST_MEMBERS} are the most")
    return opened


def member(opened: zipfile.ZipFile, name: str, file: str, most: int = MOST_TEXT) -> bytes:
    """One file of an archive, at most ``most`` bytes of it unpacked."""
    same = [item for item in opened.infolist() if item.filename.replace("\\", "/").lower() == name.lower()]
    if not same:
        raise Refused(file, f"has no {name} in it")
    if len({item.header_offset for item in same}) > 1:
        raise Refused(file, f"has {name} in it twice")
    if same[0].file_size > most:
        raise Refused(file, f"{name} unpacks to {same[0].file_size >> 20} MiB, and {most >> 20} are the most")
    try:
        with opened.open(same[0]) as packed:
            found = packed.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(file, f"{name} cannot be unpacked ({error})") from None
    if len(found) > most:
        raise Refused(file, f"{name} unpacks to more than {most >> 20} MiB")
    return found


def xml(data: bytes, file: str) -> ElementTree.Element:
    """The root of an XML text, looked through before it is believed."""
    data = data.rstrip(b"\0")
    if len(data) > MOST_TEXT:
        raise Refused(file, f"has more than {MOST_TEXT >> 20} MiB of XML")
    _look_through(data, file)
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Refused(file, f"is no XML that can be read ({error})") from None


def _look_through(data: bytes, file: str) -> None:
    count = depth = 0

    def start(_name: str, attributes: dict[str, str]) -> None:
        nonlocal count, depth
        count += 1 + len(attributes) // 16
        depth += 1
        if count > MOST_ELEMENTS:
            raise Refused(file, f"has more than {MOST_ELEMENTS} elements")
        if depth > DEEPEST:
            raise Refused(file, f"is nested more than {DEEPEST} deep")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def entity(*_: object) -> None:
        raise Refused(file, "declares entities of its own, which are not resolved here", "write their text out")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.EntityDeclHandler = entity
    parser.ExternalEntityRefHandler = lambda *_: 0
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Refused(file, f"is no XML that can be read ({error})") from None
    except (ValueError, LookupError) as error:
        raise Refused(file, f"is no XML that can be read ({error})") from None


def json_object(data: bytes, file: str) -> dict[str, Any]:
    """A JSON object."""
    if len(data) > MOST_TEXT:
        raise Refused(file, f"has more than {MOST_TEXT >> 20} MiB of JSON")
    try:
        found = json.loads(data)
    except UnicodeDecodeError as error:
        raise Refused(file, f"is no text in UTF-8: byte {error.start + 1} is {data[error.start]:02x}") from None
    except (ValueError, RecursionError) as error:
        raise Refused(file, f"is no JSON that can be read ({str(error)[:120]})") from None
    if not isinstance(found, dict):
        raise Refused(file, "is JSON, but no object")
    return found
