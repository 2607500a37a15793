"""``showctl calibrate``: measured against simulated players on real sockets, and what it says where it cannot measure."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from showctl.cli.calibrate import calibrate
from showctl.runtime.calibration import Measured, read_order
from showctl.runtime.listening import onset
from showctl.showfile import load
from tests.live.house import free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The show of players, with addresses of its own and a wall that takes 30 ms."""
    made = tmp_path / "players"
    shutil.copytree(ROOT / "tests" / "shows" / "players", made)
    words = (made / "devices.yaml").read_text()
    words = words.replace("127.0.33.", f"127.{tmp_path.stat().st_ino % 200 + 20}.33.").replace("latency: 2ms", "latency: 30ms")
    (made / "devices.yaml").write_text(words)
    return made


@pytest.fixture
def venue(folder: Path) -> Iterator[None]:
    argv = [sys.executable, "-m", "simulators", str(folder), "--http-port", "0", "--sacn-port", str(free_port()), "--artnet-port"]
    process = subprocess.Popen([*argv, str(free_port())], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready "):
            break
    yield
    process.terminate()
    process.wait()
    process.stdout.close()


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(calibrate, [*words])
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.serial
@pytest.mark.usefixtures("venue")
def test_what_a_player_takes_is_measured_and_what_it_declares_is_compared(folder: Path) -> None:
    code, said, why = run("wall_player", "--show", str(folder), "--simulated", "--tries", "3", "--json")
    assert code in (0, 1), why  # a machine that is busy adds what is not declared
    found = json.loads(said)
    assert found["device"] == "wall_player"
    assert 0.029 <= found["latency"] < 0.5  # the simulated one takes what it declares, and this machine a little
    assert len(found["samples"]) == 3


def test_the_line_for_devices_yaml_is_the_middle_and_what_the_rest_lay_from_it() -> None:
    assert Measured((*[30_000_000] * 19, 126_000_000)).line() == "latency: 30ms", "one of twenty is the wildest twentieth"
    assert Measured((30_100_000, 30_200_000, 31_900_000, 30_000_000, 29_800_000)).line() == "latency: 30ms, jitter: 2ms"
    assert Measured((60_000_000,) * 4).line() == "latency: 60ms"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nobody"], 2, "the show has no device called nobody; it has wall_player, bed"),
        (["bed", "--clip", "moonlight"], 2, "no clip moonlight on bed"),
        (["bed", "--do", "open"], 2, "--do, --back and --until belong together"),
    ],
)
def test_wrong_input_is_answered_with_the_way_out(folder: Path, words: list[str], code: int, said: str) -> None:
    got, _, why = run(*words, "--show", str(folder))
    assert got == code
    assert said in why


def test_a_verb_is_read_as_its_device_declares_it(folder: Path) -> None:
    show = load(folder).show
    assert show is not None
    device = show.device_named["bed"]
    assert read_order(device, "bus weather -6dB").arguments == (("name", "weather"), ("level", -6.0))
    with pytest.raises(ValueError, match="bed has no verb dance; it has play, load"):
        read_order(device, "dance")
    with pytest.raises(ValueError, match="apples is not a number"):
        read_order(device, "fade apples")


def test_without_a_microphone_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    code, _, why = run("bed", "--show", str(folder), "--listen")
    missing = "PortAudio is reached by an extra: pip install 'showctl[listen]'"
    assert (code, why) == (1, f"showctl: no microphone to listen with: {missing}\n")


def test_a_beginning_is_found_above_the_noise_of_the_room_and_nowhere_else() -> None:
    chance = np.random.default_rng(7)
    room = chance.normal(0, 0.001, 48_000).astype(np.float32)
    assert onset(room, 4_800) is None
    bell = room.copy()
    bell[20_000:] += np.sin(np.arange(28_000) * 0.05).astype(np.float32) * 0.3
    found = onset(bell, 4_800)
    assert found is not None
    assert 20_000 <= found <= 20_010
    assert onset(np.zeros(100, np.float32), 4_800) is None
