"""Rehearsals: those of a show folder are read, played in virtual time on the simulated venue, and give their verdicts.

``stagehand.py`` plays one, ``verdicts.py`` says what came of it, ``script_lines.py`` what a line of its script asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from showctl.runtime.ports import Venue
from showctl.runtime.revisions import folder_digest
from showctl.runtime.script_lines import OPERATOR, request_for
from showctl.runtime.stagehand import Stagehand
from showctl.runtime.verdicts import Failure, Verdict
from showctl.show.rehearsals import Rehearsal
from showctl.show.show import Show

if TYPE_CHECKING:
    from showctl.showfile import Loaded


def open_simulated_venue(folder: Path, seed: int, show: Show) -> Venue:
    """The simulated venue that is installed (entry point ``showctl.rigs``, name ``simulated``)."""
    found = [entry for entry in entry_points(group="showctl.rigs") if entry.name == "simulated"]
    if not found:
        raise LookupError("no simulated venue is installed: the package `simulators` is missing")
    venue: Venue = found[0].load()(folder, seed, show)
    return venue


def loaded(folder: Path) -> Loaded:
    """The show folder, read once: rehearsals come one by one, and shows are large."""
    return _read(folder, folder_digest(folder))


@lru_cache(maxsize=1)
def _read(folder: Path, digest: str) -> Loaded:  # noqa: ARG001 - the digest is what makes an edited folder another one
    from showctl.showfile import load

    return load(folder)


def rehearse(
    folder: Path,
    names: Sequence[str] = (),
    *,
    open_venue: Callable[[Path, int, Show], Venue] = open_simulated_venue,
    every_frame: bool = False,
    keep_transcript: bool = True,
    variant: str = "",
    timeline: bool = False,
) -> list[Verdict]:
    """Runs the rehearsals of the show in ``folder`` (all, or those whose stem or name is in ``names``).

    With ``every_frame`` nothing is left out that says nothing new: slower, and the verdicts are the same. ``variant`` plays all
    of them as that variant of the show; with ``timeline`` verdicts have one.

    ValueError when the show cannot be loaded or a name is not there.
    """
    read = loaded(folder)
    show = read.show
    if show is None:
        raise ValueError(f"{folder} has errors: run `showctl check {folder}`")
    chosen = [r for r in read.rehearsals if not names or r.stem in names or r.name in names]
    missing = [name for name in names if not any(name in (r.stem, r.name) for r in read.rehearsals)]
    if missing:
        known = ", ".join(r.stem for r in read.rehearsals)
        raise ValueError(f"no rehearsal is called {missing[0]}; there are: {known}")

    def played(one: Rehearsal, thorough: bool) -> Verdict:
        from showctl.runtime.timeline import RecordedStagehand

        venue = open_venue(folder, one.seed, show)
        kind = RecordedStagehand if timeline else Stagehand
        hand = kind(
            show, one, venue, every_frame=every_frame, keep_transcript=keep_transcript, variant=variant, thorough=thorough
        )
        verdict = hand.run()
        return played(one, thorough=True) if hand.house.doubtful else verdict

    return [played(one, thorough=False) for one in chosen]


__all__ = ["OPERATOR", "Failure", "Stagehand", "Verdict", "loaded", "open_simulated_venue", "rehearse", "request_for"]
