"""The simulated film server and gauze player: framings, layers, ends, and a picture that hangs."""

import pytest

from simulators.film import FilmServer, GauzePlayer
from tests.simulators.stage import Bench, make_device, make_show, osc


def film() -> Bench:
    device = make_device("film", "film_server", transport="slip")
    bench = Bench(FilmServer(device, make_show(device), 1))
    assert bench.device.connected("s", 0)
    return bench


def gauze() -> Bench:
    device = make_device("gauze", "gauze_player", transport="tcp")
    bench = Bench(GauzePlayer(device, make_show(device), 1))
    assert bench.device.connected("s", 0)
    return bench


def slip(packet: bytes) -> bytes:
    return b"\xc0" + packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"


def play(surface: str, layer: int, clip: str, at: float = 0.0, loop: int = 0, fade: float = 0.0) -> bytes:
    return slip(osc("/film/play", "sisfif", surface, layer, clip, at, loop, fade))


def test_the_film_server_pongs_in_slip() -> None:
    server = film()
    server.stream(bytes.fromhex("c0 2f66696c 6d2f7069 6e670000 2c690000 000000dbdc c0"))
    [(_, pong)] = server.take()
    assert (pong.kind, pong.stream) == ("stream", "s")
    assert pong.data == bytes.fromhex("c0 2f66696c 6d2f706f 6e670000 2c690000 000000dbdc c0")


def test_the_gauze_player_pongs_with_a_length_prefix() -> None:
    player = gauze()
    player.stream(bytes.fromhex("00000014 2f676175 7a652f70"))
    assert player.take() == []
    player.stream(bytes.fromhex("696e6700 2c690000 000000c0"))
    [(_, pong)] = player.take()
    assert pong.data == bytes.fromhex("00000014 2f676175 7a652f70 6f6e6700 2c690000 000000c0")


def test_a_layer_plays_to_its_end_and_is_reported_stopped() -> None:
    server = film()
    server.stream(play("furnace_wall", 2, "launch", at=68.0))
    assert server.truth("clip", "state", "surface", "opacity", "position") == ["launch", "playing", "furnace_wall", 100.0, 68.0]
    assert server.truth("furnace_wall_clip", "dome_clip") == ["launch", ""]
    server.to(1.999)
    assert server.truth("state") == ["playing"]
    server.to(2)
    assert server.truth("clip", "state", "surface", "opacity") == ["", "stopped", "", 0.0]
    assert server.osc() == [
        (0.0, "/film/layer", ("furnace_wall", 2, "launch", "playing", 68.0, 100.0)),
        (1.0, "/film/layer", ("furnace_wall", 2, "launch", "playing", 69.0, 100.0)),
        (2.0, "/film/layer", ("furnace_wall", 2, "launch", "stopped", 70.0, 100.0)),
    ]


def test_a_fade_is_straight_and_arrives() -> None:
    server = film()
    server.stream(play("dome", 1, "stars", fade=2.0))
    server.to(1)
    assert server.truth("opacity") == [50.0]
    server.stream(slip(osc("/film/fade", "siff", "dome", 1, 80.0, 3.0)))
    server.to(2)
    assert server.truth("opacity") == [60.0]
    server.to(4)
    assert server.truth("opacity") == [80.0]
    server.stream(slip(osc("/film/stop", "sif", "dome", 1, 1.0)))
    server.to(4.999)
    assert server.truth("state") == ["playing"]
    server.to(5)
    assert server.truth("state") == ["stopped"]


def test_the_topmost_layer_is_what_a_surface_shows_and_the_latest_what_the_player_does() -> None:
    server = film()
    server.stream(play("dome", 5, "stars"))
    server.stream(play("dome", 1, "launch"))
    assert server.truth("clip", "dome_clip") == ["launch", "stars"]


def test_a_clip_or_surface_that_is_not_there_is_an_error_and_the_layer_keeps_what_it_had() -> None:
    server = film()
    server.stream(play("dome", 1, "stars"))
    server.take()
    server.stream(play("dome", 1, "rumble"))
    server.stream(play("veil", 1, "stars"))
    assert server.osc() == [(0.0, "/film/error", ("no clip rumble",)), (0.0, "/film/error", ("no surface veil",))]
    assert server.truth("clip", "state") == ["stars", "playing"]


def test_pause_freezes_the_picture_and_blank_takes_it_away() -> None:
    server = film()
    server.stream(play("dome", 1, "launch"))
    server.to(10)
    server.stream(slip(osc("/film/pause", "i", 1)))
    server.to(20)
    assert server.truth("state", "position", "opacity") == ["paused", 10.0, 100.0]
    server.stream(slip(osc("/film/pause", "i", 0)) + slip(osc("/film/blank", "f", 2.0)))
    server.to(22)
    assert server.truth("state") == ["stopped"]


def test_a_connection_that_ends_stops_nothing_and_the_next_one_asks() -> None:
    server = film()
    server.stream(play("dome", 1, "stars"))
    server.device.closed("s", server.now)
    server.take()
    server.to(5)
    assert server.take() == []
    assert server.truth("position") == [5.0]
    assert server.device.connected("t", server.now)
    server.stream(slip(osc("/film/state")), "t")
    assert server.osc() == [(5.0, "/film/layer", ("dome", 1, "stars", "playing", 5.0, 100.0))]


def test_reports_go_to_the_connection_that_spoke_last() -> None:
    server = film()
    assert server.device.connected("t", 0)
    server.stream(play("dome", 1, "stars"))
    server.stream(slip(osc("/film/ping", "i", 1)), "t")
    server.to(1)
    assert [outgoing.stream for _, outgoing in server.take()] == ["s", "t", "t"]


def test_a_stream_that_is_not_osc_is_hung_up() -> None:
    player = gauze()
    player.stream(b"GET / HTTP/1.1\r\n\r\n")
    assert [outgoing.kind for _, outgoing in player.take()] == ["closed"]


def test_a_frozen_picture_still_believes_that_it_plays() -> None:
    server = film()
    server.stream(play("dome", 1, "launch"))
    server.to(3)
    server.act("frozen for 5s")
    server.to(6)
    assert server.truth("state", "position") == ["playing", 3.0]
    server.to(9)
    assert server.truth("position") == [4.0]


def test_the_figure_takes_a_pose_and_says_so_once() -> None:
    player = gauze()
    for _ in range(2):
        packet = osc("/gauze/figure", "sff", "bow", 1.0, 4.0)
        player.stream(len(packet).to_bytes(4, "big") + packet)
    assert player.osc() == [(0.0, "/gauze/pose", ("bow",))]
    assert player.truth("pose", "facing_x", "facing_z") == ["bow", 1.0, 4.0]


def test_the_truth_names_everything_that_the_kind_reports() -> None:
    for bench in (film(), gauze()):
        names = set(bench.device.truth(0))
        assert names >= set(bench.device.device.kind.fields)  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", ["frozen for ages", "clip nowhere missing", ""])
def test_what_it_does_not_understand_it_says(words: str) -> None:
    with pytest.raises(ValueError):
        film().act(words)
