"""What the room looks like at an instant: plan, clocks, curves, effects, merge, render."""
