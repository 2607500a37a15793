"""What the show answers (why, what a reload would change) is said in Chinese on the page, each sentence of it.

The sentences are read off the source that says them: one that is new there fails here until it has an example below, and an
example that stays English on the page fails until ``web/src/words/answers.ts`` has its Chinese.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.web import WEB, said_on_the_page

ROOT = WEB.parent / "showctl"
SAYING = {
    "engine/asking_cues.py": (
        "reasons", "_running", "_stands", "_standing_by", "_pending", "_branch", "_chain", "_what_runs", "_what_waits",
        "_parents", "_others", "_verb", "_never_reached", "_deadline",
    ),
    "engine/asking.py": ("words", "_age", "_owner", "_effect", "_zone", "_lines", "_header", "_master_words"),
    "engine/cue_view.py": ("words_for_next",),
    "engine/tags_view.py": ("holder_words", "stands_in_words"),
    "engine/hazard_asking.py": ("words_of",),
    "engine/reloading.py": ("_few", "_end_what_cannot_stay", "_begun", "_list"),
    "runtime/reloader.py": ("ask", "_look"),
    "library/diff.py": ("lines", "_renumbered", "_line"),
    "library/list_diff.py": ("_says", "_mark_words", "_after", "_row", "_group"),
}  # fmt: skip
NO_SENTENCE = frozenset(
    re.findall(
        r"\S+",
        """park grab safe cue effect release hold rest effects begin begins fade stop set light intensity action light.marked
        master cue.stopped revision done refused words now coming running unready standing_by chain condition after_end
        not_reached renumbered""",
    )
) | {"its interlock was changed", "The show was reloaded: %s.", "everything was carried over"}
"""Keys, kinds, and what goes to the log."""

EXAMPLES = [line for line in """
it did start, and is over; main stands at 3, 4 stands by
it did start, and is over; main stands at 3
panic is in force: nothing starts until it is re-armed
it is disarmed in the file: when its turn comes it is passed over without acting
an operator has disarmed it: when its turn comes it is passed over without acting
main is paused: its clock stands still, so no wait of it runs out
with no further input it starts in 4.2 s
it has started, and waits to be ready: gate.state == "open" (gate.state is "closed"), at the latest in 8 s; it is paused
it has started, and its wait of 1:04.2 has 3.1 s left; main is paused
it did start, 3.1 s ago; it waits for gate.closed (gate.closed is false), for as long as it takes; it is paused
it did start, 3.1 s ago
it stands by in main and waits for GO
main/61 decides in 20 s, or as soon as one holds: it goes here if votes > 3 (votes is 2), which does not hold now
main/61 decides, when its clock goes on: it goes here if votes > 3, which holds now
main/61 decides: it goes here if neither votes > 3 nor votes < 1 holds
main/61 decides in 20 s: it goes here unless votes > 3
main/61 starts it in 4 s (6 s after start)
main/61 starts it when its clock goes on (after end)
main/61 starts it in 4 s (2 s before end)
main/61 starts it in 4 s (2 s after end)
main/61 starts it when gate.closed (gate.closed is false), at the latest in 8 s
main/61 starts it when it is complete: 3 of its members are not done
main/61 starts it when it is complete: it has 4 s left
main/61 starts it when it is complete: something in it has no end
main/61 starts it when it is complete: its clock stands still
main/61 starts it when it is complete: it waits for gate.closed, when its clock goes on
it is a member of main/61, which does not run
it is number 3 in main/61, which is at number 1
it is a member of main/61, which plays one of them at random, and it was not its turn
main/61 runs, and starts it 4 s after its beginning
trigger wave (triggers.yaml:3:1) starts it: it is disarmed; votes > 3 (votes is 2) does not hold
trigger wave (triggers.yaml:3:1) starts it: it is disarmed; its cooldown has 8 s left
trigger wave (triggers.yaml:3) puts it in standby: votes > 3 holds already, and it acts when that turns true; only if open
trigger wave (triggers.yaml:3:1) starts it: nothing keeps it
main/61 starts it, and is waiting to act
main/61 puts it in standby, and has run
main/61 starts it, and has not started
main has not begun, and nothing stands by: nobody has come to this cue
main stands at 3, 4 stands by: nobody has come to this cue
main/61 would start it: when gate.closed, at most 8 s
it waits for GO, after main/61
main/61 goes here if votes > 3; it went another way
main/61 goes here else; it has not decided
main/61 would start it: branch in 20 s, else 62
par_1 is at 40 % (before masters and park 80 %)
tilt is at -30 deg
intensity, red of 3 cells: 70 %
from parked by Mei: wet, for 3 s: 70 %
from parked: 70 %
from grabbed, for 1:04.2
from main/61, list main at priority 100, fading, 3 s left, paused, 0 % to 70 %: 40 %
over main/61, list main at priority 100, for 8 s; its permission ran out, so the safe level shows
(beneath: main/61, list main at priority 100, given back to what is beneath, 3 s left: 70 %)
from effect ring (sine, every 2 s) of main/61, list main at priority 100, fading out, 3 s left
over an effect (sine, every 2 s) of main as a whole, list main at priority 100
from main/61, following visitor, whom nobody has seen yet
from main/61, following visitor, last seen 3 s ago
from the safe state of hall (panic is in force), 3 s left
from the safe state of the room (latched is in force)
from the safe look of hall, which stays until a cue takes over
from the hold look of main, which stays until the list goes on
from the show as a whole
from out of service (Mei: wet)
from held still: film is muted by Mei: wet
from held still by the maintenance lock of Mei
from on its way back from where it was held still
from the channel check of somebody
over nobody: its default: 0 %
(beneath: nobody: its default)
in 3 s: main/61, list main at priority 100
when its clock goes on: main/61
scaled by the grand master, 80 %
scaled by blackout, 0 %
scaled by submaster front, 80 %
scaled by its dimmer, 80 %
never under its floor, 10 %
stands in for par_2, which is out of service (Mei: wet): what follows is par_2's light
guarded by smoke (hazards.yaml:1:1), which is safe: its permit does not hold: key_turned (key_turned is false)
guarded by smoke, which is on
a hazard that nothing permits: it never moves
main/61 was stopped, for it needs film, which is gone
the list house is gone, and with it house/1
main/61 finishes as it began, and is gone after that
main/61 stood by and is gone: 62 stands by in main
main/61 stood by and is gone: nothing stands by in main
and 4 more
the folder has errors; what runs goes on as it is
the folder cannot be read (no rights); what runs goes on as it is
the folder was saved again since the difference was shown: look again
main/61 is called hall
main/61 stands before 60
main/61 stands after 62
main/61 is deleted
time of main/61 is 4 s
main/61 has no notes any more
list main
renumbered: 1 -> 2, 3 -> 4 and 4 more
61 to 65 begin 2 s later: 61 3 s after 60 -> 5 s after 60
61 begins 1.5 s earlier: 61 3 s after 60 -> 1.5 s after 60
added after 3
removed first
added at 4 s
+ : added with 4 cues
- : removed with 4 cues
renamed: x -> y
moved: after 3 -> first
wait: 0 s -> 4 s
waits for: x -> y
is ready: x -> y
prepares: x -> y
armed: yes -> no
lands together: no -> yes
marks: no -> during the cue before, in 2 s
on a second trigger: x -> y
group: x -> y
clock: its own from 0 s -> ltc from 2 s
at: 3 s -> 4 s
next: 4 s after start -> after end
pars: 70 % -> 50 % (through 65)
pars color: not held -> hex ff6600 (and in 3 more like it)
pars (intensity) time: 3 s -> 4 s, delay 1 s
+ head_1 pan: -30 deg
- cyc: 70 %
fade rumble: fade to -20 over 8 s -> stop over 2 s
par_1 address: sacn/1.1 -> sacn/1.5
frames a second: 40 -> 44
""".splitlines() if line]  # fmt: skip
NAMES = frozenset(
    re.findall(
        r"\S+",
        """main house hall gate state open closed false votes wave triggers yaml wet Mei par_1 par_2 pars tilt pan intensity red
        ring sine visitor smoke hazards key_turned film head_1 cyc front rumble sacn GO lists error
        BAD_TIME x y ltc no rights hex ff6600 or nor""",
    )
)
"""What people have named or typed: it stands in every language as it is."""


def sentences(file: Path, functions: tuple[str, ...]) -> Iterator[str]:
    """The fixed part of each text that these functions say, as a pattern: what is put in is anything."""
    for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name in functions:
            inside = {id(part) for node in ast.walk(function) if isinstance(node, ast.JoinedStr) for part in node.values}
            told = ast.get_docstring(function, clean=False)
            for node in ast.walk(function):
                parts = node.values if isinstance(node, ast.JoinedStr) else [node] if id(node) not in inside else []
                words = [part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else None for part in parts]
                fixed = [word.strip() for word in words if word and word.strip()]
                if (
                    any(re.search("[a-z]{2}", word) for word in fixed)
                    and fixed != [str(told).strip()]
                    and fixed[0] not in NO_SENTENCE
                ):
                    yield ".*".join("" if word is None else re.escape(word) for word in words).removeprefix(r"\ \ ")


def test_every_sentence_of_an_answer_has_an_example() -> None:
    for file, functions in SAYING.items():
        found = list(sentences(ROOT / file, functions))
        assert found, file
        missing = [one for one in found if not any(re.search(one, line) for line in EXAMPLES)]
        assert missing == [], f"showctl/{file} says what EXAMPLES has not"


@pytest.mark.referee("node")
def test_every_example_is_chinese_on_the_page(tmp_path: Path) -> None:
    said = said_on_the_page("src/words/answers.ts", "lineInChinese", EXAMPLES, tmp_path)

    english = {line: words for line, words in said.items() if set(re.findall(r"[A-Za-z_]\w+", words, re.ASCII)) - NAMES}
    assert english == {}
    assert said["main/61 starts it when gate.closed (gate.closed is false), at the latest in 8 s"] == (
        "main/61 执行它，当 gate.closed（gate.closed 为 false），最迟 8 秒后"
    )
    assert said["pars: 70 % -> 50 % (through 65)"] == "pars：70 % → 50 %（延续至 65）"
