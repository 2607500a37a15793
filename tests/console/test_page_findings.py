"""What the checker says of a show folder, and what a show tells, is said in Chinese on the page.

The sentences (errors, warnings, refused edits and requests, ways out, lines of the log, what is the matter with a device) are
read off the source (``source_sentences.py``): one that is new there fails here until ``web/src/words/findings`` has its Chinese.
Ways out that are nothing but an example stay as they are.
"""

import re
from pathlib import Path

import pytest

from tests.console.source_sentences import Sentence, found_by_the_checker, told_by_the_show
from tests.console.web import said_on_the_page

PROSE = frozenset(
    (
        "a",
        "an",
        "the",
        "is",
        "are",
        "it",
        "its",
        "this",
        "that",
        "they",
        "there",
        "has",
        "have",
        "nobody",
        "nothing",
        "no",
        "says",
        "what",
    )
)
"""Words of English that no example has: where one is left, a part of the sentence is."""
SAID_BY = {
    ("message", "hint"): ("src/words/findings/index.ts", "findingInChinese"),
    ("summary",): ("src/words/answers.ts", "lineInChinese"),
    ("news",): ("src/words/findings/index.ts", "newsInChinese"),
}
"""What says which sentences on the page."""
PUT_TOGETHER = {
    "Q1 is Q2": "Q1 is ok",
    "Q1 is Q2: Q3": "Q1 is lost: Q2 answers.",
    "Q1 takes Q2": "Q1 takes no arguments",
    "there is no Q1 Q2": "there is no speaker Q1",
}
"""What would be as many things as people can write: asked with words that are put in."""
SYNTAX = re.compile(r"'[^']*'|\"[^\"]*\"|\{[^}]*\}|\b\w+:|60s an hour|60s a show|at (?:least|most) \d|\bno\b(?=$|，)|do \d")
"""What an author writes, and what stands in every language as it is."""


def prose_in(words: str) -> set[str]:
    return set(re.findall(r"(?<![\w/.])[a-z]+(?![\w/.])", SYNTAX.sub(" ", words))) & PROSE


@pytest.fixture(scope="module")
def all_sentences() -> dict[str, Sentence]:
    said = (*told_by_the_show(), *found_by_the_checker())
    whole = (one._replace(words=PUT_TOGETHER.get(one.words, one.words)) for one in said)
    return {one.words: one for one in whole}


def test_the_reader_of_the_source_finds_what_is_said_in_any_way(all_sentences: dict[str, Sentence]) -> None:
    for words in (
        "a quote is still open",  # a plain text
        "Q1 is not a time of day",  # with something put in
        "there is no kind of device Q1",  # a word that the caller hands over
        "name needs a name or an id".replace("name", "Q1", 1),
        "mapping values are not allowed".replace(
            "mapping values are not allowed", "indent with spaces, not with tabs"
        ),  # returned
        "Q1 hangs nowhere, so it cannot be aimed",  # one of a few words, set before
        "this file has no header",  # by a method that says it for others
        "there is no folder show.yaml",  # by whichever of two is meant
        "move: over 4s, at 1.2m/s, ease s, loop, mirror",  # of a table
        "nobody knows beforehand when Q1 ends: it waits for something",
        "did you mean Q1?",
        "Q1 is at its end: nothing stands by",  # why GO is refused
        "Q1 takes no connection: Q2.",  # what is the matter with a device
    ):
        assert words in all_sentences
    assert len(all_sentences) > 1000


@pytest.mark.referee("node")
def test_every_sentence_is_chinese_on_the_page(all_sentences: dict[str, Sentence], tmp_path: Path) -> None:
    said: dict[str, str] = {}
    for kinds, (module, function) in SAID_BY.items():
        asked = [words for words, one in all_sentences.items() if one.kind in kinds]
        said |= said_on_the_page(module, function, asked, tmp_path)

    english: dict[str, str] = {}
    for words, one in all_sentences.items():
        chinese = said[words]
        only_names = not re.search("[a-z]{2}", words)
        only_an_example = one.kind == "hint" and chinese == words
        if prose_in(chinese) or not (re.search("[\u4e00-\u9fff]", chinese) or only_names or only_an_example):
            english[f"{one.where}: {words}"] = chinese
    assert english == {}, "web/src/words/findings lacks the Chinese of these"


@pytest.mark.referee("node")
def test_places_codes_and_what_an_author_wrote_stay_as_they_are(tmp_path: Path) -> None:
    lines = {
        "the show would not load any more:\n  lists/main.yaml:5:12: error BAD_LEVEL very bright is not a level": (
            "演出将无法载入：\n  lists/main.yaml:5:12: 错误 BAD_LEVEL very bright 不是亮度"
        ),
        "lists/main.yaml:7:3: warning DESCENDING_LABEL 3 stands after 4": (
            "lists/main.yaml:7:3: 提醒 DESCENDING_LABEL 3 排在 4 之后"
        ),
        "there is no cue 41 in main": "main 没有提示 41",
        "nothing is not a level": "（空）不是亮度",
        "did you mean pars_odd?": "是不是 pars_odd？",
        "this takes a mapping or a list, and it is words": "此处应为映射（键: 值）或序列（[一, 二]），现在是文字",
        "at is missing at the end": "末尾缺少 at",
        "next: after end": "next: after end",
        "no edit from here is left to take back": "没有可撤销的编辑",
    }
    assert said_on_the_page("src/words/findings/index.ts", "findingInChinese", list(lines), tmp_path) == lines


@pytest.mark.referee("node")
def test_the_news_of_devices_and_rehearsals_is_chinese_and_what_a_person_noted_stays(tmp_path: Path) -> None:
    lines = {
        "film is lost: Film server 影像 takes no connection: timed out.": "film 失联：Film server 影像 不接受连接：timed out。",
        "takes no connection: timed out.": "不接受连接：timed out。",  # where the name stands already
        "phones is ok: Votes by phone 手机投票 is online.": "phones 正常：Votes by phone 手机投票 已上线。",
        "Sound player is lost: nothing was heard of it for 9 s (it closed the connection).": (
            "Sound player 失联：9 秒没有消息（关闭了连接）。"
        ),
        "fog is safe: gate is lost, so its word does not count": "fog 安全：gate 失联，不作数",
        "main/204 goes on without a hazard: its permit does not hold: key (key is false)": (
            "main/204 不用危险设备而继续：条件不成立：key（key is false）"
        ),
        "heads (8) to 60 %, pan 90 deg, in 0.4 s to 1.0 s": "heads (8) 至 60 %, pan 90 deg，用 0.4 至 1.0 秒",
        "gate.state == 1 was expected at the end; gate.state is 0": "结束时应为 gate.state == 1；gate.state is 0",
        "too soon after the last GO: 0.3 s left of the GO window": "距上次 GO 太近，还差 0.3 秒",
        "xr is degraded: XR engine has a fleet to look after: headset 2 has 20 % left, headset 5 has lost its tracking.": (
            "xr 未就绪：XR engine 有头显需要照看：headset 2 电量剩 20 %、headset 5 失去追踪。"
        ),
        "smoke is safe: sacn/1 is not ours alone: FOH (10.0.0.9) also sends sacn/1, at priority 120; ours is 100: it wins.": (
            "smoke 安全：sacn/1 不止本机在控制：FOH (10.0.0.9) 也在发送 sacn/1，优先级 120；本机 100：以对方为准。"
        ),
        "main/203 began 4 ms apart (sound +4 ms)": "main/203 各部分相差 4 毫秒（sound +4 ms）",
        "Mei watches the hearth until the doors open": "Mei watches the hearth until the doors open",
    }
    assert said_on_the_page("src/words/findings/index.ts", "newsInChinese", list(lines), tmp_path) == lines
