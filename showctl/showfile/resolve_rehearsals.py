"""Rehearsals: what happens when, what must be seen, what must never be. Expressions stay text with their place."""

from __future__ import annotations

import ast
from typing import Final

from showctl.show.cues import CueRef
from showctl.show.instants import Duration
from showctl.show.rehearsals import Expectation, Never, Rehearsal, Step, When
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models import ExpectModel, RehearsalFile
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Mapping, Node, Sequence, Text
from showctl.showfile.resolve_actions import Actions
from showctl.showfile.structure import fit

WITH_LIST: Final = ("go", "standby", "back", "pause", "resume", "stop", "locate", "start")
WORDS: Final = (*WITH_LIST, "panic", "evacuate", "rearm", "reset", "set", "press", "guests", "fault")
WHEN: Final = ("at", "of", "after")


class RehearsalReader:
    """Reads the rehearsals of a folder."""

    def __init__(self, draft: Draft, actions: Actions) -> None:
        self.draft, self.actions = draft, actions

    def resolve(self, nodes: list[tuple[str, Node]]) -> None:
        """Fills ``draft.rehearsals`` from (stem, tree) pairs."""
        made: list[Rehearsal] = []
        names: dict[str, Text] = {}
        for stem, node in nodes:
            model: RehearsalFile | None = fit(RehearsalFile, node, self.draft.problems)
            if model is None:
                continue
            if model.rehearsal in names:
                first = names[model.rehearsal].place
                self.draft.problems.error(
                    "TWIN_NAME", model.rehearsal.place, "there is another rehearsal of this name", f"in {first}: rename one"
                )
            names[str(model.rehearsal)] = model.rehearsal
            raw = node[Text("do")] if isinstance(node, Mapping) and "do" in node else []
            made.append(self._rehearsal(stem, model, raw))
        self.draft.rehearsals = tuple(made)

    def _rehearsal(self, stem: str, model: RehearsalFile, raw: Sequence | list[Mapping]) -> Rehearsal:
        draft = self.draft
        steps: list[Step] = []
        autos: list[str] = []
        for line, node in zip(model.do, raw, strict=True):
            auto = next((text for key, text in line.items() if key == "auto"), None)
            if auto is not None:
                if len(line) > 1:
                    extra = next(key for key in line if key != "auto")
                    draft.problems.error("UNKNOWN_KEY", extra.place, f"auto stands alone, without {extra}", "{auto: main}")
                if draft.find(auto, draft.labels, "UNKNOWN_LIST", "list") is not None:
                    autos.append(str(auto))
            elif (step := self._step(line, node)) is not None:
                steps.append(step)
        return Rehearsal(
            str(model.rehearsal), stem, tuple(steps),
            tuple(found for item in model.expect if (found := self._expectation(item)) is not None),
            tuple(Never(str(text), text.place) for text in model.never if self._sensible(text)),
            draft.read(lambda text: values.whole(text, 0, 10_000, "a number of guests"), model.guests, 0),
            draft.read(lambda text: values.whole(text, 0, 2**63 - 1), model.seed, 0),
            None if model.length is None else draft.read(values.time_of, model.length, None),
            draft.read(lambda text: values.whole(text, 1, 1000), model.repeat, 1),
            draft.read(values.truth, model.same_digest, False), tuple(autos), str(model.notes or ""), model.rehearsal.place,
        )  # fmt: skip

    def _step(self, line: dict[Text, Text], node: Mapping) -> Step | None:
        draft = self.draft
        said = [key for key in line if key not in WHEN]
        for key in said:
            if key not in WORDS:
                hint = did_you_mean(key, (*WORDS, *WHEN, "auto"))
                if line[key].empty:
                    hint = "a comma inside braces begins a new key: put the whole value in quotes"
                draft.problems.error("UNKNOWN_KEY", key.place, f"nobody can {key} in a rehearsal", hint)
                return None
        if len(said) != 1:
            what = " and ".join(said) or "nothing"
            draft.problems.error("MISSING_KEY", node.place, f"a line does one thing, and this does {what}", "{at: 0s, go: main}")
            return None
        key, text = said[0], line[said[0]]
        by_name: dict[str, Text] = {str(word): value for word, value in line.items()}
        of, at = self._of(by_name.get("of")), by_name.get("at") or by_name.get("after")
        if at is None and "of" not in by_name:
            draft.problems.error("MISSING_KEY", node.place, "this line does not say when", "at: 5s, or of: main/12, after: 2s")
        if "of" in by_name and "at" in by_name:
            draft.problems.error("UNKNOWN_KEY", by_name["at"].place, "at counts from the beginning", "with of: write after: 2s")
        if "after" in by_name and "of" not in by_name:
            draft.problems.error("MISSING_KEY", by_name["after"].place, "after what?", "of: main/12, after: 2s")
        if key in WITH_LIST and text:
            self._check_target(key, text)
        elif draft.noted is not None:
            draft.noted.step(text)
        if "of" in by_name and of is None:
            return None
        return Step(draft.read(values.time_of, at, 0), str(key), str(text), of, key.place)

    def _check_target(self, key: Text, text: Text) -> None:
        name = text.partition("/")[0].split(" ")[0]
        needs_cue = key in ("standby", "locate", "start")
        if "/" in text or (needs_cue and name not in self.draft.labels):
            self.actions.cue_ref(text, self.draft.main_list)
        elif name not in self.draft.labels:
            hint = did_you_mean(name, self.draft.labels)
            self.draft.problems.error("UNKNOWN_LIST", text.place, f"there is no list {name}", hint)

    def _of(self, text: Text | None) -> CueRef | None:
        return None if text is None else self.actions.cue_ref(text, self.draft.main_list)

    def _expectation(self, model: ExpectModel) -> Expectation | None:
        draft = self.draft
        if not self._sensible(model.that):
            return None
        of = self._of(model.of)
        if model.of is not None and of is None:
            return None
        at, within, after = (draft.read(values.time_of, text, 0) for text in (model.at, model.within, model.after))
        start, until = (draft.read(values.time_of, text, 0) for text in (model.from_, model.to))
        place = model.that.at(0)
        given = [word for word in ("at", "within", "to", "end") if getattr(model, word) is not None]
        if len(given) > 1 and given != ["at", "within"]:
            text: Text = getattr(model, given[1])
            draft.problems.error("UNKNOWN_KEY", text.place, f"{given[0]} and {given[1]} do not go together", _SHAPES)
            return None
        that = str(model.that)
        if model.end is not None:
            return Expectation(When.END, that, place=place)
        if model.within is not None:
            begun: Duration = at + after
            return Expectation(When.WITHIN, that, begun, begun + within, of, place)
        if model.to is not None:
            if until < start:
                draft.problems.error("BAD_TIME", model.to.place, "this ends before it begins", "from: 10s, to: 20s")
            return Expectation(When.DURING, that, start, until, of, place)
        if model.at is None and model.after is None and model.of is None:
            draft.problems.error("MISSING_KEY", place, "this line does not say when", _SHAPES)
            return None
        return Expectation(When.AT, that, at + after, at + after, of, place)

    def _sensible(self, text: Text) -> bool:
        """Whether ``text`` can be an expression at all; names are resolved by the rehearsal."""
        source = text.strip()
        if self.draft.noted is not None:
            self.draft.noted.expression(text, 0, text)
        if len(source) > 500:
            self.draft.problems.error("BAD_EXPRESSION", text.place, "an expression has at most 500 characters", "split it")
            return False
        try:
            ast.parse(source, mode="eval")
        except SyntaxError as error:
            column = max((error.offset or 1) - 1, 0)
            said = "an expression is missing" if not source else f"this is not an expression: {error.msg}"
            self.draft.problems.error("BAD_EXPRESSION", text.at(column), said, 'for instance gate.state == "closed"')
            return False
        except (ValueError, RecursionError, MemoryError):
            self.draft.problems.error("BAD_EXPRESSION", text.place, "this is not an expression", "")
            return False
        return True


_SHAPES: Final = "at: 5s, or within: 2s with of: main/40, or from: 10s, to: 20s, or end: yes"
