"""What a page in Chromium measures of itself (``bench/console.py``): from a key to what it started, scrolling, memory.

With ``Trace`` the way of a GO in pieces: from the key to the page's own word (Chromium's and the page's share), from there to the
answer; and in turn with it what a program measures that asks the page's server, and one that asks the engine itself.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect, unix_connect

from bench import first
from showctl.cli.house import House
from showctl.cli.running import running_shows

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--enable-precise-memory-info"]
APART = 350
"""Milliseconds from an answer to the next key: the quickest hands. Sooner, the list would still glide from the last one."""
WATCH = """
window.taken = [];
const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...given) {
    super(...given);
    this.addEventListener("message", (said) => {
      if (!window.pressed || !said.data.startsWith('{"type":"answer"')) return;
      if (!JSON.parse(said.data).answer?.started) return;
      window.taken.push([performance.now() - window.pressed, window.sent - window.pressed]);
      window.pressed = 0;
      window.told?.();
    });
  }
  send(data) {
    if (data.includes('"Go"')) window.sent = performance.now();
    super.send(data);
  }
};
window.addEventListener("keydown", (press) => { window.pressed = press.timeStamp; }, true);
"""
ANSWERED = """
(known) => window.taken.length > known || new Promise((told) => { window.told = told; setTimeout(told, 2000); }).then(() => true)
"""
SCROLL = """
async () => {
  const list = [...document.querySelectorAll("*")].filter((one) => one.scrollHeight > one.clientHeight + 5000)
    .sort((a, b) => b.scrollHeight - a.scrollHeight)[0];
  if (!list) return [];
  const gaps = [];
  let last = 0;
  return new Promise((done) => {
    const end = performance.now() + 6000;
    const step = (now) => {
      if (last) gaps.push(now - last);
      last = now;
      list.scrollTop += 97;
      if (list.scrollTop + list.clientHeight >= list.scrollHeight - 10) list.scrollTop = 0;
      now < end ? requestAnimationFrame(step) : done(gaps);
    };
    requestAnimationFrame(step);
  });
}
"""


@contextlib.contextmanager
def chromium(house: House, script: str = WATCH) -> Iterator[Any]:
    """A page of the console that is connected; ``script`` runs before its own."""
    from playwright.sync_api import sync_playwright

    program = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
    if program is None:
        raise SystemExit("there is no chromium: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(script)
        page.goto(house.url)
        page.wait_for_selector("body:not(.lost) .standby", timeout=30_000)
        yield page
        browser.close()


def page_figures(
    house: House, goes: int, minutes: float, mover: list[str], trace: bool, before_all: bool = False
) -> dict[str, Any]:
    """What the page itself measures; ``mover`` is a program that moves the standby meanwhile."""
    with chromium(house) as page, Trace(house) if trace else contextlib.nullcontext() as others:
        if before_all:
            first.sessions()
        for n in range(goes + 5):
            if n == 5:
                page.evaluate("window.taken.length = 0")
                if others is not None:
                    others.forget()
            before = page.evaluate("window.taken.length")
            page.keyboard.press("Space")
            page.evaluate(ANSWERED, before)
            page.wait_for_timeout(APART)
            if others is not None:
                others.press()
        taken = page.evaluate("window.taken")
        before = heap(page)
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            page.keyboard.press("Space")
            page.wait_for_timeout(50)
        after = heap(page)
        process = subprocess.Popen(mover)
        gaps = page.evaluate(SCROLL)
        process.kill()
        process.wait()
        if others is not None:
            others.tell(taken)
    return {"taken": sorted(whole for whole, _ in taken), "gaps": sorted(gaps), "before": before, "after": after}


def heap(page: Any) -> float:
    """Megabytes that the page holds once its garbage is gone."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.detach()
    return float(page.evaluate("performance.memory.usedJSHeapSize")) / 1e6


# --- the way in pieces ---------------------------------------------------------------------------------------------------------


class Trace:
    """Programs that press GO in turn with the page: at the page's server, and at the engine."""

    def __init__(self, house: House) -> None:
        engine = next(running.socket for running in running_shows() if running.url == house.url)
        self._ways: dict[str, Callable[[], ClientConnection]] = {
            "server": lambda: connect(house.url.replace("http", "ws") + "/ws", max_size=None, proxy=None, compression=None),
            "engine": lambda: unix_connect(engine, "ws://localhost/ws", max_size=None, compression=None),
        }
        self.taken: dict[str, list[float]] = {}

    def __enter__(self) -> Trace:
        self._open = contextlib.ExitStack()
        self._there = {name: self._open.enter_context(way()) for name, way in self._ways.items()}
        self.forget()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def forget(self) -> None:
        self.taken = {name: [] for name in self._ways}

    def press(self) -> None:
        """One GO each."""
        for name, there in self._there.items():
            with contextlib.suppress(TimeoutError):
                while True:
                    there.recv(timeout=0)
            body = {"id": 1, "request": "Go", "list": "main", "origin": {"surface": "script"}}
            began = time.perf_counter()
            there.send(json.dumps(body))
            while not str(there.recv(timeout=5)).startswith('{"type":"answer"'):
                pass
            self.taken[name].append((time.perf_counter() - began) * 1000)
            time.sleep(0.04)

    def tell(self, taken: list[list[float]]) -> None:
        """Prints each piece; a piece that is inside another says so by standing below it."""
        whole, first = ([each[n] for each in taken] for n in (0, 1))
        lines = {
            "key to cue": whole,
            "  key to the page's word": first,
            "  the page's word to its answer": [a - b for a, b in taken],
            "    a program at the same server": self.taken["server"],
            "      a program at the engine": self.taken["engine"],
        }
        for name, values in lines.items():
            at = sorted(values)
            p99 = at[min(int(len(at) * 0.99), len(at) - 1)]
            print(f"{name:38} p50 {statistics.median(at):6.2f}  p90 {at[int(len(at) * 0.9)]:6.2f}  p99 {p99:6.2f} ms")


MOVER = [sys.executable, str(Path(__file__).with_name("console.py")), "--mover"]
