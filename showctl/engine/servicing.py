"""Parks, lights out of service, maintenance locks: what people put on a show and others must not trip over (R16).

A *park* holds a parameter after every master. A light *out of service* is kept dark, so that it can be touched, and its
spare, if it has one, does what it would do. The day until which it is out is a promise of a person: when it is over the mark is
shown as overdue and stays, for no calendar has ever changed a lamp. A *maintenance lock* bears a name, and there may be several:
while one is on, every hazard is SAFE, heads do not move, what a zone's safe state brings to rest is brought to rest and stays so,
and neither schedule nor trigger starts anything, nor does a cue that runs (``standstill.py``). A person's GO still does. It ends
when the last one of them takes theirs off.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from showctl.engine import hazard_asking, hazards, lighting, muted, standstill
from showctl.engine.choosing import choose, parameters_of
from showctl.engine.events import Ask, Event, Go, Grab, Locate, Origin, Preview, Start
from showctl.engine.tags import RETIRED, Lock, OutOfUse, Parked
from showctl.engine.turn import Turn
from showctl.engine.words import Unknown, lights_words, unknown
from showctl.light.plan import NO_ROWS, RowKind, Rows
from showctl.light.render import levels
from showctl.light.rows import rows_for_follow, rows_for_levels
from showctl.show.cues import Perform, Value
from showctl.show.fixtures import Family, Hazard
from showctl.show.levels import FULL, Level, from_percent

AUTOMATIC: Final = ("schedule", "trigger")
"""Surfaces that no hand is on."""
MOST_LOCKS: Final = 32
NOBODY: Final = "none"
_AT: Final = re.compile(r"(.*?)(?:\s+at\s+(\S+))?")
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def person_of(origin: Origin) -> str:
    """Whoever asked, by name where it is known."""
    return origin.person or origin.surface


# --- park ---------------------------------------------------------------------------------------------------------------------


def park(turn: Turn, what: str, reason: str, origin: Origin, since: int) -> tuple[str, str]:
    """Parks what ``what`` means (``tuyere_1.red at 20``; without a level: where it stands). Gives (why not, what was done)."""
    match = _AT.fullmatch(what.strip())
    assert match is not None, "everything matches"
    try:
        parameters = parameters_of(turn.show, choose(turn.show, match[1]))
        level = None if match[2] is None else _level(match[2])
    except Unknown as why:
        return str(why), ""
    standing = levels(lighting.prepared_now(turn), turn.now)
    held = tuple(int(standing[p]) if level is None else level for p in parameters)
    if why_not := hazard_asking.may_grab(turn, parameters, held):
        return why_not, ""
    lighting.grab(turn, parameters, held, park=True)
    keep_parked(turn, parameters, held, reason, origin, since)
    words = f"{_words(turn, parameters)} parked at {'where it stands' if level is None else _percent(level)}"
    turn.note("parked", f"{words} by {person_of(origin)}" + (f": {reason}" if reason else ""))
    return "", words


def unpark(turn: Turn, what: str) -> tuple[str, str]:
    """Gives back what is parked of ``what`` ("" or all: everything)."""
    parked = turn.tags.parked
    try:
        if what.strip() in ("", "all"):
            parameters = tuple(parked)
        else:
            named = choose(turn.show, what)
            whole = {item.fixture for item in named if not item.parameters}
            asked = {p for item in named for p in item.parameters}
            parameters = tuple(p for p in parked if p in asked or turn.show.patch.parameters[p].fixture in whole)
    except Unknown as why:
        return str(why), ""
    if not parameters:
        return f"nothing is parked{f' of {what.strip()}' if what.strip() else ''}", ""
    words = _words(turn, parameters)
    forget_parked(turn, parameters)
    lighting.ungrab(turn, parameters, park=True)
    turn.note("unparked", f"{words} is parked no more")
    return "", f"{words} is parked no more"


def keep_parked(
    turn: Turn, parameters: tuple[int, ...], held: tuple[Level, ...], reason: str, origin: Origin, since: int
) -> None:
    """Remembers who parked what."""
    new = {p: Parked(level, person_of(origin), reason, since) for p, level in zip(parameters, held, strict=True)}
    turn.tags = replace(turn.tags, parked=dict(turn.tags.parked) | new)


def forget_parked(turn: Turn, parameters: tuple[int, ...]) -> None:
    """These (none named: all) are parked no more."""
    gone = set(parameters or turn.tags.parked)
    turn.tags = replace(turn.tags, parked={p: kept for p, kept in turn.tags.parked.items() if p not in gone})


def _level(word: str) -> Level:
    if word in ("full", "out"):
        return FULL if word == "full" else 0
    number = word.removesuffix("%")
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", number) or float(number) > 100:
        raise Unknown(f"{word} is no level: 0 to 100, full or out")
    return from_percent(float(number))


def _percent(level: Level) -> str:
    return f"{round(level * 100 / FULL):d} %"


def _words(turn: Turn, parameters: tuple[int, ...]) -> str:
    patch = turn.show.patch
    fixtures = dict.fromkeys(patch.parameters[p].fixture for p in parameters)
    names = dict.fromkeys(patch.parameters[p].name for p in parameters)
    what = "" if list(names) == ["intensity"] else f" ({', '.join(names)})"
    return lights_words(turn.show, fixtures) + what


# --- out of service -----------------------------------------------------------------------------------------------------------


def retire(turn: Turn, name: str, mark: OutOfUse, spare: str) -> tuple[str, str]:
    """Takes a light out of service; ``spare`` ("": the patch's, if it names one; none: nobody) does its work meanwhile."""
    patch = turn.show.patch
    fixture = patch.fixture_named.get(name)
    if fixture is None:
        return str(unknown("light", name, patch.fixture_named)), ""
    if mark.until and not is_day(mark.until):
        return f"{mark.until} is no day: say it as 2026-12-01", ""
    if not mark.reason.strip():
        return f"say why {name} is out of service: whoever reads it was not there", ""
    stands_in = -1
    spare = "" if spare == NOBODY else spare or fixture.spare
    if spare:
        other = patch.fixture_named.get(spare)
        if other is None:
            return str(unknown("light", spare, patch.fixture_named)), ""
        if why := _why_no_spare(turn, fixture.index, other.index):
            return f"{spare} cannot stand in for {name}: {why}", ""
        stands_in = other.index
    _take_out(turn, fixture.index, replace(mark, spare=stands_in))
    words = (
        f"{name} is out of service"
        + (f" until {mark.until}" if mark.until else "")
        + (f", {spare} stands in for it" if spare else "")
    )
    turn.note("out_of_service", f"{words} ({mark.person}: {mark.reason})")
    return "", words


def reinstate(turn: Turn, name: str) -> tuple[str, str]:
    """A light is in service again."""
    fixture = turn.show.patch.fixture_named.get(name)
    if fixture is None:
        return str(unknown("light", name, turn.show.patch.fixture_named)), ""
    if fixture.index not in turn.tags.retired:
        return f"{name} is in service", ""
    retired = dict(turn.tags.retired)
    mark = retired.pop(fixture.index)
    turn.light(rows_out=_retired_rows(turn, fixture.index, mark.spare))
    turn.tags = replace(turn.tags, retired=retired)
    turn.note("in_service", f"{name} is in service again")
    return "", f"{name} is in service again"


def _take_out(turn: Turn, fixture: int, mark: OutOfUse) -> None:
    before = turn.tags.retired.get(fixture)
    gone = () if before is None else _retired_rows(turn, fixture, before.spare)
    dark = _kept_dark(turn, fixture)
    rendering = turn.stage.rendering
    rows: list[Rows] = [
        rows_for_levels(
            rendering, tuple(dark), tuple(dark.values()), first_id=turn.row_id, owner=RETIRED, park=True, now=turn.now
        )
    ]
    if mark.spare >= 0:
        pairs = _pairs(turn, fixture, mark.spare)
        rows.append(
            rows_for_follow(rendering, tuple(pairs), tuple(pairs.values()), first_id=turn.row_id + len(dark), owner=RETIRED)
        )
    turn.light(np.concatenate([NO_ROWS, *rows]), gone)
    turn.tags = replace(turn.tags, retired=dict(turn.tags.retired) | {fixture: mark})


def _kept_dark(turn: Turn, fixture: int) -> dict[int, Level]:
    """Its intensities out; whatever else it is (a hazer), at rest."""
    own = turn.show.patch.parameters_of[fixture]
    intensities = [p.index for p in own if p.family is Family.INTENSITY]
    return dict.fromkeys(intensities, 0) if intensities else {p.index: p.channel.default for p in own}


def _pairs(turn: Turn, fixture: int, spare: int) -> dict[int, int]:
    """Parameters of the spare -> those of the light that it stands in for."""
    of = turn.show.patch.parameters_of
    there = {(p.cell, p.name): p.index for p in of[fixture]}
    return {p.index: there[(p.cell, p.name)] for p in of[spare] if (p.cell, p.name) in there}


def _why_no_spare(turn: Turn, fixture: int, spare: int) -> str:
    patch, retired = turn.show.patch, turn.tags.retired
    if spare == fixture:
        return "it is the light itself"
    if spare in retired:
        return "it is out of service, too"
    if Hazard.NONE not in (patch.fixtures[spare].hazard,) or patch.fixtures[fixture].hazard is not Hazard.NONE:
        return "a hazard has no spare: it runs from a cue that says so"
    busy = next((n for n, mark in retired.items() if mark.spare == spare and n != fixture), None)
    if busy is not None:
        return f"it stands in for {patch.fixtures[busy].name}"
    if not _pairs(turn, fixture, spare):
        return "it can do nothing that the other can"
    return ""


def _retired_rows(turn: Turn, fixture: int, spare: int) -> list[int]:
    rows, of = turn.plan.rows, turn.show.patch.parameters_of
    own = [p.index for p in of[fixture]]
    its = [p.index for p in of[spare]] if spare >= 0 else []
    mine = (rows["kind"] == RowKind.PARK) & np.isin(rows["parameter"], own)
    mine |= (rows["kind"] == RowKind.FOLLOW) & np.isin(rows["parameter"], its)
    found: list[int] = rows["id"][mine & (rows["owner"] == RETIRED)].tolist()
    return found


def is_day(text: str) -> bool:
    """Whether ``text`` is a day of the calendar, as ISO 8601 writes it.

    >>> is_day("2026-12-01"), is_day("2026-13-01"), is_day("1.12.")
    (True, False, False)
    """
    match = re.fullmatch(r"(20\d\d)-(\d\d)-(\d\d)", text)
    return match is not None and 1 <= int(match[2]) <= 12 and 1 <= int(match[3]) <= _DAYS[int(match[2]) - 1]


# --- maintenance --------------------------------------------------------------------------------------------------------------


def maintain(turn: Turn, on: bool, reason: str, whose: str, origin: Origin, since: int) -> tuple[str, str]:
    """Puts ``origin``'s lock on, or takes ``whose`` ("": their own) off. Gives (why not, what was done)."""
    if not origin.person:
        return "a maintenance lock bears a name: say who you are", ""
    locks = dict(turn.tags.locks)
    if on:
        if origin.person not in locks and len(locks) >= MOST_LOCKS:
            return f"{len(locks)} locks are on already", ""
        locks[origin.person] = Lock(reason, since)
        _set_locks(turn, locks)
        running = standstill.nothing_follows(turn)
        turn.note("maintenance.on", f"maintenance: {origin.person} is at work" + (f": {reason}" if reason else ""))
        ends = "cue runs to its end" if running == 1 else "cues run to their ends"
        more = "" if not running else f"; {running} {ends} unless stopped, and nothing follows by itself"
        return "", f"locked by {origin.person}: no schedule, no triggers, no hazards, no moving heads{more}"
    name = whose or origin.person
    if name not in locks:
        others = f"; locked by {', '.join(locks)}" if locks else ""
        return f"{name} has no lock on{others}", ""
    del locks[name]
    _set_locks(turn, locks)
    by = "" if name == origin.person else f", taken off by {origin.person}"
    turn.note("maintenance.off", f"maintenance: the lock of {name} is off{by}")
    still = f"; still locked by {', '.join(locks)}" if locks else "; the show may move again"
    return "", f"the lock of {name} is off{by}{still}"


def _set_locks(turn: Turn, locks: Mapping[str, Lock]) -> None:
    was, stood = bool(turn.tags.locks), muted.still(turn.tags)
    turn.tags = replace(turn.tags, locks=locks)
    if bool(locks) == was:
        return
    if muted.still(turn.tags) != stood:
        standstill.let_go(turn) if stood else standstill.stand_still(turn)
    if locks:
        for action in _at_rest(turn):
            turn.tell(action.device, action.verb, action.arguments, action.kind)
    hazards.look_at_all(turn)


def refusal(turn: Turn, event: Event) -> str:
    """Why ``event`` may not happen while somebody is on a ladder, or while what it asks for is muted; "" where it may."""
    if isinstance(event, Ask):
        asked = (event.device, event.verb, event.arguments)
        return still(turn, *asked) or ("" if turn.latch else muted.holder(turn.stage, turn.tags, *asked))
    if not isinstance(event, Go | Start | Preview | Locate) or event.origin.surface not in AUTOMATIC:
        return ""
    return locked(turn)


def locked(turn: Turn) -> str:
    """Why nothing starts by itself; "" where nobody is on a ladder."""
    locks = turn.tags.locks
    return f"maintenance lock of {', '.join(locks)}: nothing starts by itself" if locks else ""


def still(turn: Turn, device: str, verb: str, arguments: tuple[tuple[str, Value], ...]) -> str:
    """Why a device that moves is not asked for this; "" where it may be: a stop always may, and so may the way to its rest."""
    if not turn.tags.locks or verb == "stop":
        return ""
    its = [action for action in _at_rest(turn) if action.device == device]
    if not its or any((action.verb, dict(action.arguments)) == (verb, dict(arguments)) for action in its):
        return ""
    return f"maintenance lock of {', '.join(turn.tags.locks)}: {device} stays at rest"


def _at_rest(turn: Turn) -> tuple[Perform, ...]:
    """What brings everything that moves to rest, each once."""
    named = {(a.device, a.verb, a.arguments): a for zone in turn.show.zones for a in zone.safe.motion}
    return tuple(named.values())


def of_grab(turn: Turn, event: Grab) -> None:
    """A grab that parks is a park like any other."""
    if event.park:
        held = tuple(min(max(level, 0), FULL) for level in event.levels)
        keep_parked(turn, event.parameters, held, event.reason, event.origin, event.wall)
