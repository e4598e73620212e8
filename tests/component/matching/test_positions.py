"""Positions: opened by final terms of reference, listed, and approved by an officer."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from services.matching.domain.position import PositionState
from shared.contracts import topics
from tests.support import matching_events as say
from tests.support.matching_world import OTHER_OFFICER, World

APPROVAL = f"/positions/{say.LEAD}/shortlist-approval"


async def test_final_terms_open_each_position_with_its_ranked_list(opened: World) -> None:
    for position_id, number in ((say.LEAD, 1), (say.SECOND, 2)):
        assert opened.types(topics.POSITIONS, position_id) == ["position.opened", "position.shortlisted"]
        (shortlisted,) = opened.data(topics.POSITIONS, "position.shortlisted", position_id)
        assert (shortlisted["suitable"], shortlisted["search_id"]) == (4, position_id)
        (found,) = opened.data(topics.SEARCHES, "match.completed", position_id)
        assert (found["stage"], found["position_id"], found["position_number"]) == ("binding", position_id, number)
        position = await opened.position(position_id)
        assert (position["state"], position["number"]) == ("shortlisted", number)
        assert [(row["expert_id"], row["rank"]) for row in position["shortlist"]] == [
            ("exp_1", 1), ("exp_2", 2), ("exp_3", 3), ("exp_4", 4),
        ]  # fmt: skip
    team = await opened.team()
    assert (team["members"], team["missing"], team["completed_at"]) == ([], [say.LEAD, say.SECOND], None)


async def test_a_draft_opens_nothing(staffed: World) -> None:
    await staffed.hear(say.drafted())
    assert staffed.types(topics.POSITIONS) == staffed.types(topics.SEARCHES) == []
    assert (await staffed.get("/teams"))["items"] == []


async def test_heard_again_final_terms_do_nothing_more(offered: World) -> None:
    before = await offered.everything()
    await offered.bus.again()
    await offered.settle()
    assert await offered.everything() == before


async def test_a_position_nobody_fits_keeps_searching_and_says_why(staffed: World) -> None:
    await staffed.open(say.position(say.LEAD, 1, is_principal=True, min_years=40))
    assert staffed.types(topics.SEARCHES) == ["match.empty"]
    assert staffed.types(topics.POSITIONS) == ["position.opened"]
    (said,) = staffed.data(topics.SEARCHES, "match.empty")
    assert said["emptied_by"] == {"years_below_minimum": 4}
    assert {code: brings for code, brings in said["relaxations"].items() if brings} == {"years": 4}
    assert set(said["relaxations"]) == {"adjacent_theme", "remote", "dates", "other_categories", "years", "languages"}
    position = await staffed.position()
    assert (position["state"], position["shortlist"]) == ("searching", [])
    early = await staffed.call("POST", APPROVAL)
    assert early.status_code == 409
    assert early.json()["mend"] == f"Search again first: POST /positions/{say.LEAD}/search."


async def test_a_list_is_approved_once_and_by_one_officer(opened: World) -> None:
    unknown = await opened.call("POST", "/positions/pos_none/shortlist-approval")
    assert unknown.status_code == 404
    first = await opened.call("POST", APPROVAL, key="yes")
    assert first.status_code == 200
    assert first.json()["shortlist_approved_by"] == "per_officer"
    assert (await opened.call("POST", APPROVAL)).status_code == 200  # the same officer, before the offer went out
    other = await opened.call("POST", APPROVAL, "officer", OTHER_OFFICER)
    assert other.status_code == 409
    await opened.settle()
    late = await opened.call("POST", APPROVAL, "officer", OTHER_OFFICER)
    assert late.status_code == 409
    again = await opened.call("POST", APPROVAL, key="yes")
    assert (again.status_code, again.json(), again.headers["ETag"]) == (200, first.json(), first.headers["ETag"])
    assert opened.types(topics.POSITIONS, say.LEAD).count("shortlist.approved") == 1
    assert opened.data(topics.POSITIONS, "shortlist.approved")[0]["approved_by"] == "per_officer"


async def test_an_approval_of_an_outdated_version_is_refused(opened: World) -> None:
    assert (await opened.call("POST", APPROVAL, if_match='"9"')).status_code == 412
    assert (await opened.position())["shortlist_approved_by"] is None
    assert (await opened.call("POST", APPROVAL, if_match='"1"')).status_code == 200


async def test_a_list_that_another_search_has_replaced_is_not_approved_in_the_place_of_the_one_seen(
    opened: World,
) -> None:
    seen = (await opened.position())["search_id"]
    replaced = await opened.call("POST", f"/positions/{say.LEAD}/search", who=OTHER_OFFICER)
    late = await opened.call("POST", APPROVAL, body={"search_id": seen})
    assert late.status_code == 409
    assert late.json()["mend"]
    assert (await opened.position())["shortlist_approved_by"] is None
    now = {"search_id": replaced.json()["search_id"]}
    assert (await opened.call("POST", APPROVAL, body=now)).json()["shortlist_approved_by"] == "per_officer"


async def test_nobody_is_asked_before_the_list_is_approved(opened: World) -> None:
    assert "assignment.offered" not in opened.types(topics.POSITIONS)
    assert await opened.holds("exp_1") == []
    assert (await opened.get("/offers"))["items"] == []


async def test_an_institution_follows_its_own_positions_without_names_or_ranks(offered: World) -> None:
    elsewhere = say.finalised(say.position("pos_else", 1, is_principal=True), tor_id="tor_2", request_id="req_2")
    await offered.hear(say.drafted("tor_2"), elsewhere.model_copy(update={"institution_id": "ins_else"}))
    listed = (await offered.get("/positions", "institution", say.ASKING))["items"]
    assert {line["position_id"] for line in listed} == {say.LEAD, say.SECOND}
    mine = await offered.call("GET", f"/positions/{say.LEAD}", "institution", say.ASKING)
    assert mine.status_code == 200
    assert mine.json()["state"] == "searching"
    for told in (mine.text, str(listed)):
        assert "exp_" not in told
        assert "off_" not in told
    seen = mine.json()
    assert (seen["shortlist"], seen["offers"], seen["skipped"], seen["requirement"]) == ([], [], [], None)
    assert seen["shortlist_approved_by"] is None
    assert (await offered.call("GET", "/positions/pos_else", "institution", say.ASKING)).status_code == 404
    assert (await offered.call("GET", "/positions/pos_none", "institution", say.ASKING)).status_code == 404
    assert (await offered.get("/positions?request=req_2", "institution", say.ASKING))["items"] == []
    assert [t["institution_id"] for t in (await offered.get("/teams", "institution", "ins_else"))["items"]] == [
        "ins_else"
    ]
    (other,) = (await offered.get("/teams", "institution", "ins_else"))["items"]
    path = f"/teams/{other['team_id']}"
    assert (await offered.call("GET", path, "institution", say.ASKING)).status_code == 404
    assert (await offered.call("GET", path, "institution", "ins_else")).status_code == 200


async def seen_by_the_institution(world: World) -> list[Any]:
    """All that matching answers to the asking institution: bodies, and headers but for the request's own ids."""
    (team,) = (await world.get("/teams", "institution", say.ASKING))["items"]
    states = [f"/positions?state={state}" for state in PositionState]
    seen: list[Any] = []
    for path in ("/positions", f"/positions/{say.LEAD}", *states, "/teams", f"/teams/{team['team_id']}"):
        answer = await world.call("GET", path, "institution", say.ASKING)
        assert answer.status_code == 200, answer.text
        seen.append((path, answer.text, answer.headers.get("etag")))
    return seen


async def test_until_somebody_accepts_an_institution_does_not_see_how_the_search_goes(opened: World) -> None:
    """A list that waits, an offer, an answer and a silence look alike: not by state, version or filter."""
    waiting = await seen_by_the_institution(opened)
    (found,) = [text for path, text, _ in waiting if path == "/positions?state=searching"]
    assert [(row["state"], row["version"]) for row in json.loads(found)["items"]] == [("searching", None)] * 2
    assert [etag for path, _, etag in waiting if path.startswith("/positions")] == [None] * (2 + len(PositionState))
    await opened.approve()
    assert await seen_by_the_institution(opened) == waiting
    await opened.decline()
    assert await seen_by_the_institution(opened) == waiting
    await opened.until(datetime.fromisoformat((await opened.asked())["respond_by"]))
    assert await seen_by_the_institution(opened) == waiting
    await opened.accept()
    (lead,) = (await opened.get("/positions?state=accepted", "institution", say.ASKING))["items"]
    assert (lead["position_id"], lead["state"], lead["version"]) == (say.LEAD, "accepted", None)


async def test_officers_list_positions_by_request_activity_and_state(offered: World) -> None:
    await offered.hear(
        say.drafted("tor_2"),
        say.finalised(say.position("pos_else", 1, is_principal=True), tor_id="tor_2", request_id="req_2"),
    )
    ids = [
        {p["position_id"] for p in (await offered.get(f"/positions?{asked}"))["items"]}
        for asked in ("", "request=req_2", "activity=act_of_tor_1", "state=offered", "state=cancelled")
    ]
    both = {say.LEAD, say.SECOND}
    assert ids == [{*both, "pos_else"}, {"pos_else"}, both, {say.LEAD}, set()]


async def test_everything_of_a_case_carries_the_correlation_it_began_with(offered: World) -> None:
    approval = [e for e in offered.bus.said(topics.POSITIONS.name) if e.type == "shortlist.approved"]
    offer = [e for e in offered.bus.said(topics.POSITIONS.name) if e.type == "assignment.offered"]
    terms = offered.bus.said(topics.TERMS_OF_REFERENCE.name)[-1]
    assert approval[0].correlation_id == offer[0].correlation_id == terms.correlation_id
    assert offer[0].causation_id == approval[0].event_id
    assert (approval[0].actor.role, offer[0].actor.kind) == ("officer", "system")
