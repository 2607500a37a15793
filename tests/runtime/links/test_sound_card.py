"""PortAudio: code into a sound card and out of one, by ALSA's own file device; and what is said where there is none."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from showctl.devices.ltc_out import LtcOut
from showctl.protocols.ltc_audio import Generator, Listener
from showctl.protocols.timecode import FPS_25, to_frames
from showctl.runtime.links import code_port, timecode
from showctl.runtime.links.code_port import player
from showctl.runtime.listening import Microphone
from showctl.runtime.portaudio import NoSoundError, device_named, portaudio
from tests.runtime.links.loops import on_a_loop, until
from tests.runtime.links.test_code_port import Outputs, output

CARD = """
</usr/share/alsa/alsa.conf>
pcm.tape {{ type file slave.pcm null file "{folder}/heard.raw" format raw }}
pcm.deck {{ type file slave.pcm null file "/dev/null" infile "{folder}/code.raw" format raw }}
"""
"""Two sound cards of ALSA's making: what is played on the one is in a file, what is heard on the other comes out of one."""
HOUR = 90_000


@pytest.fixture
def cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("sounddevice", reason="the extra showctl[listen] is not installed", exc_type=ImportError)
    sound = (Generator(FPS_25, 48_000, HOUR).frames(50) * 32767).astype("<i2")
    (tmp_path / "code.raw").write_bytes(sound.tobytes())
    (tmp_path / "asoundrc").write_text(CARD.format(folder=tmp_path))
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asoundrc"))
    return tmp_path


@pytest.mark.serial
@pytest.mark.referee("libportaudio.so.2")
@on_a_loop
async def test_code_is_played_by_portaudio_and_a_card_that_is_not_there_is_said_with_those_that_are(cards: Path) -> None:
    it = Outputs(output("ltc_out", "tape", "portaudio:tape"), output("ltc_out", "drum", "portaudio:no_such_card"))
    it.live.start()
    await until(lambda: len(it.healths) == 2)
    tape, drum = sorted(it.healths, reverse=True)
    assert tape == "tape ok: tape takes code."
    assert drum.startswith("drum lost: drum cannot be opened: no sound output is called no_such_card; there are ")
    assert {"tape", "deck"} <= set(drum.rstrip(".").rpartition("there are ")[2].split(", "))
    it.run("tape")
    driver = it.live.carriers["tape"].driver
    assert isinstance(driver, LtcOut)
    await until(lambda: driver.waiting is not None)
    await asyncio.sleep(1.0)
    await it.live.stop()
    sound = np.fromfile(cards / "heard.raw", "<i2") / 32768
    labels = [to_frames(found.word.label(FPS_25)) for found in Listener(48_000).feed(sound)]
    assert labels == list(range(labels[0], labels[0] + len(labels)))
    assert len(labels) > 12


@pytest.mark.serial
@pytest.mark.referee("libportaudio.so.2")
@on_a_loop
async def test_code_is_heard_by_portaudio(cards: Path) -> None:
    listener, labels = Listener(48_000), list[int]()
    async with contextlib.aclosing(timecode._input("portaudio", "deck")) as chunks, asyncio.timeout(20):
        async for samples, rate in chunks:
            assert rate == 48_000
            labels += [to_frames(found.word.label(FPS_25)) for found in listener.feed(samples)]
            if len(labels) > 30:
                break
    assert labels == list(range(HOUR, HOUR + len(labels)))
    with pytest.raises(timecode.NoSource, match=r"no sound input is called radio; there are .*deck"):
        async for _ in timecode._input("portaudio", "radio"):
            pass
    with pytest.raises(NoSoundError, match="no sound input is called radio"):
        Microphone("radio")


def card(name: str, inputs: int = 0, outputs: int = 2) -> dict[str, object]:
    return {"name": name, "max_input_channels": inputs, "max_output_channels": outputs}


def test_a_card_is_meant_by_its_name_or_by_a_part_that_only_one_has() -> None:
    package = SimpleNamespace(
        query_devices=lambda: [card("HDMI 0"), card("HDMI 1"), card("USB Audio: - (hw:2,0)", 1), card("USB", 1)]
    )
    assert [device_named(package, name, "output") for name in ("", "default", "hdmi 1", "(hw:2", "USB")] == [None, None, 1, 2, 3]
    assert device_named(package, "usb audio", "input") == 2
    with pytest.raises(NoSoundError, match="2 sound outputs have HDMI in their names; there are HDMI 0, HDMI 1"):
        device_named(package, "HDMI", "output")
    with pytest.raises(NoSoundError, match="no sound input is called HDMI; there are USB Audio"):
        device_named(package, "HDMI", "input")


def test_what_is_missing_is_said_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(NoSoundError, match=r"by an extra: pip install 'showctl\[listen\]'"):
        portaudio()


def test_portaudio_stands_in_where_alsas_programs_are_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr(code_port, "find_spec", lambda _: object())
    assert player("audio", "hw:1")[0][2:] == ("showctl.runtime.sound_card", "play", "hw:1")
    monkeypatch.setattr(code_port, "find_spec", lambda _: None)
    with pytest.raises(OSError, match="apt-get install alsa-utils, or pip install"):
        player("audio", "hw:1")
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert player("audio", "hw:1")[0][:3] == ("/usr/bin/aplay", "-q", "-D")
