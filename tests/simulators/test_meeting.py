"""Our drivers and our simulated devices, each written from the page and not from the other, meet by bytes.

A mistake on either side shows here as a report that differs from the truth. Links carry at once; time is virtual.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from showctl.devices.driver import Close, Connect, Failed, Health, Outputs, Publish, Report, Send, Subscribe, Tracked
from showctl.devices.registry import driver_for
from showctl.engine.commands import Tell
from showctl.show.cues import ActionClass, Value
from showctl.show.devices import KINDS, Device, Field, Kind, Verb
from showctl.show.expressions import ValueType
from showctl.show.instants import seconds
from simulators.broker import Broker
from simulators.device import SimulatedDevice
from simulators.film import FilmServer, GauzePlayer
from simulators.performer import Performer
from simulators.projector import Projector
from simulators.room import RoomDevice
from simulators.sound import SoundPlayer
from simulators.tracker import Tracker
from simulators.xr import XrEngine
from tests.simulators.stage import DESK, make_device, make_show


class Meeting:
    """One driver and one device on one agenda."""

    def __init__(self, device: Device, make: Callable[..., SimulatedDevice]) -> None:
        show = make_show(device)
        self.driver, self.device = driver_for(device, show), make(device, show, 1)
        self.reports: dict[str, Value] = {}
        self.healths: list[str] = []
        self.tracks: dict[int, Any] = {}
        self.now = self.orders = self.dials = 0
        self.open = ""
        self.device.start(0)
        self.obey(self.driver.start(0))
        if self.device.endpoints[0].kind == "udp":
            self.obey(self.driver.connected(0))
        self.settle()

    def tell(self, verb: str, kind: ActionClass = ActionClass.STATE, **arguments: Value) -> None:
        self.orders += 1
        command = Tell(self.now, self.orders, self.device.name, verb, tuple(arguments.items()), kind)
        self.obey(self.driver.command(command, self.now))
        self.settle()

    def act(self, words: str) -> None:
        self.device.act(words, self.now)
        self.settle()

    def to(self, moment: float) -> None:
        until = seconds(moment)
        while (due := self.due()) is not None and due <= until:
            self.now = max(due, self.now)
            if (deadline := self.device.next_deadline()) is not None and deadline <= self.now:
                self.device.wake(self.now)
            self.settle()
            if (deadline := self.driver.next_deadline()) is not None and deadline <= self.now:
                self.obey(self.driver.wake(self.now))
            self.settle()
        self.now = until

    def due(self) -> int | None:
        both = (self.device.next_deadline(), self.driver.next_deadline())
        return min((due for due in both if due is not None), default=None)

    def obey(self, outputs: Outputs) -> None:
        for output in outputs:
            match output:
                case Send(data) if self.device.endpoints[0].kind == "udp":
                    self.device.datagram(DESK, self.device.endpoints[0].address, data, self.now)
                case Send(data):
                    self.device.stream(self.open, data, self.now)
                case Connect():
                    self.dials += 1
                    self.open = f"s{self.dials}"
                    there = self.device.connected(self.open, self.now)
                    self.obey(self.driver.connected(self.now) if there else self.driver.lost("refused", self.now))
                case Close():
                    self.device.closed(self.open, self.now)
                case Report(field, value):
                    self.reports[field] = value
                case Health(state, _):
                    self.healths.append(state)
                case Tracked(tracks):
                    self.tracks = {track.id: track for track in tracks}
                case Failed(policy="the approved line") | Failed(why="it was not done within 5 s") if self.ill:
                    pass
                case Failed(verb, why):
                    raise AssertionError(f"{verb}: {why}")
                case Publish() | Subscribe():
                    self.by_broker(output)

    def by_broker(self, output: Publish | Subscribe) -> None:
        raise AssertionError(f"{output} on a link that is no broker's")

    @property
    def ill(self) -> bool:
        """It was asked while it was lost, or answers for itself when nothing good comes."""
        return self.healths[-1] == "lost" or self.device.name == "ai"

    def settle(self) -> None:
        while outgoing := self.device.take():
            for out in outgoing:
                if out.kind == "closed":
                    self.obey(self.driver.lost("hung up", self.now) if out.stream == self.open else [])
                else:
                    self.obey(self.driver.received(out.data, self.now))

    def agree(self, *names: str) -> dict[str, Value]:
        """What both say, where they say the same; an error names what differs."""
        truth = self.device.truth(self.now)
        said = {name: self.reports.get(name) for name in names}
        assert said == {name: truth[name] for name in names}
        return {name: truth[name] for name in names}


def test_sound() -> None:
    device = make_device("sound", "sound_player", port=7000)
    sound = Meeting(device, SoundPlayer)
    sound.to(1)
    sound.tell("play", ActionClass.RESUME, clip="bell", voice="b", output="main_pa", level=-6.0)
    sound.to(1.5)
    assert sound.agree("state", "clip", "level", "voices", "muted")["clip"] == "bell"
    sound.tell("mute", on=True)
    sound.to(2)
    assert sound.agree("muted") == {"muted": True}
    sound.to(10)
    assert sound.agree("state", "clip", "voices") == {"state": "stopped", "clip": "", "voices": 0.0}
    sound.tell("play", ActionClass.RESUME, clip="rumble", voice="r")
    sound.tell("fade", voice="r", level=-20.0, over=4.0)
    sound.tell("object", voice="r", x=1.0, y=2.0, z=3.0)
    sound.to(15)
    assert sound.agree("level", "clip")["level"] == -20.0
    sound.tell("pause", on=True)
    sound.to(16)
    assert sound.agree("state") == {"state": "paused"}
    sound.tell("pause", on=False)
    sound.tell("silence", fade=1.0)
    sound.to(20)
    assert sound.agree("state", "voices") == {"state": "stopped", "voices": 0.0}
    assert sound.healths[-1] == "ok"


def test_a_sound_player_that_lost_its_power_plays_again_what_it_should() -> None:
    sound = Meeting(make_device("sound", "sound_player"), SoundPlayer)
    sound.to(1)
    sound.tell("play", ActionClass.RESUME, clip="rumble", voice="r", loop=True)
    sound.to(5)
    sound.act("power lost for 10s")
    sound.to(14)
    assert sound.healths[-1] == "lost"
    sound.to(22)
    assert sound.healths[-1] == "ok"
    assert sound.agree("state", "clip") == {"state": "playing", "clip": "rumble"}
    [position] = [sound.device.truth(sound.now)["position"]]
    assert position == pytest.approx(21.0, abs=0.2)


@pytest.mark.parametrize(
    ("name", "make", "surface"), [("film", FilmServer, "dome"), ("gauze", GauzePlayer, "veil")], ids=["film", "gauze"]
)
def test_picture(name: str, make: type[FilmServer], surface: str) -> None:
    transport = "slip" if name == "film" else "tcp"
    kind = "film_server" if name == "film" else "gauze_player"
    film = Meeting(make_device(name, kind, transport=transport), make)
    film.to(1)
    film.tell("play", ActionClass.RESUME, clip="launch", surface=surface, layer=2.0, at=10.0, fade=2.0)
    film.to(4)
    assert film.agree("state", "clip", "surface", "opacity") == {
        "state": "playing",
        "clip": "launch",
        "surface": surface,
        "opacity": 100.0,
    }
    film.tell("pause", on=True)
    film.to(5)
    assert film.agree("state", "position") == {"state": "paused", "position": 13.0}
    film.tell("pause", on=False)
    film.tell("fade", surface=surface, layer=2.0, opacity=40.0, over=1.0)
    film.to(7)
    assert film.agree("opacity") == {"opacity": 40.0}
    film.tell("stop", surface=surface, layer=2.0, fade=1.0)
    film.to(9)
    assert film.agree("state", "clip", "surface", "opacity")["state"] == "stopped"
    if name == "gauze":
        film.tell("figure", pose="bow", x=1.0, z=4.0)
        film.to(10)
        assert film.agree("pose") == {"pose": "bow"}
    film.tell("play", ActionClass.RESUME, clip="launch", surface=surface, layer=1.0, at=68.0)
    film.to(20)
    assert film.agree("state") == {"state": "stopped"}


@pytest.mark.parametrize("options", [{}, {"class": 1.0}])
@pytest.mark.parametrize("password", ["", "furnace"])
def test_projector(password: str, options: dict[str, Value]) -> None:
    device = make_device("projector_1", "projector", transport="pjlink", password=password, options=options)
    projector = Meeting(device, Projector)
    projector.to(10)
    assert projector.agree("power") == {"power": "off"}
    projector.tell("power", on=True)
    projector.to(18)
    assert projector.agree("power") == {"power": "warming"}
    projector.tell("shutter", open=False)
    projector.to(45)
    assert projector.agree("power", "shutter") == {"power": "on", "shutter": "closed"}
    projector.tell("input", number="11")
    projector.tell("shutter", open=True)
    projector.to(120)
    assert projector.agree("shutter", "input") == {"shutter": "open", "input": "11"}
    assert projector.reports["lamp_hours"] == int(float(projector.device.truth(projector.now)["lamp_hours"]))
    projector.act("lamp failed")
    projector.to(130)
    assert projector.agree("power")["power"] in ("cooling", "off")
    assert projector.reports["error"] != ""


def test_xr() -> None:
    xr = Meeting(make_device("unreal", "xr_engine"), XrEngine)
    xr.to(6)
    xr.tell("scene", scene="ignite", at=0.0)
    xr.to(12)
    assert xr.agree("scene", "state", "headsets", "awake", "passthrough") == {
        "scene": "ignite",
        "state": "prepared",
        "headsets": 6.0,
        "awake": 6.0,
        "passthrough": False,
    }
    xr.tell("start", ActionClass.RESUME, at=2.0)
    xr.tell("passthrough", message="Follow the crew", on=True)
    xr.to(13)
    assert xr.agree("state", "passthrough") == {"state": "running", "passthrough": True}
    assert xr.device.truth(xr.now)["notice"] == "Follow the crew"
    xr.tell("pause", on=True)
    xr.to(14)
    assert xr.agree("state") == {"state": "paused"}
    xr.tell("stop")
    xr.to(15)
    assert xr.agree("state", "scene") == {"state": "idle", "scene": ""}


@pytest.mark.parametrize(
    ("words", "line", "source"),
    [
        ('answers "The heat of every hand" after 1s', "The heat of every hand", "performer"),
        ("late 4s", "I carry it", "approved"),
        ("never answers", "I carry it", "approved"),
        ("empty", "I carry it", "approved"),
        ("rambles", "I carry it", "approved"),
        ("silent", "I carry it", "approved"),
    ],
)
def test_performer(words: str, line: str, source: str) -> None:
    ai = Meeting(make_device("ai", "ai_performer"), Performer)
    ai.to(1)
    ai.act(words)
    ai.tell("ask", ActionClass.MOMENTARY, prompt="What do you carry?", within=2.5, approved="I carry it")
    ai.to(4)
    assert ai.agree("line", "source") == {"line": line, "source": source}


def test_tracker() -> None:
    tracker = Meeting(make_device("tracker", "tracker", host="236.10.10.10", port=56565), Tracker)
    tracker.act("guests 30")
    tracker.to(2)
    assert tracker.agree("guests") == {"guests": 30.0}
    tracker.act("guest 7 at 1.5 4")
    tracker.act("guest 7 raises hand")
    tracker.to(2.9)
    seven = tracker.tracks[7]
    assert (seven.x, seven.z, seven.speed) == (1.5, 4.0, 0.0)
    assert seven.hand > 0.5
    tracker.act("lost 3 for 2s")
    tracker.to(3)
    assert tracker.reports["guests"] == 29.0
    tracker.to(5)
    tracker.act("guests gone")
    tracker.to(7)
    assert tracker.agree("guests") == {"guests": 0.0}
    assert tracker.healths[-1] == "ok"
    tracker.act("power lost for 5s")
    tracker.to(9)
    assert tracker.healths[-1] != "ok"
    tracker.to(16)
    assert tracker.healths[-1] == "ok"


class RoomMeeting(Meeting):
    """The same by way of the broker."""

    def __init__(self, device: Device) -> None:
        hub = make_device("room", "broker")
        self.broker = Broker(hub, make_show(hub), 1)
        self.broker.start(0)
        self.broker.attach("desk", None, 0)
        self.wishes: list[Subscribe] = []
        self.linked = False
        super().__init__(device, RoomDevice)
        self.linked = True
        self.obey([*self.driver.connected(0), *self.wishes])
        self.settle()

    def by_broker(self, output: Publish | Subscribe) -> None:
        match output:
            case Subscribe() if not self.linked:  # a link subscribes once it is connected
                self.wishes.append(output)
            case Subscribe(topic):
                self.broker.subscribe("desk", topic, self.now)
            case Publish(topic, payload, qos, retain):
                self.broker.publish("desk", topic, payload, qos, retain, self.now)

    def settle(self) -> None:
        while (outgoing := self.device.take()) or (deliveries := self.broker.take()):
            for out in outgoing:
                self.carry(out.kind, out.topic, out.data, out.retain)
            for out in self.broker.take() if outgoing else deliveries:
                if out.stream == "desk":
                    self.obey(self.driver.message(out.topic, out.data, out.retain, self.now))
                else:
                    self.device.message(out.topic, out.data, self.now)

    def carry(self, kind: str, topic: str, data: bytes, retain: bool) -> None:
        name, [endpoint] = self.device.name, self.device.endpoints
        if kind == "joined":
            self.broker.attach(name, endpoint.will, self.now)
            for wish in endpoint.topics:
                self.broker.subscribe(name, wish, self.now)
        elif kind == "gone":
            self.broker.detach(name, self.now, clean=False)
        else:
            self.broker.publish(name, topic, data, 1, retain, self.now)


def test_gate() -> None:
    verbs = {name: Verb(name, (), ActionClass.STATE, ("state",), "", f'{{"do": "{name}"}}') for name in ("open", "close")}
    kind = Kind("mqtt", verbs, {"state": Field("state", ValueType.TEXT, "closed")}, "nothing")
    device = make_device("gate", kind, transport="mqtt", broker="room", topic="furnace/gate", options={"travel": 4.0})
    gate = RoomMeeting(device)
    assert gate.healths[-1] == "ok"
    gate.tell("open")
    gate.to(1)
    assert gate.agree("state") == {"state": "moving"}
    gate.to(5)
    assert gate.agree("state") == {"state": "open"}
    gate.act("power lost for 5s")
    gate.to(6)
    assert gate.healths[-1] == "lost"
    gate.tell("close")
    gate.to(30)
    assert gate.healths[-1] == "ok"
    assert gate.agree("state") == {"state": "closed"}


def test_every_built_in_kind_was_met() -> None:
    # In tests/runtime/test_example_shows.py: what the show folder describes, renderers of space, readers of timecode.
    elsewhere = {"adm_osc", "ds100", "l_isa", "ltc_out", "mtc_out", "artnet_timecode"}
    assert set(KINDS) - {"broker", "osc", "mqtt", "text"} - elsewhere == {
        "sound_player",
        "film_server",
        "gauze_player",
        "projector",
        "xr_engine",
        "ai_performer",
        "tracker",
        "mpv",
        "mpv_sound",
        "qlab",
        "eos",
        "resolume",
        "millumin",
        "media_server",
    }
