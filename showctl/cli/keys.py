"""Single keys from a terminal: what an interactive command reads while one hand holds the ladder."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

NAMES: Final = {
    b"\x1b[A": "up", b"\x1b[B": "down", b"\x1b[C": "right", b"\x1b[D": "left", b"\x1bOA": "up", b"\x1bOB": "down",
    b"\x1bOC": "right", b"\x1bOD": "left", b"\x1b[5~": "page up", b"\x1b[6~": "page down", b"\x1b": "escape", b"\r": "enter",
    b"\n": "enter", b" ": "space", b"\x7f": "backspace", b"\x08": "backspace", b"\x03": "ctrl-c", b"\x04": "ctrl-d",
}  # fmt: skip
_ESCAPE_TIME: Final = 0.05
"""An escape that is alone for so long is the key, not the beginning of an arrow."""


@contextmanager
def keyboard() -> Iterator[None]:
    """Keys come one by one, unechoed, while the block runs; the terminal is as it was afterwards, whatever happens."""
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    tty.setcbreak(number, termios.TCSADRAIN)  # what was typed already is not lost
    try:
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def read_key(timeout: float | None = None) -> str | None:
    """The next key by name, or the letter; None when ``timeout`` passes. The end of input is ``ctrl-d``."""
    number = sys.stdin.fileno()
    if not select.select([number], [], [], timeout)[0]:
        return None
    data = os.read(number, 1)
    if not data:
        return "ctrl-d"
    if data == b"\x1b":
        while len(data) < 6 and select.select([number], [], [], _ESCAPE_TIME)[0]:
            data += os.read(number, 1)
            if data in NAMES and data != b"\x1b":
                break
    elif data[0] >= 0xC0:
        while len(data) < 4 and select.select([number], [], [], 0)[0]:
            data += os.read(number, 1)
            if _whole(data):
                break
    return NAMES.get(data) or data.decode("utf-8", "ignore")


def _whole(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
