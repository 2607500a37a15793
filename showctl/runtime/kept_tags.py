"""Parks, lights out of service, maintenance locks and mutes outlive the program (R16): ``tags.json`` in the state folder.

The journal says what happened; this file says what stands, by name, so that it holds when the show folder was edited meanwhile,
when the last journal cannot be read, or when a run is begun anew. It is written whole to a new name, synced, read back and put
in place, on a thread of its own. What names a light that the patch no longer has is kept, and said: the light may come back.
``seen`` is what people are shown, for commands that have no running show to ask.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from showctl.engine.events import Event, Grab, Maintain, Mute, Origin, OutOfService
from showctl.engine.stage import stage_of
from showctl.engine.state import State
from showctl.engine.tags_view import tags_view
from showctl.engine.words import parameter_words
from showctl.show.show import Show

log = logging.getLogger(__name__)

FORMAT: Final = 1
LARGEST: Final = 4 << 20
_KINDS: Final = ("parked", "out_of_service", "maintenance", "muted")


class TagKeeper:
    """The file at ``path``, and what of it this show does not know."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lost: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
        self._last: tuple[object, ...] = ()
        self._writer = ThreadPoolExecutor(1, "tags")
        self._writing: Future[None] | None = None

    def events(self, show: Show) -> tuple[Event, ...] | None:
        """What puts every tag back on ``show``. None where there is no file, or none that can be read (which is said)."""
        try:
            data = self.path.read_bytes()
        except OSError:
            return None
        try:
            return self._events(show, _read(data))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s cannot be read (%s): parks come from the last journal, marks and locks are gone.", self.path, error)
            return None

    def keep(self, show: Show, state: State) -> None:
        """Writes what stands, if it is not what stood."""
        tags = state.tags
        now = (tags.parked, tags.retired, tags.locks, tags.muted)
        if len(self._last) == len(now) and all(a is b for a, b in zip(now, self._last, strict=True)):
            return
        first, self._last = not self._last, now
        if first and not any(now) and not self.path.exists():
            return  # a show that nobody has put anything on needs no file
        data = json.dumps(self._plain(show, state), ensure_ascii=False, indent=1).encode()
        self._writing = self._writer.submit(self._write, data)

    def flush(self, seconds: float = 5.0) -> None:
        """Waits until what stands is on the disk, so long at most."""
        if self._writing is not None:
            self._writing.result(seconds)

    def close(self) -> None:
        """Writes what is still to be written."""
        self._writer.shutdown(wait=True)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _plain(self, show: Show, state: State) -> dict[str, Any]:
        patch, tags = show.patch, state.tags
        parked = [
            {
                "fixture": patch.fixtures[patch.parameters[p].fixture].name,
                "parameter": parameter_words(patch.parameters[p]),
                "level": item.level,
                "person": item.person,
                "reason": item.reason,
                "since": item.since,
            }
            for p, item in sorted(tags.parked.items())
        ]
        retired = [
            {
                "fixture": patch.fixtures[number].name,
                "until": mark.until,
                "reason": mark.reason,
                "person": mark.person,
                "since": mark.since,
                "spare": patch.fixtures[mark.spare].name if mark.spare >= 0 else "",
            }
            for number, mark in sorted(tags.retired.items())
        ]
        locks = [{"person": person, "reason": lock.reason, "since": lock.since} for person, lock in tags.locks.items()]
        muted = [
            {"what": what, "person": mark.person, "reason": mark.reason, "since": mark.since} for what, mark in tags.muted.items()
        ]
        own = {"parked": parked, "out_of_service": retired, "maintenance": locks, "muted": muted}
        named = {kind: {_name(item) for item in items} for kind, items in own.items()}
        lost = {kind: [item for item in self._lost[kind] if _name(item) not in named[kind]] for kind in _KINDS}
        seen = {kind: items for kind, items in tags_view(show, state).items() if kind in _KINDS}
        return {"format": FORMAT, "show": show.name} | {kind: own[kind] + lost[kind] for kind in _KINDS} | {"seen": seen}

    def _events(self, show: Show, kept: dict[str, Any]) -> tuple[Event, ...]:
        numbers = {
            (show.patch.fixtures[p.fixture].name, parameter_words(p)): p.index for p in show.patch.parameters
        }  # fmt: skip
        found: list[Event] = []
        for item in kept["parked"]:
            number = numbers.get((item["fixture"], item["parameter"]))
            if number is None:
                self._lose("parked", item)
                continue
            origin = Origin("journal", str(item["person"]))
            found.append(Grab((number,), (int(item["level"]),), True, str(item["reason"]), origin, int(item["since"])))
        for item in kept["out_of_service"]:
            if item["fixture"] not in show.patch.fixture_named:
                self._lose("out_of_service", item)
                continue
            spare = str(item["spare"])
            if spare and spare not in show.patch.fixture_named:
                log.warning("%s stood in for %s, and is not patched any more.", spare, item["fixture"])
                spare = ""
            origin = Origin("journal", str(item["person"]))
            words = (str(item["fixture"]), str(item["reason"]), str(item["until"]), spare)
            found.append(OutOfService(*words, int(item["since"]), origin))
        for item in kept["maintenance"]:
            origin = Origin("journal", str(item["person"]))
            found.append(Maintain(True, str(item["reason"]), "", int(item["since"]), origin))
        outputs = stage_of(show).outputs
        for item in kept["muted"]:
            if item["what"] not in outputs:
                log.warning("%s was muted; the show has no such output now.", item["what"])
                self._lost["muted"].append(item)
                continue
            origin = Origin("journal", str(item["person"]))
            found.append(Mute(str(item["what"]), True, str(item["reason"]), int(item["since"]), origin))
        return tuple(found)

    def _lose(self, kind: str, item: dict[str, Any]) -> None:
        what = "parked" if kind == "parked" else "out of service"
        log.warning("%s was %s (%s); the patch has no such light now.", item["fixture"], what, item.get("reason") or "no reason")
        self._lost[kind].append(item)

    def _write(self, data: bytes) -> None:
        from showctl.showfile.writers import Disk

        disk, new = Disk(), self.path.with_suffix(".new")
        try:
            disk.write(new, data, 0o644)
            if disk.read(new) != data:
                raise OSError("what was written does not read the same")
            disk.rename(new, self.path)
            disk.sync_folder(self.path.parent)
        except OSError as error:
            log.warning("%s cannot be written (%s): after a restart, parks and marks are as they were.", self.path, error)


def _name(item: dict[str, Any]) -> object:
    """What a mark is on: a light, or an output."""
    return item.get("fixture", item.get("what"))


def _read(data: bytes) -> dict[str, Any]:
    if len(data) > LARGEST:
        raise ValueError("it is too large")
    kept = json.loads(data)
    kept.setdefault("muted", [])  # files of before know nothing of it
    if kept["format"] != FORMAT or not all(isinstance(kept[kind], list) for kind in _KINDS):
        raise ValueError("it is of another format")
    found: dict[str, Any] = kept
    return found
