"""The wire process for real: on loopback, beside an engine that is killed, and as the supervisor ends it."""

import contextlib
import itertools
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sacn as foreign

from showctl.light.plan import Plan
from showctl.protocols import artnet, sacn, usbpro
from showctl.runtime.supervisor import NO_SHOW
from showctl.runtime.wire.client import WireClient, ask, say
from showctl.runtime.wire.fingerprint import fingerprint
from showctl.runtime.wire.messages import Hello, Kind, Message, Reader, decode_hello
from showctl.show.instants import SECOND
from tests.runtime.wire.live_stage import FADE, REFEREE, STAGE, WATCHED
from tests.runtime.wire.stage import change, row

pytestmark = pytest.mark.serial
ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Ear:
    """Hears datagrams with the instants at which the system got them."""

    def __init__(self, host: str, port: int) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # the sacn package listens at every address
        self.sock.setsockopt(socket.SOL_SOCKET, 35, 1)  # SO_TIMESTAMPNS
        self.sock.bind((host, port))

    def listen(self, seconds: float) -> Iterator[tuple[int, bytes]]:
        """(CLOCK_REALTIME ns, datagram) until ``seconds`` have passed."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.sock], [], [], left)[0]:
                return
            data, extra, _, _ = self.sock.recvmsg(2048, 64)
            seconds_, nanoseconds = (int.from_bytes(extra[0][2][n : n + 8], sys.byteorder) for n in (0, 8))
            yield seconds_ * SECOND + nanoseconds, data


class Stage:
    """A wire process on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "wire"
        self.sacn_port, self.artnet_port = free_port(), free_port()
        self.children: list[subprocess.Popen[str]] = []
        self.ear = Ear(WATCHED, self.sacn_port)
        self.artnet_ear = Ear(WATCHED, self.artnet_port)
        self.wire = self.child("wire", str(folder), str(self.sacn_port), str(self.artnet_port))
        self.grid = self.hello().grid

    def child(self, *words: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "tests.runtime.wire.live_stage", *words]
        self.children.append(subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return self.children[-1]

    def hello(self) -> Hello:
        """The wire's own words, as soon as it listens."""
        for _ in range(200):
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as sock:
                sock.connect(str(self.socket))
                sock.sendall(Message(Kind.HELLO, body=Hello(bytes(32)).encode()).encode())
                return decode_hello(next(Reader().feed(sock.recv(4096))))
            assert self.wire.poll() is None, self.wire.communicate()
            select.select([], [], [], 0.05)
        raise AssertionError("the wire did not come up")

    def close(self) -> None:
        self.ear.sock.close()
        self.artnet_ear.sock.close()
        for child in self.children:
            child.kill()
            child.communicate()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.close()


def level(now: int, start: int) -> int:
    """Where a fade from 0 to full over FADE stands: worked out here, by R12."""
    progress = min(max(now - start, 0) * 32768 // FADE, 32768)
    return (65535 * progress + 16384) >> 15


def fine(data: bytes) -> tuple[int, int]:
    """Sequence and 16-bit level of a sACN packet."""
    packet = sacn.decode(data)
    assert isinstance(packet, sacn.DataPacket)
    return packet.sequence, packet.slots[0] << 8 | packet.slots[1]


def hand_over(stage: Stage) -> tuple[subprocess.Popen[str], int]:
    engine = stage.child("engine", str(stage.folder))
    assert engine.stdout is not None
    return engine, int(engine.stdout.readline())


def test_an_engine_killed_in_mid_fade_costs_no_frame(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    engine, start = hand_over(stage)
    heard: list[tuple[int, int, int]] = []
    for at, data in stage.ear.listen(11.5):
        heard.append((at, *fine(data)))
        if heard[-1][2] > 20000:
            engine.send_signal(signal.SIGKILL)
    assert engine.wait() == -signal.SIGKILL

    first = -((stage.grid - start) * 40 // SECOND)  # the first frame at or after the start
    instants = [stage.grid + (first + k) * SECOND // 40 for k in range(401)]
    fade = list(dict.fromkeys(level(at, start) for at in instants if level(at, start) > 0))
    sequences = [sequence for _, sequence, _ in heard]
    levels = [value for _, _, value in heard]
    begin = levels.index(fade[0])
    assert levels[begin : begin + len(fade)] == fade  # every frame once, in order, with the level of its instant
    assert all((b - a) % 256 == 1 for a, b in itertools.pairwise(sequences))

    stats = ask(stage.socket).counts
    assert (stats.dropped, stats.render_errors) == (0, 0)
    gaps = [b[0] - a[0] for a, b in itertools.pairwise(heard[begin : begin + len(fade)])]
    stage.child("bare", str(stage.sacn_port), "2")
    bare: list[int] = []
    for at, data in stage.ear.listen(30):  # however long it takes to come up
        bare += [] if any(data) else [at]
        if bare and at - bare[0] > 1.8 * SECOND:
            break
    widest = max(b - a for a, b in itertools.pairwise(bare))
    with capsys.disabled():
        print(  # noqa: T201
            f"\n  engine killed in mid-fade: {len(fade)} frames, widest interval {max(gaps) / 1e6:.2f} ms "
            f"(a bare sender's: {widest / 1e6:.2f}), late p99 {stats.late_p99_us} us, real time {bool(stats.realtime)}"
        )


def test_what_was_said_ahead_lands_at_its_instant_and_not_with_the_next_frame(stage: Stage) -> None:
    client = WireClient(stage.socket, b"a journal's name", fingerprint(STAGE), 0)  # show time is CLOCK_MONOTONIC
    client.load(Plan(), 0)
    while not client.connected:
        client.service(time.monotonic_ns())
        time.sleep(0.01)
    frame, wall = SECOND // 40, time.time_ns() - time.monotonic_ns()
    first = (time.monotonic_ns() - stage.grid) // frame + 12
    instants = [stage.grid + (first + 8 * n) * frame + frame // 3 for n in range(8)]  # a third into a frame, at rest before
    for n, instant in enumerate(instants):
        client.accept(n + 1, instant, change(instant, row(n + 1, 0, (n + 1) * 5000, instant)))
    client.service(time.monotonic_ns())
    came: dict[int, int] = {}
    for at, data in stage.ear.listen((instants[-1] - time.monotonic_ns()) / SECOND + 0.2):
        came.setdefault(fine(data)[1], at - wall)
    client.close()
    late = [came[(n + 1) * 5000] - instant for n, instant in enumerate(instants)]
    assert min(late) > 0
    assert sum(each < frame // 2 for each in late) > len(late) // 2, late  # the next frame would come two thirds of one later


def test_the_sacn_package_hears_the_fade(stage: Stage) -> None:
    receiver = foreign.sACNreceiver(bind_address=REFEREE, bind_port=stage.sacn_port)
    heard: list[foreign.DataPacket] = []
    receiver.register_listener("universe", heard.append, universe=1)
    receiver.start()
    try:
        hand_over(stage)
        list(stage.ear.listen(1.5))
    finally:
        receiver.stop()

    values = [packet.dmxData[0] << 8 | packet.dmxData[1] for packet in heard]
    assert len(values) > 30
    assert values == sorted(values)
    assert {(p.universe, p.priority, p.sourceName) for p in heard} == {(1, 100, "Live stage (showctl)")}


@pytest.mark.parametrize("ask_for_it", ["signal", "message"])
def test_the_end_is_the_exit_look_and_three_terminations(stage: Stage, ask_for_it: str) -> None:
    hand_over(stage)
    list(stage.ear.listen(0.8))
    if ask_for_it == "signal":
        stage.wire.send_signal(signal.SIGTERM)
    else:
        say(stage.socket, Kind.END)
    packets = [sacn.decode(data) for _, data in stage.ear.listen(1.6)]
    _, err = stage.wire.communicate(timeout=5)

    assert stage.wire.returncode == 0, err
    last = [(p.terminated, p.slots[:2]) for p in packets if isinstance(p, sacn.DataPacket)][-4:]
    assert last == [(False, b"\x80\0"), (True, b"\x80\0"), (True, b"\x80\0"), (True, b"\x80\0")]
    assert not stage.socket.exists()


def test_a_widget_gets_every_frame_and_what_shows_again_after_it_was_unplugged(stage: Stage) -> None:
    def plug() -> tuple[int, int]:
        master, slave = os.openpty()
        (stage.folder / "EN123456").symlink_to(os.ttyname(slave))
        return master, slave

    def frames(master: int, seconds: float) -> list[bytes]:
        deframer, until, found = usbpro.Deframer(), time.monotonic() + seconds, []
        while (left := until - time.monotonic()) > 0 and select.select([master], [], [], left)[0]:
            for frame in deframer.feed(os.read(master, 4096)):
                request = usbpro.decode_request(frame)
                if isinstance(request, usbpro.SendDmx):
                    found.append(request.slots[:2])
                else:
                    assert isinstance(request, usbpro.GetSerial | usbpro.GetParameters)
        return found

    master, slave = plug()
    hand_over(stage)
    before = frames(master, 1.5)
    os.close(slave)
    os.close(master)
    (stage.folder / "EN123456").unlink()
    list(stage.ear.listen(0.3))
    master, slave = plug()
    after = frames(master, 2.0)
    os.close(slave)
    os.close(master)

    assert len(before) > 30
    assert before == sorted(before)
    assert after[0] > before[-1]  # the look as it is, not darkness
    assert len(after) > 30
    (widget,) = ask(stage.socket).widgets
    assert (widget.device, widget.opened) == ("EN123456", 2)


def test_art_net_is_polled_and_dmx_goes_to_its_node(stage: Stage) -> None:
    hand_over(stage)
    packets = [artnet.decode(data) for _, data in stage.artnet_ear.listen(1.0)]

    levels = [p.slots[0] << 8 | p.slots[1] for p in packets if isinstance(p, artnet.Dmx)]
    assert len(levels) > 20
    assert levels == sorted(levels)


def test_the_command_line_loads_a_show_folder_and_answers_with_its_fingerprint(tmp_path: Path) -> None:
    folder = ROOT / "tests" / "shows" / "small"
    words = {"--show": folder, "--socket": tmp_path / "wire", "--state": tmp_path, "--sacn-port": free_port()}
    argv = [sys.executable, "-m", "showctl.runtime.wire", *(str(word) for pair in words.items() for word in pair)]
    with subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.PIPE, text=True) as wire:
        assert wire.stderr is not None
        for _ in range(200):
            with contextlib.suppress(OSError):
                assert ask(tmp_path / "wire").counts.frames >= 0
                break
            assert wire.poll() is None, wire.stderr.read()
            select.select([], [], [], 0.05)
        second = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
        assert (second.returncode, "cannot start" in second.stderr) == (2, True)
        wire.send_signal(signal.SIGTERM)
        assert wire.wait(10) == 0, wire.stderr.read()
    assert len(bytes.fromhex((tmp_path / "cid").read_text())) == 16


def test_a_folder_that_is_no_show_is_left_for_the_engine_to_complain_of(tmp_path: Path) -> None:
    words = ["--show", str(tmp_path), "--socket", str(tmp_path / "wire"), "--state", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, "-m", "showctl.runtime.wire", *words], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )

    assert (run.returncode, run.stderr) == (NO_SHOW, "")
