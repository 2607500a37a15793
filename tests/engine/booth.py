"""A small booth for tests: shows in a few words, and runs of them as readable logs.

Fixtures ``a b c d`` are dimmers at sacn/1.1..4; ``head`` is an intensity, a pan and a red. One sound player ``sound``, one film
server ``film``. Times are seconds, levels percent, as on a screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from showctl.engine.commands import Answer, Command, Note, Tell
from showctl.engine.events import Event, Go, Origin
from showctl.engine.state import State
from showctl.engine.step import initial, next_deadline, step
from showctl.light.render import Rendering, levels, prepare
from showctl.show.cues import (
    Action,
    ActionClass,
    AfterEnd,
    AfterStart,
    Branch,
    Cue,
    CueList,
    CueRef,
    Group,
    GroupMode,
    LightMove,
    Member,
    MoveKind,
    Next,
    NextWhen,
    Perform,
)
from showctl.show.devices import KINDS, Device
from showctl.show.expressions import ValueType, parse
from showctl.show.fixtures import FAMILY_OF, Channel, Fixture, Mode
from showctl.show.instants import Duration, Instant, seconds, seconds_of
from showctl.show.levels import from_percent, percent_of
from showctl.show.patch import Patch, Protocol, Universe, make_patch
from showctl.show.show import Show
from showctl.show.triggers import Clip, Input, InputSource, SafeState, Scope, Trigger, Variable, Zone

DIMMER = Mode("1ch", 1, (Channel("intensity", FAMILY_OF["intensity"], (0,)),))
HEAD = Mode(
    "3ch",
    3,
    (
        Channel("intensity", FAMILY_OF["intensity"], (0,)),
        Channel("pan", FAMILY_OF["pan"], (1,), low=-90, high=90, default=32768),
        Channel("red", FAMILY_OF["red"], (2,)),
    ),
)
NUMBER = {"a": 0, "b": 1, "c": 2, "d": 3, "head": 4, "head.pan": 5, "head.red": 6}
NAMES = {
    "gate": ValueType.TEXT,
    "guests": ValueType.NUMBER,
    "party.count": ValueType.NUMBER,
    "show.ending": ValueType.TEXT,
    "day.shows": ValueType.NUMBER,
    "main.cue": ValueType.TEXT,
    "sound.state": ValueType.TEXT,
}


def patch() -> Patch:
    """Four dimmers and a head."""
    fixtures = [Fixture(n, name, "dimmer", DIMMER, "sacn/1", n + 1) for n, name in enumerate("abcd")]
    fixtures.append(Fixture(4, "head", "head", HEAD, "sacn/1", 10))
    return make_patch((Universe(0, "sacn/1", Protocol.SACN, 1),), (), tuple(fixtures))


def loop(clip: str, voice: str, lap: float, passes: int | None = None, at: float = 0.0) -> Perform:
    """Plays a clip of ``lap`` seconds round and round, ``passes`` times or (None) until it is stopped or devamped."""
    length = None if passes is None else seconds(lap * passes - at)
    made = play(clip, voice)
    arguments = tuple((word, at if word == "at" else value) for word, value in made.arguments)
    return replace(made, arguments=arguments, length=length, lap=seconds(lap))


def pulse() -> Perform:
    """Something momentary that a locate never sends."""
    return Perform("film", "osc", (("address", "/pulse"),))


def move(levels: dict[str, float], up: float = 0, down: float | None = None, delay: float = 0) -> LightMove:
    """``{"a": 100}``: dimmer a to full."""
    return LightMove(
        tuple(NUMBER[name] for name in levels),
        tuple(from_percent(level) for level in levels.values()),
        seconds(up),
        seconds(up if down is None else down),
        seconds(delay),
    )


def release(*names: str, over: float = 0) -> LightMove:
    return LightMove(tuple(NUMBER[name] for name in names), (), seconds(over), seconds(over), kind=MoveKind.RELEASE)


def expression(text: str) -> Any:
    return parse(text, NAMES)


def start_after(delay: float) -> AfterStart:
    return AfterStart(seconds(delay))


def end_after(delay: float = 0) -> AfterEnd:
    return AfterEnd(seconds(delay))


def when(text: str, within: float | None = None) -> NextWhen:
    return NextWhen(expression(text), None if within is None else seconds(within))


def branch(within: float, otherwise: str, *choices: tuple[str, str], early: bool = False) -> Branch:
    made = tuple((expression(text), CueRef("main", label)) for text, label in choices)
    return Branch(made, CueRef("main", otherwise), seconds(within), early)


def play(clip: str, voice: str, length: float | None = None, level: float = 0.0) -> Perform:
    """Plays a clip of ``length`` seconds (None: endless) as a named voice."""
    arguments = (
        ("clip", clip), ("voice", voice), ("output", ""), ("level", level), ("fade", 0.0), ("loop", length is None), ("at", 0.0)
    )  # fmt: skip
    return Perform("sound", "play", arguments, ActionClass.RESUME, voice, voice, None if length is None else seconds(length))


def picture(clip: str, layer: float = 1.0, length: float | None = 60) -> Perform:
    """Plays ``clip`` on a layer of the wall."""
    words = (
        ("clip", clip), ("surface", "wall"), ("layer", layer), ("at", 0.0), ("loop", length is None), ("fade", 0.0)
    )  # fmt: skip
    ends = None if length is None else seconds(length)
    return Perform("film", "play", words, ActionClass.RESUME, f"pic{layer:g}", f"wall|{layer:g}", ends)


def bell() -> Perform:
    """Something momentary."""
    return Perform("film", "fade", (("surface", "wall"), ("layer", 1.0), ("opacity", 50.0), ("over", 0.0)))


def cue(
    label: str,
    light: dict[str, float] | None = None,
    time: float = 0,
    *actions: Action,
    next: Next | None = None,  # noqa: A002 - the field's word
    list: str = "main",  # noqa: A002
    **more: Any,
) -> Cue:
    moves = () if light is None else (move(light, time),)
    return Cue(CueRef(list, label), light=moves, actions=actions, next=next, **more)


def group(label: str, mode: GroupMode, *members: Cue | tuple[float, Cue], **more: Any) -> Cue:
    """A group; members of a timeline come as (seconds, cue)."""
    made = tuple(Member(seconds(item[0]), item[1]) if isinstance(item, tuple) else Member(0, item) for item in members)
    if mode is GroupMode.FIRST_ENTERS:
        # As a file becomes: the members are cues of the list, right after the group.
        return Cue(
            CueRef("main", label), group=Group(mode, (), enters=tuple(m.cue.ref for m in made)), next=AfterStart(0), **more
        )
    return Cue(CueRef("main", label), group=Group(mode, made), **more)


def cue_list(*cues: Cue, name: str = "main", index: int = 0, **more: Any) -> CueList:
    numbered = tuple(replace(item, index=n) for n, item in enumerate(cues))
    named: dict[str, Cue] = {}

    def collect(item: Cue) -> None:
        named[item.label] = item
        for member in item.group.members if item.group else ():
            collect(member.cue)

    for item in numbered:
        collect(item)
    return CueList(index, name, numbered, named=named, **more)


def show_of(*cues: Cue, lists: Iterable[CueList] = (), triggers: tuple[Trigger, ...] = (), **more: Any) -> Show:
    """A show whose list ``main`` has these cues."""
    main = cue_list(*cues)
    sound = Device(0, "sound", KINDS["sound_player"], "udp")
    film = Device(1, "film", KINDS["film_server"], "slip")
    safe = SafeState((move({"a": 60}),), (Perform("sound", "mute", (("on", True),), ActionClass.STATE),))
    inputs = (
        Input(0, "gate", ValueType.TEXT, "open", InputSource.MQTT),
        Input(1, "guests", ValueType.NUMBER, 0.0, InputSource.GUESTS),
    )
    variables = (
        Variable("count", Scope.PARTY, ValueType.NUMBER, 0.0),
        Variable("ending", Scope.SHOW, ValueType.TEXT, "home"),
        Variable("shows", Scope.DAY, ValueType.NUMBER, 0.0),
    )
    return Show(
        "test",
        patch(),
        (main, *lists),
        devices=(sound, film),
        zones=(Zone(0, "nave", "Nave", (), safe),),
        clips=(Clip("rumble", "rumble.wav", seconds(40), ("sound",)),),
        inputs=inputs,
        variables=variables,
        triggers=triggers,
        **more,
    )


class Booth:
    """Runs a show by hand: ``at`` seconds, something happens; due work happens at its own instants."""

    def __init__(self, show: Show, state: State | None = None) -> None:
        self.show = show
        self.state = initial(show) if state is None else state
        self.commands: list[Command] = []
        self.rendering = Rendering(show.patch, show.submasters)

    def at(self, when_: float, event: Event | None = None) -> Answer | None:
        """Lets time pass until ``when_`` (waking where the engine asked to be), then ``event`` happens."""
        now = seconds(when_)
        while (due := next_deadline(self.state)) is not None and due <= now:
            self.state, commands = step(self.show, self.state, None, due)
            self.commands += commands
        self.state, commands = step(self.show, self.state, event, now)
        self.commands += commands
        return next((command for command in commands if isinstance(command, Answer)), None)

    def go(self, when_: float, cue_: str | None = None, list_: str = "main") -> Answer:
        answer = self.at(when_, Go(list_, cue_, origin=Origin("script")))
        assert answer is not None
        return answer

    def level(self, name: str) -> float:
        """What the rendering shows now, in percent."""
        found = levels(prepare(self.rendering, self.state.plan), self.state.now)
        return round(percent_of(int(found[NUMBER[name]])), 1)

    def standby(self, list_: int = 0) -> str | None:
        return self.state.lists[list_].standby

    def running(self) -> list[str]:
        return [str(run.cue) for run in self.state.runs.values()]

    def log(self, *whats: str) -> list[str]:
        """Notes so far as ``seconds what cue``; only ``whats`` where given."""
        return [
            f"{_clock(c.instant)} {c.what} {c.cue.label if c.cue else ''}".rstrip()
            for c in self.commands
            if isinstance(c, Note) and (not whats or c.what in whats)
        ]

    def told(self) -> list[str]:
        """What devices were asked so far as ``seconds device verb``."""
        return [f"{_clock(c.instant)} {c.device} {c.verb}" for c in self.commands if isinstance(c, Tell)]

    def tells(self) -> list[Tell]:
        return [c for c in self.commands if isinstance(c, Tell)]


def _clock(instant: Instant) -> str:
    return f"{seconds_of(instant):g}"


def starts(booth: Booth) -> list[str]:
    """``seconds cue`` of every start."""
    return [line.replace("cue.started ", "") for line in booth.log("cue.started")]


__all__ = ["Booth", "Duration", "starts"]
