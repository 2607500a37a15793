"""A microphone: when does a sound begin? For ``showctl calibrate --listen``, where what counts is what is heard in the room.

It listens by way of PortAudio (``portaudio.py``). The clock of the sound card and ours meet where a block arrives: its last
sample was taken then, but for the card's own delay, which PortAudio knows and is taken off.
"""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from showctl.runtime.portaudio import NoSoundError, device_named, portaudio
from showctl.show.instants import SECOND, Duration, Instant

RATE: Final = 48_000
BLOCK: Final = 256
LOUDER: Final = 6.0
"""A beginning is this many times louder than the room before it."""
QUIETEST: Final = 1e-4
"""Of full scale: a room without any noise at all is a broken microphone, and any click would be a beginning."""
KEPT: Final = 20 * RATE


def onset(samples: NDArray[np.float32], quiet: int) -> int | None:
    """The first sample at which it is louder than the first ``quiet`` samples were; None: it never is.

    >>> import numpy as np
    >>> onset(np.concatenate([np.full(1000, 1e-3), np.full(500, 0.1)]).astype(np.float32), 800)
    1000
    """
    if len(samples) <= quiet:
        return None
    loud = np.abs(samples)
    floor = max(float(np.max(loud[:quiet], initial=0.0)), QUIETEST)
    found = np.flatnonzero(loud[quiet:] > floor * LOUDER)
    return None if found.size == 0 else quiet + int(found[0])


class Microphone:
    """The default input, or the one named. NoSoundError where there is none."""

    def __init__(self, name: str = "") -> None:
        package = portaudio()
        device = device_named(package, name, "input")
        self._blocks: list[NDArray[np.float32]] = []
        self._ended: Instant = 0
        try:
            self._stream = package.InputStream(
                samplerate=RATE, blocksize=BLOCK, channels=1, dtype="float32", device=device, callback=self._took
            )
            self._stream.start()
        except Exception as error:  # PortAudioError, ValueError: whatever this machine's sound cards come up with
            raise NoSoundError(f"no sound comes in here: {error}") from error

    def close(self) -> None:
        self._stream.close()

    def forget(self) -> None:
        """From here on."""
        self._blocks.clear()

    def began(self, asked: Instant, quiet: Duration) -> Instant | None:
        """When something was heard to begin after ``asked``, at least ``quiet`` after ``forget``; None: nothing was."""
        samples = np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.float32)
        found = onset(samples, max(quiet * RATE // SECOND, 1))
        if found is None:
            return None
        at = self._ended - (len(samples) - found) * SECOND // RATE
        return at if at >= asked else None

    def _took(self, data: NDArray[np.float32], frames: int, taken: Any, status: object) -> None:  # noqa: ARG002
        late = round(max(taken.currentTime - taken.inputBufferAdcTime, 0.0) * SECOND) - frames * SECOND // RATE
        self._ended = time.monotonic_ns() - max(late, 0)
        self._blocks.append(data[:, 0].copy())
        while sum(len(block) for block in self._blocks) > KEPT:
            self._blocks.pop(0)
