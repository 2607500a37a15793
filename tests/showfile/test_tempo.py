"""Bars and beats: what a tempo map makes of them, in timelines of YAML and in tables, and on the way out to markers and back."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from showctl.cli import main
from showctl.library.markers import read_markers
from showctl.show.instants import SECOND, seconds
from showctl.show.show import Show
from showctl.show.tempo import Bar, NoTempo, TempoMap, tempo_map
from showctl.showfile import load
from showctl.showfile.hit_edits import Table

BASE = Path(__file__).parent / "base"
SONG = "120 4/4, 3: 60 3/4, 4.2: 90, 6: 120 6/8"


@pytest.mark.parametrize(
    ("place", "second"),
    [
        (Bar(1), 0),
        (Bar(1, 3), 1),
        (Bar(2, 4, 50), 3.75),
        (Bar(3), 4),  # two bars of four half seconds
        (Bar(4), 7),  # three beats of a second
        (Bar(4, 2), 8),
        (Bar(5), 8 + 2 * 2 / 3),  # the tempo changed within bar 4
        (Bar(6), 8 + 5 * 2 / 3),
        (Bar(6, 2), 8 + 5 * 2 / 3 + 0.25),  # an eighth at 120 quarters
        (Bar(7), 8 + 5 * 2 / 3 + 1.5),
    ],
)
def test_a_bar_begins_when_all_before_it_have_passed(place: Bar, second: float) -> None:
    assert abs(tempo_map(SONG).at(place) - round(second * SECOND)) <= 1


def test_a_thousand_bars_do_not_drift() -> None:
    assert tempo_map("97").at(Bar(1001)) == round(Fraction(4000 * 60 * SECOND, 97))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "nothing is no change of tempo"),
        ("5: 120", "the first tempo is that of bar 1"),
        ("120, 4: 90, 4: 80", "the change at 4.1 does not come after that at 4.1"),
        ("5", "a tempo is 10 to 1000 quarters a minute, and not 5"),
        ("120 4/5", "4/5 is no metre"),
        ("120 4/4, 3.2: 3/4", "the metre changes at the beginning of a bar, and not at 3.2"),
        ("120 4/4, 3.5: 90", "bar 3 has 4 beats, and no beat 5"),
        ("120, 0: 90", "0 is no place: bars and beats count from 1"),
    ],
)
def test_what_is_no_tempo_says_why(words: str, why: str) -> None:
    with pytest.raises(NoTempo, match=why):
        tempo_map(words)


def written(found: list[tuple[int, int, str]]) -> str:
    """A map of these changes; of several at one bar the last."""
    last = sorted({bar: (bar, bpm, metre) for bar, bpm, metre in found}.values())
    return ", ".join(["120 4/4", *(f"{bar}: {bpm} {metre}".strip() for bar, bpm, metre in last)])


metres = st.sampled_from(["", "3/4", "4/4", "7/8", "6/8"])
changes = st.lists(st.tuples(st.integers(2, 40), st.integers(30, 240), metres), max_size=5).map(written)


@given(changes, st.integers(1, 60), st.integers(1, 3), st.integers(0, 99))
def test_a_place_is_found_again_from_its_time(words: str, bar: int, beat: int, hundredths: int) -> None:
    tempo, place = tempo_map(words), Bar(bar, beat, hundredths)
    assert tempo.place(tempo.at(place)) == place


# --- in a show ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "show"))


def moments(show: Show | None, label: str) -> list[float]:
    assert show is not None
    group = show.lists[0].named[label].group
    assert group is not None
    return [member.at / SECOND for member in group.members]


def with_cue(folder: Path, text: str, top: str = "") -> list[str]:
    path = folder / "lists" / "main.yaml"
    source = path.read_text()
    path.write_text(source.replace("cues:\n", f"{top}cues:\n", 1) + text)
    return [str(problem) for problem in load(folder).problems]


TIMELINE = "    timeline: [{at: 1.1, light: {pars: 50}}, {at: 2.3, light: {pars: 20}}, {at: 3s, light: {pars: 10}}]\n"


def test_moments_of_a_cue_with_a_tempo_are_bars_and_beats_and_those_with_a_unit_times(folder: Path) -> None:
    assert with_cue(folder, "  - 80: Song\n    tempo: {1: 120 4/4 from 0.5s, 2: 60}\n" + TIMELINE) == []
    assert moments(load(folder).show, "80") == [0.5, 3, 4.5]


def test_a_list_has_a_tempo_for_all_its_timelines_and_a_cue_its_own(folder: Path) -> None:
    cues = "  - 80: Song\n" + TIMELINE + "  - 81: Slow\n    tempo: 60 4/4\n" + TIMELINE
    assert with_cue(folder, cues, top="tempo: 120 4/4\n") == []
    assert moments(load(folder).show, "80") == [0, 3, 3]
    assert moments(load(folder).show, "81") == [0, 3, 6]


def test_without_a_tempo_nothing_is_bars(folder: Path) -> None:
    assert with_cue(folder, "  - 80: Song\n" + TIMELINE) == []
    assert moments(load(folder).show, "80") == [1.1, 2.3, 3]


def test_a_beat_that_the_bar_does_not_have_is_said_where_it_stands(folder: Path) -> None:
    text = "  - 80: Song\n    tempo: 120 4/4\n    timeline: [{at: 12.50, light: {pars: 50}}]\n"
    (said,) = with_cue(folder, text)
    assert said.endswith("error BAD_TIME bar 12 has 4 beats, and no beat 50")
    (problem,) = load(folder).problems
    assert problem.hint == "where there is a tempo, a time has a unit: 12.50s"


def test_a_tempo_without_a_timeline_is_said(folder: Path) -> None:
    (said,) = with_cue(folder, "  - 80: Song\n    tempo: 120 4/4\n    light: {pars: 50}\n")
    assert said.endswith("error BAD_WORD only a timeline has a tempo")


TABLE = """\
# tempo: 120 4/4, 3: 90
# what the score says
at,use,who,level,time,color,name
1.1,light,pars,70,0.1,,one
# the break
2.3,light,pars,20,0.5,,two
5.25s,light,pars,0,1,,three
3.1.50,light,pars,0,1,,four
"""


@pytest.fixture
def table(folder: Path) -> Path:
    path = folder / "hits" / "launch.csv"
    path.write_text(TABLE)
    return path


def hits(*words: object) -> str:
    done = CliRunner().invoke(main, ["hits", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_table_has_a_tempo_of_its_own(folder: Path, table: Path) -> None:
    loaded = load(folder)
    assert [str(problem) for problem in loaded.problems if table.name in problem.file] == []
    assert moments(loaded.show, "7") == [0, 3, pytest.approx(4 + 1 / 3), 5.25]


@pytest.mark.parametrize("kind", ["reaper", "audacity"])
def test_out_to_a_workstation_and_back_changes_only_the_order(folder: Path, table: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "m").write_text(hits("export", "hits/launch.csv", "--as", kind, "--show", folder))
    assert [marker.name for marker in read_markers((tmp_path / "m").read_text())] == ["one", "two", "four", "three"]
    hits("import", "hits/launch.csv", tmp_path / "m", "--show", folder, "--yes")
    assert sorted(table.read_text().splitlines()) == sorted(TABLE.splitlines())


def test_a_section_is_moved_by_a_beat_and_stays_in_bars_and_beats(folder: Path, table: Path) -> None:
    hits("shift", "hits/launch.csv", "0.5s", "--from", "2s", "--to", "4s", "--show", folder, "--yes")
    assert [line.split(",")[0] for line in table.read_text().splitlines()[3:]] == ["1.1", "# the break", "2.4", "3.1.50", "5.25s"]


def test_a_moment_on_no_beat_is_written_in_seconds_and_reads_as_such() -> None:
    table = Table.read(TABLE).with_row(seconds(1.2345), {"name": "five"})
    assert "1.2345s,,,,,,five" in table.text()
    assert Table.read(table.text()).text() == table.text()
    assert isinstance(table.tempo, TempoMap)
