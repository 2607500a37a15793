"""The input edge: streams come in, and what changes meaning goes on as events. Everything else stops here.

Tracker frames become counts and shares (``edge_crowd``) and traces of who is followed (``edge_follow``), OSC and MQTT messages
become inputs of the show or requests (``edge_control``). Sans-I/O: rehearsal and the live rig feed the same object. An input
passes on a value of its type, in bounds, and only when it differs from the last by its hysteresis; 0 and 1 always. One that has
not been heard for its ``stale`` falls back to its initial value. What is refused is counted, by reason.

``known`` are the values that a recovered engine holds, so that a count goes on from where it stood. ``older`` is the edge of
the show that was reloaded: what it has heard of inputs that are still there was heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from showctl.devices.driver import Track
from showctl.devices.mqtt_device import scalar
from showctl.devices.reports import typed
from showctl.devices.timecode import Timecodes
from showctl.engine.events import Event, InputChanged
from showctl.protocols.artnet import TimeCode
from showctl.runtime.edge_control import LOOPBACK, Budget, DeniedError, Inbound, is_within
from showctl.runtime.edge_crowd import Crowd
from showctl.runtime.edge_follow import Followers
from showctl.show.cues import Value
from showctl.show.expressions import ValueType
from showctl.show.instants import Instant
from showctl.show.show import Show
from showctl.show.triggers import Input, InputSource

TIMECODE_PREFIX: Final = "/showctl/timecode/"
INPUT_PREFIX: Final = "/showctl/input/"
MOST_PAYLOAD: Final = 4096
MOST_REASONS: Final = 64
LONGEST_REASON: Final = 160
LONGEST_NAME: Final = 64
_TRACKED: Final = (InputSource.ZONE_COUNT, InputSource.GUESTS, InputSource.GESTURE)


class Edge:
    """The inputs of one show."""

    def __init__(self, show: Show, known: Mapping[str, Value] | None = None, older: Edge | None = None) -> None:
        self._inputs = {item.name: item for item in show.inputs}
        self._tracked = [item for item in show.inputs if item.source in _TRACKED]
        self._by_address: dict[str, list[Input]] = {}
        self._by_topic: dict[str, list[Input]] = {}
        for item in show.inputs:
            if item.source is InputSource.OSC:
                self._by_address.setdefault(item.address, []).append(item)
            elif item.source is InputSource.MQTT:
                self._by_topic.setdefault(item.address, []).append(item)
        self._last: dict[str, Value] = dict(known or {})
        self._heard: dict[str, Instant] = {}
        self._pressed: dict[str, object] = {}
        wanted = {item.address for item in self._tracked}
        self._crowd = Crowd([zone for zone in show.zones if zone.name in wanted])
        self._followers = Followers(show)
        self._inbound = Inbound(show)
        self._budget = Budget(burst=2000, rate=1000)
        self._devices = {device.host for device in show.devices}
        self.timecodes = Timecodes(show)
        self.refused: dict[str, int] = {}
        """How often something was refused, by reason."""
        if older is not None:
            self._take_over(older)

    def tracked(self, tracks: Sequence[Track], now: Instant, tracker: str = "", others: Sequence[Track] = ()) -> list[Event]:
        """A whole frame of a tracking system: guests, and ``others`` who are none."""
        self._crowd.frame(tracker, tracks, now)
        found: list[Event] = list(self._followers.frame(tracker, (*others, *tracks), now))
        for item in self._tracked:
            found += self._set(item, self._measure(item), now)
        return found

    def people(self) -> list[tuple[str, float, float]]:
        """Everybody tracked: a name, x and z in metres."""
        return self._crowd.people()

    def settled(self, tracker: str = "") -> bool:
        """Whether nothing would come of another frame of ``tracker`` that says what its last one said."""
        return self._crowd.settled(tracker)

    def tracked_again(self, now: Instant, tracker: str = "") -> None:
        """A frame came at ``now`` that said what the last one of ``tracker`` said."""
        self._crowd.again(tracker, now)
        for item in self._tracked:
            if item.stale_after is not None:
                self._heard[item.name] = now

    def osc(self, address: str, arguments: Sequence[object], source: tuple[str, int], now: Instant) -> list[Event]:
        """A message that came to the show's OSC port."""
        host = source[0]
        if address.startswith(TIMECODE_PREFIX):
            return self._timecode(address.removeprefix(TIMECODE_PREFIX), arguments, host, now)
        if (inputs := self._osc_inputs(address, host)) is not None:
            if not self._budget.spend(host, now):
                return self._refuse(f"{host} sends too much")
            value = arguments[0] if arguments else True
            return [event for item in inputs for event in self._arrived(item, value, now)]
        try:
            request = self._inbound.osc(address, arguments, host, now)
        except DeniedError as denied:
            return self._refuse(str(denied))
        return [] if request is None else [request]

    def mqtt(self, topic: str, payload: bytes, retained: bool, now: Instant, broker: str = "") -> list[Event]:
        """A message on one of ``mqtt_topics()`` (others are passed over)."""
        found: list[Event] = []
        for item in self._mqtt_inputs(topic, broker):
            if item.counts and retained:
                self._refuse(f"{topic} is retained: a press of days ago")
            elif len(payload) > MOST_PAYLOAD:
                self._refuse(f"{topic} carries too much")
            else:
                found += self._arrived(item, scalar(payload), now)
        if not found and topic not in self._by_topic and self._controls(topic):
            try:
                found.append(self._inbound.mqtt(topic, payload, retained, now))
            except DeniedError as denied:
                self._refuse(str(denied))
        return found

    def artnet_timecode(self, packet: TimeCode, host: str, now: Instant) -> list[Event]:
        """An ArtTimeCode from ``host``. An input that names a source hears that one only."""
        sources = [source for source in self.timecodes.of_kind("artnet") if source.input.source in ("", host)]
        return [move for source in sources for move in source.artnet(packet, now)]

    def reported(self, device: str, field: str, value: Value, now: Instant) -> list[Event]:
        """A device says something; where it plays what carries timecode, that is code."""
        sources = [source for source in self.timecodes.of_kind("device") if source.input.source == device]
        return [move for source in sources for move in source.reported(field, value, now)]

    def mqtt_topics(self) -> list[str]:
        """What to subscribe to."""
        return list(dict.fromkeys([*self._by_topic, *self._inbound.topics()]))

    def next_deadline(self) -> Instant | None:
        """When the next input goes stale."""
        due = self.timecodes.next_deadline()
        for _, at in self._going_stale() if self._heard else ():
            due = at if due is None or at < due else due
        return due

    def wake(self, now: Instant) -> list[Event]:
        """Inputs that nothing was heard of for too long fall back to their initial value."""
        found: list[Event] = list(self.timecodes.wake(now))
        for item, at in list(self._going_stale()):
            if now >= at:
                del self._heard[item.name]
                if self._last.get(item.name) != item.initial:
                    self._last[item.name] = item.initial
                    found.append(InputChanged(item.name, item.initial))
        return found

    def _take_over(self, older: Edge) -> None:
        """What ``older`` has heard of the inputs that are the same here."""
        same = {name for name, item in self._inputs.items() if older._inputs.get(name) is not None}
        going_stale = {name for name in same if self._inputs[name].stale_after is not None}
        self._heard = {name: at for name, at in older._heard.items() if name in going_stale}
        self._pressed = {name: given for name, given in older._pressed.items() if name in same}
        self.refused = older.refused

    # --- inside --------------------------------------------------------------------------------------------------------

    def _measure(self, item: Input) -> float:
        if item.source is InputSource.GESTURE:
            return self._crowd.share(item.address)
        return self._crowd.guests() if item.address in ("", "all") else self._crowd.in_zone(item.address)

    def _timecode(self, name: str, arguments: Sequence[object], host: str, now: Instant) -> list[Event]:
        source = self.timecodes.sources.get(name)
        if source is None or source.input.kind != "osc":
            return self._refuse(f"there is no timecode {name[:LONGEST_NAME]} that comes over OSC")
        if not (host in self._devices or is_within(host, LOOPBACK) or host == source.input.source):
            return self._refuse(f"{host} is not where timecode {name} comes from")
        if not self._budget.spend(host, now):
            return self._refuse(f"{host} sends too much")
        return list(source.words(arguments, now))

    def _osc_inputs(self, address: str, host: str) -> list[Input] | None:
        """The inputs that this address sets, if this host may; None: it is no input's address."""
        inputs = self._by_address.get(address)
        if inputs is not None:
            return (
                inputs
                if host in self._devices or is_within(host, LOOPBACK) or self._inbound.allows_input("osc", address, host)
                else None
            )
        named = self._inputs.get(address.removeprefix(INPUT_PREFIX)) if address.startswith(INPUT_PREFIX) else None
        return [named] if named is not None and self._inbound.allows_input("osc", address, host) else None

    def _mqtt_inputs(self, topic: str, broker: str) -> list[Input]:
        inputs = [item for item in self._by_topic.get(topic, ()) if broker in ("", item.device) or not item.device]
        if not inputs and self._inbound.allows_input("mqtt", topic, ""):
            named = self._inputs.get(topic.rsplit("/", 1)[-1])
            return [named] if named is not None else []
        return inputs

    def _controls(self, topic: str) -> bool:
        return not self._inbound.allows_input("mqtt", topic, "")

    def _arrived(self, item: Input, given: object, now: Instant) -> list[Event]:
        """Something came for ``item``: a value, or one press more."""
        if not item.counts:
            return self._set(item, given, now)
        before = self._pressed.get(item.name)
        self._pressed[item.name] = given
        if isinstance(given, int | float) and given > 1 and given == before:
            return []  # a growing count that says the same again was delivered twice
        last = self._last.get(item.name, item.initial)
        return self._set(item, last + 1 if isinstance(last, int | float) else 1.0, now)

    def _set(self, item: Input, given: object, now: Instant) -> list[Event]:
        if item.type is ValueType.TRUTH and item.source in _TRACKED and isinstance(given, int | float):
            given = given > 0
        value = typed(given, item.type)
        if value is None:
            return self._refuse(f"{item.name} is a {item.type.value}, and something else came")
        if item.stale_after is not None:
            self._heard[item.name] = now
        last = self._last.get(item.name)
        if last is not None and not _differs(value, last, item.hysteresis):
            return []
        self._last[item.name] = value
        return [InputChanged(item.name, value)]

    def _going_stale(self) -> list[tuple[Input, Instant]]:
        found = []
        for name, heard in self._heard.items():
            item = self._inputs[name]
            assert item.stale_after is not None, "only inputs that go stale are remembered"
            found.append((item, heard + item.stale_after))
        return found

    def _refuse(self, why: str) -> list[Event]:
        why = why[:LONGEST_REASON]
        if why in self.refused or len(self.refused) < MOST_REASONS:
            self.refused[why] = self.refused.get(why, 0) + 1
        else:
            self.refused["others"] = self.refused.get("others", 0) + 1
        return []


def _differs(value: Value, last: Value, hysteresis: float) -> bool:
    if value == last:
        return False
    if isinstance(value, float) and isinstance(last, float) and value not in (0.0, 1.0):
        return abs(value - last) >= hysteresis
    return True
