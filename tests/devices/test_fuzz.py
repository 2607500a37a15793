"""Nothing that arrives makes a driver raise, wake for ever, or grow: broken bytes, hostile bytes, and calls in any order."""

import random
import sys

import pytest

from showctl.devices.driver import Driver
from showctl.devices.registry import driver_for
from showctl.engine.commands import Tell
from showctl.protocols import psn
from showctl.show.cues import Value
from showctl.show.devices import KINDS, Field
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND
from showctl.show.patch import make_patch
from showctl.show.show import Show
from tests.devices.building import declared, device, osc

SHOW = Show("fuzz", make_patch((), (), ()), ())
FIELDS = (Field("state", ValueType.TEXT, ""), Field("n", ValueType.NUMBER, 0.0, "/n"))
INFINITE = float("inf")


def driver(kind: str) -> Driver:
    made = declared(kind, (), FIELDS, topic="a/b") if kind in ("osc", "mqtt") else device(kind)
    return driver_for(made, SHOW)


def packet(kind: str, chance: random.Random) -> bytes:
    """Something that kind of device could say, with values that it should not."""
    number = chance.choice([0.0, -1.0, 1e30, INFINITE, float("nan"), 3.5])
    word = chance.choice(["", "playing", "stopped", "a" * 5000, "電", f"voice {chance.randrange(10**6)}"])
    messages = {
        "sound_player": osc("/sound/voice", "sssff", word, word, chance.choice(["playing", "x"]), number, number),
        "film_server": osc("/film/layer", "sissff", word, chance.randrange(9), word, "playing", number, number),
        "gauze_player": osc("/gauze/pose", "s", word),
        "xr_engine": osc("/xr/headset", "ssfs", word, word, number, word),
        "ai_performer": osc("/ai/line", "is", chance.randrange(3), word),
        "osc": osc("/n", "f", number),
        "projector": chance.choice(
            [
                b"PJLINK 0\r",
                b"PJLINK 1 12345678\r",
                b"PJLINK ERRA\r",
                b"%1POWR=9\r",
                b"%1POWR=1\r",
                b"%1LAMP=1 1 1\r",
                b"%1ERST=9\r",
            ]
        ),
        "tracker": psn.encode_data_frame(chance.randrange(10**9), chance.randrange(256), [psn.Tracker(1, (1.0, 2.0, 3.0))])[0],
    }
    whole = messages.get(kind, b'{"state": 3}')
    match chance.randrange(4):
        case 0:
            return chance.randbytes(chance.randrange(80))
        case 1:
            return whole[: chance.randrange(len(whole) + 1)]
        case 2:
            at = chance.randrange(len(whole))
            return whole[:at] + chance.randbytes(2) + whole[at + 2 :]
        case _:
            return b"\xc0" + whole + b"\xc0" if kind == "film_server" else whole


def any_value(chance: random.Random) -> Value:
    values: list[Value] = ["x" * chance.randrange(9), "\0", 1.0, -5.0, True, 1e300, INFINITE]
    return chance.choice(values)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_driver_survives_whatever_comes_in_whatever_order(kind: str, seed: int) -> None:
    chance = random.Random(f"{kind} {seed}")
    it = driver(kind)
    it.start(0)
    now = 0
    verbs = list(it.device.kind.verbs.values())
    for _ in range(400):
        now += chance.choice([0, 1, SECOND // 100, SECOND])
        match chance.randrange(8):
            case 0:
                it.connected(now)
            case 1:
                it.lost("gone", now)
            case 2 if verbs:
                verb = chance.choice(verbs)
                given = ((argument.name, any_value(chance)) for argument in verb.arguments)
                it.command(Tell(now, 1, "it", verb.name, tuple(given), verb.kind), now)
            case 3:
                it.message(chance.choice(["a/b/state", "a/b/online", "x"]), packet(kind, chance), chance.random() < 0.5, now)
            case 4:
                it.wake(now)
            case _:
                it.received(packet(kind, chance), now)
        deadline = it.next_deadline()
        if deadline is not None and deadline <= now:
            it.wake(now)
            after = it.next_deadline()
            assert after is None or after > now, f"{kind} wants waking for ever"
        for values_ in (it.desired(), it.reported()):
            assert all(isinstance(value, bool | float | str) for value in values_.values())


@pytest.mark.parametrize("kind", ["sound_player", "xr_engine", "osc"])
def test_a_million_names_do_not_fill_the_memory(kind: str) -> None:
    it = driver(kind)
    it.start(0)
    for n in range(1000):
        it.received(osc("/sound/voice", "sssff", f"v{n}", "c", "playing", 0.0, 0.0), n)
        it.received(osc("/xr/headset", "ssfs", f"h{n}", "awake", 1.0, ""), n)
        it.received(osc(f"/n/{n}", "f", 1.0), n)
    sizes = [sys.getsizeof(part) for part in vars(it).values() if isinstance(part, dict | list | set)]
    assert max(sizes, default=0) < 20_000
