"""What other programs call a parameter, and what we call it.

GDTF attributes: DIN SPEC 15800, annex A. QLC+ presets: its fixture definition schema. What has no word of ours keeps its own,
in small letters.
"""

from __future__ import annotations

import re
from typing import Final

from showctl.library.importers.found import identifier

_GDTF: Final[dict[str, str]] = {
    "Dimmer": "intensity", "Pan": "pan", "Tilt": "tilt", "Zoom": "zoom", "Iris": "iris", "Focus1": "sharpness",
    "ColorAdd_R": "red", "ColorAdd_G": "green", "ColorAdd_B": "blue", "ColorAdd_W": "white", "ColorAdd_RY": "amber",
    "ColorAdd_GY": "lime", "ColorAdd_UV": "uv", "ColorAdd_WW": "warm", "ColorAdd_CW": "cool", "ColorAdd_BM": "indigo",
    "ColorAdd_C": "led_cyan", "ColorAdd_M": "led_magenta", "ColorAdd_Y": "led_yellow", "ColorAdd_A": "amber",
    "ColorAdd_L": "lime", "ColorRGB_Red": "red", "ColorRGB_Green": "green", "ColorRGB_Blue": "blue",
    "ColorSub_C": "cyan", "ColorSub_M": "magenta", "ColorSub_Y": "yellow", "CTO": "cto", "CTB": "ctb", "CTC": "ctc",
    "Tint": "tint", "HSB_Hue": "hue", "HSB_Saturation": "saturation", "Color1": "color_wheel", "Color2": "color_wheel_2",
    "Gobo1": "gobo", "Gobo2": "gobo_2", "Prism1": "prism", "Frost1": "frost", "Shutter1": "shutter", "Shutter2": "shutter_2",
    "Fog1": "fog", "Haze1": "haze", "Fan1": "fan", "ColorMacro1": "color_macro", "NoFeature": "unused",
}  # fmt: skip
_QXF_PRESETS: Final[dict[str, str]] = {
    "IntensityMasterDimmer": "intensity", "IntensityDimmer": "intensity", "IntensityRed": "red", "IntensityGreen": "green",
    "IntensityBlue": "blue", "IntensityWhite": "white", "IntensityAmber": "amber", "IntensityLime": "lime",
    "IntensityUV": "uv", "IntensityIndigo": "indigo", "IntensityCyan": "cyan", "IntensityMagenta": "magenta",
    "IntensityYellow": "yellow", "IntensityHue": "hue", "IntensitySaturation": "saturation",
    "IntensityLightness": "lightness", "IntensityValue": "value", "PositionPan": "pan", "PositionTilt": "tilt",
    "PositionXAxis": "x_axis", "PositionYAxis": "y_axis", "SpeedPanSlowFast": "pan_speed", "SpeedPanFastSlow": "pan_speed",
    "SpeedTiltSlowFast": "tilt_speed", "SpeedTiltFastSlow": "tilt_speed", "SpeedPanTiltSlowFast": "head_speed",
    "SpeedPanTiltFastSlow": "head_speed", "ColorMacro": "color_macro", "ColorWheel": "color_wheel",
    "ColorRGBMixer": "rgb_mixer", "ColorCTOMixer": "cto", "ColorCTCMixer": "ctc", "ColorCTBMixer": "ctb",
    "GoboWheel": "gobo", "GoboIndex": "gobo_index", "ShutterStrobeSlowFast": "strobe", "ShutterStrobeFastSlow": "strobe",
    "ShutterIrisMinToMax": "iris", "ShutterIrisMaxToMin": "iris", "BeamFocusNearFar": "sharpness",
    "BeamFocusFarNear": "sharpness", "BeamIris": "iris", "BeamZoomSmallBig": "zoom", "BeamZoomBigSmall": "zoom",
    "PrismRotationSlowFast": "prism_rotation", "PrismRotationFastSlow": "prism_rotation", "NoFunction": "unused",
}  # fmt: skip
COLORS: Final = {
    "red": "red", "green": "green", "blue": "blue", "cyan": "cyan", "magenta": "magenta", "yellow": "yellow",
    "white": "white", "amber": "amber", "uv": "uv", "lime": "lime", "indigo": "indigo",
    "warm white": "warm", "cold white": "cool", "cool white": "cool",
}  # fmt: skip
"""Colour words of the Open Fixture Library and QLC+."""
LAMPS: Final = {"cyan": "led_cyan", "magenta": "led_magenta", "yellow": "led_yellow"}
"""Where those words mean a lamp beside others, and no filter."""


def of_gdtf(attribute: str) -> str:
    """Our word for a GDTF attribute.

    >>> of_gdtf("ColorAdd_RY"), of_gdtf("Gobo1PosRotate"), of_gdtf("Shutter3Strobe")
    ('amber', 'gobo1_pos_rotate', 'shutter3_strobe')
    """
    known = _GDTF.get(attribute)
    if known is not None:
        return known
    return identifier(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", attribute), "unused")


def of_qxf_preset(preset: str) -> tuple[str, bool]:
    """Our word for a QLC+ preset ("" where it has none), and whether it is the fine half."""
    fine = preset.endswith("Fine") and preset != "Fine"
    return _QXF_PRESETS.get(preset.removesuffix("Fine") if fine else preset, ""), fine


def lamps(parameters: set[str]) -> dict[str, str]:
    """Which colour words of one fixture are lamps: cyan, magenta and yellow are where red, green or blue are lamps as well.

    >>> lamps({"red", "cyan"}), lamps({"cyan", "magenta", "yellow"})
    ({'cyan': 'led_cyan'}, {})
    """
    if not parameters & {"red", "green", "blue"}:
        return {}
    return {word: lamp for word, lamp in LAMPS.items() if word in parameters}
