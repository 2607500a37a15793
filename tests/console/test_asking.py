"""What a client's JSON means, and what is not understood."""

from typing import Any

import pytest

from showctl.console.asking import Refusal, answer_json, answer_of, body_of, from_json, request_of
from showctl.engine.commands import Answer
from showctl.engine.events import (
    Ask,
    ChannelCheck,
    Evacuate,
    Go,
    Grab,
    Identify,
    Maintain,
    Master,
    Origin,
    Panic,
    Rearm,
    Request,
    Standby,
    Stop,
)
from showctl.show.cues import CueRef
from showctl.show.instants import seconds

HERE = Origin("console", "", "127.0.0.1")


REQUESTS: list[tuple[dict[str, Any], Request]] = [
    ({"request": "Go"}, Go(origin=HERE)),
    ({"request": "Go", "list": "house", "cue": "5", "token": "a-1", "id": 7}, Go("house", "5", "a-1", HERE)),
    ({"request": "Go", "cue": None}, Go(origin=HERE)),
    ({"request": "Standby", "list": "main", "cue": None}, Standby("main", None, HERE)),
    ({"request": "Stop", "over": 2.5}, Stop("", None, seconds(2.5), HERE)),
    ({"request": "Panic"}, Panic(HERE)),
    ({"request": "Evacuate", "origin": {"surface": "key"}}, Evacuate(Origin("key", "", "127.0.0.1"))),
    ({"request": "Rearm", "origin": {"person": "Mei 梅"}}, Rearm(Origin("console", "Mei 梅", "127.0.0.1"))),
    ({"request": "Master", "name": "grand", "level": 0.5, "over": 1}, Master("grand", 32768, seconds(1), HERE)),
    ({"request": "Grab", "parameters": [3], "levels": [1], "park": True}, Grab((3,), (65535,), True, "", HERE)),
    ({"request": "ChannelCheck", "words": "1 thru 12 at 50"}, ChannelCheck("1 thru 12 at 50", HERE)),
    ({"request": "Identify", "what": "par", "over": 3}, Identify("par", seconds(3), HERE)),
    (
        {"request": "Maintain", "on": True, "origin": {"person": "Mei"}},
        Maintain(True, origin=Origin("console", "Mei", "127.0.0.1")),
    ),
    (
        {"request": "Ask", "device": "sound", "verb": "mute", "arguments": {"on": True, "level": 1}},
        Ask("sound", "mute", (("on", True), ("level", 1.0)), HERE),
    ),
]


@pytest.mark.parametrize(("body", "request_"), REQUESTS)
def test_a_request_is_the_event_of_its_name(body: dict[str, Any], request_: Request) -> None:
    assert request_of(body, "127.0.0.1") == request_


@pytest.mark.parametrize("request_", [request_ for _, request_ in REQUESTS])
def test_what_is_passed_on_is_read_again_as_the_same_request(request_: Request) -> None:
    assert request_of(body_of(request_)) == request_


def test_nobody_says_where_they_are_from() -> None:
    asked = request_of({"request": "Panic", "origin": {"surface": "cli", "address": "10.0.0.1"}}, "127.0.0.1")

    assert asked == Panic(Origin("cli", "", "127.0.0.1"))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ([], "a request is a JSON object"),
        ({}, "there is no request called None"),
        ({"request": "Jump"}, "there is no request called 'Jump'"),
        ({"request": "InputChanged", "name": "gate", "value": 1}, "there is no request called 'InputChanged'"),
        ({"request": ["Go"]}, "there is no request called"),
        ({"request": "Park", "what": "a", "wall": 1}, "Park knows nothing of 'wall'"),
        ({"request": "Rdm", "verb": "discover"}, "there is no request called 'Rdm'"),
        ({"request": "Go", "speed": 1}, "Go knows nothing of 'speed'"),
        ({"request": "Go", "list": 1}, "list is text"),
        ({"request": "Go", "list": "x" * 401}, "list is too long"),
        ({"request": "Go", "list": "main\n"}, "list is too long or cannot be printed"),
        ({"request": "Standby", "list": "main"}, "Standby needs cue"),
        ({"request": "Stop", "over": -1}, "over is a number from 0 to 3600"),
        ({"request": "Stop", "over": float("nan")}, "over is a number"),
        ({"request": "Stop", "over": True}, "over is a number"),
        ({"request": "Master", "name": "grand", "level": 2}, "level is a number from 0 to 1"),
        ({"request": "StandbyMove", "list": "main", "by": 1.5}, "by is a whole number"),
        ({"request": "Grab", "parameters": 1, "levels": []}, "parameters is a list"),
        ({"request": "Arm", "name": "x", "armed": 1}, "armed is true or false"),
        ({"request": "Ask", "device": "a", "verb": "b", "arguments": {"x": []}}, "arguments.'x' is text, a number"),
        ({"request": "Panic", "origin": {"surface": "schedule"}}, "origin.surface is one of"),
        ({"request": "Panic", "origin": "me"}, "origin is an object"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_sentence(body: object, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        request_of(body)

    assert why in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", b"\xff", "[" * 100_000])
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(Refusal, match="that is not JSON"):
        from_json(text)


def test_an_answer_says_what_started_and_what_stands_by() -> None:
    answer = Answer(seconds(2), "", CueRef("main", "1"), CueRef("main", "2"))

    assert answer_json(answer) == {
        "done": True,
        "refused": "",
        "started": {"list": "main", "cue": "1"},
        "standby": {"list": "main", "cue": "2"},
        "words": "",
        "instant": 2.0,
    }


def test_an_answer_that_is_passed_on_says_the_same() -> None:
    answer = Answer(seconds(1.25), "", CueRef("main", "1"), None, "words")
    assert answer_of(answer_json(answer)) == answer
