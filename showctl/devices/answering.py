"""What drivers of devices that answer have in common: what is known of one is its heartbeat, and what it said of itself."""

from __future__ import annotations

from showctl.devices.heartbeat import Heartbeat
from showctl.devices.reports import Reports
from showctl.show.cues import Value
from showctl.show.instants import Duration, Instant


class Answering:
    """The part of ``driver.Driver`` and ``driver.Timed`` that follows from a heartbeat and reports."""

    _beat: Heartbeat
    _reports: Reports

    def reported(self) -> dict[str, Value]:
        return self._reports.values()

    def heard(self) -> Instant | None:
        return self._beat.last

    def round_trip(self) -> Duration | None:
        return self._beat.round_trip
