"""mpv over its JSON IPC: a real player for film and sound on this machine, one process an output.

The link starts it (option ``start: yes``) or finds it at its ``socket``; here are its manners: what is observed, what is asked
every half second while it plays and every second while it does not, levels that are faded from here (volume in dB with the laws
of ``ramp``, opacity as gain over black), and health. ``mpv_deck`` knows about its clip. One process plays one clip: another
one takes its place. A mpv that died is connected to again at once, then after 1, 2, 4 ... 30 s; one that takes bytes and answers
nothing for 5 s is hung up on, and the link ends what it has started.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from showctl.devices.answering import Answering
from showctl.devices.driver import Close, Connect, Output, Outputs, Phase, Send, Started
from showctl.devices.heartbeat import LOST_AFTER, Backoff, Heartbeat, earliest
from showctl.devices.mpv_deck import Deck, Words
from showctl.devices.mpv_levels import Levels
from showctl.devices.orders import Orders
from showctl.devices.ramp import level_of
from showctl.devices.reports import Reports
from showctl.devices.words import completed, flag, number, text
from showctl.engine.commands import Tell
from showctl.protocols import mpv
from showctl.protocols.errors import ProtocolError, printable
from showctl.show.cues import Value
from showctl.show.devices import Device
from showctl.show.instants import MILLISECOND, SECOND, Duration, Instant, seconds
from showctl.show.triggers import Clip

LOOKS_EVERY: Final = SECOND // 2
IDLE_EVERY: Final = SECOND
AT_ONCE: Final = 100 * MILLISECOND
"""The first time after a death: the picture is black."""
TRUSTED: Final = 40 * MILLISECOND
"""A question whose answer took longer says too little about where the clip is."""
MOST_ASKED: Final = 512
MANNERS: Final = (("idle", "yes"), ("keep-open", "no"), ("hr-seek", "yes"), ("audio-pitch-correction", False))
OBSERVED: Final = ("pause", "mute", "volume", "contrast", "duration", "path")


class Mpv(Answering):
    """One mpv: a picture with its sound (kind ``mpv``), or sound alone (``mpv_sound``)."""

    def __init__(self, device: Device, clips: Mapping[str, Clip]) -> None:
        self.device = device
        self._picture = device.kind.name == "mpv"
        self.deck = Deck(device, clips)
        self._beat, self._reports, self._orders = Heartbeat(device), Reports(device), Orders(device, self._shows)
        self._backoff, self._lines = Backoff(), mpv.Lines()
        self._up = self._greeted = False
        self._died_before = False
        self._up_since: Instant = 0
        self._connect_at: Instant | None = None
        self._look_at: Instant | None = None
        self._number = 0
        self._asked: dict[int, tuple[str, Instant]] = {}
        self._props: dict[str, mpv.Scalar] = {}
        self.levels = Levels(self._picture)
        self._loud = 0.0
        """The volume of pictures: it stays, whatever plays."""
        self._muted: bool | None = None
        self._stop_at: Instant | None = None
        self._trouble = self._cannot = ""
        """What is wrong, and with which clip."""

    # --- the contract ------------------------------------------------------------------------------------------------

    def start(self, now: Instant) -> Outputs:
        self._beat.start(now)
        self._orders.taken_up()
        return [Connect()]

    def command(self, command: Tell, now: Instant) -> Outputs:
        try:
            whole = completed(command, self.device)
            words = self._perform(whole, now)
        except (KeyError, ValueError, TypeError):  # a verb or argument that this kind does not have; the checker said so
            return []
        found: list[Output] = []
        if whole.verb in ("play", "load", "stop", "blank", "silence") and self._trouble:
            self._trouble = self._cannot = ""
            found += self._beat.trouble("", now)
        found += [*self._say(words), *self._say(self.levels.due(now))] if self._greeted else []
        found += self._orders.asked(whole, now, sent=self._greeted)
        return found + self._instead(now)

    def received(self, data: bytes, now: Instant) -> Outputs:
        if not self._up:
            return []
        found: list[Output] = [*self._beat.heard(now)]
        try:
            for line in self._lines.feed(data):
                found += self._heard(mpv.decode(line), now)
        except ProtocolError as error:
            return [*found, Close(), *self._broken(f"sent {error.what}", now)]
        self._orders.look()
        return found + self._report(now)

    def message(self, topic: str, payload: bytes, retained: bool, now: Instant) -> Outputs:  # noqa: ARG002
        return []

    def connected(self, now: Instant) -> Outputs:
        self._up, self._greeted, self._up_since, self._connect_at = True, False, now, None
        self._lines, self._look_at = mpv.Lines(), now + IDLE_EVERY
        self._asked.clear()
        self._props.clear()
        self._beat.forgive()
        words: Words = [("set_property", name, value) for name, value in MANNERS]
        words += [("observe_property", 10 + n, name) for n, name in enumerate(OBSERVED)]
        found = self._say(words)
        for name in ("path", "pause", "time-pos"):
            found += self._ask(f"greet {name}", now, "get_property", name)
        return found

    def lost(self, why: str, now: Instant) -> Outputs:
        return self._broken(why, now)

    def wake(self, now: Instant) -> Outputs:
        found: list[Output] = [*self._beat.wake(now)]
        if self._up and now >= self._silent_until():
            return [*found, Close(), *self._broken("takes what is said and answers nothing", now)]
        if self._connect_at is not None and now >= self._connect_at:
            self._connect_at = None
            found.append(Connect())
        if self._greeted:
            found += self._say(self.deck.wake(now))
            found += self._say(self.levels.due(now))
            if self._stop_at is not None and now >= self._stop_at:
                self._stop_at = None
                found += self._say_next(self.deck.stop(now), now)
            if self._look_at is not None and now >= self._look_at:
                found += self._look(now)
        again, failed = self._orders.wake(now)
        if again and self._greeted:
            found += self._look(now)
        return [*found, *failed, *self._instead(now), *self._report(now), *self._reports.wake(now)]

    def next_deadline(self) -> Instant | None:
        own = (self._look_at, self._stop_at, self.deck.next_deadline(), self.levels.next_deadline())
        return earliest(
            self._beat.next_deadline(),
            self._connect_at,
            self._silent_until() if self._up else None,
            *(own if self._greeted else ()),
            self._orders.next_deadline(),
            self._reports.next_deadline(),
        )

    def pings_at(self) -> Instant | None:
        """When it asks next whether mpv is there (``driver.Polling``); None while it plays, or is about to do anything."""
        busy = self.deck.running or self._asked or self._orders.open or self._stop_at is not None
        waits = earliest(self.deck.next_deadline(), self.levels.next_deadline(), self._reports.next_deadline()) is not None
        return None if busy or waits or not self._greeted or self._beat.state != "ok" else self._look_at

    def asks_anew_at(self) -> Instant | None:
        return None

    def was_answered(self, now: Instant) -> Instant | None:
        if self._look_at is None or self._look_at > now:
            return None
        more = (now - self._look_at) // IDLE_EVERY
        first, last = self._look_at, self._look_at + more * IDLE_EVERY
        self._look_at = last + IDLE_EVERY
        self._number = (self._number + more) % 0x7FFFFFFF + 1
        self._beat.kept_talking(first, last)
        self._reports.again(last)
        return last

    def other_deadline(self) -> Instant | None:
        return self._reports.next_deadline()

    def desired(self) -> dict[str, Value]:
        thing = next(iter(self.deck.show.wanted.values()), None)
        wanted: dict[str, Value] = {"state": "stopped"}
        if thing is not None:
            wanted = {"state": "paused" if self.deck.show.paused else "playing", "clip": thing.clip}
            wanted |= {"opacity": self.levels.opacity.ramp.target} if self._picture else {"level": self.levels.target()}
        if self.deck.standby is not None:
            wanted["loaded"] = self.deck.standby[0]
        return wanted if self._muted is None else wanted | {"muted": self._muted}

    def phase(self) -> Phase:
        return self._orders.phase()

    def last_start(self) -> Started | None:
        return self.deck.started

    # --- verbs -------------------------------------------------------------------------------------------------------

    def _perform(self, command: Tell, now: Instant) -> Words:
        match command.verb:
            case "play":
                return self._play(command, now)
            case "load":
                words = self.deck.prepare(text(command, "clip"), number(command, "at"), now)
                if words:
                    self.levels.hide(now)
                return words if self._greeted else []
            case "seek":
                return self.deck.seek(number(command, "at"), now)
            case "fade" if self._picture:
                self.levels.opacity.go(number(command, "opacity"), seconds(number(command, "over")), now)
            case "fade" | "volume" | "master" | "bus":
                if command.verb == "volume":
                    self._loud = number(command, "level")
                fader = self.levels.fader(command.verb, text(command, "name") if command.verb == "bus" else "")
                fader.go(number(command, "level"), seconds(number(command, "over")), now, text(command, "curve"))
            case "pause":
                return self.deck.pause(flag(command, "on"), now)
            case "mute":
                self._muted = flag(command, "on")
                return [("set_property", "mute", self._muted)]
            case "stop" | "blank" | "silence":
                return self._stop(seconds(number(command, "fade")), now)
            case _:
                raise KeyError(command.verb)
        return []

    def _play(self, command: Tell, now: Instant) -> Words:
        fade, self._stop_at = seconds(number(command, "fade")), None
        if not self._picture:
            self.levels.bus = text(command, "bus")
        self.levels.begin(self._loud if self._picture else number(command, "level"), fade, now)
        words = self.deck.play(text(command, "clip"), number(command, "at"), flag(command, "loop"), now)
        if not self._greeted:
            self.deck.away()
        return words

    def _stop(self, fade: Duration, now: Instant) -> Words:
        if not fade or not self._greeted:
            self._stop_at = None
            words = self.deck.stop(now)
            if self.deck.standby is not None:
                self.levels.hide(now)
            return words
        self.deck.show.stop_all(now)
        self._stop_at = now + fade
        self.levels.leave(fade, now)
        return []

    # --- what it says ------------------------------------------------------------------------------------------------

    def _heard(self, said: mpv.Said, now: Instant) -> list[Output]:
        match said:
            case mpv.Changed("time-pos", value):
                begun = self.deck.moved(value, now)
                return self._say([("unobserve_property", 1)]) if begun else []
            case mpv.Changed(name, value):
                self._props[name] = value
                if name == "duration" and isinstance(value, int | float):
                    self.deck.length = float(value)
            case mpv.Event("start-file"):
                self.deck.opens()
            case mpv.Event("playback-restart"):
                return self._say(self.deck.restarted(now))
            case mpv.Event("end-file", reason, error):
                return self._ended(reason, error, now)
            case mpv.Answer(asked, error, data):
                return self._answered(*self._asked.pop(asked, ("", now)), None if error != "success" else data, now)
            case _:
                pass
        return []

    def _ended(self, reason: str, error: str, now: Instant) -> list[Output]:
        clip = self.deck.clip
        found = self._say_next(self.deck.ended(reason, now), now)
        if reason != "error" or not clip:
            return found
        self._cannot = clip
        self._trouble = f"cannot play {clip}: {printable(error) or 'it says no more'}"
        refused = [*self._orders.refused("play", self._trouble), *self._orders.refused("load", self._trouble)]
        return [*found, *self._beat.trouble(self._trouble, now), *refused, *self._instead(now)]

    def _answered(self, what: str, asked: Instant, data: mpv.Scalar, now: Instant) -> list[Output]:
        match what:
            case "greet path" | "greet pause":
                self._props[what.removeprefix("greet ")] = data
            case "greet time-pos":
                return self._take_up(data, now)
            case "sound" | "film":
                self._beat.answered(now)
                self._props["audio-pts" if what == "sound" else "time-pos"] = data
                if isinstance(data, int | float) and now - asked <= TRUSTED:
                    if what == "sound" or self._props.get("audio-pts") is None:  # film is the coarser of the two
                        return self._say(self.deck.placed(float(data), (asked + now) // 2, fine=what == "sound"))
            case "alive":
                self._beat.answered(now)
            case _:
                pass
        return []

    def _take_up(self, position: mpv.Scalar, now: Instant) -> list[Output]:
        """mpv has said where it is: what is not as the show wants it is set right, levels first."""
        self._greeted, self._died_before = True, False
        self._backoff.worked()
        self.levels.again(now)
        if self.deck.wanted(now) is None:
            self.levels.hide(now)
        self.deck.speed = 0.0  # whatever it is: it is said anew
        found = self._say(self.levels.due(now))
        if self._muted is not None:
            found += self._say([("set_property", "mute", self._muted)])
        found += self._say(self.deck.returned(self._props.get("path"), self._props.get("pause"), position, now))
        return found + self._look(now)

    def _look(self, now: Instant) -> list[Output]:
        """Where is it? While nothing plays: is it there?"""
        self._look_at = now + (LOOKS_EVERY if self.deck.running else IDLE_EVERY)
        self._beat.asked(now)
        if not self.deck.running:
            return self._ask("alive", now, "get_property", "idle-active")
        asked = self._ask("sound", now, "get_property", "audio-pts")
        return asked + self._ask("film", now, "get_property", "time-pos")

    def _report(self, now: Instant) -> list[Output]:
        if not self._greeted:
            return []
        deck, props = self.deck, self._props
        clip = deck.named(props.get("path"))
        waits = clip != "" and bool(props.get("pause")) and not (deck.show.wanted and deck.show.paused)
        state = "stopped" if not clip or waits else "paused" if props.get("pause") else "playing"
        place, volume = props.get("time-pos"), props.get("volume")
        said: dict[str, object] = {"state": state, "clip": "" if waits else clip, "loaded": clip if waits and deck.ready else ""}
        said["position"] = place if state != "stopped" and isinstance(place, int | float) else 0.0
        said["drift"] = round(deck.apart, 4) if state == "playing" else 0.0
        if isinstance(volume, int | float):
            said["level"] = round(level_of(mpv.gain_of(volume)), 2)
        if isinstance(props.get("mute"), bool):
            said["muted"] = props["mute"]
        contrast = props.get("contrast")
        if self._picture and isinstance(contrast, int | float):
            said["opacity"] = mpv.opacity_of(contrast) if state != "stopped" else 0.0
        return [*self._reports.say_all(said, now)]

    # --- inside ------------------------------------------------------------------------------------------------------

    def _shows(self, command: Tell) -> bool | None:
        reported = self._reports.value
        given = dict(command.arguments)
        lead = next(iter(self.deck.show.wanted.values()), None)
        match command.verb:
            case "play" | "load" if given.get("clip") == self._cannot:
                return False
            case "play":
                superseded = lead is None or lead.clip != given.get("clip")
                return superseded or (self.deck.clip == given.get("clip") and (self.deck.running or self.deck.show.paused))
            case "load":
                return self.deck.standby is None or lead is not None or reported("loaded") == given.get("clip")
            case "stop" | "blank" | "silence" if self._stop_at is None:
                return lead is not None or not self.deck.running
            case "mute":
                return reported("muted") == given.get("on")
            case _:
                return None

    def _say(self, words: Words) -> list[Output]:
        found: list[Output] = []
        for line in words:
            self._number = self._number % 0x7FFFFFFF + 1
            found.append(Send(mpv.command(self._number, *line)))
        return found

    def _say_next(self, words: Words, now: Instant) -> list[Output]:
        """Something is over. What stands by after it is not seen."""
        if self.deck.standby is None:
            return self._say(words)
        self.levels.hide(now)
        return [*self._say(self.levels.due(now)), *self._say(words)]

    def _ask(self, what: str, now: Instant, *words: mpv.Scalar) -> list[Output]:
        found = self._say([words])
        self._asked[self._number] = (what, now)
        if len(self._asked) > MOST_ASKED:
            self._asked.pop(next(iter(self._asked)))
        return found

    def _silent_until(self) -> Instant:
        return max(self._beat.last or 0, self._up_since) + LOST_AFTER

    def _broken(self, why: str, now: Instant) -> list[Output]:
        self._up = self._greeted = False
        self._look_at = None
        self.deck.away()
        self._connect_at = now + (self._backoff.next() if self._died_before else AT_ONCE)
        self._died_before = True
        return [*self._beat.trouble(why, now)]

    def _instead(self, now: Instant) -> list[Output]:
        return [output for command in self._orders.stand_ins() for output in self.command(command, now)]
