"""The two ways a codec says no.

Bytes that break their standard are a `ProtocolError`: the other device is wrong, and the show goes on. It names what was
wrong and at which byte, never who sent it; the caller knows the peer and the codec does not.
A value that we ourselves cannot put on a wire is a plain `ValueError`, raised before any byte is built.
"""


class ProtocolError(Exception):
    """Bytes from outside that their standard does not allow."""

    def __init__(self, what: str, offset: int = 0) -> None:
        super().__init__(f"{what} (at byte {offset})")
        self.what = what
        self.offset = offset


def in_range(name: str, value: int, low: int, high: int) -> int:
    """Gives the value back, or refuses one that its field cannot carry.

    >>> in_range("priority", 100, 0, 200)
    100
    """
    if not low <= value <= high:
        raise ValueError(f"{name} must be {low}..{high}, not {value}")
    return value


def utf8_field(text: str, size: int) -> bytes:
    """Text as NUL-padded bytes of a fixed size, cut on a whole character and always NUL-terminated.

    >>> utf8_field("Ofen é", 7)
    b'Ofen \\x00\\x00'
    """
    raw = text.split("\0", 1)[0].encode("utf-8", "replace")[: size - 1]
    return raw.decode("utf-8", "ignore").encode("utf-8").ljust(size, b"\0")


def read_utf8_field(raw: bytes) -> str:
    """Text up to the first NUL; bytes that are not UTF-8 show as the replacement character, so a name never loses a packet."""
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace")


def printable(text: str) -> str:
    """Text from a wire as a screen or a journal may show it: what a terminal would obey becomes a question mark.

    >>> printable("desk\\x1b[2J 前台")
    'desk?[2J 前台'
    """
    return "".join(character if character.isprintable() else "?" for character in text)
