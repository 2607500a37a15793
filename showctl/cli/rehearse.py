"""``showctl rehearse``: a show's rehearsals in virtual time, with verdicts.

Rehearsals run in up to two processes, the long ones first, and are told in file order as they come, each failed line with its
place. Transcripts can be compared with stored ones (``--golden DIR``), so that a change of the show is seen as a diff of
what happens in the room.
"""

from __future__ import annotations

import difflib
import gc
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from showctl.cli.covered import coverage_of, say_coverage
from showctl.cli.prints import Prints, look_at_prints
from showctl.cli.report import write_report
from showctl.cli.say import PROBLEMS, USAGE, Trouble, as_json, clock_words, colored, say, say_json, show_folder, times
from showctl.cli.sweeps import WORDS as SWEEPS
from showctl.cli.sweeps import run_storm, run_sweep
from showctl.cli.variant import require_variant
from showctl.cli.whole_day import run_day

if TYPE_CHECKING:
    from showctl.runtime.rehearsal import Verdict
    from showctl.show.rehearsals import Rehearsal

PROCESSES = 2
MOST_DIFF_LINES = 60


@dataclass(frozen=True)
class Told:
    """A verdict, and how its transcript compares with the stored one."""

    verdict: Verdict
    golden: str = ""
    """"" (not asked), same, differs, missing or written."""
    diff: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return self.verdict.to_json() | ({"golden": self.golden} if self.golden else {})


@click.command()
@show_folder
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--golden", type=click.Path(path_type=Path, file_okay=False), help="Compare transcripts with those in DIR.")
@click.option("--rewrite", is_flag=True, help="Store the show's prints (with --golden: transcripts) instead.")
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False), help="Write verdicts for a build server.")
@click.option(
    "--html", "--report", "report", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to look through."
)
@click.option("--transcript", is_flag=True, help="Print what happened, line by line.")
@click.option("--every-frame", is_flag=True, help="Render every frame of light and of trackers, also those that say nothing new.")
@click.option("--variant", default="", metavar="NAME", help="Rehearse the show as this variant of it, with the rules of that.")
@click.option("--coverage", is_flag=True, help="Say what of the show no rehearsal reached.")
@click.option("--sweep", type=click.Choice(SWEEPS), help="Try the show at every cue: jumps, branches, evacuation, dead machines.")
@click.option("--storm", type=click.IntRange(1, 100_000), metavar="N", help="Let N random audiences in, one after the other.")
@click.option("--day", metavar="DATE", help="Play a whole day by the schedule: 2026-10-25, today, spring or autumn.")
@click.option("--zone", default="", metavar="ZONE", help="Where that day is: Europe/Berlin. [default: the show's]")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of a storm's first audience; of a day's faults."
)
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep what it finds as rehearsals in DIR.")
@as_json
@click.pass_context
def rehearse(
    ctx: click.Context,
    folder: Path,
    names: tuple[str, ...],
    golden: Path | None,
    rewrite: bool,
    junit: Path | None,
    report: Path | None,
    transcript: bool,
    every_frame: bool,
    variant: str,
    coverage: bool,
    sweep: str | None,
    storm: int | None,
    day: str | None,
    zone: str,
    seed: int,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Rehearse SHOW on the simulated venue (all rehearsals, or those named). Exit 1 where a line does not hold."""
    modes = {"--sweep": sweep, "--storm": storm, "--day": day}
    if any(modes.values()):
        _check_modes(modes, golden, rewrite, junit, report, transcript, every_frame, coverage, variant)
        _chosen(ctx, folder, names)
        if sweep is not None:
            run_sweep(ctx, folder, sweep, names, keep, as_json)
        if storm is not None:
            run_storm(ctx, folder, storm, seed, names, keep, as_json)
        if day is not None:
            run_day(ctx, folder, day, zone, seed, as_json)
    show, chosen = _chosen(ctx, folder, names, variant)
    told = []
    for verdict in _run(folder, chosen, every_frame, variant, report is not None):
        told.append(item := _compared(verdict, golden, rewrite))
        if not as_json:
            _say_verdict(item, folder, transcript)
            sys.stdout.flush()
    failed = sum(not item.verdict.passed for item in told)
    # With every frame rendered a digest is of other instants than the stored one, and a variant is another show.
    other = every_frame or bool(variant)
    verdicts = [] if other else [item.verdict for item in told]
    prints = look_at_prints(folder, verdicts, rewrite=rewrite and golden is None, whole=not names and not other)
    if junit is not None:
        _write_junit(junit, told, prints)
    covered = coverage_of(folder, (item.verdict for item in told)) if coverage or report is not None else None
    if report is not None:
        write_report(report, show, told, covered)
    covered = covered if coverage else None
    if as_json:
        said = {"passed": len(told) - failed, "failed": failed, "rehearsals": [item.to_json() for item in told]}
        said["prints"] = prints.to_json()
        say_json(said if covered is None else said | {"coverage": covered})
    else:
        none = "this show has no rehearsals: nothing was judged"
        passed = f"{times(len(told), 'rehearsal')} passed" if told else none
        say(f"{times(failed, 'rehearsal')} of {len(told)} failed" if failed else passed)
        if covered is not None:
            say_coverage(covered, folder)
        prints.tell(folder)
    ctx.exit(PROBLEMS if failed or prints.failed else 0)


def _check_modes(modes: Mapping[str, object], *others: object) -> None:
    asked = [name for name, value in modes.items() if value]
    if len(asked) > 1:
        raise click.UsageError(f"{' and '.join(asked)}: one at a time")
    if any(others):
        raise click.UsageError(f"{asked[0]} goes with --seed, --keep, --zone and --json, and with no other option")


# --- Running ----------------------------------------------------------------------------------------------------------


def _chosen(ctx: click.Context, folder: Path, names: Sequence[str], variant: str = "") -> tuple[str, list[Rehearsal]]:
    """The show's name, and the rehearsals that are meant. A variant that the show does not have is refused."""
    from showctl.cli.check import say_problem
    from showctl.runtime.rehearsal import loaded

    read = loaded(folder)
    if read.show is None:
        for problem in read.problems:
            say_problem(problem, folder, err=True)
        ctx.exit(USAGE)
    if variant:
        require_variant(read.show, variant)
    known = {name for item in read.rehearsals for name in (item.stem, item.name)}
    strange = [name for name in names if name not in known]
    if strange:
        there = ", ".join(item.stem for item in read.rehearsals)
        raise Trouble(f"no rehearsal is called {strange[0]}; there are: {there or 'none'}")
    return read.show.name, [item for item in read.rehearsals if not names or item.stem in names or item.name in names]


def _run(folder: Path, chosen: Sequence[Rehearsal], every_frame: bool, variant: str, timeline: bool) -> Iterator[Verdict]:
    """The verdicts, in the order of ``chosen``, each as soon as it and those before it are there."""
    from showctl.runtime.rehearsal import rehearse as plainly

    rehearse_here = partial(plainly, every_frame=every_frame, variant=variant, timeline=timeline)

    # What has been read stays, and a rehearsal makes little that goes round in circles: collecting often finds nothing.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    if len(chosen) < 2:
        for item in chosen:
            yield from rehearse_here(folder, [item.stem])
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    longest_first = sorted(chosen, key=lambda item: -(item.length or 0) * item.repeat)
    # A fork has the show in its memory already; where forks are not safe each process reads it anew.
    start = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(min(PROCESSES, len(chosen)), start, _deaf_to_ctrl_c) as processes:
        try:
            coming = {item.stem: processes.submit(rehearse_here, folder, [item.stem]) for item in longest_first}
            for item in chosen:
                yield from coming[item.stem].result()
        except BaseException:  # ctrl-C, most likely: nobody wants the others any more
            for process in multiprocessing.active_children():
                process.terminate()
            processes.shutdown(cancel_futures=True)
            raise


def _deaf_to_ctrl_c() -> None:
    """A terminal tells every process of it; ours hears, and ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


# --- Stored transcripts -----------------------------------------------------------------------------------------------


def _compared(verdict: Verdict, golden: Path | None, rewrite: bool) -> Told:
    if golden is None:
        return Told(verdict)
    path = golden / f"{verdict.stem}.txt"
    if rewrite:
        golden.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(verdict.transcript, encoding="utf-8")
        new.replace(path)
        return Told(verdict, "written")
    if not path.is_file():
        return Told(_failed(verdict, path, 1, "there is no stored transcript: --rewrite stores one"), "missing")
    stored, now = path.read_text(encoding="utf-8").splitlines(), verdict.transcript.splitlines()
    if stored == now:
        return Told(verdict, "same")
    line = next(
        (n for n, (old, new) in enumerate(zip(stored, now, strict=False), 1) if old != new), min(len(stored), len(now)) + 1
    )
    diff = tuple(difflib.unified_diff(stored, now, "stored", "now", n=2, lineterm=""))[2:]
    changed = sum(text[:1] in "+-" for text in diff)
    return Told(
        _failed(verdict, path, line, f"what happens is not what is stored: {times(changed, 'line')} differ"), "differs", diff
    )


def _failed(verdict: Verdict, path: Path, line: int, message: str) -> Verdict:
    from showctl.runtime.rehearsal import Failure

    return replace(verdict, passed=False, failures=(*verdict.failures, Failure(str(path), line, verdict.show_seconds, message)))


# --- Telling ----------------------------------------------------------------------------------------------------------


def _say_verdict(told: Told, folder: Path, transcript: bool) -> None:
    verdict = told.verdict
    word = colored("ok  ", "green") if verdict.passed else colored("FAIL", "red")
    length = f"{clock_words(verdict.show_seconds)} in {verdict.wall_seconds:.1f} s"
    more = f"   transcript {told.golden}" if told.golden else ""
    say(f"{word}  {verdict.name}   {length}, {times(verdict.checked, 'line')} judged{more}")
    if transcript:
        say("".join(f"      {line}\n" for line in verdict.transcript.splitlines()).rstrip("\n"))
    for failure in verdict.failures:
        file = folder / failure.file if (folder / failure.file).exists() else failure.file
        say(f"      {file}:{failure.line}: at {clock_words(failure.moment)}: {failure.message}")
    for line in told.diff[:MOST_DIFF_LINES]:
        say("      " + colored(line, {"+": "green", "-": "red"}.get(line[:1], "bright_black")))
    if len(told.diff) > MOST_DIFF_LINES:
        say(f"      ... and {times(len(told.diff) - MOST_DIFF_LINES, 'line')} more")


def _write_junit(path: Path, told: Sequence[Told], prints: Prints) -> None:
    from xml.etree import ElementTree

    failed = sum(not item.verdict.passed for item in told) + len(prints.changed)
    seconds = sum(item.verdict.wall_seconds for item in told)
    attributes = {"tests": str(len(told) + len(prints.changed)), "failures": str(failed), "time": f"{seconds:.3f}"}
    root = ElementTree.Element("testsuites", attributes)
    suite = ElementTree.SubElement(root, "testsuite", attributes | {"name": "rehearsals"})
    for item in told:
        verdict = item.verdict
        named = {"classname": verdict.stem, "name": verdict.name, "time": f"{verdict.wall_seconds:.3f}"}
        case = ElementTree.SubElement(suite, "testcase", named)
        for failure in verdict.failures:
            words = f"{failure.file}:{failure.line}: at {clock_words(failure.moment)}: {failure.message}"
            ElementTree.SubElement(case, "failure", {"message": _printable(failure.message)}).text = _printable(words)
        if item.diff:
            ElementTree.SubElement(case, "system-out").text = _printable("\n".join(item.diff))
    for changed in prints.changed:
        case = ElementTree.SubElement(suite, "testcase", {"classname": "prints", "name": changed.file, "time": "0"})
        message = f"{changed.file}:{changed.line}: what the show does is not what is stored"
        ElementTree.SubElement(case, "failure", {"message": message}).text = _printable("\n".join(changed.diff))
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    """XML holds no control characters."""
    return "".join(letter for letter in text if letter in "\n\t" or letter.isprintable())
