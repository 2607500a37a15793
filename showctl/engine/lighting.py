"""How cues become rows of the plan: moves, effects, restores, releases. The arithmetic itself lives in ``light``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from showctl.engine import following, harmless, hazard_asking, hazards
from showctl.engine.state import CueRun, Thing, What
from showctl.engine.turn import Turn
from showctl.light.clocks import SHOW_CLOCK
from showctl.light.plan import RowKind, Rows, pick
from showctl.light.render import Prepared, prepare
from showctl.light.rows import rows_for_effect, rows_for_levels, rows_for_moves, settled, superseded, unmissed
from showctl.show.cues import Cue, Effect, LightMove, MoveKind
from showctl.show.instants import Duration

SAFE_PRIORITY = 300
"""Above every list (E1.31 priorities end at 200, lists keep to them)."""
REST_PRIORITY = -1
"""Below every list: where a safe look stays after re-arming, until cues take over."""


PERSON = -1
"""The owner of what a person grabbed or parked."""


def prepared_now(turn: Turn) -> Prepared:
    """The plan as it stands, ready to be asked."""
    return prepare(turn.stage.rendering, turn.plan)


def move_light(turn: Turn, run: CueRun, moves: tuple[LightMove, ...]) -> None:
    """Puts ``moves`` under way for ``run``, each from the level that is live at this instant (R4)."""
    if not moves:
        return
    moves = following.moves(turn, hazard_asking.moves(turn, last_wins(moves), run))
    cue_list = turn.show.lists[run.list]
    rows = rows_for_moves(
        prepared_now(turn),
        moves,
        turn.now,
        first_id=turn.row_id,
        owner=run.number,
        list_index=run.list,
        priority=cue_list.priority,
        htp=cue_list.htp,
        clock=run.clock,
        local=turn.local(run.clock) - run.late,
        until=turn.now + hazards.HOLD,
    )
    turn.light(rows, unmissed(turn.plan, rows, turn.now))


def move_list(turn: Turn, index: int, moves: tuple[LightMove, ...], owner: int) -> None:
    """Moves light for a list outside any run; hazards stay where they are, for nobody asked for them now."""
    moves = following.moves(turn, harmless.moves(turn, moves))
    cue_list = turn.show.lists[index]
    clock = turn.stage.list_clock[index]
    rows = rows_for_moves(
        prepared_now(turn),
        moves,
        turn.now,
        first_id=turn.row_id,
        owner=owner,
        list_index=index,
        priority=cue_list.priority,
        htp=cue_list.htp,
        clock=clock,
        local=turn.local(clock),
    )
    turn.light(rows, superseded(turn.plan, rows, turn.now))


def last_wins(moves: tuple[LightMove, ...]) -> tuple[LightMove, ...]:
    """``moves`` with each parameter in the last one that mentions it only: what is written later holds."""
    if len(moves) == 1 or sum(len(m.parameters) for m in moves) == len(set().union(*(m.parameters for m in moves))):
        return moves
    kept: list[LightMove] = []
    later: set[int] = set()
    for move in reversed(moves):
        kept.append(_without(move, later))
        later.update(move.parameters)
    return tuple(move for move in reversed(kept) if move.parameters)


def restored_by(held: tuple[LightMove, ...], cue: Cue) -> tuple[LightMove, ...]:
    """What the list's last cue had for itself only comes back with ``cue``, but for what ``cue`` moves anyway."""
    if not held:
        return ()
    moved = {p for move in cue.light + cue.this_cue_only for p in move.parameters}
    return tuple(kept for move in held if (kept := _without(move, moved)).parameters)


def still_to_restore(held: tuple[LightMove, ...], cue: Cue) -> tuple[LightMove, ...]:
    """What ``cue`` has for itself only, as did the cue before it: it comes back to what was before them both."""
    if not (held and cue.this_cue_only):
        return ()
    again = {p for move in cue.this_cue_only for p in move.parameters} - {p for move in cue.light for p in move.parameters}
    others = {p for move in held for p in move.parameters} - again
    return tuple(kept for move in held if (kept := _without(move, others)).parameters)


def _without(move: LightMove, parameters: set[int]) -> LightMove:
    if parameters.isdisjoint(move.parameters):
        return move
    keep = [n for n, p in enumerate(move.parameters) if p not in parameters]
    return replace(
        move,
        parameters=tuple(move.parameters[n] for n in keep),
        levels=tuple(move.levels[n] for n in keep) if move.levels else (),
    )


def moves_back(turn: Turn, list_index: int, moves: tuple[LightMove, ...], known: tuple[LightMove, ...]) -> tuple[LightMove, ...]:
    """The moves that undo ``moves``: to what the list itself holds now, or a release where it holds nothing.

    Parameters of ``known`` are left out: how they come back is settled already.
    """
    targets = targets_of(turn.plan.rows, list_index)
    settled_already = {p for move in known for p in move.parameters}
    undo: list[LightMove] = []
    for move in moves:
        held = [p for p in move.parameters if p in targets and p not in settled_already]
        free = tuple(p for p in move.parameters if p not in targets and p not in settled_already)
        if held:
            undo.append(LightMove(tuple(held), tuple(targets[p] for p in held), move.up, move.down, move.delay, move.curve))
        if free:
            undo.append(LightMove(free, (), move.up, move.down, move.delay, move.curve, MoveKind.RELEASE))
    return tuple(undo)


def targets_of(rows: Rows, list_index: int) -> dict[int, int]:
    """Parameter -> the level that the list is taking it to (or holds it at), marked where it follows somebody.

    What the list has released is not there.
    """
    own = pick(rows, (rows["list"] == list_index) & (rows["kind"] <= RowKind.RELEASE))
    found: dict[int, int] = {}
    columns = (own[name].tolist() for name in ("parameter", "target", "kind", "seed"))
    for parameter, target, kind, whom in zip(*columns, strict=True):
        if kind == RowKind.RELEASE:
            found.pop(parameter, None)
        else:
            found[parameter] = following.marked(target, whom)
    return found


# --- effects -----------------------------------------------------------------------------------------------------------


def start_effect(turn: Turn, run: CueRun, asked: Effect) -> None:
    """Starts the effect ``asked``; one of the same name ends as it begins.

    What one run starts under one name is one thing: a chase whose parameters rest at different levels comes in parts.
    """
    effect = hazard_asking.effect(turn, asked, run)
    if effect is None:
        return
    thing = turn.things.get(effect.name)
    if thing is not None and thing.run != run.number:
        end_effect(turn, thing, effect.entry)
        thing = None
    cue_list = turn.show.lists[run.list]
    first = turn.row_id
    rows = rows_for_effect(
        turn.stage.rendering,
        effect,
        first_id=first,
        owner=run.number,
        list_index=run.list,
        priority=cue_list.priority,
        clock=run.clock,
        local=turn.local(run.clock) - run.late,
        until=turn.now + hazards.HOLD,
    )
    turn.light(rows)
    together = (*(thing.rows if thing is not None else ()), *range(first, first + len(rows)))
    turn.things[effect.name] = Thing(effect.name, run.number, run.list, rows=together, endless=True)


def end_effect(turn: Turn, thing: Thing, over: Duration | None) -> None:
    """Lets an effect fade out from now (its own exit time where ``over`` is None)."""
    turn.things.pop(thing.name, None)
    end_rows(turn, pick(turn.plan.rows, np.isin(turn.plan.rows["id"], thing.rows)), over)


def end_rows(turn: Turn, rows: Rows, over: Duration | None) -> None:
    """Effect ``rows`` fade out from now; once they have, they leave the plan."""
    rows = rows[rows["ends"] == 0]
    if not len(rows):
        return
    ending = rows.copy()
    longest: dict[int, int] = {}
    for clock in np.unique(ending["clock"]).tolist():
        mine = ending["clock"] == clock
        # 0 means "not yet", and local time 0 is a moment like any other.
        ending["ends"][mine] = max(turn.local(clock), 1)
        if over is not None:
            ending["exit"][mine] = over
        longest[clock] = int(ending["exit"][mine].max())
    before = turn.row_id
    turn.light(ending, ending["id"])
    turn.row_id = before
    for clock, exit_time in longest.items():
        turn.schedule(clock, max(turn.local(clock), 1) + exit_time, What.TIDY)


# --- giving back ----------------------------------------------------------------------------------------------------------


def release_rows(turn: Turn, list_index: int, over: Duration, owners: Iterable[int] | None = None) -> None:
    """The list's light (or that of some of its runs) falls back to what is underneath, over ``over``."""
    if list_index < turn.stage.safe_list:  # hold looks, which stand beyond, never hold a hazard
        hazards.let_go(turn, list_index, owners)
    rows = turn.plan.rows
    mine = pick(rows, rows["list"] == list_index)
    effects = mine[(mine["kind"] == RowKind.EFFECT) | (mine["kind"] == RowKind.CHASE)]
    held = mine[mine["kind"] == RowKind.SET]
    if owners is not None:
        wanted = list(owners)
        effects = effects[np.isin(effects["owner"], wanted)]
        held = held[np.isin(held["owner"], wanted)]
    end_rows(turn, effects, over)
    parameters = tuple(np.unique(held["parameter"]).tolist())
    if not parameters:
        return
    clock = turn.stage.list_clock[list_index] if list_index < len(turn.stage.list_clock) else SHOW_CLOCK
    move = LightMove(parameters, (), over, over, kind=MoveKind.RELEASE)
    last = held[-1]
    released = rows_for_moves(
        prepared_now(turn),
        (move,),
        turn.now,
        first_id=turn.row_id,
        owner=int(last["owner"]),
        list_index=list_index,
        priority=int(last["priority"]),
        htp=bool(last["htp"]),
        clock=clock,
        local=turn.local(clock),
    )
    turn.light(released, superseded(turn.plan, released, turn.now))
    turn.schedule(clock, turn.local(clock) + over, What.TIDY)


def tidy(turn: Turn) -> None:
    """Takes rows out of the plan that show nothing any more."""
    turn.light(rows_out=settled(turn.plan, turn.now))


# --- safe states ----------------------------------------------------------------------------------------------------------


def safe_moves(turn: Turn, over: Duration) -> tuple[LightMove, ...]:
    """Every zone's safe look, and every other intensity out."""
    looks: dict[int, int] = dict.fromkeys(turn.stage.intensities, 0)
    for zone in turn.show.zones:
        for move in zone.safe.light:
            looks |= zip(move.parameters, move.levels, strict=True) if move.levels else ()
    parameters = tuple(sorted(looks))
    return (LightMove(parameters, tuple(looks[p] for p in parameters), over, over),) if parameters else ()


def show_safe(turn: Turn, over: Duration) -> None:
    """Takes the room to its safe look, above every list."""
    moves = safe_moves(turn, over)
    if not moves:
        return
    rows = rows_for_moves(
        prepared_now(turn),
        moves,
        turn.now,
        first_id=turn.row_id,
        owner=0,
        list_index=turn.stage.safe_list,
        priority=SAFE_PRIORITY,
        htp=False,
        clock=SHOW_CLOCK,
        local=turn.now,
    )
    turn.light(rows, superseded(turn.plan, rows, turn.now))


def drop_lists(turn: Turn) -> None:
    """Every list lets go of its light at once (nothing of it is to be seen under a safe look)."""
    rows = turn.plan.rows
    turn.light(rows_out=rows["id"][(rows["list"] < turn.stage.safe_list) & (rows["kind"] <= RowKind.CHASE)])


def rest_safe(turn: Turn) -> None:
    """The safe look stays, but underneath every list: cues take over from it."""
    rows = turn.plan.rows
    safe = pick(rows, (rows["list"] == turn.stage.safe_list) & (rows["kind"] == RowKind.SET))
    safe["priority"] = REST_PRIORITY
    before = turn.row_id
    turn.light(safe, safe["id"])
    turn.row_id = before


# --- overrides ------------------------------------------------------------------------------------------------------------


def grab(turn: Turn, parameters: tuple[int, ...], levels: tuple[int, ...], *, park: bool) -> None:
    """A person holds these parameters from now on: over every list, or (parked) after every master."""
    ungrab(turn, parameters, park=park)
    rows = rows_for_levels(turn.stage.rendering, parameters, levels, first_id=turn.row_id, owner=PERSON, park=park, now=turn.now)
    turn.light(rows)


def ungrab(turn: Turn, parameters: tuple[int, ...], *, park: bool) -> None:
    """Nobody holds these parameters (empty: any) any more."""
    rows = turn.plan.rows
    held = rows[(rows["kind"] == (RowKind.PARK if park else RowKind.OVERRIDE)) & (rows["owner"] == PERSON)]
    if parameters:
        held = held[np.isin(held["parameter"], parameters)]
    turn.light(rows_out=held["id"])
