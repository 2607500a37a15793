"""The MQTT broker in memory: subscriptions with wildcards, retained messages, wills, and sessions that wait for their client.

The seam is the message (MQTT 3.1.1, sections 3.1.2 wills, 3.3.1 retain, 4.7 topics); MQTT's own bytes are proven live by a
broker that others wrote. What is retained survives a restart, as with a broker that keeps its store on disk; connections do
not. Delivery is in order: of publication, then of the clients' arrival.
"""

# ruff: noqa: ARG002 - hooks take what the contract gives them

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import Instant
from showctl.show.show import Show
from simulators.device import Box, Outgoing, Will

WAITS_MOST: Final = 1000
"""Messages kept for a client that is away; the oldest go first."""


@dataclass(slots=True)
class _Session:
    """What the broker knows of one client."""

    will: Will | None = None
    clean: bool = True
    here: bool = True
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    waiting: list[tuple[str, bytes]] = field(default_factory=list)


class Broker(Box):
    """See the page; the venue calls ``attach``, ``detach``, ``subscribe`` and ``publish``, deliveries come out of ``take()``."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device.name)
        self.device = device
        self.retained: dict[str, bytes] = {}
        self._sessions: dict[str, _Session] = {}
        self._hearers: dict[str, tuple[str, ...]] = {}
        self._published = 0

    # --- what clients do ----------------------------------------------------------------------------------------------

    def attach(self, client: str, will: Will | None, now: Instant, clean: bool = True) -> bool:
        if not self.powered or self._hung:
            return False
        before = self._sessions.get(client)
        if before is not None and before.here:
            self._leave(client, before, clean=False)
        session = before if before is not None and not before.clean and not clean else _Session()
        session.will, session.clean, session.here = will, clean, True
        self._sessions.pop(client, None)
        self._sessions[client] = session
        self._hearers.clear()
        waiting, session.waiting = session.waiting, []
        for topic, payload in waiting:
            self._deliver(client, topic, payload, retain=False)
        return True

    def detach(self, client: str, now: Instant, clean: bool = True) -> None:
        session = self._sessions.get(client)
        if session is not None and session.here:
            self._leave(client, session, clean)

    def subscribe(self, client: str, topic: str, now: Instant) -> None:
        if self._holds("subscribe", client, topic):
            return
        session = self._sessions.get(client)
        if session is None or not is_filter(topic):
            return
        session.filters[topic] = levels = tuple(topic.split("/"))
        self._hearers.clear()
        for name, payload in self.retained.items():
            if matches(levels, name):
                self._deliver(client, name, payload, retain=True)

    def publish(self, client: str, topic: str, payload: bytes, qos: int, retain: bool, now: Instant) -> None:  # type: ignore[override]
        if self._holds("publish", client, topic, payload, qos, retain):
            return
        session = self._sessions.get(client)
        if session is None or not session.here:
            return
        if not is_topic(topic):  # 3.3.2.1: a topic with wildcards is a protocol error, and the end of the connection
            self._leave(client, session, clean=False)
            self._out.append(Outgoing("closed", stream=client))
            return
        self._spread(topic, payload, qos, retain)

    # --- what the broker does -----------------------------------------------------------------------------------------

    def _spread(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        self._published += 1
        if retain:
            self.retained.pop(topic, None)
            if payload:  # 3.3.1.3: an empty retained message takes the old one away
                self.retained[topic] = payload
        for client in self._hearers_of(topic):
            session = self._sessions[client]
            if session.here:
                self._deliver(client, topic, payload, retain=False)
            elif qos > 0:
                session.waiting.append((topic, payload))
                del session.waiting[:-WAITS_MOST]

    def _hearers_of(self, topic: str) -> tuple[str, ...]:
        found = self._hearers.get(topic)
        if found is None:
            if len(self._hearers) > 10_000:
                self._hearers.clear()
            found = self._hearers[topic] = tuple(
                client
                for client, session in self._sessions.items()
                if any(matches(levels, topic) for levels in session.filters.values())
            )
        return found

    def _deliver(self, client: str, topic: str, payload: bytes, *, retain: bool) -> None:
        self._say(Outgoing("mqtt", payload, stream=client, topic=topic, retain=retain))

    def _leave(self, client: str, session: _Session, clean: bool) -> None:
        session.here = False
        if session.clean:
            del self._sessions[client]
        self._hearers.clear()
        if session.will is not None and not clean:
            topic, payload, retain = session.will
            self._spread(topic, payload, 1, retain)
        session.will = None

    # --- Box ----------------------------------------------------------------------------------------------------------

    def on_down(self, now: Instant) -> None:
        """Nobody is left to publish a will; the clients find their connections closed."""
        self._out += (Outgoing("closed", stream=client) for client, session in self._sessions.items() if session.here)
        self._sessions.clear()
        self._hearers.clear()

    def on_act(self, words: str, now: Instant) -> None:
        match words.split():
            case ["forgets"]:
                self.retained.clear()
            case ["drops", client] if client in self._sessions:
                self._leave(client, self._sessions[client], clean=False)
                self._out.append(Outgoing("closed", stream=client))
            case _:
                raise ValueError(f"{self.name} does not understand {words!r}; it knows forgets, and drops CLIENT")

    def truth(self, now: Instant) -> dict[str, Value]:
        return {
            "state": "online" if self.powered else "offline",
            "clients": float(sum(session.here for session in self._sessions.values())),
            "retained": float(len(self.retained)),
            "published": float(self._published),
        }


# --- topics (MQTT 3.1.1, 4.7) -----------------------------------------------------------------------------------------


def matches(levels: tuple[str, ...], topic: str) -> bool:
    """Whether a filter, cut at its slashes, hears ``topic``.

    >>> matches(("furnace", "+", "state"), "furnace/gate/state"), matches(("furnace", "#"), "furnace")
    (True, True)
    """
    names = topic.split("/")
    if topic.startswith("$") and levels[0] in ("+", "#"):  # 4.7.2
        return False
    for n, level in enumerate(levels):
        if level == "#":
            return True
        if n >= len(names) or level not in ("+", names[n]):
            return False
    return len(levels) == len(names)


def is_topic(topic: str) -> bool:
    """Whether something can be published there."""
    return bool(topic) and not any(letter in topic for letter in "+#\0") and len(topic.encode()) < 65536


def is_filter(topic: str) -> bool:
    """Whether something can be subscribed with it: wildcards stand alone, ``#`` last."""
    levels = topic.split("/")
    alone = all(level in ("+", "#") or not any(letter in level for letter in "+#\0") for level in levels)
    return bool(topic) and alone and "#" not in levels[:-1]
