"""Turns the plan into frames: applies changes at their instants, renders, packs, suppresses, paces. Sans-I/O.

Rehearsal runs a `FrameSender` in-process in virtual time, the wire process on a thread in real time; the bytes are the
same. Frame k is due at ``epoch + k * 10**9 // rate``, for every protocol. All instants are of one clock, the caller's
(show time in rehearsal, CLOCK_MONOTONIC in the wire process); ``anchor`` is where show time 0 lies on it.

`next_busy` tells the frames in which anything must be rendered or sent from those that a rehearsal may skip. Messages
that are merely repeated without need (a widget's, a hazard universe's) are not counted busy: a virtual cable loses nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from showctl.light.plan import Plan, PlanChange
from showctl.light.shards import PIECE, Steps, applying, finished
from showctl.protocols import artnet, sacn
from showctl.protocols.errors import ProtocolError
from showctl.runtime.ports import Address
from showctl.runtime.receive.merge_in import MergeIn
from showctl.runtime.receive.rivals import Rivals
from showctl.runtime.wire.artnet_output import NodeHeard
from showctl.runtime.wire.check_rows import check_few, checked, checking_change, checking_plan, is_few
from showctl.runtime.wire.drawing import Between, nothing
from showctl.runtime.wire.drawn_room import DrawnRoom
from showctl.runtime.wire.errors import EndingError
from showctl.runtime.wire.frames import Batch, Frame
from showctl.runtime.wire.held_plan import HeldPlan
from showctl.runtime.wire.outputs import Outputs, Speaker
from showctl.runtime.wire.ready import Ready
from showctl.runtime.wire.stand_ins import EXIT, SAFE, leave, stand_ins_of
from showctl.runtime.wire.tap import Tapped
from showctl.runtime.wire.touched import Touched
from showctl.show.instants import SECOND, Duration, Instant
from showctl.show.patch import Universe
from showctl.show.show import Show

EXIT_FADE: Final = SECOND
LOOPBACK_BROADCAST: Final = "127.255.255.255"


class FrameSender:
    """One show's output. With ``waiting`` it sends no levels until a plan is loaded: receivers keep what they have."""

    def __init__(
        self,
        show: Show,
        cid: bytes,
        source_name: str,
        epoch: Instant = 0,
        *,
        sacn_port: int = sacn.PORT,
        artnet_port: int = artnet.PORT,
        broadcast: str = LOOPBACK_BROADCAST,
        waiting: bool = False,
        address: str = "127.0.0.1",
        preview: bool = False,
        patient: bool = False,
    ) -> None:
        """``patient``: what is too large for a frame is made ready between frames (``work``), and shows once it is."""
        self.show, self.epoch, self.rate = show, epoch, show.dmx_rate
        self.anchor: Instant = 0
        self.loaded = not waiting
        self.slots = np.zeros((len(show.patch.universes), 512), np.uint8)
        self.stand_ins = stand_ins_of(show)
        self.rivals = Rivals(show.patch.universes, cid)
        self.joining = MergeIn(show.patch.universes, cid, epoch)
        self._refused = 0
        self._held = HeldPlan()
        self._stand_in: Plan | None = None
        self._ending = False
        self._drawn = DrawnRoom(show.patch, show.submasters, patient=patient)
        self._announced: Touched | None = None
        """What a change will do that is not said yet."""
        self._ready: Ready | None = None
        """What leaves when it is said."""
        self._unsettled: Instant | None = None
        """When changes were due that show already, and are not in the plan yet (``settle``)."""
        self._arriving = False
        """The first plan is here and not ready."""
        who = Speaker(cid, source_name, sacn_port, artnet_port, broadcast, address, preview)
        self._outputs = Outputs(show, who, self.joining.artnet_addresses)

    # --- What comes in ------------------------------------------------------------------------------------------------

    @property
    def applied(self) -> int:
        """The serial of the last change that shows."""
        return self._held.applied

    @property
    def accepted(self) -> int:
        """The serial of the last change taken, whether it is due or not."""
        return self._held.accepted

    @property
    def next_change(self) -> Instant | None:
        """When the next change is due that was said ahead."""
        return self._held.next_change

    @property
    def plan(self) -> Plan:
        """The engine's plan as far as it is applied."""
        return self._held.plan

    @property
    def standing_in(self) -> bool:
        """Whether a look of our own shows instead of the engine's."""
        return self._stand_in is not None

    @property
    def ending(self) -> bool:
        """Whether the exit look is on its way: the engine has no say any more."""
        return self._ending

    @property
    def nodes(self) -> Sequence[NodeHeard]:
        """The Art-Net nodes that answer."""
        return tuple(self._outputs.artnet.nodes.values())

    @property
    def refused_datagrams(self) -> int:
        """How many datagrams on the Art-Net and sACN ports were none."""
        return self._outputs.artnet.refused + self._refused

    def load(self, plan: Plan, serial: int, anchor: Instant | None = None) -> None:
        """The whole plan, as it stands after change ``serial``. It also ends a stand-in."""
        finished(self.loading(plan, serial, anchor))

    def loading(self, plan: Plan, serial: int, anchor: Instant | None = None) -> Steps[None]:
        """The same in short steps; with the last one it is done."""
        self._mind()
        yield from checking_plan(plan, self.show)
        plan = yield from self._drawn.take(plan)
        self._mind()
        if anchor is not None:
            self.anchor = anchor
        self._held.load(plan, serial)
        self._stand_in, self._unsettled, self._announced = None, None, None
        self._drawn.show(plan, self.anchor)
        self._arriving = not (self.loaded or self._drawn.ready)
        self.loaded = not self._arriving

    def take_over(self, older: FrameSender, epoch: Instant) -> list[Batch]:
        """Goes on where ``older`` is; gives what ends the universes that are no more. Load the plan for this patch next.

        Frames count from ``epoch`` where the rate is another.
        """
        self.epoch = older.epoch if older.rate == self.rate else epoch
        self.anchor, self.loaded = older.anchor, older.loaded
        rows = {universe.key: universe.index for universe in older.show.patch.universes}
        for universe in self.show.patch.universes:
            if universe.key in rows:
                self.slots[universe.index] = older.slots[rows[universe.key]]
        self.rivals.take_over(older.rivals)
        self.joining.take_over(older.joining)
        return self._outputs.take_over(older._outputs)

    def accept(self, serial: int, instant: Instant, change: PlanChange) -> None:
        """Takes a change for ``instant``, discarding every held change from ``serial`` on. A gap is refused."""
        finished(self.accepting(serial, instant, change))

    def accepting(self, serial: int, instant: Instant, change: PlanChange) -> Steps[None]:
        """The same in short steps; with the last one it is done."""
        self._mind()
        known, made = self._announced, None
        if known is None or not known.follows(self._held.plan, (change,)):  # what was announced was looked at then
            yield from checking_change(change, self.show)
        if len(change.rows_in) + len(change.rows_out) > PIECE and (plan := self._held.ahead(serial)) is not None:
            made = plan, (yield from applying(plan, change))
        self._mind()
        self.settle()
        before = self._held.plan
        self._held.accept(serial, instant, change, made)
        if self._held.plan is not before:
            self._draw_held()

    def announce(self, serial: int, instant: Instant, change: PlanChange, now: Instant) -> None:
        """``change`` may be said in a moment: its work is done now where that can be, and nothing shows."""
        self._announced = self._ready = None
        self.settle()
        if serial != self.applied + 1 or self._stand_in is not None or not self.loaded:
            return
        try:
            if is_few(change):
                check_few(change, self.show)
            else:
                checked(checking_change(change, self.show))
            known = self._announced = self._drawn.touched(self._held.plan, (change,), now - self.anchor)
            if known is not None and instant <= now and not self.joining:
                self._ready = self._outputs.ready(known.pieces, now)
        except Exception:  # a change that is wrong is refused when it is said
            self._announced = self._ready = None

    def prompt(self) -> Ready | None:
        """The change that was announced is said: what leaves before anything else is done, if it was made ready.

        Send it, say that it has ``left``, and accept the change.
        """
        ready, known, self._ready = self._ready, self._announced, None
        if ready is None or known is None or known.before is not self._held.plan or self._unsettled is not None:
            return None
        if self._stand_in is not None or self._ending or not ready.fresh:
            return None
        return ready

    def cut(self, serial: int) -> None:
        """The future from ``serial`` on will not happen."""
        self._mind()
        self.settle()
        if self._held.cut(serial):
            self._draw_held()

    def panic(self, now: Instant, on: bool = True) -> None:
        """Fades to the safe look over the show's panic time, whatever the engine says; a second panic cuts.

        Off (or a whole plan): the engine's light shows again. Its changes are taken all the while.
        """
        self._mind()
        if on:
            self.stand_in(SAFE, now, 0 if self.standing_in else self.show.panic_time)
        else:
            self._stand_in = None
            self._draw_held()

    def stand_in(self, kind: str, now: Instant, over: Duration) -> None:
        """Leaves what shows for the preloaded look ``kind`` (safe or exit)."""
        self._advance(now)
        stand_in = leave(self._shown(), self._drawn.levels(now), self.stand_ins[kind], self.show.patch, now - self.anchor, over)
        if self._ending:  # it waits for nothing
            self._drawn.show_at_once(stand_in, self.anchor, now)
        else:
            stand_in = finished(self._drawn.take(stand_in))
            self._drawn.show(stand_in, self.anchor)
        self._stand_in = stand_in

    def route(self, universe: Universe, priority: int, hosts: Sequence[str]) -> None:
        """``universe`` goes to ``hosts`` from now on (none: multicast, or the nodes that answer)."""
        self._outputs.route(universe, priority, hosts)

    def received(self, data: bytes, source: Address, now: Instant) -> None:
        """A datagram on the Art-Net port."""
        packet = self._outputs.artnet.received(data, source, now)
        if packet is not None:
            self.rivals.heard_artnet(packet, source[0], now)
            self.joining.heard_artnet(data, source, now)

    def received_sacn(self, data: bytes, host: str, now: Instant) -> None:
        """A datagram on the sACN port, not from us."""
        try:
            packet = sacn.decode(data)
        except ProtocolError:
            self._refused += 1
            return
        self.rivals.heard_sacn(packet, host, now)
        self.joining.heard_sacn(data, host, now)

    def received_dmx(self, widget: str, slots: bytes, now: Instant) -> None:
        """Levels that came in by the cable of a widget."""
        self.rivals.heard_dmx(widget, now)
        self.joining.heard_dmx(widget, slots, now)

    @property
    def polled(self) -> Instant:
        """When Art-Net nodes were polled last; -1: never."""
        return self._outputs.artnet.polled

    def nodes_answer(self, now: Instant) -> None:
        """Nodes would answer a poll as they did the last one: should it be due now, it is as good as answered (in rehearsal)."""
        self._outputs.artnet.was_answered(now)

    def relinked(self, broadcast: str, address: str) -> None:
        """The network was away and is there again, or has another address: everybody hears everything anew."""
        self._outputs.relinked(broadcast, address)

    # --- What goes out ------------------------------------------------------------------------------------------------

    def frame(self, now: Instant, between: Between = nothing) -> Frame:
        """Everything that goes out at the grid instant ``now``.

        ``between`` is called while it is made, where a change may come in and go out by ``extra``.
        """
        self._render(now, between)
        between()
        index = self.index(now)
        if not self.loaded:
            return Frame(now, index, tuple(self._outputs.artnet.polls(now)))
        return Frame(now, index, *self._outputs.frame(self._going_out(now), now, index, between))

    def extra(self, now: Instant, *, small: bool = False) -> Frame | None:
        """Between two grid instants: the universes at rest that change at once (GO does not wait for the grid), or nothing.

        ``small``: only if that leaves most of the room alone, as while a frame is being made.
        """
        self.settle()
        if not self.loaded or self._held.next_change is None or self._held.next_change > now:
            return None
        if not self._show_touched(now):
            if small:
                return None
            self._render(now)
        batches = self._outputs.extra(self._going_out(now), now)
        return Frame(now, -1, batches) if batches else None

    def settle(self) -> None:
        """Brings into the plan what ``extra`` shows already: work that neither a GO nor a frame waits for.

        Call it when a frame was sent, and there is time until the next.
        """
        if self._unsettled is not None:
            due, self._unsettled = self._unsettled, None
            self._held.advance(due)
            self._draw_held(seen=True)

    def work(self, now: Instant) -> bool:
        """Does a short piece of what is to be made ready for frames to come; whether there may be more."""
        self.settle()
        return self._drawn.work(now)

    def tapped(self, now: Instant) -> list[Tapped]:
        """What every universe carries, for whoever watches."""
        slots = self.joining.joined(self.slots, now)
        return [Tapped(u.key, u.priority, slots[u.index, : u.slots].tobytes()) for u in self.show.patch.universes]

    def hold(self, now: Instant) -> None:
        """What shows stays, until the next change: a plan could not be rendered."""
        self._unsettled = None
        self._held.advance(now)
        self._drawn.show(self._shown(), self.anchor)
        self._drawn.hold()

    def end(self, now: Instant) -> Iterator[Frame]:
        """The frames of leaving: a fade to the exit look, that look whole, and three terminations.

        From the call on nothing is accepted. Each frame is made when it is asked for: send one before the next.
        """
        self._mind()
        self._ending = True
        if self.loaded:
            self.stand_in(EXIT, now, EXIT_FADE)
        return self._leave(now)

    def _leave(self, now: Instant) -> Iterator[Frame]:
        if not self.loaded:
            return
        at = self.next_frame(now)
        while at < now + EXIT_FADE:
            yield self.frame(at)
            at = self.next_frame(at)
        yield self.frame(at)
        for _ in range(sacn.TERMINATION_PACKETS):
            at = self.next_frame(at)
            yield Frame(at, self.index(at), tuple(self._outputs.sacn.terminate()))

    # --- When ---------------------------------------------------------------------------------------------------------

    def instant(self, index: int) -> Instant:
        """When frame ``index`` is due."""
        return self.epoch + index * SECOND // self.rate

    def index(self, now: Instant) -> int:
        """The frame that is due at ``now``; -1 between two."""
        index = self._index_from(now)
        return index if self.instant(index) == now else -1

    def next_frame(self, now: Instant) -> Instant:
        """The first grid instant after ``now``."""
        return self.instant(self._index_from(now + 1))

    def next_busy(self, now: Instant) -> Instant:
        """The first grid instant after ``now`` at which something must be rendered or sent."""
        asks = [self._held.next_change, self._drawn.renders_at, self._outputs.next_due(self.loaded)]
        asked = min((ask for ask in asks if ask is not None), default=now + SECOND)
        return self.instant(self._index_from(max(now + 1, asked)))

    def idle_until(self, now: Instant) -> Instant:
        """The first grid instant after ``now`` whose frame is not empty, what is merely repeated counted, if nothing comes in."""
        return self.next_frame(now) if self._outputs.repeats or self.joining else self.next_busy(now)

    def _index_from(self, now: Instant) -> int:
        return -((self.epoch - now) * self.rate // SECOND)

    # --- The digest ---------------------------------------------------------------------------------------------------

    def slots_digest(self) -> bytes:
        """SHA-256 of all universes' slots as last rendered."""
        return hashlib.sha256(self.slots.data).digest()

    # --- Inside -------------------------------------------------------------------------------------------------------

    def _mind(self) -> None:
        if self._ending:
            raise EndingError("the wire is fading to its exit look and takes nothing more")

    def _shown(self) -> Plan:
        return self._stand_in or self._held.plan

    def _draw_held(self, *, seen: bool = False) -> None:
        """The engine's plan is to show, unless a look of our own stands before it."""
        if self._stand_in is None:
            self._drawn.show(self._held.plan, self.anchor, seen=seen)

    def _advance(self, now: Instant) -> None:
        self.settle()
        if self._held.next_change is None or self._held.next_change > now:
            return
        if self.loaded and self._drawn.shows_later and self._show_touched(now):
            self.settle()
        elif self._held.advance(now):
            self._draw_held()

    def _render(self, now: Instant, between: Between = nothing) -> None:
        self._advance(now)
        changed = self._drawn.render(self.slots, now, between)
        if self._arriving and self._drawn.ready:
            self._arriving, self.loaded = False, True
        if changed is None or changed.any():
            self._outputs.look(self.slots, changed, between)

    def _going_out(self, now: Instant) -> NDArray[np.uint8]:
        """What leaves: the show's slots, with the desks that join. The digest is of the show's alone.

        While safe looks show (panic, evacuation) nobody joins: nothing stands above those.
        """
        if not self.joining:
            return self.slots
        safe = self.standing_in or self._is_safe()
        slots = self.slots if safe else self.joining.joined(self.slots, now)
        self._outputs.look(slots)
        return slots

    def _is_safe(self) -> bool:
        """Whether the plan holds the zones' safe looks, which stand behind the show's own lists (``engine/stage.py``)."""
        lists = len(self.show.lists)
        return bool(lists and (self._held.plan.table.list == lists).any())

    def _show_touched(self, now: Instant) -> bool:
        """Shows only the universes that the changes due now touch. False, and nothing done, where they touch most of the room.

        The next frame renders everything.
        """
        plan, changes, known = self._held.plan, self._held.due(now), self._announced
        self._announced = None
        if self._stand_in is not None:
            return False
        if known is None or not known.follows(plan, changes):
            known = self._drawn.touched(plan, changes, now - self.anchor)
        changed = None if known is None else self._drawn.over(known, self.slots)
        if changed is None:
            return False
        self._unsettled = now
        self._outputs.look(self.slots, changed)
        return True
