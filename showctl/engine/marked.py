"""What may be moved in the dark for a cue, side by side: a cue may bring up a thousand lights. ``marking.py`` moves them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from showctl.show.marking import Prepared


class Where:
    """The lights of one cue."""

    def __init__(self, lights: tuple[Prepared, ...]) -> None:
        self.lights = lights
        self.fixtures = np.array([light.fixture for light in lights], np.intp)
        self.dimmers = np.array([p for light in lights for p in light.dimmers], np.intp)
        self.dimmer_of = np.repeat(np.arange(len(lights)), [len(light.dimmers) for light in lights])
        """Of each dimmer: its light, by place."""
        self.moves = np.array([p for light in lights for p, _ in light.moves], np.intp)
        self.targets = np.array([level for light in lights for _, level in light.moves], np.int64)
        self.move_of = np.repeat(np.arange(len(lights)), [len(light.moves) for light in lights])

    def any(self, of: NDArray[np.intp], holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Per light: whether it holds of any of its dimmers, or moves (``of`` says whose each is)."""
        return np.bincount(of[holds], minlength=len(self.lights)) > 0
