"""Who may work at the console: people with a role and a PIN, and links for crew that only look.

They stand in ``people.json`` in the state folder of a show, readable by its user alone, as hashes. A PIN is short, so its hash is
dear (scrypt, about 50 ms) and wrong ones are slowed (``sessions.py``). One salt serves the whole file: a PIN alone then says who
it is, with one hash, and no two people can have the same. A link is 128 bits of chance and needs neither.

The file may change at any time (``showctl people``): it is read anew when it did, so that whoever is removed is out at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

Role = Literal["viewer", "operator", "technician", "programmer"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "operator", "technician", "programmer")
"""Each may do what those before it may."""
FILE: Final = "people.json"
MOST: Final = 256
SHORTEST_PIN, LONGEST_PIN = 4, 64
LONGEST_NAME: Final = 40


class NotTaken(ValueError):  # noqa: N818 - raise NotTaken("choose another PIN")
    """A person or a PIN cannot be taken; the sentence says why and what would do."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, and what they may."""

    name: str
    role: Role
    by_link: bool = False


class People:
    """The people of one state folder. The file need not exist: then there is nobody, and only this machine is let in."""

    def __init__(self, state: Path) -> None:
        self.path = state / FILE
        self._stamp: tuple[int, int] | None = None
        self._salt = b""
        self._pins: dict[str, Person] = {}
        self._links: dict[str, Person] = {}

    def known(self) -> dict[str, Person]:
        """Everybody by name, as the file says now. ValueError where it cannot be understood: then nobody is let in."""
        self._look()
        return {person.name: person for person in (*self._pins.values(), *self._links.values())}

    def of_pin(self, pin: str) -> Person | None:
        """Whose PIN this is. Takes about 50 ms and 16 MiB: not for an event loop."""
        self._look()
        return self._pins.get(_dear(pin, self._salt)) if SHORTEST_PIN <= len(pin) <= LONGEST_PIN else None

    def of_link(self, token: str) -> Person | None:
        """Whose link this is."""
        self._look()
        return self._links.get(_cheap(token))

    def add(self, name: str, role: Role, pin: str) -> None:
        """Takes somebody in, or gives them another role and PIN. NotTaken where name or PIN will not do."""
        _require_name(name)
        if not SHORTEST_PIN <= len(pin) <= LONGEST_PIN or not pin.isprintable():
            raise NotTaken(f"a PIN has {SHORTEST_PIN} to {LONGEST_PIN} characters")
        if len(set(pin)) == 1 or pin in "01234567890" or pin in "09876543210":
            raise NotTaken("that PIN is among the first that anybody tries; choose another")
        self._look()
        salt = self._salt or secrets.token_bytes(16)
        key = _dear(pin, salt)
        others = {key_: person for key_, person in self._pins.items() if person.name != name}
        if key in others:
            raise NotTaken("choose another PIN")  # not whose it is
        self._write(salt, others | {key: Person(name, role)}, self._without(name))

    def link(self, name: str) -> str:
        """Takes in a crew that only looks; returns the token of its link, which is nowhere else. NotTaken, as above."""
        _require_name(name)
        self._look()
        token = secrets.token_urlsafe(16)
        pins = {key: person for key, person in self._pins.items() if person.name != name}
        links = self._without(name) | {_cheap(token): Person(name, "viewer", True)}
        self._write(self._salt or secrets.token_bytes(16), pins, links)
        return token

    def remove(self, name: str) -> bool:
        """Whether there was somebody of that name to remove."""
        if name not in self.known():
            return False
        self._write(self._salt, {key: person for key, person in self._pins.items() if person.name != name}, self._without(name))
        return True

    def _without(self, name: str) -> dict[str, Person]:
        return {key: person for key, person in self._links.items() if person.name != name}

    def _look(self) -> None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            self._stamp, self._pins, self._links = None, {}, {}
            return
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp == self._stamp:
            return
        self._pins, self._links = {}, {}
        try:
            told: Any = json.loads(self.path.read_text(encoding="utf-8"))
            self._salt = bytes.fromhex(told["salt"])
            for item in told["people"]:
                person = Person(str(item["name"]), _role(item["role"]), "link" in item)
                (self._links if person.by_link else self._pins)[str(item["link" if person.by_link else "pin"])] = person
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{self.path} cannot be understood ({error!r}): remove it and add the people again") from None
        self._stamp = stamp

    def _write(self, salt: bytes, pins: dict[str, Person], links: dict[str, Person]) -> None:
        if len(pins) + len(links) > MOST:
            raise NotTaken(f"there are {MOST} people already; remove some")
        people = [{"name": person.name, "role": person.role, "pin": key} for key, person in pins.items()]
        people += [{"name": person.name, "role": person.role, "link": key} for key, person in links.items()]
        put_private(self.path, json.dumps({"salt": salt.hex(), "people": people}, ensure_ascii=False, indent=1))
        self._stamp = None


def put_private(path: Path, text: str) -> None:
    """Writes a file that only this user may read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)


def _require_name(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise NotTaken(f"a name has 1 to {LONGEST_NAME} characters")


def _role(word: str) -> Role:
    for role in ROLES:
        if role == word:
            return role
    raise ValueError(f"{word} is no role")


def _dear(pin: str, salt: bytes) -> str:
    return hashlib.scrypt(pin.encode(), salt=salt, n=1 << 14, r=8, p=1).hex()


def _cheap(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
