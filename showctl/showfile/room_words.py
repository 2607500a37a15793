"""What the simulated room is told of lamps, speakers, surfaces and clips: how bright, how loud, how wide, and from where.

None of it reaches a cue or a wire. What is left out is taken as usual for its kind (``simulators.lamps``, ``show.triggers``).
"""

from __future__ import annotations

from typing import Final

from showctl.show.expressions import ValueType
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models import ClipModel
from showctl.showfile.models_room import SpeakerModel, SurfaceModel, TypeModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text

LOUDEST: Final = 140.0
"""dB(A): no speaker here is louder."""


def lamp_words(draft: Draft, model: TypeModel) -> tuple[float | None, float | None]:
    """Lumens at full, and degrees across the beam, of a type of lamp; None where it does not say."""
    lumens = None if model.lumens is None else draft.read(_lumens, model.lumens, None)
    return lumens, None if model.spread is None else draft.read(_spread, model.spread, None)


def surface_words(draft: Draft, model: SurfaceModel) -> tuple[str, float, tuple[str, ...]]:
    """From which zone a surface is seen, the lumens that it sends back when all white, and how its picture can be bent."""
    lumens = 5000.0 if model.lumens is None else draft.read(_lumens, model.lumens, 5000.0)
    return _zone(draft, model.zone), lumens, tuple(str(name) for name in model.warps)


def speaker_words(draft: Draft, model: SpeakerModel) -> tuple[str, float, str]:
    """Where a speaker is heard best, how loud it is there, and the field that trims it."""
    loud = 84.0 if model.loud is None else draft.read(loudness, model.loud, 84.0)
    return _zone(draft, model.zone), loud, "" if model.trim is None else _trim(draft, model.trim)


def clip_words(draft: Draft, model: ClipModel) -> tuple[float, float]:
    """How bright a film is on the whole, in percent, and how often it flashes in a second at most."""
    bright = 30.0 if model.brightness is None else draft.read(values.percent, model.brightness, 0) / 655.35
    return bright, float(draft.read(values.number, model.flashes, 0))


def loudness(text: str) -> float:
    """``84dB``, ``84 dB(A)`` or a bare number: a level in the room."""
    words = text.strip()
    for unit in ("dB(A)", "dBA", "dB"):
        words = words.removesuffix(unit)
    found = float(values.number(words.strip()))
    if not 0 <= found <= LOUDEST:
        raise Wrong("BAD_SOUND_LEVEL", f"{text} is no level of a room", 0, f"0 to {LOUDEST:g} dB(A): 84dB")
    return found


def lux(text: str) -> float:
    """``1lx`` or a bare number."""
    found = float(values.number(text.strip().removesuffix("lx").strip()))
    if found < 0:
        raise Wrong("BAD_LEVEL", f"{text} is less than no light", 0, "1lx")
    return found


def _lumens(text: str) -> float:
    found = float(values.number(text.strip().removesuffix("lm").strip()))
    if not 0 <= found <= 1e7:
        raise Wrong("BAD_NUMBER", f"{text} is no light of a lamp", 0, "lumens: 8000lm")
    return found


def _spread(text: str) -> float:
    found = float(values.angle(text))
    if not 1 <= found <= 360:
        raise Wrong("BAD_ANGLE", f"{text} is no beam", 0, "degrees across: 20deg; 360deg shines all round")
    return found


def _zone(draft: Draft, text: Text | None) -> str:
    if text is None:
        return ""
    draft.zone_words.append(text)  # zones are read later, and look whether they are there
    return str(text)


def _trim(draft: Draft, text: Text) -> str:
    device, _, field = text.partition(".")
    found = draft.devices.get(device)
    if found is None:
        hint = did_you_mean(device, draft.devices)
        draft.problems.error("UNKNOWN_DEVICE", text.place, f"there is no device {device or 'here'}", hint)
        return ""
    numbers = [name for name, item in found.kind.fields.items() if item.type is ValueType.NUMBER]
    if field not in numbers:
        message = f"{device} reports no number {field}".rstrip()
        draft.problems.error("UNKNOWN_FIELD", text.place, message, did_you_mean(field, numbers, "trim: amplifiers.trim"))
        return ""
    return str(text)
