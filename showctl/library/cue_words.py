"""What a cue does, in words: each action with the thing that it is done to, and what comes next with its times.

For those who compare shows: the words hold everything that tells one action from another, and nothing of where it was written.
Light is said in ``light_diff``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, assert_never

from showctl.show.cues import (
    Action,
    AfterEnd,
    AfterStart,
    Branch,
    DevampThing,
    Effect,
    FadeThing,
    GoCue,
    Next,
    NextWhen,
    Perform,
    Readiness,
    ReleaseList,
    SetMaster,
    SetRate,
    SetVariable,
    StandbyCue,
    StartCue,
    StopOthers,
    StopThing,
    Value,
    Wave,
)
from showctl.show.instants import Duration, words_for
from showctl.show.levels import percent_of
from showctl.show.pixels import SUFFIX, Footage, Source

TURN: Final = 65536
"""A phase all the way round."""


def time_words(duration: Duration) -> str:
    """``4 s``, ``0.25 s``, ``1:04.2``.

    >>> time_words(4_000_000_000), time_words(250_000_000), time_words(64_200_000_000)
    ('4 s', '0.25 s', '1:04.2')
    """
    if abs(duration) >= 60_000_000_000:
        return words_for(duration)
    return f"{duration / 1e9:.3f}".rstrip("0").rstrip(".") + " s"


def value_words(value: Value) -> str:
    """A value, as it is written.

    >>> value_words(True), value_words(2.0), value_words("home")
    ('yes', '2', 'home')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def percent_words(percent: float) -> str:
    """``70 %``, ``12.5 %``."""
    return f"{percent:.1f}".removesuffix(".0") + " %"


def action_words(action: Action) -> tuple[str, str, str]:
    """(subject, what it is about, words): ``("sound", "play rumble", "play rumble at -6 ...")``.

    Two actions of the same subject and about the same are one that has changed.
    """
    match action:
        case Perform():
            return _performed(action)
        case FadeThing(name=name, level=level, over=over, curve=curve, then_stop=then_stop):
            bent = "" if curve == "equal-power" else f", curve {curve}"
            stop = ", then stop" if then_stop else ""
            return name, "fade", f"fade to {level:g} over {time_words(over)}{bent}{stop}"
        case StopThing(name=name, over=over):
            return str(name), "stop", f"stop over {time_words(over)}" if over else "stop"
        case DevampThing(name=name):
            return name, "devamp", "play to the end of its pass"
        case StopOthers(everywhere=everywhere, over=over):
            where = "every list" if everywhere else "this list"
            return where, "stop others", f"stop the others over {time_words(over)}"
        case StartCue(cue=ref):
            return str(ref), "start", "start"
        case GoCue(list=name, cue=ref):
            return str(ref or name), "go", "go" if ref is None else "jump"
        case StandbyCue(cue=ref):
            return str(ref), "standby", "stand by"
        case ReleaseList(list=name, over=over):
            return name, "release", f"release over {time_words(over)}"
        case SetVariable(name=name, to=to):
            return name, "set", f"= {to.text}"
        case SetMaster(name=name, level=level, over=over):
            words = f"to {percent_words(percent_of(level))}"
            return f"master {name}", "master", words + (f" over {time_words(over)}" if over else "")
        case SetRate(what=what, num=num, den=den):
            return str(what), "rate", f"at {percent_words(100 * num / den)} of its speed"
        case _:
            assert_never(action)


def _performed(action: Perform) -> tuple[str, str, str]:
    words = [action.verb]
    about = action.verb
    for n, (name, value) in enumerate(action.arguments):
        if n == 0:
            words.append(value_words(value))
            about += f" {value_words(value)}" if action.verb in ("play", "osc", "mqtt") else ""
        elif value not in (False, "") and not (name == "voice" and value == action.as_):
            words.append(f"{name} {value_words(value)}" if value is not True else name)
    if action.as_ and action.as_ != next((value for name, value in action.arguments if name == "clip"), None):
        words.append(f"as {action.as_}")
    return action.device, about, ", ".join([" ".join(words[:2]), *words[2:]])


def effect_words(effect: Effect, sources: tuple[Source, ...] = ()) -> list[str]:
    """How an effect moves, word for word comparable; on what is said beside it. ``sources`` are what plays on pixels."""
    if effect.name.endswith(SUFFIX):
        playing = next((source_words(item) for item in sources if item.key == effect.seed), f"source {effect.seed:08x}")
        return [playing, *([f"fade {time_words(effect.entry)}"] if effect.entry else [])]
    steps = sorted({(second - first) % TURN for first, second in pairwise(effect.phases)} - {0})
    if effect.wave is Wave.STEPS:
        high = percent_words(percent_of(max(effect.highs, default=0)))
        words = ["chase", f"a round in {time_words(effect.period)}", f"{percent_words(effect.width * 100 / TURN)} lit"]
        words += [f"{percent_words(percent_of(effect.low))} to {high}", *(["reverse"] if steps and steps[0] < TURN // 2 else [])]
    else:
        words = [effect.wave.value, f"every {time_words(effect.period)}", f"size {percent_words(percent_of(effect.size))}"]
        words += [f"spread {step * 360 / TURN:.1f} deg" for step in steps[:1]]
    return words + [f"{name} {time_words(over)}" for name, over in (("entry", effect.entry), ("exit", effect.exit_)) if over]


def source_words(source: Source) -> str:
    """What plays on a wall of pixels.

    A picture that was painted over is another one under the same name, so a few digits of its own stand beside it.
    """
    if isinstance(source, Footage):
        words = [source.name, f"{source.key:08x}", *(["loop"] if source.loop else [])]
        return " ".join(words + ([f"at {time_words(source.at)}"] if source.at else []))
    colors = " and ".join(" ".join(percent_words(percent_of(level)) for level in color) for color in (source.high, source.low))
    runs = f"{source.wave.value} {source.along.value} every {time_words(source.period)}"
    return f"{runs}, {source.waves / TURN:g} waves, {percent_words(source.width * 100 / TURN)} lit, rgb {colors}"


def next_words(following: Next | None) -> str:
    """What comes next.

    >>> next_words(AfterStart(6_000_000_000)), next_words(None), next_words(AfterEnd(-2_000_000_000))
    ('6 s after start', 'waits for GO', '2 s before end')
    """
    match following:
        case None:
            return "waits for GO"
        case AfterStart(delay=delay):
            return f"{time_words(delay)} after start" if delay else "with its start"
        case AfterEnd(delay=delay):
            return "after end" if not delay else f"{time_words(abs(delay))} {'after' if delay > 0 else 'before'} end"
        case NextWhen():
            return when_words(following)
        case Branch(choices=(), otherwise=otherwise, within=within):
            return f"{time_words(within)} after start, to {otherwise}"
        case Branch(choices=choices, otherwise=otherwise, within=within, early=early):
            ways = [f"{ref} if {condition.text}" for condition, ref in choices]
            soon = ", as soon as one holds" if early else ""
            return f"within {time_words(within)}: {'; '.join([*ways, f'else {otherwise}'])}{soon}"
        case _:
            assert_never(following)


def ready_words(ready: Readiness) -> str:
    """What a cue looks at before it acts."""
    way = ready.otherwise if ready.instead is None else f"start {ready.instead}"
    return f"when {ready.condition.text} within {time_words(ready.within)}, else {way}"


def when_words(following: NextWhen) -> str:
    """A condition with its deadline."""
    within = "" if following.within is None else f" within {time_words(following.within)}"
    return f"when {following.condition.text}{within}"
