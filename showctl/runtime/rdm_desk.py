"""RDM at the desk: search, found against patched, identify, address, mode, sensors. Never during a show.

The engine says whether one may ask (``engine/technicians.py``, which journals it); this carries it out, one cable after the other
at its own pace (``devices/rdm_line.py``, ``rdm_carrier.py``). A cue that begins meanwhile ends it: nothing more is asked, and
that is said. What was set is read back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from showctl.protocols import rdm_values
from showctl.protocols.errors import ProtocolError
from showctl.protocols.rdm import Command, Pid, read_uid, uid_words
from showctl.runtime.rdm_carrier import RdmCarrier, RdmTrouble
from showctl.runtime.rdm_match import Found, Match, as_json, matched
from showctl.runtime.wire.stats import Stats
from showctl.show.fixtures import Hazard
from showctl.show.patch import Protocol, Universe
from showctl.show.show import Show

MOST_MODES: Final = 64
MOST_SENSORS: Final = 32
MOVING: Final = ("identify", "address", "mode")
"""Verbs that are refused to hazards."""
VERBS: Final = ("discover", "identify", "address", "mode", "label", "sensors")


class RdmDesk:
    """Everything that was found, and the cables to ask on."""

    def __init__(
        self, show: Callable[[], Show], path: Path, stats: Callable[[], Stats | None], stopped: Callable[[], str]
    ) -> None:
        """``path`` is the wire's socket; ``stopped`` says why nothing may be asked now, "" where it may."""
        self._show, self._stopped = show, stopped
        self._carrier = RdmCarrier(show, path, stats, stopped)
        self._found: list[Found] = []
        self._searched: list[str] = []
        self._doing = ""
        self._troubles: list[str] = []
        self._showing: list[int] = []
        """Who was told to show itself, and not yet to be itself again."""
        self._search: asyncio.Task[None] | None = None

    # --- what may be asked -------------------------------------------------------------------------------------------

    def table(self) -> dict[str, Any]:
        """What was found, against the patch; ``doing`` says what is under way."""
        matches, missing = matched(self._show(), self._found, self._searched)
        return {
            "doing": self._doing,
            "searched": list(self._searched),
            "devices": [as_json(match) for match in matches],
            "missing": missing,
            "troubles": list(self._troubles),
        }

    async def do(self, verb: str, what: str, value: str) -> dict[str, Any]:
        """Does one verb; the answer has ``words``. RdmTrouble says why not."""
        if verb not in VERBS:
            raise RdmTrouble(f"RDM knows {', '.join(VERBS)}, not {verb}")
        if self._doing:
            raise RdmTrouble(f"one thing after the other: {self._doing}")
        if verb == "discover":
            universes = self._universes(what)
            self._doing = f"searching {', '.join(universe.key for universe in universes)}"
            self._search = self._carrier.keep(self._discover(universes))
            return {"words": self._doing}
        if verb == "identify" and what == "off":
            return await self._nobody_shows_itself()
        device = self._device(what)
        if verb in MOVING and (why := self._danger(device)):
            raise RdmTrouble(why)
        self._doing = f"{verb} {what}"
        try:
            return await self._verbs()[verb](device, value)
        finally:
            self._doing = ""

    async def searched(self) -> dict[str, Any]:
        """The table, once no search is under way."""
        if self._search is not None:
            await asyncio.wait([self._search])
        return self.table()

    def close(self) -> None:
        """Lets go of the wire."""
        self._carrier.close()

    # --- verbs -------------------------------------------------------------------------------------------------------

    def _verbs(self) -> dict[str, Callable[[Found, str], Awaitable[dict[str, Any]]]]:
        return {
            "identify": self._identify,
            "address": self._address,
            "mode": self._mode,
            "label": self._label,
            "sensors": self._sensors,
        }

    async def _discover(self, universes: list[Universe]) -> None:
        """Searches one cable after the other, and asks everybody who they are."""
        self._troubles = []
        keys = [universe.key for universe in universes]
        self._found = [device for device in self._found if device.universe not in keys]
        self._searched = [key for key in self._searched if key not in keys]
        try:
            for universe in universes:
                self._doing = f"searching {universe.key}"
                try:
                    done = await self._carrier.job(universe, lambda line, now: line.search(now))
                except RdmTrouble as why:
                    self._troubles.append(str(why))
                    if self._stopped():
                        return
                    continue
                if done.found is None:
                    self._troubles.append(done.why)
                    if self._stopped():
                        return
                    continue
                self._troubles += [done.why] if done.why else []
                self._searched.append(universe.key)
                for number, uid in enumerate(done.found, start=1):
                    self._doing = f"asking device {number} of {len(done.found)} on {universe.key}"
                    device = Found(uid, universe.key)
                    self._found.append(device)
                    await self._look_at(device)
        except RdmTrouble as why:
            self._troubles.append(str(why))
            self._searched = [key for key in self._searched if key != universe.key]  # it was not looked at to its end
        finally:
            self._doing = ""

    async def _look_at(self, device: Found) -> None:
        """Asks a device what it is. What it does not tell is left open."""
        try:
            device.info = rdm_values.decode_info(await self._get(device, Pid.DEVICE_INFO))
        except (RdmTrouble, ProtocolError) as why:
            device.trouble = str(why)
            if self._stopped():
                raise RdmTrouble(self._stopped()) from None
            return
        device.maker = await self._text(device, Pid.MANUFACTURER_LABEL)
        device.model = await self._text(device, Pid.DEVICE_MODEL_DESCRIPTION)
        device.label = await self._text(device, Pid.DEVICE_LABEL)
        await self._learn_mode(device, device.info.mode)

    async def _identify(self, device: Found, value: str) -> dict[str, Any]:
        on = value not in ("off", "0")
        await self._set(device, Pid.IDENTIFY_DEVICE, bytes((on,)))
        self._showing = [*(uid for uid in self._showing if uid != device.uid), *([device.uid] if on else [])]
        return {"words": f"{self._name(device)} {'shows itself until `off`' if on else 'is itself again'}"}

    async def _nobody_shows_itself(self) -> dict[str, Any]:
        """Ends what ``identify`` began, for everybody who is still known."""
        showing = [device for device in self._found if device.uid in self._showing]
        if not showing:
            raise RdmTrouble("nobody was told to show itself; `showctl rdm identify LIGHT off` tells one all the same")
        self._doing = "identify off"
        try:
            return {"words": "\n".join([(await self._identify(device, "off"))["words"] for device in showing])}
        finally:
            self._doing = ""

    async def _address(self, device: Found, value: str) -> dict[str, Any]:
        address = value.rpartition(".")[2]
        if not address.isdigit() or not 1 <= int(address) <= 512:
            raise RdmTrouble(f"{value or 'nothing'} is no address: 1 to 512")
        name = self._name(device)
        await self._set(device, Pid.DMX_START_ADDRESS, rdm_values.address_data(int(address)))
        await self._look_at(device)
        if device.info is None or device.info.address != int(address):
            raise RdmTrouble(f"{name} was told {address} and says {None if device.info is None else device.info.address}")
        return {"words": f"{name} listens at {device.universe}.{address}{self._now_is(device)}"}

    async def _mode(self, device: Found, value: str) -> dict[str, Any]:
        count = 0 if device.info is None else device.info.modes
        for number in range(1, min(count, MOST_MODES) + 1):
            await self._learn_mode(device, number)
        modes = [device.modes[number] for number in sorted(device.modes)]
        if not value:
            lines = [f"{mode.number}: {mode.name} ({mode.footprint} slots)" for mode in modes]
            return {"words": "\n".join(lines) or f"{self._name(device)} tells of no modes"}
        wanted = next((mode.number for mode in modes if value in (str(mode.number), mode.name)), None)
        if wanted is None:
            there = ", ".join(f"{mode.number} ({mode.name})" for mode in modes)
            raise RdmTrouble(f"{self._name(device)} has no mode {value}; it has {there or 'none that it tells of'}")
        await self._set(device, Pid.DMX_PERSONALITY, bytes((wanted,)))
        await self._look_at(device)
        if device.info is None or device.info.mode != wanted:
            raise RdmTrouble(f"{self._name(device)} was told mode {wanted} and keeps its own")
        return {"words": f"{self._name(device)} is in mode {wanted}, {device.info.footprint} slots{self._now_is(device)}"}

    async def _label(self, device: Found, value: str) -> dict[str, Any]:
        try:
            data = rdm_values.text_data(value)
        except ValueError as why:
            raise RdmTrouble(str(why)) from None
        await self._set(device, Pid.DEVICE_LABEL, data)
        device.label = await self._text(device, Pid.DEVICE_LABEL)
        return {"words": f"{uid_words(device.uid)} is labelled {device.label!r}"}

    async def _sensors(self, device: Found, _: str) -> dict[str, Any]:
        count = 0 if device.info is None else device.info.sensors
        sensors: list[dict[str, Any]] = []
        for number in range(min(count, MOST_SENSORS)):
            try:
                what = rdm_values.decode_sensor(await self._get(device, Pid.SENSOR_DEFINITION, bytes((number,))))
                said = rdm_values.decode_sensor_value(await self._get(device, Pid.SENSOR_VALUE, bytes((number,))))
            except ProtocolError:
                continue
            well = what.normal_low <= said.present <= what.normal_high
            sensors.append({"name": what.name, "value": what.value(said.present), "unit": what.unit, "normal": well})
        lines = [
            f"{s['name']}: {s['value']:g} {s['unit']}{'' if s['normal'] else '  ! outside its normal range'}" for s in sensors
        ]
        return {"words": "\n".join(lines) or f"{self._name(device)} has no sensors", "sensors": sensors}

    # --- names -------------------------------------------------------------------------------------------------------

    def _universes(self, what: str) -> list[Universe]:
        patch = self._show().patch
        asked = [patch.universe_keyed.get(word) for word in what.replace(",", " ").split()]
        if None in asked:
            raise RdmTrouble(f"{what} are no universes of the show: {', '.join(patch.universe_keyed)}")
        chosen = [universe for universe in asked if universe is not None]
        deaf = [universe.key for universe in chosen if universe.protocol is Protocol.SACN]
        if deaf:
            raise RdmTrouble(f"{', '.join(deaf)}: sACN has no way to ask a fixture; RDM goes over Art-Net or a USB widget")
        chosen = chosen or [u for u in patch.universes if u.protocol is not Protocol.SACN]
        if not chosen:
            raise RdmTrouble("no universe of the show goes over Art-Net or a USB widget, and sACN has no way to ask a fixture")
        return chosen

    def _device(self, what: str) -> Found:
        there = [m.found for m in self._matches() if what and what in (m.light, uid_words(m.found.uid))]
        if len(there) > 1:
            raise RdmTrouble(f"{what} is {' and '.join(uid_words(device.uid) for device in there)}: name one of them")
        if there:
            return there[0]
        with contextlib.suppress(ValueError):
            uid = read_uid(what)
            return next(device for device in self._found if device.uid == uid) if self._has(uid) else self._unknown(what)
        return self._unknown(what)

    def _danger(self, device: Found) -> str:
        """Why a fixture is left alone: one that can hurt must not listen to other slots, nor run to be seen."""
        light = next((match.light for match in self._matches() if match.found is device), "")
        fixture = self._show().patch.fixture_named.get(light)
        if fixture is None or fixture.hazard is Hazard.NONE:
            return ""
        return f"{light} is a hazard: set it at the device itself, with its power off"

    def _has(self, uid: int) -> bool:
        return any(device.uid == uid for device in self._found)

    def _unknown(self, what: str) -> Found:
        if not self._searched:
            raise RdmTrouble("nobody has been searched for yet: `showctl rdm discover`")
        raise RdmTrouble(
            f"{what or 'nobody'} was not found on {', '.join(self._searched)}: name a light, or a UID as 7ff0:00000012"
        )

    def _matches(self) -> list[Match]:
        return matched(self._show(), self._found)[0]

    def _name(self, device: Found) -> str:
        matches = self._matches()
        light = next((match.light for match in matches if match.found is device), "")
        alone = sum(match.light == light for match in matches) == 1
        return light if light and alone else uid_words(device.uid)

    def _now_is(self, device: Found) -> str:
        match = next(match for match in self._matches() if match.found is device)
        light = f": it is {match.light}" if match.light else ""
        return light + (f" ({match.words})" if match.words else "")

    # --- asking ------------------------------------------------------------------------------------------------------

    async def _get(self, device: Found, pid: Pid, data: bytes = b"") -> bytes:
        return await self._ask(device, Command.GET, pid, data)

    async def _set(self, device: Found, pid: Pid, data: bytes) -> None:
        await self._ask(device, Command.SET, pid, data)

    async def _text(self, device: Found, pid: Pid) -> str:
        try:
            return rdm_values.read_text(await self._get(device, pid))
        except RdmTrouble:
            if why := self._stopped():
                raise RdmTrouble(why) from None
            return ""

    async def _learn_mode(self, device: Found, number: int) -> None:
        if number in device.modes:
            return
        with contextlib.suppress(RdmTrouble, ProtocolError):
            mode = rdm_values.decode_mode(await self._get(device, Pid.DMX_PERSONALITY_DESCRIPTION, bytes((number,))))
            device.modes[number] = mode

    async def _ask(self, device: Found, command: Command, pid: Pid, data: bytes) -> bytes:
        universe = self._show().patch.universe_keyed.get(device.universe)
        if universe is None:
            raise RdmTrouble(f"{device.universe} is no universe of the show any more")
        done = await self._carrier.job(universe, lambda line, now: line.ask(device.uid, command, pid, data, now))
        if done.why:
            raise RdmTrouble(done.why)
        return done.data
