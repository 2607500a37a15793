"""The wire process: one thread on absolute deadlines that renders, sends, and listens to its engine in between.

It holds the plan, keeps its sockets, and does nothing else: no cues, no console, no journal. It outlives its engine; it ends
when it is told to (a message, or SIGTERM from the supervisor), with the exit look and then the terminations. Garbage is
not collected while frames are due, and the thread runs under SCHED_FIFO where the system permits that, and says where not.

A frame is *missed* when the thread woke after the next one was due: it is then left out, never sent twice as fast.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import gc
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from showctl.light.plan import Plan
from showctl.protocols import artnet, sacn
from showctl.runtime.supervisor import NO_SHOW
from showctl.runtime.wire.check_rows import check_plan
from showctl.runtime.wire.door import Door
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.frame_sender import FrameSender
from showctl.runtime.wire.frames import Frame
from showctl.runtime.wire.live_output import LiveOutput, Network
from showctl.runtime.wire.machine import asleep, held_up, prefer, sleep_until
from showctl.runtime.wire.stats import Counts, Lateness, NodeStats, Stats
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant
from showctl.show.show import Show

log = logging.getLogger(__name__)

_ALL_EVERY: Final = 600
"""Seconds after which garbage is looked for in all that has come to live since the start: a millisecond."""
_NO_WORK: Final = MILLISECOND
"""So shortly before a frame is made or sent, what is only announced is left alone."""
_WAKING: Final = MILLISECOND // 20
"""So shortly before it is sent, a change waits until it was."""
_SLACK: Final = MILLISECOND // 2
"""So much earlier a frame is begun: a GO that comes in between need not make it late."""
_QUICK: Final = 2 * MILLISECOND
"""A room whose frames are made in less is drawn whole between two frames, too, for what was said ahead."""
_GLANCES: Final = MILLISECOND // 12
"""So often somebody looks what has come while a frame is made or sent."""
_RIVALS_EVERY: Final = 100 * MILLISECOND
_LONGEST_LEAD: Final = 14 * MILLISECOND


class Wire:
    """One show's output, live."""

    def __init__(self, show: Show, socket_path: Path, cid: bytes, network: Network) -> None:
        now = self._due = time.monotonic_ns()
        self._cid, self._network = cid, network
        self._sender = self._built(show)
        self._door = Door(socket_path, self._sender, fingerprint(show), self.stats, self._built, self._change)
        self._output = LiveOutput(show, network, cid)
        self._door.carry = self._output.carry
        self._door.said_as_announced = self._at_once
        self._counts, self._lateness = Counts(), Lateness()
        self._asleep = asleep()
        self._said_why = 0
        self._computed, self._held_up = time.thread_time_ns(), held_up()
        self._told = now
        self._reports = 0
        self._failing = False
        self._more = True
        """There may be something to be made ready."""
        self._glanced = now
        self._rivals_told, self._rivals_told_at = 0, now
        self._lead = MILLISECOND
        """How long before its instant a frame is begun, by how long the last ones took."""
        self._piece = 2 * MILLISECOND
        """How long a piece of work takes, by how long the last ones took."""
        self._stop, self._stopper = socket.socketpair()
        self._stop.setblocking(False)
        self._stopper.setblocking(False)

    def _built(self, show: Show) -> FrameSender:
        """A frame sender for ``show``, which waits for its plan."""
        network = self._network
        return FrameSender(
            show,
            self._cid,
            f"{show.name} (showctl)",
            time.monotonic_ns(),
            sacn_port=network.sacn_port,
            artnet_port=network.artnet_port,
            broadcast=network.broadcast,
            address=network.address,
            preview=network.preview,
            waiting=True,
            patient=True,
        )

    def _change(self, sender: FrameSender, plan: Plan, serial: int, anchor: Instant) -> None:
        """``sender`` sends from the next frame on, from ``plan`` on. BadChangeError, and nothing done, where that fits not."""
        check_plan(plan, sender.show)
        self._output.change(sender.show)
        endings = sender.take_over(self._sender, self._due)
        sender.load(plan, serial, anchor)
        if endings:
            self._output.send(Frame(self._due, -1, tuple(endings)))
        self._sender, self._failing = sender, False
        log.info("The wire has taken on another patch.")

    def run(self) -> None:
        """Sends frames until the end is asked for; then leaves in good order."""
        self._counts.realtime = prefer()
        at = self._sender.next_frame(time.monotonic_ns())
        while not self._door.ended:
            self._due = at
            self._listen_until(at - self._lead, at - self._lead, _SLACK // 2)
            self._output.listen(self._sender, time.monotonic_ns())
            at = self._newest(at)
            frame = self._made(at)
            sender = self._sender
            self._listen_until(at - _WAKING, at)  # a GO does not wait for a frame that it has nothing to do with
            if sender is not self._sender:
                frame = self._made(at)  # another patch was taken on meanwhile
            sleep_until(at)
            self._send(frame, at)
            self._go_at_once(time.monotonic_ns())  # what came too shortly before, when the frame was made already
            self._work_on(time.monotonic_ns())  # one piece at least, however little time is left
            self._door.new_frame()
            self._door.bring(self._output.brought(), at)
            self._tell_of_rivals(at)
            self._report(at)
            at = self._sender.next_frame(at)
        self._leave()

    def stop(self) -> None:
        """Asks for the end, from a signal handler."""
        self._door.ended = True
        with contextlib.suppress(BlockingIOError):
            self._stopper.send(b"!")

    def stats(self) -> Stats:
        """What there is to say now."""
        sender, counts, now = self._sender, self._counts, time.monotonic_ns()
        counts.applied, counts.accepted = sender.applied, sender.accepted
        counts.standing_in = int(sender.standing_in and not sender.ending)
        counts.refused_changes, counts.refused_datagrams = self._door.refused, sender.refused_datagrams
        self._output.count(counts)
        nodes = tuple(
            NodeStats(node.host, node.name, (now - node.heard) // MILLISECOND, node.universes, node.merging, node.said)
            for node in sender.nodes
        )
        return Stats(counts, nodes, self._output.widgets(), sender.rivals.current(now))

    # --- Between frames -----------------------------------------------------------------------------------------------

    def _listen_until(self, until: Instant, frame: Instant, grace: Duration = 0) -> None:
        """Hears what comes in; ``frame`` is when the next one is sent, or made: what comes shortly before waits for that.

        For a change that was announced there are ``grace`` nanoseconds more. What was said ahead goes out at its instant, as what
        is said now does: light lands with the picture, not a frame later.
        """
        self._door.busy_from = frame - _NO_WORK
        gone = 0
        while not self._door.ended:
            now = time.monotonic_ns()
            soon = self._door.expects_until - now  # so long a change may come that was announced
            left = until - now + (grace if soon > 0 else 0)
            if left <= 0:
                return
            reads = [self._stop.fileno(), *self._door.readers(), *self._output.ears]
            coming = self._sender.next_change
            if coming is not None and gone < coming < until:
                left = max(min(left, coming - now), 0)
            work = self._more and left > self._piece * 5 // 4 and soon <= 0
            wait = 0 if work else min(left, soon) if soon > 0 else left
            readable, writable, _ = select.select(reads, list(self._door.writers()), [], wait / SECOND)
            if coming is not None and gone < coming <= time.monotonic_ns():
                gone = coming
                self._go_at_once(time.monotonic_ns(), small=self._lead > _QUICK)
            if not readable and not writable:
                if work:
                    self._work_on(time.monotonic_ns())
                continue
            self._more = True
            now = time.monotonic_ns()
            self._output.hear(readable, self._sender, now)
            self._door.serve(readable, writable, now)
            if self._door.expects_until:
                continue  # what was announced may have been said already
            self._door.bring(self._output.brought(), now)
            self._tell_of_rivals(now)
            self._go_at_once(time.monotonic_ns())

    def _work_on(self, now: Instant) -> None:
        """Does a piece of what is to be made ready."""
        began = time.thread_time_ns()
        self._more = False
        try:
            if self._door.work(now):
                self._more = True
                self._go_at_once(time.monotonic_ns())
            else:
                self._more = self._sender.work(now)
        except Exception:
            self._held(now)
            return
        took = time.thread_time_ns() - began
        self._piece = min(max(took, self._piece * 63 // 64), _LONGEST_LEAD)

    def _glance(self) -> None:
        """While a frame is made or sent: a small change that has just come goes out between two parts of it."""
        now = time.monotonic_ns()
        if now - self._glanced < _GLANCES:
            return
        self._glanced = now
        if self._door.glance(now):
            self._go_at_once(now, small=True)

    def _tell_of_rivals(self, now: Instant) -> None:
        """Whoever else sends is told of at once, ten times a second at most."""
        version = self._sender.rivals.version
        if version != self._rivals_told and now - self._rivals_told_at >= _RIVALS_EVERY:
            self._rivals_told, self._rivals_told_at = version, now
            self._door.tell(self.stats())

    def _go_at_once(self, now: Instant, *, small: bool = False) -> None:
        """What was at rest and changes now does not wait for the grid."""
        try:
            frame = self._sender.extra(now, small=small)
        except Exception:
            self._held(now)
            return
        if frame is not None:
            self._more = True  # what shows is to be brought into the plan
            self._counts.extra_frames += 1
            self._output.send(frame)

    def _at_once(self) -> None:
        """What was announced is said: what was made ready for that leaves, and then the change is taken."""
        ready = self._sender.prompt()
        if ready is not None:
            self._output.send_few(ready.packets)
            ready.left(time.monotonic_ns())
            self._counts.extra_frames += 1

    # --- Frames -------------------------------------------------------------------------------------------------------

    def _newest(self, at: Instant) -> Instant:
        """The last frame that is due by now; those before it are missed."""
        now, missed = time.monotonic_ns(), self._counts.missed
        while (following := self._sender.next_frame(at)) <= now:
            self._counts.missed += 1
            at = following
        if missed < self._counts.missed and now - self._said_why >= SECOND:
            self._said_why = now
            self._say_why(self._counts.missed - missed)
        return at

    def _say_why(self, missed: int) -> None:
        """Whose fault it is that frames were left out: ours, if this thread computed all the while, or the machine's."""
        computed = (time.thread_time_ns() - self._computed) / MILLISECOND
        waited, stolen = (now - then for now, then in zip(held_up(), self._held_up, strict=True))
        log.warning(
            "Frames were left out (%d). This thread computed for %.1f ms since the last one; in this second it waited %.1f ms "
            "for a core that others had, and the machine's host kept its cores to itself for %.0f ms.",
            missed,
            computed,
            waited,
            stolen,
        )

    def _made(self, at: Instant) -> Frame:
        """The frame of ``at``, made just before: light is a function of time, so it can be rendered ahead of its instant."""
        began = time.monotonic_ns()
        frame = self._frame(at)
        took = time.monotonic_ns() - began
        self._lead = min(max(took * 5 // 4 + _SLACK, self._lead * 63 // 64), _LONGEST_LEAD)
        return frame

    def _frame(self, at: Instant) -> Frame:
        try:
            frame = self._sender.frame(at, self._glance)
        except Exception:
            self._held(at)
            return self._sender.frame(at)
        self._failing = False
        return frame

    def _held(self, at: Instant) -> None:
        """A plan that cannot be rendered is a fault of ours: what shows is held, and keeps being sent."""
        self._counts.render_errors += 1
        if not self._failing:
            log.exception("A frame could not be rendered; the light stays as it is until the next change.")
        self._failing = True
        self._sender.hold(at)

    def _send(self, frame: Frame, at: Instant) -> None:
        self._lateness.note(time.monotonic_ns() - at)
        skew = self._output.send(frame, self._glance)
        self._counts.frames += 1
        self._computed = time.thread_time_ns()
        self._counts.skew_us = max(self._counts.skew_us, skew // 1000)

    def _report(self, at: Instant) -> None:
        if at - self._told < SECOND:
            return
        self._told = at
        self._counts.late_p99_us, self._counts.late_max_us = self._lateness.take()
        self._held_up = held_up()
        if abs((slept := asleep()) - self._asleep) > SECOND // 4:
            self._asleep = slept
            self._counts.clock_jumps += 1
            log.warning("The machine slept; the show stood still meanwhile.")
        self._door.tell(self.stats())
        self._output.look_around()
        self._counts.skew_us = 0
        if not self._door.builds:
            self._reports += 1
            gc.collect(2 if self._reports % _ALL_EVERY == 0 else 1)  # one second's garbage; now and then all that lives, too

    def _leave(self) -> None:
        log.info("The light goes to its exit look, and the streams end.")
        for frame in self._sender.end(time.monotonic_ns()):
            sleep_until(frame.instant)
            self._send(frame, frame.instant)
        self._output.flush(1.0)
        self._door.tell(self.stats())
        self._output.close()
        self._door.close()
        self._stop.close()
        self._stopper.close()


# --- The command line -------------------------------------------------------------------------------------------------


def cid_of(state: Path) -> bytes:
    """The CID of this installation: random once, then kept in the state folder."""
    path = state / "cid"
    with contextlib.suppress(OSError, ValueError):
        kept = bytes.fromhex(path.read_text().strip())
        if len(kept) == 16:
            return kept
    cid = os.urandom(16)
    new = path.with_suffix(".new")
    with new.open("w") as file:
        file.write(cid.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    return cid


def running(state: Path) -> Path | None:
    """The show that runs, or ran last, as it was kept in the state folder (``runtime.revisions``)."""
    with contextlib.suppress(OSError, IndexError):
        kept = state / "shows" / (state / "running").read_text(encoding="ascii").split()[0]
        return kept if kept.is_dir() else None
    return None


def serve(show: Show, socket_path: Path, state: Path, network: Network) -> int:
    """Runs the wire process for ``show``; gives its exit code."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "wire.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            wire = Wire(show, socket_path, cid_of(state), network)
        except OSError as problem:
            log.error("The wire process cannot start: %s.", problem)
            return 2
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: wire.stop())
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal is no reason to go dark
        wire.run()
    return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of the wire process; the supervisor fills it in."""
    parser = argparse.ArgumentParser(prog="python -m showctl.runtime.wire", description="Renders and sends a show's light.")
    parser.add_argument("--show", type=Path, required=True, help="the show folder")
    parser.add_argument("--socket", type=Path, required=True, help="where the engine is heard")
    parser.add_argument("--state", type=Path, required=True, help="the state folder")
    parser.add_argument("--interface", default="127.0.0.1", help="the address of the interface that packets leave by")
    parser.add_argument("--sacn-port", type=int, default=sacn.PORT)
    parser.add_argument("--artnet-port", type=int, default=artnet.PORT)
    parser.add_argument("--preview", action="store_true", help="sACN with the preview bit, and nothing else")
    parser.add_argument("--serial-dir", type=Path, help="where widgets are found, instead of on this machine")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s wire: %(message)s")
    from showctl.showfile import load  # heavy, and wanted once

    loaded = load(given.show)
    if loaded.show is None and (kept := running(given.state)) is not None:
        log.warning("The show folder has errors now; the wire starts with what ran last.")
        loaded = load(kept)
    if loaded.show is None:  # what is wrong with it is for the engine to say: once is enough
        sys.exit(NO_SHOW)
    network = Network(given.interface, given.sacn_port, given.artnet_port, given.serial_dir, given.preview)
    sys.exit(serve(loaded.show, given.socket, given.state, network))
