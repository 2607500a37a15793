"""OSC address patterns against OSC 1.0, "OSC Message Dispatching and Pattern Matching"."""

import fnmatch
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.protocols.errors import ProtocolError
from showctl.protocols.osc_pattern import MAX_PATTERN, Pattern
from tests.protocols.material import survive


@pytest.mark.parametrize(
    ("pattern", "address", "matches"),
    [
        ("/a/b", "/a/b", True),
        ("/a/b", "/a/bc", False),
        ("/a/?", "/a/b", True),
        ("/a/?", "/a/", False),
        ("/a?b", "/a/b", False),  # a wildcard never crosses a slash
        ("/a/*", "/a/", True),
        ("/a/*", "/a/bcd", True),
        ("/a/*", "/a/b/c", False),
        ("/*/c", "/a/c", True),
        ("/a*b*c", "/a1b2c", True),
        ("/a*b*c", "/acb", False),
        ("/a***b", "/axb", True),
        ("/[abc]", "/b", True),
        ("/[a-c]", "/d", False),
        ("/[!a-c]", "/d", True),
        ("/[!a-c]", "/b", False),
        ("/x[!a]y", "/x/y", False),
        ("/[a-]", "/-", True),
        ("/[!-a]", "/-", False),
        ("/{go,stop}", "/stop", True),
        ("/{go,stop}", "/stops", False),
        ("/{go,}x", "/x", True),
        ("/{a,ab}c", "/abc", True),
        ("/{a.b,c*}", "/c*", True),  # between braces stand words, not patterns
        ("/{a.b,c*}", "/cd", False),
        ("/cue/1.5/+", "/cue/1.5/+", True),
        ("/cue/1.5/+*", "/cue/1x5/+", False),
        ("//go", "/go", True),
        ("//go", "/cue/1/go", True),
        ("//go", "/cue/1/go/now", False),
        ("//go", "/cue/ago", False),
        ("/cue//go", "/cue/go", True),
        ("/cue//go", "/cue/a/b/go", True),
        ("/cue//go", "/cuego", False),
    ],
)
def test_a_pattern_means_what_the_specification_says(pattern: str, address: str, matches: bool) -> None:
    assert Pattern(pattern).matches(address) is matches


@pytest.mark.parametrize("broken", ["a", "/[abc", "/[]", "/[!]", "/{a,b", "/a]", "/a}", "/[z-a]", "/" + "a" * MAX_PATTERN])
def test_a_pattern_that_means_nothing_is_refused(broken: str) -> None:
    with pytest.raises(ProtocolError):
        Pattern(broken)


def steps_of(pattern: str, address: str) -> int:
    """How many lines of Python a match executes: a measure of work that no load on the machine can change."""
    compiled, count = Pattern(pattern), 0

    def trace(*_: object) -> object:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        compiled.matches(address)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("pattern", ["/" + "*a" * 12 + "b", "/" + "{a,aa,aaa}" * 8 + "b", "/" + "a*" * 12 + "[!a]"])
def test_work_grows_with_the_length_of_the_address_and_never_explodes(pattern: str) -> None:
    work = [steps_of(pattern, "/" + "a" * length) for length in (50, 100, 200, 400)]

    assert all(longer < 2.5 * shorter for shorter, longer in pairwise(work))


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_stars_and_question_marks_agree_with_the_shell(pattern: str, address: str) -> None:
    assert Pattern("/" + pattern).matches("/" + address) is fnmatch.fnmatchcase(address, pattern)


def test_mutated_patterns_only_ever_raise_protocol_errors() -> None:
    seeds = [b"/cue/{go,stop}/[!1-3]*", b"//a?c//[abc]", b"/plain/address"]

    def compile_and_match(data: bytes) -> None:
        Pattern(data.decode("latin-1")).matches("/cue/stop/4")

    read, refused = survive(compile_and_match, seeds)

    assert read > 1000
    assert refused > 1000
