"""Markers of Reaper and Audacity: they come and go without a change, and what is no list of markers is refused with the place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.library.markers import Marker, NoMarkers, read_markers, write_audacity, write_reaper
from showctl.show.instants import SECOND

MARKERS = st.lists(
    st.builds(
        Marker, st.integers(0, 7200 * 10**6).map(lambda us: us * 1000), st.from_regex(r"[a-z0-9,\"'é风]{0,12}", fullmatch=True)
    )
)


@given(MARKERS)
def test_what_is_written_reads_as_it_was(markers: list[Marker]) -> None:
    assert read_markers(write_reaper(markers)) == sorted(markers)
    if markers:
        assert read_markers(write_audacity(markers)) == sorted(markers)


def test_a_list_as_reaper_exports_it() -> None:
    text = (
        '\ufeff#,Name,Start,End,Length,Color\nM1,kick 1.1,0:00.000,,,\nR1,"chorus, first",1:02.500,1:10.000,0:07.500,FF0000\n\n'
    )
    assert read_markers(text) == [Marker(0, "kick 1.1"), Marker(62_500_000_000, "chorus, first")]


def test_labels_as_audacity_exports_them() -> None:
    text = "0.500000\t0.500000\tring\n\\\t100.0\t200.0\n12,250000\t13.0\n"
    assert read_markers(text) == [Marker(SECOND // 2, "ring"), Marker(12_250_000_000)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("at,use,who\n", r"line 1: neither Reaper's list .* nor Audacity's"),
        ("#,Name,Start\nM1,a,3.1.00\n", r"line 2: 3.1.00 is bars and beats, not a time \(in Reaper: View"),
        ("#,Name,Start\nM1,a,soon\n", "line 2: soon is no time; write 75.5"),
        ("#,Name,Start\nM1\n", "line 2: 1 cells under 3 columns"),
        ("0.5\tx\n1\n", "line 2: a label of Audacity is start, end and name"),
    ],
)
def test_what_is_no_list_of_markers_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(NoMarkers, match=says):
        read_markers(text)
