"""How long a device has been silent, and what that makes of its health. The manners that every driver shares.

A device is pinged each second; nothing heard for 3 s makes it *degraded*, for 5 s *lost*; the first word makes it *ok* again
(docs/technicians/device-protocols.md). A *trouble* is something that it said, or that we see, which keeps it at degraded
although it answers. Each change is said once, as a sentence for the operator. ``Backoff`` paces what is tried again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from showctl.devices.driver import Health
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Duration, Instant

PING_EVERY: Final = SECOND
DEGRADED_AFTER: Final = 3 * SECOND
LOST_AFTER: Final = 5 * SECOND
FIRST_RETRY: Final = SECOND
LONGEST_RETRY: Final = 30 * SECOND
FLAPS: Final = 4
FLAPS_WITHIN: Final = 60 * SECOND
TRUSTED_AFTER: Final = 10 * SECOND
"""Who has come back so often within that time is ok again only once it has answered for so long."""


def called(device: Device) -> str:
    """What an operator calls the device: its label, or its name."""
    return device.label or device.name


class Heartbeat:
    """One device's health. Every call returns the change of health that follows, at most one.

    A ``patient`` one makes nothing of silence while the link stands: the device is not bound to answer. One that was degraded or
    lost is ok again once it has answered for ``steady``, for ``TRUSTED_AFTER`` where it comes and goes (``damped``), so that it
    is not announced at each turn. Troubles of an ``outspoken`` one are said although it was never heard yet.
    """

    def __init__(
        self,
        device: Device,
        degraded_after: Duration = DEGRADED_AFTER,
        lost_after: Duration = LOST_AFTER,
        *,
        patient: bool = False,
        steady: Duration = 0,
        outspoken: bool = False,
        damped: bool = True,
    ) -> None:
        assert degraded_after < lost_after
        self._patient = self._waits = patient
        self.who = called(device)
        self.state = "unknown"
        self.last: Instant | None = None
        self._degraded_after, self._lost_after = degraded_after, lost_after
        self._since: Instant = 0
        self.round_trip: Duration | None = None
        """From the last question to its answer."""
        self._asked: Instant | None = None
        self._trouble = ""
        self._said = ""
        self._steady, self._outspoken, self._damped = steady, outspoken, damped
        self._returns: tuple[Instant, ...] = ()
        self._answers_since: Instant | None = None
        self._excused: Instant = 0
        self._silenced = False
        """Whether its silence, or a broken link, is what it has to recover from."""

    def start(self, now: Instant) -> None:
        """Silence counts from here until the device is first heard."""
        self._since = now

    def heard(self, now: Instant) -> list[Health]:
        """The device said something."""
        if self.was_away(now) or self._answers_since is None:
            self._answers_since = now
            self._returns = (*self._returns, now)[-FLAPS:]
        self.last = self._since = now
        self._waits = self._patient
        return self._judged(now)

    def kept_talking(self, first: Instant, last: Instant) -> None:
        """The device said something at ``first``, and from then on again and again, the last time at ``last``."""
        self.heard(first)
        self.last = self._since = last

    def asked(self, now: Instant) -> None:
        """A question went out."""
        self._asked = now

    def answered(self, now: Instant) -> None:
        """Its answer came."""
        if self._asked is not None:
            self.round_trip, self._asked = now - self._asked, None

    def broken(self, why: str, now: Instant) -> list[Health]:
        """The link is gone: from here silence counts, for a patient one too."""
        if self._waits:
            self._waits, self._since = False, now
        return self.trouble(why, now)

    def doubted(self) -> None:
        """The link broke: it has to answer for ``steady`` before it is trusted again."""
        self._silenced, self._answers_since = True, None

    def trouble(self, why: str, now: Instant) -> list[Health]:
        """Something is wrong with the device although it may answer: "closed the connection"; "" when it is over."""
        self._trouble = why
        return self._judged(now)

    def excuse(self, until: Instant) -> None:
        """It may be silent up to ``until`` (it warms, it boots): that is *degraded*, and not *lost* before then."""
        self._excused = until

    def forgive(self, but: str = "") -> None:
        """Whatever was wrong is over, ``but`` for that; the next word says so."""
        self._trouble = but

    def was_away(self, now: Instant) -> bool:
        """Whether a word at ``now`` ends a silence long enough to have been noticed."""
        return self.last is None or now - self.last >= self._degraded_after

    def wake(self, now: Instant) -> list[Health]:
        """Judges the silence."""
        return self._judged(now)

    def next_deadline(self) -> Instant | None:
        """When silence would next change the health."""
        if self.state == "lost" or self._waits:
            return None
        degraded, lost = self._since + self._degraded_after, max(self._since + self._lost_after, self._excused)
        return degraded if self._silence < self._degraded_after else lost

    _silence: Duration = 0

    def _judged(self, now: Instant) -> list[Health]:
        before, silent = self.state, 0 if self._waits else now - self._since
        self._silence = silent
        self._silenced = self._silenced or silent >= self._degraded_after
        if silent >= self._lost_after and now >= self._excused:
            return self._become("lost", f"{self.who} is lost: nothing was heard of it for {silent // SECOND} s{self._because()}.")
        if silent >= self._degraded_after:
            return self._become("degraded", f"{self.who} has not answered for {silent // SECOND} s{self._because()}.")
        if self.last is None and not (self._outspoken and self._trouble):
            return []
        if self._trouble:
            return self._become("degraded", f"{self.who} {self._trouble}.")
        again = before in ("degraded", "lost")
        steady = self._steady_for(now)
        if again and self._silenced and now - (self._answers_since or 0) < steady:
            return self._become("degraded", f"{self.who} answers again; it is trusted when it has for {steady / SECOND:g} s.")
        self._silenced = False
        return self._become("ok", f"{self.who} answers{' again' if again else ''}.")

    def _steady_for(self, now: Instant) -> Duration:
        flaps = self._damped and len(self._returns) == FLAPS and now - self._returns[0] < FLAPS_WITHIN
        return max(self._steady, TRUSTED_AFTER) if flaps else self._steady

    def _because(self) -> str:
        return f" (it {self._trouble})" if self._trouble else ""

    def _become(self, state: str, why: str) -> list[Health]:
        # Degraded says a new sentence when the reason is another; how long the silence lasts is not news.
        news = state != self.state or (state == "degraded" and bool(self._trouble) and self._trouble != self._said)
        self._said = self._trouble
        if not news:
            return []
        self.state = state
        return [Health(state, why)]


@dataclass(slots=True)
class Backoff:
    """How long to wait before trying again: 1, 2, 4 ... 30 s, back to 1 s once it worked."""

    wait: Duration = FIRST_RETRY

    def next(self) -> Duration:
        """The pause before this try; the next one is twice as long."""
        wait, self.wait = self.wait, min(self.wait * 2, LONGEST_RETRY)
        return wait

    def worked(self) -> None:
        """The device answered: start from the beginning."""
        self.wait = FIRST_RETRY


def earliest(*instants: Instant | None) -> Instant | None:
    """The first of the instants that are set."""
    found = None
    for instant in instants:
        if instant is not None and (found is None or instant < found):
            found = instant
    return found
