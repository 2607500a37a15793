"""The show folder: YAML to Show, with file, line and column on every complaint; the home of pydantic and YAML.

``load`` reads and checks a folder; ``schema`` is the JSON Schema for editors; ``expanded`` prints what templates and
groups become. Start reading at ``load.py``; what authors may write is docs/programmers/show-format.md.
"""

from __future__ import annotations

from showctl.showfile.expand import expanded
from showctl.showfile.load import Loaded, load
from showctl.showfile.problems import Code, Problem
from showctl.showfile.schema import schema

__all__ = ["Code", "Loaded", "Problem", "expanded", "load", "schema"]
