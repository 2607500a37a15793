"""What each page is told, frame by frame: one frame for all, nobody waits for anybody, and an answer waits for nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.uri import parse_uri

from showctl.console import audience as audience_module
from showctl.console.access import Who
from showctl.console.audience import Audience
from showctl.console.clients import MOST_ANSWERS, Client
from showctl.console.company import Company, Page
from showctl.console.frames import frame_of
from showctl.engine.commands import Note
from showctl.engine.events import Go, Mute, Origin
from showctl.runtime.desk_parts import DeskParts
from showctl.runtime.plain_json import as_json
from tests.console.stage import LittleStage
from tests.engine.booth import Booth, cue, show_of


class Hand:
    """A line that keeps what was written; ``busy`` as the test says."""

    def __init__(self, moved: asyncio.Event, book: list[bytes]) -> None:
        self.frames: list[bytes] = []
        self.busy = False
        self.freed = asyncio.Event()
        self._moved, self._book = moved, book

    def write(self, frame: bytes) -> None:
        self.frames.append(frame)
        self._book.append(frame)
        self._moved.set()

    async def free(self) -> None:
        if self.busy:
            await self.freed.wait()

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [json.loads(text_of(frame)) for frame in self.frames]


def text_of(frame: bytes) -> bytes:
    """A frame's text, as an implementation that is not ours reads it."""
    reader = ClientProtocol(parse_uri("ws://localhost/"))
    reader.state = reader.state.__class__.OPEN
    reader.parser = reader.parse()
    next(reader.parser)
    reader.receive_data(frame)
    (event,) = reader.events_received()
    assert isinstance(event, Frame)
    assert event.fin
    return bytes(event.data)


@pytest.mark.parametrize("size", [0, 125, 126, 0xFFFF, 0x10000])
def test_a_frame_is_read_by_others_at_every_length(size: int) -> None:
    assert text_of(frame_of(b"x" * size)) == b"x" * size


class House:
    """An audience with ``count`` pages, greeted; rounds come when the test says."""

    def __init__(self, stage: LittleStage, count: int) -> None:
        self.stage = stage
        self.audience = Audience(stage.desk, Company(lambda: "main"))
        self.moved, self.book = asyncio.Event(), list[bytes]()
        """``book``: every frame, whoever it was for, in order."""
        self.hands = [Hand(self.moved, self.book) for _ in range(count)]
        self.telling: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "House":
        self.audience.start()
        self.clients = [self.enter(hand) for hand in self.hands]
        await self.until(lambda: all(client.greeted for client in self.clients))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self.telling:
            task.cancel()
        await self.audience.stop()

    def enter(self, hand: Hand) -> Client:
        client = self.audience.join(Page(Who("", "programmer", local=True), "10.0.0.9"), hand)
        assert client is not None
        self.telling.append(asyncio.create_task(self.audience.tell(client)))
        return client

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not holds():
                await self.moved.wait()
                self.moved.clear()

    async def rounds(self, count: int) -> None:
        """Until so many more rounds have been told to the first page."""
        seen = len(self.hands[0].frames)
        await self.until(lambda: len(self.hands[0].frames) >= seen + count)


def run(test: Callable[[House], Awaitable[None]], count: int = 3) -> None:
    async def go() -> None:
        async with House(LittleStage(), count) as house:
            await test(house)

    asyncio.run(go())


def test_what_a_round_changed_is_one_frame_for_every_page() -> None:
    async def pages(house: House) -> None:
        await house.rounds(3)

        last = [hand.frames[-1] for hand in house.hands]
        assert all(frame is last[0] for frame in last), "the very same bytes"
        assert house.hands[0].heard[0]["type"] == "hello"
        assert {heard["type"] for heard in house.hands[0].heard[1:]} == {"update"}

    run(pages)


def test_an_answer_goes_out_before_what_is_still_to_be_told() -> None:
    async def answered(house: House) -> None:
        first, last = house.clients[0], house.clients[-1]
        house.book.clear()
        loop = asyncio.get_running_loop()
        frames = [frame_of(b"%d" % n) for n in range(500)]
        for frame in frames:
            house.audience.pass_on(frame, (first,))
        loop.call_soon(lambda: last.answer(b"answer"))
        await house.until(lambda: len(house.book) >= 501)

        assert house.book.index(frame_of(b"answer")) < 10, "it did not wait for the rest"

    slow = audience_module.SLICE
    audience_module.SLICE = 0.0  # type: ignore[misc]  # a slice is one frame then
    try:
        run(answered)
    finally:
        audience_module.SLICE = slow  # type: ignore[misc]


def test_a_page_that_is_busy_is_left_out_and_then_hears_what_it_missed() -> None:
    async def left_out(house: House) -> None:
        slow, good = house.hands[1], house.hands[0]
        await house.rounds(2)
        slow.busy, known = True, len(slow.frames)
        house.stage.desk.ask_now(Go("main", origin=Origin("script")))
        house.stage.desk.tell(Note(1, "test.noise", "heard?"))
        await house.rounds(3)
        assert len(slow.frames) == known
        assert any(heard.get("notes") for heard in good.heard[-4:])
        slow.busy = False
        slow.freed.set()
        await house.until(lambda: len(slow.frames) > known)

        missed = slow.heard[known]
        assert missed["view"]["lists"][0]["standby"] == "2"
        assert "heard?" in [note["words"] for note in missed["notes"]]
        await house.rounds(3)
        assert slow.frames[-1] is good.frames[-1], "and it is one of all again"

    run(left_out)


def test_the_answers_of_a_page_that_takes_none_have_an_end() -> None:
    async def deaf(house: House) -> None:
        house.hands[0].busy = True
        for _ in range(MOST_ANSWERS):
            house.clients[0].answer(b"{}")
        with pytest.raises(BufferError, match="does not take its answers"):
            house.clients[0].answer(b"{}")

    run(deaf)


def test_a_page_hears_who_the_others_are_in_its_own_words() -> None:
    async def others(house: House) -> None:
        await house.rounds(1)
        house.audience.company.here(house.clients[1].page, "main", "Mei")
        await house.rounds(2)

        told = [
            [heard["view"]["people"] for heard in hand.heard if "people" in heard.get("view", {})][-1] for hand in house.hands
        ]
        assert [[person["person"] for person in people] for people in told] == [["", "Mei", ""]] * 3
        assert [[person["you"] for person in people].index(True) for people in told] == [0, 1, 2]

    run(others)


def test_where_nobody_looks_rounds_are_seldom_until_somebody_does() -> None:
    async def seldom(house: House) -> None:
        loop = asyncio.get_running_loop()
        house.audience.looks(house.clients[0], seldom=True)
        await house.rounds(1)
        began = loop.time()
        await house.rounds(1)
        assert loop.time() - began > 0.6
        began = loop.time()
        house.audience.looks(house.clients[0], seldom=False)
        await house.rounds(1)
        assert loop.time() - began < 0.4, "at once"

    run(seldom, 1)


def test_lights_of_which_the_level_alone_changed_are_told_by_that_and_new_pages_hear_all() -> None:
    async def lit(house: House) -> None:
        house.audience.lamps.looked_at(house.clients[0], True)

        def told(hand: Hand) -> list[dict[str, Any]]:
            return [heard for heard in hand.heard if heard["type"] == "lights"]

        await house.until(lambda: bool(told(house.hands[0])))
        first = told(house.hands[0])[0]
        assert first["all"]
        assert set(first["lights"]["par_1"]) == {"level", "color", "owner", "by"}
        house.stage.desk.ask_now(Go("main", origin=Origin("script")))
        await house.until(lambda: any(said["levels"] for said in told(house.hands[0])))
        assert not any(said.get("all") for said in told(house.hands[0])[1:])
        house.audience.lamps.looked_at(house.clients[1], True)
        await house.until(lambda: bool(told(house.hands[1])))
        assert told(house.hands[1])[0]["all"]
        assert told(house.hands[2]) == [], "who does not look is not told"

    run(lit)


# --- the view in parts --------------------------------------------------------------------------------------------------------


def parts_of(parts: DeskParts) -> dict[str, bytes]:
    return dict(piece for piece in parts.pieces() if piece is not None)


def test_the_parts_are_the_view() -> None:
    stage = LittleStage()
    stage.desk.ask_now(Go("main", origin=Origin("script")))
    parts, view = parts_of(DeskParts(stage.desk)), stage.desk.view()

    assert list(parts) == list(view)
    for name, part in parts.items():
        if name not in ("now", "wall", "lists", "devices"):  # they tell the time
            assert part == as_json(view[name]), name
    lists, seen = json.loads(parts["lists"]), view["lists"]
    assert [set(one) for one in lists] == [set(one) for one in seen]
    assert [[run["cue"] for run in one["running"]] for one in lists] == [[run["cue"] for run in one["running"]] for one in seen]
    assert [row["name"] for row in json.loads(parts["devices"])] == [row["name"] for row in view["devices"]]


def test_what_has_not_changed_is_not_made_again_and_what_has_is() -> None:
    stage = LittleStage()
    made = DeskParts(stage.desk)
    before, again = parts_of(made), parts_of(made)
    steady = ("show", "main_list", "values", "masters", "tags")
    assert all(again[name] is before[name] for name in steady)

    stage.desk.ask_now(Mute("sound", origin=Origin("cli", "Mei")))
    stage.desk.ask_now(Go("main", origin=Origin("script")))
    after = parts_of(made)
    assert b"sound is muted by Mei" in after["tags"]
    assert all(after[name] != before[name] for name in ("lists", "values"))
    assert after["show"] is before["show"]


def test_of_many_devices_each_is_looked_at_within_five_rounds_and_news_are_told_at_once() -> None:
    from dataclasses import replace

    booth = Booth(show_of(cue("1")))
    devices = tuple(replace(booth.show.devices[0], index=n, name=f"player_{n}") for n in range(30))
    show = replace(booth.show, devices=devices)

    class Many:
        """A desk of which the devices alone are asked."""

        main_list, ages = "main", 0.0

        def __init__(self) -> None:
            self.show, self.asked = show, list[str]()
            self.health = dict.fromkeys((d.name for d in devices), "ok")
            self.playback = booth

        def now(self) -> int:
            return 0

        def devices(self, _: int, which: Any) -> list[dict[str, Any]]:
            self.asked += [item.name for item in which]
            self.ages += 1
            return [{"name": item.name, "age": self.ages, "health": self.health[item.name]} for item in which]

        def wire_devices(self) -> list[dict[str, Any]]:
            return []

        wire = journal = schedule = skews = tracked = wire_devices

    desk = Many()
    made = DeskParts(desk)  # type: ignore[arg-type]
    first = parts_of(made)["devices"]
    assert len(desk.asked) == 30
    desk.asked.clear()
    sent = [parts_of(made)["devices"] for _ in range(5)]
    assert sorted(desk.asked) == sorted([d.name for d in devices] + desk.asked[30:])
    assert sent[0] is first, "ages alone are told when all have been looked at"
    assert sent[3] != first
    desk.health["player_0"] = "lost"
    assert any(b'"lost"' in parts_of(made)["devices"] for _ in range(5))
