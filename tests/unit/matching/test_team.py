"""A team completes exactly once: every position accepted, exactly one principal."""

from __future__ import annotations

import pytest

from services.matching.domain.facts import TeamCompleted, TeamJoined
from services.matching.domain.team import ExpectedPosition, Team, join
from shared.errors import Refused
from tests.unit.matching.samples import NOON


def team(*principal: bool) -> Team:
    return Team(
        activity_id="act_1",
        action_id="acn_1",
        action_code="2030-01",
        tor_id="tor_1",
        request_id="req_1",
        institution_id="ins_asks",
        country="NG",
        title="Sample",
        expected=tuple(
            ExpectedPosition(position_id=f"pos_{n}", number=n, is_principal=leads)
            for n, leads in enumerate(principal, start=1)
        ),
    )


@pytest.mark.parametrize("order", [("pos_1", "pos_2"), ("pos_2", "pos_1")])
def test_completion_is_announced_once_in_the_order_of_the_positions(order: tuple[str, str]) -> None:
    first, told = join(team(True, False), order[0], f"exp_{order[0]}", NOON)
    assert told == (TeamJoined("act_1", order[0], f"exp_{order[0]}"),)
    assert first.lacks() == ("positions_open",)
    full, told = join(first, order[1], f"exp_{order[1]}", NOON)
    assert told[1:] == (TeamCompleted("act_1", (("pos_1", "exp_pos_1"), ("pos_2", "exp_pos_2"))),)
    assert full.completed_at == NOON
    assert full.missing() == ()
    for position in order:
        assert join(full, position, f"exp_{position}", NOON) == (full, ())


@pytest.mark.parametrize(
    ("principals", "lack"), [((False, False), "no_principal"), ((True, True), "several_principals")]
)
def test_without_exactly_one_principal_it_never_completes(principals: tuple[bool, bool], lack: str) -> None:
    half, _ = join(team(*principals), "pos_1", "exp_a", NOON)
    full, told = join(half, "pos_2", "exp_b", NOON)
    assert full.completed_at is None
    assert full.lacks() == (lack,)
    assert [type(fact) for fact in told] == [TeamJoined]


def test_a_place_is_taken_once_and_nobody_takes_two() -> None:
    half, _ = join(team(True, False), "pos_1", "exp_a", NOON)
    for position, person in (("pos_1", "exp_b"), ("pos_2", "exp_a"), ("pos_9", "exp_c")):
        with pytest.raises(Refused):
            join(half, position, person, NOON)
