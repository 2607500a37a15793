"""The XR engine, the AI performer, declared OSC and MQTT devices, the broker and the tracker."""

import json

from showctl.devices.ai_performer import AiPerformer
from showctl.devices.broker import Broker
from showctl.devices.driver import Connect, Failed, Health, Send, Subscribe, Track, Tracked
from showctl.devices.mqtt_device import MqttDevice
from showctl.devices.osc_device import OscDevice
from showctl.devices.tracker import Tracker
from showctl.devices.xr_engine import XrEngine
from showctl.protocols import psn
from showctl.show.cues import ActionClass
from showctl.show.devices import Argument, Field, Verb
from showctl.show.expressions import ValueType
from showctl.show.fixtures import Hazard
from tests.devices.building import at, declared, device, healths, osc, published, reports, said, tell, until

NUMBER, TEXT = ValueType.NUMBER, ValueType.TEXT
STATE, MOMENTARY = ActionClass.STATE, ActionClass.MOMENTARY


# --- XR ----------------------------------------------------------------------------------------------------------------


def xr() -> XrEngine:
    it = XrEngine(device("xr_engine"))
    it.start(0)
    it.received(osc("/xr/pong", "i", 1), 0)
    until(it, 0, at(0.5))
    return it


def test_xr_verbs_are_the_messages_of_the_page() -> None:
    it = xr()
    assert said(it.command(tell("scene", scene="ignite"), at(1))) == [("/xr/scene", "ignite", 0.0)]
    assert said(it.command(tell("start", at=2.0), at(1))) == [("/xr/start", 2.0)]
    assert said(it.command(tell("passthrough", message="Follow the crew", on=True), at(1))) == [
        ("/xr/passthrough", 1, "Follow the crew")
    ]
    assert said(it.command(tell("pause"), at(1))) == [("/xr/pause", 1)]
    assert said(it.command(tell("stop"), at(1))) == [("/xr/stop",)]


def test_headsets_are_counted_and_those_that_fall_silent_are_gone_after_15_s() -> None:
    it = xr()
    it.received(osc("/xr/headset", "ssfs", "one", "awake", 80.0, "ignite"), at(1))
    two = it.received(osc("/xr/headset", "ssfs", "two", "asleep", 60.0, ""), at(2))
    assert reports(two) == {"headsets": 2.0, "battery": 60.0}
    it.received(osc("/xr/headset", "ssfs", "two", "asleep", 60.0, ""), at(10))
    found = [(now, output) for now, output in until(it, at(10), at(16)) if not isinstance(output, Send | Health)]
    assert reports([output for now, output in found if now == at(16)]) == {"headsets": 1.0, "awake": 0.0, "tracked": 0.0}  # type: ignore[misc]


def test_an_engine_that_returns_idle_is_put_back_into_the_running_scene() -> None:
    it = xr()
    it.command(tell("scene", scene="ignite"), at(1))
    it.command(tell("start"), at(2))
    it.command(tell("passthrough", on=False), at(2))
    until(it, at(2), at(10))
    it.received(osc("/xr/engine", "ssi", "", "idle", 0), at(10))
    assert said(it.wake(at(10.25)))[:2] == [("/xr/scene", "ignite", 8.25), ("/xr/start", 8.25)]


# --- AI ----------------------------------------------------------------------------------------------------------------


def performer(**options: object) -> AiPerformer:
    it = AiPerformer(device("ai_performer", options=options))
    it.start(0)
    it.received(osc("/ai/pong", "i", 1), 0)
    until(it, 0, at(0.5))
    return it


def ask(it: AiPerformer, now: int, order: int = 7) -> None:
    command = tell("ask", MOMENTARY, order=order, prompt="What do you carry?", within=2.5, approved="The heat of every hand.")
    assert said(it.command(command, now)) == [("/ai/ask", order, "What do you carry?", 2.5)]
    it.received(osc("/ai/status", "s", "thinking"), now)


def test_an_answer_in_time_is_spoken_and_is_the_performers() -> None:
    it = performer()
    ask(it, at(1))
    found = it.received(osc("/ai/line", "is", 7, " I carry embers. "), at(3.5))
    assert said(found) == [("/ai/say", "I carry embers.")]
    assert reports(found) == {"line": "I carry embers.", "source": "performer", "answer": " I carry embers. ", "why": ""}
    assert said(it.wake(at(4.5) - 1)) == []
    assert said(it.wake(at(4.5))) == [("/ai/ping", 2)]


def test_at_the_deadline_the_approved_line_is_spoken_and_what_comes_later_is_ignored() -> None:
    it = performer()
    ask(it, at(1))
    before = it.wake(at(3.5) - 1)
    assert "/ai/say" not in [message[0] for message in said(before)]
    found = it.wake(at(3.5))
    assert ("/ai/say", "The heat of every hand.") in said(found)
    assert reports(found) == {"line": "The heat of every hand.", "source": "approved", "why": "no answer came in time"}
    assert [output for output in found if isinstance(output, Failed)] == [
        Failed("ask", "no answer came in time", "the approved line", "")
    ]
    assert said(it.received(osc("/ai/line", "is", 7, "Too late."), at(3.6))) == []


def test_an_answer_that_may_not_be_spoken_is_replaced_at_once() -> None:
    for line in ("", "  ", "x" * 281, "bad\x07bell", "A curse, DAMN it", "這個壞字"):
        it = performer(blocked="damn, 壞字")
        ask(it, at(1))
        assert said(it.received(osc("/ai/line", "is", 7, line), at(2))) == [("/ai/say", "The heat of every hand.")], line


def test_an_answer_of_280_characters_is_spoken() -> None:
    it = performer(blocked="damn")
    ask(it, at(1))
    line = "A dam " + "x" * 274
    assert said(it.received(osc("/ai/line", "is", 7, line), at(2))) == [("/ai/say", line)]


def test_an_answer_to_another_question_is_ignored() -> None:
    it = performer()
    ask(it, at(1), order=7)
    ask(it, at(2), order=8)
    assert said(it.received(osc("/ai/line", "is", 7, "Old."), at(2.5))) == []
    assert said(it.received(osc("/ai/line", "is", 8, "New."), at(2.6))) == [("/ai/say", "New.")]


# --- declared OSC ------------------------------------------------------------------------------------------------------

FIRE = Verb("fire", (Argument("cue", NUMBER),), MOMENTARY, (), "/eos/cue/{cue}/fire")
LEVEL = Verb("level", (Argument("of", TEXT), Argument("to", NUMBER, 1.0)), STATE, ("of",), "/eos/sub")
CUE = Field("cue", NUMBER, 0.0, "/eos/out/active/cue")


def test_a_declared_verb_is_a_message_to_its_address() -> None:
    it = OscDevice(declared("osc", (FIRE, LEVEL), (CUE,)))
    assert it.start(0) == []
    assert said(it.command(tell("fire", MOMENTARY, cue=12.0), 0)) == [("/eos/cue/12/fire",)]
    assert said(it.command(tell("fire", MOMENTARY, cue=12.5), 0)) == [("/eos/cue/12.5/fire",)]
    assert it.command(tell("level", of="house"), 0) == [Send(b"/eos/sub\0\0\0\0,sf\0house\0\0\0\x3f\x80\0\0")]


def test_a_declared_field_is_the_first_argument_of_its_type() -> None:
    it = OscDevice(declared("osc", (), (CUE,)))
    it.start(0)
    found = it.received(osc("/eos/out/active/cue", "sf", "main", 12.0), at(1))
    assert reports(found) == {"cue": 12.0}
    assert healths(found) == [("ok", "osc answers.")]
    assert it.next_deadline() == at(1.25)


def test_a_device_that_need_not_answer_is_not_lost_by_silence() -> None:
    it = OscDevice(declared("osc", (), (CUE,)))
    it.start(0)
    it.received(osc("/eos/out/active/cue", "f", 1.0), at(1))
    assert [output for _, output in until(it, at(1), at(3600))] == []


def test_a_device_with_a_ping_is_pinged_and_told_its_standing_state_on_return() -> None:
    it = OscDevice(declared("osc", (FIRE, LEVEL), (), options={"ping": "/eos/ping"}))
    assert said(it.start(0)) == [("/eos/ping",)]
    it.received(osc("/eos/out/ping"), 0)
    until(it, 0, at(1))
    it.command(tell("fire", MOMENTARY, cue=1.0), at(1))
    it.command(tell("level", of="house", to=0.25), at(1))
    it.command(tell("level", of="house", to=0.5), at(1))
    assert [h[0] for _, o in until(it, at(1), at(9)) for h in healths([o])] == ["degraded", "lost"]  # type: ignore[list-item]
    it.received(osc("/eos/out/ping"), at(9))
    assert [m for m in said(it.wake(at(9.25))) if m[0] != "/eos/ping"] == [("/eos/sub", "house", 0.5)]


def test_an_argument_that_is_called_like_a_field_is_what_the_field_is_to_be() -> None:
    glow = Verb("glow", (Argument("face", NUMBER),), STATE, ("face",), "/clock/glow")
    it = OscDevice(declared("osc", (glow,), (Field("face", NUMBER, 0.0, "/clock/face"),)))
    it.start(0)
    it.command(tell("glow", face=10.0), 0)
    assert (it.desired(), it.phase().name) == ({"face": 10.0}, "done")  # it has never told that field: sent is all that is known
    it.received(osc("/clock/face", "f", 10.0), at(1))
    it.command(tell("glow", face=60.1), at(2))
    assert (it.desired(), it.reported(), it.phase().name) == ({"face": 60.1}, {"face": 10.0}, "acting")
    it.received(osc("/clock/face", "f", 60.1), at(3))
    assert it.phase().name == "done"
    it.command(tell("glow", face=20.0), at(4))
    assert [(now, o.why) for now, o in until(it, at(4), at(20)) if isinstance(o, Failed)] == [
        (at(9), "it was not done within 5 s")
    ]


def test_over_tcp_a_connection_is_health_enough() -> None:
    it = OscDevice(declared("osc", (LEVEL,), (), transport="tcp"))
    assert it.start(0) == [Connect()]
    assert healths(it.connected(0)) == [("ok", "osc answers.")]
    assert healths(it.lost("closed the connection", at(60))) == [("degraded", "osc closed the connection.")]
    found = until(it, at(60), at(65))
    assert (at(61), Connect()) in found
    assert [(now, h[0]) for now, o in found for h in healths([o])] == [(at(65), "lost")]  # type: ignore[list-item]


# --- MQTT --------------------------------------------------------------------------------------------------------------

OPEN = Verb("open", (), STATE, (), "", '{"do": "open"}')
CLOSE = Verb("close", (), STATE, (), "", '{"do": "close"}')
RING = Verb(
    "ring",
    (Argument("words", TEXT), Argument("times", NUMBER, 1.0)),
    MOMENTARY,
    (),
    "hall/bell",
    '{"say": "{words}", "n": {times}}',
)
GATE = (Field("state", TEXT, "closed"), Field("beam", ValueType.TRUTH, False, "furnace/beam"))


def gate(**more: object) -> MqttDevice:
    it = MqttDevice(declared("mqtt", (OPEN, CLOSE, RING), GATE, name="gate", topic="furnace/gate", **more))
    assert it.start(0) == [Subscribe("furnace/beam"), Subscribe("furnace/gate/online"), Subscribe("furnace/gate/state")]
    it.connected(0)
    return it


def test_fields_come_from_the_state_topic_and_from_their_own() -> None:
    it = gate()
    assert reports(it.message("furnace/gate/state", b'{"state": "open", "motor": 3}', True, at(1))) == {"state": "open"}
    assert reports(it.message("furnace/beam", b"true", False, at(1))) == {"beam": True}
    assert reports(it.message("furnace/gate/state", b'{"state": 3}', False, at(1))) == {}
    assert reports(it.message("furnace/gate/state", b"\xff[[[", False, at(1))) == {}


def test_commands_carry_an_id_and_are_never_retained() -> None:
    it = gate()
    ((topic, payload, retained),) = published(it.command(tell("open", order=9, instant=at(2)), at(2)))
    assert (topic, json.loads(payload), retained) == ("furnace/gate/set", {"do": "open", "id": "2000000000.9"}, False)


def test_arguments_are_put_into_the_payload_whatever_they_hold() -> None:
    ((topic, payload, _),) = published(gate().command(tell("ring", MOMENTARY, words='a "b" {times}\n'), at(2)))
    assert topic == "hall/bell"
    assert json.loads(payload) == {"say": 'a "b" {times}\n', "n": 1.0, "id": "0.1"}


def test_its_own_will_says_whether_it_is_there() -> None:
    it = gate(label="The gate")
    assert it.message("furnace/gate/online", b"online", True, at(1)) == [Health("ok", "The gate is online.")]
    assert it.message("furnace/gate/online", b"offline", False, at(2)) == [Health("lost", "The gate has gone offline.")]


def test_a_device_that_returns_is_told_its_last_state_with_the_same_id_and_never_a_momentary_one() -> None:
    it = gate()
    it.message("furnace/gate/online", b"online", True, at(1))
    first = published(it.command(tell("open", order=3), at(2)))
    it.command(tell("ring", MOMENTARY, words="x"), at(2))
    it.message("furnace/gate/online", b"offline", False, at(3))
    assert published(it.message("furnace/gate/online", b"online", False, at(9))) == first


def test_a_hazardous_device_that_returns_is_told_nothing() -> None:
    it = gate(hazard=Hazard.INTERLOCKED)
    it.command(tell("open", order=3), at(2))
    assert published(it.message("furnace/gate/online", b"online", False, at(9))) == []


def test_without_a_broker_nothing_is_sent_and_the_device_is_lost_after_5_s() -> None:
    it = gate(label="The gate")
    it.message("furnace/gate/online", b"online", True, at(1))
    assert [state for state, _ in healths(it.lost("connection refused", at(2)))] == ["degraded"]
    assert it.command(tell("open"), at(3)) == []
    assert it.wake(at(7) - 1) == []
    assert healths(it.wake(at(7))) == [("lost", "The gate is lost: its broker has been gone for 5 s.")]
    assert [state for state, _ in healths(it.connected(at(9)))] == ["unknown"]
    assert published(it.message("furnace/gate/online", b"online", True, at(9)))[0][0] == "furnace/gate/set"


# --- the broker --------------------------------------------------------------------------------------------------------


def test_the_broker_says_online_after_every_connect_and_its_state_is_the_connections() -> None:
    it = Broker(device("broker"))
    it.start(0)
    up = it.connected(at(1))
    assert published(up) == [("showctl/status", b"online", True)]
    assert reports(up) == {"state": "online"}
    assert healths(up) == [("ok", "broker answers.")]
    down = it.lost("closed the connection", at(2))
    assert reports(down) == {"state": "offline"}
    assert [state for state, _ in healths(down)] == ["degraded"]
    assert it.wake(at(7) - 1) == []
    assert [state for state, _ in healths(it.wake(at(7)))] == ["lost"]
    assert [state for state, _ in healths(it.connected(at(8)))] == ["ok"]


def test_a_raw_message_is_not_retained_and_is_dropped_without_a_broker() -> None:
    it = Broker(device("broker"))
    it.start(0)
    ring = tell("mqtt", MOMENTARY, topic="furnace/bell", payload="ring")
    assert it.command(ring, 0) == [Failed("mqtt", "it cannot be reached, and this is never said late", "skip")]
    it.connected(0)
    assert published(it.command(ring, 0)) == [("furnace/bell", b"ring", False)]
    assert it.command(tell("mqtt", MOMENTARY, topic="furnace/#", payload="ring"), 0) == []


# --- the tracker -------------------------------------------------------------------------------------------------------


def guest(number: int, x: float = 0.0, z: float = 0.0, **more: object) -> psn.Tracker:
    return psn.Tracker(number, (x, 1.0, z), **more)  # type: ignore[arg-type]


def frame(number: int, *trackers: psn.Tracker) -> bytes:
    (data,) = psn.encode_data_frame(number * 100_000, number, trackers)
    return data


def test_a_frame_becomes_tracks_with_speed_and_height_of_hand() -> None:
    it = Tracker(device("tracker"))
    it.start(0)
    found = it.received(frame(1, guest(7, 1.0, 2.0, speed=(3.0, 0.0, 4.0), target=(1.0, 1.75, 2.0), validity=1.0)), at(0.1))
    assert found[:2] == [Health("ok", "tracker answers."), Tracked((Track(7, 1.0, 1.0, 2.0, 5.0, 0.75, "", (3.0, 0.0, 4.0)),))]
    assert reports(found) == {"guests": 1.0, "age": 0.0}


def test_invalid_trackers_and_those_that_are_no_guests_are_left_out() -> None:
    it = Tracker(device("tracker"))
    it.start(0)
    (info,) = psn.encode_info_frame(0, 1, "park", [(1, "guest 1"), (2, "performer")])
    it.received(info, 0)
    found = it.received(frame(1, guest(1), guest(2), guest(3, validity=0.0), guest(4)), at(0.1))
    assert [track.id for output in found if isinstance(output, Tracked) for track in output.tracks] == [1, 4]
    assert [(track.id, track.name) for output in found if isinstance(output, Tracked) for track in output.others] == [
        (2, "performer")
    ]


def test_a_frame_in_two_packets_is_one_frame() -> None:
    it = Tracker(device("tracker"))
    it.start(0)
    first, second = psn.encode_data_frame(1000, 5, [guest(n) for n in range(30)], limit=600)
    assert [output for output in it.received(first, at(0.1)) if isinstance(output, Tracked)] == []
    (whole,) = (output for output in it.received(second, at(0.1)) if isinstance(output, Tracked))
    assert len(whole.tracks) == 30


def test_half_a_second_without_a_frame_is_degraded_5_s_lost_and_the_age_is_counted() -> None:
    it = Tracker(device("tracker"))
    it.start(0)
    it.received(frame(1, guest(1)), at(1))
    found = until(it, at(1), at(60))
    assert [(now, output.state) for now, output in found if isinstance(output, Health)] == [
        (at(1.5), "degraded"),
        (at(6), "lost"),
    ]
    ages = [(now, reports([output])) for now, output in found if not isinstance(output, Health)]  # type: ignore[list-item]
    assert ages == [(at(1 + n), {"age": float(n)}) for n in range(1, 6)]
