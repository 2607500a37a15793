"""Revisions of a show folder: the texts that journals ran with, kept in the state folder, and read again when one is taken up.

A journal says by digest which revision it ran with, in its anchors and reloads. So a folder that was saved, or broken, since
then changes nothing about a run: it is replayed and taken up with its own words. ``shows/<digest>`` in the state folder is
such a revision: a show folder like any other (``check``, ``diff`` and ``rehearse`` read it). ``running`` names the one that
runs, and those that cues still finish by.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from showctl.engine.step import initial
from showctl.runtime.playback import names_read
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.show.devices import Device
from showctl.show.pixels import FOLDER
from showctl.show.show import Show

if TYPE_CHECKING:
    from showctl.showfile import Problem

log = logging.getLogger(__name__)

TEXTS: Final = (".yaml", ".yml", ".csv")
"""What a show is read from, besides what stands in ``pixels/``. Other media, pictures and models are not."""
ABANDONED: Final = 3600.0
"""Seconds after which a copy without a name is nobody's any more."""
MOST_READ: Final = 4
"""Revisions that are held in memory at once."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What the command line may say over the show folder. Ports and addresses None: as the show says."""

    wire_socket: Path
    interface: str = "127.0.0.1"
    broker: str | None = None
    """``host:port`` for every broker of the show."""
    osc_port: int | None = None
    psn_port: int | None = None
    retention: str = ""
    """How long journals are kept (``retention.py``)."""
    schedule: bool = True
    """Whether the show's schedule starts anything."""
    serial_dir: Path | None = None
    """Where serial ports stand under the last part of their paths."""
    simulated: bool = False
    """The venue is simulated: players of this machine are not started, simulated ones stand at their addresses."""
    variant: str = ""
    """How the show is played (``variants.py``); "": as usual."""


@dataclass(frozen=True)
class Prepared:
    """A show folder, read: what takes long and can be done before an engine is needed."""

    digest: str
    patched: bytes
    """The fingerprint that the wire's must equal."""
    show: Show


class UnreadableShowError(ValueError):
    """A show folder has errors: it cannot be run."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{problem}\n    {problem.hint}".rstrip() for problem in self.problems))


class Revisions:
    """The revisions of the show in ``folder`` that ``state`` keeps."""

    def __init__(self, folder: Path, state: Path, options: LiveOptions, prepared: Prepared | None = None) -> None:
        self._folder, self._home, self._options = folder, state / "shows", options
        self._running = state / "running"
        self._read: OrderedDict[str, Prepared] = OrderedDict()
        if prepared is not None:
            self._read[prepared.digest] = prepared

    def latest(self) -> Prepared:
        """The folder as it stands, kept from here on. UnreadableShowError with all its problems where it cannot be run."""
        digest = folder_digest(self._folder)
        if digest in self._read and (self._home / digest).is_dir():
            return self.of(digest)
        try:
            copy = copied(self._folder, self._home)
        except OSError as error:
            log.warning("The show's text cannot be kept (%s): should the folder change, this run cannot be taken up.", error)
            return self._held(prepare(self._folder, self._options))
        try:
            prepared = prepare(copy, self._options)  # what was kept is what is run, were the folder saved meanwhile
            with contextlib.suppress(OSError):  # it is there already
                copy.rename(self._home / prepared.digest)
        finally:
            shutil.rmtree(copy, ignore_errors=True)
        return self._held(prepared)

    def saved(self) -> str:
        """The digest of the folder as it stands."""
        return folder_digest(self._folder)

    def of(self, digest: str) -> Prepared:
        """The revision ``digest``. LookupError where it is not kept, or cannot be read any more."""
        if digest in self._read:
            self._read.move_to_end(digest)
            return self._read[digest]
        place = self._home / digest
        if not place.is_dir():
            if folder_digest(self._folder) != digest:
                raise LookupError(f"nobody has kept the show {digest[:12]}")
            place = self._folder
        try:
            return self._held(replace(prepare(place, self._options), digest=digest))
        except UnreadableShowError:
            raise LookupError(f"the show {digest[:12]} was kept, and this version cannot read it") from None

    def show(self, digest: str) -> Show:
        """The show of a revision. LookupError as above."""
        return self.of(digest).show

    def run(self, digest: str, *others: str) -> None:
        """``digest`` is what runs, and cues finish by ``others``: for whoever starts beside us or after us."""
        with contextlib.suppress(OSError):
            new = self._running.with_suffix(".new")
            new.write_text("\n".join(dict.fromkeys((digest, *others))) + "\n", encoding="ascii")
            new.replace(self._running)

    def running(self) -> Prepared:
        """What runs, or ran last; the folder as it stands where nobody knows. UnreadableShowError where that cannot be run."""
        with contextlib.suppress(OSError, LookupError, ValueError):
            digest, *others = self._running.read_text(encoding="ascii").split()
            for other in others:
                self.of(other)
            return self.of(digest)
        return self.latest()

    def stamp(self) -> int:
        """Another number after each ``run``."""
        with contextlib.suppress(OSError):
            return self._running.stat().st_mtime_ns
        return 0

    def prune(self, wanted: Iterable[str]) -> int:
        """Removes every kept revision that is not ``wanted``; says how many."""
        wanted = set(wanted)
        old = time.time() - ABANDONED
        gone = [
            place
            for place in self._home.glob("*")
            if place.is_dir() and place.name not in wanted and (place.name[0] != "." or place.stat().st_mtime < old)
        ]
        for place in gone:
            shutil.rmtree(place, ignore_errors=True)
        return len(gone)

    def _held(self, prepared: Prepared) -> Prepared:
        self._read[prepared.digest] = prepared
        while len(self._read) > MOST_READ:
            self._read.popitem(last=False)
        return prepared


def prepare(folder: Path, options: LiveOptions) -> Prepared:
    """Reads a show folder. UnreadableShowError with all problems where it cannot be run."""
    from showctl.showfile import load

    digest = folder_digest(folder)
    loaded = load(folder)
    if loaded.show is None:
        raise UnreadableShowError(loaded.errors)
    show = with_options(loaded.show, options)
    initial(show)  # what the engine works out about a show once
    names_read(show)
    return Prepared(digest, fingerprint(loaded.show), show)


def with_options(show: Show, options: LiveOptions) -> Show:
    """The show as this machine runs it."""

    def adapted(device: Device) -> Device:
        if device.kind.name == "broker" and options.broker is not None:
            host, _, port = options.broker.rpartition(":")
            return replace(device, host=host, port=int(port))
        if device.kind.name == "tracker":
            interface = str(device.options.get("interface", "")) or options.interface
            port_number = device.port if options.psn_port is None else options.psn_port
            return replace(device, port=port_number, options=device.options | {"interface": interface})
        sends_code = device.code is not None  # into a sound card, or a pipe of this machine's
        if device.transport == "serial" and options.serial_dir is not None and (options.simulated or not sends_code):
            return replace(device, host=str(options.serial_dir / Path(device.host).name))
        if device.transport == "unix" and options.simulated:
            return replace(device, transport="tcp")
        if "listen" in device.options and options.simulated:
            return replace(device, options=device.options | {"listen": "0"})  # simulated ones answer to where they were spoken to
        return device

    return replace(
        show,
        devices=tuple(adapted(device) for device in show.devices),
        osc_port=show.osc_port if options.osc_port is None else options.osc_port,
    )


# --- Texts ------------------------------------------------------------------------------------------------------------


def texts(folder: Path) -> list[Path]:
    """Every text file of a show folder, and the pictures that walls of pixels show, in order."""
    own = folder / FOLDER
    return [path for path in sorted(folder.rglob("*")) if (path.suffix in TEXTS or own in path.parents) and path.is_file()]


def folder_digest(folder: Path) -> str:
    """SHA-256 over every text file of a show folder: two folders that read alike run alike."""
    digest = hashlib.sha256()
    for path in texts(folder):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + _bytes_of(path) + b"\0")
    return digest.hexdigest()


def _bytes_of(path: Path) -> bytes:
    """What counts of a file: a picture's or clip's digest, which is worked out once, stands for it."""
    if path.suffix in TEXTS:
        return path.read_bytes()
    found = path.stat()
    return _digest_of(path, found.st_mtime_ns, found.st_size)


@lru_cache(1024)
def _digest_of(path: Path, _changed: int, _size: int) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def copied(folder: Path, home: Path) -> Path:
    """A copy of the texts of ``folder``, in ``home`` and under no name yet. OSError where there is no room."""
    home.mkdir(parents=True, exist_ok=True)
    copy = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    try:
        for path in texts(folder):
            target = copy / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            with path.open("rb") as source, target.open("wb") as file:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
    except OSError:
        shutil.rmtree(copy, ignore_errors=True)
        raise
    return copy
