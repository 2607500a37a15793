"""palettes.yaml and the submasters: what cues refer to and never copy."""

from __future__ import annotations

from functools import partial

from showctl.show.fixtures import Family
from showctl.show.patch import Parameter
from showctl.show.show import Submaster
from showctl.showfile import values
from showctl.showfile.aims import aimed
from showctl.showfile.channels import level_of, percent_of
from showctl.showfile.draft import Draft
from showctl.showfile.models import MasterModel, MastersFile, PalettesFile
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_light import WORDS, LightReader, Times
from showctl.showfile.selections import Selections
from showctl.showfile.words import Phrase


def resolve_palettes(draft: Draft, selections: Selections, light: LightReader) -> None:
    """Fills ``draft.palettes``, and reads every entry once, so that a fault in one that no cue uses is found as well."""
    model: PalettesFile | None = draft.section("palettes", PalettesFile)
    if model is None:
        return
    found = draft.palettes
    for name in (*model.color, *model.intensity, *model.focus, *model.beam, *model.looks):
        if name in WORDS:
            draft.problems.error("BAD_NAME", name.place, f"{name} is a word of the language", "call it something else")
        else:
            draft.good_name(name)
    for name in model.intensity:
        if name in model.color:
            first = next(known for known in model.color if known == name)
            hint = f"{first.place} is a colour of that name: rename one"
            draft.problems.error("TWIN_NAME", name.place, f"{name} is already the name of a color", hint)
    found.color = {str(name): text for name, text in model.color.items()}
    found.intensity = {str(name): text for name, text in model.intensity.items()}
    found.beam = {str(name): dict(words) for name, words in model.beam.items()}
    for color in found.color:
        light.palette_color(color)
    for text in found.intensity.values():
        draft.read(values.percent, text, 0)
    for focus, words in model.focus.items():
        found.focus[str(focus)] = _focus(draft, selections, light, words)
    _check_beams(draft, model)
    for name, look in model.looks.items():
        light.moves(look, Times())
        found.looks[str(name)] = dict(look)


def _focus(
    draft: Draft, selections: Selections, light: LightReader, words: dict[Text, Text]
) -> dict[int, tuple[tuple[str, int], ...]]:
    made: dict[int, tuple[tuple[str, int], ...]] = {}
    for who, text in words.items():
        if text.startswith("aim "):
            _aim(draft, light.parameters(selections.heads(who)), text, made)
            continue
        pan, slash, _ = text.partition("/")
        if not slash:
            hint = "a focus is pan / tilt: -30deg / 45deg; or aim 0/1.5/8"
            draft.problems.error("BAD_ANGLE", text.place, f"{text or 'nothing'} is not a focus", hint)
            continue
        parts = (("pan", text.part(0, len(pan))), ("tilt", text.part(len(pan) + 1, len(text))))
        for item in light.parameters(selections.heads(who)):
            for name, part in parts:
                if item.name != name:
                    continue
                try:
                    level = level_of(item.channel, _degrees(part, item.channel.low is not None))
                except Wrong as wrong:
                    lead = len(part) - len(part.lstrip())
                    draft.wrong(wrong.moved(lead), part)
                    continue
                made[item.fixture] = (*made.get(item.fixture, ()), (name, level))
        if not any(item.name == "pan" for item in light.parameters(selections.heads(who))):
            if selections.heads(who):
                draft.problems.error("NO_PARAMETER", who.place, f"{who} has no pan", "only what moves can be in a focus palette")
    return made


def _aim(draft: Draft, parameters: tuple[Parameter, ...], text: Text, made: dict[int, tuple[tuple[str, int], ...]]) -> None:
    """A point that stays is as good as angles. Somebody who walks is not: cues say ``aim``."""
    try:
        phrase = Phrase(text)
        phrase.next("aim")
        word = phrase.next("a point")
        found = aimed(draft, word, parameters)
        if found.follow:
            raise Wrong("BAD_ANGLE", f"{word.text} walks, and a palette stays", word.offset, "say aim in the cue's light")
    except Wrong as wrong:
        draft.wrong(wrong, text)
        return
    for item in parameters:
        if item.index in found.levels:
            made[item.fixture] = (*made.get(item.fixture, ()), (item.name, found.levels[item.index]))


def _degrees(text: Text, ranged: bool) -> str:
    """Bare numbers in a focus are degrees where the head has a range."""
    words = text.strip()
    return words + "deg" if ranged and words and words[-1].isdigit() else words


def _check_beams(draft: Draft, model: PalettesFile) -> None:
    channels: dict[str, set[str]] = {}
    for item in draft.patch.parameters:
        if item.family in (Family.BEAM, Family.FOCUS):
            channels.setdefault(item.name, set()).update(name for name, _ in item.channel.names)
    for words in model.beam.values():
        for parameter, text in words.items():
            if parameter not in channels:
                hint = did_you_mean(parameter, channels)
                draft.problems.error("UNKNOWN_PARAMETER", parameter.place, f"no fixture has the parameter {parameter}", hint)
            elif text.strip() not in channels[parameter] and not text.endswith(("deg", "°")):
                draft.read(partial(percent_of, str(parameter), sorted(channels[parameter])), text, 0)


def resolve_masters(draft: Draft, selections: Selections, light: LightReader) -> None:
    """Fills ``draft.submasters``."""
    model: dict[Text, MasterModel] | None = draft.section("masters", MastersFile)
    for name, master in (model or {}).items():
        if name in ("grand", "blackout"):
            draft.problems.error("BAD_NAME", name.place, f"{name} is there already", "call it something else")
        elif draft.good_name(name):
            found = light.parameters(selections.many(master.over))
            numbers = tuple(item.index for item in found if item.family is Family.INTENSITY)
            kind = draft.choice(master.kind, ("inhibitive", "additive"), "inhibitive", "a kind of master")
            draft.submasters[name] = Submaster(len(draft.submasters), str(name), numbers, kind == "inhibitive")
