"""The cue engine: pure. ``step.py`` is what happens on GO; ``state.py`` what is known; ``view.py`` what screens may know.

``events.py`` comes in, ``commands.py`` goes out. The rest is ``step``'s chapters: ``starting`` (a cue's life), ``performing``
(actions), ``lighting`` (rows of the plan), ``halting`` (pause, stop, panic), ``settling`` (back, locate), ``watching`` (waits
and triggers), ``hazards`` and ``hazard_machine`` (what can hurt, and when it may move), ``turn`` (the working copy of one
step), ``stage`` (what follows from the show alone).
"""
