"""Typed packets and their bytes, one file per protocol; imports nothing of showctl."""
