"""The wire's UDP sockets, all on one interface, which may vanish, return, or change its address under the show.

Sent is out of that interface and out of no other; while it is away packets are counted as dropped, and the show goes on. When
the kernel says that a link or an address has changed, sockets are opened anew where they have to be, and groups are joined
again. What is there is heard, too: the Art-Net socket (there is exactly one on a machine that works), what is broadcast there,
and the sACN groups of our own universes, in which nobody else has business.
"""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass
from typing import Final

from showctl.protocols import sacn
from showctl.runtime.receive.ears import open_ears
from showctl.runtime.wire.interfaces import Interface, LinkWatch, find
from showctl.runtime.wire.listeners import others_listen
from showctl.runtime.wire.sockets import PacketSender, open_artnet, open_artnet_ear, open_sender, open_sender6
from showctl.show.fixtures import Hazard
from showctl.show.patch import Patch, Protocol

log = logging.getLogger(__name__)

MAX_HEARD: Final = 400
"""sACN universes that are listened to: hazards first, then in patch order. Of others one hears by universe discovery."""


@dataclass(frozen=True, slots=True)
class Wants:
    """What a show needs of the network."""

    artnet: bool
    six: bool
    heard: tuple[int, ...]


def wants_of(patch: Patch) -> Wants:
    """What ``patch`` needs: which protocols, and which sACN universes are to be listened to."""
    hazards = {fixture.universe for fixture in patch.fixtures if fixture.hazard is not Hazard.NONE}
    joins = [universe.merge_in.partition("/") for universe in patch.universes if universe.merge_in]
    heard = [int(number) for protocol, _, number in joins if protocol == "sacn"]
    ours = [universe for universe in patch.universes if universe.protocol is Protocol.SACN]
    heard += (universe.number for universe in sorted(ours, key=lambda universe: universe.key not in hazards))
    return Wants(
        any(u.protocol is Protocol.ARTNET for u in patch.universes) or any(join[0] == "artnet" for join in joins),
        any("multicast6" in universe.destinations or any(":" in to for to in universe.destinations) for universe in ours),
        tuple(dict.fromkeys(heard))[:MAX_HEARD],
    )


class NetworkSockets:
    """The sockets on the interface ``wanted`` (a name, or an address); ``cid`` is ours."""

    def __init__(self, wanted: str, sacn_port: int, artnet_port: int, cid: bytes = b"") -> None:
        self.sacn, self.artnet = PacketSender(None), PacketSender(None)
        self.artnet_ears: list[socket.socket] = []
        self.sacn_ears: list[socket.socket] = []
        self.own: tuple[str, int] | None = None
        """Where our Art-Net comes from: what we broadcast comes back to us."""
        self.link: Interface | None = None
        self.reopened = -1
        """How often the sockets were opened anew."""
        self.opened = 0
        """Counts whenever the sockets are others than before, or none."""
        self._wanted, self._sacn_port, self._artnet_port, self._cid = wanted, sacn_port, artnet_port, cid
        self._wants = Wants(False, False, ())
        self._opened: tuple[Interface, Wants] | None = None
        self._watch = LinkWatch()

    @property
    def watch(self) -> socket.socket | None:
        """Readable when a link or an address has changed: call ``follow`` then."""
        return self._watch.sock

    @property
    def broadcast(self) -> str:
        return "255.255.255.255" if self.link is None else self.link.broadcast

    @property
    def address(self) -> str:
        return "0.0.0.0" if self.link is None else self.link.address

    @property
    def working(self) -> bool:
        """Whether packets can leave."""
        return self.link is not None and self.link.up

    def want(self, wants: Wants) -> None:
        """Opens what is needed now, and not yet there."""
        self._wants = wants
        self._look()

    def follow(self) -> bool:
        """Something about links has changed. Whether what we send is to be said anew: the interface is there, or another one."""
        if not self._watch.drain():
            return False
        before = self.link
        self._look()
        if not self.working or self.link == before:
            return False
        self.sacn.ask_again()
        self.artnet.ask_again()
        return True

    def look_around(self) -> None:
        """Has the kernel bring our multicast back only where somebody else on this machine listens. Call it now and then."""
        if self.link is None or self.link.address.startswith("127."):
            return  # on loopback nothing leaves the machine
        ours = dict.fromkeys((*self._wants.heard, sacn.DISCOVERY_UNIVERSE), 1) if self.sacn_ears else {}
        wanted = others_listen(self.link.name, ours)
        if wanted != self.sacn.loops:
            self.sacn.loop(wanted)
            if wanted:
                log.info("Somebody else on this machine listens to what we multicast: it is brought back from now on.")

    def close(self) -> None:
        """Closes everything."""
        self._close_sockets()
        self._watch.close()

    def _look(self) -> None:
        before, self.link = self.link, find(self._wanted)
        if self.link is None:
            if before is not None or self.reopened < 0:
                log.warning("The interface %s is not there: nothing is sent until it is.", self._wanted)
            self.reopened = max(self.reopened, 0)
            self._close_sockets()
            return
        if before is not None and before.up != self.link.up:
            log.warning("The link of %s is %s.", self.link.name, "up" if self.link.up else "down")
        needs = _without_state(self.link), self._wants
        if self._opened == needs:
            return
        if before is None and self.reopened >= 0:
            log.info("The interface %s is there (%s).", self.link.name, self.link.address)
        self._close_sockets()
        try:
            complete = self._open(self.link)
        except OSError as problem:  # gone again already; its end will be told
            log.warning("The interface %s cannot be used (%s).", self._wanted, problem.strerror or problem)
            self._close_sockets()
            return
        self._opened = needs if complete else None
        self.reopened += 1
        self.look_around()

    def _open(self, link: Interface) -> bool:
        """Opens what is wanted. False where an IPv6 address is still tentative: the next news of addresses tries again."""
        six = open_sender6(link.address6, link.index) if self._wants.six else None
        self.sacn.use(open_sender(link.address, link.index), six)
        if self._wants.artnet:
            sock = open_artnet(link.address, self._artnet_port, link.index)
            self.artnet.use(sock)
            host, port = sock.getsockname()
            self.own = (host, port)
            ear = open_artnet_ear(link.broadcast, self._artnet_port)
            self.artnet_ears = [sock, *([] if ear is None else [ear])]
        self.opened += 1
        if self._wants.heard:
            self.sacn_ears = open_ears(
                self._wants.heard, link.address, link.index, self._sacn_port, ours=self._cid, six=self._wants.six
            )
        return six is not None or not (self._wants.six and link.address6)

    def _close_sockets(self) -> None:
        for sock in (*self.artnet_ears[1:], *self.sacn_ears):
            sock.close()
        self.artnet_ears, self.sacn_ears, self.own, self._opened = [], [], None, None
        self.opened += 1
        self.sacn.close()
        self.artnet.close()


def _without_state(link: Interface) -> Interface:
    """``link`` but for whether it is up: a cable that is pulled and put back needs no new socket."""
    return Interface(link.name, link.index, link.address, link.broadcast, True, link.address6)


def described(link: Interface | None, wanted: str) -> str:
    """What is wrong with the interface, in words; "" where nothing is."""
    if link is None:
        return f"the interface {wanted} is not there: nothing is sent until it is"
    return "" if link.up else f"the link of {link.name} is down: is its cable in?"
