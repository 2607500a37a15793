"""Strangers drive the simulated venue of the bundled show: olad, the `sacn` package, oscsend and mosquitto_pub; JSON on stdout.

Run in a network namespace of its own: ``unshare -n python -m tests.referees.in_namespace_strangers SCRATCH``. olad is a
machine of its own, with a cable between (``in_namespace_olad.There``); the others stand on the venue's. No part of the
controller runs: what came of it is read back with ``showctl room --json``, which asks the venue.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sacn

from tests.live.house import Program
from tests.programs import program
from tests.referees.in_namespace_olad import HERE, There, wait

ROOT = Path(__file__).parents[2]
FOLDER = "cues/dream_of_the_future"
VENUE = "http://127.0.0.1:8090"


def room(*names: str) -> dict[str, Any]:
    """What ``showctl room --json`` says."""
    argv = [sys.executable, "-m", "showctl.cli", "room", "--at", VENUE, "--json", *names]
    ran = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    found: dict[str, Any] = json.loads(ran.stdout) if ran.returncode == 0 else {}
    return found


def run(*words: str) -> None:
    subprocess.run(words, check=True, timeout=20)


def seen(name: str, true: Callable[[Any], object]) -> Any:
    """What ``name`` is as soon as ``true`` holds of it; after five seconds, whatever it is."""
    end = time.monotonic() + 5
    while True:
        found = room(name).get(name)
        if (found is not None and true(found)) or time.monotonic() > end:
            return found


def main() -> None:
    scratch = Path(sys.argv[1])
    there = There(scratch)
    broker = Program([program("mosquitto"), "-p", "1883"], scratch / "mosquitto.log")
    venue = Program(
        [sys.executable, "-m", "showctl.cli", "simulate", FOLDER, "--interface", HERE, "--serial-dir", scratch / "serial"],
        scratch / "venue.log",
    )
    desk = sacn.sACNsender(bind_address="127.0.0.1", bind_port=0, source_name="a stranger's desk")
    try:
        there.start_olad()
        wait(lambda: "ready" in venue.said(), 30)
        desk.start()
        desk.activate_output(1)
        desk[1].destination = "127.0.1.1"
        desk[1].dmx_data = tuple([0] * 8 + [255, 51, 0, 102])  # tuyere_3 is at slot 9: red, green, blue, white
        there.run("ola_patch", "--device", there.device("E1.31"), "--port", "0", "--universe", "4")
        there.run("ola_set_dmx", "-u", "4", "-d", "255,0,0,128,0,64")  # wash_1: intensity, red, green, blue, white, amber
        there.run("ola_patch", "--device", there.device("Art"), "--port", "0", "--universe", "0")
        run("oscsend", "127.0.3.1", "7000", "/sound/play", "sssffif", "rumble", "furnace_rumble", "main_pa", "-6", "0", "1", "0")
        found = {
            "tuyere_3": seen("tuyere_3", lambda lamp: lamp["red"] == 1),
            "sound": seen("sound", lambda player: player["state"] == "playing"),
            "nave.sound": seen("nave.sound", lambda level: level > 70),
        }
        run("mosquitto_pub", "-h", "127.0.0.1", "-t", "furnace/gate/set", "-m", '{"do": "open"}')
        found["moving"] = seen("gate.state", lambda state: state != "closed")

        def washed(lamp: dict[str, float]) -> bool:
            there.run("ola_set_dmx", "-u", "4", "-d", "255,0,0,128,0,64")  # and again: olad repeats itself slowly
            return lamp["intensity"] == 1

        def raced(lamp: dict[str, float]) -> bool:
            there.run("ola_set_dmx", "-u", "0", "-d", ",".join(["0,255,0"] * 34))
            return lamp["green"] == 1

        found["wash_1"] = seen("wash_1", washed)
        found["sources"] = {key: [item["name"] for item in room(key)[key]["sources"]] for key in ("sacn/1", "sacn/4", "sacn/7")}
        found["bustle_1"] = seen("bustle_1", raced)
        found["hearth.light"] = seen("hearth.light", lambda lux: lux > 1)
        found["gate"] = seen("gate", lambda gate: gate["state"] == "open")
        print(json.dumps(found))  # noqa: T201
    finally:
        desk.stop()
        there.close()
        venue.end()
        broker.end()


if __name__ == "__main__":
    main()
