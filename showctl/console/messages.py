"""Every message of the console, in one table: its name, its way in, who may send it, what it carries.

The server asks it who may; the page's TypeScript types are generated from it (``tools/make_messages.py`` writes
``web/src/generated/messages.ts``, and a test sees that they fit). ``docs/developers/console-messages.md`` tells the rest in
words. What a request of the show carries stands in ``engine.events`` and is read from there.

A role may do what those before it may. ``Panic`` needs no login at the machine itself (R5).
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Final

from showctl.console.asking import KINDS
from showctl.runtime.people import Role

VERSION: Final = 2
"""Of the messages: it changes when an older page would misread them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that a page may send. ``way``: ``ws`` (a request over the socket), or an HTTP method and path."""

    name: str
    way: str
    role: Role
    takes: tuple[tuple[str, str], ...]
    """Names and TypeScript types; a name that ends in ? may be left out."""
    says: str


_SENDERS: Final[dict[Role, str]] = {
    "operator": "Go Standby StandbyMove Start Load Stop Pause Resume Rate Back Locate Panic Evacuate Rearm Reset Master Arm Mute",
    "technician": "Grab Ungrab Ask ChannelCheck Identify Park Unpark OutOfService InService Maintain",
    "programmer": "Preview",
}
_REQUEST_ROLES: Final = {name: role for role, names in _SENDERS.items() for name in names.split()}
_TYPES: Final = {"over": "number", "at": "number", "level": "number", "parameters": "number[]", "levels": "number[]"}
_LEFT_OUT: Final = ("origin", "wall")


def _requests() -> tuple[Message, ...]:
    found = []
    for name, kind in KINDS.items():
        takes = []
        for item in fields(kind):
            if item.name in _LEFT_OUT:
                continue
            optional = item.default is not MISSING or item.default_factory is not MISSING
            takes.append((item.name + ("?" if optional else ""), _type_of(item.name, str(item.type))))
        says = (kind.__doc__ or "").strip().partition("\n")[0]
        found.append(Message(name, "ws", _REQUEST_ROLES.get(name, "programmer"), tuple(takes), says))
    return tuple(found)


def _type_of(name: str, annotation: str) -> str:
    if name in _TYPES:
        return _TYPES[name] + (" | null" if annotation.endswith("| None") else "")
    bare = annotation.removesuffix(" | None")
    plain = {"str": "string", "int": "number", "bool": "boolean"}.get(bare, "Record<string, boolean | number | string>")
    return plain + (" | null" if bare != annotation else "")


MESSAGES: Final[tuple[Message, ...]] = (
    *_requests(),
    Message("Watch", "ws", "viewer", (("lights?", "boolean"), ("seldom?", "boolean")), "Lights are told as they change, too."),
    Message("Here", "ws", "viewer", (("list?", "string"), ("person?", "string")), "Who sits here and which list is in hand."),
    Message("Own", "ws", "operator", (("list", "string"), ("take", "boolean")), "GO of a list belongs to this console alone."),
    Message("view", "GET /api/view", "viewer", (("full?", "0 | 1"),), "Everything a page shows."),
    Message("status", "GET /api/status", "viewer", (), "The status object of the command line."),
    Message("why", "GET /api/why", "viewer", (("fixture?", "string"), ("cue?", "string"), ("list?", "string")), "Why it is so."),
    Message("explain", "GET /api/explain", "viewer", (("list?", "string"),), "What GO would do."),
    Message("lights", "GET /api/lights", "viewer", (), "Groups, fixtures and their parameters."),
    Message("room", "GET /api/room", "viewer", (), "The plan: zones, fixtures, targets."),
    Message("seen", "GET /api/seen", "programmer", (("fixtures", "string"),), "Where the parameters of lights stand."),
    Message("log", "GET /api/log", "viewer", (("words?", "string"), ("who?", "string"), ("most?", "number")), "As run."),
    Message("cue", "GET /api/cue", "viewer", (("list", "string"), ("cue", "string")), "A cue as it is written."),
    Message("rehearsals", "GET /api/rehearsals", "viewer", (), "The show's rehearsals and the last verdicts."),
    Message("report", "GET /api/report", "viewer", (("download?", "0 | 1"),), "What the last rehearsals found, as a page."),
    Message("me", "GET /api/me", "viewer", (), "Who is logged in here, and what they may send."),
    Message("login", "POST /api/login", "viewer", (("pin", "string"), ("person?", "string")), "A session begins."),
    Message("logout", "POST /api/logout", "viewer", (), "The session ends."),
    Message("rdm_table", "GET /api/rdm", "viewer", (), "Who was found over RDM, against the patch."),
    Message("rdm", "POST /api/rdm", "technician", (("verb", "string"), ("what?", "string"), ("value?", "string")), "RDM."),
    Message("venue", "GET /api/venue", "viewer", (), "Whether the show runs on a simulated venue."),
    Message("act", "POST /api/venue", "technician", (
        ("what", '"fault" | "set" | "press" | "guests"'), ("words", "string"),
    ), "What happens in the simulated venue, in the words of a script."),
    Message("metrics", "GET /metrics", "viewer", (), "How well the show is, in Prometheus' text form."),
    Message("openapi", "GET /api/openapi.json", "viewer", (), "The HTTP side, for programs."),
    Message("edit", "POST /api/edit", "programmer", (
        ("do", '"set" | "rename" | "move" | "copy" | "delete" | "insert" | "renumber"'), ("list", "string"), ("cue", "string"),
        ("field?", '"name" | "notes" | "wait" | "time" | "next" | "light"'), ("value?", "string"), ("label?", "string"),
        ("beside?", "string"), ("after?", "boolean"), ("keep_looks?", "boolean"), ("revision?", "string"),
    ), "An edit of the folder: shown first; with the revision that was shown, written."),
    Message("undo", "POST /api/undo", "programmer", (), "Takes the last edit from a page back."),
    Message("record", "POST /api/record", "programmer", (
        ("into", '"look" | "cue"'), ("name", "string"), ("list?", "string"), ("fixtures?", "string[]"), ("revision?", "string"),
    ), "What is seen becomes a look or a cue's light: shown first."),
    Message("mode", "POST /api/mode", "programmer", (("show", "boolean"),), "Show mode locks every edit; edit mode opens it."),
    Message("reload", "POST /api/reload", "programmer", (("revision?", "string"),), "What was saved, against what runs."),
    Message("rehearse", "POST /api/rehearse", "programmer", (("names?", "string[]"),), "Runs rehearsals beside the show."),
)  # fmt: skip
