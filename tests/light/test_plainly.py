"""The short way to a level comes to the same as the long one, or says that it does not know."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from showctl.light.plainly import plain_level, plain_levels
from showctl.light.plan import Plan, RowKind
from showctl.light.render import levels, prepare
from tests.light.plans import HEAD_INTENSITY, INTENSITY, RENDERING, any_plan, instants, plan, row, steady


@steady
@given(any_plan((RowKind.SET, RowKind.SET, RowKind.SET, RowKind.RELEASE)), instants, st.booleans(), st.booleans(), st.booleans())
def test_where_it_answers_it_says_what_the_stack_says(any_of: Plan, now: int, one_list: bool, safe: bool, same: bool) -> None:
    rows = any_of.rows.copy()
    if one_list:
        rows["list"] = 2
    if safe:
        rows["until"], rows["htp"], rows["kind"] = 0, 0, RowKind.SET
    if same:
        rows["priority"] = 100
    found = RENDERING.defaults.copy()
    if plain_levels(rows, any_of.lines, now, found):
        assert found.tolist() == levels(prepare(RENDERING, Plan(rows, any_of.clocks)), now).tolist()
    else:
        assert found.tolist() == RENDERING.defaults.tolist()
        assert not (safe and one_list)
        assert not (safe and same)


def test_what_more_than_settings_make_it_does_not_know() -> None:
    found = RENDERING.defaults.copy()
    for more in ({"kind": RowKind.EFFECT}, {"kind": RowKind.RELEASE}, {"kind": RowKind.PARK}, {"until": 5}, {"list": -1}):
        assert not plain_levels(plan(row(**more)).rows, plan().lines, 0, found)
    two = plan(row(id=1, parameter=INTENSITY), row(id=2, parameter=HEAD_INTENSITY, list=1, htp=1))
    assert not plain_levels(two.rows, two.lines, 0, found)
    assert np.array_equal(found, RENDERING.defaults)


@steady
@given(any_plan((RowKind.SET, RowKind.SET, RowKind.SET, RowKind.RELEASE)), instants, st.booleans(), st.booleans())
def test_one_parameter_by_itself_stands_where_the_stack_says(any_of: Plan, now: int, one_list: bool, same: bool) -> None:
    rows = any_of.rows.copy()
    rows["until"] = 0
    if one_list:
        rows["list"] = 2
    if same:
        rows["priority"], rows["htp"] = 100, 0
    whole = prepare(RENDERING, Plan(rows, any_of.clocks))
    for parameter in np.unique(rows["parameter"]).tolist():
        own = rows[rows["parameter"] == parameter]
        found = plain_level(own.tolist(), whole.lines, now, int(RENDERING.defaults[parameter]))
        if found is not None:
            assert found == levels(whole, now)[parameter]
        else:
            assert (own["kind"] != RowKind.SET).any() or not (one_list or same)
