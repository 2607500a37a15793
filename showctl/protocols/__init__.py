"""Typed packets and their bytes, one file per protocol; imports nothing of showctl.

A codec holds no socket and no clock: bytes in, frozen packets out, and back. Bytes that break their standard raise
`errors.ProtocolError` and nothing else; legal packets that we do not read come back as a typed Unknown; values that a wire
cannot carry raise `ValueError` before any byte is built.

- Light: `sacn` (ANSI E1.31), `artnet` with `artnet_reply` (Art-Net 4), `usbpro` (ENTTEC DMX USB Pro).
- Control: `osc`, `osc_pattern` (address patterns), `osc_stream` (OSC over TCP), `msc` (MIDI Show Control).
- Devices: `pjlink` (lines) with `pjlink_values` (what replies mean), `psn` (PosiStageNet).
- Time: `timecode` (whole-number arithmetic), `mtc` (MIDI Time Code).
"""
