"""What a projector's verbs and fields are in PJLink's words, and what its answers mean for the show.

Standards: PJLink Class 1 v1.04 and Class 2 v2.10 (``protocols/pjlink``, ``pjlink_values``). Manners live in ``projector``.
"""

from __future__ import annotations

from typing import Final

from showctl.devices.words import flag, text
from showctl.engine.commands import Tell
from showctl.protocols import pjlink_values as values
from showctl.show.cues import Value

POLLS: Final = ("POWR", "ERST", "AVMT")
SLOW_POLLS: Final = ("LAMP", "INPT")
CLASS_2_POLLS: Final = ("IRES", "FREZ")
CLASS_2_SLOW_POLLS: Final = ("FILT",)
POWER: Final = {
    values.PowerState.STANDBY: "off",
    values.PowerState.ON: "on",
    values.PowerState.COOLING: "cooling",
    values.PowerState.WARMING: "warming",
}
FIELD: Final = {"POWR": "power", "AVMT": "shutter", "INPT": "input", "FREZ": "frozen"}
VERB: Final = {"POWR": "power", "AVMT": "shutter", "INPT": "input", "FREZ": "freeze"}
_WORDS: Final[dict[str, dict[str, Value]]] = {
    "POWR": {"1": "on", "0": "off"},
    "AVMT": {"30": "open", "31": "closed"},
    "FREZ": {"1": True, "0": False},
}
_PARTS: Final = ("fan", "lamp", "temperature", "cover", "filter", "other")


def order(command: Tell) -> tuple[str, str]:
    """The PJLink command of a verb, and its parameter. KeyError: no such verb; TypeError: no such argument."""
    match command.verb:
        case "power":
            return "POWR", "1" if flag(command, "on") else "0"
        case "shutter":
            return "AVMT", "30" if flag(command, "open") else "31"
        case "input":
            return "INPT", text(command, "number").upper()
        case "freeze":
            return "FREZ", "1" if flag(command, "on") else "0"
        case _:
            raise KeyError(command.verb)


def meant(name: str, parameter: str) -> Value:
    """What the field should say once the order is done.

    >>> meant("POWR", "1"), meant("INPT", "31")
    ('on', '31')
    """
    return _WORDS.get(name, {}).get(parameter, parameter)


def on_the_way(name: str, parameter: str, word: Value) -> bool:
    """Whether what it says is what is wanted, or on the way there."""
    if name == "POWR":
        return word in (("on", "warming") if parameter == "1" else ("off", "cooling"))
    return word == meant(name, parameter)


def troubles(errors: values.Errors) -> tuple[str, str]:
    """What is wrong in words (``lamp warning, fan error``), and the part of it that is an error and no mere warning."""
    parts = [(part, getattr(errors, part)) for part in _PARTS]
    wrong = [(part, severity) for part, severity in parts if severity is not values.Severity.OK]
    said = ", ".join(f"{part} {severity.name.lower()}" for part, severity in wrong)
    return said, ", ".join(f"{part} error" for part, severity in wrong if severity is values.Severity.ERROR)


def signal(resolution: values.Resolution) -> str:
    """The signal at its input: a size, ``none``, or ``unknown``.

    >>> signal(values.Resolution((1920, 1080), signal=True)), signal(values.Resolution(None, signal=False))
    ('1920x1080', 'none')
    """
    if resolution.size is None:
        return "unknown" if resolution.signal else "none"
    return "{}x{}".format(*resolution.size)
