"""What a journal says was performed, cue run by cue run, in a form that a live run and its rehearsal share.

The inputs of the journal are played into ``step`` again, at their instants; what comes out must be what the journal says was sent
(``replayed`` asserts it, light by its prints). That gives every command whole, with its rows. Then each command is put down
under the run of the cue that it belongs to, with:

- its *cause*: an input record (its words; the offset is from that record's instant), or time (the offset is from the
  instant at which its run was started). The start of a run has a cause in the same way; one that time brings is counted from
  the start of the run that led to it: the one before it in the file, the group it is a member of, or the cue that started it in
  the same instant. Offsets are differences of journaled instants, whole nanoseconds, and add up along a chain to its root. What
  counts on timecode is counted on the code's clock: when code comes is no business of the show's.
- its *words*: of a dispatch the device, verb, arguments and class; of light every row in but for what counts from zero in each
  run: ids become places in the change, owners become cues, clocks' lines and rows' starts count from the run's start (what began
  before, from the start of the run that owns it). Rows out are housekeeping (rows that nobody can see any more) and are left out,
  and so are rows of hazards that are sent again because their permission goes on.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from showctl.engine.commands import Command, Light, Note, Tell
from showctl.engine.events import DeviceHealth, DeviceReported, Event, Go, InputChanged, from_record
from showctl.engine.state import State
from showctl.engine.step import initial, next_deadline, step
from showctl.runtime.journal import Record
from showctl.runtime.playback import dispatch_record
from showctl.show.instants import Instant
from showctl.show.show import Show

LINES = frozenset({"start", "ends"})
"""Fields of a row that are local instants."""
LEFT_OUT = frozenset({"id", "owner", "clock", "until", "source"})
"""Fields of a row that are said in another way (``source``: see ``Row``)."""
WRITTEN = ("input", "dispatch", "light", "note")
"""Records of what came in and what went out; anchors and checkpoints are about the process."""
NOBODY = ("", 0)

RunKey: TypeAlias = tuple[str, int]
"""A cue, and which of its performances this is (from 0)."""


@dataclass(frozen=True)
class Moment:
    """Commands that one piece of due work, or one input, led to at one instant."""

    cause: str
    """The words of the input; "" for time."""
    at: Instant
    state: State
    commands: tuple[Command, ...]


@dataclass(frozen=True)
class Said:
    """One command. ``cause`` and ``offset`` as the module says; ``sources`` are the levels from which its rows set out."""

    cause: str
    offset: int
    words: Any
    sources: tuple[int, ...] = field(default=(), compare=False)


@dataclass
class Performance:
    """One run of a cue: how it came about, and what it asked."""

    key: RunKey
    began: Instant
    cause: str
    after: RunKey
    """From whose start ``offset`` counts, where time was the cause."""
    offset: int
    said: list[Said] = field(default_factory=list)


def replayed(show: Show, records: Iterable[Record]) -> list[Moment]:
    """The journal's inputs played again. AssertionError where what comes out is not what the journal says was sent."""
    records = [record for record in records if record.kind in WRITTEN]
    inputs = [record for record in records if record.kind == "input"]
    end = records[-1].instant
    state, moments = initial(show), list[Moment]()
    for record in inputs:
        state = _run_to(show, state, record.instant, moments)
        event = from_record(record.body)
        state, commands = step(show, state, event, max(record.instant, state.now))
        moments.append(Moment(words_of(event), record.instant, state, commands))
    _run_to(show, state, end, moments)

    again = [r for moment in moments for c in moment.commands if (r := dispatch_record(c)) is not None]
    sent = [record for record in records if record.kind != "input"]
    for one, other in zip(sent, again, strict=False):
        assert (one.instant, one.kind, one.encoded()) == (other.instant, other.kind, other.encoded())
    assert len(again) >= len(sent), again[len(sent) :]
    return moments


def _run_to(show: Show, state: State, now: Instant, moments: list[Moment]) -> State:
    while (due := next_deadline(state)) is not None and due <= now:
        state, commands = step(show, state, None, due)
        moments.append(Moment("", due, state, commands))
    return state


def words_of(event: Event) -> str:
    """An input, as the cause of something. Values that differ between two evenings are left out."""
    match event:
        case InputChanged():
            return f"{event.name} changed"
        case DeviceReported():
            return f"{event.device}.{event.field} reported"
        case DeviceHealth():
            return f"{event.device} became {event.health}"
        case Go():
            return f"GO {event.list}" + (f"/{event.cue}" if event.cue else "")
        case _:
            return type(event).__name__


def performances(show: Show, records: Iterable[Record]) -> dict[RunKey, Performance]:
    """Every run of a cue that the journal tells of, in the order of their starts."""
    return _Teller(show).tell(replayed(show, records))


class _Teller:
    def __init__(self, show: Show) -> None:
        self.show = show
        self.found: dict[RunKey, Performance] = {}
        self.key: dict[int, RunKey] = {}
        self.count: dict[str, int] = defaultdict(int)
        self.known: dict[int, bytes] = {}
        """Rows that have been sent, but for how long they are permitted."""

    def tell(self, moments: Sequence[Moment]) -> dict[RunKey, Performance]:
        for moment in moments:
            self._moment(moment)
        return self.found

    def _moment(self, moment: Moment) -> None:
        current: RunKey = NOBODY
        for command in moment.commands:
            match command:
                case Note(what="cue.started"):
                    current = self._started(command, moment, current)
                case Tell() if self.show.device_named[command.device].code is None:  # code goes out as code comes in
                    current = self._whose(command.run, command.instant, current)
                    self._say(current, moment, command.instant, _tell_words(command))
                case Light() if self._is_news(command):
                    owner = int(command.change.rows_in["owner"].max(initial=0))
                    current = self._whose(owner, command.instant, current)
                    sources = tuple(int(n) for n in command.change.rows_in["source"])
                    self._say(current, moment, command.instant, self._light_words(command, moment, current), sources)
                case _:
                    pass

    def _is_news(self, light: Light) -> bool:
        """Whether a change says more than that hazards go on being permitted."""
        rows = light.change.rows_in.copy()
        rows["until"] = 0
        fresh = [row for row in rows if self.known.get(int(row["id"])) != row.tobytes()]
        self.known.update((int(row["id"]), row.tobytes()) for row in fresh)
        return bool(fresh) or bool(len(light.change.clocks)) or bool(len(light.change.masters))

    def _whose(self, run: int, instant: Instant, current: RunKey) -> RunKey:
        """Who asks: the run that is named, but a cue that starts now and stops what another one began asks for itself."""
        named = self.key.get(run, NOBODY)
        starts_now = named in self.found and self.found[named].began == instant
        return current if current != NOBODY and not starts_now else named

    def _started(self, note: Note, moment: Moment, current: RunKey) -> RunKey:
        cue = str(note.cue)
        key = (cue, self.count[cue])
        after = NOBODY if moment.cause and current == NOBODY else self._led_by(note, current)
        self.count[cue] += 1
        self.key[note.run] = key
        since = self.found[after].began if after in self.found else moment.at
        offset = note.instant - since
        if (counted := self._on_code(note, moment)) is not None:
            offset = counted
        self.found[key] = Performance(key, note.instant, "" if after in self.found else moment.cause, after, offset)
        return key

    def _on_code(self, note: Note, moment: Moment) -> int | None:
        """Where in its timeline a member starts, if that counts on timecode: where the code's clock is, to the nanosecond."""
        run = moment.state.runs.get(note.run)
        parent = moment.state.runs.get(run.parent) if run is not None else None
        if run is None or parent is None or parent.acted is None or self.show.cue(parent.cue).group is None:
            return None
        group = self.show.cue(parent.cue).group
        return run.began_local - parent.acted if group is not None and group.clock is not None else None

    def _led_by(self, note: Note, current: RunKey) -> RunKey:
        """Who led to a start: the group, the cue before it in the file, one that started at this instant, or the list's last."""
        assert note.cue is not None
        cues = self.show.list_named[note.cue.list].cues
        index = self.show.cue(note.cue).index
        group = str(note.cue).rpartition(":")[0]
        likely = (group, *((str(cues[index - 1].ref),) if index > 0 else ()))
        for cue in likely:
            if self.count[cue]:
                return (cue, self.count[cue] - 1)
        on_list = [key for key in self.found if key[0].startswith(f"{note.cue.list}/")]
        return current if current != NOBODY else (on_list or [NOBODY])[-1]

    def _say(self, key: RunKey, moment: Moment, instant: Instant, words: Any, sources: tuple[int, ...] = ()) -> None:
        run = self.found.get(key)
        if run is None:
            return  # no cue's: what a person or the engine itself asked
        by_time = not moment.cause or run.began == instant
        cause, since = ("", run.began) if by_time else (moment.cause, moment.at)
        run.said.append(Said(cause, instant - since, words, sources))

    def _light_words(self, light: Light, moment: Moment, current: RunKey) -> Any:
        change, began = light.change, self.found[current].began if current in self.found else light.instant

        def local(clock: int, when: Instant) -> int:
            return when if clock == 0 else moment.state.clocks[clock].local(when)

        def row(values: Any) -> tuple[Any, ...]:
            owner = self.key.get(int(values["owner"]), NOBODY)
            clock = int(values["clock"])
            now = local(clock, light.instant)
            here, there = (local(clock, at) for at in (began, self.found[owner].began if owner in self.found else began))
            same = tuple((name, int(values[name])) for name in values.dtype.names if name not in LINES | LEFT_OUT)
            instants = {name: int(values[name]) for name in sorted(LINES)}
            lines = tuple((name, at and at - (here if at >= now else there)) for name, at in instants.items())
            return (owner[0], *same, *lines)

        rows = tuple(row(values) for values in change.rows_in)
        masters = tuple((int(m["id"]), int(m["target"]), int(m["duration"])) for m in change.masters)
        clocks = tuple((int(c["num"]), int(c["den"])) for c in change.clocks)
        return ("light", rows, masters, clocks)


def _tell_words(command: Tell) -> Any:
    return ("tell", command.device, command.verb, command.arguments, command.kind.value)


def differences(
    rehearsed: dict[RunKey, Performance], live: dict[RunKey, Performance], until: Instant, begun: Instant
) -> Iterator[str]:
    """Where a live run (whose script began at ``begun``) is not its rehearsal up to ``until`` of the script; one line each."""
    for key, expected in rehearsed.items():
        if expected.began > until:
            continue
        cue = f"{key[0]} ({key[1] + 1})"
        found = live.get(key)
        if found is None:
            yield f"{cue} was not played"
            continue
        start = (expected.cause, expected.after, expected.offset)
        if start != (found.cause, found.after, found.offset):
            yield f"{cue} starts by {start}, live by {(found.cause, found.after, found.offset)}"
        for n, said in enumerate(expected.said):
            if expected.began + said.offset > until:
                break
            if n >= len(found.said):
                yield f"{cue} does not say {_short(said)}"
            elif found.said[n] != said:
                yield f"{cue} says {_short(found.said[n])}, not {_short(said)}"
        for said in found.said[len(expected.said) :]:
            if found.began - begun + said.offset <= until:
                yield f"{cue} also says {_short(said)}"
    for key, extra in live.items():
        if key not in rehearsed and extra.began - begun <= until:
            at = (extra.began - begun) / 1e9
            yield f"{key[0]} ({key[1] + 1}) was played live only, at {at:.3f} s by {extra.cause or extra.after}"


def _short(said: Said) -> str:
    text = f"{said.cause or 'time'} {said.offset:+d} ns {said.words}"
    return text if len(text) < 400 else text[:400] + "..."
