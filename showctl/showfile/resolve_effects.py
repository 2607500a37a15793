"""Effects and chases: functions of time over an ordered selection, with each element's phase worked out here.

Element n of N lags the one before it by spread/N of a turn, so movement runs in the order of the selection. A chase's
rate is that of its steps: with 96bpm a new element comes in on every beat, and a whole round takes N beats.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

from showctl.show.cues import Effect, LightMove, Wave
from showctl.show.levels import FULL, Level
from showctl.showfile import values
from showctl.showfile.channels import span_of
from showctl.showfile.draft import Draft
from showctl.showfile.models_cues import ChaseModel, EffectModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_light import LightReader, Times
from showctl.showfile.selections import Selections

TURN: Final = 65536
_SPREADS: Final = {"full": TURN, "half": TURN // 2, "none": 0, "even": TURN}
_WAVES: Final = ("sine", "square", "triangle", "ramp", "random")


class EffectReader:
    """Reads ``effect:`` and ``chase:``."""

    def __init__(self, draft: Draft, selections: Selections, light: LightReader) -> None:
        self.draft, self.selections, self.light = draft, selections, light

    def effects(self, model: EffectModel, label: str) -> list[Effect]:
        """A relative effect on one parameter. Fixtures whose ranges differ get one each, in step."""
        draft = self.draft
        heads = self.selections.many(model.over)
        wave = draft.choice(model.wave, _WAVES, "sine", "a wave")
        period = draft.read(values.period, model.rate, 0)
        spread = draft.read(_spread, model.spread, TURN)
        direction = draft.choice(model.direction, ("forward", "reverse"), "forward", "a direction")
        name = self._name(model.as_, f"{label} effect")
        if not heads or not period:
            return []
        by_size: dict[Level, tuple[list[int], list[int]]] = {}
        for n, head in enumerate(heads):
            phase = _phase(n, len(heads), spread, direction)
            for item in self.light.parameters((head,)):
                if item.name == model.parameter:
                    try:
                        size = span_of(item.channel, model.size)
                    except Wrong as wrong:
                        draft.wrong(wrong, model.size)
                        return []
                    parameters, phases = by_size.setdefault(size, ([], []))
                    parameters.append(item.index)
                    phases.append(phase)
        if not by_size:
            names = dict.fromkeys(item.name for item in self.light.parameters(heads))
            hint = did_you_mean(model.parameter, names)
            draft.problems.error(
                "UNKNOWN_PARAMETER", model.parameter.place, f"nothing here has the parameter {model.parameter}", hint
            )
        entry, exit_ = (draft.read(values.time_of, text, 0) for text in (model.entry, model.exit))
        return [
            Effect(
                name, tuple(parameters), tuple(phases), Wave(wave), period, True, size, seed=crc32(name.encode()),
                entry=entry, exit_=exit_, place=model.parameter.place,
            )
            for size, (parameters, phases) in by_size.items()
        ]  # fmt: skip

    def chase(self, model: ChaseModel, label: str, times: Times) -> tuple[list[Effect], list[LightMove]]:
        """What moves becomes effects; what is the same in both looks (a colour) becomes a move of the cue."""
        draft = self.draft
        heads = self.selections.many(model.over)
        name = self._name(model.as_, f"{label} chase")
        where = model.steps[0].place if model.steps else model.rate.place
        if not 1 <= len(model.steps) <= 2:
            hint = "the look of the element that is lit and, if it is not out, of the others: [full ember, 20]"
            draft.problems.error("BAD_WORD", where, f"a chase has one or two looks, not {len(model.steps)}", hint)
            return [], []
        beat = draft.read(values.period, model.rate, 0)
        if not heads or not beat:
            return [], []
        high = self._look(model.over, model.steps[0])
        low = self._look(model.over, model.steps[1]) if len(model.steps) == 2 else {}
        width = draft.read(lambda text: values.whole(text, 1, len(heads), "a number of elements"), model.width, 1)
        direction = draft.choice(model.direction, ("forward", "reverse"), "forward", "a direction")
        moving: dict[Level, tuple[list[int], list[int], list[Level]]] = {}
        still: dict[int, Level] = {}
        for n, head in enumerate(heads):
            phase = _phase(n, len(heads), TURN, direction)
            for item in self.light.parameters((head,)):
                if item.index not in high and item.index not in low:
                    continue
                dark = 0 if item.family.value == "intensity" else high.get(item.index, low.get(item.index, 0))
                below = low.get(item.index, dark)
                above = high.get(item.index, below)
                if above == below:
                    still[item.index] = above
                    continue
                parameters, phases, highs = moving.setdefault(below, ([], [], []))
                parameters.append(item.index)
                phases.append(phase)
                highs.append(above)
        entry, exit_ = (draft.read(values.time_of, text, 0) for text in (model.entry, model.exit))
        made = [
            Effect(
                name, tuple(parameters), tuple(phases), Wave.STEPS, beat * len(heads), False, 0, below, tuple(highs),
                min(width * TURN // len(heads), FULL), crc32(name.encode()), entry, exit_, where,
            )
            for below, (parameters, phases, highs) in moving.items()
        ]  # fmt: skip
        return made, self._still(still, times)

    def _look(self, over: Text | list[Text], step: Text) -> dict[int, Level]:
        levels: dict[int, Level] = {}
        for who in over if isinstance(over, list) else [over]:
            for part in self.light.parts(who, step):
                levels |= zip(part.parameters, part.levels, strict=False)
        return levels

    def _still(self, levels: dict[int, Level], times: Times) -> list[LightMove]:
        by_time: dict[object, dict[int, Level]] = {}
        parameters = self.draft.patch.parameters
        for index, level in levels.items():
            by_time.setdefault(times.of(parameters[index].family), {})[index] = level
        return [
            LightMove(tuple(found), tuple(found.values()), time.up, time.down, time.delay, times.curve)
            for time, found in by_time.items()
            if isinstance(time, values.UpDown)
        ]

    def _name(self, text: Text | None, otherwise: str) -> str:
        if text is None or not self.draft.good_name(text):
            return otherwise
        self.draft.things.setdefault(str(text), "effect")
        return str(text)


def _phase(n: int, count: int, spread: int, direction: str) -> int:
    lag = n * spread // count
    return (-lag if direction == "forward" else lag) % TURN


def _spread(text: str) -> int:
    words = text.strip()
    if words in _SPREADS:
        return _SPREADS[words]
    if words.endswith("deg"):
        return round(values.angle(words) * TURN / 360)
    if words.endswith("%"):
        return round(values.number(words[:-1]) * TURN / 100)
    raise Wrong("BAD_WORD", f"{words or 'nothing'} is not a spread", 0, "a spread is full, half, none, 90deg or 50%")
