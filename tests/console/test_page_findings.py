"""What the checker says of a show folder is said in Chinese on the page: errors, warnings, refused edits, and the ways out.

The sentences are read off the checker's source (``checker_sentences.py``): one that is new there fails here until
``web/src/words/findings`` has its Chinese. Ways out that are nothing but an example stay as they are.
"""

import re
from pathlib import Path

import pytest

from tests.console.checker_sentences import Sentence, sentences
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
        "says",
        "what",
    )
)
"""Words of English that no example has: where one is left, a part of the sentence is."""
SYNTAX = re.compile(r"'[^']*'|\"[^\"]*\"|\{[^}]*\}|\b\w+:|60s an hour|60s a show|at (?:least|most) \d|\bno\b(?=$|，)|do \d")
"""What an author writes, and what stands in every language as it is."""


def prose_in(words: str) -> set[str]:
    return set(re.findall(r"(?<![\w/.])[a-z]+(?![\w/.])", SYNTAX.sub(" ", words))) & PROSE


@pytest.fixture(scope="module")
def all_sentences() -> dict[str, Sentence]:
    return {one.words: one for one in sentences()}


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
        "move: over 4s, at 1.2m/s, ease s, loop, mirror",  # of a table
        "nobody knows beforehand when Q1 ends: it waits for something",
        "did you mean Q1?",
    ):
        assert words in all_sentences
    assert len(all_sentences) > 1000


@pytest.mark.referee("node")
def test_every_sentence_of_the_checker_is_chinese_on_the_page(all_sentences: dict[str, Sentence], tmp_path: Path) -> None:
    asked = [words for words, one in all_sentences.items() if one.kind != "summary"]
    said = said_on_the_page("src/words/findings/index.ts", "findingInChinese", asked, tmp_path)
    asked = [words for words, one in all_sentences.items() if one.kind == "summary"]
    said |= said_on_the_page("src/words/answers.ts", "lineInChinese", asked, tmp_path)

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
