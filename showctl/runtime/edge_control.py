"""Control from outside, by OSC and MQTT: nothing is accepted that the show's ``inbound:`` does not allow.

Pure: a message, its source and ``now`` go in; a request, or a ``DeniedError`` with its reason, comes out. Addresses and arguments
stand in docs/technicians/device-protocols.md. Each source has a budget, so a stuck button or a flood cannot drown the others.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from showctl.engine.events import Back, Go, Origin, Panic, Pause, Request, Resume, Standby, Stop
from showctl.protocols.errors import ProtocolError
from showctl.protocols.osc_pattern import Pattern
from showctl.show.instants import SECOND, Instant
from showctl.show.show import InboundRule, Show

MOST_SOURCES: Final = 256
LONGEST_WORD: Final = 64

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK: Final[tuple[Network, ...]] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


class DeniedError(Exception):
    """The show does not allow this, or it makes no sense. The message says why."""


@dataclass(slots=True)
class Budget:
    """So many at once, and so many a second, from each source."""

    burst: int
    rate: int
    _left: dict[str, tuple[int, Instant]] = field(default_factory=dict)

    def spend(self, source: str, now: Instant) -> bool:
        """Whether ``source`` may say one thing more. Counts in nanoseconds of its allowance."""
        price, most = SECOND // self.rate, self.burst * (SECOND // self.rate)
        left, at = self._left.pop(source, (most, now))
        left = min(left + max(now - at, 0), most)
        paid = left >= price
        self._left[source] = (left - price if paid else left, now)
        if len(self._left) > MOST_SOURCES:
            self._left.pop(next(iter(self._left)))
        return paid


class Inbound:
    """The rules of one show, ready to be asked."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._rules = [_Rule(rule) for rule in show.inbound]
        self._control = Budget(burst=50, rate=20)

    def topics(self) -> list[str]:
        """The MQTT topics that may control something."""
        return [rule.given.pattern for rule in self._rules if rule.given.kind == "mqtt"]

    def allows_input(self, kind: str, address: str, host: str) -> bool:
        """Whether ``inbound:`` lets ``host`` set an input by this address."""
        return any(rule.fits(kind, address, host) for rule in self._rules if rule.given.allow == "input")

    def osc(self, address: str, arguments: Sequence[object], host: str, now: Instant) -> Request | None:
        """The request in an OSC message; None: a button let go. ``DeniedError`` otherwise."""
        allow = self._allowed("osc", address, host)
        if not self._control.spend(host, now):
            raise DeniedError(f"{host} asks too often")
        if len(arguments) == 1 and isinstance(arguments[0], bool | int | float):
            if not arguments[0]:
                return None  # a button that sends 1 when pressed and 0 when let go
            arguments = ()
        words = [_word(argument) for argument in arguments]
        return self._request(allow, words, "", Origin("osc", "", host))

    def mqtt(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Request:
        """The request in an MQTT message. ``DeniedError`` otherwise; a retained one always."""
        allow = self._allowed("mqtt", topic, "")
        if retained:
            raise DeniedError(f"{topic} is retained: it may be days old")
        if not self._control.spend(topic, now):
            raise DeniedError(f"{topic} asks too often")
        given = _read(payload)
        words = [_word(given[name]) for name in ("list", "cue") if name in given]
        if "cue" in given and "list" not in given:
            words.insert(0, "")
        token = _word(given["id"]) if "id" in given else ""
        return self._request(allow, words, f"{topic}#{token}" if token else "", Origin("mqtt", "", topic))

    def _allowed(self, kind: str, address: str, host: str) -> str:
        """What the address is allowed to do."""
        for rule in self._rules:
            if rule.given.allow != "input" and rule.fits(kind, address, host):
                return rule.given.allow
        raise DeniedError(f"{address} from {host or 'the broker'} is not allowed by the show")

    def _request(self, allow: str, words: list[str], token: str, origin: Origin) -> Request:
        cue_list = words[0] if words else ""
        cue = words[1] if len(words) > 1 else None
        named = self._show.list_named.get(cue_list or self._show.main_list)
        if cue_list and named is None:
            raise DeniedError(f"there is no list {cue_list}")
        if cue is not None and (named is None or cue not in named.named):
            raise DeniedError(f"there is no cue {cue} in {cue_list or 'the main list'}")
        match allow:
            case "go":
                return Go(cue_list, cue, token, origin)
            case "standby":
                if cue is None:
                    raise DeniedError("standby needs a list and a cue")
                return Standby(cue_list or self._show.main_list, cue, origin)
            case "back":
                return Back(cue_list, origin)
            case "pause":
                return Pause(cue_list, None, origin)
            case "resume":
                return Resume(cue_list, None, origin)
            case "stop":
                return Stop(cue_list, None, None, origin)
            case "panic":
                return Panic(origin)
            case _:
                raise DeniedError(f"{allow} is nothing that can be allowed")


class _Rule:
    """One line of ``inbound:``, compiled."""

    def __init__(self, given: InboundRule) -> None:
        self.given = given
        self._pattern: Pattern | None = None
        if given.kind == "osc":
            try:
                self._pattern = Pattern(given.pattern)
            except ProtocolError:
                self._pattern = None  # allows nothing
        self._networks = [network for source in given.sources if (network := _network(source)) is not None]

    def fits(self, kind: str, address: str, host: str) -> bool:
        if kind != self.given.kind:
            return False
        if kind == "mqtt":
            return topic_matches(self.given.pattern, address)
        return self._pattern is not None and self._pattern.matches(address) and is_within(host, self._networks)


def topic_matches(pattern: str, topic: str) -> bool:
    """Whether an MQTT topic filter means this topic (MQTT 3.1.1, 4.7).

    >>> topic_matches("a/+/c", "a/b/c"), topic_matches("a/#", "a"), topic_matches("#", "$SYS/x")
    (True, True, False)
    """
    if topic.startswith("$") and not pattern.startswith("$"):
        return False
    wanted, given = pattern.split("/"), topic.split("/")
    for n, part in enumerate(wanted):
        if part == "#":
            return True
        if n >= len(given) or part not in ("+", given[n]):
            return False
    return len(wanted) == len(given)


def is_within(host: str, networks: Sequence[Network]) -> bool:
    """Whether ``host`` is an address in one of the networks."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)


def _network(source: str) -> Network | None:
    try:
        return ipaddress.ip_network(source, strict=False)
    except ValueError:
        return None


def _word(given: object) -> str:
    """A list, a cue or an id as the text that the show knows it by."""
    match given:
        case str() if len(given) <= LONGEST_WORD:
            return given
        case int() if not isinstance(given, bool) and abs(given) < 10**12:
            return str(given)
        case float() if abs(given) < 1e12:
            return f"{given:.7g}"  # 12.5 as a 32-bit float is 12.5 again
    raise DeniedError("an argument is neither a short text nor a number")


def _read(payload: bytes) -> dict[str, object]:
    """The JSON object in a payload; anything else says nothing, and the topic says it all."""
    try:
        read = json.loads(payload) if len(payload) <= 4096 else None
    except (ValueError, RecursionError):
        return {}
    return {name: value for name, value in read.items() if value is not None} if isinstance(read, dict) else {}
