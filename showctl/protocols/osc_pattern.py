"""OSC address patterns, compiled once and matched in linear time. Standard: OSC 1.0, "OSC Message Dispatching and Pattern
Matching"; `//` from OSC 1.1.

`?` is any character, `*` any run of them, `[a-c]` and `[!a-c]` one of or none of these, `{go,stop}` any of these words; none
of them crosses a slash. `//` reaches down any number of levels. Everything else, `+` and `.` too, stands for itself.

The pattern comes from outside, so it must not be able to take time: it becomes a small automaton whose states are the bits of
one integer, and matching is one pass over the address. There is no backtracking, hence no pattern that explodes.
"""

from dataclasses import dataclass
from typing import Final

from showctl.protocols.errors import ProtocolError

MAX_PATTERN: Final = 256  # ours: longer ones are refused before they are compiled
_SPECIAL: Final = frozenset("?*[]{}")


@dataclass(frozen=True, slots=True)
class _Step:
    """One state's way on: to `target` on a character in `allowed` (or not in it, when `negated`)."""

    allowed: frozenset[str]
    negated: bool
    target: int


_ANY: Final = (frozenset("/"), True)  # any character but a slash
_SLASH: Final = (frozenset("/"), False)


class Pattern:
    """A compiled address pattern."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN:
            raise ProtocolError("address pattern is too long", MAX_PATTERN)
        if not text.startswith("/"):
            raise ProtocolError("address pattern does not begin with /", 0)
        self.text = text
        self.literal = _SPECIAL.isdisjoint(text) and "//" not in text
        builder = _Builder(text)
        if not self.literal:
            builder.build()
        self._steps = builder.steps
        self._closures = builder.closures()
        self._accept = 1 << builder.current

    def matches(self, address: str) -> bool:
        """Whether a (plain) address is meant by this pattern.

        >>> Pattern("/cue/{go,stop}/[1-3]").matches("/cue/stop/2")
        True
        >>> Pattern("/cue/*").matches("/cue/1/go")
        False
        """
        if self.literal:
            return address == self.text
        active = self._closures[0]
        for character in address:
            reached = 0
            rest = active
            while rest:
                lowest = rest & -rest
                rest ^= lowest
                for step in self._steps[lowest.bit_length() - 1]:
                    if (character in step.allowed) is not step.negated:
                        reached |= self._closures[step.target]
            if not reached:
                return False
            active = reached
        return bool(active & self._accept)


class _Builder:
    """Reads a pattern from left to right and grows the automaton at state `current`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.steps: list[list[_Step]] = [[]]
        self.jumps: list[list[int]] = [[]]
        self.current = 0

    def build(self) -> None:
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "*":
                self.star()
            elif character == "?":
                self.advance(*_ANY)
                self.at += 1
            elif character == "[":
                self.character_class()
            elif character == "{":
                self.alternatives()
            elif character in "]}":
                raise ProtocolError(f"{character} closes nothing", self.at)
            elif self.text.startswith("//", self.at):
                self.any_depth()
            else:
                self.advance(frozenset(character), False)
                self.at += 1

    def star(self) -> None:
        while self.text.startswith("*", self.at):  # many stars are one
            self.at += 1
        loop = self.state()
        self.jumps[self.current].append(loop)
        self.steps[loop].append(_Step(*_ANY, loop))
        self.current = loop

    def any_depth(self) -> None:
        while self.text.startswith("/", self.at):
            self.at += 1
        self.advance(*_SLASH)
        inside = self.state()
        self.steps[self.current].append(_Step(*_ANY, inside))
        self.steps[inside] += [_Step(*_ANY, inside), _Step(*_SLASH, self.current)]
        onward = self.state()
        self.jumps[self.current].append(onward)
        self.current = onward

    def character_class(self) -> None:
        end = self.text.find("]", self.at)
        body = self.text[self.at + 1 : end]
        if end < 0 or body in ("", "!"):
            raise ProtocolError("character class is empty or does not end", self.at)
        negated = body.startswith("!")
        members = _members(body[negated:], self.at)
        self.advance(members | {"/"} if negated else members - {"/"}, negated)
        self.at = end + 1

    def alternatives(self) -> None:
        end = self.text.find("}", self.at)
        if end < 0:
            raise ProtocolError("{ does not end", self.at)
        start, exits = self.current, self.state()
        for word in self.text[self.at + 1 : end].split(","):
            self.current = start
            for character in word:
                self.advance(frozenset(character) - {"/"}, False)
            self.jumps[self.current].append(exits)
        self.current = exits
        self.at = end + 1

    def advance(self, allowed: frozenset[str], negated: bool) -> None:
        target = self.state()
        self.steps[self.current].append(_Step(allowed, negated, target))
        self.current = target

    def state(self) -> int:
        self.steps.append([])
        self.jumps.append([])
        return len(self.steps) - 1

    def closures(self) -> list[int]:
        """For each state, the bits of all states that are reached from it without a character."""
        result = []
        for state in range(len(self.steps)):
            bits, todo = 1 << state, [state]
            while todo:
                for target in self.jumps[todo.pop()]:
                    if not bits >> target & 1:
                        bits |= 1 << target
                        todo.append(target)
            result.append(bits)
        return result


def _members(body: str, offset: int) -> frozenset[str]:
    members: set[str] = set()
    at = 0
    while at < len(body):
        if at + 2 < len(body) and body[at + 1] == "-":
            first, last = ord(body[at]), ord(body[at + 2])
            if not first <= last < 0x3000:
                raise ProtocolError(f"range {body[at : at + 3]} is not one", offset)
            members.update(map(chr, range(first, last + 1)))
            at += 3
        else:
            members.add(body[at])
            at += 1
    return frozenset(members)
