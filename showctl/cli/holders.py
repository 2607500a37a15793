"""Who holds a port of this machine: read from the kernel's tables, by process where one may look."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
_TABLES: Final = {socket.SOCK_DGRAM: ("udp", "udp6"), socket.SOCK_STREAM: ("tcp", "tcp6")}
_LISTENING: Final = "0A"  # linux/tcp_states.h, TCP_LISTEN


def holders(kind: socket.SocketKind, port: int, proc: Path = PROC) -> list[str]:
    """``olad (pid 1234) at 0.0.0.0`` for everybody who has ``port``; ``somebody`` where nobody says whose it is."""
    sockets = dict(_sockets(kind, port, proc))
    owners = _owners(set(sockets), proc) if sockets else {}
    places: dict[str, list[str]] = {}
    for inode, address in sockets.items():
        places.setdefault(owners.get(inode, "somebody"), []).append(address)
    return [f"{who} at {_few(sorted(set(addresses)))}" for who, addresses in sorted(places.items())]


def _few(addresses: list[str]) -> str:
    more = len(addresses) - 2
    return ", ".join(addresses[:2]) + (f" and {more} more" if more > 0 else "")


def _sockets(kind: socket.SocketKind, port: int, proc: Path) -> Iterator[tuple[str, str]]:
    """Inode and address of each socket that has the port (and listens, over TCP)."""
    for table in _TABLES[kind]:
        try:
            lines = (proc / "net" / table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            host, _, number = words[1].partition(":")
            if int(number, 16) == port and (kind == socket.SOCK_DGRAM or words[3] == _LISTENING):
                yield words[9], _address(host)


def _address(host: str) -> str:
    """An address as the kernel writes it: words of four bytes, each in this machine's order."""
    raw = b"".join(bytes.fromhex(host[n : n + 8])[::-1] for n in range(0, len(host), 8))
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


def _owners(inodes: set[str], proc: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            for entry in (folder / "fd").iterdir():
                target = str(entry.readlink())
                if target.startswith("socket:[") and target[8:-1] in inodes:
                    found[target[8:-1]] = f"{_program(folder)} (pid {folder.name})"
        except OSError:  # another's, or gone meanwhile
            continue
    return found


def _program(folder: Path) -> str:
    """What a process is called: of ours, which part of a show it is."""
    words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    for word in words[1:]:
        if word in ("showctl.runtime.wire", "showctl.cli", "simulators"):
            return {"showctl.runtime.wire": "showctl's light", "showctl.cli": "showctl", "simulators": "the simulated venue"}[
                word
            ]
    return (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
