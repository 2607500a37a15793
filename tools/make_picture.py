"""Makes the pictures of README and docs: the console during real runs of the demo, as a browser shows it.

``make picture`` runs it; ``ARGS=console`` or ``ARGS=night`` makes only those. It starts ``showctl demo`` on free ports: once with
its autopilot (a scene under way, several cues running), once with hands on the page (``tools/night_pictures.py``: the ten tasks
of docs/operators/night.md). Needs playwright and pillow (dev extra), chromium, and a font with Chinese (Debian: fonts-noto-cjk).
"""

import argparse
import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
BOOTH, TABLET, PHONE = (1600, 1000), (1024, 768), (390, 844)
COLORS = 128
"""Of a picture: the page has few, and the files stay small."""


def main() -> None:
    """Runs the demo, takes the pictures, ends the demo."""
    sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
    from night_pictures import night  # type: ignore[import-not-found,unused-ignore]  # beside this file
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="?", choices=("all", "console", "night"), default="all")
    parser.add_argument("--after", type=float, default=215.0, help="seconds of the show before the console is photographed")
    parser.add_argument("--into", type=Path, default=PICTURES)
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("make picture needs chromium (Debian: apt-get install chromium fonts-noto-cjk)")
    given.into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        if given.which != "night":
            with demo("--autopilot") as (url, _):
                time.sleep(given.after)
                console(browser, url, given.into)
        if given.which != "console":
            with demo() as (url, venue):
                page = opened(browser, url, BOOTH)
                for name, picture in night(page, lambda: opened(browser, url, TABLET, "zh-CN"), venue):
                    save(picture, given.into / f"night-{name}.png")
        browser.close()


def console(browser: "Browser", url: str, into: Path) -> None:
    """The console in the booth, on a tablet in Chinese, on a phone; the room and the light of the same moment."""
    for name, size, locale, view in (
        ("console", BOOTH, "en-GB", "show"),
        ("console-room", BOOTH, "en-GB", "room"),
        ("console-light", BOOTH, "en-GB", "light"),
        ("console-tablet", TABLET, "zh-CN", "show"),
        ("console-phone", PHONE, "en-GB", "show"),
    ):
        page = opened(browser, url, size, locale)
        page.click(f".views [data-view={view}]")
        page.wait_for_timeout(2500)
        save(page.screenshot(), into / f"{name}.png")
        page.close()


@contextlib.contextmanager
def demo(*options: str) -> Iterator[tuple[str, str]]:
    """A demo that runs: the address of its console, and that of its venue."""
    from showctl.cli.house import free_port

    port, venue = free_port(), free_port()
    words = [sys.executable, "-m", "showctl.cli", "demo", *options, "--port", str(port), "--venue-port", str(venue)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(words, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)
        try:
            wait_for(f"http://127.0.0.1:{port}/api/status", process)
            yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{venue}"
        finally:
            process.terminate()
            process.wait(40)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Waits until the demo answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit("the demo does not come up: try `showctl demo` by hand")


def opened(browser: "Browser", url: str, size: tuple[int, int], locale: str = "en-GB") -> "Page":
    """The page, once it is connected."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, locale=locale, service_workers="block")
    page.goto(url)
    page.wait_for_selector("body:not(.lost) .cue")
    page.wait_for_timeout(1000)
    return page


def save(picture: bytes, target: Path) -> None:
    """Keeps a picture, with as many colours as it needs."""
    from PIL import Image

    Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLORS, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main()
