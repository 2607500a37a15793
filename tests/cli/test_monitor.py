"""``showctl monitor``: what is on the wire, for a person and as JSON. Views without sockets; one look at real ones."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from showctl.cli.monitor import fitted, monitor
from showctl.cli.monitor_artnet import ArtnetEyes
from showctl.cli.monitor_sacn import SacnEyes
from showctl.cli.monitor_words import compact, grid, padded
from showctl.protocols import artnet, sacn
from showctl.protocols.artnet_reply import PORT_OUTPUT, PollReply
from showctl.runtime.wire.sockets import open_sender
from showctl.show.instants import MILLISECOND as MS
from tests.live.house import free_port

CID = bytes(range(16))
NAMED = "00010203-0405-0607-0809-0a0b0c0d0e0f"
HERE = ("10.0.0.9", 5568)


def watched(*packets: sacn.DataPacket | sacn.DiscoveryPacket, chosen: tuple[int, ...] = ()) -> SacnEyes:
    eyes = SacnEyes(chosen, None, 0)
    for n, packet in enumerate(packets):
        eyes.received(sacn.encode(packet), HERE, n * MS)
    return eyes


DESK = sacn.DataPacket(CID, "desk 前台", 3, bytes((255, 0, 128)), priority=120)


def test_a_source_is_shown_with_name_priority_address_and_cid_and_its_levels() -> None:
    lines = watched(DESK).lines(1600 * MS)

    assert lines[1].split() == ["3", "desk", "前台", "120", "10.0.0.9", "3", "1.6", NAMED]
    assert lines[2].strip() == "1:255 3:128"
    assert lines[3] == "Nothing is heard on 19 others."


def test_a_single_universe_is_shown_whole() -> None:
    lines = watched(DESK, chosen=(3,)).lines(1600 * MS)

    assert lines[2].strip() == NAMED, "on a line of its own: a narrow terminal has no room behind the name"
    assert lines[5].split()[:5] == ["1", "255", ".", "128", "."]
    assert lines[6].split() == ["17", "to", "512", "dark"]


def test_a_terminal_of_80_by_24_shows_no_line_that_is_wider_and_says_what_it_has_no_room_for() -> None:
    lines = watched(DESK, chosen=(3,)).lines(1600 * MS) + [f"{n:3} 熔炉 {'x' * 90}" for n in range(40)]
    shown = fitted(lines, 80, 24)

    assert len(shown) == 23
    assert shown[10] == f"  3 熔炉 {'x' * 70}…"
    assert shown[-1] == "... 25 lines more: a taller window shows them, -u chooses universes"


def test_a_full_universe_is_seen_whole_in_80_by_24() -> None:
    eyes = watched(sacn.DataPacket(CID, "desk", 3, bytes(range(1, 256)) + bytes([255] * 257)), chosen=(3,))
    lines = eyes.lines(1600 * MS, dense=True)

    assert fitted(lines, 80, 24) == lines
    assert lines[4:6] == ["      in percent", "   1   1 1 1 1  1 2 2 3  3 3 4 4  5 5 5 6  6 7 7 7  8 8 9 9  9101010 11111212"]
    assert lines[-2].endswith("FLFLFLFL"), "full is not 99"


def test_who_hears_nothing_is_told_by_which_interface_and_what_others_there_are() -> None:
    eyes = SacnEyes((), None, 0, "by lo (127.0.0.1); --interface listens elsewhere: eth0 (10.0.0.5)")

    assert eyes.lines(MS)[1] == (
        "Nothing is heard on 20 universes by lo (127.0.0.1); --interface listens elsewhere: eth0 (10.0.0.5)."
    )


def test_what_is_announced_is_listened_to() -> None:
    eyes = watched(sacn.DiscoveryPacket(CID, "desk", (3, 700, 701)))

    assert eyes.wants_more(peek=True)
    assert eyes.wants_more()
    assert not eyes.wants_more()
    assert set(eyes.wanted()) == {*range(1, 21), 700, 701}
    assert "desk (10.0.0.9) announces 3, 700-701" in eyes.lines(MS)


def test_as_data_it_has_everything() -> None:
    seen = watched(DESK, sacn.DiscoveryPacket(CID, "desk", (3,))).seen(1600 * MS)

    universe = seen["universes"]["sacn/3"]
    assert universe["slots"][:4] == [255, 0, 128, 0]
    assert universe["priorities"][:4] == [120, 120, 120, None]
    assert universe["sources"][0]["cid"] == NAMED
    assert seen["announced"][0]["universes"] == [3]
    json.dumps(seen)


def test_art_net_shows_both_numberings_nodes_timecode_and_diagnostics() -> None:
    eyes = ArtnetEyes((), "10.0.0.5", ("10.0.0.255", 6454), 0)
    [(poll, to)] = eyes.wake(0)
    assert (artnet.decode(poll), to) == (artnet.Poll(), ("10.0.0.255", 6454))
    node = PollReply(bytes(4), "box", num_ports=1, port_types=bytes((PORT_OUTPUT, 0, 0, 0)), sw_out=b"\1\0\0\0", sub_net=1)
    for packet in (
        artnet.Dmx(17, b"\xff\0"),
        artnet.Dmx(17, b"\xff\0"),
        node,
        artnet.TimeCode(1, 2, 3, 4, artnet.TimeCodeType.EBU_25),
        artnet.DiagData("hot"),
    ):
        eyes.received(artnet.encode(packet), ("10.0.0.9", 6454), 0)
    lines = eyes.lines(0)

    assert lines[1].split() == ["17", "(0:1:1)", "=", "18", "10.0.0.9", "0.0", "1"]
    assert lines[2].strip() == "1:255"
    assert any(line.split()[:2] == ["10.0.0.9", "box"] and "17 (0:1:1) = 18" in line for line in lines)
    assert "timecode 01:02:03:04 ebu_25 from 10.0.0.9" in lines
    assert "10.0.0.9 says: hot" in lines
    json.dumps(eyes.seen(0))


def test_a_name_takes_its_columns_and_what_a_terminal_would_obey_is_not_printed() -> None:
    assert padded("desk", 6) == "desk  "
    assert padded("前台前台", 6) == "前台前"
    assert padded("前台", 5) == "前台 "
    assert padded("a\x1b[2Jb", 8) == "a?[2Jb  "


def test_slots_in_a_line_and_in_a_grid() -> None:
    assert compact([0, 5, 0, 255]) == "2:5 4:255"
    assert compact([0] * 512) == "dark"
    assert compact([1] * 14).endswith("and 2 more")
    assert grid([1] * 17) == ["   1  " + " ".join(["  1"] * 16), "  17    1"]


@pytest.mark.parametrize("words", ["x", "1-", "0", "5-2", "64000", "1-2000"])
def test_universes_that_are_none_are_refused(words: str) -> None:
    ran = CliRunner().invoke(monitor, ["sacn", "-u", words])

    assert ran.exit_code == 2
    assert "--universe" in ran.output


@contextmanager
def talking(host: str, port: int, *datagrams: bytes) -> Iterator[None]:
    """Somebody sends these, again and again."""
    over = threading.Event()

    def talk() -> None:
        with open_sender("127.0.0.1") as sock:
            while not over.wait(0.05):
                for data in datagrams:
                    sock.sendto(data, (host, port))

    thread = threading.Thread(target=talk)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_who_sends_a_universe_to_the_group_of_another_is_named() -> None:
    eyes = SacnEyes((3, 4), None, 0)
    eyes.received(sacn.encode(DESK), HERE, 0, "239.255.0.3")
    eyes.received(sacn.encode(DESK), HERE, MS, HERE[0])
    assert not eyes.seen(MS)["astray"]
    eyes.received(sacn.encode(DESK), HERE, 2 * MS, "239.255.0.4")
    words = f"desk 前台 ({HERE[0]}) sends universe 3 to the group of universe 4"
    assert eyes.seen(3 * MS)["astray"] == {words: 1}
    assert f"{words} (1 times): is its address right?" in eyes.lines(3 * MS)


@pytest.mark.serial
def test_on_real_sockets_sacn_and_art_net_are_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # no show runs here
    port = free_port()
    began = time.monotonic()
    with talking("239.255.0.3", port, sacn.encode(DESK)), talking("239.255.0.4", port, sacn.encode(DESK)):
        ran = CliRunner().invoke(monitor, ["sacn", "--port", str(port), "--seconds", "1.8", "--json"])
    assert ran.exit_code == 0, ran.output
    assert list(json.loads(ran.output)["astray"]) == ["desk 前台 (127.0.0.1) sends universe 3 to the group of universe 4"]
    # The sequence number stands still, so only the first packet counts: a source that is heard once is shown as well.
    assert json.loads(ran.output)["universes"]["sacn/3"]["slots"][:3] == [255, 0, 128]

    with talking("127.0.0.1", port, artnet.encode(artnet.Dmx(5, b"\1\2"))):
        ran = CliRunner().invoke(monitor, ["artnet", "--port", str(port), "-u", "5", "--seconds", "0.5", "--json"])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.output)["universes"]["artnet/5"]["slots"][:2] == [1, 2]
    assert time.monotonic() - began < 8
