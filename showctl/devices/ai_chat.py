"""The AI performer behind an HTTP endpoint: a line within a deadline, streamed, filtered, or the approved one.

The common chat-completions form (``protocols/chat``); HTTP/1.1 is h11's. One connection and one question at a time. The audience
never waits: at the deadline, or as soon as no good answer can come any more, the line that the author approved is the line. What
came back is good when its end was said, it is ``fit_to_say``, and the filter of the show lets it pass: the option ``moderation``
names a path of the same server (or of a filter in between) that judges a text; ``filters`` are further judges, in Python. A busy
or broken server (429, 5xx) is asked once more where the time allows. Every half minute while nothing is asked ``probe`` is, so
that a dead endpoint or a refused key is seen before the cue that needs it.

The key is not known here: the link adds it to each request (``runtime/links/chat``), so it is in no journal and no digest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import h11

from showctl.devices.ai_performer import blocked_words, fit_to_say
from showctl.devices.answering import Answering
from showctl.devices.driver import Close, Connect, Output, Outputs, Phase, Send
from showctl.devices.heartbeat import Backoff, Heartbeat, earliest
from showctl.devices.orders import NEVER, Orders
from showctl.devices.reports import Reports
from showctl.devices.words import completed, number, text
from showctl.engine.commands import Tell
from showctl.protocols import chat
from showctl.protocols.errors import ProtocolError
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Instant, seconds

PROBE_EVERY: Final = 30 * SECOND
REPLY_WITHIN: Final = 5 * SECOND
DEGRADED_AFTER: Final = PROBE_EVERY + REPLY_WITHIN + SECOND
LOST_AFTER: Final = 2 * PROBE_EVERY
AGAIN_AFTER: Final = 200 * MILLISECOND
"""How long a busy server is left alone where it does not say so itself."""
MOST_BODY: Final = 65536
TOKENS: Final = 120
Filter = Callable[[str], bool]


@dataclass(slots=True)
class Question:
    """What was asked, by when an answer counts, what is the line otherwise, and how often it was asked so far."""

    prompt: str
    deadline: Instant
    approved: str
    list: str = ""
    asked: int = 0
    line: str = ""
    """The answer, while the filter judges it."""
    again_at: Instant | None = None


@dataclass(slots=True)
class Exchange:
    """A request that is under way: ``what`` is probe, ask or filter."""

    what: str
    question: Question | None = None
    reply_by: Instant | None = None
    status: int = 0
    stream: bool = False
    retry_after: str = ""
    body: bytes = b""


class AiChat(Answering):
    """One endpoint."""

    def __init__(self, device: Device, filters: tuple[Filter, ...] = ()) -> None:
        self.device, self._filters = device, filters
        options = {key: str(value) for key, value in device.options.items()}
        self._path = options.get("path", "/v1/chat/completions")
        self._probe = options.get("probe", "/v1/models") if options.get("probe") != "none" else ""
        self._moderation = options.get("moderation", "")
        self._model, self._system = options.get("model", ""), options.get("system", "")
        self._longest = int(float(options.get("tokens", TOKENS)))
        self._temperature = float(options["temperature"]) if "temperature" in options else None
        self._blocked = blocked_words(options.get("blocked", ""))
        self._beat = Heartbeat(device, DEGRADED_AFTER, LOST_AFTER, patient=not self._probe, outspoken=True)
        self._reports, self._backoff = Reports(device), Backoff()
        self._orders = Orders(device, self._shows, {"ask": NEVER})
        self._up = self._opening = False
        self._http = h11.Connection(h11.CLIENT)
        self._events, self._line = chat.EventSplitter(), chat.Line()
        self._exchange: Exchange | None = None
        self._question: Question | None = None
        self._connect_at: Instant | None = None
        self._probe_at: Instant = 0
        self._spoken = ""
        self._began: Instant = 0

    # --- the contract --------------------------------------------------------------------------------------------------

    def start(self, now: Instant) -> Outputs:
        self._beat.start(now)
        self._orders.taken_up()
        self._probe_at = now
        return self._connect()

    def command(self, command: Tell, now: Instant) -> Outputs:
        try:
            whole = completed(command, self.device)
            if whole.verb == "say":
                return self._say(text(whole, "line"), now)
            if whole.verb != "ask":
                return []
            deadline = now + max(seconds(number(whole, "within")), 0)
            asker = "" if whole.cue is None else whole.cue.list
            question = Question(text(whole, "prompt"), deadline, text(whole, "approved"), asker)
        except (KeyError, TypeError):
            return []
        found = self._drop(now)  # a question that is replaced is not waited for
        self._question = question
        found += [*self._reports.say("line", "", now), *self._reports.say("source", "", now), *self._reports.say("why", "", now)]
        found += self._reports.say("state", "thinking", now)
        return [*found, *self._orders.asked(whole, now), *self._next(now)]

    def received(self, data: bytes, now: Instant) -> Outputs:
        if not self._up or not data:  # to h11 no bytes are the end
            return []
        if self._exchange is None:  # nobody asked: it would be taken for the next answer
            return [Close(), *self._closed(), *self._next(now)]
        try:
            self._http.receive_data(data)
            return [*self._read(now), *self._next(now)]
        except (h11.RemoteProtocolError, ProtocolError) as fault:
            return [Close(), *self._broken(f"sent what is no answer: {fault}", now), *self._next(now)]

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def connected(self, now: Instant) -> Outputs:
        self._up, self._opening, self._connect_at = True, False, None
        self._http, self._exchange = h11.Connection(h11.CLIENT), None
        return self._next(now)

    def lost(self, why: str, now: Instant) -> Outputs:
        if not self._up:
            self._opening = False
            return [*self._broken(why, now), *self._next(now)]
        if self._exchange is None:
            self._up = False  # it closes what is idle: the next question opens it again
            return []
        found: list[Output] = []
        try:  # an answer may be over where the connection ends
            self._http.receive_data(b"")
            found += self._read(now)
        except (h11.RemoteProtocolError, ProtocolError):
            pass
        return [*found, *self._cut_off(why, now), *self._next(now)]

    def _cut_off(self, why: str, now: Instant) -> list[Output]:
        return self._broken(why, now) if self._exchange is not None else self._closed()

    def wake(self, now: Instant) -> Outputs:
        found: list[Output] = []
        if self._question is not None and now >= self._question.deadline:
            found += self._drop(now)
            found += self._fall_back("no answer came in time", now)
        if self._exchange is not None and self._exchange.reply_by is not None and now >= self._exchange.reply_by:
            found += [Close(), *self._broken("does not reply", now)]
        _, failed = self._orders.wake(now)
        found += [*failed, *self._beat.wake(now), *self._reports.wake(now)]
        return [*found, *self._next(now)]

    def next_deadline(self) -> Instant | None:
        exchange, question = self._exchange, self._question
        free = exchange is None and not self._opening
        return earliest(
            self._beat.next_deadline(),
            self._reports.next_deadline(),
            self._orders.next_deadline(),
            None if question is None else question.deadline,
            None if question is None or not free else question.again_at,
            None if exchange is None else exchange.reply_by,
            (self._connect_at or self._probe_at) if free and question is None and self._probe else None,
        )

    def desired(self) -> dict[str, Value]:
        return {"line": self._spoken} if self._spoken else {}

    def phase(self) -> Phase:
        return self._orders.phase()

    def _shows(self, command: Tell) -> bool | None:  # noqa: ARG002
        return None if self._question is None else False

    # --- what to say next ----------------------------------------------------------------------------------------------

    def _next(self, now: Instant) -> list[Output]:
        """Asks what is to be asked, if the line is free: questions before probes."""
        if self._exchange is not None or self._opening:
            return []
        question = self._question
        if question is not None and question.line:
            what, due = "filter", now
        elif question is not None:
            what, due = "ask", question.again_at or now
        else:
            what, due = "probe", self._connect_at or self._probe_at
            if not self._probe:
                return []
        if now < due:
            return []
        if not self._up:
            return self._connect()
        return self._request(what, now)

    def _connect(self) -> list[Output]:
        self._opening, self._connect_at = True, None
        return [Connect()]

    def _request(self, what: str, now: Instant) -> list[Output]:
        if self._http.our_state is not h11.IDLE or self._http.their_state is not h11.IDLE:
            self._up = False  # the connection cannot be used again: a fresh one can
            return [Close(), *self._connect()]
        question, self._probe_at = self._question, now + PROBE_EVERY
        method, path, body = "GET", self._probe, b""
        if question is not None and what == "filter":
            method, path, body = "POST", self._moderation, chat.moderation(question.line)
        elif question is not None:
            method, path = "POST", self._path
            body = chat.request(self._model, self._system, question.prompt, longest=self._longest, temperature=self._temperature)
            question.asked, question.again_at = question.asked + 1, None
            self._events, self._line = chat.EventSplitter(), chat.Line()
        headers = [("Host", f"{self.device.host}:{self.device.port}"), ("Accept", "text/event-stream, application/json")]
        if body:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        try:
            sent = self._http.send(h11.Request(method=method, target=path, headers=headers)) or b""
            sent += self._http.send(h11.Data(data=body)) if body else b""
            sent += self._http.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError:  # a path that no server could have
            return self._fall_back("it cannot be asked", now) if question is not None else []
        self._exchange = Exchange(what, question, now + REPLY_WITHIN if what == "probe" else None)
        self._began = now
        return [Send(sent)]

    # --- what is heard -------------------------------------------------------------------------------------------------

    def _read(self, now: Instant) -> list[Output]:
        found: list[Output] = []
        while (exchange := self._exchange) is not None:
            event = self._http.next_event()
            match event:
                case h11.Response():
                    found += self._status(exchange, event, now)
                case h11.Data():
                    found += self._body(exchange, bytes(event.data), now)
                case h11.EndOfMessage():
                    self._exchange = None
                    found += self._ended(exchange, now)
                    if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
                        self._http.start_next_cycle()
                    elif self._up:
                        found += [Close(), *self._closed()]
                case h11.InformationalResponse():
                    pass
                case _:
                    break
        return found

    def _status(self, exchange: Exchange, response: h11.Response, now: Instant) -> list[Output]:
        headers = {bytes(name): bytes(value) for name, value in response.headers}
        exchange.status = response.status_code
        exchange.stream = headers.get(b"content-type", b"").lower().startswith(b"text/event-stream")
        exchange.retry_after = headers.get(b"retry-after", b"").decode("latin-1")
        self._beat.round_trip = now - self._began
        self._backoff.worked()
        trouble = ""
        if exchange.status in (401, 403):
            trouble = "refuses the key"
        elif exchange.status == 429:
            trouble = "is asked too often (429)"
        elif exchange.status >= 500 or (exchange.status != 200 and exchange.what != "probe"):
            trouble = f"answers {exchange.status}"
        self._beat.forgive(trouble)
        state = self._reports.say("state", "idle", now) if self._question is None else []
        return [*self._beat.heard(now), *state]

    def _body(self, exchange: Exchange, data: bytes, now: Instant) -> list[Output]:
        question = self._question
        if exchange.what == "ask" and exchange.stream and exchange.status == 200:
            if question is None or exchange.question is not question or question.line:
                return []
            try:
                for event in self._events.feed(data):
                    self._line.take(event)
            except chat.RefusedLine as refused:
                return [*self._drop(now), *self._fall_back(f"the model {refused}", now)]
            return self._answered(now) if self._line.over else []
        exchange.body += data
        if len(exchange.body) > MOST_BODY:
            raise ProtocolError("an answer is over the limit", MOST_BODY)
        return []

    def _ended(self, exchange: Exchange, now: Instant) -> list[Output]:
        """An exchange is over."""
        question = self._question
        if exchange.what == "probe" or question is None or exchange.question is not question:
            return []
        if exchange.status != 200:
            return self._not_now(exchange, question, now)
        try:
            if exchange.what == "filter":
                flagged = chat.is_flagged(exchange.body)
                return self._fall_back("the filter did not let it pass", now) if flagged else self._speak(question.line, now)
            if question.line:
                return []
            if exchange.stream:
                self._line.end()
            else:
                self._line.whole(exchange.body)
        except chat.RefusedLine as refused:
            return self._fall_back(f"the model {refused}", now)
        return self._answered(now)

    def _not_now(self, exchange: Exchange, question: Question, now: Instant) -> list[Output]:
        """It answered with something else than a line."""
        busy = exchange.status == 429 or exchange.status >= 500
        wait = seconds(float(exchange.retry_after)) if exchange.retry_after.isdecimal() else AGAIN_AFTER
        if busy and exchange.what == "ask" and question.asked < 2 and now + wait < question.deadline:
            question.again_at = now + wait
            return []
        return self._fall_back(f"the endpoint answered {exchange.status}", now)

    # --- what is said --------------------------------------------------------------------------------------------------

    def _answered(self, now: Instant) -> list[Output]:
        """The model has said its line: it is kept for the record, and judged."""
        question = self._question
        if question is None:
            return []
        line = self._line.text.strip()
        found: list[Output] = [*self._reports.say("answer", line[:512], now)]
        if not fit_to_say(line, self._blocked):
            return [*found, *self._fall_back("it is not fit to be said", now)]
        if not all(passes(line) for passes in self._filters):
            return [*found, *self._fall_back("the filter did not let it pass", now)]
        if not self._moderation:
            return [*found, *self._speak(line, now)]
        question.line = line
        return found

    def _speak(self, line: str, now: Instant) -> list[Output]:
        return self._say(line, now, "performer")

    def _fall_back(self, why: str, now: Instant) -> list[Output]:
        """The approved line, and why."""
        question = self._question
        if question is None:
            return []
        failed = self._orders.refused("ask", why, "the approved line")
        return [*self._reports.say("why", why, now), *self._say(question.approved, now), *failed]

    def _say(self, line: str, now: Instant, source: str = "approved") -> list[Output]:
        found = self._drop(now)
        self._question, self._spoken = None, line
        self._orders.look()
        found += [*self._reports.say("source", source, now), *self._reports.say("line", line, now)]
        return [*found, *self._reports.say("state", "idle", now)]

    def _drop(self, now: Instant) -> list[Output]:  # noqa: ARG002
        """What is under way is not waited for any more: the rest of its answer would stand before the next."""
        if self._exchange is None or (self._line.over and self._exchange.what == "ask"):
            return []
        return [Close(), *self._closed()]

    # --- when it goes wrong --------------------------------------------------------------------------------------------

    def _closed(self) -> list[Output]:
        self._up, self._exchange = False, None
        return []

    def _broken(self, why: str, now: Instant) -> list[Output]:
        """The connection failed."""
        exchange, self._exchange = self._exchange, None
        self._up = False
        wait = self._backoff.next()
        self._connect_at = now + wait
        found: list[Output] = [*self._beat.trouble(why, now)]
        question = self._question
        if question is not None and (exchange is None or exchange.what != "probe"):
            if exchange is None and now + AGAIN_AFTER < question.deadline:
                question.again_at = now + AGAIN_AFTER  # nobody took the connection: somebody may yet
            else:
                found += self._fall_back(f"the endpoint {why}", now)
        return found
