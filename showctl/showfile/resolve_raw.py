"""Raw messages in a cue: an OSC address with arguments, an MQTT topic with a payload. Momentary, and no hazard hears one."""

from __future__ import annotations

from showctl.show.cues import Perform, Value
from showctl.show.fixtures import Hazard
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.words import Phrase, Word


def raw_osc(draft: Draft, text: Text) -> Perform | None:
    """``/x/y 1 2.0 text to DEVICE``: a whole number is an int32, 2.0 a float32, the rest text."""
    try:
        phrase = Phrase(text)
        words = list(phrase.words)
        if len(words) < 3 or words[-2].text != "to" or not words[0].text.startswith("/"):
            raise Wrong("BAD_WORD", f"{text or 'nothing'} is not a raw message", 0, "osc: /x/y 1 2.0 text to DEVICE")
        device = draft.devices.get(words[-1].text)
        if device is None:
            hint = did_you_mean(words[-1].text, draft.devices)
            raise Wrong("UNKNOWN_DEVICE", f"there is no device {words[-1].text}", words[-1].offset, hint)
        if device.transport not in ("udp", "tcp", "slip"):
            raise Wrong("WRONG_KIND", f"{device.name} does not speak OSC", words[-1].offset, "raw osc goes to OSC devices")
        if device.hazard is not Hazard.NONE:
            hint = "declare a verb for it in devices.yaml, and say hazard: yes in the cue"
            raise Wrong("HAZARD_RAW", f"raw messages to {device.name} are refused: it is a hazard", words[-1].offset, hint)
    except Wrong as wrong:
        draft.wrong(wrong, text)
        return None
    arguments: list[tuple[str, Value]] = [("address", words[0].text)]
    arguments += ((f"a{n}", _osc_value(word)) for n, word in enumerate(words[1:-2]))
    return Perform(device.name, "osc", tuple(arguments), place=text.place)


def _osc_value(word: Word) -> Value:
    """A whole number stays whole: the driver sends it as an int32."""
    if word.quoted:
        return word.text
    try:
        worth = values.number(word.text)
    except Wrong:
        return word.text
    return float(worth) if "." in word.text else int(worth)


def raw_mqtt(draft: Draft, text: Text) -> Perform | None:
    """``TOPIC on BROKER PAYLOAD``."""
    try:
        phrase = Phrase(text)
        topic = phrase.next("a topic")
        if not phrase.take("on"):
            raise Wrong("BAD_WORD", f"{text or 'nothing'} is not a raw message", 0, 'mqtt: furnace/bell on room "ring"')
        word = phrase.next("a broker")
        broker = draft.devices.get(word.text)
        if broker is None or broker.kind.name != "broker":
            brokers = [item.name for item in draft.devices.values() if item.kind.name == "broker"]
            raise Wrong("UNKNOWN_DEVICE", f"there is no broker {word.text}", word.offset, did_you_mean(word.text, brokers))
        for device in draft.devices.values():
            below = device.broker == broker.name and (topic.text + "/").startswith(device.topic + "/")
            if device.hazard is not Hazard.NONE and below:
                hint = f"use a verb of {device.name}, and say hazard: yes in the cue"
                raise Wrong("HAZARD_RAW", f"raw messages to {device.name} are refused: it is a hazard", topic.offset, hint)
    except Wrong as wrong:
        draft.wrong(wrong, text)
        return None
    return Perform(broker.name, "mqtt", (("topic", topic.text), ("payload", phrase.rest())), place=text.place)
