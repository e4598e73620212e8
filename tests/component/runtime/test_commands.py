"""Writes: repeats find their first answer, stale edits are refused, and every refusal comes before any change."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.runtime.http.commands import origin_of
from shared.runtime.identity import Caller, Role
from shared.store import writing
from tests.component.runtime.sample import GOOD, Sample
from tests.component.runtime.test_problems import problem


async def test_the_same_key_and_body_get_the_same_answer_and_one_object() -> None:
    sample = Sample()
    async with sample.client() as client:
        first = await client.post("/things", json=GOOD, headers={"Idempotency-Key": "k 1"})
        reordered = dict(reversed(list(GOOD.items())))
        edited = {**GOOD, "count": 5}
        headers = {"If-Match": first.headers["etag"]}
        assert (await client.put(f"/things/{first.json()['id']}", json=edited, headers=headers)).status_code == 200
        again = await client.post("/things", json=reordered, headers={"Idempotency-Key": "k 1"})
        assert first.status_code == again.status_code == 201
        assert first.json() == again.json()
        assert first.headers["etag"] == again.headers["etag"] == '"1"'
        assert len((await client.get("/things")).json()["items"]) == 1


async def test_the_same_key_with_another_body_is_a_422() -> None:
    async with Sample().client() as client:
        await client.post("/things", json=GOOD, headers={"Idempotency-Key": "k"})
        problem(await client.post("/things", json={**GOOD, "count": 2}, headers={"Idempotency-Key": "k"}), 422)


async def test_a_key_belongs_to_the_object_it_is_sent_to() -> None:
    """On the same object another method, path or body is another request; on another object it is another command."""
    async with Sample().client() as client:
        one, two = [(await client.post("/things", json=GOOD)).json()["id"] for _ in range(2)]
        key = {"Idempotency-Key": "k", "If-Match": "*"}
        assert (await client.put(f"/things/{one}", json={**GOOD, "count": 2}, headers=key)).status_code == 200
        problem(await client.put(f"/things/{one}", json={**GOOD, "count": 3}, headers=key), 422)
        problem(await client.put(f"/things/{one}", json=GOOD, headers=key), 422)
        assert (await client.put(f"/things/{two}", json={**GOOD, "count": 3}, headers=key)).status_code == 200
        assert (await client.get(f"/things/{one}")).json()["count"] == 2


async def test_too_many_keys_on_one_object_are_refused_with_the_time_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "KEYS_KEPT_MOST", 1)
    async with Sample().client() as client:
        made = await client.post("/things", json=GOOD, headers={"Idempotency-Key": "k"})
        path, match = f"/things/{made.json()['id']}", {"If-Match": "*"}
        refused = await client.put(path, json={**GOOD, "count": 2}, headers={"Idempotency-Key": "k 2", **match})
        problem(refused, 429)
        assert refused.headers["retry-after"] == str(24 * 3600)
        assert (await client.put(path, json={**GOOD, "count": 2}, headers=match)).status_code == 200


async def test_racing_repeats_make_one_object() -> None:
    async with Sample().client() as client:
        answers = await asyncio.gather(
            *(client.post("/things", json=GOOD, headers={"Idempotency-Key": "k"}) for _ in range(32))
        )
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_key_is_the_callers_own() -> None:
    sample = Sample()
    made = set()
    for claims in ({"subject": "per_1"}, {"subject": "per_2"}):
        async with sample.client(**claims) as client:
            made.add((await client.post("/things", json=GOOD, headers={"Idempotency-Key": "k"})).json()["id"])
    assert len(made) == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "é", "a\tb"])
async def test_a_bad_key_is_a_422_that_names_the_header(key: str) -> None:
    async with Sample().client() as client:
        headers = [(b"idempotency-key", key.encode("latin-1"))]
        told = problem(await client.post("/things", json=GOOD, headers=headers), 422)
        assert told["faults"][0]["pointer"] == "header:Idempotency-Key"


async def test_an_edit_says_which_version_it_edits() -> None:
    sample = Sample()
    async with sample.client() as client:
        made = await client.post("/things", json=GOOD)
        path = f"/things/{made.json()['id']}"
        problem(await client.put(path, json={**GOOD, "count": 2}), 428)
        assert (await client.get(path)).json()["version"] == 1
        for count, match in ((2, '"1"'), (3, '"2"'), (4, "*"), (5, ' "4" ')):
            answer = await client.put(path, json={**GOOD, "count": count}, headers={"If-Match": match})
            assert answer.status_code == 200
            assert answer.headers["etag"] == f'"{count}"'
        problem(await client.put(path, json={**GOOD, "count": 9}, headers={"If-Match": '"1"'}), 412)
        told = problem(await client.put(path, json={**GOOD, "count": 9}, headers={"If-Match": 'W/"5"'}), 412)
        assert "without W/" in told["mend"]
        for bad in ("1", '"x"', '"1", "2"', '"-1"', '"' + "9" * 16 + '"', ""):
            problem(await client.put(path, json={**GOOD, "count": 9}, headers={"If-Match": bad}), 422)
        read = await client.get(path)
        assert (read.json()["count"], read.headers["etag"]) == (5, '"5"')


async def test_an_edit_without_effect_is_answered_with_the_version_as_it_stands() -> None:
    async with Sample().client() as client:
        made = (await client.post("/things", json=GOOD)).json()
        answer = await client.put(f"/things/{made['id']}", json=GOOD, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.headers["etag"], answer.json()) == (200, '"1"', made)


async def test_strangers_and_other_roles_change_nothing() -> None:
    sample = Sample()
    forged = sample.issuer.token().rsplit(".", 1)[0] + "."
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {forged}"}):
        async with sample.client(role=None) as client:
            answer = await client.post("/things", json=GOOD, headers=headers)
            problem(answer, 401)
            assert answer.headers["www-authenticate"].startswith("Bearer")
    for claims in (
        {"role": "expert", "expert_id": "exp_1"},
        {"role": "institution", "institution_id": "ins_1"},
        {"role": "operator"},
    ):
        said: dict[str, Any] = dict(claims)
        async with sample.client(**said) as client:
            assert "officer" in problem(await client.post("/things", json=GOOD), 403)["mend"]
    assert (await sample.store.find()).items == ()


@pytest.mark.parametrize("header", ["Idempotency-Key", "If-Match"])
async def test_a_header_given_twice_is_refused_and_named(header: str) -> None:
    """The first would count, and nobody learn that the other was not looked at."""
    sample = Sample()
    async with sample.client() as client:
        twice = [(header, '"1"'), (header, '"2"')]
        told = problem(await client.post("/things", json=GOOD, headers=twice), 422)
    assert told["faults"] == [
        {"pointer": f"header:{header}", "detail": "it is given more than once", "mend": "Give it once."}
    ]
    assert (await sample.store.find()).items == ()


async def test_a_list_is_read_page_by_page() -> None:
    sample = Sample()
    async with sample.client() as client:
        for n in range(5):
            await client.post("/things", json={**GOOD, "count": n})
        seen: list[str] = []
        after: str | None = None
        for _ in range(3):
            query: dict[str, Any] = {"limit": 2} | ({"after": after} if after else {})
            page = (await client.get("/things", params=query)).json()
            seen += [item["id"] for item in page["items"]]
            after = page["next"]
        assert after is None
        assert len(set(seen)) == len(seen) == 5


def test_the_actor_of_a_command_is_the_caller_on_behalf_of_its_institution() -> None:
    actor = origin_of(Caller("per_1", Role.INSTITUTION, institution_id="ins_1")).actor
    assert (actor.kind, actor.id, actor.role, actor.on_behalf_of) == ("person", "per_1", "institution", "ins_1")
