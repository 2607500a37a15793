"""A driver to an mpv: its unix socket, and, where the device says ``start: yes``, the process behind it.

A player whose socket answers is taken over as it is: film and sound play on while the engine that started them is replaced. One
that is not there is started, with its standard folders left alone (``--no-config``) and nothing that a show file could have run;
with the show it ends. One that is hung up on in the middle is killed, and the next connection starts a fresh one. Starting and
waiting happen off the loop's turn: one player never delays another device.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import Final

from showctl.runtime.links.tcp import Stream, StreamLink
from showctl.runtime.prompt import ordinary
from showctl.show.devices import Device

log = logging.getLogger(__name__)

COMES_UP_WITHIN_S: Final = 5.0
HASTENS_EVERY_S: Final = 1.0
LOOKS_EVERY_S: Final = 0.02
_UCRED: Final = struct.Struct("3i")  # pid, uid, gid: unix(7), SO_PEERCRED
LONGEST_PATH: Final = 100
"""Of a unix socket (``sockaddr_un`` takes 107 bytes)."""
LOUDEST: Final = "252"
"""``--volume-max``: +24 dB, since mpv's volume is cubic."""
FLAGS: Final = (
    "--no-config", "--idle=yes", "--pause", "--no-terminal", "--load-scripts=no", "--osc=no", "--ytdl=no", "--osd-level=0",
    "--no-input-default-bindings", "--input-vo-keyboard=no", "--cursor-autohide=always", "--stop-screensaver=yes",
    "--keep-open=no", "--hr-seek=yes", "--gapless-audio=no", "--audio-pitch-correction=no", f"--volume-max={LOUDEST}",
)  # fmt: skip
TAKEN: Final = {"vo": "--vo", "ao": "--ao", "audio_device": "--audio-device", "screen": "--fs-screen"}
"""Options of a device that are passed on. There is no way to pass others: some of mpv's start programs."""


def arguments(device: Device, path: Path) -> list[str]:
    """What mpv is started with for ``device``."""
    own = [f"{flag}={device.options[name]}" for name, flag in TAKEN.items() if name in device.options]
    if device.kind.name == "mpv_sound":
        return [*FLAGS, "--vid=no", *own, f"--input-ipc-server={path}"]
    shown = ["--force-window=immediate", "--background=0/0/0"] if device.options.get("vo") != "null" else []
    return [*FLAGS, *shown, *(["--fs"] if "screen" in device.options else []), *own, f"--input-ipc-server={path}"]


def socket_of(device: Device, state: Path | None) -> Path:
    """Where the player listens: its ``socket``, or a place of our own, the same for every engine of this state folder."""
    if given := str(device.options.get("socket", "")):
        return Path(given)
    home = (state or Path(tempfile.gettempdir())).resolve()
    path = home / f"mpv-{device.name}.sock"
    if state is not None and len(os.fsencode(path)) <= LONGEST_PATH:
        return path
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    home = Path(tempfile.gettempdir()) / f"showctl-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    return home / f"{mark}.sock"


class MpvLink(StreamLink):
    """One mpv."""

    def __init__(self, device: Device, state: Path | None = None, folder: Path | None = None) -> None:
        super().__init__()
        self._device, self._folder = device, folder
        self._socket = socket_of(device, state)
        self._starts = str(device.options.get("start", "")).lower() in ("yes", "true", "on", "1")
        self._pid = 0
        """Of the player, as the kernel says whose socket that is; 0: nobody answers there."""
        self._coming: subprocess.Popen[bytes] | None = None
        """What was started, and has not been reached yet."""
        self._closed = False

    def close(self) -> None:
        self._closed = True
        if self._coming is not None:
            self._coming.terminate()
        pid, self._pid = self._pid, 0
        if pid and self._starts:
            _signal(pid, signal.SIGTERM)  # it fades nothing: the show is over
        super().close()

    def disconnect(self) -> None:
        """Hung up on. What was started here is ended: it did not answer, and holds the output."""
        pid, self._pid = self._pid, 0
        answers_not = self._stream is not None
        super().disconnect()
        if pid and self._starts and answers_not:
            _signal(pid, signal.SIGKILL)

    def ended(self, stream: Stream, why: str) -> None:
        if stream is self._stream:
            self._pid = 0
        super().ended(stream, why)

    def _hasten(self, pid: int) -> None:
        """Its threads that take words and put out picture and sound are prompt; it makes some of them with each clip."""
        if pid and pid == self._pid and not self._closed:
            loop = asyncio.get_running_loop()
            loop.run_in_executor(None, ordinary, pid, partial(_is_prompt, pid))
            loop.call_later(HASTENS_EVERY_S, self._hasten, pid)

    async def dial(self) -> Stream:
        try:
            return await self._reach()
        except OSError:
            if not self._starts:
                raise
        if self._coming is None or self._coming.poll() is not None:
            self._coming = await asyncio.to_thread(self._start)
        process = self._coming
        async with asyncio.timeout(COMES_UP_WITHIN_S):
            while True:
                try:
                    stream = await self._reach()
                    self._coming = None
                    return stream
                except OSError:
                    if process.poll() is not None:
                        raise OSError(f"mpv ended at once (exit {process.returncode}): does it know this output?") from None
                    await asyncio.sleep(LOOKS_EVERY_S)

    async def _reach(self) -> Stream:
        loop = asyncio.get_running_loop()
        transport, stream = await loop.create_unix_connection(lambda: Stream(self), os.fspath(self._socket))
        credentials = transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
        self._pid = _UCRED.unpack(credentials)[0]
        if self._starts:
            self._hasten(self._pid)
        return stream

    def _start(self) -> subprocess.Popen[bytes]:
        program = shutil.which("mpv")
        if program is None:
            raise OSError("there is no mpv on this machine: apt install mpv")
        with contextlib.suppress(FileNotFoundError):
            self._socket.unlink()
        self._socket.parent.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            [program, *arguments(self._device, self._socket)],
            cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in our terminal is for us; it ends with the show, and outlives an engine
        )  # fmt: skip
        ordinary(process.pid)
        if self._closed:  # meanwhile
            process.terminate()
        threading.Thread(target=process.wait, name=f"mpv {process.pid}", daemon=True).start()  # so that it leaves no zombie
        log.info("mpv.started: %s is played by mpv, process %d", self._device.name, process.pid)
        return process


def _is_prompt(pid: int, thread: int, name: str) -> bool:
    """Whether one of mpv's threads takes words, or puts out; it decodes by others, some of which are called as its first is."""
    return thread == pid or name in ("mpv/vo", "mpv/ao") or name.startswith("mpv/ipc")


def _signal(pid: int, number: signal.Signals) -> None:
    """Tells an mpv to end; a process that is none by now is left alone."""
    with contextlib.suppress(OSError):
        if Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").startswith("mpv"):
            os.kill(pid, number)
