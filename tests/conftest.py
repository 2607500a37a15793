"""What every test gets: a watch on the log, and a skip that names the referee it lacks.

- A test that logs a WARNING or above fails unless it declares it: `@pytest.mark.expects_log("pattern")`, or the fixture
  `expects_log("pattern")`. A declared line that never comes fails too.
- `@pytest.mark.referee("olad", "ola_patch")` skips where one of the programs is missing; `@pytest.mark.netns` skips
  without the right to make a network namespace.
- Ctrl-C works in what tests start, even where the tests themselves were started in the background.
"""

import logging
import signal
from collections.abc import Callable, Generator

import pytest

from tests.log_watch import LogWatch
from tests.programs import has_network_namespaces, program

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Shells let background jobs ignore Ctrl-C, and that is handed down to every program which a test starts and interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)

WATCH = pytest.StashKey[LogWatch]()

ExpectsLog = Callable[..., None]


@pytest.fixture
def expects_log(request: pytest.FixtureRequest) -> ExpectsLog:
    """Declares log lines that this test provokes: `expects_log("projector .* stopped answering")`."""
    node: pytest.Item = request.node
    return node.stash[WATCH].expect


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    watch = item.stash[WATCH] = LogWatch()
    for marker in item.iter_markers("expects_log"):
        watch.expect(*marker.args)
    logging.getLogger().addHandler(watch)
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    yield  # A test that failed by itself is told so, and not about its log.
    watch = item.stash[WATCH]
    if complaints := watch.complaints(also_missing=True):
        watch.lines.clear()
        pytest.fail(complaints, pytrace=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    watch = item.stash.get(WATCH, LogWatch())
    already_told = len(watch.lines)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(watch)
    watch.lines = watch.lines[already_told:]
    if complaints := watch.complaints(also_missing=False):
        pytest.fail(complaints, pytrace=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        lacking = [name for marker in item.iter_markers("referee") for name in marker.args if program(name) is None]
        if lacking:
            item.add_marker(pytest.mark.skip(reason=f"referee missing on this machine: {', '.join(lacking)}"))
        if item.get_closest_marker("netns") is not None and not has_network_namespaces():
            item.add_marker(pytest.mark.skip(reason="no right to make a network namespace here"))
