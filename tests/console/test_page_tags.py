"""What people have put on the show by hand is on the page, in both languages, and takes no hand from the operator."""

from typing import TYPE_CHECKING

import pytest

from showctl.engine.events import ChannelCheck, Event, Maintain, Origin, OutOfService, Park, Unpark
from tests.console.stage import LittleStage
from tests.console.test_page import browser, play

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]
pytestmark = [pytest.mark.serial, pytest.mark.referee("chromium")]
MEI = Origin("cli", "Mei")
BY_HAND: tuple[Event, ...] = (
    Maintain(True, "on the gantry", origin=MEI),
    OutOfService("par_2", "lamp blown", "2026-01-02", "par_4", origin=MEI),
    ChannelCheck("pars at 50", origin=MEI),
    Park("par_1 at 20", origin=MEI),
    Park("head_1.pan", "belt slips", origin=MEI),
)


def test_locks_and_overdue_lights_come_first_and_panic_stays_in_reach(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        for event in BY_HAND:
            stage.happen(event)
        page.wait_for_selector("#tags li:nth-child(5)")
        assert page.locator("#tags li").all_inner_texts() == [
            "┄ Maintenance: Mei, on the gantry. Nothing starts by itself.",
            "┄ par_2 is out of service until 2026-01-02, par_4 stands in (Mei: lamp blown), overdue",
            "· Mei checks 1 of 4: par_1 (1, par_rgbw at sacn/1.1, room) at 50 %",
            "· par_1 is parked: intensity 20 % (Mei)",
            "· and 1 more by hand",
        ]
        box = page.locator("#panic").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 768, "nothing pushes panic off a tablet"

        stage.happen(Unpark("head_1"))
        page.wait_for_selector("#tags li:nth-child(5)", state="detached")

    play(browser, script, 1024, 768)


def test_in_chinese_they_are_written_by_meaning(browser: "Browser") -> None:
    def script(page: "Page", stage: LittleStage) -> None:
        for event in BY_HAND[:4]:
            stage.happen(event)
        page.wait_for_selector("#tags li:nth-child(4)")
        assert page.locator("#tags li").all_inner_texts() == [
            "┄ 维护中：Mei，on the gantry。不会自动开始。",
            "┄ par_2 停用至 2026-01-02，由 par_4 代替（Mei：lamp blown），已逾期",
            "· Mei 正在逐灯检查：par_1（1/4）",
            "· par_1 已锁定（Mei）",
        ]

    play(browser, script, 390, 844, "zh-CN")
