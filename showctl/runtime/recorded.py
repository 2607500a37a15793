"""A live run as a rehearsal's script: what people and devices did, from its journal, so that a bug on site is a test at home.

What operators asked, buttons, doors, sensors and votes, machines that fell silent and came back, and what an AI said come over
as they were. Where people stood the journal knows as counts only: they are brought back as that many in the room and that
share of them in each zone or with a hand up, so the crowd of a recorded script is like the one that was there, and not the
same. With ``expects`` the cues that began become lines: each must be its list's cue half a second later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from showctl.runtime.journal import Record
from showctl.show.cues import CueRef
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant
from showctl.show.rehearsals import Expectation, Rehearsal, Step, When
from showctl.show.show import Show
from showctl.show.triggers import Input, InputSource

LEAD: Final = 2 * SECOND
"""The script begins this long before what was recorded: devices are there by then."""
TAIL: Final = 2 * SECOND
OURS: Final = 15 * SECOND
"""A field that changes so soon after we asked its device for something is our own doing."""
NOTICED: Final = 5 * SECOND
"""A device is called lost after such a silence, where the words do not say how long it was."""
LATER: Final = SECOND // 2
_SILENT: Final = re.compile(r"nothing was heard of it for (\d+) s")
_WITH_LIST: Final = {
    "Go": "go", "Standby": "standby", "Start": "start", "Stop": "stop", "Back": "back", "Pause": "pause", "Resume": "resume",
    "Locate": "locate",
}  # fmt: skip
_ALL_LISTS: Final = ("Pause", "Resume", "Stop")
"""Where they name no list, they mean every one."""
_ALONE: Final = {"Panic": "panic", "Evacuate": "evacuate", "Reset": "reset"}


class NothingRecordedError(ValueError):
    """Between these moments the journal holds nothing that somebody did."""


def recorded(
    show: Show,
    records: Iterable[Record],
    name: str,
    begin: Instant = 0,
    end: Instant | None = None,
    *,
    expects: bool = True,
) -> Rehearsal:
    """The rehearsal of what ``records`` hold from ``begin`` (show time) until ``end``."""
    reader = _Reader(show, begin, end)
    for record in records:
        reader.read(record)
    if not reader.steps and not reader.began:
        raise NothingRecordedError("nothing was done and no cue began there: look with `showctl log` for the moments")
    expectations = tuple(_expectations(show, reader)) if expects else ()
    last = max([step.at for step in reader.steps] + [line.start for line in expectations], default=0)
    steps = tuple(sorted(reader.steps, key=lambda step: step.at))
    return Rehearsal(name, "recorded", steps, expectations, length=last + TAIL)


class _Reader:
    """Reads a journal from the first record to the last."""

    def __init__(self, show: Show, begin: Instant, end: Instant | None) -> None:
        self.show, self.begin, self.end = show, begin, end
        self.steps: list[Step] = []
        self.began: list[tuple[Duration, CueRef]] = []
        self._inputs = {item.name: item for item in show.inputs}
        self._feeds = {device.topic: device.name for device in show.devices if device.topic}
        self._values: dict[str, Any] = {item.name: item.initial for item in show.inputs}
        self._fields: dict[tuple[str, str], Any] = {}
        self._asked: dict[str, Instant] = {}
        self._question: dict[str, Instant] = {}
        self._lost: set[str] = set()
        self._room = 0

    def read(self, record: Record) -> None:
        body = record.body
        match record.kind:
            case "input":
                self._input(record.instant, body)
            case "dispatch":
                self._asked[body["device"]] = record.instant
                if body["verb"] == "ask":
                    self._question[body["device"]] = record.instant
            case "note" if body["what"] == "cue.started" and body["cue"] and self._within(record.instant):
                listed, _, label = str(body["cue"]).partition("/")
                self.began.append((self._at(record.instant), CueRef(listed, label)))
            case _:
                pass

    def _within(self, instant: Instant) -> bool:
        return self.begin <= instant and (self.end is None or instant <= self.end)

    def _at(self, instant: Instant) -> Duration:
        return instant - self.begin + LEAD

    def _input(self, instant: Instant, body: Mapping[str, Any]) -> None:
        within = self._within(instant)
        for what, words, earlier in self._said(instant, body):
            if within:
                at = max(self._at(instant) - earlier, 0)
                self.steps.append(Step(at - at % MILLISECOND, what, words))

    def _said(self, instant: Instant, body: Mapping[str, Any]) -> Iterator[tuple[str, str, Duration]]:
        """(what, words, how long before this instant it was done)."""
        event = str(body.get("event"))
        if event in _WITH_LIST:
            listed, cue = str(body.get("list") or ""), body.get("cue")
            if not listed and not cue and event in _ALL_LISTS:
                yield _WITH_LIST[event], "", 0
                return
            listed = listed or self.show.main_list
            if self._is_here(listed, cue):
                yield _WITH_LIST[event], f"{listed}/{cue}" if cue else listed, 0
        elif event in _ALONE:
            yield _ALONE[event], "now", 0
        elif event == "Rearm":
            person = str((body.get("origin") or {}).get("person", "")) or "somebody"
            yield "rearm", person, 0
        elif event == "InputChanged" and body["name"] in self._inputs:
            yield from self._input_changed(self._inputs[body["name"]], body["value"])
        elif event == "DeviceReported":
            yield from self._reported(instant, str(body["device"]), str(body["field"]), body["value"])
        elif event == "DeviceHealth":
            yield from self._health(str(body["device"]), str(body["health"]), str(body.get("why", "")))

    def _is_here(self, listed: str, cue: object) -> bool:
        """Somebody may have asked for what the show does not have, and was refused; a rehearsal could not even be read."""
        found = self.show.list_named.get(listed)
        return found is not None and (not cue or ":" in str(cue) or str(cue) in found.named)

    # --- people -------------------------------------------------------------------------------------------------------------

    def _input_changed(self, item: Input, value: Any) -> Iterator[tuple[str, str, Duration]]:
        before, self._values[item.name] = self._values[item.name], value
        match item.source:
            case InputSource.MQTT if item.counts:
                device = self._feeds.get(item.address.rpartition("/")[0], item.name)
                for _ in range(min(max(round(float(value) - float(before)), 0), 20)):
                    yield "press", device, 0
            case InputSource.MQTT | InputSource.OSC:
                if item.address.rpartition("/")[0] not in self._feeds:
                    yield "set", f"{item.name} {_word(value)}", 0
            case InputSource.GUESTS | InputSource.ZONE_COUNT:
                yield from self._counted(item, round(float(value)))
            case InputSource.GESTURE if item.address == "raised":
                share = round(float(value) * 100)
                yield "guests", f"raise hands {share}%" if share else "lower hands", 0
            case _:
                pass

    def _counted(self, item: Input, count: int) -> Iterator[tuple[str, str, Duration]]:
        if item.address in ("", "all") or (self.show.zones and item.address == self.show.zones[0].name):
            if count != self._room:
                self._room = count
                yield "guests", f"{count} in the room" if count else "gone", 0
        elif count and self._room:
            yield "guests", f"{min(round(100 * count / self._room), 100)}% to {item.address}", 0

    # --- machines -----------------------------------------------------------------------------------------------------------

    def _reported(self, instant: Instant, device: str, field: str, value: Any) -> Iterator[tuple[str, str, Duration]]:
        found = self.show.device_named.get(device)
        before = self._fields.get((device, field))
        self._fields[device, field] = value
        if found is None or before == value:
            return
        if found.kind.name == "ai_performer":
            asked = self._question.get(device)
            if field == "line" and value and asked is not None:
                seconds = max(instant - asked, 0) / SECOND
                text = str(value).replace('"', "'")
                yield "set", f'{device} answers "{text}" after {seconds:.2f}s', instant - asked + MILLISECOND
        elif found.transport == "mqtt" and field in found.kind.fields and before is not None:
            if instant - self._asked.get(device, -OURS) >= OURS:  # else it does what it was asked to
                yield "set", f"{device} {'' if field == 'state' else field + ' '}{_word(value)}", 0

    def _health(self, device: str, health: str, why: str) -> Iterator[tuple[str, str, Duration]]:
        found = self.show.device_named.get(device)
        if found is None:
            return
        if health == "lost" and device not in self._lost:
            self._lost.add(device)
            if found.broker and found.broker in self._lost:
                return  # its broker is gone, and that is said
            silent = _SILENT.search(why)
            yield "fault", f"{device} power lost", int(silent[1]) * SECOND if silent else NOTICED if "gone" not in why else 0
        elif health == "ok" and device in self._lost:
            self._lost.discard(device)
            yield "fault", f"{device} back", 0


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _expectations(show: Show, reader: _Reader) -> Iterator[Expectation]:
    """Each cue that stood for long enough to be seen standing."""
    for number, (at, ref) in enumerate(reader.began):
        if ref.list not in show.list_named or ":" in ref.label:
            continue
        later = next((moment for moment, other in reader.began[number + 1 :] if other.list == ref.list), None)
        if later is None or later > at + 2 * LATER:
            moment = at + LATER
            yield Expectation(When.AT, f'{ref.list}.cue == "{ref.label}"', moment - moment % MILLISECOND)
