"""Teams: complete once every position has its expert and exactly one of them leads."""

from __future__ import annotations

from datetime import date

from shared.contracts import topics
from shared.contracts.events.requests import Period
from tests.support import matching_events as say
from tests.support.matching_world import World


async def filled(world: World, *position_ids: str) -> None:
    for position_id in position_ids:
        await world.approve(position_id)
        await world.accept(position_id)


async def test_the_last_acceptance_completes_the_team_exactly_once(opened: World) -> None:
    await filled(opened, say.LEAD)
    assert opened.types(topics.TEAMS) == []
    team = await opened.team()
    assert (team["missing"], team["lacks"]) == ([say.SECOND], ["positions_open"])
    assert (await opened.get("/teams?complete=yes"))["items"] == []
    await filled(opened, say.SECOND)
    await opened.bus.again()
    await opened.settle()
    (said,) = opened.data(topics.TEAMS, "team.complete")
    assert [(m["position_id"], m["number"], m["expert_id"], m["is_principal"]) for m in said["members"]] == [
        (say.LEAD, 1, "exp_1", True), (say.SECOND, 2, "exp_2", False),
    ]  # fmt: skip
    assert {m["employer_institution_id"] for m in said["members"]} == {say.HOME}
    assert (said["tor_id"], said["request_id"], said["institution_id"]) == ("tor_1", "req_1", say.ASKING)
    team = await opened.team()
    assert team["team_id"] == said["team_id"]
    assert (team["missing"], team["lacks"]) == ([], [])
    assert team["completed_at"] is not None
    assert len((await opened.get("/teams?complete=yes"))["items"]) == 1
    assert (await opened.get("/teams?complete=no"))["items"] == []


async def test_an_institution_learns_by_the_day_who_accepted_and_officers_to_the_instant(opened: World) -> None:
    await filled(opened, say.LEAD, say.SECOND)
    officers = await opened.team()
    (listed,) = (await opened.get("/teams?request=req_1", "institution", say.ASKING))["items"]
    read = await opened.get(f"/teams/{officers['team_id']}", "institution", say.ASKING)
    for seen in (listed, read):
        assert [m["accepted_at"] for m in seen["members"]] == ["2030-03-01T00:00:00Z"] * 2
        assert seen["completed_at"] == "2030-03-01T00:00:00Z"
        assert [m["expert_id"] for m in seen["members"]] == [m["expert_id"] for m in officers["members"]]
    assert {m["accepted_at"] for m in officers["members"]} == {officers["completed_at"]} == {"2030-03-01T12:00:00Z"}


async def test_it_does_not_matter_who_accepts_first(opened: World) -> None:
    await filled(opened, say.SECOND, say.LEAD)
    (said,) = opened.data(topics.TEAMS, "team.complete")
    assert [(m["number"], m["expert_id"]) for m in said["members"]] == [(1, "exp_2"), (2, "exp_1")]


async def test_one_position_makes_a_team_if_it_is_the_principals(staffed: World) -> None:
    await staffed.open(say.position(say.LEAD, 1, is_principal=True))
    await filled(staffed, say.LEAD)
    assert len(staffed.data(topics.TEAMS, "team.complete")) == 1


async def test_without_a_principal_a_team_is_never_complete(staffed: World) -> None:
    await staffed.open(say.position(say.LEAD, 1, is_principal=False), say.position(say.SECOND, 2, is_principal=False))
    await filled(staffed, say.LEAD, say.SECOND)
    assert staffed.types(topics.TEAMS) == []
    team = await staffed.team()
    assert (team["missing"], team["lacks"], team["completed_at"]) == ([], ["no_principal"], None)


async def test_with_two_principals_a_team_is_never_complete(staffed: World) -> None:
    await staffed.open(say.position(say.LEAD, 1, is_principal=True), say.position(say.SECOND, 2, is_principal=True))
    await filled(staffed, say.LEAD, say.SECOND)
    assert staffed.types(topics.TEAMS) == []
    assert (await staffed.team())["lacks"] == ["several_principals"]


async def test_teams_of_two_terms_of_reference_stay_apart(opened: World) -> None:
    july = Period(first_day=date(2030, 7, 8), last_day=date(2030, 7, 19))
    await opened.open(say.position("pos_else", 1, is_principal=True), tor_id="tor_2", request_id="req_2", onsite=july)
    await filled(opened, say.LEAD, "pos_else", say.SECOND)
    said = opened.data(topics.TEAMS, "team.complete")
    assert [(d["request_id"], len(d["members"])) for d in said] == [("req_2", 1), ("req_1", 2)]
    assert (await opened.team("req_2"))["members"][0]["position_id"] == "pos_else"
