"""A variant of the show, played: what is asked before each show, in a rehearsal as on the night.

The requests are ordinary ones, journaled like a person's; so replay, recovery and a diff of two nights need to know nothing of
variants. After a reset they are asked again: a reset makes the morning, and the variant is how this morning begins.
"""

from __future__ import annotations

from showctl.engine.events import Event, Master, Origin, Start
from showctl.show.house import Variant
from showctl.show.show import Show


def variant_named(show: Show, name: str) -> Variant:
    """The variant of that name. ValueError, naming those there are, where there is none."""
    for item in show.variants:
        if item.name == name:
            return item
    there = ", ".join(item.name for item in show.variants)
    raise ValueError(f"the show has no variant {name}" + (f"; there is {there}" if there else ": house_rules.yaml names none"))


def beginning(variant: Variant) -> tuple[Event, ...]:
    """What is asked before a show begins."""
    origin = Origin("variant", variant.name)
    masters = tuple(Master(name, level, 0, origin) for name, level in variant.masters)
    return (*masters, *(Start(ref.list, ref.label, origin) for ref in variant.starts))
