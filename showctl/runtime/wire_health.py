"""What the wire tells of the rig, as a desk shows it and as the engine acts on it: widgets, rivals, nodes, the interface.

A universe on which somebody else sends is *degraded*, as if it were a device: it is journaled and noted, stands among the devices
on every page, and no hazard on it is permitted (an exclusive source, or none).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from showctl.engine.events import DeviceHealth
from showctl.runtime.node_health import neighbours, node_news, node_rows
from showctl.runtime.receive.rivals import NO_PRIORITY, How, Rival, words
from showctl.runtime.wire.stats import Stats
from showctl.show.show import Show

LONGEST_WHY = 500


def health_news(show: Show, known: Mapping[str, tuple[str, str]], stats: Stats) -> Iterator[DeviceHealth]:
    """What is new about universes and nodes, where ``known`` is what the engine believes (name -> health, why)."""
    said: dict[str, list[str]] = {}
    for rival in _of(show, stats):
        if rival.how is not How.JOINS:
            universe = show.patch.universes[rival.universe]
            said.setdefault(universe.key, []).append(words(rival, universe))
    for universe in show.patch.universes:
        why = " ".join(said.get(universe.key, ()))[:LONGEST_WHY]
        health = ("degraded", why) if why else ("ok", "")
        if known.get(universe.key, ("ok", "")) != health:
            yield DeviceHealth(universe.key, *health)
    yield from node_news(show, known, stats)


def device_rows(show: Show, stats: Stats) -> list[dict[str, Any]]:
    """The rows that stand after the show's devices."""
    return [*_widgets(show, stats), *_others(show, stats), *node_rows(show, stats, neighbours()), *_nodes(show, stats)]


def _widgets(show: Show, stats: Stats) -> Iterator[dict[str, Any]]:
    for widget in stats.widgets:
        joins = [universe.key for universe in show.patch.universes if universe.merge_in == f"usbpro/{widget.device}"]
        label = ", ".join(universe.key for universe in show.patch.universes if universe.device == widget.device)
        label = label or (f"a desk joins {', '.join(joins)} by its cable" if joins else "")
        why = "" if widget.open else f"The USB widget {widget.device} is not there; it is looked for until it comes."
        yield _row(widget.device, "usb_widget", label, why, "lost") | {
            "desired": {"open": True},
            "reported": {
                "open": widget.open,
                "path": widget.path,
                "serial": widget.serial,
                "firmware": f"{widget.firmware >> 8}.{widget.firmware & 0xFF:02x}" if widget.firmware else "",
                "refresh": widget.refresh if widget.refresh >= 0 else None,
                "noise": widget.noise,
                **({"packets": widget.packets} if joins else {}),
            },
        }


def _others(show: Show, stats: Stats) -> Iterator[dict[str, Any]]:
    for rival in _of(show, stats):
        universe = show.patch.universes[rival.universe]
        joins = rival.how is How.JOINS
        said = words(rival, universe)
        yield _row(universe.key, "joining_desk" if joins else "rival_source", said if joins else "", "" if joins else said) | {
            "reported": {
                "name": rival.name,
                "address": rival.address,
                "cid": rival.cid,
                "priority": None if rival.priority == NO_PRIORITY else rival.priority,
                "how": rival.how.name.lower(),
            }
        }


def _nodes(show: Show, stats: Stats) -> Iterator[dict[str, Any]]:
    """Nodes that the patch does not name, where they complain."""
    named = {node.address for node in show.patch.nodes}
    for node in stats.nodes:
        if node.said and node.host not in named:
            yield _row(node.name or node.host, "artnet_node", "", f"Node {node.host} says: {node.said}") | {
                "age": node.age_ms / 1000
            }


def _row(name: str, kind: str, label: str, why: str, trouble: str = "degraded") -> dict[str, Any]:
    health = trouble if why else "ok"
    return {
        "name": name,
        "kind": kind,
        "label": label,
        "health": health,
        "why": why,
        "desired": {},
        "reported": {},
        "age": None,
    }


def _of(show: Show, stats: Stats) -> Iterator[Rival]:
    """The rivals on universes that this show has: after a reload the wire may speak of another patch for a moment."""
    return (rival for rival in stats.rivals if 0 <= rival.universe < len(show.patch.universes))
