"""The address rules of ADM-OSC 1.0, as a checker: which messages there are, with what arguments, in which ranges.

Written from the published quick reference (sections 2 to 6) by hand, for the tests; nothing here is the driver's.
"""

from __future__ import annotations

from pythonosc.osc_message import OscMessage

POLAR = ((-180.0, 180.0), (-90.0, 90.0), (0.0, 1.0))
CUBE = ((-1.0, 1.0),) * 3
RANGES: dict[str, tuple[tuple[float, float | None], ...]] = {
    "azim": POLAR[:1],
    "elev": POLAR[1:2],
    "dist": POLAR[2:],
    "aed": POLAR,
    "x": CUBE[:1],
    "y": CUBE[:1],
    "z": CUBE[:1],
    "xy": CUBE[:2],
    "xyz": CUBE,
    "w": ((0.0, 1.0),),
    "gain": ((0.0, None),),
    "dref": ((0.0, 1.0),),
    "dmax": ((0.0, None),),
}


def complaint(packet: bytes) -> str:
    """What is wrong with ``packet`` by the rules; "" where nothing is. A message without arguments is a question."""
    message = OscMessage(packet)
    parts = message.address.split("/")
    if parts[:3] != ["", "adm", "obj"] or len(parts) != 5:
        return f"{message.address} is not /adm/obj/NUMBER/PARAMETER"
    number, parameter = parts[3:]
    if number != "*" and (not number.isdigit() or number.startswith("0")):
        return f"objects are numbered from 1, and {number} is none"
    if parameter in ("mute", "name"):
        kind = int if parameter == "mute" else str
        return "" if all(isinstance(value, kind) for value in message.params) else f"{parameter} takes another type"
    if parameter not in RANGES:
        return f"there is no parameter {parameter}"
    values = message.params
    if not values:
        return ""
    if len(values) != len(RANGES[parameter]):
        return f"{parameter} has {len(RANGES[parameter])} arguments, not {len(values)}"
    tags = packet[(len(message.address) // 4 + 1) * 4 :].split(b"\0", 1)[0]
    if tags != b"," + b"f" * len(values):
        return f"{parameter} is sent as {tags!r}"
    for value, (low, high) in zip(values, RANGES[parameter], strict=True):
        if not value >= low or (high is not None and not value <= high):
            return f"{parameter} {value} is not within {low} and {high}"
    return ""
