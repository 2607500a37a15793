"""The controller of a show: cues, light, devices, journal and console. This page is the map.

Imports point one way, and a machine checks it:

    cli | console -> runtime | library -> devices -> showfile | protocols | engine -> light -> show

* ``show`` says what a show is: frozen facts. ``showfile`` reads them from YAML and complains by line and column.
* ``engine`` decides. **What happens on GO is ``engine/step.py``**: ``step(show, state, event, now) -> (state, commands)``,
  pure, without a clock.
* ``light`` is what it looks like at an instant: a plan of rows that are functions of time, rendered to slots.
* ``protocols`` turns packets into bytes and back; ``devices`` are the drivers, one file a kind, sans-I/O.
* ``runtime`` runs it: ``playback.py`` is the one loop (journal, step, carry out), ``live.py`` drives it against the clock,
  ``stagehand.py`` in virtual time; ``wire/`` is the process that sends light, ``receive/`` what it hears of others,
  ``supervisor.py`` keeps both alive.
* ``library`` trades files with other programs. ``console`` and ``cli`` are where people meet it; both call ``runtime/desk.py``.

The simulated venue is a package of its own, ``simulators``, that shares no code with this one but the reading of show folders.
"""

__version__ = "0.1.0"
