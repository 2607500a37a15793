"""Packets in numbers: whichever way the kernel is asked, the same datagrams arrive, and what cannot be sent is counted."""

import select
import socket
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from showctl.protocols import sacn
from showctl.runtime.receive.ears import open_ears
from showctl.runtime.wire.frames import Batch, batch_of
from showctl.runtime.wire.interfaces import find
from showctl.runtime.wire.sockets import PacketSender, open_artnet, open_sender, open_sender6
from showctl.show.patch import Protocol

HOSTS = ("127.0.1.1", "127.0.1.2")


@pytest.fixture
def ears() -> Iterator[dict[str, socket.socket]]:
    """Sockets at two addresses, on one port."""
    made: dict[str, socket.socket] = {}
    port = 0
    for host in HOSTS:
        made[host] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made[host].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        made[host].bind((host, port))
        made[host].settimeout(1)
        port = made[host].getsockname()[1]
    yield made
    for ear in made.values():
        ear.close()


def packets(count: int) -> np.ndarray:
    buffer = np.zeros((count, 638), np.uint8)
    buffer[:, 0], buffer[:, 1], buffer[:, 637] = np.arange(count) % 256, np.arange(count) // 256, 7
    return buffer


@pytest.mark.parametrize("how", [{"sendmmsg": False}, {"gso": False}, {}], ids=["sendto", "sendmmsg", "sendmmsg and GSO"])
@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 300])
def test_every_packet_arrives_once_in_order_and_whole(ears: dict[str, socket.socket], how: dict[str, bool], count: int) -> None:
    port = ears[HOSTS[0]].getsockname()[1]
    buffer = packets(count)
    destinations = [(HOSTS[n * 2 // count], port) for n in range(count)]  # the first half here, the second half there
    with open_sender("127.0.0.1") as sock:
        sender = PacketSender(sock, **how)
        sender.send(Batch(Protocol.SACN, destinations, buffer, np.full(count, 638, np.int64)))

    assert (sender.packets, sender.dropped) == (count, 0)
    for n, (host, _) in enumerate(destinations):
        assert ears[host].recv(2048) == buffer[n].tobytes()


def test_packets_of_different_sizes_keep_their_sizes(ears: dict[str, socket.socket]) -> None:
    port = ears[HOSTS[0]].getsockname()[1]
    datagrams = [b"a" * 49, b"b" * 1144, b"c"]
    with open_sender("127.0.0.1") as sock:
        PacketSender(sock).send(batch_of(Protocol.SACN, [((HOSTS[0], port), data) for data in datagrams]))

    assert [ears[HOSTS[0]].recv(2048) for _ in datagrams] == datagrams


@pytest.mark.parametrize("how", [{"sendmmsg": False}, {}], ids=["sendto", "sendmmsg"])
def test_what_cannot_be_sent_is_counted_and_the_rest_goes_out(ears: dict[str, socket.socket], how: dict[str, bool]) -> None:
    here = (HOSTS[0], ears[HOSTS[0]].getsockname()[1])
    nowhere = ("255.255.255.255", 9)  # broadcasting is not allowed on this socket
    with open_sender("127.0.0.1") as sock:
        sender = PacketSender(sock, **how)
        for _ in range(2):
            sender.send(batch_of(Protocol.SACN, [(nowhere, b"x"), (here, b"1"), (nowhere, b"x"), (here, b"2")]))

    assert (sender.packets, sender.dropped) == (4, 4)
    assert [ears[HOSTS[0]].recv(16) for _ in range(4)] == [b"1", b"2"] * 2


@pytest.mark.expects_log("There is no host called no-such-host.invalid")
def test_an_unknown_host_is_said_once_and_costs_only_its_own_packets(ears: dict[str, socket.socket]) -> None:
    here = (HOSTS[0], ears[HOSTS[0]].getsockname()[1])
    with open_sender("127.0.0.1") as sock:
        sender = PacketSender(sock)
        for _ in range(3):
            sender.send(batch_of(Protocol.SACN, [(("no-such-host.invalid", 1), b"x"), (here, b"1")]))
            answered(sender)

    assert (sender.packets, sender.dropped) == (3, 3)


@pytest.mark.expects_log("There is no host called later.invalid")
def test_a_host_that_was_unknown_is_asked_for_again_when_the_network_is_back(
    ears: dict[str, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = ears[HOSTS[0]].getsockname()[1]
    with open_sender("127.0.0.1") as sock:
        sender = PacketSender(sock)
        for _ in range(2):
            sender.send(batch_of(Protocol.SACN, [(("later.invalid", port), b"x")]))
        answered(sender)
        monkeypatch.setattr(socket, "gethostbyname", lambda _: HOSTS[0])
        sender.send(batch_of(Protocol.SACN, [(("later.invalid", port), b"x")]))
        assert (sender.packets, sender.dropped, sender.hosts.asking) == (0, 3, False), "not every packet asks"
        sender.ask_again()
        sender.send(batch_of(Protocol.SACN, [(("later.invalid", port), b"x")]))
        answered(sender)
        sender.send(batch_of(Protocol.SACN, [(("later.invalid", port), b"1")]))

    assert ears[HOSTS[0]].recv(16) == b"1"


def test_multicast_leaves_by_the_chosen_interface() -> None:
    with open_sender("127.0.0.1") as sock, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("", 0))
        ear.settimeout(1)
        group = socket.inet_aton("239.255.0.1") + socket.inet_aton("127.0.0.1")
        ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
        to = ("239.255.0.1", ear.getsockname()[1])
        PacketSender(sock).send(batch_of(Protocol.SACN, [(to, b"1"), (to, b"2")]))

        assert [ear.recvfrom(16)[0] for _ in range(2)] == [b"1", b"2"]


@pytest.mark.expects_log("Art-Net port .* is held by another program .*sending from another port")
def test_an_art_net_port_that_is_held_costs_a_warning_and_not_the_show() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        with open_artnet("127.0.0.1", port) as sock:
            assert sock.getsockname()[1] not in (0, port)


def test_the_broadcast_address_of_loopback_is_its_own() -> None:
    for wanted in ("127.0.0.1", "127.0.3.1", "lo"):
        found = find(wanted)
        assert found is not None
        assert (found.name, found.broadcast) == ("lo", "127.255.255.255")
    assert find("10.255.255.254") is None


def test_ipv6_leaves_by_its_own_socket_and_is_heard_by_an_ear() -> None:
    loopback = find("lo")
    assert loopback is not None
    six = open_sender6("::1", loopback.index)
    ears = open_ears([1], "127.0.0.1", loopback.index, free_port())
    six_ear = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    six_ear.bind(("::1", ears[0].getsockname()[1]))
    port = ears[0].getsockname()[1]
    sender = PacketSender(None)
    sender.use(open_sender("127.0.0.1", loopback.index), six)
    try:
        to = [("239.255.0.1", port), ("::1", port), ("239.255.0.2", port)]  # loopback carries no IPv6 multicast
        sender.send(batch_of(Protocol.SACN, [(group, bytes([n] * 60)) for n, group in enumerate(to)]))
        assert heard(ears[0]) == [bytes([0] * 60)], "universe 1, and not 2"
        assert heard(six_ear) == [bytes([1] * 60)]
        assert (sender.packets, sender.dropped) == (3, 0)
    finally:
        sender.close()
        ears[0].close()
        six_ear.close()


def test_an_ear_hears_everybody_but_us() -> None:
    ours, theirs = bytes(range(16)), bytes(range(15)) + b"\xff"
    ears = open_ears(range(1, 46), "127.0.0.1", 0, free_port(), ours=ours)
    port = ears[0].getsockname()[1]
    sender = PacketSender(open_sender("127.0.0.1"))
    try:
        packets = [sacn.encode(sacn.DataPacket(cid, "x", universe, b"")) for cid in (ours, theirs) for universe in (1, 45)]
        to = [(sacn.multicast_group_v4(universe), port) for universe in (1, 45, 1, 45)]
        sender.send(batch_of(Protocol.SACN, list(zip(to, packets, strict=True))))
        assert len(ears) == 3, "twenty groups to a socket"
        assert [heard(ear) for ear in ears] == [[packets[2]], [], [packets[3]]]
    finally:
        for ear in ears:
            ear.close()
        sender.close()


def answered(sender: PacketSender) -> None:
    """Waits for the name server."""
    end = time.monotonic() + 20
    while sender.hosts.asking:
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_name_server_that_takes_its_time_costs_no_packet(
    ears: dict[str, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, named = (HOSTS[0], ears[HOSTS[0]].getsockname()[1]), ("slow.invalid", ears[HOSTS[0]].getsockname()[1])
    go_on = threading.Event()

    def slowly(_: str) -> str:
        assert go_on.wait(20)
        return HOSTS[0]

    monkeypatch.setattr(socket, "gethostbyname", slowly)
    with open_sender("127.0.0.1") as sock:
        sender = PacketSender(sock)
        began = time.monotonic()
        for _ in range(10):
            sender.send(batch_of(Protocol.SACN, [(named, b"x"), (here, b"1")]))
        assert time.monotonic() - began < 1
        assert (sender.packets, sender.dropped) == (10, 10)
        go_on.set()
        answered(sender)
        batch = batch_of(Protocol.SACN, [(named, b"2")])
        sender.send(batch)

    assert [ears[HOSTS[0]].recv(16) for _ in range(11)] == [b"1"] * 10 + [b"2"]


def heard(ear: socket.socket) -> list[bytes]:
    """What has come: loopback delivers before ``sendmmsg`` returns."""
    found = []
    while select.select([ear], [], [], 0.05)[0]:
        found.append(ear.recv(2048))
    return found


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
