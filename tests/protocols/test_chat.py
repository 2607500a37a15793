"""A stream of server-sent events, and the line that it adds up to. Examples of WHATWG HTML 9.2.6, and of the API reference."""

import json
import random

import pytest

from showctl.protocols.chat import EventSplitter, Line, RefusedLine, is_flagged, request
from showctl.protocols.errors import ProtocolError

# 9.2.6: "the following stream contains four blocks", the first a comment, the last with a space before its data.
FOUR = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"


def said(*words: str, end: str | None = "stop") -> list[str]:
    events: list[dict[str, object]] = [
        {"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]} for word in words
    ]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": end}]})
    return [json.dumps(event) for event in events]


def read(events: list[str]) -> Line:
    line = Line()
    for event in events:
        line.take(event)
    return line


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_standards_example_is_three_events_whatever_ends_its_lines(end: bytes) -> None:
    found = EventSplitter().feed(FOUR.replace(b"\n", end) + b":")
    assert found == ["first event", "second event", " third event"]


def test_two_lines_of_data_are_one_event_and_data_alone_is_empty() -> None:
    # 9.2.6: "data: YHOO / data: +2 / data: 10"; "data" alone fires an event with an empty string.
    assert EventSplitter().feed(b"data: YHOO\ndata: +2\ndata: 10\n\ndata\n\n") == ["YHOO\n+2\n10", ""]


def test_a_byte_order_mark_is_passed_over_and_an_unfinished_event_never_comes() -> None:
    assert EventSplitter().feed(b"\xef\xbb\xbfdata: a\n\ndata: b\n") == ["a"]


def test_pieces_cut_anywhere_are_the_same_events() -> None:
    stream = b"\xef\xbb\xbf" + "data: 铁还没有冷\r\n\r\n: still here\r\n\r\ndata: b\r\ndata: c\r\n\r\n".encode()
    whole = EventSplitter().feed(stream + b":")
    assert whole == ["铁还没有冷", "b\nc"]
    for cut in range(len(stream)):
        splitter = EventSplitter()
        assert splitter.feed(stream[:cut]) + splitter.feed(stream[cut:] + b":") == whole
    splitter = EventSplitter()
    assert [event for n in range(len(stream)) for event in splitter.feed(stream[n : n + 1])] == whole


def test_what_has_no_end_ends() -> None:
    with pytest.raises(ProtocolError):
        EventSplitter().feed(b"data: " + b"x" * 70000)
    with pytest.raises(ProtocolError):
        EventSplitter().feed(b"data: xxxxxxxxx\n" * 10000)
    with pytest.raises(ProtocolError, match="UTF-8"):
        EventSplitter().feed(b"data: \xff\n\n")


def test_a_line_is_its_words_once_its_end_was_said() -> None:
    line = Line()
    for event in said("I carry ", "embers."):
        line.take(event)
    assert not line.over
    line.take("[DONE]")
    assert (line.over, line.text) == (True, "I carry embers.")


def test_servers_that_leave_out_done_end_with_the_stream() -> None:
    line = Line()
    for event in said("Listen."):
        line.take(event)
    line.end()
    assert line.over


def test_an_event_without_a_choice_says_nothing() -> None:
    line = Line()
    line.take('{"choices": [], "usage": {"total_tokens": 9}}')
    assert (line.text, line.over) == ("", False)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        (["{not json"], "sent what is no JSON"),
        (["[" * 5000], "sent what is no JSON"),
        (["[]"], "sent what is no answer"),
        (['{"choices": [3]}'], "sent what is no answer"),
        ([*said("Half a ", end=None), "[DONE]"], "broke off before the end of its line"),
        (said("Too ", end="length"), "was cut off at its longest"),
        (said("Well, ", end="content_filter"), "was stopped by its own filter"),
        (said("Well, ", end="tool_calls"), "ended with 'tool_calls'"),
        (['{"choices": [{"delta": {"refusal": "I cannot."}}]}'], "would not answer"),
        (said("x" * 5000), "would not stop"),
        (['{"error": {"message": "Incorrect key sk-secret", "code": "invalid_api_key"}}'], "reports an error: invalid_api_key"),
        (['{"error": "sk-secret"}'], "reports an error"),
    ],
)
def test_what_is_no_line_says_why_and_never_quotes_the_server(events: list[str], why: str) -> None:
    with pytest.raises(RefusedLine) as refused:
        read(events)
    assert str(refused.value) == why


def test_an_answer_that_was_not_streamed_is_a_line_too() -> None:
    line = Line()
    line.whole(b'{"choices": [{"message": {"content": "Heat."}, "finish_reason": "stop"}]}')
    assert (line.over, line.text) == (True, "Heat.")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"results": []}', b'{"results": [{"flagged": "no"}]}', b"[1]"])
def test_a_filter_that_says_neither_does_not_let_anything_pass(body: bytes) -> None:
    with pytest.raises(RefusedLine):
        is_flagged(body)


def test_whatever_comes_is_a_line_a_refusal_or_an_error_of_its_standard() -> None:
    chance = random.Random(5)
    good = b"".join(f"data: {event}\n\n".encode() for event in [*said("I ", "carry ", "embers."), "[DONE]"])
    for _ in range(3000):
        broken = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        splitter, line = EventSplitter(), Line()
        try:
            for event in splitter.feed(bytes(broken)):
                line.take(event)
        except (ProtocolError, RefusedLine):
            pass


def test_the_question_is_json_whatever_it_holds() -> None:
    body = json.loads(request("m", "Be brief.", 'Who "woke"\nme? 谁', longest=60, temperature=0.7))
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": 'Who "woke"\nme? 谁'},
    ]
    assert (body["stream"], body["max_tokens"], body["temperature"]) == (True, 60, 0.7)
