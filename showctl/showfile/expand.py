"""What templates, includes, timelines and groups become: ``showctl show FOLDER --expanded``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from showctl.show.patch import Head
from showctl.showfile.cue_trees import GROUPS
from showctl.showfile.draft import Draft
from showctl.showfile.load import load_trees
from showctl.showfile.problems import Problems
from showctl.showfile.reader import Mapping, Sequence, Text


def expanded(folder: Path) -> str:
    """Groups as fixtures, and every list's cues with templates, includes and timelines written out, as YAML."""
    problems = Problems()
    _, _, trees = load_trees(Path(folder), problems)
    if trees is None:
        return ""
    draft, lists = trees
    made = {
        "groups": {name: [_head(draft, head) for head in heads] for name, heads in draft.groups.items()},
        "lists": {str(tree.model.list): [_cue(cue) for cue in tree.cues] for tree in lists},
    }
    return yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=130, default_flow_style=None)


def _head(draft: Draft, head: Head) -> str:
    name = draft.patch.fixtures[head.fixture].name
    return name if head.cell < 0 else f"{name} cell {head.cell + 1}"


def _cue(cue: Mapping) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in cue.items():
        if key == "label":
            made[str(value)] = str(cue.get(Text("name"), ""))
        elif key == "devices":
            made |= {str(name): _plain(words) for name, words in value.items()}
        elif key != "name":
            made[str(key)] = [_cue(item) for item in value] if key in GROUPS else _plain(value)
    return made


def _plain(node: Any) -> Any:
    match node:
        case Mapping():
            return {str(key): _plain(value) for key, value in node.items()}
        case Sequence():
            return [_plain(value) for value in node]
        case _:
            return str(node)
