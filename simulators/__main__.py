"""``python -m simulators FOLDER``: the simulated venue of a show, on real sockets, for any desk to drive.

It prints where its serial ports are (``serial NUMBER PATH``) and where it can be seen (``ready URL``), one line each, and runs
until it is ended. With ``--fault``, ``--script`` or ``--prompt`` things break in it (``prompt.py``). Exit: 0 ended by Ctrl-C,
SIGTERM or ``quit``, 1 a socket it needs is taken, 2 usage or a show that cannot be read.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import tempfile
from pathlib import Path

import click

from simulators.dmx_artnet import ARTNET_PORT
from simulators.dmx_sacn import SACN_PORT
from simulators.dmx_usbpro import UsbProWidget
from simulators.http import bound, serve
from simulators.live import LOOPBACK, LiveVenue, is_ours
from simulators.live_mqtt import RealBroker
from simulators.live_serial import SerialPorts
from simulators.prompt import Line, converse, lines_of, parse_line, play, try_out
from simulators.venue import SimulatedVenue, UnreadableShow, read_show

HTTP_PORT = 8090  # 8080 is the console's, 8081 panic's
_PORT = click.IntRange(1, 65535)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--http-port",
    type=click.IntRange(0, 65535),
    default=HTTP_PORT,
    show_default=True,
    help="Where it can be seen; 0: any free one.",
)
@click.option("--broker", metavar="HOST:PORT", help="A running MQTT broker for doors and buttons. [default: the show's]")
@click.option("--serial-dir", type=click.Path(path_type=Path), help="Where serial ports appear. [default: a new directory]")
@click.option("--sacn-port", type=_PORT, default=SACN_PORT, show_default=True)
@click.option("--artnet-port", type=_PORT, default=ARTNET_PORT, show_default=True)
@click.option("--interface", default=LOOPBACK, show_default=True, help="This machine's address: multicast and broadcasts there.")
@click.option("--seed", type=int, default=0, show_default=True, help="For what is left to chance.")
@click.option("--fault", "faults", multiple=True, metavar="WORDS", help="Breaks something: 'at 10s: sound power lost for 5s'.")
@click.option("--script", metavar="NAME", help="Plays what people and the world do in that rehearsal of the show.")
@click.option("--prompt", is_flag=True, help="Reads lines from the terminal: fault, set, press, guests, look, state, quit.")
def main(
    folder: Path,
    http_port: int,
    broker: str | None,
    serial_dir: Path | None,
    sacn_port: int,
    artnet_port: int,
    interface: str,
    seed: int,
    faults: tuple[str, ...],
    script: str | None,
    prompt: bool,
) -> None:
    """Runs the simulated venue of the show in FOLDER."""
    logging.basicConfig(format="%(levelname)s %(message)s", level=logging.WARNING)
    try:
        show = read_show(folder)
        lines = [parse_line(words) for words in faults]
        if lines:
            try_out(SimulatedVenue(show, seed), lines)
        lines += lines_of(folder, script) if script else []
    except (UnreadableShow, ValueError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    if not is_ours(interface):
        raise click.BadParameter(f"{interface} is no address of this machine", param_hint="--interface")
    declared = next((device for device in show.devices if device.kind.name == "broker"), None)
    real = None
    if broker is not None:
        host, colon, port = broker.rpartition(":")
        if not colon or not port.isdigit():
            raise click.BadParameter("write it as HOST:PORT", param_hint="--broker")
        real = RealBroker(host, int(port))
    elif declared is not None:
        real = RealBroker(declared.host, declared.port or declared.kind.port)
    venue = SimulatedVenue(show, seed, sacn_port, artnet_port, mqtt=real)
    with tempfile.TemporaryDirectory(prefix="showctl-venue-") as fresh:
        live = LiveVenue(venue, SerialPorts(serial_dir or Path(fresh)), real, interface)
        sys.exit(asyncio.run(_run(live, http_port, lines, prompt)))


async def _run(live: LiveVenue, http_port: int, lines: list[Line], prompt: bool) -> int:
    try:
        opened = bound(http_port)
    except OSError as error:
        click.echo(f"port {http_port} on 127.0.0.1: {error.strerror}; choose another with --http-port", err=True)
        return 1
    try:
        complaints = await live.open()
        for complaint in complaints:
            click.echo(complaint, err=True)
        if complaints:
            return 1
        opened.listen(100)
        _announce(live, opened.getsockname()[1])
        acting = asyncio.create_task(play(live, lines))
        talking = asyncio.create_task(converse(live)) if prompt else None
        await _until_ended(asyncio.create_task(serve(live, opened)), *([talking] if talking is not None else []))
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)
        return 0
    finally:
        await live.close()
        opened.close()


def _announce(live: LiveVenue, port: int) -> None:
    assert live.serial is not None
    for device in live.venue.devices.values():
        if isinstance(device, UsbProWidget):
            name = device.endpoints[0].name
            click.echo(f"serial {name} {live.serial.path_of(name)}")
    click.echo(f"ready http://127.0.0.1:{port}/")
    sys.stdout.flush()


async def _until_ended(*servers: asyncio.Task[None]) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    waiting = asyncio.create_task(ended.wait())
    await asyncio.wait((waiting, *servers), return_when=asyncio.FIRST_COMPLETED)
    for task in (waiting, *servers):
        task.cancel()
    await asyncio.gather(waiting, *servers, return_exceptions=True)


if __name__ == "__main__":
    main()
