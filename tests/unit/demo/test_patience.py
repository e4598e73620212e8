"""A caller of the demo does what a 503 asks for: the same again, with the same key, for a while."""

from __future__ import annotations

import httpx
import pytest

from deploy.demo.interfaces import Interfaces, Person

OFFICER = Person("officer", "sample-officer")


class Away(httpx.AsyncBaseTransport):
    """An issuer, and a service that is away for its first `times` calls."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.keys: list[str | None] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/tokens":
            return httpx.Response(200, json={"access_token": "token"})
        self.keys.append(request.headers.get("Idempotency-Key"))
        if len(self.keys) <= self.times:
            return httpx.Response(503, headers={"Retry-After": "0"})
        return httpx.Response(200, json={})


def callers(service: Away, patience: float) -> Interfaces:
    client = httpx.AsyncClient(transport=service)
    return Interfaces({"matching": "http://it.invalid"}, "http://issuer.invalid", client, patience=patience)


async def test_a_write_is_repeated_with_its_key_until_it_is_taken() -> None:
    service = Away(3)
    api = callers(service, 60)
    answer = await api.call(OFFICER, "POST", "matching", "/offers", key="k")
    assert answer.status_code == 200
    assert service.keys == ["k"] * 4
    assert api.repeated == 3


@pytest.mark.parametrize(
    ("method", "key", "patience", "calls"),
    [("POST", None, 60, 1), ("POST", "k", 0, 1), ("GET", None, 60, 4)],
    ids=["a write without a key is not repeated", "nothing is, without patience", "reading is"],
)
async def test_what_is_repeated(method: str, key: str | None, patience: float, calls: int) -> None:
    service = Away(3)
    await callers(service, patience).call(OFFICER, method, "matching", "/offers", key=key)
    assert len(service.keys) == calls
