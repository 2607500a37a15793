"""Where timecode comes from, live: a MIDI cable, a sound input, a recording or pipe, and Art-Net by way of the wire process.

Each source has a task that opens it, feeds what it says to the input edge's readers, and opens it again a second after it is
lost; trouble is said once, in words, until it is over. What the bytes mean: ``devices/timecode.py``. OSC and players' positions
come by their own ways.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import sys
import wave
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.devices.timecode import Source
from showctl.engine.events import Event
from showctl.protocols.artnet import TimeCode, timecode_in
from showctl.runtime.links.code_port import SOUND
from showctl.runtime.links.midi_ports import open_midi
from showctl.runtime.portaudio import PACKAGE
from showctl.runtime.prompt import ordinary
from showctl.runtime.sound_card import READY
from showctl.runtime.wire.carried import LISTENING, Carried, decode_carried
from showctl.runtime.wire.messages import Kind, Message, Reader
from showctl.show.instants import SECOND, Instant

AGAIN_S: Final = 1.0
SAMPLES: Final = 48_000
CHUNK: Final = 480
"""Samples at a time: 10 ms."""

log = logging.getLogger(__name__)


class NoSource(Exception):  # noqa: N818 - what is read: raise NoSource("there is no arecord")
    """The source cannot be heard; the message says why, and what helps."""


class TimecodeLinks:
    """The sources of a show's timecode. It belongs to one event loop."""

    def __init__(
        self,
        sources: Sequence[Source],
        heard: Callable[[Sequence[Event]], None],
        artnet: Callable[[TimeCode, str, Instant], list[Event]],
        clock: Callable[[], Instant],
        wire: Path,
    ) -> None:
        """``heard`` takes what comes of it, ``artnet`` reads a packet, ``wire`` is the socket of who hears Art-Net."""
        self._sources = list(sources)
        self._heard, self._artnet, self._clock, self._wire = heard, artnet, clock, wire
        self._tasks: list[asyncio.Task[None]] = []
        self.troubles: dict[str, str] = {}
        """Source -> why it cannot be heard."""

    def open(self) -> None:
        """Begins to listen, wherever there is something to listen to."""
        loop = asyncio.get_running_loop()
        for source in self._sources:
            kind, target = source.input.kind, source.input.source
            if kind in ("mtc", "ltc") and target:
                self._tasks.append(
                    loop.create_task(self._keep(source.input.name, self._midi if kind == "mtc" else self._sound, source))
                )
        if any(source.input.kind == "artnet" for source in self._sources):
            self._tasks.append(loop.create_task(self._keep("Art-Net", self._by_wire, None)))

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _keep(self, name: str, listen: Callable[[Any], Any], source: Source | None) -> None:
        while True:
            try:
                await listen(source)
                why = "it has ended"
            except (NoSource, OSError, wave.Error, EOFError) as problem:
                why = getattr(problem, "strerror", None) or str(problem)
            if self.troubles.get(name) != why:
                self.troubles[name] = why
                log.warning("Timecode %s cannot be heard (%s); it is tried again each second.", name, why)
            await asyncio.sleep(AGAIN_S)

    def _well(self, source: Source) -> None:
        if self.troubles.pop(source.input.name, None) is not None:
            log.info("Timecode %s is heard again.", source.input.name)

    # --- MIDI ----------------------------------------------------------------------------------------------------------------

    async def _midi(self, source: Source) -> None:
        target = source.input.source.removeprefix("midi:")
        heard: asyncio.Queue[bytes] = asyncio.Queue(1024)
        with contextlib.ExitStack() as stack:
            if target.startswith("/"):
                self._raw_midi(target, heard, stack)
            else:
                self._named_midi(target, heard, stack)
            self._well(source)
            while data := await heard.get():
                self._heard(source.midi(data, self._clock()))

    def _raw_midi(self, path: str, heard: asyncio.Queue[bytes], stack: contextlib.ExitStack) -> None:
        """ALSA's raw device: bytes as they come."""
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        stack.callback(os.close, number)
        loop = asyncio.get_running_loop()

        def drain() -> None:
            try:
                data = os.read(number, 1024)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                loop.remove_reader(number)  # unplugged, or the other end of a pipe is gone
            with contextlib.suppress(asyncio.QueueFull):
                heard.put_nowait(data)

        loop.add_reader(number, drain)
        stack.callback(loop.remove_reader, number)

    def _named_midi(self, name: str, heard: asyncio.Queue[bytes], stack: contextlib.ExitStack) -> None:
        loop = asyncio.get_running_loop()

        def came(message: tuple[list[int], float], _: object) -> None:
            loop.call_soon_threadsafe(self._put, heard, bytes(message[0]))

        port = open_midi("MidiIn", name)
        stack.callback(port.close_port)
        port.ignore_types(sysex=False, timing=False, active_sense=True)
        port.set_callback(came)

    @staticmethod
    def _put(heard: asyncio.Queue[bytes], data: bytes) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            heard.put_nowait(data)

    # --- sound -----------------------------------------------------------------------------------------------------------------

    async def _sound(self, source: Source) -> None:
        kind, _, target = source.input.source.partition(":")
        if kind in SOUND:
            chunks = _input(kind, target)
        else:
            chunks = _recording(Path(target)) if _is_wave(target) else _pipe(Path(target))
        async with contextlib.aclosing(chunks):
            async for samples, rate in chunks:
                self._well(source)
                self._heard(source.audio(samples, rate, self._clock()))

    # --- Art-Net ---------------------------------------------------------------------------------------------------------------

    async def _by_wire(self, _: None) -> None:
        reader, writer = await asyncio.open_unix_connection(str(self._wire))
        stream, renew = Reader(), 0
        self.troubles.pop("Art-Net", None)
        try:
            while True:
                if self._clock() >= renew:
                    writer.write(
                        Message(Kind.CARRY, body=Carried("", 0, b"").encode()).encode()
                    )  # for nobody: what comes is told
                    renew = self._clock() + LISTENING // 3
                try:
                    data = await asyncio.wait_for(reader.read(1 << 16), LISTENING / 3 / SECOND)
                except TimeoutError:
                    continue
                if not data:
                    raise NoSource("the process that sends light is gone")
                for message in stream.feed(data):
                    if message.kind is Kind.BROUGHT:
                        item = decode_carried(message)
                        if (code := timecode_in(item.data)) is not None:
                            self._heard(self._artnet(code, item.name, self._clock()))
        finally:
            writer.close()


Samples = NDArray[Any]


def _is_wave(target: str) -> bool:
    return target.lower().endswith(".wav")


async def _recording(path: Path) -> AsyncGenerator[tuple[Samples, int], None]:
    """A recording, its first channel, as fast as it would play, and over again."""
    with wave.open(str(path)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        if file.getsampwidth() != 2:
            raise NoSource("recordings of 16 bits are read: convert it with ffmpeg -i IN -c:a pcm_s16le OUT.wav")
        loop = asyncio.get_running_loop()
        begun, played = loop.time(), 0
        while raw := file.readframes(CHUNK):
            played += CHUNK
            await asyncio.sleep(max(begun + played / rate - loop.time(), 0))
            yield np.frombuffer(raw, "<i2")[::channels], rate


async def _pipe(path: Path) -> AsyncGenerator[tuple[Samples, int], None]:
    """Raw samples, one channel of 16 bits at 48 kHz, as other programs write them into a named pipe."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    reader = asyncio.StreamReader(limit=1 << 16)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(number, "rb", 0)
    )
    try:
        async for samples in _read(reader):
            yield samples, SAMPLES
    finally:
        transport.close()


async def _input(kind: str, name: str) -> AsyncGenerator[tuple[Samples, int], None]:
    """A sound input: ``audio`` by ALSA's name for it, ``portaudio`` by a part of PortAudio's."""
    child = await asyncio.create_subprocess_exec(
        *_recorder(kind, name), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    ordinary(child.pid)
    assert child.stdout is not None
    assert child.stderr is not None
    grumbles = asyncio.get_running_loop().create_task(_last_words(child.stderr))  # unread, they would stop it one day
    leaves = False
    try:
        async for samples in _read(child.stdout):
            yield samples, SAMPLES
        leaves = True  # it has closed its output: to kill it now might take its end from who waits for that (asyncio)
        said = [line for line in (await grumbles).decode(errors="replace").splitlines() if line not in ("", READY)]
        raise NoSource(said[-1] if said else "the program that records has ended")
    finally:
        grumbles.cancel()
        if not leaves:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await child.wait()


def _recorder(kind: str, name: str) -> tuple[str, ...]:
    """What records. NoSource: nothing does. Where arecord is not installed, and PortAudio is, that."""
    program = shutil.which("arecord")
    if kind == "portaudio" or (program is None and find_spec(PACKAGE) is not None):
        return (sys.executable, "-m", "showctl.runtime.sound_card", "record", name)
    if program is None:
        raise NoSource(
            "sound inputs are heard by arecord, or by PortAudio: apt-get install alsa-utils, or pip install 'showctl[listen]'"
        )
    return (program, "-q", "-D", name, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(SAMPLES), "--period-size", str(CHUNK))


async def _last_words(reader: asyncio.StreamReader) -> bytes:
    """The end of what a program says, once it has ended."""
    said = b""
    while data := await reader.read(4096):
        said = (said + data)[-4096:]
    return said


async def _read(reader: asyncio.StreamReader) -> AsyncIterator[Samples]:
    left = b""
    while data := await reader.read(1 << 14):
        data = left + data
        whole = len(data) // 2 * 2
        left = data[whole:]
        if whole:
            yield np.frombuffer(data[:whole], "<i2")
