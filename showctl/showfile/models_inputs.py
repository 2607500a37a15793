"""The shape of hazards.yaml, triggers.yaml and schedule.yaml: what comes in, what it sets off, and what it permits."""

# ruff: noqa: RUF012 - pydantic copies defaults

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field, WithJsonSchema

from showctl.showfile.models import REF, Expr, Number, Strict, TextOrList, Time, Truth
from showctl.showfile.reader import Text


class InterlockModel(Strict):
    """What permits some hazards, all the while they do anything."""

    fixtures: TextOrList | None = None
    devices: Annotated[dict[Text, Text], Field(description="each guarded device, and the verb that makes it safe")] = {}
    permit: Expr | None = None
    fresh: Time | None = None
    longest: Time | None = None
    dwell: Time | None = None
    rest: Time | None = None
    armed_for: Time | None = None


HazardsFile: TypeAlias = dict[Text, InterlockModel]


class TimecodeModel(Strict):
    """A source of timecode."""

    kind: Text
    rate: Text
    offset: Text | None = None
    source: Text | None = None
    lost: Text | None = None
    freewheel: Time | None = None
    along: Annotated[dict[Text, Text], Field(description="clips that carry this code, and what it is at their beginning")] = {}


class InputModel(Strict):
    """A named value from the room."""

    guests: Text | None = None
    gesture: Text | None = None
    mqtt: Text | None = None
    osc: Text | None = None
    type: Text | None = None
    initial: Text | None = None
    counts: Truth | None = None
    stale: Time | None = None
    hysteresis: Number | None = None


class VariableModel(Strict):
    """A named value that cues set."""

    type: Text
    initial: Text


class TriggerModel(Strict):
    """Acts when its condition turns true."""

    when: Expr
    only_if: Expr | None = None
    cooldown: Time | None = None
    armed: Truth | None = None
    do: Annotated[Any, WithJsonSchema({"anyOf": [{REF: "Do"}, {"type": "array", "items": {REF: "Do"}}]})]


class InboundModel(Strict):
    """Something that may come in and do something."""

    osc: Text | None = None
    mqtt: Text | None = None
    allow: Text
    from_: Annotated[TextOrList | None, Field(alias="from")] = None


class TriggersFile(Strict):
    """triggers.yaml."""

    timecodes: dict[Text, TimecodeModel] = {}
    inputs: dict[Text, InputModel] = {}
    variables: dict[Text, VariableModel] = {}
    triggers: dict[Text, TriggerModel] = {}
    inbound: list[InboundModel] = []


class ScheduleModel(Strict):
    """Something that happens by the clock."""

    at: Text
    every: Time | None = None
    until: Text | None = None
    days: TextOrList | None = None
    do: Annotated[Any, WithJsonSchema({"anyOf": [{REF: "Do"}, {"type": "array", "items": {REF: "Do"}}]})]


ScheduleFile: TypeAlias = dict[Text, ScheduleModel]
