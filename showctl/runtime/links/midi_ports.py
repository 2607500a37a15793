"""MIDI ports by name, by way of python-rtmidi, where that is installed."""

from __future__ import annotations

import importlib
from typing import Any


def open_midi(kind: str, name: str) -> Any:
    """An open ``MidiIn`` or ``MidiOut`` whose name has ``name`` in it. OSError: there is none, in words that help."""
    try:
        rtmidi = importlib.import_module("rtmidi")
    except ImportError:
        raise OSError("ports by name need python-rtmidi: pip install showctl[midi], or name a /dev/snd/midiC1D0") from None
    port = getattr(rtmidi, kind)()
    names = port.get_ports()
    found = next((n for n, known in enumerate(names) if name.lower() in known.lower()), None)
    if found is None:
        raise OSError(f"no MIDI port is called {name}; there are {', '.join(names) or 'none'}")
    port.open_port(found)
    return port
