"""What devices say again and again of which nobody makes anything: how far a clip has played, how full a battery is.

Rehearsal leaves such words out (``VirtualRig.leave_out``), but not where an expression of the show or a line of the rehearsal
reads what moves in them, where a clip is what a timecode is taken from, or where a journal is kept of all that was heard.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from showctl.runtime.playback import names_read
from showctl.show.show import Show

MOVING: Final = ("position", "battery")
"""How names end of what moves by itself: in expressions, and in what lines look at."""


def unread(show: Show, looked_at: Collection[str]) -> tuple[str, ...]:
    """The devices of which nobody reads what moves by itself. Lines of the rehearsal look at the names ``looked_at``."""
    names = names_read(show).union(looked_at)
    read = {name.partition(".")[0] for name in names if name.endswith(MOVING)}
    of = {name.partition(".")[0] for name in looked_at}
    read.update(surface.player for surface in show.surfaces if surface.name in of)  # how bright a film is may hang on its place
    read.update(item.source for item in show.timecodes if item.kind == "device")
    return tuple(device.name for device in show.devices if device.name not in read)
