"""The words in which a script moves the guests: ``guests raise hands 80% for 5s``, ``vote gold 70%``, ``guest 3 at 1.5 4``.

What each of them does stands in docs/technicians/simulated-venue.md. A share is of the people who are in the room now, drawn by
the seed; those who are not meant do the opposite where there is one (their hands go down, they stand).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from showctl.show.instants import Instant
from simulators.faults import read_duration
from simulators.guests import LATER, Crowd, Guest

_NUMBER: Final = r"-?\d+(?:\.\d+)?"
_SHARE: Final = r"(?: (?:share )?(\d+(?:\.\d+)?) ?%)?"
KNOWN: Final = (
    "N, N join, leave, N leave, gone, raise hands [80%] [for TIME], wave [80%] [for TIME], lower hands, move [60%], stand, "
    "wander, to ZONE, 60% to ZONE, vote ZONE 70% [ZONE 30%]; and for one: guest N at X Z, walks to X Z, to ZONE, raises hand "
    "[for TIME], lowers hand, leaves, stands, wanders, runs, sits"
)


def tell_guests(crowd: Crowd, words: str, now: Instant) -> None:
    """Does what a line says, without its first word ``guests``. ValueError where it is not understood."""
    crowd.advance(now)
    text = " ".join(words.split())
    for pattern, what in _LINES:
        if match := re.fullmatch(pattern, text):
            what(crowd, match, now)
            return
    raise ValueError(f"guests do not understand {words!r}; they know {KNOWN}")


def _some(crowd: Crowd, share: str | None) -> tuple[list[Guest], list[Guest]]:
    """Those who are meant, and the others."""
    everybody = list(crowd.guests.values())
    count = round(len(everybody) * min(float(share), 100.0) / 100) if share is not None else len(everybody)
    chosen = {guest.number for guest in crowd.chance.sample(everybody, count)}
    return [g for g in everybody if g.number in chosen], [g for g in everybody if g.number not in chosen]


def _zone(crowd: Crowd, name: str) -> int:
    if name not in crowd.zone_named:
        raise ValueError(f"there is no zone {name!r}; there are {', '.join(crowd.zone_named) or 'none'}")
    return crowd.zone_named[name]


def _until(words: str | None, now: Instant) -> Instant:
    return LATER if words is None else now + read_duration(words)


# --- all of them ----------------------------------------------------------------------------------------------------


def _place(crowd: Crowd, match: re.Match[str], now: Instant) -> None:
    crowd.place(int(match[1]), now)


def _join(crowd: Crowd, match: re.Match[str], now: Instant) -> None:
    crowd.join(int(match[1]), now)


def _leave(crowd: Crowd, match: re.Match[str], now: Instant) -> None:
    everybody = list(crowd.guests.values())
    leaving = everybody if match[1] is None else crowd.chance.sample(everybody, min(int(match[1]), len(everybody)))
    for guest in leaving:
        crowd.tell(guest, "leave", now)


def _gone(crowd: Crowd, match: re.Match[str], now: Instant) -> None:  # noqa: ARG001 - as its neighbours
    crowd.place(0, now)


def _hands(crowd: Crowd, match: re.Match[str], now: Instant) -> None:
    until = _until(match[3], now)
    chosen, others = _some(crowd, match[2])
    for guest in chosen:
        crowd.raise_hand(guest, until, now, wave=match[1] == "wave")
    for guest in others:
        crowd.lower_hand(guest, now)


def _lower(crowd: Crowd, match: re.Match[str], now: Instant) -> None:  # noqa: ARG001 - as its neighbours
    for guest in crowd.guests.values():
        crowd.lower_hand(guest, now)


def _move(crowd: Crowd, match: re.Match[str], now: Instant) -> None:
    chosen, others = _some(crowd, match[1])
    for guest in chosen:
        crowd.tell(guest, "move", now)
    for guest in others:
        crowd.tell(guest, "stand", now)


def _all(crowd: Crowd, match: re.Match[str], now: Instant) -> None:
    for guest in crowd.guests.values():
        guest.zone, guest.shunned = (0, None) if match[1] == "wander" else (guest.zone, guest.shunned)
        crowd.tell(guest, match[1], now)


def _to(crowd: Crowd, match: re.Match[str], now: Instant) -> None:
    zone = _zone(crowd, match[2])
    for guest in _some(crowd, match[1])[0]:
        crowd.send(guest, zone, "wander", now)


def _vote(crowd: Crowd, match: re.Match[str], now: Instant) -> None:
    """Shares are of everybody. Who votes for nothing keeps away from the zone named first."""
    wishes = [(_zone(crowd, zone), float(share)) for zone, share in re.findall(rf"(\w+) ({_NUMBER}) ?%", match[1])]
    everybody = list(crowd.guests.values())
    left = crowd.chance.sample(everybody, len(everybody))
    for zone, share in wishes:
        count = round(len(everybody) * share / 100)
        chosen, left = left[:count], left[count:]
        for guest in chosen:
            crowd.send(guest, zone, "stand", now)
    for guest in left:
        guest.zone, guest.shunned = 0, wishes[0][0]
        crowd.tell(guest, "wander", now)


# --- one of them ----------------------------------------------------------------------------------------------------


def _one(crowd: Crowd, match: re.Match[str], now: Instant) -> None:
    number, words = int(match[1]), match[2]
    at = re.fullmatch(rf"(at|walks to) ({_NUMBER})[, ] ?({_NUMBER})", words)
    guest = crowd.guests.get(number)
    if guest is None:
        if at is None or at[1] != "at" or not 0 < number < 65536:
            raise ValueError(f"there is no guest {number}; `guest {number} at X Z` brings one")
        guest = crowd.add(number, (float(at[2]), float(at[3])), now)
    if at is not None:
        (crowd.put if at[1] == "at" else crowd.walk)(guest, (float(at[2]), float(at[3])), now)
    elif hand := re.fullmatch(r"raises (?:a )?hand(?: for (.+))?", words):
        crowd.raise_hand(guest, _until(hand[1], now), now)
    elif words.startswith("to "):
        crowd.send(guest, _zone(crowd, words[3:]), "wander", now)
    elif words == "lowers hand":
        crowd.lower_hand(guest, now)
    elif words == "runs":
        crowd.hurry(guest)
    elif words == "sits":
        crowd.seat(guest)
    elif words in ("leaves", "stands", "wanders"):
        crowd.tell(guest, words[:-1], now)
    else:
        raise ValueError(f"guest {number} does not understand {words!r}; they know {KNOWN}")


_LINES: Final[tuple[tuple[str, Callable[[Crowd, re.Match[str], Instant], None]], ...]] = (
    (r"(\d+)(?: in the room)?", _place),
    (r"(\d+) joins?", _join),
    (r"(?:(\d+) )?leaves?", _leave),
    (r"gone", _gone),
    (rf"(raise|wave)(?: hands)?{_SHARE}(?: for (.+))?", _hands),
    (r"lower(?: hands)?", _lower),
    (rf"move{_SHARE}", _move),
    (r"(stand|wander)", _all),
    (r"(?:(\d+(?:\.\d+)?) ?% )?to (\w+)", _to),
    (rf"vote ((?:\w+ {_NUMBER} ?%(?:,? |$))+)", _vote),
    (r"(?:guest )?(\d+) (.+)", _one),
)
