"""The page looks as it did: three sizes, two languages, full and little brightness, room and lights, compared as an eye would.

Fonts and browsers differ from machine to machine, so it is not pixels that are compared but how bright each patch of 24 pixels
is. A layout that broke, a colour that flooded or a panel that went missing is seen; another version of a font is not.
``SHOWCTL_NEW_PICTURES=1`` keeps the page as it looks now.
"""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from showctl.engine.events import DeviceHealth, Evacuate, Standby
from tests.console.stage import LittleStage, console_in_a_thread
from tests.console.test_page import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]
pytestmark = [pytest.mark.serial, pytest.mark.referee("chromium")]
KEPT = Path(__file__).parent / "pictures"
PATCH = 24
DIFFERENT = 26
"""Levels of 255: a patch that differs by more is another patch."""
MOST_DIFFERENT = 0.03
COUNTS = ("#clock", "#wall", "#notes", "#lists .mark")
"""What counts or tells the time: it is covered."""
MOMENTS: list[tuple[str, int, int, str, int]] = [
    ("standby", 1920, 1080, "en-GB", 100),
    ("standby", 1024, 768, "zh-CN", 100),
    ("standby", 390, 844, "en-GB", 100),
    ("evacuated", 1920, 1080, "zh-CN", 10),
    ("room", 1024, 768, "en-GB", 100),
    ("light", 390, 844, "zh-CN", 100),
]
VIEWS = {"room": "#plan polygon", "light": "[data-fixture]"}
"""Moments that are another view at rest, and what is there once it is."""


@pytest.mark.parametrize(("moment", "width", "height", "locale", "brightness"), MOMENTS)
def test_the_page_looks_as_it_did(browser: "Browser", moment: str, width: int, height: int, locale: str, brightness: int) -> None:
    stage = LittleStage()
    with console_in_a_thread(stage) as console:
        page = browser.new_page(viewport={"width": width, "height": height}, locale=locale, service_workers="block")
        page.goto(console.url)
        page.wait_for_selector("body:not(.lost) .cue.standby")
        stage.happen(Standby("main", "2"))
        page.wait_for_selector(".cue.standby[data-cue='2']")
        if moment == "evacuated":
            stage.happen(DeviceHealth("sound", "lost", "Sound player has not answered for 9 s."))
            stage.happen(Evacuate())
            page.wait_for_selector("#latch-name")
        else:
            page.wait_for_selector("#go-does li", state="attached")  # what GO does has been asked, and answered
            if moment in VIEWS:
                page.click(f".views [data-view={moment}]")
                page.wait_for_selector(VIEWS[moment])
        if width > 700:
            page.fill("#brightness", str(brightness))
            page.locator("#brightness").blur()
        seen = taken(page)
        page.close()
    kept = KEPT / f"{moment}-{width}-{locale[:2]}-{brightness}.png"
    if os.environ.get("SHOWCTL_NEW_PICTURES"):
        KEPT.mkdir(exist_ok=True)
        seen.quantize(64).save(kept, optimize=True)
    from PIL import Image

    difference = np.abs(patches(seen) - patches(Image.open(kept).convert("RGB")))
    share = float((difference.max(axis=-1) > DIFFERENT * (0.35 if brightness < 50 else 1)).mean())
    assert share <= MOST_DIFFERENT, f"{share:.0%} of the page looks different from {kept.name}"


def taken(page: "Page") -> Any:
    """The page as it looks, without what counts."""
    from PIL import Image

    page.wait_for_timeout(400)  # the list glides, and a forecast comes
    return Image.open(io.BytesIO(page.screenshot(mask=[page.locator(name) for name in COUNTS], mask_color="#161412"))).convert(
        "RGB"
    )


def patches(picture: Any) -> NDArray[np.int32]:
    """How bright each patch is, by colour."""
    size = (picture.width // PATCH, picture.height // PATCH)
    return np.asarray(picture.resize(size, 4), np.int32)  # 4: the mean of each patch
