"""The people at the pages of one console: who they are, which list each has in hand, and whose GO it is.

Everybody sees everybody. A list may be taken in hand by one page (``Own``): GO, standby and jumps of that list are then
refused to every other page until it lets go, leaves, or another takes the list over, which is always permitted and which
everybody is told. Stop, pause, panic and evacuate are never anybody's own. OSC and the command line are not pages: they go
on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from showctl.console.access import Who
from showctl.engine.events import Back, Go, Load, Locate, Preview, Request, Standby, StandbyMove, Start

OWNED: Final = (Go, Standby, StandbyMove, Start, Preview, Load, Locate, Back)
LONGEST: Final = 60


@dataclass(slots=True)
class Page:
    """One page that is open."""

    who: Who
    address: str = ""
    list: str = ""
    """Which it has in hand; "" where it has not said."""
    said: str = ""
    """What the person there called themselves, where nobody has a PIN."""

    @property
    def person(self) -> str:
        return self.who.person or self.said


class Company:
    """All pages of a console. ``main``: the list that a request means that names none."""

    def __init__(self, main: Callable[[], str]) -> None:
        self._main = main
        self.serial = 0
        """Counts what changed here."""
        self._pages: list[Page] = []
        self._owners: dict[str, Page] = {}

    def come(self, page: Page) -> None:
        """A page is open."""
        self.serial += 1
        self._pages.append(page)

    def leave(self, page: Page) -> None:
        """The page is gone, and what it had in hand is anybody's."""
        self.serial += 1
        self._pages = [other for other in self._pages if other is not page]
        self._owners = {name: owner for name, owner in self._owners.items() if owner is not page}

    def here(self, page: Page, list_name: str, person: str) -> None:
        """A page says which list it has in hand, and who sits there (where nobody has logged in)."""
        self.serial += 1
        page.list, page.said = list_name[:LONGEST], person[:LONGEST]

    def own(self, page: Page, list_name: str, take: bool) -> str:
        """GO of a list is this page's alone, or (``take`` false) anybody's again; returns who had it before, or ""."""
        self.serial += 1
        before = self._owners.get(list_name)
        if take:
            self._owners[list_name] = page
        elif before is page:
            del self._owners[list_name]
        return "" if before is None or before is page else _name(before)

    def refused(self, page: Page | None, request: Request) -> str:
        """Why a page may not ask this just now; "" where it may."""
        if not isinstance(request, OWNED) or not self._owners:
            return ""
        name = request.list or self._main()
        owner = self._owners.get(name)
        if owner is None or owner is page:
            return ""
        return f"{name} is in the hands of {_name(owner)}: take it over first"

    def told(self, page: Page) -> list[dict[str, Any]]:
        """Everybody, as ``page`` is told."""
        return [
            {"person": other.person, "role": other.who.role, "address": other.address, "list": other.list, "you": other is page}
            for other in self._pages
        ]

    def owners(self) -> dict[str, str]:
        """Who has which list in hand."""
        return {name: _name(page) for name, page in sorted(self._owners.items())}


def _name(page: Page) -> str:
    return page.person or page.address or "this machine"
