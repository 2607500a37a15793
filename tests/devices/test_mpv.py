"""An mpv is loaded ahead, let go at its moment, kept in step, brought back; what it says is read, what it cannot do is said."""

import json

import pytest

from showctl.devices.driver import Close, Connect, Failed, Outputs, Send
from showctl.devices.mpv import Mpv
from showctl.show.cues import ActionClass
from showctl.show.instants import MILLISECOND
from showctl.show.triggers import Clip
from tests.devices.building import at, device, healths, reports, tell, until

RESUME = ActionClass.RESUME
CLIPS = {
    "moon": Clip("moon", "media/moon.mkv", at(40), fps=25.0),
    "tide": Clip("tide", "media/tide.mkv", at(10), fps=25.0),
}


def said(outputs: Outputs) -> list[list[object]]:
    """What it is told, without what is only asked."""
    lines = [json.loads(output.data)["command"] for output in outputs if isinstance(output, Send)]
    return [line for line in lines if line[0] != "get_property"]


class Stage:
    """A driver, and an mpv by hand."""

    def __init__(self, kind: str = "mpv", **more: object) -> None:
        self.it = Mpv(device(kind, transport="unix", **more), CLIPS)
        assert self.it.start(0) == [Connect()]
        self.asked: dict[str, int] = {}
        self.sent: list[list[object]] = []
        self.take(self.it.connected(0))
        self.answer(0, path=None, pause=True, **{"time-pos": None})

    def take(self, outputs: Outputs) -> list[list[object]]:
        for output in outputs:
            if isinstance(output, Send):
                line = json.loads(output.data)
                if line["command"][0] == "get_property":
                    self.asked[line["command"][1]] = line["request_id"]
        self.sent += said(outputs)
        return said(outputs)

    def line(self, now: int, **words: object) -> Outputs:
        outputs = self.it.received(json.dumps(words).encode() + b"\n", now)
        self.take(outputs)
        return outputs

    def answer(self, now: int, **values: object) -> list[list[object]]:
        found: list[list[object]] = []
        for name, value in values.items():
            line = {"request_id": self.asked.pop(name), "error": "success" if value is not None else "property unavailable"}
            found += said(self.line(now, **(line | {"data": value})))
        return found

    def opened(self, now: int, stands: float = 0.0) -> list[list[object]]:
        """It has opened what it was told to, and shows the first frame."""
        found = said(self.line(now, event="start-file", playlist_entry_id=1))
        found += said(self.line(now, event="playback-restart"))
        return found + said(self.line(now, event="property-change", id=1, name="time-pos", data=stands))

    def stands_ready(self, clip: str = "moon", now: int = 0) -> None:
        self.take(self.it.command(tell("load", clip=clip), now))
        self.opened(now)

    def plays(self, now: int) -> None:
        self.stands_ready(now=now)
        self.take(self.it.command(tell("play", RESUME, clip="moon"), now))
        self.line(now, event="property-change", id=10, name="pause", data=False)
        self.line(now, event="property-change", id=15, name="path", data="media/moon.mkv")


def test_a_clip_is_loaded_ahead_unseen_and_let_go_with_one_word() -> None:
    stage = Stage()
    assert stage.take(stage.it.command(tell("load", clip="moon", at=2.0), at(1))) == [
        ["set_property", "pause", True],
        ["set_property", "start", "2.000000"],
        ["set_property", "speed", 1.0],  # whatever it was before us
        ["loadfile", "media/moon.mkv", "replace"],
        ["set_property", "contrast", -100],
    ]
    assert stage.opened(at(1.1), 2.0) == [["observe_property", 1, "time-pos"]]
    gone = stage.take(stage.it.command(tell("play", RESUME, clip="moon", at=2.0), at(5)))
    assert gone == [
        ["set_property", "loop-file", "no"],
        ["set_property", "pause", False],
        ["set_property", "volume", 100.0],
        ["set_property", "contrast", 0],
    ]


def test_a_clip_that_does_not_stand_ready_begins_as_soon_as_it_does() -> None:
    stage = Stage()
    assert ["set_property", "pause", False] not in stage.take(
        stage.it.command(tell("play", RESUME, clip="tide", loop=True), at(1))
    )
    assert ["set_property", "pause", False] in stage.opened(at(1.05))
    assert ["set_property", "loop-file", "inf"] in stage.sent


def test_what_is_loaded_while_something_plays_stands_ready_once_that_is_over_and_unseen() -> None:
    stage = Stage()
    stage.plays(at(5))
    stage.sent.clear()
    stage.take(stage.it.command(tell("load", clip="tide"), at(6)))
    assert stage.sent == []
    stage.line(at(45), event="end-file", reason="eof", playlist_entry_id=1)
    hidden: list[object] = ["set_property", "contrast", -100]
    loaded: list[object] = ["loadfile", "media/tide.mkv", "replace"]
    assert stage.sent.index(hidden) < stage.sent.index(loaded)


def test_the_first_frame_that_moves_is_its_start() -> None:
    stage = Stage()
    stage.stands_ready()
    stage.take(stage.it.command(tell("play", RESUME, clip="moon"), at(5)))
    assert stage.it.last_start() is None
    stage.line(at(5) + 3 * MILLISECOND, event="property-change", id=1, name="time-pos", data=0.04)
    begun = stage.it.last_start()
    assert begun is not None
    assert (begun.clip, begun.asked, begun.at - begun.asked) == ("moon", at(5), 3 * MILLISECOND)


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (10.0, []),  # in step
        (10.003, []),  # nobody sees that
        (10.03, [["set_property", "speed", 0.99]]),  # 30 ms ahead, made up in 3 s
        (9.97, [["set_property", "speed", 1.01]]),
        (10.2, [["set_property", "speed", 0.98]]),  # no more than 2 %
        (11.0, [["seek", pytest.approx(10.06), "absolute+exact"]]),  # a jump, and a little ahead: a seek takes its time
    ],
)
def test_what_is_apart_is_made_up_by_speed_and_only_what_is_far_apart_by_a_jump(position: float, words: object) -> None:
    stage = Stage()
    stage.plays(at(5))
    stage.it.deck.speed = 1.0
    stage.line(at(14.5), event="tick")
    stage.take(stage.it.wake(at(15)))
    assert stage.answer(at(15), **{"audio-pts": position}) == words


def test_a_declared_limit_is_kept() -> None:
    stage = Stage(options={"drift": "0.5%", "jump": "2000ms"})
    stage.plays(at(5))
    stage.line(at(14.5), event="tick")
    stage.take(stage.it.wake(at(15)))
    assert stage.answer(at(15), **{"audio-pts": 11.0}) == [["set_property", "speed", 0.995]]


def test_an_answer_that_took_long_says_nothing_about_the_place() -> None:
    stage = Stage()
    stage.plays(at(5))
    stage.line(at(14.5), event="tick")
    stage.take(stage.it.wake(at(15)))
    assert stage.answer(at(15.2), **{"audio-pts": 12.0}) == []


def test_one_that_died_is_connected_to_at_once_and_let_go_where_the_show_comes_by() -> None:
    stage = Stage()
    stage.plays(at(5))
    stage.line(at(14.5), event="tick")
    assert healths(stage.it.lost("closed the connection", at(15))) == [("degraded", "mpv closed the connection.")]
    dialled = until(stage.it, at(15), at(16))
    assert [(now, output) for now, output in dialled if output == Connect()] == [(at(15.1), Connect())]
    stage.take(stage.it.connected(at(15.3)))
    stage.sent.clear()
    stage.answer(at(15.3), path=None, pause=True, **{"time-pos": None})
    assert ["set_property", "start", "10.600000"] in stage.sent  # where the show is in 300 ms
    assert ["set_property", "contrast", 0] in stage.sent
    assert ["set_property", "pause", False] not in stage.opened(at(15.35), 10.6)
    gone = [
        (now, json.loads(output.data)["command"])
        for now, output in until(stage.it, at(15.4), at(15.7))
        if isinstance(output, Send)
    ]
    assert (at(15.6), ["set_property", "pause", False]) in gone


def test_one_that_plays_as_it_should_is_taken_over_without_a_word_about_it() -> None:
    """The engine was replaced, the player was not."""
    it = Mpv(device("mpv", transport="unix"), CLIPS)
    it.command(tell("play", RESUME, clip="moon", instant=at(1)), at(1))
    stage = Stage.__new__(Stage)
    stage.it, stage.asked, stage.sent = it, {}, []
    it.start(at(9))
    stage.take(it.connected(at(9)))
    stage.sent.clear()
    stage.answer(at(9), path="media/moon.mkv", pause=False, **{"time-pos": 8.02})
    assert not [line for line in stage.sent if line[0] in ("loadfile", "seek", "stop") or line[1] == "pause"]


def test_one_that_dies_again_and_again_is_left_more_and_more_time() -> None:
    it, now = Mpv(device("mpv", transport="unix"), CLIPS), 0
    tried: list[int] = []
    it.start(0)
    while len(tried) < 5:
        it.lost("takes no connection", now)
        while (due := it.next_deadline()) is not None and Connect() not in it.wake(due):
            pass
        assert due is not None
        tried.append(round((due - now) / MILLISECOND))
        now = due
    assert tried == [100, 1000, 2000, 4000, 8000]


def test_one_that_takes_what_is_said_and_answers_nothing_is_hung_up_on_after_5_s() -> None:
    stage = Stage()
    found = [(now, output) for now, output in until(stage.it, 0, at(6)) if not isinstance(output, Send)]
    assert [now for now, output in found if output == Close()] == [at(5)]
    assert [health for _, output in found for health, _ in healths([output])][:2] == ["degraded", "lost"]  # type: ignore[list-item]


def test_a_clip_that_is_not_there_is_said_when_it_is_loaded_and_once() -> None:
    stage = Stage()
    stage.take(stage.it.command(tell("load", clip="moon"), at(1)))
    stage.line(at(1), event="start-file", playlist_entry_id=1)
    told = stage.line(at(1), event="end-file", reason="error", playlist_entry_id=1, file_error="loading failed")
    assert healths(told) == [("degraded", "mpv cannot play moon: loading failed.")]
    assert [output for output in told if isinstance(output, Failed)] == [
        Failed("load", "cannot play moon: loading failed", "skip")
    ]
    assert stage.it.phase().name == "failed"
    assert healths(stage.it.command(tell("load", clip="tide"), at(2))) == [("ok", "mpv answers again.")]


def test_a_fade_ends_on_its_exact_target_and_a_stop_after_its_fade() -> None:
    stage = Stage()
    stage.plays(at(5))
    stage.sent.clear()
    stage.take(stage.it.command(tell("fade", opacity=30.0, over=1.0), at(6)))
    for now, output in until(stage.it, at(6), at(7.5)):
        stage.take([output]) if isinstance(output, Send) else None
        assert now <= at(7.5)
    contrasts = [line[2] for line in stage.sent if line[1] == "contrast"]
    assert (contrasts[0], contrasts[-1]) == (0, -70)
    assert len(contrasts) <= 27
    stage.sent.clear()
    stage.take(stage.it.command(tell("stop", fade=0.5), at(8)))
    assert ["stop"] not in stage.sent
    for _, output in until(stage.it, at(8), at(8.5)):
        stage.take([output]) if isinstance(output, Send) else None
    assert ["stop"] in stage.sent
    assert [line[2] for line in stage.sent if line[1:2] == ["contrast"]][-1] == -100


def test_sound_goes_through_its_bus_and_the_master() -> None:
    stage = Stage("mpv_sound")
    stage.take(stage.it.command(tell("bus", name="weather", level=-6.0), at(1)))
    stage.take(stage.it.command(tell("master", level=-3.0), at(1)))
    stage.take(stage.it.command(tell("play", RESUME, clip="moon", level=-9.0, bus="weather"), at(1)))
    assert [line[2] for line in stage.sent if line[1] == "volume"][-1] == pytest.approx(100 * 10 ** (-18 / 60), abs=1e-3)
    stage.take(stage.it.command(tell("bus", name="weather", level=-120.0), at(2)))
    assert stage.sent[-1] == ["set_property", "volume", 0.0]


def test_what_it_says_of_itself_is_what_is_reported() -> None:
    stage = Stage()
    stage.plays(at(5))
    stage.line(at(5.1), event="property-change", id=12, name="volume", data=50.118)
    stage.line(at(5.1), event="property-change", id=13, name="contrast", data=-40)
    assert stage.it.reported() | {"position": 0.0} == {
        "state": "playing", "clip": "moon", "loaded": "", "position": 0.0, "drift": 0.0, "level": -18.0, "opacity": 60.0,
    }  # fmt: skip
    stage.line(at(6), event="property-change", id=10, name="pause", data=True)  # somebody at the machine
    assert stage.it.desired()["state"] == "playing"


def test_what_is_not_json_breaks_the_line_and_nothing_else() -> None:
    stage = Stage()
    outputs = stage.it.received(b"HTTP/1.1 400\r\n", at(1))
    assert Close() in outputs
    assert reports(outputs) == {}
    assert healths(outputs)[-1][0] == "degraded"
