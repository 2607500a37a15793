"""``showctl schema``: the JSON Schema of a show folder's files, for editors."""

from __future__ import annotations

import click

from showctl.cli.say import say_json


@click.command()
def schema() -> None:
    """Print the JSON Schema of the files of a show folder."""
    from showctl.showfile import schema as schema_of_shows

    say_json(schema_of_shows())
