"""Writes: one object per key, no edit over another one, nothing half done, also while the database is away."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from datetime import timedelta
from typing import Any

from services.registration.entrypoints.http import examples
from tests.component.registration.front import Front


async def test_the_same_key_and_body_get_the_same_answer(front: Front) -> None:
    key = {"Idempotency_Key": "k-1"}
    first = await front.call("POST", "/institutions", front.officer, examples.INSTITUTION, **key)
    await front.done("POST", f"{first.headers['location']}/verification", front.officer, examples.FINDING)
    again = await front.call("POST", "/institutions", front.officer, examples.INSTITUTION, **key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["etag"] == first.headers["etag"]
    assert len((await front.done("GET", "/institutions", front.officer))["items"]) == 1
    other = await front.call("POST", "/institutions", front.officer, {**examples.INSTITUTION, "acronym": "X"}, **key)
    assert other.status_code == 422
    stranger = await front.call("POST", "/institutions", front.token("officer", "per_2"), examples.INSTITUTION, **key)
    assert stranger.json()["id"] != first.json()["id"]


async def test_32_racing_posts_with_one_key_make_one_object(fresh_front: Front) -> None:
    front = fresh_front
    own = await front.institution()
    me = front.partner(own)
    answers = await asyncio.gather(
        *(front.call("POST", "/requests", me, {"title": "Race"}, Idempotency_Key="k-2") for _ in range(32))
    )
    assert {a.status_code for a in answers} == {201}
    assert len({a.text for a in answers}) == 1
    assert len((await front.done("GET", "/requests", me))["items"]) == 1


async def test_a_submission_is_repeated_without_a_second_event(front: Front) -> None:
    own = await front.institution()
    draft = await front.draft(own)
    path, key = f"/requests/{draft['id']}/submission", {"Idempotency_Key": "k-3"}
    first = await front.call("POST", path, front.partner(own), **key)
    front.clock.advance(timedelta(hours=23))
    again = await front.call("POST", path, front.partner(own), **key)
    assert (again.status_code, again.json()) == (200, first.json())
    front.clock.advance(timedelta(hours=2))
    assert (await front.call("POST", path, front.partner(own), **key)).status_code == 409
    await front.bus.settle()
    assert front.bus.types("registration.requests") == ["request.submitted"]


async def test_an_edit_says_which_version_it_edits(front: Front) -> None:
    own = await front.institution()
    draft = await front.draft(own)
    expert, terms = await front.expert(), await front.terms()
    contact = await front.contact(own)
    member = await front.done("POST", "/staff", front.officer, examples.STAFF)
    delegation = await front.done("POST", "/delegations", front.officer, examples.DELEGATION)
    for path, body, caller in (
        (f"/institutions/{own}/contacts/{contact}", examples.CONTACT, front.partner(own)),
        (f"/staff/{member['id']}", examples.STAFF, front.officer),
        (f"/delegations/{delegation['id']}", examples.DELEGATION, front.officer),
        (f"/requests/{draft['id']}", examples.REQUEST, front.partner(own)),
        (f"/experts/{expert}", examples.EXPERT, front.officer),
        (f"/terms-of-reference/{terms['id']}", examples.TERMS, front.officer),
    ):
        before = await front.call("GET", path, caller)
        assert before.headers["etag"] == '"1"'
        assert (await front.call("PUT", path, caller, body)).status_code == 428
        assert (await front.call("PUT", path, caller, body, If_Match='"7"')).status_code == 412
        assert (await front.call("PUT", path, caller, body, If_Match="x")).status_code == 422
        assert (await front.call("GET", path, caller)).json() == before.json()
        done = await front.call("PUT", path, caller, _changed(body), If_Match='"1"')
        assert (done.status_code, done.headers["etag"]) == (200, '"2"'), done.text
        assert (await front.call("PUT", path, caller, body, If_Match='"1"')).status_code == 412
        stored = await front.call("GET", path, caller)
        front.clock.advance(timedelta(minutes=1))
        for key in ({}, {"Idempotency_Key": "the same words"}):
            again = await front.call("PUT", path, caller, _changed(body), If_Match='"2"', **key)
            unchanged = await front.call("GET", path, caller)
            assert again.json() == unchanged.json() == stored.json(), "an ETag names one object"


def _changed(body: dict[str, Any]) -> dict[str, Any]:
    changed = deepcopy(body)
    for name in ("title", "background"):
        if name in changed:
            changed[name] = "Other words"
    if "email" in changed:
        changed["email"] = "new@mailbox.example.org"
    if "profile" in changed:
        changed["profile"]["years_total"] = 20
    return changed


async def test_two_racing_edits_lose_nothing(front: Front) -> None:
    own = await front.institution()
    draft = await front.draft(own)
    me, path = front.partner(own), f"/requests/{draft['id']}"
    bodies = [{**examples.REQUEST, "title": f"Title {n}"} for n in range(8)]
    answers = await asyncio.gather(*(front.call("PUT", path, me, body, If_Match='"1"') for body in bodies))
    assert sorted(a.status_code for a in answers) == [200] + [412] * 7
    (winner,) = [a.json()["title"] for a in answers if a.status_code == 200]
    assert (await front.done("GET", path, me))["title"] == winner


async def test_a_state_changing_step_heeds_if_match(front: Front) -> None:
    request = await front.submitted()
    path = f"/requests/{request['id']}/rejection"
    stale = await front.call("POST", path, front.officer, examples.REJECTION, If_Match='"1"')
    assert stale.status_code == 412
    await front.done("POST", path, front.officer, examples.REJECTION, If_Match=f'"{request["version"]}"')


async def test_while_the_database_is_away_a_caller_is_told_to_come_back(front: Front) -> None:
    own = await front.institution()
    front.away(True)
    for method, path, body in (
        ("POST", "/institutions", examples.INSTITUTION),
        ("POST", "/requests", {"title": "One", "institution_id": own}),
        ("GET", "/requests", None),
        ("GET", f"/institutions/{own}", None),
    ):
        answer = await front.call(method, path, front.officer, body)
        assert answer.status_code == 503, path
        assert int(answer.headers["retry-after"]) > 0
    front.away(False)
    assert (await front.done("GET", "/requests", front.officer))["items"] == []
    assert len((await front.done("GET", "/institutions", front.officer))["items"]) == 1
