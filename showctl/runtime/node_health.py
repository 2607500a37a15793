"""How the patch's nodes are, as far as that can be known: rows for the desk, and what is news to the engine.

An Art-Net node answers polls: it is *ok* while it does and puts out what the patch wants of it, *degraded* where it does not
put that out or complains, *lost* once it has not answered for ``NODE_TIMEOUT``. sACN has no way back: of a node that speaks
nothing else we only know whether its address answers on our own network (the kernel's neighbour table); else it is
*unknown*, and ``silent`` says that this is in its nature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from showctl.engine.events import DeviceHealth
from showctl.runtime.wire.artnet_output import NODE_TIMEOUT
from showctl.runtime.wire.stats import NodeStats, Stats
from showctl.show.instants import SECOND
from showctl.show.patch import Node, Protocol
from showctl.show.show import Show

TABLE: Final = Path("/proc/net/arp")
_COMPLETE: Final = 0x2  # ATF_COM, linux/if_arp.h


def neighbours(table: Path = TABLE) -> dict[str, bool]:
    """Addresses on our own networks that we wanted to reach lately, and whether they answer there."""
    found: dict[str, bool] = {}
    with suppress(OSError, ValueError, IndexError):
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            words = line.split()
            if words[0].startswith("127."):  # left over from a run by a real interface: this machine's own need no neighbour
                continue
            found[words[0]] = bool(int(words[2], 16) & _COMPLETE) or found.get(words[0], False)
    return found


def node_rows(show: Show, stats: Stats, known: Mapping[str, bool]) -> Iterator[dict[str, Any]]:
    """A row for each node of the patch: health and why, what it is to put out, what it says that it does, and how old that is."""
    for node in show.patch.nodes:
        numbers = _artnet(show, node)
        pages = [page for page in stats.nodes if page.host == node.address]
        health, why = _of_artnet(show, node, numbers, pages, stats) if numbers else _of_silent(node, known)
        age = min((page.age_ms for page in pages), default=None)
        says = sorted({number for page in pages for number in page.universes})
        yield {
            "name": node.name,
            "kind": "artnet_node" if numbers else "sacn_node",
            "label": "",
            "health": health,
            "why": why,
            "silent": not numbers,
            "desired": {"universes": ", ".join(node.universes)},
            "reported": {"universes": ", ".join(f"artnet/{number}" for number in says)} if pages else {},
            "age": None if age is None else age / 1000,
        }


def node_news(show: Show, known: Mapping[str, tuple[str, str]], stats: Stats) -> Iterator[DeviceHealth]:
    """What is new about nodes that can be heard, where ``known`` is what the engine believes (name -> health, why)."""
    for row in node_rows(show, stats, {}):
        health, why = row["health"], row["why"]
        if health != "unknown" and known.get(row["name"], ("unknown", ""))[0] != health:
            yield DeviceHealth(row["name"], health, why or f"{row['name']} answers.")


def _artnet(show: Show, node: Node) -> list[int]:
    """The Port-Addresses that the node is to put out."""
    universes = (show.patch.universe_keyed[key] for key in node.universes)
    return [universe.number for universe in universes if universe.protocol is Protocol.ARTNET]


def _of_artnet(show: Show, node: Node, numbers: list[int], pages: list[NodeStats], stats: Stats) -> tuple[str, str]:
    if not pages:
        if stats.counts.frames * SECOND < NODE_TIMEOUT * show.dmx_rate:
            return "unknown", ""
        return "lost", f"The node {node.name} ({node.address}) does not answer Art-Net polls."
    said = next((page.said for page in pages if page.said), "")
    offered = {number for page in pages for number in page.universes}
    missing = [f"artnet/{number}" for number in numbers if number not in offered]
    if missing:
        return "degraded", f"The node {node.name} ({node.address}) does not put out {', '.join(missing)}: look at its settings."
    return ("degraded", f"Node {node.address} says: {said}") if said else ("ok", "")


def _of_silent(node: Node, known: Mapping[str, bool]) -> tuple[str, str]:
    match known.get(node.address):
        case True:
            return "ok", ""
        case False:
            return "lost", f"Nobody answers at {node.address} on the network: the node {node.name} is off, or its cable is out."
        case None:
            return "unknown", ""
