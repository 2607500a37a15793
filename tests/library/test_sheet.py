"""The sheet of a list: what is moved, what tracks, what is blocked, released, for one cue only, and may move in the dark."""

from __future__ import annotations

from dataclasses import replace

from showctl.library.sheet import as_csv, as_json, as_text, cue_lines, sheet_of
from showctl.show.cues import Cue, CueRef, GroupMode, Mark
from showctl.show.patch import Head
from showctl.show.show import Show
from tests.engine.booth import cue, group, move, release, show_of


def grid(show: Show) -> dict[str, list[str]]:
    """Each line of the sheet by its name, cell by cell."""
    made = sheet_of(show, show.lists[0])
    return {row.name: [str(cell) for cell in row.cells] for row in made.rows}


def blocking(label: str, levels: dict[str, float]) -> Cue:
    return replace(cue(label), light=(replace(move(levels), block=True),))


def asserting(label: str, levels: dict[str, float]) -> Cue:
    return replace(cue(label), light=(replace(move(levels), assert_=True),))


def test_a_value_tracks_until_it_is_moved() -> None:
    assert grid(show_of(cue("1", {"a": 70}), cue("2"), cue("3", {"a": 20}), cue("4"))) == {"a": [">70", " 70", ">20", " 20"]}


def test_blocked_asserted_and_released_have_signs_of_their_own() -> None:
    show = show_of(cue("1", {"a": 70}), blocking("2", {"a": 70}), asserting("3", {"a": 70}), cue("4"), cue("5"))
    show = show_of(*show.lists[0].cues[:3], replace(cue("4"), light=(release("a"),)), cue("5"))

    assert grid(show) == {"a": [">70", "[70", "!70", "<", ""]}


def test_a_release_of_what_the_list_does_not_hold_is_nothing() -> None:
    assert grid(show_of(replace(cue("1"), light=(release("a"),)), cue("2", {"b": 10}))) == {"b": ["", ">10"]}


def test_what_is_for_one_cue_only_comes_back_in_the_next() -> None:
    only = replace(cue("2"), this_cue_only=(move({"a": 0, "b": 50}),))
    show = show_of(cue("1", {"a": 70}), only, cue("3"), cue("4"))

    assert grid(show) == {"a": [">70", "(0", ")70", " 70"], "b": ["", "(50", "<", ""]}


def test_two_cues_in_a_row_for_one_cue_only_come_back_to_what_was_before_both() -> None:
    only = [replace(cue(label), this_cue_only=(move({"a": level}),)) for label, level in (("2", 0), ("3", 10))]

    assert grid(show_of(cue("1", {"a": 70}), *only, cue("4"))) == {"a": [">70", "(0", "(10", ")70"]}


def test_a_dark_light_that_comes_up_elsewhere_is_moved_beforehand_where_its_cue_marks_it() -> None:
    up = cue("2", {"head": 80, "head.pan": 50}, mark=Mark())

    assert grid(show_of(cue("1", {"head": 0}), up)) == {"head": [">0m", ">80f"]}
    assert grid(show_of(cue("1", {"head": 0}), replace(up, mark=None))) == {"head": [">0", ">80f"]}
    assert grid(show_of(cue("1", {"head": 20}), up)) == {"head": [">20", ">80f"]}


def test_a_mark_by_name_stands_in_the_cue_that_is_named() -> None:
    show = show_of(cue("1", {"head": 0}), cue("2"), cue("3", {"head": 80, "head.pan": 50}, mark=Mark(during=CueRef("main", "1"))))

    assert grid(show) == {"head": [">0m", " 0", ">80f"]}


def test_one_cue_says_which_lights_it_moves_in_the_dark_and_for_which() -> None:
    up = cue("2", {"head": 80, "head.pan": 50, "head.red": 0}, mark=Mark())
    show = show_of(cue("1", {"head": 0, "head.red": 0}), up)
    made = sheet_of(show, show.lists[0])

    (line,) = [line for line in cue_lines(made, made.cues[0]) if line["state"] == "marked"]
    assert (line["name"], line["parameters"], line["look"], line["since"]) == ("head", ["pan"], "pan 0 deg", "2")
    assert [line["state"] for line in cue_lines(made, made.cues[1])] == ["moved"]


def test_members_of_a_group_stand_in_its_column_and_a_disarmed_cue_does_nothing() -> None:
    both = group("1", GroupMode.ALL, cue("1a", {"a": 70}), cue("1b", {"b": 20}))

    assert grid(show_of(both, cue("2", {"a": 0}, armed=False))) == {"a": [">70", " 70"], "b": [">20", " 20"]}


def test_lights_that_read_the_same_share_a_line_under_the_name_of_their_group() -> None:
    show = show_of(cue("1", {"a": 70, "b": 70, "c": 10}), cue("2", {"a": 0, "b": 0}), groups={"pair": (Head(0), Head(1))})

    assert grid(show) == {"pair (2)": [">70", ">0"], "c": [">10", " 10"]}


def test_one_cue_says_since_which_cue_each_light_is_where_it_is() -> None:
    show = show_of(cue("1", {"a": 70, "b": 70}), cue("2", {"b": 20}), cue("3", {"c": 5}))
    made = sheet_of(show, show.lists[0])

    assert [(line["name"], line["state"], line["look"], line["since"]) for line in cue_lines(made, made.cues[2])] == [
        ("a", "tracked", "70 %", "1"),
        ("b", "tracked", "20 %", "2"),
        ("c", "moved", "5 %", "3"),
    ]


def test_the_grid_fits_the_width_and_csv_and_json_say_the_same() -> None:
    show = show_of(*(cue(str(n), {"a": n}) for n in range(1, 9)))
    made = sheet_of(show, show.lists[0])

    assert all(len(line) <= 40 for line in as_text(made, 40).splitlines()[:-2])
    assert as_text(made, 18).splitlines()[:3] == ["    1   2   3   4", "a  >1  >2  >3  >4", ""]
    assert as_csv(made).splitlines() == ["light,1,2,3,4,5,6,7,8", "a,>1,>2,>3,>4,>5,>6,>7,>8"]
    cell = as_json(made)["rows"][0]["cells"][7]
    assert (cell["cue"], cell["state"], cell["levels"]) == ("8", "moved", {"intensity": 0.08})


def test_a_list_without_light_has_an_empty_sheet() -> None:
    show = show_of(cue("1"))
    assert as_text(sheet_of(show, show.lists[0])) == "main moves no light"
