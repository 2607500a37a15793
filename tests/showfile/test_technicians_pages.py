"""The technicians' pages are true: the devices that they declare, and each verb that they name, load as a show.

What a page takes for granted (clips, a wall, the lights behind a gauze) stands below; its own words are taken from the page.
"""

import re
from pathlib import Path

from showctl.showfile import load

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "technicians"
ROOM = {
    "show.yaml": "show: Pages\nvenue: venue.yaml\npatch: patch.yaml\ndevices: devices.yaml\nmedia: media.yaml\n"
    "lists: [main.yaml]\n",
    "patch.yaml": """\
types: {dimmer: {modes: {1ch: {channels: [intensity]}}}}
universes: {sacn/1: {}}
fixtures:
  cyc: {type: dimmer, address: sacn/1.1}
  battens: {type: dimmer, address: sacn/1.2}
  hand_light: {type: dimmer, address: sacn/1.3}
""",
    "venue.yaml": "{}",
    "media.yaml": "{}",
    "main.yaml": "list: main\ncues:\n",
}


def blocks(page: str) -> list[str]:
    """What stands between the fences of YAML, in order, without the dots of what goes on as before."""
    return re.findall(r"^```yaml\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def problems(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in {**ROOM, **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [str(problem) for problem in load(folder).errors]


def cues(*said: str) -> str:
    return "list: main\ncues:\n" + "".join(f"  - {number}: Cue\n    {line}\n" for number, line in enumerate(said, 1))


PLAYERS = """\
wall: load CLIP at 2s
wall: seek 10s
wall: volume -6dB over 2s
left: bus weather -10dB over 3s
left: master -3dB
wall: blank
left: silence
qlab: start 12.5
qlab: start 12.5 at 30s
qlab: load 7
qlab: stop 12.5
qlab: level 12.5 -20dB over 4s
qlab: go
qlab: pause
qlab: silence 2s
desk: fire 12.5
desk: fire 3 list 2
desk: go
desk: halt
desk: macro 5
desk: preset 4
desk: sub 3 50% over 2s
sound: bus weather -10dB over 3s
sound: master -3dB over 2s
"""


def test_players_and_their_verbs(tmp_path: Path) -> None:
    page = (DOCS / "players.md").read_text(encoding="utf-8")
    for said in PLAYERS.splitlines():  # the page says it in these words, with or without the device before them
        assert any(words in page for words in (said, said.partition(": ")[2], said.partition(": ")[2].split()[0])), said
    wrong = problems(
        tmp_path,
        {
            "devices.yaml": "".join(blocks("players.md")),
            "venue.yaml": "surfaces: {wall: {player: wall}, sides: {player: sides}}\nspeakers: {pa: {player: left}}\n",
            "media.yaml": "bellows: {file: a.mov, length: 70s, players: [wall]}\n"
            "rain: {file: b.mov, length: 9s, players: [sides]}\n",
            "main.yaml": cues(
                *(said.replace("CLIP", "bellows") for said in PLAYERS.splitlines()),
                "prepare: {wall: load bellows}",
                "film: rain on sides layer 2, fade 2s",
            ),
        },
    )

    assert wrong == []


def test_projectors_holograms_headsets_and_a_mind(tmp_path: Path) -> None:
    projector, hologram, acts, headsets, mind = blocks("projection.md")
    wrong = problems(
        tmp_path,
        {
            "devices.yaml": f"{projector}{headsets}{mind}gauze_player: {{kind: gauze_player, host: 127.0.3.3}}\n"
            "being: {kind: ai_performer, host: 127.0.3.4}\n",
            "venue.yaml": "surfaces: {gauze: {player: gauze_player, projector: projector, warps: [flat, seam]}}\n"
            + "\n".join(line for line in hologram.splitlines() if not line.startswith("#"))
            + "\n",
            "media.yaml": "slag_figure: {file: a.mov, length: 60s, players: [gauze_player]}\n",
            "main.yaml": "list: main\ncues:\n" + acts + "  - 700: Bent\n    gauze_player: warp gauze seam\n"
            "  - 701: Started\n    xr: start after 2s\n"
            '  - 702: A line\n    mind: {verb: ask, prompt: "What?", within: 2s, approved: "Heat."}\n',
            "show.yaml": ROOM["show.yaml"].replace("[main.yaml]", "[main.yaml, understudy.yaml]"),
            "understudy.yaml": "list: understudy\ncues:\n  - 61: A star\n",
        },
    )

    assert wrong == []


def test_a_device_described_in_yaml_alone(tmp_path: Path) -> None:
    [screen] = blocks("device-protocols.md")
    falls = "    fall: {send: DOWN, reply: OK DOWN, class: state, makes: {state: down}}\n"  # what its order falls back to
    wrong = problems(tmp_path, {"devices.yaml": screen + falls, "main.yaml": cues("screen: rise", "screen: rise 80")})

    assert wrong == []


def test_every_page_and_heading_that_is_linked_to_is_there() -> None:
    wrong = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link, heading in re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", page.read_text(encoding="utf-8")):
            to = page.parent / link if link else page
            if "://" not in link and not (to.exists() and (not heading or heading in headings(to))):
                wrong.append(f"{page.relative_to(ROOT)}: {link}#{heading}")

    assert wrong == []


def headings(page: Path) -> set[str]:
    """What a link to a heading of ``page`` may say, as GitHub makes it: small letters, and - for each space."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}
