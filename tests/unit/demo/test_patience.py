"""A caller does what a 503 asks for, and what silence asks for: the same again, with the same key, for a while."""

from __future__ import annotations

import httpx
import pytest

from deploy.demo.interfaces import Interfaces, Person

OFFICER = Person("officer", "sample-officer")


class Away(httpx.AsyncBaseTransport):
    """An issuer, and a service that is away for its first `times` calls: it answers `status`, or 0: not at all."""

    def __init__(self, times: int, status: int = 503) -> None:
        self.times, self.status = times, status
        self.keys: list[str | None] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/tokens":
            return httpx.Response(200, json={"access_token": "token"})
        self.keys.append(request.headers.get("Idempotency-Key"))
        if len(self.keys) <= self.times:
            if not self.status:
                raise httpx.ReadTimeout("no answer")
            return httpx.Response(self.status, headers={"Retry-After": "0"})
        return httpx.Response(200, json={})


def callers(service: Away, patience: float) -> Interfaces:
    client = httpx.AsyncClient(transport=service)
    places = {"matching": "http://it.invalid"}
    return Interfaces(places, "http://issuer.invalid", client, patience=patience, pause=0)


@pytest.mark.parametrize("status", [502, 503, 504, 0])
async def test_a_write_is_repeated_with_its_key_until_it_is_taken(status: int) -> None:
    service = Away(3, status)
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


@pytest.mark.parametrize(("key", "patience"), [(None, 60), ("k", 0)])
async def test_silence_is_told_where_nothing_may_be_repeated(key: str | None, patience: float) -> None:
    service = Away(3, 0)
    with pytest.raises(httpx.ReadTimeout):
        await callers(service, patience).call(OFFICER, "POST", "matching", "/offers", key=key)
    assert len(service.keys) == 1
