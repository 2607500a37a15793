"""Links live, against small servers on real sockets: hosts that are not there, that accept and are silent, that come back."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable
from typing import cast

import pytest

from showctl.devices.registry import driver_for
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceHealth, DeviceReported, Event
from showctl.protocols import psn
from showctl.runtime.links import Carrier, LiveDevices, PsnLink, TcpLink, UdpLink, carry
from showctl.show.cues import ActionClass, Value
from showctl.show.patch import make_patch
from showctl.show.show import Show
from tests.devices.building import device, osc
from tests.runtime.links.loops import on_a_loop, until

pytestmark = pytest.mark.serial
SHOW = Show("links", make_patch((), (), ()), ())
NOBODY = "192.0.2.1"  # TEST-NET-1, RFC 5737: packets go nowhere


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Heard:
    """What a device's carrier told the engine."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def healths(self) -> list[str]:
        return [event.health for event in self.events if isinstance(event, DeviceHealth)]

    def field(self, name: str) -> Value | None:
        values = [event.value for event in self.events if isinstance(event, DeviceReported) and event.field == name]
        return values[-1] if values else None


def play(clip: str, **more: Value) -> Tell:
    given: dict[str, Value] = {"clip": clip, "voice": "bed", "surface": "wall", "loop": True, **more}
    return Tell(0, 1, "it", "play", tuple(given.items()), ActionClass.RESUME)


class SoundServer(asyncio.DatagramProtocol):
    """Answers pings; keeps what came."""

    def __init__(self) -> None:
        self.came: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        self.came.append(data)
        if data.startswith(b"/sound/ping"):
            self.transport.sendto(osc("/sound/pong", "i", 1), addr)


@on_a_loop
async def test_a_udp_device_that_comes_up_late_is_found_and_plays_what_it_should() -> None:
    port, heard = free_port(), Heard()
    carrier = carry(driver_for(device("sound_player"), SHOW), UdpLink("127.0.0.1", port), heard, time.monotonic_ns)
    carrier.command(play("hum"))
    await asyncio.sleep(0.05)  # the kernel has told us meanwhile that nobody listens there
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(SoundServer, local_addr=("127.0.0.1", port))
    await until(lambda: heard.healths() == ["ok"])
    await until(lambda: [data for data in server.came if data.startswith(b"/sound/play")])
    transport.close()
    carrier.stop()


@on_a_loop
async def test_a_black_hole_delays_nobody_else() -> None:
    port, heard, lost = free_port(), Heard(), Heard()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(SoundServer, local_addr=("127.0.0.1", port))
    begun = time.monotonic()
    carriers = [
        carry(driver_for(device("sound_player", name="gone"), SHOW), UdpLink(NOBODY, 7000), lost, time.monotonic_ns),
        carry(driver_for(device("film_server", name="dark"), SHOW), TcpLink(NOBODY, 7100), lost, time.monotonic_ns),
        carry(driver_for(device("projector", name="left"), SHOW), TcpLink(NOBODY, 4352), lost, time.monotonic_ns),
        carry(driver_for(device("sound_player"), SHOW), UdpLink("127.0.0.1", port), heard, time.monotonic_ns),
    ]
    await until(lambda: heard.healths() == ["ok"], within=1.0)
    assert time.monotonic() - begun < 0.5
    await until(lambda: "degraded" in lost.healths())
    assert heard.healths() == ["ok"]
    for carrier in carriers:
        carrier.stop()
    transport.close()


@on_a_loop
async def test_a_flood_of_datagrams_is_taken_in_turns() -> None:
    port, heard = free_port(), Heard()
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(SoundServer, local_addr=("127.0.0.1", port))
    link = UdpLink("127.0.0.1", port)
    carrier = carry(driver_for(device("sound_player"), SHOW), link, heard, time.monotonic_ns)
    await until(lambda: server.came)
    assert link._socket is not None
    target = link._socket.getsockname()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        flood.bind(("127.0.0.1", 0))
        for n in range(2000):
            transport.sendto(b"/junk" if n % 2 else osc("/sound/muted", "i", n // 2 % 2), target)
            if n % 50 == 0:
                await asyncio.sleep(0)
    transport.sendto(osc("/sound/muted", "i", 1), target)
    await until(lambda: heard.field("muted") is True)
    transport.close()
    carrier.stop()


@contextlib.asynccontextmanager
async def film_server(port: int, answer: bool) -> AsyncIterator[list[bytes]]:
    """A film server that speaks SLIP; with ``answer`` off it accepts and is silent."""
    came: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                came.append(data)
                if answer and b"/film/ping" in data:
                    writer.write(b"\xc0" + osc("/film/pong", "i", 1) + b"\xc0")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield came
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)


@on_a_loop
async def test_a_tcp_device_that_restarts_is_reconnected_and_plays_on() -> None:
    port, heard = free_port(socket.SOCK_STREAM), Heard()
    async with film_server(port, answer=True):
        carrier = carry(driver_for(device("film_server"), SHOW), TcpLink("127.0.0.1", port), heard, time.monotonic_ns)
        await until(lambda: heard.healths() == ["ok"])
        carrier.command(play("bellows"))
    await until(lambda: heard.healths() == ["ok", "degraded"])
    async with film_server(port, answer=True) as came:
        await until(lambda: heard.healths() == ["ok", "degraded", "ok"])
        await until(lambda: any(b"/film/play" in data for data in came))
        carrier.stop()


@on_a_loop
async def test_a_tcp_server_that_accepts_and_is_silent_is_noticed_and_the_loop_is_free() -> None:
    port, heard = free_port(socket.SOCK_STREAM), Heard()
    async with film_server(port, answer=False) as came:
        carrier = carry(driver_for(device("film_server"), SHOW), TcpLink("127.0.0.1", port), heard, time.monotonic_ns)
        await until(lambda: heard.healths() == ["degraded", "lost"], within=6.0)
        assert b"".join(came).count(b"/film/ping") >= 4
        carrier.stop()


@on_a_loop
async def test_a_device_that_takes_nothing_is_dropped_at_a_bound() -> None:
    port, heard = free_port(socket.SOCK_STREAM), Heard()
    stuck = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stuck.wait()  # reads nothing
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=1024)
    link = TcpLink("127.0.0.1", port)
    carrier = carry(driver_for(device("film_server"), SHOW), link, heard, time.monotonic_ns)
    await until(lambda: link._stream is not None)
    for _ in range(20_000):
        link.send(b"x" * 1000)
    await until(lambda: link._stream is None)
    carrier.stop()
    stuck.set()
    server.close()
    await asyncio.sleep(0)


@on_a_loop
async def test_a_driver_that_raises_is_logged_once_and_the_rest_goes_on(expects_log: Callable[..., None]) -> None:
    expects_log("device.driver_failed: the driver of sound_player failed")
    it = driver_for(device("sound_player"), SHOW)
    it.received = lambda data, now: [][1]  # type: ignore[method-assign]
    carrier = Carrier(it, UdpLink("127.0.0.1", free_port()), Heard(), time.monotonic_ns)
    carrier.start()
    carrier.received(b"x")
    carrier.received(b"x")
    assert it.next_deadline() is not None
    carrier.stop()


@pytest.mark.parametrize("host", ["236.10.10.10", "127.0.0.1"])
@on_a_loop
async def test_trackers_are_heard_over_multicast_and_over_unicast(host: str) -> None:
    frame = psn.encode_data_frame(1000, 1, [psn.Tracker(1, (1.0, 2.0, 3.0))])[0]
    port, heard, frames = free_port(), Heard(), list[object]()
    link = PsnLink(host, port, "127.0.0.1")
    it = driver_for(device("tracker"), SHOW)
    carrier = carry(it, link, heard, time.monotonic_ns, lambda name, tracked, now: frames.append(tracked))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s", socket.inet_aton("127.0.0.1")))
        sender.sendto(frame, (host, port))
    await until(lambda: heard.field("guests") == 1.0 and frames)
    carrier.stop()


@on_a_loop
async def test_a_show_of_devices_that_are_all_gone_starts_and_stops_at_once() -> None:
    devices = (
        device("sound_player", host=NOBODY, port=7000),
        device("film_server", host=NOBODY, port=7100),
        device("projector", host=NOBODY, port=4352),
        device("broker", host=NOBODY, port=1883),
        device("mqtt", name="gate", broker="broker", topic="a/gate"),
        device("tracker", host="127.0.0.1", port=free_port()),
    )
    begun = time.monotonic()
    live = LiveDevices(Show("gone", make_patch((), (), ()), (), devices=devices), Heard(), time.monotonic_ns)
    live.start()
    live.tell(play("hum"))
    await asyncio.sleep(0.05)
    await live.stop()
    assert time.monotonic() - begun < 1.0
