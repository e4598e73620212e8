"""Contacts, staff, delegations and experts: names leave on one topic only, and only while somebody is active."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

from services.registration.entrypoints.http import examples
from tests.component.registration.front import Front


async def test_a_contact_is_announced_with_function_and_institution(front: Front) -> None:
    own = await front.institution()
    id_ = await front.contact(own)
    await front.bus.settle()
    (said,) = front.bus.said("registration.contacts", id_)
    assert said.data["institution_id"] == own
    assert said.data["functions"] == ["focal_point", "signatory"]
    assert said.data["email"] == examples.CONTACT["email"]
    found = await front.done("GET", f"/institutions/{own}/contacts?function=signatory&active=true", front.partner(own))
    assert [c["id"] for c in found["items"]] == [id_]
    assert (await front.done("GET", f"/institutions/{own}/contacts?active=false", front.officer))["items"] == []


async def test_a_function_begins_and_ends_by_itself(front: Front) -> None:
    """Not active before its first day, active on its last, not active after it; each said once."""
    term = {"active_from": "2031-01-12", "active_to": "2031-01-14"}
    made = await front.done("POST", "/staff", front.officer, {**examples.STAFF, **term})
    assert made["active"] is False
    deadlines = front.service.deadlines
    assert deadlines is not None
    for _ in range(8):
        front.clock.advance(timedelta(days=1))
        await deadlines.fire_due()
    await front.bus.settle()
    assert [e.data["active"] for e in front.bus.said("registration.contacts", made["id"])] == [False, True, False]


async def test_a_delegation_covers_countries(front: Front) -> None:
    made = await front.done("POST", "/delegations", front.officer, examples.DELEGATION)
    await front.bus.settle()
    (said,) = front.bus.said("registration.contacts", made["id"])
    assert (said.data["kind"], said.data["countries"], said.data["functions"]) == (
        "delegation",
        ["NG"],
        ["eu_delegation"],
    )
    assert (await front.done("GET", "/delegations?country=PE", front.officer))["items"] == []


async def test_a_substitute_stands_in_for_somebody_known(front: Front) -> None:
    answer = await front.call("POST", "/staff", front.officer, {**examples.STAFF, "substitute_for": "stf_nobody"})
    assert answer.status_code == 422
    first = await front.done("POST", "/staff", front.officer, examples.STAFF)
    await front.done("POST", "/staff", front.officer, {**examples.STAFF, "substitute_for": first["id"]})


async def test_an_expert_is_announced_without_names_and_as_a_contact_with_them(front: Front) -> None:
    id_ = await front.expert()
    await front.bus.settle()
    (profile,) = front.bus.said("registration.experts", id_)
    (contact,) = front.bus.said("registration.contacts", id_)
    assert profile.type == "expert.submitted"
    assert contact.data["contact_id"] == id_
    assert (contact.data["kind"], contact.data["functions"]) == ("expert", ["expert"])
    told = profile.model_dump_json()
    for private in examples.EXPERT["person"].values():
        if isinstance(private, str):
            assert private not in told


async def test_no_topic_but_one_carries_names_or_addresses(front: Front) -> None:
    """Everything of a case is said; only registration.contacts may hold what identifies a person."""
    await front.done("POST", "/staff", front.officer, examples.STAFF)
    await front.done("POST", "/delegations", front.officer, examples.DELEGATION)
    await front.expert()
    terms = await front.terms()
    await front.done("POST", f"/terms-of-reference/{terms['id']}/finalisation", front.officer, If_Match='"1"')
    await front.bus.settle()
    private = [p["email"] for p in (examples.STAFF, examples.CONTACT, examples.DELEGATION, examples.EXPERT["person"])]
    private += ["Ada", "Jo Sample", "Sam Sample"]
    spoken = [topic for topic, records in front.bus.topics.items() if records]
    assert len(spoken) == 6
    for topic in spoken:
        told = " ".join(e.model_dump_json() for e in front.bus.said(topic))
        assert any(p in told for p in private) == (topic == "registration.contacts"), topic


async def test_a_revision_says_only_what_changed(front: Front) -> None:
    id_ = await front.expert()
    body = deepcopy(examples.EXPERT)
    body["profile"]["years_total"] = 16
    await front.done("PUT", f"/experts/{id_}", front.officer, body, If_Match='"1"')
    body["person"]["email"] = "other@institute.example.org"
    await front.done("PUT", f"/experts/{id_}", front.officer, body, If_Match='"2"')
    await front.bus.settle()
    assert front.bus.types("registration.experts", id_) == ["expert.submitted", "expert.revised"]
    assert len(front.bus.said("registration.contacts", id_)) == 2


async def test_vetting_is_valid_for_36_months_and_only_for_what_is_claimed(front: Front) -> None:
    id_ = await front.expert()
    path = f"/experts/{id_}/activation"
    wrong = await front.call("POST", path, front.officer, {"vetted_areas": ["A01", "K01"]}, If_Match='"1"')
    assert wrong.status_code == 422
    assert wrong.json()["faults"][0]["pointer"] == "/vetted_areas/1"
    done = await front.done("POST", path, front.officer, {"vetted_areas": ["A01", "E"]}, If_Match='"1"')
    assert done["status"] == "active"
    assert done["vetted_areas"] == [
        {"theme": "A01", "valid_until": "2034-01-10"},
        {"theme": "E", "valid_until": "2034-01-10"},
    ]
    body = deepcopy(examples.EXPERT)
    body["profile"]["themes"] = [{"code": "E02", "level": 3, "years": 6}]
    revised = await front.done("PUT", f"/experts/{id_}", front.officer, body, If_Match=f'"{done["version"]}"')
    assert [v["theme"] for v in revised["vetted_areas"]] == ["E"]
    assert revised["status"] == "active"


async def test_a_profile_that_changed_since_it_was_looked_at_is_not_activated(front: Front) -> None:
    id_ = await front.expert()
    path, areas = f"/experts/{id_}/activation", {"vetted_areas": ["A01"]}
    looked_at = await front.call("GET", f"/experts/{id_}", front.officer)
    body = deepcopy(examples.EXPERT)
    body["profile"]["years_total"] = 40
    me = front.token("expert", expert_id=id_)
    await front.done("PUT", f"/experts/{id_}", me, body, If_Match='"1"')
    assert (await front.call("POST", path, front.officer, areas)).status_code == 428
    stale = await front.call("POST", path, front.officer, areas, If_Match=looked_at.headers["ETag"])
    assert stale.status_code == 412
    await front.bus.settle()
    assert "expert.activated" not in front.bus.types("registration.experts", id_)
    done = await front.done("POST", path, front.officer, areas, If_Match='"2"')
    assert (done["status"], done["profile"]["years_total"]) == ("active", 40)


async def test_an_expert_sees_and_edits_their_own_profile_only(front: Front) -> None:
    own, other = await front.expert(), await front.expert()
    me = front.token("expert", expert_id=own)
    assert [e["id"] for e in (await front.done("GET", "/experts", me))["items"]] == [own]
    assert (await front.call("GET", f"/experts/{other}", me)).status_code == 404
    assert (await front.call("PUT", f"/experts/{other}", me, examples.EXPERT, If_Match='"1"')).status_code == 404
    await front.done("PUT", f"/experts/{own}", me, examples.EXPERT, If_Match='"1"')
    assert (await front.call("POST", "/experts", me, examples.EXPERT)).status_code == 409


async def test_an_unbound_expert_enters_a_profile_and_keeps_it(front: Front) -> None:
    me = front.token("expert", "per_new")
    made = await front.call("POST", "/experts", me, examples.EXPERT)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    await front.done("PUT", path, me, examples.EXPERT, If_Match=made.headers["etag"])
    assert (await front.call("GET", path, front.token("expert", "per_else"))).status_code == 404


async def test_days_of_assignment_are_entered_by_officers_only(front: Front) -> None:
    id_ = await front.expert(days_last_12m=12)
    me = front.token("expert", expert_id=id_)
    body = deepcopy(examples.EXPERT)
    kept = await front.done("PUT", f"/experts/{id_}", me, body, If_Match='"1"')
    assert kept["profile"]["days_last_12m"] == 12
    body["profile"]["days_last_12m"] = 0
    assert (await front.call("PUT", f"/experts/{id_}", me, body, If_Match='"1"')).status_code == 422


async def test_an_employer_id_must_lead_somewhere(front: Front) -> None:
    body = deepcopy(examples.EXPERT)
    body["profile"]["employment"]["institution_id"] = "ins_nobody"
    answer = await front.call("POST", "/experts", front.officer, body)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["pointer"] == "/profile/employment/institution_id"
    body["profile"]["employment"]["institution_id"] = await front.institution()
    await front.done("POST", "/experts", front.officer, body)


async def test_the_institution_of_an_earlier_assignment_must_lead_somewhere_and_is_announced(front: Front) -> None:
    body = deepcopy(examples.EXPERT)
    (done,) = body["profile"]["assignments"]
    done["institution_id"] = "ins_nobody"
    answer = await front.call("POST", "/experts", front.officer, body)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["pointer"] == "/profile/assignments/0/institution_id"
    done["institution_id"] = await front.institution()
    id_ = (await front.done("POST", "/experts", front.officer, body))["id"]
    await front.bus.settle()
    (said,) = front.bus.said("registration.experts", id_)
    assert [a["institution_id"] for a in said.data["assignments"]] == [done["institution_id"]]
