"""``showctl _front``: the console's process, which the supervisor starts beside the engine (hidden)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click


@click.command(hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--state", type=click.Path(path_type=Path), required=True)
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, required=True)
@click.option("--name", "names", multiple=True)
@click.option("--venue", default="")
@click.pass_context
def front(ctx: click.Context, folder: Path, state: Path, host: str, port: int, names: tuple[str, ...], venue: str) -> None:
    """Serve the pages of the show in FOLDER."""
    from showctl.cli.running import socket_path
    from showctl.console.front import serve

    ctx.exit(asyncio.run(serve(folder, state, socket_path(state, "console"), host, port, names, venue)))
