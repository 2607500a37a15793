"""What an hour of the show leaves in a page: as many updates, notes and lights as an hour brings, in less of one.

The bundled show runs on its simulated venue with thirty guests; its main list goes on, and GO is pressed on a list of ours so
often that the page is told as fast as it ever is (50 times a second, not ten). The page goes through its views meanwhile. What
it holds once its garbage is gone is printed each minute. ``--minutes N`` ends it at the latest; run it niced beside other work.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from websockets.exceptions import WebSocketException
from websockets.sync.client import unix_connect

from bench.go import bundled_show_on, go_on
from bench.pages import chromium, heap
from showctl.cli.house import House
from showctl.cli.running import running_shows

UPDATES = 36_000
"""What a page hears in an hour, ten times a second."""
PAGE = 150.0
"""What is promised: megabytes."""
EVERY = 0.021
"""Seconds between two GOs: a round of updates each."""
VIEWS = ("show", "room", "light", "log", "show", "ladder", "edit", "desk")
COUNT = """
window.heard = {update: 0, lights: 0, notes: 0, bytes: 0};
const Counted = window.WebSocket;
window.WebSocket = class extends Counted {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (said) => {
      window.heard.bytes += said.data.length;
      if (said.data.startsWith('{"type":"update"')) {
        window.heard.update += 1;
        window.heard.notes += JSON.parse(said.data).notes.length;
      } else if (said.data.startsWith('{"type":"lights"')) window.heard.lights += 1;
    });
  }
};
"""


def press(house: House, ended: threading.Event) -> None:
    """GO on a list of ours, one after the other, at the engine itself."""
    engine = next(running.socket for running in running_shows() if running.url == house.url)
    body = json.dumps({"id": 1, "request": "Go", "list": "bench", "origin": {"surface": "script"}})
    with (
        contextlib.suppress(OSError, EOFError, WebSocketException),
        unix_connect(engine, "ws://localhost/ws", max_size=None) as there,
    ):
        threading.Thread(target=_drain, args=(there,), daemon=True).start()
        while not ended.wait(EVERY):
            there.send(body)


def _drain(there: Any) -> None:
    with contextlib.suppress(OSError, EOFError, WebSocketException):
        for _ in there:
            pass


def live(page: Any, minutes: float) -> list[float]:
    """The page goes through its views until it has heard what an hour brings; megabytes, minute by minute."""
    began = time.monotonic()
    held, said = [heap(page)], began
    for turn in range(1_000_000):
        if time.monotonic() - began > minutes * 60 or page.evaluate("window.heard.update") >= UPDATES:
            break
        page.evaluate("(name) => document.querySelector(`.views [data-view=${name}]`).click()", VIEWS[turn % len(VIEWS)])
        page.wait_for_timeout(5000)
        if time.monotonic() - said > 60:
            said = time.monotonic()
            held.append(heap(page))
            print(
                f"{(said - began) / 60:5.1f} min  {held[-1]:6.1f} MB  {page.evaluate('JSON.stringify(window.heard)')}", flush=True
            )
    return [*held, heap(page)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="by then it ends, whatever was heard")
    given = parser.parse_args()
    began = time.monotonic()
    with bundled_show_on() as (house, _, _, _), chromium(house, COUNT) as page:
        ended = threading.Event()
        for does in (go_on, press):
            threading.Thread(target=does, args=(house, ended), daemon=True).start()
        try:
            held = live(page, given.minutes)
            heard = page.evaluate("window.heard")
        finally:
            ended.set()
    hours = heard["update"] / UPDATES
    took = (time.monotonic() - began) / 60
    print(f"the page     {held[0]:.1f} MB at first, {max(held):.1f} at most, {held[-1]:.1f} in the end, in {took:.0f} minutes")
    print(
        f"it heard     {heard['update']} updates ({hours:.2f} of an hour's), {heard['notes']} notes, {heard['lights']} of lights"
    )
    kept = {"the page below 150 MB": max(held) < PAGE, "an hour of updates": hours >= 1}
    broken = [words for words, holds in kept.items() if not holds]
    print(f"Not as promised: {', '.join(broken)}." if broken else f"As promised: {', '.join(kept)}.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
