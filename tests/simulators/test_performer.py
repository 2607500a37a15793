"""The simulated AI performer: pinned by a script, or free to answer in time, late, badly or never."""

import pytest

from simulators.performer import Performer
from tests.simulators.stage import Bench, make_device, make_show, osc


def performer(seed: int = 1) -> Bench:
    device = make_device("ai", "ai_performer")
    return Bench(Performer(device, make_show(device), seed))


def ask(bench: Bench, number: int = 1, within: float = 2.5) -> None:
    bench.send(osc("/ai/ask", "isf", number, "What do you carry?", within))


def test_a_pinned_answer_comes_when_it_was_told_to() -> None:
    ai = performer()
    ai.act('answers "The heat of every hand" after 1s')
    ask(ai, 7)
    ai.to(0.999)
    assert ai.osc() == [(0.0, "/ai/status", ("thinking",))]
    ai.to(1)
    assert ai.osc() == [(1.0, "/ai/line", (7, "The heat of every hand")), (1.0, "/ai/status", ("idle",))]


def test_a_line_to_say_is_spoken_a_second_for_fifteen_letters() -> None:
    ai = performer()
    ai.send(osc("/ai/say", "s", "x" * 30))
    assert ai.truth("state", "line", "source") == ["speaking", "x" * 30, "approved"]
    ai.to(1.999)
    assert ai.truth("state") == ["speaking"]
    ai.to(2)
    assert ai.truth("state") == ["idle"]


def test_its_own_answer_said_is_the_performers() -> None:
    ai = performer()
    ai.act("answers 我记得 after 500ms")
    ask(ai)
    ai.to(1)
    ai.send(osc("/ai/say", "s", "我记得"))
    assert ai.truth("line", "source") == ["我记得", "performer"]


def test_late_is_after_the_deadline_and_never_is_never() -> None:
    ai = performer()
    ai.act("late 4s")
    ask(ai)
    ai.to(6.499)
    assert [line for line in ai.osc() if line[1] == "/ai/line"] == []
    ai.to(6.5)
    assert [line[0] for line in ai.osc() if line[1] == "/ai/line"] == [6.5]
    ai.act("never answers")
    ask(ai)
    ai.to(1000)
    assert ai.truth("state") == ["thinking"]


@pytest.mark.parametrize(("words", "length"), [("empty", 0), ("rambles", 312)])
def test_a_bad_answer_is_empty_or_too_long(words: str, length: int) -> None:
    ai = performer()
    ai.act(words)
    ask(ai)
    ai.to(1)
    [text] = [arguments[1] for _, address, arguments in ai.osc() if address == "/ai/line"]
    assert len(text) == length


def test_a_new_question_replaces_the_old() -> None:
    ai = performer()
    ai.act("answers yes after 2s")
    ask(ai, 1)
    ai.to(1)
    ask(ai, 2)
    ai.to(10)
    assert [line for line in ai.osc() if line[1] == "/ai/line"] == [(3.0, "/ai/line", (2, "yes"))]


def test_left_free_it_mostly_answers_in_time_and_sometimes_does_not() -> None:
    ai = performer()
    kinds = {"in time": 0, "late": 0, "bad": 0, "never": 0}
    for number in range(400):
        ask(ai, number)
        asked = ai.now / 1e9
        ai.to(asked + 10)
        lines = [(moment - asked, arguments[1]) for moment, address, arguments in ai.osc() if address == "/ai/line"]
        if not lines:
            kinds["never"] += 1
        elif not 0 < len(lines[0][1]) <= 280:
            kinds["bad"] += 1
        else:
            kinds["in time" if lines[0][0] < 2.5 else "late"] += 1
    assert 290 < kinds["in time"] < 350
    assert all(10 < kinds[kind] < 60 for kind in ("late", "bad", "never"))


def test_the_same_seed_says_the_same_and_a_pin_moves_nothing_else() -> None:
    def second_answer(first_pin: str) -> list[object]:
        ai = performer(5)
        ai.act(first_pin)
        ask(ai)
        ai.to(20)
        ai.act("free")
        ai.take()
        ask(ai)
        ai.to(40)
        return [line for line in ai.osc() if line[1] == "/ai/line"]

    assert second_answer("never answers") == second_answer("answers yes") == second_answer("empty")
