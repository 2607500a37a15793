"""The link to a language model's endpoint: TCP, or TLS where the show says so, with the key put into each request as it leaves.

The key stands in an environment variable or a file (``key: env NAME``, ``key: file PATH`` in devices.yaml), is read at each
connection, and goes nowhere but into the header of a request: no driver, journal, log or page ever has it.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path
from typing import Final

from showctl.runtime.links.tcp import CONNECT_WITHIN_S, Stream, TcpLink
from showctl.show.cues import Value
from showctl.show.devices import Device

LARGEST_KEY: Final = 4096


class KeyMissingError(OSError):
    """There is no key where the show says that it is; the text goes after "takes no connection: "."""


class ChatLink(TcpLink):
    """One endpoint. Each ``send`` is one whole request."""

    def __init__(self, device: Device, port: int) -> None:
        super().__init__(device.host, port)
        self._tls = ssl.create_default_context() if is_on(device.options.get("tls", "")) else None
        self._where = str(device.options.get("key", ""))
        self._header = b""

    async def dial(self) -> Stream:
        key = key_from(self._where)
        self._header = b"Authorization: Bearer %s\r\n" % key.encode() if key else b""
        async with asyncio.timeout(CONNECT_WITHIN_S):
            loop = asyncio.get_running_loop()
            _, stream = await loop.create_connection(lambda: Stream(self), self._host, self._port, ssl=self._tls)
        return stream

    def send(self, data: bytes) -> None:
        line, mark, rest = data.partition(b"\r\n")
        super().send(line + mark + self._header + rest)


def is_on(option: Value) -> bool:
    """Whether an option of devices.yaml says yes."""
    return str(option).lower() in ("yes", "on", "true")


def key_from(where: str) -> str:
    """The key that ``where`` names: ``env NAME``, ``file PATH``, or nothing. KeyMissingError where there is none."""
    kind, _, name = where.strip().partition(" ")
    name = name.strip()
    if not kind:
        return ""
    if kind == "env":
        key = os.environ.get(name, "").strip()
        if not key:
            raise KeyMissingError(f"its key should be in the environment variable {name}, which is not set")
    else:
        try:
            with Path(name).expanduser().open(encoding="utf-8") as file:
                key = file.read(LARGEST_KEY).strip()
        except (OSError, UnicodeDecodeError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            raise KeyMissingError(f"its key should be in {name}, which cannot be read ({why})") from None
        if not key:
            raise KeyMissingError(f"its key should be in {name}, which is empty")
    if not all("!" <= letter <= "~" for letter in key):
        raise KeyMissingError(f"what should be its key ({where}) is no single word")
    return key
