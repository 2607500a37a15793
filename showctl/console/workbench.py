"""A process of its own for what pages ask that is work: edits of the folder, the log, rehearsals. The show does not feel it.

``python -m showctl.console.workbench FOLDER STATE`` reads one JSON object a line, ``{"id", "do", ...}``, and answers each with
``{"id", "answer"}`` or ``{"id", "error", "status"}``; a rehearsal says how far it is in between (``{"id", "progress"}``). It ends
when its input ends.

An edit is made twice: first it is shown (text, and what an audience would see), with the revision of the folder that it was
made of; then, with that revision, it is written, if the folder is still that. The edits of this process can be taken back.
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from showctl.console.workshop import REPORT
from showctl.library.diff import difference
from showctl.show.cues import CueRef
from showctl.showfile import cue_edits, field_edits, recording
from showctl.showfile.book import Book, Change, proved
from showctl.showfile.edits import CannotEdit
from showctl.showfile.writers import finish, write

LESS: Final = 5
"""Its nice value."""
MOST_UNDONE: Final = 50
MOST_LINES: Final = 5000
TAIL: Final = 20_000
"""Records of the journal that are looked through for the log, from its end."""
KINDS: Final = ("note", "skew", "input", "dispatch", "anchor", "gap", "shortened")
"""What the log of a page is made of."""
Said = Callable[[dict[str, Any]], None]


class Workbench:
    """What is done for pages, on one show folder."""

    def __init__(self, folder: Path, state: Path, say: Said) -> None:
        self.folder, self.state, self.say = folder, state, say
        self._book: Book | None = None
        self._stamp = ""
        self._done: deque[tuple[str, Change]] = deque(maxlen=MOST_UNDONE)

    def do(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request. LookupError where there is no such thing to do."""
        doing: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "cue": self.cue, "edit": self.edit, "record": self.record, "undo": self.undo, "log": self.log,
            "rehearsals": self.rehearsals, "rehearse": self.rehearse,
        }  # fmt: skip
        return doing[request["do"]](request)

    # --- the folder --------------------------------------------------------------------------------------------------------

    def revision(self) -> str:
        """Of the folder as it stands on disk."""
        told = sha256()
        for path in sorted(self.folder.rglob("*")):
            inside = path.relative_to(self.folder)
            if path.is_file() and not inside.parts[0].startswith("."):
                found = path.stat()
                told.update(f"{inside}\0{found.st_mtime_ns}\0{found.st_size}\0".encode())
        return told.hexdigest()[:16]

    def book(self) -> Book:
        """The folder, read; anew where it was saved meanwhile."""
        stamp = self.revision()
        if self._book is None or stamp != self._stamp:
            finish(self.folder)
            self._book, self._stamp = Book.open(self.folder), stamp
        return self._book

    def cue(self, request: dict[str, Any]) -> dict[str, Any]:
        """A cue as it is written."""
        book = self.book()
        ref = cue_edits.find_cue(book, f"{request['list']}/{request['cue']}")
        place = book.draft.labels[ref.list][ref.label].place
        return {
            "list": ref.list, "cue": ref.label, "place": str(place), "text": field_edits.text_of(book, ref),
            "fields": field_edits.fields_of(book, ref),
        }  # fmt: skip

    def edit(self, request: dict[str, Any]) -> dict[str, Any]:
        """An edit shown, or (with its revision) written."""
        return self._proposed(request, lambda book: _edit(book, request))

    def record(self, request: dict[str, Any]) -> dict[str, Any]:
        """What is seen, shown as an edit, or (with its revision) written. ``seen``: [fixture, cell, parameter, level]."""
        seen = {(str(name), int(cell), str(parameter)): int(level) for name, cell, parameter, level in request["seen"]}

        def make(book: Book) -> Change:
            if request["into"] == "look":
                return recording.record_look(book, request["name"], seen)
            return recording.record_cue(book, cue_edits.find_cue(book, f"{request['list']}/{request['name']}"), seen)

        return self._proposed(request, make)

    def undo(self, _: dict[str, Any]) -> dict[str, Any]:
        """The last edit, taken back; refused where somebody has saved the file since."""
        if not self._done:
            return {"done": False, "refused": "no edit from here is left to take back", "summary": ""}
        summary, change = self._done[-1]
        back = Change(change.folder, {file: (new, old) for file, (old, new) in change.files.items()}, f"taken back: {summary}")
        try:
            write(back)
        except CannotEdit as wrong:
            return {"done": False, "refused": str(wrong), "summary": ""}
        self._done.pop()
        return {"done": True, "refused": "", "summary": back.summary}

    def _proposed(self, request: dict[str, Any], make: Callable[[Book], Change]) -> dict[str, Any]:
        shown = {"done": False, "refused": "", "hint": "", "problems": [], "summary": "", "diff": "", "seen": [], "notes": []}
        try:
            book = self.book()
            revision = self._stamp
            if request.get("revision") and request["revision"] != revision:
                raise CannotEdit("the folder was saved meanwhile", None, "look at it again")
            change = make(book)
            after, _ = proved(change, book.loaded)
            assert after.show is not None, "proved refuses what does not load"
            seen = difference(book.show, after.show)
            if request.get("revision") and change.files:
                write(change)
                self._done.append((change.summary, change))
        except CannotEdit as wrong:
            place = [] if wrong.place is None else [_problem(wrong)]
            return shown | {"refused": str(wrong), "hint": wrong.hint, "problems": place, "revision": ""}
        return shown | {
            "done": bool(request.get("revision")), "summary": change.summary, "diff": change.text_diff(),
            "seen": [] if seen.same else list(seen.lines()), "notes": list(change.notes), "revision": revision,
        }  # fmt: skip

    # --- the log -------------------------------------------------------------------------------------------------------------

    def log(self, request: dict[str, Any]) -> dict[str, Any]:
        """The last lines of the newest run, filtered by words and by who asked."""
        from showctl.runtime.as_run import told, who_asked
        from showctl.runtime.journal import JournalDamagedError
        from showctl.runtime.journal_files import files_in, last_records, run_of

        journals = files_in(self.state)
        if not journals:
            return {"lines": [], "damage": ""}
        words, who = str(request.get("words", "")).lower(), str(request.get("who", "")).lower()
        most = min(int(request.get("most", 500)), MOST_LINES)
        lines: deque[dict[str, Any]] = deque(maxlen=most)
        damage = ""
        try:
            for wall, record in last_records(run_of(journals[-1]), TAIL, KINDS):
                asked = who_asked(record)
                for line in told(record):
                    if words in line["words"].lower() and (not who or who in " ".join(asked.values()).lower()):
                        shown = datetime.fromtimestamp(wall / 1e9, UTC).isoformat(timespec="milliseconds")
                        lines.append(
                            {"instant": line["instant"], "wall": shown, "kind": record.kind, "words": line["words"].strip(),
                             "who": asked["person"], "surface": asked["surface"], "address": asked["address"],
                             "cue": record.body.get("cue") if record.kind in ("note", "skew") else None}
                        )  # fmt: skip
        except JournalDamagedError as error:
            damage = str(error)
        if request.get("format") == "csv":
            return {"csv": _as_csv(lines)}
        return {"lines": list(lines), "damage": damage}

    # --- rehearsals ------------------------------------------------------------------------------------------------------------

    def rehearsals(self, _: dict[str, Any]) -> dict[str, Any]:
        """The rehearsals that the folder has."""
        loaded = self.book().loaded
        path = self.state / REPORT
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds") if path.exists() else None
        return {"rehearsals": [{"name": item.name, "file": item.stem} for item in loaded.rehearsals], "report": written}

    def rehearse(self, request: dict[str, Any]) -> dict[str, Any]:
        """Runs rehearsals, one after the other, saying each verdict as it is there; then writes the report of them."""
        from showctl.cli.covered import coverage_of
        from showctl.cli.rehearse import Told
        from showctl.cli.report import write_report
        from showctl.runtime.rehearsal import loaded
        from showctl.runtime.rehearsal import rehearse as run

        os.nice(10)
        found = loaded(self.folder)
        if found.show is None:
            return {"refused": f"the show does not load: {found.errors[0]}", "verdicts": []}
        wanted = set(request.get("names") or ())
        chosen = [item for item in found.rehearsals if not wanted or item.name in wanted or item.stem in wanted]
        verdicts: list[dict[str, Any]] = []
        played: list[Told] = []
        for item in chosen:
            self.say({"running": [item.name], "done": len(verdicts), "of": len(chosen), "verdicts": verdicts})
            verdict = run(self.folder, (item.stem,), timeline=True)[0]
            played.append(Told(verdict))
            failures = [
                {"file": one.file, "line": one.line, "moment": one.moment, "message": one.message} for one in verdict.failures
            ]
            verdicts.append(
                {"name": item.name, "passed": verdict.passed, "show_seconds": verdict.show_seconds, "failures": failures}
            )
        covered = None if wanted else coverage_of(self.folder, (one.verdict for one in played))  # of some it says nothing
        write_report(self.state / REPORT, found.show.name, played, covered, dark=True)
        return {"refused": "", "running": [], "done": len(verdicts), "of": len(chosen), "verdicts": verdicts}


def _edit(book: Book, request: dict[str, Any]) -> Change:
    ref = cue_edits.find_cue(book, f"{request['list']}/{request['cue']}")
    beside = request.get("beside")
    anchor = CueRef(ref.list, str(beside)) if beside else None
    after, keep = bool(request.get("after", True)), bool(request.get("keep_looks", False))
    value, label = str(request.get("value", "")), str(request.get("label", ""))
    match request["do_what"]:
        case "set":
            return field_edits.set_field(book, ref, str(request.get("field", "")), value)
        case "rename":
            return cue_edits.rename(book, ref, value)
        case "move" if anchor is not None:
            return cue_edits.move(book, ref, cue_edits.find_cue(book, str(anchor)), after=after, keep_looks=keep)
        case "copy":
            return cue_edits.copy(
                book, ref, label, None if anchor is None else cue_edits.find_cue(book, str(anchor)), after=after
            )
        case "delete":
            return cue_edits.delete(book, ref, keep_looks=keep)
        case "insert":
            return field_edits.insert(book, ref, label, value, after=after)
        case "renumber":
            return cue_edits.renumber(book, ref.list, {ref.label: label})
        case _:
            raise CannotEdit("say beside which cue it should stand")


def _problem(wrong: CannotEdit) -> dict[str, Any]:
    assert wrong.place is not None
    return {
        "file": wrong.place.file,
        "line": wrong.place.line,
        "column": wrong.place.column,
        "message": wrong.message,
        "hint": wrong.hint,
    }


def _as_csv(lines: Iterable[dict[str, Any]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(("wall", "instant", "who", "surface", "address", "cue", "words"))
    for line in lines:
        cells = [line["wall"], line["instant"], line["who"], line["surface"], line["address"], line["cue"] or "", line["words"]]
        writer.writerow([f"'{cell}" if str(cell).startswith(("=", "+", "-", "@")) else cell for cell in cells])  # no formulas
    return made.getvalue()


def main() -> None:
    """The process. Nothing waits for it: it is less urgent than the pages, and those are than the show."""
    os.nice(max(LESS - os.nice(0), 0))
    folder, state = Path(sys.argv[1]), Path(sys.argv[2])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints, does not print into the answers

    def say(answer: dict[str, Any]) -> None:
        out.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
        out.flush()

    number: object = None
    bench = Workbench(folder, state, lambda progress: say({"id": number, "progress": progress}))
    for line in sys.stdin:
        request = json.loads(line)
        number = request["id"]
        try:
            say({"id": number, "answer": bench.do(request)})
        except CannotEdit as wrong:
            say({"id": number, "error": f"{wrong}. {wrong.hint}".rstrip(". "), "status": 404})
        except Exception as error:  # a page hears of it, and the next request is another
            say({"id": number, "error": f"it could not be done: {error!r}", "status": 500})


if __name__ == "__main__":
    main()
