"""How fast twenty minutes are rehearsed: 64 universes, every kind of device, a party of guests; with every frame, and without.

With every frame: 48,000 instants rendered, sent, and decoded by the simulated nodes, every tracker frame walked and read.
Without: what says nothing new is left out. The frames that both have rendered must be the same, and what happened in the room,
too. ``--dream`` plays the bundled show beside it, ``--profile`` says where the time goes. Figures are CPU time, as the machine is
shared.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import pstats
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # a bench is started as a file

from showctl.runtime.rehearsal import Stagehand, Verdict, loaded, open_simulated_venue
from showctl.show.rehearsals import Rehearsal

DREAM = Path(__file__).parents[1] / "cues" / "dream_of_the_future"
MINUTES = 20
SACN, ARTNET = 48, 16
PARS = 100
"""In a universe."""
EVERY = 30
"""Seconds from cue to cue."""
PROMISED_EVERY_FRAME, PROMISED = 100, 2000

SHOW = """show: Twenty minutes
dmx_rate: 40
main_list: main
panic_time: 1s
venue: venue.yaml
patch: patch.yaml
groups: groups.yaml
devices: devices.yaml
media: media.yaml
lists: [lists/main.yaml]
triggers: triggers.yaml
rehearsals: rehearsals/
exit_look: {rig_0: 40 amber}
"""
VENUE = """zones:
  room: {corners: [[-8, 0], [8, 0], [8, 13], [-8, 13]], safe: SAFE}
  left: {corners: [[-8, 0], [0, 0], [0, 13], [-8, 13]], safe: SAFE}
  stage: {corners: [[-8, 13], [8, 13], [8, 18], [-8, 18]], safe: SAFE}
surfaces:
  wall: {player: film, projector: projector}
  gauze: {player: gauze_player}
speakers:
  main_pa: {player: sound}
""".replace("SAFE", "{light: {rig_0: 40 amber}, sound: none, film: none, fog: none, motion: none, doors: none, headsets: none}")
DEVICES = """sound: {kind: sound_player, host: 127.0.3.1}
film: {kind: film_server, host: 127.0.4.1}
gauze_player: {kind: gauze_player, host: 127.0.6.1}
projector: {kind: projector, host: 127.0.7.1, options: {power: on}}
xr: {kind: xr_engine, host: 127.0.10.1}
ai: {kind: ai_performer, host: 127.0.11.1}
tracker: {kind: tracker, host: 236.10.10.10, port: 56565, options: {rate: 4}}
desk: {kind: broker, host: 127.0.0.1, port: 1883}
gate:
  kind: mqtt
  broker: desk
  topic: room/gate
  fields: {state: text closed}
  verbs: {open: {payload: '{"do": "open"}', class: state}, close: {payload: '{"do": "close"}', class: state}}
permit: {kind: mqtt, broker: desk, topic: room/permit, fields: {granted: truth yes}}
"""
TRIGGERS = """inputs:
  guests: {guests: room}
  on_left: {guests: left}
  raised: {gesture: raised}
"""
MEDIA = """rumble: {file: media/rumble.wav, length: 25s, players: [sound], loudness: -18}
ascent: {file: media/ascent.mov, length: 25s, fps: 25, players: [film]}
"""
COLORS = ("amber", "blue", "white")
EXTRAS = (
    "sound: rumble at -6dB on main_pa as rumble",
    "film: ascent on wall layer 1 as ascent",
    "gate: open",
    "xr: scene stars",
    "gate: close",
)


def write_show(folder: Path) -> Path:
    """A show of twenty minutes: every half minute a quarter of the rig fades, and a device is asked something."""
    (folder / "lists").mkdir(parents=True)
    (folder / "rehearsals").mkdir()
    universes = [f"sacn/{n + 1}" for n in range(SACN)] + [f"artnet/{n}" for n in range(ARTNET)]
    patch = ["types:\n  par: {modes: {8bit: {channels: [red, green, blue, white]}}}\nuniverses:"]
    patch += [f"  {key}: {{}}" for key in universes]
    patch += ["fixtures:"]
    patch += [f"  u{n}_1 thru {PARS}: {{type: par, mode: 8bit, address: {key}.1, zone: room}}" for n, key in enumerate(universes)]
    groups = [f"rig_{n}: [{', '.join(f'u{k}_1 thru {PARS}' for k in range(n, len(universes), 4))}]" for n in range(4)]
    cues = ["list: main\ndefaults: {up: 5s, down: 5s}\ncues:"]
    for n in range(MINUTES * 60 // EVERY - 1):
        cues.append(f"  - {n + 1}: Cue\n    light: {{rig_{n % 4}: {20 + n * 37 % 80} {COLORS[n % 3]}}}")
        cues.append(f"    {EXTRAS[n % len(EXTRAS)]}\n    next: {EVERY}s after start")
    files = {
        "show.yaml": SHOW,
        "venue.yaml": VENUE,
        "devices.yaml": DEVICES,
        "triggers.yaml": TRIGGERS,
        "media.yaml": MEDIA,
        "patch.yaml": "\n".join(patch) + "\n",
        "groups.yaml": "\n".join(groups) + "\n",
        "lists/main.yaml": "\n".join(cues) + "\n",
        "rehearsals/evening.yaml": f"rehearsal: Evening\nguests: 6\nlength: {MINUTES}min\ndo: [{{at: 1s, go: main}}]\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def run(folder: Path, rehearsal: Rehearsal, every_frame: bool, profile: bool) -> tuple[Verdict, Stagehand, float]:
    """The rehearsal, and the CPU seconds that it took."""
    show = loaded(folder).show
    assert show is not None
    stagehand = Stagehand(show, rehearsal, open_simulated_venue(folder, rehearsal.seed, show), every_frame=every_frame)
    gc.collect()
    gc.freeze()
    before = time.process_time()
    verdict = stagehand.run()
    taken = time.process_time() - before
    if profile:
        again = Stagehand(show, rehearsal, open_simulated_venue(folder, rehearsal.seed, show), every_frame=every_frame)
        profiler = cProfile.Profile()
        profiler.runcall(again.run)
        say_split(pstats.Stats(profiler))
    return verdict, stagehand, taken


def say_split(stats: pstats.Stats) -> None:
    """Where the time goes, by package."""
    found: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        path = Path(file)
        part = next((p for p in ("simulators", "numpy") if p in path.parts), "")
        if "showctl" in path.parts:
            part = "/".join(path.parts[path.parts.index("showctl") :][:2])
        found[part or "python"] += own
    whole = sum(found.values())
    print("    " + ", ".join(f"{name} {100 * own / whole:.0f}%" for name, own in found.most_common(9)))


def both(name: str, folder: Path, rehearsal: Rehearsal, profile: bool) -> tuple[float, float]:
    """Both ways, compared; the ratios to real time."""
    ratios, runs = [], []
    for every_frame in (True, False):
        verdict, stagehand, taken = run(folder, rehearsal, every_frame, profile)
        ratios.append(verdict.show_seconds / taken)
        runs.append((verdict.transcript, stagehand.light.hashes))
        way = "every frame" if every_frame else "what is new"
        frames = len(stagehand.light.hashes)
        print(
            f"{name:14} {way}: {taken:6.2f} s for {verdict.show_seconds / 60:.0f} min, {ratios[-1]:6.0f} times; {frames} frames"
        )
    (told, whole), (short, some) = runs
    assert told == short, "what happened is told alike"
    shared = whole.keys() & some.keys()
    assert shared, "frames were rendered both ways"
    assert all(whole[at] == some[at] for at in shared), "and show the same"
    print(f"{name:14} the same transcript, the same {len(shared)} frames of {len(some)}")
    return ratios[0], ratios[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    parser.add_argument("--dream", action="store_true", help="the bundled show, too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = write_show(Path(folder) / "show")
        read = loaded(path)
        assert read.show is not None, read.problems[:5]
        every, new = both("64 universes", path, read.rehearsals[0], given.profile)
    if given.dream:
        item = next(item for item in loaded(DREAM).rehearsals if item.stem == "two_in_a_row")
        both("bundled show", DREAM, replace(item, repeat=1), given.profile)
    for what, ratio, promised in (("every frame", every, PROMISED_EVERY_FRAME), ("what is new", new, PROMISED)):
        print(f"{what}: {'as promised' if ratio >= promised else 'NOT as promised'}, {ratio:.0f} of {promised} times real time")


if __name__ == "__main__":
    main()
