"""Which driver speaks for which kind of device. A new kind is one file here and one entry in ``show.devices.KINDS``."""

from __future__ import annotations

from showctl.devices.adm_osc import AdmOsc
from showctl.devices.ai_chat import AiChat
from showctl.devices.ai_performer import AiPerformer
from showctl.devices.artnet_code import ArtnetCode
from showctl.devices.broker import Broker
from showctl.devices.described import Described
from showctl.devices.driver import Driver
from showctl.devices.ds100 import Ds100
from showctl.devices.eos import Eos
from showctl.devices.film_server import FilmServer
from showctl.devices.l_isa import LIsa
from showctl.devices.layers import Layers
from showctl.devices.ltc_out import LtcOut
from showctl.devices.mpv import Mpv
from showctl.devices.mqtt_device import MqttDevice
from showctl.devices.mtc_out import MtcOut
from showctl.devices.osc_device import OscDevice
from showctl.devices.projector import Projector
from showctl.devices.qlab import QLab
from showctl.devices.sound_player import SoundPlayer
from showctl.devices.tracker import Tracker
from showctl.devices.xr_engine import XrEngine
from showctl.show.devices import Device
from showctl.show.show import Show


def driver_for(device: Device, show: Show) -> Driver:
    """A fresh driver for ``device``. KeyError: no kind that we know."""
    lengths = {clip.name: clip.length for clip in show.clips}
    match device.kind.name:
        case "sound_player":
            return SoundPlayer(device, lengths)
        case "film_server" | "gauze_player":
            return FilmServer(device, lengths)
        case "resolume" | "millumin" | "media_server":
            return Layers(device, lengths)
        case "qlab":
            return QLab(device)
        case "eos":
            return Eos(device)
        case "mpv" | "mpv_sound":
            return Mpv(device, {clip.name: clip for clip in show.clips})
        case "projector":
            return Projector(device)
        case "xr_engine":
            return XrEngine(device)
        case "ai_performer" if device.transport == "http":
            return AiChat(device)
        case "ai_performer":
            return AiPerformer(device)
        case "tracker":
            return Tracker(device)
        case "broker":
            return Broker(device)
        case "mqtt":
            return MqttDevice(device)
        case "osc":
            return OscDevice(device)
        case "ltc_out":
            return LtcOut(device)
        case "mtc_out":
            return MtcOut(device)
        case "artnet_timecode":
            return ArtnetCode(device)
        case "adm_osc":
            return AdmOsc(device)
        case "ds100":
            return Ds100(device)
        case "l_isa":
            return LIsa(device)
        case "text":
            return Described(device)
        case kind:
            raise KeyError(kind)
