"""A show in which something is always under way, for ``kill_engine``: fades, waits, groups and branches, in laps of seconds.

A light sways for ever, and never rests at the end of a swing, so a frame is due in every period; bells ring under a number
each, so that who counts at their end can tell one from another.
"""

from __future__ import annotations

from pathlib import Path

RATE = 40

SHOW = """\
show: Under way
dmx_rate: 40
main_list: main
venue: {zones: {room: {label: Room, corners: [[-4, 0], [4, 0], [4, 8], [-4, 8]],
  safe: {light: {pars: 60}, sound: none, film: none, motion: none, fog: none, doors: none, headsets: none}}}}
patch: patch.yaml
groups: {pars: par_1 thru 8}
devices: devices.yaml
lists: [lists/sway.yaml, lists/main.yaml]
triggers: {variables: {show.laps: {type: number, initial: 0}, show.never: {type: truth, initial: no}}}
exit_look: {pars: 40}
"""
PATCH = """\
types: {{dimmer: {{modes: {{1ch: {{channels: [intensity]}}}}}}}}
universes: {{sacn/1: {{to: [{host}]}}}}
fixtures:
  par_1 thru 8: {{type: dimmer, mode: 1ch, address: sacn/1.1, zone: room}}
  swaying: {{type: dimmer, mode: 1ch, address: sacn/1.20, zone: room}}
"""
DEVICES = """\
bells:
  kind: osc
  host: {host}
  port: {port}
  verbs: {{ring: {{osc: /ring, arguments: [number which], class: momentary}}}}
"""
SWAY = """\
list: sway
cues:
  - 1: Sway
    light: {swaying: 50}
    effect: {over: swaying, parameter: intensity, wave: triangle, size: 40, rate: 0.5Hz, as: swaying}
"""
MAIN = """\
list: main
at_end: loop
cues:
  - 1: Fade
    light: {par_1: full, par_2: 20}
    time: 1.5s
    bells: ring 1
    next: 0.4s after start
  - 2: Wait
    wait: 0.35s
    light: {par_3: full}
    time: 0.5s
    bells: ring 2
    next: after end
  - 3: Timeline
    timeline:
      - {at: 0s, bells: ring 3}
      - {at: 0.15s, bells: ring 4, light: {par_4: full}, time: 0.3s}
      - {at: 0.3s, bells: ring 5, wait: 0.05s}
    next: 0.1s after end
  - 4: Sequence
    sequence:
      - {bells: ring 6, light: {par_5: full}, time: 0.2s}
      - {wait: 0.2s, bells: ring 7}
      - {all: [{bells: ring 8}, {light: {par_6: full}, time: 0.25s}]}
    next: {within: 0.3s, when: [{if: show.laps > 1000, go: 9}], else: 5}
  - 5: Never
    bells: ring 9
    wait_for: show.never within 0.4s
    next: after end
  - 6: Out
    light: {pars: out}
    time: 0.8s
    bells: ring 10
    next: 0.2s before end
  - 7: Again
    wait: 0.1s
    bells: ring 11
    next: 0.1s after start
  - 8: Lap
    bells: ring 12
    set: {show.laps: show.laps + 1}
    next: {within: 0.2s, when: [{if: show.laps > 1000000, go: 9}], else: 1}
  - 9: End
    bells: ring 13
"""


def write_show(folder: Path, host: str, bells: int) -> None:
    """Writes the show into ``folder``: its light goes to ``host``, its bells stand there at port ``bells``."""
    (folder / "lists").mkdir(parents=True)
    (folder / "show.yaml").write_text(SHOW)
    (folder / "patch.yaml").write_text(PATCH.format(host=host))
    (folder / "devices.yaml").write_text(DEVICES.format(host=host, port=bells))
    (folder / "lists" / "sway.yaml").write_text(SWAY)
    (folder / "lists" / "main.yaml").write_text(MAIN)
