"""The stagehand of a rehearsal: core, drivers, frame sender and simulated venue on one agenda, in virtual time, judged.

One thread, no event loop, no clock: the next instant is the earliest that anybody wants, and at one instant the order is
script, engine, devices, venue, frames, judges. So a rehearsal is deterministic, and twenty minutes take seconds. What says
nothing new is left out (frames of light: ``rehearsed_light.py``; frames of trackers: ``VirtualRig.leave_out``), and what is
learnt, judged and told is the same as with ``every_frame``. ``judging.py`` looks, ``transcript.py`` remembers;
``rehearsal.py`` is where a show's rehearsals are found and played.
"""

from __future__ import annotations

import contextlib
import hashlib
from time import perf_counter
from typing import Final

from showctl.devices.heartbeat import earliest
from showctl.engine.commands import Answer, Note, Tell
from showctl.engine.events import (
    DeviceFailed,
    DeviceHealth,
    DeviceReported,
    Event,
    Go,
    InputChanged,
    Origin,
    Reset,
    TrackMoved,
)
from showctl.engine.state import Phase
from showctl.runtime import rehearsed_journal
from showctl.runtime.coverage import Coverage
from showctl.runtime.house_watch import HouseWatch
from showctl.runtime.journal import Journal, NoJournal
from showctl.runtime.judging import Judge
from showctl.runtime.laws import Laws
from showctl.runtime.memory import collecting_rarely, keep_what_was_used
from showctl.runtime.playback import Playback
from showctl.runtime.ports import Venue
from showctl.runtime.rehearsed_console import RehearsedConsole
from showctl.runtime.rehearsed_journal import RehearsedJournal
from showctl.runtime.rehearsed_light import RehearsedLight
from showctl.runtime.script_lines import SCRIPT, request_for
from showctl.runtime.transcript import Transcript
from showctl.runtime.unread import unread
from showctl.runtime.variants import beginning, variant_named
from showctl.runtime.verdicts import Failure, Verdict
from showctl.runtime.virtual_rig import VirtualRig
from showctl.show.instants import SECOND, Duration, Instant, seconds_of
from showctl.show.rehearsals import Rehearsal, Step
from showctl.show.show import Show

SAMPLE: Final = 5 * SECOND
"""How often frames are rendered while light moves and nobody looks (``rehearsed_light.py``)."""
LAST_LINE_REST: Final = SECOND
"""A rehearsal without a length ends this long after its last line."""
AUTO_GO_AFTER: Final = SECOND
"""``auto:`` presses GO this long after a cue that waits for GO has nothing more to do by itself."""


class Stagehand:
    """One rehearsal being run."""

    def __init__(
        self,
        show: Show,
        rehearsal: Rehearsal,
        venue: Venue,
        *,
        sample: Duration = SAMPLE,
        every_frame: bool = False,
        journal: Journal | None = None,
        keep_transcript: bool = True,
        variant: str = "",
        thorough: bool = True,
    ) -> None:
        """Unless ``thorough``, the house rules may be left in doubt (``house.doubtful``), and it has to be played again."""
        self.show, self.rehearsal, self.venue = show, rehearsal, venue
        self.now: Instant = 0
        self.begun: Instant = 0
        """When the current show of several in a row began."""
        self.transcript = Transcript(keep_transcript)
        self.coverage = Coverage(show.device_named)
        self.light = RehearsedLight(show, venue, sample, every_frame=every_frame)
        self.rig = VirtualRig(show, venue, self.light.received)
        self.journal = journal or (RehearsedJournal() if rehearsed_journal.speaks_of_it(rehearsal) else NoJournal())
        self.playback = Playback(show, self.journal, self.light, self._tell, self._note, ahead=False)
        self.light.plan_now = lambda: self.playback.state.plan
        self.console = RehearsedConsole(show, lambda: self.playback.state)
        self.judge = Judge(rehearsal, show, venue, self.playback, self._fresh_frame, self.console)
        if not every_frame:
            silent = () if self.journal.keeps else unread(show, self.judge.reads)
            self.rig.leave_out({name.partition(".")[0] for name in self.judge.reads}, silent)
        self.laws = Laws(show, venue, self.playback, self._fresh_frame)
        named = variant or rehearsal.variant
        self.variant = variant_named(show, named) if named else None
        rules = show.house if self.variant is None else self.variant.rules
        self.house = HouseWatch(show, rules, venue, self.light, self.judge.fail, thorough=thorough)
        self.steps: list[tuple[Instant, int, Step]] = []
        self.waiting: list[tuple[int, Step]] = []
        self._auto: Instant | None = None
        self._engine_due: Instant | None = None
        self._told = hashlib.sha256()
        """What devices were asked in this show, and when."""
        self._digests: list[str] = []
        self._bytes: list[str] = []

    # --- the run --------------------------------------------------------------------------------------------------------

    def run(self) -> Verdict:
        wall = perf_counter()
        keep_what_was_used()
        with collecting_rarely():
            self.venue.start(0)
            self.rig.start(0)
            self._settle_events()
            for number in range(self.rehearsal.repeat):
                if number:
                    self._between_shows(number)
                self._one_show()
        return self._verdict(wall)

    def _verdict(self, wall: float) -> Verdict:
        """What became of it; ``wall`` is when it began on the wall's clock."""
        place = self.rehearsal.place
        failures = [Failure(f.file, f.line, seconds_of(f.moment), f.message) for f in self.judge.failures]
        failures += (Failure(place.file, place.line, seconds_of(moment), message) for moment, message in self.laws.broken)
        if self.rehearsal.same_digest and len(set(self._digests)) > 1:
            odd = next(n for n, digest in enumerate(self._digests) if digest != self._digests[0])
            words = f"show {odd + 1} is not the same as show 1 (digest {self._digests[odd][:12]}, not {self._digests[0][:12]})"
            failures.append(Failure(place.file, place.line, seconds_of(self.now), words))
        digest = hashlib.sha256("".join(self._digests + self._bytes).encode()).hexdigest()
        return Verdict(
            self.rehearsal.name,
            self.rehearsal.stem,
            not failures,
            seconds_of(self.now),
            perf_counter() - wall,
            digest,
            tuple(failures),
            self.transcript.text(),
            self.judge.checked,
            self.coverage.reached,
            self.judge.verdicts(),
        )

    def _one_show(self) -> None:
        self.begun = self.now
        self.light.begin(self.now)
        self.rig.sent, self._told = hashlib.sha256(), hashlib.sha256()
        self.rig.since = self.now
        self.judge.begin(self.now)
        self.house.begin(self.now)
        for request in beginning(self.variant) if self.variant is not None else ():
            self._handle(request)
        self.steps = sorted(
            ((self.begun + step.at, n, step) for n, step in enumerate(self.rehearsal.steps) if step.of is None),
            key=lambda item: item[:2],
        )
        self.waiting = [(n, step) for n, step in enumerate(self.rehearsal.steps) if step.of is not None]
        if self.rehearsal.guests:
            self._act("guests", f"{self.rehearsal.guests} join")
        self._auto = self.now if self.rehearsal.autos else None
        self._play_out()

    def _play_out(self) -> None:
        """The show goes on to its end."""
        end = self._end()
        self.play(end)
        while self.rehearsal.length is None and (later := self._later_end()) > end:
            end = later
            self.play(end)
        self.now = end
        self._instant(last=True)
        self._digests.append(hashlib.sha256(self.light.frames.digest() + self._told.digest()).hexdigest())
        self._bytes.append(self.rig.sent.hexdigest())

    def play(self, end: Instant) -> None:
        """Everything that happens before ``end``."""
        while (now := self._next_instant(end)) is not None:
            self.now = now
            self._instant()

    def _end(self) -> Instant:
        if self.rehearsal.length is not None:
            return self.begun + self.rehearsal.length
        lines = [step.at for _, _, step in self.steps] + [item.until for item in self.rehearsal.expectations]
        return self.begun + max(lines, default=0) + LAST_LINE_REST

    def _later_end(self) -> Instant:
        """The end of a rehearsal without a length, as far as it is known by now: lines about cues count from their starts."""
        return max([at for at, _, _ in self.steps] + [self.judge.latest], default=0) + LAST_LINE_REST

    def _next_instant(self, end: Instant) -> Instant | None:
        self._engine_due = self.playback.next_deadline()
        wanted = (
            self._engine_due,
            self.rig.next_deadline(),
            self.venue.next_deadline(),
            self.judge.next_deadline(),
            self.laws.next_deadline(),
            self.light.next_frame(self.judge.sees_light or self.house.sees_light, self.house.sees_closely),
            self._auto,
            self.steps[0][0] if self.steps else None,
        )
        now = earliest(*wanted, end)
        assert now is not None, "there is an end"
        return None if now >= end else max(now, self.now)

    def _instant(self, *, last: bool = False) -> None:
        """Everything at ``self.now``, in its order. What becomes due at this instant meanwhile has its turn at once after."""
        now = self.now
        while self.steps and self.steps[0][0] <= now:
            self._do(self.steps.pop(0)[2])
        if self._auto is not None and self._auto <= now:
            self._auto_go()
        if self._engine_due is not None and self._engine_due <= now:
            self.playback.wake(now)
        self.rig.wake(now)
        self._settle_events()
        self.venue.wake(now)
        self._settle_events()
        seen = self.judge.sees_light or self.house.sees_light
        if self.light.next_frame(seen, self.house.sees_closely) <= now or (seen and self.light.has_changed):
            self.light.frame(now)
        self.judge.look(now, last=last)
        if self.light.drawn == now:
            self.house.look(now)
        self.laws.look(now)

    def _settle_events(self) -> None:
        """What arrives is handled until nothing more comes of it at this instant."""
        for _ in range(1000):
            self.rig.pump(self.now)
            if not self.rig.events:
                return
            while self.rig.events:
                self._handle(self.rig.events.popleft())
        raise AssertionError("devices and show keep answering each other at one instant")

    def _handle(self, event: Event) -> Answer | None:
        match event:
            case DeviceReported() | DeviceHealth() | DeviceFailed() | InputChanged() | TrackMoved():
                self.transcript.fact(self.now, event)
            case _:
                self.transcript.request(self.now, event)
        self.coverage.event(event, self.now)
        answer = self.playback.handle(event, self.now)
        if answer is not None and answer.refused:
            self.console.refused = answer.refused
            self.transcript.line(self.now, f"refused: {answer.refused}")
        return answer

    def _fresh_frame(self) -> None:
        """Somebody looks now: what the lamps show must be of this instant."""
        self.light.frame(self.now)
        self.rig.pump(self.now)

    # --- the script -------------------------------------------------------------------------------------------------------

    def _do(self, step: Step) -> None:
        self.transcript.line(self.now, f"> {step.what} {step.words}".rstrip())
        request = request_for(step.what, step.words)
        if request is not None:
            self._handle(request)
            return
        try:
            self._act(step.what, step.words)
        except ValueError as error:
            self.judge.fail(step.place, self.now, str(error))

    def _act(self, what: str, words: str) -> None:
        whose, _, rest = words.strip().partition(" ")
        if whose == rehearsed_journal.NAME and isinstance(self.journal, RehearsedJournal) and what in ("fault", "set"):
            self.journal.act(rest, self.now)
        else:
            self.venue.act(what, words, self.now)
            self.laws.acted(words)
            self.coverage.acted(what, words, self.now)
            self.rig.acted(self.now)
            self._settle_events()

    def _auto_go(self) -> None:
        """An operator who presses GO a second after each cue that waits for it."""
        self._auto = self.now + AUTO_GO_AFTER
        for name in self.rehearsal.autos:
            index = self.show.list_named[name].index
            state = self.playback.state
            busy = any(
                run.list == index and (run.phase is Phase.WAITING or run.next_pending or not run.endless)
                for run in state.runs.values()
            )
            if not busy and state.lists[index].standby is not None and not state.latch:
                self._handle(Go(name, origin=Origin("script", "autopilot")))

    def _between_shows(self, number: int) -> None:
        """The room is cleared and everything is reset: the next party comes in."""
        with contextlib.suppress(ValueError):  # a venue without a tracker has nobody to clear
            self._act("guests", "gone")
        self._handle(Reset(SCRIPT))
        self._settle_events()
        self.transcript.line(self.now, f"--- show {number + 1} ---")

    # --- what the playback says ---------------------------------------------------------------------------------------------

    def _tell(self, command: Tell) -> None:
        self.transcript.told(self.now, command)
        self.coverage.tell(command)
        asked = f"{command.instant - self.begun} {command.device} {command.verb} {command.arguments}"
        self._told.update(asked.encode())
        self.rig.tell(command, self.now)

    def _note(self, note: Note) -> None:
        self.transcript.note(note)
        self.laws.note(note)
        self.coverage.note(note)
        self.console.note(note)
        if note.what == "cue.started" and note.cue is not None:
            self.judge.started(note.cue, note.instant)
            for n, step in list(self.waiting):
                if step.of == note.cue:
                    self.waiting.remove((n, step))
                    self.steps.append((note.instant + step.at, n, step))
                    self.steps.sort(key=lambda item: item[:2])
