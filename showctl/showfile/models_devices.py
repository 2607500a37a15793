"""The shape of devices.yaml: a device, the verbs and fields that it declares, and how it speaks."""

# ruff: noqa: RUF012 - pydantic copies defaults

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, Tag

from showctl.showfile.models import Expr, Number, Strict, TextOrList, Time, Truth, shape
from showctl.showfile.reader import MAPPING_TAG, TEXT_TAG, Text


class VerbModel(Strict):
    """A verb of an osc, mqtt or text device."""

    osc: Text | None = None
    topic: Text | None = None
    payload: Text | None = None
    arguments: list[Text] = []
    class_: Annotated[Text | None, Field(alias="class")] = None
    key: TextOrList | None = None
    send: Text | None = None
    reply: Text | None = None
    makes: dict[Text, Text] = {}
    meanwhile: dict[Text, Text] = {}
    takes: Time | None = None
    within: Time | None = None
    tries: Number | None = None
    again: Truth | None = None
    otherwise: Text | None = None


class FieldModel(Strict):
    """Something that an osc or mqtt device reports."""

    type: Text
    initial: Text | None = None
    osc: Text | None = None
    topic: Text | None = None


FieldWords: TypeAlias = Annotated[Annotated[Text, Tag(TEXT_TAG)] | Annotated[FieldModel, Tag(MAPPING_TAG)], Discriminator(shape)]


class FrameModel(Strict):
    """Where a message of the device begins and ends."""

    ends: Text | None = None
    starts: Text | None = None
    escape: Text | None = None
    size: Text | None = None


class PollModel(Strict):
    """A question that is put every so often."""

    send: Text
    reply: Text
    every: Time | None = None


class SpeechModel(Strict):
    """How a device of kind text speaks."""

    frame: FrameModel | None = None
    polls: list[PollModel] = []
    hears: list[Text] = []
    refuses: Text | None = None
    words: dict[Text, dict[Text, Text]] = {}
    reply_within: Time | None = None
    tries: Number | None = None
    steady: Time | None = None
    ready: Expr | None = None
    fault: Expr | None = None


class OrderModel(Strict):
    """By when a verb must be done, and what holds where it was not."""

    within: Time | None = None
    tries: Number | None = None
    otherwise: Text | None = None


class CodeModel(Strict):
    """What an output of timecode sends."""

    of: Text | None = None
    rate: Text | None = None
    begins: Text | None = None


class DeviceModel(Strict):
    """One device."""

    kind: Text
    host: Text | None = None
    port: Number | None = None
    transport: Text | None = None
    label: Text | None = None
    password: Text | None = None
    latency: Time | None = None
    jitter: Time | None = None
    warm_up: Time | None = None
    broker: Text | None = None
    topic: Text | None = None
    hazard: Text | None = None
    on_hold: Text | None = None
    verbs: dict[Text, VerbModel] = {}
    fields: dict[Text, FieldWords] = {}
    options: dict[Text, Text] = {}
    speech: SpeechModel | None = None
    orders: dict[Text, OrderModel] = {}
    objects: dict[Text, Text] = {}
    code: CodeModel | None = None


DevicesFile: TypeAlias = dict[Text, DeviceModel]
