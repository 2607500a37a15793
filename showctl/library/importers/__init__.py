"""Fixtures from other programs' files: GDTF, MVR scenes, Open Fixture Library JSON, QLC+ definitions.

``read.py`` knows the formats; each has a file of its own and ends in the same facts (``found.py``), which ``written.py`` puts
into our words and ``into_show.py`` into a show folder. A file comes in with the right footprint for every mode or is refused
(``Refused``: which file, and why). Nothing is trusted: sizes, depths and counts are bounded (``bounded.py``).
"""
