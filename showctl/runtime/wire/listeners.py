"""Whether anybody else on this machine listens to what we multicast: if nobody does, the kernel need not bring it back to us.

We are members of the groups of our own universes, to hear of rivals, so each packet that we send there would come back, to be
dropped by a filter: 3 us of CPU. Linux says for each interface and group how many sockets are members (``/proc/net/igmp``): more
than our own are a visualiser's, a monitor's, the simulated venue's, and then packets come back as ever. Whoever listens without
being a member hears other machines, and hears us where anybody is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

TABLE: Final = Path("/proc/net/igmp")
_SACN: Final = "FFEF"
"""How a group of E1.31-2018 9.3.1 (239.255.x.y) ends there: the address, least octet first."""


def others_listen(interface: str, ours: Mapping[int, int], table: Path = TABLE) -> bool:
    """Whether sACN groups have more members on ``interface`` than ``ours`` (universe -> how many of our sockets).

    Where the system does not say, somebody may.
    """
    try:
        lines = table.read_text(encoding="ascii", errors="replace").splitlines()[1:]
    except OSError:
        return True
    here = False
    for line in lines:
        words = line.split()
        if not line.startswith("\t"):
            here = len(words) > 1 and words[1] == interface
        elif here and len(words) > 1 and words[0].endswith(_SACN):
            low, high = int(words[0][:2], 16), int(words[0][2:4], 16)
            if int(words[1]) > ours.get(high << 8 | low, 0):
                return True
    return False
