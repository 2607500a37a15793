"""What lines of a rehearsal can say, and what is said of each when it does not hold: the small show, judged."""

from __future__ import annotations

import shutil
from pathlib import Path

from showctl.runtime.rehearsal import Verdict, rehearse
from showctl.showfile import load

SMALL = Path(__file__).parents[1] / "shows" / "small"
EVENING = """\
rehearsal: R
length: 20s
do:
  - {at: 0s, go: main}
  - {at: 5s, go: main}
  - {of: main/3, after: 4s, go: main}
"""


def judged(folder: Path, lines: str, begin: str = EVENING) -> Verdict:
    """The small show's evening with these lines: GO at 0 s and 5 s, cue 3 chains at 13 s, cue 4 at 17 s."""
    copy = folder / "show"
    if not copy.exists():
        shutil.copytree(SMALL, copy)
    (copy / "rehearsals" / "r.yaml").write_text(begin + lines)
    said = [str(problem) for problem in load(copy).problems]
    assert said == []
    [verdict] = rehearse(copy, ["r"])
    return verdict


def expect(line: str, more: str = "") -> str:
    return f"expect:\n  - {line}\n{more}"


def messages(verdict: Verdict) -> list[tuple[float, str]]:
    return [(failure.moment, failure.message) for failure in verdict.failures]


HOLD = [
    '{while: main.cue == "2", after: 4.1s, that: heads.intensity >= 99}',
    '{while: sound.state == "playing" and not sound.muted, that: sound.clip != ""}',
    '{times: 1, that: sound.clip == "bell"}',
    "{times: 1 to 4, that: main.runs >= 1}",
    "{times: at most 1, that: console.latched}",
    '{order: [main.cue == "1", sound.clip == "rumble", sound.clip == "bell", main.cue == "3"]}',
    '{order: [main.cue == "2", heads.intensity >= 99], within: 5s, of: main/2}',
    "{at: 4s, that: par_1.intensity == 19, tolerance: 1.5}",
    '{at: 3s, zone: room, light: 2 to 4 lx, sound: "< 31 dB", guests: 0, haze: 0 %}',
    '{within: 4s, of: main/2, zone: room, sound: "> 75 dB"}',
    """{at: 1s, that: '"bell" not in sound.clip and "est" in "Rest"'}""",
    '{at: 2s, that: console.grand == 100 and console.blackout == 0 and console.refused == ""}',
    '{for: {lamp: [par_1, par_2, heads], at: [12s]}, at: "{at}", that: "{lamp}.intensity > 60"}',
]


def test_lines_that_hold_hold(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "expect:\n" + "".join(f"  - {line}\n" for line in HOLD))

    assert messages(verdict) == []
    assert len(verdict.lines) == len(HOLD) + 2
    assert all(item.held and item.moment is not None for item in verdict.lines)


FAIL = [
    (
        '{while: main.cue == "2", that: heads.intensity >= 99}',
        5.0,
        'heads.intensity >= 99 was expected while main.cue == "2"; heads.intensity was 0',
    ),
    (
        '{while: main.cue == "9", that: show.done}',
        20.0,
        'main.cue == "9" never came true, so that show.done was not judged',
    ),
    ('{times: 2, that: sound.clip == "bell"}', 20.0, 'sound.clip == "bell" was expected twice; it came true once'),
    ('{times: 0, that: sound.clip == "bell"}', 12.98, 'sound.clip == "bell" was expected never; it came true once'),
    (
        '{order: [main.cue == "3", main.cue == "2"]}',
        5.0,
        'this order was expected, and main.cue == "2" came before main.cue == "3"; main.cue == "2" at 0:05.0',
    ),
    (
        '{order: [main.cue == "2", show.done], within: 3s, of: main/2}',
        8.0,
        'this order was expected of main/2, and show.done did not come true within 3.0 s; main.cue == "2" at 0:05.0',
    ),
    (
        "{at: 4s, that: par_1.intensity == 30, tolerance: 5}",
        4.0,
        "par_1.intensity == 30 was expected (give or take 5); par_1.intensity was 18.4",
    ),
    ("{at: 3s, zone: room, light: < 1 lx}", 3.0, "room.light < 1 was expected; room.light was 3"),
    (
        "{within: 1s, at: 2s, that: par_1.intensity >= 30}",
        3.0,
        "par_1.intensity >= 30 was expected within 1.0 s; par_1.intensity was 18.4",
    ),
    (
        "{within: 14s, at: 5s, that: par_2.intensity >= 80}",
        19.0,
        "par_2.intensity >= 80 was expected within 14.0 s; par_2.intensity was 21.6; nearest at 0:09.0: par_2.intensity was 64.7",
    ),
]


def test_lines_that_fail_say_when_and_what_was_seen_and_when_they_came_nearest(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "expect:\n" + "".join(f"  - {line}\n" for line, _, _ in FAIL))

    first = EVENING.count("\n") + 2
    said = {failure.line - first: (failure.moment, failure.message) for failure in verdict.failures}
    assert [said.get(n) for n in range(len(FAIL))] == [(moment, message) for _, moment, message in FAIL]
    assert [item.held for item in verdict.lines] == [False] * len(FAIL)


def test_a_line_that_held_tells_its_tightest_moment(tmp_path: Path) -> None:
    verdict = judged(tmp_path, expect("{from: 9.5s, to: 12s, that: par_1.intensity >= 60}", "never: [heads.intensity > 101]\n"))

    during, never = verdict.lines
    assert (during.held, during.moment, during.nearest_at) == (True, 12.0, 9.5)
    assert during.nearest == "par_1.intensity was 64.7"
    assert (never.held, never.said, never.nearest) == (True, "never heads.intensity > 101", "heads.intensity was 100")


def test_a_line_that_fails_in_forty_shows_is_said_once(tmp_path: Path) -> None:
    lines = expect("{at: 1s, that: show.done}", "never: ['console.grand > 99']\nrepeat: 40\n")
    verdict = judged(tmp_path, lines, "rehearsal: R\nlength: 2s\ndo: [{at: 0s, go: main}]\n")

    assert messages(verdict) == [
        (0.0, "never: console.grand > 99 came true; console.grand was 100; in all 40 shows"),
        (1.0, "show.done was expected; show.done was false; in all 40 shows"),
    ]
    assert [(item.judged, item.failed) for item in verdict.lines] == [(40, 40), (40, 40)]


def test_what_fails_in_some_shows_says_in_which_first(tmp_path: Path) -> None:
    begin = "rehearsal: R\nlength: 3s\ndo: [{at: 1s, set: sound busy for 6s}, {at: 2s, go: main/3}]\n"
    verdict = judged(tmp_path, expect('{at: 2.5s, that: sound.clip == "bell"}', "repeat: 2\n"), begin)
    assert messages(verdict) == [(2.5, 'sound.clip == "bell" was expected; sound.clip was ""; in all 2 shows')]


def test_one_file_is_several_rehearsals_and_shares_its_parts(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "show")
    folder = tmp_path / "show" / "rehearsals"
    (folder / "rising.yaml").write_text(
        "part: rising\ntakes: [lamp, level]\ndo: [{at: 0s, go: main/2}]\n"
        'expect:\n  - {at: 6.5s, that: "{lamp}.intensity >= {level}"}\n  - {of: main/3, after: 1s, that: sound.clip == "bell"}\n'
    )
    (folder / "each.yaml").write_text(
        "rehearsal: Every lamp\neach: {lamp: [par_1, head_1], level: [60, 101]}\nlength: 18s\n"
        'parts:\n  - {use: rising, at: 2s, with: {lamp: "{lamp}", level: "{level}"}}\n'
    )

    verdicts = rehearse(tmp_path / "show", ["each_par_1_60", "each_par_1_101", "each_head_1_60", "each_head_1_101"])

    assert [(verdict.name, verdict.passed) for verdict in verdicts] == [
        ("Every lamp (par_1, 60)", True),
        ("Every lamp (par_1, 101)", False),
        ("Every lamp (head_1, 60)", True),
        ("Every lamp (head_1, 101)", False),
    ]
    assert [(f.file, f.line, f.moment) for f in verdicts[1].failures] == [("rehearsals/rising.yaml", 5, 8.5)]


def test_a_part_may_count_from_a_cue(tmp_path: Path) -> None:
    shutil.copytree(SMALL, tmp_path / "show")
    folder = tmp_path / "show" / "rehearsals"
    (folder / "dark.yaml").write_text(
        "part: goes_dark\nexpect:\n  - {at: 3s, that: pars.intensity == 0}\n  - {within: 2s, that: show.done}\n"
    )
    (folder / "r.yaml").write_text(EVENING + "parts: [{use: goes_dark, of: main/4, after: 0.5s}]\n")

    [verdict] = rehearse(tmp_path / "show", ["r"])

    assert verdict.failures[0].message.startswith("pars.intensity == 0 was expected, and the rehearsal ended first")
    assert [item.held for item in verdict.lines] == [False, True]
