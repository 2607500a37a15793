"""The input edge: zones and gestures from frames, inputs and requests from OSC and MQTT, and nothing that is not allowed."""

import random

import numpy as np
import pytest

from showctl.devices.driver import Track
from showctl.engine.events import Event, Go, InputChanged, Origin, Panic, Pause, Standby
from showctl.runtime.edge import Edge
from showctl.runtime.edge_crowd import _Edges
from showctl.show.cues import Cue, CueList, CueRef, Value
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND, seconds
from showctl.show.patch import make_patch
from showctl.show.show import InboundRule, Show
from showctl.show.triggers import Input, InputSource, SafeState, Zone

NUMBER, TRUTH, TEXT = ValueType.NUMBER, ValueType.TRUTH, ValueType.TEXT
HERE = ("127.0.0.1", 50000)
AWAY = ("10.9.9.9", 50000)
SQUARE = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
at = seconds


def zone(name: str, corners: tuple[tuple[float, float], ...] = SQUARE) -> Zone:
    return Zone(0, name, name, corners, SafeState((), ()))


def numbers(source: InputSource, address: str, name: str = "n", **more: object) -> Input:
    given: dict[str, object] = {"index": 0, "name": name, "type": NUMBER, "initial": 0.0, "source": source, "address": address}
    return Input(**(given | more))  # type: ignore[arg-type]


def edge(*inputs: Input, zones: tuple[Zone, ...] = (), inbound: tuple[InboundRule, ...] = (), **more: object) -> Edge:
    cues = tuple(Cue(CueRef("main", label), index=n) for n, label in enumerate(("1", "12.5")))
    lists = (CueList(0, "main", cues, named={cue.label: cue for cue in cues}),)
    show = Show("edge", make_patch((), (), ()), lists, zones=zones, inputs=inputs, inbound=inbound, main_list="main")
    return Edge(show, **more)  # type: ignore[arg-type]


def walk(
    it: Edge, *moments: tuple[float, float], x: float = 2.0, hand: float = 0.0, speed: float = 0.0
) -> list[tuple[float, Value]]:
    """One guest at these (second, z); the changes of the only input."""
    found = []
    for second, z in moments:
        for event in it.tracked([Track(1, x, 0.0, z, speed, hand)], at(second)):
            assert isinstance(event, InputChanged)
            found.append((second, event.value))
    return found


# --- tracking ----------------------------------------------------------------------------------------------------------


def test_guests_in_a_zone_are_counted_and_only_changes_are_events() -> None:
    it = edge(numbers(InputSource.GUESTS, "nave"), zones=(zone("nave"),))
    inside, outside = Track(1, 2.0, 0.0, 2.0), Track(2, 9.0, 0.0, 2.0)
    assert it.tracked([inside, outside], 0) == [InputChanged("n", 1.0)]
    assert it.tracked([inside, outside], at(0.1)) == []
    assert it.tracked([inside, Track(2, 3.0, 0.0, 2.0)], at(0.2)) == [InputChanged("n", 2.0)]


def test_two_trackers_may_call_two_guests_by_the_same_number() -> None:
    it = edge(numbers(InputSource.GUESTS, "all"))
    assert it.tracked([Track(1, 2.0, 0.0, 2.0)], 0, "nave") == [InputChanged("n", 1.0)]
    assert it.tracked([Track(1, 20.0, 0.0, 2.0)], 0, "gallery") == [InputChanged("n", 2.0)]
    assert it.tracked([], at(0.1), "gallery") == []
    assert it.tracked([], at(0.5), "gallery") == [InputChanged("n", 1.0)]


def test_after_a_reload_what_was_heard_of_an_input_was_heard() -> None:
    door = Input(0, "door", TRUTH, False, InputSource.OSC, "/door", stale_after=at(2))
    presses = Input(1, "presses", NUMBER, 0.0, InputSource.OSC, "/press", counts=True)
    older = edge(door, presses)
    older.osc("/door", [True], HERE, 0)
    older.osc("/press", [7], HERE, 0)

    newer = edge(presses, door, known={"door": True, "presses": 1.0}, older=older)

    assert newer.osc("/press", [7], HERE, at(1)) == [], "the same growing count"
    assert (newer.next_deadline(), newer.wake(at(2))) == (at(2), [InputChanged("door", False)])


def test_the_first_frame_is_always_an_event_so_that_an_old_count_never_stands() -> None:
    it = edge(numbers(InputSource.GUESTS, "all"))
    assert it.tracked([], 0) == [InputChanged("n", 0.0)]


def test_past_the_line_by_20_cm_counts_at_once_nearer_after_half_a_second() -> None:
    it = edge(numbers(InputSource.ZONE_COUNT, "nave"), zones=(zone("nave"),))
    assert walk(it, (0, 5.0), (0.1, 3.79), (0.2, 4.21)) == [(0, 0.0), (0.1, 1.0), (0.2, 0.0)]
    it = edge(numbers(InputSource.ZONE_COUNT, "nave"), zones=(zone("nave"),))
    assert walk(it, (0, 5.0), (0.1, 3.9), (0.5, 3.9), (0.6 - 1e-9, 3.9), (0.6, 3.9)) == [(0, 0.0), (0.6, 1.0)]


def test_nobody_flickers_who_stands_on_the_line() -> None:
    it = edge(numbers(InputSource.ZONE_COUNT, "nave"), zones=(zone("nave"),))
    swaying = [(n / 10, 4.0 + (0.1 if n % 2 else -0.1)) for n in range(200)]
    assert walk(it, *swaying) == [(0, 1.0)]


def test_a_guest_of_whom_frames_do_not_speak_for_half_a_second_has_left() -> None:
    it = edge(numbers(InputSource.GUESTS, "all"))
    one, two = Track(1, 0.0, 0.0, 0.0), Track(2, 0.0, 0.0, 0.0)
    it.tracked([one, two], 0)
    assert [it.tracked([one], at(n / 10)) for n in range(1, 5)] == [[]] * 4
    assert it.tracked([one], at(0.5)) == [InputChanged("n", 1.0)]


def test_when_no_frames_come_at_all_nobody_leaves() -> None:
    it = edge(numbers(InputSource.GUESTS, "all"))
    two = [Track(1, 0.0, 0.0, 0.0), Track(2, 0.0, 0.0, 0.0)]
    it.tracked(two, 0)
    assert it.tracked(two[:1], at(60)) == []
    assert it.tracked(two[:1], at(60.1)) == []
    late = [it.tracked(two[:1], at(60.1 + n / 10)) for n in range(1, 5)]
    assert [InputChanged("n", 1.0)] in late


def test_tracking_that_goes_stale_falls_back_to_the_initial_value() -> None:
    it = edge(numbers(InputSource.GUESTS, "all", stale_after=at(2)))
    it.tracked([Track(1, 0.0, 0.0, 0.0)], at(1))
    assert it.next_deadline() == at(3)
    assert it.wake(at(3) - 1) == []
    assert it.wake(at(3)) == [InputChanged("n", 0.0)]
    assert it.next_deadline() is None


def test_the_share_of_raised_hands_moves_in_steps_and_always_reaches_0_and_1() -> None:
    it = edge(numbers(InputSource.GESTURE, "raised", hysteresis=0.2))

    def frame(hands_up: int, second: float) -> list[Event]:
        return it.tracked([Track(n, 0.0, 0.0, 0.0, 0.0, 0.51 if n < hands_up else 0.39) for n in range(10)], at(second))

    assert frame(0, 0) == [InputChanged("n", 0.0)]
    assert frame(1, 0.1) == []
    assert frame(2, 0.2) == [InputChanged("n", 0.2)]
    assert frame(9, 0.3) == [InputChanged("n", 0.9)]
    assert frame(10, 0.4) == [InputChanged("n", 1.0)]


def test_a_hand_is_up_above_half_a_metre_until_it_sinks_below_40_cm() -> None:
    it = edge(numbers(InputSource.GESTURE, "raised"))
    heights = [(0.0, 0.5), (0.1, 0.51), (0.2, 0.45), (0.3, 0.4), (0.4, 0.45)]
    found = [(second, walk(it, (second, 0.0), hand=hand)) for second, hand in heights]
    assert [(second, change[0][1]) for second, change in found if change] == [(0.0, 0.0), (0.1, 1.0), (0.3, 0.0)]


def test_moving_is_above_30_cm_a_second() -> None:
    it = edge(numbers(InputSource.GESTURE, "moving"))
    assert walk(it, (0, 0.0), speed=0.3) == [(0, 0.0)]
    assert walk(it, (0.1, 0.0), speed=0.31) == [(0.1, 1.0)]


def test_two_tracking_systems_add_up() -> None:
    it = edge(numbers(InputSource.GUESTS, "all"))
    it.tracked([Track(1, 0.0, 0.0, 0.0)], 0, "nave")
    assert it.tracked([Track(1, 0.0, 0.0, 0.0)], 0, "dome") == [InputChanged("n", 2.0)]


def test_polygons_hold_what_a_plain_ray_says_they_hold() -> None:
    chance = random.Random(7)
    shapes = [[(chance.uniform(-5, 5), chance.uniform(-5, 5)) for _ in range(chance.randrange(3, 9))] for _ in range(6)]
    points = np.array([(chance.uniform(-6, 6), chance.uniform(-6, 6)) for _ in range(200)])
    found = _Edges(shapes).inside(points[:, 0], points[:, 1])
    for n, (x, z) in enumerate(points):
        for k, corners in enumerate(shapes):
            odd = False
            for (x1, z1), (x2, z2) in zip(corners, [*corners[1:], corners[0]], strict=True):
                if (z1 > z) != (z2 > z) and x < x1 + (z - z1) * (x2 - x1) / (z2 - z1):
                    odd = not odd
            assert bool(found[n, k]) is odd


# --- OSC and MQTT inputs -----------------------------------------------------------------------------------------------


def test_an_osc_input_takes_its_type_and_nothing_else() -> None:
    it = edge(
        numbers(InputSource.OSC, "/exit/clear", "clear", type=TRUTH, initial=True),
        numbers(InputSource.OSC, "/room/level", "level", hysteresis=0.5),
        numbers(InputSource.OSC, "/room/word", "word", type=TEXT, initial=""),
    )
    assert it.osc("/exit/clear", (0,), HERE, 0) == [InputChanged("clear", False)]
    assert it.osc("/exit/clear", (0,), HERE, 0) == []
    assert it.osc("/room/level", (3,), HERE, 0) == [InputChanged("level", 3.0)]
    assert it.osc("/room/level", (3.4,), HERE, 0) == []
    assert it.osc("/room/level", (3.5,), HERE, 0) == [InputChanged("level", 3.5)]
    assert it.osc("/room/word", ("go",), HERE, 0) == [InputChanged("word", "go")]
    for value in ("x", float("nan"), float("inf"), b"blob", None):
        assert it.osc("/room/level", (value,), HERE, 0) == []
    assert it.osc("/room/word", ("x" * 10_000,), HERE, 0) == []
    assert sum(it.refused.values()) == 6


def test_an_input_is_not_taken_from_a_stranger_unless_the_show_says_so() -> None:
    level = numbers(InputSource.OSC, "/room/level", "level")
    assert edge(level).osc("/room/level", (3,), AWAY, 0) == []
    rule = InboundRule("osc", "/room/*", "input", ("10.9.9.0/24",))
    assert edge(level, inbound=(rule,)).osc("/room/level", (3,), AWAY, 0) == [InputChanged("level", 3.0)]


def test_an_input_that_is_not_heard_falls_back_to_its_initial_value() -> None:
    it = edge(numbers(InputSource.OSC, "/exit/clear", "clear", type=TRUTH, initial=False, stale_after=2 * SECOND))
    assert it.next_deadline() is None
    it.osc("/exit/clear", (1,), HERE, at(1))
    it.osc("/exit/clear", (1,), HERE, at(2))
    assert it.next_deadline() == at(4)
    assert it.wake(at(4) - 1) == []
    assert it.wake(at(4)) == [InputChanged("clear", False)]
    assert it.osc("/exit/clear", (1,), HERE, at(5)) == [InputChanged("clear", True)]


def test_an_mqtt_payload_is_json_or_plain_text() -> None:
    it = edge(
        numbers(InputSource.MQTT, "room/t", "t", device="room"),
        numbers(InputSource.MQTT, "room/word", "word", type=TEXT, initial="", device="room"),
    )
    assert it.mqtt_topics() == ["room/t", "room/word"]
    assert it.mqtt("room/t", b"21.5", True, 0, "room") == [InputChanged("t", 21.5)]
    assert it.mqtt("room/t", b"22", False, 0, "other") == []
    assert it.mqtt("room/word", b"open", False, 0) == [InputChanged("word", "open")]
    assert it.mqtt("room/t", b"\xff", False, 0) == it.mqtt("room/t", b"9" * 5000, False, 0) == []


def test_presses_count_each_arrival_once_and_never_a_retained_one() -> None:
    it = edge(numbers(InputSource.MQTT, "rail/pressed", "rail", counts=True))
    assert it.mqtt("rail/pressed", b"41", True, 0) == []
    assert it.mqtt("rail/pressed", b"42", False, 0) == [InputChanged("rail", 1.0)]
    assert it.mqtt("rail/pressed", b"42", False, 0) == []  # delivered twice
    assert it.mqtt("rail/pressed", b"43", False, 0) == [InputChanged("rail", 2.0)]
    plain = edge(numbers(InputSource.MQTT, "rail/pressed", "rail", counts=True), known={"rail": 7.0})
    assert [plain.mqtt("rail/pressed", b"pressed", False, 0) for _ in range(2)] == [
        [InputChanged("rail", 8.0)],
        [InputChanged("rail", 9.0)],
    ]


# --- control -----------------------------------------------------------------------------------------------------------

GO = InboundRule("osc", "/showctl/go", "go")


def test_nothing_is_allowed_that_the_show_does_not_allow() -> None:
    it = edge()
    for address in ("/showctl/go", "/showctl/panic", "/showctl/input/n", "/go", "/"):
        assert it.osc(address, (), HERE, 0) == []
    assert it.mqtt("showctl/go", b"", False, 0) == []
    assert sum(it.refused.values()) == 6


def test_go_names_its_list_and_its_cue() -> None:
    it = edge(inbound=(GO,))
    by = Origin("osc", "", "127.0.0.1")
    assert it.osc("/showctl/go", (), HERE, 0) == [Go("", None, "", by)]
    assert it.osc("/showctl/go", ("main",), HERE, 0) == [Go("main", None, "", by)]
    assert it.osc("/showctl/go", ("main", "12.5"), HERE, 0) == [Go("main", "12.5", "", by)]
    assert it.osc("/showctl/go", ("main", 12.5), HERE, 0) == [Go("main", "12.5", "", by)]
    assert it.osc("/showctl/go", ("main", "13"), HERE, 0) == it.osc("/showctl/go", ("foyer",), HERE, 0) == []


def test_a_button_that_sends_1_and_0_goes_once() -> None:
    it = edge(inbound=(GO,))
    assert [len(it.osc("/showctl/go", (value,), HERE, 0)) for value in (1.0, 0.0, 1, 0, True, False)] == [1, 0, 1, 0, 1, 0]
    assert it.refused == {}


def test_a_go_from_a_stranger_is_refused_ten_thousand_times() -> None:
    it = edge(inbound=(GO,))
    assert [event for n in range(10_000) for event in it.osc("/showctl/go", (), AWAY, n)] == []
    assert sum(it.refused.values()) == 10_000


def test_every_other_verb_of_the_page() -> None:
    verbs = ("standby", "pause", "panic")
    it = edge(inbound=tuple(InboundRule("osc", f"/showctl/{verb}", verb) for verb in verbs))
    by = Origin("osc", "", "127.0.0.1")
    assert it.osc("/showctl/standby", ("main", "1"), HERE, 0) == [Standby("main", "1", by)]
    assert it.osc("/showctl/standby", (), HERE, 0) == []
    assert it.osc("/showctl/pause", (), HERE, 0) == [Pause("", None, by)]
    assert it.osc("/showctl/panic", (), HERE, 0) == [Panic(by)]


def test_an_input_by_name_needs_a_rule_for_inputs() -> None:
    level = numbers(InputSource.GUESTS, "all", "level")
    it = edge(level, inbound=(InboundRule("osc", "/showctl/input/*", "input"),))
    assert it.osc("/showctl/input/level", (4,), HERE, 0) == [InputChanged("level", 4.0)]
    assert it.osc("/showctl/input/nothing", (4,), HERE, 0) == []
    assert edge(level).osc("/showctl/input/level", (4,), HERE, 0) == []


def test_a_source_may_ask_for_50_things_at_once_and_20_a_second() -> None:
    it = edge(inbound=(GO,))
    assert sum(len(it.osc("/showctl/go", (), HERE, 0)) for _ in range(200)) == 50
    assert len(it.osc("/showctl/go", (), HERE, at(0.05) - 1)) == 0
    assert len(it.osc("/showctl/go", (), HERE, at(0.05))) == 1


def test_go_over_mqtt_carries_its_id_as_a_token_and_is_never_retained() -> None:
    it = edge(inbound=(InboundRule("mqtt", "house/+/go", "go"),))
    by = Origin("mqtt", "", "house/desk/go")
    assert it.mqtt_topics() == ["house/+/go"]
    assert it.mqtt("house/desk/go", b'{"list": "main", "cue": "1", "id": 7}', False, 0) == [
        Go("main", "1", "house/desk/go#7", by)
    ]
    assert it.mqtt("house/desk/go", b"1", False, 0) == [Go("", None, "", by)]
    assert it.mqtt("house/desk/go", b"1", True, 0) == []
    assert it.refused == {"house/desk/go is retained: it may be days old": 1}


@pytest.mark.parametrize("seed", range(5))
def test_noise_from_outside_is_refused_and_never_raises(seed: int) -> None:
    chance = random.Random(seed)
    it = edge(numbers(InputSource.OSC, "/n", "n"), inbound=(GO, InboundRule("mqtt", "#", "go")))
    values: list[object] = [None, b"x", "x" * 99, 1e40, -1, True, ("a",), float("nan"), 10**30]
    for n in range(300):
        arguments = tuple(chance.choice(values) for _ in range(chance.randrange(4)))
        it.osc(
            chance.choice(["/n", "/showctl/go", "", "x", "/" * 300]),
            arguments,
            (chance.choice(["", "::1", "x", "127.0.0.1"]), 1),
            n,
        )
        it.mqtt(chance.choice(["", "a/b", "$SYS", "/"]), chance.randbytes(chance.randrange(30)), False, n)
    assert len(it.refused) <= 65
