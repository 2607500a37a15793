"""QLab, Eos and layers of other makes: the very messages, read by python-osc, and what their replies make of an order."""

import json

import pytest

from showctl.devices.driver import Connect, Failed, Outputs, Send
from showctl.devices.eos import Eos
from showctl.devices.layer_words import Ear, said
from showctl.devices.layers import Layers
from showctl.devices.qlab import QLab
from showctl.show.cues import ActionClass
from tests.devices.building import at, device, healths, osc, tell, until
from tests.devices.building import said as messages
from tests.devices.test_film_server import slip, unslipped

RESUME = ActionClass.RESUME
WORKSPACE = "4F2B9C1A-5D5E-4E0A-9B1C-2A77C0FFEE01"


def reply(address: str, data: object = None, status: str = "ok") -> bytes:
    body = {"workspace_id": WORKSPACE, "address": address, "status": status} | ({} if data is None else {"data": data})
    return slip(osc(f"/reply{address}", "s", json.dumps(body)))


def qlab(**more: object) -> QLab:
    """Connected, let in, and settled."""
    it = QLab(device("qlab", transport="slip", password="furnace", **more))
    assert it.start(0) == [Connect()]
    assert unslipped(it.connected(0)) == [("/connect", "furnace"), ("/thump",)] * 2
    told = it.received(reply("/connect", "ok:view|edit|control"), 0)
    assert ("/alwaysReply", 1) in unslipped(told)
    assert ("/updates", 1) in unslipped(told)
    until(it, 0, at(0.5))
    return it


def test_qlab_is_told_in_its_own_words() -> None:
    it = qlab()
    assert unslipped(it.command(tell("start", RESUME, cue="12.5"), at(1))) == [("/cue/12.5/start",)]
    assert unslipped(it.command(tell("start", RESUME, cue="3", at=4.0), at(1))) == [("/cue/3/loadAt", 4.0), ("/cue/3/start",)]
    assert unslipped(it.command(tell("load", cue="7"), at(1))) == [("/cue/7/load",)]
    assert unslipped(it.command(tell("pause", on=True), at(1))) == [("/pause",)]
    assert unslipped(it.command(tell("silence", fade=2.0), at(1))) == [("/panicInTime", 2.0)]
    assert unslipped(it.command(tell("silence"), at(1))) == [("/hardStop",)]
    assert unslipped(it.command(tell("go", ActionClass.MOMENTARY, cue="4"), at(1))) == [("/go/4",)]
    assert unslipped(it.command(tell("start", RESUME, cue="a/b *"), at(1))) == [("/cue/ab/start",)]  # nothing else is reached


def test_a_named_workspace_is_in_every_address() -> None:
    it = QLab(device("qlab", transport="slip", options={"workspace": "main"}))
    it.start(0)
    assert ("/workspace/main/connect",) in unslipped(it.connected(0))
    it.received(reply("/workspace/main/connect", "ok"), 0)
    assert unslipped(it.command(tell("stop", cue="1"), at(1))) == [("/workspace/main/cue/1/stop",)]


def test_a_level_is_sent_live_25_times_a_second_and_ends_exactly() -> None:
    it = qlab()
    sent = unslipped(it.command(tell("level", cue="1", level=-17.5, over=1.0, curve="db-linear"), at(1)))
    sent += [message for _, output in until(it, at(1), at(2.5)) for message in unslipped([output])]
    levels = [message[1] for message in sent if message[0] == "/cue/1/level/0/0/live"]
    assert levels[0] == 0.0
    assert levels[-1] == -17.5
    assert len(levels) == 26


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (reply("/connect", "badpass"), "qlab does not take the passcode."),
        (reply("/connect", "error", "error"), "qlab has no such workspace open."),
        (reply("/connect", "ok:view"), "qlab lets us look, and not control."),
    ],
)
def test_who_is_not_let_in_is_said_why(answer: bytes, why: str) -> None:
    it = QLab(device("qlab", transport="slip", password="wrong"))
    it.start(0)
    it.connected(0)
    assert healths(it.received(answer, at(0.1)))[-1] == ("degraded", why)


def test_what_qlab_refuses_is_an_order_that_failed() -> None:
    it = qlab()
    it.command(tell("start", RESUME, cue="99"), at(1))
    told = it.received(reply("/cue/99/start", status="error"), at(1))
    assert [output for output in told if isinstance(output, Failed)] == [
        Failed("start", "has no cue 99, or cannot start it", "skip")
    ]
    assert healths(told) == [("degraded", "qlab has no cue 99, or cannot start it.")]


def test_its_active_cues_are_those_that_it_names_before_the_thump() -> None:
    it = qlab()
    it.command(tell("start", RESUME, cue="2"), at(1))
    keys = {"number": "2", "uniqueID": "x", "isRunning": True, "isPaused": False, "isLoaded": True, "actionElapsed": 1.5}
    it.received(reply("/cue_id/x/valuesForKeys", keys), at(2.5))
    it.received(reply("/thump", "thump"), at(2.5))
    assert it.reported() | {"rights": ""} == {
        "state": "playing", "cue": "2", "running": "2", "loaded": "", "position": 1.5, "rights": "",
    }  # fmt: skip
    begun = it.last_start()
    assert begun is not None
    assert (begun.clip, begun.at) == ("2", at(1))
    it.received(reply("/thump", "thump"), at(3.5))
    assert it.reported()["state"] == "stopped"


@pytest.mark.parametrize("junk", ["", "{", "[]", '{"status": 3}', '{"data": {"number": 4}}', "[" * 20000])
def test_a_reply_that_is_none_changes_nothing(junk: str) -> None:
    it = qlab()
    for address in ("/reply/cue_id/x/valuesForKeys", "/reply/thump", "/reply/cue/1/start"):
        it.received(slip(osc(address, "s", junk)), at(1))
    assert it.command(tell("stop", cue="1"), at(1))


def eos() -> Eos:
    it = Eos(device("eos", transport="tcp", options={"user": "2"}))
    it.start(0)
    assert sized(it.connected(0))[:4] == [("/eos/user", 2), ("/eos/subscribe", 1), ("/eos/reset",), ("/eos/get/version",)]
    it.received(size(osc("/eos/out/ping", "i", 1)), 0)
    until(it, 0, at(0.5))
    return it


def size(packet: bytes) -> bytes:
    return len(packet).to_bytes(4, "big") + packet


def sized(outputs: Outputs) -> list[tuple[object, ...]]:
    return messages([Send(output.data[4:]) for output in outputs if isinstance(output, Send)])


def active(cue: str, done: float) -> bytes:
    return size(osc(f"/eos/out/active/cue/{cue}", "f", done))


def test_eos_is_told_in_its_own_words() -> None:
    it = eos()
    assert sized(it.command(tell("fire", cue="2.3", list=1.0), at(1))) == [("/eos/cue/1/2.3/fire",)]
    assert sized(it.command(tell("go", ActionClass.MOMENTARY), at(1))) == [("/eos/key/go_0", 1.0), ("/eos/key/go_0", 0.0)]
    assert sized(it.command(tell("macro", ActionClass.MOMENTARY, number=5.0), at(1))) == [("/eos/macro/fire", 5)]
    assert sized(it.command(tell("sub", number=4.0, level=50.0), at(1))) == [("/eos/sub/4", 0.5)]


def test_the_active_cue_is_read_back_and_compared() -> None:
    it = eos()
    it.command(tell("fire", cue="2.3", list=1.0), at(1))
    told = it.received(active("1/2.3", 0.25), at(1.1))
    assert it.phase().name == "done"
    assert healths(told) == []
    it.received(size(osc("/eos/out/active/cue/text", "s", "1/2.3 House to half 3.0 100%")), at(1.2))
    assert it.reported() == {"active": "1/2.3", "progress": 25.0, "label": "House to half"}
    other = it.received(active("1/5", 0.0), at(4))
    assert healths(other) == [("degraded", "eos stands in cue 1/5, and the show asked for 1/2.3.")]
    assert healths(it.received(active("1/2.3", 1.0), at(6))) == [("ok", "eos answers again.")]


def test_a_cue_that_does_not_become_active_has_failed_by_its_deadline() -> None:
    it = eos()
    it.command(tell("fire", cue="7", list=1.0), at(1))
    it.received(active("1/2", 1.0), at(2))
    failed = []
    for now in range(2, 8):
        it.received(size(osc("/eos/out/ping", "i", now)), at(now))
        failed += [output for _, output in until(it, at(now), at(now + 0.9)) if isinstance(output, Failed)]
    assert [(item.verb, item.why) for item in failed] == [("fire", "it was not done within 5 s")]
    assert it.beat.state == "degraded"


def test_lines_of_layers_are_said_and_heard() -> None:
    assert said("/composition/layers/{layer}/clips/{clip}/connect i:1", {"layer": 2, "clip": "3"}) == (
        "/composition/layers/2/clips/3/connect", (1,),
    )  # fmt: skip
    assert said("/layer/{surface}/play s:{clip} f:{at}", {"surface": "a b/c", "clip": "moon", "at": 2}) == (
        "/layer/abc/play", ("moon", 2.0),
    )  # fmt: skip
    ear = Ear("/layer/{layer}/is s:{clip} f:{at}; /level f:{share}")
    assert ear.hear("/layer/4/is", ("moon", 2.5)) == {"layer": "4", "clip": "moon", "at": 2.5}
    assert ear.hear("/layer/4/5/is", ("moon", 2.5)) is None


def test_resolume_is_told_by_layer_and_clip() -> None:
    it = Layers(device("resolume", options={"clips": "moon=3"}), {"moon": at(40)})
    it.start(0)
    play = tell("play", RESUME, clip="moon", surface="dome", layer=2.0, at=10.0, loop=False, fade=0.0)
    assert messages(it.command(play, at(1))) == [
        ("/composition/layers/2/video/opacity", 1.0),
        ("/composition/layers/2/clips/3/connect", 1),
        ("/composition/layers/2/clips/3/transport/position", 0.25),
    ]
    assert messages(it.command(tell("stop", surface="dome", layer=2.0), at(2))) == [("/composition/layers/2/clear", 1)]


def test_without_a_port_to_hear_on_nothing_is_known_and_nothing_is_lost() -> None:
    it = Layers(device("resolume"), {})
    it.start(0)
    assert [output for _, output in until(it, 0, at(60)) if not isinstance(output, Send)] == []
    assert it.reported() == {}
