"""The same seed gives the same evening, byte for byte, whatever order Python's sets are in."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from simulators.broker import Broker
from simulators.device import SimulatedDevice
from simulators.film import FilmServer
from simulators.performer import Performer
from simulators.projector import Projector
from simulators.room import RoomDevice
from simulators.sound import SoundPlayer
from simulators.tracker import Tracker
from simulators.xr import XrEngine
from tests.simulators.stage import DESK, make_device, make_show, osc

ROOT = Path(__file__).parents[2]


def evening(seed: int = 3) -> str:
    """A digest of everything that eight devices send and are in ten minutes with a few commands and faults."""
    chain = hashlib.sha256()
    for device in devices(seed):
        device.start(0)
        now = 0
        for second, what in enumerate(lines(device), 1):
            while (due := device.next_deadline()) is not None and due <= second * 7_000_000_000:
                now = due
                device.wake(now)
                note(chain, device, now)
            now = second * 7_000_000_000
            if isinstance(what, str):
                device.act(what, now)
            elif device.endpoints and device.endpoints[0].kind == "tcp":
                device.connected("s", now)
                device.stream("s", b"\xc0" + what + b"\xc0" if device.name == "film" else b"%1POWR 1\r", now)
            elif device.endpoints and device.endpoints[0].kind == "udp":
                device.datagram(DESK, device.endpoints[0].address, what, now)
            note(chain, device, now)
    return chain.hexdigest()


def devices(seed: int) -> list[SimulatedDevice]:
    made = [
        (SoundPlayer, make_device("sound", "sound_player")),
        (FilmServer, make_device("film", "film_server", transport="slip")),
        (Projector, make_device("projector_1", "projector", password="furnace")),
        (XrEngine, make_device("unreal", "xr_engine")),
        (Performer, make_device("ai", "ai_performer")),
        (Tracker, make_device("tracker", "tracker")),
        (RoomDevice, make_device("bell", "mqtt", topic="furnace/bell", broker="room")),
        (Broker, make_device("room", "broker")),
    ]
    return [make(device, make_show(device), seed) for make, device in made]


CONCLUDED = ("trouble", "low", "why", "answer")
"""What the show makes of what headsets and performers say; no device says it."""


def lines(device: SimulatedDevice) -> list[str | bytes]:
    match device.name:
        case "sound":
            return [osc("/sound/play", "sssffif", "r", "rumble", "", 0.0, 2.0, 1, 0.0), "frozen for 3s", osc("/sound/state")]
        case "film":
            return [osc("/film/play", "sisfif", "dome", 1, "stars", 0.0, 1, 2.0), "power lost for 5s", osc("/film/state")]
        case "projector_1":
            return [b"", "fan warning", b""]
        case "unreal":
            return [osc("/xr/scene", "sf", "sky", 0.0), "headset 2 asleep", osc("/xr/stop")]
        case "ai":
            return [osc("/ai/ask", "isf", n, "?", 2.5) for n in range(20)]
        case "tracker":
            return ["guests 12 join", "guests raise hands 40% for 3s", "noise 5cm", "guests vote gold 60%", "guests leave"]
        case "bell":
            return ["bouncing", "press", "press 3 times"]
        case _:
            return ["forgets", "power lost for 5s"]


def note(chain: "hashlib._Hash", device: SimulatedDevice, now: int) -> None:
    chain.update(repr((now, device.take(), device.truth(now), device.report(now))).encode())


def test_the_same_seed_is_the_same_evening_and_another_is_another() -> None:
    assert evening() == evening()
    assert evening() != evening(4)


def test_the_order_of_sets_moves_nothing() -> None:
    program = "from tests.simulators.test_same_bytes import evening; print(evening())"
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    }
    assert runs == {f"{evening()}\n"}


def test_the_names_of_the_truth_never_change_and_hold_every_field_of_the_kind() -> None:
    for device in devices(1):
        device.start(0)
        before = {name: type(value) for name, value in device.truth(0).items()}
        kind = device.device.kind  # type: ignore[attr-defined]
        told = {name: field for name, field in kind.fields.items() if name not in CONCLUDED}
        assert before.keys() >= told.keys(), device.name
        for name, field in told.items():
            assert before[name] is type(field.initial), f"{device.name}.{name}"
        for second, what in enumerate(lines(device), 1):
            now = second * 1_000_000_000
            device.wake(now)
            if isinstance(what, str):
                device.act(what, now)
            elif device.endpoints[0].kind == "udp":
                device.datagram(DESK, device.endpoints[0].address, what, now)
            assert {name: type(value) for name, value in device.truth(now).items()} == before, device.name
