"""What the bytes of RDM parameters mean: device information, modes, sensors. Standard: ANSI E1.20-2010, section 10.

A "personality" of E1.20 is what the patch calls a mode. Texts are ASCII of at most 32 characters, not terminated.
"""

import struct
from dataclasses import dataclass
from typing import Final

from showctl.protocols.errors import ProtocolError, in_range

MAX_TEXT: Final = 32  # E1.20 10.1
NO_ADDRESS: Final = 0xFFFF  # E1.20 10.6.3: a device without a footprint has none
NO_SENSOR_VALUE: Final = -0x8000

_INFO: Final = struct.Struct(">HHHIHBBHHB")
_MODE: Final = struct.Struct(">BH")
_SENSOR: Final = struct.Struct(">BBBBhhhhB")
_VALUE: Final = struct.Struct(">Bhhhh")

UNITS: Final = (
    "", "°C", "V", "V", "V", "A", "A", "A", "Hz", "Ω", "W", "kg", "m", "m²", "m³", "kg/m³", "m/s", "m/s²", "N", "J", "Pa", "s",
    "°", "sr", "cd", "lm", "lx", "IRE", "byte",
)  # fmt: skip
"""E1.20 Table A-13."""
_PREFIXES: Final = {0: 0, 1: -1, 2: -2, 3: -3, 4: -6, 5: -9, 6: -12, 7: -15, 0x11: 1, 0x12: 2, 0x13: 3, 0x14: 6, 0x15: 9}
"""E1.20 Table A-14: powers of ten."""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """E1.20 10.5.1. ``mode`` counts from 1 to ``modes``; ``address`` is None where the device has none."""

    model: int
    category: int
    software: int
    footprint: int
    mode: int
    modes: int
    address: int | None
    sub_devices: int
    sensors: int
    version: int = 0x0100


@dataclass(frozen=True, slots=True)
class ModeDescription:
    """E1.20 10.6.2: one mode of a device."""

    number: int
    footprint: int
    name: str


@dataclass(frozen=True, slots=True)
class SensorDefinition:
    """E1.20 10.7.1. Values are whole numbers of 10 ** ``power`` ``unit``."""

    number: int
    type: int
    unit: str
    power: int
    low: int
    high: int
    normal_low: int
    normal_high: int
    name: str

    def value(self, present: int) -> float:
        """A reported number in ``unit``."""
        return round(present * 10.0**self.power, 15)


@dataclass(frozen=True, slots=True)
class SensorValue:
    """E1.20 10.7.2. Lowest, highest and recorded are 0 where the sensor keeps none."""

    number: int
    present: int
    lowest: int
    highest: int
    recorded: int


def decode_info(data: bytes) -> DeviceInfo:
    """Reads the answer to DEVICE_INFO."""
    if len(data) != _INFO.size:
        raise ProtocolError(f"device information of {len(data)} bytes, not {_INFO.size}", len(data))
    version, model, category, software, footprint, mode, modes, address, subs, sensors = _INFO.unpack(data)
    if address != NO_ADDRESS and not 1 <= address <= 512:
        raise ProtocolError(f"address {address} is not within 1 to 512", 14)
    where = None if address == NO_ADDRESS else address
    return DeviceInfo(model, category, software, footprint, mode, modes, where, subs, sensors, version)


def decode_mode(data: bytes) -> ModeDescription:
    """Reads the answer to DMX_PERSONALITY_DESCRIPTION."""
    number, footprint = _unpack(_MODE, data, "a mode's description")
    return ModeDescription(number, footprint, read_text(data[_MODE.size :]))


def decode_sensor(data: bytes) -> SensorDefinition:
    """Reads the answer to SENSOR_DEFINITION. Units that the standard does not name have none."""
    number, kind, unit, prefix, low, high, normal_low, normal_high, _ = _unpack(_SENSOR, data, "a sensor's definition")
    name = UNITS[unit] if unit < len(UNITS) else ""
    text = read_text(data[_SENSOR.size :])
    return SensorDefinition(number, kind, name, _PREFIXES.get(prefix, 0), low, high, normal_low, normal_high, text)


def decode_sensor_value(data: bytes) -> SensorValue:
    """Reads the answer to SENSOR_VALUE. Devices that keep no minima send fewer bytes than the standard says."""
    return SensorValue(
        *_unpack(_VALUE, data[: _VALUE.size].ljust(_VALUE.size, b"\0") if len(data) >= 3 else data, "a sensor's value")
    )


def read_text(data: bytes) -> str:
    """Text as devices send it: some pad with NUL, some are not ASCII."""
    return "".join(letter for letter in data[:MAX_TEXT].split(b"\0", 1)[0].decode("utf-8", "replace") if letter.isprintable())


def address_data(address: int) -> bytes:
    """The data of SET DMX_START_ADDRESS."""
    return in_range("address", address, 1, 512).to_bytes(2, "big")


def text_data(text: str) -> bytes:
    """The data of SET DEVICE_LABEL. ValueError where it is too long or no ASCII."""
    if not text.isascii() or not text.isprintable() or len(text) > MAX_TEXT:
        raise ValueError(f"a device's label is {MAX_TEXT} plain letters at most")
    return text.encode("ascii")


def _unpack(layout: struct.Struct, data: bytes, what: str) -> tuple[int, ...]:
    if len(data) < layout.size:
        raise ProtocolError(f"{what} of {len(data)} bytes, not {layout.size}", len(data))
    return layout.unpack_from(data)
