"""DMX nodes at the desk: what they answer, what they do not, and what nobody can know."""

from dataclasses import replace
from pathlib import Path

from showctl.engine.events import DeviceHealth
from showctl.runtime.node_health import neighbours, node_news, node_rows
from showctl.runtime.wire.stats import Counts, NodeStats, Stats
from showctl.show.patch import Node
from tests.runtime.wire.stage import show

STAGE = show()
NODES = (Node("rack", "10.0.0.5", ("artnet/0",)), Node("gantry", "10.0.0.6", ("sacn/1", "sacn/2")))
ROOM = replace(STAGE, patch=replace(STAGE.patch, nodes=NODES))
LONG = Counts(frames=40 * 60)


def rack(*nodes: NodeStats, counts: Counts = LONG) -> tuple[str, str]:
    row = next(row for row in node_rows(ROOM, Stats(counts, nodes), {}) if row["name"] == "rack")
    return row["health"], row["why"]


def test_an_artnet_node_is_well_while_it_answers_and_puts_out_what_the_patch_wants() -> None:
    [row, _] = node_rows(ROOM, Stats(LONG, (NodeStats("10.0.0.5", "rack", 1200, (0, 5)),)), {})

    assert (row["health"], row["age"], row["silent"]) == ("ok", 1.2, False)
    assert (row["desired"], row["reported"]) == ({"universes": "artnet/0"}, {"universes": "artnet/0, artnet/5"})


def test_one_that_does_not_answer_is_unknown_at_first_and_then_lost() -> None:
    assert rack(counts=Counts(frames=40 * 7)) == ("unknown", "")
    assert rack() == ("lost", "The node rack (10.0.0.5) does not answer Art-Net polls.")


def test_one_that_puts_out_something_else_or_complains_is_degraded() -> None:
    assert rack(NodeStats("10.0.0.5", "rack", 10, (7,))) == (
        "degraded",
        "The node rack (10.0.0.5) does not put out artnet/0: look at its settings.",
    )
    assert rack(NodeStats("10.0.0.5", "rack", 10, (0,), said="fan has stopped")) == (
        "degraded",
        "Node 10.0.0.5 says: fan has stopped",
    )


def test_of_an_sacn_node_only_its_address_can_be_known() -> None:
    def gantry(known: dict[str, bool]) -> tuple[str, bool]:
        row = next(row for row in node_rows(ROOM, Stats(LONG), known) if row["name"] == "gantry")
        return row["health"], row["silent"]

    assert [gantry(known) for known in ({}, {"10.0.0.6": True}, {"10.0.0.6": False})] == [
        ("unknown", True),
        ("ok", True),
        ("lost", True),
    ]


def test_the_engine_hears_each_change_once() -> None:
    [lost] = node_news(ROOM, {}, Stats(LONG))
    assert lost == DeviceHealth("rack", "lost", "The node rack (10.0.0.5) does not answer Art-Net polls.")
    assert list(node_news(ROOM, {"rack": ("lost", lost.why)}, Stats(LONG))) == []

    [back] = node_news(ROOM, {"rack": ("lost", lost.why)}, Stats(LONG, (NodeStats("10.0.0.5", "rack", 10, (0,)),)))
    assert back == DeviceHealth("rack", "ok", "rack answers.")


def test_the_neighbour_table_says_who_answers(tmp_path: Path) -> None:
    table = tmp_path / "arp"
    table.write_text(
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "10.0.0.6         0x1         0x2         52:54:00:12:35:02     *        eth0\n"
        "10.0.0.7         0x1         0x0         00:00:00:00:00:00     *        eth0\n"
        "127.0.1.1        0x1         0x0         00:00:00:00:00:00     *        eth0\n"
    )

    assert neighbours(table) == {"10.0.0.6": True, "10.0.0.7": False}
    assert neighbours(tmp_path / "none") == {}
