"""What ``showctl monitor sacn`` has seen, as data (for ``--json``) and as lines (for a person)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from showctl.cli.monitor_words import age, compact, padded, sent, sent_lines, tapped, whole
from showctl.runtime.ports import Address
from showctl.runtime.receive.sacn_receiver import SacnReceiver
from showctl.runtime.receive.sacn_universe import SacnUniverse, Source
from showctl.runtime.wire.tap import Tapped
from showctl.show.instants import Instant

BY_DEFAULT: Final = range(1, 21)
MOST_HEARD: Final = 1024


class SacnEyes:
    """Listens to ``chosen`` universes; to none in particular: the running show's, those that are announced, and 1 to 20."""

    def __init__(self, chosen: tuple[int, ...], wire: Path | None, now: Instant, where: str = "") -> None:
        """``where`` says by which interface, for whoever hears nothing."""
        self._chosen, self._wire, self._where = chosen, wire, where
        self._receiver = SacnReceiver(chosen or (*BY_DEFAULT, *_own(tapped(wire))), now)
        self._grown = False

    def wanted(self) -> tuple[int, ...]:
        return tuple(self._receiver.universes)

    def received(self, data: bytes, source: Address, now: Instant, to: str = "") -> None:
        self._receiver.received(data, source[0], now, to)
        if self._chosen:
            return
        for known in self._receiver.announced.values():
            for number in known.universes:
                if number not in self._receiver.universes and len(self._receiver.universes) < MOST_HEARD:
                    self._receiver.listen(number, now)
                    self._grown = True

    def wake(self, now: Instant) -> Iterable[tuple[bytes, Address]]:
        self._receiver.wake(now)
        return ()

    def wants_more(self, peek: bool = False) -> bool:
        grown = self._grown
        self._grown = grown and peek
        return grown

    def seen(self, now: Instant) -> dict[str, Any]:
        universes = {}
        for number, universe in sorted(self._receiver.universes.items()):
            if universe.sources or self._chosen:
                heard = universe.merged(now)
                universes[f"sacn/{number}"] = {
                    "sources": [_source(source, now) for source in universe.sources.values()],
                    "left_out": universe.left_out,
                    "slots": heard.levels.tolist(),
                    "priorities": [None if item < 0 else item for item in heard.priorities.tolist()],
                }
        return {
            "universes": universes,
            "announced": [
                {
                    "cid": str(UUID(bytes=known.cid)),
                    "name": known.name,
                    "address": known.address,
                    "universes": list(known.universes),
                    "age": age(known.heard, now),
                }
                for known in self._receiver.announced.values()
            ],
            "sent": sent(tapped(self._wire), "sacn/", self._chosen),
            "refused": self._receiver.refused,
            "astray": self._receiver.astray,
        }

    def lines(self, now: Instant, dense: bool = False) -> list[str]:
        shown = ["universe  source                    priority  address          slots    age  CID"]
        quiet = 0
        for number, universe in sorted(self._receiver.universes.items()):
            if not universe.sources and not self._chosen:
                quiet += 1
                continue
            shown += _sacn_lines(number, universe, now, alone=len(self._chosen) == 1)
            if len(self._chosen) == 1 and universe.sources:
                shown += whole(universe.merged(now).levels.tolist(), dense)
        if len(shown) == 1:
            shown.append(
                f"Nothing is heard on {len(self._receiver.universes)} universes{f' {self._where}' if self._where else ''}."
            )
        elif quiet:
            shown.append(f"Nothing is heard on {quiet} others.")
        for known in self._receiver.announced.values():
            shown.append(f"{known.name} ({known.address}) announces {_runs(known.universes)}")
        heard = {f"sacn/{number}" for number, universe in self._receiver.universes.items() if universe.sources}
        sent = [one for one in tapped(self._wire) if one.key.startswith("sacn/") and one.key not in heard]
        shown += sent_lines(sent, self._chosen, dense)
        shown += [f"{words} ({count} times): is its address right?" for words, count in self._receiver.astray.items()]
        return shown + [f"refused {count} times: {why}" for why, count in self._receiver.refused.items()]


def _sacn_lines(number: int, universe: SacnUniverse, now: Instant, alone: bool) -> list[str]:
    """The sources of a universe; of one that is shown ``alone`` the CID has a line of its own, which every terminal holds."""
    counted = {source.cid for source in universe.counting(now)}
    shown = []
    for source in universe.sources.values():
        cid = UUID(bytes=source.cid)
        flags = [
            word
            for word, true in (
                ("0xDD", source.per_address),
                ("preview", source.preview),
                (f"sync {source.sync_address}", source.sync_address),
                ("lost", source.lost),
                ("waits", source.cid not in counted and not source.preview),
            )
            if true
        ]
        shown.append(
            f"{number:8}  {padded(source.name, 24)}  {source.priority:8}  {source.address:15}  {source.slot_count:5}"
            f"  {age(source.heard, now):5.1f}{''.join(f'  {flag}' for flag in flags)}{'' if alone else f'  {cid}'}"
        )
        shown += [f"{'':8}  {cid}"] if alone else []
    levels = universe.merged(now).levels.tolist()
    return [*(shown or [f"{number:8}  nobody"]), *([f"{'':8}  {compact(levels)}"] if universe.sources else [])]


def _source(source: Source, now: Instant) -> dict[str, Any]:
    return {
        "cid": str(UUID(bytes=source.cid)),
        "name": source.name,
        "address": source.address,
        "priority": source.priority,
        "per_address": source.per_address,
        "preview": source.preview,
        "sync": source.sync_address,
        "slots": source.slot_count,
        "packets": source.packets,
        "refused": source.refused,
        "age": age(source.heard, now),
    }


def _own(tapped: Iterable[Tapped]) -> tuple[int, ...]:
    return tuple(int(one.key.partition("/")[2]) for one in tapped if one.key.startswith("sacn/"))


def _runs(numbers: tuple[int, ...]) -> str:
    """``1-3, 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs) or "nothing"
