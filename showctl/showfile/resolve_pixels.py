"""``pixels:`` of a cue: pictures, clips and waves that begin on walls, and what goes out.

What begins on a wall is an effect on its parameter ``pixels``, called ``WALL pixels``: so it runs on the cue's clock, fades in as
what ran there before fades out, and comes back with a locate or a back. Its seed is the source's key (``show/pixels.py``).
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final
from zlib import crc32

from showctl.show.cues import Effect, StopThing, Wave
from showctl.show.fixtures import Family
from showctl.show.instants import SECOND, Duration
from showctl.show.levels import FULL
from showctl.show.patch import Parameter
from showctl.show.pixels import FOLDER, MOST_FOOTAGE, PIXELS, Along, Footage, PixelWave, Rgb, Source, Wall, run_name
from showctl.showfile import values
from showctl.showfile.draft import Draft
from showctl.showfile.models_pixels import PixelEffectModel
from showctl.showfile.problems import Wrong, did_you_mean
from showctl.showfile.reader import Text
from showctl.showfile.resolve_light import LightReader, Times
from showctl.showfile.words import Phrase, Word, read_at

TURN: Final = 65536
USUAL_FPS: Final = Fraction(25)
_WAVES: Final = ("sine", "square", "triangle", "ramp", "random")
_ALONG: Final = {along.value: along for along in Along}


class PixelReader:
    """Reads ``pixels:`` of every cue."""

    def __init__(self, draft: Draft, light: LightReader) -> None:
        self.draft, self.light = draft, light
        self._walls: dict[str, Wall] | None = None
        self._said: dict[int, str] = {}
        self._played: dict[int, Text] = {}
        """Wall's fixture -> where something is first played on it."""

    def of(
        self, asked: dict[Text, Text | PixelEffectModel] | None, times: Times
    ) -> tuple[tuple[Effect, ...], tuple[StopThing, ...]]:
        """What begins, and what ends."""
        made: list[Effect] = []
        ended: list[StopThing] = []
        for name, what in (asked or {}).items():
            if self.draft.noted is not None:
                self.draft.noted.selection(name)
            wall = self.draft.find(name, self.walls, "UNKNOWN_WALL", "wall of pixels")
            if wall is None:
                continue
            fade = times.of(Family.BEAM).up
            if isinstance(what, PixelEffectModel):
                source: Source | None = self._wave(wall, what)
                fade = self.draft.read(values.time_of, what.fade, fade)
            else:
                try:
                    found = self._words(wall, what, fade)
                except Wrong as wrong:
                    self.draft.wrong(wrong, what)
                    continue
                if found is None:
                    continue
                source, fade = found
                if source is None:
                    ended.append(StopThing(self._run(wall), fade, name.place))
                    continue
            if source is not None:
                made.append(self._begin(wall, source, fade, name))
        return tuple(made), tuple(ended)

    @property
    def walls(self) -> dict[str, Wall]:
        if self._walls is None:
            self._walls = {self.draft.patch.fixtures[wall.fixture].name: wall for wall in self.draft.patch.walls}
        return self._walls

    def check_lit(self) -> None:
        """A wall on which cues play, and whose intensity no light ever raises, stays dark: that is not meant."""
        draft = self.draft
        looks = [move for look in draft.palettes.looks.values() for move in self.light.moves(look, Times())]
        cues = [cue for cue_list in draft.lists.values() for cue in cue_list.named.values()]
        raised = {
            parameter
            for move in (*looks, *(move for cue in cues for move in cue.light + cue.this_cue_only))
            for parameter, level in zip(move.parameters, move.levels, strict=False)
            if level
        } | {parameter for cue in cues for effect in cue.effects for parameter in effect.parameters}
        raised |= {parameter for master in draft.submasters.values() if not master.inhibitive for parameter in master.parameters}
        for fixture, text in self._played.items():
            if self._parameter(fixture, "intensity").index not in raised:
                name = draft.patch.fixtures[fixture].name
                draft.problems.warning("PIXELS_DARK", text.place, f"nothing ever brings {name} up", f"light: {{{name}: full}}")

    # --- sources -----------------------------------------------------------------------------------------------------

    def _words(self, wall: Wall, text: Text, fade: Duration) -> tuple[Source | None, Duration] | None:
        """``picture FILE``, ``clip FILE`` or ``off``, and the words after it; no source for ``off``, None: unusable."""
        phrase, known = Phrase(text), ("off", "picture", "clip")
        first = phrase.next("off, picture or clip")
        if first.quoted or first.text not in known:
            hint = did_you_mean(first.text, known, "picture FILE, clip FILE, off, or {effect: sine, ...}")
            raise Wrong("BAD_WORD", f"{first.text} is nothing that pixels show", first.offset, hint)
        clip = first.text == "clip"
        file = None if first.text == "off" else phrase.next("a file")
        loop, at, rate = False, 0, USUAL_FPS
        while phrase:
            word = phrase.next("")
            match word.text:
                case "fade":
                    fade = read_at(values.time_of, phrase.next("a time"))
                case "loop" if clip:
                    loop = True
                case "at" if clip:
                    at = read_at(values.time_of, phrase.next("a time"))
                case "fps" if clip:
                    rate = read_at(_fps, phrase.next("a number"))
                case _:
                    after = ("fade", "loop", "at", "fps") if clip else ("fade",)
                    hint = did_you_mean(word.text, after, "after it: " + ", ".join(after))
                    raise Wrong("BAD_WORD", f"{word.text} means nothing here", word.offset, hint)
        if file is None:
            return None, fade
        source = self._footage(wall, text, file, rate if clip else None, loop, at)
        return None if source is None else (source, fade)

    def _footage(self, wall: Wall, text: Text, word: Word, rate: Fraction | None, loop: bool, at: Duration) -> Footage | None:
        from showctl.showfile.pixel_footage import FILMS, Unusable, frames  # numpy: a show without pictures need not wait for it

        name, place = word.text, text.at(word.offset)
        path = self.draft.folder.find(name, place)
        if path is None:
            return None
        if self.draft.folder.relative(path).split("/")[0] != FOLDER:
            hint = f"what walls show is kept with the show's text: put it in {FOLDER}/ at the top of the folder"
            raise Wrong("PIXEL_MEDIA", f"{name} does not stand in {FOLDER}/", word.offset, hint)
        if rate is None and path.suffix.lower() in FILMS:
            raise Wrong("PIXEL_MEDIA", f"{name} is a film, and no picture", word.offset, f"clip {name}")
        try:
            data = frames(Path(path).resolve(), wall.width, wall.height, rate)
        except Unusable as wrong:
            raise Wrong("PIXEL_MEDIA", f"{name} {wrong.why}", word.offset, wrong.hint) from None
        fps = rate or Fraction(1)
        said = f"{self._run(wall)} {wall.width} {wall.height} {self.draft.folder.relative(path)} {rate} {loop} {at} {crc32(data)}"
        key = self._key(said)
        made = Footage(
            key, wall.fixture, wall.width, wall.height, fps.numerator, fps.denominator, loop, at, data,
            self.draft.folder.relative(path),
        )  # fmt: skip
        self.draft.sources.setdefault(key, made)
        size = sum(len(item.data) for item in self.draft.sources.values() if isinstance(item, Footage))
        if size > MOST_FOOTAGE:
            hint = f"{MOST_FOOTAGE >> 20} MiB of frames in a show: shorter clips, fewer fps, or a media server for the long ones"
            raise Wrong("TOO_LARGE", f"with {name} the pixels of the show come to {size >> 20} MiB", word.offset, hint)
        return made

    def _wave(self, wall: Wall, model: PixelEffectModel) -> PixelWave | None:
        draft, before = self.draft, self.draft.problems.errors
        wave = Wave(draft.choice(model.effect, _WAVES, "sine", "a wave"))
        along = _ALONG[draft.choice(model.along, _ALONG, "right", "a way to run")]
        period = draft.read(values.period, model.rate, SECOND)
        waves = draft.read(_waves, model.waves, TURN)
        width = draft.read(values.percent, model.width, TURN // 2)
        if not 1 <= len(model.colors) <= 2:
            hint = "the colour that is lit and, if it is not black, the other: [ember, navy]"
            draft.problems.error("BAD_WORD", model.effect.place, f"a wave has one or two colours, not {len(model.colors)}", hint)
        colors = [self._color(text) for text in model.colors]
        if draft.problems.errors != before:
            return None
        high, low = colors[0], colors[1] if len(colors) == 2 else (0, 0, 0)
        key = self._key(f"{self._run(wall)} {wave.value} {along.value} {period} {waves} {width} {low} {high}")
        made = PixelWave(key, wall.fixture, wave, along, period, waves, min(width, FULL), low, high)
        self.draft.sources.setdefault(key, made)
        return made

    def _color(self, text: Text) -> Rgb:
        try:
            phrase = Phrase(text)
            word = phrase.next("a colour")
            color = self.light.color(word, phrase)
            if color is None:
                known = tuple(self.draft.palettes.color)
                hint = did_you_mean(word.text, known, "hex ff6600, rgb 100 40 0, 3200K, or a name")
                raise Wrong("UNKNOWN_COLOR", f"there is no colour {word.text}", word.offset, hint)
            if phrase:
                raise Wrong("BAD_COLOR", "there is a word too many here", phrase.next("").offset, "hex ff6600")
            return (color.red, color.green, color.blue)
        except Wrong as wrong:
            self.draft.wrong(wrong, text)
            return (0, 0, 0)

    def _key(self, said: str) -> int:
        """A number that goes by what the source is: a show that is loaded anew finds what runs again."""
        key = crc32(said.encode())
        while self._said.setdefault(key, said) != said:
            key = (key + 1) & 0xFFFFFFFF
        return key

    # --- what begins ---------------------------------------------------------------------------------------------------

    def _begin(self, wall: Wall, source: Source, fade: Duration, name: Text) -> Effect:
        self._played.setdefault(wall.fixture, name)
        number = self._parameter(wall.fixture, PIXELS).index
        period = source.period if isinstance(source, PixelWave) else SECOND
        return Effect(
            self._run(wall), (number,), (0,), Wave.STEPS, period, False, highs=(FULL,), width=FULL, seed=source.key, entry=fade,
            exit_=fade, place=name.place,
        )  # fmt: skip

    def _run(self, wall: Wall) -> str:
        return run_name(self.draft.patch.fixtures[wall.fixture])

    def _parameter(self, fixture: int, name: str) -> Parameter:
        return next(item for item in self.draft.patch.parameters_of[fixture] if item.name == name)


def _fps(text: str) -> Fraction:
    found = values.number(text)
    if not Fraction(1, 10) <= found <= 60:
        raise Wrong("OUT_OF_RANGE", f"{text} is not a rate of frames", 0, "0.1 to 60 a second")
    return found


def _waves(text: str) -> int:
    found = values.number(text)
    if not 0 < found <= 1000:
        raise Wrong("OUT_OF_RANGE", f"{text.strip()} is not a number of waves", 0, "above 0, and 1000 at most")
    return round(found * TURN)
