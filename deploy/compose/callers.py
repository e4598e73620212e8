"""Callers at the proxy while replicas are replaced: they repeat nothing, and count every error."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.demo.interfaces import Interfaces
from deploy.demo.office import OFFICER

ASKED = (
    ("GET", "registration", "/staff?limit=1"),
    ("POST", "registration", "/staff"),
    ("GET", "matching", "/positions?limit=1"),
    ("GET", "notifications", "/deliveries?limit=1"),
)
AT_ONCE = 3
PATIENCE = 30.0
"""Seconds a caller waits for an answer; a silence of that length is an error."""
PAUSE_SECONDS = 0.1
"""Between an answer and the next call: tens of calls fall into each second in which a replica stops."""


@dataclass
class Calls:
    """What the callers made of it: how many were answered, and each error in words."""

    answered: int = 0
    errors: list[str] = field(default_factory=list)

    def wrong(self) -> list[str]:
        """What is missing for "they were answered throughout"; the first errors only."""
        return self.errors[:5] if self.answered or self.errors else ["nobody called while replicas were replaced"]


async def called_during(doing: Coroutine[Any, Any, object], api: Interfaces) -> Calls:
    """Read and write, in turn and without a key, as long as `doing` runs; its exception where it raises one.

    An answer of 400 and above, a broken connection and a silence are errors: nothing that is asked here is refused.
    """
    calls, over, numbers = Calls(), asyncio.Event(), itertools.count()
    working = asyncio.gather(*(_call_on(api, calls, over, numbers) for _ in range(AT_ONCE)))
    try:
        await doing
    finally:
        over.set()
        await working
    return calls


async def _call_on(api: Interfaces, calls: Calls, over: asyncio.Event, numbers: itertools.count[int]) -> None:
    while not over.is_set():
        number = next(numbers)
        method, service, path = ASKED[number % len(ASKED)]
        try:
            answer = await api.call(OFFICER, method, service, path, json=somebody(number) if method == "POST" else None)
        except httpx.TransportError as error:
            calls.errors.append(f"{method} {service}{path}: {error!r}")
        else:
            if answer.status_code < 400:
                calls.answered += 1
            else:
                calls.errors.append(f"{method} {service}{path}: {answer.status_code} {answer.text[:200]}")
        await asyncio.sleep(PAUSE_SECONDS)


def somebody(number: int) -> dict[str, Any]:
    """A member of staff to enter."""
    return {
        "given_name": "Sample",
        "family_name": f"Newcomer {number}",
        "email": f"newcomer-{number}@example.org",
        "languages": ["en"],
        "functions": ["communication"],
    }
