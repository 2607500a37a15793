"""Runs a show against the clock: journal, playback loop, links, wire process, rehearsal, replay."""
