"""``showctl monitor sacn|artnet``: who sends what on the lighting network, as a live view or as JSON. ``osc``, ``mqtt``: lines.

It listens as a receiver does, on sockets of its own. What a show on this machine sends by unicast nobody else can hear: that is
asked of the show. Art-Net allows one socket a machine that works, so beside a running show its ears are asked.
"""

from __future__ import annotations

import contextlib
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from showctl.cli.client import at_option, running_show
from showctl.cli.say import Trouble, as_json, say, say_json
from showctl.protocols.errors import printable

if TYPE_CHECKING:
    from showctl.cli.monitor_words import Shown
    from showctl.cli.running import Running
    from showctl.runtime.wire.interfaces import Interface

FIRST_LOOK: Final = 2.0
"""Seconds until the first picture: a receiver samples for 1.5."""
REFRESH: Final = 0.25
_BURST: Final = 512

_PORT = click.IntRange(1, 65535)
_interface = click.option("--interface", default="", help="Name or address; none given: the running show's, else loopback.")
_universes = click.option(
    "--universe", "-u", "universes", default="", metavar="1-8,20", help="Which ones; all slots of a single one."
)
_seconds = click.option("--seconds", type=click.FloatRange(0.1, 86400), help="Listen so long, print once, and end.")


@click.group()
def monitor() -> None:
    """Watch a wire: universes, sources, levels."""


@monitor.command()
@_universes
@_interface
@click.option("--port", type=_PORT, default=5568, show_default=True)
@click.option("--ipv6", is_flag=True, help="Over IPv6, too.")
@_seconds
@at_option
@as_json
def sacn(universes: str, interface: str, port: int, ipv6: bool, seconds: float | None, at: str, as_json: bool) -> None:
    """Watch sACN: sources by name, CID and address, their priorities, and what their levels merge to."""
    from showctl.cli.monitor_sacn import SacnEyes
    from showctl.runtime.receive.ears import open_ears

    show = _show(at)
    wire = _wire(show)
    link = _link(interface, show)
    chosen = _numbers(universes, 1, 63999)
    eyes = SacnEyes(chosen, wire, time.monotonic_ns(), _where(link))

    def ears() -> list[socket.socket]:
        made = open_ears(eyes.wanted(), link.address, link.index, port, six=ipv6)
        if not made:
            raise Trouble(f"sACN cannot be heard: port {port} is held by another program, or {link.name} takes no more groups")
        return made

    _watch(eyes, ears, seconds, as_json)


@monitor.command()
@_universes
@_interface
@click.option("--port", type=_PORT, default=6454, show_default=True)
@_seconds
@at_option
@as_json
def artnet(universes: str, interface: str, port: int, seconds: float | None, at: str, as_json: bool) -> None:
    """Watch Art-Net: nodes, who sends what, timecode, diagnostics. With -u we are a node that takes these Port-Addresses."""
    from showctl.cli.monitor_artnet import ArtnetEyes, WireEyes
    from showctl.runtime.wire.sockets import open_artnet, open_artnet_ear

    show = _show(at)
    wire = _wire(show)
    chosen = _numbers(universes, 0, 32767)
    if wire is not None:
        _watch(WireEyes(wire, chosen), list, seconds, as_json)
        return
    link = _link(interface, show)

    def ears() -> list[socket.socket]:
        mine = open_artnet(link.address, port, link.index)
        if mine.getsockname()[1] != port:
            mine.close()
            raise Trouble(f"Art-Net cannot be heard: port {port} on {link.address} is held by another program")
        ear = open_artnet_ear(link.broadcast, port)
        return [mine, *([] if ear is None else [ear])]

    _watch(ArtnetEyes(chosen, link.address, (link.broadcast, port), time.monotonic_ns()), ears, seconds, as_json)


@monitor.command()
@click.option("--port", type=_PORT, required=True, help="The UDP port at which it is to come.")
@click.option("--interface", default="", help="Name or address; every interface where none is given.")
@click.option("--seconds", type=click.FloatRange(0.1, 86400), help="Listen so long (without: until ctrl-C).")
@as_json
def osc(port: int, interface: str, seconds: float | None, as_json: bool) -> None:
    """Watch OSC that comes to a UDP port of this machine, a line for each message."""
    from showctl.cli.monitor_lines import watch_osc

    watch_osc(_link(interface, None).address if interface else "0.0.0.0", port, seconds, as_json)


@monitor.command()
@click.argument("topics", nargs=-1, metavar="[TOPIC]...")
@click.option("--broker", default="127.0.0.1:1883", show_default=True, metavar="HOST:PORT")
@click.option("--seconds", type=click.FloatRange(0.1, 86400), help="Listen so long (without: until ctrl-C).")
@as_json
def mqtt(topics: tuple[str, ...], broker: str, seconds: float | None, as_json: bool) -> None:
    """Watch what a broker passes on, a line for each message; TOPIC as in MQTT (furnace/+/state), all where none is named."""
    from showctl.cli.monitor_lines import watch_mqtt

    host, _, port = broker.partition(":")
    if not host or not (port or "1883").isdigit():
        raise click.BadParameter(f"{broker} is no HOST:PORT", param_hint="--broker")
    watch_mqtt(host, int(port or 1883), topics, seconds, as_json)


def _watch(eyes: Shown, open_: Callable[[], list[socket.socket]], seconds: float | None, as_json: bool) -> None:
    """Listens and shows: once after a while, or for as long as somebody looks."""
    live = not as_json and seconds is None and sys.stdout.isatty()
    end = None if live else time.monotonic() + (FIRST_LOOK if seconds is None else seconds)
    ears = open_()
    shown = time.monotonic()
    try:
        with _screen() if live else contextlib.nullcontext():
            while end is None or time.monotonic() < end:
                _listen(ears, eyes, min(shown + REFRESH, end or shown + REFRESH))
                if eyes.wants_more():
                    for sock in ears:
                        sock.close()
                    ears = open_()
                if live and time.monotonic() >= shown + REFRESH:
                    shown = time.monotonic()
                    _draw(eyes, time.monotonic_ns())
                elif not live:
                    shown = time.monotonic()
    finally:
        for sock in ears:
            sock.close()
    if as_json:
        say_json(eyes.seen(time.monotonic_ns()))
    elif not live:
        for line in eyes.lines(time.monotonic_ns()):
            say(printable(line))


def _listen(ears: list[socket.socket], eyes: Shown, until: float) -> None:
    from showctl.runtime.receive.ears import hear

    while (left := until - time.monotonic()) > 0:
        now = time.monotonic_ns()
        for data, to in eyes.wake(now):
            with contextlib.suppress(OSError):
                ears[0].sendto(data, to)
        if not ears:
            time.sleep(left)
            return
        for ear in select.select(ears, [], [], min(left, 0.1))[0]:
            for _ in range(_BURST):
                try:
                    data, source, group = hear(ear)
                except OSError:
                    break
                eyes.received(data, source, time.monotonic_ns(), group)
        if eyes.wants_more(peek=True):
            return


def _draw(eyes: Shown, now: int) -> None:
    width, height = _size()
    lines = eyes.lines(now)
    if len(lines) > height - 1:
        lines = eyes.lines(now, dense=True)
    sys.stdout.write("\x1b[H" + "".join(f"{line}\x1b[K\n" for line in fitted(lines, width, height)) + "\x1b[J")
    sys.stdout.flush()


def fitted(lines: list[str], width: int, height: int) -> list[str]:
    """What of ``lines`` a terminal shows: none is wider than it, and the last one says how many there is no room for."""
    from showctl.cli.monitor_words import cut

    shown = [cut(line, width) for line in lines[: height - 1]]
    if len(lines) > height - 1:
        shown[-1] = cut(f"... {len(lines) - height + 2} lines more: a taller window shows them, -u chooses universes", width)
    return shown


def _size() -> tuple[int, int]:
    import shutil

    found = shutil.get_terminal_size()
    return found.columns, found.lines


@contextlib.contextmanager
def _screen() -> Iterator[None]:
    """The terminal's other screen, so that what stood there comes back at the end."""
    sys.stdout.write("\x1b[?1049h\x1b[?25l")
    try:
        yield
    finally:
        sys.stdout.write("\x1b[?25h\x1b[?1049l")
        sys.stdout.flush()


def _show(at: str) -> Running | None:
    """The running show; None where there is none, or several, and none was asked for."""
    try:
        return running_show(at)
    except Trouble:
        if at:
            raise
        return None


def _wire(show: Running | None) -> Path | None:
    """The wire's socket of the running show."""
    from showctl.cli.running import socket_path

    return None if show is None else socket_path(Path(show.state), "wire")


def _link(interface: str, show: Running | None) -> Interface:
    from showctl.runtime.wire.interfaces import find, names

    link = find(interface or (show.interface if show is not None else "") or "127.0.0.1")
    if link is None:
        raise Trouble(f"--interface {interface} is not here; there is {', '.join(names())}")
    return link


def _where(link: Interface) -> str:
    """Where is listened, and where else one could."""
    from showctl.runtime.wire.interfaces import names

    others = [words for words in names() if not words.startswith(f"{link.name} ")]
    return f"by {link.name} ({link.address})" + (f"; --interface listens elsewhere: {', '.join(others)}" if others else "")


def _numbers(words: str, low: int, high: int) -> tuple[int, ...]:
    """``1-8,20`` as numbers."""
    found: list[int] = []
    for part in filter(None, (part.strip() for part in words.split(","))):
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()):
            raise click.BadParameter(f"{part} is no universe; write 1-8,20", param_hint="--universe")
        numbers = range(int(first), int(last if dash else first) + 1)
        if not numbers or not low <= numbers[0] <= numbers[-1] <= high or len(numbers) > 1024:
            raise click.BadParameter(f"{part}: universes are {low} to {high}, 1024 at most", param_hint="--universe")
        found += numbers
    return tuple(dict.fromkeys(found))
