"""Who is on a cable: the binary search of E1.20, section 7.

Everybody from ``low`` to ``high`` who is not muted answers at once. Silence: nobody. One whole answer: that one is muted, and the
branch is asked again. Anything else: several, and the branch is cut in two. A fixture that cannot be muted, or an answer that
only looked whole, is cut in two as well, so the search ends whatever comes. It asks at most so often.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from showctl.protocols import rdm
from showctl.protocols.errors import ProtocolError

MOST_FOUND: Final = 512
"""A cable of DMX carries 32 unit loads a segment; splitters make more of it."""
MOST_STEPS: Final = 20_000


@dataclass(frozen=True, slots=True)
class UnMuteAll:
    """Everybody may answer again. No answer comes."""


@dataclass(frozen=True, slots=True)
class AskBranch:
    """DISC_UNIQUE_BRANCH from ``low`` to ``high``."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Mute:
    """DISC_MUTE to one device."""

    uid: int


Step = UnMuteAll | AskBranch | Mute


class Search:
    """One search: ask ``step``, tell what came, until ``step`` is None; then ``found`` is who is there."""

    def __init__(self) -> None:
        self.found: list[int] = []
        self.step: Step | None = UnMuteAll()
        self.steps = 0
        self._branches: list[tuple[int, int]] = [(0, rdm.MAX_UID)]
        self._tried: set[tuple[int, int, int]] = set()

    @property
    def cut_short(self) -> bool:
        """It ended because it had asked too often, or found too many."""
        return self.steps >= MOST_STEPS or len(self.found) >= MOST_FOUND

    def unmuted(self) -> None:
        """The broadcast went out."""
        assert isinstance(self.step, UnMuteAll)
        self._go_on()

    def answered(self, data: bytes | None) -> None:
        """What came back from a branch; None: silence."""
        assert isinstance(self.step, AskBranch)
        low, high = self.step.low, self.step.high
        if data is None:
            self._branches.pop()
            self._go_on()
            return
        try:
            uid = rdm.decode_found(data)
        except ProtocolError:
            uid = -1
        if low <= uid <= high and uid not in self.found and (low, high, uid) not in self._tried:
            self._tried.add((low, high, uid))
            self.step = Mute(uid)
            return
        self._split()

    def muted(self, well: bool) -> None:
        """Whether the device said that it is muted."""
        assert isinstance(self.step, Mute)
        if well and self.step.uid not in self.found:
            self.found.append(self.step.uid)
            if self._branches and self._branches[-1][0] == self._branches[-1][1]:
                self._branches.pop()
            self._go_on()
        elif self._branches:
            self._split()
        else:
            self._go_on()

    def _split(self) -> None:
        low, high = self._branches.pop()
        if low < high:
            middle = (low + high) // 2
            self._branches += [(middle + 1, high), (low, middle)]
        elif (low, high, low) not in self._tried and low not in self.found:
            self._tried.add((low, high, low))  # what is left is one address: it need not be readable to be muted
            self._branches.append((low, high))
            self.step = Mute(low)
            return
        self._go_on()

    def _go_on(self) -> None:
        self.steps += 1
        self.step = AskBranch(*self._branches[-1]) if self._branches and not self.cut_short else None
