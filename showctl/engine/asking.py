"""Why is this light at that level? The owner chain of each parameter, down to the cue and its line in the file (R11).

Plain data with sentences in it (``words``), for every surface; nothing here changes anything. The stack itself is
``light.chain``'s business: park, grab, safe state, lists by priority with what is being released and effects, default. Its
neighbours: ``asking_cues.py`` (why did that cue not start) and ``explaining.py`` (what will GO do).
"""

from __future__ import annotations

from typing import Any

from showctl.engine.asking_cues import why_not_started
from showctl.engine.explaining import explain_next
from showctl.engine.hazard_asking import words_of
from showctl.engine.lighting import PERSON, REST_PRIORITY
from showctl.engine.stage import Stage, stage_of
from showctl.engine.state import State
from showctl.engine.tags import LADDER
from showctl.engine.tags_view import holder_words, stands_in_words
from showctl.engine.words import (
    Unknown,
    cue_words,
    level_value,
    level_words,
    look_words,
    parameter_words,
    place_of,
    unknown,
)
from showctl.light.chain import Chain, Link, chain, master_name
from showctl.light.plan import MasterKind, RowKind
from showctl.light.waves import WAVES
from showctl.show.fixtures import EMITTERS, Fixture
from showctl.show.instants import Instant, seconds_of, spoken
from showctl.show.patch import Parameter
from showctl.show.show import Show

_THROUGH = (RowKind.EFFECT, RowKind.CHASE, RowKind.RELEASE)
"""Kinds under which something else is seen, too."""
_WAVE_NAMES = {int(number): wave.value for wave, number in WAVES.items()}


def why_level(show: Show, state: State, now: Instant, fixture: str, parameter: str | None = None) -> dict[str, Any]:
    """Who holds each parameter of ``fixture`` (or one: ``red``, or ``3.red`` of its third cell), and what lies beneath.

    ``Unknown`` where the show has no such light or the light no such parameter.
    """
    there = show.patch.fixture_named.get(fixture)
    if there is None:
        if fixture in show.groups:
            first = show.patch.fixtures[show.groups[fixture][0].fixture].name
            raise Unknown(f"{fixture} is a group: ask about one of its lights, {first} for instance")
        raise unknown("fixture", fixture, show.patch.fixture_named)
    chosen = _chosen(show, there, parameter)
    answers = [_Answer(show, state, now, one) for one in chosen]
    where = f" ({there.place})" if there.place.file else ""
    said = [f"{there.name}{f' {there.label}' if there.label else ''}, {there.universe}.{there.address}{where}"]
    if standing_in := stands_in_words(show, state, there.index):
        said.append(f"  {standing_in}")
    said += [f"  {line}" for line in dict.fromkeys(words_of(show, state, one.index) for one in chosen) if line]
    for together in _alike(answers):
        said += [f"  {line}" for line in _lines(together)]
    return {
        "asked": fixture if parameter is None else f"{fixture}.{parameter}",
        "fixture": there.name,
        "label": there.label,
        "zone": there.zone,
        "place": str(there.place),
        "now": seconds_of(now),
        "latched": state.latch,
        "parameters": [answer.to_json() for answer in answers],
        "words": said,
    }


def _chosen(show: Show, fixture: Fixture, word: str | None) -> list[Parameter]:
    every = show.patch.parameters_of[fixture.index]
    if word is None:
        return list(every)
    chosen = [one for one in every if word in (one.name, parameter_words(one))]
    if not chosen:
        names = dict.fromkeys(one.name for one in every)
        raise Unknown(f"{fixture.name} has no {word}; it has {', '.join(names)}")
    return chosen


class _Answer:
    """The chain of one parameter, and what its links mean in this show."""

    def __init__(self, show: Show, state: State, now: Instant, parameter: Parameter) -> None:
        self.show, self.state, self.now, self.parameter = show, state, now, parameter
        self.stage: Stage = stage_of(show)
        self.chain: Chain = chain(self.stage.rendering, state.plan, parameter.index, now)
        self.links = [*self.chain.parked[::-1], *self.chain.links[::-1]]
        """Top first."""
        self.rests = not any(link.shows and link.kind not in _THROUGH for link in self.links)
        """Whether the default has a say."""

    def to_json(self) -> dict[str, Any]:
        rest = {
            "kind": "default",
            "words": "nobody: its default",
            "shows": self.rests,
            "level": level_value(self.parameter, self.chain.default),
        }
        return {
            "name": self.parameter.name,
            "cell": None if self.parameter.cell < 0 else self.parameter.cell + 1,
            "parameter": self.parameter.index,
            "level": level_value(self.parameter, self.chain.level),
            "output": level_value(self.parameter, self.chain.output),
            "chain": [*(self._link(link) for link in self.links), rest],
            "coming": [self._link(link) | {"in": _seconds(link.begins, self.now)} for link in self.chain.coming],
            "masters": self.masters(),
            "words": _lines([self]),
        }

    def masters(self) -> list[dict[str, Any]]:
        """What scales the level, the light's own dimmer included."""
        said = [
            {"name": master_name(self.stage.rendering, scale.number), "level": round(scale.level / 65535, 4)}
            for scale in self.chain.masters
        ]
        dimmer = self.dimmer()
        return said if dimmer is None else [*said, {"name": "dimmer", "level": dimmer}]

    def dimmer(self) -> float | None:
        """Where the virtual dimmer stands that scales this colour; None where none does."""
        if self.parameter.name not in EMITTERS:
            return None
        for other in self.show.patch.parameters_of[self.parameter.fixture]:
            if other.name == "intensity" and not other.channel.slots and other.cell in (self.parameter.cell, -1):
                return level_value(other, chain(self.stage.rendering, self.state.plan, other.index, self.now).output)
        return None

    def _link(self, link: Link) -> dict[str, Any]:
        ref = self.state.owners.get(link.owner)
        fading = link.left != 0 and link.kind in (RowKind.SET, RowKind.RELEASE) and link.source != link.target
        said: dict[str, Any] = {
            "kind": self.kind(link),
            "words": self.words(link),
            "shows": link.shows,
            "level": level_value(self.parameter, link.level),
            "cue": None if ref is None or self.kind(link) not in ("cue", "effect", "release") else str(ref),
            "name": "",
            "place": "",
            "run": link.owner if ref else None,
            "list": self.show.lists[link.list].name if 0 <= link.list < len(self.show.lists) else None,
            "priority": link.priority if link.list >= 0 else None,
            "age": None if link.begins is None else max(seconds_of(self.now - link.begins), 0.0),
            "fade": None,
        }
        if said["cue"] is not None and ref is not None:
            cue = self.show.list_named[ref.list].named.get(ref.label) if ref.list in self.show.list_named else None
            said |= {"name": cue.name if cue else "", "place": place_of(self.show, ref)}
        if fading:
            to = None if link.kind is RowKind.RELEASE else level_value(self.parameter, link.target)
            left = None if link.left is None else seconds_of(link.left)
            said["fade"] = {
                "from": level_value(self.parameter, link.source),
                "to": to,
                "remaining": left,
                "paused": not link.running,
            }
        return said

    def kind(self, link: Link) -> str:
        """park, grab, safe, rest (a safe look that stays after re-arming), hold, cue, release, effect."""
        if link.kind is RowKind.PARK:
            return "park"
        if link.kind is RowKind.OVERRIDE or link.owner in (PERSON, LADDER):
            return "grab"
        if link.list == self.stage.safe_list:
            return "rest" if link.priority == REST_PRIORITY else "safe"
        if link.list > self.stage.safe_list:
            return "hold"
        if link.kind is RowKind.RELEASE:
            return "release"
        return "effect" if link.kind in (RowKind.EFFECT, RowKind.CHASE) else "cue"

    def words(self, link: Link) -> str:
        """The link without its levels, so that links of several parameters may read the same."""
        paused = "" if link.running else ", paused"
        left = "" if not link.left else f", {spoken(link.left)} left{paused}"
        lapsed = "; its permission ran out, so the safe level shows" if link.lapsed else ""
        match self.kind(link):
            case "park" | "grab" as kind:
                who = holder_words(self.show, self.state, self.parameter.index, link.owner, kind == "park")
                who = who or self.state.grabbed.get(self.parameter.index, "parked" if kind == "park" else "grabbed")
                return who + self._age(link)
            case "safe":
                return f"the safe state of {self._zone()} ({self.state.latch or 'latched'} is in force){left}"
            case "rest":
                return f"the safe look of {self._zone()}, which stays until a cue takes over"
            case "hold":
                paused_list = self.show.lists[link.list - self.stage.safe_list - 1]
                return f"the hold look of {paused_list.name}, which stays until the list goes on{left}"
            case "release":
                return f"{self._owner(link)}, given back to what is beneath{left}{lapsed}"
            case "effect":
                wave = _WAVE_NAMES.get(link.wave, "effect")
                ends = f", fading out{left}" if link.left is not None else ""
                return f"{self._effect(link)} ({wave}, every {spoken(link.period)}) of {self._owner(link)}{ends}{lapsed}"
            case _ if 0 < link.whom <= len(self.show.targets):
                target = self.show.targets[link.whom - 1]
                trace = self.state.traces.get(target.name)
                seen = "whom nobody has seen yet" if trace is None else f"last seen {spoken(max(self.now - trace.at, 0))} ago"
                return f"{self._owner(link)}, following {target.name}, {seen}"
            case _:
                fading = f", fading{left}" if left and link.source != link.target else self._age(link)
                return f"{self._owner(link)}{fading}{lapsed}"

    def _age(self, link: Link) -> str:
        return "" if link.begins is None else f", for {spoken(max(self.now - link.begins, 0))}"

    def _owner(self, link: Link) -> str:
        ref = self.state.owners.get(link.owner)
        cue_list = self.show.lists[link.list] if 0 <= link.list < len(self.show.lists) else None
        standing = f", list {cue_list.name} at priority {link.priority}" if cue_list else ""
        if ref is None:
            return f"{cue_list.name if cue_list else 'the show'} as a whole{standing}"
        place = place_of(self.show, ref)
        return cue_words(self.show, ref) + (f" ({place})" if place else "") + standing

    def _effect(self, link: Link) -> str:
        return next((f"effect {name}" for name, thing in self.state.things.items() if link.row in thing.rows), "an effect")

    def _zone(self) -> str:
        fixture = self.show.patch.fixtures[self.parameter.fixture]
        zone = next((zone for zone in self.show.zones if zone.name == fixture.zone), None)
        if zone is None:
            return "the room"
        return zone.name + (f" ({zone.place})" if zone.place.file else "")


def _seconds(instant: Instant | None, now: Instant) -> float | None:
    return None if instant is None else seconds_of(instant - now)


# --- sentences ---------------------------------------------------------------------------------------------------------------


def _alike(answers: list[_Answer]) -> list[list[_Answer]]:
    """Parameters whose chains read the same, together."""
    together: dict[tuple[object, ...], list[_Answer]] = {}
    for answer in answers:
        shape = tuple((answer.kind(link), link.owner, link.list, link.shows, answer.words(link)) for link in answer.links)
        coming = tuple((link.owner, link.begins) for link in answer.chain.coming)
        scaled = tuple((scale.number, scale.level) for scale in answer.chain.masters)
        together.setdefault((shape, coming, scaled), []).append(answer)
    return list(together.values())


def _lines(together: list[_Answer]) -> list[str]:
    """``red 100 %, green 35 %``, then the chain, top first; what has no say is in brackets."""
    first, one = together[0], len(together) == 1
    said = [_header(together)]
    for number, link in enumerate(first.links):
        fade = ""
        if one and link.left and link.kind is RowKind.SET and link.source != link.target:
            fade = f", {level_words(first.parameter, link.source)} to {level_words(first.parameter, link.target)}"
        level = f": {level_words(first.parameter, link.level)}" if one else ""
        line = first.words(link) + fade + level
        said.append(f"  {'from' if not number else 'over'} {line}" if link.shows else f"  (beneath: {line})")
    default = "nobody: its default" + (f": {level_words(first.parameter, first.chain.default)}" if one else "")
    said.append(f"  {'over' if first.links else 'from'} {default}" if first.rests else f"  (beneath: {default})")
    for link in first.chain.coming:
        when = "when its clock goes on" if link.begins is None else f"in {spoken(link.begins - first.now)}"
        said.append(f"  {when}: {first._owner(link)}")
    said += (f"  scaled by {_master_words(first, scale.number, scale.kind, scale.level)}" for scale in first.chain.masters)
    floor = dict(first.show.patch.floors).get(first.parameter.index)
    if floor is not None:
        said.append(f"  never under its floor, {floor * 100 / 65535:.0f} %")
    dimmer = first.dimmer() if one else None
    if dimmer is not None and dimmer < 1:
        said.append(f"  scaled by its dimmer, {dimmer * 100:.0f} %")
    return said


def _header(together: list[_Answer]) -> str:
    first = together[0]
    if len(together) == 1:
        name, level = parameter_words(first.parameter), level_words(first.parameter, first.chain.output)
        before = first.chain.level
        scaled = f" (before masters and park {level_words(first.parameter, before)})" if before != first.chain.output else ""
        return f"{name} is at {level}{scaled}"
    names = list(dict.fromkeys(answer.parameter.name for answer in together))
    cells = len({answer.parameter.cell for answer in together if answer.parameter.cell >= 0})
    look = look_words((answer.parameter, answer.chain.output) for answer in together)
    return f"{', '.join(names)}{f' of {cells} cells' if cells > 1 else ''}: {look}"


def _master_words(answer: _Answer, number: int, kind: MasterKind, level: int) -> str:
    name = master_name(answer.stage.rendering, number)
    what = {MasterKind.GRAND: "the grand master", MasterKind.BLACKOUT: "blackout"}.get(kind, f"submaster {name}")
    return f"{what}, {level * 100 / 65535:.0f} %"


__all__ = ["Unknown", "explain_next", "why_level", "why_not_started"]
