"""What an audience would see change: one sentence for each change of a show, and none for what nobody sees."""

import json
from pathlib import Path
from typing import Any

import pytest

from showctl.library.diff import ShowDifference, difference
from showctl.show.show import Show
from showctl.showfile import load
from tests.cli.shows import SMALL, copy_of_small

Replaced = tuple[str, str, str]
MAIN = "lists/main.yaml"


def shown(folder: Path) -> Show:
    found = load(folder)
    assert found.show is not None, found.problems
    return found.show


def changed(tmp_path: Path, *changes: Replaced) -> ShowDifference:
    return difference(shown(SMALL), shown(copy_of_small(tmp_path / "show", *changes)))


def test_a_show_is_the_same_as_itself() -> None:
    assert changed_nothing(difference(shown(SMALL), shown(SMALL)))


def changed_nothing(found: ShowDifference) -> bool:
    return found.same and found.lines() == [] and found.to_json() == {"same": True, "changes": []}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((MAIN, "  - 2: Rise\n", "  # a comment\n  - 2: Rise\n"), id="a comment"),
        pytest.param((MAIN, "notes: The furnace wakes.", "notes: Careful."), id="notes"),
        pytest.param((MAIN, "pars: 70 ember", "par_1 thru 4: 70% hex ff5a14"), id="other words for the same light"),
        pytest.param((MAIN, "time: 4s / 6s", "time: {up: 4000ms, down: 0:06}"), id="other words for the same time"),
        pytest.param(("groups.yaml", "pars_odd: pars odd", "pars_odd: [par_1, par_3]"), id="a group written out"),
        pytest.param((MAIN, "{pars: 70 ember, heads: full red}", "{heads: full red, pars: 70 ember}"), id="the order of lights"),
        pytest.param((MAIN, "time: 4s / 6s", "time: 4s / 9s"), id="how long nothing takes to fall"),
    ],
)
def test_what_nobody_sees_is_no_difference(tmp_path: Path, change: Replaced) -> None:
    assert changed_nothing(changed(tmp_path, change))


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        pytest.param(
            (MAIN, "pars: 70 ember", "pars: 60 ember"),
            ["list main", "  2 Rise", "    pars: 70 % -> 60 % (through 3)"],
            id="a level is told where it begins",
        ),
        pytest.param(
            (MAIN, "heads: full red", "heads: full red zoom 20"),
            ["list main", "  2 Rise", "    heads zoom: not held -> 20 % (through 4)"],
            id="and how far it tracks",
        ),
        pytest.param(
            (MAIN, "heads: out focus centre", "head_1: 5 focus centre, head_2: out pan 10deg tilt 45deg"),
            ["list main", "  1 Rest", "    head_1: 0 % -> 5 %", "    head_2 pan: -30 deg -> 10 deg (through 4)"],
            id="one light of a group, in degrees",
        ),
        pytest.param(
            (MAIN, "heads: full red", "heads: full blue"),
            ["list main", "  2 Rise", "    heads color: hex ff0000 -> hex 0000ff (through 4)"],
            id="a colour whole",
        ),
        pytest.param(
            ("palettes.yaml", "ember: hex ff5a14", "ember: hex 00ff00"),
            ["list main", "  1 Rest", "    pars color: hex eb4600 white 7.8 % -> hex 00ff00 (through 4)"],
            id="a palette, in every cue that refers to it",
        ),
        pytest.param(
            (MAIN, "time: 4s / 6s", "time: 5s / 6s"),
            ["list main", "  2 Rise", "    pars, heads (intensity) time: 4 s -> 5 s", "    heads (color) time: 4 s -> 5 s"],
            id="a time",
        ),
        pytest.param(
            (MAIN, "next: 8s after start", "next: 10s after start"),
            ["list main", "  3 begins 2 s later: 3 8 s after 2 -> 10 s after 2",
             "  2 Rise", "    next: 8 s after start -> 10 s after start"],
            id="a chain, in resolved time",
        ),
        pytest.param(
            (MAIN, "rumble at -6dB", "rumble at -9dB"),
            ["list main", "  2 Rise", "    sound play rumble: play rumble, output main_pa, level -6, fade 2, loop"
             " -> play rumble, output main_pa, level -9, fade 2, loop"],
            id="a sound's level",
        ),
        pytest.param(
            (MAIN, "stop: [sway over 1s, rumble over 3s]", "stop: [sway over 1s]\n    fade: {rumble: -20dB over 8s}"),
            ["list main", "  4 Out", "    - stop rumble: stop over 3 s", "    + fade rumble: fade to -20 over 8 s"],
            id="an action for another",
        ),
        pytest.param(
            (MAIN, "size: 15deg", "size: 30deg"),
            ["list main", "  3 Bell", "    sway pan of heads: size 2.8 % -> size 5.6 %"],
            id="an effect, and only what differs",
        ),
        pytest.param(
            (MAIN, "- 3: Bell", "- 3: The bell"), ["list main", "  3 The bell", "    renamed: Bell -> The bell"], id="a name"
        ),
        pytest.param(
            (MAIN, "- 4: Out", "- 3.5: Flash\n    light: {heads: 50}\n  - 4: Out"),
            ["list main", "  3.5 Flash", "    added after 3", "    heads: 100 % -> 50 %"],
            id="a cue added, with what it does",
        ),
        pytest.param(
            ("patch.yaml", "address: sacn/1.110", "address: sacn/1.120"),
            ["patch", "  head_2 address: sacn/1.110 -> sacn/1.120"],
            id="an address",
        ),
        pytest.param(
            ("triggers.yaml", "initial: no}", "initial: no}\ntriggers: {again: {when: show.done, do: {start: 2}}}"),
            ["trigger", "  + again: when show.done, cooldown 1 s, armed yes, do main/2 start"],
            id="a trigger",
        ),
        pytest.param(("show.yaml", "panic_time: 1s", "panic_time: 2s"), ["show", "  panic: 1 s -> 2 s"], id="the panic time"),
        pytest.param(
            ("show.yaml", "exit_look: {pars: 40 3200K}", "exit_look: {pars: 50 3200K}"),
            ["show", "  pars exit look intensity: 40 % -> 50 %"],
            id="the exit look",
        ),
    ],
)  # fmt: skip
def test_a_change_is_told_as_it_is_seen(tmp_path: Path, change: Replaced, lines: list[str]) -> None:
    assert changed(tmp_path, change).lines() == lines


def test_a_removed_cue_says_what_is_missing_and_what_tracks_otherwise(tmp_path: Path) -> None:
    words = (SMALL / MAIN).read_text()
    bell = words[words.index("  - 3:") : words.index("  - 4:")]
    folder = copy_of_small(
        tmp_path / "show", (MAIN, bell, ""), (MAIN, "sway over 1s, ", ""),
        ("rehearsals/evening.yaml", "of: main/3, after", "of: main/2, after"),
        ("rehearsals/evening.yaml", "of: main/3, within", "of: main/2, within"),
    )  # fmt: skip

    lines = difference(shown(SMALL), shown(folder)).lines()
    assert (
        lines[:6]
        == [
            "list main",
            "  4 Out",
            "    - stop sway: stop over 1 s",
            "    par_1, par_3 color: hex ff7300 white 48 % -> hex eb4600 white 7.8 %",
            "  3 Bell",
            "    removed after 2",
        ]
        or "    removed after 2" in lines
    )


def test_renumbered_cues_are_the_same_cues(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show",
        *((MAIN, f"- {n}:", f"- {n + 10}:") for n in (1, 2, 3, 4)),
        *(("rehearsals/evening.yaml", f"main/{n}", f"main/{n + 10}") for n in (3, 2)),
    )

    found = difference(shown(SMALL), shown(folder))
    assert found.lines() == ["list main", "  renumbered: 1 -> 11, 2 -> 12, 3 -> 13, 4 -> 14"]


def test_a_cue_that_moved_is_one_line_and_its_looks(tmp_path: Path) -> None:
    words = (SMALL / MAIN).read_text()
    rise, bell = words[words.index("  - 2:") : words.index("  - 3:")], words[words.index("  - 3:") : words.index("  - 4:")]
    folder = copy_of_small(tmp_path / "show")
    (folder / MAIN).write_text(words.replace(rise + bell, bell + rise))

    lines = difference(shown(SMALL), shown(folder)).lines()
    assert "    moved: after 1 -> after 3" in lines or "    moved: after 2 -> after 1" in lines
    assert not any("added" in line or "removed" in line for line in lines)


def test_a_renamed_fixture_changes_no_look(tmp_path: Path) -> None:
    folder = copy_of_small(
        tmp_path / "show",
        ("patch.yaml", "  head_2:", "  spot:"),
        ("groups.yaml", "head_2]", "spot]"),
        ("palettes.yaml", "head_2: -30deg", "spot: -30deg"),
    )

    assert difference(shown(SMALL), shown(folder)).lines() == ["patch", "  spot name: head_2 -> spot"]


def test_the_json_has_numbers(tmp_path: Path) -> None:
    found = changed(tmp_path, (MAIN, "heads: full red", "heads: 50 red pan 0deg"))
    said: dict[str, Any] = json.loads(json.dumps(found.to_json()))

    assert said["same"] is False
    assert [
        (item["subject"], item["what"], item["old_value"], item["new_value"], item["through"]) for item in said["changes"]
    ] == [
        ("heads", "intensity", 1.0, 0.5, "3"),
        ("head_1", "pan", 30.0, 0.0, "4"),
        ("head_2", "pan", -30.0, 0.0, "4"),
    ]
    assert set(said["changes"][0]) == {
        "kind", "list", "cue", "name", "subject", "what", "old", "new", "old_value", "new_value", "through",
    }  # fmt: skip
