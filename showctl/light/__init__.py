"""What the room looks like at an instant: plan, clocks, curves, effects, merge, render.

``plan`` is what engine and wire process share; ``rows`` turns cues into its rows; ``render`` turns it into levels and slots
(by way of ``stack``, ``layers``, ``masters``, ``slots``). Nothing outside this folder merges.
"""
