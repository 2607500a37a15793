"""``showctl _engine``: the engine process. The supervisor starts it, and starts it again when it dies.

The show (``runtime.live``) and its console (``console.server``) share one event loop. The show is made known to commands once it
answers. Exit codes as the supervisor reads them: 0 asked to end, 2 this show or this port will not do. With ``--understudy`` it
imports and reads everything, and becomes an engine by a fork whenever one is needed (``runtime.understudy``).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showctl.cli import running
from showctl.cli.say import USAGE

if TYPE_CHECKING:
    from showctl.runtime.revisions import LiveOptions, Revisions

log = logging.getLogger(__name__)

LOOKS_EVERY = 1.0
"""Seconds between looks of an understudy at what runs."""
PATIENCE = 4.0
"""Seconds that devices may take to be let go of; the supervisor waits a little longer."""


@click.command(hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--state", type=click.Path(path_type=Path), required=True)
@click.option("--wire-socket", type=click.Path(path_type=Path), required=True)
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, help="Of pages; none given: they are served by a process of their own.")
@click.option("--url", default="", help="Where that is.")
@click.option("--interface", default="127.0.0.1")
@click.option("--broker")
@click.option("--osc-port", type=int)
@click.option("--psn-port", type=int)
@click.option("--retention", default="")
@click.option("--no-schedule", is_flag=True)
@click.option("--variant", default="")
@click.option("--serial-dir", type=click.Path(path_type=Path))
@click.option("--venue", default="")
@click.option("--name", "names", multiple=True)
@click.option("--understudy", is_flag=True)
@click.pass_context
def engine(
    ctx: click.Context,
    folder: Path,
    state: Path,
    wire_socket: Path,
    host: str,
    port: int | None,
    url: str,
    interface: str,
    broker: str | None,
    osc_port: int | None,
    psn_port: int | None,
    retention: str,
    no_schedule: bool,
    variant: str,
    serial_dir: Path | None,
    venue: str,
    names: tuple[str, ...],
    understudy: bool,
) -> None:
    """Run FOLDER and its console until asked to end."""
    from showctl.runtime.revisions import LiveOptions

    options = LiveOptions(
        wire_socket,
        _address_of(interface),
        broker,
        osc_port,
        psn_port,
        retention,
        not no_schedule,
        serial_dir,
        bool(venue),
        variant,
    )
    folder, state = folder.resolve(), state.resolve()
    state.mkdir(parents=True, exist_ok=True)
    revisions = _wait_in_the_wings(folder, state, options) if understudy else None
    ctx.exit(asyncio.run(_run(folder, state, options, host, port, names, url, venue, revisions)))


def _address_of(interface: str) -> str:
    """The address of an interface that is given by its name; loopback while it is not there: control must not wait for it."""
    from showctl.runtime.wire.interfaces import find

    link = find(interface)
    return interface if "." in interface else "127.0.0.1" if link is None else link.address


def _wait_in_the_wings(folder: Path, state: Path, options: LiveOptions) -> Revisions:
    """Everything is imported and the show that runs is read; returns in each engine that is needed (``runtime.understudy``).

    A show that is reloaded meanwhile is read, too: nobody tells us, so we look each second.
    """
    import uvicorn.lifespan.off
    import uvicorn.protocols.http.h11_impl
    import uvicorn.protocols.websockets.websockets_sansio_impl  # noqa: F401 - so that these are there

    import showctl.console.server  # noqa: F401
    from showctl.runtime.live import Live  # noqa: F401
    from showctl.runtime.prompt import hurry, take_time
    from showctl.runtime.revisions import Revisions
    from showctl.runtime.understudy import stand_by

    revisions, stamp = Revisions(folder, state, options), -1

    def prepare() -> None:
        nonlocal stamp
        first = stamp == -1
        if stamp == (stamp := revisions.stamp()):
            return
        take_time()
        with contextlib.suppress(ValueError):  # what is wrong with a show is for the engine to say: once is enough
            (revisions.latest if first else revisions.running)()
        gc.collect()
        gc.freeze()
        hurry()

    stand_by(prepare, LOOKS_EVERY)
    return revisions


async def _run(
    folder: Path,
    state: Path,
    options: LiveOptions,
    host: str,
    port: int | None,
    names: tuple[str, ...],
    url: str,
    venue: str,
    revisions: Revisions | None,
) -> int:
    from showctl.console.access import Access
    from showctl.console.server import Console
    from showctl.runtime.live import Live
    from showctl.runtime.prompt import prompt

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        live = Live(folder, state, options, revisions)
    except ValueError as error:
        click.echo(f"showctl: {folder} cannot be run:\n{error}", err=True)
        return USAGE
    path = running.socket_path(state, "console")
    console = Console(live.desk, host=host, port=port, names=names, path=path, access=Access(state), place=(folder, state))
    await live.start()
    try:
        await console.start()
    except OSError as error:
        click.echo(
            f"showctl: the console cannot listen at {host}:{port} ({error.strerror or error}): give another --port", err=True
        )
        await _stop(live.stop())
        return USAGE
    me = running.here(live.show.name, folder, url or console.url, path, state, venue, options.interface)
    known = running.register(me)
    prompt()
    log.info("%s is running; its console is at %s.", live.show.name, url or console.url)
    await ended.wait()
    running.forget(known)
    await _stop(console.stop())
    await _stop(live.stop())
    return 0


async def _stop(stopping: object) -> None:
    """Lets something end, but not for ever: the light is not here, and the supervisor will not wait longer."""
    try:
        async with asyncio.timeout(PATIENCE):
            await stopping  # type: ignore[misc]
    except TimeoutError:
        log.warning("Something does not let go within %.0f s and is left.", PATIENCE)
        sys.stderr.flush()
