"""Where timecode leaves this machine: a named pipe or a file, a raw MIDI device, a MIDI port by name, or a sound output.

Bytes are written without waiting. What the other end does not take is dropped past a bound (``MOST_UNSENT``, the oldest first):
code that is late is no code. A sound output is a program that is fed through a pipe: ALSA's aplay, or ours by way of PortAudio
(``runtime/sound_card.py``); how many samples wait in a pipe is told to the driver, which keeps step with whoever takes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import shutil
import stat
import struct
import subprocess
import sys
import termios
from importlib.util import find_spec
from typing import Any, Final

from showctl.devices.ltc_out import SAMPLES, WAITING
from showctl.runtime.links.descriptor import DescriptorLink, DialledLink
from showctl.runtime.links.midi_ports import open_midi
from showctl.runtime.portaudio import PACKAGE
from showctl.runtime.prompt import ordinary
from showctl.runtime.sound_card import READY

MOST_UNSENT: Final = 16 * 1024
"""Bytes: 170 ms of sound."""
PIPE_SIZE: Final = 16 * 1024
PLAYS_AFTER_S: Final = 0.3
OPENS_WITHIN_S: Final = 10.0
MOST_SAID: Final = 4096
SOUND: Final = ("audio", "portaudio")
RECORDINGS: Final = (".raw", ".pcm", ".s16")
"""Files that are made where they are not there."""


def code_link(target: str) -> DialledLink:
    """The link to ``target``: ``midi:NAME``, ``audio:NAME``, ``portaudio:NAME``, ``/dev/snd/midiC1D0`` or another path."""
    return MidiPortLink(target.removeprefix("midi:")) if target.startswith("midi:") else CodeLink(target)


def player(kind: str, name: str) -> tuple[tuple[str, ...], bool]:
    """What plays on the sound output ``name``, and whether it says so when it is ready. OSError: nothing does, and what helps.

    ``audio`` is ALSA by way of aplay; where that is not installed, and PortAudio is, that.
    """
    program = shutil.which("aplay")
    if kind == "portaudio" or (program is None and find_spec(PACKAGE) is not None):
        return (sys.executable, "-m", "showctl.runtime.sound_card", "play", name), True
    if program is None:
        raise OSError(
            "sound outputs are fed by aplay, or by PortAudio: apt-get install alsa-utils, or pip install 'showctl[listen]'"
        )
    return (program, "-q", "-D", name, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(SAMPLES), "--buffer-time=60000"), False


class CodeLink(DescriptorLink):
    """An output by its path, or ``audio:NAME`` or ``portaudio:NAME``."""

    most_unsent = MOST_UNSENT

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target
        self._child: subprocess.Popen[bytes] | None = None
        self._is_pipe = self._says_ready = False
        self._said = b""
        """By a program that opens a sound card."""
        self._coming: int | None = None
        """The pipe to a program that has just been started."""

    def connect(self) -> None:
        self.disconnect()
        try:
            kind, _, name = self._target.partition(":")
            if kind in SOUND:
                number = self._play(kind, name)
            else:
                made = os.O_CREAT if self._target.endswith(RECORDINGS) else 0
                # Were it a terminal (a simulated port), its end must not be ours.
                number = os.open(self._target, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | made, 0o644)
        except FileNotFoundError:
            self.soon_lost(f"is not there: {self._target}")
            return
        except OSError as error:
            nobody = error.errno == errno.ENXIO  # a named pipe without a reader
            self.soon_lost(f"is read by nobody: {self._target}" if nobody else f"cannot be opened: {error.strerror or error}")
            return
        self._is_pipe = stat.S_ISFIFO(os.fstat(number).st_mode)
        if self._is_pipe:
            with contextlib.suppress(OSError):
                fcntl.fcntl(number, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
        if self._child is None:
            self.attach(number, reads=False)
            return
        self._coming, self._said = number, b""
        loop = asyncio.get_running_loop()
        if self._says_ready:
            assert self._child.stderr is not None
            os.set_blocking(self._child.stderr.fileno(), False)
            loop.add_reader(self._child.stderr.fileno(), self._speaks, self._child)
            loop.call_later(OPENS_WITHIN_S, self._plays, self._child)
        else:
            loop.call_later(PLAYS_AFTER_S, self._plays, self._child)

    def disconnect(self) -> None:
        number, self._coming = self._number if self._coming is None else self._coming, None
        self.detach()
        if number is not None:
            os.close(number)
        child, self._child = self._child, None
        if child is not None:
            assert child.stderr is not None
            asyncio.get_running_loop().remove_reader(child.stderr.fileno())
            child.kill()
            asyncio.get_running_loop().run_in_executor(None, _buried, child)

    def send(self, data: bytes) -> None:
        super().send(data)
        if self._is_pipe and self._number is not None:
            waiting = struct.unpack("i", fcntl.ioctl(self._number, termios.FIONREAD, b"\0\0\0\0"))[0]
            asyncio.get_running_loop().call_soon(self._tell_waiting, (waiting + len(self._unsent)) // 2)

    def too_much(self) -> None:
        """The oldest goes; whole samples of two bytes."""
        excess = len(self._unsent) - MOST_UNSENT
        self._unsent = self._unsent[excess + excess % 2 :]

    def _play(self, kind: str, name: str) -> int:
        arguments, self._says_ready = player(kind, name)
        reads, writes = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        os.set_blocking(reads, True)
        try:
            self._child = subprocess.Popen(arguments, stdin=reads, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        except OSError:
            os.close(writes)
            raise
        finally:
            os.close(reads)
        ordinary(self._child.pid)
        return writes

    def _speaks(self, child: subprocess.Popen[bytes]) -> None:
        """A program that says so when its sound card is open has said something, or has ended."""
        if child is not self._child:
            return
        assert child.stderr is not None
        said = child.stderr.read(4096)
        if said == b"":
            asyncio.get_running_loop().remove_reader(child.stderr.fileno())
        if self._coming is None:
            return  # it plays, and grumbles; its end is told by the pipe
        self._said = (self._said + (said or b""))[-MOST_SAID:]
        if READY.encode() in self._said.splitlines():
            number, self._coming = self._coming, None
            self.attach(number, reads=False)
        elif said == b"":
            self._cannot(self._said)

    def _plays(self, child: subprocess.Popen[bytes]) -> None:
        """The program that plays has had its time to find its sound card, or to say why it cannot."""
        if child is not self._child or self._coming is None:
            return
        assert child.stderr is not None
        if self._says_ready:
            self._cannot(b"it takes too long to be opened")
            return
        if child.poll() is None:
            number, self._coming = self._coming, None
            self.attach(number, reads=False)
            grumbles = child.stderr.fileno()  # of samples that came late; unread, they would stop it one day
            asyncio.get_running_loop().add_reader(grumbles, os.read, grumbles, 4096)
            return
        self._cannot(child.stderr.read(400))

    def _cannot(self, said: bytes) -> None:
        lines = said.decode(errors="replace").strip().splitlines()
        self.broke(f"cannot be opened: {lines[-1] if lines else 'the program that plays has ended'}")

    def _tell_waiting(self, samples: int) -> None:
        if self._carrier is not None and self._number is not None:
            self._carrier.received(WAITING.pack(samples))


class MidiPortLink(DialledLink):
    """A MIDI port by a part of its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._port: Any = None

    def connect(self) -> None:
        self.disconnect()
        loop = asyncio.get_running_loop()
        try:
            self._port = open_midi("MidiOut", self._name)
        except OSError as error:
            loop.call_soon(self._told, f"cannot be opened: {error}")
        else:
            loop.call_soon(self._told, "")

    def disconnect(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close_port()

    def send(self, data: bytes) -> None:
        if self._port is not None:
            self._port.send_message(list(data))

    def _told(self, why: str) -> None:
        if self._carrier is not None and why:
            self._carrier.lost(why)
        elif self._carrier is not None and self._port is not None:
            self._carrier.connected()


def _buried(child: subprocess.Popen[bytes]) -> None:
    """Waits for the end of a child that was killed, and closes what it spoke through."""
    child.wait()
    if child.stderr is not None:
        child.stderr.close()
