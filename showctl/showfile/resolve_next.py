"""``next:`` and ``wait_for:``: what chains a cue to another, and what completes it."""

from __future__ import annotations

import re
from typing import Final

from showctl.show.cues import AfterEnd, AfterStart, Branch, Next, NextWhen, Readiness
from showctl.show.expressions import ValueType
from showctl.show.instants import SECOND, Duration
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_cues import BranchModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_actions import Actions

_AFTER: Final = re.compile(r"\s*(?:(?P<time>\S.*?)\s+)?(?P<side>after|before)\s+(?P<what>\w+)\s*")
_SHAPES: Final = "after start, 6s after start, after end, 2s before end, or when EXPRESSION within 20s"


class Nexts:
    """Reads ``next:`` and ``wait_for:``."""

    def __init__(self, draft: Draft, actions: Actions) -> None:
        self.draft, self.actions = draft, actions

    def next(self, value: Text | BranchModel, home: str) -> Next | None:
        """What comes next."""
        if isinstance(value, BranchModel):
            return self._branch(value, home)
        words = value.lstrip()
        if words == "when" or words.startswith("when "):
            return self.when(value, len(value) - len(words) + len("when"))
        try:
            return self._after(value)
        except Wrong as wrong:
            self.draft.wrong(wrong, value)
            return None

    def _after(self, text: Text) -> Next:
        values.nothing(text, "what comes next")
        match = _AFTER.fullmatch(text)
        if match is None:
            raise Wrong("BAD_NEXT", f"{text} is not a way to chain", 0, did_you_mean(text, ("after start", "after end"), _SHAPES))
        delay = 0
        if match["time"]:
            try:
                delay = values.time_of(match["time"])
            except Wrong as wrong:
                raise wrong.moved(match.start("time")) from None
        match match["side"], match["what"]:
            case "after", "start":
                return AfterStart(delay)
            case "after", "end":
                return AfterEnd(delay)
            case "before", "end" if delay:
                return AfterEnd(-delay)
        raise Wrong("BAD_NEXT", f"{text} is not a way to chain", match.start("side"), _SHAPES)

    def when(self, text: Text, offset: int = 0) -> NextWhen | None:
        """``EXPRESSION [within TIME]`` from ``offset`` on."""
        words = text[offset:]
        head, word, tail = words.rpartition(" within ")
        within: Duration | None = None
        if word and '"' not in tail:
            start = offset + len(head) + len(word)
            within = self.draft.read(values.time_of, text.part(start, len(text)), 0)
            words = head
        condition = self.draft.expression_at(words, text, offset, ValueType.TRUTH)
        return None if condition is None else NextWhen(condition, within)

    def ready(self, text: Text, home: str) -> Readiness | None:
        """``EXPRESSION [within TIME] [else go | skip | hold | CUE]``: five seconds, and go, where nothing is said."""
        head, word, tail = text.rpartition(" else ")
        if not word or '"' in tail:
            head, tail = str(text), "go"
        when = self.when(text.part(0, len(head)))
        policy, instead = tail.strip(), None
        if policy not in ("go", "skip", "hold"):
            instead = self.actions.cue_ref(text, home, len(head) + len(word))
            policy = "instead"
        if when is None:
            return None
        return Readiness(when.condition, 5 * SECOND if when.within is None else when.within, policy, instead)

    def _branch(self, model: BranchModel, home: str) -> Branch | None:
        choices = []
        for choice in model.when:
            condition = self.draft.expression(choice.if_)
            ref = self.actions.cue_ref(choice.go, home)
            if condition is not None and ref is not None:
                choices.append((condition, ref))
        otherwise = self.actions.cue_ref(model.else_, home)
        within = self.draft.read(values.time_of, model.within, 0)
        early = self.draft.read(values.truth, model.early, False)
        return None if otherwise is None else Branch(tuple(choices), otherwise, within, early)
