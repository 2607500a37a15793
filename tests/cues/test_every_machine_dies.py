"""Each machine of the bundled show dies and comes back, and ``showctl devices --json`` tells the truth of it all the while.

In virtual time: the show at rest on its simulated venue, the command line over the desk's own facts. One machine after the
other loses its power: it is said, with a sentence and with an age that grows; nobody else is said to be ill; what it is asked
meanwhile is wanted, and not called done; and once it has power again it is well, and is what it says and what was wanted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from showctl.cli import devices as command
from showctl.engine.commands import Tell
from showctl.runtime.desk import Desk
from showctl.runtime.rehearsal import Stagehand, loaded
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Instant
from showctl.show.rehearsals import Rehearsal
from simulators.venue import SimulatedVenue
from tests.runtime.test_devices_truthful import NOT_OURS, close

FOLDER = Path(__file__).parents[2] / "cues" / "dream_of_the_future"
SAID_WITHIN: Final = 40 * SECOND
"""Most are noticed within five seconds; a model over HTTP is asked whether it is there each thirty."""
BACK_WITHIN: Final = 75 * SECOND
"""Two seconds to boot, at most thirty until it is tried again, and a projector warms."""
ASKED: Final[dict[str, tuple[str, dict[str, Value]]]] = {
    "sound": ("play", {"clip": "hall_tone", "voice": "v", "loop": True}),
    "film": ("play", {"clip": "embers", "surface": "furnace_wall", "loop": True}),
    "dome_player": ("play", {"clip": "starfield", "surface": "dome", "loop": True}),
    "gauze_player": ("play", {"clip": "slag_figure", "surface": "gauze", "loop": True}),
    "shed_player": ("play", {"clip": "ore_boats", "surface": "shed", "loop": True}),
    "projector_dome": ("shutter", {"open": False}),
    "xr": ("scene", {"scene": "hyperspace"}),
    "amplifiers": ("quiet", {}),
    "tower_clock": ("glow", {"face": 60.0}),
    "mist_curtain": ("rise", {"speed": 50.0}),
    "gate": ("open", {}),
}
"""What some are asked while they have no power."""


class Watch:
    """The bundled show at rest, and the command line that looks at its devices."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        show = loaded(FOLDER).show
        assert show is not None
        self.show = show
        rehearsal = Rehearsal("Each of them", "each", length=24 * 3600 * SECOND)
        self.venue = SimulatedVenue(show, 5)
        self.hand = Stagehand(show, rehearsal, self.venue)
        playback, rig = self.hand.playback, self.hand.rig
        self.desk = Desk(playback, lambda event: playback.handle(event, self.now), lambda: self.now, lambda: rig.drivers, no_wire)
        monkeypatch.setattr(command, "find", lambda _at: self)
        self.orders = 0
        self.hand.venue.start(0)
        rig.start(0)
        self.hand.light.begin(0)
        self.to(100 * SECOND)

    @property
    def now(self) -> Instant:
        return self.hand.now

    def get(self, _path: str) -> dict[str, Any]:
        """What a client gets of ``/api/status``."""
        return {"devices": self.desk.devices(self.now)}

    def seen(self) -> dict[str, dict[str, Any]]:
        """``showctl devices --json``, by name."""
        ran = CliRunner().invoke(command.devices, ["--json"])
        return {device["name"]: device for device in json.loads(ran.stdout)["devices"]}

    def rows(self) -> dict[str, dict[str, Any]]:
        """The same facts, without the command."""
        return {device["name"]: device for device in self.desk.devices(self.now)}

    def to(self, end: Instant) -> None:
        self.hand.play(end)
        self.hand.now = end

    def until(self, true: Callable[[], bool], within: Instant, what: str) -> None:
        end = self.now + within
        while not true():
            assert self.now < end, f"{what}: {self.seen()}"
            self.to(self.now + SECOND)

    def act(self, words: str) -> None:
        self.hand._act("fault", words)

    def ask(self, device: Device) -> None:
        verb, given = ASKED[device.name]
        declared = device.kind.verbs[verb]
        arguments = tuple((item.name, given.get(item.name, item.default)) for item in declared.arguments)
        self.orders += 1
        said = tuple((name, value) for name, value in arguments if value is not None)
        self.hand.rig.tell(Tell(self.now, self.orders, device.name, verb, said, declared.kind), self.now)
        self.hand._settle_events()

    def apart(self, row: dict[str, Any]) -> dict[str, tuple[Value, Value]]:
        """What a device says of itself that is not so."""
        truth = self.venue.devices[row["name"]].truth(self.now)
        said = {name: value for name, value in row["reported"].items() if name in truth and name not in NOT_OURS}
        return {name: (value, truth[name]) for name, value in said.items() if not close(name, value, truth[name])}


def theirs_of(row: dict[str, Any]) -> dict[str, Value]:
    """What the device itself has said."""
    return {name: value for name, value in row["reported"].items() if name not in NOT_OURS}


def no_wire() -> tuple[None, str]:
    return None, ""


def test_devices_are_told_truthfully_while_each_of_them_dies_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch)
    rest = watch.seen()
    assert len(rest) == len(watch.show.devices) > 30
    voiceless = {name for name, row in rest.items() if row.get("silent")}
    assert voiceless == {"exit_space", "fountain"}
    assert {name for name, row in rest.items() if row["health"] != "ok"} == voiceless
    assert {name: apart for name, row in rest.items() if (apart := watch.apart(row))} == {}

    for device in watch.show.devices:
        name, died, before = device.name, watch.now, theirs_of(watch.seen()[device.name])
        theirs = {item.name for item in watch.show.devices if name in (item.name, item.broker)}
        watch.act(f"{name} power lost")
        if name in voiceless:  # nobody can know, and nothing is claimed
            watch.to(watch.now + 10 * SECOND)
            assert (watch.seen()[name]["health"], watch.seen()[name]["reported"]) == ("unknown", {})
            watch.act(f"{name} back")
            continue
        watch.until(partial(_are_ill, watch, theirs), SAID_WITHIN, f"{name} died, and is not said to be ill")
        row = watch.seen()[name]
        assert row["why"].endswith("."), row
        assert row["age"] is None or watch.now - round(row["age"] * SECOND) <= died + SECOND, f"{name} was heard after it died"
        assert device.kind.name == "broker" or theirs_of(row) == before, f"{name} has said nothing since"
        if name in ASKED:
            watch.ask(device)
            watch.to(watch.now + SECOND)
            row = watch.seen()[name]
            assert row["phase"] in ("acting", "failed"), f"{name} has no power, and did it: {row}"
            assert row["desired"], row
            assert theirs_of(row) == before
        others = {other: row["health"] for other, row in watch.seen().items() if other not in theirs | voiceless}
        assert set(others.values()) == {"ok"}, (name, others)

        watch.act(f"{name} back")
        watch.until(partial(_are_well, watch, theirs), BACK_WITHIN, f"{name} has power, and is not well")
        watch.until(partial(_is_settled, watch, name), BACK_WITHIN, f"{name} is not what was wanted")


def _are_ill(watch: Watch, names: set[str]) -> bool:
    seen = watch.rows()
    return all(seen[name]["health"] in ("degraded", "lost") for name in names)


def _are_well(watch: Watch, names: set[str]) -> bool:
    seen = watch.rows()
    return all(seen[name]["health"] == "ok" for name in names)


def _is_settled(watch: Watch, name: str) -> bool:
    """It is what it says, and what it was asked for, if anything."""
    row = watch.rows()[name]
    return row["phase"] in ("idle", "done") and not watch.apart(row)
