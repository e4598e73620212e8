"""How the work is done decides which days an offer keeps, and is told with it."""

from __future__ import annotations

import pytest

from shared.contracts import topics
from tests.support.matching_world import World


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        ("on_site", {"first_day": "2030-06-03", "last_day": "2030-06-14"}),
        ("hybrid", {"first_day": "2030-06-03", "last_day": "2030-06-14"}),
        ("remote", {"first_day": "2030-05-20", "last_day": "2030-06-28"}),
    ],
)
async def test_an_offer_and_its_acceptance_say_how_the_work_is_done(
    staffed: World, mode: str, kept: dict[str, str]
) -> None:
    await staffed.open(mode=mode)
    await staffed.approve()
    (offered,) = staffed.data(topics.POSITIONS, "assignment.offered")
    assert (offered["mode"], offered["onsite"]) == (mode, kept)
    await staffed.accept()
    (accepted,) = staffed.data(topics.POSITIONS, "assignment.accepted")
    assert accepted["mode"] == mode


async def test_remote_work_is_offered_to_whoever_is_away_on_one_of_its_days(staffed: World) -> None:
    """It needs enough days within its time, and not each one: who stands on the list can be asked."""
    await staffed.declare("exp_1", {"kind": "unavailable", "first_day": "2030-05-24", "last_day": "2030-05-24"})
    await staffed.open(mode="remote")
    await staffed.approve()
    assert (await staffed.asked())["expert_id"] == "exp_1"
