"""The view of a running show in parts, as JSON: what a page is told ten times a second, without the show's waiting for it.

A part whose facts are as they were is not made again. What must be made is made in pieces of a fraction of a millisecond; between
two of them the loop listens. All pieces of a round are of one state, for a state never changes. Of many devices each round
looks at some, so that each is seen twice a second; what says nothing but its age is told when all have been looked at.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from showctl.engine.cue_view import cue_view
from showctl.engine.state import State
from showctl.engine.tags_view import tags_view
from showctl.engine.view import hazards_view, list_view, masters_view, timecodes_view, triggers_view
from showctl.runtime.plain_json import as_json
from showctl.show.cues import CueList, Value
from showctl.show.instants import Instant, seconds_of
from showctl.show.show import Show

if TYPE_CHECKING:
    from showctl.runtime.desk import Desk

Piece: TypeAlias = tuple[str, bytes] | None
"""A part by its name; None: a piece of one, and the loop may listen."""
AT_ONCE: Final = 8
"""Devices of a piece."""
ROUNDS: Final = 5
"""In so many rounds every device is looked at."""


class DeskParts:
    """The parts of one desk's view. For one thread."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._kept: dict[str, tuple[Any, bytes]] = {}
        """What was made last, by part, and of what."""
        self._values: tuple[Mapping[str, Value], bytes] = ({}, b"{}")
        self._devices: dict[str, tuple[dict[str, Any], bytes]] = {}
        """Row of a device, and the same as it is sent."""
        self._next = 0
        """The device with which the next round begins."""
        self._sent = b""
        self._cues: tuple[Show | None, dict[str, bytes]] = (None, {})

    def pieces(self) -> Iterator[Piece]:
        """Every part, in the order of the view."""
        desk = self._desk
        show, state, now = desk.show, desk.playback.state, desk.now()
        yield "show", self._once("show", show.name, lambda: show.name)
        yield "now", as_json(seconds_of(now))
        yield "main_list", self._once("main_list", desk.main_list, lambda: desk.main_list)
        yield "latched", as_json(state.latch)
        lists = []
        for cue_list in show.lists:
            lists.append(self._list(show, state, cue_list, now))
            yield None
        yield "lists", b"[" + b",".join(lists) + b"]"
        yield "values", self._all_values(state.values)
        yield "masters", self._once("masters", (show, state.plan), lambda: masters_view(show, state))
        yield "timecode", as_json(dict(sorted(state.timecode.items())))
        yield "timecode_at", as_json(timecodes_view(show, state, now))
        yield "tags", self._once("tags", (show, state.tags), lambda: tags_view(show, state))
        yield "hazards", as_json(hazards_view(show, state, now))
        yield "triggers", as_json(triggers_view(show, state, now))
        yield from self._device_pieces(show, now)
        yield "wire", as_json(desk.wire())
        yield "wall", as_json(datetime.now(UTC).isoformat(timespec="milliseconds"))
        yield "journal", as_json(desk.journal())
        yield "schedule", as_json(desk.schedule())
        yield "skew", as_json(desk.skews())
        yield "tracked", as_json(desk.tracked())

    def cues(self) -> dict[str, bytes]:
        """List -> its cues. Worked out once for a show: for a long list that takes so long that it belongs on another thread."""
        show = self._desk.show
        if self._cues[0] is not show:
            made = {item.name: as_json([cue_view(show.patch, cue) for cue in item.cues]) for item in show.lists}
            self._cues = (show, made)
        return self._cues[1]

    # --- what need not be made again ----------------------------------------------------------------------------------------

    def _once(self, name: str, of: Any, make: Callable[[], Any]) -> bytes:
        """What ``make`` gives, as long as ``of`` stays what it was: the same things, not such as are like them."""
        kept = self._kept.get(name)
        if kept is None or not _same(kept[0], of):
            kept = self._kept[name] = (of, as_json(make()))
        return kept[1]

    def _list(self, show: Show, state: State, cue_list: CueList, now: Instant) -> bytes:
        """A list in which nothing runs and no window is open says the same until something happens to it."""
        index = cue_list.index
        at = state.lists[index]
        moves = (at.last_go is not None and at.last_go + cue_list.go_window > now) or any(
            run.list == index for run in state.runs.values()
        )
        name = f"lists/{index}"
        if moves:
            self._kept.pop(name, None)
            return as_json(list_view(show, state, cue_list, now))
        of = (show, at, state.loaded, state.disarmed, state.rates)
        if (kept := self._kept.get(name)) is not None and _alike(kept[0], of):
            return kept[1]
        made = as_json(list_view(show, state, cue_list, now))
        self._kept[name] = (of, made)
        return made

    def _all_values(self, values: Mapping[str, Value]) -> bytes:
        before, made = self._values
        if len(before) != len(values) or not all(map(operator.is_, before.values(), values.values())):
            made = as_json({name: values[name] for name in sorted(values)})
        self._values = (values, made)
        return made

    # --- devices -------------------------------------------------------------------------------------------------------------

    def _device_pieces(self, show: Show, now: Instant) -> Iterator[Piece]:
        desk, devices = self._desk, show.devices
        if self._devices.keys() != show.device_named.keys():
            self._devices, self._next = {}, 0
        looked = devices if not self._devices else _some(devices, self._next)
        fresh = len(looked) == len(devices)
        self._next += len(looked)
        if self._next >= len(devices):
            self._next, fresh = 0, True
        for first in range(0, len(looked), AT_ONCE):
            for row in desk.devices(now, looked[first : first + AT_ONCE]):
                before = self._devices.get(row["name"])
                fresh |= before is None or before[0] | {"age": row["age"]} != row
                self._devices[row["name"]] = (row, as_json(row))
            yield None
        others = as_json(desk.wire_devices())[1:-1]
        if fresh or not self._sent.endswith(others + b"]"):
            rows = [made for _, made in self._devices.values()]
            self._sent = b"[" + b",".join([*rows, others] if others else rows) + b"]"
        yield "devices", self._sent


def _some(devices: Sequence[Any], first: int) -> Sequence[Any]:
    return devices[first : first + max(AT_ONCE, -(-len(devices) // ROUNDS))]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return all(map(operator.is_, one, other))
    return bool(one == other)


def _alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """The show and the list's state are the very same; of the small things around them it is enough to be equal."""
    return one[0] is other[0] and one[1] is other[1] and one[2:] == other[2:]
