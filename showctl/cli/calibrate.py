"""``showctl calibrate``: how long a device takes from our word to what is seen or heard, as a line for devices.yaml."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showctl.cli.running import running_shows
from showctl.cli.say import PROBLEMS, Refused, Trouble, as_json, say, say_json

if TYPE_CHECKING:
    from showctl.runtime.calibration import Measured
    from showctl.show.devices import Device
    from showctl.show.show import Show

RATHER = "a clip that stands ready begins at once; any other device: --do open --back close --until 'shutter open'"


@click.command()
@click.argument("name", metavar="DEVICE")
@click.option(
    "--show", "folder", type=click.Path(exists=True, path_type=Path), default=Path(), help="The show folder. [default: .]"
)
@click.option("--clip", default="", help="What a player plays. [default: its first]")
@click.option("--tries", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--do", "do", default="", metavar="VERB", help="For what is no player: what it is asked ...")
@click.option("--back", default="", metavar="VERB", help="... what takes that back ...")
@click.option("--until", default="", metavar="'FIELD VALUE'", help="... and what it reports once it is done.")
@click.option("--listen", is_flag=True, help="Listen with a microphone: what counts is what is heard in the room.")
@click.option("--input", "input_", default="", metavar="NAME", help="The microphone. [default: the machine's]")
@click.option("--simulated", is_flag=True, help="Players of this machine are not started: `showctl simulate` stands in for them.")
@as_json
@click.pass_context
def calibrate(
    ctx: click.Context, name: str, folder: Path, clip: str, tries: int, do: str, back: str, until: str, listen: bool, input_: str,
    simulated: bool, as_json: bool,
) -> None:  # fmt: skip
    """Ask DEVICE again and again, and say how long it takes: the latency and jitter to declare.

    The show must not be running: the device is spoken to by this command alone.
    """
    show, device = _found(folder, name, simulated)
    busy = next((item for item in running_shows() if Path(item.folder).resolve() == folder.resolve()), None)
    if busy is not None:
        raise Refused(f"{busy.short} is running and holds {name}: stop it first")
    field, _, value = until.partition(" ")
    if (do or back or until) and not (do and back and field and value):
        raise click.UsageError("--do, --back and --until belong together: --do open --back close --until 'shutter open'")
    if not do and "play" not in device.kind.verbs:
        raise click.UsageError(f"{name} plays nothing. {RATHER}")
    if not do:
        clip = clip or next((item.name for item in show.clips if name in item.players), "")
        if clip not in {item.name for item in show.clips}:
            raise click.UsageError(f"no clip {clip or 'is'} on {name}: see media.yaml, or name one with --clip")
    from showctl.runtime.calibration import NotMeasuredError, seconds_in, summary
    from showctl.runtime.portaudio import NoSoundError

    until_ = (do, back, field, value)
    try:
        measured = asyncio.run(_measure(show, device, folder.resolve(), clip, tries, until_, listen, input_, as_json))
    except NotMeasuredError as error:
        raise Refused(f"{name} {error}") from None
    except NoSoundError as error:
        raise Refused(f"no microphone to listen with: {error}") from None
    except ValueError as error:
        raise Trouble(str(error)) from None
    if as_json:
        say_json(
            {
                "device": name, "latency": measured.latency / 1e9, "jitter": measured.jitter / 1e9, "listened": listen,
                "samples": seconds_in(measured.samples),
            }
        )  # fmt: skip
        return
    say(f"{name}: {summary(measured.samples)}")
    say(f"devices.yaml:  {name}: {{{measured.line()}}}")
    _compare(device, measured)
    ctx.exit(0 if _agrees(device, measured) else PROBLEMS)


def _found(folder: Path, name: str, simulated: bool) -> tuple[Show, Device]:
    from dataclasses import replace

    from showctl.showfile import load

    loaded = load(folder)
    if loaded.show is None:
        raise Trouble(f"{folder} holds no show that can be read: run `showctl check {folder}`, or say which with --show")
    device = loaded.show.device_named.get(name)
    if device is None:
        raise click.UsageError(f"the show has no device called {name}; it has {', '.join(loaded.show.device_named) or 'none'}")
    if simulated and device.transport == "unix":
        device = replace(device, transport="tcp")
    others = tuple(device if item.name == name else item for item in loaded.show.devices)
    return replace(loaded.show, devices=others), device


async def _measure(
    show: Show, device: Device, folder: Path, clip: str, tries: int, until: tuple[str, str, str, str], listen: bool, input_: str,
    quietly: bool,
) -> Measured:  # fmt: skip
    from showctl.runtime.calibration import Bench, read_order

    def told(number: int, took: int) -> None:
        if not quietly:
            click.echo(f"\r{number} of {tries}: {took / 1e6:.1f} ms   ", nl=number == tries, err=True)

    ear: Any = None
    if listen:
        from showctl.runtime.listening import Microphone

        ear = Microphone(input_)
    try:
        with tempfile.TemporaryDirectory(prefix="showctl-calibrate-") as state:
            async with Bench(show, device, folder, Path(state), ear) as bench:
                do, back, field, value = until
                if do:
                    return await bench.fields(read_order(device, do), read_order(device, back), field, value, tries, told)
                return await bench.starts(clip, tries, told)
    finally:
        if ear is not None:
            ear.close()


def _agrees(device: Device, measured: Measured) -> bool:
    """Whether what is declared is near enough: a millisecond, or the jitter of it."""
    return abs(device.latency - measured.latency) <= max(measured.jitter, device.jitter, 1_000_000)


def _compare(device: Device, measured: Measured) -> None:
    if not device.latency and not _agrees(device, measured):
        say("It declares none so far: its cues land late by so much.")
    elif not _agrees(device, measured):
        say(f"It declares {device.latency / 1e6:.0f} ms so far.")
    else:
        say("That is what it declares.")
