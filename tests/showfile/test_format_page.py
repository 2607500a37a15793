"""The page of the show format is a show: its own examples, put into a folder, load without an error.

The first example below a heading is a file; those below a smaller heading (``MORE``) are added to one.

What an example leaves out with ``...`` is filled in, and what it takes for granted (a house light, a cue 40) stands below. One
that names something new needs it there, too.
"""

import re
from pathlib import Path

from showctl.showfile import load

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "programmers" / "show-format.md"
README = ROOT / "README.md"
MORE = {"Timecode out": "devices.yaml", "Sound objects": "lists/main.yaml"}
FILES = {"A list": "lists/main.yaml", "A rehearsal": "rehearsals/full_house.yaml"}
LEFT_OUT = {
    ", label: ...": "",
    ", ...": "",
    "light: {...}": "light: {tuyeres: 50}",
    "light: ...": "light: {tuyeres: 50}",
    "sound: ...": "sound: furnace_rumble",
}
AT_THE_TOP = {  # after a file's line with this key
    "types:\n": "  hazer: {modes: {1ch: {channels: [fog]}}}\n  dimmer: {modes: {1ch: {channels: [intensity]}}}\n",
}
AT_THE_END = {
    "patch.yaml": """\
  head_1 thru 2: {type: head, mode: 16bit, address: sacn/2.101, zone: nave, at: [-2, 6, 3], step: [4, 0, 0], hang: [180, 0, 0]}
  dome_1 thru 12: {type: dimmer, address: sacn/1.200}
  gantry: {type: par_rgbw, address: sacn/1.220}
  house: {type: par_rgbw, address: sacn/1.224}
  cyc: {type: par_rgbw, address: sacn/1.228}
  aisle: {type: dimmer, address: sacn/1.232}
  strobe: {type: dimmer, address: sacn/1.233}
  hearth_1: {type: dimmer, address: sacn/1.234}
  spot_3: {type: dimmer, address: sacn/1.235}
  bustle: {type: pixel_bar, address: sacn/1.301}
  low_fog: {type: hazer, address: usbpro/fog.5, hazard: interlocked}
""",
    "groups.yaml": "heads: head_1 thru 2\n",
    "devices.yaml": """\
gauze: {kind: gauze_player, host: 127.0.3.3}
projector_2: {kind: projector, host: 127.0.3.12}
unreal: {kind: xr_engine, host: 127.0.3.20}
ai: {kind: ai_performer, host: 127.0.3.21}
""",
    "media.yaml": "slag_figure: {file: media/slag_figure.mov, length: 60s, fps: 60, players: [film]}\n",
    "lists/main.yaml": "  - 30: Hearth\n  - 31: Touched\n  - 40: Launch\n  - 99: Out\n",
}
BESIDE = {
    "lists/act1.yaml": "cues:\n  - 5: Preset\n",
    "lists/preshow.yaml": "list: preshow\ncues:\n  - 5: Doors\n",
    "hazards.yaml": 'fog: {fixtures: [hazer, low_fog], permit: gate.state == "open"}\n',
    "masters.yaml": "stalls: {over: tuyeres}\nstrobe: {over: strobe}\n",
}


def examples() -> dict[str, str]:
    """File -> text, as the page shows it: the first example below each heading."""
    parts = re.split(r"^## (.+)\n", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = {}
    for heading, text in zip(parts[1::2], parts[2::2], strict=True):
        example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
        if example:
            found[FILES.get(heading, heading)] = example[1]
    for heading, file in MORE.items():
        example = re.search(rf"^### {heading}\n.*?```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        assert example is not None, f"the page has no example of {heading} any more"
        found[file] += example[1]
    return found


def write_the_page(folder: Path) -> None:
    """The page's examples, as a show folder."""
    for name, example in {**BESIDE, **examples()}.items():
        text = example
        for dots, words in LEFT_OUT.items():
            text = text.replace(dots, words)
        for line, more in AT_THE_TOP.items():
            text = re.sub(f"^{line}", line + more, text, flags=re.MULTILINE)
        if name == "show.yaml" and "\nhazards:" not in text:
            text += "hazards: hazards.yaml\n"
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text + AT_THE_END.get(name, ""), encoding="utf-8")


def test_the_examples_of_the_page_are_a_show(tmp_path: Path) -> None:
    write_the_page(tmp_path)

    loaded = load(tmp_path)

    assert [str(problem) for problem in loaded.errors] == []
    assert loaded.show is not None
    assert [item.name for item in loaded.rehearsals] == ["Full house, everyone waves"]


def test_so_are_the_cue_and_the_rehearsal_of_the_readme(tmp_path: Path) -> None:
    write_the_page(tmp_path)
    cue, rehearsal = re.findall(r"^```yaml\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    with (tmp_path / "devices.yaml").open("a", encoding="utf-8") as file:
        file.write("dome_player: {kind: film_server, host: 127.0.3.4}\n")
    (tmp_path / "lists" / "preshow.yaml").write_text(f"list: preshow\ncues:\n- 5: Doors\n{cue}", encoding="utf-8")
    (tmp_path / "rehearsals" / "readme.yaml").write_text(f"rehearsal: Read me\n{rehearsal}", encoding="utf-8")

    assert [str(problem) for problem in load(tmp_path).errors] == []
