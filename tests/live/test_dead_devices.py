"""One dead device delays nothing else, is said within five seconds, and comes back by itself.

A bench of pairs, one to die and one to live, on real sockets: a beat of commands goes to the living all the while, from a
timeline, so that each command has an instant at which it was due. What dies: an OSC player over UDP that takes everything and
answers nothing, one over TCP that accepts and is silent, a projector that is silent in mid-conversation, the broker (``kill
-9``), and the USB widget (pulled out). Each dies alone; then all of them at once.
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from showctl.engine.commands import Tell
from showctl.engine.events import Go, Start, Stop
from showctl.show.instants import MILLISECOND
from tests.live.house import House, Program, running, until

pytestmark = [pytest.mark.serial, pytest.mark.referee("mosquitto")]
SAID_WITHIN = 5.0
LATE_AT_MOST = 50 * MILLISECOND
BEAT = 0.1
"""Seconds between two commands to the living."""
SHOW = """
show: Pairs
main_list: main
dmx_rate: 40
patch:
  types: {lamp: {modes: {1ch: {channels: [intensity]}}}}
  universes: {sacn/1: {to: [127.0.1.1]}, usbpro/old: {device: EN111111}}
  nodes: {box: {address: 127.0.1.1, universes: [sacn/1], loss: hold}}
  fixtures:
    lamp: {type: lamp, mode: 1ch, address: sacn/1.1}
    dimmer: {type: lamp, mode: 1ch, address: usbpro/old.1}
devices: devices.yaml
media:
  tone: {file: tone.wav, length: 600s, players: [sound_dead, sound]}
  clip: {file: clip.mov, length: 600s, players: [film_dead, film]}
venue:
  speakers: {pa_dead: {player: sound_dead}, pa: {player: sound}}
  surfaces: {wall_dead: {player: film_dead}, wall: {player: film}}
lists:
  - list: main
    cues:
      - 1: Everything plays
        light: {lamp: full, dimmer: full}
        time: 0
        sound: tone at 0dB on pa_dead as dead_tone, loop
        film: clip on wall_dead layer 1 as dead_clip, loop
        gate: open
      - 2: To the dead
        fade: {dead_tone: -20dB over 1s}
        gate: close
        projector_dead: power on
  - list: beat
    cues:
      - 1: Beat
        timeline:
BEATS
"""
DEVICES = """
sound_dead: {kind: sound_player, host: 127.0.2.1}
sound: {kind: sound_player, host: 127.0.2.2}
film_dead: {kind: film_server, host: 127.0.3.1}
film: {kind: film_server, host: 127.0.3.2}
projector_dead: {kind: projector, host: 127.0.4.1}
projector: {kind: projector, host: 127.0.4.2}
room: {kind: broker, host: 127.0.0.1, port: 1883}
gate:
  kind: mqtt
  broker: room
  topic: furnace/gate
  fields: {state: text closed}
  verbs:
    open: {payload: '{"do": "open"}', class: state}
    close: {payload: '{"do": "close"}', class: state}
"""


def folder(tmp_path: Path) -> Path:
    """The bench as a show folder: ten minutes of beats, more than anybody needs."""
    made = tmp_path / "pairs"
    made.mkdir()
    what = "sound: tone at -{}dB on pa as tone, film: clip on wall layer 2 as clip"
    beats = [f"          - {{at: {n * BEAT:.1f}s, {what.format(1 + n % 9)}}}" for n in range(400)]
    (made / "show.yaml").write_text(SHOW.replace("BEATS", "\n".join(beats)))
    (made / "devices.yaml").write_text(DEVICES)
    return made


@dataclass(frozen=True)
class Death:
    """How one device dies and returns, and how long its return may take (backoff included)."""

    device: str
    dies: Callable[[House], Awaitable[None]]
    returns: Callable[[House], Awaitable[None]]
    back_within: float


def in_the_room(
    device: str, dies: str, returns: str
) -> tuple[Callable[[House], Awaitable[None]], Callable[[House], Awaitable[None]]]:
    return (lambda house: house.act("fault", f"{device} {dies}")), (lambda house: house.act("fault", f"{device} {returns}"))


async def kill_the_broker(house: House) -> None:
    assert house.broker is not None
    await asyncio.to_thread(house.broker.kill)


async def start_the_broker(house: House) -> None:
    assert house.broker is not None
    await house.broker.start()


DEATHS = (
    Death("sound_dead", *in_the_room("sound_dead", "hang", "back"), 5),
    Death("film_dead", *in_the_room("film_dead", "hang", "back"), 10),
    Death("projector_dead", *in_the_room("projector_dead", "hang", "back"), 20),
    Death("room", kill_the_broker, start_the_broker, 5),
    Death("EN111111", *in_the_room("old_widget", "unplugged", "plugged"), 5),
)
LIVING = ("sound", "film")


BARE = """
import time
at, worst = time.monotonic(), 0.0
while True:
    at += 0.005
    time.sleep(max(0.0, at - time.monotonic()))
    late, at = time.monotonic() - at, max(at, time.monotonic() - 0.005)
    if late > worst:
        worst = late
        print(f"{worst * 1e9:.0f}", flush=True)
"""
"""What this machine can do: a process that only sleeps, and says by how much it overslept at worst."""


class Punctuality:
    """How late each command was handed to its device's socket, by device; and a bare sleeper beside it."""

    def __init__(self, house: House) -> None:
        self.late: dict[str, list[int]] = {}
        self._bare = Program([sys.executable, "-c", BARE], house.scratch / "bare.log")
        live, carry_out = house.live, house.live.devices.tell
        self._live, self._carry_out = live, carry_out

        def tell(command: Tell) -> None:
            carry_out(command)
            self.late.setdefault(command.device, []).append(live.clock.now() - command.instant)

        live.devices.tell = tell  # type: ignore[method-assign]

    def __str__(self) -> str:
        late = sorted(n for device in LIVING for n in self.late[device])
        words = f"{len(late)} commands to the living, ms late: p50 {late[len(late) // 2] / 1e6:.1f}, max {late[-1] / 1e6:.1f}"
        return f"{words} (a bare sleeper's max: {self.bare() / 1e6:.1f})"

    def bare(self) -> int:
        return int((self._bare.said().split() or ["0"])[-1])

    def close(self) -> None:
        self._bare.kill()
        self._live.devices.tell = self._carry_out  # type: ignore[method-assign]

    def assert_in_time(self) -> None:
        """Every command to the living left within its instant, give or take what the machine itself was late."""
        assert {name: max(self.late[name]) for name in LIVING if max(self.late[name]) > LATE_AT_MOST + self.bare()} == {}


class Bench:
    """A house on its feet, with everything playing, for all tests here: each leaves it as it found it."""

    def __init__(self, scratch: Path) -> None:
        self._runner, self._stack = asyncio.Runner(), contextlib.AsyncExitStack()
        self.house = self._runner.run(self._open(scratch))

    async def _open(self, scratch: Path) -> House:
        house = await self._stack.enter_async_context(running(folder(scratch), scratch / "house"))
        await until(lambda: not house.ill() and "EN111111" in house.devices(), 30)
        house.ask(Go("main"))
        await until(lambda: house.devices()["sound_dead"]["reported"].get("state") == "playing", 10)
        return house

    def play(self, deaths: Sequence[Death]) -> Punctuality:
        """They die and return while the beat goes on; how late it was meanwhile."""
        return self._runner.run(self._play(deaths))

    async def _play(self, deaths: Sequence[Death]) -> Punctuality:
        house = self.house
        await until(lambda: not house.ill(), 20)
        punctuality = Punctuality(house)
        house.ask(Start("beat", "1"))
        try:
            await die_and_return(house, deaths)
        finally:
            punctuality.close()
            house.ask(Stop("beat"))
        return punctuality

    def settled(self) -> dict[str, Any]:
        """The truth about the devices, once what was asked of the dead is done."""
        return self._runner.run(self._settled())

    async def _settled(self) -> dict[str, Any]:
        house = self.house
        await until(lambda: house.devices()["gate"]["reported"]["state"] == "closed", 15)
        await until(lambda: house.devices()["projector_dead"]["reported"]["power"] in ("warming", "on"), 15)
        found: dict[str, Any] = (await house.state())["devices"]
        return found

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("bench"))
    yield made
    made.close()


async def die_and_return(house: House, deaths: Sequence[Death]) -> None:
    """They die together, are said, and return. AssertionError where one is not said, drags others along, or stays away."""
    wire = house.live.desk.wire()
    for death in deaths:
        await death.dies(house)
    house.ask(Start("main", "2"))  # what the dead are asked meanwhile is not what others wait for
    dead = {death.device for death in deaths} | ({"gate"} if "room" in {death.device for death in deaths} else set())
    with contextlib.suppress(TimeoutError):
        await until(lambda: set(house.ill()) >= dead, SAID_WITHIN)
    seen = house.devices()
    assert {name: seen[name]["health"] for name in dead if seen[name]["health"] not in ("degraded", "lost", "unknown")} == {}
    assert [name for name in dead - {"gate"} if not seen[name]["why"].endswith(".")] == [], "each with a sentence"
    assert sorted(set(house.ill()) - dead) == [], "nobody else"
    await asyncio.sleep(1)
    for death in deaths:
        await death.returns(house)
    await until(lambda: not house.ill(), max(death.back_within for death in deaths))
    after = house.live.desk.wire()
    assert after["missed"] == wire["missed"]


@pytest.mark.slow
@pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.device)
def test_one_dead_device_delays_nothing_else_is_said_within_5_s_and_comes_back(
    bench: Bench, death: Death, capsys: pytest.CaptureFixture[str]
) -> None:
    punctuality = bench.play([death])
    with capsys.disabled():
        print(f"\n  {death.device} died and came back: {punctuality}")  # noqa: T201

    punctuality.assert_in_time()


@pytest.mark.slow
def test_all_of_them_at_once_do_no_more_harm(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    punctuality = bench.play(DEATHS)
    with capsys.disabled():
        print(f"\n  all died and came back: {punctuality}")  # noqa: T201

    punctuality.assert_in_time()
    truth = bench.settled()
    assert truth["film_dead"]["truth"]["clip"] == truth["film"]["truth"]["clip"] == "clip"
    assert truth["sound_dead"]["truth"]["level"] == pytest.approx(-20, abs=0.1)
