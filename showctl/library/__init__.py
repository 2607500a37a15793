"""Trades files with other programs: GDTF, MVR, OFL, CSV, cue sheets."""
