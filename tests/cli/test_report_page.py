"""The page of a rehearsal's verdicts, from disk, in a real browser: it complains of nothing, scrubs, and leads to what failed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from showctl.cli import main
from tests.cli.shows import copy_of_small
from tests.programs import program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WRONG = "  - {at: 10s, that: heads.intensity >= 99}"
BROKEN = '  - {at: 10s, that: "heads.intensity < 50"}\n  - {at: 20s, that: \'sound.clip == "<b>&</script>"\'}'


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A show with two rehearsals, of which one fails, its page and its verdicts for a build server."""
    folder = copy_of_small(tmp_path_factory.mktemp("show") / "small", ("rehearsals/evening.yaml", WRONG, BROKEN))
    fine = (folder / "rehearsals" / "evening.yaml").read_text(encoding="utf-8").replace(BROKEN, WRONG)
    (folder / "rehearsals" / "a_fine.yaml").write_text(fine.replace("An evening", "A fine one"), encoding="utf-8")
    page, junit = folder.parent / "page.html", folder.parent / "junit.xml"
    done = CliRunner().invoke(main, ["rehearse", str(folder), "--html", str(page), "--junit", str(junit), "--json"])
    assert done.exit_code == 1, done.output
    (folder.parent / "said.json").write_text(done.stdout, encoding="utf-8")
    return {"page": page, "junit": junit, "json": folder.parent / "said.json"}


def test_the_page_holds_all_that_it_needs_and_names_no_other_address(written: dict[str, Path]) -> None:
    text = written["page"].read_text(encoding="utf-8")
    assert "http://" not in text
    assert "https://" not in text
    assert "{{" not in text.partition("<script")[0]
    assert text.count("</script>") == 2, "what a rehearsal says ends no script"
    assert "<li>An evening: rehearsals/evening.yaml:" in text, "failed lines stand there in plain text, too"


def test_build_servers_and_tools_get_the_same_verdicts(written: dict[str, Path]) -> None:
    suite = ElementTree.parse(written["junit"]).getroot()
    said = json.loads(written["json"].read_text(encoding="utf-8"))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite.iter("testcase") if case.find("failure") is not None] == ["An evening"]
    assert (said["passed"], said["failed"]) == (1, 1)
    assert "coverage" not in said, "nobody asked for it"


# --- in a browser ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        found: Browser = driver.chromium.launch(executable_path=program("chromium"), args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture
def page(browser: "Browser", written: dict[str, Path], request: pytest.FixtureRequest) -> "Iterator[Page]":
    """The page from disk, without a network. Whatever it complains of, or asks for elsewhere, fails the test."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": getattr(request, "param", 1440), "height": 900}, offline=True)
    found = context.new_page()
    found.set_default_timeout(10_000)
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    found.on("request", lambda asked: None if asked.url.startswith(("file:", "data:")) else complaints.append(asked.url))
    found.goto(written["page"].as_uri())
    found.wait_for_selector("#tracks")
    yield found
    context.close()
    assert complaints == []


@pytest.mark.serial
@pytest.mark.referee("chromium")
def test_a_failed_line_is_found_in_two_clicks_from_anywhere(page: "Page") -> None:
    page.get_by_role("button", name="A fine one").click()
    assert page.get_by_text("Every line held.").is_visible()
    page.get_by_role("button", name="An evening").click()
    page.locator("[data-failure='1']").click()
    assert page.locator("#clock").inner_text() == "0:20.0"
    assert 'sound.clip == "<b>&</script>" was expected' in page.locator("[data-failure='1']").inner_text()
    here = page.locator("#transcript .here")
    assert here.is_visible()
    assert page.evaluate("document.querySelector('#transcript').scrollTop") >= 0


@pytest.mark.serial
@pytest.mark.referee("chromium")
def test_the_one_that_failed_is_shown_first_at_the_moment_at_which_it_failed(page: "Page") -> None:
    assert page.locator("#list button").first.inner_text().startswith("✗")
    assert page.locator("main h2").inner_text() == "An evening"
    assert page.locator("#clock").inner_text() == "0:10.0"


@pytest.mark.serial
@pytest.mark.referee("chromium")
@pytest.mark.parametrize("page", [1440, 390], indirect=True)
def test_the_timeline_scrubs_by_slider_by_hand_and_by_key(page: "Page") -> None:
    page.locator("#at").fill("6")
    assert page.locator("#now").inner_text().count("main/2 Rise") == 1
    box = page.locator("#tracks .track:not(.head) .lane").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 5)
    assert page.locator("#clock").inner_text() in ("0:29.9", "0:30.0", "0:30.1")
    page.locator("#at").focus()
    before = page.locator("#cursor").bounding_box()
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    after = page.locator("#cursor").bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] < before["x"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out sideways"


@pytest.mark.serial
@pytest.mark.referee("chromium")
def test_it_is_dark_or_light_as_one_likes(page: "Page") -> None:
    grounds = []
    for _ in range(2):
        page.locator("#theme").click()
        grounds.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert len(set(grounds)) == 2
