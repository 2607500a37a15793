"""Any file that fixtures come in: which format it is, by what is in it and not by its name, and what is found there."""

from __future__ import annotations

from pathlib import Path

from showctl.library.importers import bounded
from showctl.library.importers.found import Found, Refused
from showctl.library.importers.gdtf import read_gdtf
from showctl.library.importers.mvr import read_mvr
from showctl.library.importers.ofl import read_ofl
from showctl.library.importers.qxf import read_qxf


def read_file(path: Path, modes: tuple[str, ...] = ()) -> Found:
    """What ``path`` holds; of its types only ``modes``, where some are named. ``Refused`` or ``OSError`` otherwise."""
    return read_bytes(bounded.content(path), str(path), modes)


def read_bytes(data: bytes, file: str, modes: tuple[str, ...] = ()) -> Found:
    """What ``data`` holds; ``file`` is what it is called."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if data.startswith(b"PK"):
        names = {item.filename.lower() for item in bounded.archive(data, file).infolist()}
        return read_mvr(data, file) if "generalscenedescription.xml" in names else read_gdtf(data, file, modes)
    if start == b"{":
        return read_ofl(bounded.json_object(data, file), file, modes)
    if start == b"<":
        return read_qxf(bounded.xml(data, file), file, modes)
    raise Refused(
        file, "is no GDTF, MVR, Open Fixture Library JSON or QLC+ .qxf" if data else "is empty", "those four are read here"
    )
