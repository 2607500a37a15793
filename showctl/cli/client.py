"""A small client: how commands find a running show, ask it for something, and read what it says."""

from __future__ import annotations

import getpass
import http.client
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click

from showctl.cli.running import Running, running_shows
from showctl.cli.say import NoShow, Refused, Trouble, say, say_json
from showctl.runtime.unix_http import UnixConnection

PATIENCE: Final = 5.0
LONG_PATIENCE: Final = 60.0
MOST_NAMED: Final = 5
"""Runs that are over, of which somebody may mean one."""

at_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--at", metavar="SOCKET|URL", default="", envvar="SHOWCTL_AT", help="Which running show; none given: the only one."
)


name_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--name", metavar="NAME", default=lambda: user(), envvar="SHOWCTL_NAME", show_default=False,
    help="Who you are, as others will read it (your login).",
)  # fmt: skip


class Client:
    """Speaks HTTP to one running show."""

    def __init__(self, at: str) -> None:
        self.at = at
        """A URL, or the path of a Unix socket."""

    def get(self, path: str) -> dict[str, Any]:
        return self._answer("GET", path, None)

    def ask(self, request: str, surface: str = "cli", **fields: object) -> dict[str, Any]:
        """Asks for ``request`` as a person at a command line. ``Refused`` where the show says no."""
        origin = {"surface": surface, "person": fields.pop("person", user())}
        body = {"request": request, "origin": origin} | {name: value for name, value in fields.items() if value is not None}
        answer = self._answer("POST", "/api/ask", json.dumps(body).encode())
        if answer.get("refused"):
            raise Refused(f"refused: {answer['refused']}")
        return answer

    def reload(self, revision: str = "") -> dict[str, Any]:
        """What was saved since; that ``revision`` of it runs then. A long show takes its time to read."""
        return self._answer("POST", "/api/reload", json.dumps({"revision": revision}).encode(), LONG_PATIENCE)

    def post(self, path: str, body: bytes, patience: float) -> dict[str, Any]:
        """What is answered to JSON sent to ``path``, which may take its time."""
        return self._answer("POST", path, body, patience)

    def _answer(self, method: str, path: str, body: bytes | None, patience: float = PATIENCE) -> dict[str, Any]:
        try:
            with closing(self._connection(patience)) as connection:
                connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
                response = connection.getresponse()
                data = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoShow(f"no running show answers at {self.at}: {error}") from None
        try:
            found = json.loads(data)
            assert isinstance(found, dict)
        except (ValueError, AssertionError):
            raise NoShow(f"what answers at {self.at} is no running show") from None
        if response.status != 200:
            raise Trouble(str(found.get("error", f"the show answered with {response.status}")))
        return found

    def _connection(self, patience: float) -> http.client.HTTPConnection:
        if "://" not in self.at:
            return UnixConnection(self.at, patience)
        parts = urlsplit(self.at)
        if parts.scheme != "http" or not parts.hostname:
            raise Trouble(f"{self.at} is neither the path of a socket nor an http:// address")
        return http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=patience)


def find(at: str) -> Client:
    """The running show that ``--at`` means, or the only one there is."""
    return Client(at or running_show().socket)


def running_show(at: str = "") -> Running:
    """The only running show (or the one at ``at``) as the registry knows it."""
    shows = [item for item in running_shows() if at in ("", item.url, item.socket)]
    if not shows:
        raise NoShow("no show is running here: start one with `showctl run SHOW` or `showctl demo`")
    if len(shows) > 1:
        each = "\n".join(f"  --at {item.url}   {item.show} ({item.folder})" for item in shows)
        raise Trouble(f"{len(shows)} shows are running; say which one:\n{each}")
    return shows[0]


def split_cue(cue: str) -> tuple[str, str]:
    """``house/5`` -> list and label; ``30`` -> "" (the main list) and label."""
    name, slash, label = cue.partition("/")
    return (name, label) if slash else ("", cue)


def report(answer: dict[str, Any], words: str, as_json: bool) -> None:
    """Says what became of a request: ``words``, and what started and stands by, where that is known."""
    if as_json:
        say_json(answer)
        return
    say(words)
    if answer.get("started"):
        say(f"started {_cue(answer['started'])}")
    if answer.get("standby"):
        say(f"standing by {_cue(answer['standby'])}")


def state_folder(at: str) -> Path:
    """The state folder of a running show; where none runs, that of the show in this folder.

    ``NoShow`` where there is neither; it names the runs of this machine that are over, the newest first.
    """
    from showctl.cli.house import state_home, state_of

    try:
        return Path(running_show(at).state)
    except NoShow as error:
        here = state_of(Path())
        if not at and Path("show.yaml").is_file() and here.is_dir():
            return here
        over = sorted(state_home().glob("*/journal-*.db"), key=lambda path: path.name, reverse=True)
        folders = list(dict.fromkeys(path.parent for path in over))[:MOST_NAMED]
        if at or not folders:
            raise
        words = "".join(f"\n  {folder}" for folder in folders)
        raise NoShow(f"{error.message}; of runs that are over, name the state folder:{words}") from None


def _cue(cue: dict[str, str]) -> str:
    return f"{cue['list']}/{cue['cue']}"


def user() -> str:
    """Who is logged in here; "" where nobody knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
