"""An address that changed: edited by who may, said once with the full state, and by nobody else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from services.registration.entrypoints.http import examples
from tests.component.registration.front import Front

NEW = "new@mailbox.example.org"


async def test_a_contacts_new_address_is_said_with_everything_else_about_them(front: Front) -> None:
    own = await front.institution()
    id_ = await front.contact(own)
    path = f"/institutions/{own}/contacts/{id_}"
    body = {**examples.CONTACT, "email": NEW, "functions": ["focal_point"]}
    key = {"Idempotency_Key": "k-1", "If_Match": '"1"'}
    done = await front.call("PUT", path, front.partner(own), body, **key)
    assert (done.status_code, done.json()["email"], done.headers["etag"]) == (200, NEW, '"2"')
    assert (await front.call("PUT", path, front.partner(own), body, **key)).json() == done.json()
    assert (await front.call("PUT", path, front.partner(own), examples.CONTACT, **key)).status_code == 422
    assert (await front.done("GET", path, front.officer))["email"] == NEW
    await front.bus.settle()
    first, second = front.bus.said("registration.contacts", id_)
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.data == {**first.data, "email": NEW, "functions": ["focal_point"]}
    listed = await front.done("GET", f"/institutions/{own}/contacts?function=signatory", front.officer)
    assert listed["items"] == []


async def test_the_old_address_goes_with_the_key_it_was_entered_under(front: Front) -> None:
    """Nobody writes the contact again: what repeats of either command were answered with goes all the same."""
    own = await front.institution()
    entered = await front.call(
        "POST", f"/institutions/{own}/contacts", front.officer, examples.CONTACT, Idempotency_Key="k-1"
    )
    id_ = entered.json()["id"]
    path = f"/institutions/{own}/contacts/{id_}"
    front.clock.advance(timedelta(hours=1))
    await front.call("PUT", path, front.officer, {**examples.CONTACT, "email": NEW}, If_Match=entered.headers["etag"])
    front.clock.advance(timedelta(hours=23))
    await front.bus.settle()
    assert examples.CONTACT["email"] in json.dumps(await front.collections["contacts"].get(id_))
    assert front.service.forgetting is not None
    assert await front.service.forgetting.forget() > 0
    assert examples.CONTACT["email"] not in json.dumps(await front.collections["contacts"].get(id_))
    assert (await front.done("GET", path, front.officer))["email"] == NEW


NO_MAIL_GOES_TO = "a..b@mailbox.example.org"
ENTERED: dict[str, tuple[str, dict[str, Any]]] = {
    "contacts": ("/institutions/{own}/contacts", examples.CONTACT),
    "staff": ("/staff", examples.STAFF),
    "delegations": ("/delegations", examples.DELEGATION),
    "experts": ("/experts", examples.EXPERT),
}


@pytest.mark.parametrize("kind", ENTERED)
async def test_an_address_accepted_before_the_rule_is_read_and_listed_and_the_next_edit_asks_for_a_good_one(
    front: Front, kind: str
) -> None:
    path, body = ENTERED[kind]
    path = path.format(own=await front.institution())
    good = body.get("person", body)["email"]
    made = await front.done("POST", path, front.officer, body)
    row = await front.collections[kind].get(made["id"])
    assert row is not None
    stored = json.loads(json.dumps(row).replace(good, NO_MAIL_GOES_TO))
    assert await front.collections[kind].replace(stored, row["revision"])

    one = f"{path}/{made['id']}"
    read = await front.done("GET", one, front.officer)
    assert read.get("person", read)["email"] == NO_MAIL_GOES_TO
    assert [item["id"] for item in (await front.done("GET", path, front.officer))["items"]] == [made["id"]]
    worse = json.loads(json.dumps(body).replace(good, NO_MAIL_GOES_TO))
    refused = await front.call("PUT", one, front.officer, worse, If_Match='"1"')
    assert refused.status_code == 422
    assert [f["pointer"] for f in refused.json()["faults"]] == ["/person/email" if "person" in body else "/email"]
    await front.done("PUT", one, front.officer, body, If_Match='"1"')


async def test_what_changes_nothing_about_reaching_somebody_is_not_said(front: Front) -> None:
    own = await front.institution()
    id_ = await front.contact(own)
    path = f"/institutions/{own}/contacts/{id_}"
    await front.done("PUT", path, front.officer, {**examples.CONTACT, "job_title": "Director"}, If_Match='"1"')
    await front.done("PUT", path, front.officer, {**examples.CONTACT, "job_title": "Director"}, If_Match='"2"')
    assert (await front.done("GET", path, front.officer))["version"] == 2
    await front.bus.settle()
    assert len(front.bus.said("registration.contacts", id_)) == 1


async def test_nobody_edits_or_reads_the_contacts_of_another_institution(front: Front) -> None:
    own, other = await front.institution(), await front.institution(acronym="OTH")
    mine, theirs = await front.contact(own), await front.contact(other)
    me = front.partner(own)
    for path in (
        f"/institutions/{other}/contacts/{theirs}",
        f"/institutions/{own}/contacts/{theirs}",
        f"/institutions/{other}/contacts/{mine}",
        f"/institutions/{own}/contacts/con_nobody",
    ):
        assert (await front.call("GET", path, me)).status_code == 404
        for version in ('"1"', '"99"'):  # a 412 would tell that there is one
            assert (await front.call("PUT", path, me, examples.CONTACT, If_Match=version)).status_code == 404
    officers = f"/institutions/{own}/contacts/{theirs}"
    assert (await front.call("PUT", officers, front.officer, examples.CONTACT, If_Match='"1"')).status_code == 404
    await front.bus.settle()
    assert len(front.bus.said("registration.contacts", theirs)) == 1


async def test_a_term_that_is_edited_ends_when_it_says_now(front: Front) -> None:
    own = await front.institution()
    id_ = await front.contact(own, active_to="2031-01-11")
    path = f"/institutions/{own}/contacts/{id_}"
    await front.done("PUT", path, front.officer, {**examples.CONTACT, "active_to": "2031-01-13"}, If_Match='"1"')
    deadlines = front.service.deadlines
    assert deadlines is not None
    stands = []
    for _ in range(5):
        front.clock.advance(timedelta(days=1))
        await deadlines.fire_due()
        stands.append((await front.done("GET", path, front.officer))["active"])
    assert stands == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("place", "body", "changed"),
    [
        ("/staff", examples.STAFF, {"email": NEW, "functions": ["desk", "pool_manager"]}),
        ("/delegations", examples.DELEGATION, {"email": NEW, "countries": ["NG", "BJ"]}),
    ],
)
async def test_staff_and_delegations_are_edited_by_officers(
    front: Front, place: str, body: dict[str, Any], changed: dict[str, Any]
) -> None:
    made = await front.done("POST", place, front.officer, body)
    path = f"{place}/{made['id']}"
    await front.done("PUT", path, front.officer, {**body, **changed}, If_Match='"1"')
    await front.done("PUT", path, front.officer, {**body, **changed}, If_Match='"2"')
    await front.bus.settle()
    first, second = front.bus.said("registration.contacts", made["id"])
    assert {name: second.data[name] for name in changed} == changed
    assert {**second.data, **{name: first.data[name] for name in changed}} == first.data
    assert (await front.call("PUT", f"{place}/nobody", front.officer, body, If_Match='"1"')).status_code == 404


async def test_nobody_stands_in_for_themselves(front: Front) -> None:
    made = await front.done("POST", "/staff", front.officer, examples.STAFF)
    body = {**examples.STAFF, "substitute_for": made["id"]}
    answer = await front.call("PUT", f"/staff/{made['id']}", front.officer, body, If_Match='"1"')
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["pointer"] == "/substitute_for"
