"""Institutions: registered, verified on two kinds of evidence, seen by their own people only."""

from __future__ import annotations

import pytest

from services.registration.entrypoints.http import examples
from tests.component.registration.front import Front


async def test_it_waits_for_verification_and_is_announced_in_full(front: Front) -> None:
    made = await front.done("POST", "/institutions", front.officer, examples.INSTITUTION)
    assert made["status"] == "verification_pending"
    await front.bus.settle()
    (said,) = front.bus.said("registration.institutions", made["id"])
    assert said.type == "institution.submitted"
    assert said.data["name"] == examples.INSTITUTION["name"]
    assert said.data["status"] == "verification_pending"


async def test_the_registering_caller_reads_it_before_the_token_is_bound(front: Front) -> None:
    me, other = front.token("institution", "per_me"), front.token("institution", "per_other")
    made = await front.call("POST", "/institutions", me, examples.INSTITUTION)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    assert (await front.call("GET", path, me)).status_code == 200
    assert (await front.call("GET", path, other)).status_code == 404
    assert [i["id"] for i in (await front.done("GET", "/institutions", me))["items"]] == [made.json()["id"]]
    assert (await front.done("GET", "/institutions", other))["items"] == []
    assert (await front.call("POST", f"{path}/contacts", me, examples.CONTACT)).status_code == 201


async def test_a_bound_caller_cannot_register_another_institution(front: Front) -> None:
    own = await front.institution()
    answer = await front.call("POST", "/institutions", front.partner(own), examples.INSTITUTION)
    assert answer.status_code == 409


async def test_eligible_needs_evidence_of_identity_and_of_mandate(front: Front) -> None:
    id_ = await front.institution(eligible=False)
    path = f"/institutions/{id_}/verification"
    bare = await front.call("POST", path, front.officer, {"outcome": "eligible"})
    assert bare.status_code == 422
    assert {f["pointer"] for f in bare.json()["faults"]} == {"/identity_evidence", "/mandate_evidence"}
    assert all(f["mend"] for f in bare.json()["faults"])

    found = await front.done("POST", path, front.officer, examples.FINDING)
    assert found["status"] == "eligible"
    again = await front.call("POST", path, front.officer, examples.FINDING)
    assert again.status_code == 409
    assert "verification pending" in again.json()["mend"]


async def test_social_partners_are_admitted_by_a_written_reason_only(front: Front) -> None:
    id_ = await front.institution(eligible=False, institution_type="trade_union")
    path = f"/institutions/{id_}/verification"
    refused = await front.call("POST", path, front.officer, examples.FINDING)
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["pointer"] == "/reason"
    finding = {**examples.FINDING, "reason": "Runs the sector's training fund under a law."}
    found = await front.done("POST", path, front.officer, finding)
    assert found["status"] == "eligible"
    assert found["verification"]["by_override"] is True


async def test_ineligible_carries_its_reason_to_everybody(front: Front) -> None:
    id_ = await front.institution(eligible=False)
    path = f"/institutions/{id_}/verification"
    assert (await front.call("POST", path, front.officer, {"outcome": "ineligible"})).status_code == 422
    reason = "The body has no mandate in this field."
    await front.done("POST", path, front.officer, {"outcome": "ineligible", "reason": reason})
    await front.bus.settle()
    assert front.bus.types("registration.institutions", id_) == ["institution.submitted", "institution.rejected"]
    assert front.bus.said("registration.institutions", id_)[-1].data["reason"] == reason


@pytest.mark.parametrize("evidence", ["identity_evidence", None])
async def test_a_rejection_says_whether_the_identity_was_established(front: Front, evidence: str | None) -> None:
    id_ = await front.institution(eligible=False)
    finding = {"outcome": "ineligible", "reason": "The body has no mandate in this field."}
    if evidence:
        finding[evidence] = examples.FINDING[evidence]
    await front.done("POST", f"/institutions/{id_}/verification", front.officer, finding)
    await front.bus.settle()
    told = [said.data["identity_known"] for said in front.bus.said("registration.institutions", id_)]
    assert told == [False, evidence is not None]


@pytest.mark.parametrize("country", ["NG", "GB", "US", "CH", "NO", "BE"])
async def test_it_is_announced_whether_its_country_may_ask_as_submitting_would_find(front: Front, country: str) -> None:
    id_ = await front.institution(country=country)
    await front.bus.settle()
    assert [said.data["may_ask"] for said in front.bus.said("registration.institutions", id_)] == [country == "NG"] * 2
    draft = await front.draft(id_)
    answer = await front.call("POST", f"/requests/{draft['id']}/submission", front.partner(id_))
    assert (answer.status_code == 200) == (country == "NG"), answer.text


async def test_lists_are_paged_and_filtered(front: Front) -> None:
    ids = [await front.institution(eligible=n % 2 == 0, country="NG" if n < 3 else "PE") for n in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        page = await front.done("GET", f"/institutions?limit=2{after}", front.officer)
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert sorted(seen) == sorted(ids)
    nigerian = await front.done("GET", "/institutions?country=NG&status=eligible&theme=A01", front.officer)
    assert {item["id"] for item in nigerian["items"]} == {ids[0], ids[2]}


async def test_an_institution_sees_itself_only(front: Front) -> None:
    own, other = await front.institution(), await front.institution()
    me = front.partner(own)
    assert [i["id"] for i in (await front.done("GET", "/institutions", me))["items"]] == [own]
    assert (await front.done("GET", "/institutions?country=PE", me))["items"] == []
    for path in (f"/institutions/{other}", f"/institutions/{other}/contacts"):
        assert (await front.call("GET", path, me)).status_code == 404
    assert (await front.call("POST", f"/institutions/{other}/contacts", me, examples.CONTACT)).status_code == 404


async def test_an_unknown_parent_is_refused(front: Front) -> None:
    body = {**examples.INSTITUTION, "parent_institution_id": "ins_nobody"}
    answer = await front.call("POST", "/institutions", front.officer, body)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["pointer"] == "/parent_institution_id"
