"""What is wrong with a show folder, each with its place, a stable code and the way out.

Nothing in this package raises for what an author wrote: it adds a ``Problem`` and goes on, so that all of them are seen at
once. ``Wrong`` is how a parser of one scalar says it; whoever knows the scalar's place turns it into a ``Problem``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from showctl.show.places import Place

Code: TypeAlias = Literal[
    "YAML", "DUPLICATE_KEY", "TAG", "ALIAS", "TOO_DEEP", "TOO_LARGE", "TOO_LONG", "BAD_KEY",
    "MISSING_FILE", "NOT_A_FOLDER", "OUTSIDE", "UNREADABLE", "INCLUDE_CIRCLE", "EMPTY_FILE",
    "UNKNOWN_KEY", "MISSING_KEY", "WRONG_TYPE", "EMPTY", "BAD_NAME", "TWIN_NAME",
    "BAD_TIME", "BAD_LEVEL", "BAD_ANGLE", "BAD_COLOR", "BAD_SOUND_LEVEL", "BAD_RATE", "BAD_NUMBER", "BAD_WORD", "BAD_ADDRESS",
    "BAD_TIMECODE", "BAD_CSV", "BAD_CHANNEL", "BAD_EXPRESSION", "BAD_NEXT", "BAD_GROUP", "BAD_MARK",
    "UNKNOWN_FIXTURE", "UNKNOWN_PARAMETER", "UNKNOWN_TYPE", "UNKNOWN_MODE", "UNKNOWN_UNIVERSE", "UNKNOWN_LOOK", "UNKNOWN_COLOR",
    "UNKNOWN_PALETTE", "UNKNOWN_DEVICE", "UNKNOWN_KIND", "UNKNOWN_VERB", "UNKNOWN_ARGUMENT", "UNKNOWN_MEDIA", "UNKNOWN_SURFACE",
    "UNKNOWN_SPEAKER", "UNKNOWN_CUE", "UNKNOWN_LIST", "UNKNOWN_ZONE", "UNKNOWN_TEMPLATE", "UNKNOWN_THING", "UNKNOWN_VARIABLE",
    "UNKNOWN_MASTER", "UNKNOWN_TIMECODE", "UNKNOWN_CURVE", "UNKNOWN_TRIGGER", "UNKNOWN_INTERLOCK", "UNKNOWN_VARIANT",
    "MISSING_ARGUMENT", "WRONG_KIND", "NOT_ON_PLAYER", "NO_SPEAKER",
    "OVERLAP", "SLOT_RANGE", "UNIVERSE_RANGE", "UNIVERSE_TWICE", "GROUP_CIRCLE", "TEMPLATE_CIRCLE", "NOTHING_SELECTED",
    "TWICE_DIMMED", "NO_COLOR", "NO_PARAMETER", "NOT_IN_PALETTE", "NO_RANGE", "NO_POSITION", "OUT_OF_RANGE", "UNKNOWN_TARGET",
    "TWIN_LABEL", "DESCENDING_LABEL", "NO_LABEL", "NO_LIST", "NO_CUES", "NO_NEXT",
    "ENDLESS_CHAIN", "ZERO_CIRCLE", "NO_SAFE_STATE", "HOUSE_RULE",
    "HAZARD_REFUSED", "HAZARD_ATTENDED", "HAZARD_RAW", "HAZARD_UNSAID", "HAZARD_NO_PERMIT", "HAZARD_TWICE",
    "HAZARD_STALE",
    "BAD_PHRASE", "BAD_FRAME", "UNKNOWN_FIELD", "NEVER_HEARD", "NOT_WARM",
    "HOLOGRAM_SPILL", "UNKNOWN_WALL", "PIXEL_MEDIA", "PIXELS_DARK",
]  # fmt: skip
"""Every code there is. Stable: scripts and editors may match them."""

Severity: TypeAlias = Literal["error", "warning"]

MOST_PROBLEMS: Final = 2000
"""More than anyone reads; past it, further ones are dropped."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend. Sorts by place."""

    file: str
    line: int
    column: int
    code: Code
    severity: Severity
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity} {self.code} {self.message}"


class Wrong(Exception):  # noqa: N818 - it reads as what it is: raise Wrong("BAD_TIME", ...)
    """A scalar that does not mean anything here. ``offset`` counts characters into its text."""

    def __init__(self, code: Code, message: str, offset: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.offset, self.hint = code, message, offset, hint

    def moved(self, by: int) -> Wrong:
        """The same, ``by`` characters further on."""
        return Wrong(self.code, self.message, self.offset + by, self.hint)


class Problems:
    """Collects problems; the same one is said once."""

    def __init__(self) -> None:
        self._found: dict[Problem, None] = {}
        self.errors = 0
        self.muted: set[str] = set()
        """Codes that would only repeat, in other words, that a whole file could not be read."""

    def error(self, code: Code, place: Place, message: str, hint: str = "") -> None:
        """The show cannot be loaded because of this."""
        if code in self.muted:
            return
        self._add(Problem(place.file, place.line, place.column, code, "error", message, hint))

    def warning(self, code: Code, place: Place, message: str, hint: str = "") -> None:
        """The show loads, but this is probably not what was meant."""
        self._add(Problem(place.file, place.line, place.column, code, "warning", message, hint))

    def _add(self, problem: Problem) -> None:
        self.errors += problem.severity == "error"
        if len(self._found) < MOST_PROBLEMS:
            self._found[problem] = None

    def sorted(self) -> tuple[Problem, ...]:
        """All of them, by file, line and column."""
        return tuple(sorted(self._found))


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A hint: the name nearest to ``word``, or else what there is, or ``otherwise``."""
    from difflib import get_close_matches

    names = [str(name) for name in known]
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    if otherwise:
        return otherwise
    if not names:
        return "none is declared yet"
    return "there is " + ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
