"""The simulated venue: every device of the show, answering with real bytes on real sockets.

Simulators read what the author wrote (the show folder) and meet the controller by bytes only.
"""
