"""A running show that commands find: the small one on a real desk, registered where the test looks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from showctl.cli import running
from tests.cli.shows import SMALL
from tests.console.stage import LittleStage, console_in_a_thread


@contextmanager
def registered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LittleStage]:
    """The small show runs; commands are Mei's, and find no other show."""
    (folder / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "runtime"))
    monkeypatch.setenv("SHOWCTL_NAME", "Mei")
    monkeypatch.delenv("SHOWCTL_AT", raising=False)
    stage = LittleStage()
    path = running.socket_path(folder, "console")
    with console_in_a_thread(stage, path) as console:
        known = running.register(running.here("Small", SMALL, console.url, path, folder))
        yield stage
        running.forget(known)
