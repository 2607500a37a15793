"""How a device's orders are kept (``orders:``) and what its kind's ``options`` may be, for the kinds with options of their own.

``orders: {power: {within: 90s, tries: 5, otherwise: hold}}`` says of a verb by when it must be done, how often it is said, and
what holds then: skip, wait, hold, or another verb that needs no words. An API key never stands in a show folder: ``key`` says
where it does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from showctl.show.devices import Device, Policy
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_devices import DeviceModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text

Check = Callable[[str], object]
POLICIES: Final = ("skip", "wait", "hold")
MOST_TRIES: Final = 100


def resolve_manners(draft: Draft, name: Text, model: DeviceModel, device: Device) -> Device:
    """``device`` with the policies of its orders; its options are looked over."""
    _options(draft, model, device)
    if device.kind.name == "ai_performer" and device.transport == "http" and model.port is None:
        device = replace(device, port=443 if device.options.get("tls") == "yes" else 80)
    policies = {}
    if model.orders and device.kind.name in ("text", "tracker", "broker"):
        place = next(iter(model.orders)).place
        hint = "a text device says it with each verb" if device.kind.name == "text" else "it has no verbs"
        draft.problems.error("WRONG_KIND", place, f"{name} is a {device.kind.name}: orders do not stand here", hint)
        return device
    for word, order in model.orders.items():
        if word not in device.kind.verbs:
            hint = did_you_mean(word, device.kind.verbs, "its verbs are " + (", ".join(device.kind.verbs) or "none"))
            draft.problems.error("UNKNOWN_VERB", word.place, f"{name} has no verb {word}", hint)
            continue
        otherwise = "skip"
        if order.otherwise is not None:
            bare = [verb.name for verb in device.kind.verbs.values() if all(item.default is not None for item in verb.arguments)]
            ways = (*POLICIES, *(verb for verb in bare if verb != word))
            otherwise = draft.choice(order.otherwise, ways, "skip", f"what holds where {word} was not done")
        within = draft.read(values.time_of, order.within, None) if order.within is not None else None
        tries = draft.read(lambda text: values.whole(text, 1, MOST_TRIES, "a number of tries"), order.tries, 3)
        policies[str(word)] = Policy(within, tries, otherwise)
    return replace(device, policies=policies) if policies else device


def _options(draft: Draft, model: DeviceModel, device: Device) -> None:
    kind = f"{device.kind.name}/{device.transport}"
    known = OPTIONS.get(kind, OPTIONS.get(device.kind.name))
    if known is None:
        return
    for key, text in model.options.items():
        check = known.get(key)
        if check is None:
            hint = did_you_mean(key, known, "they are " + ", ".join(known))
            draft.problems.error("UNKNOWN_KEY", key.place, f"a {device.kind.name} has no option {key}", hint)
            continue
        try:
            check(str(text))
        except Wrong as wrong:
            draft.wrong(wrong, text)
    if kind == "ai_performer/http" and "model" not in model.options:
        place = device.place
        draft.problems.error("MISSING_KEY", place, f"{device.name} does not say which model", "options: {model: NAME}")
    voice = next((text for key, text in model.options.items() if key == "voice"), None)
    if voice is not None:
        draft.voices.append((voice, device.name))


def check_voices(draft: Draft) -> None:
    """Whether what speaks for another can: a device with a verb ``say`` that takes one text."""
    for voice, name in draft.voices:
        speaker = draft.find(voice, draft.devices, "UNKNOWN_DEVICE", "device")
        if speaker is None:
            continue
        say = speaker.kind.verbs.get("say")
        if say is None or len([item for item in say.arguments if item.default is None]) != 1 or speaker.name == name:
            draft.problems.error(
                "WRONG_KIND", voice.place, f"{voice} cannot speak for {name}",
                "a voice is another device with a verb say that takes one text: an ai_performer over OSC, or one of your own",
            )  # fmt: skip


# --- what options may be -------------------------------------------------------------------------------------------------


def _number(low: float, high: float) -> Check:
    def check(words: str) -> object:
        value = values.number(words)
        if not low <= value <= high:
            raise Wrong("BAD_NUMBER", f"{words} is not {low:g}..{high:g}", 0, f"a number from {low:g} to {high:g}")
        return value

    return check


def _one_of(*known: str) -> Check:
    def check(words: str) -> object:
        if words not in known:
            raise Wrong("BAD_WORD", f"{words or 'nothing'} is none of {', '.join(known)}", 0, did_you_mean(words, known))
        return words

    return check


def _path(words: str) -> object:
    if not words.startswith("/") or any(letter <= " " or letter > "~" for letter in words):
        raise Wrong("BAD_ADDRESS", f"{words or 'nothing'} is no path of a server", 0, "/v1/chat/completions")
    return words


def _probe(words: str) -> object:
    return words if words == "none" else _path(words)


def _key(words: str) -> object:
    kind, _, where = words.partition(" ")
    if kind not in ("env", "file") or not where.strip():
        # The words are not repeated: they may be the key.
        raise Wrong(
            "BAD_WORD", "a key does not stand in a show folder", 0, "key: env NAME_OF_A_VARIABLE, or key: file /path/to/it"
        )
    return words


def _address(words: str) -> object:
    host, _, port = words.partition(":")
    parts = host.split(".")
    if len(parts) != 4 or not all(part.isdecimal() and int(part) < 256 for part in parts) or (port and not port.isdecimal()):
        raise Wrong("BAD_ADDRESS", f"{words or 'nothing'} is no address of ours", 0, "notify: 10.0.0.5, or 10.0.0.5:4352")
    return words


OPTIONS: Final[dict[str, dict[str, Check]]] = {
    "projector": {
        "auth": _one_of("md5", "sha256"), "class": _one_of("1", "2"), "notify": _address, "power": _one_of("on", "off"),
        "warm_up": _number(0, 3600), "cool_down": _number(0, 3600),
    },
    "xr_engine": {
        "headsets": _number(0, 64), "low_battery": _number(0, 100), "on_low_battery": _one_of("tell", "passthrough", "nothing"),
        "on_lost_tracking": _one_of("tell", "passthrough", "nothing"), "on_sleep": _one_of("tell", "wake", "nothing"),
        "interface": str,
    },
    "ai_performer": {"blocked": str, "interface": str},
    "ai_performer/http": {
        "model": str, "path": _path, "probe": _probe, "moderation": _path, "system": str, "tokens": _number(1, 4000),
        "temperature": _number(0, 2), "blocked": str, "key": _key, "tls": _one_of("yes", "no"), "voice": str,
    },
}  # fmt: skip
"""The options of a kind (and transport), and what each may be."""
