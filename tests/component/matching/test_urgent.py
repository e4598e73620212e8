"""An urgent case: experts have 48 hours to answer, or less where others have less (domain §7.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts import topics
from tests.support import matching_events as say
from tests.support.matching_world import World


@pytest.mark.parametrize(
    ("given", "time"),
    [
        ({}, timedelta(hours=48)),
        ({"offer_response_urgent": "24 hours"}, timedelta(hours=24)),
        ({"offer_response": "20 seconds"}, timedelta(seconds=20)),
    ],
)
async def test_whoever_is_asked_in_an_urgent_case_has_less_time_and_never_more(
    given: dict[str, Any], time: timedelta
) -> None:
    world = World(**given)
    await world.staff("exp_1", "exp_2")
    await world.open(urgency="urgent")
    assert (await world.position())["urgent"] is True
    await world.approve()
    due = say.START + time
    assert datetime.fromisoformat((await world.asked())["respond_by"]) == due
    (held,) = world.data(topics.CALENDARS, "availability.held")
    assert datetime.fromisoformat(held["expires_at"]) == due + timedelta(hours=48)
    await world.until(due)
    assert (await world.asked())["expert_id"] == "exp_2"
    assert datetime.fromisoformat((await world.asked())["respond_by"]) == due + time
    await world.http.aclose()


async def test_without_urgency_the_usual_time_stands(offered: World) -> None:
    assert (await offered.position())["urgent"] is False
    asked = await offered.asked()
    taken = datetime.fromisoformat(asked["respond_by"]) - say.START
    assert taken > timedelta(hours=48)


async def test_an_urgent_list_is_searched_and_approved_while_five_working_days_would_be_too_late() -> None:
    """The stay begins on Monday, 3 June: on Wednesday of the week before, five working days end after it."""
    world = World(start=datetime(2030, 5, 29, 12, tzinfo=UTC))
    await world.staff("exp_1")
    await world.open(urgency="urgent")
    answer = await world.call("POST", f"/positions/{say.LEAD}/search", if_match="*")
    assert answer.status_code == 200, answer.text
    await world.approve()
    assert (await world.asked())["respond_by"] == "2030-05-31T12:00:00Z"
    await world.http.aclose()
