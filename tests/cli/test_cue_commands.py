"""``showctl cue``, ``fixture`` and ``diff``: what they print, what they write, and their exit codes."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main
from showctl.showfile import load
from tests.cli.shows import SMALL, copy_of_small

MAIN = "lists/main.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_of_small(tmp_path / "show")


def showctl(*words: str | Path, answer: str = "") -> Result:
    """Runs a command in this process."""
    return CliRunner().invoke(main, [str(word) for word in words], input=answer)


# --- editing ----------------------------------------------------------------------------------------------------------


def test_what_is_seen_comes_first_then_the_text(folder: Path) -> None:
    result = showctl("cue", "rename", "main/3", "The bell", "--show", folder, "--dry-run")

    assert (result.exit_code, result.output.splitlines()) == (
        0,
        [
            "main/3 is called The bell",
            "what an audience would see change:",
            "  list main",
            "    3 The bell",
            "      renamed: Bell -> The bell",
            "",
            "--- a/lists/main.yaml",
            "+++ b/lists/main.yaml",
            "@@ -13,7 +13,7 @@",
            "     time: 4s / 6s",
            "     sound: rumble at -6dB on main_pa as rumble, loop, fade 2s",
            "     next: 8s after start",
            "-  - 3: Bell",
            "+  - 3: The bell",
            "     sound: bell at -3dB on main_pa",
            "     effect: {over: heads, parameter: pan, wave: sine, size: 15deg, rate: 0.2Hz, spread: full, as: sway}",
            "     light: {pars_odd: full 3200K}",
        ],
    )
    assert (folder / MAIN).read_bytes() == (SMALL / MAIN).read_bytes()


def test_yes_writes_and_says_where_the_old_files_are(folder: Path) -> None:
    result = showctl("cue", "renumber", "main", "3", "30", "--show", folder, "--yes")

    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == f"done; the files as they were: {folder.resolve()}/.showctl/backup/000001"
    assert (folder / ".showctl/backup/000001" / MAIN).read_bytes() == (SMALL / MAIN).read_bytes()
    assert "of: main/30" in (folder / "rehearsals/evening.yaml").read_text()


def test_with_nobody_there_to_ask_nothing_is_written(folder: Path) -> None:
    result = showctl("cue", "rename", "3", "The bell", "--show", folder)

    assert result.exit_code == 1
    assert "say --yes, or --dry-run" in result.output
    assert (folder / MAIN).read_bytes() == (SMALL / MAIN).read_bytes()


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (("move", "main/2", "--after", "3"), ["1", "3", "2", "4"]),
        (("move", "4", "--before", "main/1", "--keep-looks"), ["4", "1", "2", "3"]),
        (("copy", "main/3", "as", "3.5"), ["1", "2", "3", "3.5", "4"]),
        (("copy", "3", "0.5", "--before", "1"), ["0.5", "1", "2", "3", "4"]),
        (("delete", "main/1", "--keep-looks"), ["2", "3", "4"]),
        (("renumber", "main", "--from", "10", "--step", "5"), ["10", "15", "20", "25"]),
        (("renumber", "main", "--from", "1.5"), ["1.5", "2.5", "3.5", "4.5"]),
        (("renumber", "main", "main/2", "2a"), ["1", "2a", "3", "4"]),
    ],
)
def test_each_verb(folder: Path, words: tuple[str, ...], labels: list[str]) -> None:
    assert showctl("cue", *words, "--show", folder, "--yes").exit_code == 0

    show = load(folder).show
    assert show is not None
    assert [cue.label for cue in show.lists[0].cues] == labels


@pytest.mark.parametrize(
    "words",
    [
        ("move", "main/2"),
        ("move", "main/2", "--before", "1", "--after", "1"),
        ("copy", "main/2", "as", "a", "b"),
        ("renumber", "main"),
        ("renumber", "main", "1", "2", "--from", "3"),
        ("rename", "main/2"),
    ],
)
def test_wrong_usage_is_exit_2(folder: Path, words: tuple[str, ...]) -> None:
    assert showctl("cue", *words, "--show", folder).exit_code == 2


def test_a_refusal_has_its_place_and_the_way_out(folder: Path) -> None:
    result = showctl("cue", "delete", "main/2", "--show", folder, "--yes")

    assert (result.exit_code, result.output) == (
        1,
        "showctl: main/2 is still referred to:\n  rehearsals/evening.yaml:10:27: main/2\n    let these name another cue first\n",
    )


def test_a_show_that_does_not_load_is_exit_2(tmp_path: Path) -> None:
    wrong = copy_of_small(tmp_path / "show", (MAIN, "time: 2s", "time: two"))

    assert showctl("cue", "delete", "main/2", "--show", wrong).exit_code == 2
    assert showctl("cue", "delete", "main/2", "--show", tmp_path).exit_code == 2


def test_edits_as_json(folder: Path) -> None:
    looked = json.loads(showctl("cue", "delete", "1", "--show", folder, "--json").stdout)
    done = json.loads(showctl("cue", "delete", "1", "--show", folder, "--json", "--yes").stdout)

    assert set(looked) == {"applied", "summary", "files", "difference", "diff", "notes", "backup"}
    assert (looked["applied"], looked["backup"], done["applied"], done["files"]) == (False, None, True, [MAIN])
    assert looked["difference"] == done["difference"]


def test_fixtures_are_renamed_and_replaced(folder: Path) -> None:
    assert showctl("fixture", "rename", "par_2", "spare", "--show", folder, "--yes").exit_code == 0
    assert "pars: par_1, spare, par_3 thru 4" in (folder / "groups.yaml").read_text()
    result = showctl("fixture", "replace", "par_1", "spare", "--show", folder, "--dry-run")
    assert "note: patch.yaml:14:3: par_1 is still patched" in result.output


def test_what_was_cut_off_is_finished_first(folder: Path) -> None:
    path = folder / "groups.yaml"
    new = path.read_bytes() + b"# more\n"
    (folder / ".groups.yaml.showctl-new").write_bytes(new)
    (folder / ".showctl").mkdir()
    digest = sha256(new).hexdigest()
    files = [{"new": ".groups.yaml.showctl-new", "file": "groups.yaml", "sha256": digest}]
    (folder / ".showctl/change.json").write_text(json.dumps({"files": files}))
    result = showctl("cue", "rename", "3", "The bell", "--show", folder, "--yes")

    assert "groups.yaml: finished what an earlier command had begun" in result.stderr
    assert path.read_bytes() == new


# --- diff -------------------------------------------------------------------------------------------------------------


def test_diff_of_the_same_is_exit_0(folder: Path) -> None:
    result = showctl("diff", SMALL, folder)

    assert (result.exit_code, result.output) == (0, "an audience would see no difference\n")


def test_diff_of_two_folders_is_exit_1(tmp_path: Path) -> None:
    other = copy_of_small(tmp_path / "show", (MAIN, "heads: full red", "heads: 50 red"))

    result = showctl("diff", SMALL, other)
    assert (result.exit_code, result.output) == (1, "list main\n  2 Rise\n    heads: 100 % -> 50 % (through 3)\n")
    assert json.loads(showctl("diff", SMALL, other, "--json").stdout)["changes"][0]["new_value"] == 0.5


def test_diff_of_what_does_not_load_is_exit_2(tmp_path: Path) -> None:
    wrong = copy_of_small(tmp_path / "show", (MAIN, "time: 2s", "time: two"))

    assert showctl("diff", SMALL, wrong).exit_code == 2
    assert showctl("diff", SMALL, tmp_path / "nowhere").exit_code == 2
    assert showctl("diff").exit_code == 2


def git(folder: Path, *words: str) -> str:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    bare = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    run = subprocess.run(["git", *words], cwd=folder, env=os.environ | who | bare, capture_output=True, text=True, check=True)
    return run.stdout


def test_a_revision_in_git_is_compared_with_the_folder(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "shows" / "small")
    git(tmp_path, "init", "-q", ".")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    path = folder / MAIN
    path.write_text(path.read_text().replace("heads: full red", "heads: 50 red"))

    result = showctl("diff", "HEAD", folder)
    assert (result.exit_code, result.output) == (1, "list main\n  2 Rise\n    heads: 100 % -> 50 % (through 3)\n")
    assert showctl("diff", folder, "HEAD").output == "list main\n  2 Rise\n    heads: 50 % -> 100 % (through 3)\n"
    assert showctl("diff", "no-such", folder).exit_code == 2


def test_git_calls_it_as_a_driver(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "small")
    (tmp_path / ".gitattributes").write_text("*.yaml diff=show\n")
    git(tmp_path, "init", "-q", ".")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    program = Path(sys.executable).with_name("showctl")
    git(tmp_path, "config", "diff.show.command", f"'{program}' diff")
    path = folder / MAIN
    path.write_text(path.read_text().replace("heads: full red", "heads: 50 red"))

    assert (
        git(tmp_path, "diff") == "showctl diff small/lists/main.yaml\nlist main\n  2 Rise\n    heads: 100 % -> 50 % (through 3)\n"
    )
