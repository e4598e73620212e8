"""Searches: the indicative list of a request, the binding one of a position, and the reasons behind both."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.contracts import topics
from shared.contracts.events.requests import Period, RequestApproved, RequestRejected
from shared.store import SequenceGap
from tests.support import matching_events as say
from tests.support.matching_world import World

REASON = {"code", "sentence", "values"}


async def failures(world: World, group: str) -> list[str]:
    """Reasons for which a consumer parked events."""
    return [f.reason for listener in world.bus.listeners if listener.group == group for _, f in listener.parked]


async def test_a_submitted_request_gets_exactly_one_indicative_list(staffed: World) -> None:
    await staffed.hear(say.request())
    await staffed.bus.again()
    await staffed.settle()
    assert staffed.types(topics.SEARCHES) == ["match.completed"]
    (said,) = staffed.data(topics.SEARCHES, "match.completed", "req_1")
    assert (said["stage"], said["considered"], said["suitable"]) == ("indicative", 4, 4)
    assert said["position_id"] is None
    assert [(r["expert_id"], r["rank"]) for r in said["top"]] == [(f"exp_{n}", n) for n in (1, 2, 3, 4)]
    assert staffed.types(topics.CALENDARS) == ["availability.declared"] * 4  # an indicative list holds nobody


async def test_an_event_names_the_ten_best_and_the_search_keeps_the_list(world: World) -> None:
    await world.hear(*(say.expert(f"exp_{n:02}") for n in range(1, 13)))
    await world.hear(say.request())
    (said,) = world.data(topics.SEARCHES, "match.completed")
    assert said["suitable"] == 12
    assert len(said["top"]) == 10
    assert len((await world.get("/searches/req_1"))["candidates"]) == 12


async def test_a_list_that_is_empty_says_what_emptied_it_and_what_would_help(staffed: World) -> None:
    await staffed.hear(say.request(themes=("A05",), language="en"))
    assert staffed.types(topics.SEARCHES) == ["match.empty"]
    (said,) = staffed.data(topics.SEARCHES, "match.empty")
    assert said["stage"] == "indicative"
    assert said["emptied_by"] == {"theme_not_vetted": 4}
    assert said["relaxations"]["adjacent_theme"] == 4
    search = await staffed.get("/searches/req_1")
    assert search["candidates"] == []
    for reasons in search["exclusions"].values():
        assert [set(reason) for reason in reasons] == [REASON]
    assert {r["code"]: r["would_pass"] for r in search["relaxations"]} == said["relaxations"]


async def test_nobody_on_the_roster_is_an_answer_too(world: World) -> None:
    await world.hear(say.request())
    (said,) = world.data(topics.SEARCHES, "match.empty")
    assert (said["considered"], said["emptied_by"]) == (0, {})


async def test_the_preferred_period_and_language_of_the_request_count(staffed: World) -> None:
    busy = {"kind": "unavailable", "first_day": "2030-09-01", "last_day": "2030-09-30"}
    await staffed.declare("exp_1", busy)
    september = Period(first_day=date(2030, 9, 2), last_day=date(2030, 9, 13))
    await staffed.hear(say.request(preferred_period=september))
    found = await staffed.get("/searches/req_1/candidates/exp_1")
    assert [e["code"] for e in found["exclusions"]] == ["unavailable"]
    await staffed.hear(say.request(request_id="req_fr", language="fr"))
    assert staffed.data(topics.SEARCHES, "match.empty", "req_fr")[0]["emptied_by"] == {"language_below_minimum": 4}


@pytest.mark.parametrize("decided", [RequestApproved, RequestRejected])
async def test_a_decision_on_the_request_changes_nothing_and_the_next_event_is_no_gap(
    staffed: World, decided: Any
) -> None:
    await staffed.hear(say.request())
    before = await staffed.get("/searches/req_1")
    await staffed.hear(say.request(decided))
    await staffed.hear(say.request(RequestApproved))
    assert await staffed.get("/searches/req_1") == before
    assert staffed.types(topics.SEARCHES) == ["match.completed"]
    stored = await staffed.kept["searches"].get("req_1")
    assert stored is not None
    assert [entry[0] for entry in stored["seen"].values()] == [3]


async def test_a_gap_on_a_topic_kept_for_ever_is_refused(staffed: World) -> None:
    staffed.bus._strict = False
    staffed.tell(say.request(), sequence=2)
    staffed.tell(say.request(RequestApproved, request_id="req_2"), sequence=2)
    staffed.tell(say.finalised(), sequence=2)
    await staffed.settle()
    assert await failures(staffed, "matching.requests") == ["sequence gap", "sequence gap"]
    assert await failures(staffed, "matching.terms-of-reference") == ["sequence gap"]
    assert staffed.types(topics.SEARCHES) == staffed.types(topics.POSITIONS) == []
    for kind in ("searches", "positions", "teams"):
        assert await staffed.kept[kind].changed_since(0, 10) == []


async def test_a_gap_in_its_own_events_is_refused_before_anybodys_days_are_held(opened: World) -> None:
    await opened.approve(settle=False)
    await opened.bus.collect()
    follow_up = next(listener for listener in opened.bus.listeners if listener.group == "matching.follow-up")
    event = opened.bus.said(topics.POSITIONS.name, say.LEAD)[-1]
    record = opened.bus.topics[topics.POSITIONS.name].pop()
    assert event.sequence == 3
    jumped = event.model_copy(update={"sequence": 5}).model_dump_json().encode()
    failure = await follow_up._handling.settle(type(record)(0, 99, record.key, jumped))
    assert failure is not None
    assert failure.reason == "sequence gap"
    assert str(SequenceGap("matching-positions/pos_lead", 2, 5)) in failure.error
    assert await opened.holds("exp_1") == []


async def test_searches_are_listed_and_filtered_for_officers(opened: World) -> None:
    await opened.hear(say.request(), say.request(request_id="req_2"))
    everything = (await opened.get("/searches"))["items"]
    assert {s["search_id"] for s in everything} == {"req_1", "req_2", say.LEAD, say.SECOND}
    ids = [
        [s["search_id"] for s in (await opened.get(f"/searches?{asked}"))["items"]]
        for asked in ("request=req_2", "position=pos_lead", "stage=indicative&request=req_1", "position=pos_other")
    ]
    assert ids == [["req_2"], [say.LEAD], ["req_1"], []]
    first = await opened.get("/searches?limit=3")
    rest = await opened.get(f"/searches?limit=3&after={first['next']}")
    assert [s["search_id"] for s in first["items"] + rest["items"]] == [s["search_id"] for s in everything]
    assert rest["next"] is None


async def test_every_point_has_its_evidence_and_every_exclusion_its_reason(staffed: World) -> None:
    await staffed.hear(say.expert("exp_3", years_total=2), say.expert("exp_4", barred=True, years_total=2))
    await staffed.open()
    search = await staffed.get(f"/searches/{say.LEAD}")
    best = search["candidates"][0]
    assert len(best["parts"]) == 9
    assert sum(part["of"] for part in best["parts"]) == 100_000
    assert sum(part["points"] for part in best["parts"]) == best["score"]
    for part in best["parts"]:
        assert part["evidence"]
        assert all(set(evidence) == {"asked", "held"} for evidence in part["evidence"])
    assert [e["code"] for e in search["exclusions"]["exp_4"]] == ["barred", "years_below_minimum"]
    assert list(search["emptied_by"].items()) == [("years_below_minimum", 2), ("barred", 1)]


# --- why me -----------------------------------------------------------------------------------------------------------


async def test_an_officer_sees_rank_score_and_parts_of_anybody(offered: World) -> None:
    await offered.hear(say.request())  # exp_1 was asked meanwhile: among equals it is the others' turn
    for search, expert, rank in ((say.LEAD, "exp_1", 1), (say.LEAD, "exp_3", 3), ("req_1", "exp_2", 1)):
        found = await offered.get(f"/searches/{search}/candidates/{expert}")
        assert (found["on_the_list"], found["rank"]) == (True, rank)
        assert found["score"] == sum(part["points"] for part in found["parts"])


async def test_an_officer_sees_why_somebody_is_not_on_the_list(staffed: World) -> None:
    await staffed.declare("exp_2")
    await staffed.open()
    found = await staffed.get(f"/searches/{say.LEAD}/candidates/exp_2")
    assert (found["on_the_list"], found["rank"], found["parts"]) == (False, None, [])
    (reason,) = found["exclusions"]
    assert reason["code"] == "unavailable"
    assert reason["values"]["undeclared_on"] == "2030-06-03"
    assert reason["sentence"]


async def test_whoever_was_asked_sees_every_part_and_their_sum_and_no_rank(offered: World) -> None:
    path = f"/offers/{(await offered.asked())['offer_id']}/explanation"
    mine = await offered.get(path, "expert", "exp_1")
    officers = await offered.get(f"/searches/{say.LEAD}/candidates/exp_1")
    assert mine["parts"] == officers["parts"]
    assert mine["score"] == sum(part["points"] for part in mine["parts"]) == officers["score"]
    assert set(mine) == {"offer_id", "expert_id", "score", "parts"}, "no rank, and not of which list"
    assert await offered.get(path) == mine
    await offered.decline()
    assert await offered.get(path, "expert", "exp_1") == mine


async def _offered_from_the_second_list(world: World, expert_id: str, others: tuple[str, ...]) -> str:
    """Nobody else can be had any more: the list is made again, and this expert is asked; the second search's id."""
    await world.hear(*(say.expert(other, barred=True) for other in others))
    answer = await world.call("POST", f"/positions/{say.LEAD}/search")
    assert answer.status_code == 200, answer.text
    await world.settle()
    await world.approve()
    assert (await world.asked())["expert_id"] == expert_id
    return str(answer.json()["search_id"])


async def _as_offers_were_kept_before(world: World) -> None:
    """Early offers do not say which list they were made from."""
    kept = await world.kept["positions"].get(say.LEAD)
    assert kept is not None
    offers = [{k: v for k, v in offer.items() if k != "search_id"} for offer in kept["state"]["offers"]]
    changed = {**kept, "revision": kept["revision"] + 1, "state": {**kept["state"], "offers": offers}}
    assert await world.kept["positions"].replace(changed, kept["revision"])


async def test_a_position_counts_the_suitable_as_its_search_does_also_past_the_end_of_the_list() -> None:
    world = World(match_policy={"list_length": 2})
    await world.staff("exp_1", "exp_2", "exp_3")
    await world.open(say.position(say.LEAD, 1, is_principal=True))
    assert (await world.call("POST", f"/positions/{say.LEAD}/search")).status_code == 200
    await world.settle()
    assert [d["suitable"] for d in world.data(topics.SEARCHES, "match.completed")] == [3, 3]
    assert [d["suitable"] for d in world.data(topics.POSITIONS, "position.shortlisted")] == [3, 3]
    assert len((await world.position())["shortlist"]) == 2


@pytest.mark.parametrize("why", ["beyond_the_list", "barred", "on_the_list"])
async def test_an_expert_reads_of_no_list_but_the_one_they_were_asked_from(world: World, why: str) -> None:
    """Why they were not on another one would tell their rank, or that they were barred; which list it was, too."""
    *others, last = (f"exp_{n:02}" for n in range(1, 32 if why == "beyond_the_list" else 3))
    await world.staff(*others, last)
    await world.hear(say.expert(last, barred=why == "barred"))
    await world.open()
    found = await world.get(f"/searches/{say.LEAD}/candidates/{last}")
    assert [e["code"] for e in found["exclusions"]] == ([] if found["on_the_list"] else [why])
    await world.hear(say.expert(last))
    second = await _offered_from_the_second_list(world, last, tuple(others))
    path = f"/offers/{(await world.asked())['offer_id']}/explanation"
    theirs = await world.get(f"/searches/{second}/candidates/{last}")
    assert (await world.get(path, "expert", last))["parts"] == theirs["parts"]
    await _as_offers_were_kept_before(world)
    early = await world.call("GET", path, "expert", last)
    assert early.status_code == (200 if found["on_the_list"] else 404), "taken for one of the first list"


async def test_nobody_else_learns_anything_of_a_search(offered: World) -> None:
    await offered.hear(say.request())
    own = "/searches/{}/candidates/{}".format
    explanation = f"/offers/{(await offered.asked())['offer_id']}/explanation"
    for path, who, status in (
        (explanation, "exp_2", 404),  # somebody else's reasons
        ("/offers/off_none/explanation", "exp_1", 404),
        (own(say.LEAD, "exp_1"), "exp_1", 403),  # lists are for officers
        (own("req_1", "exp_1"), "exp_1", 403),
    ):
        assert (await offered.call("GET", path, "expert", who)).status_code == status, (path, who)
    for path in (own(say.LEAD, "exp_9"), own("pos_none", "exp_1"), "/searches/pos_none"):
        assert (await offered.call("GET", path)).status_code == 404
