"""Outputs of timecode in devices.yaml: whose clock they tell (``of: main/40``), at which rate, from which label on."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from showctl.show.codes import CodeOut
from showctl.show.cues import CueRef
from showctl.show.devices import Device
from showctl.show.instants import SECOND
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_devices import DeviceModel
from showctl.showfile.problems import did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_actions import Actions

KINDS: Final = {"ltc_out": "audio:default, or a named pipe", "mtc_out": "/dev/snd/midiC1D0, or midi:NAME", "artnet_timecode": ""}
SHOW: Final = "show"


def resolve_code(draft: Draft, name: Text, model: DeviceModel, device: Device) -> Device:
    """``device`` with what it sends, but for whose time that is. Other kinds of device send none."""
    if device.kind.name not in KINDS:
        if model.code is not None:
            hint = "only " + ", ".join(KINDS) + " send code"
            draft.problems.error("WRONG_KIND", name.place, f"a {device.kind.name} sends no timecode", hint)
        return device
    if KINDS[device.kind.name] and model.host is None:
        hint = f"host: {KINDS[device.kind.name]}"
        draft.problems.error("MISSING_KEY", name.place, f"{name} lacks the key host", hint)
    if model.code is None:
        hint = "code: {of: main, rate: 25, begins: 01:00:00:00}"
        draft.problems.error("MISSING_KEY", name.place, f"{name} lacks the key code", hint)
        return replace(device, code=CodeOut())
    num, den = draft.read(values.timecode_rate, model.code.rate, (25, 1))
    drop = str(model.code.rate or "").strip().lower().endswith("df")
    begins = draft.read(partial(values.timecode, num=num, den=den, drop=drop), model.code.begins, 0)
    if model.code.of is not None and model.code.of != SHOW:
        draft.code_of[str(name)] = model.code.of
    return replace(device, code=CodeOut("", num, den, drop, round(begins * num / (den * SECOND))))


def resolve_code_of(draft: Draft, actions: Actions) -> None:
    """Whose time each output tells, now that lists and cues are known."""
    for name, text in draft.code_of.items():
        device = draft.devices[name]
        assert device.code is not None, "only outputs of code are here"
        of: str | CueRef | None
        if "/" in text:
            of = actions.cue_ref(text, draft.main_list)
        elif text in draft.labels:
            of = str(text)
        else:
            of = None
            hint = did_you_mean(text, draft.labels, "show, a list, or a cue as LIST/LABEL")
            draft.problems.error("UNKNOWN_LIST", text.place, f"there is no list {text}", hint)
        if of is not None:
            draft.devices[name] = replace(device, code=replace(device.code, of=of))
