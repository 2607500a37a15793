"""``showctl rdm`` against a running desk whose fixtures are played by the test."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main
from showctl.engine.events import Origin, Rdm
from showctl.runtime.rdm_carrier import RdmTrouble
from tests.cli.staged import registered
from tests.console.stage import LittleStage

pytestmark = pytest.mark.serial

DEVICE = {
    "uid": "7ff0:00000001",
    "universe": "usbpro/fog",
    "light": "par_1",
    "address": 1,
    "footprint": 4,
    "mode": 1,
    "modes": 2,
    "mode_name": "8bit",
    "maker": "ACME",
    "model": "Par",
    "label": "",
    "sensors": 1,
    "words": "",
}


class Played:
    """Answers as the desk's RDM would."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.found: dict[str, Any] = {"doing": "", "searched": [], "devices": [], "missing": [], "troubles": []}

    def table(self) -> dict[str, Any]:
        return self.found

    async def do(self, verb: str, what: str, value: str) -> dict[str, Any]:
        self.asked.append((verb, what, value))
        if what == "nobody":
            raise RdmTrouble("nobody was not found on usbpro/fog")
        if verb == "discover":
            self.found |= {"searched": ["usbpro/fog"], "devices": [DEVICE]}
        return {"words": f"{verb} {what} {value}".strip()}


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleStage]:
    with registered(tmp_path, monkeypatch) as stage:
        stage.desk.rdm = Played()  # type: ignore[assignment]
        yield stage


def showctl(*words: str) -> Result:
    return CliRunner().invoke(main, ["rdm", *words])


def test_a_search_is_compared_with_the_patch(stage: LittleStage) -> None:
    before = showctl("list")
    assert (before.exit_code, before.output) == (1, "nobody has been searched for yet: `showctl rdm discover`\n")

    found = showctl("discover", "usbpro/fog")

    assert (found.exit_code, found.stdout) == (
        0,
        "par_1  7ff0:00000001  usbpro/fog.1  4      1 8bit  ACME Par\n1 found on usbpro/fog, all as patched\n",
    )
    assert stage.asked == [Rdm("discover", "usbpro/fog", "", Origin("cli", "Mei", ""))]
    assert json.loads(showctl("list", "--json").stdout)["devices"][0]["light"] == "par_1"


def test_what_differs_from_the_patch_is_exit_1_and_said(stage: LittleStage) -> None:
    stage.desk.rdm.found |= {  # type: ignore[union-attr]
        "searched": ["usbpro/fog"],
        "devices": [DEVICE | {"light": None, "address": 9, "words": "nothing is patched at usbpro/fog.9; is it par_2?"}],
        "missing": ["par_2"],
    }

    result = showctl("list")

    assert result.exit_code == 1
    assert "  ! nothing is patched at usbpro/fog.9; is it par_2?\n! patched, and not found: par_2\n" in result.stdout


def test_every_verb_reaches_the_desk(stage: LittleStage) -> None:
    for words in (
        ["identify", "par_1"],
        ["identify", "par_1", "off"],
        ["address", "par_1", "33"],
        ["mode", "par_1"],
        ["mode", "par_1", "8bit"],
        ["label", "par_1", "left one"],
        ["sensors", "par_1"],
    ):
        result = showctl(*words)
        assert (result.exit_code, result.stdout.split()) == (0, " ".join(words).split()), result.output


def test_never_during_a_show(stage: LittleStage) -> None:
    assert CliRunner().invoke(main, ["go", "2"]).exit_code == 0
    for words in (["discover"], ["address", "par_1", "33"]):
        result = showctl(*words)
        assert result.exit_code == 1
        assert "RDM takes turns with the light, so never during a show: main/2 runs. `showctl stop` first" in result.stderr
    assert stage.desk.rdm.asked == []  # type: ignore[union-attr]


def test_wrong_words_are_said(stage: LittleStage) -> None:
    refused = showctl("identify", "nobody")
    assert (refused.exit_code, refused.stderr) == (1, "showctl: refused: nobody was not found on usbpro/fog\n")
    for words in (["identify"], ["address", "par_1"], ["sensors", "par_1", "2"], ["dance"]):
        assert showctl(*words).exit_code == 2, words


def test_the_door_refuses_what_is_no_request(stage: LittleStage) -> None:
    from showctl.console.asking import Refusal, rdm_of

    bodies: tuple[object, ...] = ([], {"verb": 1}, {"verb": "x", "speed": 1}, {"verb": "x" * 401})
    for body in bodies:
        with pytest.raises(Refusal):
            rdm_of(body)
