"""The referees on this machine: programs nobody here wrote, found on PATH and where Debian keeps its servers."""

import ctypes
import os
import shutil
import subprocess
from functools import cache

SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


@cache
def program(name: str) -> str | None:
    """Says where a program (or a library, by its `lib...so` name) is, or None."""
    if ".so" in name:
        try:
            ctypes.CDLL(name)
        except OSError:
            return None
        return name
    return shutil.which(name, path=SEARCH_PATH)


@cache
def has_network_namespaces() -> bool:
    """Asks whether this user may make a network of its own."""
    unshare = program("unshare")
    return unshare is not None and subprocess.run([unshare, "-n", "true"], capture_output=True).returncode == 0
