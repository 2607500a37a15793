"""``speech:`` of a device of kind ``text``, and what its verbs say: a device described in the show folder alone.

Everything that would go wrong at the first word is said here: a hole that nothing fills, two holes with nothing between them,
a frame that ends nowhere, a field that no answer ever tells, a verb that stands in for itself.
"""

from __future__ import annotations

import re
from typing import Final

from showctl.show.cues import ActionClass, Value
from showctl.show.devices import Argument, Field, Verb
from showctl.show.expressions import Expression, ExpressionError, ValueType, parse
from showctl.show.instants import SECOND
from showctl.show.speech import ANYTHING, HOLE, WHY, Frame, Order, Phrase, Poll, Speech, phrase_of
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_devices import DeviceModel, FrameModel, PollModel, SpeechModel, VerbModel
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Text

TRANSPORTS: Final = ("tcp", "udp", "serial", "http")
OWN_FIELDS: Final[dict[str, tuple[ValueType, Value]]] = {
    "ready": (ValueType.TRUTH, False),
    "phase": (ValueType.TEXT, "idle"),
    "why": (ValueType.TEXT, ""),
}
"""What every described device says of itself, besides its fields."""
POLICIES: Final = ("wait", "skip", "hold")
_ESCAPE: Final = re.compile(r"\\(x[0-9A-Fa-f]{2}|.|$)", re.DOTALL)
_LETTERS: Final = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}
_SIZE: Final = re.compile(r"([124])( little)?")


def speech_of(draft: Draft, model: DeviceModel, fields: dict[str, Field], transport: str) -> Speech:
    """How a device speaks; problems where that is not clear."""
    said = model.speech or SpeechModel()
    known = set(fields)
    polls = tuple(_poll(draft, poll, known) for poll in said.polls)
    hears = tuple(_heard(draft, text, known) for text in said.hears)
    words = {
        str(field): {_plain(draft, wire): draft.value(value, fields[field].type) for wire, value in given.items()}
        for field, given in said.words.items()
        if _known(draft, field, known)
    }
    types = {field.name: field.type for field in fields.values() if field.name not in OWN_FIELDS}
    return Speech(
        _frame(draft, said.frame, transport), polls, hears, None if said.refuses is None else _heard(draft, said.refuses, {WHY}),
        words, draft.read(values.time_of, said.reply_within, SECOND),
        draft.read(lambda text: values.whole(text, 1, 10, "how often"), said.tries, 3),
        draft.read(values.time_of, said.steady, 2 * SECOND),
        _condition(draft, said.ready, types), _condition(draft, said.fault, types),
    )  # fmt: skip


def order_of(
    draft: Draft, name: Text, model: VerbModel, arguments: tuple[Argument, ...], of: ActionClass, fields: dict[str, Field]
) -> Order | None:
    """What the verb ``name`` says; None, and a problem, where it says nothing."""
    if model.send is None:
        draft.problems.error(
            "MISSING_KEY", name.place, f"the verb {name} lacks the key send", "what goes over the wire: send: 'UP {speed}'"
        )
        return None
    given = {argument.name for argument in arguments}
    takes = draft.read(values.time_of, model.takes, 0)
    within = draft.read(values.time_of, model.within, takes + 5 * SECOND)
    if within <= takes and model.within is not None:
        draft.problems.error(
            "BAD_TIME", model.within.place, f"{name} takes longer than it may", "within counts from the command to the report"
        )
    return Order(
        phrase(draft, model.send, given), None if model.reply is None else _heard(draft, model.reply, set(fields)),
        _made(draft, model.makes, given, fields), _made(draft, model.meanwhile, given, fields), takes, within,
        draft.read(lambda text: values.whole(text, 1, 10, "how often"), model.tries, 3),
        draft.read(values.truth, model.again, of is not ActionClass.MOMENTARY), str(model.otherwise or "skip"),
    )  # fmt: skip


def look_over(draft: Draft, name: Text, model: DeviceModel, verbs: dict[str, Verb], speech: Speech) -> None:
    """What only shows when all of it is known."""
    told = {hole for phrase in (*(poll.reply for poll in speech.polls), *speech.hears) for hole in phrase.holes}
    told |= {hole for verb in verbs.values() if verb.order and verb.order.reply for hole in verb.order.reply.holes}
    for field in model.fields:
        if field not in told and field not in OWN_FIELDS:
            draft.problems.warning(
                "NEVER_HEARD",
                field.place,
                f"no answer of {name} tells {field}",
                f"polls: [{{send: ..., reply: '... {{{field}}}'}}]",
            )
    for verb_name, verb in model.verbs.items():
        if verb.otherwise is not None and verb.otherwise not in POLICIES:
            _stand_in(draft, verb_name, verb.otherwise, verbs)
        order = verbs[verb_name].order if verb_name in verbs else None
        silent = [key for key in verb.makes if key not in told and key in model.fields]
        if order is not None and silent:
            draft.problems.error(
                "NEVER_HEARD", silent[0].place, f"{verb_name} would never be done: no answer tells {silent[0]}",
                "a poll, or what the device says by itself (hears), must hold it",
            )  # fmt: skip


def _stand_in(draft: Draft, name: Text, otherwise: Text, verbs: dict[str, Verb]) -> None:
    known = (*POLICIES, *(verb for verb in verbs if verb != name))
    other = verbs.get(otherwise)
    if other is None or otherwise == name:
        hint = did_you_mean(otherwise, known, "wait, skip, hold, or another verb of the device")
        draft.problems.error("BAD_WORD", otherwise.place, f"{otherwise} cannot stand in for {name}", hint)
    elif any(argument.default is None for argument in other.arguments):
        draft.problems.error(
            "MISSING_ARGUMENT", otherwise.place, f"{otherwise} cannot stand in for {name}: it needs an argument",
            "give its arguments defaults: number speed = 50",
        )  # fmt: skip
    else:
        seen = [str(name)]
        while other.order is not None and other.order.otherwise in verbs:
            seen.append(other.name)
            if other.order.otherwise in seen:
                draft.problems.error(
                    "BAD_WORD", otherwise.place, f"{name} and {other.name} stand in for one another", "otherwise: skip ends it"
                )
                return
            other = verbs[other.order.otherwise]


# --- phrases ---------------------------------------------------------------------------------------------------------


def phrase(draft: Draft, text: Text, known: set[str]) -> Phrase:
    """What is said. Each hole must be one of ``known``."""
    for hole in HOLE.finditer(text):
        if hole[1] not in known:
            draft.problems.error(
                "UNKNOWN_ARGUMENT", text.at(hole.start()), f"nothing fills {hole[0]}",
                did_you_mean(hole[1], known, "declare it: arguments: [number level]"),
            )  # fmt: skip
    return _escaped(draft, text)


def _heard(draft: Draft, text: Text, known: set[str]) -> Phrase:
    """What is heard. Each hole must be a field (or ``{*}``), and something must stand between two of them."""
    found = _escaped(draft, text)
    seen: set[str] = set()
    for number, hole in enumerate(HOLE.finditer(text)):
        if number and not found.parts[number][0]:
            draft.problems.error(
                "BAD_PHRASE",
                text.at(hole.start()),
                "nobody could say where one hole ends and the next begins",
                "put a word or a space there: '{a} {b}'",
            )
        if hole[1] in seen:
            draft.problems.error(
                "BAD_PHRASE", text.at(hole.start()), f"{hole[0]} stands here twice", "write {*} for what nobody needs"
            )
        if hole[1] != ANYTHING:
            seen.add(hole[1])
            if hole[1] not in known:
                draft.problems.error(
                    "UNKNOWN_FIELD", text.at(hole.start()), f"there is no field {hole[1]}",
                    did_you_mean(hole[1], known, "declare it under fields, or write {*}"),
                )  # fmt: skip
    return found


def _escaped(draft: Draft, text: Text) -> Phrase:
    found = phrase_of(text)
    if not text:
        draft.problems.error("BAD_PHRASE", text.place, "there is nothing to say", "for instance 'UP {speed}'")
    for bad in _ESCAPE.finditer(text):
        if len(bad[1]) != 3 and bad[1] not in _LETTERS:
            draft.problems.error("BAD_PHRASE", text.at(bad.start()), f"{bad[0]} is no character", r"\r \n \t \0 \\ \x1b")
    return Phrase(tuple((_unescaped(part), hole) for part, hole in found.parts))


def _unescaped(text: str) -> str:
    """The characters that are meant; bytes from 80 on are kept as Python keeps what is not UTF-8."""

    def one(found: re.Match[str]) -> str:
        word = found[1]
        if len(word) == 3:
            number = int(word[1:], 16)
            return chr(number) if number < 0x80 else chr(0xDC00 + number)
        return _LETTERS.get(word, word)

    return _ESCAPE.sub(one, text)


def _plain(draft: Draft, text: Text) -> str:
    return "".join(part for part, _ in _escaped(draft, text).parts)


# --- the rest --------------------------------------------------------------------------------------------------------


def _frame(draft: Draft, model: FrameModel | None, transport: str) -> Frame:
    if transport in ("udp", "http"):
        if model is not None:
            where = next(text for text in (model.ends, model.starts, model.escape, model.size) if text is not None)
            draft.problems.error("BAD_FRAME", where.place, f"{transport} has frames of its own", "leave frame out")
        return Frame("http" if transport == "http" else "datagram", b"")
    if model is None:
        return Frame("ends")
    if model.size is not None:
        match = _SIZE.fullmatch(model.size)
        other = next((text for text in (model.ends, model.starts, model.escape) if text is not None), None)
        if match is None:
            draft.problems.error(
                "BAD_FRAME", model.size.place, f"{model.size} is no size of a length", "1, 2 or 4 [little] bytes"
            )
        elif other is not None:
            draft.problems.error("BAD_FRAME", other.place, "what is counted does not end with something", "size, or ends")
        else:
            return Frame("size", b"", size=int(match[1]), little=match[2] is not None)
        return Frame("ends")
    ends, starts, escape = (_bytes(draft, text) for text in (model.ends, model.starts, model.escape))
    if model.escape is not None and len(escape) != 1:
        draft.problems.error("BAD_FRAME", model.escape.place, "an escape is one byte", r"escape: '\x10'")
    if model.escape is not None and any(len(mark) != 1 for mark in (ends, starts) if mark):
        draft.problems.error("BAD_FRAME", model.escape.place, "only marks of one byte can be escaped", r"ends: '\x03'")
    if model.ends is not None and not ends:
        draft.problems.error("BAD_FRAME", model.ends.place, "a frame must end with something", r"ends: '\r\n'")
    return Frame("ends", ends or b"\r\n", starts, escape[:1])


def _bytes(draft: Draft, text: Text | None) -> bytes:
    return b"" if not text else _plain(draft, text).encode("utf-8", "surrogateescape")


def _poll(draft: Draft, model: PollModel, known: set[str]) -> Poll:
    every = draft.read(values.time_of, model.every, SECOND)
    if model.every is not None and every < SECOND // 10:
        draft.problems.error("BAD_TIME", model.every.place, "nobody is asked more than ten times a second", "every: 1s")
    return Poll(phrase(draft, model.send, set()), _heard(draft, model.reply, known), max(every, SECOND // 10))


def _made(draft: Draft, given: dict[Text, Text], arguments: set[str], fields: dict[str, Field]) -> tuple[tuple[str, Phrase], ...]:
    found = []
    for key, text in given.items():
        if _known(draft, key, set(fields)):
            said = phrase(draft, text, arguments)
            if not said.holes:
                draft.value(text, fields[key].type)
            found.append((str(key), said))
    return tuple(found)


def _known(draft: Draft, field: Text, known: set[str]) -> bool:
    if field in known and field not in OWN_FIELDS:
        return True
    draft.problems.error("UNKNOWN_FIELD", field.place, f"there is no field {field}", did_you_mean(field, known - set(OWN_FIELDS)))
    return False


def _condition(draft: Draft, text: Text | None, types: dict[str, ValueType]) -> Expression | None:
    if text is None:
        return None
    try:
        return parse(str(text), types, ValueType.TRUTH)
    except ExpressionError as error:
        hint = error.hint or "names here are the device's own fields"
        draft.problems.error("BAD_EXPRESSION", text.at(error.column), error.message, hint)
        return None
