"""Who a request or a socket comes from, and what they may send.

- The Unix socket is this user's own, and a machine where nobody has a PIN is its user's, too: everything is permitted.
- Where people have PINs, a session says who it is (a cookie that scripts cannot read and other sites cannot send). Without
  one, this machine's own screen looks on, and has panic (R5); from anywhere else there is a login page and nothing.
- A crew's link looks on, and has no panic.

What each role may send stands in ``messages.py``, and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import HTTPConnection

from showctl.console.guard import is_loopback
from showctl.console.messages import MESSAGES
from showctl.runtime.people import ROLES, People, Person, Role
from showctl.runtime.sessions import COOKIE, Sessions, Throttle

_NEEDS: Final = {message.name if message.way == "ws" else message.way: message for message in MESSAGES}
OPEN: Final = frozenset({"GET /api/me", "POST /api/login", "POST /api/logout"})
"""What anybody may send: how else would they come in?"""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody at a page. ``role`` None: they have not said who they are, and may not even look."""

    person: str
    role: Role | None
    local: bool
    """At this machine itself."""
    by_link: bool = False
    pins: bool = False
    """People have PINs here."""

    def refused(self, message: str) -> str:
        """Why they may not send ``message`` (a request's name, or method and path); "" where they may."""
        needs = _NEEDS.get(message)
        if needs is None or message in OPEN:
            return ""
        if message == "Panic" and self.local and not self.by_link:
            return ""
        if self.role is None:
            return "log in first"
        if ROLES.index(self.role) >= ROLES.index(needs.role):
            return ""
        you = "you look on" if self.role == "viewer" else f"you are {self.role} here"
        return f"{needs.name} is for {_plural(needs.role)}; {you}"

    def told(self) -> dict[str, object]:
        """As a page is told who it is."""
        return {"person": self.person, "role": self.role, "local": self.local, "pin": self.pins}


class Access:
    """Of one console. ``clock``: seconds of the wall."""

    def __init__(self, state: Path | None, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.people = None if state is None else People(state)
        self.sessions = None if state is None or self.people is None else Sessions(state, self.people)
        self.throttle = Throttle()

    @property
    def pins(self) -> bool:
        """Whether anybody has a PIN or a link. A file that cannot be understood counts: nobody is let in by accident."""
        try:
            return bool(self.people and self.people.known())
        except ValueError:
            return True

    def who(self, connection: HTTPConnection) -> Who:
        """Who sends this."""
        if connection.client is None:
            return Who("", "programmer", True)
        local, pins = is_loopback(connection.client.host), self.pins
        if not pins:
            return Who("", "programmer" if local else None, local)
        person = self._in_session(connection.cookies.get(COOKIE, "")) or self._by_token(connection)
        if person is not None:
            return Who(person.name, person.role, local, person.by_link, pins)
        return Who("", "viewer" if local else None, local, False, pins)

    def log_in(self, pin: str, address: str) -> Person | float:
        """Whose PIN it is; 0 where it is nobody's; or how many seconds to wait, and it was not tried.

        Takes a while: not for an event loop.
        """
        assert self.people is not None
        wait = self.throttle.wait(address, self.clock())
        if wait > 0:
            return wait
        person = self.people.of_pin(pin)
        if person is None:
            self.throttle.wrong(address, self.clock())
            return 0.0
        self.throttle.right(address)
        return person

    def begin(self, person: Person) -> str:
        """A session; returns what the cookie holds."""
        assert self.sessions is not None
        return self.sessions.begin(person, self.clock())

    def end(self, connection: HTTPConnection) -> None:
        """The session that sends this is over."""
        if self.sessions is not None:
            self.sessions.end(connection.cookies.get(COOKIE, ""), self.clock())

    def _by_token(self, connection: HTTPConnection) -> Person | None:
        """A program that looks on: a crew's link, as ``Authorization: Bearer TOKEN`` (RFC 6750, 2.1)."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        try:
            return self.people.of_link(token) if scheme.lower() == "bearer" and self.people is not None else None
        except ValueError:
            return None

    def _in_session(self, token: str) -> Person | None:
        try:
            return self.sessions.of(token, self.clock()) if token and self.sessions is not None else None
        except ValueError:
            return None


def _plural(role: Role) -> str:
    later = ROLES[ROLES.index(role) :]
    return f"{later[0]}s" if len(later) == 1 else f"{', '.join(f'{word}s' for word in later[:-1])} and {later[-1]}s"
