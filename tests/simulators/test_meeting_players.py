"""Our drivers of players and our simulated players meet by bytes only, those of this machine and those of other makes."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from showctl.show.cues import ActionClass, Value
from simulators.device import SimulatedDevice
from simulators.eos import Eos
from simulators.layers import MediaServer, Millumin, Resolume
from simulators.mpv import Mpv
from simulators.qlab import QLab
from simulators.sound import SoundPlayer
from tests.simulators.stage import DESK, make_device, make_show, osc
from tests.simulators.test_meeting import Meeting


def test_sound_through_buses() -> None:
    sound = Meeting(make_device("sound", "sound_player", port=7000, options={"buses": "weather voices"}), SoundPlayer)
    sound.to(1)
    sound.tell("play", ActionClass.RESUME, clip="rumble", voice="r", output="main_pa", level=-6.0, bus="weather")
    sound.tell("bus", name="weather", level=-10.0, over=2.0)
    sound.tell("master", level=-3.0)
    sound.to(4)
    assert sound.device.truth(sound.now)["main_pa_level"] == -19.0
    sound.act("power lost for 5s")
    sound.to(20)
    assert sound.device.truth(sound.now)["main_pa_level"] == -19.0
    sound.tell("bus", name="weather", level=-120.0)
    assert sound.device.truth(sound.now)["main_pa_level"] == -120.0


@pytest.mark.parametrize("style", ["mended", "split", "merge"])
def test_mpv(style: str) -> None:
    """Whatever pieces its answers come in."""
    wall = Meeting(make_device("film", "mpv", port=7500, transport="unix"), Mpv)
    wall.to(1)
    wall.act(style)
    wall.tell("load", clip="launch", at=5.0)
    wall.to(3)
    assert wall.agree("state", "loaded", "opacity") == {"state": "stopped", "loaded": "launch", "opacity": 0.0}
    wall.tell("play", ActionClass.RESUME, clip="launch", at=5.0, fade=2.0)
    wall.to(8)
    assert wall.agree("state", "clip", "opacity", "loaded")["opacity"] == 100.0
    assert wall.device.truth(wall.now)["position"] == pytest.approx(10.0, abs=0.08)
    wall.tell("mute", on=True)
    wall.tell("volume", level=-12.0, over=1.0)
    wall.to(11)
    assert wall.agree("muted", "level") == {"muted": True, "level": -12.0}
    wall.tell("pause", on=True)
    wall.to(13)
    assert wall.agree("state") == {"state": "paused"}
    wall.tell("pause", on=False)
    wall.to(14)
    wall.act("restart for 1s")
    wall.to(20)
    assert wall.agree("state", "clip", "muted", "level")["state"] == "playing"
    assert wall.device.truth(wall.now)["position"] == pytest.approx(20.0, abs=0.08)
    wall.act("power lost for 8s")
    wall.to(60)
    assert wall.device.truth(wall.now)["position"] == pytest.approx(60.0, abs=0.08)
    wall.tell("blank", fade=1.0)
    wall.to(62)
    assert wall.agree("state", "clip") == {"state": "stopped", "clip": ""}


def test_mpv_sound() -> None:
    bed = Meeting(make_device("bed", "mpv_sound", port=7501, transport="unix"), Mpv)
    bed.to(1)
    bed.tell("play", ActionClass.RESUME, clip="rumble", voice="r", loop=True, level=-6.0)
    bed.tell("bus", name="weather", level=-10.0)
    bed.to(44)
    assert bed.agree("state", "clip", "level") == {"state": "playing", "clip": "rumble", "level": -6.0}
    assert bed.device.truth(bed.now)["position"] == pytest.approx(3.0, abs=0.05)
    bed.tell("fade", level=-120.0, over=2.0)
    bed.to(47)
    assert bed.agree("level") == {"level": -120.0}
    bed.tell("silence")
    bed.to(48)
    assert bed.agree("state") == {"state": "stopped"}


def test_qlab() -> None:
    options = {"cues": "1=6s 2=120s 3.5"}
    qlab = Meeting(make_device("qlab", "qlab", transport="slip", port=53000, password="furnace", options=options), QLab)
    qlab.to(1)
    assert qlab.reports["rights"] == "view|edit|control"
    qlab.tell("load", cue="1")
    qlab.to(2)
    assert qlab.agree("loaded") == {"loaded": "1"}
    qlab.tell("start", ActionClass.RESUME, cue="1")
    qlab.to(4)
    assert qlab.agree("state", "cue", "running", "loaded")["running"] == "1"
    begun = qlab.driver.last_start()  # type: ignore[attr-defined]
    assert (begun.clip, begun.at - begun.asked) == ("1", 0)
    qlab.tell("start", ActionClass.RESUME, cue="2", at=10.0)
    qlab.tell("level", cue="2", level=-17.5, over=2.0)
    qlab.to(7)
    assert qlab.agree("cue", "running") == {"cue": "2", "running": "1 2"}
    assert qlab.device.truth(qlab.now)["level"] == -17.5
    qlab.to(9)
    assert qlab.agree("running") == {"running": "2"}  # the first came to its end, and is not started again
    qlab.tell("pause", on=True)
    qlab.to(11)
    assert qlab.agree("state") == {"state": "paused"}
    qlab.tell("pause", on=False)
    qlab.act("restart")
    qlab.to(20)
    assert qlab.agree("cue", "state") == {"cue": "2", "state": "playing"}
    assert qlab.device.truth(qlab.now)["position"] == pytest.approx(24.0, abs=0.1)
    qlab.tell("stop", cue="2")
    qlab.to(22)
    assert qlab.agree("running", "state") == {"running": "", "state": "stopped"}


def test_eos() -> None:
    eos = Meeting(make_device("eos", "eos", transport="tcp", port=3032, options={"cues": "1 2 2.5 9", "fade": "3s"}), Eos)
    eos.to(1)
    eos.tell("fire", cue="2.5", list=1.0)
    eos.to(3)
    assert eos.agree("active") == {"active": "1/2.5"}
    assert eos.reports["label"] == "Look 1/2.5"
    eos.act("fire 1/9")
    eos.to(5)
    assert eos.healths[-1] == "degraded"  # somebody at the desk went on
    eos.tell("fire", cue="2", list=1.0)
    eos.to(8)
    assert eos.healths[-1] == "ok"
    eos.tell("sub", number=4.0, level=33.3, over=2.0)
    eos.to(11)
    assert (eos.device.truth(eos.now)["sub"], eos.device.truth(eos.now)["sub_level"]) == ("4", 33.3)
    eos.act("power lost for 6s")
    eos.to(40)
    assert eos.agree("active") == {"active": "1/2"}
    assert eos.healths[-1] == "ok"


MINE = {
    "play": "/layer/{layer}/play s:{clip} f:{at}",
    "stop": "/layer/{layer}/clear",
    "opacity": "/layer/{layer}/level f:{share}",
    "pause": "/hold i:1",
    "resume": "/hold i:0",
    "alive": "/alive",
    "playing": "/layer/{layer}/is s:{clip} f:{at} f:{share}",
    "paused": "/layer/{layer}/held s:{clip} f:{at} f:{share}",
    "stopped": "/layer/{layer}/empty",
}


@pytest.mark.parametrize(
    ("kind", "make", "options"),
    [
        ("resolume", Resolume, {"clips": "launch=3 stars=4", "listen": "7001"}),
        ("millumin", Millumin, {"listen": "5001"}),
        ("media_server", MediaServer, {"listen": "7101", **MINE}),
    ],
)
def test_layers_of_other_makes(kind: str, make: Callable[..., SimulatedDevice], options: dict[str, Value]) -> None:
    server = Meeting(make_device("film", kind, port=7000, options=options), make)
    server.to(2)
    assert server.healths == ["ok"]
    server.tell("play", ActionClass.RESUME, clip="launch", surface="dome", layer=1.0, fade=2.0)
    server.to(3)
    assert 40 < server.device.truth(server.now)["opacity"] < 60  # type: ignore[operator]
    server.to(6.5)
    assert server.agree("state", "clip", "opacity") == {"state": "playing", "clip": "launch", "opacity": 100.0}
    server.tell("fade", surface="dome", layer=1.0, opacity=33.3, over=1.0)
    server.to(9.5)
    assert server.agree("opacity") == {"opacity": 33.3}
    begun = server.driver.last_start()  # type: ignore[attr-defined]
    assert begun.at - begun.asked == pytest.approx(0, abs=2e6)
    server.act("power lost for 6s")
    server.to(30)
    assert server.device.truth(server.now)["position"] == pytest.approx(28.0, abs=0.1)
    assert server.agree("state", "clip", "opacity")["opacity"] == 33.3
    server.tell("stop", surface="dome", layer=1.0, fade=1.0)
    server.to(33)
    assert server.agree("state", "clip") == {"state": "stopped", "clip": ""}


LINES = [
    b'{"command": ["loadfile", "media/launch.mov", "replace"], "request_id": 1}\n',
    b'{"command": ["set_property", "speed", 1e308], "request_id": 2}\n',
    b'{"command": ["observe_property", 1, "time-pos"], "request_id": 3}\n',
    b'{"command": ["seek", 1e300, "absolute"], "request_id": 4}\n',
    b'{"command": ["set_property", "pause", false]}\n',
    b'{"command": []}\n',
]
PACKETS = [
    osc("/cue/1/start", "", ), osc("/connect", "s", "furnace"), osc("/cue/active/valuesForKeys", "s", '["number", 3]'),
    osc("/eos/cue/1/2/fire"), osc("/eos/sub/3", "f", float("nan")), osc("/cue/1/loadAt", "f", 3e38), osc("/thump"),
    osc("/composition/layers/1/clips/3/connect", "i", 1), osc("/composition/layers/1/clips/3/transport/position", "f", -1e30),
    osc("/millumin/layer:dome/startMedia", "s", "launch"), osc("/layer/1/play", "sf", "launch", float("inf")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "make"),
    [("mpv", Mpv), ("qlab", QLab), ("eos", Eos), ("resolume", Resolume), ("millumin", Millumin), ("media_server", MediaServer)],
)
def test_no_bytes_from_outside_make_a_simulated_player_raise(kind: str, make: Callable[..., SimulatedDevice]) -> None:
    chance = random.Random(23)
    transport = {"qlab": "slip", "eos": "tcp", "mpv": "unix"}.get(kind, "udp")
    device = make_device("film", kind, transport=transport, port=7000, options={"clips": "launch=3"})
    simulated = make(device, make_show(device), 1)
    simulated.start(0)
    simulated.connected("s", 0)
    now = 0
    for _ in range(1500):
        now += chance.randrange(300_000_000)
        while (due := simulated.next_deadline()) is not None and due <= now:
            simulated.wake(due)
        data = bytearray(chance.choice(LINES if kind == "mpv" else PACKETS))
        if kind == "qlab":
            data = bytearray(b"\xc0" + data + b"\xc0")
        elif kind == "eos":
            data = bytearray(len(data).to_bytes(4, "big") + data)
        for _ in range(chance.randrange(3)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if transport == "udp":
            simulated.datagram(DESK, simulated.endpoints[0].address, bytes(data), now)
        else:
            simulated.stream("s", bytes(data), now)
        if any(out.kind == "closed" for out in simulated.take()):
            simulated.connected("s", now)
        simulated.truth(now)
