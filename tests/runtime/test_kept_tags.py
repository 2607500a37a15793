"""Parks, marks and locks outlive the program: tags.json, written at once and read when a run begins."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from showctl.engine.events import Event, Maintain, Mute, Origin, OutOfService, Park, Unpark
from showctl.engine.state import State
from showctl.engine.step import initial, step
from showctl.engine.tags_view import tags_view
from showctl.runtime.kept_tags import TagKeeper
from showctl.show.patch import make_patch
from showctl.show.show import Show
from tests.engine.booth import cue, show_of

MEI, JO = Origin("cli", "Mei"), Origin("console", "Jo")
DAY: tuple[Event, ...] = (
    Park("a, b at 20", "ballast hums", 7_000_000_000, MEI),
    OutOfService("c", "lamp blown", "2026-12-01", "d", 8_000_000_000, JO),
    Maintain(True, "gantry", "", 9_000_000_000, MEI),
    Mute("film", True, "the lamp smells", 9_000_000_000, MEI),
)


def after(show: Show, *events: Event, state: State | None = None) -> State:
    state = initial(show) if state is None else state
    for event in events:
        state, _ = step(show, state, event, state.now)
    return state


def kept(show: Show, state: State, path: Path) -> None:
    keeper = TagKeeper(path)
    keeper.keep(show, state)
    keeper.flush()
    keeper.close()


@pytest.fixture
def show() -> Show:
    return show_of(cue("1", {"a": 100}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tags.json"


def test_what_stood_stands_again_in_a_new_run_with_who_why_and_since_when(show: Show, path: Path) -> None:
    before = after(show, *DAY)
    kept(show, before, path)

    events = TagKeeper(path).events(show)

    assert events is not None
    again = after(show, *events)
    assert again.tags == before.tags
    assert again.plan.rows[["parameter", "kind", "target"]].tolist() == before.plan.rows[["parameter", "kind", "target"]].tolist()
    assert list(path.parent.iterdir()) == [path], "no half-written file is left"


def test_commands_without_a_running_show_can_read_what_people_were_shown(show: Show, path: Path) -> None:
    state = after(show, *DAY)
    kept(show, state, path)

    seen = json.loads(path.read_text())["seen"]

    assert seen == {kind: items for kind, items in tags_view(show, state).items() if kind != "checking"}


def test_the_last_unpark_is_written_too(show: Show, path: Path) -> None:
    keeper = TagKeeper(path)
    state = after(show, DAY[0])
    keeper.keep(show, state)
    keeper.keep(show, after(show, Unpark(), state=state))
    keeper.close()

    assert TagKeeper(path).events(show) == ()


def test_a_show_that_nobody_has_put_anything_on_has_no_file(show: Show, path: Path) -> None:
    kept(show, initial(show), path)

    assert (path.exists(), TagKeeper(path).events(show)) == (False, None)


@pytest.mark.expects_log(r"c was out of service \(lamp blown\); the patch has no such light now")
def test_a_mark_of_a_light_that_left_the_patch_is_said_and_comes_back_with_it(show: Show, path: Path) -> None:
    kept(show, after(show, *DAY), path)
    fixtures = tuple(f for f in show.patch.fixtures if f.name not in "cd")
    patch = make_patch(show.patch.universes, (), tuple(replace(f, index=n) for n, f in enumerate(fixtures)))
    without = replace(show, patch=patch)
    keeper = TagKeeper(path)

    events = keeper.events(without)
    assert events is not None
    assert [type(event).__name__ for event in events] == ["Grab", "Grab", "Maintain", "Mute"]
    keeper.keep(without, after(without, *events))
    keeper.close()

    back = TagKeeper(path).events(show)
    assert back is not None
    assert "OutOfService" in [type(event).__name__ for event in back]


@pytest.mark.expects_log("headsets was muted; the show has no such output now")
def test_a_mute_of_an_output_that_is_gone_is_said_and_kept(show: Show, path: Path) -> None:
    kept(show, after(show, *DAY), path)
    path.write_text(path.read_text().replace('"what": "film"', '"what": "headsets"'))
    keeper = TagKeeper(path)
    events = keeper.events(show)
    assert events is not None
    keeper.keep(show, after(show, *events))
    keeper.close()

    assert [item["what"] for item in json.loads(path.read_text())["muted"]] == ["headsets"]


def test_a_file_of_before_mutes_were_known_is_read(show: Show, path: Path) -> None:
    kept(show, after(show, *DAY), path)
    whole = json.loads(path.read_text())
    del whole["muted"]
    path.write_text(json.dumps(whole))

    assert [type(event).__name__ for event in TagKeeper(path).events(show) or ()] == ["Grab", "Grab", "OutOfService", "Maintain"]


@pytest.mark.expects_log("tags.json cannot be read")
@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 2}', '{"format": 1}', '{"format": 1, "parked": [{}], "out_of_service": [], "maintenance": []}'],
)
def test_a_file_that_cannot_be_read_is_said_and_the_show_begins(show: Show, path: Path, text: str) -> None:
    path.write_text(text)

    assert TagKeeper(path).events(show) is None


@pytest.mark.expects_log("cannot be written .*: after a restart, parks and marks are as they were")
def test_a_disk_that_takes_nothing_stops_no_show(show: Show, tmp_path: Path) -> None:
    kept(show, after(show, *DAY), tmp_path / "gone" / "tags.json")
