"""What a show means to the wire, in 32 bytes: engine and wire compare it before they talk of parameter numbers.

It is of all that the wire is told of a show (``facts.py``) but its name. Cues do not count, nor do the places in files where
things were written, so an edited cue needs no new wire and a fixture moved to another slot does.
"""

from __future__ import annotations

import hashlib
import json

from showctl.runtime.wire.facts import told
from showctl.show.show import Show


def fingerprint(show: Show) -> bytes:
    """SHA-256 of everything in ``show`` that decides what a plan looks like on the wire."""
    shared, (_name, *said) = told(show)
    return hashlib.sha256(json.dumps([shared, said]).encode()).digest()
