"""What editors are given, and what templates and groups are printed as."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from showctl.showfile import expanded, schema

BASE = Path(__file__).parent / "base"


def test_the_schema_knows_every_kind_of_file_and_has_no_loose_end() -> None:
    text = json.dumps(schema())
    found = json.loads(text)

    wanted = {word.split('"')[0] for word in text.split("#/$defs/")[1:]}
    assert wanted <= set(found["$defs"])
    assert {"ShowFile", "ListFile", "CueModel", "PatchFile", "RehearsalFile", "TriggersFile"} <= set(found["$defs"])
    assert "x-ref" not in text


def test_the_schema_offers_the_keys_of_a_cue_and_lets_labels_and_devices_be() -> None:
    cue = schema()["$defs"]["CueModel"]

    assert {"light", "sound", "next", "all", "hazard", "use", "with"} <= set(cue["properties"])
    assert "label" not in cue["properties"]
    assert "additionalProperties" not in cue


def test_expanded_prints_what_templates_groups_and_timelines_become() -> None:
    found = yaml.safe_load(expanded(BASE))

    assert found["groups"]["pixels"] == [f"bar_1 cell {n}" for n in (1, 2, 3, 4)]
    breath = next(cue for cue in found["lists"]["main"] if "3" in cue)
    assert breath["light"] == {"pars": "40"}
    hits = next(cue for cue in found["lists"]["main"] if "7" in cue)
    assert [row["at"] for row in hits["timeline"]] == ["0s", "1.5s", "2s"]


def test_expanded_of_a_folder_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    assert expanded(tmp_path / "nowhere") == ""
