"""olad, patched to send N universes of E1.31, if it is installed and we may have a network of our own for it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.wire.room import Room

OTHERS: Final = (
    *("artnet", "dummy", "espnet", "ftdidmx", "gpio", "karate", "kinet", "milinst"),
    *("nanoleaf", "opendmx", "openpixelcontrol", "osc", "pathport", "renard", "sandnet", "shownet"),
    *("spi", "stageprofi", "uartdmx", "usbdmx", "usbserial"),
)
"""Its plugins that have no part in this."""


@contextmanager
def olad(room: Room, universes: int) -> Iterator[int]:
    """Its process id; 0, and a word, where it cannot be had."""
    if not room.there or not all(map(shutil.which, ("olad", "ola_patch", "ola_dev_info", "runuser"))):
        print("olad is not here, or cannot have a network of its own: left out (apt-get install ola).")
        yield 0
        return
    folder = room.scratch / "olad"
    folder.mkdir()
    for name in OTHERS:
        (folder / f"ola-{name}.conf").write_text("enabled = false\n")
    (folder / "ola-e131.conf").write_text(f"enabled = true\nip = {room.address}\noutput_ports = {universes}\ninput_ports = 1\n")
    user = pwd.getpwnam("olad")
    for path in (folder, *folder.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    room.scratch.chmod(0o711)
    words = ["runuser", "-u", "olad", "--", "olad", "-c", str(folder), "--no-http", "--no-register-with-dns-sd", "-l", "1"]
    with (room.scratch / "olad.log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        device = _device()
        for n in range(universes):
            subprocess.run(["ola_patch", "-d", device, "-p", str(n), "-u", str(n + 1)], check=True, capture_output=True)
        [child] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield int(child)
    finally:
        process.terminate()
        process.wait(10)


def _device() -> str:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        said = subprocess.run(["ola_dev_info"], capture_output=True, text=True, check=False).stdout
        for line in said.splitlines():
            if line.startswith("Device") and "E1.31" in line:
                return line.split()[1].rstrip(":")
        time.sleep(0.1)
    raise SystemExit("olad does not come up")
