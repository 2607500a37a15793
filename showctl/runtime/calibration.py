"""How long a device takes from our word to what it says has happened, measured by asking it again and again.

A player is told to play a clip that stands ready (where it can stand ready) and says when its picture or sound began to move; any
other device is told to do something and back, and a field of it says when it was done. What comes out is the line for
devices.yaml: ``latency`` is the middle of what was measured, ``jitter`` how far all but the wildest twentieth lay from it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from showctl.devices.driver import Starting
from showctl.engine.commands import Tell
from showctl.engine.events import DeviceHealth, DeviceReported, Event
from showctl.runtime.links import LiveDevices
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant
from showctl.show.show import Show

ANSWERS_WITHIN: Final = 10.0
DONE_WITHIN: Final = 8.0
BETWEEN: Final = 0.15
"""Seconds of rest: a player that has just stopped is busy with that."""


class NotMeasuredError(Exception):
    """It cannot be measured; the text says why, without the device's name."""


class Ear(Protocol):
    """What ``--listen`` listens with."""

    def forget(self) -> None:
        """From here on."""

    def began(self, asked: Instant, quiet: Duration) -> Instant | None:
        """When something was heard to begin after ``asked``."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, in nanoseconds, in the order of the tries."""

    samples: tuple[Duration, ...]

    @property
    def latency(self) -> Duration:
        """The middle one."""
        return sorted(self.samples)[len(self.samples) // 2]

    @property
    def jitter(self) -> Duration:
        """How far from it 95 of a hundred lay at most."""
        off = sorted(abs(sample - self.latency) for sample in self.samples)
        return off[-(-len(off) * 95 // 100) - 1]

    def line(self) -> str:
        """For devices.yaml. Less than half a millisecond is not worth a word.

        >>> Measured((2_400_000, 2_600_000, 3_900_000)).line()
        'latency: 3ms, jitter: 2ms'
        """
        said = f"latency: {round(self.latency / MILLISECOND)}ms"
        jitter = -(-self.jitter // MILLISECOND)
        return said if not jitter else f"{said}, jitter: {jitter}ms"


@dataclass(frozen=True, slots=True)
class Order:
    """A verb with its arguments."""

    verb: str
    arguments: tuple[tuple[str, Value], ...] = ()


class Bench:
    """One device of ``show`` on its real link, and nothing else."""

    def __init__(self, show: Show, device: Device, folder: Path, state: Path, ear: Ear | None = None) -> None:
        alone = tuple(item for item in show.devices if item.name == device.name or item.name == device.broker)
        self.device, self._orders = device, 0
        self._surface = next((item.name for item in show.surfaces if item.player == device.name), "calibration")
        self._health, self._why = "unknown", "it has not answered yet"
        self._ear = ear
        self._listeners: list[Callable[[Event], None]] = []
        self._live = LiveDevices(replace(show, devices=alone), self._heard, time.monotonic_ns, state=state, folder=folder)

    async def __aenter__(self) -> Bench:
        self._live.start()
        await self._until(lambda: self._health == "ok", ANSWERS_WITHIN, lambda: f"is {self._health}: {self._why}")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._live.stop()

    async def starts(self, clip: str, tries: int, told: Callable[[int, Duration], None]) -> Measured:
        """How long until ``clip`` has truly begun. ``told`` hears of each try."""
        driver = self._live.carriers[self.device.name].driver
        if not isinstance(driver, Starting):
            raise NotMeasuredError("does not say when a clip begins: measure it with --do, --back and --until")
        given: dict[str, Value] = {"clip": clip, "voice": "calibration", "surface": self._surface}
        samples = []
        for number in range(tries):
            if "load" in self.device.kind.verbs:
                self._tell("load", given)
                await self._until(
                    lambda: driver.reported().get("loaded") == clip,
                    DONE_WITHIN,
                    lambda: f"does not get {clip} ready: {self._why}",
                )
            if self._ear is not None:
                self._ear.forget()
            await asyncio.sleep(BETWEEN)
            before, asked = driver.last_start(), self._tell("play", given)
            await self._until(
                lambda: driver.last_start() not in (None, before),  # noqa: B023
                DONE_WITHIN,
                lambda: f"was told to play {clip}, and nothing moves: {self._why}",
            )
            begun = driver.last_start()
            assert begun is not None
            samples.append(await self._listened(asked) if self._ear is not None else begun.at - asked)
            told(number + 1, samples[-1])
            self._tell("stop", given)
            await self._until(lambda: driver.reported().get("state") == "stopped", DONE_WITHIN, lambda: "does not stop")
        return Measured(tuple(samples))

    async def _listened(self, asked: int) -> Duration:
        """How long until the room heard it."""
        ear, quiet = self._ear, round(BETWEEN * SECOND / 2)
        assert ear is not None
        await self._until(
            lambda: ear.began(asked, quiet) is not None, DONE_WITHIN, lambda: "plays, and the microphone hears nothing of it"
        )
        return (ear.began(asked, quiet) or asked) - asked

    async def fields(
        self, do: Order, back: Order, field: str, wanted: str, tries: int, told: Callable[[int, Duration], None]
    ) -> Measured:
        """How long until ``field`` is ``wanted`` after ``do``; ``back`` takes it back each time."""
        samples = []
        reported = self._live.carriers[self.device.name].driver.reported
        for number in range(tries):
            seen = asyncio.get_running_loop().create_future()
            self._listeners.append(_once(field, wanted, seen))
            asked = self._tell(do.verb, dict(do.arguments))
            try:
                async with asyncio.timeout(DONE_WITHIN):
                    samples.append(await seen - asked)
            except TimeoutError:
                raise NotMeasuredError(f"did {do.verb}, and {field} is not {wanted} after {DONE_WITHIN:g} s") from None
            finally:
                self._listeners.clear()
            told(number + 1, samples[-1])
            self._tell(back.verb, dict(back.arguments))
            await self._until(
                lambda: str(_plain(reported().get(field))) != wanted, DONE_WITHIN, lambda: f"does not go back: {field}"
            )
            await asyncio.sleep(BETWEEN)
        return Measured(tuple(samples))

    def _tell(self, verb: str, given: dict[str, Value]) -> int:
        known = self.device.kind.verbs[verb]
        self._orders += 1
        arguments = tuple((item.name, given[item.name]) for item in known.arguments if item.name in given)
        now = time.monotonic_ns()
        self._live.tell(Tell(now, self._orders, self.device.name, verb, arguments, known.kind))
        return now

    def _heard(self, event: Event) -> None:
        match event:
            case DeviceHealth(device=device, health=health, why=why) if device == self.device.name:
                self._health, self._why = health, why.rstrip(".")
            case DeviceReported(device=device) if device == self.device.name:
                for listener in list(self._listeners):
                    listener(event)
            case _:
                pass

    async def _until(self, true: Callable[[], bool], within: float, otherwise: Callable[[], str]) -> None:
        try:
            async with asyncio.timeout(within):
                while not true():  # noqa: ASYNC110 - what is waited for is many things
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise NotMeasuredError(otherwise()) from None


def read_order(device: Device, words: str) -> Order:
    """``open`` or ``preset 4`` as a verb of the device. ValueError: it has no such verb, or not with these arguments."""
    from showctl.showfile.problems import Wrong
    from showctl.showfile.resolve_verbs import argument_value

    name, *given = words.split()
    verb = device.kind.verbs.get(name)
    if verb is None:
        raise ValueError(f"{device.name} has no verb {name}; it has {', '.join(device.kind.verbs) or 'none'}")
    if len(given) > len(verb.arguments):
        raise ValueError(f"{name} takes {', '.join(item.name for item in verb.arguments) or 'nothing'}")
    try:
        return Order(
            name, tuple((item.name, argument_value(item, word)) for item, word in zip(verb.arguments, given, strict=False))
        )
    except Wrong as wrong:
        raise ValueError(wrong.message) from None


def summary(samples: Sequence[Duration]) -> str:
    """The tries in a few words."""
    low, high = min(samples) / MILLISECOND, max(samples) / MILLISECOND
    return f"{len(samples)} tries, {low:.1f} to {high:.1f} ms"


def seconds_in(samples: Sequence[Duration]) -> list[float]:
    return [sample / SECOND for sample in samples]


def _once(field: str, wanted: str, seen: asyncio.Future[int]) -> Callable[[Event], None]:
    def listener(event: Event) -> None:
        if isinstance(event, DeviceReported) and event.field == field and str(_plain(event.value)) == wanted and not seen.done():
            seen.set_result(time.monotonic_ns())

    return listener


def _plain(value: Value | None) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else value
