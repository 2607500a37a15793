"""Storms: random audiences, one after the other, each made by a seed: what they do is what people do, and the show must bear it.

``audience.py`` makes the people and what they do, as lines of a script; ``family.py`` plays a rehearsal with some who have much
in common, ``storm.py`` with hundreds; ``shrink.py`` makes the script of one that failed as short as it can be.
"""

from showctl.runtime.storms.storm import Audience, Stormed, storm

__all__ = ["Audience", "Stormed", "storm"]
