"""Who on this machine listens to our groups, by the kernel's table: somebody does where there are more members than ours."""

from pathlib import Path

import pytest

from showctl.runtime.wire.listeners import others_listen

TABLE = """\
Idx	Device    : Count Querier	Group    Users Timer	Reporter
1	lo        :     2      V3
				0100FFEF     5 0:00000000		0
				010000E0     1 0:00000000		0
7	rig0      :     4      V3
				0201FFEF     {} 0:00000000		0
				0100FFEF     1 0:00000000		0
				D6FAFFEF     1 0:00000000		0
				010000E0     9 0:00000000		0
"""
OURS = {1: 1, 258: 1, 64214: 1}
"""We hear universes 1 and 258 (239.255.1.2), and universe discovery."""


@pytest.mark.parametrize(("members", "others"), [(1, False), (2, True)])
def test_more_members_than_ours_are_somebody_else(tmp_path: Path, members: int, others: bool) -> None:
    table = tmp_path / "igmp"
    table.write_text(TABLE.format(members))

    assert others_listen("rig0", OURS, table) == others


def test_a_group_that_we_do_not_hear_ourselves_counts_too(tmp_path: Path) -> None:
    table = tmp_path / "igmp"
    table.write_text(TABLE.format(1))

    assert others_listen("rig0", {258: 1, 64214: 1}, table)
    assert not others_listen("eth9", {}, table)


def test_where_the_system_does_not_say_somebody_may_listen(tmp_path: Path) -> None:
    assert others_listen("rig0", OURS, tmp_path / "nothing")
