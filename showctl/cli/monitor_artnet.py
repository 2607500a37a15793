"""What ``showctl monitor artnet`` has seen, as data (for ``--json``) and as lines (for a person).

Both numberings are shown: Port-Address 17 is 0:1:1, and 18 where people count as in sACN.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from showctl.cli.monitor_words import age, compact, padded, sent, sent_lines, tapped, whole
from showctl.cli.say import Trouble
from showctl.protocols import artnet
from showctl.runtime.ports import Address
from showctl.runtime.receive.artnet_node import ArtnetNode, ArtPort
from showctl.runtime.receive.artnet_pages import STYLE_VISUALISER, Identity
from showctl.runtime.wire.client import ask
from showctl.runtime.wire.errors import WireError
from showctl.show.instants import SECOND, Instant

POLL_EVERY: Final = 5 * SECOND // 2


class ArtnetEyes:
    """A node (``chosen``) and a controller that polls, at ``address``; ``broadcast`` is where polls go."""

    def __init__(self, chosen: tuple[int, ...], address: str, broadcast: Address, now: Instant) -> None:
        self._chosen, self._broadcast, self._address = chosen, broadcast, address
        who = Identity(address, "showctl monitor", "showctl monitor: watches", STYLE_VISUALISER)
        self._node = ArtnetNode(who, chosen)
        self._next_poll = now
        self._out: list[tuple[Address, bytes]] = []

    def received(self, data: bytes, source: Address, now: Instant, _to: str = "") -> None:
        self._out += self._node.received(data, source, now)
        for number in [number for number in self._node.elsewhere if not self._chosen and number not in self._node.ports]:
            self._node.ports[number] = ArtPort(number)
            del self._node.elsewhere[number]

    def wake(self, now: Instant) -> Iterable[tuple[bytes, Address]]:
        out, self._out = self._out, []
        out += self._node.wake(now)
        if now >= self._next_poll:
            self._next_poll = now + POLL_EVERY
            out.append((self._broadcast, artnet.encode(artnet.Poll())))
        return [(data, to) for to, data in out]

    def wants_more(self, peek: bool = False) -> bool:  # noqa: ARG002
        return False

    def seen(self, now: Instant) -> dict[str, Any]:
        universes = {}
        for number, port in sorted(self._node.ports.items()):
            levels = port.levels(now)
            universes[f"artnet/{number}"] = _both(number) | {
                "sources": [
                    {"address": s.address, "age": age(s.heard, now), "packets": s.packets, "refused": s.refused}
                    for s in port.sources.values()
                ],
                "left_out": port.left_out,
                "slots": [] if levels is None else levels.tolist(),
            }
        code = self._node.time_code
        return {
            "universes": universes,
            "nodes": [
                {
                    "address": host,
                    "bind_index": index,
                    "name": reply.short_name,
                    "long_name": reply.long_name,
                    "report": reply.node_report,
                    "outputs": [_both(number) for number in reply.outputs],
                    "inputs": [_both(number) for number in reply.inputs],
                    "age": age(heard, now),
                }
                for (host, index), (reply, heard) in sorted(self._node.nodes.items())
                if host != self._address
            ],
            "timecode": None if code is None else {"words": _time_words(code[0]), "address": code[1], "age": age(code[2], now)},
            "diagnostics": [
                {"address": said.address, "priority": said.priority, "text": said.text, "age": age(said.instant, now)}
                for said in self._node.diagnostics
            ],
            "refused": self._node.refused,
        }

    def lines(self, now: Instant, dense: bool = False) -> list[str]:
        seen = self.seen(now)
        shown = ["Port-Address        source            age  packets"]
        for universe in seen["universes"].values():
            words = universe["words"]
            shown += (f"{words:18}  {one['address']:15}  {one['age']:4.1f}  {one['packets']}" for one in universe["sources"])
            shown += (f"{words:18}  {address} is a third source, and left out" for address in universe["left_out"])
            if universe["sources"]:
                shown.append(f"{'':18}  {compact(universe['slots'])}")
            if len(self._chosen) == 1 and universe["slots"]:
                shown += whole(universe["slots"], dense)
        if len(shown) == 1:
            shown.append("Nobody sends to us. Controllers of Art-Net 4 send to nodes only: with -u we are one.")
        shown += ["", "Nodes:" if seen["nodes"] else "No node answers."]
        for node in seen["nodes"]:
            ports = ", ".join([item["words"] for item in node["outputs"]] + [f"in {item['words']}" for item in node["inputs"]])
            shown.append(f"  {node['address']:15}  {padded(node['name'], 18)}  {ports or 'no port'}  {node['report']}".rstrip())
        if seen["timecode"]:
            shown.append(f"timecode {seen['timecode']['words']} from {seen['timecode']['address']}")
        shown += (f"{said['address']} says: {said['text']}" for said in seen["diagnostics"][-5:])
        return shown + [f"refused {count} times: {why}" for why, count in seen["refused"].items()]


class WireEyes:
    """Art-Net by the ears of the running show."""

    def __init__(self, wire: Path, chosen: tuple[int, ...]) -> None:
        self._wire, self._chosen = wire, chosen

    def received(self, data: bytes, source: Address, now: Instant, _to: str = "") -> None:
        """Nothing is heard here."""

    def wake(self, now: Instant) -> Iterable[tuple[bytes, Address]]:  # noqa: ARG002
        return ()

    def wants_more(self, peek: bool = False) -> bool:  # noqa: ARG002
        return False

    def seen(self, now: Instant) -> dict[str, Any]:  # noqa: ARG002
        try:
            stats = ask(self._wire)
        except (OSError, WireError) as problem:
            raise Trouble(f"the running show does not say what it hears: {problem}") from None
        return {
            "by": "the running show",
            "nodes": [
                {
                    "address": node.host,
                    "name": node.name,
                    "outputs": [_both(number) for number in node.universes],
                    "merging": node.merging,
                    "said": node.said,
                    "age": node.age_ms / 1000,
                }
                for node in stats.nodes
            ],
            "others": [
                {"universe": rival.universe, "name": rival.name, "address": rival.address, "how": rival.how.name.lower()}
                for rival in stats.rivals
                if not rival.cid
            ],
            "sent": sent(tapped(self._wire), "artnet/", self._chosen),
        }

    def lines(self, now: Instant, dense: bool = False) -> list[str]:
        seen = self.seen(now)
        shown = ["By the ears of the running show, which has the Art-Net port of this machine.", ""]
        shown.append("Nodes:" if seen["nodes"] else "No node answers.")
        for node in seen["nodes"]:
            ports = ", ".join(item["words"] for item in node["outputs"]) or "no port"
            merging = "  merges two sources" if node["merging"] else ""
            who = f"  {node['address']:15}  {padded(node['name'], 18)}  {node['age']:4.1f} s"
            shown.append(f"{who}  {ports}{merging}  {node['said']}".rstrip())
        shown += (f"{other['name'] or other['address']} ({other['address']}) {other['how']}" for other in seen["others"])
        sent = [one for one in tapped(self._wire) if one.key.startswith("artnet/")]
        return [*shown, *sent_lines(sent, self._chosen, dense)]


def _both(number: int) -> dict[str, Any]:
    net, sub_net, universe = artnet.split_port_address(number)
    return {
        "number": number,
        "net": net,
        "sub_net": sub_net,
        "universe": universe,
        "as_sacn": artnet.to_sacn_universe(number),
        "words": f"{artnet.format_port_address(number)} = {artnet.to_sacn_universe(number)}",
    }


def _time_words(code: artnet.TimeCode) -> str:
    return f"{code.hours:02}:{code.minutes:02}:{code.seconds:02}:{code.frames:02} {code.type.name.lower()}"
