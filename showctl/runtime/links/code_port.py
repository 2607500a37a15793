"""Where timecode leaves this machine: a named pipe or a file, a raw MIDI device, a MIDI port by name, or a sound output.

Bytes are written without waiting. What the other end does not take is dropped past a bound (``MOST_UNSENT``, the oldest first):
code that is late is no code. A sound output is ALSA's aplay, fed through a pipe; how many samples wait in a pipe is told to the
driver, which keeps step with whoever takes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import importlib
import os
import shutil
import stat
import struct
import subprocess
import termios
from typing import Any, Final

from showctl.devices.ltc_out import SAMPLES, WAITING
from showctl.runtime.links.carrier import Carrier, Link

MOST_UNSENT: Final = 16 * 1024
"""Bytes: 170 ms of sound."""
PIPE_SIZE: Final = 16 * 1024
RECORDINGS: Final = (".raw", ".pcm", ".s16")
"""Files that are made where they are not there."""


class CodeLink(Link):
    """One output by its ``target``: ``/dev/snd/midiC1D0`` or another path, ``midi:NAME``, ``audio:NAME``."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._carrier: Carrier | None = None
        self._number: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._port: Any = None
        self._unsent = b""
        self._is_pipe = False

    def open(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def close(self) -> None:
        self._carrier = None
        self.disconnect()

    def connect(self) -> None:
        self.disconnect()
        try:
            if self._target.startswith("audio:"):
                self._number = self._play(self._target.removeprefix("audio:"))
            elif self._target.startswith("midi:"):
                self._port = _midi_port(self._target.removeprefix("midi:"))
            else:
                made = os.O_CREAT if self._target.endswith(RECORDINGS) else 0
                self._number = os.open(self._target, os.O_WRONLY | os.O_NONBLOCK | made, 0o644)
        except FileNotFoundError:
            self._soon(f"is not there: {self._target}")
            return
        except OSError as error:
            # ENXIO: a named pipe that nobody reads
            why = f"is read by nobody: {self._target}" if error.errno == 6 else f"cannot be opened: {error.strerror or error}"
            self._soon(why)
            return
        if self._number is not None:
            self._is_pipe = stat.S_ISFIFO(os.fstat(self._number).st_mode)
        if self._is_pipe and self._number is not None:
            with contextlib.suppress(OSError):
                fcntl.fcntl(self._number, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        asyncio.get_running_loop().call_soon(self._opened)

    def disconnect(self) -> None:
        number, self._number, self._unsent, self._is_pipe = self._number, None, b"", False
        if number is not None:
            loop = asyncio.get_running_loop()
            loop.remove_writer(number)
            os.close(number)
        if self._port is not None:
            self._port.close_port()
            self._port = None
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            asyncio.get_running_loop().run_in_executor(None, child.wait)

    def send(self, data: bytes) -> None:
        if self._port is not None:
            self._port.send_message(list(data))
            return
        if self._number is None:
            return
        self._unsent += data
        excess = max(len(self._unsent) - MOST_UNSENT, 0)
        self._unsent = self._unsent[excess + excess % 2 :]  # whole samples of two bytes
        self._write()
        if self._is_pipe and self._number is not None:
            waiting = struct.unpack("i", fcntl.ioctl(self._number, termios.FIONREAD, b"\0\0\0\0"))[0]
            asyncio.get_running_loop().call_soon(self._tell_waiting, (waiting + len(self._unsent)) // 2)

    def _play(self, name: str) -> int:
        program = shutil.which("aplay")
        if program is None:
            raise OSError("sound outputs are fed by aplay: apt-get install alsa-utils")
        reads, writes = os.pipe2(os.O_NONBLOCK)
        os.set_blocking(reads, True)
        try:
            arguments = (
                program,
                "-q",
                "-D",
                name,
                "-t",
                "raw",
                "-f",
                "S16_LE",
                "-c",
                "1",
                "-r",
                str(SAMPLES),
                "--buffer-time=60000",
            )
            self._child = subprocess.Popen(arguments, stdin=reads, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except OSError:
            os.close(writes)
            raise
        finally:
            os.close(reads)
        return writes

    def _write(self) -> None:
        number = self._number
        if number is None:
            return
        loop = asyncio.get_running_loop()
        try:
            self._unsent = self._unsent[os.write(number, self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            self.disconnect()
            self._soon(f"takes no more: {error.strerror}")
            return
        if self._unsent:
            loop.add_writer(number, self._write)
        else:
            loop.remove_writer(number)

    def _opened(self) -> None:
        if self._carrier is not None and (self._number is not None or self._port is not None):
            self._carrier.connected()

    def _tell_waiting(self, samples: int) -> None:
        if self._carrier is not None and self._number is not None:
            self._carrier.received(WAITING.pack(samples))

    def _soon(self, why: str) -> None:
        """Told from a turn of its own: the driver may be speaking."""
        asyncio.get_running_loop().call_soon(self._tell_lost, why)

    def _tell_lost(self, why: str) -> None:
        if self._carrier is not None and self._number is None and self._port is None:
            self._carrier.lost(why)


def _midi_port(name: str) -> Any:
    """An open MIDI output whose name has ``name`` in it. OSError: there is none."""
    try:
        rtmidi = importlib.import_module("rtmidi")
    except ImportError:
        raise OSError("ports by name need python-rtmidi: pip install showctl[midi], or name a /dev/snd/midiC1D0") from None
    port = rtmidi.MidiOut()
    names = port.get_ports()
    found = next((n for n, known in enumerate(names) if name.lower() in known.lower()), None)
    if found is None:
        raise OSError(f"no MIDI port is called {name}; there are {', '.join(names) or 'none'}")
    port.open_port(found)
    return port
