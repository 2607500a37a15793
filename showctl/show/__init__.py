"""What a show is: instants and levels, fixtures and patch, cues, devices, triggers and zones; frozen facts, no behaviour.

Read ``show.py`` first. The packages that fill it: ``showfile`` (from YAML). That use it: ``light``, ``engine``, and the
simulated venue, which reads the same folder and nothing else of ours.
"""
