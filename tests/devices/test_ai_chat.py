"""A line over HTTP: in time, filtered, or the approved one; and the key that is nowhere. Bytes of the server by hand."""

import json

from showctl.devices.ai_chat import AiChat
from showctl.devices.driver import Close, Connect, Failed, Outputs, Send
from showctl.show.cues import ActionClass
from tests.devices.building import at, device, healths, reports, tell, until

MODELS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_KEY = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}"


def event(content: str = "", end: str | None = None) -> bytes:
    said = {"choices": [{"delta": {"content": content}, "finish_reason": end}]}
    return chunk(f"data: {json.dumps(said)}\n\n".encode())


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


LINE = STREAM + event("I carry ") + event("embers.") + event(end="stop") + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"


def body(status: int, text: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d Said\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s" % (
        status,
        more,
        len(text),
        text,
    )


def endpoint(**options: str) -> AiChat:
    """An endpoint that has answered the first probe at 0."""
    it = AiChat(device("ai_performer", transport="http", host="10.0.0.9", port=8000, options={"model": "dreamer"} | options))
    assert it.start(0) == [Connect()]
    assert b"".join(sent(it.connected(0))).startswith(b"GET /v1/models HTTP/1.1\r\n")
    assert healths(it.received(MODELS, 0)) == [("ok", "ai_performer answers.")]
    return it


def sent(outputs: Outputs) -> list[bytes]:
    return [output.data for output in outputs if isinstance(output, Send)]


def ask(it: AiChat, now: int, within: float = 2.5) -> Outputs:
    command = tell("ask", ActionClass.MOMENTARY, prompt="What do you carry?", within=within, approved="The heat of every hand.")
    return it.command(command, now)


def test_a_question_is_one_post_and_its_streamed_line_is_the_line() -> None:
    it = endpoint(system="You are the furnace.")
    (question,) = sent(ask(it, at(1)))
    head, _, asked = question.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\nHost: 10.0.0.9:8000\r\n")
    assert b"uthorization" not in head, "the key is put in by the link, and known to nobody else"
    assert json.loads(asked)["messages"][0] == {"role": "system", "content": "You are the furnace."}
    found = it.received(LINE, at(2))
    assert reports(found) == {"answer": "I carry embers.", "source": "performer", "line": "I carry embers.", "state": "idle"}
    assert it.phase().name == "done"
    assert Close() not in found, "the connection is kept"
    assert len(sent(ask(it, at(3)))) == 1


def test_a_line_cut_at_every_byte_is_the_same_line() -> None:
    for cut in range(len(LINE)):
        it = endpoint()
        ask(it, at(1))
        found = [*it.received(LINE[:cut], at(1.2)), *it.received(LINE[cut:], at(1.4))]
        assert reports(found)["line"] == "I carry embers.", cut


def test_the_show_never_waits_beyond_the_deadline() -> None:
    it = endpoint()
    ask(it, at(1))
    it.received(STREAM + event("I carry "), at(2))
    assert it.next_deadline() == at(3.5)
    assert reports(it.wake(at(3.5) - 1)) == {}
    found = it.wake(at(3.5))
    assert reports(found) | {"state": ""} == {
        "line": "The heat of every hand.", "source": "approved", "why": "no answer came in time", "state": ""
    }  # fmt: skip
    assert Failed("ask", "no answer came in time", "the approved line") in found
    assert Close() in found, "the rest of its answer would stand before the next"
    assert it.phase().why == "ask: no answer came in time"
    assert reports(it.received(LINE, at(3.6))) == {}


def fallen_back(said: bytes, now: float = 1.5, **options: str) -> str:
    """Why the approved line was spoken, at once, where the server says ``said``."""
    it = endpoint(**options)
    ask(it, at(1))
    found = it.received(said, at(now))
    assert reports(found)["line"] == "The heat of every hand."
    return str(reports(found)["why"])


def test_what_is_no_line_is_replaced_at_once_and_why_is_said() -> None:
    assert fallen_back(STREAM + event("I ") + chunk(b"data: {broken\n\n")) == "the model sent what is no JSON"
    assert fallen_back(STREAM + event("I ", "content_filter")) == "the model was stopped by its own filter"
    assert fallen_back(STREAM + event("I ") + b"0\r\n\r\n") == "the model broke off before the end of its line"
    assert fallen_back(body(200, b"<html>")) == "the model sent what is no JSON"
    assert fallen_back(body(404, b"{}")) == "the endpoint answered 404"
    rings = STREAM + event("\a", "stop") + chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
    assert fallen_back(rings) == "it is not fit to be said"
    assert fallen_back(LINE, blocked="embers, coal") == "it is not fit to be said"


def test_half_a_stream_is_no_line() -> None:
    it = endpoint()
    ask(it, at(1))
    it.received(STREAM + event("I carry "), at(2))
    found = it.lost("closed the connection", at(2.1))
    assert reports(found)["why"] == "the endpoint closed the connection"
    assert healths(found) == [("degraded", "ai_performer closed the connection.")]


def test_a_busy_server_is_asked_once_more_where_the_time_allows() -> None:
    it = endpoint()
    ask(it, at(1))
    assert reports(it.received(body(429, b"{}", b"Retry-After: 1\r\n"), at(1.1))) == {}
    assert [len(sent([output])) for now, output in until(it, at(1.1), at(2.1)) if sent([output])] == [1]  # type: ignore[list-item]
    assert reports(it.received(LINE, at(2.5)))["source"] == "performer"
    ask(it, at(3))
    it.received(body(500, b"{}"), at(3.1))
    until(it, at(3.1), at(3.3))
    assert reports(it.received(body(500, b"{}"), at(3.4)))["why"] == "the endpoint answered 500"
    ask(it, at(4))
    late = it.received(body(429, b"{}", b"Retry-After: 30\r\n"), at(4.1))
    assert reports(late)["why"] == "the endpoint answered 429"


def test_a_filter_of_the_show_judges_what_the_model_said() -> None:
    verdicts = {b"false": "performer", b"true": "approved"}
    for verdict, source in verdicts.items():
        it = endpoint(moderation="/v1/moderations")
        ask(it, at(1))
        (question,) = sent(it.received(LINE, at(1.5)))
        assert question.startswith(b"POST /v1/moderations HTTP/1.1\r\n")
        assert json.loads(question.partition(b"\r\n\r\n")[2]) == {"input": "I carry embers."}
        assert reports(it.received(body(200, b'{"results": [{"flagged": %s}]}' % verdict), at(1.7)))["source"] == source
    it = endpoint(moderation="/v1/moderations")
    ask(it, at(1))
    it.received(LINE, at(1.5))
    found = [output for _, output in until(it, at(1.5), at(3.5))]
    assert reports(found)["source"] == "approved", "a filter that says nothing lets nothing pass"  # type: ignore[arg-type]


def test_a_filter_in_python_may_be_given_too() -> None:
    it = AiChat(
        device("ai_performer", transport="http", options={"model": "m", "probe": "none"}), (lambda line: "carry" not in line,)
    )
    it.start(0)
    it.connected(0)
    ask(it, at(1))
    assert reports(it.received(LINE, at(2)))["why"] == "the filter did not let it pass"


def test_a_key_that_is_refused_is_seen_before_the_cue_that_needs_it() -> None:
    it = endpoint()
    outputs = [output for _, output in until(it, 0, at(30))]
    assert len(sent(outputs)) == 1  # type: ignore[arg-type]
    assert healths(it.received(NO_KEY, at(30.1))) == [("degraded", "ai_performer refuses the key.")]
    until(it, at(30.1), at(60.1))
    assert healths(it.received(MODELS, at(60.2))) == [("ok", "ai_performer answers again.")]


def test_an_answer_to_an_earlier_question_is_not_taken_for_the_next() -> None:
    it = endpoint()
    ask(it, at(1))
    it.received(LINE[: -len(b"0\r\n\r\n")], at(1.5))  # spoken; the end of its stream is still to come
    assert sent(ask(it, at(2))) == []
    assert [data[:4] for data in sent(it.received(b"0\r\n\r\n", at(2.1)))] == [b"POST"]
    assert it.phase().name == "acting"


def test_an_answer_that_nobody_asked_for_is_not_kept_for_the_next_question() -> None:
    it = endpoint()
    assert it.received(LINE, at(1)) == [Close()]
    assert Connect() in ask(it, at(2))


def test_a_server_that_closes_what_is_idle_is_not_at_fault() -> None:
    it = endpoint()
    assert it.lost("closed the connection", at(6)) == []
    assert Connect() in ask(it, at(7))
    assert len(sent(it.connected(at(7.1)))) == 1


def test_a_server_that_takes_no_connection_is_tried_up_to_the_deadline() -> None:
    it = endpoint()
    it.lost("closed the connection", at(6))
    now = at(7)
    assert Connect() in ask(it, now)
    found = list(it.lost("takes no connection", now))
    for _ in range(40):
        deadline = it.next_deadline()
        assert deadline is not None
        if deadline > at(9.5):
            break
        now = deadline
        outputs = it.wake(now)
        found += outputs
        found += it.lost("takes no connection", now) if Connect() in outputs else []
    assert reports([output for output in found if getattr(output, "field", "") in ("source", "why")])["source"] == "approved"
    assert healths(found)[0] == ("degraded", "ai_performer takes no connection.")


def test_what_keeps_it_from_connecting_is_said_at_once_though_it_was_never_heard() -> None:
    it = AiChat(device("ai_performer", transport="http", options={"model": "m"}))
    it.start(0)
    assert healths(it.lost("takes no connection: its key should be in /k", 0)) == [
        ("degraded", "ai_performer takes no connection: its key should be in /k.")
    ]


def test_an_endpoint_that_says_nothing_is_degraded_and_then_lost() -> None:
    it = endpoint()
    found = [(now, healths([output])[0][0]) for now, output in until(it, 0, at(200)) if healths([output])]  # type: ignore[list-item]
    assert found == [(at(35), "degraded"), (at(60), "lost")]
