"""The broker in memory: who hears what, what is retained, whose will is read, and what waits (MQTT 3.1.1)."""

import pytest

from simulators.broker import Broker, is_filter, is_topic, matches
from tests.simulators.stage import make_device, make_show


def broker() -> Broker:
    device = make_device("room", "broker")
    made = Broker(device, make_show(device), 1)
    made.start(0)
    return made


def heard(made: Broker) -> list[tuple[str, str, bytes, bool]]:
    return [(out.stream, out.topic, out.data, out.retain) for out in made.take() if out.kind == "mqtt"]


def test_a_message_goes_to_everybody_who_subscribed_and_once() -> None:
    made = broker()
    for client, filters in (("a", ("x/+", "x/#")), ("b", ("y",)), ("c", ("x/1",))):
        assert made.attach(client, None, 0)
        for topic in filters:
            made.subscribe(client, topic, 0)
    made.publish("b", "x/1", b"hi", 1, False, 0)
    assert heard(made) == [("a", "x/1", b"hi", False), ("c", "x/1", b"hi", False)]


def test_what_is_retained_comes_with_the_subscription_and_is_marked() -> None:
    made = broker()
    made.attach("gate", None, 0)
    made.publish("gate", "furnace/gate/state", b'{"state": "closed"}', 1, True, 0)
    made.publish("gate", "furnace/gate/pressed", b"1", 1, False, 0)
    made.attach("desk", None, 0)
    made.subscribe("desk", "furnace/#", 0)
    assert heard(made) == [("desk", "furnace/gate/state", b'{"state": "closed"}', True)]
    made.publish("gate", "furnace/gate/state", b"", 1, True, 0)  # 3.3.1.3
    assert heard(made) == [("desk", "furnace/gate/state", b"", False)]
    made.subscribe("desk", "furnace/#", 0)
    assert heard(made) == []


def test_a_will_is_read_when_its_client_vanishes_and_not_at_a_goodbye() -> None:
    made = broker()
    made.attach("desk", None, 0)
    made.subscribe("desk", "+/online", 0)
    made.attach("gate", ("gate/online", b"offline", True), 0)
    made.detach("gate", 0)
    assert heard(made) == []
    made.attach("gate", ("gate/online", b"offline", True), 0)
    made.detach("gate", 0, clean=False)
    assert heard(made) == [("desk", "gate/online", b"offline", False)]
    assert made.retained == {"gate/online": b"offline"}


def test_a_second_client_of_a_name_takes_the_place_of_the_first() -> None:
    made = broker()
    made.attach("desk", ("desk", b"offline", False), 0)
    made.subscribe("desk", "#", 0)
    made.attach("other", None, 0)
    made.subscribe("other", "#", 0)
    made.attach("desk", None, 0)
    made.publish("other", "x", b"1", 1, False, 0)
    assert heard(made) == [("other", "desk", b"offline", False), ("other", "x", b"1", False)]


def test_a_session_that_is_kept_waits_for_its_client() -> None:
    made = broker()
    made.attach("desk", None, 0, clean=False)
    made.subscribe("desk", "x", 0)
    made.detach("desk", 0, clean=False)
    made.attach("gate", None, 0)
    made.publish("gate", "x", b"lost", 0, False, 0)
    made.publish("gate", "x", b"kept", 1, False, 0)
    assert heard(made) == []
    made.attach("desk", None, 0, clean=False)
    assert heard(made) == [("desk", "x", b"kept", False)]
    made.attach("desk", None, 0)
    made.publish("gate", "x", b"after a clean start", 1, False, 0)
    assert heard(made) == []


def test_a_broker_without_power_has_no_clients_and_keeps_what_is_retained() -> None:
    made = broker()
    made.attach("gate", ("gate/online", b"offline", True), 0)
    made.publish("gate", "gate/online", b"online", 1, True, 0)
    made.act("power lost for 3s", 0)
    assert [(out.kind, out.stream) for out in made.take()] == [("closed", "gate")]
    assert made.truth(0)["state"] == "offline"
    assert not made.attach("gate", None, 0)
    made.wake(5_000_000_000)
    assert made.attach("gate", None, 5_000_000_000)
    assert made.retained == {"gate/online": b"online"}


def test_a_hung_broker_delivers_when_it_comes_to() -> None:
    made = broker()
    for client in ("a", "b"):
        made.attach(client, None, 0)
    made.subscribe("a", "x", 0)
    made.act("hang for 5s", 0)
    made.publish("b", "x", b"1", 1, False, 1)
    assert made.take() == []
    assert not made.attach("c", None, 1)
    made.wake(5_000_000_000)
    assert heard(made) == [("a", "x", b"1", False)]


def test_a_topic_with_wildcards_ends_the_connection_of_who_published_it() -> None:
    made = broker()
    made.attach("a", None, 0)
    made.publish("a", "x/#", b"1", 1, False, 0)
    assert [(out.kind, out.stream) for out in made.take()] == [("closed", "a")]


def test_scripts_can_drop_a_client_and_forget() -> None:
    made = broker()
    made.attach("a", None, 0)
    made.publish("a", "x", b"1", 1, True, 0)
    made.act("forgets", 0)
    assert made.retained == {}
    made.act("drops a", 0)
    assert [(out.kind, out.stream) for out in made.take()] == [("closed", "a")]
    with pytest.raises(ValueError, match="drops CLIENT"):
        made.act("drops a", 0)


@pytest.mark.parametrize(
    ("wish", "topic", "hears"),
    [  # MQTT 3.1.1, 4.7.1.2 and 4.7.1.3: the examples
        ("sport/tennis/player1/#", "sport/tennis/player1", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", True),
        ("sport/#", "sport", True),
        ("#", "anything/at/all", True),
        ("sport/tennis/+", "sport/tennis/player1", True),
        ("sport/tennis/+", "sport/tennis/player1/ranking", False),
        ("sport/+", "sport", False),
        ("sport/+", "sport/", True),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("#", "$SYS/clients", False),
        ("+/monitor", "$SYS/monitor", False),
        ("$SYS/#", "$SYS/clients", True),
    ],
)
def test_wildcards_are_those_of_the_standard(wish: str, topic: str, hears: bool) -> None:
    assert matches(tuple(wish.split("/")), topic) is hears


def test_filters_and_topics_have_their_rules() -> None:
    assert [is_filter(wish) for wish in ("a/#", "+/a", "a#", "a/#/b", "a+", "")] == [True, True, False, False, False, False]
    assert [is_topic(topic) for topic in ("a/b", "a/+", "#", "", "a\0")] == [True, False, False, False, False]
