"""``showctl simulate``: the simulated venue alone, for any desk to drive."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import click

from showctl.cli.say import Trouble

_START = """\
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)  # ctrl-C while it is being imported is no news
from simulators.__main__ import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main(prog_name='showctl simulate')
"""


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="SHOW [OPTIONS]...")
def simulate(arguments: tuple[str, ...]) -> None:
    """Run the simulated venue of SHOW: nodes, players, projectors, doors and guests, for any desk to drive.

    -h lists its options.
    """
    if find_spec("simulators") is None:
        raise Trouble("no simulated venue is installed: the package `simulators` is missing")
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-c", _START, *arguments])
