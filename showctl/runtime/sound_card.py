"""A sound card by way of PortAudio, as a program of its own, in the manner of aplay and arecord.

``python -m showctl.runtime.sound_card play NAME`` plays what comes in at its standard input; ``record NAME`` writes what it hears
to its standard output: one channel of 16 bits at 48 kHz, raw. Once the card is open, a line of its standard error is ``ready``;
where it cannot be opened, the last one says why (sound libraries grumble there, too). It is no part of the engine: PortAudio
would want Python's lock a hundred times a second, and a sound driver that falls over takes this program along and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any, Final

from showctl.runtime.portaudio import NoSoundError, device_named, portaudio

RATE: Final = 48_000
PIECE: Final = 480
"""Samples: 10 ms."""
BUFFER: Final = 0.06
"""Seconds, as aplay is given them."""
READY: Final = "ready"


def play(package: Any, name: str) -> None:
    """Plays standard input until it ends."""
    device = device_named(package, name, "output")
    stream = package.RawOutputStream(samplerate=RATE, blocksize=PIECE, device=device, channels=1, dtype="int16", latency=BUFFER)
    with stream:
        _ready()
        left = b""
        while data := os.read(0, 2 * PIECE):
            data = left + data
            whole = len(data) // 2 * 2
            left = data[whole:]
            stream.write(data[:whole])


def record(package: Any, name: str) -> None:
    """Writes what is heard to standard output until nobody reads it."""
    device = device_named(package, name, "input")
    stream = package.RawInputStream(samplerate=RATE, blocksize=PIECE, device=device, channels=1, dtype="int16", latency=BUFFER)
    with stream:
        _ready()
        while True:
            data, _ = stream.read(PIECE)
            os.write(1, bytes(data))


def _ready() -> None:
    os.write(2, f"{READY}\n".encode())


def main(words: list[str]) -> int:
    """The command line; gives the exit code."""
    what, name = words
    try:
        package = portaudio()
        with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
            (play if what == "play" else record)(package, name)
    except NoSoundError as why:
        sys.stderr.write(f"{why}\n")
        return 1
    except Exception as why:  # PortAudioError, ValueError: whatever this machine's sound cards come up with
        sys.stderr.write(f"{' '.join(str(why).split())}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
