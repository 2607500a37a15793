"""What the wire tells of the rig: facts for the engine, rows for the desk."""

from dataclasses import replace

from showctl.engine.events import DeviceHealth
from showctl.protocols import sacn
from showctl.runtime.receive.rivals import How, Rival, Rivals
from showctl.runtime.wire.messages import Kind, Message
from showctl.runtime.wire.stats import Counts, NodeStats, Stats, WidgetStats, decode_stats
from showctl.runtime.wire_health import device_rows, health_news
from showctl.show.patch import Protocol, Universe
from tests.runtime.wire.stage import show

CID = "01234567-89ab-cdef-0123-456789abcdef"
DESK = Rival(0, How.SENDS, "FOH desk 前台", "10.0.0.9", CID, 120)
WORDS = f"FOH desk 前台 (10.0.0.9, CID {CID}) also sends sacn/1, at priority 120; ours is 100: it wins."
STAGE = show()
TOLD = Stats(
    Counts(link_down=1),
    (NodeStats("10.0.0.2", "box", 40, (0, 5), True, "fan has stopped"), NodeStats("10.0.0.3", "quiet", 40, ())),
    (WidgetStats("EN123456", False, 1, 2),),
    (DESK, Rival(2, How.JOINS, "", "fe80::1234:5678:9abc:def0")),
)


def test_stats_come_back_as_they_went() -> None:
    assert decode_stats(Message(Kind.STATS, body=TOLD.encode())) == TOLD


def test_a_rival_is_told_to_the_engine_once_and_its_end_once() -> None:
    [news] = health_news(STAGE, {}, TOLD)
    assert news == DeviceHealth("sacn/1", "degraded", WORDS)
    known = {"sacn/1": (news.health, news.why)}

    assert list(health_news(STAGE, known, TOLD)) == []
    assert list(health_news(STAGE, known, replace(TOLD, rivals=()))) == [DeviceHealth("sacn/1", "ok")]
    assert list(health_news(STAGE, {"sacn/1": ("ok", "")}, replace(TOLD, rivals=()))) == []


def test_the_desk_sees_rivals_joining_desks_lost_widgets_and_nodes_that_complain() -> None:
    rows = device_rows(STAGE, TOLD)

    assert [(row["name"], row["kind"], row["health"]) for row in rows] == [
        ("EN123456", "usb_widget", "lost"),
        ("sacn/1", "rival_source", "degraded"),
        ("artnet/0", "joining_desk", "ok"),
        ("box", "artnet_node", "degraded"),
    ]
    assert rows[1]["why"] == WORDS
    assert rows[1]["reported"] == {
        "name": "FOH desk 前台",
        "address": "10.0.0.9",
        "cid": CID,
        "priority": 120,
        "how": "sends",
    }
    assert rows[3]["why"] == "Node 10.0.0.2 says: fan has stopped"


def test_a_widget_into_which_a_desk_s_cable_goes_stands_there_too() -> None:
    universe = Universe(0, "sacn/1", Protocol.SACN, 1, merge_in="usbpro/EN654321")
    told = Stats(widgets=(WidgetStats("EN654321", True, 1, 0, packets=104),))

    [row] = device_rows(show(universe), told)
    assert (row["label"], row["health"], row["reported"]["packets"]) == ("a desk joins sacn/1 by its cable", "ok", 104)
    [lost] = device_rows(show(universe), Stats(widgets=(WidgetStats("EN654321", False, 0, 0),)))
    assert lost["health"] == "lost"


def test_a_universe_of_another_patch_is_nobody_s() -> None:
    stray = replace(TOLD, rivals=(replace(DESK, universe=99),))

    assert list(health_news(STAGE, {}, stray)) == []
    assert len(device_rows(STAGE, stray)) == 2


def test_the_longest_name_a_packet_can_carry_goes_through() -> None:
    rivals = Rivals(STAGE.patch.universes, bytes(16))
    rivals.heard_sacn(sacn.DataPacket(b"\xff" * 16, "é" * 31, 1, b""), "ff02:1234:1234:1234:1234:1234:1234:1234", 0)
    told = Stats(rivals=rivals.current(0))

    assert decode_stats(Message(Kind.STATS, body=told.encode())).rivals == told.rivals
