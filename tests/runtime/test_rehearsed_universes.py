"""Universes of every shape in a rehearsal: short, claimed, synchronized, joined, IPv6, broadcast; the room shows the look."""

from pathlib import Path

from showctl.runtime.rehearsal import rehearse

SHOW = """
show: Shapes
patch:
  types: {lamp: {modes: {1ch: {channels: [intensity]}}}}
  universes:
    sacn/1: {slots: 24, claim: patched, merge_in: sacn/101, to: [multicast], sync: 7}
    sacn/2: {to: [multicast, multicast6, 127.0.1.1]}
    artnet/3: {slots: 33, to: [broadcast], sync: 1}
    artnet/4: {slots: 3}
  nodes: {box: {address: 127.0.1.1, universes: [sacn/1, sacn/2, artnet/3, artnet/4]}}
  fixtures:
    one: {type: lamp, address: sacn/1.1}
    two: {type: lamp, address: sacn/2.2}
    three: {type: lamp, address: artnet/3.33}
    four: {type: lamp, address: artnet/4.3}
lists: [{list: main, cues: [{1: Look, light: {one: 50, two: full, three: full, four: full}, time: 2}]}]
rehearsals: rehearsals/
"""
GO = """
rehearsal: Go
do:
  - {at: 1s, go: main}
expect:
  - {at: 5s, that: one.intensity > 49 and two.intensity == 100}
  - {at: 5s, that: three.intensity == 100 and four.intensity == 100}
"""


def test_the_room_shows_the_look_whatever_shape_its_universes_have(tmp_path: Path) -> None:
    (tmp_path / "rehearsals").mkdir()
    (tmp_path / "show.yaml").write_text(SHOW)
    (tmp_path / "rehearsals" / "go.yaml").write_text(GO)
    [verdict] = rehearse(tmp_path)

    assert verdict.passed, verdict.failures
