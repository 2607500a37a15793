"""The JSON Schema of the show folder, for editors: one schema that knows every kind of file in it."""

from __future__ import annotations

from typing import Any, Final

from showctl.showfile.models import REF, GroupsFile, HouseRulesFile, MastersFile, MediaFile, PalettesFile, ShowFile, TemplatesFile
from showctl.showfile.models_cues import CueModel, Do, IncludeFile, ListFile
from showctl.showfile.models_devices import DevicesFile
from showctl.showfile.models_inputs import HazardsFile, ScheduleFile, TriggersFile
from showctl.showfile.models_rehearsals import PartFile, RehearsalFile
from showctl.showfile.models_room import PatchFile, VenueFile
from showctl.showfile.structure import adapter

_FILES: Final[dict[str, Any]] = {
    "ShowFile": ShowFile, "VenueFile": VenueFile, "PatchFile": PatchFile, "GroupsFile": GroupsFile, "PalettesFile": PalettesFile,
    "DevicesFile": DevicesFile, "MediaFile": MediaFile, "MastersFile": MastersFile, "TemplatesFile": TemplatesFile,
    "HouseRulesFile": HouseRulesFile, "ListFile": ListFile, "IncludeFile": IncludeFile, "TriggersFile": TriggersFile,
    "ScheduleFile": ScheduleFile, "HazardsFile": HazardsFile, "RehearsalFile": RehearsalFile, "PartFile": PartFile,
    "CueModel": CueModel, "Do": Do,
}  # fmt: skip
_MARKED: Final = (
    "ShowFile",
    "ListFile",
    "RehearsalFile",
    "PartFile",
    "VenueFile",
    "PatchFile",
    "PalettesFile",
    "TriggersFile",
    "IncludeFile",
)


def schema() -> dict[str, Any]:
    """The schema. ``$defs`` has one entry for each kind of file; the top is whichever fits."""
    defs: dict[str, Any] = {}
    for name, shape in _FILES.items():
        found = adapter(shape).json_schema(ref_template="#/$defs/{model}")
        defs |= found.pop("$defs", {})
        if "$ref" not in found:
            defs[name] = found
    _open_cues(defs)
    defs = _joined(defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A showctl show folder",
        "$defs": {name: defs[name] for name in sorted(defs)},
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in _MARKED],
    }


def _joined(node: Any) -> Any:
    """``node`` with the references that models leave open."""
    if isinstance(node, dict):
        return {"$ref": f"#/$defs/{node[REF]}"} if REF in node else {key: _joined(value) for key, value in node.items()}
    return [_joined(value) for value in node] if isinstance(node, list) else node


def _open_cues(defs: dict[str, Any]) -> None:
    """A cue's first key is its label, devices' names are keys, and ``use`` and ``with`` are read before the rest."""
    for name in ("CueModel", "Do"):
        model = defs[name]
        for inner in ("label", "devices"):
            model["properties"].pop(inner, None)
        model.pop("additionalProperties", None)
        model["patternProperties"] = {".": {}}
    words = {"type": ["string", "number", "boolean"]}
    defs["CueModel"]["properties"] |= {"use": words, "with": {"type": "object", "additionalProperties": words}}
