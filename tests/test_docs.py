"""The pages are whole: each is led to by another, each command and option that they show exists, each decision has its number."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from showctl.cli import COMMANDS, main
from simulators.__main__ import main as simulate

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs" / "decisions"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "cues").glob("*/README.md"))]


def links(page: Path) -> Iterator[Path]:
    for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            yield (page.parent / link).resolve()


def test_whoever_begins_with_the_readme_comes_by_every_page() -> None:
    reached, new = set[Path](), {ROOT / "README.md"}
    while new:
        reached |= new
        new = {there for page in new if page.suffix == ".md" for there in links(page)} - reached

    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in reached and DECISIONS not in page.parents] == []
    assert DECISIONS in reached, "decisions are a folder to leaf through"


def test_every_decision_has_a_number_of_its_own_and_a_date() -> None:
    names = sorted(path.name for path in DECISIONS.iterdir())
    numbers = [re.fullmatch(r"(\d{4})-[a-z0-9-]+\.md", name) for name in names]

    assert None not in numbers, names
    assert len({found[1] for found in numbers if found}) == len(names), "two decisions have one number"
    for path in DECISIONS.iterdir():
        assert re.search(r"\b20\d\d-\d\d-\d\d\b", path.read_text(encoding="utf-8")), f"{path.name} does not say when"


def options_of(command: str, words: list[str]) -> set[str]:
    """Every option that may stand behind ``showctl COMMAND WORDS``."""
    found = main.get_command(click.Context(main), command)
    assert found is not None
    own = [found, *([simulate] if command == "simulate" else [])]
    if isinstance(found, click.Group) and words and words[0] in found.commands:
        own.append(found.commands[words[0]])
    return {"-h", "--help"} | {option for item in own for given in item.params for option in (*given.opts, *given.secondary_opts)}


def test_every_command_and_option_that_a_page_shows_is_there() -> None:
    wrong, shown = [], set()
    for page in PAGES:
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            for command, rest in re.findall(r"(?<![\w./'-])showctl ([a-z][a-z-]*)([^`\n#;|)]*)", line):
                known = options_of(command, rest.split()) if command in COMMANDS else set[str]()
                strange = [word for word in re.findall(r"(?<=\s)--?[a-z][a-z-]*", rest) if word not in known]
                shown.add(command)
                if command not in COMMANDS or strange:
                    wrong.append(f"{page.relative_to(ROOT)}:{number}: showctl {command} {' '.join(strange)}")

    assert wrong == []
    assert sorted(set(COMMANDS) - shown) == [], "a command that no page shows"
