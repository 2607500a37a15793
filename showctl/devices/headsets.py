"""A fleet of headsets: who sleeps, whose battery runs low, who has lost its tracking, who shows something else than the rest.

Each is said to the operator while a scene is wanted, and the device's options say what is done about it: ``on_sleep`` (tell,
wake, nothing), ``low_battery`` (percent) with ``on_low_battery``, ``on_lost_tracking`` (tell, passthrough, nothing). A headset
that is awake and shows another scene, or none, is sought in: it joins where the others are. Who is silent for 15 s is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from showctl.devices.heartbeat import earliest
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Instant

GONE_AFTER: Final = 15 * SECOND  # they speak every 5 s: three missed
GRACE: Final = 5 * SECOND
"""How long a fleet may take to wake for a scene."""
AGAIN_AFTER: Final = 5 * SECOND
MOST: Final = 64
LOW: Final = 15.0
NEAR_LOW: Final = 5.0


@dataclass(frozen=True, slots=True)
class Headset:
    """What one said of itself: asleep, awake or passthrough; percent; its scene; tracking ok or lost, "" unsaid."""

    name: str
    state: str
    battery: float
    scene: str
    tracking: str
    at: Instant


class Headsets:
    """The headsets of one engine."""

    def __init__(self, device: Device) -> None:
        options = {key: str(value) for key, value in device.options.items()}
        self._low = float(options.get("low_battery", LOW))
        self._policy = {word: options.get(word, "tell") for word in ("on_sleep", "on_low_battery", "on_lost_tracking")}
        self._known: dict[str, Headset] = {}
        self._expected: Instant = 0
        self._sought: dict[str, Instant] = {}
        self._woken: dict[str, Instant] = {}
        self._lets_through = "passthrough" in (self._policy["on_low_battery"], self._policy["on_lost_tracking"])
        self._through: dict[str, bool] = {}
        """Whom the policy has let see the room."""

    def saw(self, headset: Headset) -> None:
        """One has spoken."""
        if headset.name in self._known or len(self._known) < MOST:
            self._known[headset.name] = headset

    def expect(self, now: Instant) -> None:
        """A scene begins: they have ``GRACE`` to be there."""
        self._expected = now + GRACE
        self._sought.clear()

    def next_deadline(self) -> Instant | None:
        """When silence, or the end of the grace, would next change anything."""
        gone = earliest(*(headset.at + GONE_AFTER for headset in self._known.values()))
        return earliest(gone, self._expected or None)

    def awaited(self) -> Instant | None:
        """When the grace ends, while there is one."""
        return self._expected or None

    def listens(self, scene: str, wanted: bool, running: bool) -> bool:
        """Whether anybody is to be told something again and again, or has so little charge that each percent counts."""
        fleet = self._known.values()
        astray = running and any(headset.state == "awake" and headset.scene != scene for headset in fleet)
        woken = wanted and self._policy["on_sleep"] == "wake" and any(headset.state == "asleep" for headset in fleet)
        return astray or woken or any(headset.battery <= self._low + NEAR_LOW for headset in fleet)

    def spoke(self, now: Instant) -> None:
        """All of them said at ``now`` what they had said before, but for their charge."""
        self._known = {name: replace(headset, at=now) for name, headset in self._known.items()}

    def counted(self, scene: str, now: Instant) -> dict[str, object]:
        """The fleet in numbers. Who is gone leaves it."""
        self._known = {name: headset for name, headset in self._known.items() if now < headset.at + GONE_AFTER}
        if now >= self._expected:
            self._expected = 0
        fleet = self._known.values()
        awake = [headset for headset in fleet if headset.state != "asleep"]
        said: dict[str, object] = {
            "headsets": len(self._known),
            "awake": len(awake),
            "tracked": sum(headset.tracking != "lost" for headset in awake),
            "in_scene": sum(bool(scene) and headset.scene == scene for headset in awake),
            "low": sum(headset.battery <= self._low for headset in fleet),
        }
        return said | ({"battery": min(headset.battery for headset in fleet)} if fleet else {})

    def astray(self, scene: str, now: Instant) -> Iterator[str]:
        """Who is awake and shows something else than ``scene``: told once in a while."""
        for headset in self._known.values():
            wrong = headset.state == "awake" and headset.scene != scene
            if wrong and now >= self._sought.get(headset.name, 0) + AGAIN_AFTER:
                self._sought[headset.name] = now
                yield headset.name

    def to_wake(self, now: Instant) -> Iterator[str]:
        """Who sleeps through a scene and is to be woken."""
        for headset in self._known.values() if self._policy["on_sleep"] == "wake" and not self._expected else ():
            if headset.state == "asleep" and headset.battery > 0 and now >= self._woken.get(headset.name, 0) + AGAIN_AFTER:
                self._woken[headset.name] = now
                yield headset.name

    def see_through(self) -> Iterator[tuple[str, bool]]:
        """Whose policy lets them see the room now, and who may see the scene again."""
        for headset in self._known.values() if self._lets_through else ():
            on = headset.state != "asleep" and any(
                self._policy[word] == "passthrough" and wrong
                for word, wrong in (("on_low_battery", headset.battery <= self._low), ("on_lost_tracking", _lost(headset)))
            )
            if on != self._through.get(headset.name, False):
                self._through[headset.name] = on
                yield headset.name, on

    def trouble(self, now: Instant) -> str:
        """What is wrong, in words; "" where nothing is."""
        found = []
        for headset in self._known.values():
            if headset.state == "asleep" and now >= self._expected and self._policy["on_sleep"] != "nothing":
                found.append(f"{headset.name} sleeps")
            if headset.battery <= self._low and self._policy["on_low_battery"] != "nothing":
                found.append(f"{headset.name} has {headset.battery:.0f} % left")
            if _lost(headset) and self._policy["on_lost_tracking"] != "nothing":
                found.append(f"{headset.name} has lost its tracking")
        return ", ".join(found[:4]) + (f" and {len(found) - 4} more" if len(found) > 4 else "")


def _lost(headset: Headset) -> bool:
    return headset.tracking == "lost" and headset.state != "asleep"
