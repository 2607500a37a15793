"""Makes docs/pictures/console.png: the console during a real run of the demo, as a browser shows it.

``make picture`` runs it. It starts ``showctl demo --autopilot`` on free ports, waits until a scene is under way with several cues
running, and photographs the page. Needs playwright (dev extra), chromium, and a font with Chinese (Debian: fonts-noto-cjk).
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]


def main() -> None:
    """Runs the demo, takes the picture, ends the demo."""
    sys.path.insert(0, str(ROOT))
    from showctl.cli.house import free_port

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path, nargs="?", default=ROOT / "docs" / "pictures" / "console.png")
    parser.add_argument("--after", type=float, default=75.0, help="seconds of the show before the picture is taken")
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--locale", default="en-GB")
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("make picture needs chromium (Debian: apt-get install chromium fonts-noto-cjk)")
    port = free_port()
    demo = [sys.executable, "-m", "showctl.cli", "demo", "--autopilot", "--port", str(port)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(demo, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)
        try:
            wait_for(f"http://127.0.0.1:{port}/api/status", process)
            time.sleep(given.after)
            photograph(f"http://127.0.0.1:{port}", chromium, given.target, given.size, given.locale)
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


def photograph(url: str, chromium: str, target: Path, size: str, locale: str) -> None:
    """The page, once it is connected."""
    from playwright.sync_api import sync_playwright

    width, _, height = size.partition("x")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": int(width), "height": int(height)}, locale=locale)
        page.goto(url)
        page.wait_for_selector("body:not(.lost) .cue")
        page.wait_for_timeout(1000)
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main()
