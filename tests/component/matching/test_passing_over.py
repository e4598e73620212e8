"""Down the list: whoever became unsuitable since the search is passed over with the reason, nobody is asked twice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.matching.domain.rules import SKIPPED_BECAUSE
from shared.contracts import topics
from shared.contracts.events.experts import Employment
from shared.contracts.events.requests import Period
from tests.support import matching_events as say
from tests.support.matching_world import World

Skipped = list[tuple[str, list[str]]]


async def skipped(world: World, position_id: str = say.LEAD) -> Skipped:
    """(expert, codes) of everybody passed over on the present list; each code is told with its sentence."""
    rows = (await world.position(position_id))["skipped"]
    assert [row["sentences"] for row in rows] == [[SKIPPED_BECAUSE[code] for code in row["codes"]] for row in rows]
    return [(row["expert_id"], row["codes"]) for row in rows]


async def accepted_elsewhere(world: World, expert_id: str, *, overlapping: bool) -> None:
    """The expert accepts a position of another team meanwhile."""
    july = Period(first_day=date(2030, 7, 8), last_day=date(2030, 7, 19))
    for other in {"exp_1", "exp_2"} - {expert_id}:
        await world.declare(other)
    await world.open(
        say.position("pos_else", 1, is_principal=True), tor_id="tor_else", onsite=say.ONSITE if overlapping else july
    )
    await world.approve("pos_else")
    assert (await world.asked("pos_else"))["expert_id"] == expert_id
    await world.accept("pos_else")
    for other in {"exp_1", "exp_2"} - {expert_id}:
        await world.declare(other, say.WHOLE_YEAR)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "dormant"}, "inactive"),
        ({"consent_to_contact": False}, "no_contact_consent"),
        ({"employer_consent": "no"}, "employer_consent_refused"),
        ({"barred": True}, "barred"),
        ({"general_declaration_on": date(2028, 1, 1)}, "declaration_out_of_date"),
        ({"excluded_countries": ("NG",)}, "destination_excluded"),
    ],
)
async def test_a_changed_profile_is_checked_again_before_the_offer(opened: World, change: Any, code: str) -> None:
    await opened.hear(say.expert("exp_1", **change))
    await opened.approve()
    assert await skipped(opened) == [("exp_1", [code])]
    assert (await opened.asked())["expert_id"] == "exp_2"
    assert await opened.holds("exp_1") == []


async def test_somebody_who_left_the_roster_is_passed_over(opened: World) -> None:
    opened.bus.erase(topics.EXPERTS.name, "exp_1")
    await opened.approve()
    assert await skipped(opened) == [("exp_1", ["not_in_roster"])]
    assert (await opened.asked())["expert_id"] == "exp_2"


@pytest.mark.parametrize("child", [say.ELSEWHERE, say.ASKING])
async def test_a_relation_of_institutions_heard_of_after_the_search_is_a_conflict_too(
    staffed: World, child: str
) -> None:
    elsewhere = Employment(institution_id=say.ELSEWHERE, country="BE", employer_type="ministry", since=date(2015, 1, 1))
    await staffed.hear(say.institution(say.ELSEWHERE), say.expert("exp_1", employment=elsewhere))
    await staffed.open()
    assert (await staffed.position())["shortlist"][0]["expert_id"] == "exp_1"
    parent = say.ASKING if child == say.ELSEWHERE else say.ELSEWHERE
    await staffed.hear(say.institution(child, parent_institution_id=parent))
    await staffed.approve()
    assert await skipped(staffed) == [("exp_1", ["conflict_of_interest"])]
    assert (await staffed.asked())["expert_id"] == "exp_2"


async def test_days_declared_unavailable_meanwhile_count(opened: World) -> None:
    await opened.declare("exp_1", say.WHOLE_YEAR, {**say.WHOLE_YEAR, "kind": "unavailable", "first_day": "2030-06-14"})
    await opened.declare("exp_2")
    await opened.approve()
    assert await skipped(opened) == [("exp_1", ["unavailable"]), ("exp_2", ["unavailable"])]
    assert (await opened.asked())["expert_id"] == "exp_3"


async def test_an_accepted_assignment_in_the_same_days_rules_somebody_out(opened: World) -> None:
    await accepted_elsewhere(opened, "exp_1", overlapping=True)
    await opened.approve()
    assert await skipped(opened) == [("exp_1", ["unavailable"])]
    assert (await opened.asked())["expert_id"] == "exp_2"


async def test_an_accepted_assignment_on_other_days_does_not(opened: World) -> None:
    await accepted_elsewhere(opened, "exp_1", overlapping=False)
    await opened.approve()
    assert (await opened.asked())["expert_id"] == "exp_1"


async def test_an_offer_elsewhere_in_the_same_days_does_not_either_until_one_is_accepted(offered: World) -> None:
    await offered.declare("exp_2")
    await offered.declare("exp_3")
    await offered.declare("exp_4")
    await offered.open(say.position("pos_else", 1, is_principal=True), tor_id="tor_else")
    await offered.approve("pos_else")
    here, there = await offered.asked(), await offered.asked("pos_else")
    assert (here["expert_id"], there["expert_id"]) == ("exp_1", "exp_1")
    assert (await offered.answer(there, "acceptance")).status_code == 200
    taken = await offered.answer(here, "acceptance")
    assert taken.status_code == 409
    assert taken.json()["type"].endswith("cannot-hold")
    assert taken.json()["mend"].startswith("Decline this offer"), "or its end would read as a silence"
    assert (await offered.position())["state"] == "offered"
    await offered.decline()
    assert await offered.holds("exp_1") == [("2030-06-03", "accepted")]


async def test_nobody_holds_two_positions_of_one_team(offered: World) -> None:
    await offered.approve(say.SECOND)
    assert await skipped(offered, say.SECOND) == [("exp_1", ["in_team"])]
    assert (await offered.asked(say.SECOND))["expert_id"] == "exp_2"
    await offered.accept()
    await offered.decline(say.SECOND)
    assert (await offered.asked(say.SECOND))["expert_id"] == "exp_3"


@pytest.fixture
async def two_asked(world: World) -> World:
    """Two positions of one team and two suitable people, each asked for one of them."""
    await world.staff("exp_1", "exp_2")
    await world.open(say.position(say.LEAD, 1, is_principal=True), say.position(say.SECOND, 2, is_principal=False))
    for position_id in (say.LEAD, say.SECOND):
        await world.approve(position_id)
    assert (await world.asked())["expert_id"] == "exp_1"
    assert (await world.asked(say.SECOND))["expert_id"] == "exp_2"
    assert await skipped(world, say.SECOND) == [("exp_1", ["in_team"])]
    return world


async def test_whoever_declined_another_place_of_the_team_is_asked_for_this_one_before_its_list_ends(
    two_asked: World,
) -> None:
    await two_asked.decline()
    (ended,) = two_asked.data(topics.POSITIONS, "shortlist.exhausted")
    assert ended["position_id"] == say.LEAD, "whoever holds an open offer is not waited for"
    await two_asked.decline(say.SECOND)
    assert (await two_asked.asked(say.SECOND))["expert_id"] == "exp_1"
    assert await skipped(two_asked, say.SECOND) == []
    assert await two_asked.holds("exp_1") == [("2030-06-03", "offered")]
    assert (await two_asked.call("POST", f"/positions/{say.LEAD}/search")).status_code == 200
    await two_asked.settle()
    await two_asked.approve()
    assert (await two_asked.asked())["expert_id"] == "exp_2", "a new search finds them once they have answered"
    await two_asked.accept()
    await two_asked.accept(say.SECOND)
    assert (await two_asked.team())["completed_at"]


async def test_whoever_accepted_another_place_of_the_team_is_not_asked_for_this_one(two_asked: World) -> None:
    await two_asked.accept()
    await two_asked.decline(say.SECOND)
    ended = two_asked.data(topics.POSITIONS, "shortlist.exhausted")
    assert [data["position_id"] for data in ended] == [say.SECOND]
    assert await two_asked.holds("exp_1") == [("2030-06-03", "accepted")]


async def test_who_can_be_asked_is_asked_before_anybody_is_looked_at_again(staffed: World) -> None:
    await staffed.open(say.position(say.LEAD, 1, is_principal=True), say.position(say.SECOND, 2, is_principal=False))
    await staffed.approve()
    await staffed.approve(say.SECOND)
    await staffed.decline()
    for _ in ("exp_2", "exp_4"):
        await staffed.decline(say.SECOND)
    said = [d["expert_id"] for d in staffed.data(topics.POSITIONS, "assignment.offered", say.SECOND)]
    assert said == ["exp_2", "exp_4", "exp_1"]
    assert await skipped(staffed, say.SECOND) == [("exp_3", ["in_team"])], "they are asked for the first place"
    await staffed.decline(say.SECOND)
    assert [d["position_id"] for d in staffed.data(topics.POSITIONS, "shortlist.exhausted")] == [say.SECOND]


async def test_the_whole_list_is_asked_once_each_and_then_exhausted_once(offered: World) -> None:
    for _ in range(4):
        await offered.decline()
    await offered.bus.again()
    await offered.settle()
    said = [d["expert_id"] for d in offered.data(topics.POSITIONS, "assignment.offered", say.LEAD)]
    assert said == ["exp_1", "exp_2", "exp_3", "exp_4"]
    (exhausted,) = offered.data(topics.POSITIONS, "shortlist.exhausted")
    assert (exhausted["failed_offers"], exhausted["widen"]) == (4, True)
    position = await offered.position()
    assert (position["state"], position["shortlist"], position["shortlist_approved_by"]) == ("searching", [], None)
    assert len(position["offers"]) == 4
    for id_ in ("exp_1", "exp_2", "exp_3", "exp_4"):
        assert await offered.holds(id_) == []


async def test_a_list_whose_people_all_became_unsuitable_is_exhausted_without_an_offer(opened: World) -> None:
    for id_ in ("exp_1", "exp_2", "exp_3", "exp_4"):
        await opened.hear(say.expert(id_, status="dormant"))
    await opened.approve()
    (exhausted,) = opened.data(topics.POSITIONS, "shortlist.exhausted")
    assert (exhausted["failed_offers"], exhausted["widen"]) == (0, False)
    assert (await opened.position())["state"] == "searching"
    assert opened.types(topics.CALENDARS).count("availability.held") == 0


async def test_the_search_is_to_be_widened_from_the_third_failed_offer_on(staffed: World) -> None:
    for number, people in ((1, ("exp_1", "exp_2")), (2, ("exp_1", "exp_2", "exp_3"))):
        for id_ in {"exp_1", "exp_2", "exp_3", "exp_4"}:
            await staffed.declare(id_, *([say.WHOLE_YEAR] if id_ in people else []))
        position_id = f"pos_{number}"
        await staffed.open(say.position(position_id, 1, is_principal=True), tor_id=f"tor_{number}")
        await staffed.approve(position_id)
        for _ in people:
            await staffed.decline(position_id)
    widen = [(d["failed_offers"], d["widen"]) for d in staffed.data(topics.POSITIONS, "shortlist.exhausted")]
    assert widen == [(2, False), (3, True)]
