"""The technician's pages: patch, labels, network plan; and what the commands make of words that are wrong."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from showctl.cli import main
from showctl.library import ip_plan, labels, patch_list, printed
from showctl.show.show import Show
from showctl.showfile import load
from tests.cli.shows import SMALL, copy_of_small

RIG = """\
types:
  par: {modes: {4ch: {channels: [red, green, blue, white]}}}
  head: {modes: {2ch: {channels: [intensity, skip 3, zoom]}}}
universes:
  sacn/1: {to: [10.0.0.11]}
  sacn/2: {}
  artnet/0: {}
  usbpro/fog: {device: EN17}
nodes:
  west: {address: 10.0.0.11, universes: [sacn/1, sacn/2]}
fixtures:
  par_1: {type: par, address: sacn/1.1, at: [1, 2.5, 3]}
  par_2: {type: par, address: sacn/1.9, label: "=left <b>"}
  head_1: {type: head, address: sacn/2.508}
  fog_1: {type: par, address: usbpro/fog.1}
"""


def rig(folder: Path, patch: str = RIG, devices: str = "") -> Show:
    """A show with that patch."""
    folder.mkdir()
    (folder / "show.yaml").write_text("show: Rig\npatch: patch.yaml\ndevices: devices.yaml\nlists: [main.yaml]\n")
    (folder / "main.yaml").write_text("list: main\ncues: [{1: Rest}]\n")
    (folder / "patch.yaml").write_text(patch)
    (folder / "devices.yaml").write_text(devices or "{}\n")
    loaded = load(folder)
    assert loaded.show is not None, [str(problem) for problem in loaded.errors]
    return loaded.show


@pytest.fixture
def show(tmp_path: Path) -> Show:
    loaded = load(SMALL)
    assert loaded.show is not None
    return loaded.show


def showctl(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


# --- patch ----------------------------------------------------------------------------------------------------------------


def test_the_patch_by_light_says_number_slots_node_and_port(show: Show) -> None:
    first, *_, last = patch_list.patch_lines(show)

    assert first.cells() == (1, "par_1", "", "par_rgbw", "8bit", "sacn/1.1", 4, 4, "rack_node", 1, "room", "", "")
    assert last.cells()[:9] == (6, "head_2", "", "head", "16bit", "sacn/1.110", 118, 9, "rack_node")


def test_free_space_is_what_no_light_listens_to(show: Show) -> None:
    assert [(free.first, free.last, free.slots) for free in patch_list.free_space(show)] == [(17, 100, 84), (119, 512, 394)]
    fit = patch_list.fits(show, 85)
    assert fit is not None
    assert fit.first == 119
    assert patch_list.fits(show, 395) is None


def test_slots_that_a_mode_skips_are_not_free(tmp_path: Path) -> None:
    rigged = RIG.replace("sacn/2.508", "sacn/2.1")
    show = rig(tmp_path / "rig", rigged)

    assert [(f.universe, f.first) for f in patch_list.free_space(show)] == [
        ("sacn/1", 5), ("sacn/1", 13), ("sacn/2", 6), ("artnet/0", 1), ("usbpro/fog", 5)
    ]  # fmt: skip


def test_tags_stand_beside_the_lights_that_bear_them(show: Show) -> None:
    tags = {
        "out_of_service": [
            {"fixture": "par_1", "spare": "par_4", "words": "par_1 is out of service, par_4 stands in (Mei: lamp)"}
        ],
        "parked": [{"fixture": "par_1", "words": "par_1 is parked: intensity 20 %"}],
    }

    tagged = {line.light: line.tag for line in patch_list.patch_lines(show, tags=tags)}

    assert tagged["par_1"] == "out of service, par_4 stands in (Mei: lamp); parked: intensity 20 %"
    assert (tagged["par_4"], tagged["par_2"]) == ("stands in for par_1", "")


def test_the_patch_command_in_its_ways(tmp_path: Path) -> None:
    small = str(SMALL)
    assert showctl("patch", "--show", small).output.splitlines()[0].split()[:4] == ["no", "light", "type", "mode"]
    said = json.loads(showctl("patch", "--show", small, "--json", "heads").stdout)
    assert [line["light"] for line in said["lights"]] == ["head_1", "head_2"]
    rows = list(csv.DictReader(StringIO(showctl("patch", "--show", small, "--csv", "1 thru 2").stdout)))
    assert [(row["light"], row["address"]) for row in rows] == [("par_1", "sacn/1.1"), ("par_2", "sacn/1.5")]
    assert showctl("patch", "--show", small, "--fits", "16").output == "sacn/1.17 to 100  84 slots\n"
    nowhere = showctl("patch", "--show", small, "--fits", "500")
    assert (nowhere.exit_code, nowhere.output) == (1, "500 slots are free nowhere: declare another universe\n")
    page = tmp_path / "patch.html"
    assert showctl("patch", "--show", small, "--by", "address", "--html", str(page)).output == f"written: {page}\n"
    assert "rack_node, port 1" in page.read_text()
    assert "free: 17-100, 119-512" in page.read_text()


def test_wrong_words_of_the_patch_command_are_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    broken = copy_of_small(tmp_path / "broken", ("patch.yaml", "sacn/1.110", "sacn/1.105"))
    cases = {
        ("patch",): "which show? give --show FOLDER",
        ("patch", "--show", str(SMALL), "par_9"): "no light, group, node or universe is called par_9; did you mean par_4?",
        ("patch", "--show", str(broken)): "overlaps head_1",
        ("patch", "--show", "nowhere"): "does not exist",
        ("labels", "--show", str(SMALL)): "say --html FILE (sheets) or --csv",
        ("labels", "--show", str(SMALL), "--csv", "--size", "9x9"): "9x9 is no sheet that is known: 70x37",
        ("labels", "--show", str(SMALL), "--csv", "nobody"): "no light, group, node or universe is called nobody",
        ("patch", "--show", str(SMALL), "--html", str(tmp_path / "no" / "such.html")): "No such file or directory",
    }
    for words, why in cases.items():
        result = showctl(*words)
        assert (result.exit_code, why in result.stderr) == (2, True), (words, result.stderr)


# --- labels ---------------------------------------------------------------------------------------------------------------


def test_labels_are_a_sticker_each_on_as_many_sheets_as_it_takes(tmp_path: Path) -> None:
    show = rig(tmp_path / "rig")
    lines = patch_list.patch_lines(show) * 7

    page = labels.as_html(show, lines, "70x37")

    assert (page.count('class="label"'), page.count('class="sheet"')) == (28, 2)
    assert "<b>3</b>" in page
    assert "head_1" in page
    assert "<b>" not in page.replace("<b>1</b>", "").replace("<b>2</b>", "").replace("<b>3</b>", "").replace("<b>4</b>", "")


def test_labels_for_a_printer_are_lines_and_a_formula_is_text(tmp_path: Path) -> None:
    show = rig(tmp_path / "rig")

    rows = list(csv.DictReader(StringIO(labels.as_csv(patch_list.patch_lines(show)))))

    assert (rows[1]["number"], rows[1]["address"], rows[1]["label"], rows[1]["port"]) == ("2", "9", "'=left <b>", "1")
    assert rows[3]["node"] == "USB EN17"
    assert printed.csv_table(["a"], [["-3 dB"]]) == "a\n-3 dB\n", "a negative number is no formula"


# --- network --------------------------------------------------------------------------------------------------------------


def test_the_network_plan_names_boxes_groups_and_what_igmp_needs(tmp_path: Path) -> None:
    plan = ip_plan.ip_plan(rig(tmp_path / "rig", devices="sound: {kind: sound_player, host: 10.0.0.20}\n"))

    assert [box.cells() for box in plan.boxes] == [
        ("10.0.0.11", 5568, "west", "node", "sacn/1, sacn/2", ""),
        ("10.0.0.20", 7000, "sound", "sound_player", "", ""),
    ]
    assert [group.cells() for group in plan.groups] == [
        ("239.255.0.2", 5568, "sacn/2", "west"),
        ("239.255.250.214", 5568, "sACN universe discovery", "monitors"),
    ]
    assert plan.problems == ("no node of the patch carries artnet/0",)
    assert "exactly one querier" in plan.notes[0]
    assert "without a querier, switches forget after 260 s who listens, and sacn/2 goes dark" in plan.notes[0]


@pytest.mark.parametrize(
    ("nodes", "devices", "problem"),
    [
        (
            "  east: {address: 10.0.0.11, universes: [artnet/0]}\n",
            "",
            "10.0.0.11 is the address of east and of west: one of them will not be heard",
        ),
        (
            "  east: {address: 10.0.0.12, universes: [artnet/0]}\n",
            "sound: {kind: sound_player, host: 10.0.0.12}\n",
            "10.0.0.12 is the address of the node east and of sound",
        ),
        (
            "  east: {address: 10.0.0.12, universes: [artnet/0]}\n",
            "one: {kind: sound_player, host: 10.0.0.20}\ntwo: {kind: sound_player, host: 10.0.0.20}\n",
            "10.0.0.20:7000 is one and two: two programs cannot share a port",
        ),
        (
            "  east: {address: 10.0.0.12, universes: [artnet/0, sacn/1]}\n",
            "",
            "sacn/1 is sent to 10.0.0.11, and east carries it elsewhere",
        ),
    ],
)
def test_what_is_in_each_others_way_is_named(tmp_path: Path, nodes: str, devices: str, problem: str) -> None:
    show = rig(tmp_path / "rig", RIG.replace("fixtures:\n", f"{nodes}fixtures:\n"), devices)

    assert problem in ip_plan.ip_plan(show).problems


def test_two_players_on_one_machine_are_said_and_no_problem(tmp_path: Path) -> None:
    devices = "sound: {kind: sound_player, host: media.local}\nfilm: {kind: film_server, host: media.local}\n"
    plan = ip_plan.ip_plan(rig(tmp_path / "rig", devices=devices))

    note = "also film; a name: it needs a name server, or a line in /etc/hosts"
    assert [box.note for box in plan.boxes if box.name == "sound"] == [note]
    assert plan.problems == ("no node of the patch carries artnet/0",)


def test_the_network_plan_command_in_its_ways(tmp_path: Path) -> None:
    rig(tmp_path / "rig")
    folder, page = str(tmp_path / "rig"), tmp_path / "plan.html"

    assert showctl("ip-plan", "--show", folder).exit_code == 1
    assert showctl("ip-plan", "--show", str(SMALL)).exit_code == 0
    said = json.loads(showctl("ip-plan", "--show", folder, "--json").stdout)
    assert said["boxes"][0]["address"] == "10.0.0.11"
    rows = list(csv.DictReader(StringIO(showctl("ip-plan", "--show", folder, "--csv").stdout)))
    assert [row["kind"] for row in rows] == ["node", "multicast group", "multicast group"]
    showctl("ip-plan", "--show", folder, "--html", str(page))
    assert ">239.255.0.2</td>" in page.read_text()
    assert "http" not in page.read_text(), "nothing comes from elsewhere"
