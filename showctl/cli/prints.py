"""Golden prints in ``showctl rehearse``: stored with ``--rewrite``, compared on every run of a show that has them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from showctl.cli.say import colored, say, times

if TYPE_CHECKING:
    from showctl.library.prints import Changed
    from showctl.runtime.rehearsal import Verdict

MOST_DIFF_LINES: Final = 60


class Prints:
    """The prints of one run. ``word`` is none (the show has no prints), same, differs or written."""

    def __init__(self, word: str, changed: tuple[Changed, ...] = (), count: int = 0) -> None:
        self.word, self.changed, self.count = word, changed, count

    @property
    def failed(self) -> bool:
        return bool(self.changed)

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"state": self.word, "changed": [{"file": c.file, "line": c.line, "diff": list(c.diff)} for c in self.changed]}

    def tell(self, folder: Path) -> None:
        """Says what is otherwise, as a diff."""
        if self.word == "written":
            say(f"{times(self.count, 'print')} stored in {folder / 'prints'}")
        for item in self.changed:
            say(f"{colored('FAIL', 'red')}  {folder / item.file}:{item.line}: what the show does is not what is stored")
            for line in item.diff[:MOST_DIFF_LINES]:
                say("      " + colored(line, {"+": "green", "-": "red"}.get(line[:1], "bright_black")))
            if len(item.diff) > MOST_DIFF_LINES:
                say(f"      ... and {times(len(item.diff) - MOST_DIFF_LINES, 'line')} more")
        if self.changed:
            say("      where that is meant, `showctl rehearse SHOW --rewrite` stores it anew")


def look_at_prints(folder: Path, verdicts: Iterable[Verdict], *, rewrite: bool, whole: bool) -> Prints:
    """Compares or (``rewrite``) stores; ``whole``: every rehearsal has been run."""
    from showctl.library.prints import compared, prints_of, store, stored
    from showctl.runtime.rehearsal import loaded

    place = folder if folder.is_dir() else folder.parent
    if not rewrite and not stored(place):
        return Prints("none")
    show = loaded(folder).show
    assert show is not None, "it has been rehearsed"
    prints = prints_of(show, {verdict.stem: verdict.digest for verdict in verdicts})
    if rewrite:
        store(place, prints, whole=whole)
        return Prints("written", count=len(prints))
    changed = compared(place, prints, whole=whole)
    return Prints("differs" if changed else "same", tuple(changed))
