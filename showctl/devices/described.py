"""A device of kind ``text``: everything that it says and hears stands in the show folder (``show.speech``), nothing here.

The manners are those of every driver. One question or order is outstanding at a time, and has ``reply_within`` to be answered. An
order that nobody answered is said again, ``tries`` times in all, if saying it twice does no harm. It is *done* when the device
reports what the order makes of it, *failed* when it refuses, or by ``within``; then the policy holds: wait (ask on), skip,
hold (the list that asked is paused), or another verb. Polls that stay unanswered are silence; a stream on which ``tries`` of
them stay so is closed and opened again, after 1, 2, 4 ... 30 s. A device that comes back is asked first, and then told what its
answers do not show. A momentary order that cannot be said now is never said later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from showctl.devices.answering import Answering
from showctl.devices.driver import Close, Connect, Failed, Health, Output, Outputs, Phase, Send
from showctl.devices.framing import FrameError, Framing, framing_of
from showctl.devices.heartbeat import DEGRADED_AFTER, LOST_AFTER, Backoff, Heartbeat, earliest
from showctl.devices.reports import Reports
from showctl.devices.wishes import Wishes
from showctl.devices.words import completed
from showctl.engine.commands import Tell
from showctl.show.cues import ActionClass, Value
from showctl.show.devices import Device
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND, Instant, seconds_of
from showctl.show.speech import ACTING, DONE, FAILED, WHY, Frame, Order, Phrase, Speech, as_said, phrase_of

MOST_DOING: Final = 64
FINE: Final = phrase_of("2{*}")
"""What HTTP says when all is well (RFC 9110, 15.3)."""


@dataclass(slots=True)
class Doing:
    """An order that is under way: to be done by ``by``, said so often, answered or not."""

    command: Tell
    order: Order
    by: Instant
    said: int = 0
    answered: bool = False


class Described(Answering):
    """One device of kind ``text``."""

    def __init__(self, device: Device) -> None:
        self.device, self.speech = device, device.speech or Speech(Frame("ends"))
        self._http = self.speech.frame.kind == "http"
        self._stream = device.transport != "udp"
        polls = self.speech.polls
        quiet = min((poll.every for poll in polls), default=SECOND) + self.speech.reply_within
        degraded = max(DEGRADED_AFTER, quiet + SECOND // 2)
        self._beat = Heartbeat(
            device, degraded, max(LOST_AFTER, degraded + quiet), patient=not polls, steady=self.speech.steady if polls else 0
        )
        self._reports, self._wishes, self._backoff = Reports(device), Wishes(device), Backoff()
        self._framing: Framing = framing_of(self.speech.frame, f"{device.host}:{device.port}")
        self._up = not self._stream
        self._connect_at: Instant | None = None
        self._doing: dict[tuple[object, ...], Doing] = {}
        self._asked: tuple[object, ...] | int | None = None
        """The order (its key) or the poll (its number) whose answer is awaited."""
        self._reply_by: Instant | None = None
        self._gave_up: Doing | None = None
        """What failed last, and would be done if the device showed it after all."""
        self._polls_at: list[Instant] = [0] * len(polls)
        self._unanswered = 0
        self._wanted: dict[str, Value] = {}
        self._comparing: set[int] = set()
        """Polls still to be answered before a returned device is told what it does not show."""
        self._wait_for_answers = False
        self._broke = False
        """The line broke: however soon it is back, the device may have begun anew."""

    # --- the contract --------------------------------------------------------------------------------------------------

    def start(self, now: Instant) -> Outputs:
        self._beat.start(now)
        self._polls_at = [now] * len(self._polls_at)
        return [Connect()] if self._stream else self._arrive(now)

    def command(self, command: Tell, now: Instant) -> Outputs:
        try:
            whole = completed(command, self.device)
            verb = self.device.kind.verbs[whole.verb]
        except KeyError:
            return []
        if verb.order is None:
            return []
        momentary = verb.kind is ActionClass.MOMENTARY
        self._wishes.remember(whole, now)
        if not momentary:
            self._wanted |= self._meant(verb.order.makes, whole)
        doing = Doing(whole, verb.order, now + verb.order.within)
        if momentary and not self._up:
            return self._failed(doing, "it cannot be reached, and this is never said late", now)
        given = dict(whole.arguments)
        key: tuple[object, ...] = (whole.instant, whole.order) if momentary else tuple(given.get(name, name) for name in verb.key)
        self._doing.pop(key, None)
        if self._asked == key:
            self._asked = self._reply_by = None
        self._doing[key] = doing
        found = self._phase(ACTING, "", now)
        if len(self._doing) > MOST_DOING:
            found += self._give_up(next(iter(self._doing)), f"{MOST_DOING} other orders came after it", now)
        return found + self._next(now)

    def received(self, data: bytes, now: Instant) -> Outputs:
        if not self._up:
            return []
        found: list[Output] = []
        try:
            for said in self._framing.feed(data):
                found += self._heard(said, now)
        except FrameError as fault:
            if self._stream:
                return [*found, *self._fail(f"sent {fault}", now)]
        return found + self._next(now)

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def connected(self, now: Instant) -> Outputs:
        if not self._stream:
            return []
        self._up, self._connect_at = True, None
        self._framing = framing_of(self.speech.frame, f"{self.device.host}:{self.device.port}")
        found: list[Output] = [] if self.speech.polls else [*self._beat.heard(now)]
        return [*found, *self._arrive(now)]

    def lost(self, why: str, now: Instant) -> Outputs:
        if not self._stream:
            return []
        if self._http and self._up and self._asked is None and self._beat.state == "ok":
            self._up, self._connect_at = False, None  # it may close what is idle: the next question opens it again
            return []
        return self._broken(why, now)

    def wake(self, now: Instant) -> Outputs:
        found: list[Output] = []
        if self._reply_by is not None and now >= self._reply_by:
            found += self._no_reply(now)
        for key in [key for key, doing in self._doing.items() if now >= doing.by]:
            found += self._overdue(key, now)
        found += [*self._beat.wake(now), *self._reports.wake(now)]
        if self._connect_at is not None and now >= self._connect_at:
            self._connect_at = None
            found.append(Connect())
        return found + self._next(now)

    def next_deadline(self) -> Instant | None:
        free = self._asked is None and (self._up or (self._http and self._connect_at is None))
        return earliest(
            self._beat.next_deadline(), self._reports.next_deadline(), self._reply_by, self._connect_at,
            min(self._polls_at, default=None) if free else None, *(doing.by for doing in self._doing.values()),
        )  # fmt: skip

    def pings_at(self) -> Instant | None:
        """When the next poll is due (``driver.Polling``)."""
        busy = self._asked is not None or self._doing or self._wait_for_answers or self._comparing or self._reports.holds
        waits = busy or not self._up or self._http or self._beat.state != "ok"
        return None if waits else min(self._polls_at, default=None)

    def asks_anew_at(self) -> Instant | None:
        return None

    def was_answered(self, now: Instant) -> Instant | None:
        due = [at for at in self._polls_at if at <= now]
        if not due:
            return None
        last = min(due)
        for number, poll in enumerate(self.speech.polls):
            if (at := self._polls_at[number]) <= now:
                latest = at + (now - at) // poll.every * poll.every
                self._polls_at[number] = latest + poll.every
                self._reports.again(latest, *poll.reply.holes)
                last = max(last, latest)
        self._beat.kept_talking(min(due), last)
        return last

    def other_deadline(self) -> Instant | None:
        return self._reports.next_deadline()

    def desired(self) -> dict[str, Value]:
        return dict(self._wanted)

    def phase(self) -> Phase:
        return Phase(str(self._reports.value("phase") or "idle"), str(self._reports.value("why") or ""))

    # --- what to say next ----------------------------------------------------------------------------------------------

    def _next(self, now: Instant) -> list[Output]:
        """Says what is to be said, until an answer must be waited for: orders before polls."""
        found: list[Output] = []
        while self._asked is None:
            key = next((key for key, doing in self._doing.items() if not doing.answered and doing.said < doing.order.tries), None)
            poll = next((number for number, at in enumerate(self._polls_at) if now >= at), None)
            if key is None and poll is None:
                break
            if not self._up:
                if self._http and self._connect_at is None:
                    self._connect_at = now + self._backoff.wait  # should nobody tell us what became of it
                    found.append(Connect())
                break
            try:
                found += self._order(key, now) if key is not None else self._poll(poll or 0, now)
            except FrameError as fault:
                if key is not None:
                    return found + self._give_up(key, f"it cannot be said: {fault}", now)
                return found + self._fail(f"is asked what cannot be said: {fault}", now)
        return found

    def _order(self, key: tuple[object, ...], now: Instant) -> list[Output]:
        doing = self._doing[key]
        words = {name: as_said(value) for name, value in doing.command.arguments}
        sent: list[Output] = [Send(self._framing.put(doing.order.say.filled(words)))]
        doing.said += 1
        if doing.order.reply is None and not self._http:
            return sent + self._answered_order(key, {}, now)
        self._asked, self._reply_by = key, now + self.speech.reply_within
        return sent

    def _poll(self, number: int, now: Instant) -> list[Output]:
        poll = self.speech.polls[number]
        self._polls_at[number] = now + poll.every
        self._asked, self._reply_by = number, now + self.speech.reply_within
        self._beat.asked(now)
        return [Send(self._framing.put(poll.say.filled({})))]

    # --- what is heard -------------------------------------------------------------------------------------------------

    def _heard(self, said: str, now: Instant) -> list[Output]:
        if not said and not self._http:
            return []
        self._backoff.worked()
        self._unanswered = 0
        returns = self._beat.was_away(now)
        self._beat.forgive()
        found: list[Output] = [*self._beat.heard(now)]
        if returns and not self._comparing:
            self._compare(now)
        asked = self._asked
        refused = self.speech.refuses.heard(said) if self.speech.refuses is not None else None
        if refused is not None and asked is not None:
            self._asked = self._reply_by = None
            if not isinstance(asked, int):
                return found + self._give_up(asked, f"refuses: {refused.get(WHY) or said}", now)
            self._comparing.discard(asked)
            return found + self._restored(now)
        answer = self._answer_to(asked, said)
        if answer is not None:
            self._asked = self._reply_by = None
            if not isinstance(asked, int):
                assert asked is not None
                return found + self._fields(answer, now) + self._answered_order(asked, answer, now)
            self._beat.answered(now)
            self._comparing.discard(asked)
            return found + self._fields(answer, now) + self._restored(now)
        if self._http and asked is not None:
            self._asked = self._reply_by = None
            if not isinstance(asked, int):
                return found + self._give_up(asked, f"answers {said[:60]}", now)
            return [*found, *self._beat.trouble(f"answers {said[:60]}", now)]
        return found + self._fields(self.speech.heard(said) or {}, now)

    def _answer_to(self, asked: tuple[object, ...] | int | None, said: str) -> dict[str, str] | None:
        if asked is None:
            return None
        if isinstance(asked, int):
            return self.speech.polls[asked].reply.heard(said)
        phrase = self._doing[asked].order.reply if asked in self._doing else None
        return (phrase or FINE).heard(said) if phrase is not None or self._http else None

    def _fields(self, answer: Mapping[str, str], now: Instant) -> list[Output]:
        """What was said of the device's fields, and what follows from it."""
        said = {field: value for field, word in answer.items() if (value := self._value(field, word)) is not None}
        if not said:
            return []
        found: list[Output] = [*self._reports.say_all(said, now)]
        look_up = self._look_up
        ready = self.speech.ready is None or self.speech.ready.holds(look_up)
        found += self._reports.say("ready", ready, now)
        if self.speech.fault is not None:
            fault = self.speech.fault
            words = ", ".join(f"{name} {as_said(look_up(name))}" for name in fault.names)
            found += self._beat.trouble(f"reports a fault: {words}" if fault.holds(look_up) else "", now)
        for key in [key for key, doing in self._doing.items() if doing.answered and self._shows(doing.order, doing.command)]:
            found += self._is_done(key, now)
        if self._gave_up is not None and self._shows(self._gave_up.order, self._gave_up.command):
            found += self._phase(DONE, "", now)  # it came about all the same: only its answer was lost, or it came late
        return found

    def _look_up(self, name: str) -> Value:
        value = self._reports.value(name)
        return self.device.kind.fields[name].initial if value is None else value

    def _value(self, field: str, word: str) -> Value | None:
        """``word`` of the wire as a value of ``field``; None where it is none."""
        known = self.speech.words.get(field)
        if known is not None and word in known:
            return known[word]
        item = self.device.kind.fields.get(field)
        return None if item is None else value_of(word, item.type)

    # --- orders --------------------------------------------------------------------------------------------------------

    def _answered_order(self, key: tuple[object, ...], answer: Mapping[str, str], now: Instant) -> list[Output]:
        doing = self._doing.get(key)
        if doing is None:
            return []
        doing.answered = True
        for number in range(len(self._polls_at)):
            self._polls_at[number] = now  # what it says of it now is what counts
        makes = {name for name, _ in doing.order.makes}  # what it said of itself before it was told does not count
        if makes <= answer.keys() and self._shows(doing.order, doing.command):
            return self._is_done(key, now)
        return []

    def _is_done(self, key: tuple[object, ...], now: Instant) -> list[Output]:
        del self._doing[key]
        return [] if self._doing else self._phase(DONE, "", now)

    def _shows(self, order: Order, command: Tell) -> bool:
        """Whether the device reports what ``order`` makes of it."""
        return self._reports_all(self._meant(order.makes, command))

    def _on_its_way(self, order: Order, command: Tell) -> bool:
        """Whether it is there, or reports that it is getting there."""
        there, way = (self._meant(made, command) for made in (order.makes, order.meanwhile))
        return (bool(there) and self._reports_all(there)) or (bool(way) and self._reports_all(way))

    def _reports_all(self, fields: Mapping[str, Value]) -> bool:
        return all(self._reports.value(name) == value for name, value in fields.items())

    def _meant(self, made: tuple[tuple[str, Phrase], ...], command: Tell) -> dict[str, Value]:
        words = {name: as_said(value) for name, value in command.arguments}
        fields = self.device.kind.fields
        meant = {name: value_of(phrase.filled(words), fields[name].type) for name, phrase in made}
        return {name: value for name, value in meant.items() if value is not None}

    def _no_reply(self, now: Instant) -> list[Output]:
        asked, self._asked, self._reply_by = self._asked, None, None
        found: list[Output] = []
        if isinstance(asked, int):
            self._unanswered += 1
        elif asked is not None and (doing := self._doing.get(asked)) is not None:
            if not doing.order.again:
                found += self._give_up(asked, "it did not answer, and this may not be said twice", now)
            elif doing.said >= doing.order.tries and doing.order.otherwise != "wait":
                times = "once" if doing.said == 1 else f"{doing.said} times"
                found += self._give_up(asked, f"it was told {times} and did not answer", now)
        if self._stream and (self._http or self._unanswered >= self.speech.tries):
            found += self._fail("does not reply", now)
        return found

    def _overdue(self, key: tuple[object, ...], now: Instant) -> list[Output]:
        doing = self._doing[key]
        within = seconds_of(doing.order.within)
        why = f"it was not done within {within:g} s"
        if doing.order.otherwise != "wait":
            return self._give_up(key, why, now)
        doing.by, doing.said, doing.answered = now + doing.order.within, 0, doing.answered and not doing.order.again
        return [*self._phase(ACTING, f"{doing.command.verb}: {why}; it is asked for again", now)]

    def _give_up(self, key: tuple[object, ...], why: str, now: Instant) -> list[Output]:
        doing = self._doing.pop(key)
        if self._asked == key:
            self._asked = self._reply_by = None
        return self._failed(doing, why, now)

    def _failed(self, doing: Doing, why: str, now: Instant) -> list[Output]:
        policy, command = doing.order.otherwise, doing.command
        self._gave_up = doing if doing.order.makes else None
        found: list[Output] = [Failed(command.verb, why, policy, "" if command.cue is None else command.cue.list)]
        found += self._phase(FAILED, f"{command.verb}: {why}", now)
        if policy in self.device.kind.verbs:
            found += self.command(replace(command, verb=policy, arguments=(), kind=self.device.kind.verbs[policy].kind), now)
        return found

    def _phase(self, phase: str, why: str, now: Instant) -> list[Output]:
        if phase != FAILED:
            self._gave_up = None
        return [*self._reports.say("phase", phase, now), *self._reports.say("why", why, now)]

    # --- coming and going ----------------------------------------------------------------------------------------------

    def _arrive(self, now: Instant) -> list[Output]:
        """The line is open: ask first."""
        self._asked = self._reply_by = None
        if self._beat.was_away(now) or self._broke or not self.speech.polls:
            self._compare(now)
        self._broke = False
        found = [] if self.speech.polls else self._restored(now)
        return found + self._next(now)

    def _compare(self, now: Instant) -> None:
        self._comparing = set(range(len(self.speech.polls)))
        self._polls_at = [now] * len(self._polls_at)
        self._wait_for_answers = True

    def _restored(self, now: Instant) -> list[Output]:
        """A device that has come back has said how it is: what it does not show is said again."""
        if self._comparing or not self._wait_for_answers:
            return []
        self._wait_for_answers = False
        under_way = {doing.command.verb for doing in self._doing.values()}
        found: list[Output] = []
        if not self.speech.polls:
            found += self._reports.say("ready", self.speech.ready is None, now)
        for command in self._wishes.again(now):
            order = self.device.kind.verbs[command.verb].order
            if order is not None and command.verb not in under_way and not self._on_its_way(order, command):
                found += self.command(command, now)
        for doing in self._doing.values():  # it took the order, and may have forgotten it since
            if doing.answered and doing.order.again and not self._on_its_way(doing.order, doing.command):
                doing.said, doing.answered = 0, False
        return found

    def _fail(self, why: str, now: Instant) -> list[Output]:
        return [Close(), *self._broken(why, now)] if self._up else self._broken(why, now)

    def _broken(self, why: str, now: Instant) -> list[Output]:
        self._up, self._unanswered, self._broke = False, 0, True
        self._beat.doubted()
        asked, self._asked, self._reply_by = self._asked, None, None
        self._connect_at = now + self._backoff.next()
        found: list[Output] = []
        if isinstance(asked, tuple) and asked in self._doing and not self._doing[asked].order.again:
            found += self._give_up(asked, f"it {why} before it answered, and this may not be said twice", now)
        found += self._reports.say("ready", False, now)
        health: list[Health] = self._beat.trouble(why, now) if self.speech.polls else self._beat.broken(why, now)
        return [*found, *health]


def value_of(word: str, kind: ValueType) -> Value | None:
    """A word of the wire as a value of that type; None where it is none.

    >>> value_of("40", ValueType.NUMBER), value_of("on", ValueType.TRUTH), value_of("up", ValueType.NUMBER)
    (40.0, True, None)
    """
    match kind:
        case ValueType.NUMBER:
            try:
                return float(word) if len(word) <= 40 else None
            except ValueError:
                return None
        case ValueType.TRUTH:
            lower = word.strip().lower()
            return True if lower in ("1", "true", "yes", "on") else False if lower in ("0", "false", "no", "off") else None
        case ValueType.TEXT:
            return word.strip()
