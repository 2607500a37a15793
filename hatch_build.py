"""Puts the bundled show into the wheel as `showctl/_cues`, so `showctl demo` works wherever the wheel is installed.

An editable install gets no copy: it reads `cues/` of the checkout, and a copy would go stale there.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleCues(BuildHookInterface):  # type: ignore[misc,type-arg,unused-ignore]
    """The wheel carries the show folders."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"]["cues"] = "showctl/_cues"
