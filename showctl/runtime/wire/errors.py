"""What the wire says no to.

WireError
+-- GapError         a change that does not follow the last one: the whole plan is wanted
+-- EndingError      the exit look is on its way out, and nothing else will be taken
+-- BadChangeError   rows that this show's patch cannot mean
+-- BadMessageError  bytes that break the contract between engine and wire
"""

from __future__ import annotations


class WireError(Exception):
    """The wire refused something; the light goes on as it was."""


class GapError(WireError):
    """A change is missing between what the wire has and what came."""

    def __init__(self, serial: int, expected: int) -> None:
        super().__init__(f"change {serial} does not follow: {expected} was expected")
        self.serial, self.expected = serial, expected


class EndingError(WireError):
    """The wire is leaving: it fades to the exit look and ends its streams."""


class BadChangeError(WireError):
    """A row, clock or master that means nothing here."""


class NotYoursError(WireError):
    """One engine has the say: the one that said hello last."""


class BadMessageError(WireError):
    """The peer broke the contract. ``offset`` is the byte of its stream."""

    def __init__(self, what: str, offset: int) -> None:
        super().__init__(f"{what} (at byte {offset})")
        self.what, self.offset = what, offset
