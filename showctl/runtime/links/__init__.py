"""Links carry a driver live: UDP, TCP, serial, MQTT and PSN with asyncio, one a device, none of which waits for another."""

from showctl.runtime.links.carrier import Carrier, Link, carry
from showctl.runtime.links.live import LiveDevices
from showctl.runtime.links.mqtt import BrokerLink, MqttLink
from showctl.runtime.links.psn import PsnLink
from showctl.runtime.links.serial_port import SerialLink
from showctl.runtime.links.tcp import TcpLink
from showctl.runtime.links.udp import UdpLink

__all__ = ["BrokerLink", "Carrier", "Link", "LiveDevices", "MqttLink", "PsnLink", "SerialLink", "TcpLink", "UdpLink", "carry"]
