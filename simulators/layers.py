"""Media servers with layers, as their OSC shows them: Resolume by layer and clip, Millumin by layer's name, and one of nobody's.

Written from what their makers publish of their addresses, apart from the lines of the drivers. Their clips are the show's, under
the names that the device's option ``clips`` gives them. ``clip NAME missing`` takes one away; ``layer LAYER 40`` moves a fader by
hand. ``MediaServer`` is the one that the example show describes: ``/layer/1/play moon 0.0``, ``/layer/1/level 0.5``,
``/layer/1/clear``, ``/hold 1``; it tells ``/layer/1/is moon 3.2 0.5`` each second and on change, and answers ``/alive``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import SECOND, Duration, Instant, seconds_of
from showctl.show.show import Show
from simulators.loading import KNOWN, Loading
from simulators.osc_server import Caller, OscServer
from simulators.osc_wire import Message
from simulators.playing import ClipClock, duration_of

ASKED = ("/millumin/ping", "/alive")
"""What is answered while a clip is loaded; and whatever is asked with a ``?``."""


@dataclass(frozen=True)
class Layer:
    """What is on a layer, and how much of it is seen (0 to 1)."""

    clock: ClipClock | None = None
    share: float = 1.0
    order: int = 0


class LayerBox(OscServer):
    """What they share: layers by name, clips by what they are called there."""

    def __init__(self, device: Device, show: Show, seed: int) -> None:
        super().__init__(device, show, seed)
        called = dict(word.split("=", 1) for word in str(device.options.get("clips", "")).split() if "=" in word)
        self._clips: dict[str, tuple[str, Duration | None]] = {
            called.get(clip.name, clip.name): (clip.name, clip.length)
            for clip in show.clips
            if not clip.players or device.name in clip.players
        }
        self._missing: set[str] = set()
        self.layers: dict[str, Layer] = {}
        self._told: dict[str, float] = {}
        """What it answered last to who asked how much is seen of a layer."""
        self._begun = 0
        self._report_at: Instant | None = None
        self._loading = Loading(device)

    def on_messages(self, messages: list[Message], peer: Caller, now: Instant) -> None:
        for message in messages:
            if message.text(0) == "?" or message.address in ASKED or not self._loading.drops(now):
                super().on_messages([message], peer, now)

    @property
    def at_rest(self) -> bool:
        told = all(self.layers.get(name, Layer()).share == share for name, share in self._told.items())
        return told and all(layer.clock is None for layer in self.layers.values())

    def told_nothing(self) -> None:
        self._told = dict.fromkeys(self._told, -1.0)

    def report(self, now: Instant) -> dict[str, Value]:
        return self.truth(now)

    def tell_layer(self, name: str, now: Instant) -> None:
        """What is pushed of a layer; nothing where such a thing only answers."""

    def on_up(self, now: Instant) -> None:  # noqa: ARG002
        self.layers.clear()
        self._report_at = None
        self._loading.ends()

    def own_deadline(self) -> Instant | None:
        ends = [layer.clock.end() for layer in self.layers.values() if layer.clock is not None]
        return min((at for at in (*ends, self._report_at) if at is not None), default=None)

    def on_wake(self, now: Instant) -> None:
        for name, layer in list(self.layers.items()):
            if layer.clock is not None and (end := layer.clock.end()) is not None and now >= end:
                self.layers[name] = replace(layer, clock=None)
                self.tell_layer(name, now)
        if self._report_at is not None and now >= self._report_at:
            playing = [name for name, layer in self.layers.items() if layer.clock is not None]
            for name in playing:
                self.tell_layer(name, now)
            self._report_at = now + SECOND if playing else None

    def play(self, name: str, called: str, now: Instant, at: Duration = 0) -> bool:
        known = self._clips.get(called)
        if known is None or known[0] in self._missing:
            return False
        self._begun += 1
        layer = self.layers.get(name, Layer())
        loads = self._loading.begins(now) if layer.clock is None or layer.clock.clip != called else 0
        clock = ClipClock(called, known[1], False, at, now + self.device.latency + loads)
        self.layers[name] = replace(layer, clock=clock, order=self._begun)
        self._report_at = self._report_at or now + SECOND
        self.tell_layer(name, now)
        return True

    def clear(self, name: str, now: Instant) -> None:
        if name in self.layers:
            self.layers[name] = replace(self.layers[name], clock=None)
            self.tell_layer(name, now)

    def hold(self, name: str, on: bool, now: Instant) -> None:
        layer = self.layers.get(name)
        if layer is not None and layer.clock is not None:
            clock = layer.clock.stopped(now) if on else layer.clock.resumed(now)
            self.layers[name] = replace(layer, clock=clock)
            self.tell_layer(name, now)

    def move(self, name: str, place: Duration, now: Instant) -> None:
        layer = self.layers.get(name)
        if layer is not None and layer.clock is not None:
            self.layers[name] = replace(layer, clock=replace(layer.clock, position=place, anchor=now))

    def level(self, name: str, share: float) -> None:
        self.layers[name] = replace(self.layers.get(name, Layer()), share=min(max(share, 0.0), 1.0))

    def on_act(self, words: str, now: Instant) -> None:
        names = {name for name, _ in self._clips.values()}
        if (match := re.fullmatch(r"clip (\S+) (missing|found)", words)) and match[1] in names:
            (self._missing.add if match[2] == "missing" else self._missing.discard)(match[1])
        elif match := re.fullmatch(r"layer (\S+) (\d+(?:\.\d+)?)", words):
            self.level(match[1], float(match[2]) / 100)
            self.tell_layer(match[1], now)
        elif not self._loading.act(words):
            raise ValueError(
                f"{self.name} does not understand {words!r}; it knows clip NAME missing, clip NAME found, layer NAME 40, {KNOWN}"
            )

    def truth(self, now: Instant) -> dict[str, Value]:
        lead = max(
            (item for item in self.layers.items() if item[1].clock is not None), key=lambda item: item[1].order, default=None
        )
        if lead is None or lead[1].clock is None:
            return {"state": "stopped", "clip": "", "layer": "", "position": 0.0, "opacity": 0.0}
        name, layer = lead
        clock = layer.clock
        assert clock is not None
        return {
            "state": "playing" if clock.running else "paused", "clip": self._clips[clock.clip][0], "layer": name,
            "position": round(seconds_of(clock.at(now)), 3), "opacity": round(layer.share * 100, 2),
        }  # fmt: skip


class Resolume(LayerBox):
    """It answers what it is asked with a ``?``, and tells nothing by itself."""

    def on_osc(self, message: Message, caller: Caller, now: Instant) -> None:
        if match := re.fullmatch(r"/composition/layers/(\d+)/(.+)", message.address):
            self._layer(match[1], match[2], message, caller, now)

    def _layer(self, name: str, what: str, message: Message, caller: Caller, now: Instant) -> None:
        layer = self.layers.get(name, Layer())
        asks = message.text(0) == "?"
        if what == "video/opacity":
            if asks:
                self._told[name] = layer.share if self.answers_well else -1.0
                self.tell(caller, message.address, layer.share)
            else:
                self.level(name, message.number(0))
        elif what == "clear" and message.truth(0):
            self.clear(name, now)
        elif match := re.fullmatch(r"clips/(\w+)/(.+)", what):
            mine = layer.clock is not None and layer.clock.clip == match[1]
            length = self._clips.get(match[1], ("", None))[1]
            match match[2]:
                case "connect" if message.truth(0):
                    self.play(name, match[1], now)
                case "transport/position" if asks:
                    if mine and layer.clock is not None:
                        self.tell(caller, message.address, layer.clock.at(now) / length if length else 0.0)
                case "transport/position" if mine and length:
                    self.move(name, round(message.number(0) * length), now)
                case "transport/position/behaviour/playdirection" if mine:
                    self.hold(name, message.number(0) == 1, now)
                case _:
                    pass


class Millumin(LayerBox):
    """Its layers have names; it pushes what they do."""

    def on_osc(self, message: Message, caller: Caller, now: Instant) -> None:
        if message.address == "/millumin/ping":
            self.tell(caller, "/millumin/pong")
        elif match := re.fullmatch(r"(?:/millumin)?/layer:([^/]+)/(.+)", message.address):
            match match[2]:
                case "startMedia" if message.arguments:
                    self.play(match[1], message.text(0), now)
                case "startMedia" | "pauseMedia":
                    self.hold(match[1], match[2] == "pauseMedia", now)
                case "stopMedia":
                    self.clear(match[1], now)
                case "media/time":
                    self.move(match[1], duration_of(message.number(0)), now)
                case "opacity":
                    self.level(match[1], message.number(0))
                case _:
                    pass

    def tell_layer(self, name: str, now: Instant) -> None:
        layer = self.layers[name]
        base = f"/millumin/layer:{name}"
        if layer.clock is None:
            self.tell_all_callers(f"{base}/mediaStopped")
            return
        length = seconds_of(self._clips[layer.clock.clip][1] or 0)
        if not layer.clock.running:
            self.tell_all_callers(f"{base}/mediaPaused")
            return
        if layer.clock.at(now) == layer.clock.position:
            self.tell_all_callers(f"{base}/mediaStarted", 0, layer.clock.clip, length)
        self.tell_all_callers(f"{base}/media/time", seconds_of(layer.clock.at(now)), length)
        self.tell_all_callers(f"{base}/opacity", layer.share)


class MediaServer(LayerBox):
    """The one of nobody's."""

    def on_osc(self, message: Message, caller: Caller, now: Instant) -> None:
        if message.address == "/alive":
            self.tell(caller, "/alive", 1)
        elif message.address == "/hold":
            for name in list(self.layers):
                self.hold(name, message.truth(0), now)
        elif match := re.fullmatch(r"/layer/(\d+)/(play|level|clear)", message.address):
            match match[2]:
                case "play":
                    if not self.play(match[1], message.text(0), now, duration_of(message.number(1))):
                        self.tell(caller, "/error", f"no clip {message.text(0)}")
                case "level":
                    self.level(match[1], message.number(0))
                    self.tell_layer(match[1], now)
                case _:
                    self.clear(match[1], now)

    def tell_layer(self, name: str, now: Instant) -> None:
        layer = self.layers[name]
        if layer.clock is None:
            self.tell_all_callers(f"/layer/{name}/empty")
            return
        word = "is" if layer.clock.running else "held"
        self.tell_all_callers(f"/layer/{name}/{word}", layer.clock.clip, seconds_of(layer.clock.at(now)), layer.share)
