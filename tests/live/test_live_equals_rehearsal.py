"""A live run equals its rehearsal: cue run by cue run the same commands, in the same order, at the same offset from their cause.

What a cue run is, what its commands are counted from, and what is left out of the comparison (row ids, clock numbers, rows out)
stands in ``performed.py``. The levels from which fades set out are compared apart: a fade that begins in the middle of another
one, which another event began, sets out from where that one happens to be, and two evenings have no two operators alike.
"""

import asyncio
from pathlib import Path

import pytest

from showctl.show.instants import SECOND, Instant, seconds
from tests.live.evening import Evening, play, rehearsed, two_minutes
from tests.live.house import SHOWS
from tests.live.performed import Performance, RunKey, differences, performances

pytestmark = pytest.mark.serial
LEFT_OPEN = 2 * SECOND
"""The end of the script is not compared: answers of devices come a little later live."""


def compared(
    evening: Evening, stem: str, length: Instant | None = None
) -> tuple[dict[RunKey, Performance], dict[RunKey, Performance]]:
    """Every cue run, rehearsed and live. AssertionError with every difference."""
    show, rehearsal, records = rehearsed(Path(evening.folder), stem, length)
    assert rehearsal.length is not None
    expected, found = performances(show, records), performances(show, evening.records())
    different = list(differences(expected, found, rehearsal.length - LEFT_OPEN, evening.begun))
    assert not different, "\n" + "\n".join(different)
    return expected, found


def sources(expected: dict[RunKey, Performance], found: dict[RunKey, Performance]) -> list[int]:
    """By how much each row's first level differs."""
    pairs = [
        pair
        for key in expected
        if key in found
        for one, other in zip(expected[key].said, found[key].said, strict=False)
        if one == other
        for pair in zip(one.sources, other.sources, strict=True)
    ]
    return sorted(abs(a - b) for a, b in pairs)


def report(capsys: pytest.CaptureFixture[str], evening: Evening, expected: dict[RunKey, Performance], moved: list[int]) -> None:
    commands = sum(len(run.said) for run in expected.values())
    other = f"{sum(n > 0 for n in moved)} set out from another level, by {moved[-1] / 655.35:.2f} % at most"
    with capsys.disabled():
        print(f"\n  live = rehearsal: {len(expected)} cue runs, {commands} commands, {len(moved)} rows ({other})")  # noqa: T201
        print(f"  {evening.lateness_words()}")  # noqa: T201


def test_fifteen_seconds_of_the_small_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    length = seconds(15)
    evening = asyncio.run(play(SHOWS["small"], "evening", tmp_path, length=length))
    expected, found = compared(evening, "evening", length)
    moved = sources(expected, found)
    report(capsys, evening, expected, moved)

    assert list(found) == [("main/1", 0), ("main/2", 0), ("main/3", 0)]
    assert found["main/3", 0].offset == 8 * SECOND
    assert not any(moved)
    assert evening.ill == []


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.referee("mosquitto")
def test_two_minutes_of_the_bundled_show(capsys: pytest.CaptureFixture[str]) -> None:
    evening = two_minutes()
    expected, found = compared(evening, "two_minutes")
    moved = sources(expected, found)
    report(capsys, evening, expected, moved)

    assert len(found) > 100
    apart = [record.body["apart"] for record in evening.records() if record.kind == "skew"]
    assert len(apart) > 5
    assert max(apart) < 0.5, "and it is known how far apart the devices of each cue began"
    assert sum(n > 0 for n in moved) < len(moved) / 10
    assert evening.ill == []
