"""Commands that read a show folder: check, show, schema, new, rehearse; what they print, and their exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from showctl.cli import COMMANDS, main
from tests.cli.shows import SMALL, copy_of_small


def showctl(*words: str | Path) -> Result:
    """Runs a command in this process."""
    return CliRunner().invoke(main, [str(word) for word in words])


def line_of(path: Path, words: str) -> int:
    """The line on which ``words`` stand."""
    return path.read_text(encoding="utf-8").partition(words)[0].count("\n") + 1


def json_of(result: Result) -> Any:
    """The one object on stdout."""
    return json.loads(result.stdout)


# --- The program --------------------------------------------------------------------------------------------------------


def test_help_names_every_command_and_none_that_is_hidden() -> None:
    said = showctl("-h").output

    assert all(f"  {name} " in said for name in COMMANDS)
    assert "_engine" not in said


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "simulate"])  # which hands its options on
def test_every_command_has_help(name: str) -> None:
    assert showctl(name, "--help").exit_code == 0


@pytest.mark.parametrize(
    "words", [["jump"], ["go", "--loud"], ["check"], ["check", "no_such_folder"], ["rehearse", str(SMALL), "--sweep", "all"]]
)
def test_wrong_usage_is_exit_2(words: list[str]) -> None:
    assert showctl(*words).exit_code == 2


def test_ctrl_c_is_exit_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("showctl.showfile.load", interrupted)

    assert showctl("check", SMALL).exit_code == 130


def test_check_loads_nothing_heavy() -> None:
    script = (
        "import sys; from showctl.cli import main\n"
        "try: main(['check', sys.argv[1]])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print(*sorted({'numpy', 'uvicorn', 'starlette', 'asyncio', 'serial'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script, SMALL], capture_output=True, text=True, timeout=60)

    assert run.stdout.splitlines()[-1] == "", "these make `check` slow to start"


# --- check --------------------------------------------------------------------------------------------------------------


def test_a_good_show_has_nothing_to_complain_of() -> None:
    result = showctl("check", SMALL)

    assert (result.exit_code, result.output) == (0, f"{SMALL}: nothing to complain of\n")


def test_each_problem_has_its_place_code_and_hint(tmp_path: Path) -> None:
    wrong = copy_of_small(
        tmp_path / "show", ("lists/main.yaml", "time: 2s", "time: two"), ("patch.yaml", "sacn/1.110", "sacn/1.101")
    )
    result = showctl("check", wrong)

    assert result.exit_code == 1
    lines = result.output.splitlines()
    place = f"{wrong / 'lists/main.yaml'}:{line_of(wrong / 'lists/main.yaml', 'time: two')}:11:"
    assert any(line.startswith(f"{place} error BAD_TIME ") for line in lines), lines
    assert any(line.startswith(f"{wrong / 'patch.yaml'}:") and " error OVERLAP " in line for line in lines), lines
    assert lines[-1] == "2 errors"


def test_problems_as_json(tmp_path: Path) -> None:
    wrong = copy_of_small(tmp_path / "show", ("lists/main.yaml", "time: 2s", "time: two"))
    (problem,) = json_of(showctl("check", wrong, "--json"))["problems"]

    assert set(problem) == {"file", "line", "column", "code", "severity", "message", "hint"}
    line = line_of(wrong / "lists/main.yaml", "time: two")
    assert (problem["file"], problem["line"], problem["code"]) == ("lists/main.yaml", line, "BAD_TIME")


def test_a_folder_without_a_show_is_exit_2(tmp_path: Path) -> None:
    assert showctl("check", tmp_path).exit_code == 2
    assert showctl("rehearse", tmp_path).exit_code == 2
    assert showctl("show", tmp_path).exit_code == 2
    assert showctl("run", tmp_path).exit_code == 2


# --- new, show, schema ------------------------------------------------------------------------------------------------------


def test_a_new_show_is_in_order_and_its_rehearsal_passes(tmp_path: Path) -> None:
    folder = tmp_path / "night_train"
    made = showctl("new", folder)

    assert made.exit_code == 0, made.output
    assert showctl("check", "--strict", folder).output == f"{folder}: nothing to complain of\n"
    assert json_of(showctl("show", folder, "--json"))["show"] == "Night train"
    assert showctl("rehearse", folder).exit_code == 0


def test_a_new_show_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")

    assert showctl("new", tmp_path).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]


def test_where_nothing_can_be_written_is_a_sentence_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")
    result = showctl("new", tmp_path / "diary.txt" / "show")

    assert result.exit_code == 2
    assert result.stderr.startswith(f"showctl: {tmp_path}/diary.txt/show")
    assert result.stderr.endswith(": Not a directory\n")


def test_show_says_what_is_in_a_folder() -> None:
    said = json_of(showctl("show", SMALL, "--json"))

    assert said["lists"] == [{"name": "main", "label": "Main", "cues": 4}]
    assert said["rehearsals"] == [{"stem": "evening", "name": "An evening"}]
    assert "list main" in showctl("show", SMALL).output
    assert "par_1" in showctl("show", SMALL, "--expanded").output


def test_the_schema_is_one_object() -> None:
    assert isinstance(json_of(showctl("schema")), dict)


# --- rehearse -------------------------------------------------------------------------------------------------------------


def test_a_rehearsal_that_passes() -> None:
    result = showctl("rehearse", SMALL)

    assert result.exit_code == 0, result.output
    assert result.output.startswith("ok    An evening   40.0 s in ")
    assert result.output.endswith("1 rehearsal passed\n")


def test_a_line_that_does_not_hold_is_told_with_its_place(tmp_path: Path) -> None:
    wrong = copy_of_small(tmp_path / "show", ("rehearsals/evening.yaml", "par_1.intensity > 75", "par_1.intensity > 60"))
    result = showctl("rehearse", wrong)

    assert result.exit_code == 1
    assert result.output.startswith("FAIL  An evening")
    file = wrong / "rehearsals/evening.yaml"
    assert f"{file}:{line_of(file, 'par_1.intensity > 60')}: at " in result.output
    assert result.output.endswith("1 rehearsal of 1 failed\n")


def test_verdicts_as_json_and_for_a_build_server(tmp_path: Path) -> None:
    wrong = copy_of_small(tmp_path / "show", ("rehearsals/evening.yaml", "par_1.intensity > 75", "par_1.intensity > 60"))
    files: list[str | Path] = ["--junit", tmp_path / "verdicts.xml", "--report", tmp_path / "verdicts.html"]
    said = json_of(showctl("rehearse", wrong, "--json", *files))

    assert (said["passed"], said["failed"]) == (0, 1)
    (verdict,) = said["rehearsals"]
    assert set(verdict) >= {"name", "passed", "show_seconds", "wall_seconds", "digest", "failures"}
    assert set(verdict["failures"][0]) == {"file", "line", "moment", "message"}
    suites = ElementTree.parse(tmp_path / "verdicts.xml").getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("1", "1")
    assert suites.find("testsuite/testcase/failure") is not None
    page = (tmp_path / "verdicts.html").read_text(encoding="utf-8")
    assert "1 of 1 rehearsal failed" in page
    assert "par_1.intensity &gt; 60" in page


def test_with_every_frame_the_transcript_is_the_same(tmp_path: Path) -> None:
    assert showctl("rehearse", SMALL, "--golden", tmp_path, "--rewrite").exit_code == 0
    assert showctl("rehearse", SMALL, "--golden", tmp_path, "--every-frame").exit_code == 0


def test_several_rehearsals_run_beside_each_other_and_are_told_in_order(tmp_path: Path) -> None:
    show = copy_of_small(tmp_path / "show")
    words = (show / "rehearsals/evening.yaml").read_text()
    for name, length in (("b_long", "60s"), ("a_short", "30s")):
        text = words.replace("An evening", name).replace("length: 40s", f"length: {length}")
        (show / f"rehearsals/{name}.yaml").write_text(text)
    said = json_of(showctl("rehearse", show, "--json"))

    assert [verdict["name"] for verdict in said["rehearsals"]] == ["a_short", "b_long", "An evening"]
    assert [verdict["show_seconds"] for verdict in said["rehearsals"]] == [30, 60, 40]
    chosen = json_of(showctl("rehearse", show, "b_long", "An evening", "--json"))
    assert [verdict["name"] for verdict in chosen["rehearsals"]] == ["b_long", "An evening"]
    unknown = showctl("rehearse", show, "matinee")
    assert (unknown.exit_code, "there are: a_short, b_long, evening" in unknown.stderr) == (2, True)


def test_a_change_of_the_show_is_a_diff_of_what_happens(tmp_path: Path) -> None:
    show, golden = copy_of_small(tmp_path / "show"), tmp_path / "golden"
    missing = showctl("rehearse", show, "--golden", golden)
    assert (missing.exit_code, "there is no stored transcript" in missing.output) == (1, True)
    assert showctl("rehearse", show, "--golden", golden, "--rewrite").exit_code == 0
    assert showctl("rehearse", show, "--golden", golden).exit_code == 0

    cues = show / "lists/main.yaml"
    cues.write_text(cues.read_text().replace("bell at -3dB", "bell at -9dB"))
    changed = showctl("rehearse", show, "--golden", golden)

    assert changed.exit_code == 1
    assert f"{golden / 'evening.txt'}:" in changed.output
    lines = [line.strip() for line in changed.output.splitlines()]
    assert any(line.startswith("-") and "clip=bell" in line and "level=-3" in line for line in lines), changed.output
    assert any(line.startswith("+") and "clip=bell" in line and "level=-9" in line for line in lines), changed.output


# --- doctor ---------------------------------------------------------------------------------------------------------------


def test_doctor_looks_at_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    result = showctl("doctor", "--json")

    assert result.exit_code == 0, result.output
    found = {item["name"]: item for item in json_of(result)["findings"]}
    assert found["Python"]["state"] == "ok"
    assert set(found) >= {"real-time priority", "port 5568 (sACN)", "simulated venue", "message broker", "referees"}
    assert os.sched_getscheduler(0) == os.SCHED_OTHER, "it gives back what it tries"
