"""What operators do about a parked key over HTTP is a write as any other: key, expected version, ETag."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from shared.messaging.errors import Permanent
from shared.messaging.operators import ParkedForOperators
from shared.runtime.health import Checks
from shared.runtime.http.app import create_app
from shared.runtime.metrics import Metrics
from shared.runtime.operations import operations_router
from tests.component.runtime.sample import settings
from tests.component.runtime.test_problems import problem
from tests.support.messages import Commits, evaluation, value
from tests.support.tokens import TestIssuer
from tests.unit.messaging.test_parking import House, rec

WHY = {"reason": "a sample reason"}


@asynccontextmanager
async def operator(house: House) -> AsyncIterator[httpx.AsyncClient]:
    issuer = TestIssuer()
    routers = [operations_router(ParkedForOperators(house.lot))]
    app = create_app("sample", "", settings(), Metrics(), Checks(), verifier=issuer.verifier(), routers=routers)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://s.test", headers=issuer.headers("operator")
    ) as client:
        yield client


async def parked(house: House) -> str:
    """Three events of one key, the first of which cannot be read."""
    spoilt = replace(rec(1), value=b"{", headers=(("event_id", b"evt_a_1"), ("sequence", b"1")))
    await house.consumer.take([spoilt, rec(2), rec(3)], Commits())
    assert await house.offsets() == [1, 2, 3]
    return f"/operations/parked/{house.id}"


WRITES: dict[str, dict[str, Any]] = {
    "redrive": WHY,
    "mend": {**WHY, "partition": 0, "offset": 1, "value": value(evaluation("a"), "a", 1).decode()},
    "discard": {**WHY, "partition": 0, "offset": 1},
}


@pytest.mark.parametrize("what", WRITES)
async def test_each_write_is_done_once_per_key_and_on_the_version_that_was_read(what: str) -> None:
    house = House()
    place = await parked(house)
    async with operator(house) as client:
        read = await client.get(place)
        assert read.headers["etag"] == f'"{read.json()["version"]}"'
        stale = {"If-Match": f'"{read.json()["version"] + 7}"'}
        problem(await client.post(f"{place}/{what}", json=WRITES[what], headers=stale), 412)
        assert (await client.get(f"{place}/acts")).json() == []

        key = {"Idempotency-Key": "k-1", "If-Match": read.headers["etag"]}
        first = await client.post(f"{place}/{what}", json=WRITES[what], headers=key)
        assert first.status_code == 200, first.text
        assert first.headers["etag"] == f'"{first.json()["version"]}"'
        acts = (await client.get(f"{place}/acts")).json()
        again = await client.post(f"{place}/{what}", json=WRITES[what], headers=key)
        assert (again.status_code, again.json(), again.headers["etag"]) == (200, first.json(), first.headers["etag"])
        other = {**WRITES[what], "reason": "another reason"}
        problem(await client.post(f"{place}/{what}", json=other, headers=key), 422)
        assert (await client.get(f"{place}/acts")).json() == acts


async def test_racing_redrives_under_one_key_are_answered_alike_and_have_one_effect() -> None:
    house = House()
    house.effects.faults["a", 1] = [Permanent("its place is missing")]
    await house.consumer.take([rec(1), rec(2), rec(3)], Commits())
    async with operator(house) as client:
        place = f"/operations/parked/{house.id}/redrive"
        answers = await asyncio.gather(
            *(client.post(place, json=WHY, headers={"Idempotency-Key": "k-2"}) for _ in range(16))
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert await house.effects.applied("a") == [1, 2, 3]
