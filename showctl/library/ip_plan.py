"""The network plan: which box has which address, what is there twice, and what the switches have to know of multicast.

Every sACN universe that is not sent to one host alone is a multicast group (E1.31-2018, 9.3.1). Switches with IGMP snooping
send a group only where somebody has joined it, and forget who has unless a *querier* asks now and then; without snooping every
port gets everything. Both are named here with the groups concerned, since both have darkened stages.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from showctl.library import printed
from showctl.protocols import artnet, sacn
from showctl.show.patch import Protocol, Universe
from showctl.show.show import Show

HEADS: Final = ("address", "port", "box", "kind", "carries", "note")
GROUP_HEADS: Final = ("group", "port", "what", "joined by")
MOST_GROUPS: Final = 20
"""Groups that one socket of a Linux receiver may join (net.ipv4.igmp_max_memberships)."""
QUERY_TIMEOUT: Final = 260
"""Seconds after which a snooping switch forgets a member that no querier has asked for (RFC 3376, 8.4: 2 x 125 s + 10 s)."""


@dataclass(frozen=True, slots=True)
class Box:
    """Something with an address. ``note`` says what is wrong with that."""

    address: str
    port: int
    name: str
    kind: str
    carries: str
    note: str = ""

    def cells(self) -> tuple[object, ...]:
        return (self.address, self.port, self.name, self.kind, self.carries, self.note)


@dataclass(frozen=True, slots=True)
class Group:
    """A multicast group: what is sent there, and who of the plan has to join it."""

    address: str
    port: int
    what: str
    joined_by: str

    def cells(self) -> tuple[object, ...]:
        return (self.address, self.port, self.what, self.joined_by)


@dataclass(frozen=True)
class Plan:
    """All of it; ``problems`` are what must be mended, ``notes`` what whoever configures the switches must know."""

    show: str
    boxes: tuple[Box, ...]
    groups: tuple[Group, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def ip_plan(show: Show) -> Plan:
    """The plan of ``show``."""
    plain = sorted(_boxes(show), key=lambda box: (_order(box.address), box.port, box.name))
    problems = list(_problems(show, plain))
    boxes = tuple(_noted(box, plain) for box in plain)
    groups = tuple(_groups(show))
    return Plan(show.name, boxes, groups, tuple(problems), tuple(_notes(show, plain, groups)))


def _boxes(show: Show) -> Iterator[Box]:
    keyed = show.patch.universe_keyed
    for node in show.patch.nodes:
        carried = [keyed[key] for key in node.universes if key in keyed]
        for protocol, port in ((Protocol.SACN, sacn.PORT), (Protocol.ARTNET, artnet.PORT)):
            if own := [universe.key for universe in carried if universe.protocol is protocol]:
                yield Box(node.address, port, node.name, "node", ", ".join(own))
    named = {node.address for node in show.patch.nodes}
    for universe in show.patch.universes:
        port = artnet.PORT if universe.protocol is Protocol.ARTNET else sacn.PORT
        for host in _unicast(universe):
            if host not in named:
                yield Box(host, port, f"{universe.key} goes there", "no node of the patch", universe.key)
    for device in show.devices:
        if device.host and not _is_group(device.host) and not device.broker:
            yield Box(device.host, device.port, device.name, device.kind.name, device.label)


def _unicast(universe: Universe) -> list[str]:
    if universe.protocol is Protocol.USBPRO:
        return []
    return [host for host in universe.destinations if host not in ("multicast", "multicast6", "broadcast")]


def _groups(show: Show) -> Iterator[Group]:
    joined: dict[str, list[str]] = {}
    for node in show.patch.nodes:
        for key in node.universes:
            joined.setdefault(key, []).append(node.name)
    multicast = [u for u in show.patch.universes if u.protocol is Protocol.SACN and (not _unicast(u))]
    for universe in multicast:
        who = ", ".join(joined.get(universe.key, [])) or "nobody in the patch"
        yield Group(sacn.multicast_group_v4(universe.number), sacn.PORT, universe.key, who)
    for number in sorted({u.sync for u in multicast if u.sync}):
        yield Group(sacn.multicast_group_v4(number), sacn.PORT, f"synchronization on {number}", "nodes that synchronise")
    if any(u.protocol is Protocol.SACN for u in show.patch.universes):
        yield Group(sacn.multicast_group_v4(64214), sacn.PORT, "sACN universe discovery", "monitors")
    for device in show.devices:
        if _is_group(device.host):
            yield Group(device.host, device.port, device.name, "this machine")


def _problems(show: Show, boxes: list[Box]) -> Iterator[str]:
    by_address: dict[str, list[Box]] = {}
    for box in boxes:
        by_address.setdefault(box.address, []).append(box)
    for address, there in by_address.items():
        nodes = {box.name for box in there if box.kind == "node"}
        ports: dict[int, set[str]] = {}
        for box in there:
            ports.setdefault(box.port, set()).add(box.name)
        if len(nodes) > 1:
            yield f"{address} is the address of {' and of '.join(sorted(nodes))}: one of them will not be heard"
        elif nodes and len({box.name for box in there}) > 1:
            others = sorted({box.name for box in there} - nodes)
            yield f"{address} is the address of the node {next(iter(nodes))} and of {', '.join(others)}"
        else:
            for port, names in sorted(ports.items()):
                if port and len(names) > 1:
                    yield f"{address}:{port} is {' and '.join(sorted(names))}: two programs cannot share a port"
    for universe in show.patch.universes:
        carriers = [node for node in show.patch.nodes if universe.key in node.universes]
        hosts = _unicast(universe)
        deaf = [node.name for node in carriers if hosts and node.address not in hosts]
        if deaf:
            yield f"{universe.key} is sent to {', '.join(hosts)}, and {', '.join(deaf)} carries it elsewhere"
        if not carriers and universe.protocol is not Protocol.USBPRO:
            yield f"no node of the patch carries {universe.key}"


def _noted(box: Box, boxes: list[Box]) -> Box:
    same = sorted({other.name for other in boxes if other.address == box.address} - {box.name})
    note = f"also {', '.join(same)}" if same else ""
    if not _is_address(box.address):
        note = "; ".join(filter(None, (note, "a name: it needs a name server, or a line in /etc/hosts")))
    return Box(box.address, box.port, box.name, box.kind, box.carries, note)


def _notes(show: Show, boxes: list[Box], groups: tuple[Group, ...]) -> Iterator[str]:
    of_light = [group for group in groups if group.what.startswith("sacn/")]
    if of_light:
        yield (
            f"IGMP: {len(groups)} multicast groups. On every switch IGMP snooping on, and exactly one querier in this network "
            f"(v2 or newer): without a querier, switches forget after {QUERY_TIMEOUT} s who listens, and "
            f"{of_light[0].what} goes dark."
        )
        yield "Without snooping every port gets every universe: slow nodes and wireless links drop frames."
    per_node: dict[str, int] = {}
    for group in of_light:
        for name in group.joined_by.split(", "):
            per_node[name] = per_node.get(name, 0) + 1
    for name, count in per_node.items():
        if count > MOST_GROUPS:
            yield f"{name} joins {count} groups: more than {MOST_GROUPS} on one socket are refused by Linux receivers."
    if any(universe.protocol is Protocol.ARTNET for universe in show.patch.universes):
        yield "Art-Net: polls are broadcast, so nodes are in this machine's own network; ArtDmx is unicast to those that answer."
    networks = sorted({str(ipaddress.ip_network(f"{box.address}/24", strict=False)) for box in boxes if _is_address(box.address)})
    real = [network for network in networks if not network.startswith("127.")]
    if not real and boxes:
        yield "Every address is on this machine (127.x): the plan of the simulated venue; real boxes get theirs at the venue."
    elif len(real) > 1:
        yield f"Addresses are in {len(real)} networks ({', '.join(real)}): a /16, or a route between them, is needed."


def _is_group(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_multicast


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _order(host: str) -> tuple[int, str]:
    return (int(ipaddress.ip_address(host)), "") if _is_address(host) else (1 << 128, host)


# --- ways to show it ------------------------------------------------------------------------------------------------------


def as_text(plan: Plan) -> str:
    """For a terminal."""
    lines = printed.text_table(HEADS, [box.cells() for box in plan.boxes])
    if plan.groups:
        lines += ["", *printed.text_table(GROUP_HEADS, [group.cells() for group in plan.groups])]
    lines += [""] * bool(plan.problems or plan.notes) + [f"! {words}" for words in plan.problems] + list(plan.notes)
    return "\n".join(lines)


def as_csv(plan: Plan) -> str:
    """For a spreadsheet: boxes, then groups, in the same columns."""
    rows: list[tuple[object, ...]] = [box.cells() for box in plan.boxes]
    rows += [(group.address, group.port, group.what, "multicast group", group.joined_by, "") for group in plan.groups]
    return printed.csv_table(HEADS, rows)


def as_html(plan: Plan) -> str:
    """To be hung up beside the switches."""
    noted = frozenset(n for n, box in enumerate(plan.boxes) if box.note)
    parts = [
        printed.heading(f"{plan.show}: network", f"{len(plan.boxes)} addresses, {len(plan.groups)} multicast groups"),
        printed.paragraphs((*plan.problems, *plan.notes)),
        printed.section("Boxes"),
        printed.table(HEADS, [box.cells() for box in plan.boxes], noted),
        printed.section("Multicast"),
        printed.table(GROUP_HEADS, [group.cells() for group in plan.groups]),
    ]
    return printed.page(f"{plan.show}: network", *parts)


def as_json(plan: Plan) -> dict[str, Any]:
    """All of it."""
    return {
        "show": plan.show,
        "boxes": [
            {
                "address": box.address,
                "port": box.port,
                "name": box.name,
                "kind": box.kind,
                "carries": box.carries,
                "note": box.note,
            }
            for box in plan.boxes
        ],
        "groups": [
            {"address": group.address, "port": group.port, "what": group.what, "joined_by": group.joined_by}
            for group in plan.groups
        ],
        "problems": list(plan.problems),
        "notes": list(plan.notes),
    }
