"""An inbox is opened by the token of its own contact alone: role, kind, institution and standing must all agree."""

from __future__ import annotations

from typing import Any

import pytest

from services.notifications.domain.delivery import State
from shared.contracts.events.experts import ExpertActivated
from shared.contracts.events.institutions import InstitutionVerified
from shared.contracts.events.requests import RequestSubmitted
from tests.component.notifications.world import CAST, World, expert, partner, staff
from tests.support.notified_events import sample


async def asked(world: World, role: str, subject: str, **claims: Any) -> tuple[int, list[str]]:
    """What GET /inbox answers, and the notices in it."""
    async with world.client() as client:
        answer = await client.get("/inbox", headers=world.headers(role, subject, **claims))
    return answer.status_code, [item["id"] for item in answer.json().get("items", ())]


async def notice_of(world: World, contact_id: str) -> str:
    (notice,) = await world.deliveries(recipient=contact_id, channel="inbox")
    return notice.id


@pytest.mark.parametrize(
    ("role", "subject", "claims", "contact"),
    [
        ("institution", "idp|7", {"institution_id": "ins_1", "contact_id": "per_focal"}, "per_focal"),
        ("institution", "per_focal", {"institution_id": "ins_1"}, "per_focal"),
        ("officer", "idp|8", {"contact_id": "per_desk"}, "per_desk"),
        ("operator", "idp|9", {"contact_id": "per_desk"}, "per_desk"),
    ],
)
async def test_ones_own_inbox_opens_by_claim_or_subject(
    staffed: World, role: str, subject: str, claims: dict[str, Any], contact: str
) -> None:
    await staffed.happens(sample(RequestSubmitted))
    assert await asked(staffed, role, subject, **claims) == (200, [await notice_of(staffed, contact)])


@pytest.mark.parametrize(
    ("role", "subject", "claims", "told"),
    [
        ("institution", "per_focal", {"institution_id": "ins_1"}, False),
        ("expert", "x", {"expert_id": "exp_1"}, False),
        ("officer", "per_desk", {}, True),
        ("operator", "per_desk", {}, True),
    ],
)
async def test_the_facility_alone_is_told_an_event_by_its_id(
    staffed: World, role: str, subject: str, claims: dict[str, Any], *, told: bool
) -> None:
    """It is made of the position and a number there: how many steps the search took before."""
    submitted = await staffed.happens(sample(RequestSubmitted))
    activated = await staffed.happens(sample(ExpertActivated))
    async with staffed.client() as client:
        answer = await client.get("/inbox", headers=staffed.headers(role, subject, **claims))
    (notice,) = answer.json()["items"]
    assert notice["event_id"] == (submitted if told else None)
    assert told or (submitted not in answer.text and activated not in answer.text)


MISMATCHES = {
    "staff, as an institution": ("institution", "x", {"institution_id": "ins_1", "contact_id": "per_desk"}),
    "staff, by the subject": ("institution", "per_desk", {"institution_id": "ins_1"}),
    "staff, as an expert's profile": ("expert", "x", {"expert_id": "per_desk"}),
    "a focal point, as an officer": ("officer", "x", {"contact_id": "per_focal"}),
    "a focal point, as an operator": ("operator", "per_focal", {}),
    "a focal point, as an expert's profile": ("expert", "x", {"expert_id": "per_focal"}),
    "a focal point, of another institution": (
        "institution", "x", {"institution_id": "ins_2", "contact_id": "per_focal"},
    ),
    "a focal point, of no institution": ("institution", "per_focal", {}),
    "an expert, as an officer": ("officer", "exp_1", {}),
    "an expert, as an institution": ("institution", "x", {"institution_id": "ins_1", "contact_id": "exp_1"}),
    "an expert, by the subject alone": ("expert", "exp_1", {}),
    "an expert, by another claim": ("expert", "x", {"contact_id": "exp_1"}),
    "a delegation, as an officer": ("officer", "x", {"contact_id": "del_ng"}),
    "a delegation, as an institution": ("institution", "del_ng", {"institution_id": "ins_1"}),
    "somebody else, though the subject is one's own": (
        "institution", "per_focal", {"institution_id": "ins_1", "contact_id": "per_elsewhere"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISMATCHES)
async def test_no_inbox_opens_to_somebody_it_does_not_belong_to(staffed: World, case: str) -> None:
    role, subject, claims = MISMATCHES[case]
    await staffed.happens(sample(RequestSubmitted))
    await staffed.happens(sample(InstitutionVerified))
    headers = staffed.headers(role, subject, **claims)
    async with staffed.client() as client:
        listed = await client.get("/inbox", headers=headers)
        opened = [
            await client.post(f"/inbox/{notice.id}/opening", headers=headers)
            for notice in await staffed.deliveries(channel="inbox")
        ]
    assert (listed.status_code, listed.json()["type"]) == (403, "urn:entente:problem:forbidden")
    assert len(opened) > 2
    assert {answer.status_code for answer in opened} == {403}
    assert not await staffed.deliveries(state=State.OPENED.value)
    assert not any(contact.name in listed.text or contact.email in listed.text for contact in CAST)


async def test_who_is_no_longer_active_or_erased_reads_nothing(world: World) -> None:
    await world.recorded(partner("per_1", "ins_1", "focal_point"), staff("per_2", "desk"), expert("exp_1"))
    await world.happens(sample(RequestSubmitted))
    await world.recorded(partner("per_1", "ins_1", "focal_point").model_copy(update={"active": False}))
    await world.recorded(staff("per_2", "desk").model_copy(update={"active": False}))
    await world.erased("exp_1")
    for role, claims in (
        ("institution", {"institution_id": "ins_1", "contact_id": "per_1"}),
        ("officer", {"contact_id": "per_2"}),
        ("expert", {"expert_id": "exp_1"}),
    ):
        assert await asked(world, role, "x", **claims) == (403, [])


async def test_somebody_nobody_has_told_of_yet_has_an_empty_inbox(staffed: World) -> None:
    await staffed.happens(sample(RequestSubmitted))
    notice = await notice_of(staffed, "per_desk")
    assert await asked(staffed, "officer", "per_nobody") == (200, [])
    async with staffed.client() as client:
        answer = await client.post(f"/inbox/{notice}/opening", headers=staffed.headers("officer", "per_nobody"))
    assert answer.status_code == 404


async def test_a_colleagues_notice_is_not_ones_own(staffed: World) -> None:
    await staffed.happens(sample(RequestSubmitted))
    headers = staffed.headers("institution", "x", institution_id="ins_1", contact_id="per_colleague")
    async with staffed.client() as client:
        answer = await client.post(f"/inbox/{await notice_of(staffed, 'per_focal')}/opening", headers=headers)
    assert answer.status_code == 404
