"""What a channel of a QLC+ definition is by its words, where no preset says it: its group, its colour, its name.

What no word of ours fits keeps its own name, in small letters.
"""

from __future__ import annotations

import re
from typing import Final

from showctl.library.importers.found import identifier
from showctl.library.importers.parameters import COLORS

_BY_GROUP: Final = {"Pan": "pan", "Tilt": "tilt", "Shutter": "shutter", "Gobo": "gobo", "Prism": "prism"}
_DIMMER: Final = re.compile(r"dim|intens|bright|master|lumin")
_NO_DIMMER: Final = re.compile(r"curve|dim\w*\W+(?:mode|speed|fade|resp)|black.?out")
_OTHER: Final = re.compile(
    r"macro|prog|speed|sound|sensitiv|audio|auto|func|fonc|effect|shake|chase|pattern|select|reset|colou?r|tint|\bct[obc]\b|temperat"
    r"|preset|fan\b|fx|lamp.?(?:on|switch|control)|shutter|control|synchron|on.?off|mode|setting|strob|flash"
)
_FINE: Final = r"fine|lsb|least.significant.(?:bit|byte)|16.?bits?|low.byte"
_HALF: Final = re.compile(rf"\b(?:{_FINE}|coarse|course|msb|most.significant.(?:bit|byte)|adjust\w*|control)\b|[^a-z0-9 ]")
MANY: Final = 5
"""Meanings after which "dimming control" is no dimmer, but how it dims."""


def of_words(name: str, group: str, color: str, meanings: int) -> str:
    """The parameter of a channel of ``group``; ``color`` in small letters, ``meanings``: how many ranges it has.

    >>> of_words("Master dimmer/strobe", "Intensity", "generic", 3), of_words("Dimmer curves", "Intensity", "generic", 4)
    ('intensity', 'dimmer_curves')
    >>> of_words("Strobing", "Intensity", "generic", 1), of_words("Light 2", "Intensity", "generic", 1)
    ('strobe', 'intensity')
    """
    plain = identifier(re.sub(r"\bfine\b", "", name, flags=re.I), "channel")
    if group == "Intensity":
        return _light(name.lower(), plain, color, meanings)
    if group == "Colour":
        return "color_wheel" if "wheel" in plain or plain in ("color", "colour") else plain
    if group in ("Pan", "Tilt") and re.search(r"speed|time|rotat|endless|continu|auto|macro", name, re.I):
        return plain
    if group in ("Gobo", "Prism") and re.search(r"speed|rotat|index|shak", name, re.I):
        return plain
    return _BY_GROUP.get(group, plain)


def _light(name: str, plain: str, color: str, meanings: int) -> str:
    if color and color != "generic":
        return COLORS.get(color, plain)
    dimmer, other = _DIMMER.search(name), _OTHER.search(name)
    if _NO_DIMMER.search(name) or (re.search(r"dim\w*\W+control", name) and meanings >= MANY):
        return plain
    if (
        other is not None
        and (dimmer is None or other.start() < dimmer.start())
        and not (dimmer and other[0] in ("strob", "flash"))
    ):
        said = next((COLORS[word] for word in plain.split("_") if word in COLORS), None)
        if said is not None and other[0] in ("control", "colour", "color"):
            return said
        return "strobe" if plain in ("strobe", "strobing") else "shutter" if plain.startswith("shutter") else plain
    return next((COLORS[word] for word in plain.split("_") if word in COLORS), "intensity")


def kind_of_white(name: str) -> str:
    """Warm, cool, or white, by its name.

    >>> kind_of_white("Cold White 2"), kind_of_white("White")
    ('cool', 'white')
    """
    if re.search(r"\b(?:cool|cold)", name, re.I):
        return "cool"
    return "warm" if re.search(r"\bwarm", name, re.I) else "white"


def says_fine(name: str) -> bool:
    """Whether a name says that it is the fine half of something.

    >>> says_fine("Pan fine"), says_fine("Zoom (LSB)"), says_fine("Strobe")
    (True, True, False)
    """
    return re.search(rf"\b(?:{_FINE})\b", name, re.I) is not None


def bare(name: str) -> str:
    """``name`` without what tells its halves apart.

    >>> bare("Focus, fine (LSB)"), bare("Focus (MSB)")
    ('focus', 'focus')
    """
    return " ".join(_HALF.sub(" ", name.lower()).split())
