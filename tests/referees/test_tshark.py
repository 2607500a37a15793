"""tshark as referee: it dissects every E1.31, Art-Net and OSC packet of two captured minutes of the bundled show.

The capture is that of ``tests/live/evening.py``: the loopback of a network namespace of its own, with engine, wire, broker and
the simulated venue on it, on the standard ports. One kind of packet is counted and not judged: universe discovery (E1.31 8, root
vector 8), which tshark 4.0 does not know; ``tests/protocols/test_sacn.py`` holds that to the standard's table.
"""

import subprocess
from collections import Counter

import pytest

from tests.live.evening import Evening, two_minutes
from tests.programs import program

pytestmark = [
    pytest.mark.serial,
    pytest.mark.slow,
    pytest.mark.netns,
    pytest.mark.timeout(300),
    pytest.mark.referee("tshark", "dumpcap", "ip", "mosquitto"),
]
DISSECTORS = ["--enable-heuristic", "acn", "-o", "acn.dmx_enable:TRUE", "--enable-heuristic", "osc_udp"]
DISCOVERY = "ip.dst == 239.255.250.214"
OSC_OVER_UDP = (7000, 7300, 7400, 53100)
OSC_OVER_TCP = (7100, 7101, 7200)


def frames(evening: Evening, wanted: str, *fields: str) -> list[list[str]]:
    """The named fields of every captured frame that fits the display filter ``wanted``."""
    tshark = program("tshark")
    assert tshark is not None
    tcp = [word for port in OSC_OVER_TCP for word in ("-d", f"tcp.port=={port},osc")]
    shown = [word for field in ("frame.number", *fields) for word in ("-e", field)]
    argv = [tshark, "-r", evening.capture, *DISSECTORS, *tcp, "-Y", wanted, "-T", "fields", *shown]
    ran = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    return [line.split("\t") for line in ran.stdout.splitlines()]


def ports(protocol: str, numbers: tuple[int, ...]) -> str:
    return "(" + " or ".join(f"{protocol}.port == {number}" for number in numbers) + ")"


def test_every_packet_of_two_minutes_is_dissected_and_none_is_malformed(capsys: pytest.CaptureFixture[str]) -> None:
    evening = two_minutes()
    e131 = frames(evening, f"udp.dstport == 5568 and not {DISCOVERY}", "frame.protocols", "acn.dmx.universe")
    discovery = frames(evening, f"udp.dstport == 5568 and {DISCOVERY}", "frame.protocols")
    art_net = frames(evening, "udp.dstport == 6454", "frame.protocols", "artnet.header.opcode", "artnet.output.universe")
    osc_udp = frames(evening, f"{ports('udp', OSC_OVER_UDP)} and not icmp", "frame.protocols", "osc.message.header.path")
    osc_tcp = frames(evening, f"{ports('tcp', OSC_OVER_TCP)} and tcp.len > 0", "frame.protocols", "osc.message.header.path")
    length = frames(evening, "udp", "frame.time_relative")
    universes = Counter(row[2] for row in e131)
    paths = Counter(path for row in osc_udp + osc_tcp for path in row[2].split(","))
    with capsys.disabled():
        print(  # noqa: T201
            f"\n  tshark: {float(length[-1][1]) - float(length[0][1]):.0f} s, {len(e131)} E1.31, {len(art_net)} Art-Net,"
            f" {len(osc_udp)} OSC over UDP, {len(osc_tcp)} over TCP; no malformed one"
        )

    assert frames(evening, "_ws.malformed or _ws.expert.severity == error", "frame.protocols") == []
    assert [row for row in e131 if not row[1].endswith("acn")] == []
    assert [row for row in art_net if ":artnet" not in row[1]] == []
    assert [row for row in osc_udp + osc_tcp if not row[1].endswith("osc")] == []

    assert set(universes) == {*"12345678"}
    assert len(discovery) >= 12, "every ten seconds"
    assert {row[3] for row in art_net if row[2] == "0x5000"} == {*"01234567"}
    assert {"0x2000", "0x2100", "0x5000"} <= {row[2] for row in art_net}, "polls, replies and DMX"
    assert {"/sound/play", "/film/play", "/film/pong", "/gauze/ping", "/xr/scene", "/furnace/crew/ready"} <= set(paths)
    assert float(length[-1][1]) - float(length[0][1]) > 60
    assert len(e131) + len(discovery) + len(art_net) >= evening.wire["packets"], (
        "everything that the wire says it has sent was on the wire"
    )
