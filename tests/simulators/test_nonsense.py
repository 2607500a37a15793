"""No bytes from the outside make a simulated device raise: mutated messages, extreme numbers, cut streams, junk JSON."""

import random

import pytest

from simulators.device import SimulatedDevice
from tests.simulators.stage import DESK, osc
from tests.simulators.test_same_bytes import devices

EXTREMES = (float("inf"), float("nan"), -1e38, 3e38, 1e-40, -0.0, 86400.0)
MESSAGES = {
    "sound": [
        osc("/sound/play", "sssffif", "b", "bell", "", -6.0, 2.0, 1, 0.0),
        osc("/sound/fade", "sffs", "b", -20.0, 4.0, "s"),
        osc("/sound/object", "sfff", "b", 0.0, 1.0, 2.0),
        osc("/sound/stop", "sf", "b", 0.5),
    ],
    "unreal": [osc("/xr/scene", "sf", "sky", 0.0), osc("/xr/start", "f", 1.0), osc("/xr/passthrough", "is", 1, "crew")],
    "ai": [osc("/ai/ask", "isf", 1, "?", 2.5), osc("/ai/say", "s", "line")],
    "film": [osc("/film/play", "sisfif", "dome", 1, "stars", 0.0, 1, 2.0), osc("/film/fade", "siff", "dome", 1, 50.0, 1.0)],
}


def mutated(packet: bytes, chance: random.Random) -> bytes:
    data = bytearray(packet)
    for _ in range(chance.randrange(4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data[: chance.randrange(len(data) + 1)]) if chance.random() < 0.2 else bytes(data)


def named(name: str) -> SimulatedDevice:
    [device] = [device for device in devices(1) if device.name == name]
    device.start(0)
    return device


def pass_time(device: SimulatedDevice, now: int) -> None:
    while (due := device.next_deadline()) is not None and due <= now:
        device.wake(due)
    device.take()
    device.truth(now)


@pytest.mark.parametrize("name", ["sound", "unreal", "ai"])
def test_datagrams(name: str) -> None:
    device, chance = named(name), random.Random(11)
    for turn in range(1500):
        now = turn * 50_000_000
        packet = mutated(chance.choice(MESSAGES[name]), chance)
        device.datagram(DESK, device.endpoints[0].address, packet, now)
        pass_time(device, now)


def test_extreme_numbers() -> None:
    device, now = named("sound"), 0
    for number in EXTREMES:
        for tags, values in (("sffs", ("b", number, number, "s")), ("sssffif", ("b", "bell", "", number, number, 1, number))):
            now += 1_000_000_000
            verb = "fade" if tags == "sffs" else "play"
            device.datagram(DESK, device.endpoints[0].address, osc(f"/sound/{verb}", tags, *values), now)
            pass_time(device, now)


@pytest.mark.parametrize("name", ["film", "projector_1"])
def test_streams(name: str) -> None:
    device, chance = named(name), random.Random(12)
    open_, dials = "", 0
    for turn in range(1500):
        now = turn * 50_000_000
        if not open_ or chance.random() < 0.02:
            if open_:
                device.closed(open_, now)
            dials += 1
            open_ = f"s{dials}"
            assert device.connected(open_, now)
        if name == "film":
            packet = b"\xc0" + mutated(chance.choice(MESSAGES["film"]), chance) + b"\xc0"
        else:
            packet = mutated(chance.choice((b"%1POWR 1\r", b"%2FREZ ?\r", b"PJLINK 2\r", b"%1LAMP ?\r", b"\xff" * 1200)), chance)
        device.stream(open_, packet, now)
        if any(out.kind == "closed" for out in device.take()):
            open_ = ""
        pass_time(device, now)


def test_more_voices_than_there_are() -> None:
    device = named("sound")
    for n in range(300):
        device.datagram(DESK, device.endpoints[0].address, osc("/sound/play", "ss", f"v{n}", "bell"), 0)
    assert device.truth(0)["voices"] == 256.0
