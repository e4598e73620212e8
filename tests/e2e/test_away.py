"""A server that hangs: callers hear 503 within 5 s, Kafka's absence is not theirs to notice, and all of it heals."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from deploy.demo.interfaces import Interfaces, Person
from deploy.embedded.stack import Stack
from tests.support.eventually import eventually

OFFICER = Person("officer", "away-officer")
pytestmark = pytest.mark.embedded


def staff(number: int) -> dict[str, Any]:
    return {
        "given_name": "Sample",
        "family_name": f"Away {number}",
        "email": f"away{number}@example.org",
        "languages": ["en"],
        "functions": ["finance"],
    }


async def ready(api: Interfaces, service: str) -> dict[str, Any]:
    answer = await api._client.get(f"{api.urls[service]}/health/ready")
    return {**answer.json(), "status": answer.status_code}


async def test_store_away_is_a_503_within_5_seconds_and_heals(stack: Stack) -> None:
    api = Interfaces(stack.urls, stack.issuer)
    try:
        await api.token(OFFICER)
        assert (await ready(api, "registration"))["status"] == 200
        stack.pause("store")
        try:
            began = time.monotonic()
            answer = await api.call(OFFICER, "POST", "registration", "/staff", json=staff(1), key="away-1")
            taken = time.monotonic() - began
            assert answer.status_code == 503, answer.text
            assert taken < 5
            assert int(answer.headers["Retry-After"]) > 0
            assert answer.headers["content-type"] == "application/problem+json"
            red = await ready(api, "registration")
            assert red["status"] == 503
        finally:
            stack.resume("store")

        async def accepted() -> bool:
            answer = await api.call(OFFICER, "POST", "registration", "/staff", json=staff(1), key="away-1")
            return answer.status_code == 201

        await eventually(accepted, within=20, what="the same command accepted once the store is back")
        await eventually(lambda: _is_ready(api, "registration"), within=30, what="registration ready again")
        found = await api.all_of(OFFICER, "registration", "/staff")
        assert sum(1 for s in found if s["email"] == "away1@example.org") == 1
    finally:
        await api.close()


async def test_broker_away_is_not_noticed_by_callers_and_drains_later(stack: Stack) -> None:
    api = Interfaces(stack.urls, stack.issuer)
    try:
        await api.token(OFFICER)
        stack.pause("broker")
        try:
            for number in range(10, 15):
                began = time.monotonic()
                answer = await api.call(OFFICER, "POST", "registration", "/staff", json=staff(number))
                assert answer.status_code == 201, answer.text
                assert time.monotonic() - began < 5
            await eventually(lambda: _outbox_depth(api, "registration"), within=15, what="announcements waiting")
        finally:
            stack.resume("broker")

        async def drained() -> bool:
            return await _outbox_depth(api, "registration") == 0

        await eventually(drained, within=45, what="outbox empty again")
        await eventually(lambda: _is_ready(api, "notifications"), within=45, what="notifications ready again")
    finally:
        await api.close()


async def _is_ready(api: Interfaces, service: str) -> bool:
    return bool((await ready(api, service))["status"] == 200)


async def _outbox_depth(api: Interfaces, service: str) -> float:
    text = (await api._client.get(f"{api.urls[service]}/metrics", timeout=httpx.Timeout(10))).text
    rows = [line for line in text.splitlines() if line.startswith("entente_outbox_depth{")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in rows)
