"""The shape of what a cue plays on walls of pixels. Walls themselves stand with the patch, in ``models``."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Discriminator, Tag

from showctl.showfile.models import Number, Rate, Strict, Time, in_words, shape
from showctl.showfile.reader import MAPPING_TAG, TEXT_TAG, Text


class PixelEffectModel(Strict):
    """A wave over a wall."""

    effect: Annotated[Text, in_words("the wave", "sine", "square", "triangle", "ramp", "random")]
    rate: Rate
    colors: list[Text]
    along: Annotated[Text | None, in_words("which way it runs", "right", "left", "down", "up", "out", "in", "round", "none")] = (
        None
    )
    waves: Number | None = None
    width: Annotated[Text | None, in_words("how much of a turn is lit", "30%")] = None
    fade: Time | None = None


PixelCue: TypeAlias = Annotated[
    Annotated[
        Text,
        in_words("what plays", "picture media/slag.png, fade 2s", "clip media/sparks.gif, loop, at 3s, fade 2s", "off, fade 2s"),
        Tag(TEXT_TAG),
    ]
    | Annotated[PixelEffectModel, Tag(MAPPING_TAG)],
    Discriminator(shape),
]
