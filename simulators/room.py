"""The things of the room that speak MQTT: doors, gates, buttons, beams, count mats, hazers' status.

One machine for all, made from what the show folder says of the device: its fields are what it senses, its verbs what it does.
Commands arrive on ``{topic}/set`` as JSON with an ``id`` (the same id twice is one command); fields are published, retained, on
``{topic}/state``. A verb that moves something (open, close, raise, lower, or any where the option ``travel`` is given) takes its
time, with ``state`` at ``moving`` until it is there; other verbs act at once. What people do is always at once.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any, Final

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant, seconds
from showctl.show.show import Show
from simulators.device import Box, Endpoint
from simulators.faults import read_duration
from simulators.room_payloads import as_json, fits, fitting, parsed, plain, read_value, template_of

MOVES: Final = ("open", "close", "raise", "lower", "up", "down")
GIVES: Final = {"close": "closed", "raise": "up", "lower": "down", "lock": "locked", "unlock": "unlocked", "stop": "stopped"}
"""What ``state`` becomes by a verb; one that is not here becomes itself (open, on, off). Option ``VERB_gives`` says otherwise."""
REMEMBERED: Final = 1000
"""Command ids."""
BOUNCE: Final = 8 * MILLISECOND


class RoomDevice(Box):
    """See the page. Truth is the room; the report is what it last published, which differs when a sensor is stuck."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:  # noqa: ARG002 - as every device is made
        topics = (f"{device.topic}/set", *sorted({verb.address for verb in device.kind.verbs.values() if verb.address}))
        will = (f"{device.topic}/online", b"offline", True)
        super().__init__(device.name, (Endpoint("mqtt", name=device.broker, topics=tuple(dict.fromkeys(topics)), will=will),))
        self.device = device
        chance = random.Random(f"{seed}/{device.name}")
        drawn = chance.randrange(3 * SECOND, 5 * SECOND)
        self.travel: Duration = seconds(float(device.options["travel"])) if "travel" in device.options else drawn
        self.fields: dict[str, Value] = {item.name: item.initial for item in device.kind.fields.values()}
        self.presses = 0
        self.ignored = 0
        """Commands that were not understood, or came twice."""
        self._published: dict[str, Value] = dict(self.fields)
        self._target: Value | None = None
        self._there_at: Instant | None = None
        self._ids: dict[str, None] = {}
        self._templates = {verb.name: template_of(verb) for verb in device.kind.verbs.values() if verb.payload}
        self._due: list[tuple[Instant, Callable[[], None]]] = []
        self._stuck = self._bouncing = self._jammed = False
        self._well_at: Instant | None = None

    # --- commands -----------------------------------------------------------------------------------------------------

    def on_message(self, topic: str, payload: bytes, now: Instant) -> None:  # noqa: ARG002
        command = parsed(payload)
        if not isinstance(command, dict):
            command = {"do": next((verb for verb, said in self._templates.items() if said == command), command)}
        if not self._is_new(command.pop("id", None)) or not self._obey(command, now):
            self.ignored += 1

    def _is_new(self, id_: object) -> bool:
        if id_ is None:
            return True
        if (key := json.dumps(id_)) in self._ids:
            return False
        self._ids[key] = None
        if len(self._ids) > REMEMBERED:
            del self._ids[next(iter(self._ids))]
        return True

    def _obey(self, command: dict[str, Any], now: Instant) -> bool:
        """Does what a command says: a verb, by its declared payload or named by ``do``; any other key is a field's.

        False: nothing of it was understood.
        """
        understood = False
        word = next((verb for verb, said in self._templates.items() if fits(said, command)), command.get("do"))
        for key, value in command.items():
            value_here = fitting(self.device.kind.fields[key].type, value) if key in self.fields else None
            if value_here is not None:
                if key == "state" and "travel" in self.device.options:
                    self._move(value_here, now)
                else:
                    self._set(key, value_here, now)
                understood = True
        if isinstance(word, str) and self.fields and (word in self.device.kind.verbs or word in MOVES):
            self._do(word, now)
            understood = True
        return understood

    def _do(self, word: str, now: Instant) -> None:
        gives = self.device.options.get(f"{word}_gives", GIVES.get(word, word))
        if "state" in self.fields:
            if word in MOVES or "travel" in self.device.options:
                self._move(gives, now)
            else:
                self._set("state", gives, now)
        elif word in ("on", "off", "open", "close"):
            for name, value in self.fields.items():  # a hatch that senses `open: truth`, a lamp `on: truth`
                if isinstance(value, bool) and name in ("on", "open"):
                    self._set(name, word in ("on", "open"), now)

    def _move(self, target: Value, now: Instant) -> None:
        if self._target is None and self.fields["state"] == target:
            return
        self._target = target
        self._there_at = None if self._jammed else now + self.travel
        self._set("state", "moving", now)

    # --- what is published --------------------------------------------------------------------------------------------

    def _set(self, name: str, value: Value, now: Instant) -> None:
        before, self.fields[name] = self.fields[name], value
        if before == value or self._stuck:
            return
        if self._bouncing:
            for turn, seen in enumerate((before, value), 1):
                self._later(now + turn * BOUNCE, self._showing(name, seen))
        self._show(name, value)

    def _showing(self, name: str, value: Value) -> Callable[[], None]:
        return lambda: None if self._stuck else self._show(name, value)

    def _show(self, name: str, value: Value) -> None:
        self._published[name] = value
        source = self.device.kind.fields[name].source
        if source and source != f"{self.device.topic}/state":
            self.publish(source, as_json(value), retain=True)
        else:
            self._show_state()

    def _show_state(self) -> None:
        own = (f"{self.device.topic}/state", "")
        said = {name: plain(self._published[name]) for name, item in self.device.kind.fields.items() if item.source in own}
        if said:
            self.publish(f"{self.device.topic}/state", json.dumps(said, ensure_ascii=False).encode(), retain=True)

    def _show_all(self) -> None:
        for name, item in self.device.kind.fields.items():
            if not self._stuck:
                self._published[name] = self.fields[name]
            if item.source and item.source != f"{self.device.topic}/state":
                self.publish(item.source, as_json(self._published[name]), retain=True)
        self._show_state()

    def _later(self, when: Instant, what: Callable[[], None]) -> None:
        self._due.append((when, what))
        self._due.sort(key=lambda item: item[0])

    # --- Box ----------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:  # noqa: ARG002
        self.publish(f"{self.device.topic}/online", b"online", retain=True)
        self._show_all()

    def on_down(self, now: Instant) -> None:  # noqa: ARG002
        """A door without power stands where it is."""
        self._due.clear()
        self._ids.clear()
        if self._target is not None:
            self._target = self._there_at = None
            self.fields["state"] = "between"

    def own_deadline(self) -> Instant | None:
        times = [self._there_at, self._well_at, self._due[0][0] if self._due else None]
        return min((time for time in times if time is not None), default=None)

    def on_wake(self, now: Instant) -> None:
        while self._due and self._due[0][0] <= now:
            self._due.pop(0)[1]()
        if self._there_at is not None and now >= self._there_at and self._target is not None:
            target, self._target, self._there_at = self._target, None, None
            self._set("state", target, now)
        if self._well_at is not None and now >= self._well_at:
            self._get_well(now)

    # --- what people do, and what breaks ------------------------------------------------------------------------------

    def on_act(self, words: str, now: Instant) -> None:
        if match := re.fullmatch(r"press(?: (\d+) times)?", words):
            for _ in range(int(match[1] or 1)):
                self._press(now)
        elif match := re.fullmatch(r"(stuck|bouncing|jammed)(?: at (\S+))?(?: for (.+))?", words):
            self._break(match[1], match[2])
            self._well_at = now + read_duration(match[3]) if match[3] else None
        elif words == "works":
            self._get_well(now)
        elif (match := re.fullmatch(r"add (-?\d+(?:\.\d+)?)(?: to (\w+))?", words)) and self._numbers(match[2]):
            name = self._numbers(match[2])[0]
            self._set(name, float(self.fields[name]) + float(match[1]), now)
        else:
            name, value = self._read_setting(words)
            if name == "state":
                self._target = self._there_at = None
            self._set(name, value, now)

    def _numbers(self, name: str | None) -> list[str]:
        return [n for n, value in self.fields.items() if type(value) is float and name in (None, n)]

    def _press(self, now: Instant) -> None:
        for turn in range(3 if self._bouncing else 1):
            self._later(now + turn * BOUNCE, self._press_once)
        self.on_wake(now)

    def _press_once(self) -> None:
        self.presses += 1
        if not self._stuck:
            self.publish(f"{self.device.topic}/pressed", str(self.presses).encode())

    def _break(self, how: str, at: str | None) -> None:
        if at is not None:
            name, value = self._read_setting(at)
            if how == "stuck":
                self._show(name, value)
        self._stuck = self._stuck or how == "stuck"
        self._bouncing = self._bouncing or how == "bouncing"
        if how == "jammed":
            self._jammed, self._there_at = True, None

    def _get_well(self, now: Instant) -> None:
        if self._jammed and self._target is not None:
            self._there_at = now + self.travel
        was_stuck = self._stuck
        self._stuck = self._bouncing = self._jammed = False
        self._well_at = None
        if was_stuck:
            self._show_all()

    def _read_setting(self, words: str) -> tuple[str, Value]:
        """``FIELD VALUE``, or ``VALUE`` alone for ``state`` or the only field; a leading ``set`` is allowed."""
        rest = words.removeprefix("set ").strip()
        name, _, value = rest.partition(" ")
        if name not in self.fields or not value:
            name, value = ("state" if "state" in self.fields or len(self.fields) != 1 else next(iter(self.fields))), rest
        if name not in self.fields or not value:
            fields = ", ".join(f"{item} VALUE" for item in self.fields) or "no field"
            raise ValueError(
                f"{self.name} does not understand {words!r}; it knows {fields}, press [N times], add N, "
                "stuck [at VALUE] [for TIME], bouncing [for TIME], jammed [for TIME] and works"
            )
        return name, read_value(self.device.kind.fields[name].type, value.strip("\"'"), f"{self.name}.{name}")

    # --- truth --------------------------------------------------------------------------------------------------------

    def truth(self, now: Instant) -> dict[str, Value]:  # noqa: ARG002
        return {**self.fields, "presses": float(self.presses)} if "presses" not in self.fields else dict(self.fields)

    def report(self, now: Instant) -> dict[str, Value]:  # noqa: ARG002
        return dict(self._published)
