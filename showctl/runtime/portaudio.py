"""PortAudio, where this machine has it: the package ``sounddevice`` (an extra, ``showctl[listen]``) and the library behind it.

Whatever sound cards come up with is told as ``NoSoundError``, with what helps. Sound that goes in or out all the time has a
program of its own (``sound_card.py``); who only listens now and then asks here (``listening.py``).
"""

from __future__ import annotations

import importlib
from typing import Any

PACKAGE = "sounddevice"


class NoSoundError(Exception):
    """There is nothing to hear or to play with; the text says what is missing, and the way out."""


def portaudio() -> Any:
    """The package. NoSoundError: it is not here, or PortAudio itself is not."""
    try:
        return importlib.import_module(PACKAGE)
    except ImportError as error:
        raise NoSoundError("PortAudio is reached by an extra: pip install 'showctl[listen]'") from error
    except OSError as error:  # the package is there, the library is not
        raise NoSoundError("there is no PortAudio here: apt install libportaudio2") from error


def device_named(package: Any, name: str, way: str) -> int | None:
    """The device that ``name`` means, for the ``way`` (``input`` or ``output``); None: the default one, for "" and ``default``.

    A part of the name is enough where only one has it. NoSoundError names those that there are.
    """
    if name in ("", "default"):
        return None
    known = {number: device["name"] for number, device in enumerate(package.query_devices()) if device[f"max_{way}_channels"] > 0}
    found = [number for number, called in known.items() if called == name]
    found = found or [number for number, called in known.items() if name.lower() in called.lower()]
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} sound {way}s have {name} in their names" if found else f"no sound {way} is called {name}"
    there = ", ".join(known[number] for number in found or known) or "none"
    raise NoSoundError(f"{what}; there {'is' if there == 'none' else 'are'} {there}")
