"""The log watch, asked in a run of pytest of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

QUIET = "def test_it():\n    pass\n"
LOUD = "import logging\ndef test_it():\n    logging.getLogger('rig').warning('player %s is late', 2)\n"
DECLARED = LOUD.replace("def", "import pytest\n@pytest.mark.expects_log('player .* late')\ndef")
BY_FIXTURE = LOUD.replace("test_it():", "test_it(expects_log):\n    expects_log('WARNING rig')")
NEVER_CAME = "import pytest\n@pytest.mark.expects_log('player .* late')\ndef test_it():\n    pass\n"
LACKS_REFEREE = "import pytest\n@pytest.mark.referee('no_such_program')\ndef test_it():\n    assert False\n"


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        pytest.param(QUIET, "1 passed", id="quiet"),
        pytest.param(LOUD, "logged without declaring it (expects_log): WARNING rig: player 2 is late", id="undeclared"),
        pytest.param(DECLARED, "1 passed", id="declared by marker"),
        pytest.param(BY_FIXTURE, "1 passed", id="declared by fixture"),
        pytest.param(NEVER_CAME, "declared with expects_log but never logged: player .* late", id="never came"),
        pytest.param(LACKS_REFEREE, "referee missing on this machine: no_such_program", id="no referee"),
    ],
)
def test_a_test_answers_for_its_log(tmp_path: Path, source: str, outcome: str) -> None:
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in ("conftest.py", "log_watch.py", "programs.py"):
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests")
    (tmp_path / "tests" / "test_inner.py").write_text(source)

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert outcome in run.stdout, run.stdout + run.stderr
