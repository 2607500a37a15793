"""Buses and masters in cues: one line for every player that has them, levels in dB down to -inf, and fades by their law."""

from pathlib import Path

from showctl.show.cues import FadeThing, Perform
from showctl.showfile import load

FILES = {
    "show.yaml": "show: Buses\nvenue: venue.yaml\npatch: {}\ndevices: devices.yaml\nmedia: media.yaml\nlists: [main.yaml]\n",
    "venue.yaml": "speakers: {pa: {player: sound}, left: {player: bed}}\n",
    "devices.yaml": "sound: {kind: sound_player, options: {buses: weather voices}}\n"
    "bed: {kind: mpv_sound, options: {start: yes, media: /srv, buses: weather}}\n"
    "other: {kind: mpv_sound, options: {start: yes}}\n",
    "media.yaml": "wind: {file: wind.flac, length: 60s, players: [sound]}\n"
    "rain: {file: rain.flac, length: 60s, players: [bed]}\n",
    "main.yaml": "list: main\ncues:\n"
    "  - 1: Wind\n    sound: wind at -inf on pa bus weather\n"
    "  - 2: Rain\n    sound: [rain on left bus weather as rain, bus weather -10dB over 3s curve db-linear]\n"
    "  - 3: Down\n    sound: master -inf over 5s\n    fade: {rain: -inf over 4s curve equal-gain}\n",
}  # fmt: skip


def cues(folder: Path) -> dict[str, list[object]]:
    for name, words in FILES.items():
        (folder / name).write_text(words)
    loaded = load(folder)
    assert [str(problem) for problem in loaded.errors] == []
    assert loaded.show is not None
    return {cue.label: list(cue.actions) for cue in loaded.show.lists[0].cues}


def test_minus_infinity_is_silence_and_a_sound_goes_through_its_bus(tmp_path: Path) -> None:
    [wind] = cues(tmp_path)["1"]
    assert isinstance(wind, Perform)
    given = dict(wind.arguments)
    assert (given["level"], given["bus"], given["output"]) == (-120.0, "weather", "pa")


def test_a_bus_is_moved_on_every_player_that_has_it_and_on_no_other(tmp_path: Path) -> None:
    _, *moved = cues(tmp_path)["2"]
    assert [(item.device, item.verb, item.arguments) for item in moved if isinstance(item, Perform)] == [
        (name, "bus", (("name", "weather"), ("level", -10.0), ("over", 3.0), ("curve", "db-linear"))) for name in ("sound", "bed")
    ]


def test_a_master_is_every_players_and_a_fade_has_its_law(tmp_path: Path) -> None:
    found = cues(tmp_path)["3"]
    fades = [item for item in found if isinstance(item, FadeThing)]
    assert [(fade.name, fade.level, fade.curve) for fade in fades] == [("rain", -120.0, "equal-gain")]
    assert [item.device for item in found if isinstance(item, Perform)] == ["sound", "bed", "other"]
