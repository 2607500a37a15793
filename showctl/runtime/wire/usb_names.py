"""Which serial port is meant: by a widget's serial number, by ``vid:pid``, by a path, or by the first of several that is there.

``device: EN123456`` finds the widget under whatever name the system gives it this time. ``device: EN123456, 0403:6001`` takes,
while that one is away, another of its kind: the spare from the drawer. A port that another universe has by its serial number
is never taken for its kind, whoever comes first. Only what is named is ever opened.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol


class Listed(Protocol):
    """A serial port as the system lists it."""

    device: str
    serial_number: str | None
    vid: int | None
    pid: int | None


List = Callable[[], Iterable[Listed]]
_KIND: Final = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")


def wishes(device: str) -> tuple[str, ...]:
    """What a show writes, best first.

    >>> wishes("EN123456, 0403:6001")
    ('EN123456', '0403:6001')
    """
    return tuple(word.strip() for word in device.split(",") if word.strip())


def is_kind(wish: str) -> bool:
    """Whether a wish is for any widget of a kind."""
    return _KIND.fullmatch(wish.lower()) is not None


class Names:
    """Who wants and who has which port, among the ports of one process."""

    def __init__(self, listed: List | None = None) -> None:
        self._listed = listed or _comports
        self._lock = threading.Lock()
        self._wanted: dict[str, tuple[str, ...]] = {}
        self._taken: dict[str, str] = {}

    def want(self, device: str) -> None:
        """A universe wants ``device``."""
        with self._lock:
            self._wanted[device] = wishes(device)

    def take(self, device: str, directory: Path | None = None) -> str | None:
        """The path of the best port for ``device`` that nobody else has; it is ``device``'s until ``give_back``."""
        with self._lock:
            for wish in self._wanted.get(device, wishes(device)):
                for path in _named(directory, wish) if directory is not None else self._paths(wish, device):
                    real = str(Path(path).resolve())
                    if self._taken.get(real, device) == device:
                        self._taken[real] = device
                        return path
        return None

    def give_back(self, device: str) -> None:
        """``device`` has its port no more."""
        with self._lock:
            self._taken = {path: owner for path, owner in self._taken.items() if owner != device}

    def forget(self, device: str) -> None:
        """Nobody wants ``device`` any more."""
        self.give_back(device)
        with self._lock:
            self._wanted.pop(device, None)

    def _paths(self, wish: str, device: str) -> list[str]:
        if wish.startswith("/"):
            return [wish]
        ports = list(self._listed())
        if not is_kind(wish):
            return [port.device for port in ports if port.serial_number == wish]
        others = {other for name, all_of in self._wanted.items() if name != device for other in all_of if not is_kind(other)}
        return [
            port.device
            for port in ports
            if port.vid is not None
            and port.pid is not None
            and f"{port.vid:04x}:{port.pid:04x}" == wish.lower()
            and port.serial_number not in others
            and port.device not in others
        ]


def _named(directory: Path, wish: str) -> list[str]:
    """The port in ``directory`` that bears the widget's name alone, or as udev writes it (``..._EN123456-if00-port0``)."""
    exact = directory / wish
    if exact.exists():
        return [str(exact)]
    word = re.sub(r"[^A-Za-z0-9_-]", "_", wish)
    return [str(path) for path in sorted(directory.glob(f"*_{word}-if*"))][:1]


def _comports() -> Iterable[Listed]:
    from serial.tools import list_ports

    found: Iterable[Listed] = list_ports.comports()
    return found


NAMES: Final = Names()
"""Those of this process."""
