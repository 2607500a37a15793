"""The running shows of this user on this machine: one small JSON file each, so that a command finds its show.

A show writes its file when it answers and removes it when it ends. A file whose process is gone (or whose number now belongs
to another process) is removed by whoever finds it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

LARGEST = 64 << 10
LONGEST_SOCKET_PATH = 100  # sockaddr_un holds 108 bytes
_OURS = f"showctl-{os.getuid()}"


@dataclass(frozen=True, slots=True)
class Running:
    """One running show: where it answers, and whose process that is."""

    show: str
    folder: str
    url: str
    socket: str
    state: str
    pid: int
    born: int
    """When the process began, in the kernel's ticks: a number that is used again is another process."""
    venue: str = ""
    """Where its simulated venue answers, if it has one."""
    interface: str = ""
    """The address of its interface to the rig."""

    @property
    def alive(self) -> bool:
        return born(self.pid) == self.born

    @property
    def short(self) -> str:
        """As an operator would tell it from another."""
        return f"{self.show} ({self.folder}) at {self.url}"


def here(show: str, folder: Path, url: str, socket: Path, state: Path, venue: str = "", interface: str = "") -> Running:
    """This process, as a running show."""
    pid = os.getpid()
    return Running(show, str(folder), url, str(socket), str(state), pid, born(pid) or 0, venue, interface)


def register(running: Running) -> Path:
    """Makes a show known; gives its file, which ``forget`` removes."""
    folder = registry()
    path = folder / f"{running.pid}.json"
    new = path.with_suffix(".new")
    new.write_text(json.dumps(asdict(running), ensure_ascii=False), encoding="utf-8")
    new.replace(path)
    return path


def forget(path: Path) -> None:
    """A show ends."""
    path.unlink(missing_ok=True)


def running_shows() -> list[Running]:
    """Every show that runs, oldest first. Files of those that do not are removed."""
    found = []
    for path in sorted(registry().glob("*.json")):
        running = _read(path)
        if running is not None and running.alive:
            found.append(running)
        else:
            path.unlink(missing_ok=True)
    return sorted(found, key=lambda item: item.born)


def registry() -> Path:
    """The folder of those files: this user's alone."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    return _private(Path(given) / "showctl" if given and Path(given).is_dir() else Path(tempfile.gettempdir()) / _OURS)


def _private(folder: Path) -> Path:
    """``folder``, made where it is missing, and nobody else's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    if seen.st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def born(pid: int) -> int | None:
    """When process ``pid`` began, in the kernel's ticks; None where there is none."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = words.rpartition(")")[2].split()  # from field 3 on: the name before may hold anything
    return None if fields[0] == "Z" else int(fields[19])  # field 22, starttime (proc(5))


def socket_path(state: Path, name: str) -> Path:
    """Where a socket of the show with this state folder is: there, or, where that makes too long a name, where there is room."""
    path = state.resolve() / f"{name}.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        path = registry() / f"{name}-{short(state)}.sock"
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        path = _private(Path("/tmp") / _OURS) / path.name
    return path


def short(path: Path) -> str:
    """A few letters that stand for a path."""
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:8]


def _read(path: Path) -> Running | None:
    with suppress(OSError, ValueError, TypeError):
        if path.stat().st_size <= LARGEST:
            return Running(**json.loads(path.read_text(encoding="utf-8")))
    return None
