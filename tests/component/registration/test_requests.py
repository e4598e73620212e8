"""Requests: drafted with gaps, submitted complete, then never changed; approved with a design or rejected."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from services.registration.entrypoints.http import examples
from tests.component.registration.front import Front


async def test_a_draft_needs_a_title_only_and_keeps_its_reference(fresh_front: Front) -> None:
    front = fresh_front
    own = await front.institution()
    first = await front.done("POST", "/requests", front.partner(own), {"title": "One"})
    second = await front.done("POST", "/requests", front.partner(own), {"title": "Two"})
    assert (first["reference"], second["reference"]) == ("REQ-2031-0001", "REQ-2031-0002")
    assert (first["status"], first["country"], first["institution_id"]) == ("draft", "NG", own)
    await front.bus.settle()
    assert front.bus.types("registration.requests") == []


async def test_submission_is_announced_with_everything_others_need(front: Front) -> None:
    request = await front.submitted()
    assert request["status"] == "submitted"
    await front.bus.settle()
    (said,) = front.bus.said("registration.requests", request["id"])
    assert said.type == "request.submitted"
    assert said.sequence == 1
    assert said.data["reference"] == request["reference"]
    assert said.data["themes"] == ["A01", "E02"]
    assert said.data["preferred_period"] == {"first_day": "2031-04-01", "last_day": "2031-06-30"}
    for part in ("context", "problem", "objectives", "expected_results"):
        assert examples.REQUEST[part] in said.data["text"]


async def test_an_incomplete_draft_is_told_every_gap_at_once(front: Front) -> None:
    own = await front.institution()
    draft = await front.done("POST", "/requests", front.partner(own), {"title": "One", "urgency": "urgent"})
    answer = await front.call("POST", f"/requests/{draft['id']}/submission", front.partner(own))
    assert answer.status_code == 422
    assert {f["pointer"] for f in answer.json()["faults"]} == {
        "/context",
        "/problem",
        "/objectives",
        "/expected_results",
        "/themes",
        "/focal_point_id",
        "/signatory_id",
        "/urgency_reason",
    }


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ({"focal_point_id": "con_nobody"}, "/focal_point_id"),
        ({"preferred_period": {"first_day": "2030-01-01", "last_day": "2030-02-01"}}, "/preferred_period/last_day"),
        ({"preferred_period": {"first_day": "1900-01-01", "last_day": "2199-12-31"}}, "/preferred_period"),
        ({"preferred_period": {"first_day": "2031-04-01", "last_day": "2033-04-01"}}, "/preferred_period"),
    ],
)
async def test_what_does_not_hold_is_named(front: Front, content: dict[str, Any], pointer: str) -> None:
    own = await front.institution()
    draft = await front.draft(own, **content)
    answer = await front.call("POST", f"/requests/{draft['id']}/submission", front.partner(own))
    assert answer.status_code == 422
    assert [f["pointer"] for f in answer.json()["faults"]] == [pointer]


@pytest.mark.parametrize(
    ("details", "said"),
    [({"functions": ["logistics"]}, "is no signatory"), ({"active_to": "2030-12-31"}, "not active")],
)
async def test_the_signatory_must_hold_the_function_now(front: Front, details: dict[str, Any], said: str) -> None:
    own = await front.institution()
    draft = await front.draft(own, signatory_id=await front.contact(own, **details))
    answer = await front.call("POST", f"/requests/{draft['id']}/submission", front.partner(own))
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["pointer"] == "/signatory_id"
    assert said in fault["detail"]


async def test_another_institutions_contact_is_no_focal_point(front: Front) -> None:
    own, other = await front.institution(), await front.institution()
    draft = await front.draft(own, focal_point_id=await front.contact(other))
    answer = await front.call("POST", f"/requests/{draft['id']}/submission", front.partner(own))
    assert answer.status_code == 422


async def test_only_an_eligible_institution_of_a_country_that_may_ask_submits(front: Front) -> None:
    for owner in (await front.institution(eligible=False), await front.institution(country="FR")):
        draft = await front.draft(owner)
        answer = await front.call("POST", f"/requests/{draft['id']}/submission", front.partner(owner))
        assert answer.status_code == 409
        assert answer.json()["mend"]


async def test_the_wording_is_fixed_once_submitted(front: Front) -> None:
    own = await front.institution()
    draft = await front.draft(own)
    path, me = f"/requests/{draft['id']}", front.partner(own)
    body = {**examples.REQUEST, "focal_point_id": draft["focal_point_id"], "signatory_id": draft["signatory_id"]}
    edited = await front.done("PUT", path, me, {**body, "title": "Other words"}, If_Match='"1"')
    assert (edited["title"], edited["version"], edited["reference"]) == ("Other words", 2, draft["reference"])
    done = await front.call("POST", f"{path}/submission", me, If_Match='"2"')
    assert done.status_code == 200
    late = await front.call("PUT", path, me, body, If_Match=done.headers["etag"])
    assert late.status_code == 409
    assert (await front.done("GET", path, me))["title"] == "Other words"


async def test_other_peoples_requests_do_not_exist(front: Front) -> None:
    own, other = await front.institution(), await front.institution()
    draft = await front.draft(own)
    stranger = front.partner(other)
    path = f"/requests/{draft['id']}"
    assert (await front.call("GET", path, stranger)).status_code == 404
    assert (await front.call("PUT", path, stranger, examples.REQUEST, If_Match='"9"')).status_code == 404
    assert (await front.call("POST", f"{path}/submission", stranger)).status_code == 404
    assert (await front.call("GET", f"{path}/timeline", stranger)).status_code == 404
    assert (await front.done("GET", "/requests", stranger))["items"] == []
    assert (await front.done("GET", f"/requests?institution={own}", stranger))["items"] == []
    body = {**examples.REQUEST, "institution_id": own}
    assert (await front.call("POST", "/requests", stranger, body)).status_code == 404


async def test_an_officer_enters_a_request_that_came_by_mail(front: Front) -> None:
    own = await front.institution()
    body = {"title": "By mail", "channel": "email", "received_on": "2031-01-08"}
    assert (await front.call("POST", "/requests", front.officer, body)).status_code == 422
    made = await front.done("POST", "/requests", front.officer, {**body, "institution_id": own})
    assert made["channel"] == "email"
    assert (await front.call("POST", "/requests", front.partner(own), body)).status_code == 422
    mine = {**examples.REQUEST, "channel": "email", "received_on": "2031-01-08"}
    await front.done("PUT", f"/requests/{made['id']}", front.partner(own), mine, If_Match='"1"')


async def test_approval_keeps_the_design_beside_the_request(front: Front) -> None:
    request = await front.approved()
    assert request["status"] == "approved"
    assert request["title"] == examples.REQUEST["title"]
    assert request["approval"]["design"]["title"] == examples.DESIGN["title"]
    assert request["approval"]["warnings"] == []
    await front.bus.collect()
    assert front.bus.types("registration.requests", request["id"]) == ["request.submitted", "request.approved"]


def _design(change: str) -> dict[str, Any]:
    design = deepcopy(examples.DESIGN)
    activity, positions = design["activity"], design["positions"]
    match change:
        case "two leaders":
            positions[1]["is_principal"] = True
        case "no leader":
            positions[0]["is_principal"] = False
        case "numbers":
            positions[1]["number"] = 3
        case "sum":
            positions[0]["days_total"] = 17
        case "too many days":
            positions[0].update(days_prep=10, days_onsite=15, days_report=6, days_total=31)
        case "no room":
            activity.update(
                prep={"first_day": "2031-04-18", "last_day": "2031-04-18"},
                onsite={"first_day": "2031-04-21", "last_day": "2031-04-25"},
                delivery_due="2031-04-25",
            )
        case "prep late":
            activity["prep"]["last_day"] = "2031-04-22"
        case "due early":
            activity["delivery_due"] = "2031-05-01"
        case "past":
            activity["prep"] = {"first_day": "2030-01-01", "last_day": "2030-01-02"}
            activity["onsite"] = {"first_day": "2030-01-03", "last_day": "2030-01-04"}
        case "prep over":
            activity["prep"] = {"first_day": "2031-01-08", "last_day": "2031-01-09"}
        case "prep mistyped":
            activity["prep"]["first_day"] = "1931-04-01"
        case "due mistyped":
            activity["delivery_due"] = "2131-05-23"
        case "five":
            design["positions"] = positions + positions + positions[:1]
    return design


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ("two leaders", "/positions"),
        ("no leader", "/positions"),
        ("numbers", "/positions"),
        ("sum", "/positions/0/days_total"),
        ("too many days", "/positions/0/days_total"),
        ("no room", "/positions/0/days_total"),
        ("prep late", "/activity/prep"),
        ("due early", "/activity/delivery_due"),
        ("past", "/activity/onsite/first_day"),
        ("past", "/activity/prep/last_day"),
        ("prep over", "/activity/prep/last_day"),
        ("prep mistyped", "/activity"),
        ("due mistyped", "/activity"),
        ("five", "/positions"),
    ],
)
async def test_a_design_that_breaks_a_rule_changes_nothing(front: Front, change: str, pointer: str) -> None:
    request = await front.submitted()
    answer = await front.call("POST", f"/requests/{request['id']}/approval", front.officer, _design(change))
    assert answer.status_code == 422, answer.text
    assert pointer in [f["pointer"] for f in answer.json()["faults"]]
    assert (await front.done("GET", f"/requests/{request['id']}", front.officer))["status"] == "submitted"


async def test_what_is_allowed_but_unusual_is_warned_of(front: Front) -> None:
    design = deepcopy(examples.DESIGN)
    design["positions"][0].update(days_prep=6, days_onsite=15, days_report=5, days_total=26)
    design["positions"][1].update(days_onsite=16, days_total=22)
    design["activity"]["onsite"]["last_day"] = "2031-05-10"
    design["activity"]["prep"]["first_day"] = "2031-01-10"
    request = await front.approved(**design)
    assert [w["pointer"] for w in request["approval"]["warnings"]] == [
        "/positions/0/days_total",
        "/positions/1/days_onsite",
        "/activity/onsite",
        "/activity/prep/first_day",
    ]


async def test_rejection_is_told_with_its_reason_and_is_final(front: Front) -> None:
    request = await front.submitted()
    path = f"/requests/{request['id']}"
    done = await front.done("POST", f"{path}/rejection", front.officer, examples.REJECTION)
    assert done["rejection"]["reason"] == examples.REJECTION["reason"]
    for wanted, body in (("approval", examples.DESIGN), ("rejection", examples.REJECTION)):
        assert (await front.call("POST", f"{path}/{wanted}", front.officer, body)).status_code == 409
    await front.bus.settle()
    assert front.bus.said("registration.requests", request["id"])[-1].data["reason"] == examples.REJECTION["reason"]
    assert (await front.done("GET", "/actions", front.officer)) == {"items": [], "next": None}


async def test_a_draft_can_neither_be_approved_nor_rejected(front: Front) -> None:
    draft = await front.draft(await front.institution())
    for wanted, body in (("approval", examples.DESIGN), ("rejection", examples.REJECTION)):
        assert (await front.call("POST", f"/requests/{draft['id']}/{wanted}", front.officer, body)).status_code == 409


async def test_lists_are_filtered_by_status_country_theme_and_institution(front: Front) -> None:
    own, other = await front.institution(), await front.institution(country="PE")
    draft, request = await front.draft(own), await front.submitted(other)
    for wanted, ids in {
        "status=draft": [draft["id"]],
        "status=submitted&country=PE&theme=A01": [request["id"]],
        f"institution={own}": [draft["id"]],
        "theme=K01": [],
    }.items():
        page = await front.done("GET", f"/requests?{wanted}", front.officer)
        assert [item["id"] for item in page["items"]] == ids, wanted


async def test_a_request_and_its_action_are_found_by_what_mails_call_them(front: Front) -> None:
    own, other = await front.institution(), await front.institution()
    first, second = await front.submitted(own), await front.draft(other)
    await front.approved(own)
    await front.terms(other)

    async def found(path: str, institution: str | None = None) -> list[str]:
        page = await front.done("GET", path, front.partner(institution) if institution else front.officer)
        return [item["id"] for item in page["items"]]

    assert await found(f"/requests?reference={first['reference']}") == [first["id"]]
    assert await found(f"/requests?reference={second['reference']}", other) == [second["id"]]
    assert await found(f"/requests?reference={second['reference']}", own) == []
    assert await found(f"/requests?reference={first['reference'][:-1]}") == []
    for action in (await front.done("GET", "/actions", front.officer))["items"]:
        assert await found(f"/actions?code={action['code']}") == [action["id"]]
