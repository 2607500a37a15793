"""A tracking system: PosiStageNet in, whole frames out to the input edge, and its health by how old its last frame is.

Standard: PosiStageNet 2.03 (``protocols/psn``). A tracker is a guest unless PSN_INFO gives it a name that does not begin with
``guest`` (a performer, a camera). The hand is as high as the target stands over the position. A tracking system sends
frames whether or not anybody is there, so silence is a fault and never an empty room: degraded after half a second, which
is as fresh as a permissive must be, lost after 5 s.
"""

from __future__ import annotations

import math
from typing import Final

from showctl.devices.driver import Output, Outputs, Phase, Track, Tracked
from showctl.devices.heartbeat import LOST_AFTER, Heartbeat, earliest
from showctl.devices.reports import Reports
from showctl.engine.commands import Tell
from showctl.protocols import psn
from showctl.protocols.errors import ProtocolError
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant, seconds_of

STALE_AFTER: Final[Duration] = 500 * MILLISECOND
MOST_TRACKS: Final = 512
MOST_NAMES: Final = 4096


class Tracker:
    """One tracking system."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._beat = Heartbeat(device, STALE_AFTER, LOST_AFTER, damped=False)  # its permissives want to know each time
        self._reports = Reports(device)
        self._frames: psn.FrameAssembler[psn.DataPacket] = psn.FrameAssembler()
        self._infos: psn.FrameAssembler[psn.InfoPacket] = psn.FrameAssembler()
        self._names: dict[int, str] = {}
        self._age_at: Instant | None = None

    def start(self, now: Instant) -> Outputs:
        self._beat.start(now)
        return []

    def command(self, command: Tell, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def received(self, data: bytes, now: Instant) -> Outputs:
        try:
            packet = psn.decode(data)
        except ProtocolError:
            return []
        match packet:
            case psn.DataPacket():
                frame = self._frames.feed(packet)
                return self._frame(frame, now) if frame is not None else []
            case psn.InfoPacket():
                info = self._infos.feed(packet)
                if info is not None:
                    self._names = dict(info.names[:MOST_NAMES])
                return []
            case psn.UnknownPacket():
                return []

    def again(self, now: Instant) -> Outputs:
        """A frame came at ``now`` that said what the last one said (rehearsal leaves such frames out)."""
        return [*self._beat.heard(now), *self._age(now)]

    def other_deadline(self) -> Instant | None:
        """When it wants waking while such frames come."""
        return self._reports.next_deadline()

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def connected(self, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def lost(self, why: str, now: Instant) -> Outputs:
        return [*self._beat.trouble(why, now)]

    def wake(self, now: Instant) -> Outputs:
        found: list[Output] = [*self._beat.wake(now), *self._reports.wake(now)]
        if self._age_at is not None and now >= self._age_at:
            found += self._age(now)
        return found

    def next_deadline(self) -> Instant | None:
        return earliest(self._beat.next_deadline(), self._reports.next_deadline(), self._age_at)

    def desired(self) -> dict[str, Value]:
        return {}

    def reported(self) -> dict[str, Value]:
        return self._reports.values()

    def heard(self) -> Instant | None:
        return self._beat.last

    def phase(self) -> Phase:
        return Phase()  # it is asked for nothing

    def _frame(self, frame: psn.DataPacket, now: Instant) -> list[Output]:
        seen = [track for tracker in frame.trackers[:MOST_TRACKS] if (track := self._track(tracker)) is not None]
        tracks = tuple(track for track in seen if not track.name or track.name.startswith("guest"))
        others = tuple(track for track in seen if track.name and not track.name.startswith("guest"))
        self._beat.forgive()
        found: list[Output] = [*self._beat.heard(now), Tracked(tracks, others)]
        found += self._reports.say("guests", len(tracks), now)
        found += self._age(now)
        return found

    def _age(self, now: Instant) -> list[Output]:
        """The age of the last frame: 0 while frames come, then the seconds without one, a report for each until it is lost."""
        last = self._beat.last
        assert last is not None, "age is counted from a frame"
        whole = (now - last) // SECOND
        self._age_at = None if self._beat.state == "lost" else last + (whole + 1) * SECOND
        age = seconds_of(whole * SECOND)
        return [] if self._reports.value("age") == age else [*self._reports.say("age", age, now)]

    def _track(self, tracker: psn.Tracker) -> Track | None:
        if tracker.position is None or (tracker.validity is not None and tracker.validity <= 0):
            return None
        x, y, z = tracker.position
        velocity = tracker.speed if tracker.speed is not None else (0.0, 0.0, 0.0)
        hand = tracker.target[1] - y if tracker.target is not None else 0.0
        return Track(tracker.id, x, y, z, math.hypot(*velocity), hand, self._names.get(tracker.id, ""), velocity)
