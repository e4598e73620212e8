"""Callers that repeat nothing: what reaches them is counted as it comes."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Coroutine
from typing import Any

import httpx

from deploy.demo.interfaces import Interfaces, Person
from tests.support.load import Load, NotAnswered

REQUESTERS = 3
WHOLE = 2
"""Cases followed from approval to the last answer of an expert, side by side with the requesters."""
PATIENCE = 30.0
"""Seconds a caller waits for an answer; a silence of that length is an error."""
PAUSE = (0.0, 0.6)
"""Seconds a caller thinks between two requests, evenly drawn: kept connections also meet a stop while they idle."""


class Caller(Load):
    """Requesters, officers and experts at work until told to stop; every failed call is an entry of `errors`, every
    answer's seconds one of `waits`."""

    def __init__(self, urls: dict[str, str], issuer: str, seed: int) -> None:
        super().__init__(urls, issuer, seed)
        self._api = Interfaces(urls, issuer, httpx.AsyncClient(timeout=PATIENCE))
        self.answers: Counter[int] = Counter()
        self.late: list[str] = []
        self.waits: list[float] = []
        self.errors: list[str] = []
        self.followed = 0

    async def work(self, stop: asyncio.Event) -> None:
        """Submit requests, and take every tenth through its whole case, until `stop` is set and all is finished."""
        numbers, waiting = itertools.count(), asyncio.Queue[int](WHOLE)

        async def requester() -> None:
            while not stop.is_set():
                number = next(numbers)
                if await self._done(self._request(number)) and number % 10 == 0 and not waiting.full():
                    waiting.put_nowait(number)
                await asyncio.sleep(random.Random(f"{self.seed} pause {number}").uniform(*PAUSE))

        async def officer() -> None:
            while not stop.is_set() or not waiting.empty():
                try:
                    number = await asyncio.wait_for(waiting.get(), 1)
                except TimeoutError:
                    continue
                self.followed += await self._done(self._whole_case(number))

        async with asyncio.TaskGroup() as group:
            for _ in range(REQUESTERS):
                group.create_task(requester())
            for _ in range(WHOLE):
                group.create_task(officer())

    async def _done(self, piece: Coroutine[Any, Any, None]) -> bool:
        """Whether a piece of work came to its end. A call that failed and an answer the story does not know are errors.
        An effect that came later than the story waits is told apart: no caller was refused anything, and the audit at
        the end says whether it came at all."""
        done = False
        try:
            await piece
            done = True
        except* NotAnswered as group:
            for word in map(str, group.exceptions):
                if " not seen within " in word or " was not filled: " in word:
                    self.late.append(word)
                elif word not in self.errors:
                    self.errors.append(word)
        return done

    async def _persist(self, method: str, person: Person, service: str, path: str, **more: Any) -> httpx.Response:
        self.tally.calls += 1
        began = time.monotonic()
        try:
            answer = await self._api.call(person, method, service, path, **more)
        except httpx.TransportError as error:
            self.errors.append(f"{method} {service}{path}: {error!r}")
            raise NotAnswered(self.errors[-1]) from error
        self.waits.append(time.monotonic() - began)
        self.answers[answer.status_code] += 1
        if answer.status_code >= 500 or answer.status_code == 429:
            self.errors.append(f"{method} {service}{path}: {answer.status_code} {answer.text[:200]}")
            raise NotAnswered(self.errors[-1])
        return answer
