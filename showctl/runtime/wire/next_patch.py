"""The wire takes on another patch while it sends: built on a thread beside the frames, and put in its place between two of them.

The engine tells the show (``facts.py``); what is slow about it happens here. The new frame sender goes on where the old one is:
the same grid (where the rate is the same), sequence numbers, nodes and pacing, so no receiver notices more than its new levels.
The old one sends until the engine's plan for the new patch has come.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable

from showctl.runtime.wire.beside import stand_beside
from showctl.runtime.wire.errors import BadMessageError
from showctl.runtime.wire.facts import decode_facts
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.show import Show


class NextPatch:
    """A show that was told, being built."""

    def __init__(self, body: bytes, build: Callable[[Show], FrameSender]) -> None:
        self.show: Show | None = None
        self.sender: FrameSender | None = None
        self.fingerprint = b""
        self.why = ""
        """Why it cannot be taken on."""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(body, build), name="next patch", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """It is built, or cannot be."""
        return self._done.is_set()

    def _run(self, body: bytes, build: Callable[[Show], FrameSender]) -> None:
        stand_beside()
        try:
            self.show = decode_facts(body)
            self.fingerprint = fingerprint(self.show)
            self.sender = build(self.show)
            gc.freeze()  # it stays: no collection between frames is to look at it
        except BadMessageError as error:
            self.why = str(error)
        except Exception as error:  # a patch that we cannot build is refused, and the light goes on
            self.why = f"it cannot be built: {error}"
        self._done.set()
