"""From an approval to final terms, and the timeline of the case: each step once, whatever happens between."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from services.registration.entrypoints.http import examples
from shared.contracts.events import positions as p
from shared.contracts.events.requests import Period
from shared.contracts.events.teams import TeamComplete, TeamMember
from shared.store import StoreAway
from tests.component.registration.front import NOW, Body, Front
from tests.support.intercepted_documents import AwayOnce, Intercepted


async def test_an_approval_opens_one_action_with_its_terms(front: Front) -> None:
    request = await front.approved()
    await front.bus.settle()
    (action,) = (await front.done("GET", "/actions", front.officer))["items"]
    assert action["id"] == request["approval"]["action_id"]
    assert (action["code"], action["status"], action["request_id"]) == ("2031-01", "approved", request["id"])
    (terms,) = (await front.done("GET", f"/terms-of-reference?action={action['id']}", front.officer))["items"]
    assert terms["id"] == request["approval"]["terms_of_reference_id"]
    assert (terms["status"], terms["terms_version"], terms["action_code"]) == ("draft", 1, "2031-01")
    assert terms["positions"] == [{"required": [], "desired": [], **p} for p in examples.POSITIONS]
    assert front.bus.types("registration.actions") == ["action.created"]
    assert front.bus.types("registration.terms_of_reference") == ["tor.drafted"]


async def test_what_was_warned_of_at_approval_is_warned_of_in_the_draft(front: Front) -> None:
    long_stay = {**examples.ACTIVITY, "onsite": {"first_day": "2031-04-21", "last_day": "2031-05-10"}}
    request = await front.approved(activity=long_stay)
    await front.bus.settle()
    (terms,) = (await front.done("GET", "/terms-of-reference", front.officer))["items"]
    assert terms["warnings"] == request["approval"]["warnings"]
    assert [warning["pointer"] for warning in terms["warnings"]] == ["/activity/onsite"]


async def test_the_case_has_one_correlation_from_draft_to_terms(front: Front) -> None:
    terms = await front.terms()
    said = [
        *front.bus.said("registration.requests", terms["request_id"]),
        *front.bus.said("registration.actions"),
        *front.bus.said("registration.terms_of_reference"),
    ]
    assert len(said) == 4
    assert len({envelope.correlation_id for envelope in said}) == 1
    assert said[2].causation_id == said[1].event_id


async def test_every_event_delivered_again_changes_nothing(front: Front) -> None:
    terms = await front.terms()
    await front.done("POST", f"/terms-of-reference/{terms['id']}/finalisation", front.officer, If_Match='"1"')
    await front.bus.settle()
    before = {topic: len(records) for topic, records in front.bus.topics.items()}
    timeline = await front.done("GET", f"/requests/{terms['request_id']}/timeline", front.officer)
    await front.bus.again()
    await front.bus.settle()
    assert {topic: len(records) for topic, records in front.bus.topics.items()} == before
    assert await front.done("GET", f"/requests/{terms['request_id']}/timeline", front.officer) == timeline
    assert len((await front.done("GET", "/actions", front.officer))["items"]) == 1


@pytest.mark.parametrize("collection", ["numbers", "allocations", "actions", "requests", "terms_of_reference"])
@pytest.mark.parametrize("side", ["before", "after"])
async def test_a_crash_between_the_steps_is_completed_by_the_next_delivery(
    front: Front, collection: str, side: str
) -> None:
    """The database goes away before or after the first write of each step; the event comes again."""
    first, second = await front.approved(), await front.approved()
    store: Any = front.service.stores[collection]
    away = AwayOnce("insert", "replace", error=StoreAway)
    store.documents = Intercepted(store.documents, **{side: away})
    with pytest.raises(StoreAway):
        await front.bus.settle()
    store.documents = store.documents.inner
    await front.bus.again()
    await front.bus.settle()
    assert away.happened
    for request in (first, second):
        assert (await front.done("GET", f"/requests/{request['id']}", front.officer))["status"] == "converted"
    actions = (await front.done("GET", "/actions", front.officer))["items"]
    assert sorted(a["code"] for a in actions) == ["2031-01", "2031-02"]
    assert {a["request_id"] for a in actions} == {first["id"], second["id"]}
    assert len((await front.done("GET", "/terms-of-reference", front.officer))["items"]) == 2
    assert sorted(front.bus.types("registration.actions")) == ["action.created"] * 2
    assert sorted(front.bus.types("registration.terms_of_reference")) == ["tor.drafted"] * 2


async def test_codes_begin_anew_each_year_of_approval(front: Front) -> None:
    front.clock.advance(timedelta(days=-20))
    await front.terms()
    approved = await front.approved()
    front.clock.advance(timedelta(days=20))
    await front.terms()
    codes = {a["request_id"]: a["code"] for a in (await front.done("GET", "/actions", front.officer))["items"]}
    assert sorted(codes.values()) == ["2030-01", "2030-02", "2031-01"]
    assert codes[approved["id"]] == "2030-02"


async def test_a_submitted_request_is_no_action_in_any_list(front: Front) -> None:
    await front.submitted()
    await front.bus.settle()
    assert (await front.done("GET", "/actions?limit=1", front.officer)) == {"items": [], "next": None}


@pytest.mark.parametrize("urgency", ["normal", "urgent"])
async def test_terms_say_how_urgent_the_request_is(front: Front, urgency: str) -> None:
    request = await front.submitted(urgency=urgency, urgency_reason="The law comes into force in May.")
    approved = await front.done("POST", f"/requests/{request['id']}/approval", front.officer, examples.DESIGN)
    await front.bus.settle()
    path = f"/terms-of-reference/{approved['approval']['terms_of_reference_id']}"
    assert (await front.done("GET", path, front.officer))["urgency"] == urgency
    final = await front.done("POST", f"{path}/finalisation", front.officer, If_Match='"1"')
    await front.bus.collect()
    said = front.bus.said("registration.terms_of_reference", final["id"])[-1]
    assert (said.type, said.data["urgency"]) == ("tor.finalised", urgency)


async def test_terms_are_edited_as_a_draft_and_never_once_final(front: Front) -> None:
    terms = await front.terms()
    path = f"/terms-of-reference/{terms['id']}"
    body = {**examples.TERMS, "activity": {**examples.ACTIVITY, "city": "Another City"}}
    edited = await front.done("PUT", path, front.officer, body, If_Match='"1"')
    assert edited["activity"]["city"] == "Another City"
    unseen = await front.call("POST", f"{path}/finalisation", front.officer, If_Match='"1"')
    assert unseen.status_code == 412
    assert (await front.call("POST", f"{path}/finalisation", front.officer)).status_code == 428
    action = f"/actions/{terms['action_id']}"
    assert (await front.done("GET", action, front.officer))["status"] == "approved"
    final = await front.done("POST", f"{path}/finalisation", front.officer, If_Match='"2"')
    assert (final["status"], final["terms_version"]) == ("final", 1)
    assert (await front.call("PUT", path, front.officer, body, If_Match='"3"')).status_code == 409
    assert (await front.call("POST", f"{path}/finalisation", front.officer, If_Match='"3"')).status_code == 409
    await front.bus.settle()
    said = front.bus.said("registration.terms_of_reference", terms["id"])[-1]
    assert said.type == "tor.finalised"
    assert (await front.done("GET", action, front.officer))["status"] == "mobilising"
    assert said.data["activity"]["city"] == "Another City"
    assert said.data["activity"]["onsite"] == examples.ACTIVITY["onsite"]
    assert [q["position_id"] for q in said.data["positions"]] == [q["position_id"] for q in terms["position_ids"]]
    assert [q["days_total"] for q in said.data["positions"]] == [18, 16]


@pytest.mark.parametrize(("mode", "window"), [("on_site", "onsite"), ("hybrid", "onsite"), ("remote", "prep")])
async def test_terms_whose_days_leave_nobody_to_ask_get_later_days_before_they_are_final(
    front: Front, mode: str, window: str
) -> None:
    terms = await front.terms()
    path = f"/terms-of-reference/{terms['id']}"
    prep = {**examples.ACTIVITY["prep"], "last_day": examples.ACTIVITY["onsite"]["first_day"]}
    activity = {**examples.ACTIVITY, "mode": mode, "prep": prep}
    await front.done("PUT", path, front.officer, {**examples.TERMS, "activity": activity}, If_Match='"1"')
    first = date.fromisoformat(activity[window]["first_day"])
    front.clock.advance(datetime.combine(first, time(8), UTC) - NOW)
    late = await front.call("POST", f"{path}/finalisation", front.officer, If_Match='"2"')
    assert (late.status_code, late.json()["mend"]) == (422, "Edit the draft: plan days that lie ahead.")
    assert [fault["pointer"] for fault in late.json()["faults"]] == [f"/activity/{window}/first_day"]

    later = activity[window] | {"first_day": str(first + timedelta(days=1))}
    body = {**examples.TERMS, "activity": {**activity, window: later}}
    await front.done("PUT", path, front.officer, body, If_Match='"2"')
    await front.done("POST", f"{path}/finalisation", front.officer, If_Match='"3"')


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"activity": {**examples.ACTIVITY, "number": "2"}}, "/activity/number"),
        (
            {"deliverables": [{"name": "Report", "language": "en", "author_position": 3}]},
            "/deliverables/0/author_position",
        ),
        ({"positions": examples.POSITIONS[1:]}, "/positions"),
    ],
)
async def test_terms_keep_the_rules_of_the_design(front: Front, change: Body, pointer: str) -> None:
    terms = await front.terms()
    path = f"/terms-of-reference/{terms['id']}"
    answer = await front.call("PUT", path, front.officer, {**examples.TERMS, **change}, If_Match='"1"')
    assert answer.status_code == 422
    assert pointer in [f["pointer"] for f in answer.json()["faults"]]


async def test_terms_whose_days_have_passed_are_not_made_final(front: Front) -> None:
    terms = await front.terms()
    front.clock.advance(timedelta(days=200))
    answer = await front.call("POST", f"/terms-of-reference/{terms['id']}/finalisation", front.officer, If_Match='"1"')
    assert answer.status_code == 422


async def test_a_partner_sees_its_own_actions_and_its_final_terms(front: Front) -> None:
    own, other = await front.institution(), await front.institution()
    terms = await front.terms(own)
    me, stranger, path = front.partner(own), front.partner(other), f"/terms-of-reference/{terms['id']}"
    assert (await front.call("GET", path, me)).status_code == 404
    assert (await front.done("GET", "/terms-of-reference", me))["items"] == []
    await front.done("POST", f"{path}/finalisation", front.officer, If_Match='"1"')
    assert (await front.call("GET", path, me)).status_code == 200
    assert len((await front.done("GET", "/terms-of-reference", me))["items"]) == 1
    assert len((await front.done("GET", "/actions", me))["items"]) == 1
    for hidden in (path, f"/actions/{terms['action_id']}"):
        assert (await front.call("GET", hidden, stranger)).status_code == 404
    for listed in ("/actions", "/terms-of-reference", f"/actions?institution={own}"):
        assert (await front.done("GET", listed, stranger))["items"] == []


EXPERT = "exp_secret"


def _position(terms: Body) -> Body:
    return {
        "position_id": terms["position_ids"][0]["position_id"],
        "number": 1,
        "is_principal": True,
        "tor_id": terms["id"],
        "activity_id": terms["activity_id"],
        "action_id": terms["action_id"],
        "action_code": terms["action_code"],
        "request_id": terms["request_id"],
        "institution_id": terms["institution_id"],
        "country": "NG",
        "title": terms["title"],
    }


def _story(terms: Body) -> list[Any]:
    head = _position(terms)
    offer = {**head, "offer_id": "off_1", "expert_id": EXPERT, "rank": 7}
    until = NOW + timedelta(days=5)
    period = Period.model_validate(examples.ACTIVITY["onsite"])
    return [
        p.PositionOpened(**head),
        p.PositionShortlisted(**head, search_id="sea_1", suitable=9),
        p.ShortlistApproved(**head, approved_by="per_officer"),
        p.AssignmentOffered(**offer, respond_by=until, onsite=period, days_total=18),
        p.AssignmentDeclined(**offer, reason="personal", failed_offers=1),
        p.AssignmentOffered(**offer, respond_by=until, onsite=period, days_total=18),
        p.OfferDeadlineApproaching(**offer, percent=80, respond_by=until),
        p.OfferDeadlinePassed(**offer, respond_by=until),
        p.AssignmentExpired(**offer, respond_by=until, failed_offers=2),
        p.AssignmentOffered(**offer, respond_by=until, onsite=period, days_total=18),
        p.AssignmentAccepted(**offer, clearance_due=until),
    ]


async def test_the_timeline_tells_the_officer_all_and_the_requester_no_identity(front: Front) -> None:
    own = await front.institution()
    terms = await front.terms(own)
    await front.done("POST", f"/terms-of-reference/{terms['id']}/finalisation", front.officer, If_Match='"1"')
    await front.bus.settle()
    position = terms["position_ids"][0]["position_id"]
    for hours, data in enumerate(_story(terms), start=1):
        front.bus.announce(data, position, at=NOW + timedelta(hours=hours))
    member = TeamMember(position_id=position, number=1, expert_id=EXPERT, is_principal=True)
    head = {k: v for k, v in _position(terms).items() if k in TeamComplete.model_fields}
    team = TeamComplete(team_id="tea_1", members=(member,), **head)
    front.bus.announce(team, "tea_1", at=NOW + timedelta(hours=20))
    await front.bus.settle()

    path = f"/requests/{terms['request_id']}/timeline"
    officers = (await front.done("GET", path, front.officer))["items"]
    began = {"request.submitted", "request.approved", "action.created", "tor.drafted", "tor.finalised"}
    assert {line["code"] for line in officers[:5]} == began
    assert [line["code"] for line in officers[5:]] == [
        "position.opened",
        "position.shortlisted",
        "shortlist.approved",
        "assignment.offered",
        "assignment.declined",
        "assignment.offered",
        "deadline.approaching",
        "assignment.expired",
        "assignment.offered",
        "assignment.accepted",
        "team.complete",
    ]
    assert [line["at"] for line in officers] == sorted(line["at"] for line in officers)
    assert any(EXPERT in line["sentence"] for line in officers)
    assert len({line["event_id"] for line in officers}) == len(officers)
    assert all(line["event_id"] for line in officers)

    partners = (await front.done("GET", path, front.partner(own)))["items"]
    told = str(partners)
    for hidden in (EXPERT, "rank", "health", "declined", "expired", "suitable", "percent"):
        assert hidden not in told
    assert [line["code"] for line in partners][5:] == [
        "assignment.offered",
        "assignment.unavailable",
        "assignment.offered",
        "assignment.unavailable",
        "assignment.offered",
        "assignment.accepted",
        "team.complete",
    ]
    gone = [line["sentence"] for line in partners if line["code"] == "assignment.unavailable"]
    assert len(set(gone)) == 1
    asked = [line["sentence"] for line in partners if line["code"] == "assignment.offered"]
    assert set(asked) == {"An expert was asked for position 1."}
    days = {f"{NOW + timedelta(days=n):%Y-%m-%d}T00:00:00Z" for n in (0, 1)}
    assert {line["at"] for line in partners} <= days, "an offer lapses exactly when its time is over"
    assert {line["event_id"] for line in partners} == {None}, "its id tells the steps between"


async def test_a_missing_event_of_a_position_is_parked_and_the_rest_behind_it_waits(front: Front) -> None:
    terms = await front.terms()
    position = terms["position_ids"][0]["position_id"]
    story = _story(terms)
    front.bus.announce(story[0], position, at=NOW)
    front.bus.announce(story[2], position, at=NOW, sequence=3)
    with pytest.raises(AssertionError, match="sequence gap"):
        await front.bus.settle()
    lines = (await front.done("GET", f"/requests/{terms['request_id']}/timeline", front.officer))["items"]
    assert "shortlist.approved" not in [line["code"] for line in lines]


async def test_a_timeline_nobody_has_written_yet_is_empty(front: Front) -> None:
    draft = await front.draft(await front.institution())
    path = f"/requests/{draft['id']}/timeline"
    assert (await front.done("GET", path, front.officer)) == {"items": [], "next": None}
    assert (await front.call("GET", "/requests/req_nobody/timeline", front.officer)).status_code == 404
