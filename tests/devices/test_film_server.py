"""The film server and the gauze player: two framings, connections that end, and a return with everything as it would be."""

from showctl.devices.driver import Close, Connect, Send
from showctl.devices.film_server import FilmServer
from showctl.show.cues import ActionClass
from tests.devices.building import at, device, healths, osc, reports, said, tell, until

RESUME = ActionClass.RESUME
END = b"\xc0"


def slip(packet: bytes) -> bytes:
    return END + packet.replace(b"\xdb", b"\xdb\xdd").replace(END, b"\xdb\xdc") + END


def unslipped(outputs: object) -> list[tuple[object, ...]]:
    sends = [Send(o.data[1:-1].replace(b"\xdb\xdc", END)) for o in outputs if isinstance(o, Send)]  # type: ignore[attr-defined]
    return said(sends)


def server(**lengths: int) -> FilmServer:
    """A connected film server that has answered at 0 and is settled."""
    made = FilmServer(device("film_server"), lengths)
    assert made.start(0) == [Connect()]
    made.connected(0)
    made.received(slip(osc("/film/pong", "i", 1)), 0)
    until(made, 0, at(0.5))
    return made


def layer(surface: str, number: int, clip: str, state: str, position: float, opacity: float) -> bytes:
    return slip(osc("/film/layer", "sissff", surface, number, clip, state, position, opacity))


def test_the_film_server_is_spoken_to_in_slip() -> None:
    sent = server().command(tell("stop", surface="wall", layer=2.0, fade=0.0), at(1))
    assert sent == [Send(b"\xc0/film/stop\0\0,sif\0\0\0\0wall\0\0\0\0\0\0\0\x02\0\0\0\0\xc0")]


def test_the_gauze_player_is_spoken_to_with_sizes() -> None:
    it = FilmServer(device("gauze_player"), {})
    it.start(0)
    assert it.connected(0)[0] == Send(b"\0\0\0\x14/gauze/state\0\0\0\0,\0\0\0")
    assert it.command(tell("figure", pose="bow", x=0.0, z=0.0), at(1)) == [
        Send(b"\0\0\0\x24/gauze/figure\0\0\0,sff\0\0\0\0bow\0\0\0\0\0\0\0\0\0")
    ]
    assert reports(it.received(b"\0\0\0\x14" + osc("/gauze/pose", "s", "bow"), at(1))) == {"pose": "bow"}


def test_every_verb_is_the_message_of_the_page() -> None:
    it = server()
    play = tell("play", RESUME, clip="bellows", surface="wall", layer=2.0, at=10.0, loop=True, fade=2.0)
    assert unslipped(it.command(play, at(1))) == [("/film/play", "wall", 2, "bellows", 10.0, 1, 2.0)]
    assert unslipped(it.command(tell("fade", surface="wall", opacity=30.0, over=4.0), at(1))) == [
        ("/film/fade", "wall", 1, 30.0, 4.0)
    ]
    assert unslipped(it.command(tell("pause", on=False), at(1))) == [("/film/pause", 0)]
    assert unslipped(it.command(tell("blank", fade=1.0), at(1))) == [("/film/blank", 1.0)]


def test_a_stream_in_pieces_is_read_like_a_stream_at_once() -> None:
    it = server()
    whole = layer("wall", 1, "bellows", "playing", 0.0, 100.0)
    found = [output for n in range(len(whole)) for output in it.received(whole[n : n + 1], at(1))]
    assert reports(found) == {"state": "playing", "clip": "bellows", "surface": "wall", "opacity": 100.0}


def test_a_closed_connection_is_degraded_at_once_lost_after_5_s_and_tried_at_1_2_4_s() -> None:
    it = server()
    assert healths(it.lost("closed the connection", at(1))) == [("degraded", "film_server closed the connection.")]
    said_ = []
    for _ in range(3):
        deadline = it.next_deadline()
        while deadline is not None:
            outputs = it.wake(deadline)
            said_ += [(deadline, output) for output in outputs]
            if Connect() in outputs:
                break
            deadline = it.next_deadline()
        assert deadline is not None
        it.lost("takes no connection: refused", deadline)
    assert [now for now, output in said_ if output == Connect()] == [at(2), at(4), at(8)]
    lost = "film_server is lost: nothing was heard of it for 5 s (it takes no connection: refused)."
    assert [(now, h) for now, output in said_ for h in healths([output])] == [(at(5), ("lost", lost))]


def test_a_server_that_accepts_and_is_silent_is_closed_after_5_s_and_tried_again() -> None:
    it = FilmServer(device("film_server"), {})
    it.start(0)
    it.connected(at(1))
    found = [(now, output) for now, output in until(it, at(1), at(8)) if not isinstance(output, Send)]
    assert [(now, output) for now, output in found if output in (Close(), Connect())] == [(at(6), Close()), (at(7), Connect())]


def test_a_server_that_returns_empty_plays_on_where_the_show_is_by_then() -> None:
    it = server(bellows=at(70))
    it.command(tell("play", RESUME, clip="bellows", surface="wall", layer=2.0, fade=2.0), at(1))
    it.command(tell("fade", surface="wall", layer=2.0, opacity=40.0, over=1.0), at(2))
    it.received(layer("wall", 2, "bellows", "playing", 0.0, 100.0), at(1))
    it.lost("closed the connection", at(3))
    until(it, at(3), at(4))
    it.connected(at(21))
    assert unslipped(it.received(slip(osc("/film/pong", "i", 1)), at(21))) == []
    assert unslipped(it.wake(at(21.25))) == [
        ("/film/play", "wall", 2, "bellows", 20.25, 0, 0.0),
        ("/film/fade", "wall", 2, 40.0, 0.0),
    ]


def test_a_clip_that_was_over_before_the_return_is_not_played_again() -> None:
    it = server(bellows=at(10))
    it.command(tell("play", RESUME, clip="bellows", surface="wall"), at(1))
    it.lost("closed the connection", at(3))
    it.connected(at(21))
    it.received(slip(osc("/film/pong", "i", 1)), at(21))
    assert unslipped(it.wake(at(21.25))) == []


def test_a_command_while_there_is_no_connection_is_carried_out_on_the_return() -> None:
    it = FilmServer(device("film_server"), {})
    it.start(0)
    assert it.command(tell("play", RESUME, clip="bellows", surface="wall", loop=True), at(1)) == []
    it.connected(at(2))
    it.received(slip(osc("/film/pong", "i", 1)), at(2))
    assert ("/film/play", "wall", 1, "bellows", 1.25, 1, 0.0) in unslipped(it.wake(at(2.25)))


def test_a_missing_clip_is_said_to_the_operator_until_the_next_command() -> None:
    it = server()
    it.command(tell("play", RESUME, clip="nope", surface="wall"), at(1))
    error = it.received(slip(osc("/film/error", "s", "no clip nope")), at(1))
    assert healths(error) == [("degraded", "film_server says: no clip nope.")]
    assert healths(it.command(tell("stop", surface="wall"), at(2))) == [("ok", "film_server answers again.")]


def test_a_stream_that_is_not_osc_is_closed_and_opened_anew() -> None:
    it = server()
    outputs = it.received(b"\xc0ab\xdbx\xc0", at(1))
    assert outputs[0] == Close()
    assert healths(outputs)[0][0] == "degraded"
    assert Connect() in [output for _, output in until(it, at(1), at(2))]


def test_a_surface_that_is_bent_is_bent_again_after_the_player_forgot() -> None:
    it = server()
    assert unslipped(it.command(tell("warp", surface="dome", preset="seam"), at(1))) == [("/film/warp", "dome", "seam")]
    assert it.phase().name == "acting"
    assert reports(it.received(slip(osc("/film/warp", "ss", "dome", "seam")), at(1.1))) == {"warp": "dome seam"}
    assert (it.phase().name, it.desired()["warp"]) == ("done", "dome seam")
    it.lost("closed the connection", at(2))
    until(it, at(2), at(3))
    it.connected(at(3))
    it.received(slip(osc("/film/pong", "i", 1)), at(3))
    assert ("/film/warp", "dome", "seam") in unslipped([output for _, output in until(it, at(3), at(3.5))])
