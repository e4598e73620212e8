"""No offer whose answer would be due once its days have begun: the first of them is Monday, 3 June 2030, in Brussels.

An expert has 5 working days, and 30 May is a holiday: asked on Thursday, 23 May at noon they answer by Friday, 31 May;
asked a day later, by 3 June.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from shared.contracts import topics
from shared.contracts.events.requests import Period
from tests.support import matching_events as say
from tests.support.matching_world import World

LAST_CHANCE = datetime(2030, 5, 23, 12, tzinfo=UTC)
TOO_LATE = datetime(2030, 5, 24, 12, tzinfo=UTC)
APPROVAL = f"/positions/{say.LEAD}/shortlist-approval"


async def test_a_list_is_approved_while_the_answer_is_due_before_the_first_day_and_refused_from_then_on(
    opened: World,
) -> None:
    await opened.until(TOO_LATE)
    before = await opened.position()
    refused = await opened.call("POST", APPROVAL)
    assert refused.status_code == 409
    assert "until 2030-06-03" in refused.json()["detail"]
    assert refused.json()["mend"]
    await opened.settle()
    assert await opened.position() == before
    assert opened.data(topics.POSITIONS, "assignment.offered") == []


async def test_the_last_weekday_that_leaves_time_still_brings_an_offer(opened: World) -> None:
    await opened.until(LAST_CHANCE)
    await opened.approve()
    assert (await opened.asked())["respond_by"] == "2030-05-31T12:00:00Z"


@pytest.mark.parametrize(("at", "allowed"), [("2030-05-26T22:00:00+00:00", True), ("2030-05-26T22:00:01+00:00", False)])
async def test_the_first_day_begins_where_the_facility_is(at: str, allowed: bool) -> None:
    """Midnight in Brussels is 22:00 UTC the day before; an answer is due 7 times 24 hours later, and one that is due at
    midnight counts before it."""
    world = World(start=datetime.fromisoformat(at) - timedelta(minutes=5), offer_response="168 hours")
    await world.staff("exp_1")
    await world.open(say.position(say.LEAD, 1, is_principal=True))
    await world.until(datetime.fromisoformat(at))
    answer = await world.call("POST", APPROVAL)
    assert answer.status_code == (200 if allowed else 409)


async def test_a_refusal_that_leaves_no_time_for_another_answer_ends_the_list_for_that_reason(opened: World) -> None:
    await opened.until(LAST_CHANCE)
    await opened.approve()
    await opened.until(TOO_LATE)
    await opened.decline()
    position = await opened.position()
    assert (position["state"], len(position["offers"])) == ("searching", 1)
    (said,) = opened.data(topics.POSITIONS, "shortlist.exhausted")
    assert (said["too_late"], said["failed_offers"], said["widen"]) == (True, 1, False)
    assert await opened.holds("exp_2") == [], "nobody's days are kept for an offer that is not made"


async def test_three_silences_do_not_push_the_fourth_offer_past_the_first_day(opened: World) -> None:
    """Offered on 6, 13 and 20 May; the fourth would be due on 4 June."""
    await opened.until(datetime(2030, 5, 6, 12, tzinfo=UTC))
    await opened.approve()
    for _ in range(3):
        asked = await opened.asked()
        await opened.until(datetime.fromisoformat(asked["respond_by"]))
    (said,) = opened.data(topics.POSITIONS, "shortlist.exhausted")
    assert (said["too_late"], said["failed_offers"], said["widen"]) == (True, 3, True)
    assert [d["expert_id"] for d in opened.data(topics.POSITIONS, "assignment.offered")] == ["exp_1", "exp_2", "exp_3"]


async def test_an_approval_that_is_heard_of_too_late_brings_no_offer(opened: World) -> None:
    await opened.until(LAST_CHANCE)
    await opened.approve(settle=False)
    opened.clock.advance(TOO_LATE - LAST_CHANCE)
    await opened.settle()
    assert [d["too_late"] for d in opened.data(topics.POSITIONS, "shortlist.exhausted")] == [True]
    assert opened.data(topics.CALENDARS, "availability.held") == []


async def test_a_search_for_days_that_have_begun_finds_nobody_and_says_why(staffed: World) -> None:
    begun = Period(first_day=date(2030, 2, 25), last_day=date(2030, 3, 8))
    await staffed.open(say.position(say.LEAD, 1, is_principal=True), onsite=begun)
    (said,) = staffed.data(topics.SEARCHES, "match.empty")
    assert said["emptied_by"] == {"too_late": 4}
    assert said["relaxations"]["dates"] == 4, "later dates would do"
    position = await staffed.position()
    assert position["state"] == "searching"
    answer = await staffed.call("POST", f"/positions/{say.LEAD}/search")
    assert answer.status_code == 200
    assert answer.json()["state"] == "searching"
    search = await staffed.get(f"/searches/{answer.json()['search_id']}")
    (reason,) = search["exclusions"]["exp_1"]
    assert (reason["code"], reason["values"]) == (
        "too_late",
        {"answer_due_on": "2030-03-08", "first_day": "2030-02-25"},
    )


async def test_a_list_of_another_time_to_answer_is_offered_by_that_time(staffed: World) -> None:
    """Nobody could answer in five working days; the time is shortened, and they are asked."""
    soon = Period(first_day=date(2030, 3, 6), last_day=date(2030, 3, 19))
    await staffed.open(say.position(say.LEAD, 1, is_principal=True), onsite=soon)
    assert staffed.data(topics.SEARCHES, "match.empty")[0]["emptied_by"] == {"too_late": 4}
    hurried = staffed.restarted(World, offer_response="24 hours")
    assert (await hurried.call("POST", f"/positions/{say.LEAD}/search")).status_code == 200
    await hurried.approve()
    assert (await hurried.asked())["expert_id"] == "exp_1"
