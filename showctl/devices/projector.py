"""A projector over PJLink: asked politely, believed only when it says so itself.

Standards: PJLink Class 1 v1.04 and Class 2 v2.10 (``protocols/pjlink``; words: ``projector_words``). Manners that real projectors
taught (docs/technicians/device-protocols.md): one command outstanding, 2 s for its reply, polls every 5 s and lamps every minute,
its power once more halfway (so that silence is noticed within 5 s), reconnecting after 1, 2, 4 ... 30 s. ERR3 means "not now":
the command is tried again each 5 s until another replaces it. A refused password stops everything until somebody asks for
something again, half a minute later at the earliest. A projector that closes an idle connection is not at fault: it is
reopened at the next poll. One that was lost and comes back is told again what its answers do not show; one that somebody
switched off by hand meanwhile is not fought with. Some say nothing while they warm or cool: that is no loss before the time is
over, and they are tried each 5 s. A notification (class 2, UDP, which anybody may send) is a hint to ask at once, never believed.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

from showctl.devices import projector_words as words
from showctl.devices.answering import Answering
from showctl.devices.driver import Close, Connect, Output, Outputs, Phase, Send
from showctl.devices.heartbeat import Backoff, Heartbeat, earliest
from showctl.devices.orders import Orders
from showctl.devices.reports import Reports
from showctl.devices.words import completed
from showctl.engine.commands import Tell
from showctl.protocols import pjlink
from showctl.protocols import pjlink_values as values
from showctl.protocols.errors import ProtocolError
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Instant

POLL_EVERY: Final = 5 * SECOND
PING_EVERY: Final = POLL_EVERY // 2
LAMPS_EVERY: Final = 60 * SECOND
REPLY_WITHIN: Final = pjlink.REPLY_TIMEOUT_S * SECOND
TRY_AGAIN_AFTER: Final = 5 * SECOND  # ERR3
DEGRADED_AFTER: Final = PING_EVERY + REPLY_WITHIN  # a question, and a reply that did not come
LOST_AFTER: Final = 12 * SECOND
REFUSED_FOR: Final = 30 * SECOND
CHANGES_WITHIN: Final = 90 * SECOND
"""How long a lamp may take to warm or to cool where devices.yaml says no ``warm_up``."""
MARGIN: Final = 30 * SECOND
HINTS_EVERY: Final = SECOND
_HINTS: Final = ("POWR", "ERST", "INPT")  # v2.10 3.3; LKUP tells that it is on the network


class Projector(Answering):
    """One projector."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._beat = Heartbeat(device, DEGRADED_AFTER, LOST_AFTER)
        self._reports = Reports(device)
        self._changes_within = device.warm_up or CHANGES_WITHIN
        self._orders_open = Orders(device, self._shows, dict.fromkeys(words.VERB.values(), self._changes_within + MARGIN))
        self._class = 0  # not known yet
        self._troubles = ""
        """What keeps it degraded although it answers: the errors of its parts."""
        self._changing_until: Instant = 0
        self._hinted: Instant | None = None
        self._backoff = Backoff()
        self._lines = pjlink.LineSplitter()
        self._up = self._greeted = False
        self._sha = device.options.get("auth") == "sha256"
        self._digest = ""
        self._refused_until: Instant | None = None
        self._outstanding: pjlink.Command | None = None
        self._reply_by: Instant | None = None
        self._connect_at: Instant | None = None
        self._poll_at: Instant | None = None
        self._polls_at: Instant = 0
        self._lamps_at: Instant = 0
        self._polls: list[str] = []
        self._answered_for: set[str] = set()
        """What it was asked at some time, and answered."""
        self._orders: dict[str, str] = {}  # what is still to be said: command -> parameter
        self._not_before: dict[str, Instant] = {}  # of an order that met ERR3
        self._wanted: dict[str, str] = {}
        self._restoring: set[str] = set()  # compared with the next answer after a return

    # --- the contract --------------------------------------------------------------------------------------------------

    def start(self, now: Instant) -> Outputs:
        self._beat.start(now)
        self._orders_open.taken_up()
        return [Connect()]

    def command(self, command: Tell, now: Instant) -> Outputs:
        try:
            whole = completed(command, self.device)
            name, parameter = words.order(whole)
        except (KeyError, TypeError):
            return []
        failed = self._orders_open.asked(whole, now)
        self._wanted[name] = self._orders[name] = parameter
        self._not_before.pop(name, None)
        self._restoring.discard(name)
        if self._refused_until is not None and now >= self._refused_until:
            self._refused_until = None
            return [*failed, Connect()]
        return [*failed, *self._next(now)]

    def noticed(self, data: bytes, now: Instant) -> Outputs:
        """A notification by UDP: what it speaks of is asked for now. Without a connection, one is tried."""
        try:
            read = pjlink.decode(data)
        except ProtocolError:
            return []
        early = self._hinted is not None and now < self._hinted + HINTS_EVERY
        if early or not isinstance(read, pjlink.Reply) or read.name not in (*_HINTS, "LKUP"):
            return []
        self._hinted = now
        if not self._up:
            waits, self._connect_at = self._connect_at is not None, None
            self._backoff.worked()
            return [Connect()] if waits and self._refused_until is None else []
        if read.name in _HINTS and read.name not in self._polls:
            self._polls.insert(0, read.name)
        return self._next(now)

    def received(self, data: bytes, now: Instant) -> Outputs:
        found: list[Output] = []
        try:
            for line in self._lines.feed(data) if self._up else ():
                if self._up:  # a line before may have ended the connection
                    found += self._line(line, now)
        except ProtocolError as fault:
            found += self._fail(f"sent what is not PJLink: {fault.what}", now)
        return found

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def connected(self, now: Instant) -> Outputs:
        self._up, self._greeted, self._digest = True, False, ""
        self._lines, self._outstanding = pjlink.LineSplitter(), None
        self._reply_by, self._connect_at = now + REPLY_WITHIN, None
        return []

    def lost(self, why: str, now: Instant) -> Outputs:
        if self._up and self._greeted and self._outstanding is None and self._beat.state == "ok":
            self._up = False  # idle: it may close, we come back with the next poll
            self._connect_at = self._poll_at
            return []
        if not self._up:
            self._beat.excuse(0)  # it takes no connection: that is more than the silence of one who is busy
        return self._broken(why, now)

    def wake(self, now: Instant) -> Outputs:
        found: list[Output] = []
        if self._reply_by is not None and now >= self._reply_by:
            found += self._fail("does not reply", now)
        again, failed = self._orders_open.wake(now)
        if again:
            self._say_again()
        found += [*self._beat.wake(now), *self._reports.wake(now), *failed, *self._ready_now(now)]
        for command in self._orders_open.stand_ins():
            found += self.command(command, now)
        if self._connect_at is not None and now >= self._connect_at:
            self._connect_at = None
            found.append(Connect())
        return found + self._next(now)

    def next_deadline(self) -> Instant | None:
        ready = self._up and self._greeted and self._outstanding is None
        orders = [self._not_before.get(name) for name in self._orders] if ready else []
        return earliest(
            self._beat.next_deadline(),
            self._reports.next_deadline(),
            self._orders_open.next_deadline(),
            self._reply_by,
            self._connect_at,
            self._poll_at if ready else None,
            *orders,
        )

    def pings_at(self) -> Instant | None:
        """When it polls next (``driver.Polling``)."""
        busy = self._outstanding is not None or self._polls or self._orders or self._restoring or self._orders_open.open
        waits = busy or not self._up or not self._greeted or self._beat.state != "ok" or self._reports.holds
        return None if waits or not self._answered_for.issuperset(self._quick()) else self._poll_at

    def asks_anew_at(self) -> Instant | None:
        known = self._answered_for.issuperset(words.SLOW_POLLS + (words.CLASS_2_SLOW_POLLS if self._class == 2 else ()))
        return None if known else self._lamps_at

    def was_answered(self, now: Instant) -> Instant | None:
        if self._poll_at is None or self._poll_at > now:
            return None
        first = last = self._poll_at
        while self._poll_at <= now:
            last = self._poll_at
            self._poll_at += PING_EVERY
            self._due(last)
        self._beat.kept_talking(first, last)
        return last

    def other_deadline(self) -> Instant | None:
        return earliest(self._reports.next_deadline(), self._orders_open.next_deadline())

    def desired(self) -> dict[str, Value]:
        return {words.FIELD[name]: words.meant(name, parameter) for name, parameter in self._wanted.items()}

    def phase(self) -> Phase:
        return self._orders_open.phase()

    # --- lines ---------------------------------------------------------------------------------------------------------

    def _line(self, line: bytes, now: Instant) -> list[Output]:
        try:
            read = pjlink.decode(line)
        except ProtocolError:
            return []
        match read:
            case pjlink.OpenGreeting():
                return self._ready(now)
            case pjlink.Md5Challenge():
                if not self.device.password:
                    return self._refuse("asks for a password and the show has none for it", now)
                if self._sha:
                    self._reply_by = now + REPLY_WITHIN
                    return [Send(pjlink.encode(pjlink.Sha256Request()))]
                self._digest = pjlink.md5_digest(read.random, self.device.password)
                return self._ready(now)
            case pjlink.Sha256Challenge():
                if not self.device.password:
                    return self._refuse("asks for a password and the show has none for it", now)
                ours = hashlib.sha256(f"{self.device.name} {now} {read.random}".encode()).hexdigest()[:32]
                self._digest = pjlink.sha256_digest(read.random, ours, self.device.password)
                return self._ready(now)
            case pjlink.Refusal():
                if self._sha and not self._greeted:
                    self._sha = False  # an old projector: again, with MD5
                    return self._fail("does not know SHA-256", now)
                return self._refuse("refuses the password", now)
            case pjlink.Reply():
                return self._reply(read, now)
            case pjlink.Command() | pjlink.Sha256Request() | pjlink.Unknown():
                return []

    def _ready(self, now: Instant) -> list[Output]:
        """The greeting is done: the line is ours."""
        if self._greeted:
            return []
        self._greeted, self._reply_by = True, None
        if self._beat.was_away(now):
            self._restoring = set(self._wanted) - set(self._orders)
        self._poll_at = self._polls_at = now
        return self._next(now)

    def _reply(self, reply: pjlink.Reply, now: Instant) -> list[Output]:
        asked = self._outstanding
        if asked is None or reply.name != asked.name:
            return []
        if self._reply_by is not None:
            self._beat.round_trip = now - (self._reply_by - REPLY_WITHIN)
        self._outstanding = self._reply_by = None
        self._backoff.worked()
        if pjlink.error_of(reply) is pjlink.ErrorCode.AUTHENTICATION:
            return self._refuse("refuses the password", now)
        self._beat.forgive(self._troubles)
        found: list[Output] = [*self._beat.heard(now)]
        try:
            meaning = values.meaning(reply)
        except ProtocolError:
            meaning = values.Text("")
        if asked.parameter.startswith("?"):
            self._answered_for.add(asked.name)
            found += self._answered(asked.name, meaning, now)
        else:
            found += self._ordered(asked, meaning, now)
        return [*found, *self._ready_now(now), *self._next(now)]

    def _ready_now(self, now: Instant) -> list[Output]:
        """Lamp warm, no part broken, and it answers: it can show a picture."""
        if self._reports.value("power") is None:
            return []
        ready = self._reports.value("power") == "on" and self._beat.state == "ok"
        return [*self._reports.say("ready", ready, now)]

    def _ordered(self, asked: pjlink.Command, meaning: values.Value, now: Instant) -> list[Output]:
        """What became of an order."""
        if isinstance(meaning, values.Failed):
            if meaning.code is pjlink.ErrorCode.UNAVAILABLE:
                if self._wanted.get(asked.name) == asked.parameter and asked.name not in self._orders:
                    self._orders[asked.name] = asked.parameter
                    self._not_before[asked.name] = now + TRY_AGAIN_AFTER
                return []
            why = f"does not do {asked.name} {asked.parameter} ({meaning.code.value})"
            failed = self._orders_open.refused(words.VERB[asked.name], f"it {why}")
            stand_ins = [output for command in self._orders_open.stand_ins() for output in self.command(command, now)]
            return [*self._beat.trouble(why, now), *failed, *stand_ins]
        self._polls.insert(0, asked.name)  # what it says of it now is what counts
        if asked.name == "POWR":
            self._changes(now)
        return []

    def _changes(self, now: Instant) -> None:
        """It warms or cools from now: it may be silent meanwhile."""
        self._changing_until = now + self._changes_within
        self._beat.excuse(self._changing_until)

    def _shows(self, command: Tell) -> bool | None:
        name, parameter = words.order(command)
        if self._wanted.get(name) != parameter:
            return True  # nobody wants that any more
        return self._reports.value(words.FIELD[name]) == words.meant(name, parameter)

    def _say_again(self) -> None:
        """What was asked for and is not shown, and not on its way: once more."""
        for name, parameter in self._wanted.items():
            shown = self._reports.value(words.FIELD[name])
            waits = name in self._orders or (self._outstanding is not None and self._outstanding.name == name)
            if name in self._polls or waits or shown is None or words.on_the_way(name, parameter, shown):
                continue
            self._restoring.add(name)  # asked first: it may have been switched by hand
            self._polls.append(name)

    def _answered(self, name: str, meaning: values.Value, now: Instant) -> list[Output]:
        """What a poll found."""
        match meaning:
            case values.Power():
                return self._powered(words.POWER[meaning.state], now)
            case values.Mute():
                return self._said("AVMT", "closed" if meaning.video else "open", now)
            case values.Input():
                return self._said("INPT", meaning.code, now)
            case values.Freeze():
                return self._said("FREZ", meaning.frozen, now)
            case values.Lamps():
                return [*self._reports.say("lamp_hours", max((hours for hours, _ in meaning.lamps), default=0), now)]
            case values.Errors():
                said, errors = words.troubles(meaning)
                self._troubles = f"reports {errors}" if errors else ""
                return [*self._reports.say("error", said, now), *self._beat.trouble(self._troubles, now)]
            case values.Resolution():
                return [*self._reports.say("signal", words.signal(meaning), now)]
            case values.Number() if name == "CLSS":
                self._class = min(max(meaning.value, 1), 2)
                return []
            case values.Number():
                return [*self._reports.say("filter_hours", meaning.value, now)]
            case _:
                return []

    def _powered(self, power: str, now: Instant) -> list[Output]:
        if power in ("warming", "cooling") and self._reports.value("power") != power and now >= self._changing_until:
            self._changes(now)
        elif power in ("on", "off"):
            self._beat.excuse(0)
        found: list[Output] = []
        if power == "off":  # it does not tell, and may have forgotten
            found += [*self._reports.say("shutter", "unknown", now), *self._reports.say("signal", "unknown", now)]
        elif power == "on" and self._reports.value("power") not in (None, "on"):
            self._restoring |= self._wanted.keys() - self._orders.keys() - {"POWR"}
        return [*found, *self._said("POWR", power, now)]

    def _said(self, name: str, word: Value, now: Instant) -> list[Output]:
        if name in self._restoring:
            self._restoring.discard(name)
            if not words.on_the_way(name, self._wanted[name], word):
                self._orders.setdefault(name, self._wanted[name])
        said = self._reports.say(words.FIELD[name], word, now)
        self._orders_open.look()
        return [*said]

    # --- what to say next ----------------------------------------------------------------------------------------------

    def _next(self, now: Instant) -> list[Output]:
        """Says the next thing, if the line is free: orders before polls."""
        if not self._up or not self._greeted or self._outstanding is not None:
            return []
        if self._poll_at is not None and now >= self._poll_at:
            self._poll_at = now + PING_EVERY
            self._polls += [name for name in self._due(now) if name not in self._polls]
        for name, parameter in self._orders.items():
            if now >= self._not_before.get(name, now):
                del self._orders[name]
                self._not_before.pop(name, None)
                return self._send(pjlink.Command(name, parameter, 2 if name in pjlink.CLASS_2_ONLY else 1), now)
        return self._send(pjlink.query(self._polls.pop(0)), now) if self._polls else []

    def _due(self, now: Instant) -> tuple[str, ...]:
        """What is asked at this poll."""
        if now < self._polls_at:
            return ("POWR",)
        self._polls_at = now + POLL_EVERY
        if now < self._lamps_at:
            return self._quick()
        self._lamps_at = now + LAMPS_EVERY
        first = () if self._class else ("CLSS",)
        return self._quick() + first + words.SLOW_POLLS + (words.CLASS_2_SLOW_POLLS if self._class == 2 else ())

    def _quick(self) -> tuple[str, ...]:
        shows = self._class == 2 and self._reports.value("power") == "on"
        return words.POLLS + (words.CLASS_2_POLLS if shows else ())

    def _send(self, command: pjlink.Command, now: Instant) -> list[Output]:
        self._outstanding, self._reply_by = command, now + REPLY_WITHIN
        said, self._digest = replace(command, digest=self._digest), ""  # only the first command carries the digest
        try:
            return [Send(pjlink.encode(said))]
        except ValueError:  # an input that no projector could have
            self._outstanding = self._reply_by = None
            return []

    # --- when it goes wrong --------------------------------------------------------------------------------------------

    def _fail(self, why: str, now: Instant) -> list[Output]:
        return [Close(), *self._broken(why, now)] if self._up else self._broken(why, now)

    def _broken(self, why: str, now: Instant) -> list[Output]:
        asked = self._outstanding
        if asked is not None and not asked.parameter.startswith("?") and self._wanted.get(asked.name) == asked.parameter:
            self._orders.setdefault(asked.name, asked.parameter)  # nobody said that it was done
        self._up = self._greeted = False
        self._outstanding = self._reply_by = None
        self._polls.clear()
        if self._refused_until is None:
            wait = self._backoff.next()
            self._connect_at = now + (min(wait, POLL_EVERY) if now < self._changing_until else wait)
        return [*self._beat.trouble(why, now), *self._ready_now(now)]

    def _refuse(self, why: str, now: Instant) -> list[Output]:
        self._refused_until, self._connect_at = now + REFUSED_FOR, None
        self._beat.forgive()
        return [Close(), *self._broken(why, now), *self._beat.heard(now)]
