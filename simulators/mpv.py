"""An mpv as its JSON IPC shows it: one file at a time, paused or playing, with properties that can be read, set and observed.

Written from mpv's manual ("JSON IPC", "Properties") and from what mpv 0.35 was heard to say; a test has a real one and this one
say the same to the same commands. A file takes ``options: {loads: 20ms}`` to open, its picture moves frame by frame, its sound
(``audio-pts``) to the moment. Only one caller is served at a time, the newest. What breaks:

    restart [for 2s]       the process dies, and another one is there (after 2 s; left out: 200 ms), with nothing loaded
    clip NAME missing      the file is gone; ``clip NAME found`` brings it back
    clock fast 3%          its clock is wrong by so much, or ``clock slow 3%``; ``clock fast 0%`` mends it
    split, merge, mended   answers come in pieces of a few bytes, or several at once and late
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant, seconds_of
from showctl.show.show import Show
from simulators.device import Box, Endpoint
from simulators.faults import read_duration

Data: TypeAlias = str | float | int | bool | None

LONGEST_LINE: Final = 65536
MERGED_FOR: Final = 60 * MILLISECOND
RESTARTS_IN: Final = 200 * MILLISECOND
SEEKS_IN: Final = 30 * MILLISECOND
SOUND_TOLD_EVERY: Final = 0.05
SETTABLE: Final = (
    "pause", "start", "loop-file", "speed", "volume", "contrast", "mute", "idle", "keep-open", "hr-seek",
    "audio-pitch-correction",
)  # fmt: skip


@dataclass(frozen=True)
class File:
    """A file that is open. It stood at ``place`` seconds at ``anchor``; ``ready`` is when its first frame is there."""

    name: str
    path: str
    length: float | None
    fps: float
    entry: int
    place: float
    anchor: Instant
    ready: Instant


@dataclass
class Mind:
    """What the process knows; another process knows nothing of it."""

    props: dict[str, Data] = field(
        default_factory=lambda: {
            "pause": True, "start": "0", "loop-file": "no", "speed": 1.0, "volume": 100.0, "contrast": 0, "mute": False,
        }
    )  # fmt: skip
    file: File | None = None
    entry: int = 0
    observed: dict[int, str] = field(default_factory=dict)
    said: dict[int, Data] = field(default_factory=dict)
    due: list[tuple[Instant, int, Callable[[Instant], None]]] = field(default_factory=list)


class Mpv(Box):
    """One mpv. Its truth: what is on the wall (``opacity`` and all), and ``loaded``, what stands there unseen."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:  # noqa: ARG002
        self.device = device
        super().__init__(device.name, (Endpoint("tcp", (device.host, device.port)),))
        root = str(device.options.get("media", "")).rstrip("/")
        self._files = {f"{root}/{clip.file}" if root else clip.file: clip for clip in show.clips}
        self._missing: set[str] = set()
        self._loads = read_duration(str(device.options.get("loads", "20ms")))
        self._mind = Mind()
        self._tempo = 1.0
        self._style = ""
        self._held_out = b""
        self._caller = ""
        self._heard = b""
        self._told_idle: bool | None = None
        """Whether nothing was open when it was asked for that last."""
        self._back_at: Instant | None = None
        self._now: Instant = 0

    # --- Box ---------------------------------------------------------------------------------------------------------

    def on_up(self, now: Instant) -> None:  # noqa: ARG002
        self._mind, self._tempo, self._style, self._held_out, self._back_at = Mind(), 1.0, "", b"", None
        self._told_idle = None

    def on_down(self, now: Instant) -> None:
        self.on_up(now)
        self._caller = ""

    def on_connected(self, stream: str, now: Instant) -> bool:  # noqa: ARG002
        if self._back_at is not None:
            return False
        self._caller, self._heard = stream, b""
        self._mind.observed.clear()
        self._mind.said.clear()
        return True

    def on_closed(self, stream: str, now: Instant) -> None:  # noqa: ARG002
        if stream == self._caller:
            self._caller = ""

    def on_stream(self, stream: str, data: bytes, now: Instant) -> None:
        if stream != self._caller:
            return
        self._now = now
        *lines, self._heard = (self._heard + data).split(b"\n")
        if len(self._heard) > LONGEST_LINE:
            self._heard = b""
        for line in lines:
            if line.strip():
                self._obey(line, now)
        self._tell_changes(now)

    def told_all(self) -> bool:
        rests = not self._moves and not self._style and self._back_at is None
        return bool(self._caller) and rests and self._told_idle == (self._mind.file is None)

    def told_nothing(self) -> None:
        self._told_idle = None

    def own_deadline(self) -> Instant | None:
        times = [at for at, _, _ in self._mind.due]
        if self._back_at is not None:
            times.append(self._back_at)
        elif self._moves and (end := self._end()) is not None:
            times.append(end)
        if "time-pos" in self._mind.observed.values() and (frame := self._next_frame()) is not None:
            times.append(frame)
        return min(times, default=None)

    def on_wake(self, now: Instant) -> None:
        self._now = now
        if self._back_at is not None and now >= self._back_at:
            self._back_at = None
        due = sorted((item for item in self._mind.due if item[0] <= now), key=lambda item: item[:2])
        self._mind.due = [item for item in self._mind.due if item[0] > now]
        for _, _, what in due:
            what(now)
        end = self._end()
        if self._moves and end is not None and now >= end:
            self._over("eof")
        self._tell_changes(now)

    def on_act(self, words: str, now: Instant) -> None:
        self._now = now
        names = {clip.name for clip in self._files.values()}
        if match := re.fullmatch(r"restart(?: for (.+))?", words):
            self.on_up(now)
            self._back_at = now + (read_duration(match[1]) if match[1] else RESTARTS_IN)
            caller, self._caller = self._caller, ""
            if caller:
                self.hang_up(caller)
        elif (match := re.fullmatch(r"clip (\S+) (missing|found)", words)) and match[1] in names:
            (self._missing.add if match[2] == "missing" else self._missing.discard)(match[1])
        elif match := re.fullmatch(r"clock (fast|slow) (\d+(?:\.\d+)?)\s*%", words):
            self._stand(now)
            self._tempo = 1.0 + float(match[2]) / (100 if match[1] == "fast" else -100)
        elif words in ("split", "merge", "mended"):
            self._style = "" if words == "mended" else words
            self._let_out(now)
        else:
            raise ValueError(
                f"{self.name} does not understand {words!r}; it knows restart [for TIME], clip NAME missing, clip NAME found, "
                "clock fast N%, clock slow N%, split, merge, mended"
            )

    def truth(self, now: Instant) -> dict[str, Value]:
        mind, file = self._mind, self._mind.file
        there = file is not None and now >= file.ready
        volume, contrast = float(mind.props["volume"] or 0.0), float(mind.props["contrast"] or 0.0)
        hidden = there and mind.props["pause"] is True and (contrast <= -100 or self.device.kind.name == "mpv_sound")
        state = "stopped" if not there or hidden else "paused" if mind.props["pause"] else "playing"
        shown = state != "stopped" and file is not None
        return {
            "state": state,
            "clip": file.name if file is not None and shown else "",
            "position": round(self._place(now), 3) if shown else 0.0,
            "opacity": contrast + 100.0 if shown else 0.0,
            "level": round(max(60.0 * math.log10(volume / 100.0), -120.0), 2) if volume > 0 else -120.0,
            "muted": bool(mind.props["mute"]),
            "loaded": file.name if file is not None and hidden else "",
            "speed": float(mind.props["speed"] or 1.0),
        }

    # --- commands ----------------------------------------------------------------------------------------------------

    def _obey(self, line: bytes, now: Instant) -> None:
        try:
            said = json.loads(line)
            number, words = said.get("request_id", 0), said["command"]
            name, rest = str(words[0]), words[1:]
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            self._tell({"error": "invalid parameter", "request_id": 0})
            return
        if not isinstance(number, int):
            number = 0
        try:
            data, error = self._command(name, rest, now)
        except (ValueError, IndexError, TypeError):
            data, error = None, "invalid parameter"
        answer: dict[str, object] = {"request_id": number, "error": error}
        if data is not None:
            answer = {"data": data, **answer}
        self._tell(answer)

    def _command(self, name: str, rest: list[object], now: Instant) -> tuple[object, str]:
        mind = self._mind
        match name:
            case "get_property":
                value = self._property(str(rest[0]), now)
                return (value, "success") if value is not None else (None, "property unavailable")
            case "set_property":
                return None, self._set(str(rest[0]), rest[1], now)
            case "observe_property":
                number = _whole(rest[0])
                mind.observed[number] = str(rest[1])
                mind.said.pop(number, None)
                self._later(now, lambda then: self._tell_change(number, then))
            case "unobserve_property":
                mind.observed.pop(_whole(rest[0]), None)
            case "loadfile":
                return {"playlist_entry_id": self._load(str(rest[0]), now)}, "success"
            case "seek":
                return None, self._seek(float(str(rest[0])), str(rest[1]) if len(rest) > 1 else "relative", now)
            case "stop":
                self._over("stop")
            case "quit":
                self.on_act("restart", now)
            case _:
                return None, "invalid parameter"
        return None, "success"

    def _property(self, name: str, now: Instant) -> Data:
        file = self._mind.file
        match name:
            case "mpv-version":
                return "mpv 0.35.1"
            case "idle-active":
                self._told_idle = file is None if self.answers_well else None
                return file is None
            case "path":
                return None if file is None else file.path
            case "duration":
                return None if file is None or now < file.ready else file.length
            case "audio-pts" if file is not None and now >= file.ready:
                return round(self._place(now), 6)
            case "time-pos" if file is not None and now >= file.ready:
                return self._frame(now)
            case "eof-reached":
                return None if file is None else False
            case _:
                return self._mind.props.get(name)

    def _set(self, name: str, value: object, now: Instant) -> str:
        if name not in SETTABLE:
            return "property not found"
        props = self._mind.props
        match name:
            case "contrast":
                if not isinstance(value, int) or isinstance(value, bool):
                    return "error accessing property"
                if not -100 <= value <= 100:
                    return "unsupported format for accessing property"
                props[name] = value
            case "volume" | "speed":
                if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1000:
                    return "error accessing property"
                self._stand(now)
                props[name] = float(value)
            case "pause" | "mute":
                if not isinstance(value, bool):
                    return "error accessing property"
                if name == "pause":
                    self._pause(value, now)
                props[name] = value
            case _:
                props[name] = value if isinstance(value, str | int | float | bool) else None
        return "success"

    def _load(self, path: str, now: Instant) -> int:
        self._over("stop", idle=False)
        mind = self._mind
        mind.entry += 1
        entry, clip = mind.entry, self._files.get(path)
        self._tell({"event": "start-file", "playlist_entry_id": entry})
        if clip is None or clip.name in self._missing:
            self._later(now, lambda _: self._tell_end("error", entry, "loading failed"))
            self._later(now, lambda _: self._tell({"event": "idle"}))
            return entry
        length = None if clip.length is None else seconds_of(clip.length)
        start, opened = float(str(mind.props["start"] or 0)), now + self._loads
        mind.file = File(clip.name, path, length, clip.fps, entry, _on_frame(start, clip.fps), opened, opened)
        self._later(opened, lambda then: self._opened(entry, then))
        return entry

    def _opened(self, entry: int, now: Instant) -> None:
        file = self._mind.file
        if file is None or file.entry != entry:
            return
        if file.length is not None and file.place >= file.length:
            self._over("eof")
            return
        self._mind.file = replace(file, anchor=now + self.device.latency)
        for event in ("file-loaded", *(["seek"] if file.place else []), "playback-restart"):
            self._tell({"event": event})

    def _seek(self, target: float, how: str, now: Instant) -> str:
        file = self._mind.file
        if file is None or now < file.ready:
            return "error running command"
        place = target if "absolute" in how else self._place(now) + target
        self._tell({"event": "seek"})
        place = min(max(place, 0.0), file.length if file.length is not None else place)
        self._mind.file = replace(file, place=_on_frame(place, file.fps), anchor=now + SEEKS_IN)
        self._later(now + SEEKS_IN, lambda _: self._tell({"event": "playback-restart"}))
        return "success"

    def _over(self, reason: str, *, idle: bool = True) -> None:
        file, self._mind.file = self._mind.file, None
        if file is not None:
            self._tell_end(reason, file.entry)
            if idle:
                self._tell({"event": "idle"})

    # --- where it is -------------------------------------------------------------------------------------------------

    @property
    def _moves(self) -> bool:
        return self._mind.file is not None and self._mind.props["pause"] is False

    def _rate(self) -> float:
        return float(self._mind.props["speed"] or 1.0) * self._tempo

    def _place(self, now: Instant) -> float:
        file = self._mind.file
        if file is None:
            return 0.0
        place = file.place + (seconds_of(max(now - file.anchor, 0)) * self._rate() if self._moves else 0.0)
        if file.length is None:
            return place
        return place % file.length if self._loops else min(place, file.length)

    def _frame(self, now: Instant) -> float:
        file = self._mind.file
        assert file is not None
        if not file.fps:
            return round(self._place(now), 6)
        ahead = 1 if self._moves and now >= file.anchor else 0  # the frame that is being shown next
        return round((math.floor(self._place(now) * file.fps + 1e-6) + ahead) / file.fps, 6)

    @property
    def _loops(self) -> bool:
        return self._mind.props["loop-file"] in ("inf", "yes", True)

    def _end(self) -> Instant | None:
        file = self._mind.file
        if file is None or file.length is None or self._loops:
            return None
        return file.anchor + math.ceil((file.length - file.place) / self._rate() * SECOND)

    def _next_frame(self) -> Instant | None:
        file = self._mind.file
        if file is None or not self._moves:
            return None
        told = next((self._mind.said.get(n) for n, name in self._mind.observed.items() if name == "time-pos"), None)
        place = float(told) if isinstance(told, int | float) else file.place
        place += 0.0 if file.fps else SOUND_TOLD_EVERY  # a film has told of the frame that comes next
        at = max(file.anchor + math.ceil((place - file.place) / self._rate() * SECOND), file.anchor) + 1000
        return at if at > self._now else self._now + MILLISECOND

    def _pause(self, on: bool, now: Instant) -> None:
        file = self._mind.file
        if file is None or on == self._mind.props["pause"]:
            return
        late: Duration = 0 if on else self.device.latency
        self._mind.file = replace(file, place=self._place(now), anchor=max(now + late, file.ready + late))

    def _stand(self, now: Instant) -> None:
        """From here on it goes at another rate."""
        file = self._mind.file
        if file is not None and self._moves and now > file.anchor:
            self._mind.file = replace(file, place=self._place(now), anchor=now)

    # --- what it says ------------------------------------------------------------------------------------------------

    def _later(self, at: Instant, what: Callable[[Instant], None]) -> None:
        self._mind.due.append((at + 1, len(self._mind.due), what))

    def _tell_changes(self, now: Instant) -> None:
        for number in list(self._mind.observed):
            if number in self._mind.said:
                self._tell_change(number, now)

    def _tell_change(self, number: int, now: Instant) -> None:
        name = self._mind.observed.get(number)
        if name is None:
            return
        value = self._property(name, now)
        if number in self._mind.said and self._mind.said[number] == value:
            return
        self._mind.said[number] = value
        self._tell({"event": "property-change", "id": number, "name": name, **({} if value is None else {"data": value})})

    def _tell_end(self, reason: str, entry: int, error: str = "") -> None:
        said: dict[str, object] = {"event": "end-file", "reason": reason, "playlist_entry_id": entry}
        self._tell(said | ({"file_error": error} if error else {}))

    def _tell(self, said: dict[str, object]) -> None:
        if not self._caller:
            return
        data = json.dumps(said).encode() + b"\n"
        if self._style == "merge":
            if not self._held_out:
                self._mind.due.append((self._now + MERGED_FOR, len(self._mind.due), self._let_out))
            self._held_out += data
        elif self._style == "split":
            for begin in range(0, len(data), 7):
                self.write(self._caller, data[begin : begin + 7])
        else:
            self.write(self._caller, data)

    def _let_out(self, now: Instant) -> None:  # noqa: ARG002
        held, self._held_out = self._held_out, b""
        if held and self._caller:
            self.write(self._caller, held)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _on_frame(place: float, fps: float) -> float:
    """The first frame at or after ``place``."""
    return math.ceil(place * fps - 1e-6) / fps if fps else place
