"""What ``showctl doctor`` looks at: this machine's clocks, rights, kernel settings, network and ports.

A finding says what is so, why that matters to a show, and the command that mends it. Nothing here changes anything; what is
asked for (real-time priority) is given back.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from showctl.cli.holders import holders

if TYPE_CHECKING:
    from showctl.runtime.wire.interfaces import Interface
    from showctl.show.show import Show

UDP, TCP = socket.SOCK_DGRAM, socket.SOCK_STREAM
SYSCTL: Final = Path("/proc/sys")
BUFFERS: Final = 4 << 20
"""Bytes that the wire asks for its sockets: a frame of a thousand universes must not be half dropped."""
MOST_NEIGHBOURS: Final = 4096
_STA_UNSYNC: Final = 0x40  # linux/timex.h


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``state``: ok, note (a show runs all the same) or bad. ``command`` mends it, "" by hand."""

    name: str
    state: str
    words: str
    hint: str = ""
    why: str = ""
    command: str = ""


def machine() -> Iterator[Finding]:
    """Python, rights and clocks."""
    yield _python()
    yield _real_time()
    yield _clock_source()
    yield _clock_sync()
    yield _governor()
    yield _files()
    yield _serial()


def network(interface: str = "", show: Show | None = None) -> Iterator[Finding]:
    """The interface towards the rig, and what the kernel does with its packets."""
    from showctl.runtime.wire.interfaces import find, names

    there = [name for name in names() if not name.startswith("lo ")]
    if interface:
        link = find(interface)
        yield _interface(interface, link, there)
        if link is not None and not link.address.startswith("127."):
            yield _multicast(link)
    elif there:
        yield Finding("network", "ok", ", ".join(there), "say which one leads to the rig: showctl doctor --interface NAME")
    else:
        yield Finding("network", "note", "loopback only", "enough for the simulated venue")
    yield _neighbours(show)
    for name, what in (("rmem_max", "received"), ("wmem_max", "sent")):
        yield _buffer(name, what)
    if show is not None:
        yield _memberships(show)


def ports(wanted: list[tuple[str, socket.SocketKind, int, str]]) -> Iterator[Finding]:
    """Each port that a show uses, and who has it."""
    for name, kind, port, why in wanted:
        who = holders(kind, port)
        title = f"port {port} ({name})"
        if not who:
            yield Finding(title, "ok", "free")
            continue
        ours = all("showctl" in word or "simulated venue" in word for word in who)
        pids = " ".join(word.partition("(pid ")[2].partition(")")[0] for word in who if "(pid " in word)
        command = "" if ours or not pids else f"kill {pids}"
        state = "ok" if ours else "note"
        yield Finding(title, state, f"held by {'; '.join(who)}", "" if ours else why, "" if ours else why, command)


# --- machine ------------------------------------------------------------------------------------------------------------------


def _python() -> Finding:
    words = f"{platform.python_version()} ({sys.executable})"
    good = sys.version_info >= (3, 11)
    return Finding("Python", "ok" if good else "bad", words, "showctl needs 3.11 or newer", "it is written for that")


def _real_time() -> Finding:
    """Asks for it as the wire process will, and gives it back."""
    name, why = "real-time priority", "the process that sends light must not wait for a busy program: frames would be late"
    command = f"sudo setcap cap_sys_nice+ep {Path(sys.executable).resolve()}"
    hint = "under systemd: LimitRTPRIO=50; for a login: `@audio - rtprio 50` in /etc/security/limits.d/showctl.conf"
    try:
        before = os.sched_getscheduler(0), os.sched_getparam(0)
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
        os.sched_setscheduler(0, *before)
    except (OSError, AttributeError) as problem:
        return Finding(name, "note", f"not permitted ({problem})", hint, why, command)
    return Finding(name, "ok", "SCHED_FIFO is permitted", "", why)


def _clock_source() -> Finding:
    source = _read(Path("/sys/devices/system/clocksource/clocksource0/current_clocksource"))
    if source is None:
        return Finding("clock source", "note", "unknown", "", "a slow one makes every frame cost more")
    slow = source in ("hpet", "acpi_pm", "jiffies")
    command = "echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource" if slow else ""
    hint = "choose a quicker one, where the machine has it" if slow else ""
    return Finding("clock source", "note" if slow else "ok", source, hint, "a slow one makes every frame cost more", command)


def _clock_sync() -> Finding:
    """Whether anything keeps the wall clock right, as the kernel knows it."""
    name, why = (
        "clock synchronisation",
        "the day's schedule goes by the wall clock, and so do the logs of two machines that are compared",
    )
    synchronised = _synchronised()
    if synchronised is None:
        return Finding(name, "note", "unknown", "look at `timedatectl`", why)
    if synchronised:
        return Finding(name, "ok", "the clock is kept right", "", why)
    hint = "without internet: chrony, with a server of the park's own network"
    return Finding(name, "note", "nothing keeps this machine's clock right", hint, why, "sudo timedatectl set-ntp true")


def _synchronised() -> bool | None:
    try:
        library = ctypes.CDLL(None, use_errno=True)
        buffer = ctypes.create_string_buffer(512)  # struct timex, all zero: nothing is changed (adjtimex(2))
        if library.adjtimex(buffer) < 0:
            return None
    except (OSError, AttributeError):
        return None
    # modes (int), offset, freq, maxerror, esterror (long), status (int): natural alignment.
    long = ctypes.sizeof(ctypes.c_long)
    return not int.from_bytes(buffer.raw[5 * long : 5 * long + 4], sys.byteorder) & _STA_UNSYNC


def _governor() -> Finding:
    name, why = "processor frequency", "a core that sleeps between frames wakes up late"
    governor = _read(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"))
    if governor is None:
        return Finding(name, "ok", "the system does not say (a virtual machine, or fixed)", "", why)
    steady = governor == "performance"
    command = "" if steady else "sudo cpupower frequency-set -g performance"
    return Finding(name, "ok" if steady else "note", governor, "" if steady else "performance is steadier", why, command)


def _files() -> Finding:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    good = soft >= 1024 or soft == resource.RLIM_INFINITY
    why = "each device, page and sACN group that is heard takes one"
    return Finding(
        "open files",
        "ok" if good else "bad",
        f"{soft} ({hard} at most)",
        "" if good else "raise it",
        why,
        "" if good else "ulimit -n 4096",
    )


def _serial() -> Finding:
    """Whether USB widgets may be opened, where any are."""
    name, why = "USB widgets", "a port that may not be opened is dark"
    found = sorted(str(path) for pattern in ("ttyUSB*", "ttyACM*") for path in Path("/dev").glob(pattern))
    shut = [path for path in found if not os.access(path, os.R_OK | os.W_OK)]
    if shut:
        command = "sudo usermod -aG dialout $USER"
        return Finding(name, "bad", f"{', '.join(shut)} may not be opened", "then log in again", why, command)
    return Finding(name, "ok", ", ".join(found) or "none plugged in", "", why)


# --- network ------------------------------------------------------------------------------------------------------------------


def _interface(wanted: str, link: Interface | None, there: list[str]) -> Finding:
    name, why = f"interface {wanted}", "light leaves by this one and no other; while it is down, none leaves"
    if link is None:
        return Finding(name, "bad", "is not there", f"there are {', '.join(there) or 'none but loopback'}", why)
    if not link.up:
        return Finding(
            name, "bad", f"{link.name} ({link.address}) is down", "is its cable in?", why, f"sudo ip link set {link.name} up"
        )
    return Finding(name, "ok", f"{link.name}, {link.address}, link up", "", why)


def _multicast(link: Interface) -> Finding:
    """Where multicast goes that is not told which way: ours is, what other programs send is not."""
    name, why = "multicast route", "programs that do not choose an interface, other desks' viewers for instance, follow the route"
    command = f"sudo ip route replace 224.0.0.0/4 dev {link.name}"
    try:
        with socket.socket(socket.AF_INET, UDP) as probe:
            probe.connect(("239.255.0.1", 5568))
            source = str(probe.getsockname()[0])
    except OSError as problem:
        return Finding(name, "note", f"none ({problem.strerror}); showctl chooses its interface by itself", "", why, command)
    if source == link.address:
        return Finding(name, "ok", f"by {link.name}", "", why)
    return Finding(name, "note", f"by {source}, not by {link.name}; showctl chooses its interface by itself", "", why, command)


def _neighbours(show: Show | None) -> Finding:
    name, why = "neighbour table (gc_thresh3)", "of more nodes than this the kernel forgets addresses, and drops packets to them"
    text = _read(SYSCTL / "net/ipv4/neigh/default/gc_thresh3")
    if text is None or not text.isdigit():
        return Finding(name, "ok", "the system does not say", "", why)
    nodes = 0 if show is None else len(show.patch.nodes) + len(show.devices)
    enough = int(text) >= max(1024, 2 * nodes)
    command = "" if enough else f"sudo sysctl -w net.ipv4.neigh.default.gc_thresh3={max(MOST_NEIGHBOURS, 2 * nodes)}"
    for_this = f", {nodes} in this show" if nodes else ""
    return Finding(name, "ok" if enough else "note", f"{text} neighbours{for_this}", "" if enough else "too few", why, command)


def _buffer(setting: str, what: str) -> Finding:
    name = f"socket buffers ({setting})"
    why = f"what is {what} in one go waits there; what does not fit is dropped without a word"
    text = _read(SYSCTL / "net/core" / setting)
    if text is None or not text.isdigit():
        return Finding(name, "ok", "the system does not say", "", why)
    enough = int(text) >= BUFFERS
    command = "" if enough else f"sudo sysctl -w net.core.{setting}={BUFFERS}"
    hint = "" if enough else "hundreds of universes want 4 MiB; a few dozen do not"
    return Finding(name, "ok" if enough else "note", f"{int(text) >> 10} KiB", hint, why, command)


def _memberships(show: Show) -> Finding:
    name, why = (
        "multicast memberships",
        "a monitor or viewer on this machine joins a group for each universe; programs with one socket stop here",
    )
    text = _read(SYSCTL / "net/ipv4/igmp_max_memberships")
    groups = sum(universe.protocol.value == "sacn" and not universe.destinations for universe in show.patch.universes)
    if text is None or not text.isdigit():
        return Finding(name, "ok", "the system does not say", "", why)
    enough = int(text) >= groups
    command = "" if enough else f"sudo sysctl -w net.ipv4.igmp_max_memberships={groups + 10}"
    return Finding(name, "ok" if enough else "note", f"{text} to a socket, {groups} groups in this show", "", why, command)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
