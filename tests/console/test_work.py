"""What a page does to the folder: shown first, then exactly that, and taken back; the log, lights and rehearsals."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from showctl.console.health import _Told
from showctl.console.server import Console
from showctl.console.work import saved_since
from showctl.engine.events import Grab
from showctl.runtime.journal import Record, SqliteJournal
from showctl.runtime.revisions import folder_digest
from tests.cli.shows import copy_of_small
from tests.console.stage import LittleStage
from tests.console.test_server import heard

pytestmark = pytest.mark.serial


@contextlib.asynccontextmanager
async def at_work(tmp_path: Path) -> AsyncIterator[tuple[LittleStage, httpx.AsyncClient, Console, Path]]:
    """A console over a copy of the small show, and somebody at it."""
    folder = copy_of_small(tmp_path / "show")
    stage = LittleStage(folder)
    console = Console(stage.desk, port=0, place=(folder, tmp_path))
    await console.start()
    running = asyncio.create_task(stage.run())
    try:
        async with httpx.AsyncClient(base_url=console.url, timeout=60) as page:
            yield stage, page, console, folder
    finally:
        running.cancel()
        await console.stop()


async def post(page: httpx.AsyncClient, path: str, **body: object) -> dict[str, Any]:
    answer = await page.post(f"/api/{path}", json=body)
    found: dict[str, Any] = answer.json()
    return found | {"status": answer.status_code}


async def an_edit_is_shown_then_written_then_taken_back(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (_, page, _, folder):
        file = folder / "lists" / "main.yaml"
        before = file.read_text().splitlines()
        told = (await page.get("/api/cue", params={"list": "main", "cue": "1"})).json()
        assert told["fields"]["name"]
        wanted = {"do": "set", "list": "main", "cue": "1", "field": "notes", "value": "Doors are shut: go"}

        shown = await post(page, "edit", **wanted)
        assert '+    notes: "Doors are shut: go"' in shown["diff"]
        assert shown["seen"] == [], "an audience sees no note"
        assert file.read_text().splitlines() == before

        locked = await post(page, "edit", **wanted, revision=shown["revision"])
        assert (locked["status"], locked["error"]) == (409, "show mode locks edits: a programmer opens it")
        assert (await post(page, "mode", show=False))["mode"] == "edit"
        stale = await post(page, "edit", **wanted, revision="of-yesterday")
        assert stale["refused"] == "the folder was saved meanwhile"

        done = await post(page, "edit", **wanted, revision=shown["revision"])
        assert done["done"]
        after = file.read_text().splitlines()
        assert [line for line in after if line not in before] == ['    notes: "Doors are shut: go"']
        assert (await post(page, "undo"))["summary"].startswith("taken back: notes of main/1")
        assert file.read_text().splitlines() == before
        assert (await post(page, "undo"))["refused"] == "no edit from here is left to take back"

        wrong = await post(page, "edit", do="set", list="main", cue="1", field="time", value="soon")
        assert wrong["refused"].startswith("the show would not load any more")
        assert wrong["hint"]
        nobody = await page.get("/api/cue", params={"list": "main", "cue": "77"})
        assert (nobody.status_code, nobody.json()["error"][:22]) == (404, "there is no cue 77 in m"[:22])


def test_an_edit_is_shown_then_written_then_taken_back(tmp_path: Path) -> None:
    asyncio.run(an_edit_is_shown_then_written_then_taken_back(tmp_path))


async def what_is_seen_is_recorded_and_pages_that_look_see_it(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (stage, page, console, folder):
        told = (await page.get("/api/lights")).json()
        assert {item["name"] for item in told["fixtures"]} >= {"par_1", "head_1"}
        assert (await page.get("/api/room")).json()["zones"]
        async with connect(f"ws{console.url.removeprefix('http')}/ws", proxy=None) as looking:
            await heard(looking, "hello")
            await looking.send(json.dumps({"id": 1, "request": "Watch", "lights": True}))
            first = (await heard(looking, "lights"))["lights"]
            assert set(first) == {item["name"] for item in told["fixtures"]}, "first everything"
            number = next(p.index for p in stage.desk.show.patch.parameters if (p.fixture, p.name) == (0, "intensity"))
            stage.happen(Grab((number,), (65535 * 35 // 100,)))
            news = (await heard(looking, "lights"))["lights"]
            assert set(news) == {"par_1"}, "then what changed"
            assert news["par_1"]["by"] == "person"
        await post(page, "mode", show=False)
        wanted = {"into": "look", "name": "dusk", "fixtures": ["par_1"]}
        shown = await post(page, "record", **wanted)
        assert shown["refused"] == ""
        assert (await post(page, "record", **wanted, revision=shown["revision"]))["done"]
        assert "dusk: {par_1.intensity: 35" in (folder / "palettes.yaml").read_text()
        assert (await post(page, "record", into="look", name="x", fixtures=["nobody"]))["status"] == 400


def test_what_is_seen_is_recorded_and_pages_that_look_see_it(tmp_path: Path) -> None:
    asyncio.run(what_is_seen_is_recorded_and_pages_that_look_see_it(tmp_path))


async def rehearsals_run_beside_the_show(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (_, page, console, _):
        there = (await page.get("/api/rehearsals")).json()["rehearsals"]
        assert there
        assert (await page.get("/api/report")).status_code == 404, "nothing has been run from a page"
        async with connect(f"ws{console.url.removeprefix('http')}/ws", proxy=None) as looking:
            await heard(looking, "hello")
            assert (await post(page, "rehearse", names=[there[0]["name"]]))["started"]
            assert (await post(page, "rehearse"))["status"] == 409, "one at a time"
            done: dict[str, Any] = {}
            while not done or not done["verdicts"]:
                done = (await heard(looking, "update"))["view"].get("rehearsing") or done
        assert [(verdict["name"], verdict["passed"]) for verdict in done["verdicts"]] == [(there[0]["name"], True)]
        told = (await page.get("/api/rehearsals")).json()
        assert told["rehearsals"][0]["verdict"]["passed"]
        assert told["report"], "when it was written"
        shown, kept = await page.get("/api/report"), await page.get("/api/report", params={"download": "1"})
        assert there[0]["name"] in shown.text
        assert 'data-theme="dark"' in shown.text, "it opens in a booth"
        policy = shown.headers["content-security-policy"]
        assert policy.startswith("sandbox allow-scripts; default-src 'none'"), "it has no session"
        assert kept.headers["content-disposition"] == 'attachment; filename="rehearsals.html"'
        assert "'unsafe-inline'" not in kept.headers["content-security-policy"]


def test_rehearsals_run_beside_the_show(tmp_path: Path) -> None:
    asyncio.run(rehearsals_run_beside_the_show(tmp_path))


def test_what_is_saved_is_compared_with_what_runs(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path / "show")
    assert not saved_since(folder, tmp_path), "nobody has said what runs"
    (tmp_path / "running").write_text(folder_digest(folder) + "\n")
    assert not saved_since(folder, tmp_path)
    with (folder / "lists" / "main.yaml").open("a") as file:
        file.write("  # a remark\n")
    assert saved_since(folder, tmp_path)


async def machines_are_told_how_well_it_is(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (_, page, _, _):
        well = await page.get("/healthz")
        assert (well.status_code, well.json()["ok"]) == (200, True)
        families = {family.name: family for family in text_string_to_metric_families((await page.get("/metrics")).text)}
        assert families["showctl_wire_connected"].samples[0].value == 1
        assert {sample.labels["device"] for sample in families["showctl_device_ok"].samples}
        document = (await page.get("/api/openapi.json")).json()
        assert document["openapi"] == "3.1.0"
        assert {"/api/ask", "/api/edit", "/api/login"} <= set(document["paths"])


def test_machines_are_told_how_well_it_is(tmp_path: Path) -> None:
    asyncio.run(machines_are_told_how_well_it_is(tmp_path))


def test_how_far_apart_devices_began_is_a_metric_and_what_has_no_voice_is_not_called_ill() -> None:
    film = {"name": "film", "kind": "mpv", "health": "ok", "age": 0.5, "late": 0.003}
    fountain = {"name": "fountain", "kind": "artnet_timecode", "health": "unknown", "age": None, "late": None, "silent": True}
    wire = {"connected": True, "frames": 1, "missed": 0, "late_p99_us": 100}
    skew = [{"cue": "main/12", "apart": 0.012, "late": {"film": 0.003}}, {"cue": "main/1", "apart": 0.04, "late": {"film": 0.04}}]
    status = {"wire": wire, "journal": {"late": False}, "latched": "", "lists": [], "devices": [film, fountain], "skew": skew}
    told = {family.name: family.samples for family in _Told(status, 1).collect()}
    assert [(name, told[name][0].value) for name in ("showctl_skew_seconds", "showctl_skew_most_seconds")] == [
        ("showctl_skew_seconds", 0.012),
        ("showctl_skew_most_seconds", 0.04),
    ]
    assert [(sample.labels["device"], sample.value) for sample in told["showctl_device_late_seconds"]] == [("film", 0.003)]
    assert [sample.labels["device"] for sample in told["showctl_device_ok"]] == ["film"]


async def the_log_is_read_filtered_and_downloaded(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal-1.db")
    anna = {"surface": "console", "person": "Anna", "address": "10.0.0.7"}
    journal.write(
        [
            Record(0, "anchor", {"wall": 1_800_000_000 * 10**9, "show_name": "Small"}),
            Record(2 * 10**9, "input", {"event": "Go", "list": "main", "origin": anna}),
            Record(2 * 10**9, "note", {"what": "cue.started", "words": "main/1 starts", "cue": "main/1"}),
            Record(3 * 10**9, "input", {"event": "ClockMoved"}),
        ]
    )
    journal.close()
    async with at_work(tmp_path) as (_, page, _, _):
        told = (await page.get("/api/log", params={"most": "10"})).json()
        assert [(line["wall"], line["who"], line["words"]) for line in told["lines"]] == [
            ("2027-01-15T08:00:00.000+00:00", "", "--- Small begins, 2027-01-15 08:00:00 UTC ---"),
            ("2027-01-15T08:00:02.000+00:00", "Anna", "> Go list main  (Anna, console, 10.0.0.7)"),
            ("2027-01-15T08:00:02.000+00:00", "", "main/1 starts"),
        ]
        assert [line["words"] for line in (await page.get("/api/log", params={"words": "STARTS"})).json()["lines"]] == [
            "main/1 starts"
        ]
        assert len((await page.get("/api/log", params={"who": "anna"})).json()["lines"]) == 1
        download = await page.get("/api/log", params={"format": "csv", "who": "anna"})
        assert download.headers["content-disposition"] == 'attachment; filename="as-run.csv"'
        assert download.text.splitlines()[1].endswith('Anna,console,10.0.0.7,,"> Go list main  (Anna, console, 10.0.0.7)"')
        assert (await page.get("/api/log", params={"most": "many"})).status_code == 400


def test_the_log_is_read_filtered_and_downloaded(tmp_path: Path) -> None:
    asyncio.run(the_log_is_read_filtered_and_downloaded(tmp_path))
