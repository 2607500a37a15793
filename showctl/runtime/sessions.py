"""Sessions of the console: who logged in where, for how long; and wrong PINs, which are slowed and then locked out.

A session is a token in a cookie; here its hash stands, with a person and when it was last used. Sessions are kept in the state
folder, so that nobody is thrown out when the engine is followed by another in the middle of a show. One that is not used for
``LIFETIME`` is over. Time is the wall's, in seconds, and passed in.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import secrets
from collections import OrderedDict, deque
from pathlib import Path
from typing import Final

from showctl.runtime.people import People, Person, put_private

FILE: Final = "sessions.json"
COOKIE: Final = "showctl"
LIFETIME: Final = 12 * 3600.0
"""Seconds without use. A page that is open is in use."""
KEPT_EVERY: Final = 600.0
"""Seconds until use is written down again."""
MOST: Final = 256
FREE: Final = 3
"""Wrong PINs that cost nothing."""
LOCKED_AFTER: Final = 10
LOCK: Final = 900.0
LONGEST_WAIT: Final = 60.0
ALL_TOGETHER: Final = 100
"""Wrong PINs from anywhere, within ``LOCK``, after which every login waits ``LONGEST_WAIT``."""


class Sessions:
    """All sessions of one state folder."""

    def __init__(self, state: Path, people: People) -> None:
        self.people = people
        self._path = state / FILE
        self._used: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._kept_at = 0.0
        self._read()

    def begin(self, person: Person, now: float) -> str:
        """A session for ``person``; returns its token, for a cookie. Where there are too many, the longest unused goes."""
        token = secrets.token_urlsafe(32)
        self._used[_key(token)] = (person.name, now)
        while len(self._used) > MOST:
            self._used.popitem(last=False)
        self._keep(now)
        return token

    def end(self, token: str, now: float) -> None:
        """The session is over; others of the same person go on."""
        if self._used.pop(_key(token), None) is not None:
            self._keep(now)

    def seen(self, token: str, now: float) -> Person | None:
        """Whose session this is; that somebody looked changes nothing."""
        name, used = self._used.get(_key(token), ("", 0.0))
        person = self.people.known().get(name)
        return None if person is None or not 0 <= now - used < LIFETIME else person

    def of(self, token: str, now: float) -> Person | None:
        """Whose session this is, and that it is in use. None where it is none, is over, or its person is gone."""
        person = self.seen(token, now)
        if person is None:
            return None
        key = _key(token)
        self._used[key] = (person.name, now)
        self._used.move_to_end(key)
        if now - self._kept_at > KEPT_EVERY:
            self._keep(now)
        return person

    def _keep(self, now: float) -> None:
        self._used = OrderedDict((key, item) for key, item in self._used.items() if 0 <= now - item[1] < LIFETIME)
        self._kept_at = now
        put_private(self._path, json.dumps(self._used, ensure_ascii=False))

    def _read(self) -> None:
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            for key, (name, used) in told.items():
                self._used[str(key)] = (str(name), float(used))
        except (OSError, ValueError, TypeError, AttributeError):
            self._used.clear()  # everybody logs in again: nothing else is lost


class Throttle:
    """Wrong PINs, by the address that they came from."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._all: deque[float] = deque(maxlen=ALL_TOGETHER)

    def wait(self, address: str, now: float) -> float:
        """Seconds until ``address`` may try (again); 0: now."""
        count, last = self._wrong.get(_place(address), (0, 0.0))
        if count >= LOCKED_AFTER:
            until = last + LOCK
        elif count >= FREE:
            until = last + min(2.0 ** (count - FREE), LONGEST_WAIT)
        else:
            until = now
        if len(self._all) == ALL_TOGETHER and now - self._all[0] < LOCK:
            until = max(until, self._all[-1] + LONGEST_WAIT)
        return max(until - now, 0.0)

    def wrong(self, address: str, now: float) -> None:
        """A PIN from there was nobody's. After a lock has passed, the count begins anew."""
        place = _place(address)
        count, last = self._wrong.pop(place, (0, now))
        self._wrong[place] = (1 if now - last > LOCK else count + 1, now)
        self._all.append(now)
        while len(self._wrong) > MOST:
            self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        """A PIN from there was somebody's."""
        self._wrong.pop(_place(address), None)


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _place(address: str) -> str:
    """An address; of IPv6 the network that one machine may choose its addresses from (RFC 4291, 2.5.4: 64 bits)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
