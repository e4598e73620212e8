"""The public HTTP interfaces as a caller uses them: a token, a request, an answer; nothing else is touched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

T = TypeVar("T")
SAFE = ("GET", "HEAD", "PUT", "DELETE")
"""Methods that may be repeated without an Idempotency-Key."""

AWAY = (502, 503, 504)
"""What a service, or a proxy before it, answers while something is away."""


class Unexpected(Exception):
    """An interface answered something the story did not expect."""


@dataclass(frozen=True, slots=True)
class Person:
    """A caller: role, subject, and the institution or expert they are bound to."""

    role: str
    subject: str
    institution_id: str | None = None
    expert_id: str | None = None


@dataclass
class Interfaces:
    """Callers of the three services. `urls` is service -> base URL.

    With `patience` a call that is not answered, or with 502, 503 or 504, is repeated with the same key for so many
    seconds: what a service promises its callers while a database or a replica is away. It waits as Retry-After says,
    or `pause` seconds where that is set. `repeated` counts it.
    """

    urls: dict[str, str]
    issuer: str
    _client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=15))
    _tokens: dict[Person, str] = field(default_factory=dict)
    patience: float = 0.0
    pause: float | None = None
    repeated: int = 0

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def token(self, person: Person) -> str:
        """A token of the development issuer for this person."""
        if person not in self._tokens:
            wanted = {
                "role": person.role,
                "subject": person.subject,
                "institution_id": person.institution_id,
                "expert_id": person.expert_id,
            }
            body = {k: v for k, v in wanted.items() if v is not None}
            answer = await self._client.post(f"{self.issuer}/tokens", json=body)
            answer.raise_for_status()
            self._tokens[person] = answer.json()["access_token"]
        return self._tokens[person]

    async def call(
        self,
        person: Person,
        method: str,
        service: str,
        path: str,
        *,
        json: Any = None,
        key: str | None = None,
        if_match: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """One request as `person`; the answer, whatever its status. httpx.TransportError where there is none."""
        headers = {"Authorization": f"Bearer {await self.token(person)}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if if_match is not None:
            headers["If-Match"] = if_match
        deadline = time.monotonic() + self.patience
        repeatable = key is not None or method in SAFE
        while True:
            url = self.place(service).rstrip("/") + path
            try:
                answer = await self._client.request(method, url, json=json, headers=headers, params=params)
                if answer.status_code not in AWAY or not repeatable or time.monotonic() >= deadline:
                    return answer
                asked = float(answer.headers.get("Retry-After", "1"))
            except httpx.TransportError:
                if not repeatable or time.monotonic() >= deadline:
                    raise
                asked = 1.0
            self.repeated += 1
            await asyncio.sleep(asked if self.pause is None else self.pause)

    def place(self, service: str) -> str:
        """The base URL that the next call of this service goes to."""
        return self.urls[service]

    async def ask(self, person: Person, method: str, service: str, path: str, **more: Any) -> Any:
        """One request that must succeed; its JSON. Unexpected with the problem's words otherwise."""
        answer = await self.call(person, method, service, path, **more)
        if answer.status_code >= 400:
            raise Unexpected(f"{method} {service}{path} as {person.role}: {answer.status_code} {answer.text[:800]}")
        return answer.json() if answer.content else None

    async def get(self, person: Person, service: str, path: str, **params: Any) -> Any:
        """Read something."""
        return await self.ask(person, "GET", service, path, params=params or None)

    async def all_of(self, person: Person, service: str, path: str, **params: Any) -> list[Any]:
        """Every item of a list, page by page."""
        items: list[Any] = []
        after: str | None = None
        while True:
            asked = {**params, "limit": 100, **({"after": after} if after else {})}
            page = await self.ask(person, "GET", service, path, params=asked)
            items += page["items"]
            after = page["next"]
            if after is None:
                return items


async def until(seen: Callable[[], Awaitable[T | None]], what: str, *, within: float = 60.0, every: float = 0.05) -> T:
    """Look again and again until something is seen; Unexpected naming `what` when it was not `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        found = await seen()
        if found:
            return found
        if time.monotonic() > deadline:
            raise Unexpected(f"not seen within {within:.0f} s: {what}")
        await asyncio.sleep(every)
