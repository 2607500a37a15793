"""What the protocol tests share: vectors read from files, and mutations of good packets.

A vector file is hexadecimal with room to explain itself: `#` begins a comment, and `00*57` means the byte 57 times.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from showctl.protocols.errors import ProtocolError

VECTORS = Path(__file__).parents[1] / "vectors"
MUTATIONS = 20_000


def vector(name: str) -> bytes:
    data = bytearray()
    for line in (VECTORS / name).read_text(encoding="utf-8").splitlines():
        for word in line.split("#", 1)[0].split():
            digits, _, times = word.partition("*")
            data += bytes.fromhex(digits) * int(times or 1)
    return bytes(data)


def mutations(seeds: Sequence[bytes], count: int = MUTATIONS, seed: int = 1) -> Iterator[bytes]:
    """Good packets with bytes changed, cut, doubled, inserted or joined; the same ones every time."""
    chance = random.Random(seed)
    edges = (0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF)
    for _ in range(count):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(6):
                case 0 if at < len(data):
                    data[at] = chance.randrange(256)
                case 1 if at < len(data):
                    data[at] = chance.choice(edges)
                case 2 if at < len(data):
                    data[at] ^= 1 << chance.randrange(8)
                case 3:
                    del data[at:]
                case 4:
                    data[at:at] = chance.randbytes(chance.randint(1, 8))
                case _:
                    del data[at : at + chance.randint(1, 8)]
        yield bytes(data)


def survive(decode: Callable[[bytes], object], seeds: Sequence[bytes], count: int = MUTATIONS) -> tuple[int, int]:
    """Decodes mutations; anything raised but `ProtocolError` fails the test. Gives how many were read and how many refused."""
    read = 0
    refusals: list[ProtocolError] = []
    for data in mutations(seeds, count):
        try:
            decode(data)
            read += 1
        except ProtocolError as problem:
            refusals.append(problem)
    assert all(problem.what and problem.offset >= 0 for problem in refusals)
    return read, len(refusals)
