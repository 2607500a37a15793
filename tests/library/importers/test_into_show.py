"""Into a show folder: what is written, where it goes, what is refused; and what a programmer can say with it afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from showctl.cli import main
from showctl.engine.checking import look_of
from showctl.light.plan import Plan
from showctl.light.render import Rendering, output, prepare
from showctl.light.rows import rows_for_levels, rows_for_moves
from showctl.show.fixtures import highlight_of
from showctl.show.show import Show
from showctl.showfile.load import load
from tests.cli.shows import copy_of_small
from tests.library.importers import made

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copy_of_small(tmp_path / "show")


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["import", *map(str, words)])


def imported(folder: Path, *files: Path, more: tuple[str, ...] = ()) -> str:
    result = run(*files, "--into", folder, *more)
    assert result.exit_code == 0, result.output
    return result.output


def file(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def show_of(folder: Path) -> Show:
    loaded = load(folder)
    assert loaded.show is not None, [str(problem) for problem in loaded.problems]
    return loaded.show


def patched(folder: Path, old: str, new: str) -> None:
    path = folder / "patch.yaml"
    words = path.read_text()
    assert old in words
    path.write_text(words.replace(old, new))


# --- What is written ---------------------------------------------------------------------------------------------------


def test_a_type_is_added_after_the_last_one_and_nothing_else_changes(folder: Path, tmp_path: Path) -> None:
    before = (folder / "patch.yaml").read_text().splitlines()
    said = imported(folder, file(tmp_path, "head.gdtf", made.HEAD))
    after = (folder / "patch.yaml").read_text().splitlines()
    at = after.index("  acme_head:")
    assert after[:at] + after[at + 17 :] == before
    assert after[at : at + 17] == [
        "  acme_head:",
        "    label: Acme Head",
        "    pan_speed: 180deg",
        "    emitters: {red: 0.69 0.31 20, green: 0.2 0.7 60, blue: 0.15 0.05 8}",
        "    names:",
        "      gobo: {open: 24.903, stars: 75.099}",
        "    modes:",
        "      Standard:",
        "        channels:",
        "          - intensity/16 highlight 100",
        "          - pan/16 -270..270deg home 50.196",
        "          - tilt/24 135..-135deg home 50.196",
        "          - red home 100",
        "          - green home 100",
        "          - blue invert",
        "          - skip",
        "          - gobo",
    ]
    assert "imported acme_head (1 mode)" in said
    assert "Standard (12)" in said


def test_a_scene_brings_types_universes_and_fixtures_and_comes_only_once(folder: Path, tmp_path: Path) -> None:
    hung = "{1,0,0}{0,1,0}{0,0,1}{-2000,3000,6500}"
    fixtures = (made.hung("Spot", "1025", hung, more="<DMXInvertPan>true</DMXInvertPan>"), made.hung("Spot", "1040"))
    path = file(tmp_path, "rig.mvr", made.scene(*fixtures, head__gdtf=made.HEAD))
    imported(folder, path)
    words = (folder / "patch.yaml").read_text()
    assert "  sacn/3: {}" in words
    where = "address: sacn/3.1, at: [-2, 6.5, 3], hang: [0, 0, 180], invert: [pan]"
    assert f"  spot: {{type: acme_head, mode: Standard, {where}, label: Spot}}" in words
    show = show_of(folder)
    spot = show.patch.fixture_named["spot"]
    assert (spot.universe, spot.address, spot.hang) == ("sacn/3", 1, (0, 0, 180))
    assert [item.channel.inverted for item in show.patch.parameters_of[spot.index] if item.name in ("pan", "tilt")] == [
        True,
        False,
    ]
    again = run(path, "--into", folder)
    assert again.exit_code == 1
    assert "OVERLAP" in again.output


def test_a_scene_may_go_by_art_net_which_counts_from_0(folder: Path, tmp_path: Path) -> None:
    path = file(tmp_path, "rig.mvr", made.scene(made.hung("Spot", "1025"), head__gdtf=made.HEAD))
    imported(folder, path, more=("--protocol", "artnet"))
    assert show_of(folder).patch.fixture_named["spot"].universe == "artnet/2"


def test_the_same_file_again_is_nothing_new(folder: Path) -> None:
    imported(folder, SAMPLES / "generic__cmy-fader.json")
    before = (folder / "patch.yaml").read_bytes()
    assert "nothing new" in imported(folder, SAMPLES / "generic__cmy-fader.json")
    assert (folder / "patch.yaml").read_bytes() == before


def test_another_type_of_the_same_name_is_refused_with_a_name_that_is_free(folder: Path, tmp_path: Path) -> None:
    imported(folder, file(tmp_path, "head.gdtf", made.HEAD))
    other = file(tmp_path, "other.gdtf", made.gdtf(made.mode("Basic", made.channel("Dimmer", "1")), name="Head"))
    result = run(other, "--into", folder)
    assert result.exit_code == 1
    assert "has another type acme_head already" in result.output
    assert "--as acme_head_2" in result.output
    imported(folder, other, more=("--as", "acme_head_2"))
    assert {"acme_head", "acme_head_2"} <= show_of(folder).fixture_types.keys()


def test_one_bad_file_among_good_ones_leaves_everything_as_it_was(folder: Path, tmp_path: Path) -> None:
    before = (folder / "patch.yaml").read_bytes()
    bad = file(tmp_path, "bad.gdtf", b"PK and no more")
    result = run(SAMPLES / "generic__cmy-fader.json", bad, "--into", folder)
    assert result.exit_code == 1
    assert "bad.gdtf: is no zip archive" in result.output
    assert "Traceback" not in result.output
    assert (folder / "patch.yaml").read_bytes() == before


def test_a_dry_run_shows_and_writes_nothing(folder: Path) -> None:
    before = (folder / "patch.yaml").read_bytes()
    assert "+  generic_cmy_fader:" in imported(folder, SAMPLES / "generic__cmy-fader.json", more=("--dry-run",))
    assert (folder / "patch.yaml").read_bytes() == before


def test_json_says_types_modes_and_what_was_not_carried(folder: Path) -> None:
    found = json.loads(imported(folder, SAMPLES / "cameo__hydrabeam-400-rgbw.json", more=("--json",)))
    assert found["applied"]
    assert found["types"][0]["modes"][0] == {"name": "6-channel", "footprint": 6, "cells": 1}
    assert any("means different things" in note for note in found["notes"])


def test_what_is_not_there_is_said(folder: Path, tmp_path: Path) -> None:
    nowhere = run(SAMPLES / "generic__cmy-fader.json", "--into", tmp_path / "nowhere")
    assert nowhere.exit_code == 2
    assert "there is no show in" in nowhere.output
    missing = run(tmp_path / "none.gdtf", "--into", folder)
    assert missing.exit_code == 2
    assert "No such file" in missing.output


@pytest.mark.parametrize(
    ("types", "ends"),
    [
        ("types: {}\n", "types:\n  generic_cmy_fader:\n"),
        ("types: {}   # none yet\n", "types:   # none yet\n  generic_cmy_fader:\n"),
        ("", "types:\n  generic_cmy_fader:\n"),
    ],
)
def test_a_patch_without_types_gets_them(tmp_path: Path, types: str, ends: str) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "show.yaml").write_text("show: Bare\npatch: patch.yaml\nlists: [list.yaml]\n")
    (folder / "list.yaml").write_text("list: main\ncues:\n  - 1: Nothing\n")
    (folder / "patch.yaml").write_text(f"# what hangs here\n{types}universes:\n  sacn/1: {{}}\n")
    imported(folder, SAMPLES / "generic__cmy-fader.json")
    words = (folder / "patch.yaml").read_text()
    assert ends in words
    assert words.startswith("# what hangs here\n")
    assert words.endswith("universes:\n  sacn/1: {}\n")


def test_types_in_braces_are_refused_with_the_way_out(folder: Path) -> None:
    braced = folder / "patch.yaml"
    braced.write_text("types: {dimmer: {modes: {1ch: {channels: [intensity]}}}}\nuniverses: {}\nfixtures: {}\n")
    (folder / "show.yaml").write_text("show: Bare\npatch: patch.yaml\nlists: [list.yaml]\n")
    (folder / "list.yaml").write_text("list: main\ncues:\n  - 1: Nothing\n")
    result = run(SAMPLES / "generic__cmy-fader.json", "--into", folder)
    assert result.exit_code == 1
    assert "types stands in braces" in result.output


# --- What can be done with it ------------------------------------------------------------------------------------------


def slots_of(show: Show, count: int, universe: str = "sacn/9") -> list[int]:
    """The first slots of ``universe`` while the cue Probe stands."""
    rendering = Rendering(show.patch, show.submasters)
    cue = next(cue for item in show.lists for cue in item.cues if cue.label == "Probe")
    empty = prepare(rendering, Plan())
    rows = rows_for_moves(empty, cue.light, 0, first_id=1, owner=1, list_index=0, priority=100, htp=False, clock=0, local=0)
    frame = np.zeros((len(show.patch.universes), 512), np.uint8)
    output(prepare(rendering, Plan(rows)), 1_000_000_000, frame)
    return [int(slot) for slot in frame[show.patch.universe_keyed[universe].index, :count]]


def probe(folder: Path, kind: str, mode: str, light: str, count: int, more: str = "") -> list[int]:
    """Hangs one fixture at sacn/9.1, gives it ``light`` in a cue, and reads the slots."""
    patched(folder, "universes:\n", "universes:\n  sacn/9: {}\n")
    patched(folder, "fixtures:\n", f'fixtures:\n  probe: {{type: {kind}, mode: "{mode}", address: sacn/9.1{more}}}\n')
    path = folder / "lists" / "main.yaml"
    path.write_text(path.read_text().rstrip("\n") + f"\n  - Probe: Probe\n    light: {{probe: {light}}}\n    time: 0s\n")
    return slots_of(show_of(folder), count)


def test_a_head_rests_where_its_maker_says_and_moves_in_16_and_24_bits(folder: Path, tmp_path: Path) -> None:
    imported(folder, file(tmp_path, "head.gdtf", made.HEAD))
    found = probe(folder, "acme_head", "Standard", "full gobo stars pan 135deg tilt 67.5deg", 12)
    assert found == [255, 255, 191, 255, 64, 0, 64, 255, 255, 255, 0, 192]


def test_a_fixture_wired_the_other_way_round_turns_the_other_way(folder: Path, tmp_path: Path) -> None:
    imported(folder, file(tmp_path, "head.gdtf", made.HEAD))
    found = probe(folder, "acme_head", "Standard", "out pan 135deg tilt 67.5deg", 7, ", invert: [pan]")
    assert found == [0, 0, 64, 0, 64, 0, 64]


def test_under_a_master_dimmer_cells_all_over_the_fixture_rest_at_full_so_that_50_is_50(folder: Path) -> None:
    """Four heads with dimmers, then master, strobe and colours: red of the whole is one slot, pan is one for each cell."""
    imported(folder, SAMPLES / "cameo__hydrabeam-400-rgbw.json")
    found = probe(folder, "cameo_hydrabeam_400_rgbw", "19-channel", "50 red pan 270deg tilt -135deg", 19)
    assert found == [128, 0, 255, 0, 0, 0, 255, 0, 255, 255, 0, 255, 255, 0, 255, 255, 0, 255, 0]


def test_filters_without_a_dimmer_and_a_24_bit_filter(folder: Path) -> None:
    imported(folder, SAMPLES / "generic__cmy-fader.json")
    found = probe(folder, "generic_cmy_fader", "24 bit", "rgb 100 50 0", 9)
    assert found == [0, 0, 0, 127, 255, 127, 255, 255, 255]


def test_colours_are_mixed_from_what_the_lamps_are(folder: Path, tmp_path: Path) -> None:
    """A green lamp that is greener than sRGB's needs red for the same green; by name it would have none."""
    imported(folder, file(tmp_path, "head.gdtf", made.HEAD))
    red, green, blue = probe(folder, "acme_head", "Standard", "full green", 10)[7:10]
    assert green == 255
    assert 60 < red < 120
    assert blue > 240, "inverted, and next to nothing"


def test_highlight_is_what_the_maker_says_else_open_white(folder: Path, tmp_path: Path) -> None:
    imported(folder, file(tmp_path, "head.gdtf", made.HEAD))
    probe(folder, "acme_head", "Standard", "out", 1)
    show = show_of(folder)
    own = show.patch.parameters_of[show.patch.fixture_named["probe"].index]
    looks = {item.name: highlight_of(item.channel) for item in own}
    assert looks["intensity"] == looks["red"] == looks["green"] == looks["blue"] == 65535
    assert looks["gobo"] == 0
    rendering = Rendering(show.patch)
    rows = rows_for_levels(rendering, [item.index for item in own], [looks[item.name] for item in own], first_id=1, owner=-1)
    frame = np.zeros((len(show.patch.universes), 512), np.uint8)
    output(prepare(rendering, Plan(rows)), 1, frame)
    assert frame[show.patch.universe_keyed["sacn/9"].index, 7:10].tolist() == [255, 255, 0], "blue is wired the other way"


def test_what_is_pointed_out_stands_where_its_maker_says_that_it_is_seen(folder: Path, tmp_path: Path) -> None:
    """A strobe channel that rests shut is opened by a channel check and by identify."""
    data = made.gdtf(made.mode("m", made.channel("Dimmer", "1"), made.channel("Shutter1", "2", highlight="200/1")), name="Strobe")
    imported(folder, file(tmp_path, "strobe.gdtf", data))
    probe(folder, "acme_strobe", "m", "out", 2)
    show = show_of(folder)
    dimmer, shutter = (item.index for item in show.patch.parameters_of[show.patch.fixture_named["probe"].index])
    assert look_of(show, (dimmer,), 65535) == {dimmer: 65535, shutter: 200 * 257}


def test_names_of_a_switching_channel_bring_along_what_switches_it(folder: Path, tmp_path: Path) -> None:
    off, on = ({"dmxRange": span, "type": "Effect", "effectName": name} for span, name in (([0, 99], "Stop"), ([100, 255], "Go")))
    slow, fast = (
        {"dmxRange": span, "type": "Generic", "comment": name} for span, name in (([0, 9], "Slow"), ([10, 255], "Fast"))
    )
    switch = [
        {"dmxRange": [0, 127], "type": "Generic", "switchChannels": {"Use": "Program"}},
        {"dmxRange": [128, 255], "type": "Generic", "switchChannels": {"Use": "Speed"}},
    ]
    described = {
        "Program": {"capabilities": [off, on]},
        "Speed": {"capabilities": [slow, fast]},
        "Select": {"capabilities": switch},
    }
    lamp = {"name": "Lamp", "availableChannels": described, "modes": [{"name": "m", "channels": ["Select", "Use"]}]}
    imported(folder, file(tmp_path, "acme__lamp.json", json.dumps(lamp).encode()))

    assert probe(folder, "acme_lamp", "m", "use fast", 2) == [191, 132], "128..255, and 10..255"
