"""Rehearsals: what happens when, what must be seen, what must never be. Expressions stay text with their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar

from showctl.show.cues import CueRef
from showctl.show.places import Place
from showctl.show.rehearsals import Rehearsal, Step
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.expectations import ExpectationReader
from showctl.showfile.models_rehearsals import RehearsalFile
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Mapping, Node, Sequence, Text
from showctl.showfile.rehearsal_parts import written_out
from showctl.showfile.resolve_actions import Actions
from showctl.showfile.structure import fit

M = TypeVar("M")

WITH_LIST: Final = ("go", "standby", "back", "pause", "resume", "stop", "locate", "start")
FOR_ALL: Final = ("pause", "resume", "stop")
"""What can be done to every list at once, with the word ``all``; the step then has no words, as the request names no list."""
WORDS: Final = (*WITH_LIST, "panic", "evacuate", "rearm", "reset", "set", "press", "guests", "fault")
WHEN: Final = ("at", "of", "after")


class RehearsalReader:
    """Reads the rehearsals of a folder."""

    def __init__(self, draft: Draft, actions: Actions) -> None:
        self.draft, self.actions = draft, actions
        self.lines = ExpectationReader(draft, actions)

    def resolve(self, nodes: list[tuple[str, Node]]) -> None:
        """Fills ``draft.rehearsals`` from (stem, tree) pairs."""
        made: list[Rehearsal] = []
        names: dict[str, Text] = {}
        for stem, node in written_out(self.draft, nodes):
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
            made.append(self._rehearsal(stem, model, raw, node))
        self.draft.rehearsals = tuple(made)

    def _rehearsal(self, stem: str, model: RehearsalFile, raw: Sequence | list[Mapping], node: Node) -> Rehearsal:
        draft = self.draft
        steps: list[Step] = []
        autos: list[str] = []
        for line, at in zip(model.do, raw, strict=True):
            auto = next((text for key, text in line.items() if key == "auto"), None)
            if auto is not None:
                if len(line) > 1:
                    extra = next(key for key in line if key != "auto")
                    draft.problems.error("UNKNOWN_KEY", extra.place, f"auto stands alone, without {extra}", "{auto: main}")
                if draft.find(auto, draft.labels, "UNKNOWN_LIST", "list") is not None:
                    autos.append(str(auto))
            elif (step := self._step(line, at)) is not None:
                steps.append(step)
        return Rehearsal(
            str(model.rehearsal), stem, tuple(steps),
            tuple(found for item, at in _placed(model.expect, node, "expect") if (found := self.lines.expectation(item, at))),
            tuple(never for item, at in _placed(model.never, node, "never") if (never := self.lines.never(item, at))),
            draft.read(lambda text: values.whole(text, 0, 10_000, "a number of guests"), model.guests, 0),
            draft.read(lambda text: values.whole(text, 0, 2**63 - 1), model.seed, 0),
            None if model.length is None else draft.read(values.time_of, model.length, None),
            draft.read(lambda text: values.whole(text, 1, 1000), model.repeat, 1),
            draft.read(values.truth, model.same_digest, False), tuple(autos), str(model.notes or ""), model.rehearsal.place,
            self._variant(model.variant),
        )  # fmt: skip

    def _variant(self, text: Text | None) -> str:
        """The name of a variant of the show; "" where none is named."""
        if text is None:
            return ""
        if text not in self.draft.variants:
            hint = did_you_mean(text, self.draft.variants, "variants: {relaxed: {start: house/6}} in house_rules.yaml")
            self.draft.problems.error("UNKNOWN_VARIANT", text.place, f"there is no variant {text or 'without a name'}", hint)
        return str(text)

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
        for_all = key in FOR_ALL and text == "all" and "all" not in draft.labels
        if key in WITH_LIST and text and not for_all:
            self._check_target(key, text)
        elif draft.noted is not None and not for_all:
            draft.noted.step(text)
        if "of" in by_name and of is None:
            return None
        return Step(draft.read(values.time_of, at, 0), str(key), "" if for_all else str(text), of, key.place)

    def _check_target(self, key: Text, text: Text) -> None:
        name = text.partition("/")[0].split(" ")[0]
        needs_cue = key in ("standby", "locate", "start")
        if "/" in text or (needs_cue and name not in self.draft.labels):
            self.actions.cue_ref(text, self.draft.main_list)
        elif name not in self.draft.labels:
            hint = did_you_mean(name, self.draft.labels)
            self.draft.problems.error("UNKNOWN_LIST", text.place, f"there is no list {name}", hint)

    def _of(self, text: Text | None) -> CueRef | None:
        return self.lines.of(text)


def _placed(models: list[M], node: Node, key: str) -> Iterator[tuple[M, Place]]:
    """Each of ``models`` with the place of the line that it was read from."""
    lines = next((value for name, value in node.items() if name == key), None) if isinstance(node, Mapping) else None
    for n, model in enumerate(models):
        line = lines[n] if isinstance(lines, Sequence) else node
        yield model, line.place
