"""The light of a rehearsal: which instants are rendered, from which plan, and what every universe showed then.

``every_frame``: the frame sender takes each change of the plan as it does live, and renders and sends each instant of its
grid. Otherwise only what somebody may see: the instants at which a judge looks, the changes of light that one watches, and
a sample (which is also what keeps nodes from thinking that we are gone). Between them nothing is kept up to date: a frame
takes the engine's own plan where that has come to mean something else. Rows that are renewed again and again (hazards)
stand as long as the engine renews them in time. Whatever is rendered is the same to the byte either way.
"""

from __future__ import annotations

import hashlib
from bisect import insort
from collections.abc import Callable
from typing import Final

import numpy as np

from showctl.light.plan import Plan, PlanChange, RowKind, Rows, pick
from showctl.runtime.ports import Address, Venue
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.show.fixtures import Family, Hazard
from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.levels import FULL
from showctl.show.pixels import PIXELS
from showctl.show.show import Show

CID: Final = bytes(range(16))
"""Rehearsals send under one fixed CID, so that their bytes can be compared."""
HERE: Final = ("127.0.0.1", 6454)
WATCHED: Final = SECOND
"""How often light that moves is rendered while a line is about it; often enough, too, that no node thinks us gone."""
MOST_RENEWED: Final = 64
QUICK: Final = SECOND
"""Light that goes from one level to another in less may be half of a flash: where it arrives is looked at."""
FAINT: Final = FULL // 8
"""Light that goes below may leave a room dark."""


class RehearsedLight:
    """The frame sender of a rehearsal, and the venue's lamps at its end. A ``LightSink`` for the playback."""

    def __init__(self, show: Show, venue: Venue, sample: Duration, *, every_frame: bool) -> None:
        self.sender = FrameSender(show, CID, f"showctl {show.name}")
        self.every_frame = every_frame
        self.hashes: dict[Instant, bytes] = {}
        """What every universe showed, for each frame."""
        self.frames = hashlib.sha256()
        """The same as one chain, of the show that is running."""
        self.plan_now: Callable[[], Plan] = Plan
        """Where the engine's plan is found."""
        self._venue, self._sample = venue, sample
        self._begun: Instant = 0
        self._drawn: Instant = -1
        self._meaning = self._shown = 0
        """Counts the changes that mean something, and which of them a frame has shown."""
        self._renewed: dict[int, bytes] = {}
        """Rows as they were last renewed, by the first of their ids."""
        self._renews = self._lapsed = False
        """The last plan taken has rows that must be renewed; they were not."""
        self.looks_at_arrivals = False
        """Somebody counts flashes or fears the dark: frames are shown where quick light arrives, and where light goes out."""
        self.passes_over = False
        """Of quick light that stays, it is enough to know when it arrived, while nobody watches and nothing flickers."""
        self.passed_over: list[Instant] = []
        """The frames that would have shown such light, until who counts flashes takes note of them (``house_watch.py``)."""
        self.arrived = False
        """The frame shown last was one in which light arrived."""
        self._arrives: list[Instant] = []
        self._quick: list[Instant] = []
        self._bright = np.array(
            [p.family in (Family.INTENSITY, Family.COLOR) or p.name == PIXELS for p in show.patch.parameters], np.bool_
        )
        self._hazard = np.array([p.hazard is not Hazard.NONE for p in show.patch.parameters], np.bool_)
        self._flickers: tuple[int, bool] = (-1, False)
        self._digest = b""
        self._empty_until: Instant = -1
        """Up to here every frame is as the last one, and says nothing."""
        self._nodes = -1
        """How often something had happened to nodes when they were polled last: while nothing has, polls are left out."""

    # --- the plan -----------------------------------------------------------------------------------------------------

    def load(self, plan: Plan, serial: int) -> None:
        self._meaning += 1
        if self.every_frame:
            self._empty_until = -1
            self.sender.load(plan, serial)

    def accept(self, serial: int, instant: Instant, change: PlanChange) -> None:
        self._meaning += not self._is_renewal(change)
        if self.looks_at_arrivals:
            out, quick = self._arrivals(change)
            for over in out:
                insort(self._arrives, instant + over)
            for over in quick:
                insort(self._quick, instant + over)
        if self.every_frame:
            self._empty_until = -1
            self.sender.accept(serial, instant, change)

    def cut(self, serial: int) -> None:
        if self.every_frame:
            self._empty_until = -1
            self.sender.cut(serial)

    @property
    def has_changed(self) -> bool:
        """Light was told to change since the last frame."""
        return self._meaning != self._shown

    def _is_renewal(self, change: PlanChange) -> bool:
        """Whether all that it does is to let rows stand longer, again."""
        rows, out = change.rows_in, change.rows_out
        if not len(rows) or len(change.clocks) or change.clocks_out or len(change.masters):
            return False
        if not rows["until"].all() or not np.array_equal(rows["id"], out):
            return False
        first, content = int(rows["id"][0]), lasting(rows).tobytes()
        same = self._renewed.get(first) == content
        if len(self._renewed) >= MOST_RENEWED:
            self._renewed.clear()
        self._renewed[first] = content
        return same

    def _arrivals(self, change: PlanChange) -> tuple[list[Duration], list[Duration]]:
        """After how long light arrives that a change takes out, or all but out; and other light that it sends on in no second."""
        masters, rows = change.masters, change.rows_in
        found: set[Duration] = set()
        if len(masters):
            hasty = (masters["duration"] < QUICK) & (masters["source"] != masters["target"])
            found |= set(masters["duration"][hasty].tolist())
        moves = (rows["kind"] <= RowKind.RELEASE) & (rows["source"] != rows["target"]) & self._bright[rows["parameter"]]
        if not moves.any():
            return sorted(found), []
        hasty = rows["duration"] < QUICK
        out = (rows["target"] == 0) | (rows["kind"] == RowKind.RELEASE)
        out |= hasty & (rows["target"] < FAINT) & (rows["target"] < rows["source"])
        found |= set(rows["duration"][moves & out].tolist())
        return sorted(found), sorted(set(rows["duration"][moves & hasty & ~out].tolist()) - found)

    @property
    def flickers(self) -> bool:
        """An effect runs that comes round in less than a second."""
        if self._flickers[0] != self._meaning:
            table = self.plan_now().table
            rows = table.pick((table.kind == RowKind.EFFECT) | (table.kind == RowKind.CHASE))
            self._flickers = self._meaning, bool((self._bright[rows["parameter"]] & (rows["period"] < SECOND)).any())
        return self._flickers[1]

    def received(self, data: bytes, source: Address, now: Instant) -> None:
        """A datagram on the Art-Net port."""
        self._empty_until = -1
        self.sender.received(data, source, now)

    # --- frames -------------------------------------------------------------------------------------------------------

    def begin(self, now: Instant) -> None:
        """A show begins: its digest counts from here."""
        self.frames = hashlib.sha256()
        self._begun, self._drawn = now, -1

    @property
    def drawn(self) -> Instant:
        """When the last frame was shown; -1 before the first of a show."""
        return self._drawn

    def next_frame(self, watched: bool, closely: bool = False) -> Instant:
        """When the next frame is worth it, on the grid; ``watched``: a line is about what lamps show just now.

        ``closely``: every one is.
        """
        if self._drawn < self._begun:
            return self._begun
        if self.every_frame or closely:
            return self.sender.next_frame(self._drawn)
        by = self._drawn + WATCHED if watched else self._drawn - (self._drawn - self._begun) % self._sample + self._sample
        if self._arrives:
            by = min(by, self._arrives[0])
        if self._quick and (watched or not self.passes_over or self.flickers):
            by = min(by, self._quick[0])
        return self.sender.next_frame(by - 1)

    def frame(self, now: Instant) -> None:
        """Renders and sends the frame of this instant, if it has not been."""
        if self._drawn == now:
            return
        if not self.every_frame:
            self._take_plan(now)
        self._drawn, self._shown = now, self._meaning
        self._arrived(now)
        if now < self._empty_until:
            shown = self.hashes[now] = self._digest
        else:
            shown = self.hashes[now] = self._send(now)
        self.frames.update((now - self._begun).to_bytes(8, "little") + shown)

    def _send(self, now: Instant) -> bytes:
        """The frame goes to the venue; what it showed."""
        nodes = self._venue.nodes_changed()
        if nodes == self._nodes and not self.every_frame:
            self.sender.nodes_answer(now)
        frame = self.sender.frame(now)
        if self.sender.polled == now:
            self._nodes = nodes
        for batch in frame.batches:
            self._venue.packets(HERE, batch.destinations, batch.buffer, batch.sizes, now)
        for write in frame.serial:
            if not self._venue.serial(write.port, write.data, now):
                self._venue.open_serial(write.port, now)
                self._venue.serial(write.port, write.data, now)
        self._digest = self.sender.slots_digest()
        if self.every_frame:
            self._empty_until = self.sender.idle_until(now)
        return self._digest

    def _arrived(self, now: Instant) -> None:
        """A frame of ``now`` shows what has arrived by then."""
        self.arrived = False
        while self._arrives and self._arrives[0] <= now:
            self._arrives.pop(0)
            self.arrived = True
        while self._quick and self._quick[0] <= now:
            shown = self.sender.next_frame(self._quick.pop(0) - 1)
            self.arrived |= shown == now
            if shown < now and self.passes_over and self.passed_over[-1:] != [shown]:
                self.passed_over.append(shown)

    def _take_plan(self, now: Instant) -> None:
        """The engine's plan, where it has come to mean something else. Rows that it renews in time have no end in it."""
        if not (self.has_changed or self._renews):
            return
        plan = self.plan_now()
        rows = plan.table.pick(self._hazard[plan.table.parameter])  # no others are renewed
        rows = pick(rows, rows["until"] != 0)
        self._renews = bool(len(rows))
        lapsed = self._renews and int(rows["until"].min()) < now
        if lapsed or self._lapsed or self.has_changed:
            if self._renews and not lapsed:
                plan = Plan(plan.table.changed(rows["id"], lasting(rows)), plan.clocks, plan.masters)
            self.sender.load(plan, 0)
        self._lapsed = lapsed


def lasting(rows: Rows) -> Rows:
    """The rows as they would be if nothing had to renew them."""
    rows = rows.copy()
    rows["until"] = 0
    return rows
