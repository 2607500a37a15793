"""Sweeps: a show tried at every place where it may go another way, and judged each time.

A sweep plays rehearsals (the fewest that come by every cue) and, at each place that it is about, forks: the child takes the
trial (a device dies, somebody evacuates, a branch is forced), plays on for as long as that takes to show, and is judged by the
laws of ``runtime/laws.py`` and what the sweep adds. The parent goes on as if nothing were, so a trial in the twelfth minute
costs no twelve minutes.

``forks.py`` runs children, ``trials.py`` is a rehearsal that can be branched off, ``courses.py`` chooses what to play, and there
is a file for each sweep: ``device_sweep.py``, ``evacuation.py``, ``branches.py``, ``jumps.py``. ``sweep.py`` puts them together.
"""

from showctl.runtime.sweeps.sweep import KINDS, Swept, sweep
from showctl.runtime.sweeps.trials import Tried

__all__ = ["KINDS", "Swept", "Tried", "sweep"]
