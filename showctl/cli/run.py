"""``showctl run``: a show on the real rig, or, with ``--simulate``, on the simulated venue over real sockets.

This process becomes the supervisor (``runtime.supervisor``): it loads nothing of the show, so that it has nothing to fail at.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import click

from showctl.cli.holders import holders
from showctl.cli.house import Ended, House, console_port, ending_in_order, free_port, simulated, state_of, wait_until_answers
from showctl.cli.reading import read
from showctl.cli.say import Trouble, show_folder
from showctl.cli.variant import require_variant_in

log = logging.getLogger(__name__)

_PORT = click.IntRange(1, 65535)


@click.command()
@show_folder
@click.option("--simulate", is_flag=True, help="Start the simulated venue, too, and a message broker where none listens.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Of the console; 0: any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the console listens.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="A name or address by which tablets reach the console.")
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), help="Journals and what must outlive a restart.")
@click.option("--interface", default="127.0.0.1", show_default=True, help="Name or address of the interface to the rig.")
@click.option("--broker", metavar="HOST:PORT", help="The message broker, whatever the show says.")
@click.option("--osc-port", type=_PORT, help="Control over OSC.")
@click.option("--psn-port", type=_PORT, help="Tracking.")
@click.option("--sacn-port", type=_PORT, help="Default 5568.")
@click.option("--artnet-port", type=_PORT, help="Default 6454.")
@click.option("--serial-dir", type=click.Path(path_type=Path, file_okay=False), help="Where USB widgets are found.")
@click.option("--preview", is_flag=True, help="sACN as preview data, for visualisers; no hazards, no Art-Net, no USB.")
@click.option("--venue-port", type=_PORT, help="Where the simulated venue answers.")
@click.option("--retention", metavar="audit=DAYS,...", help="How long journals are kept (see `showctl journal prune -h`).")
@click.option("--variant", metavar="NAME", help="Play this variant of the show (house_rules.yaml).")
@click.option("--no-schedule", is_flag=True, help="Nothing begins by the clock.")
@click.option("--leashed", is_flag=True, hidden=True, help="Everything ends when this process is gone, the light as well.")
@click.pass_context
def run(
    ctx: click.Context,
    folder: Path,
    simulate: bool,
    port: int,
    host: str,
    names: tuple[str, ...],
    state: Path | None,
    interface: str,
    broker: str | None,
    osc_port: int | None,
    psn_port: int | None,
    sacn_port: int | None,
    artnet_port: int | None,
    serial_dir: Path | None,
    preview: bool,
    venue_port: int | None,
    retention: str | None,
    variant: str | None,
    no_schedule: bool,
    leashed: bool,
) -> None:
    """Run SHOW until ctrl-C; then the light goes to its exit look and the streams end."""
    from showctl.runtime.leash import leashed as on_leash
    from showctl.runtime.left_behind import console_left, end, engines_left
    from showctl.runtime.supervisor import supervise

    folder = folder.resolve()
    if not (folder / "show.yaml").is_file():
        raise Trouble(f"{folder} is no show: it has no show.yaml")
    state = (state or state_of(folder)).resolve()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_here(host)
    _require_known(host, state)
    _require_ours(interface)
    _require_meant(retention)
    _require_address(broker)
    if variant is not None:
        require_variant_in(folder, variant)
    ctx.with_resource(_alone(folder, state))
    end(console_left(state), signal.SIGTERM)  # only now can it be known whether the port is free
    _require_free(host, port)
    port = port or console_port(host)
    if simulate:
        broker = broker or _broker_of(folder)
        serial_dir = serial_dir or state / "serial"
        venue_port = venue_port or free_port()
        if venue_port in (port, port + 1):
            raise Trouble(f"--venue-port {venue_port} is the console's: it has {port}, and {port + 1} for panic")
    house = House(
        folder, state, host, port, interface, broker, osc_port, psn_port, sacn_port, artnet_port, serial_dir,
        venue_port if simulate else None, names=names, retention=retention, preview=preview, schedule=not no_schedule,
        variant=variant,
    )  # fmt: skip
    threading.Thread(target=_announce, args=(house,), daemon=True).start()
    programs = (house.engine(), house.wire(), house.understudy(), house.front())
    engine, wire, understudy, front = map(on_leash, programs) if leashed else programs
    code = 0
    with _door(house), contextlib.suppress(Ended), ending_in_order(), simulated(house) if simulate else contextlib.nullcontext():
        if left := engines_left(state):
            log.warning("Whoever looked after this show was killed; the run of its engine (process %d) is taken up.", left[-1])
            end(left, signal.SIGKILL)  # asked to stop, it would end the show
        code = supervise(engine, wire, house.wire_socket, understudy, front)
    ctx.exit(code)


@contextlib.contextmanager
def _alone(folder: Path, state: Path) -> Iterator[None]:
    """Nobody else runs this show while the block does. ``Trouble`` where somebody does."""
    from showctl.runtime.left_behind import AlreadyRunError, alone

    try:
        with alone(state):
            yield
    except AlreadyRunError as error:
        raise Trouble(
            f"{folder.name}: {error}; `showctl status` says how it is. To run it once more, beside itself: "
            "--state FOLDER and --port N of its own"
        ) from None


@contextlib.contextmanager
def _door(house: House) -> Iterator[None]:
    """The way of panic past an engine that hangs, while the block runs. A port that is taken is said, and the show runs."""
    from showctl.runtime.panic_door import PanicDoor

    try:
        door = PanicDoor(house.host, house.port, house.names, house.wire_socket, house.state)
    except OSError as error:
        log.warning("Port %d cannot be used (%s): panic reaches the light by the engine only.", house.port + 1, error.strerror)
        yield
        return
    try:
        yield
    finally:
        door.close()


def _announce(house: House) -> None:
    if wait_until_answers(f"{house.url}/api/status", 60):
        others = ", ".join(f"http://{name}:{house.port}" for name in house.names)
        click.echo(f"The console is at {house.url}{f', for others at {others}' if others else ''}")
        if house.venue:
            click.echo(f"The simulated venue answers at {house.venue}/state")
        sys.stdout.flush()


def _broker_of(folder: Path) -> str | None:
    """Where the show's own broker should listen; None where it has none. A show with errors is refused here."""
    brokers = [device for device in read(folder).devices if device.kind.name == "broker"]
    return f"{brokers[0].host}:{brokers[0].port}" if brokers else None


def _require_meant(retention: str | None) -> None:
    """Said here, before anything runs: the words are meant for the engine, which is started again and again."""
    if retention is not None:
        from showctl.cli.journal import rules_of

        rules_of(retention)


def _require_address(broker: str | None) -> None:
    host, _, port = (broker or "localhost:1883").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Trouble(f"--broker {broker}: write it as HOST:PORT, 127.0.0.1:1883 for instance")


def _require_known(host: str, state: Path) -> None:
    """Who can reach the console from elsewhere must be asked who they are."""
    from showctl.runtime.people import People

    if host.lower() == "localhost" or _is_loopback(host):
        return
    try:
        known = People(state).known()
    except ValueError as error:
        raise Trouble(str(error)) from None
    if not known:
        raise Trouble(
            f"--host {host} lets others reach the console, and nobody has a PIN: anybody could press GO. "
            f"First: showctl people add NAME --role operator --state {state}"
        )


def _is_loopback(host: str) -> bool:
    """A name that only looks like an address is none: whose it is, somebody else says."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _require_here(host: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            raise Trouble(f"--host {host} is no address of this machine") from None


def _require_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            who = holders(socket.SOCK_STREAM, port)
            why = f"{error.strerror}: {', '.join(who)}" if who else error.strerror
            raise Trouble(f"the console cannot listen at {host}:{port} ({why}): give another --port") from None


def _require_ours(interface: str) -> None:
    """Light cannot leave by an interface that is not there: better said now than in the dark.

    One with a name may come later (a machine that starts before its network does): it is waited for.
    """
    from showctl.runtime.wire.interfaces import find, names

    if find(interface) is not None:
        return
    there = f"there is {', '.join(names())}"
    if ":" in interface or interface.replace(".", "").isdigit():
        raise Trouble(f"--interface {interface} is no address of this machine; {there}")
    click.echo(f"showctl: --interface {interface} is not there yet ({there}): no light leaves until it is", err=True)
