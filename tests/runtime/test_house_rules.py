"""The house rules, measured in the room by a rehearsal: what comes of cues together that each alone would be allowed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from showctl.runtime.rehearsal import Verdict, rehearse
from showctl.runtime.variants import variant_named
from showctl.showfile import load

SMALL = Path(__file__).parents[1] / "shows" / "small"
BY_ONE = """\
list: main
cues:
  - 1: Up
    light: {pars: full 3200K}
  - 2: Four lamps, each twice a second, one after the other
    light: {par_1: 0, par_2: 0, par_3: 0, par_4: 0}
    timeline: [HITS]
  - 3: Out
    light: {pars: out}
  - 4: Rest
    light: {pars: 20 ember}
"""


def a_show(folder: Path, rules: str, rehearsal: str, cues: str = BY_ONE) -> Path:
    show = folder / "show"
    shutil.copytree(SMALL, show)
    hits = [
        f"{{at: {n * 0.125 + off:.3f}s, light: {{par_{n % 4 + 1}: {level}}}, time: 0}}"
        for n in range(16)
        for off, level in ((0.0, "full"), (0.05, "out"))
    ]
    (show / "lists" / "main.yaml").write_text(cues.replace("HITS", ", ".join(hits)))
    (show / "house_rules.yaml").write_text(rules)
    with (show / "show.yaml").open("a") as file:
        file.write("house_rules: house_rules.yaml\n")
    (show / "rehearsals" / "evening.yaml").write_text(rehearsal)
    assert [str(problem) for problem in load(show).errors] == []
    return show


def said(verdicts: list[Verdict]) -> list[tuple[str, int, float, str]]:
    return [(f.file, f.line, f.moment, f.message) for verdict in verdicts for f in verdict.failures]


EVENING = "rehearsal: R\nlength: 12s\ndo:\n  - {at: 0s, go: main/1}\n  - {at: 2s, go: main/2}\n"


def test_flashes_that_no_lamp_makes_alone_are_counted_where_guests_stand(tmp_path: Path) -> None:
    show = a_show(tmp_path, "floors: {}\nflashes_per_second: 3\n", EVENING)

    [(file, line, moment, message)] = said(rehearse(show))

    assert (file, line, message) == (
        "house_rules.yaml", 2, "house rule: room flashed 4 times within a second, and 3 are allowed"
    )  # fmt: skip
    assert 2.4 <= moment <= 3.1


def test_flashes_that_are_allowed_are_none_to_speak_of(tmp_path: Path) -> None:
    assert said(rehearse(a_show(tmp_path, "flashes_per_second: 9\n", EVENING))) == []


def test_the_verdict_is_the_same_with_every_frame(tmp_path: Path) -> None:
    show = a_show(tmp_path, "flashes_per_second: 3\n", EVENING)
    assert [f[3] for f in said(rehearse(show, every_frame=True))] == [f[3] for f in said(rehearse(show))] != []


def test_a_room_may_be_dark_for_so_long_and_no_longer(tmp_path: Path) -> None:
    presses = ((1, 1), (5, 3), (9, 1), (11, 3))
    rehearsal = "rehearsal: R\nlength: 20s\ndo:\n" + "".join(f"  - {{at: {at}s, go: main/{cue}}}\n" for at, cue in presses)
    show = a_show(tmp_path, "longest_dark: 5s\ndark: 2lx\n", rehearsal)

    [(_, line, moment, message)] = said(rehearse(show))

    assert line == 2
    assert message.startswith("house rule: room has been dark for ")
    assert message.endswith("s, and 5 s are the most")
    assert 16 < moment <= 17.1, "from 11 s on; the four seconds before were allowed"


def test_it_is_never_darker_than_its_floors(tmp_path: Path) -> None:
    rehearsal = "rehearsal: R\nlength: 8s\ndo: [{at: 1s, go: main/2}]\n"
    rehearsal += "expect:\n  - {end: yes, that: head_1.intensity == 10, tolerance: 0.5}\n"
    cues = "list: main\ncues:\n  - 2: Nothing\n    master: {grand: out, blackout: full}\n"
    assert said(rehearse(a_show(tmp_path, "floors: {head_1: 10}\n", rehearsal, cues))) == []


def test_what_all_voices_make_together_may_be_too_loud(tmp_path: Path) -> None:
    cues = (
        "list: main\ncues:\n  - 1: One\n    sound: rumble at 0dB on main_pa as one\n"
        "  - 2: Two\n    sound: rumble at 0dB on main_pa as two\n"
    )
    rehearsal = "rehearsal: R\nlength: 12s\ndo: [{at: 1s, go: main}, {at: 5.5s, go: main}]\n"
    show = a_show(tmp_path, "loudest_in: {room: 87dB}\n", rehearsal, cues)

    [(_, _, moment, message)] = said(rehearse(show))

    assert message == "house rule: it is 89.0 dB(A) in room, and 87 are allowed"
    assert 5.5 < moment <= 10


VARIANTS = """\
flashes_per_second: 3
variants:
  gentle: {label: Gentle, start: main/4, masters: {grand: 50}, flashes_per_second: 0}
"""


def test_a_variant_begins_by_its_cues_and_masters_and_is_held_to_its_rules(tmp_path: Path) -> None:
    rehearsal = (
        "rehearsal: R\nlength: 6s\ndo: [{at: 2s, go: main/1}]\nexpect:\n  - {at: 1s, that: par_1.intensity < 1}\nrepeat: 2\n"
    )
    show = a_show(tmp_path, VARIANTS, rehearsal)

    usual, gentle = rehearse(show), rehearse(show, variant="gentle")

    assert said(usual) == []
    assert [message for *_, message in said(gentle)] == [
        "par_1.intensity < 1 was expected; par_1.intensity was 9; in all 2 shows",
    ]
    assert "start (variant)" in gentle[0].transcript or "gentle" in gentle[0].transcript


def test_a_variant_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    show = load(a_show(tmp_path, VARIANTS, EVENING)).show
    assert show is not None
    with pytest.raises(ValueError, match="the show has no variant loud; there is gentle"):
        variant_named(show, "loud")
