"""Frames on the wire: the plan rendered, packed and paced, and the process that does nothing else.

Read ``frame_sender.py`` first (sans-I/O; rehearsal runs it in-process), then ``process.py`` (the thread that carries it
live), ``messages.py`` (what engine and wire say to each other) and ``client.py`` (the engine's end).
"""
