"""The command line: one file per command, heavy imports inside.

``main`` knows the commands by name and imports a file when its command is used, so that ``showctl check`` of a small show is
done before numpy would have been loaded. Exit codes: 0 fine, 1 ran and found problems, 2 usage or an unreadable show, 3 no
running show to talk to, 130 ctrl-C. With ``--json`` there is one object on stdout and nothing else; the log goes to stderr.
"""

from __future__ import annotations

import io
import logging
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Final

import click

from showctl import __version__
from showctl.cli.say import Trouble

COMMANDS: Final = {
    "demo": "demo:demo",
    "new": "new:new",
    "check": "check:check",
    "run": "run:run",
    "rehearse": "rehearse:rehearse",
    "simulate": "simulate:simulate",
    "room": "room:room",
    "go": "go:go",
    "standby": "standby:standby",
    "load": "load:load",
    "preview": "preview:preview",
    "locate": "locate:locate",
    "back": "back:back",
    "pause": "pause:pause",
    "resume": "resume:resume",
    "stop": "stop:stop",
    "rate": "rate:rate",
    "panic": "panic:panic",
    "evacuate": "evacuate:evacuate",
    "rearm": "rearm:rearm",
    "reset": "reset:reset",
    "reload": "reload:reload",
    "status": "status:status",
    "why": "why:why",
    "explain": "explain:explain",
    "devices": "devices:devices",
    "calibrate": "calibrate:calibrate",
    "monitor": "monitor:monitor",
    "projectors": "projectors:projectors",
    "channel": "channel:channel",
    "identify": "identify:identify",
    "park": "park:park",
    "unpark": "unpark:unpark",
    "out-of-service": "out_of_service:out_of_service",
    "in-service": "in_service:in_service",
    "maintenance": "maintenance:maintenance",
    "mute": "mute:mute",
    "unmute": "unmute:unmute",
    "people": "people:people",
    "rdm": "rdm:rdm",
    "patch": "patch:patch",
    "labels": "labels:labels",
    "ip-plan": "ip_plan:ip_plan",
    "schedule": "schedule:schedule",
    "show": "show:show",
    "sheet": "sheet:sheet",
    "cue": "cue:cue",
    "fixture": "fixture:fixture",
    "hits": "hits:hits",
    "tap": "tap:tap",
    "diff": "diff:diff",
    "import": "import_:import_",
    "schema": "schema:schema",
    "log": "log:log",
    "record": "record:record",
    "journal": "journal:journal",
    "replay": "replay:replay",
    "doctor": "doctor:doctor",
}
"""Command -> file and function, in the order of the help page."""
CTRL_C: Final = 130
HIDDEN: Final = {"_engine": "engine:engine", "_front": "front:front"}


class Commands(click.Group):
    """Commands that are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        where = COMMANDS.get(cmd_name) or HIDDEN.get(cmd_name)
        if where is None:
            return None
        module, _, name = where.partition(":")
        found: click.Command = getattr(import_module(f"showctl.cli.{module}"), name)
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; a name that is almost one of ours is answered with that."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = get_close_matches(args[0], COMMANDS, 1, 0.7)
            hint = f"did you mean {near[0]}?" if near else "showctl -h lists them"
            ctx.fail(f"there is no command {args[0]!r}: {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command. A file that cannot be read or written is a sentence and exit 2, never a traceback; ctrl-C is 130."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(CTRL_C)
        except BrokenPipeError:  # click's own business: `showctl log | head`
            raise
        except OSError as error:
            if ctx.params.get("verbose", 0) > 1:
                raise
            where = f"{error.filename}: " if error.filename is not None else ""
            raise Trouble(f"{where}{error.strerror or error}") from error


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "--version", prog_name="showctl")
@click.option("-v", "--verbose", count=True, help="Say more on stderr; twice: everything.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")
def main(verbose: int, quiet: bool) -> None:
    """Show control: cues, light, sound, film and machines, simulated down to the byte."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal that knows no Chinese is told the letters' numbers
            stream.reconfigure(errors="backslashreplace")
    level = logging.ERROR if quiet else (logging.WARNING, logging.INFO, logging.DEBUG)[min(verbose, 2)]
    logging.basicConfig(level=level, format="%(levelname)s %(message)s", stream=sys.stderr)
