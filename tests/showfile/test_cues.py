"""What cues become: moves by group and family, actions with their keys, effects, groups, chains."""

from __future__ import annotations

import shutil
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from showctl.show.cues import (
    ActionClass,
    AfterEnd,
    AfterStart,
    Branch,
    Cue,
    CueRef,
    DevampThing,
    FadeThing,
    GoCue,
    Group,
    GroupMode,
    LightMove,
    MoveKind,
    NextWhen,
    Perform,
    SecondTrigger,
    SetVariable,
    StopOthers,
    Wave,
)
from showctl.show.instants import SECOND
from showctl.show.patch import Head
from showctl.show.show import Show
from showctl.showfile import load

BASE = Path(__file__).parent / "base"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "show")
    (tmp_path / "show/rehearsals/full.yaml").unlink()
    return tmp_path / "show"


def show_of(folder: Path, *lines: str, defaults: str = "{}") -> Show:
    text = ["list: main", f"defaults: {defaults}", "cues:", *("  " + line for line in lines)]
    (folder / "lists/main.yaml").write_text("\n".join(text) + "\n")
    (folder / "triggers.yaml").write_text((folder / "triggers.yaml").read_text().replace("main.cue", "house.cue"))
    loaded = load(folder)
    assert loaded.show is not None, "\n".join(str(problem) for problem in loaded.problems)
    return loaded.show


def cue_of(folder: Path, *lines: str) -> Cue:
    """The cue 1 of ``lines``, which are its keys; a cue 2 follows."""
    return show_of(folder, "- 1: One", *("  " + line for line in lines), "- 2: Two").list_named["main"].cues[0]


def named(folder: Path, cue: Cue, move: LightMove) -> dict[str, int]:
    show = load(folder).show
    assert show is not None
    patch = show.patch
    names = (f"{patch.fixtures[patch.parameters[n].fixture].name}.{patch.parameters[n].name}" for n in move.parameters)
    return dict(zip(names, move.levels, strict=True))


# --- light ---------------------------------------------------------------------------------------------------------


def test_a_value_becomes_a_move_for_each_family(folder: Path) -> None:
    cue = cue_of(folder, "light: {heads: full red focus hearth zoom 20}", "time: {up: 4s, down: 6s, focus: 1s delay 0.5s}")

    intensity, color, focus, beam = cue.light
    assert (named(folder, cue, intensity), intensity.up, intensity.down) == (
        {"head_1.intensity": 65535, "head_2.intensity": 65535}, 4 * SECOND, 6 * SECOND,
    )  # fmt: skip
    assert named(folder, cue, color)["head_1.cyan"] == 0
    assert named(folder, cue, color)["head_1.yellow"] == 65535
    assert (focus.up, focus.delay) == (SECOND, SECOND // 2)
    assert named(folder, cue, focus)["head_1.pan"] == round((-30 + 270) * 65535 / 540)
    assert named(folder, cue, beam) == {"head_1.zoom": 13107, "head_2.zoom": 13107}


def test_words_come_in_any_order(folder: Path) -> None:
    one = cue_of(folder, "light: {heads: full red focus hearth}")
    other = cue_of(folder, "light: {heads: focus hearth, pars: glow}", "look: rest")

    assert one.light[2].levels == other.light[-2].levels
    assert other.light[-1].levels == (19661,) * 4


def test_the_same_words_share_one_tuple(folder: Path) -> None:
    show = show_of(folder, "- 1: One", "  light: {pars: 70 ember}", "- 2: Two", "  light: {pars: 20 red}", "  time: 3s")

    first, second = (cue.light for cue in show.list_named["main"].cues)
    assert first[0].parameters is second[0].parameters
    assert first[1].parameters is second[1].parameters


def test_a_fixture_without_a_dimmer_has_a_virtual_one_and_a_hazer_has_none(folder: Path) -> None:
    patch = show_of(folder, "- 1: One").patch

    assert [item.channel.slots for item in patch.parameters_of[patch.fixture_named["par_1"].index]] == [
        (),
        (0,),
        (1,),
        (2,),
        (3,),
    ]
    assert [item.name for item in patch.parameters_of[patch.fixture_named["low_fog"].index]] == ["fog", "fan"]
    bar = patch.parameters_of[patch.fixture_named["bar_1"].index]
    assert [(item.name, item.cell) for item in bar[:5]] == [
        ("intensity", 0),
        ("red", 0),
        ("green", 0),
        ("blue", 0),
        ("intensity", 1),
    ]
    assert bar[-1].channel.slots == (11,)


def test_release_and_home_are_words(folder: Path) -> None:
    cue = cue_of(folder, "light: {pars: release, heads: home}")

    released = [move for move in cue.light if move.kind is MoveKind.RELEASE]
    assert [len(move.parameters) for move in released] == [4, 16]
    assert all(move.levels == () for move in released)
    beam = cue.light[-1]
    assert named(folder, cue, beam) == {"head_1.zoom": 32768, "head_2.zoom": 32768}


def test_block_alone_means_the_levels_so_far(folder: Path) -> None:
    show = show_of(
        folder, "- 1: One", "  light: {pars: 70}", "- 2: Two", "  light: {par_1: 20}", "- 3: Three", "  light: {pars: block}"
    )

    (move,) = show.list_named["main"].cues[2].light
    assert move.block
    assert move.levels == (13107, 45875, 45875, 45875)


def test_one_parameter_by_its_name(folder: Path) -> None:
    cue = cue_of(folder, "light: {heads.pan: 0deg, low_fog.fog: 40}", "hazard: yes")

    assert [set(named(folder, cue, move).values()) for move in cue.light] == [{32768}, {26214}]


def test_times_come_from_the_list_where_the_cue_has_none(folder: Path) -> None:
    show = show_of(folder, "- 1: One", "  light: {pars: 70}", defaults="{up: 3s, down: 5s, curve: s}")

    (move,) = show.list_named["main"].cues[0].light
    assert (move.up, move.down, move.curve) == (3 * SECOND, 5 * SECOND, "s")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("pars odd", ["par_1", "par_3"]),
        ("pars even", ["par_2", "par_4"]),
        ("pars every 3", ["par_1", "par_4"]),
        ("pars mirror", ["par_1", "par_4", "par_2", "par_3"]),
        ("pars reverse", ["par_4", "par_3", "par_2", "par_1"]),
        ("par_2 thru 3", ["par_2", "par_3"]),
        ("par_4, head_1", ["par_4", "head_1"]),
        ("everything first 2", ["par_1", "par_2"]),
    ],
)
def test_selections(folder: Path, words: str, names: list[str]) -> None:
    (folder / "groups.yaml").write_text((folder / "groups.yaml").read_text() + f"chosen: {words}\n")

    show = show_of(folder, "- 1: One")
    assert [show.patch.fixtures[head.fixture].name for head in show.groups["chosen"]] == names


def test_cells_are_heads_of_their_own(folder: Path) -> None:
    show = show_of(folder, "- 1: One")
    index = show.patch.fixture_named["bar_1"].index

    assert show.groups["pixels"] == tuple(Head(index, cell) for cell in range(4))


# --- effects -------------------------------------------------------------------------------------------------------


def test_an_effect_runs_in_the_order_of_its_selection(folder: Path) -> None:
    (effect,) = cue_of(folder, "effect: {over: heads, parameter: pan, wave: sine, size: 27deg, rate: 0.5Hz, as: sway}").effects

    assert (effect.name, effect.relative, effect.wave, effect.period) == ("sway", True, Wave.SINE, 2 * SECOND)
    assert effect.phases == (0, 32768)
    assert effect.size == round(27 * 65535 / 540)


def test_a_chase_moves_intensity_and_sets_its_colour(folder: Path) -> None:
    cue = cue_of(folder, "chase: {over: pars, steps: [full ember, 20], rate: 60bpm, width: 2, as: ring}")

    (effect,) = cue.effects
    assert (effect.wave, effect.relative, effect.low, effect.highs) == (Wave.STEPS, False, 13107, (65535,) * 4)
    assert effect.period == 4 * SECOND
    assert effect.phases == (0, 49152, 32768, 16384)
    assert effect.width == 32768
    assert [len(move.parameters) for move in cue.light] == [16]


# --- actions -------------------------------------------------------------------------------------------------------


def test_sound_becomes_a_play_of_the_player_behind_the_speaker(folder: Path) -> None:
    (action,) = cue_of(folder, "sound: rumble at -6dB on main_pa as low, fade 2s from 10s").actions

    assert action == Perform(
        "player", "play",
        (
            ("clip", "rumble"), ("voice", "low"), ("output", "main_pa"), ("level", -6.0), ("fade", 2.0), ("loop", False),
            ("at", 10.0), ("bus", ""),
        ),
        ActionClass.RESUME, "low", "low", 30 * SECOND, action.place,
    )  # fmt: skip


def test_film_has_a_key_of_surface_and_layer(folder: Path) -> None:
    (action,) = cue_of(folder, "film: bellows on wall layer 2, loop").actions

    assert isinstance(action, Perform)
    assert (action.device, action.key, action.as_, action.length) == ("server", "wall|2", "bellows", None)


@pytest.mark.parametrize(
    ("line", "verb", "arguments", "key"),
    [
        ("unreal: scene ignite", "scene", (("scene", "ignite"), ("at", 0.0)), "program"),
        ("unreal: scene ignite at 2s", "scene", (("scene", "ignite"), ("at", 2.0)), "program"),
        ("unreal: {verb: scene, scene: ignite}", "scene", (("scene", "ignite"), ("at", 0.0)), "program"),
        ('unreal: passthrough "Follow the crew"', "passthrough", (("message", "Follow the crew"), ("on", True)), "passthrough"),
        ("unreal: passthrough off", "passthrough", (("message", ""), ("on", False)), "passthrough"),
        ("projector_1: power on", "power", (("on", True),), "power"),
        ("projector_1: power off", "power", (("on", False),), "power"),
        ("projector_1: shutter closed", "shutter", (("open", False),), "shutter"),
        ("player: silence 2s", "silence", (("fade", 2.0),), "*"),
        ("player: object low 1 2 -3", "object", (("voice", "low"), ("x", 1.0), ("y", 2.0), ("z", -3.0)), "object|low"),
        ('ai: {ask: "Why?", else: "Heat."}', "ask", (("prompt", "Why?"), ("within", 2.5), ("approved", "Heat.")), "line"),
        ("gate: open", "open", (), "open"),
        ("osc: /x 1 2.0 three to unreal", "osc", (("address", "/x"), ("a0", 1), ("a1", 2.0), ("a2", "three")), ""),
        ('mqtt: a/b on room "ring it"', "mqtt", (("topic", "a/b"), ("payload", "ring it")), ""),
    ],
)
def test_a_device_is_asked_in_words(
    folder: Path, line: str, verb: str, arguments: tuple[tuple[str, object], ...], key: str
) -> None:
    (action,) = cue_of(folder, line).actions

    assert isinstance(action, Perform)
    assert (action.verb, action.arguments, action.key) == (verb, arguments, key)


def test_actions_stand_in_the_order_of_the_file(folder: Path) -> None:
    cue = cue_of(
        folder,
        "sound: bell",
        "jump: 2",
        "fade: {bell: out over 2s then stop}",
        "set: {show.ending: home, party.count: guests + 1}",
    )

    assert [type(action) for action in cue.actions] == [Perform, GoCue, FadeThing, SetVariable, SetVariable]
    _, jump, fade, ending, count = cue.actions
    assert isinstance(jump, GoCue)
    assert jump.cue == CueRef("main", "2")
    assert isinstance(fade, FadeThing)
    assert (fade.level, fade.over, fade.then_stop) == (-120.0, 2 * SECOND, True)
    assert isinstance(ending, SetVariable)
    assert ending.to.value(lambda _: "") == "home"
    assert isinstance(count, SetVariable)
    assert count.to.value(lambda _: 3.0) == 4.0


# --- what comes next -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "comes"),
    [
        ("after start", AfterStart(0)),
        ("6s after start", AfterStart(6 * SECOND)),
        ("after end", AfterEnd(0)),
        ("2s after end", AfterEnd(2 * SECOND)),
        ("2s before end", AfterEnd(-2 * SECOND)),
    ],
)
def test_chains(folder: Path, words: str, comes: object) -> None:
    assert cue_of(folder, "light: {pars: full}", "time: 4s", f"next: {words}").next == comes


def test_a_chain_with_a_condition_and_with_a_choice(folder: Path) -> None:
    when = cue_of(folder, "light: {pars: full}", "next: when guests > 3 within 20s").next
    branch = cue_of(folder, "next: {within: 30s, when: [{if: guests > 3, go: 2}], else: house/1, early: yes}").next

    assert isinstance(when, NextWhen)
    assert (when.condition.text, when.within) == ("guests > 3", 20 * SECOND)
    assert isinstance(branch, Branch)
    assert (branch.choices[0][1], branch.otherwise, branch.within, branch.early) == (
        CueRef("main", "2"), CueRef("house", "1"), 30 * SECOND, True,
    )  # fmt: skip


def test_a_timeline_is_in_order_of_time_and_its_members_have_labels(folder: Path) -> None:
    cue = cue_of(folder, "timeline: [{at: 3s, light: {pars: out}}, {b: Second, at: 1s, light: {pars: full}}]")

    assert cue.group is not None
    assert cue.group.mode is GroupMode.TIMELINE
    assert [(member.at, member.cue.label) for member in cue.group.members] == [(SECOND, "b"), (3 * SECOND, "1:1")]


def test_a_csv_becomes_cues_at_their_lines(folder: Path) -> None:
    group = cue_of(folder, "timeline: hits/launch.csv", "clock: {timecode: desk, offset: 01:00:00:00}").group

    assert group is not None
    assert (group.clock, group.offset) == ("desk", 3600 * SECOND)
    assert [(member.at, member.cue.name, member.cue.place.line) for member in group.members] == [
        (0, "Hit", 2), (3 * SECOND // 2, "", 3), (2 * SECOND, "", 4),
    ]  # fmt: skip


def test_labels_and_zones_may_read_like_other_things(folder: Path) -> None:
    show = show_of(folder, "- 1.10: On", "- 12:30: Half past twelve", "- yes: Really", "- 010: Eight", "- 1e3: Much")

    assert [cue.label for cue in show.list_named["main"].cues] == ["1.10", "12:30", "yes", "010", "1e3"]


def test_a_template_becomes_a_cue_and_its_own_keys_win(folder: Path) -> None:
    cue = cue_of(folder, "use: breathe", "with: {who: pars, depth: 40}", "time: 1s")

    (move,) = cue.light
    assert (move.levels, move.up) == ((26214,) * 4, SECOND)


def test_nothing_of_the_reader_is_left_in_the_show() -> None:
    """What the show holds is plain: places are places, and text is ``str``."""
    show = load(BASE).show
    waiting: list[object] = [show]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        assert not type(item).__module__.startswith("showctl.showfile"), f"{item!r} is a {type(item).__name__}"
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, tuple | list):
            waiting += item
        elif is_dataclass(item):
            waiting += [getattr(item, field.name) for field in fields(item)]


# --- groups that choose, and groups that are entered -----------------------------------------------------------------


def test_the_members_of_a_group_that_is_entered_are_cues_of_the_list(folder: Path) -> None:
    show = show_of(
        folder,
        "- 1: Calls",
        "  hazard: yes",
        "  first_enters:",
        "    - light: {pars: full}",
        "    - 1b: Second",
        "      light: {low_fog: fog 10}",
        "      next: 2s after start",
        "    - first_enters: [{light: {heads: full}}]",
        "- 2: Two",
    )
    cues = show.list_named["main"].cues

    assert [(cue.label, cue.index) for cue in cues] == [("1", 0), ("1:1", 1), ("1b", 2), ("1:3", 3), ("1:3:1", 4), ("2", 5)]
    assert cues[0].group == Group(GroupMode.FIRST_ENTERS, (), enters=tuple(CueRef("main", x) for x in ("1:1", "1b", "1:3")))
    assert [cue.next for cue in cues] == [AfterStart(0), None, AfterStart(2 * SECOND), AfterStart(0), None, None]


def test_a_random_group_and_a_second_trigger_and_stop_others(folder: Path) -> None:
    cue = cue_of(folder, "random: [{light: {pars: full}}, {light: {pars: out}}]", "second_trigger: restart", "stop_others: all")

    assert cue.group is not None
    assert (cue.group.mode, len(cue.group.members)) == (GroupMode.RANDOM, 2)
    assert cue.second_trigger is SecondTrigger.RESTART
    stop = cue.actions[0]
    assert isinstance(stop, StopOthers)
    assert (stop.everywhere, stop.over) == (True, 3 * SECOND)


def test_parts_of_a_cue_have_times_of_their_own(folder: Path) -> None:
    cue = cue_of(
        folder, "light: {pars: full}", "time: 1s", "parts: [{light: {heads: 20}, time: 5s delay 2s, curve: s}, {look: rest}]"
    )

    assert [(move.up, move.delay, move.curve) for move in cue.light[:2]] == [(SECOND, 0, "linear"), (5 * SECOND, 2 * SECOND, "s")]
    assert {move.up for move in cue.light[2:]} == {0}


def test_a_loop_that_is_counted_ends_and_can_be_left(folder: Path) -> None:
    cue = cue_of(folder, "sound: rumble on main_pa loop 3 from 10s", "devamp: [rumble]")

    play, devamp = cue.actions
    assert isinstance(play, Perform)
    assert (play.length, play.lap) == (110 * SECOND, 40 * SECOND)
    assert devamp == DevampThing("rumble", devamp.place)


def test_the_motion_of_a_safe_state_is_known_apart(folder: Path) -> None:
    venue = folder / "venue.yaml"
    venue.write_text(venue.read_text().replace("motion: none", "motion: {winder: turn 0}"))

    safe = show_of(folder, "- 1: One").zones[0].safe

    assert [(action.device, action.verb, action.arguments) for action in safe.motion] == [("winder", "turn", (("speed", 0.0),))]
    assert set(safe.motion) < set(safe.actions)
