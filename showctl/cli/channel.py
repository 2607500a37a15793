"""``showctl channel check``: light one thing after another, in one command at a time or with single keys."""

from __future__ import annotations

import sys
from typing import Final

import click

from showctl.cli.client import Client, at_option, find, name_option
from showctl.cli.say import NoShow, Trouble, as_json, colored, say, say_json

_KEYS: Final = {
    "space": "next", "right": "next", "enter": "next", "n": "next", "left": "last", "p": "last", "backspace": "last",
    "up": "+10", "down": "-10", "page up": "+1", "page down": "-1", "+": "+10", "-": "-10", "f": "full", "o": "out",
    "u": "by universe", "i": "by fixture", "c": "by cell", "y": "by parameter", "h": "highlight", "l": "highlight off",
}  # fmt: skip
HELP: Final = (
    "space next   left last   up/down 10 %   f full   o out   h highlight, l off\n"
    "y c i u: by parameter, cell, fixture, universe   ? this   q off and away\n"
    "a number, or / and a name, then enter: what to check (`1 thru 12 at 50`)"
)
_ENDS: Final = ("q", "escape", "ctrl-c", "ctrl-d")


@click.group()
def channel() -> None:
    """Try lights one by one."""


@channel.command(context_settings={"ignore_unknown_options": True})
@click.argument("words", nargs=-1, metavar="[LIGHTS [at LEVEL] [by parameter] [highlight] | next | last | off]")
@name_option
@at_option
@as_json
def check(words: tuple[str, ...], name: str, at: str, as_json: bool) -> None:
    """Light one thing after another, over whatever plays. Without words, on a terminal: by single keys.

    \b
    showctl channel check 1 thru 12 at 50    then: next, last, at 20, full, +10, highlight, off
    showctl channel check tuyeres odd        a group; also a node, a zone, a type, sacn/1, sacn/1.9 thru 24, all
    showctl channel check head_3 by parameter
    showctl channel check                    keys: space is next
    """
    client = find(at)
    if not words and not as_json and sys.stdin.isatty():
        _walk(client, name)
        return
    answer = client.ask("ChannelCheck", person=name, words=" ".join(words))
    say_json(answer) if as_json else say(answer["words"])


def _walk(client: Client, name: str) -> None:
    """Keys until the end. What is checked is given back, also when the terminal goes."""
    from showctl.cli.keys import keyboard, read_key

    typed: str | None = None
    with keyboard():
        say(HELP)
        lit = _asked(client, name, "")
        try:
            while True:
                key = read_key() or ""
                words = ""
                if typed is None:
                    if key in _ENDS:
                        return
                    if key in ("/", ":") or key.isdigit():
                        typed = key if key.isdigit() else ""
                    elif key == "?":
                        say("\n" + HELP)
                    else:
                        words = _KEYS.get(key, "")
                elif key == "enter":
                    words, typed = typed.strip(), None
                elif key in ("escape", "ctrl-c", "ctrl-d"):
                    typed = None
                elif key == "backspace":
                    typed = typed[:-1] if typed else None
                elif key == "space" or (len(key) == 1 and key.isprintable()):
                    typed += " " if key == "space" else key
                if words:
                    lit = (_asked(client, name, words) or lit) and words != "off"
                _line("" if typed is None else f"> {typed}")
        finally:
            if lit:
                _asked(client, name, "off")
            say()


def _asked(client: Client, name: str, words: str) -> bool:
    """Asks, and says what is lit; whether it was done. A link that fails is said, and the next key tries again."""
    try:
        said = client.ask("ChannelCheck", person=name, words=words)["words"]
    except NoShow:
        _line(colored("not connected: the show does not answer; the light stays as it was", "red"), end=True)
        return False
    except Trouble as refused:
        if words:
            _line(colored(refused.format_message().removeprefix("refused: "), "yellow"), end=True)
        return False
    _line(said, end=True)
    return True


def _line(words: str, end: bool = False) -> None:
    """``words`` in place of the line that the cursor is in."""
    click.echo(f"\r\x1b[K{words}", nl=end)
